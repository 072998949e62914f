// SPDX-License-Identifier: AGPL-3.0-or-later
/* backup, restore - the data folder into one file that an offline key alone opens, and back.
 *
 * A backup is taken while the service runs: a reader's snapshot is copied (store/copy.h), and the service only notes it
 * in its audit. Restoring unpacks beside the data (DIR/restoring), looks at what came out, applies the newest journal
 * of stops to it, and only then puts it in place; nothing is ever replaced. */
#include "cli/backup.h"
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/control.h"
#include "cli/crate.h"

#include "base/err.h"
#include "base/file.h"
#include "gateway/stops.h"
#include "staff/audit.h"
#include "store/copy.h"
#include "vault/offline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JOURNAL_MOST = 1 << 30, ANSWER_MAX = 4096 };

static const char no_recipient[] =
    "waymark backup: for whom? Make a key pair on another machine (waymark key offline FILE) and say its public half:\n"
    "  --to wmpublic1-..., or \"backup-key wmpublic1-...\" in the configuration\n";

/* ---- backup ---- */

int backup_note(void *note, struct store *s)
{
    const struct backup_note *n = note;
    return audit_note(n->vault, s, &(struct audit){n->at_s, SPAN("command"), n->action, n->object});
}

static int recipient(const struct app *app, const char *to, unsigned char key[VAULT_PUBLIC_BYTES])
{
    struct span text = to ? span_of(to) : app->settings.backup_key;
    if (!text.len) {
        fputs(no_recipient, stderr);
        return ERR_MISSING;
    }
    int rc = offline_public(text, key);
    if (rc == ERR_REFUSED)
        fputs("waymark backup: that is the SECRET half of an offline key; it does not belong on this machine\n",
              stderr);
    else if (rc < 0)
        fprintf(stderr, "waymark backup: %s\n",
                rc == ERR_RANGE ? "a sign of the public key is wrong: its checksum does not fit"
                                : "that is not the public half of an offline key (wmpublic1-...)");
    return rc;
}

/* Notes it in the audit: through the running service, else here, where the lock is then held until the end. */
static int announce(struct app *app, const char *data, const char *to)
{
    struct str request = STR_INIT(ANSWER_MAX), answer = STR_INIT(ANSWER_MAX);
    str_addf(&request, "backup\n%s", to);
    int rc = control_ask(app->data, str_span(&request), &answer);
    if (rc == ERR_MISSING) {
        struct clock clock = clock_system();
        struct backup_note note = {.action = SPAN("backup"), .object = span_of(to)};
        rc = app_open_data(app, data);
        note.vault = app->vault;
        note.at_s = clock.now_ms(clock.ctx) / 1000;
        rc = rc < 0 ? rc : app_write(app, backup_note, &note);
    } else if (rc < 0) {
        fprintf(stderr, "waymark backup: %s\n", answer.len ? str_z(&answer) : err_text(rc));
    }
    str_release(&request);
    str_release(&answer);
    return rc;
}

static const struct {
    int rc;
    const char *why;
} backup_troubles[] = {
    {ERR_EXISTS, "there is a file of that name already; nothing is written over"},
    {ERR_MISSING, "there is no database in the data folder"},
    {ERR_FULL, "no space is left there"},
};

static int backup(struct app *app, const char *data, const char *to, const char *file)
{
    unsigned char key[VAULT_PUBLIC_BYTES];
    char text[OFFLINE_CHARS + 1];
    struct crate_report report;
    struct clock clock = clock_system();
    vault_harden();
    if (!app_data_folder(app, data))
        return ERR_NOMEM;
    int rc = recipient(app, to, key);
    if (rc < 0)
        return rc;
    offline_text(key, text);
    const char *path = arena_printf(app->arena, "%s/waymark.db", app->data).p;
    rc = path && access(path, F_OK) < 0 ? ERR_MISSING : access(file, F_OK) == 0 ? ERR_EXISTS : 0;
    if (rc == 0 && (rc = announce(app, data, text)) < 0)
        return rc;
    if (rc == 0)
        rc = crate_pack(app->data, key, clock.now_ms(clock.ctx), file, &report);
    if (rc == 0) {
        printf("%s: %llu bytes of data as of %s, for %s\n", file, (unsigned long long)report.bytes, report.made, text);
        return 0;
    }
    const char *why = rc == ERR_IO ? strerror(errno) : err_text(rc);
    for (size_t i = 0; i < sizeof backup_troubles / sizeof *backup_troubles; i++)
        if (backup_troubles[i].rc == rc)
            why = backup_troubles[i].why;
    fprintf(stderr, "waymark backup: %s: %s\n", file, why);
    return rc;
}

int cmd_backup(int argc, char **argv)
{
    const char *config = NULL, *data = NULL, *to = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--data", "DIR", "folder of the database", &data},
        {"--to", "KEY", "public half of an offline key (backup-key)", &to},
        {0},
    };
    const char *file;
    int helped = 0;
    if (!cli_arguments("backup", "FILE", options, argc, argv, &file, 1, &helped))
        return helped ? CLI_DONE : CLI_USAGE;
    struct app app;
    bool fine = app_load(&app, config, 0, false, 0) && backup(&app, data, to, file) == 0;
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}

/* ---- restore ---- */

/** What was said on the command line, and where things lie. */
struct restoring {
    struct app *app;
    const char *file, *key, *stops; /* stops: a newer journal that was kept elsewhere, or NULL */
    const char *home, *stage;       /* the data folder, and DIR/restoring in it */
    struct crate_report report;
    int64_t applied;
};

static const char *in(const struct restoring *r, const char *folder, const char *name)
{
    return arena_printf(r->app->arena, "%s/%s", folder, name).p;
}

static int tell(const struct restoring *r, const char *what, int rc)
{
    fprintf(stderr, "waymark restore: %s: %s\n", what, rc == ERR_IO ? strerror(errno) : err_text(rc));
    (void)r;
    return rc;
}

/* The stage is ours alone: what an earlier try left in it goes. */
static const char *const staged[] = {"waymark.db",         "waymark.db-wal", "waymark.db-shm",
                                     "waymark.db-journal", "waymark.lock",   "stops.journal"};

static void stage_clear(const struct restoring *r)
{
    for (size_t i = 0; i < sizeof staged / sizeof *staged; i++)
        unlink(in(r, r->stage, staged[i]));
    rmdir(r->stage);
}

static const struct {
    int rc;
    const char *why;
} unpack_troubles[] = {
    {ERR_MISSING, "no such file"},
    {ERR_SYNTAX, "it is no backup of Waymark"},
    {ERR_NOT_NOW, "it was made by a newer Waymark than this one"},
    {ERR_CORRUPT, "it is damaged"},
    {ERR_RANGE, "it is cut off: its end is missing"},
    {ERR_FULL, "no space is left for what is in it"},
};

static int tell_unpack(const struct restoring *r, int rc, const unsigned char *to)
{
    char text[OFFLINE_CHARS + 1];
    offline_text(to, text);
    if (rc == ERR_AUTH) {
        fprintf(stderr, "waymark restore: %s is for another key: %s\n", r->file, text);
        return rc;
    }
    const char *why = rc == ERR_IO ? strerror(errno) : err_text(rc);
    for (size_t i = 0; i < sizeof unpack_troubles / sizeof *unpack_troubles; i++)
        if (unpack_troubles[i].rc == rc)
            why = unpack_troubles[i].why;
    fprintf(stderr, "waymark restore: %s: %s; nothing was restored\n", r->file, why);
    return rc;
}

int offline_told(const char *command, const char *path, struct opener **key)
{
    static const struct {
        int rc;
        const char *why;
    } troubles[] = {{ERR_MISSING, "no such file"},
                    {ERR_REFUSED, "others may read it: chmod 600"},
                    {ERR_SYNTAX, "that is not the secret half of an offline key"},
                    {ERR_RANGE, "the key in it is damaged: its checksum does not fit"}};
    int rc = offline_open(path, key);
    const char *why = rc == ERR_IO ? strerror(errno) : err_text(rc);
    for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++)
        if (troubles[i].rc == rc)
            why = troubles[i].why;
    if (rc < 0)
        fprintf(stderr, "waymark %s: the offline key in %s: %s\n", command, path, why);
    return rc;
}

static int unpack(struct restoring *r)
{
    struct opener *key;
    unsigned char to[VAULT_PUBLIC_BYTES] = {0};
    int rc = offline_told("restore", r->key, &key);
    if (rc < 0)
        return rc;
    rc = crate_unpack(r->file, key, r->stage, &r->report, to);
    opener_close(key);
    return rc < 0 ? tell_unpack(r, rc, to) : 0;
}

/* Of two copies of one journal the longer: a journal only grows. ERR_REFUSED: neither is how the other began. */
static int newer_journal(const struct restoring *r, const char *other)
{
    struct str ours = STR_INIT(JOURNAL_MOST), theirs = STR_INIT(JOURNAL_MOST);
    const char *path = in(r, r->stage, "stops.journal");
    int rc = file_read(path, &ours);
    if (rc == 0 || rc == ERR_MISSING)
        rc = file_read(other, &theirs);
    size_t both = ours.len < theirs.len ? ours.len : theirs.len;
    both -= both % STOPS_RECORD; // a torn end is no difference
    if (rc == 0 && both && memcmp(ours.p, theirs.p, both) != 0)
        rc = ERR_REFUSED;
    if (rc == 0 && theirs.len > ours.len)
        rc = file_write(path, str_span(&theirs), 0600);
    str_release(&ours);
    str_release(&theirs);
    if (rc == ERR_REFUSED)
        fprintf(stderr,
                "waymark restore: %s is not the journal of this backup: people who stopped would be forgotten\n",
                other);
    else if (rc < 0)
        tell(r, other, rc);
    return rc;
}

static int newest_journal(const struct restoring *r)
{
    const char *here = in(r, r->home, "stops.journal");
    int rc = access(here, F_OK) == 0 ? newer_journal(r, here) : 0;
    return rc == 0 && r->stops ? newer_journal(r, r->stops) : rc;
}

/* Opens what came out as a service would, so that whatever is wrong is told before it lies in its place. */
static int try_out(struct restoring *r)
{
    struct app *app = r->app;
    struct clock clock = clock_system();
    int rc = vault_open(app_key_file(app), false, &app->vault);
    if (rc < 0) {
        app_tell_key(app, rc);
        fputs("waymark restore: nothing was restored\n", stderr);
        return rc;
    }
    rc = store_open(r->stage, &app->store);
    if (rc == 0)
        rc = store_sound(app->store);
    if (rc < 0)
        return tell(r, "the database in it", rc);
    app->data = r->stage;
    rc = app_adopt(app);
    if (rc == 0)
        rc = app_open_stops(app);
    app->data = r->home;
    if (rc < 0)
        return rc;
    r->applied = app->stops_applied;
    struct backup_note note = {.vault = app->vault,
                               .at_s = clock.now_ms(clock.ctx) / 1000,
                               .action = SPAN("restore"),
                               .object = span_of(r->report.made)};
    return app_write(app, backup_note, &note);
}

/* The journal first: with it and no database another restore can begin; the other way round stops would be missing. */
static int put_in_place(struct restoring *r)
{
    store_close(r->app->store); // one file, without a log
    r->app->store = NULL;
    const char *db = in(r, r->home, "waymark.db"), *from = in(r, r->stage, "waymark.db");
    if (rename(in(r, r->stage, "stops.journal"), in(r, r->home, "stops.journal")) < 0 || link(from, db) < 0)
        return tell(r, db, ERR_IO);
    int rc = file_sync_folder(db);
    return rc < 0 ? tell(r, r->home, rc) : 0;
}

static int restore_staged(struct restoring *r)
{
    int rc = unpack(r);
    if (rc == 0)
        rc = newest_journal(r);
    if (rc == 0)
        rc = try_out(r);
    return rc == 0 ? put_in_place(r) : rc;
}

static int restore(struct restoring *r, const char *data)
{
    vault_harden();
    r->home = app_data_folder(r->app, data);
    r->stage = r->home ? in(r, r->home, "restoring") : NULL;
    if (!r->stage)
        return ERR_NOMEM;
    if (access(in(r, r->home, "waymark.db"), F_OK) == 0) {
        fprintf(stderr, "waymark restore: there is a database in %s already; nothing is written over\n", r->home);
        return ERR_EXISTS;
    }
    if (mkdir(r->home, 0700) < 0 && errno != EEXIST)
        return tell(r, r->home, ERR_IO);
    stage_clear(r);
    if (mkdir(r->stage, 0700) < 0)
        return tell(r, r->stage, ERR_IO);
    int rc = restore_staged(r);
    store_close(r->app->store);
    r->app->store = NULL;
    stage_clear(r);
    if (rc == 0)
        printf("%s: restored, as of %s; %lld stops since then are applied\n", r->home, r->report.made,
               (long long)r->applied);
    return rc;
}

int cmd_restore(int argc, char **argv)
{
    const char *config = NULL, *data = NULL, *key = NULL, *stops = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--data", "DIR", "folder of the database, in which there is none yet", &data},
        {"--key", "FILE", "the secret half of the offline key", &key},
        {"--stops", "FILE", "a newer stops.journal, kept elsewhere", &stops},
        {0},
    };
    const char *file;
    int helped = 0;
    if (!cli_arguments("restore", "FILE", options, argc, argv, &file, 1, &helped))
        return helped ? CLI_DONE : CLI_USAGE;
    if (!key) {
        fputs("usage: waymark restore --key FILE [OPTION ...] FILE\n", stderr);
        return CLI_USAGE;
    }
    struct app app;
    bool fine = app_load(&app, config, 0, false, 0);
    struct restoring r = {.app = &app, .file = file, .key = key, .stops = stops};
    fine = fine && restore(&r, data) == 0;
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}
