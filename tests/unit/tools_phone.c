// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/phone.h"

#include "base/file.h"
#include "base/mem.h"
#include "config/config.h"
#include "menu/menu.h"
#include "tools/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
    struct settings settings;
    struct program *program;
};

static int setup(void **state)
{
    struct fixture *f = mem_calloc(1, sizeof *f);
    struct diags *d = diags_new();
    f->arena = arena_new(1 << 22);
    config_load("tests/menus/example/waymark.conf", f->arena, d, &f->settings);
    struct menu_input in = {.settings = &f->settings, .start = "tests/menus/example/main.menu", .locales = "locales"};
    int rc = menu_load(&in, d, &f->program);
    diags_free(d);
    *state = f;
    return rc;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    program_free(f->program);
    arena_free(f->arena);
    mem_free(f);
    return 0;
}

static int64_t noon(void *ctx)
{
    (void)ctx;
    return 1776160800000; // 14 April 2026, 10:00 UTC
}

static void count_up(void *ctx, void *bytes, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)(i * 37 + 11);
}

/* Types the lines on a phone; what it showed is in `shown`. */
static void type(struct fixture *f, const char *lines, char *shown, size_t size)
{
    memset(shown, 0, size);
    FILE *in = fmemopen((void *)(uintptr_t)lines, strlen(lines), "r"), *out = fmemopen(shown, size - 1, "w");
    struct phone_parts parts = {.program = f->program,
                                .ussd = {.medium = MEDIUM_USSD, .septets = 182, .units = 80},
                                .sms = {.medium = MEDIUM_SMS, .septets = 459, .units = 201},
                                .clock = {.now_ms = noon},
                                .entropy = {.fill = count_up},
                                .in = in,
                                .out = out};
    assert_int_equal(phone_run(&parts), 0);
    fclose(in);
    fclose(out);
}

static void what_was_saved_is_a_transcript_that_holds(void **state)
{
    struct fixture *f = *state;
    char shown[65536], script[512], file[] = P_tmpdir "/waymark-phone-XXXXXX";
    close(mkstemp(file));
    unlink(file);
    snprintf(script, sizeof script,
             "*123#\n1\n2\n98\n1\n1\ntwenty\n24\nGhana\n2\n2\nMon after 18\n:sms STOP\n:save %s A talk\n", file);
    type(f, script, shown, sizeof shown);
    assert_non_null(strstr(shown, "Saved."));
    struct str bytes = STR_INIT(1 << 20);
    assert_int_equal(file_read(file, &bytes), 0);
    assert_null(strstr(str_z(&bytes), "request number is G")); // the reference is written as {ref}
    assert_non_null(strstr(str_z(&bytes), "{ref}"));
    struct diags *d = diags_new();
    struct talk_report report = {0};
    assert_int_equal(talk_run(f->program, file, str_span(&bytes), d, &report), 0);
    assert_int_equal(report.talks, 1);
    assert_int_equal(report.failed, 0);
    assert_int_equal(report.typed, 13);
    type(f, script, shown, sizeof shown); // a file that is there is not written over
    assert_non_null(strstr(shown, "Not saved (already there)"));
    diags_free(d);
    str_release(&bytes);
    unlink(file);
}

static void a_slip_on_the_phone_is_answered(void **state)
{
    static const struct {
        const char *typed, *shown;
    } rows[] = {
        {"1\n", "No call is under way"},
        {":sav x\n", ":save"},
        {":at tomorrow\n", ":at takes a date"},
        {":language xx\n", ":language takes"},
        {":save\n", "Not saved"},
        {":help\n", ":drop"},
        {"*123#\n", "screen language (tests/menus/example/main.menu:"},
        {"*123#\n1\n:drop\n", "cut off"},
    };
    struct fixture *f = *state;
    char shown[65536];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        type(f, rows[i].typed, shown, sizeof shown);
        if (!strstr(shown, rows[i].shown))
            fail_msg("typed %s shown %s", rows[i].typed, shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_saved_is_a_transcript_that_holds, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slip_on_the_phone_is_answered, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
