// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/purge.h"

#include "base/err.h"
#include "store/db.h"

#ifndef STORE_KEEPS_STRANGERS
#define STORE_KEEPS_STRANGERS 0 /* 1: numbers of who never agreed stay; for a test that proves that it sees them */
#endif

const char *purge_words(enum purge_kind kind)
{
    static const char *const words[PURGE_KINDS] = {
#define X(name, text) [name] = text,
        PURGE_KINDS_X(X)
#undef X
    };
    return words[kind];
}

/* Statements take the window (above ?1, up to ?2), the time ?3, the oldest day key ?4, and a day of their own ?5. */
enum { SWEEP_STATEMENTS = 4, SWEEP_VALUES = 5 };
enum own_day { OWN_NONE, OWN_TODAY, OWN_MESSAGE };

static const struct {
    enum statement window;
    struct {
        enum statement statement;
        int kind; /* of the rows that it deletes; PURGE_KINDS: none that count */
    } run[SWEEP_STATEMENTS];
    int count;
    enum own_day own;
} sweep_table[SWEEPS] = {
    [SWEEP_SESSION] = {Q_SESSION_WINDOW,
                       {{Q_TURN_DROP_STATE, PURGE_KINDS}, {Q_TURN_DROP, PURGE_TURN}, {Q_SESSION_DROP, PURGE_SESSION}},
                       3,
                       OWN_NONE},
    [SWEEP_TURN] = {Q_TURN_WINDOW, {{Q_TURN_DROP_OLD, PURGE_TURN}}, 1, OWN_NONE},
    [SWEEP_SEEN] = {Q_SEEN_WINDOW, {{Q_SEEN_DROP, PURGE_EVENT}, {Q_SEEN_FORGET_ANSWER, PURGE_ANSWER}}, 2, OWN_NONE},
    [SWEEP_OUTBOX] = {Q_OUTBOX_WINDOW,
                      {{Q_OUTBOX_DROP, PURGE_MESSAGE}, {Q_OUTBOX_UNMARK, PURGE_KINDS}},
                      2,
                      OWN_MESSAGE},
    [SWEEP_REPORT] = {Q_REPORT_WINDOW, {{Q_REPORT_DROP, PURGE_REPORT}}, 1, OWN_NONE},
    [SWEEP_NUMBER] = {Q_NUMBER_WINDOW,
                      {{Q_OUTBOX_DROP_STRANGERS, PURGE_MESSAGE}, {Q_NUMBER_DROP, PURGE_NUMBER}},
                      STORE_KEEPS_STRANGERS ? 0 : 2,
                      OWN_TODAY},
};

/* The end of the next window; 1: it ends the table. */
static int window_next(struct store *s, enum statement window, int64_t after, int most, int64_t *to)
{
    sqlite3_stmt *st;
    int rc = db_find(s, window, VALUES(V_INT(after), V_INT(most)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT; // an aggregate always gives a row
    *to = sqlite3_column_int64(st, 0);
    bool last = sqlite3_column_int(st, 1) < most;
    db_done(st);
    return last;
}

/* The directory forgets the sessions whose rows a sweep is about to delete. */
static int forget_sessions(struct store *s, const struct value *values)
{
    sqlite3_stmt *st;
    int rc = db_query(s, Q_SESSION_OVER, values, 3, &st);
    if (rc < 0)
        return rc;
    while ((rc = db_next(s, st)) == 1) {
        struct store_index key;
        rc = db_exact(st, 0, key.bytes, sizeof key.bytes);
        struct live_session *session = rc == 0 ? live_find(&s->live, &key) : NULL;
        if (session)
            live_drop(&s->live, session);
    }
    db_done(st);
    return rc;
}

static void count(struct purge_counts *counts, int kind, int64_t n)
{
    if (kind < PURGE_KINDS)
        counts->of[kind] += n;
}

static int sweep_run(struct store *s, int which, const struct value *values, struct purge_counts *counts)
{
    int rc = which == SWEEP_SESSION ? forget_sessions(s, values) : 0;
    for (int i = 0; rc == 0 && i < sweep_table[which].count; i++) {
        enum statement q = sweep_table[which].run[i].statement;
        rc = db_run(s, q, values, (size_t)sqlite3_bind_parameter_count(s->statements[q]));
        if (rc == 0)
            count(counts, sweep_table[which].run[i].kind, store_changed(s));
    }
    return rc;
}

static int sweep(struct store *s, int which, const struct purge_limits *l, int most, struct purge_counts *counts)
{
    const int64_t own[] = {[OWN_NONE] = 0, [OWN_TODAY] = l->today, [OWN_MESSAGE] = l->message_day};
    int64_t to;
    int last = window_next(s, sweep_table[which].window, s->swept[which], most, &to);
    if (last < 0)
        return last;
    const struct value values[SWEEP_VALUES] = {V_INT(s->swept[which]), V_INT(to), V_INT(l->now_s), V_INT(l->key_day),
                                               V_INT(own[sweep_table[which].own])};
    int rc = sweep_run(s, which, values, counts);
    if (rc == 0)
        s->swept[which] = last ? 0 : to;
    return rc < 0 ? rc : !last;
}

/* ---- cases and people ---- */

enum { CASES_WINDOW = 256 };

struct over {
    int64_t id, person;
    bool erased;
};

/* First found, then deleted, so that no statement reads what another changes. */
static int cases_over(struct store *s, int64_t to, const struct purge_limits *l, struct over *list, int *count)
{
    sqlite3_stmt *st;
    int rc = db_query(s, Q_CASE_OVER,
                      VALUES(V_INT(s->swept_cases), V_INT(to), V_INT(l->anonymous_day), V_INT(l->safeguarding_day),
                             V_INT(l->closed_day), V_INT(l->case_day), V_INT(l->assisted_day), V_TEXT(l->assisted)),
                      &st);
    if (rc < 0)
        return rc;
    for (*count = 0; *count < CASES_WINDOW && (rc = db_next(s, st)) == 1; ++*count)
        list[*count] = (struct over){.id = sqlite3_column_int64(st, 0),
                                     .person = sqlite3_column_int64(st, 1),
                                     .erased = sqlite3_column_int(st, 2) != 0};
    db_done(st);
    return rc < 0 ? rc : 0;
}

static int run_each(struct store *s, const enum statement *list, size_t count, int64_t id)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = DB_RUN(s, list[i], V_INT(id));
    return rc;
}

static int case_leave(struct store *s, const struct over *c, struct purge_counts *counts)
{
    static const enum statement content[] = {Q_CASE_NOTES_DROP, Q_CASE_SEAL_DROP, Q_CASE_EMPTY};
    static const enum statement row[] = {Q_CASE_NOTES_DROP, Q_CASE_SEAL_DROP, Q_CASE_CHANGE_DROP, Q_CASE_DROP};
    sqlite3_stmt *st;
    if (c->erased) {
        counts->of[PURGE_CASE_ROW]++;
        return run_each(s, row, sizeof row / sizeof *row, c->id);
    }
    counts->of[PURGE_CASE]++;
    s->erase = true;
    int rc = run_each(s, content, sizeof content / sizeof *content, c->id);
    if (rc != 0 || !c->person)
        return rc;
    rc = db_find(s, Q_CASE_ANY, VALUES(V_INT(c->person)), &st);
    if (rc > 0)
        db_done(st);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    counts->of[PURGE_PERSON]++; // it was their last
    return person_leave(s, c->person);
}

static int sweep_cases(struct store *s, const struct purge_limits *l, struct purge_counts *counts)
{
    struct over list[CASES_WINDOW];
    int found = 0;
    int64_t to;
    int last = window_next(s, Q_CASE_WINDOW, s->swept_cases, CASES_WINDOW, &to);
    if (last < 0)
        return last;
    int rc = cases_over(s, to, l, list, &found);
    for (int i = 0; rc == 0 && i < found; i++)
        rc = case_leave(s, &list[i], counts);
    if (rc == 0)
        s->swept_cases = last ? 0 : to;
    return rc < 0 ? rc : !last;
}

static int people_over(struct store *s, int64_t to, int64_t before_day, int64_t *ids, int *count)
{
    sqlite3_stmt *st;
    int rc = db_query(s, Q_PERSON_OVER, VALUES(V_INT(s->swept_people), V_INT(to), V_INT(before_day)), &st);
    if (rc < 0)
        return rc;
    for (*count = 0; *count < CASES_WINDOW && (rc = db_next(s, st)) == 1; ++*count)
        ids[*count] = sqlite3_column_int64(st, 0);
    db_done(st);
    return rc < 0 ? rc : 0;
}

/* Those who agreed and have no case; and rows of which nothing is left but the id. */
static int sweep_people(struct store *s, const struct purge_limits *l, struct purge_counts *counts)
{
    int64_t ids[CASES_WINDOW], to;
    int found = 0;
    int last = window_next(s, Q_PERSON_WINDOW, s->swept_people, CASES_WINDOW, &to);
    if (last < 0)
        return last;
    int rc = people_over(s, to, l->case_day, ids, &found);
    for (int i = 0; rc == 0 && i < found; i++)
        rc = person_leave(s, ids[i]);
    counts->of[PURGE_PERSON] += found;
    if (rc == 0)
        rc = DB_RUN(s, Q_PERSON_DROP, V_INT(s->swept_people), V_INT(to));
    if (rc == 0)
        counts->of[PURGE_PERSON_ROW] += store_changed(s);
    if (rc == 0)
        s->swept_people = last ? 0 : to;
    return rc < 0 ? rc : !last;
}

/* ---- all of it ---- */

static int cut(struct store *s, enum chain which, int64_t before_s, int kind, int most, const struct purge_limits *l,
               struct purge_counts *counts)
{
    int64_t dropped = 0;
    int rc = l->link ? store_chain_cut(s, which, before_s, most, l->link, l->ctx, &dropped) : 0;
    counts->of[kind] += dropped;
    return rc < 0 ? rc : dropped == most;
}

static int day_keys(struct store *s, const struct purge_limits *l, struct purge_counts *counts)
{
    int rc = DB_RUN(s, Q_PART_FORGET, V_INT(l->now_s));
    if (rc == 0)
        rc = DB_RUN(s, Q_DAY_KEY_DROP, V_INT(l->key_day));
    int64_t dropped = rc == 0 ? store_changed(s) : 0;
    counts->of[PURGE_DAY_KEY] += dropped;
    s->erase |= dropped > 0;
    return rc;
}

void store_purge_begin(struct store *s)
{
    memset(s->swept, 0, sizeof s->swept);
    s->swept_cases = s->swept_people = 0;
}

/* Notes whether any of the steps has more to do; the first failure stays. */
static void also(int step, int *rc, bool *again)
{
    if (step < 0)
        *rc = step;
    *again |= step > 0;
}

int store_purge(struct store *s, const struct purge_limits *l, int most, struct purge_counts *counts, bool *again)
{
    int rc = heads_flush(s);
    *again = false;
    if (rc == 0)
        rc = live_know(s);
    if (rc == 0)
        also(sweep_cases(s, l, counts), &rc, again);
    if (rc == 0)
        also(sweep_people(s, l, counts), &rc, again);
    for (int i = 0; rc == 0 && i < SWEEPS; i++) // after people, whose numbers become strangers'
        also(sweep(s, i, l, most, counts), &rc, again);
    if (rc == 0)
        also(cut(s, CHAIN_CONSENT, l->consent_s, PURGE_CONSENT, most, l, counts), &rc, again);
    if (rc == 0)
        also(cut(s, CHAIN_AUDIT, l->audit_s, PURGE_AUDIT, most, l, counts), &rc, again);
    return rc < 0 ? rc : day_keys(s, l, counts);
}

/* ---- until the proof is written ---- */

int store_purged_keep(struct store *s, const struct purge_counts *counts)
{
    int rc = 0;
    for (int i = 0; i < PURGE_KINDS && rc == 0; i++)
        if (counts->of[i])
            rc = DB_RUN(s, Q_PURGED_ADD, V_TEXT(span_of(purge_words((enum purge_kind)i))), V_INT(counts->of[i]));
    return rc;
}

int store_purged_take(struct store *s, struct purge_counts *counts)
{
    sqlite3_stmt *st;
    *counts = (struct purge_counts){0};
    int rc = db_query(s, Q_PURGED_GET, NULL, 0, &st);
    while (rc >= 0 && (rc = db_next(s, st)) == 1)
        for (int i = 0; i < PURGE_KINDS; i++)
            if (span_is(db_bytes(st, 0), purge_words((enum purge_kind)i)))
                counts->of[i] = sqlite3_column_int64(st, 1);
    return rc < 0 ? rc : db_run(s, Q_PURGED_DROP, NULL, 0);
}
