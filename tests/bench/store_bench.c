// SPDX-License-Identifier: AGPL-3.0-or-later
/* store_bench - turns a second through store/ alone: load, one turn, one session, commit.
 *
 *     store_bench DIR [SESSIONS [TURNS]]
 *
 * DIR must not exist. Makes SESSIONS sessions (100,000), measures batches of 1, 8, 64 and 512 over random sessions,
 * adds turns until there are TURNS (1,000,000), measures again, and then how long opening takes. One line a figure.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "store/store.h"

#include <inttypes.h>

enum { BATCH_MOST = 512, STATE_BYTES = 450, BOX_BYTES = 350, NOW_S = 1000, DAY = 20000 };

struct bench {
    struct store *store;
    struct arena *arena;
    uint64_t random;
    int64_t turns, sessions;
};

static uint64_t mix(uint64_t x) // splitmix64 (Steele, Lea, Flood 2014)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static struct store_index key_of(uint64_t kind, uint64_t n)
{
    struct store_index key;
    uint64_t halves[2] = {mix(n * 4 + kind), mix(n ^ 0x5bd1e995u)};
    memcpy(key.bytes, halves, sizeof key.bytes);
    return key;
}

static void must(int rc, const char *what)
{
    if (rc == 0)
        return;
    fprintf(stderr, "store_bench: %s: %s\n", what, err_text(rc));
    exit(1);
}

static void batch(struct bench *b, const uint64_t *who, size_t count)
{
    static const char zeros[STATE_BYTES];
    struct store_turn turns[BATCH_MOST] = {0};
    for (size_t i = 0; i < count; i++) {
        turns[i].session_key = key_of(0, who[i]);
        turns[i].number_key = key_of(1, who[i]);
        turns[i].caller_key = key_of(2, who[i]);
    }
    must(store_begin(b->store), "begin");
    must(store_load(b->store, turns, count, NOW_S, b->arena), "load");
    for (size_t i = 0; i < count; i++) {
        struct store_step step = {.expires_s = NOW_S + 180 + b->turns, .day = DAY, .number = 1 + b->turns % 8};
        step.state_box = (struct span){zeros, STATE_BYTES};
        step.box = (struct span){zeros, BOX_BYTES};
        must(store_session_put(b->store, &turns[i], &step), "session");
        b->turns++;
    }
    must(store_commit(b->store), "commit");
    must(store_rest(b->store, false), "rest");
    arena_reset(b->arena);
}

static void run(struct bench *b, size_t count, int64_t total)
{
    uint64_t who[BATCH_MOST];
    for (int64_t done = 0; done < total; done += (int64_t)count) {
        for (size_t i = 0; i < count; i++)
            who[i] = mix(b->random++) % (uint64_t)b->sessions;
        batch(b, who, count);
    }
}

static void fill_sessions(struct bench *b)
{
    uint64_t who[BATCH_MOST];
    int64_t start = clock_monotonic_ms();
    for (uint64_t n = 0; n < (uint64_t)b->sessions;) {
        size_t count = 0;
        while (count < BATCH_MOST && n < (uint64_t)b->sessions)
            who[count++] = n++;
        batch(b, who, count);
    }
    int64_t took = clock_monotonic_ms() - start;
    printf("new sessions, batch 512: %" PRId64 " a second\n", b->sessions * 1000 / (took ? took : 1));
}

static void measure(struct bench *b)
{
    static const size_t sizes[] = {1, 8, 64, 512};
    static const int64_t totals[] = {10000, 40000, 100000, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int64_t before = b->turns, start = clock_monotonic_ms();
        clock_t busy = clock();
        run(b, sizes[i], totals[i]);
        int64_t took = clock_monotonic_ms() - start;
        double busy_us = (double)(clock() - busy) * 1e6 / CLOCKS_PER_SEC / (double)(b->turns - before);
        printf("%8" PRId64 " turns stored, batch %3zu: %6" PRId64 " turns a second, %5.1f us of processor a turn\n",
               before, sizes[i], (b->turns - before) * 1000 / (took ? took : 1), busy_us);
    }
}

int main(int argc, char **argv)
{
    int64_t sessions = 100000, turns = 1000000;
    if (argc < 2 || (argc > 2 && span_int(span_of(argv[2]), &sessions)) ||
        (argc > 3 && span_int(span_of(argv[3]), &turns))) {
        fprintf(stderr, "usage: store_bench DIR [SESSIONS [TURNS]]\n");
        return 2;
    }
    struct bench b = {.arena = arena_new(16 << 20), .sessions = sessions};
    must(store_open(argv[1], &b.store), "open");
    fill_sessions(&b);
    measure(&b);
    if (b.turns < turns)
        run(&b, BATCH_MOST, turns - b.turns);
    measure(&b);
    store_close(b.store);
    int64_t start = clock_monotonic_ms();
    must(store_open(argv[1], &b.store), "open");
    printf("open: %" PRId64 " ms\n", clock_monotonic_ms() - start);
    store_close(b.store);
    arena_free(b.arena);
    return 0;
}
