// SPDX-License-Identifier: AGPL-3.0-or-later
#include "menu_fixture.h"

#include "base/file.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* Tests run from the top of the tree. */
#define EXAMPLE "tests/menus/example/main.menu"

static struct program *load_with(const struct menu_input *in)
{
    struct program *p = NULL;
    struct diags *d = diags_new();
    int rc = menu_load(in, d, &p);
    bool told = diags_errors(d) > 0;
    for (size_t i = 0; i < diags_count(d); i++) // words for drafts that a test left out are no matter here
        told |= strcmp(diags_at(d, i)->code, "W33") != 0;
    if (rc || told) {
        struct str text = STR_INIT(1000000);
        diags_text(d, &text);
        fail_msg("%s\n%s", err_text(rc), str_z(&text));
    }
    diags_free(d);
    return p;
}

static struct program *load_example(const struct settings *settings)
{
    const struct menu_input in = {.settings = settings,
                                  .start = EXAMPLE,
                                  .locales = "tests/menus/example/locales",
                                  .today = fixture_today(),
                                  .dated = true};
    return load_with(&in);
}

static const struct menu_screen *screen(const struct program *p, const char *name)
{
    uint16_t index = program_screen(p, span_of(name));
    assert_int_not_equal(index, PROGRAM_NONE);
    return &p->screens[index];
}

static void the_worked_example_loads(void **state)
{
    (void)state;
    for (size_t languages = 1; languages <= 3; languages++) { // drafts need no file
        struct settings settings = fixture_settings(languages);
        struct program *p = load_example(&settings);
        assert_int_equal(p->start, program_screen(p, SPAN("welcome")));
        assert_int_equal(p->screen_count, 24);
        assert_int_equal(p->case_count, 3);
        assert_int_equal(p->fact_count, 2);
        assert_int_equal(p->trigger_count, 4);
        assert_int_equal(p->source_count, 3);
        assert_true(span_is(p->sources[2].name, "parts/safe-contact.menu"));
        program_free(p);
    }
}

static void a_question_is_read_whole(void **state)
{
    (void)state;
    struct settings settings = fixture_settings(1);
    struct program *p = load_example(&settings);
    const struct menu_screen *age = screen(p, "age");
    assert_int_equal(age->question_at, 0);
    assert_true(age->question.asks);
    assert_int_equal(age->question.slot, program_slot(p, SPAN("age")));
    assert_int_equal(age->question.kind, ANSWER_NUMBER);
    assert_int_equal(age->question.least, 5);
    assert_int_equal(age->question.most, 110);
    assert_int_equal(age->question.cleaners, CLEAN_TRIM | CLEAN_DIGITS);
    assert_int_equal(age->question.tries, 3);
    assert_int_equal(age->question.give_up.screen, program_screen(p, SPAN("call-us")));
    assert_int_equal(p->slots[age->question.slot].asked_by, program_screen(p, SPAN("age")));
    const struct line *child = &age->lines[age->line_count - 2];
    assert_int_equal(child->op, OP_GO);
    assert_int_equal(child->when.count, 1);
    assert_int_equal(child->when.tests[0].op, TEST_LT);
    assert_true(span_is(child->when.tests[0].word, "18"));
    assert_int_equal(child->target.screen, program_screen(p, SPAN("child")));
    assert_true(pattern_matches(screen(p, "country")->question.match, SPAN("Côte d'Ivoire")));
    program_free(p);
}

static void options_parts_and_consents_are_read_whole(void **state)
{
    (void)state;
    struct settings settings = fixture_settings(1);
    struct program *p = load_example(&settings);
    const struct menu_screen *forced = screen(p, "forced");
    assert_false(forced->question.asks);
    assert_int_equal(forced->lines[1].number, 1);
    assert_true(span_is(forced->lines[3].word, "unsaid"));
    assert_true(span_is(p->texts[forced->lines[3].text].source, "I prefer not to say"));
    assert_true(span_is(p->texts[forced->lines[3].text].context, "forced/option"));
    const struct line *go = &forced->lines[4];
    assert_int_equal(go->target.screen, program_screen(p, SPAN("safe-contact")));
    assert_int_equal(go->target.then_kind, PLACE_SCREEN);
    assert_int_equal(go->target.then_screen, program_screen(p, SPAN("done")));
    assert_int_equal(screen(p, "safe-contact")->kind, SCREEN_PART);
    const struct menu_screen *agree = screen(p, "agree");
    assert_int_equal(agree->kind, SCREEN_CONSENT);
    assert_int_equal(agree->question_at, 1);
    assert_true(span_is(p->consents[agree->consent].version, "2026-02"));
    assert_int_equal(agree->lines[1].op, OP_AGREE);
    assert_int_equal(agree->lines[1].index, agree->consent);
    assert_int_equal(screen(p, "welcome")->question_at, screen(p, "welcome")->line_count);
    assert_int_equal(screen(p, "help")->lines[0].media, ON_USSD);
    program_free(p);
}

static void cases_facts_and_keywords_are_read_whole(void **state)
{
    (void)state;
    struct settings settings = fixture_settings(1);
    struct program *p = load_example(&settings);
    const struct menu_case *request = &p->cases[program_case(p, SPAN("request"))];
    assert_int_equal(request->needs_count, 1);
    assert_int_equal(request->shown[0], program_screen(p, SPAN("risks")));
    assert_int_equal(screen(p, "risks")->watch, 0);
    assert_int_equal(screen(p, "help")->watch, 1);
    assert_int_equal(screen(p, "main")->watch, -1);
    assert_int_equal(request->field_count, 5);
    assert_int_equal(request->priority_count, 2);
    assert_true(span_is(request->priorities[0].word, "urgent"));
    assert_int_equal(request->priorities[0].when.count, 1);
    assert_true(span_is(request->statuses[0].word, "new"));
    assert_int_equal(request->safe_time, program_slot(p, SPAN("safe_time")));
    const struct menu_case *complaint = &p->cases[program_case(p, SPAN("complaint"))];
    assert_true(complaint->anonymous);
    assert_int_equal(complaint->reference, PROGRAM_NONE);
    assert_int_equal(p->facts[0].review_by_day, date_to_day((struct date){2026, 9, 1}));
    assert_true(span_is(p->facts[0].owner, "M. Diallo, Tunis office"));
    assert_false(p->triggers[0].stops);
    assert_true(p->triggers[1].stops);
    assert_true(p->triggers[2].stops);
    const struct phrase *status = &p->triggers[3].phrases[0];
    assert_true(span_is(status->folded, "status"));
    assert_int_equal(status->slot, program_slot(p, SPAN("ref")));
    program_free(p);
}

/* ---- texts ---- */

static const struct fixture_file small[] = {
    {"main.menu", "start a\n"
                  "include more.menu\n"
                  "screen a\n"
                  "say {service} {grant: has # euro. | has # euros.}\n"
                  "  | Call {hotline}.\n"
                  "option 1 Go \\-> on -> b\n"
                  "option 2 Agree -> yes\n"
                  "trigger stop\n"
                  "words en STOP\n"
                  "words fr ARRET\n"
                  "screen stop\n"
                  "withdraw yes\n"
                  "say Done.\n"
                  "-> end\n"},
    {"more.menu", "screen b\n"
                  "ask Who?\n"
                  "into n\n"
                  "match ^[a-z]{2,9}$\n"
                  "error No.\n"
                  "tries 3 -> end\n"
                  "-> end\n"
                  "consent yes\n"
                  "version 1\n"
                  "say May we?\n"
                  "agree 1 Yes -> c\n"
                  "refuse 2 No -> end\n"
                  "screen c\n"
                  "when lang != en: set n = x\n"
                  "register k\n"
                  "say {ref} {f.source} {f}\n"
                  "-> end\n"
                  "case k\n"
                  "needs yes\n"
                  "fields n\n"
                  "reference ref\n"
                  "status new Wait.\n"
                  "fact f\ntext T.\nsource S\nowner O\nreviewed 2026-01-01\nreview-by 2027-01-01\nexpired E.\n"
                  "reply r\nlabel L\ntext {hotline}\n"},
};

static const struct fixture small_files = {small, 2};

static void lines_of_options_are_ready_unless_they_name_something(void **state)
{
    (void)state;
    static const struct fixture_file text = {"main.menu", "start a\nscreen a\nsay Which?\n"
                                                          "option 1 Go “on” -> end\noption 12 Call {hotline} -> end\n"
                                                          "option 3 Nǎo [x] -> end\noption 4 سلام -> end\n"};
    static const struct settings_language languages[] = {{.code = {"en", 2}},
                                                         {.code = {"fr", 2}, .draft = true, .fold = true}};
    static const struct {
        size_t line;
        int language;
        const char *text;
        int septets;
    } rows[] = {
        {1, 0, "1 Go \"on\"", 9}, {1, 1, "1 Go \"on\"", 9}, {2, 0, NULL, 0},      {2, 1, NULL, 0},
        {3, 0, "3 Nǎo [x]", -1},  {3, 1, "3 Nao [x]", 11},  {4, 0, "4 سلام", -1}, {4, 1, "4 سلام", -1},
    };
    const struct fixture files = {&text, 1};
    struct settings settings = fixture_settings(1);
    settings.languages = languages, settings.language_count = 2;
    const struct menu_input in = {
        .settings = &settings, .start = "main.menu", .read = fixture_read, .ctx = (void *)&files};
    struct program *p = load_with(&in);
    const struct menu_screen *a = screen(p, "a");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct ready_line *ready = &a->lines[rows[i].line].ready[rows[i].language];
        assert_int_equal(ready->text.p != NULL, rows[i].text != NULL);
        assert_true(!rows[i].text || span_is(ready->text, rows[i].text));
        assert_int_equal(ready->septets, rows[i].septets);
    }
    assert_null(a->lines[0].ready);
    program_free(p);
}

static struct menu_input small_input(const struct settings *settings, const char *locales)
{
    return (struct menu_input){.settings = settings,
                               .start = "main.menu",
                               .locales = locales,
                               .read = fixture_read,
                               .ctx = (void *)&small_files};
}

static void a_text_is_cut_at_its_names(void **state)
{
    (void)state;
    struct settings settings = fixture_settings(1);
    const struct menu_input in = small_input(&settings, "none");
    struct program *p = load_with(&in);
    uint16_t say = screen(p, "a")->lines[0].text;
    assert_true(span_is(p->texts[say].source, "{service} has {grant} euro.\nCall {hotline}."));
    assert_true(span_is(p->texts[say].plural, "{service} has {grant} euros.\nCall {hotline}."));
    assert_int_equal(p->texts[say].number.kind, PIECE_VALUE);
    assert_int_equal(p->texts[say].number.index, 1);
    const struct rendition *one = program_rendition(p, say, 0, 1), *many = program_rendition(p, say, 0, 2);
    assert_int_equal(one->count, 6);
    assert_int_equal(one->pieces[0].kind, PIECE_SERVICE);
    assert_int_equal(one->pieces[2].kind, PIECE_VALUE);
    assert_true(span_is(one->pieces[3].literal, " euro.\nCall "));
    assert_true(span_is(many->pieces[3].literal, " euros.\nCall "));
    assert_true(span_is(p->texts[screen(p, "a")->lines[1].text].source, "Go -> on"));
    const struct rendition *c = program_rendition(p, screen(p, "c")->lines[2].text, 0, 0);
    assert_int_equal(c->pieces[0].kind, PIECE_SLOT);
    assert_int_equal(c->pieces[2].kind, PIECE_FACT);
    assert_int_equal(c->pieces[2].field, FACT_SOURCE);
    assert_int_equal(c->pieces[4].field, FACT_TEXT);
    assert_true(span_is(p->texts[p->replies[0].label].context, "r/label"));
    assert_true(span_is(p->texts[p->words[SYSTEM_BUSY]].context, "system/busy"));
    assert_true(span_is(p->texts[p->keys[KEY_MORE]].source, "More"));
    program_free(p);
}

/* ---- translations ---- */

#define PO_HEAD                                                                                                        \
    "msgid \"\"\nmsgstr \"\"\n\"Language: fr\\n\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n"                   \
    "\"Plural-Forms: nplurals=2; plural=(n > 1);\\n\"\n\n"

static char folder[] = P_tmpdir "/waymark-menu-XXXXXX";

static void write_po(const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "%s/fr.po", folder);
    assert_int_equal(file_write(path, span_of(text), 0600), 0);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "%s/fr.po", folder);
    unlink(path);
    return rmdir(folder);
}

static void a_draft_shows_what_it_has_and_the_source_for_the_rest(void **state)
{
    (void)state;
    write_po(PO_HEAD "msgctxt \"b/ask\"\nmsgid \"Who?\"\nmsgstr \"Qui ?\"\n\n"
                     "msgctxt \"a/say\"\nmsgid \"{service} has {grant} euro.\\nCall {hotline}.\"\n"
                     "msgid_plural \"{service} has {grant} euros.\\nCall {hotline}.\"\n"
                     "msgstr[0] \"{hotline}: {service} a un euro.\"\n"
                     "msgstr[1] \"{hotline}: {service} a {grant} euros.\"\n");
    struct settings settings = fixture_settings(2);
    const struct menu_input in = small_input(&settings, folder);
    struct program *p = load_with(&in);
    int fr = program_language(p, SPAN("fr"));
    assert_int_equal(fr, 1);
    uint16_t ask = screen(p, "b")->lines[0].text, error = screen(p, "b")->lines[1].text;
    assert_true(span_is(program_rendition(p, ask, fr, 0)->pieces[0].literal, "Qui ?"));
    assert_true(span_is(program_rendition(p, error, fr, 0)->pieces[0].literal, "No."));
    uint16_t say = screen(p, "a")->lines[0].text;
    assert_int_equal(program_rendition(p, say, fr, 0)->count, 4); // none is singular in French
    assert_int_equal(program_rendition(p, say, fr, 2)->count, 6);
    program_free(p);
}

static const struct diag *find_message(const struct diags *d, const char *code, const char *piece)
{
    for (size_t i = 0; i < diags_count(d); i++) {
        const struct diag *one = diags_at(d, i);
        char message[400];
        snprintf(message, sizeof message, "%.*s", SPAN_ARG(one->message));
        if (strcmp(one->code, code) == 0 && strstr(message, piece))
            return one;
    }
    return NULL;
}

static void a_published_language_must_have_all_with_the_same_names(void **state)
{
    (void)state;
    write_po(PO_HEAD "msgctxt \"b/ask\"\nmsgid \"Who?\"\nmsgstr \"Qui, {hotline} ?\"\n\n"
                     "#, fuzzy\nmsgctxt \"b/error\"\nmsgid \"No.\"\nmsgstr \"Non.\"\n");
    struct settings settings = fixture_settings(2);
    struct settings_language languages[] = {fixture_languages[0], {.code = SPAN("fr")}};
    settings.languages = languages;
    const struct menu_input in = small_input(&settings, folder);
    struct program *p = NULL;
    struct diags *d = diags_new();
    assert_int_equal(menu_load(&in, d, &p), ERR_REFUSED);
    assert_null(p);
    const struct diag *names = find_message(d, "E31", "\"Who?\"");
    assert_non_null(names);
    assert_true(names->at.line >= 7 && names->at.line <= 9);
    assert_non_null(find_message(d, "E30", "\"No.\""));
    assert_non_null(find_message(d, "E30", "more texts have no translation"));
    assert_null(find_message(d, "E30", "\"Who?\""));
    diags_free(d);
}

static void a_published_language_without_a_file_is_told_once(void **state)
{
    (void)state;
    struct settings settings = fixture_settings(2);
    struct settings_language languages[] = {fixture_languages[0], {.code = SPAN("sw")}};
    settings.languages = languages;
    const struct menu_input in = small_input(&settings, folder);
    struct program *p = NULL;
    struct diags *d = diags_new();
    assert_int_equal(menu_load(&in, d, &p), ERR_REFUSED);
    assert_int_equal(diags_count(d), 1);
    assert_string_equal(diags_at(d, 0)->code, "E30");
    diags_free(d);
}

/* ---- files ---- */

static void expect_first(const struct fixture_file *files, size_t count, const char *code, const char *file, int line,
                         const char *says)
{
    struct fixture set = {files, count};
    struct settings settings = fixture_settings(1);
    const struct menu_input in = {.settings = &settings, .start = "m/main.menu", .read = fixture_read, .ctx = &set};
    struct program *p = NULL;
    struct diags *d = diags_new();
    assert_int_equal(menu_load(&in, d, &p), ERR_REFUSED);
    const struct diag *first = diags_at(d, 0);
    assert_string_equal(first->code, code);
    assert_string_equal(first->at.file, file);
    assert_int_equal(first->at.line, line);
    assert_non_null(find_message(d, code, says));
    diags_free(d);
}

static void files_that_include_each_other_are_refused(void **state)
{
    (void)state;
    const struct fixture_file ring[] = {{"m/main.menu", "start a\ninclude b.menu\nscreen a\n-> end\n"},
                                        {"m/b.menu", "include c/d.menu\n"},
                                        {"m/c/d.menu", "# names are relative to the first file\ninclude b.menu\n"}};
    expect_first(ring, 3, "E03", "m/c/d.menu", 2, "includes itself");
    const struct fixture_file twice[] = {
        {"m/main.menu", "start a\ninclude b.menu\ninclude c/d.menu\nscreen a\n-> end\n"},
        {"m/b.menu", "include c/d.menu\n"},
        {"m/c/d.menu", "# nothing\n"}};
    expect_first(twice, 3, "E03", "m/b.menu", 1, "included twice");
    expect_first(NULL, 0, "E02", "m/main.menu", 0, "no such file");
}

/* Without any one of its lines the example is either whole or refused with a place; it never breaks the compiler. */
static void every_line_can_be_missing(void **state)
{
    (void)state;
    struct str whole = STR_INIT(1000000), part = STR_INIT(1000000), facts = STR_INIT(1000000), safe = STR_INIT(1000000);
    assert_int_equal(file_read(EXAMPLE, &whole), 0);
    assert_int_equal(file_read("tests/menus/example/facts.menu", &facts), 0);
    assert_int_equal(file_read("tests/menus/example/parts/safe-contact.menu", &safe), 0);
    struct settings settings = fixture_settings(1);
    int refused = 0;
    for (size_t from = 0, to; from < whole.len; from = to) {
        to = from + span_find(span_from(str_span(&whole), from), '\n') + 1;
        str_clear(&part);
        str_add(&part, span_first(str_span(&whole), from));
        str_add(&part, span_from(str_span(&whole), to));
        const struct fixture_file files[] = {
            {"main.menu", str_z(&part)}, {"facts.menu", str_z(&facts)}, {"parts/safe-contact.menu", str_z(&safe)}};
        struct fixture set = {files, 3};
        const struct menu_input in = {.settings = &settings, .start = "main.menu", .read = fixture_read, .ctx = &set};
        struct program *p = NULL;
        struct diags *d = diags_new();
        int rc = menu_load(&in, d, &p);
        assert_true((rc == 0 && p && !diags_errors(d)) || (rc == ERR_REFUSED && !p && diags_at(d, 0)->at.line > 0));
        refused += rc != 0;
        program_free(p);
        diags_free(d);
    }
    assert_true(refused > 80); // most lines are needed
    print_message("%d lines are missed\n", refused);
    str_release(&whole);
    str_release(&part);
    str_release(&facts);
    str_release(&safe);
}

/* ---- memory ---- */

static void running_out_of_memory_leaves_nothing_behind(void **state)
{
    (void)state;
    write_po(PO_HEAD "msgctxt \"b/ask\"\nmsgid \"Who?\"\nmsgstr \"Qui ?\"\n");
    struct settings settings = fixture_settings(2);
    const struct menu_input in = small_input(&settings, folder);
    int rc = ERR_NOMEM;
    long n = 0;
    for (; rc && n < 2000; n++) {
        struct program *p = NULL;
        struct diags *d = diags_new();
        mem_fail_after(n);
        rc = menu_load(&in, d, &p);
        mem_fail_after(-1);
        if (rc && rc != ERR_NOMEM)
            fail_msg("request %ld: %s", n, err_text(rc));
        assert_true((rc == 0) == (p != NULL));
        program_free(p);
        diags_free(d);
    }
    assert_int_equal(rc, 0);
    assert_true(n > 20);
    print_message("%ld requests\n", n);
}

static void a_large_menu_is_proved_quickly(void **state)
{
    (void)state;
    enum { SCREENS = 2000, PARTS = 50 };
    struct str text = STR_INIT(10000000);
    str_addz(&text, "start s0\n");
    for (int i = 0; i < SCREENS; i++)
        str_addf(&text,
                 "screen s%d\nask q\ninto n%d\nkind number 1..9\nerror e\ntries 3 -> z\nwhen n%d = 1: -> p%d then s%d\n"
                 "-> s%d\n",
                 i, i, i, i % PARTS, i + 1, i + 1);
    for (int i = 0; i < PARTS; i++)
        str_addf(&text, "part p%d\noption 1 x -> return\noption 2 y -> z\n", i);
    str_addf(&text, "screen s%d\n-> z\nscreen z\nsay bye\n-> end\n", SCREENS);
    const struct fixture_file file = {"main.menu", str_z(&text)};
    struct fixture files = {&file, 1};
    struct settings settings = fixture_settings(1);
    const struct menu_input in = {.settings = &settings, .start = "main.menu", .read = fixture_read, .ctx = &files};
    int64_t begun = clock_monotonic_ms();
    struct program *p = load_with(&in);
    print_message("%d screens: %lld ms\n", SCREENS, (long long)(clock_monotonic_ms() - begun));
    assert_true(clock_monotonic_ms() - begun < 20000);
    program_free(p);
    str_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worked_example_loads),
        cmocka_unit_test(a_question_is_read_whole),
        cmocka_unit_test(options_parts_and_consents_are_read_whole),
        cmocka_unit_test(cases_facts_and_keywords_are_read_whole),
        cmocka_unit_test(a_text_is_cut_at_its_names),
        cmocka_unit_test(lines_of_options_are_ready_unless_they_name_something),
        cmocka_unit_test(a_draft_shows_what_it_has_and_the_source_for_the_rest),
        cmocka_unit_test(a_published_language_must_have_all_with_the_same_names),
        cmocka_unit_test(a_published_language_without_a_file_is_told_once),
        cmocka_unit_test(files_that_include_each_other_are_refused),
        cmocka_unit_test(every_line_can_be_missing),
        cmocka_unit_test(running_out_of_memory_leaves_nothing_behind),
        cmocka_unit_test(a_large_menu_is_proved_quickly),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
