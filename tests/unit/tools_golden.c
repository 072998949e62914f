// SPDX-License-Identifier: AGPL-3.0-or-later
/* What an operator reads: the whole text of every refusal is in tests/golden, as `waymark check` prints it. After a
 * change of wording GOLDEN_ACCEPT=1 writes the files anew; then read the difference. */
#include "menu_rows.h"

#include "base/file.h"
#include "channel/channel.h"
#include "config/config.h"
#include "tools/explain.h"
#include "tools/fit.h"
#include "tools/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MAIN "menus/main.menu"

enum { CODES_MOST = 8, CASES_LEAST = 2 /* of each code */ };

static struct family {
    const char *name, *codes[CODES_MOST];
    size_t cases[CODES_MOST];
    struct str text;
} families[] = {
    {"grammar", {"E01"}, {0}, {0}},
    {"names", {"E02", "E03"}, {0}, {0}},
    {"flow", {"E10", "E11", "E12", "E13", "E14"}, {0}, {0}},
    {"answers", {"E20", "E21", "E22"}, {0}, {0}},
    {"keywords", {"E33", "W33"}, {0}, {0}},
    {"consents", {"E40", "E41", "E42", "E43", "E44", "W41"}, {0}, {0}},
    {"content", {"E45", "E50", "E51", "W20", "W21", "W50"}, {0}, {0}},
    {"translations", {"E30", "E31", "E34", "E52", "W30", "W31", "W45"}, {0}, {0}},
    {"pages", {"E32", "W32"}, {0}, {0}},
    {"settings", {"E04"}, {0}, {0}},
    {"channels", {"W60", "W61"}, {0}, {0}},
    {"talks", {"T01"}, {0}, {0}},
};
enum { FAMILIES = sizeof families / sizeof families[0] };

static char root[1024], folder[] = "/tmp/waymark-golden-XXXXXX";
static struct arena *arena;
static struct settings example; // what the pages of `waymark explain` are checked with

/* The family of a code, and where it stands there. */
static struct family *family_of(const char *code, size_t *at)
{
    for (size_t i = 0; i < FAMILIES; i++)
        for (*at = 0; *at < CODES_MOST && families[i].codes[*at]; ++*at)
            if (strcmp(families[i].codes[*at], code) == 0)
                return &families[i];
    return NULL;
}

static void put(const char *code, const char *name, struct diags *d)
{
    size_t at;
    struct family *f = family_of(code, &at);
    if (!f)
        fail_msg("%s (%s) belongs to no family", code, name);
    bool told = false;
    for (size_t i = 0; i < diags_count(d); i++)
        told |= strcmp(diags_at(d, i)->code, code) == 0;
    str_addf(&f->text, "%s### %s, %s\n", f->text.len ? "\n" : "", code, name);
    diags_text(d, &f->text);
    if (!told)
        fail_msg("%s is not told: %s\n%s", code, name, str_z(&f->text));
    f->cases[at]++;
}

/* ---- menus, and the pages of `waymark explain` ---- */

static void put_rows(void)
{
    for (size_t i = 0; i < MENU_ROWS; i++) {
        struct diags *d = diags_new();
        if (menu_rows[i].code) {
            menu_row_load(menu_rows[i].text, MAIN, d);
            put(menu_rows[i].code, menu_rows[i].name, d);
        }
        diags_free(d);
    }
}

/** Compiles and looks at the pages, as `waymark check` does. */
static struct program *load(const struct settings *settings, const char *menu, struct diags *d)
{
    const struct fixture_file file = {MAIN, menu};
    struct fixture files = {&file, 1};
    struct program *p = NULL;
    const struct menu_input in = {.settings = settings,
                                  .start = MAIN,
                                  .read = fixture_read,
                                  .ctx = &files,
                                  .today = fixture_today(),
                                  .dated = true};
    return menu_load(&in, d, &p) < 0 ? NULL : p;
}

static void compile(const struct settings *settings, const char *menu, bool release, struct diags *d)
{
    static const struct profile profiles[] = {{MEDIUM_USSD, 182, 80}, {MEDIUM_SMS, 459, 201}};
    struct program *p = load(settings, menu, d);
    if (!p)
        return;
    assert_true(fit_check(p, profiles, 2, d) != ERR_NOMEM);
    if (release)
        menu_check_release(p, d);
    program_free(p);
}

static void put_pages(void)
{
    const struct explain_page *page;
    for (size_t i = 0; (page = explain_page(i)) != NULL; i++) {
        if (!page->rest || !*page->wrong)
            continue;
        struct str menu = STR_INIT(100000);
        struct diags *d = diags_new();
        str_addf(&menu, "start main\n%s%s", page->wrong, page->rest);
        compile(&example, str_z(&menu), false, d);
        put(page->code, "as \"waymark explain\" shows it", d);
        str_release(&menu);
        diags_free(d);
    }
}

/* ---- translations ---- */

#define MENU START "screen a\nsay You can ask for help here.\nsay Call {hotline}.\n-> end\n"
#define FACT_OF(name)                                                                                                  \
    "fact " name "\ntext It is so.\nsource A page\nowner O\nreviewed 2026-04-01\nreview-by 2026-09-01\nexpired Ask.\n" \
    "confirm the page is old\n"
#define FACT(name) START "screen a\nsay {f}\n-> end\n" FACT_OF(name)
#define SAID(name)                                                                                                     \
    "msgctxt \"" name "/text\"\nmsgid \"It is so.\"\nmsgstr \"C'est ainsi.\"\n\n"                                      \
    "msgctxt \"" name "/expired\"\nmsgid \"Ask.\"\nmsgstr \"Demandez.\"\n\n"
#define ENTRY(text, translation) "msgctxt \"a/say\"\nmsgid \"" text "\"\nmsgstr \"" translation "\"\n\n"
#define HELP                     "You can ask for help here."
#define CALL                     "Call {hotline}."
#define LANGUAGE(code)           "\"Language: " code "\\n\"\n\n" /* goes on with the head */
#define GOOD                     ENTRY(HELP, "Vous pouvez demander de l'aide.")
#define LONG                                                                                                           \
    "This answer goes on and on for much longer than anybody who holds a small telephone in the street wants to read " \
    "it, and it says nothing at all that could not be said in a few words, as whoever wrote it knows very well. "

static const struct translated {
    const char *code, *name;
    bool draft;
    const char *menu, *po;
} translated[] = {
    {"E30", "a text that has no entry", false, MENU, GOOD},
    {"E30", "a fuzzy one", false, MENU, GOOD "#, fuzzy\n" ENTRY(CALL, "Appelez le {hotline}.")},
    {"E30", "an empty one", false, MENU, GOOD ENTRY(CALL, "")},
    {"E31", "a name that is misspelt", false, MENU, GOOD ENTRY(CALL, "Appelez le {hotlnie}.")},
    {"E31", "a name that is left out", false, MENU, GOOD ENTRY(CALL, "Appelez-nous.")},
    {"E31", "a name that the source does not have", false, MENU,
     ENTRY(HELP, "Demandez au {hotline}.") ENTRY(CALL, "Le {hotline}.")},
    {"W31", "a name that the source does not have, of a draft", true, MENU, ENTRY(HELP, "Demandez au {hotline}.")},
    {"E34", "nobody has reviewed it", false, MENU, GOOD ENTRY(CALL, "Appelez le {hotline}.")},
    {"E34", "nobody has reviewed it, also where little is said", false,
     START "screen a\nsay You can ask for help here.\n-> end\n", GOOD},
    {"E52", "a fact that is not confirmed", false, FACT("f"), SAID("f")},
    {"E52", "two of them", false,
     FACT("f") "screen b\nsay {g}\n-> end\ntrigger b\nwords en B\nwords fr B\n" FACT_OF("g"), SAID("f") SAID("g")},
    {"W31", "a file that cannot be read, of a draft", true, MENU, "msgid \"open\nmsgstr \"\"\n"},
    {"E31", "a file of another language", false, MENU, LANGUAGE("es") GOOD ENTRY(CALL, "Appelez le {hotline}.")},
    {"W31", "a file of another language, of a draft", true, MENU, LANGUAGE("es_MX") GOOD},
    {"W31", "a word that PO files do not have, of a draft", true, MENU, GOOD "msgtxt \"a\"\n"},
    {"W30", "the source itself", false, MENU, ENTRY(HELP, HELP) ENTRY(CALL, "Appelez le {hotline}.")},
    {"W30", "the source itself, of a draft", true, MENU, ENTRY(HELP, HELP)},
    {"E45", "a translation that pushes", false, MENU, ENTRY(HELP, "Dépêchez-vous !") ENTRY(CALL, "Le {hotline}.")},
    {"W45", "a draft that pushes", true, MENU, ENTRY(HELP, "Vite, depechez-vous !")},
    {"W45", "a draft that pushes, in a longer text", true, MENU, GOOD ENTRY(CALL, "Appelez le {hotline}, DÉPÊCHEZ !")},
    {"E32", "an error too long for a call", true,
     START "screen a\nask How old are you?\ninto age\nkind number 5..110\nerror " LONG "\ntries 3 -> z\n-> z\nscreen "
           "z\nsay Bye.\n-> end\n",
     ""},
    {"E32", "an option that one drawing makes too long", true,
     START
     "screen a\noption 1 Everything that you might wish to know about our office \U0001F642 and its hours -> end\n",
     ""},
    {"E32", "an SMS too long", true,
     START "screen a\noption 1 Text me -> b\noption 2 No -> end\nscreen b\nsend " LONG LONG LONG
           "\nsay Sent.\n-> end\n",
     ""},
    {"W32", "more pages than anybody reads", true,
     START "screen a\nsay " LONG LONG LONG LONG "\n  | " LONG LONG "\noption 1 End -> end\n", ""},
    {"W32", "a draft's option too long", true, START "screen a\noption 1 Yes -> end\n",
     "msgctxt \"a/option\"\nmsgid \"Yes\"\nmsgstr \"Oui, " LONG "\"\n"},
};

static void write_translation(const struct translated *t)
{
    struct str po = STR_INIT(100000);
    str_addz(&po, "msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
                  "\"Plural-Forms: nplurals=2; plural=(n > 1);\\n\"\n");
    str_addz(&po, t->po[0] == '"' ? "" : "\n");
    str_addz(&po, t->po);
#define X(name, context, text)                                                                                         \
    if (!t->draft)                                                                                                     \
        str_addz(&po, "msgctxt \"" context "\"\nmsgid \"" text "\"\nmsgstr \"fr " text "\"\n\n");
    SYSTEM_TEXTS(X)
    X(, "system/key", "Back")
    X(, "system/key", "Home")
    X(, "system/key", "More")
    X(, "system/key", "Exit")
#undef X
    assert_int_equal(file_write("locales/fr.po", str_span(&po), 0600), 0);
    str_release(&po);
}

static void put_translations(void)
{
    for (size_t i = 0; i < sizeof translated / sizeof translated[0]; i++) {
        const struct translated *t = &translated[i];
        struct diags *d = diags_new();
        const struct settings_language languages[] = {{.code = SPAN("en")}, {.code = SPAN("fr"), .draft = t->draft}};
        struct settings settings = fixture_settings(2);
        settings.languages = languages;
        settings.locales = SPAN("locales");
        write_translation(t);
        compile(&settings, t->menu, strcmp(t->code, "E34") == 0 || strcmp(t->code, "E52") == 0, d);
        put(t->code, t->name, d);
        diags_free(d);
    }
}

/* ---- settings, channels, transcripts ---- */

static void put_settings(void)
{
    static const struct {
        const char *code, *name, *text;
    } rows[] = {
        {"E01", "commas between languages", "languages en, es, fr\navoid en hurry\nfold es accents\n"},
        {"E01", "a sign that does not belong there", "service = Waymark Info\n"},
        {"E01", "quotes that people would see", "value org \"Waymark Info\"\n"},
        {"E01", "a name that other programs have", "timezone Africa/Tunis\n"},
        {"E01", "commas between flags", "flags minor, urgent\nrestrict minor, urgent to safeguarding\n"},
        {"E02", "a day in words", "hours office\n  open Monday-Friday 09:00-17:00\n"},
        {"E02", "a file that is not there", "secret-file web-key /nowhere/key\n"},
        {"E04", "a span of a day as others write it", "hours office\n  open mon-fri 9am-5pm\n"},
        {"E04", "a public address with too much", "public-url https://gw.example.org/hook/phone\n"},
        {"E04", "a path of the shell", "data ~/waymark\n"},
        {"E04", "half a key", "backup-key wmpublic1-0123456789abcdef\n"},
        {"E04", "a number outside its limits", "parts send 11\n"},
        {"E04", "a zone that nobody knows", "zone Mars/Base\n"},
        {"E04", "a key that no phone has", "key more M More\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct settings settings;
        struct diags *d = diags_new();
        assert_int_equal(file_write("waymark.conf", span_of(rows[i].text), 0600), 0);
        assert_int_equal(config_load("waymark.conf", arena, d, &settings), 0);
        put(rows[i].code, rows[i].name, d);
        diags_free(d);
    }
    unlink("waymark.conf");
}

static void put_channels(void)
{
    static const struct {
        const char *code, *name, *text;
    } rows[] = {
        {"W60", "a secret that is written a little differently", "secret-path web-pathe\n"},
        {"W60", "a key for sending that is not configured",
         "send POST https://sms.example/send\nsend-header apikey $web-pat\n"},
        {"W61", "a channel that nobody has proved", "secret-path web-path\nexperimental\n"},
        {"W61", "the same, said before its secret", "experimental\nsecret-path web-path\n"},
    };
    const struct settings_secret secret = {.name = SPAN("web-path"), .text = SPAN("3f786850e387550f")};
    const struct span used = SPAN("web");
    struct settings settings = {.secrets = &secret, .secret_count = 1, .uses = &used};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        settings.use_count = strcmp(rows[i].code, "W61") == 0;
        struct str text = STR_INIT(4096);
        struct diags *d = diags_new();
        struct channel *c = NULL;
        str_addf(&text,
                 "title Web\nmedium ussd\nreceive POST form\nfield session from form s\nfield from from form f\n"
                 "field text from form t\nreply text/plain\nreply-more {text}\nreply-end {text}\nreply-none OK\n%s",
                 rows[i].text);
        channel_read("web.channel", str_span(&text), &settings, d, &c);
        put(rows[i].code, rows[i].name, d);
        channel_free(c);
        diags_free(d);
        str_release(&text);
    }
}

static void put_talks(void)
{
    static const struct {
        const char *code, *name, *text;
    } rows[] = {
        {"T01", "another text is shown", "> *123#\n< Hello there.\n"},
        {"T01", "another screen is shown", "> *123#\n@ z\n"},
        {"E01", "a screen in capitals", "> *123#\n@ A\n"},
        {"E01", "a screen that there is not", "> *123#\n@ welcome\n"},
    };
    static const char menu[] = START "screen a\nsay Hello.\noption 1 End -> z\nscreen z\nsay Bye.\n-> end\n";
    struct settings settings = fixture_settings(1);
    struct diags *none = diags_new();
    struct program *p = load(&settings, menu, none);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str text = STR_INIT(4096);
        struct diags *d = diags_new();
        struct talk_report report = {0};
        str_addf(&text, "talk A call\nphone +12025550101 ussd\nat 2026-04-12 10:00\n%s", rows[i].text);
        assert_int_equal(talk_run(p, "menus/tests/a.talk", str_span(&text), d, &report), 0);
        put(rows[i].code, rows[i].name, d);
        diags_free(d);
        str_release(&text);
    }
    program_free(p);
    diags_free(none);
}

/* ---- the files ---- */

static void show_difference(const char *path, struct span was, struct span is)
{
    struct span was_line = {0}, is_line = {0}, title = {0};
    bool more = true;
    for (int line = 1; more; line++) {
        bool a = span_split(&was, '\n', &was_line), b = span_split(&is, '\n', &is_line);
        if (b && span_starts(is_line, SPAN("###")))
            title = is_line;
        more = a && b && span_eq(was_line, is_line);
        if (!more)
            print_error("%s:%d: (%.*s)\n- %.*s\n+ %.*s\n", path, line, SPAN_ARG(title), a ? (int)was_line.len : 0,
                        was_line.p, b ? (int)is_line.len : 0, is_line.p);
    }
}

static bool is_as_kept(const struct family *f)
{
    char path[sizeof root + 64];
    struct str kept = STR_INIT(1 << 20);
    snprintf(path, sizeof path, "%s/tests/golden/%s.txt", root, f->name);
    const char *accept = getenv("GOLDEN_ACCEPT");
    if (accept && strcmp(accept, "1") == 0)
        assert_int_equal(file_write(path, str_span(&f->text), 0644), 0);
    int rc = file_read(path, &kept);
    bool same = rc == 0 && span_eq(str_span(&kept), str_span(&f->text));
    if (!same)
        show_difference(path, str_span(&kept), str_span(&f->text));
    str_release(&kept);
    return same;
}

static void what_an_operator_reads_is_what_was_agreed(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < FAMILIES; i++) {
        assert_int_equal(str_err(&families[i].text), 0);
        wrong += !is_as_kept(&families[i]);
    }
    if (wrong)
        fail_msg("%d files differ; if the new words are meant, run this with GOLDEN_ACCEPT=1", wrong);
}

static void every_code_of_the_menus_is_there_twice(void **state)
{
    (void)state;
    size_t at;
    for (size_t i = 0; menu_check(i); i++)
        if (!family_of(menu_check(i)->code, &at))
            fail_msg("%s belongs to no family", menu_check(i)->code);
    for (size_t i = 0; i < FAMILIES; i++)
        for (at = 0; at < CODES_MOST && families[i].codes[at]; at++)
            if (families[i].cases[at] < CASES_LEAST)
                fail_msg("%s has %zu cases", families[i].codes[at], families[i].cases[at]);
}

static int collect(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    arena = arena_new(16 << 20);
    if (config_load("tests/menus/example/waymark.conf", arena, d, &example) < 0 || !getcwd(root, sizeof root) ||
        !mkdtemp(folder) || chdir(folder) < 0 || mkdir("locales", 0700) < 0)
        return -1;
    diags_free(d);
    for (size_t i = 0; i < FAMILIES; i++)
        families[i].text = (struct str)STR_INIT(1 << 20);
    put_rows();
    put_pages();
    put_translations();
    put_settings();
    put_channels();
    put_talks();
    return 0;
}

static int forget(void **state)
{
    (void)state;
    for (size_t i = 0; i < FAMILIES; i++)
        str_release(&families[i].text);
    arena_free(arena);
    unlink("locales/fr.po");
    rmdir("locales");
    return chdir(root) < 0 ? -1 : rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_operator_reads_is_what_was_agreed),
        cmocka_unit_test(every_code_of_the_menus_is_there_twice),
    };
    return cmocka_run_group_tests(tests, collect, forget);
}
