// SPDX-License-Identifier: AGPL-3.0-or-later
/* Messages that are fetched, whatever the order: a phone, people who stop and start, time, and crashes. */
#include "outbox_serve_fixture.h"

enum { PEOPLE = 3, MESSAGES = 40, IN_HAND = 128 };

/* What a phone, people and the service do by chance, against what must hold whatever the order. */
struct model {
    struct room *r;
    unsigned long seed;
    int first; /* of the people: not the same in each game */
    int stops[PEOPLE];
    bool stopped[PEOPLE];
    struct {
        int person, stops; /* of the person when it was queued */
        enum message_class class;
        int64_t id;
        int handed_out, gone;
        char key[KEY + 1];
    } messages[MESSAGES];
    int count;
    int hand[IN_HAND], in_hand; /* what the phone has fetched and not told about */
    int crashes;
};

static unsigned draw(struct model *m, unsigned below)
{
    m->seed = m->seed * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(m->seed >> 33) % below;
}

/* Whether a stop that was committed forbids it. */
static bool forbidden(const struct model *m, int i)
{
    int person = m->messages[i].person;
    bool overtaken = m->messages[i].stops != m->stops[person];
    return m->messages[i].class == MESSAGE_CONFIRM
               ? false
               : overtaken || (m->messages[i].class == MESSAGE_NOTICE && m->stopped[person]);
}

static void do_queue(struct model *m)
{
    char word[16];
    if (m->count == MESSAGES)
        return;
    int person = (int)draw(m, PEOPLE), i = m->count++;
    enum message_class class = (enum message_class)draw(m, 3);
    snprintf(word, sizeof word, "m%d.", i);
    m->messages[i].person = person;
    m->messages[i].stops = m->stops[person];
    m->messages[i].class = class;
    m->messages[i].id = queue(m->r, m->first + person, class, word);
}

/* `lost`: the answer does not arrive. */
static void do_fetch(struct model *m, bool lost)
{
    struct span answer = fetch(m->r), line;
    while (span_split(&answer, '\n', &line)) {
        int64_t i;
        if (!line.len)
            continue;
        size_t at = line.len - 1; // of the "m" in " mN."
        while (line.p[at] != 'm')
            at--;
        assert_int_equal(span_int(span_first(span_from(line, at + 1), line.len - at - 2), &i), 0);
        assert_false(forbidden(m, (int)i));
        m->messages[i].handed_out++;
        assert_true(m->messages[i].handed_out == 1 || m->messages[i].class == MESSAGE_ANSWER);
        assert_true(m->messages[i].handed_out <= OUTBOX_ATTEMPTS + m->crashes); // each forgives one attempt
        snprintf(m->messages[i].key, KEY + 1, "%.*s", SPAN_ARG(span_first(line, KEY)));
        if (!lost && m->in_hand < IN_HAND)
            m->hand[m->in_hand++] = (int)i;
    }
}

static void do_taken(struct model *m)
{
    if (!m->in_hand)
        return;
    int at = (int)draw(m, (unsigned)m->in_hand), i = m->hand[at];
    bool forbids = forbidden(m, i), goes = taken(m->r, span_of(m->messages[i].key));
    m->hand[at] = m->hand[--m->in_hand];
    if (!goes)
        return;
    m->messages[i].gone++;
    assert_false(forbids);
    assert_true(m->messages[i].gone == 1 || m->messages[i].class == MESSAGE_ANSWER);
    expect_row(m->r, m->messages[i].id, MESSAGE_SENT, false);
}

static void do_stop(struct model *m, bool start)
{
    int person = (int)draw(m, PEOPLE);
    contact(m->r, m->first + person, start ? 0 : 1);
    m->stopped[person] = !start;
    m->stops[person] += !start;
}

static void do_crash(struct model *m)
{
    m->crashes++;
    assert_int_equal(store_begin(m->r->store), 0);
    assert_int_equal(store_outbox_recover(m->r->store, m->r->now_ms), 0);
    assert_int_equal(store_commit(m->r->store), 0);
}

static void do_rollback(struct model *m)
{
    struct span answer;
    assert_int_equal(ask(m->r, "GET", "due", (struct span){0}, ROLLED_BACK, &answer), 0);
}

static void play(struct model *m, int steps)
{
    for (int i = 0; i < steps; i++) {
        unsigned what = draw(m, 20);
        if (what < 6)
            do_queue(m);
        else if (what < 10)
            do_fetch(m, what == 9);
        else if (what < 15)
            do_taken(m);
        else if (what < 17)
            do_stop(m, what == 16);
        else if (what == 17)
            do_crash(m);
        else if (what == 18)
            do_rollback(m);
        else
            m->r->now_ms += draw(m, 2 * WAIT_MS);
    }
}

/* Without any more stops every answer that may leave comes to be told about, as long as somebody fetches. */
static void come_to_rest(struct model *m)
{
    for (int i = 0; i < 2 * MESSAGES; i++) {
        do_fetch(m, false);
        while (m->in_hand)
            do_taken(m);
        m->r->now_ms += WAIT_MS;
    }
    for (int i = 0; i < m->count; i++) {
        int64_t state = ask_file(m->r, "SELECT state FROM outbox WHERE id = ?1", m->messages[i].id);
        assert_true(state >= MESSAGE_SENT);
        assert_true(m->messages[i].gone == 0 || state == MESSAGE_SENT);
        bool essential = m->messages[i].class == MESSAGE_ANSWER && !forbidden(m, i);
        assert_true(!essential || m->messages[i].gone || m->messages[i].handed_out >= OUTBOX_ATTEMPTS);
    }
}

static void nothing_goes_that_a_stop_forbids_and_nothing_twice_whatever_the_order(void **state)
{
    struct room *r = *state;
    int games = getenv("WAYMARK_TORTURE") ? 2000 : 300;
    for (int game = 0; game < games; game++) {
        struct model m = {.r = r, .seed = (unsigned long)game * 2654435761UL + 1, .first = game * PEOPLE % 96};
        r->now_ms += 2 * 3600 * 1000;
        for (int i = 0; i < PEOPLE; i++)
            contact(r, m.first + i, 0);
        play(&m, 120);
        come_to_rest(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVE_TEST(nothing_goes_that_a_stop_forbids_and_nothing_twice_whatever_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
