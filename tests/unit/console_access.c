// SPDX-License-Identifier: AGPL-3.0-or-later
/* Which case is whose, against a table that was written by hand. */
#include "console/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { ME = 7, OTHER = 8, NOBODY = 0 };

/* N: learns nothing, K: "safeguarding is handling this", O: opens it. */
static const struct {
    int64_t owner;
    bool casework, safeguarding;
    const char *expected; /* caseworker, safeguarding, supervisor, operator, data protection, administrator */
} ROWS[] = {
    {NOBODY, true, false, "ONONNN"},  {ME, true, false, "ONONNN"},
    {OTHER, true, false, "NNONNN"},   {NOBODY, false, true, "KOKNNN"},
    {ME, false, true, "KOKNNN"},      {OTHER, false, true, "KOKNNN"},
    {NOBODY, true, true, "OOONNN"},   {OTHER, true, true, "NOONNN"},
    {NOBODY, false, false, "NNONNN"}, // withdrawn or erased
    {ME, false, false, "ONONNN"},     {OTHER, false, false, "NNONNN"},
};

static void each_role_learns_of_a_case_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        for (unsigned role = 0; role < 6; role++) {
            const struct access_case c = {ROWS[i].owner, ROWS[i].casework, ROWS[i].safeguarding};
            char got = "NKO"[access_of(1u << role, ME, &c)];
            if (got != ROWS[i].expected[role])
                fail_msg("row %zu, role %u: %c, not %c", i, role, got, ROWS[i].expected[role]);
        }
}

static void who_has_several_roles_has_the_most_of_each(void **state)
{
    (void)state;
    const struct access_case flagged = {NOBODY, false, true}, others = {OTHER, true, false};
    assert_int_equal(access_of(ROLE_CASEWORKER | ROLE_SAFEGUARDING, ME, &flagged), ACCESS_OPEN);
    assert_int_equal(access_of(ROLE_CASEWORKER | ROLE_SUPERVISOR, ME, &others), ACCESS_OPEN);
    assert_int_equal(access_of(ROLE_OPERATOR | ROLE_ADMINISTRATOR, ME, &others), ACCESS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_learns_of_a_case_what_the_table_says),
        cmocka_unit_test(who_has_several_roles_has_the_most_of_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
