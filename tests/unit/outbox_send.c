// SPDX-License-Identifier: AGPL-3.0-or-later
/* The room whole: a real store, channel files, libcurl, and an aggregator on this machine that acts by script. */
#include "outbox_fixture.h"

#include "base/file.h"
#include "base/mem.h"
#include "vault/outbound.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { TIMEOUT_MS = 3000, START_MS = 1700000000, NUMBERS = 100 };

/* ---- the room ---- */

struct room {
    char folder[64];
    struct aggregator aggregator;
    struct door door;
    struct vault *vault;
    struct settings settings;
    struct diags *diags;
    struct channel_set *channels;
    struct outbox *outbox;
    sqlite3 *reader;
    atomic_llong now_ms;
    int nobody, nobody_port; /* a port on which nobody listens */
    int numbers;
    struct span stopped_by; /* the channel that told an opt-out */
};

static int64_t room_now(void *ctx)
{
    return atomic_load((atomic_llong *)ctx);
}

/* Every draw is nothing, so what is tried again is due at once. */
static void room_draw(void *ctx, void *bytes, size_t len)
{
    (void)ctx;
    memset(bytes, 0, len);
}

static const char *in_folder(const struct room *r, const char *name)
{
    static _Thread_local char path[512];
    snprintf(path, sizeof path, "%s/%s", r->folder, name);
    return path;
}

static void write_channel(const struct room *r, const char *name, const char *before, int port)
{
    struct str text = STR_INIT(4096);
    str_addf(&text,
             "title T\nmedium sms\nreceive POST form\nfield id from form id\nfield from from form from\n"
             "field text from form text\nrepeat id\n%s%d/send\nsend-header apikey hidden\nsend-form to +{to}\n"
             "send-form message {text}\nsend-ok json SMSMessageData.Recipients[0].status = Success\n"
             "send-id json SMSMessageData.Recipients[0].id\nsend-error status 406 = opted-out\n"
             "send-error others = permanent\n",
             before, port);
    assert_int_equal(file_write(in_folder(r, name), str_span(&text), 0600), 0);
    str_release(&text);
}

static int note_stop(void *ctx, struct store *s, const struct store_index *number, struct span channel)
{
    struct room *r = ctx;
    struct store_turn turn = {.number_key = *number};
    r->stopped_by = channel;
    int rc = store_number_need(s, &turn, 1);
    return rc < 0 ? rc : store_contact_set(s, &turn, 1);
}

static void open_outbox(struct room *r, int timeout_ms)
{
    struct outbox_parts parts = {.channels = r->channels,
                                 .settings = &r->settings,
                                 .stop = {.withdraw = note_stop, .ctx = r},
                                 .vault = r->vault,
                                 .door = {.call = door_call, .door = &r->door},
                                 .clock = {.now_ms = room_now, .ctx = &r->now_ms},
                                 .entropy = {.fill = room_draw},
                                 .timeout_ms = timeout_ms};
    assert_int_equal(outbox_open(&parts, &r->outbox), 0);
}

static int setup(void **state)
{
    struct room *r = mem_calloc(1, sizeof *r);
    snprintf(r->folder, sizeof r->folder, "%s", P_tmpdir "/waymark-outbox-XXXXXX");
    assert_non_null(mkdtemp(r->folder));
    unsetenv("CREDENTIALS_DIRECTORY");
    pthread_mutex_init(&r->door.lock, NULL);
    pthread_cond_init(&r->door.changed, NULL);
    aggregator_start(&r->aggregator, acts, sizeof acts / sizeof acts[0], &r->door.refusals, &r->outbox);
    r->nobody = bound_socket(&r->nobody_port);
    atomic_init(&r->now_ms, START_MS);
    write_channel(r, "test.channel", "allow private\nsend POST http://127.0.0.1:", r->aggregator.port);
    write_channel(r, "other.channel", "allow private\nrate 1000\nsend POST http://127.0.0.1:", r->aggregator.port);
    write_channel(r, "strict.channel", "send POST https://127.0.0.1:", r->aggregator.port);
    write_channel(r, "tls.channel", "allow private\nsend POST https://127.0.0.1:", r->aggregator.port);
    write_channel(r, "nobody.channel", "allow private\nsend POST http://127.0.0.1:", r->nobody_port);
    r->diags = diags_new();
    assert_int_equal(channel_set_load(r->folder, &r->settings, r->diags, &r->channels), 0);
    assert_int_equal(vault_open(in_folder(r, "master"), true, &r->vault), 0);
    assert_int_equal(store_open(r->folder, &r->door.store), 0);
    assert_int_equal(sqlite3_open_v2(in_folder(r, "waymark.db"), &r->reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    open_outbox(r, TIMEOUT_MS);
    *state = r;
    return 0;
}

static void remove_folder(const struct room *r)
{
    DIR *d = opendir(r->folder);
    for (struct dirent *e; (e = readdir(d));)
        unlink(in_folder(r, e->d_name));
    closedir(d);
    assert_int_equal(rmdir(r->folder), 0);
}

static int teardown(void **state)
{
    struct room *r = *state;
    outbox_stop(r->outbox, 0);
    outbox_close(r->outbox);
    aggregator_stop(&r->aggregator);
    close(r->nobody);
    sqlite3_close(r->reader);
    store_close(r->door.store);
    vault_close(r->vault);
    channel_set_free(r->channels);
    diags_free(r->diags);
    pthread_cond_destroy(&r->door.changed);
    pthread_mutex_destroy(&r->door.lock);
    remove_folder(r);
    mem_free(r);
    return 0;
}

/* ---- what the tests do and look at ---- */

static struct store_turn turn_of(const struct room *r, int number)
{
    struct msisdn to;
    struct store_turn turn = {0};
    snprintf(to.digits, sizeof to.digits, "12025550%03d", 100 + number % NUMBERS);
    struct blind key = vault_blind_number(r->vault, &to);
    memcpy(turn.number_key.bytes, key.bytes, sizeof key.bytes);
    return turn;
}

/* Queues a message for a number of its own. */
static int64_t queue(struct room *r, const char *channel, enum message_class class, const char *word)
{
    struct store_turn turn = turn_of(r, r->numbers);
    struct msisdn to = {{0}};
    struct str box = STR_INIT(4096);
    int64_t id;
    snprintf(to.digits, sizeof to.digits, "12025550%03d", 100 + r->numbers++ % NUMBERS);
    pthread_mutex_lock(&r->door.lock);
    struct store *s = r->door.store;
    assert_int_equal(store_begin(s), 0);
    assert_int_equal(store_number_need(s, &turn, 1), 0);
    struct store_message m = {.channel = span_of(channel), .class = class, .due_ms = room_now(&r->now_ms)};
    struct outbound_row bound = {.class = class, .epoch = turn.epoch};
    vault_random(NULL, m.key, sizeof m.key);
    memcpy(bound.key, m.key, sizeof bound.key);
    assert_int_equal(outbound_box(r->vault, &bound, &to, span_of(word), &box), 0);
    m.box = str_span(&box);
    assert_int_equal(store_outbox_add(s, &turn, &m, &id), 0);
    assert_int_equal(store_commit(s), 0);
    pthread_mutex_unlock(&r->door.lock);
    str_release(&box);
    return id;
}

struct row {
    int state, attempts;
    int64_t next_ms;
    bool has_reference;
    int box_bytes;
};

static struct row row_of(const struct room *r, int64_t id)
{
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(r->reader,
                                        "SELECT state, attempts, next_ms, reference IS NOT NULL, length(box) FROM "
                                        "outbox WHERE id = ?",
                                        -1, &st, NULL),
                     SQLITE_OK);
    sqlite3_bind_int64(st, 1, id);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    struct row row = {.state = sqlite3_column_int(st, 0),
                      .attempts = sqlite3_column_int(st, 1),
                      .next_ms = sqlite3_column_int64(st, 2),
                      .has_reference = sqlite3_column_int(st, 3),
                      .box_bytes = sqlite3_column_int(st, 4)};
    sqlite3_finalize(st);
    return row;
}

static bool settled(const struct room *r, int64_t id)
{
    struct row row = row_of(r, id);
    return row.state != MESSAGE_CLAIMED && (row.state != MESSAGE_QUEUED || row.next_ms > room_now((void *)&r->now_ms));
}

/* Waits until the message is neither due nor claimed. */
static struct row wait_settled(struct room *r, int64_t id)
{
    struct timespec at;
    int rc = 0;
    deadline(&at);
    pthread_mutex_lock(&r->door.lock);
    while (!settled(r, id) && rc == 0)
        rc = pthread_cond_timedwait(&r->door.changed, &r->door.lock, &at);
    pthread_mutex_unlock(&r->door.lock);
    assert_int_equal(rc, 0);
    return row_of(r, id);
}

/* ---- tests ---- */

static void every_end_of_an_attempt_is_recorded_as_what_it_is(void **state)
{
    struct room *r = *state;
    static const struct {
        const char *channel, *word;
        enum message_class class;
        enum message_state state;
        int attempts, requests; /* made; that reached the aggregator whole */
    } rows[] = {
        {"test", "good", MESSAGE_NOTICE, MESSAGE_SENT, 1, 1},
        {"test", "busy", MESSAGE_NOTICE, MESSAGE_FAILED, 5, 5},
        {"test", "bad", MESSAGE_ANSWER, MESSAGE_FAILED, 1, 1},
        {"test", "optedout", MESSAGE_ANSWER, MESSAGE_FAILED, 1, 1},
        {"test", "redirect", MESSAGE_NOTICE, MESSAGE_FAILED, 1, 1}, // a 307 that is followed would come again
        {"test", "silent", MESSAGE_NOTICE, MESSAGE_UNKNOWN, 1, 1},
        {"test", "hang", MESSAGE_CONFIRM, MESSAGE_UNKNOWN, 1, 1},
        {"test", "drip", MESSAGE_NOTICE, MESSAGE_UNKNOWN, 1, 1}, // the timeout is of the whole
        {"test", "huge", MESSAGE_NOTICE, MESSAGE_UNKNOWN, 1, 1},
        {"test", "headers", MESSAGE_NOTICE, MESSAGE_UNKNOWN, 1, 1},
        // Nothing was sent, so even a notice is tried again.
        {"nobody", "unheard", MESSAGE_NOTICE, MESSAGE_FAILED, 5, 0},
        {"tls", "unshaken", MESSAGE_NOTICE, MESSAGE_FAILED, 5, 0},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    int64_t ids[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        ids[i] = queue(r, rows[i].channel, rows[i].class, rows[i].word);
    assert_int_equal(outbox_start(r->outbox), 0);
    for (size_t i = 0; i < ROWS; i++) {
        struct row row = wait_settled(r, ids[i]);
        int requests = aggregator_seen(&r->aggregator, rows[i].word);
        if (row.state != (int)rows[i].state || row.attempts != rows[i].attempts || requests != rows[i].requests)
            fail_msg("%s: state %d after %d attempts, %d requests", rows[i].word, row.state, row.attempts, requests);
        assert_int_equal(row.box_bytes, 0);
    }
}

static void only_an_answer_is_sent_again_when_the_reply_was_lost(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, "test", MESSAGE_ANSWER, "silent");
    assert_int_equal(outbox_start(r->outbox), 0);
    struct row row = wait_settled(r, id);
    assert_int_equal(row.state, MESSAGE_UNKNOWN);
    assert_int_equal(row.attempts, OUTBOX_ATTEMPTS);
    assert_int_equal(aggregator_seen(&r->aggregator, "silent"), OUTBOX_ATTEMPTS);
}

static void a_delivery_report_finds_the_message_by_its_reference(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, "test", MESSAGE_NOTICE, "good");
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_true(wait_settled(r, id).has_reference);
    outbox_stop(r->outbox, 0);
    struct blind key = vault_blind(r->vault, BLIND_MESSAGE, SPAN("test"), SPAN("AT_1"));
    struct store_index reference;
    memcpy(reference.bytes, key.bytes, sizeof reference.bytes);
    assert_int_equal(store_begin(r->door.store), 0);
    int64_t found;
    struct store_report report = {.channel = SPAN("test"), .reference = &reference, .state = MESSAGE_DELIVERED};
    assert_int_equal(store_outbox_report(r->door.store, &report, &found), 0);
    assert_int_equal(found, id);
    assert_int_equal(store_commit(r->door.store), 0);
    assert_int_equal(row_of(r, id).state, MESSAGE_DELIVERED);
    assert_non_null(strstr(r->aggregator.last, "\r\napikey: hidden\r\n"));
    assert_non_null(strstr(r->aggregator.last, "to=%2B12025550100&message=good"));
}

static void too_fast_waits_as_long_as_the_aggregator_says(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, "test", MESSAGE_NOTICE, "slowdown");
    assert_int_equal(outbox_start(r->outbox), 0);
    struct row row = wait_settled(r, id);
    assert_int_equal(row.state, MESSAGE_QUEUED);
    assert_int_equal(row.next_ms, START_MS + 1000);
    atomic_fetch_add(&r->now_ms, 1000);
    outbox_wake(r->outbox);
    row = wait_settled(r, id);
    assert_int_equal(row.state, MESSAGE_SENT);
    assert_int_equal(row.attempts, 1); // it was the aggregator that had no room
}

static void hanging_requests_hold_nothing_else_up(void **state)
{
    struct room *r = *state;
    int64_t hung[4];
    outbox_close(r->outbox);
    open_outbox(r, 0); // they would hang for longer than this test waits
    for (size_t i = 0; i < 4; i++)
        hung[i] = queue(r, "test", MESSAGE_NOTICE, "hang");
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_true(aggregator_wait(&r->aggregator, "hang", 4));
    int64_t good = queue(r, "test", MESSAGE_NOTICE, "good");
    outbox_wake(r->outbox);
    assert_int_equal(wait_settled(r, good).state, MESSAGE_SENT);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(row_of(r, hung[i]).state, MESSAGE_CLAIMED);
}

static void more_messages_than_slots_all_leave_once(void **state)
{
    struct room *r = *state;
    int64_t ids[OUTBOX_IN_FLIGHT + 10];
    for (size_t i = 0; i < OUTBOX_IN_FLIGHT + 10; i++)
        ids[i] = queue(r, "test", MESSAGE_NOTICE, "good");
    assert_int_equal(outbox_start(r->outbox), 0);
    for (size_t i = 0; i < OUTBOX_IN_FLIGHT + 10; i++)
        assert_int_equal(wait_settled(r, ids[i]).state, MESSAGE_SENT);
    assert_int_equal(aggregator_seen(&r->aggregator, "good"), OUTBOX_IN_FLIGHT + 10);
}

static void a_wake_is_enough_to_send_what_was_queued_later(void **state)
{
    struct room *r = *state;
    int64_t first = queue(r, "test", MESSAGE_NOTICE, "good");
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_int_equal(wait_settled(r, first).state, MESSAGE_SENT);
    int64_t second = queue(r, "test", MESSAGE_NOTICE, "good"); // nothing is due now: it would be found in a minute
    outbox_wake(r->outbox);
    assert_int_equal(wait_settled(r, second).state, MESSAGE_SENT);
}

static void a_breaker_lets_messages_wait_for_an_aggregator_that_is_down(void **state)
{
    struct room *r = *state;
    enum { MESSAGES = 20 };
    int64_t ids[MESSAGES];
    outbox_close(r->outbox);
    r->settings.breaker = 1; // failures in a row: what was accepted meanwhile may end between any two of them
    open_outbox(r, 10 * TIMEOUT_MS);
    for (size_t i = 0; i < MESSAGES; i++)
        ids[i] = queue(r, "test", MESSAGE_NOTICE, "down");
    int64_t other = queue(r, "other", MESSAGE_NOTICE, "good");
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_int_equal(wait_settled(r, other).state, MESSAGE_SENT);
    for (size_t i = 0; i < MESSAGES; i++) {
        struct row row = wait_settled(r, ids[i]);
        assert_int_equal(row.state, MESSAGE_SENT);
        assert_in_range(row.attempts, 1, 5); // on a busy machine an attempt may be over before it was answered
    }
    struct outbox_lane_stats lane;
    size_t i = 0;
    while (outbox_stats(r->outbox, i, &lane) && !span_is(lane.channel, "test"))
        i++;
    assert_int_equal(lane.breaker, OUTBOX_CLOSED);
    assert_true(lane.counts[OUTBOX_COUNT_OPENED] >= 1);
    assert_int_equal(lane.counts[OUTBOX_COUNT_ACCEPTED], MESSAGES);
}

static void a_date_in_retry_after_is_read_as_well_as_seconds(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, "test", MESSAGE_NOTICE, "tomorrow");
    assert_int_equal(outbox_start(r->outbox), 0);
    struct row row = wait_settled(r, id);
    assert_int_equal(row.state, MESSAGE_QUEUED);
    assert_int_equal(row.next_ms, START_MS + 86400000); // the year 2099; at most a day of it is believed
}

static int stop_job(void *ctx, struct store *s)
{
    struct store_turn *turn = ctx;
    int rc = store_number_need(s, turn, 1);
    return rc < 0 ? rc : store_contact_set(s, turn, 1);
}

/* STOP from the number of the nth message. */
static void stop_contact(struct room *r, int nth)
{
    struct store_turn turn = turn_of(r, nth);
    assert_int_equal(door_call(&r->door, stop_job, &turn), 0);
}

static void a_stop_before_claiming_means_that_nothing_is_sent(void **state)
{
    struct room *r = *state;
    int64_t notice = queue(r, "test", MESSAGE_NOTICE, "busy"), other = queue(r, "test", MESSAGE_NOTICE, "good");
    stop_contact(r, 0);
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_int_equal(wait_settled(r, other).state, MESSAGE_SENT);
    assert_int_equal(row_of(r, notice).state, MESSAGE_CANCELLED);
    assert_int_equal(aggregator_seen(&r->aggregator, "busy"), 0);
}

static void a_stop_during_an_attempt_means_that_there_is_no_other(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, "test", MESSAGE_ANSWER, "heldbusy");
    outbox_close(r->outbox);
    open_outbox(r, 0);
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_true(aggregator_wait(&r->aggregator, "heldbusy", 1));
    stop_contact(r, 0);
    aggregator_release(&r->aggregator);
    assert_int_equal(wait_settled(r, id).state, MESSAGE_CANCELLED);
    assert_int_equal(aggregator_seen(&r->aggregator, "heldbusy"), 1);
}

static void an_opt_out_that_the_aggregator_tells_stops_contact(void **state)
{
    struct room *r = *state;
    int64_t refused = queue(r, "test", MESSAGE_ANSWER, "optedout");
    r->numbers--; // the same person
    int64_t waiting = queue(r, "gone", MESSAGE_NOTICE, "good"), other = queue(r, "gone", MESSAGE_NOTICE, "good");
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_int_equal(wait_settled(r, refused).state, MESSAGE_FAILED);
    assert_int_equal(row_of(r, waiting).state, MESSAGE_CANCELLED);
    assert_int_equal(row_of(r, waiting).box_bytes, 0);
    assert_int_equal(row_of(r, other).state, MESSAGE_QUEUED);
    assert_true(span_is(r->stopped_by, "test"));
}

static void a_result_that_the_store_refuses_is_kept_until_it_takes_it(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, "test", MESSAGE_NOTICE, "fulldisk");
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_int_equal(wait_settled(r, id).state, MESSAGE_SENT);
    assert_int_equal(atomic_load(&r->door.refusals), 0);
    assert_int_equal(aggregator_seen(&r->aggregator, "fulldisk"), 1);
}

static void a_channel_that_is_gone_makes_its_messages_wait(void **state)
{
    struct room *r = *state;
    int64_t gone = queue(r, "gone", MESSAGE_NOTICE, "good"), good = queue(r, "test", MESSAGE_NOTICE, "good");
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_int_equal(wait_settled(r, good).state, MESSAGE_SENT);
    struct row row = row_of(r, gone);
    assert_int_equal(row.state, MESSAGE_QUEUED);
    assert_int_equal(row.attempts, 0);
    assert_true(row.box_bytes > 0);
}

static void a_private_address_gets_no_connection(void **state)
{
    struct room *r = *state;
    int64_t strict = queue(r, "strict", MESSAGE_NOTICE, "good");
    assert_int_equal(outbox_start(r->outbox), 0);
    struct row row = wait_settled(r, strict);
    assert_int_equal(row.state, MESSAGE_FAILED);
    assert_int_equal(row.attempts, OUTBOX_ATTEMPTS);
    pthread_mutex_lock(&r->aggregator.lock);
    assert_int_equal(r->aggregator.connection_count, 0);
    pthread_mutex_unlock(&r->aggregator.lock);
}

static void what_a_dead_process_had_in_hand_is_recovered(void **state)
{
    struct room *r = *state;
    int64_t notice = queue(r, "test", MESSAGE_NOTICE, "good"), answer = queue(r, "test", MESSAGE_ANSWER, "good");
    struct arena *a = arena_new(65536);
    struct store_claimed claimed;
    struct store_leave leave = {.channel = SPAN("test"), .now_ms = START_MS, .most = 10};
    assert_int_equal(store_begin(r->door.store), 0);
    assert_int_equal(store_outbox_claim(r->door.store, &leave, a, &claimed), 0);
    assert_int_equal(store_commit(r->door.store), 0);
    assert_int_equal(claimed.count, 2);
    arena_free(a);
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_int_equal(wait_settled(r, answer).state, MESSAGE_SENT);
    assert_int_equal(row_of(r, notice).state, MESSAGE_UNKNOWN);
    assert_int_equal(aggregator_seen(&r->aggregator, "good"), 1);
}

static void stopping_lets_requests_under_way_finish(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, "test", MESSAGE_NOTICE, "held");
    outbox_close(r->outbox);
    open_outbox(r, 0);
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_true(aggregator_wait(&r->aggregator, "held", 1));
    int64_t later = queue(r, "test", MESSAGE_NOTICE, "good");
    outbox_stop(r->outbox, 10000);
    assert_int_equal(row_of(r, id).state, MESSAGE_SENT);
    assert_int_equal(row_of(r, later).state, MESSAGE_QUEUED);
}

static void what_outlives_the_grace_is_recorded_as_unknown(void **state)
{
    struct room *r = *state;
    int64_t id = queue(r, "test", MESSAGE_NOTICE, "hang");
    assert_int_equal(outbox_start(r->outbox), 0);
    assert_true(aggregator_wait(&r->aggregator, "hang", 1));
    int64_t before = clock_monotonic_ms();
    outbox_stop(r->outbox, 10);
    assert_true(clock_monotonic_ms() - before < TIMEOUT_MS);
    assert_int_equal(row_of(r, id).state, MESSAGE_UNKNOWN);
}

static void the_log_names_channel_and_status_and_nothing_of_the_message(void **state)
{
    struct room *r = *state;
    static const char *const secrets[] = {"2025550", "555", "optedout", "127.0.0.1", "/send", "hidden"};
    struct str text = STR_INIT(65536);
    int64_t id = queue(r, "test", MESSAGE_NOTICE, "optedout");
    int kept = dup(STDERR_FILENO), file = open(in_folder(r, "log"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    dup2(file, STDERR_FILENO);
    int started = outbox_start(r->outbox);
    struct row row = wait_settled(r, id);
    dup2(kept, STDERR_FILENO);
    close(file);
    close(kept);
    assert_int_equal(started, 0);
    assert_int_equal(row.state, MESSAGE_FAILED);
    assert_int_equal(file_read(in_folder(r, "log"), &text), 0);
    assert_non_null(strstr(str_z(&text), "channel=test outcome=opted out status=406 attempt=1"));
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        assert_null(strstr(str_z(&text), secrets[i]));
    str_release(&text);
}

static void opening_survives_every_failing_allocation(void **state)
{
    struct room *r = *state;
    struct outbox_parts parts = {.channels = r->channels, .vault = r->vault};
    struct outbox *o = NULL;
    outbox_close(r->outbox);
    int rc = ERR_NOMEM, nth = 0;
    for (; rc == ERR_NOMEM; nth++) {
        mem_fail_after(nth);
        rc = outbox_open(&parts, &o);
        mem_fail_after(-1);
    }
    assert_int_equal(rc, 0);
    assert_true(nth > 100);
    outbox_close(o);
    open_outbox(r, TIMEOUT_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_end_of_an_attempt_is_recorded_as_what_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(only_an_answer_is_sent_again_when_the_reply_was_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(a_delivery_report_finds_the_message_by_its_reference, setup, teardown),
        cmocka_unit_test_setup_teardown(too_fast_waits_as_long_as_the_aggregator_says, setup, teardown),
        cmocka_unit_test_setup_teardown(a_breaker_lets_messages_wait_for_an_aggregator_that_is_down, setup, teardown),
        cmocka_unit_test_setup_teardown(a_date_in_retry_after_is_read_as_well_as_seconds, setup, teardown),
        cmocka_unit_test_setup_teardown(hanging_requests_hold_nothing_else_up, setup, teardown),
        cmocka_unit_test_setup_teardown(more_messages_than_slots_all_leave_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wake_is_enough_to_send_what_was_queued_later, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stop_before_claiming_means_that_nothing_is_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stop_during_an_attempt_means_that_there_is_no_other, setup, teardown),
        cmocka_unit_test_setup_teardown(an_opt_out_that_the_aggregator_tells_stops_contact, setup, teardown),
        cmocka_unit_test_setup_teardown(a_result_that_the_store_refuses_is_kept_until_it_takes_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_channel_that_is_gone_makes_its_messages_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(a_private_address_gets_no_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_dead_process_had_in_hand_is_recovered, setup, teardown),
        cmocka_unit_test_setup_teardown(stopping_lets_requests_under_way_finish, setup, teardown),
        cmocka_unit_test_setup_teardown(what_outlives_the_grace_is_recorded_as_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(the_log_names_channel_and_status_and_nothing_of_the_message, setup, teardown),
        cmocka_unit_test_setup_teardown(opening_survives_every_failing_allocation, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
