// SPDX-License-Identifier: AGPL-3.0-or-later
/* What is wrong in translations is told in the PO file: words that push, the source as its own translation. And the
 * lock of consents as it is written. */
#include "menu_fixture.h"

#include "base/file.h"
#include "menu/lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/waymark-words-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int take_folder(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "%s/fr.po", folder);
    unlink(path);
    return rmdir(folder);
}

#define HEAD                                                                                                           \
    "msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n"                                        \
    "\"Plural-Forms: nplurals=2; plural=(n > 1);\\n\"\n\n"

#define MENU                                                                                                           \
    "start a\nscreen a\nsay You can ask for help here.\nsay Take {grant: # euro | # euros}.\noption 1 Yes -> "         \
    "b\nscreen b\nsay Bye.\n-> end\n"

static const struct row {
    const char *name, *po;
    const char *code; /* NULL: nothing is told */
    int line;
} rows[] = {
    {"a translation", "msgctxt \"a/say\"\nmsgid \"You can ask for help here.\"\nmsgstr \"Vous pouvez demander.\"\n",
     NULL, 0},
    {"a translation that pushes",
     "msgctxt \"a/say\"\nmsgid \"You can ask for help here.\"\nmsgstr \"Vite, depechez-vous !\"\n", "W45", 7},
    {"a longer word", "msgctxt \"a/say\"\nmsgid \"You can ask for help here.\"\nmsgstr \"Dépêchezvous\"\n", NULL, 0},
    {"a plural form that pushes",
     "msgctxt \"a/say\"\nmsgid \"Take {grant} euro.\"\nmsgid_plural \"Take {grant} euros.\"\nmsgstr[0] \"{grant} "
     "euro.\"\nmsgstr[1] \"Dépêchez: {grant} euros.\"\n",
     "W45", 7},
    {"the source itself",
     "msgctxt \"a/say\"\nmsgid \"You can ask for help here.\"\nmsgstr \"You can ask for help here.\"\n", "W30", 7},
    {"a short word that is the same", "msgctxt \"b/say\"\nmsgid \"Bye.\"\nmsgstr \"Bye.\"\n", NULL, 0},
};

static int load(const char *po, bool draft, struct diags *d, struct program **p)
{
    static const struct fixture_file file = {"m/main.menu", MENU};
    static struct settings settings; // outlives the program
    static struct settings_language languages[2];
    settings = fixture_settings(2);
    languages[0] = fixture_languages[0];
    languages[1] = (struct settings_language){.code = SPAN("fr"), .draft = draft};
    char path[64];
    struct str all = STR_INIT(10000);
    settings.languages = languages;
    str_addz(&all, HEAD);
    str_addz(&all, po);
    snprintf(path, sizeof path, "%s/fr.po", folder);
    assert_int_equal(file_write(path, str_span(&all), 0600), 0);
    str_release(&all);
    const struct menu_input in = {.settings = &settings,
                                  .start = "m/main.menu",
                                  .locales = folder,
                                  .read = fixture_read,
                                  .ctx = &(struct fixture){&file, 1}};
    int rc = menu_load(&in, d, p);
    return rc;
}

static void a_translation_is_told_at_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct diags *d = diags_new();
        struct program *p = NULL;
        assert_int_equal(load(rows[i].po, true, d, &p), 0);
        const struct diag *first = diags_count(d) ? diags_at(d, 0) : NULL;
        if (!first != !rows[i].code || (first && (strcmp(first->code, rows[i].code) || first->at.line != rows[i].line)))
            fail_msg("%s: %s at %d", rows[i].name, first ? first->code : "nothing", first ? first->at.line : 0);
        assert_true(!first || (strstr(first->at.file, "/fr.po") && first->hint.len));
        diags_free(d);
        program_free(p);
    }
}

static void a_published_language_that_pushes_is_refused(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    struct program *p = NULL;
    struct str po = STR_INIT(100000);
    assert_int_equal(load("", true, d, &p), 0);
    for (size_t i = 0; i < p->text_count; i++) { // all of it is translated, and one text pushes
        const struct text *t = &p->texts[i];
        bool pushes = span_is(t->context, "b/say");
        if (t->plural.len)
            str_addf(
                &po,
                "msgctxt \"%.*s\"\nmsgid \"%.*s\"\nmsgid_plural \"%.*s\"\nmsgstr[0] \"%.*s\"\nmsgstr[1] \"%.*s\"\n\n",
                SPAN_ARG(t->context), SPAN_ARG(t->source), SPAN_ARG(t->plural), SPAN_ARG(t->source),
                SPAN_ARG(t->plural));
        else
            str_addf(&po, "msgctxt \"%.*s\"\nmsgid \"%.*s\"\nmsgstr \"%s%.*s\"\n\n", SPAN_ARG(t->context),
                     SPAN_ARG(t->source), pushes ? "Dépêchez ! " : "Fr ", SPAN_ARG(t->source));
    }
    program_free(p);
    assert_int_equal(load(str_z(&po), false, d, &p), ERR_REFUSED);
    assert_int_equal(diags_count(d), 1);
    assert_string_equal(diags_at(d, 0)->code, "E45");
    assert_true(diags_at(d, 0)->at.line > 7);
    str_release(&po);
    diags_free(d);
}

/* ---- the lock ---- */

#define CONSENT(version, words)                                                                                        \
    "start c\nconsent c\nversion " version "\nsay " words                                                              \
    "\nagree 1 yes -> z\nrefuse 2 no -> z\nscreen z\nsay bye\n-> end\ntrigger stop\nwords en STOP\nscreen stop\n"      \
    "withdraw c\nsay done\n-> end\n"

struct locking {
    const char *menu, *lock;
};

static int read_locked(void *ctx, const char *path, struct str *out)
{
    const struct locking *l = ctx;
    const char *text = strcmp(path, "m/main.menu") == 0 ? l->menu : l->lock;
    if (!text)
        return ERR_MISSING;
    str_addz(out, text);
    return str_err(out);
}

/* The code of the first message, or "". */
static const char *locked(const char *menu, const char *lock, struct str *next)
{
    struct settings settings = fixture_settings(1);
    struct locking l = {menu, lock};
    const struct menu_input in = {
        .settings = &settings, .start = "m/main.menu", .read = read_locked, .ctx = &l, .locked = true};
    struct diags *d = diags_new();
    struct program *p = NULL;
    size_t added;
    menu_load(&in, d, &p);
    const char *code = diags_count(d) ? diags_at(d, 0)->code : "";
    if (p && next)
        assert_int_equal(lock_add(p, span_of(lock), next, &added), 0);
    program_free(p);
    diags_free(d);
    return code;
}

static void a_lock_is_written_once_and_kept(void **state)
{
    (void)state;
    struct str first = STR_INIT(10000), again = STR_INIT(10000), second = STR_INIT(10000);
    assert_string_equal(locked(CONSENT("1", "may we"), NULL, &first), "W41");
    assert_string_equal(locked(CONSENT("1", "may we"), str_z(&first), &again), "");
    assert_string_equal(str_z(&first), str_z(&again));
    assert_string_equal(locked(CONSENT("1", "may we?"), str_z(&first), NULL), "E41");
    assert_string_equal(locked(CONSENT("2", "may we?"), str_z(&first), &second), "W41");
    assert_true(span_starts(str_span(&second), str_span(&first)));
    assert_string_equal(locked(CONSENT("2", "may we?"), str_z(&second), NULL), "");
    assert_string_equal(locked(CONSENT("1", "may we?"), str_z(&second), NULL), "E41"); // no way back to version 1
    assert_string_equal(locked(CONSENT("1", "may we"), str_z(&second), NULL), "");
    str_release(&first);
    str_release(&again);
    str_release(&second);
}

static void a_broken_lock_is_told(void **state)
{
    (void)state;
    assert_string_equal(locked(CONSENT("1", "may we"), "consent c 1\n", NULL), "E01");
    assert_string_equal(locked(CONSENT("1", "may we"), "<<<<<<< ours\n", NULL), "E01");
    assert_string_equal(locked(CONSENT("1", "may we"), "", NULL), "W41");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_translation_is_told_at_its_line),
        cmocka_unit_test(a_published_language_that_pushes_is_refused),
        cmocka_unit_test(a_lock_is_written_once_and_kept),
        cmocka_unit_test(a_broken_lock_is_told),
    };
    return cmocka_run_group_tests(tests, make_folder, take_folder);
}
