// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/app.h"

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/locked.h"
#include "cli/owner.h"
#include "cli/rotate.h"
#include "cli/trouble.h"
#include "config/config.h"
#include "gateway/intake.h"
#include "gateway/stops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { APP_ARENA = 64 * 1024 * 1024, APP_REPORT_MAX = 4 * 1024 * 1024, CLAIM_MAX = 16 * 1024 };

static const char *const default_config = "config/waymark.conf";

bool app_report(const struct app *app)
{
    struct str text = STR_INIT(APP_REPORT_MAX);
    diags_text(app->diags, &text);
    fputs(str_z(&text), stderr);
    str_release(&text);
    return diags_errors(app->diags) > 0;
}

static void bundle_hash(struct program *p)
{
    struct str all = STR_INIT(SIZE_MAX / 2);
    for (size_t i = 0; i < p->source_count; i++) {
        str_addf(&all, "%zu %zu ", p->sources[i].name.len, p->sources[i].bytes.len);
        str_add(&all, p->sources[i].name);
        str_add(&all, p->sources[i].bytes);
    }
    vault_hash(str_span(&all), p->hash);
    str_release(&all);
}

static void load_menus(struct app *app, bool dated, int64_t day)
{
    struct menu_input in = {.settings = &app->settings,
                            .start = arena_strdup(app->arena, app->settings.menus),
                            .locales = arena_strdup(app->arena, app->settings.locales),
                            .previous = app->previous,
                            .today = day,
                            .dated = dated,
                            .locked = dated};
    if (in.start && in.locales && menu_load(&in, app->diags, &app->program) == 0)
        bundle_hash(app->program);
}

/* The zone is the whole process's, so it is set once, while there is one thread: a reload leaves it alone. */
static void set_zone(struct app *app)
{
    char *zone = arena_strdup(app->arena, app->settings.zone);
    if (zone && clock_zone(zone) < 0)
        fprintf(stderr, "waymark: zone %s is not known here; times are in UTC\n", zone);
}

static bool load_parts(struct app *app, unsigned parts, bool dated, int64_t day)
{
    char *folder = arena_strdup(app->arena, app->settings.channels);
    bool fine = true;
    if ((parts & APP_CHANNELS) && folder)
        fine = channel_set_load(folder, &app->settings, app->diags, &app->channels) == 0 &&
               channel_set_use(app->channels, folder, &app->settings, app->diags) == 0;
    if (!fine && !diags_errors(app->diags))
        fprintf(stderr,
                "waymark: cannot read the channels in %s: %s\n"
                "  hint: \"channels\" in the configuration says in which folder they are\n",
                folder, strerror(errno));
    if (parts & APP_MENUS)
        load_menus(app, dated, day);
    return fine && (!(parts & APP_MENUS) || app->program);
}

bool app_load(struct app *app, const char *config, unsigned parts, bool dated, int64_t day)
{
    return app_load_after(app, NULL, config, parts, dated, day);
}

static void cannot_read(const char *file, bool unnamed, int rc)
{
    fprintf(stderr, "waymark: cannot read %s: %s\n  hint: ", file,
            rc == ERR_MISSING ? "no such file"
            : rc == ERR_IO    ? strerror(errno)
                              : err_text(rc));
    if (rc == ERR_MISSING && file_has_txt(file))
        fprintf(stderr, "there is one called %s.txt: take \".txt\" off its name\n", file);
    else if (rc != ERR_MISSING)
        fputs("it must be a file that the user who runs waymark may read\n", stderr);
    else
        fputs(unnamed ? "start waymark in the folder that holds config/, or say --config FILE\n"
                      : "look at its name; it is looked for from the folder where waymark was started\n",
              stderr);
}

/* The configuration alone. */
static bool load_settings(struct app *app, const struct program *previous, const char *config, unsigned parts)
{
    *app = (struct app){.arena = arena_new(APP_ARENA), .diags = diags_new(), .previous = previous};
    if (!app->arena || !app->diags) {
        fputs("waymark: out of memory\n", stderr);
        return false;
    }
    const char *file = config ? config : default_config;
    int rc = config_load(file, app->arena, app->diags, &app->settings);
    if (rc < 0) {
        cannot_read(file, !config, rc);
        return false;
    }
    if (!(parts & APP_SAME_ZONE))
        set_zone(app);
    return true;
}

static bool load_rest(struct app *app, unsigned parts, bool dated, int64_t day)
{
    bool fine = !diags_errors(app->diags) && load_parts(app, parts, dated, day);
    diags_sort(app->diags);
    return !app_report(app) && fine;
}

bool app_load_after(struct app *app, const struct program *previous, const char *config, unsigned parts, bool dated,
                    int64_t day)
{
    return load_settings(app, previous, config, parts) && load_rest(app, parts, dated, day);
}

bool app_load_version(struct app *app, const struct program *previous, const char *config, const char *start,
                      const char *locales, int64_t day)
{
    unsigned parts = APP_CHANNELS | APP_MENUS | APP_SAME_ZONE;
    if (!load_settings(app, previous, config, parts))
        return false;
    app->settings.menus = span_of(start);
    app->settings.locales = span_of(locales);
    return load_rest(app, parts, false, day);
}

const char *app_data_folder(struct app *app, const char *data)
{
    const char *environment = getenv("WAYMARK_DATA");
    app->data = data ? data : environment && *environment ? environment : arena_strdup(app->arena, app->settings.data);
    return app->data;
}

const char *app_key_file(struct app *app)
{
    struct span path = app->settings.key_file;
    return path.len ? arena_strdup(app->arena, path) : (char *)arena_printf(app->arena, "%s/master.key", app->data).p;
}

/* A key is made only where there is nothing yet that another key may have closed. */
static bool fresh(const struct app *app)
{
    const char *path = arena_printf(app->arena, "%s/waymark.db", app->data).p;
    return !app->settings.key_file.len && path && access(path, F_OK) < 0;
}

void app_tell_key(struct app *app, int rc)
{
    const int number = errno; // making the name must not change what is told
    const char *folder = getenv("CREDENTIALS_DIRECTORY"), *file = app_key_file(app);
    if (folder && vault_from_credential())
        file = arena_printf(app->arena, "%s/waymark-master", folder).p;
    errno = number;
    trouble_tell(TROUBLE_KEY, file ? file : "?", rc);
}

int app_open_keys(struct app *app)
{
    if (app->vault) // given by a passphrase
        return 0;
    if (locked_is(app)) {
        fprintf(stderr,
                "waymark: the master key lies under a passphrase in %s; a running service has it after \"waymark "
                "unlock\"\n",
                locked_file(app));
        return ERR_REFUSED;
    }
    const char *file = app_key_file(app);
    int rc = file ? vault_open(file, fresh(app), &app->vault) : ERR_NOMEM;
    if (rc < 0)
        app_tell_key(app, rc);
    return rc;
}

int app_adopt(struct app *app)
{
    struct span claim;
    int rc = store_claim_get(app->store, app->arena, &claim);
    if (rc == 0)
        rc = vault_adopt(app->vault, claim);
    if (rc == ERR_CRYPTO)
        fprintf(
            stderr,
            "waymark: %s/waymark.db is under another master key\n"
            "  hint: after \"waymark key rotate\" the new key has to be where the old one was; nothing was changed\n",
            app->data);
    return rc == ERR_MISSING ? 0 : rc;
}

int app_write(struct app *app, int (*fn)(void *ctx, struct store *s), void *ctx)
{
    int rc = store_begin(app->store);
    if (rc == 0)
        rc = fn(ctx, app->store);
    if (rc == 0)
        return store_commit(app->store);
    store_rollback(app->store);
    return rc;
}

static int claim_put(void *box, struct store *s)
{
    return store_claim_put(s, str_span(box));
}

/* A database that has none yet; the journal has said that it is this key's. */
static int claim(struct app *app)
{
    struct span before;
    struct str box = STR_INIT(CLAIM_MAX);
    int rc = store_claim_get(app->store, app->arena, &before);
    if (rc != ERR_MISSING)
        return rc;
    rc = vault_claim(app->vault, &box);
    if (rc == 0)
        rc = app_write(app, claim_put, &box);
    str_release(&box);
    return rc;
}

static int folder_is_ours(const char *folder)
{
    struct stat st;
    if ((mkdir(folder, 0700) < 0 && errno != EEXIST) || stat(folder, &st) < 0)
        return ERR_IO;
    if (S_ISDIR(st.st_mode) && st.st_mode & (S_IWGRP | S_IWOTH))
        return ERR_REFUSED;
    errno = ENOTDIR;
    return S_ISDIR(st.st_mode) && access(folder, R_OK | W_OK | X_OK) == 0 ? 0 : ERR_IO;
}

int app_make_folder(struct app *app, const char *data)
{
    if (!app_data_folder(app, data))
        return ERR_NOMEM;
    int rc = folder_is_ours(app->data);
    if (rc < 0)
        trouble_tell(TROUBLE_FOLDER, app->data, rc);
    return rc;
}

/* SQLite opens a file that can only be read, and fails when it writes. */
static int open_database(struct app *app)
{
    const char *path = arena_printf(app->arena, "%s/waymark.db", app->data).p;
    bool there = path && access(path, F_OK) == 0;
    errno = 0;
    int rc = !path ? ERR_NOMEM : there && access(path, R_OK | W_OK) < 0 ? ERR_IO : store_open(app->data, &app->store);
    if (rc == ERR_BUSY)
        fprintf(stderr,
                "waymark: another waymark is using %s\n"
                "  hint: let it end first, or name another folder with --data\n",
                app->data);
    else if (rc < 0)
        trouble_tell(TROUBLE_DATABASE, app->data, rc);
    return rc;
}

int app_open_store(struct app *app, const char *data)
{
    vault_harden();
    int rc = app_make_folder(app, data);
    if (rc < 0)
        return rc;
    rc = rotate_finish(app->data);
    if (rc < 0)
        fprintf(stderr, "waymark: the data under the new master key cannot be put in place: %s\n", strerror(errno));
    if (rc == 0)
        rc = app_open_keys(app);
    if (rc < 0)
        return rc;
    rc = open_database(app);
    return rc < 0 ? rc : app_adopt(app);
}

int app_open_stops(struct app *app)
{
    struct clock clock = clock_system();
    int rc = stops_open(app->vault, app->store, app->data, clock.now_ms(clock.ctx), &app->stops_applied);
    if (rc < 0)
        trouble_tell(TROUBLE_STOPS, app->data, rc);
    return rc < 0 ? rc : claim(app);
}

/* What was taken in while the key was not there comes before anything else. */
static int open_intake(struct app *app)
{
    int64_t applied;
    struct clock clock = clock_system();
    int rc = intake_apply(app->vault, app->store, app->data, clock.now_ms(clock.ctx), &applied);
    if (rc == 0)
        rc = intake_prepare(app->vault, app->data);
    if (rc < 0)
        fprintf(stderr, "waymark: %s/intake.journal: %s\n", app->data,
                rc == ERR_BUSY ? "a service that waits for its master key adds to it" : err_text(rc));
    return rc;
}

int app_open_data(struct app *app, const char *data)
{
    int rc = app_open_store(app, data);
    if (rc == 0)
        rc = app_open_stops(app);
    return rc < 0 ? rc : open_intake(app);
}

void app_close(struct app *app)
{
    store_close(app->store);
    if (app->data && owner_settle(app->data) < 0)
        fprintf(stderr, "waymark: some files in %s belong to root now: %s\n", app->data, strerror(errno));
    vault_close(app->vault);
    program_free(app->program);
    channel_set_free(app->channels);
    diags_free(app->diags);
    arena_free(app->arena);
}
