// SPDX-License-Identifier: AGPL-3.0-or-later
/* A channel that serves its messages, over a real store, and a phone that is played by the test. */
#ifndef WAYMARK_TESTS_OUTBOX_SERVE_FIXTURE_H
#define WAYMARK_TESTS_OUTBOX_SERVE_FIXTURE_H

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
                            "serve-each {key} {to} {text}%s\nserve {items}\n"
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

static inline int64_t room_now(void *ctx)
{
    return ((struct room *)ctx)->now_ms;
}

static const char *in_folder(const struct room *r, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", r->folder, name);
    return path;
}

static inline int door(void *ctx, int (*fn)(void *ctx, struct store *s), void *job)
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

static inline int withdraw(void *ctx, struct store *s, const struct store_index *number, struct span channel)
{
    struct store_turn turn = {.number_key = *number};
    ((struct room *)ctx)->withdrawn = span_is(channel, "phone");
    int rc = store_number_need(s, &turn, 1);
    return rc < 0 ? rc : store_contact_set(s, &turn, 1);
}

static inline void room_open(struct room *r, const char *more, const char *each)
{
    struct str text = STR_INIT(4096);
    str_addf(&text, PHONE, more, each);
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

static inline void room_close(struct room *r)
{
    serve_close(r->serve);
    channel_set_free(r->channels);
    diags_free(r->diags);
}

static inline int setup(void **state)
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
    room_open(r, "", "");
    *state = r;
    return 0;
}

static inline int teardown(void **state)
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

static inline struct store_turn turn_of(const struct room *r, int person, struct msisdn *to)
{
    struct store_turn turn = {0};
    *to = (struct msisdn){{0}};
    snprintf(to->digits, sizeof to->digits, "120255501%02d", person);
    struct blind key = vault_blind_number(r->vault, to);
    memcpy(turn.number_key.bytes, key.bytes, sizeof key.bytes);
    return turn;
}

static inline int64_t queue_until(struct room *r, int person, enum message_class class, const char *word,
                                  int64_t until_ms)
{
    struct msisdn to;
    struct store_turn turn = turn_of(r, person, &to);
    struct str box = STR_INIT(16384);
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

static inline int64_t queue(struct room *r, int person, enum message_class class, const char *word)
{
    return queue_until(r, person, class, word, 0);
}

static inline void contact(struct room *r, int person, int64_t stopped_day)
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
static inline int ask(struct room *r, const char *method, const char *path, struct span body, int end,
                      struct span *answer)
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
static inline struct span fetch(struct room *r)
{
    struct span answer;
    assert_int_equal(ask(r, "GET", "due", (struct span){0}, COMMITTED, &answer), 0);
    return answer;
}

static inline bool taken(struct room *r, struct span key)
{
    char body[64];
    struct span answer;
    snprintf(body, sizeof body, "key=%.*s", SPAN_ARG(key));
    assert_int_equal(ask(r, "POST", "taken", span_of(body), COMMITTED, &answer), 0);
    return answer.len;
}

static inline void told(struct room *r, struct span key, const char *state)
{
    char body[64];
    struct span answer;
    snprintf(body, sizeof body, "key=%.*s&state=%s", SPAN_ARG(key), state);
    assert_int_equal(ask(r, "POST", "told", span_of(body), COMMITTED, &answer), 0);
}

static inline size_t lines(struct span answer)
{
    struct span line;
    size_t n = 0;
    while (span_split(&answer, '\n', &line))
        n += line.len > 0;
    return n;
}

/* The key in the line that ends with this text, kept; "" where there is none. */
static inline const char *key_of(struct span answer, const char *text)
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

static inline int64_t ask_file(const struct room *r, const char *sql, int64_t id)
{
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(r->file, sql, -1, &st, NULL), SQLITE_OK);
    sqlite3_bind_int64(st, 1, id);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return value;
}

static inline void expect_row(const struct room *r, int64_t id, enum message_state state, bool box)
{
    assert_int_equal(ask_file(r, "SELECT state FROM outbox WHERE id = ?1", id), state);
    assert_int_equal(ask_file(r, "SELECT length(box) > 0 FROM outbox WHERE id = ?1", id), box);
}

static inline struct outbox_lane_stats stats(const struct room *r)
{
    struct outbox_lane_stats s;
    assert_true(serve_stats(r->serve, 0, &s) && s.served && !serve_stats(r->serve, 1, &s));
    assert_true(serve_stats(r->serve, 0, &s));
    return s;
}

#define SERVE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
