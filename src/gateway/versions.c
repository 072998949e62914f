// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/versions.h"

#include "base/err.h"
#include "base/file.h"
#include "script/script.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIFFERS_MAX = 4096, DIFFERS_NAMED = 6 };

static bool name_fits(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!strchr("0123456789abcdef", name.p[i]) || !name.p[i])
            return false;
    return name.len == VERSION_NAME;
}

/* Compared by bytes: a name of the newest's that is missing there differs as well. */
static bool source_same(const char *place, const struct menu_source *source, struct arena *a)
{
    const char *path = arena_printf(a, "%s/%.*s", place, SPAN_ARG(source->name)).p;
    struct str bytes = STR_INIT(SCRIPT_FILE_MAX);
    bool same = path && file_read(path, &bytes) == 0 && span_eq(str_span(&bytes), source->bytes);
    str_release(&bytes);
    return same;
}

static struct span differences(const char *place, const struct program *now, struct arena *a)
{
    struct str out = STR_INIT(DIFFERS_MAX);
    size_t count = 0;
    for (size_t i = 0; i < now->source_count; i++) {
        if (source_same(place, &now->sources[i], a))
            continue;
        if (count++ < DIFFERS_NAMED)
            str_addf(&out, "%s%.*s", count > 1 ? ", " : "", SPAN_ARG(now->sources[i].name));
    }
    if (count > DIFFERS_NAMED)
        str_addf(&out, " and %zu more", count - DIFFERS_NAMED);
    struct span kept = arena_copy(a, str_span(&out));
    str_release(&out);
    return kept;
}

void version_name(const unsigned char *hash, char name[VERSION_NAME + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < VERSION_NAME / 2; i++) {
        name[2 * i] = digits[hash[i] >> 4];
        name[2 * i + 1] = digits[hash[i] & 15];
    }
    name[VERSION_NAME] = '\0';
}

static int newest_first(const void *left, const void *right)
{
    const struct version *a = left, *b = right;
    if (a->now != b->now)
        return a->now ? -1 : 1;
    return a->last_s == b->last_s ? strcmp(a->name, b->name) : a->last_s > b->last_s ? -1 : 1;
}

static bool version_read(const char *folder, const char *entry, const struct program *now, struct arena *a,
                         struct version *out)
{
    struct stat st;
    char present[VERSION_NAME + 1];
    const char *place = arena_printf(a, "%s/%s", folder, entry).p;
    if (!name_fits(span_of(entry)) || !place || stat(place, &st) < 0)
        return false;
    *out = (struct version){.last_s = st.st_mtime};
    memcpy(out->name, entry, sizeof out->name);
    version_name(now->hash, present);
    out->now = strcmp(present, entry) == 0;
    if (!out->now)
        out->differs = differences(place, now, a);
    return true;
}

int versions_list(const char *data, const struct program *now, struct arena *a, struct version **rows, size_t *count)
{
    const char *folder = arena_printf(a, "%s/bundles", data).p;
    DIR *dir = folder ? opendir(folder) : NULL;
    *rows = NULL;
    *count = 0;
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        struct version row, *grown;
        if (!version_read(folder, e->d_name, now, a, &row))
            continue;
        grown = arena_grow(a, *rows, *count, sizeof row);
        if (!grown) {
            closedir(dir);
            return ERR_NOMEM;
        }
        *rows = grown;
        grown[(*count)++] = row;
    }
    if (dir)
        closedir(dir);
    if (*count)
        qsort(*rows, *count, sizeof **rows, newest_first);
    return folder ? 0 : ERR_NOMEM;
}

int version_find(const char *data, struct span name, struct arena *a, const char **start, const char **locales)
{
    if (!name_fits(name))
        return ERR_MISSING;
    const char *note = arena_printf(a, "%s/bundles/%.*s/.start", data, SPAN_ARG(name)).p;
    struct str first = STR_INIT(DIFFERS_MAX);
    int rc = note ? file_read(note, &first) : ERR_NOMEM;
    if (rc == 0) {
        *start = arena_printf(a, "%s/bundles/%.*s/%s", data, SPAN_ARG(name), str_z(&first)).p;
        *locales = arena_printf(a, "%s/bundles/%.*s/locales", data, SPAN_ARG(name)).p;
        rc = !*start || !*locales ? ERR_NOMEM : access(*start, R_OK) < 0 ? ERR_MISSING : 0;
    }
    str_release(&first);
    return rc;
}

bool version_recent(const char *folder, const char *name, int64_t last_s)
{
    if (!name_fits(span_of(name)))
        return false;
    size_t younger = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        struct stat st;
        younger += name_fits(span_of(e->d_name)) && fstatat(dirfd(dir), e->d_name, &st, 0) == 0 && st.st_mtime > last_s;
    }
    if (dir)
        closedir(dir);
    return younger < VERSIONS_KEPT;
}
