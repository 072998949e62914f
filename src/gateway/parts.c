// SPDX-License-Identifier: AGPL-3.0-or-later
/* parts - long messages that come in parts (3GPP TS 23.040, section 9.2.3.24.1; aggregators sheet 10.1, row 10).
 *
 * Each part is kept sealed under the day key until all are here: then the last one's turn is the whole message's. When
 * the wait is over, what is there is handled, with a mark for what is missing. A word that stops is done from whichever
 * part it comes in, at once; the rest of its message is then no longer of interest. What was handled leaves a mark for
 * a while, so that a part which comes later begins nothing anew. All of it happens in the turn's own transaction: no
 * part is lost or handled twice, whenever the process dies.
 */
#include "gateway/internal.h"

#include "base/err.h"
#include "base/log.h"
#include "base/pack.h"

#include <string.h>

enum { PART_PAD = 64, PART_MAX = 16 * 1024, WHOLE_MAX = 64 * 1024, DONE_KEEP_S = 3600 };

static const struct span missing = {.p = " [...] ", .len = 7};

/* The same reference with another total is another message. */
static struct store_index message_of(const struct turn *t, const struct gateway *g)
{
    char who[sizeof t->session_key.bytes + 1];
    memcpy(who, t->session_key.bytes, sizeof t->session_key.bytes); // channel and sender
    who[sizeof who - 1] = (char)t->in.part.total;
    struct blind key = vault_blind(g->parts.vault, BLIND_EVENT, (struct span){who, sizeof who}, t->in.part.reference);
    struct store_index message;
    index_copy(&message, &key);
    return message;
}

static struct span context_of(const struct store_index *message)
{
    return (struct span){(const char *)message->bytes, sizeof message->bytes};
}

/* ---- keeping ---- */

static int keep(struct work *w, const struct store_index *message)
{
    const struct inbound *in = &w->t->in;
    struct gateway *g = w->g;
    struct str plain = STR_INIT(PART_MAX), box = STR_INIT(2 * PART_MAX);
    pack_span(&plain, channel_name(w->t->channel));
    pack_span(&plain, span_of(in->from.digits));
    pack_number(&plain, (uint64_t)in->part.number);
    pack_span(&plain, in->text);
    int rc = str_err(&plain);
    if (rc == 0)
        rc = vault_secret_box(keys_day(&g->keys, g->parts.store, w->day), context_of(message), str_span(&plain),
                              PART_PAD, &box);
    struct store_part part = {.message = *message,
                              .number = in->part.number,
                              .total = in->part.total,
                              .expires_s = w->now_ms / 1000 + g->parts.settings->parts_wait_s,
                              .day = w->day,
                              .box = str_span(&box)};
    if (rc == 0)
        rc = store_part_add(g->parts.store, &part);
    if (plain.p)
        vault_wipe(plain.p, plain.len);
    str_release(&plain);
    str_release(&box);
    return rc;
}

/* ---- putting together ---- */

/* What one part says; its channel and sender come along where they are asked for. */
static int open_part(struct gateway *g, const struct store_part *part, struct arena *a, struct turn *owner,
                     struct span *text)
{
    struct str plain = STR_INIT(PART_MAX);
    const struct vault_secret *day = keys_day(&g->keys, g->parts.store, part->day);
    int rc = day ? vault_secret_unbox(day, context_of(&part->message), part->box, &plain) : ERR_MISSING;
    struct span bytes = rc == 0 ? arena_copy(a, str_span(&plain)) : (struct span){0};
    str_release(&plain);
    if (rc < 0 || !bytes.p)
        return rc < 0 ? rc : ERR_NOMEM;
    struct unpack u = unpack_start(bytes);
    struct span channel = unpack_span(&u), digits = unpack_span(&u);
    uint64_t number = unpack_number(&u, INBOUND_PARTS_MAX);
    *text = unpack_span(&u);
    rc = unpack_err(&u, true);
    if (rc == 0 && (number != (uint64_t)part->number || digits.len >= sizeof owner->in.from.digits))
        rc = ERR_CORRUPT;
    if (rc == 0 && owner) {
        owner->channel = channel_set_get(g->parts.channels, channel);
        memcpy(owner->in.from.digits, digits.p, digits.len);
        owner->in.from.digits[digits.len] = '\0';
    }
    return rc;
}

static int join(struct gateway *g, const struct store_part *parts, size_t count, struct arena *a, struct turn *owner,
                struct span *whole)
{
    struct str text = STR_INIT(WHOLE_MAX);
    int rc = 0, expected = 1;
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct span said;
        rc = open_part(g, &parts[i], a, owner, &said);
        if (parts[i].number != expected)
            str_add(&text, missing);
        expected = parts[i].number + 1;
        if (rc == 0)
            str_add(&text, said);
    }
    if (count && parts[count - 1].number != parts[count - 1].total)
        str_add(&text, missing);
    struct span said = owner ? span_trim(str_span(&text)) : str_span(&text); // marks at its ends need no blanks
    *whole = arena_copy(a, said);
    if (rc == 0)
        rc = str_err(&text);
    str_release(&text);
    return rc == 0 && !whole->p ? ERR_NOMEM : rc;
}

static int done(struct work *w, const struct store_index *message)
{
    return store_part_done(w->g->parts.store, message, w->now_ms / 1000 + DONE_KEEP_S);
}

static int whole(struct work *w, const struct store_index *message, const struct store_part *parts, size_t count)
{
    struct span text;
    int rc = join(w->g, parts, count, w->g->arena, NULL, &text);
    if (rc < 0)
        return rc;
    w->t->in.text = text;
    return done(w, message);
}

int parts_take(struct work *w, bool *waits)
{
    struct turn *t = w->t;
    struct store_part *parts;
    size_t count;
    *waits = false;
    if (t->overdue) { // the wait is over, and this is what is there
        atomic_fetch_add_explicit(&w->g->incomplete, 1, memory_order_relaxed);
        return done(w, t->overdue);
    }
    if (!t->in.part.total)
        return 0;
    struct store_index message = message_of(t, w->g);
    if (t->in.opted_out || dialogue_is_stop(w->g->bundles.newest, t->in.text))
        return done(w, &message);
    int rc = keep(w, &message);
    if (rc == 0)
        rc = store_part_list(w->g->parts.store, &message, w->g->arena, &parts, &count);
    if (rc == 0 && count == (size_t)t->in.part.total)
        return whole(w, &message, parts, count);
    *waits = true;
    return rc == ERR_EXISTS ? 0 : rc;
}

/* ---- when the wait is over ---- */

static void nobody_waits(void *sink, struct turn *first)
{
    (void)sink, (void)first;
}

/* What is there of one message, as a turn. ERR_MISSING: its channel is gone, or its day's key. */
static int overdue_turn(struct gateway *g, const struct store_index *message, struct arena *a, struct turn **out)
{
    struct turn *t = arena_alloc(a, sizeof *t);
    struct store_index *key = arena_alloc(a, sizeof *key);
    struct store_part *parts;
    size_t count;
    if (!t || !key)
        return ERR_NOMEM;
    *key = *message;
    *t = (struct turn){.arena = a, .done = nobody_waits, .overdue = key};
    t->in = (struct inbound){.kind = INBOUND_TURN, .medium = MEDIUM_SMS};
    int rc = store_part_list(g->parts.store, message, a, &parts, &count);
    if (rc == 0)
        rc = join(g, parts, count, a, t, &t->in.text);
    *out = t;
    return rc < 0 || t->channel ? rc : ERR_MISSING;
}

/* Nobody can read it any more: it is put away, so that it is not tried again and again. */
static int put_away(struct gateway *g, const struct store_index *message, int64_t now_s, int why)
{
    log_event(LOG_WARN, "parts of a message cannot be read", LOG_ERR(why));
    int rc = store_begin(g->parts.store);
    if (rc == 0)
        rc = store_part_done(g->parts.store, message, now_s + DONE_KEEP_S);
    if (rc == 0)
        return store_commit(g->parts.store);
    store_rollback(g->parts.store);
    return rc;
}

size_t parts_overdue(struct gateway *g, int64_t now_ms, struct arena *a, struct turn **turns)
{
    struct store_index messages[PARTS_OVERDUE_MAX];
    size_t count = 0, n = 0;
    int rc = store_part_over(g->parts.store, now_ms / 1000, PARTS_OVERDUE_MAX, messages, &count);
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = overdue_turn(g, &messages[i], a, &turns[n]);
        if (rc == 0)
            gateway_prepare(g, turns[n++]);
        else if (rc != ERR_NOMEM)
            rc = put_away(g, &messages[i], now_ms / 1000, rc);
    }
    return n;
}
