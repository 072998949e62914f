// SPDX-License-Identifier: AGPL-3.0-or-later
/* Every refusal: a broken menu and the code, line and column that it must be told at. */
#include "menu_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool says(const struct diag *one, const char *piece)
{
    struct str all = STR_INIT(100000);
    str_add(&all, one->message);
    str_addc(&all, '\n');
    str_add(&all, one->hint);
    bool found = !piece || strstr(str_z(&all), piece);
    str_release(&all);
    return found;
}

static bool fits(const struct menu_row *row, const struct diags *d, int rc)
{
    const struct diag *first = diags_count(d) ? diags_at(d, 0) : NULL;
    if (!row->code)
        return rc == 0 && !first;
    return rc == (row->code[0] == 'W' ? 0 : ERR_REFUSED) && first && strcmp(first->code, row->code) == 0 &&
           first->at.line == row->line && first->at.column == row->column && says(first, row->says) &&
           (first->source.len || row->line == 1); // "no start" has no line to show
}

static void every_broken_menu_is_refused_at_its_place(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < MENU_ROWS; i++) {
        struct diags *d = diags_new();
        int rc = menu_row_load(menu_rows[i].text, "m/main.menu", d);
        if (!fits(&menu_rows[i], d, rc)) {
            struct str text = STR_INIT(100000);
            diags_text(d, &text);
            print_error("%s: expected %s at %d:%d, got %d:\n%s\n", menu_rows[i].name,
                        menu_rows[i].code ? menu_rows[i].code : "nothing", menu_rows[i].line, menu_rows[i].column, rc,
                        str_z(&text));
            str_release(&text);
            wrong++;
        }
        diags_free(d);
    }
    assert_int_equal(wrong, 0);
}

static void every_check_that_runs_has_a_row_here(void **state)
{
    (void)state;
    const struct menu_check *check;
    for (size_t i = 0; (check = menu_check(i)) != NULL; i++) {
        bool found = !check->run || strcmp(check->code, "W30") == 0; // that needs a PO file: menu_words
        for (size_t k = 0; k < MENU_ROWS; k++)
            found |= menu_rows[k].code && strcmp(menu_rows[k].code, check->code) == 0;
        if (!found)
            fail_msg("%s has no broken menu", check->code);
    }
}

static void one_loop_is_told_once(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    menu_row_load(START "screen a\noption 1 x -> b\nscreen b\noption 1 y -> c\nscreen c\noption 1 y -> a\n",
                  "m/main.menu", d);
    assert_int_equal(diags_count(d), 1);
    diags_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_broken_menu_is_refused_at_its_place),
        cmocka_unit_test(every_check_that_runs_has_a_row_here),
        cmocka_unit_test(one_loop_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
