// SPDX-License-Identifier: AGPL-3.0-or-later
/* The shipped menus with one mistake each, as slips of hand make them: whatever it is, they are accepted, or refused
 * with a code, a place inside a file and, nine times in ten, a hint. The mistakes are the same in every run. */
#include "menu_fixture.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MUTANTS = 500, FILES_MAX = 16, SEED = 20261122 };

struct source {
    const char *path;
    struct str text;
};

static struct source files[FILES_MAX] = {
    {.path = "menus/main.menu"},    {.path = "menus/options.menu"},
    {.path = "menus/service.menu"}, {.path = "menus/in-mexico.menu"},
    {.path = "menus/help.menu"},    {.path = "menus/about.menu"},
    {.path = "menus/before.menu"},  {.path = "menus/request.menu"},
    {.path = "menus/stop.menu"},    {.path = "menus/parts/safe-contact.menu"},
    {.path = "menus/places.menu"},  {.path = "menus/offer.menu"},
    {.path = "menus/risks.menu"},   {.path = "menus/practical.menu"},
    {.path = "menus/survey.menu"},  {.path = "menus/complain.menu"},
};
enum { FILES = 16 };

static struct str mutant;      /* the text of ... */
static size_t mutated = FILES; /* ... this file; FILES: none */

static int read_file(void *ctx, const char *path, struct str *out)
{
    (void)ctx;
    for (size_t i = 0; i < FILES; i++)
        if (strcmp(files[i].path, path) == 0) {
            str_add(out, str_span(i == mutated ? &mutant : &files[i].text));
            return str_err(out);
        }
    return strstr(path, ".csv") ? file_read(path, out) : ERR_MISSING;
}

static int load_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++) {
        files[i].text = STR_INIT(1 << 20);
        if (file_read(files[i].path, &files[i].text) < 0)
            return -1;
    }
    mutant = STR_INIT(1 << 20);
    return 0;
}

static int free_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < FILES; i++)
        str_release(&files[i].text);
    str_release(&mutant);
    return 0;
}

static int load(struct diags *d)
{
    static const struct settings_value values[] = {
        {{"hotline", 7}, {"1-202-555-0100", 14}}, {{"org", 3}, {"Waymark Info", 12}}, {{"partner", 7}, {"Team", 4}},
        {{"callback_days", 13}, {"2", 1}},        {{"adult_age", 9}, {"18", 2}},      {{"keep_days", 9}, {"90", 2}}};
    static const struct span flags[] = {
        {"minor", 5}, {"trafficking", 11}, {"do-not-call", 11}, {"complaint", 9}, {"special-needs", 13}};
    static const struct settings_language languages[] = {{.code = {"en", 2}}, {.code = {"es", 2}, .draft = true}};
    struct settings settings = fixture_settings(2);
    settings.languages = languages;
    settings.values = values, settings.value_count = sizeof values / sizeof values[0];
    settings.flags = flags, settings.flag_count = sizeof flags / sizeof flags[0];
    const struct menu_input in = {.settings = &settings,
                                  .start = files[0].path,
                                  .locales = "tests/no-locales",
                                  .read = read_file,
                                  .today = date_to_day((struct date){2026, 11, 22}),
                                  .dated = true};
    struct program *p = NULL;
    int rc = menu_load(&in, d, &p);
    if (!rc)
        program_free(p);
    return rc;
}

/* ---- slips of hand ---- */

static uint64_t seed = SEED;

static size_t any(size_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return below ? (size_t)(seed >> 33) % below : 0;
}

/* A byte in a line that says something: notes are no matter. */
static size_t any_place(struct span text)
{
    while (true) {
        size_t at = any(text.len), line = at;
        while (line && text.p[line - 1] != '\n')
            line--;
        while (line < text.len && text.p[line] == ' ')
            line++;
        if (text.p[line] != '#' && text.p[line] != '\n')
            return at;
    }
}

static struct span line_at(struct span text, size_t at)
{
    size_t from = at, to = at;
    while (from && text.p[from - 1] != '\n')
        from--;
    while (to < text.len && text.p[to] != '\n')
        to++;
    return (struct span){text.p + from, to - from};
}

static struct span word_at(struct span text, size_t at)
{
    size_t from = at, to = at;
    while (from && text.p[from - 1] > ' ')
        from--;
    while (to < text.len && text.p[to] > ' ')
        to++;
    return (struct span){text.p + from, to - from};
}

/* `by` in the place of `what`, which lies in `text`. */
static void replace(struct span text, struct span what, struct span by)
{
    size_t at = (size_t)(what.p - text.p);
    str_clear(&mutant);
    str_add(&mutant, span_first(text, at));
    str_add(&mutant, by);
    str_add(&mutant, span_from(text, at + what.len));
}

static void drop_letter(struct span t, size_t at)
{
    replace(t, (struct span){t.p + at, 1}, (struct span){0});
}

static void add_letter(struct span t, size_t at)
{
    static const char letters[] = "abcdefghij0123456789:->{}|=#\"\\/., \t\n\xE9\x01";
    replace(t, (struct span){t.p + at, 0}, (struct span){letters + any(sizeof letters - 1), 1});
}

static void swap_letters(struct span t, size_t at)
{
    at = at + 1 < t.len ? at : t.len - 2;
    char both[2] = {t.p[at + 1], t.p[at]};
    replace(t, (struct span){t.p + at, 2}, (struct span){both, 2});
}

static void drop_word(struct span t, size_t at)
{
    replace(t, word_at(t, at), (struct span){0});
}

static void other_word(struct span t, size_t at)
{
    replace(t, word_at(t, at), word_at(t, any_place(t)));
}

static void drop_line(struct span t, size_t at)
{
    replace(t, line_at(t, at), (struct span){0});
}

static void line_twice(struct span t, size_t at)
{
    struct span line = line_at(t, at);
    replace(t, (struct span){line.p, 0}, (struct span){line.p, line.len + (line.p + line.len < t.p + t.len)});
}

static void other_line(struct span t, size_t at)
{
    replace(t, line_at(t, at), line_at(t, any_place(t)));
}

static void cut_line(struct span t, size_t at)
{
    struct span line = line_at(t, at);
    size_t from = (size_t)(t.p + at - line.p);
    replace(t, span_from(line, from), (struct span){0});
}

static void (*const slips[])(struct span text, size_t at) = {
    drop_letter, add_letter, swap_letters, drop_word, other_word, drop_line, line_twice, other_line, cut_line};

/* ---- judging ---- */

struct tally {
    int accepted, refused, hinted;
    int codes[100]; /* by number of the first error */
};

static bool is_inside(const struct diag *one)
{
    for (size_t i = 0; i < FILES; i++) {
        if (!one->at.file || strcmp(files[i].path, one->at.file) != 0)
            continue;
        struct span rest = str_span(i == mutated ? &mutant : &files[i].text), line = {0};
        int lines = 0;
        while (lines < one->at.line && span_split(&rest, '\n', &line))
            lines++;
        return one->at.line > 0 && lines == one->at.line && one->at.column > 0 &&
               (size_t)one->at.column <= line.len + 1;
    }
    return false;
}

static void judge(struct tally *t, int number, int rc, const struct diags *d)
{
    struct str text = STR_INIT(1 << 20);
    const struct diag *first = NULL;
    for (size_t i = 0; i < diags_count(d); i++) {
        const struct diag *one = diags_at(d, i);
        bool coded = one->code && strlen(one->code) == 3;
        if (!coded || !is_inside(one)) {
            diags_text(d, &text);
            fail_msg("mutant %d of %s:\n%s", number, files[mutated].path, str_z(&text));
        }
        if (!first && one->severity == SEVERITY_ERROR)
            first = one;
    }
    assert_int_equal(rc, first ? ERR_REFUSED : 0);
    t->accepted += !first;
    t->refused += first != NULL;
    t->hinted += first && first->hint.len;
    if (first)
        t->codes[(first->code[1] - '0') * 10 + first->code[2] - '0']++;
    if (first && !first->hint.len && getenv("WAYMARK_SHOW")) {
        diags_text(d, &text);
        print_message("%s\n", str_z(&text));
    }
    str_release(&text);
}

static void the_menus_themselves_are_accepted(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    mutated = FILES;
    int rc = load(d);
    if (rc) {
        struct str text = STR_INIT(1 << 20);
        diags_text(d, &text);
        fail_msg("%s", str_z(&text));
    }
    diags_free(d);
}

static void every_slip_is_taken_or_refused_in_its_place(void **state)
{
    (void)state;
    struct tally t = {0};
    for (int i = 0; i < MUTANTS; i++) {
        mutated = any(FILES);
        struct span text = str_span(&files[mutated].text);
        slips[any(sizeof slips / sizeof slips[0])](text, any_place(text));
        struct diags *d = diags_new();
        int rc = load(d);
        judge(&t, i, rc, d);
        diags_free(d);
    }
    print_message("%d mutants: %d accepted, %d refused, %d of them with a hint\n", MUTANTS, t.accepted, t.refused,
                  t.hinted);
    for (int i = 0; i < 100; i++)
        if (t.codes[i])
            print_message("  E%02d %d\n", i, t.codes[i]);
    assert_true(t.hinted * 10 >= t.refused * 9);
    assert_true(t.refused * 4 > MUTANTS); // a compiler that accepts everything would pass the rest
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_menus_themselves_are_accepted),
        cmocka_unit_test(every_slip_is_taken_or_refused_in_its_place),
    };
    return cmocka_run_group_tests(tests, load_files, free_files);
}
