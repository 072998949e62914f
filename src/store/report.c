// SPDX-License-Identifier: AGPL-3.0-or-later
/* report - delivery reports. They come before the answer to the POST, out of order, twice, and once for each part of a
 * message: states only move forward, and one part that failed makes the message failed.
 */
#include "store/report.h"

#include "base/err.h"

// How far a message has come; a report that is not further than what is known changes nothing.
static const struct {
    int rank;
    bool reported; // a delivery report may say so
} state_table[] = {
    [MESSAGE_QUEUED] = {.rank = 0},
    [MESSAGE_CLAIMED] = {.rank = 1},
    [MESSAGE_UNKNOWN] = {.rank = 2},
    [MESSAGE_SENT] = {.rank = 3, .reported = true},
    [MESSAGE_DELIVERED] = {.rank = 4, .reported = true},
    [MESSAGE_FAILED] = {.rank = 5, .reported = true},
    [MESSAGE_CANCELLED] = {.rank = 6},
};
enum { STATES = sizeof state_table / sizeof *state_table };

enum message_state store_reported(enum delivery_state said)
{
    static const enum message_state states[] = {
        [DELIVERY_QUEUED] = MESSAGE_SENT,         [DELIVERY_SENT] = MESSAGE_SENT,
        [DELIVERY_DELIVERED] = MESSAGE_DELIVERED, [DELIVERY_FAILED] = MESSAGE_FAILED,
        [DELIVERY_EXPIRED] = MESSAGE_FAILED,      [DELIVERY_REJECTED] = MESSAGE_FAILED,
        [DELIVERY_OPTED_OUT] = MESSAGE_FAILED,
    };
    return states[said];
}

bool report_further(enum message_state from, enum message_state to)
{
    return state_table[to].rank > state_table[from].rank;
}

bool report_is_state(int64_t state)
{
    return state >= 0 && state < STATES;
}

bool report_says(enum message_state state)
{
    return (size_t)state < STATES && state_table[state].reported;
}

bool report_key(struct span hex, struct store_index *key)
{
    static const char digits[] = "0123456789abcdef";
    if (hex.len != 2 * sizeof key->bytes)
        return false;
    for (size_t i = 0; i < hex.len; i++) {
        const char *digit = hex.p[i] ? strchr(digits, hex.p[i] | 0x20) : NULL;
        if (!digit)
            return false;
        unsigned value = (unsigned)(digit - digits);
        key->bytes[i / 2] = (unsigned char)(i % 2 ? key->bytes[i / 2] | value : value << 4);
    }
    return true;
}

struct known {
    int64_t id;
    int64_t state;
};

static int find(struct store *s, enum statement q, const struct value *values, size_t count, struct known *known)
{
    sqlite3_stmt *st;
    int rc = db_find(s, q, values, count, &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_MISSING;
    *known = (struct known){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1)};
    db_done(st);
    return report_is_state(known->state) ? 0 : ERR_CORRUPT;
}

static int keep(struct store *s, const struct store_report *r, const struct store_index *reference)
{
    return DB_CHANGE(s, Q_REPORT_KEEP, V_INDEX(reference), V_INT(r->state), V_INT(r->expires_s), V_TEXT(r->channel));
}

/* A message whose attempt has not ended has an end coming, which would find the row changed: what is reported of it
 * waits for that end. */
static int apply(struct store *s, const struct store_report *r, const struct store_index *as, const struct known *known)
{
    if (known->state == MESSAGE_CLAIMED)
        return keep(s, r, as);
    if (!report_further((enum message_state)known->state, r->state))
        return 0;
    return DB_RUN(s, Q_OUTBOX_REPORT, V_INT(known->id), V_INT(r->state));
}

int store_outbox_report(struct store *s, const struct store_report *r, int64_t *id)
{
    struct known known = {0};
    struct store_index key;
    const struct store_index *as = report_key(r->key, &key) ? &key : r->reference;
    *id = 0;
    if (!report_says(r->state))
        return ERR_RANGE;
    int rc = ERR_MISSING;
    if (as == &key)
        rc = find(s, Q_OUTBOX_BY_KEY, VALUES(V_INDEX(as), V_TEXT(r->channel)), &known);
    else if (as)
        rc = find(s, Q_OUTBOX_BY_REFERENCE, VALUES(V_INDEX(as)), &known);
    *id = known.id;
    if (rc == 0)
        return apply(s, r, as, &known);
    return rc == ERR_MISSING && as && as != &key ? keep(s, r, as) : rc;
}

int report_early(struct store *s, int64_t id, struct value reference, enum message_state *state)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_REPORT_FIND, VALUES(V_INT(id), reference), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT;       // an aggregate always gives a row
    int64_t said = sqlite3_column_int64(st, 0); // 0: nothing
    db_done(st);
    if (!report_is_state(said))
        return ERR_CORRUPT;
    if (said && (*state == MESSAGE_QUEUED || report_further(*state, (enum message_state)said)))
        *state = (enum message_state)said;
    return 0;
}
