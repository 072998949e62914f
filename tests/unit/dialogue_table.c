// SPDX-License-Identifier: AGPL-3.0-or-later
/* Directories as people meet them: found by any of their words, one row a line, withheld past their date. */
#include "dialogue_phone.h"

static struct program *program;

static int load(void **state)
{
    (void)state;
    const struct menu_input in = {
        .settings = &phone_settings, .start = "tests/menus/table/main.menu", .locales = "tests/no-locales"};
    program = phone_load(&in);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    program_free(program);
    return 0;
}

static int64_t day(int month, int of_month)
{
    return date_to_day((struct date){2026, month, of_month});
}

static void shows(const char *typed, int64_t today, const char *text)
{
    struct phone ph;
    phone_open_for(&ph, program);
    ph.in.today = today;
    phone_dial(&ph);
    phone_type(&ph, typed);
    phone_at(&ph, "lawyers");
    if (!span_starts(ph.out.screen.text, span_of(text)))
        fail_msg("\"%s\" shows:\n%.*s", typed, SPAN_ARG(ph.out.screen.text));
    phone_close(&ph);
}

static void rows_are_found_by_key_and_alias(void **state)
{
    (void)state;
    static const char *const words[] = {"New York", "new york", " NEW  YORK. ", "NY", "ny", "Nueva York"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        shows(words[i], day(3, 10),
              "Legal Aid 1-202-555-0101\nCity Clinic 1-202-555-0103\nSource: The bar's list, 2026-03-02.\n1 Another "
              "state");
    shows("Tejas", day(3, 10), "We know nobody in Tejas.\n1 Another");
    shows("York", day(3, 10), "We know nobody");
    shows("xx", day(3, 10), "We know nobody");
}

static void a_row_past_its_date_is_withheld(void **state)
{
    (void)state;
    shows("TX", day(4, 1), "Smith, Jones \"and\" Co 1-202-555-0102\nBorder Desk 1-202-555-0104\nSource");
    shows("TX", day(4, 2), "Border Desk 1-202-555-0104\nWe are checking this list.\nSource: The bar's list");
    shows("OH", day(4, 14), "We are checking this list.\n1 Another");
    shows("NY", day(9, 1), "Legal Aid");
    shows("NY", day(9, 2), "We are checking this list.\n1 Another");
}

static void what_was_found_is_sent(void **state)
{
    (void)state;
    struct phone ph;
    phone_open_for(&ph, program);
    ph.in.today = day(3, 10);
    phone_dial(&ph);
    phone_types(&ph, "NY|2");
    assert_int_equal(ph.send_count, 1);
    assert_true(span_is(ph.sends[0], "Legal Aid 1-202-555-0101\nCity Clinic 1-202-555-0103"));
    phone_close(&ph);
}

static void a_keyword_finds_too(void **state)
{
    (void)state;
    struct phone ph;
    phone_open_for(&ph, program);
    ph.in.today = day(3, 10);
    ph.in.profile = (struct profile){MEDIUM_SMS, 459, 201};
    ph.s = (struct dialogue){.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
    phone_step(&ph, INPUT_BEGIN, "lawyer ohio");
    phone_at(&ph, "lawyers");
    assert_true(phone_shows(&ph, "Late Office 1-202-555-0105"));
    phone_close(&ph);
}

static void a_session_of_other_menus_begins_again(void **state)
{
    (void)state;
    struct phone ph;
    phone_open_for(&ph, program);
    ph.in.today = day(3, 10);
    phone_dial(&ph);
    phone_type(&ph, "NY");
    ph.s.found_table = 2; // there is but one
    phone_type(&ph, "3");
    phone_at(&ph, "ask");
    phone_close(&ph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_by_key_and_alias),
        cmocka_unit_test(a_row_past_its_date_is_withheld),
        cmocka_unit_test(what_was_found_is_sent),
        cmocka_unit_test(a_keyword_finds_too),
        cmocka_unit_test(a_session_of_other_menus_begins_again),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
