// SPDX-License-Identifier: AGPL-3.0-or-later
/* key rotate - another master key, while no service runs.
 *
 * The data are copied to DIR/rekeying and put under the new key there, so that until the end nothing has changed and a
 * copy that was begun can be thrown away. When the copy was proved, the file "ready" is written into the folder; from
 * then on whoever opens the data first puts the copy in place (rotate_finish), however often that is cut off. */
#include "cli/rotate.h"

#include "cli/app.h"
#include "cli/cli.h"

#include "base/err.h"
#include "base/file.h"
#include "gateway/stops.h"
#include "staff/rekey.h"
#include "store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MOST = 4096 };

/* In the order in which they are put in place; the first two go over what is there. */
static const char *const moved[] = {"waymark.db", "stops.journal", "master.key"};
static const char *const others[] = {"waymark.db-wal", "waymark.db-shm", "waymark.lock", "ready"};
enum { MOVED = sizeof moved / sizeof *moved, OTHERS = sizeof others / sizeof *others };

static const char *in(char path[PATH_MOST], const char *dir, const char *name)
{
    snprintf(path, PATH_MOST, "%s/%s", dir, name);
    return path;
}

static void clear(const char *stage)
{
    char path[PATH_MOST];
    unlink(in(path, stage, "ready")); // first: half a copy is never put in place
    for (size_t i = 0; i < MOVED; i++)
        unlink(in(path, stage, moved[i]));
    for (size_t i = 0; i < OTHERS; i++)
        unlink(in(path, stage, others[i]));
    rmdir(stage);
}

static int finish(const char *dir, const char *stage)
{
    char from[PATH_MOST], to[PATH_MOST];
    bool ready = access(in(from, stage, "ready"), F_OK) == 0;
    for (size_t i = 0; i < MOVED && ready; i++) {
        if (access(in(from, stage, moved[i]), F_OK) < 0)
            continue; // moved before
        // An old log beside the new database would be read into it.
        if (i == 0 && ((unlink(in(to, dir, "waymark.db-wal")) < 0 && errno != ENOENT) ||
                       (unlink(in(to, dir, "waymark.db-shm")) < 0 && errno != ENOENT)))
            return ERR_IO;
        if (rename(from, in(to, dir, moved[i])) < 0 || file_sync_folder(to) < 0)
            return ERR_IO;
    }
    clear(stage);
    return 0;
}

/* Whoever holds the lock has the data open, or is making the copy; they will see to it. */
int rotate_finish(const char *dir)
{
    char stage[PATH_MOST], lock[PATH_MOST];
    in(stage, dir, "rekeying");
    if (access(stage, F_OK) < 0)
        return 0;
    int fd = open(in(lock, dir, "waymark.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return ERR_IO;
    int rc = flock(fd, LOCK_EX | LOCK_NB) == 0 ? finish(dir, stage) : errno == EWOULDBLOCK ? 0 : ERR_IO;
    close(fd);
    return rc;
}

/* ---- the copy ---- */

struct rotating {
    struct app *app;
    const char *to; /* file of the new key, or NULL: beside the copy */
    char stage[PATH_MOST], key[PATH_MOST];
    struct vault *next;
    struct rekey rekey;
    int fd;
};

static int put(void *ctx, uint64_t place, struct span bytes)
{
    const struct rotating *r = ctx;
    return file_put_at(r->fd, bytes, (int64_t)place);
}

static int copy(struct rotating *r)
{
    char path[PATH_MOST];
    r->fd = open(in(path, r->stage, "waymark.db"), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (r->fd < 0)
        return ERR_IO;
    int rc = store_copy(r->app->data, put, r);
    close(r->fd);
    return rc;
}

static int put_over(struct rotating *r)
{
    struct store *s;
    int rc = store_open(r->stage, &s);
    if (rc < 0)
        return rc;
    rc = rekey_database(&r->rekey, s);
    store_close(s); // one file, without a log
    return rc < 0 ? rc : rekey_journal(&r->rekey, r->app->data, r->stage);
}

static void chain_link(void *vault, const unsigned char *previous, struct span row, unsigned char *next)
{
    vault_chain(vault, previous, row, next);
}

/* Opens the copy as a service would, with the new key alone. */
static int try_out(struct rotating *r)
{
    struct store *s;
    struct span claim;
    struct vault *v = NULL;
    int rc = store_open(r->stage, &s);
    if (rc < 0)
        return rc;
    rc = store_sound(s);
    if (rc == 0)
        rc = vault_open_file(r->key, &v);
    if (rc == 0)
        rc = store_claim_get(s, r->app->arena, &claim);
    if (rc == 0)
        rc = vault_adopt(v, claim);
    if (rc == 0)
        rc = store_stops_open(s, r->stage, chain_link, v);
    if (rc == 0 && store_stops_behind(s))
        rc = ERR_CORRUPT;
    store_close(s);
    vault_close(v);
    return rc;
}

static int mark_ready(struct rotating *r)
{
    char path[PATH_MOST];
    return file_write(in(path, r->stage, "ready"), SPAN("ready\n"), 0600);
}

static int make_copy(struct rotating *r)
{
    int rc = vault_make(r->key);
    if (rc == ERR_EXISTS && r->to)
        rc = 0; // a key that was made before
    if (rc == 0)
        rc = vault_open_file(r->key, &r->next);
    if (rc == 0)
        rc = vault_succeed(r->next, r->app->vault);
    r->rekey.from = r->app->vault;
    r->rekey.to = r->next;
    if (rc == 0)
        rc = copy(r);
    if (rc == 0)
        rc = put_over(r);
    if (rc == 0)
        rc = try_out(r);
    return rc < 0 ? rc : mark_ready(r);
}

/* ---- the command ---- */

static const struct {
    int rc;
    const char *why;
} troubles[] = {
    {ERR_EXISTS, "the new key is the present one"},
    {ERR_LIMIT, "this database was under too many master keys already"},
    {ERR_CORRUPT, "something in the database does not hold; \"waymark consent verify\" says what"},
    {ERR_CRYPTO, "something in the database does not open under the present key"},
    {ERR_FULL, "no space is left: the data are copied for it"},
};

static int rotate(struct rotating *r, const char *data)
{
    struct app *app = r->app;
    struct clock clock = clock_system();
    int rc = app_open_data(app, data);
    if (rc < 0)
        return rc;
    bool here = strcmp(app_key_file(app), arena_printf(app->arena, "%s/master.key", app->data).p) == 0;
    if (!r->to && (!here || vault_from_credential())) {
        fputs("waymark key rotate: the master key is not in the data folder: say where the new one is to be (--to "
              "FILE),\n"
              "  and put it in the old one's place afterwards\n",
              stderr);
        return ERR_REFUSED;
    }
    in(r->stage, app->data, "rekeying");
    snprintf(r->key, sizeof r->key, "%s", r->to ? r->to : arena_printf(app->arena, "%s/master.key", r->stage).p);
    r->rekey.now_s = clock.now_ms(clock.ctx) / 1000;
    clear(r->stage);
    if (mkdir(r->stage, 0700) < 0)
        rc = ERR_IO;
    if (rc == 0)
        rc = make_copy(r);
    if (rc < 0) {
        const char *why = rc == ERR_IO ? strerror(errno) : err_text(rc);
        for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++)
            if (troubles[i].rc == rc)
                why = troubles[i].why;
        fprintf(stderr, "waymark key rotate: %s; nothing was changed\n", why);
        clear(r->stage);
        return rc;
    }
    store_close(app->store); // one file, without a log; its lock goes with it, and the copy is ready by now
    app->store = NULL;
    rc = rotate_finish(app->data);
    if (rc < 0)
        fprintf(stderr, "waymark key rotate: the copy was not put in place: %s; the next start does it\n",
                err_text(rc));
    return rc;
}

int cmd_key_rotate(int argc, char **argv)
{
    const char *config = NULL, *data = NULL, *to = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--data", "DIR", "folder of the database", &data},
        {"--to", "FILE", "where the new key is or is to be; it then has to be put in the old one's place", &to},
        {0},
    };
    int helped, used = cli_options("key rotate", "", options, argc, argv, &helped);
    if (used != argc)
        return helped ? CLI_DONE : CLI_USAGE;
    struct app app;
    struct rotating r = {.app = &app, .to = to};
    bool fine = app_load(&app, config, 0, false, 0) && rotate(&r, data) == 0;
    if (fine)
        printf("The data are under another master key: %lld values were put over, open sessions have ended.\n"
               "The old key opens nothing of them any more; it still opens older backups.\n",
               (long long)r.rekey.values);
    if (fine && to)
        printf("Put %s in the old key's place before the service starts.\n", to);
    vault_close(r.next);
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}
