// SPDX-License-Identifier: AGPL-3.0-or-later
/* Stops that are taken in while the master key is not there, where memory fails and where a power cut tore a record. */
#include "gateway/intake.h"

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "dialogue_phone.h"
#include "vault_fixture.h"

#include <stdlib.h>
#include <string.h>

static const char menus[] = "start top\ntrigger gone\n  words en STOP\n"
                            "screen top\n  say Hello.\n  option 1 Call -> yes\n  option 2 End -> end\n"
                            "consent yes\n  version 1\n  say We call you.\n  agree 1 Yes -> top\n  refuse 2 No -> top\n"
                            "screen gone\n  withdraw yes\n  say Stopped.\n  -> end\n";

static const struct settings settings = {.parts_answer = 3, .sms_channel = {"africastalking-sms", 18}};

struct house {
    char dir[64], journal[96];
    struct vault *v;
    struct program *p;
    struct channel_set *channels;
    struct intake *intake;
    struct arena *arena;
    enum turn_outcome last; /* what became of the last turn */
};

static void open_intake(struct house *h)
{
    const struct intake_parts parts = {
        .data = h->dir, .program = h->p, .channels = h->channels, .settings = &settings, .clock = clock_system()};
    assert_int_equal(intake_open(&parts, &h->intake), 0);
}

static int setup(void **state)
{
    struct house *h = mem_calloc(1, sizeof *h);
    struct diags *d = diags_new();
    log_threshold(LOG_ERROR + 1);
    snprintf(h->dir, sizeof h->dir, "%s/waymark-intake-XXXXXX", P_tmpdir);
    assert_non_null(mkdtemp(h->dir));
    snprintf(h->journal, sizeof h->journal, "%s/intake.journal", h->dir);
    h->v = fresh_vault();
    h->arena = arena_new(1 << 22);
    h->p = phone_menus(menus);
    assert_int_equal(channel_set_load("config/channels", &settings, d, &h->channels), 0);
    assert_int_equal(intake_prepare(h->v, h->dir), 0);
    diags_free(d);
    open_intake(h);
    *state = h;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"waymark.db", "waymark.lock", "intake.key", "intake.journal"};
    struct house *h = *state;
    char path[128];
    intake_close(h->intake);
    channel_set_free(h->channels);
    program_free(h->p);
    vault_close(h->v);
    arena_free(h->arena);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", h->dir, names[i]);
        unlink(path);
    }
    rmdir(h->dir);
    mem_free(h);
    return 0;
}

static void done(void *sink, struct turn *first)
{
    *(enum turn_outcome *)sink = first->outcome;
}

/* A text from person `n`. */
static void text(struct house *h, int n, const char *words)
{
    struct turn turn = {.channel = channel_set_get(h->channels, settings.sms_channel),
                        .arena = h->arena,
                        .done = done,
                        .sink = &h->last};
    struct turn *list = &turn;
    turn.in = (struct inbound){.kind = INBOUND_TURN, .medium = MEDIUM_SMS, .text = span_of(words)};
    snprintf(turn.in.from.digits, sizeof turn.in.from.digits, "120255501%02d", n);
    intake_submit(h->intake, &list, 1);
    arena_reset(h->arena);
}

/* How many the journal holds, once the key is there: -1 where it cannot be read. */
static int64_t applied(struct house *h)
{
    struct store *s;
    int64_t count;
    intake_close(h->intake);
    h->intake = NULL;
    assert_int_equal(store_open(h->dir, &s), 0);
    int rc = intake_apply(h->v, s, h->dir, 1, &count);
    store_close(s);
    return rc < 0 ? -1 : count;
}

static void test_a_stop_without_memory_is_refused_and_leaves_nothing_behind(void **state)
{
    struct house *h = *state;
    long nth = 0;
    for (bool refused = true; refused; nth++) {
        mem_fail_after(nth);
        text(h, 1, "STOP");
        mem_fail_after(-1);
        refused = h->last != TURN_ACCEPTED;
        text(h, 2, "STOP");
        assert_int_equal(h->last, TURN_ACCEPTED);
    }
    assert_true(nth > 3); // some of them did fail
    int64_t taken = (int64_t)intake_taken(h->intake);
    assert_true(taken > nth);
    assert_int_equal(applied(h), taken);
}

/* A new master key, or what a disk made of the file. */
static void test_a_key_that_is_of_no_use_is_made_anew(void **state)
{
    struct house *h = *state;
    char path[96];
    struct str file = STR_INIT(1024), again = STR_INIT(1024);
    snprintf(path, sizeof path, "%s/intake.key", h->dir);
    assert_int_equal(file_read(path, &file), 0);
    assert_int_equal(intake_prepare(h->v, h->dir), 0);
    assert_int_equal(file_read(path, &again), 0);
    assert_true(span_eq(str_span(&file), str_span(&again))); // that one was
    for (size_t at = 0; at <= file.len; at += file.len / 4) {
        intake_close(h->intake);
        struct span bent = span_first(str_span(&file), at ? file.len : 5);
        file.p[at % file.len] ^= 1;
        assert_int_equal(file_write(path, bent, 0600), 0);
        file.p[at % file.len] ^= 1;
        assert_int_equal(intake_prepare(h->v, h->dir), 0);
        open_intake(h);
        text(h, 1, "STOP");
        assert_int_equal(applied(h), 1);
        open_intake(h);
    }
    vault_close(h->v);
    h->v = fresh_vault();
    assert_int_equal(intake_prepare(h->v, h->dir), 0);
    intake_close(h->intake);
    open_intake(h);
    text(h, 1, "STOP");
    assert_int_equal(applied(h), 1);
    str_release(&file);
    str_release(&again);
}

static void tear(struct house *h, struct span piece)
{
    struct str file = STR_INIT(1 << 20);
    assert_int_equal(file_read(h->journal, &file), 0);
    str_add(&file, piece);
    assert_int_equal(file_write(h->journal, str_span(&file), 0600), 0);
    str_release(&file);
}

/* The service waits once more for its key after the power cut, and more people stop. */
static void stops_behind(struct house *h, struct span piece)
{
    text(h, 1, "STOP");
    intake_close(h->intake);
    tear(h, piece);
    open_intake(h);
    text(h, 2, "STOP");
    assert_int_equal(h->last, TURN_ACCEPTED);
    assert_int_equal(applied(h), 2);
}

static void test_a_stop_after_a_torn_record_is_not_lost(void **state)
{
    stops_behind(*state, SPAN("\x40\x01\0\0half"));
}

static void test_a_stop_after_half_a_length_is_not_lost(void **state)
{
    stops_behind(*state, SPAN("\x40\x01"));
}

static void test_a_stop_after_zeros_is_not_lost(void **state)
{
    stops_behind(*state, SPAN("\0\0\0\0\0\0\0\0\0\0\0\0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_stop_without_memory_is_refused_and_leaves_nothing_behind, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_key_that_is_of_no_use_is_made_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_stop_after_a_torn_record_is_not_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_stop_after_half_a_length_is_not_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_stop_after_zeros_is_not_lost, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
