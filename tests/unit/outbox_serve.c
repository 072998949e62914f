// SPDX-License-Identifier: AGPL-3.0-or-later
/* Messages that are fetched: a real store and a channel file, and a phone that is played by the test. */
#include "outbox/serve.h"

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "vault/outbound.h"

#include <dirent.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char PHONE[] = "title A phone\nmedium sms\nreceive POST form\nfield from from form from\n"
                            "field text from form text\nsecret-query key $key\n%sreply text/plain\n"
                            "event due\nkind fetch\nreceive GET query\nserve-most 3\nserve-wait 2 minutes\n"
                            "serve-each {key} {to} {text}\nserve {items}\n"
                            "event taken\nkind taken\nreceive POST form\nfield key from form key\n"
                            "serve-each {key}\nserve {items}\n"
                            "event told\nkind delivery\nreceive POST form\nfield key from form key\n"
                            "field state from form state\nstate ok = sent\nstate bad = failed\nstate out = opted-out\n";

enum { START_MS = 1700000000, WAIT_MS = 2 * 60 * 1000, KEY = MESSAGE_KEY_LEN };

struct room {
    char folder[64];
    struct settings_secret secret;
    struct settings settings;
    struct diags *diags;
    struct channel_set *channels;
    struct vault *vault;
    struct store *store;
    struct outbox_parts parts;
    struct serve *serve;
    sqlite3 *file;
    struct arena *arena;
    int64_t now_ms;
    int64_t late_ms; /* how long the next request has waited */
    bool withdrawn;
};

static int64_t room_now(void *ctx)
{
    return ((struct room *)ctx)->now_ms;
}

static const char *in_folder(const struct room *r, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", r->folder, name);
    return path;
}

static int door(void *ctx, int (*fn)(void *ctx, struct store *s), void *job)
{
    struct room *r = ctx;
    int rc = store_begin(r->store);
    if (rc == 0)
        rc = fn(job, r->store);
    if (rc == 0)
        return store_commit(r->store);
    store_rollback(r->store);
    return rc;
}

static int withdraw(void *ctx, struct store *s, const struct store_index *number, struct span channel)
{
    struct store_turn turn = {.number_key = *number};
    ((struct room *)ctx)->withdrawn = span_is(channel, "phone");
    int rc = store_number_need(s, &turn, 1);
    return rc < 0 ? rc : store_contact_set(s, &turn, 1);
}

static void room_open(struct room *r, const char *more)
{
    struct str text = STR_INIT(4096);
    str_addf(&text, PHONE, more);
    r->secret = (struct settings_secret){SPAN("key"), SPAN("k1")};
    r->settings = (struct settings){.secrets = &r->secret, .secret_count = 1, .parts_answer = 3, .hourly_max = 100};
    assert_int_equal(file_write(in_folder(r, "phone.channel"), str_span(&text), 0600), 0);
    str_release(&text);
    r->diags = diags_new();
    int rc = channel_set_load(r->folder, &r->settings, r->diags, &r->channels);
    struct str told = STR_INIT(65536);
    diags_text(r->diags, &told);
    if (rc < 0)
        fail_msg("%s", str_z(&told));
    str_release(&told);
    r->parts = (struct outbox_parts){.channels = r->channels,
                                     .settings = &r->settings,
                                     .stop = {.withdraw = withdraw, .ctx = r},
                                     .vault = r->vault,
                                     .door = {.call = door, .door = r},
                                     .clock = {.now_ms = room_now, .ctx = r},
                                     .entropy = {.fill = vault_random}};
    assert_int_equal(serve_open(&r->parts, &r->serve), 0);
}

static void room_close(struct room *r)
{
    serve_close(r->serve);
    channel_set_free(r->channels);
    diags_free(r->diags);
}

static int setup(void **state)
{
    struct room *r = mem_calloc(1, sizeof *r);
    bool fast = access("/dev/shm", W_OK) == 0; // each step is a commit, and nothing here asks whether it is on a disk
    snprintf(r->folder, sizeof r->folder, "%s/waymark-serve-XXXXXX", fast ? "/dev/shm" : P_tmpdir);
    assert_non_null(mkdtemp(r->folder));
    unsetenv("CREDENTIALS_DIRECTORY");
    log_threshold(LOG_ERROR + 1);
    r->now_ms = START_MS;
    r->arena = arena_new(1 << 20);
    assert_int_equal(vault_open(in_folder(r, "master"), true, &r->vault), 0);
    assert_int_equal(store_open(r->folder, &r->store), 0);
    assert_int_equal(sqlite3_open(in_folder(r, "waymark.db"), &r->file), SQLITE_OK);
    room_open(r, "");
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;
    room_close(r);
    sqlite3_close(r->file);
    store_close(r->store);
    vault_close(r->vault);
    arena_free(r->arena);
    DIR *d = opendir(r->folder);
    for (struct dirent *e; (e = readdir(d));)
        unlink(in_folder(r, e->d_name));
    closedir(d);
    assert_int_equal(rmdir(r->folder), 0);
    mem_free(r);
    return 0;
}

/* ---- what the tests do ---- */

static struct store_turn turn_of(const struct room *r, int person, struct msisdn *to)
{
    struct store_turn turn = {0};
    *to = (struct msisdn){{0}};
    snprintf(to->digits, sizeof to->digits, "120255501%02d", person);
    struct blind key = vault_blind_number(r->vault, to);
    memcpy(turn.number_key.bytes, key.bytes, sizeof key.bytes);
    return turn;
}

static int64_t queue_until(struct room *r, int person, enum message_class class, const char *word, int64_t until_ms)
{
    struct msisdn to;
    struct store_turn turn = turn_of(r, person, &to);
    struct str box = STR_INIT(4096);
    int64_t id;
    assert_int_equal(store_begin(r->store), 0);
    assert_int_equal(store_number_need(r->store, &turn, 1), 0);
    struct store_message m = {.channel = SPAN("phone"), .class = class, .due_ms = r->now_ms, .until_ms = until_ms};
    struct outbound_row bound = {.class = class, .epoch = turn.epoch};
    vault_random(NULL, m.key, sizeof m.key);
    memcpy(bound.key, m.key, sizeof bound.key);
    assert_int_equal(outbound_box(r->vault, &bound, &to, span_of(word), &box), 0);
    m.box = str_span(&box);
    assert_int_equal(store_outbox_add(r->store, &turn, &m, &id), 0);
    assert_int_equal(store_commit(r->store), 0);
    str_release(&box);
    return id;
}

static int64_t queue(struct room *r, int person, enum message_class class, const char *word)
{
    return queue_until(r, person, class, word, 0);
}

static void contact(struct room *r, int person, int64_t stopped_day)
{
    struct msisdn to;
    struct store_turn turn = turn_of(r, person, &to);
    assert_int_equal(store_begin(r->store), 0);
    assert_int_equal(store_number_need(r->store, &turn, 1), 0);
    assert_int_equal(store_contact_set(r->store, &turn, stopped_day), 0);
    assert_int_equal(store_commit(r->store), 0);
}

enum { COMMITTED, ROLLED_BACK };

/* A request from its bytes to its answer, which lives until the next one. */
static int ask(struct room *r, const char *method, const char *path, struct span body, int end, struct span *answer)
{
    struct wire_field type = {SPAN("Content-Type"), SPAN("application/x-www-form-urlencoded")};
    struct wire_request request = {.method = span_of(method),
                                   .url = span_of(path),
                                   .query = SPAN("key=k1"),
                                   .headers = &type,
                                   .header_count = 1,
                                   .body = body};
    const struct channel *c = channel_set_get(r->channels, SPAN("phone"));
    struct channel_call call;
    arena_reset(r->arena);
    assert_int_equal(channel_decode(c, span_of(path), &request, r->arena, &call), 0);
    assert_true(channel_call_serves(c, &call) != SERVE_NOTHING);
    struct serve_request q = {
        .channel = c, .call = &call, .arena = r->arena, .asked_ms = clock_monotonic_ms() - r->late_ms};
    assert_int_equal(store_begin(r->store), 0);
    int rc = serve_do(r->serve, &q, r->store);
    if (rc == 0 && end == COMMITTED)
        assert_int_equal(store_commit(r->store), 0);
    else
        store_rollback(r->store);
    serve_done(r->serve, &q, rc == 0 && end == ROLLED_BACK ? ERR_IO : rc);
    *answer = rc == 0 ? q.answer.body : (struct span){0};
    return rc;
}

/* Lines "KEY TO TEXT". */
static struct span fetch(struct room *r)
{
    struct span answer;
    assert_int_equal(ask(r, "GET", "due", (struct span){0}, COMMITTED, &answer), 0);
    return answer;
}

static bool taken(struct room *r, struct span key)
{
    char body[64];
    struct span answer;
    snprintf(body, sizeof body, "key=%.*s", SPAN_ARG(key));
    assert_int_equal(ask(r, "POST", "taken", span_of(body), COMMITTED, &answer), 0);
    return answer.len;
}

static void told(struct room *r, struct span key, const char *state)
{
    char body[64];
    struct span answer;
    snprintf(body, sizeof body, "key=%.*s&state=%s", SPAN_ARG(key), state);
    assert_int_equal(ask(r, "POST", "told", span_of(body), COMMITTED, &answer), 0);
}

static size_t lines(struct span answer)
{
    struct span line;
    size_t n = 0;
    while (span_split(&answer, '\n', &line))
        n += line.len > 0;
    return n;
}

/* The key in the line that ends with this text, kept; "" where there is none. */
static const char *key_of(struct span answer, const char *text)
{
    static char keys[8][KEY + 1];
    static int at;
    struct span line;
    char *key = keys[at++ % 8];
    key[0] = '\0';
    while (span_split(&answer, '\n', &line))
        if (line.len > strlen(text) && span_eq(span_from(line, line.len - strlen(text)), span_of(text)))
            snprintf(key, KEY + 1, "%.*s", SPAN_ARG(span_first(line, KEY)));
    return key;
}

static int64_t ask_file(const struct room *r, const char *sql, int64_t id)
{
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(r->file, sql, -1, &st, NULL), SQLITE_OK);
    sqlite3_bind_int64(st, 1, id);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return value;
}

static void expect_row(const struct room *r, int64_t id, enum message_state state, bool box)
{
    assert_int_equal(ask_file(r, "SELECT state FROM outbox WHERE id = ?1", id), state);
    assert_int_equal(ask_file(r, "SELECT length(box) > 0 FROM outbox WHERE id = ?1", id), box);
}

static struct outbox_lane_stats stats(const struct room *r)
{
    struct outbox_lane_stats s;
    assert_true(serve_stats(r->serve, 0, &s) && s.served && !serve_stats(r->serve, 1, &s));
    assert_true(serve_stats(r->serve, 0, &s));
    return s;
}

/* ---- the tests ---- */

static void each_class_is_handed_out_once_and_only_answers_again(void **state)
{
    struct room *r = *state;
    int64_t answer = queue(r, 0, MESSAGE_ANSWER, "answer"), confirm = queue(r, 1, MESSAGE_CONFIRM, "confirm"),
            notice = queue(r, 2, MESSAGE_NOTICE, "notice");
    assert_int_equal(lines(fetch(r)), 3);
    expect_row(r, answer, MESSAGE_CLAIMED, true);
    r->now_ms += WAIT_MS - 1;
    assert_int_equal(lines(fetch(r)), 0);
    r->now_ms += 1;
    struct span again = fetch(r);
    assert_int_equal(lines(again), 1);
    assert_true(key_of(again, " 12025550100 answer")[0] != '\0');
    expect_row(r, confirm, MESSAGE_UNKNOWN, false);
    expect_row(r, notice, MESSAGE_UNKNOWN, false);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_RETRIED], 1);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_UNKNOWN], 2);
}

static void an_answer_that_nobody_confirms_is_given_up(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, 0, MESSAGE_ANSWER, "answer");
    for (int i = 0; i < OUTBOX_ATTEMPTS; i++) {
        assert_int_equal(lines(fetch(r)), 1);
        r->now_ms += WAIT_MS;
    }
    assert_int_equal(lines(fetch(r)), 0);
    expect_row(r, id, MESSAGE_UNKNOWN, false);
}

static void waiting_for_word_ends_without_anybody_who_fetches(void **state)
{
    struct room *r = *state;
    int64_t notice = queue(r, 0, MESSAGE_NOTICE, "notice"), answer = queue(r, 1, MESSAGE_ANSWER, "answer");
    assert_int_equal(lines(fetch(r)), 2);
    queue(r, 2, MESSAGE_NOTICE, "later");
    assert_int_equal(serve_look(r->serve), 0);
    assert_int_equal(stats(r).waiting, 1);
    assert_int_equal(stats(r).under_way, 2);
    r->now_ms += WAIT_MS;
    assert_int_equal(serve_look(r->serve), 0);
    assert_int_equal(stats(r).waiting, 2);
    assert_int_equal(stats(r).under_way, 0);
    expect_row(r, notice, MESSAGE_UNKNOWN, false);
    expect_row(r, answer, MESSAGE_QUEUED, true);
}

static void a_stop_holds_back_what_was_fetched_but_for_its_confirmation(void **state)
{
    struct room *r = *state;
    int64_t answer = queue(r, 0, MESSAGE_ANSWER, "answer"), notice = queue(r, 0, MESSAGE_NOTICE, "notice");
    struct span got = fetch(r);
    const char *first = key_of(got, "answer"), *second = key_of(got, "notice");
    contact(r, 0, 1);
    int64_t confirm = queue(r, 0, MESSAGE_CONFIRM, "confirm"), late = queue(r, 0, MESSAGE_NOTICE, "late"),
            direct = queue(r, 0, MESSAGE_ANSWER, "direct");
    assert_false(taken(r, span_of(first)) || taken(r, span_of(second)));
    expect_row(r, answer, MESSAGE_CANCELLED, false);
    expect_row(r, notice, MESSAGE_CANCELLED, false);
    got = fetch(r);
    const char *third = key_of(got, "confirm"), *fourth = key_of(got, "direct");
    assert_int_equal(lines(got), 2);
    expect_row(r, late, MESSAGE_CANCELLED, false);
    contact(r, 0, 1); // STOP after STOP: the confirmation under way is of this one too
    assert_true(taken(r, span_of(third)));
    assert_false(taken(r, span_of(fourth)));
    expect_row(r, confirm, MESSAGE_SENT, false);
    expect_row(r, direct, MESSAGE_CANCELLED, false);
}

static void what_waits_out_a_stop_is_not_handed_out_again(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, 0, MESSAGE_ANSWER, "answer");
    assert_int_equal(lines(fetch(r)), 1);
    contact(r, 0, 1);
    contact(r, 0, 0);
    r->now_ms += WAIT_MS;
    assert_int_equal(lines(fetch(r)), 0);
    expect_row(r, id, MESSAGE_UNKNOWN, false);
}

static void a_message_whose_time_is_over_is_neither_handed_out_nor_let_go(void **state)
{
    struct room *r = *state;
    int64_t early = queue_until(r, 0, MESSAGE_NOTICE, "early", r->now_ms + 1000), held;
    const char *key = key_of(fetch(r), "early");
    held = queue_until(r, 1, MESSAGE_NOTICE, "held", r->now_ms + 1000);
    r->now_ms += 1000;
    assert_false(taken(r, span_of(key)));
    expect_row(r, early, MESSAGE_FAILED, false);
    assert_int_equal(lines(fetch(r)), 0);
    expect_row(r, held, MESSAGE_FAILED, false);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_EXPIRED], 2);
}

static void quiet_hours_and_the_hourly_limit_hold(void **state)
{
    struct room *r = *state;
    int weekday, minute;
    int64_t day;
    clock_local(r->now_ms, &weekday, &minute, &day);
    r->settings.quiet_from = minute;
    r->settings.quiet_to = (minute + 60) % 1440;
    r->settings.hourly_max = 2;
    int64_t notice = queue(r, 0, MESSAGE_NOTICE, "notice");
    for (int i = 0; i < 3; i++)
        queue(r, 1, MESSAGE_ANSWER, "answer");
    int64_t behind = queue(r, 2, MESSAGE_ANSWER, "behind");
    assert_int_equal(lines(fetch(r)), 3); // two answers, and what stands behind those that are put off
    expect_row(r, notice, MESSAGE_QUEUED, true);
    expect_row(r, behind, MESSAGE_CLAIMED, true);
    assert_true(ask_file(r, "SELECT next_ms FROM outbox WHERE id = ?1", notice) > r->now_ms);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_QUIET], 1);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_CAPPED], 1);
}

static void a_box_that_was_changed_is_not_handed_out(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, 0, MESSAGE_ANSWER, "answer"), good = queue(r, 1, MESSAGE_ANSWER, "good");
    char sql[128];
    snprintf(sql, sizeof sql, "UPDATE outbox SET box = (SELECT box FROM outbox WHERE id = %lld) WHERE id = %lld",
             (long long)good, (long long)id);
    assert_int_equal(sqlite3_exec(r->file, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(lines(fetch(r)), 1);
    expect_row(r, id, MESSAGE_FAILED, false);
    assert_int_equal(ask_file(r, "SELECT count(*) FROM audit WHERE action = 'refuse to send'", 0), 1);
}

static void what_is_not_committed_was_never_handed_out(void **state)
{
    struct room *r = *state;
    struct span answer;
    int64_t id = queue(r, 0, MESSAGE_NOTICE, "notice");
    assert_int_equal(ask(r, "GET", "due", (struct span){0}, ROLLED_BACK, &answer), 0);
    expect_row(r, id, MESSAGE_QUEUED, true);
    r->late_ms = SERVE_LATE_MS + 1000; // whoever asked has most likely gone
    assert_int_equal(ask(r, "GET", "due", (struct span){0}, COMMITTED, &answer), ERR_NOT_NOW);
    r->late_ms = 0;
    expect_row(r, id, MESSAGE_QUEUED, true);
    assert_int_equal(stats(r).fetched_ms, 0);
    assert_int_equal(lines(fetch(r)), 1);
    assert_int_equal(stats(r).fetched_ms, r->now_ms);
}

static void a_rate_is_kept_over_fetches(void **state)
{
    struct room *r = *state;
    room_close(r);
    room_open(r, "rate 1\n");
    for (int i = 0; i < 4; i++)
        queue(r, i, MESSAGE_ANSWER, "answer");
    size_t both = lines(fetch(r));
    both += lines(fetch(r)); // a second is not over
    assert_int_equal(both, 1);
}

static void a_report_is_the_end_of_an_attempt_too(void **state)
{
    struct room *r = *state;
    int64_t sent = queue(r, 0, MESSAGE_ANSWER, "sent"), bad = queue(r, 1, MESSAGE_ANSWER, "bad"),
            out = queue(r, 2, MESSAGE_NOTICE, "out");
    struct span got = fetch(r);
    const char *first = key_of(got, "sent"), *second = key_of(got, "bad"), *third = key_of(got, "out");
    for (int twice = 0; twice < 2; twice++) {
        told(r, span_of(first), "ok");
        told(r, span_of(second), "bad");
        told(r, span_of(third), "out");
        told(r, span_of(first), "what");
    }
    told(r, SPAN("00000000000000000000000000000000"), "out");
    expect_row(r, sent, MESSAGE_SENT, false);
    expect_row(r, bad, MESSAGE_FAILED, false);
    expect_row(r, out, MESSAGE_FAILED, false);
    assert_true(r->withdrawn);
    assert_int_equal(ask_file(r, "SELECT count(*) FROM number WHERE stopped IS NOT NULL", 0), 1);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_ACCEPTED], 1);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_REFUSED], 1);
    assert_int_equal(stats(r).counts[OUTBOX_COUNT_OPTED_OUT], 1);
    told(r, span_of(second), "ok"); // states only move forward
    expect_row(r, bad, MESSAGE_FAILED, false);
}

/* ---- interleavings ---- */

enum { PEOPLE = 3, MESSAGES = 40, IN_HAND = 128 };

/* What a phone, people and the service do by chance, against what must hold whatever the order. */
struct model {
    struct room *r;
    unsigned long seed;
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
    m->messages[i].id = queue(m->r, person, class, word);
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
    contact(m->r, person, start ? 0 : 1);
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
    int games = getenv("WAYMARK_TORTURE") ? 20000 : 300;
    for (int game = 0; game < games; game++) {
        struct model m = {.r = r, .seed = (unsigned long)game * 2654435761UL + 1};
        r->now_ms += 2 * 3600 * 1000;
        for (int i = 0; i < PEOPLE; i++)
            contact(r, i, 0);
        play(&m, 120);
        come_to_rest(&m);
    }
}

int main(void)
{
#define SERVE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        SERVE_TEST(each_class_is_handed_out_once_and_only_answers_again),
        SERVE_TEST(an_answer_that_nobody_confirms_is_given_up),
        SERVE_TEST(waiting_for_word_ends_without_anybody_who_fetches),
        SERVE_TEST(a_stop_holds_back_what_was_fetched_but_for_its_confirmation),
        SERVE_TEST(what_waits_out_a_stop_is_not_handed_out_again),
        SERVE_TEST(a_message_whose_time_is_over_is_neither_handed_out_nor_let_go),
        SERVE_TEST(quiet_hours_and_the_hourly_limit_hold),
        SERVE_TEST(a_box_that_was_changed_is_not_handed_out),
        SERVE_TEST(what_is_not_committed_was_never_handed_out),
        SERVE_TEST(a_rate_is_kept_over_fetches),
        SERVE_TEST(a_report_is_the_end_of_an_attempt_too),
        SERVE_TEST(nothing_goes_that_a_stop_forbids_and_nothing_twice_whatever_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
