// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/bundles.h"

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "gateway/versions.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUNDLE_START ".start" // the name of the first source

enum { BUNDLE_PATH = PATH_MAX };

/* Formats a path into `path`; false where it is too long. */
__attribute__((format(printf, 2, 3))) static bool path_of(char path[BUNDLE_PATH], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(path, BUNDLE_PATH, format, args);
    va_end(args);
    return len > 0 && len < BUNDLE_PATH;
}

/* Makes the folders on the way to `path` (whose last part is a file). */
static int folders_make(char *path)
{
    for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
        *p = '\0';
        int rc = mkdir(path, 0700);
        *p = '/';
        if (rc < 0 && errno != EEXIST)
            return ERR_IO;
    }
    return 0;
}

static int source_write(const char *folder, const struct menu_source *source)
{
    char path[BUNDLE_PATH];
    if (!path_of(path, "%s/%.*s", folder, SPAN_ARG(source->name)))
        return ERR_LIMIT;
    int rc = folders_make(path);
    return rc < 0 ? rc : file_write(path, source->bytes, 0600);
}

static int folder_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void folder_remove(const char *path)
{
    nftw(path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Writes all sources beside the place, then moves the folder there, so that a half-written bundle is never found. */
static int bundle_write(const struct program *p, const char *place)
{
    char fresh[BUNDLE_PATH];
    if (!path_of(fresh, "%s.new", place))
        return ERR_LIMIT;
    folder_remove(fresh);
    int rc = 0;
    for (size_t i = 0; i < p->source_count && rc == 0; i++)
        rc = source_write(fresh, &p->sources[i]);
    if (rc == 0)
        rc = source_write(fresh, &(struct menu_source){.name = SPAN(BUNDLE_START), .bytes = p->sources[0].name});
    if (rc == 0 && rename(fresh, place) < 0)
        rc = ERR_IO;
    if (rc < 0)
        folder_remove(fresh);
    return rc;
}

static bool bundle_place(const struct bundles *b, const unsigned char hash[8], char path[BUNDLE_PATH])
{
    char name[VERSION_NAME + 1];
    version_name(hash, name);
    return b->data && path_of(path, "%s/bundles/%s", b->data, name);
}

/* A folder's time is when its menus were last known to be the newest: sessions may begin on them until then. */
static void bundle_touch(const char *place)
{
    if (utimensat(AT_FDCWD, place, NULL, 0) < 0)
        log_event(LOG_WARN, "menus may be dropped too early", LOG_ERR(ERR_IO));
}

static void bundle_store(const struct bundles *b)
{
    char place[BUNDLE_PATH];
    if (!bundle_place(b, b->newest->hash, place))
        return;
    if (access(place, F_OK) == 0) {
        bundle_touch(place);
        return;
    }
    int rc = bundle_write(b->newest, place);
    if (rc < 0)
        log_event(LOG_WARN, "menus not kept for sessions of this start", LOG_ERR(rc));
}

void bundles_open(struct bundles *b, const struct program *newest, const struct settings *settings, const char *data)
{
    *b = (struct bundles){.newest = newest, .settings = settings, .data = data, .current = {.borrowed = true}};
    bundle_store(b);
}

static void edition_drop(const struct edition *e)
{
    if (e->release)
        e->release(e->ctx);
    else if (!e->borrowed)
        program_free(e->program);
}

void bundles_close(struct bundles *b)
{
    for (size_t i = 0; i < b->count; i++)
        edition_drop(&b->older[i]);
    edition_drop(&b->current);
    b->count = 0;
}

/* Which of the sources is the first one: a note beside them says so, since the settings may have changed since. */
static bool start_path(const char *place, char path[BUNDLE_PATH])
{
    struct str name = STR_INIT(BUNDLE_PATH);
    bool known = path_of(path, "%s/" BUNDLE_START, place) && file_read(path, &name) == 0 &&
                 path_of(path, "%s/%s", place, str_z(&name)) && access(path, R_OK) == 0;
    str_release(&name);
    return known;
}

static struct program *bundle_load(const struct bundles *b, const unsigned char hash[8])
{
    char place[BUNDLE_PATH], start[BUNDLE_PATH], locales[BUNDLE_PATH];
    if (!bundle_place(b, hash, place) || !start_path(place, start) || !path_of(locales, "%s/locales", place))
        return NULL;
    struct diags *d = diags_new();
    struct program *p = NULL;
    if (d && menu_load(&(struct menu_input){.settings = b->settings, .start = start, .locales = locales}, d, &p) == 0)
        memcpy(p->hash, hash, 8);
    diags_free(d);
    return p;
}

/* The one that came first is the one least likely to be needed; who needs it all the same has it compiled again. First
 * in, first out also keeps memory right: menus compiled from the disk use the settings of the edition that was the
 * newest then, and that one comes into this list after them. */
static const struct program *bundle_keep(struct bundles *b, const struct edition *e)
{
    if (b->count == BUNDLES_MAX) {
        edition_drop(&b->older[0]);
        memmove(b->older, b->older + 1, (BUNDLES_MAX - 1) * sizeof *b->older);
        b->count--;
    }
    b->older[b->count++] = *e;
    return e->program;
}

void bundles_replace(struct bundles *b, const struct edition *newer)
{
    struct edition before = b->current;
    before.program = (struct program *)b->newest;
    b->current = *newer;
    b->newest = newer->program;
    b->settings = newer->program->settings;
    b->missing_count = 0;
    bundle_keep(b, &before);
    bundle_store(b);
}

static bool known_missing(const struct bundles *b, const unsigned char hash[8])
{
    for (size_t i = 0; i < b->missing_count; i++)
        if (memcmp(b->missing[i], hash, 8) == 0)
            return true;
    return false;
}

const struct program *bundles_find(struct bundles *b, const unsigned char hash[8])
{
    if (memcmp(b->newest->hash, hash, 8) == 0)
        return b->newest;
    for (size_t i = 0; i < b->count; i++)
        if (memcmp(b->older[i].program->hash, hash, 8) == 0)
            return b->older[i].program;
    if (known_missing(b, hash))
        return NULL;
    struct program *p = bundle_load(b, hash);
    if (p)
        return bundle_keep(b, &(struct edition){.program = p});
    memcpy(b->missing[b->missing_count % BUNDLES_MAX], hash, 8);
    if (b->missing_count < BUNDLES_MAX)
        b->missing_count++;
    return NULL;
}

void bundles_expire(struct bundles *b, int64_t before_s)
{
    char folder[BUNDLE_PATH], newest[VERSION_NAME + 1], path[BUNDLE_PATH];
    if (!b->data || !path_of(folder, "%s/bundles", b->data))
        return;
    version_name(b->newest->hash, newest);
    if (path_of(path, "%s/%s", folder, newest))
        bundle_touch(path);
    DIR *dir = opendir(folder);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        struct stat st;
        if (e->d_name[0] == '.' || strcmp(e->d_name, newest) == 0 || !path_of(path, "%s/%s", folder, e->d_name))
            continue;
        if (stat(path, &st) == 0 && st.st_mtime < before_s && !version_recent(folder, e->d_name, st.st_mtime))
            folder_remove(path);
    }
    if (dir)
        closedir(dir);
}
