// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/fold.h"
#include "text/gsm7.h"
#include "text/letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

typedef void fold(struct str *out, struct span s);

struct row {
    const char *from, *to;
};

/* Each row folds as said, and behind what stood in the string already. */
static void check(fold *f, const struct row *rows, size_t count)
{
    struct str out = STR_INIT(1000);
    for (size_t i = 0; i < count; i++) {
        str_clear(&out);
        str_addz(&out, "= ");
        f(&out, span_of(rows[i].from));
        if (!span_is(span_from(str_span(&out), 2), rows[i].to))
            fail_msg("row %zu: \"%s\" became \"%s\"", i, rows[i].from, str_z(&out) + 2);
    }
    str_release(&out);
}

#define CHECK(f, rows) check(f, rows, sizeof(rows) / sizeof *(rows))

static void typographic_signs_become_plain_and_nothing_else_changes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", ""},
        {"plain text, 5 < 6 ~ é ç", "plain text, 5 < 6 ~ é ç"},
        {"‘a’ “b” „c‟ ‚d‛", "'a' \"b\" \"c\" 'd'"},
        {"« oui »", "\" oui \""},
        {"‹x› `y´", "'x' 'y'"},
        {"2020–2025 — x ‑ −1", "2020-2025 - x - -1"},
        {"wait…", "wait..."},
        {"a\u00A0b\u2009c\u202Fd", "a b c d"},
        {"co\u00ADop\u200Bx\uFEFF", "coopx"},
        {"’", "'"},
        {"a\xFF’", "a\xFF'"},
        {"नमस्ते שלום 你好 😀", "नमस्ते שלום 你好 😀"},
    };
    CHECK(fold_typography, rows);
}

static void accents_go_where_that_fits_the_alphabet(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", ""},
        {"Ação às três: coração, avó", "Acao às tres: coracao, avo"},
        {"¿Cuánto café? Niño, pingüino", "¿Cuanto café? Niño, pingüino"},
        {"Où êtes-vous, garçon? Ça va. Œuf, cœur", "Où etes-vous, garcon? Ça va. OEuf, coeur"},
        {"Kreyòl ayisyen, byennere, lè", "Kreyòl ayisyen, byennere, lè"},
        {"Tiếng Việt: đường phố, Đỗ Ươm ỷ ỵ", "Tieng Viet: duong pho, Do Uom y y"},
        {"ağaç şişe ığdır İZMİR", "agac sise igdir IZMIR"},
        {"Zażółć gęślą jaźń ŁÓDŹ", "Zazolc gesla jazn LODZ"},
        {"țară şcoală în România", "tara scoala in Romania"},
        {"Příliš žluťoučký kůň, ďábelské", "Prilis zlutoucky kun, dabelské"},
        {"ẹ̀kọ́ Yorùbá ṣé", "eko Yorùba sé"},
        {"ƙasa ɗaya ɓera ƴaya", "kasa daya bera yaya"},
        {"“l’été…”", "\"l'été...\""},
        {"cafe\u0301 man\u0303ana a\u0301 A\u030A", "café mañana a Å"},
        {"o\u0302\u0301 e\u0301\u0323", "o é"},
        {"e\u0301\u0300", "é"},
        {"ǽ æ ß Ø", "æ æ ß Ø"},
        {"привет й и\u0306 Ώ ά", "привет й и\u0306 Ω ά"},
        {"\u0301a", "\u0301a"},
        {"سلام 你好 😀 \xFF", "سلام 你好 😀 \xFF"},
    };
    CHECK(fold_accents, rows);
}

static void a_text_is_shown_as_it_is_where_the_alphabet_has_it(void **state)
{
    (void)state;
    static const struct {
        struct span from;
        bool accents;
        struct span to; /* p NULL: the text itself */
    } rows[] = {
        {{0}, true, {0}},
        {SPAN("Señor [1] é"), true, {0}},
        {SPAN("“a” – á"), false, SPAN("\"a\" - á")},
        {SPAN("“a” – á"), true, SPAN("\"a\" - a")},
        {SPAN("“é”"), true, SPAN("\"é\"")}, /* plain typography is enough */
        {SPAN("“سلام”"), true, SPAN("\"سلام\"")},
        {SPAN("اتصل 1-202-555-0100، أو 202-555-0101-"), true, SPAN("اتصل 1.202.555.0100، أو 202.555.0101-")},
        {SPAN("1-202-555-0100 שלום"), false, SPAN("1.202.555.0100 שלום")},
        {SPAN("سلام -202-555-010-"), false, SPAN("سلام -202.555.010-")},
        {SPAN("من 2026-12-21 إلى 2027-2028، 8-17 سلام"), false, SPAN("من 2026-12-21 إلى 2027-2028، 8-17 سلام")},
        {SPAN("你好 1-202-555-0100"), true, SPAN("你好 1-202-555-0100")},
    };
    struct str out = STR_INIT(100);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        str_addz(&out, "left over");
        struct span shown = fold_shown(&out, rows[i].from, rows[i].accents);
        if (rows[i].to.p)
            assert_true(span_eq(shown, rows[i].to));
        else
            assert_ptr_equal(shown.p, rows[i].from.p);
    }
    str_release(&out);
}

static void texts_that_people_take_as_the_same_compare_the_same(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", ""},
        {"  STOP. ", "stop"},
        {"«Arrêt!»", "arret"},
        {"opt-out", "opt-out"},
        {"  stop \t\r\n  ALL  ", "stop all"},
        {"stop\u00A0all", "stop all"},
        {"DON’T", "don't"},
        {"Ação", "acao"},
        {"cafe\u0301", "cafe"},
        {"Đường", "duong"},
        {"IŞIK", "isik"},
        {"ışık", "isik"},
        {"İstanbul", "istanbul"},
        {"STRASSE", "strasse"},
        {"Straße", "strasse"},
        {"Œuf", "oeuf"},
        {"Ærø", "aero"},
        {"ΟΔΌΣ", "οδοσ"},
        {"οδός", "οδοσ"},
        {"ЁЛКА й", "елка и"},
        {"أهلاً", "اهلا"},
        {"مَدْرَسَة", "مدرسه"},
        {"مـــدرسه", "مدرسه"},
        {"علی", "علي"},
        {"على", "علي"},
        {"نعم؟", "نعم"},
        {"हाँ।", "हाँ"},
        {"አዎ።", "አዎ"},
        {"¿Sí?", "si"},
        {"1.", "1"},
        {"(1)", "1"},
        {"#1", "1"},
        {"#", "#"},
        {"*", "*"},
        {" ? ", "?"},
        {"! !", "! !"},
        {"   ", ""},
        {"a , b", "a , b"},
        {"a\u200Db", "ab"},
        {"\xFFx", "\uFFFDx"},
    };
    CHECK(fold_compare, rows);
}

static void folding_for_comparison_twice_changes_nothing_more(void **state)
{
    (void)state;
    struct str letter = STR_INIT(8), once = STR_INIT(50), twice = STR_INIT(50);
    for (int32_t cp = 1; cp < 0x20000; cp++) {
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        str_clear(&letter);
        str_clear(&once);
        str_clear(&twice);
        utf8_put(&letter, cp);
        fold_compare(&once, str_span(&letter));
        fold_compare(&twice, str_span(&once));
        if (!span_eq(str_span(&once), str_span(&twice)))
            fail_msg("U+%04X: \"%s\", \"%s\"", (unsigned)cp, str_z(&once), str_z(&twice));
    }
    str_release(&letter);
    str_release(&once);
    str_release(&twice);
}

/* Every accented letter of the languages that menus are written in. */
static const char letters[] =
    "áéíóúüñàâãçêôõèëîïûùÿòıİğşöäąćęłńśźżăâîșțđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉĩịọỏốồổỗộớờởỡợụủũứừửữựýỳỷỹỵ"
    "ÁÉÍÓÚÜÑÀÂÃÇÊÔÕÈËÎÏÛÙŸÒĞŞÖÄĄĆĘŁŃŚŹŻĂÂÎȘȚĐƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈĨỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦŨỨỪỬỮỰÝỲỶỸỴ"
    "čďěňřšťůžķļņģūēīāőűėįųåøæœßẓṣḥḍṭ";

static void the_letters_of_our_languages_all_fit_the_alphabet(void **state)
{
    (void)state;
    struct str out = STR_INIT(1000);
    fold_accents(&out, span_of(letters));
    assert_true(gsm7_count(str_span(&out)) > 200);
    str_clear(&out);
    fold_compare(&out, span_of(letters));
    for (size_t i = 0; i < out.len; i++)
        assert_in_range(out.p[i], 'a', 'z');
    str_release(&out);
}

static void digits_of_any_script_become_ascii(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", ""},
        {"a1", "a1"},
        {"٠١٢٣٤٥٦٧٨٩", "0123456789"},
        {"۰۱۲۳۴۵۶۷۸۹", "0123456789"},
        {"०१२९", "0129"},
        {"০১২৯", "0129"},
        {"੦੯", "09"},
        {"૦૯", "09"},
        {"௦௯", "09"},
        {"๐๙", "09"},
        {"၀၉", "09"},
        {"០៩", "09"},
        {"߀߉", "09"},
        {"０９", "09"},
        {"½²፩", "½²፩"},
        {"٪5٫", "٪5٫"},
        {"\xFF", "\xFF"},
    };
    CHECK(fold_digits, rows);
    int digits = 0;
    for (int32_t cp = 0; cp < 0x10000; cp++)
        digits += letter_digit(cp) >= 0;
    assert_int_equal(digits, 370); // category Nd of the BMP: 37 runs of ten
}

static void case_changes_in_latin_greek_and_cyrillic(void **state)
{
    (void)state;
    static const struct row upper[] = {
        {"abc é ñ ß ÿ", "ABC É Ñ ß Ÿ"},
        {"łódź đường ı", "ŁÓDŹ ĐƯỜNG I"},
        {"ώρα ς", "ΏΡΑ Σ"},
        {"жёлтый ґ", "ЖЁЛТЫЙ Ґ"},
        {"ɓɗƙ ǆ", "ƁƊƘ Ǆ"},
        {"हाँ سلام \xFF", "हाँ سلام \xFF"},
    };
    static const struct row lower[] = {
        {"ABC É Ñ Ÿ", "abc é ñ ÿ"}, {"ŁÓDŹ ĐƯỜNG İ", "łódź đường i"}, {"ΏΡΑ Σ", "ώρα σ"},
        {"ЖЁЛТЫЙ Ґ", "жёлтый ґ"},   {"ƁƊƘ Ǆ ẞ", "ɓɗƙ ǆ ß"},           {"×÷", "×÷"},
    };
    CHECK(fold_upper, upper);
    CHECK(fold_lower, lower);
}

static void capitals_come_back_from_their_small_letters(void **state)
{
    (void)state;
    static const int32_t one_way[] = {0x130, 0x1C5, 0x1C8, 0x1CB, 0x1F2, 0x3F4, 0x1E9E};
    size_t seen = 0;
    for (int32_t cp = 0; cp < 0x3000; cp++) {
        int32_t lower = letter_lower(cp);
        if (lower == cp || letter_upper(lower) == cp)
            continue;
        assert_true(seen < sizeof one_way / sizeof *one_way);
        assert_int_equal(cp, one_way[seen++]);
    }
    assert_int_equal(seen, sizeof one_way / sizeof *one_way);
}

static void folding_says_when_memory_or_room_ends(void **state)
{
    (void)state;
    static fold *const all[] = {fold_typography, fold_accents, fold_compare, fold_digits, fold_upper, fold_lower};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct str out = STR_INIT(3);
        all[i](&out, SPAN("abcdef"));
        assert_int_equal(str_err(&out), ERR_LIMIT);
        str_release(&out);
        mem_fail_after(0);
        all[i](&out, SPAN("ab"));
        mem_fail_after(-1);
        assert_int_equal(str_err(&out), ERR_NOMEM);
        str_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typographic_signs_become_plain_and_nothing_else_changes),
        cmocka_unit_test(accents_go_where_that_fits_the_alphabet),
        cmocka_unit_test(a_text_is_shown_as_it_is_where_the_alphabet_has_it),
        cmocka_unit_test(texts_that_people_take_as_the_same_compare_the_same),
        cmocka_unit_test(folding_for_comparison_twice_changes_nothing_more),
        cmocka_unit_test(the_letters_of_our_languages_all_fit_the_alphabet),
        cmocka_unit_test(digits_of_any_script_become_ascii),
        cmocka_unit_test(case_changes_in_latin_greek_and_cyrillic),
        cmocka_unit_test(capitals_come_back_from_their_small_letters),
        cmocka_unit_test(folding_says_when_memory_or_room_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
