// SPDX-License-Identifier: AGPL-3.0-or-later
/* STOP against sending, in as many orders as chance gives: the real store, the real outbox with libcurl, and a receiver
 * that judges each message as it arrives.
 *
 * Drivers go through people one after another. For each they draw from the seed when messages are prepared, when they
 * are queued, when STOP is committed, when START is, and what the receiver answers. The door writes down in which order
 * claims, stops and starts were committed. What arrives must have been claimed before the stop that ended its epoch; a
 * notice, besides, not while its number was stopped. A message that was prepared before a stop and is queued behind it
 * is one that only the epoch's check at claiming can keep back.
 *
 * 3,000 people; WAYMARK_TORTURE=1: 100,000. WAYMARK_SEED=N draws otherwise.
 */
#include "outbox_fixture.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "vault/outbound.h"

#include <dirent.h>
#include <sched.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    SHORT = 3000,
    LONG = 100000,
    NUMBERS = 80000, /* of 800 areas; then they are used again */
    EPOCHS = 8,      /* of one number at most */
    MESSAGES = 4,    /* of one person at most */
    CHANNELS = 4,
    DRIVERS = 3,
    RECEIVERS = 8,
    WAITING_MAX = 40, /* messages that wait or are under way, so that the outbox keeps pace with the drivers */
    START_MS = 1700000000,
};

/* ---- the book ---- */

/* When things were committed, counted by the door; 0: not yet. */
struct person {
    int64_t ended[EPOCHS];                    /* its epoch, by STOP */
    int64_t stopped[EPOCHS], started[EPOCHS]; /* the stop that began each epoch, and the start that lifted it */
};

struct message_note {
    int number;
    int epoch; /* under which it was prepared */
    enum message_class class;
    int64_t row, claimed; /* the last claim */
};

struct book {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct store *store;
    sqlite3 *reader;
    sqlite3_stmt *in_hand, *to_send;       /* rows that are claimed; how many wait or are */
    int64_t order;                         /* of the last commit that counts */
    int64_t held[OUTBOX_IN_FLIGHT * 2][2]; /* row and attempt of what was claimed when last looked at */
    size_t held_count;
    struct message_note *notes; /* by their number in the text */
    int *note_of;               /* by row */
    int note_count, waiting;
    struct person *people;
    int arrived, before_stop, under_way, violations;
};

struct world {
    struct book book;
    char folder[64];
    struct vault *vault;
    struct settings settings;
    struct channel_set *channels;
    struct outbox *outbox;
    int listener, port, people;
    uint64_t seed;
    atomic_int next;
    pthread_t drivers[DRIVERS], receivers[RECEIVERS];
};

/* splitmix64: each draw depends on the seed and its own place alone, not on who came first. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static int below(uint64_t *state, int most)
{
    return (int)(draw(state) % (uint64_t)most);
}

/* ---- the door ---- */

static bool was_held(const struct book *b, int64_t row, int64_t attempt)
{
    for (size_t i = 0; i < b->held_count; i++)
        if (b->held[i][0] == row && b->held[i][1] == attempt)
            return true;
    return false;
}

/* What is claimed now and was not before has been claimed by the transaction that just ended. */
static void note_claims(struct book *b)
{
    int64_t now[OUTBOX_IN_FLIGHT * 2][2];
    size_t count = 0;
    sqlite3_reset(b->in_hand);
    while (sqlite3_step(b->in_hand) == SQLITE_ROW) {
        if (count == sizeof now / sizeof now[0])
            abort();
        now[count][0] = sqlite3_column_int64(b->in_hand, 0);
        now[count][1] = sqlite3_column_int64(b->in_hand, 1);
        if (!was_held(b, now[count][0], now[count][1]))
            b->notes[b->note_of[now[count][0]]].claimed = ++b->order;
        count++;
    }
    sqlite3_reset(b->in_hand);
    memcpy(b->held, now, sizeof now);
    b->held_count = count;
}

static int number_of(sqlite3_stmt *st)
{
    int number = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int(st, 0) : -1;
    sqlite3_reset(st);
    return number;
}

static int transaction(struct book *b, int (*fn)(void *ctx, struct store *s), void *job)
{
    int rc = store_begin(b->store);
    if (rc == 0)
        rc = fn(job, b->store);
    if (rc == 0)
        rc = store_commit(b->store);
    else
        store_rollback(b->store);
    return rc;
}

static int door(void *ctx, int (*fn)(void *ctx, struct store *s), void *job)
{
    struct book *b = ctx;
    pthread_mutex_lock(&b->lock);
    int rc = transaction(b, fn, job);
    note_claims(b);
    b->waiting = number_of(b->to_send);
    if (store_rest(b->store, false) < 0)
        abort();
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    return rc;
}

/* ---- the receiver ---- */

/* Its epoch was over when it was claimed, or its number stopped. */
static bool violates(const struct book *b, const struct message_note *m)
{
    const struct person *p = &b->people[m->number];
    int64_t ended = p->ended[m->epoch];
    if (m->class == MESSAGE_CONFIRM)
        return false;
    if (ended && m->claimed > ended)
        return true;
    for (int e = 0; e < EPOCHS && m->class == MESSAGE_NOTICE; e++)
        if (p->stopped[e] && m->claimed > p->stopped[e] && (!p->started[e] || m->claimed < p->started[e]))
            return true;
    return false;
}

static void judge(struct book *b, const char *text)
{
    int64_t note;
    if (span_int(span_of(text), &note) < 0 || note < 0)
        abort();
    pthread_mutex_lock(&b->lock);
    if (note >= b->note_count)
        abort();
    const struct message_note *m = &b->notes[note];
    int64_t ended = b->people[m->number].ended[m->epoch];
    b->arrived++;
    b->before_stop += !ended;
    b->under_way += ended && m->claimed < ended;
    if (!m->claimed || violates(b, m)) {
        if (b->violations++ < 10)
            print_error("message %d of class %d, epoch %d: claimed at %lld, its epoch ended at %lld\n", (int)note,
                        (int)m->class, m->epoch, (long long)m->claimed, (long long)ended);
    }
    pthread_mutex_unlock(&b->lock);
}

/* Mostly good; sometimes not now, sometimes no answer at all. */
static void answer(int fd, uint64_t *dice)
{
    int which = below(dice, 20);
    if (below(dice, 4) == 0)
        closed_within(fd, below(dice, 3)); // an answer that takes its time: more happens meanwhile
    if (which < 3)
        say(fd, EMPTY("500 Internal Server Error", ""));
    else if (which < 4)
        say(fd, EMPTY("429 Too Many Requests", ""));
    else if (which > 4)
        say(fd, ACCEPTED);
}

static void *receive(void *arg)
{
    struct world *w = arg;
    char request[REQUEST_MAX];
    int fd;
    uint64_t dice = w->seed ^ (uint64_t)(uintptr_t)&request;
    while ((fd = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        const char *at = request_read(fd, request) ? strstr(request + body_begin(request), "message=") : NULL;
        if (at) {
            judge(&w->book, at + strlen("message="));
            answer(fd, &dice);
        }
        close(fd);
    }
    return NULL;
}

/* ---- the drivers ---- */

static struct msisdn digits_of(int number)
{
    struct msisdn to = {{0}};
    snprintf(to.digits, sizeof to.digits, "1%03u55501%02u", 200 + (unsigned)number / 100 % 800, (unsigned)number % 100);
    return to;
}

/* What a turn knows of the number that it is about. */
struct prepared {
    struct world *w;
    int number;
    struct store_turn turn;
    enum message_class class;
    bool stop;
};

static int prepare_job(void *ctx, struct store *s)
{
    struct prepared *p = ctx;
    return store_number_need(s, &p->turn, 1);
}

static struct prepared prepare(struct world *w, int number)
{
    struct msisdn to = digits_of(number);
    struct prepared p = {.w = w, .number = number};
    struct blind key = vault_blind_number(w->vault, &to);
    memcpy(p.turn.number_key.bytes, key.bytes, sizeof key.bytes);
    if (door(&w->book, prepare_job, &p) < 0)
        abort();
    return p;
}

static int queue_row(struct prepared *p, struct store *s)
{
    struct book *b = &p->w->book;
    struct msisdn to = digits_of(p->number);
    struct str box = STR_INIT(4096);
    char text[32], channel[8];
    int note = b->note_count++;
    snprintf(text, sizeof text, "%d", note);
    snprintf(channel, sizeof channel, "c%d", p->number % CHANNELS);
    int64_t row = 0;
    struct store_message m = {.channel = span_of(channel), .class = p->class, .due_ms = START_MS};
    struct outbound_row bound = {.class = p->class, .epoch = p->turn.epoch};
    vault_random(NULL, m.key, sizeof m.key);
    memcpy(bound.key, m.key, sizeof bound.key);
    int rc = outbound_box(p->w->vault, &bound, &to, span_of(text), &box);
    m.box = str_span(&box);
    if (rc == 0)
        rc = store_outbox_add(s, &p->turn, &m, &row);
    str_release(&box);
    b->notes[note] =
        (struct message_note){.number = p->number, .epoch = (int)p->turn.epoch, .class = p->class, .row = row};
    b->note_of[row] = note;
    return rc;
}

static int queue_job(void *ctx, struct store *s)
{
    return queue_row(ctx, s);
}

static void queue(struct prepared *p, enum message_class class)
{
    p->class = class;
    if (door(&p->w->book, queue_job, p) < 0)
        abort();
    outbox_wake(p->w->outbox);
}

/* A START lifts whatever stops there were. */
static void note_contact(struct person *person, int64_t before, const struct prepared *p, int64_t order)
{
    if (p->stop)
        person->ended[before] = person->stopped[p->turn.epoch] = order;
    for (int e = 0; e < EPOCHS && !p->stop; e++)
        if (person->stopped[e] && !person->started[e])
            person->started[e] = order;
}

/* STOP with its confirmation, or START: what the gateway does in one transaction. */
static int contact_job(void *ctx, struct store *s)
{
    struct prepared *p = ctx;
    struct book *b = &p->w->book;
    int rc = store_number_need(s, &p->turn, 1);
    int64_t epoch = p->turn.epoch;
    if (rc == 0)
        rc = store_contact_set(s, &p->turn, p->stop ? 1 : 0);
    if (rc < 0 || p->turn.epoch >= EPOCHS)
        abort();
    note_contact(&b->people[p->number], epoch, p, ++b->order);
    p->class = MESSAGE_CONFIRM;
    return p->stop ? queue_row(p, s) : 0;
}

static void contact(struct world *w, int number, bool stop)
{
    struct prepared p = prepare(w, number);
    p.stop = stop;
    if (door(&w->book, contact_job, &p) < 0)
        abort();
    outbox_wake(w->outbox);
}

/* Another order of things, not a wait for one. */
static void dawdle(uint64_t *dice)
{
    struct timespec t = {.tv_nsec = below(dice, 4) ? below(dice, 200) * 1000 : below(dice, 2000) * 1000};
    if (below(dice, 3))
        nanosleep(&t, NULL);
    else
        sched_yield();
}

static void keep_pace(struct book *b)
{
    pthread_mutex_lock(&b->lock);
    while (b->waiting > WAITING_MAX)
        pthread_cond_wait(&b->changed, &b->lock);
    pthread_mutex_unlock(&b->lock);
}

/* One person: some messages, of which some are queued late, a STOP somewhere among them, perhaps a START. */
static void interleave(struct world *w, int person)
{
    uint64_t dice = w->seed + (uint64_t)person * UINT64_C(0xD1342543DE82EF95);
    int number = person % NUMBERS, count = 1 + below(&dice, MESSAGES), stop = below(&dice, count + 1), late = 0;
    struct prepared kept[MESSAGES];
    for (int i = 0; i <= count; i++) {
        if (i == stop)
            contact(w, number, true);
        dawdle(&dice);
        if (i == count)
            break;
        kept[late] = prepare(w, number);
        if (below(&dice, 3) == 0)
            late++; // it is queued behind what comes next
        else
            queue(&kept[late], below(&dice, 2) ? MESSAGE_NOTICE : MESSAGE_ANSWER);
        dawdle(&dice);
    }
    while (late--)
        queue(&kept[late], below(&dice, 2) ? MESSAGE_NOTICE : MESSAGE_ANSWER);
    dawdle(&dice);
    if (person >= NUMBERS || below(&dice, 2)) // who is used again has an ordinary life before it
        contact(w, number, false);
}

static void *drive(void *arg)
{
    struct world *w = arg;
    int person;
    while ((person = atomic_fetch_add(&w->next, 1)) < w->people) {
        keep_pace(&w->book);
        interleave(w, person);
    }
    return NULL;
}

/* ---- the world ---- */

static int64_t stand_still(void *ctx)
{
    (void)ctx;
    return START_MS;
}

static void draw_nothing(void *ctx, void *bytes, size_t len)
{
    (void)ctx;
    memset(bytes, 0, len); // what is tried again is due at once
}

static const char *in_folder(const struct world *w, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", w->folder, name);
    return path;
}

static void write_channels(const struct world *w)
{
    for (int i = 0; i < CHANNELS; i++) {
        char name[32];
        struct str text = STR_INIT(4096);
        str_addf(&text,
                 "title T\nmedium sms\nreceive POST form\nfield id from form id\nfield from from form from\n"
                 "field text from form text\nrepeat id\nallow private\nsend POST http://127.0.0.1:%d/send\n"
                 "send-form message {text}\nsend-ok json SMSMessageData.Recipients[0].status = Success\n",
                 w->port);
        snprintf(name, sizeof name, "c%d.channel", i);
        assert_int_equal(file_write(in_folder(w, name), str_span(&text), 0600), 0);
        str_release(&text);
    }
}

static void open_book(struct world *w)
{
    struct book *b = &w->book;
    size_t rows = (size_t)w->people * (MESSAGES + 1) + 16;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    b->notes = mem_calloc(rows, sizeof *b->notes);
    b->note_of = mem_calloc(rows, sizeof *b->note_of);
    b->people = mem_calloc(NUMBERS, sizeof *b->people);
    assert_true(b->notes && b->note_of && b->people);
    assert_int_equal(store_open(w->folder, &b->store), 0);
    assert_int_equal(sqlite3_open_v2(in_folder(w, "waymark.db"), &b->reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(b->reader, "SELECT id, attempts FROM outbox WHERE state = 1", -1, &b->in_hand, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(b->reader,
                                        "SELECT (SELECT count(*) FROM outbox WHERE state = 0) + "
                                        "(SELECT count(*) FROM outbox WHERE state = 1)",
                                        -1, &b->to_send, NULL),
                     SQLITE_OK);
}

static void open_world(struct world *w)
{
    const char *seed = getenv("WAYMARK_SEED");
    memset(w, 0, sizeof *w);
    w->people = getenv("WAYMARK_TORTURE") ? LONG : SHORT;
    w->seed = seed ? strtoull(seed, NULL, 10) : 1;
    snprintf(w->folder, sizeof w->folder, "%s/waymark-interleave-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir);
    assert_non_null(mkdtemp(w->folder));
    w->listener = bound_socket(&w->port);
    assert_int_equal(listen(w->listener, 256), 0);
    write_channels(w);
    struct diags *d = diags_new();
    assert_int_equal(channel_set_load(w->folder, &w->settings, d, &w->channels), 0);
    diags_free(d);
    assert_int_equal(vault_open(in_folder(w, "master"), true, &w->vault), 0);
    open_book(w);
    struct outbox_parts parts = {.channels = w->channels,
                                 .settings = &w->settings,
                                 .vault = w->vault,
                                 .door = {.call = door, .door = &w->book},
                                 .clock = {.now_ms = stand_still},
                                 .entropy = {.fill = draw_nothing}};
    assert_int_equal(outbox_open(&parts, &w->outbox), 0);
    assert_int_equal(outbox_start(w->outbox), 0);
}

static void close_world(struct world *w)
{
    outbox_stop(w->outbox, 10000);
    outbox_close(w->outbox);
    shutdown(w->listener, SHUT_RDWR);
    for (int i = 0; i < RECEIVERS; i++)
        pthread_join(w->receivers[i], NULL);
    close(w->listener);
    sqlite3_finalize(w->book.in_hand);
    sqlite3_finalize(w->book.to_send);
    sqlite3_close(w->book.reader);
    store_close(w->book.store);
    vault_close(w->vault);
    channel_set_free(w->channels);
    mem_free(w->book.notes);
    mem_free(w->book.note_of);
    mem_free(w->book.people);
    DIR *d = opendir(w->folder);
    for (struct dirent *e; (e = readdir(d));)
        unlink(in_folder(w, e->d_name));
    closedir(d);
    assert_int_equal(rmdir(w->folder), 0);
}

static int count_of(struct world *w, const char *sql)
{
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(w->book.reader, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int count = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    return count;
}

/* ---- the test ---- */

static void nothing_that_was_not_claimed_before_a_stop_arrives_after_it(void **state)
{
    (void)state;
    struct world w;
    log_threshold(LOG_ERROR); // a warning for each refusal would be many
    open_world(&w);
    for (int i = 0; i < RECEIVERS; i++)
        assert_int_equal(pthread_create(&w.receivers[i], NULL, receive, &w), 0);
    for (int i = 0; i < DRIVERS; i++)
        assert_int_equal(pthread_create(&w.drivers[i], NULL, drive, &w), 0);
    for (int i = 0; i < DRIVERS; i++)
        pthread_join(w.drivers[i], NULL);
    pthread_mutex_lock(&w.book.lock);
    while (w.book.waiting)
        pthread_cond_wait(&w.book.changed, &w.book.lock);
    pthread_mutex_unlock(&w.book.lock);
    int cancelled = count_of(&w, "SELECT count(*) FROM outbox WHERE state = 6");
    int twice = count_of(&w, "SELECT count(*) FROM outbox WHERE attempts > 1");
    print_message(
        "%d people, %d messages: %d arrivals, %d of them before a stop, %d that were under way; %d cancelled, "
        "%d tried again\n",
        w.people, w.book.note_count, w.book.arrived, w.book.before_stop, w.book.under_way, cancelled, twice);
    assert_int_equal(w.book.violations, 0);
    // Chance gave all kinds of order, or this would prove nothing.
    assert_true(w.book.before_stop > w.people / 4 && w.book.under_way > w.people / 50);
    assert_true(cancelled > w.people / 4 && twice > w.people / 20);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_that_was_not_claimed_before_a_stop_arrives_after_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
