// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "base/str.h"
#include "locale/plural.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void languages_choose_their_forms(void **state)
{
    (void)state;
    static const struct {
        const char *field, *forms; // of 0, 1, 2, ... one digit each
    } rows[] = {
        {"nplurals=1; plural=0;", "00000"},
        {"nplurals=2; plural=n != 1;", "10111"},
        {"nplurals=2; plural=(n > 1)", "00111"},
        {"nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2;",
         "20111222222222222222201"},
        {"nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
         "012333333334"},
        {"nplurals=3;plural=n", "01222"},        // past the last form: the last
        {"nplurals=3; plural=1 + n/n", "02222"}, // division by zero: the first
        {"nplurals=3; plural=1 + n%0", "000"},
        {"nplurals=3; plural=n==0 ? 1 : 2/n", "12100"}, // what is not evaluated does not divide
        {"nplurals=2; plural=n && 1/n==1", "01000"},
        {"nplurals=2; plural=n==0 || 1/n==1", "11000"},
        {"nplurals=6; plural=5-2-n", "32105"}, // left to right; below 0 is huge
        {"nplurals=6; plural=2+n*2", "24555"},
        {"nplurals=6; plural=(1+n)*2", "24555"},
        {"nplurals=2; plural=!n", "1000"},
        {"nplurals=2; plural=!!n", "0111"},
        {"nplurals=2; plural=n<=1 == n>=1", "010"},
        {"nplurals=2;\tplural = n >= 2 ; ", "0011"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct plural p;
        size_t at;
        assert_int_equal(plural_parse(span_of(rows[i].field), &p, &at), 0);
        for (size_t n = 0; rows[i].forms[n]; n++)
            assert_int_equal(plural_form(&p, n), rows[i].forms[n] - '0');
    }
}

static void wrong_fields_are_refused_where_they_are_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        int err;
        size_t at;
    } rows[] = {
        {"", ERR_SYNTAX, 0},
        {"nplurals=x", ERR_SYNTAX, 9},
        {"nplurals=0; plural=0", ERR_RANGE, 10},
        {"nplurals=7; plural=0", ERR_RANGE, 10},
        {"nplurals=INTEGER; plural=EXPRESSION;", ERR_SYNTAX, 9},
        {"nplurals=2; plural=", ERR_SYNTAX, 19},
        {"nplurals=2; plural=n +", ERR_SYNTAX, 22},
        {"nplurals=2; plural=(n", ERR_SYNTAX, 21},
        {"nplurals=2; plural=n)", ERR_SYNTAX, 20},
        {"nplurals=2; plural=n ? 1", ERR_SYNTAX, 24},
        {"nplurals=2; plural=n = 1", ERR_SYNTAX, 21},
        {"nplurals=2; plural=n; x", ERR_SYNTAX, 22},
        {"nplurals=2; plural=-1", ERR_SYNTAX, 19},
        {"nplurals=2; plural=nn", ERR_SYNTAX, 20},
        {"nplurals=2; plural=99999999999999999999", ERR_RANGE, 38},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct plural p;
        size_t at;
        assert_int_equal(plural_parse(span_of(rows[i].field), &p, &at), rows[i].err);
        assert_int_equal(at, rows[i].at);
    }
}

static int parse_repeated(const char *piece, size_t times, const char *end)
{
    struct str s = STR_INIT(10 << 20);
    str_addz(&s, "nplurals=2; plural=");
    for (size_t i = 0; i < times; i++)
        str_addz(&s, piece);
    str_addz(&s, end);
    struct plural p;
    size_t at;
    int rc = plural_parse(str_span(&s), &p, &at);
    if (rc == 0)
        plural_form(&p, 1);
    str_release(&s);
    return rc;
}

static void deep_and_long_expressions_have_an_end(void **state)
{
    (void)state;
    static const char *const pieces[] = {"(", "!", "n?", "n?n:", "n+", "n||"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        assert_int_equal(parse_repeated(pieces[i], 100000, "n"), ERR_LIMIT);
    assert_int_equal(parse_repeated("n?n:", 50, "n"), 0);
    assert_int_equal(parse_repeated("n+", 100, "n"), 0);
    assert_int_equal(parse_repeated("!", 60, "n"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(languages_choose_their_forms),
        cmocka_unit_test(wrong_fields_are_refused_where_they_are_wrong),
        cmocka_unit_test(deep_and_long_expressions_have_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
