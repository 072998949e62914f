// SPDX-License-Identifier: AGPL-3.0-or-later
#include "channel/set.h"

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "channel/channel_internal.h"
#include "script/suggest.h"

#include <dirent.h>
#include <errno.h>

enum { SET_MAX = 256, SET_BYTES_MAX = 1024 * 1024 }; // channels in a folder; bytes of their names

struct channel_set {
    struct channel *items[SET_MAX]; // in order of names
    size_t count;
};

static int is_channel_file(const struct dirent *entry)
{
    struct span name = span_of(entry->d_name), suffix = SPAN(".channel");
    return name.p[0] != '.' && name.len > suffix.len && span_eq(span_from(name, name.len - suffix.len), suffix);
}

static int load_one(struct channel_set *set, const char *file, const struct settings *settings, struct diags *d)
{
    struct str bytes = STR_INIT(CHANNEL_FILE_MAX);
    int rc = file_read(file, &bytes);
    if (rc == ERR_LIMIT || rc == ERR_IO || rc == ERR_MISSING) {
        diag_error(d, "E02", (struct place){.file = file}, (struct span){0},
                   "cannot be read: %s\nit must be a file that the user who runs waymark may read",
                   rc == ERR_IO ? strerror(errno) : err_text(rc));
        rc = ERR_REFUSED;
    }
    if (rc == 0)
        rc = channel_read(file, str_span(&bytes), settings, d, &set->items[set->count]);
    if (rc == 0)
        set->count++;
    str_release(&bytes);
    return rc;
}

/* Goes on after a file with mistakes, so that all of them are told. */
static int load_all(struct channel_set *set, const char *folder, struct dirent **entries, int count,
                    const struct settings *settings, struct diags *d)
{
    struct arena *names = arena_new(SET_BYTES_MAX);
    int worst = names ? 0 : ERR_NOMEM;
    for (int i = 0; i < count && worst != ERR_NOMEM; i++) {
        struct span file = arena_printf(names, "%s/%s", folder, entries[i]->d_name);
        int rc = file.p ? load_one(set, file.p, settings, d) : ERR_NOMEM;
        worst = rc < 0 ? rc : worst;
    }
    arena_free(names);
    return worst;
}

static struct span stem(const struct dirent *entry)
{
    struct span name = span_of(entry->d_name);
    return span_first(name, name.len - SPAN(".channel").len);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return span_cmp(stem(*a), stem(*b));
}

static void free_entries(struct dirent **entries, int count)
{
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
}

int channel_set_load(const char *folder, const struct settings *settings, struct diags *d, struct channel_set **out)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_channel_file, by_name); // allocates by itself: start-up only
    if (count < 0)
        return errno == ENOMEM ? ERR_NOMEM : ERR_MISSING;
    struct channel_set *set = mem_calloc(1, sizeof *set);
    int rc = set ? 0 : ERR_NOMEM;
    if (rc == 0 && count > SET_MAX) {
        diag_error(d, "E04", (struct place){.file = folder}, (struct span){0}, "more than %d channel files", SET_MAX);
        rc = ERR_REFUSED;
    }
    if (rc == 0)
        rc = load_all(set, folder, entries, count, settings, d);
    free_entries(entries, count);
    if (rc < 0)
        channel_set_free(set);
    else
        *out = set;
    return rc;
}

bool channel_in_use(const struct settings *settings, struct span name)
{
    for (size_t i = 0; i < settings->use_count; i++)
        if (span_eq(settings->uses[i], name))
            return true;
    return false;
}

/* Where the configuration says it; the folder, where that is not known. */
static struct place place_of(const struct settings_origin *origin, const char *folder)
{
    if (!origin || !origin->file)
        return (struct place){.file = folder};
    return (struct place){origin->file, origin->line, origin->column};
}

static struct span source_of(const struct settings_origin *origin)
{
    return origin ? origin->source : (struct span){0};
}

static void tell_no_file(const struct channel_set *set, const char *folder, const struct settings_origin *origin,
                         struct span name, struct diags *d)
{
    struct suggest s = suggest_start(name);
    for (size_t i = 0; i < set->count; i++)
        suggest_try(&s, set->items[i]->name);
    struct span best = suggest_best(&s);
    diag_error(d, "E02", place_of(origin, folder), source_of(origin), "there is no file %s/%.*s.channel\n%s%.*s%s",
               folder, SPAN_ARG(name), best.len ? "did you mean \"" : "its name stands there without \".channel\"",
               SPAN_ARG(best), best.len ? "\"?" : "");
}

/* The channel that carries what is sent has to be in use, and its file has to say how. */
static void check_sms_channel(const struct channel_set *set, const char *folder, const struct settings *settings,
                              struct diags *d)
{
    struct span name = settings->sms_channel;
    const struct channel *c = channel_set_get(set, name);
    const struct settings_origin *origin = &settings->sms_origin;
    struct place at = place_of(origin, folder);
    if (name.len && !c && !channel_in_use(settings, name))
        tell_no_file(set, folder, origin, name, d);
    else if (name.len && !channel_in_use(settings, name))
        diag_error(d, "E02", at, source_of(origin), "the sms-channel \"%.*s\" is not in use\nin waymark.conf: use %.*s",
                   SPAN_ARG(name), SPAN_ARG(name));
    else if (c && !channel_sends(c))
        diag_error(d, "E02", at, source_of(origin),
                   "the sms-channel \"%.*s\" cannot send: its file has no \"send METHOD URL\" and no event of kind "
                   "fetch\nname another, or say there how a message is sent or fetched",
                   SPAN_ARG(name));
}

int channel_set_use(struct channel_set *set, const char *folder, const struct settings *settings, struct diags *d)
{
    size_t errors = diags_errors(d), kept = 0;
    for (size_t i = 0; i < settings->use_count; i++)
        if (!channel_set_get(set, settings->uses[i]))
            tell_no_file(set, folder, settings->use_origins ? &settings->use_origins[i] : NULL, settings->uses[i], d);
    check_sms_channel(set, folder, settings, d);
    for (size_t i = 0; i < set->count; i++)
        if (channel_in_use(settings, set->items[i]->name))
            set->items[kept++] = set->items[i];
        else
            channel_free(set->items[i]);
    set->count = kept;
    return diags_errors(d) > errors ? ERR_REFUSED : 0;
}

void channel_set_free(struct channel_set *set)
{
    for (size_t i = 0; set && i < set->count; i++)
        channel_free(set->items[i]);
    mem_free(set);
}

const struct channel *channel_set_get(const struct channel_set *set, struct span name)
{
    for (size_t i = 0; i < set->count; i++)
        if (span_eq(set->items[i]->name, name))
            return set->items[i];
    return NULL;
}

const struct channel *channel_set_at(const struct channel_set *set, size_t index)
{
    return index < set->count ? set->items[index] : NULL;
}
