// SPDX-License-Identifier: AGPL-3.0-or-later
/* messages - writes locales/messages.pot and merges it into the languages' PO files. */
#include "cli/app.h"
#include "cli/cli.h"

#include "base/err.h"
#include "base/file.h"
#include "locale/pot.h"
#include "tools/messages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MESSAGES_FILE_MAX = 64 * 1024 * 1024, MESSAGES_FILE_MODE = 0644 };

static int fail(const char *what, const char *file, int rc)
{
    fprintf(stderr, "waymark messages: cannot %s %s: %s\n", what, file, rc == ERR_IO ? strerror(errno) : err_text(rc));
    return rc;
}

/* Writes the file where it says something else. */
static int write_changed(const char *file, struct span bytes)
{
    struct str old = STR_INIT(MESSAGES_FILE_MAX);
    int rc = file_read(file, &old);
    bool same = rc == 0 && span_eq(str_span(&old), bytes);
    str_release(&old);
    if (same)
        return 0;
    rc = file_write(file, bytes, MESSAGES_FILE_MODE);
    return rc < 0 ? fail("write", file, rc) : 0;
}

/* The narrowest page of the channels' calls. */
static void narrowest(const struct app *app, struct messages_input *in)
{
    const struct channel *c;
    for (size_t i = 0; (c = channel_set_at(app->channels, i)); i++) {
        struct profile profile = channel_profile(c, MEDIUM_USSD);
        if (channel_medium(c) != MEDIUM_USSD || !profile.units)
            continue;
        in->septets = !in->units || profile.septets < in->septets ? profile.septets : in->septets;
        in->units = !in->units || profile.units < in->units ? profile.units : in->units;
    }
}

/* The menus without their translations, which may be what is to be mended: all languages are drafts without a file. */
static int load_untranslated(struct app *app)
{
    size_t count = app->settings.language_count;
    struct settings_language *languages = arena_array(app->arena, count, sizeof *languages);
    char *start = arena_strdup(app->arena, app->settings.menus);
    if (!languages || !start)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        languages[i] = app->settings.languages[i];
        languages[i].draft = i > 0;
    }
    app->settings.languages = languages;
    const struct menu_input in = {.settings = &app->settings, .start = start, .locales = "/dev/null"};
    int rc = menu_load(&in, app->diags, &app->program);
    diags_sort(app->diags);
    if (rc < 0)
        app_report(app);
    return rc;
}

static int write_pot(const struct app *app, const char *pot)
{
    struct str text = STR_INIT(MESSAGES_FILE_MAX);
    struct messages_input in = {.program = app->program, .root = app->settings.locales};
    while (in.root.len && in.root.p[in.root.len - 1] != '/')
        in.root.len--;
    narrowest(app, &in);
    int rc = messages_pot(&in, &text);
    rc = rc < 0 ? fail("make", pot, rc) : write_changed(pot, str_span(&text));
    str_release(&text);
    return rc;
}

/* ---- the languages ---- */

static int make_new(const char *po, struct span language)
{
    struct stat present;
    if (stat(po, &present) == 0 && present.st_size)
        return 0;
    struct str text = STR_INIT(MESSAGES_FILE_MAX);
    pot_new(&text, language);
    int rc = str_err(&text) ? str_err(&text) : write_changed(po, str_span(&text));
    str_release(&text);
    if (rc == 0 && !pot_plural_forms(language).p)
        printf("%s: set Plural-Forms in its head: the plural rule of \"%.*s\" is not known here\n", po,
               SPAN_ARG(language));
    return rc;
}

static int merge(const char *po, const char *pot)
{
    struct str merged = STR_INIT(MESSAGES_FILE_MAX);
    int rc = messages_merge(po, pot, &merged);
    if (rc == ERR_MISSING)
        fprintf(stderr,
                "waymark messages: msgmerge is not installed; %s is written, translations are as they were\n"
                "  hint: install GNU gettext (on Debian: apt-get install gettext)\n",
                pot);
    else if (rc < 0)
        fail("merge", po, rc);
    else
        rc = write_changed(po, str_span(&merged));
    str_release(&merged);
    return rc;
}

static void report(void *ctx, const struct locale_problem *problem)
{
    struct place at = {.file = problem->file, .line = (int)problem->line, .column = (int)problem->column};
    diag_error(ctx, "E31", at, problem->source, "%s", problem->message);
}

/* The file's translations, or what is wrong with it as `waymark check` says that: msgmerge says it otherwise. */
static int read_translations(const char *po, struct locale **l)
{
    struct str text = STR_INIT(MESSAGES_FILE_MAX);
    struct diags *d = diags_new();
    int rc = d ? locale_load(po, report, d, l) : ERR_NOMEM;
    if (d && diags_errors(d)) {
        diags_text(d, &text);
        fprintf(stderr, "%swaymark messages: %s is as it was\n", str_z(&text), po);
    } else if (rc < 0) {
        fail("read", po, rc);
    }
    diags_free(d);
    str_release(&text);
    return rc;
}

static int check_readable(const char *po)
{
    struct locale *l = NULL;
    int rc = read_translations(po, &l);
    locale_free(l);
    return rc;
}

static int tell_open(const char *po)
{
    struct locale *l;
    struct span context, source, text;
    size_t line, done = 0, open = 0;
    int rc = read_translations(po, &l);
    if (rc < 0)
        return rc;
    for (size_t i = 0; locale_entry(l, i, &context, &source, &text, &line); i++)
        *(text.p ? &done : &open) += 1;
    printf("%s: %zu texts translated, %zu to do\n", po, done, open);
    locale_free(l);
    return 0;
}

static int run(struct app *app)
{
    struct span folder = app->settings.locales;
    const char *pot = arena_printf(app->arena, "%.*s/messages.pot", SPAN_ARG(folder)).p;
    int rc = pot ? load_untranslated(app) : ERR_NOMEM;
    if (rc == 0)
        rc = write_pot(app, pot);
    for (size_t i = 1; rc == 0 && i < app->settings.language_count; i++) {
        struct span code = app->settings.languages[i].code;
        const char *po = arena_printf(app->arena, "%.*s/%.*s.po", SPAN_ARG(folder), SPAN_ARG(code)).p;
        rc = po ? make_new(po, code) : ERR_NOMEM;
        rc = rc ? rc : check_readable(po);
        rc = rc ? rc : merge(po, pot);
        rc = rc ? rc : tell_open(po);
    }
    return rc < 0 ? CLI_REFUSED : CLI_DONE;
}

int cmd_messages(int argc, char **argv)
{
    const char *config = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {0},
    };
    int helped, used = cli_options("messages", "", options, argc, argv, &helped);
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    if (used != argc) {
        fprintf(stderr, "waymark messages: nothing follows the options\nTry: waymark messages --help\n");
        return CLI_USAGE;
    }
    struct app app;
    int status = CLI_REFUSED;
    if (app_load(&app, config, APP_CHANNELS, false, 0))
        status = run(&app);
    app_close(&app);
    return status;
}
