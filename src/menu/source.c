// SPDX-License-Identifier: AGPL-3.0-or-later
/* source - reads the first file and those that it includes, breadth first, each once. */
#include "base/err.h"
#include "base/file.h"
#include "menu/build.h"

#include <errno.h>
#include <glob.h>
#include <string.h>

int source_bytes(struct build *b, const char *path, struct span *bytes)
{
    struct str s = STR_INIT(SCRIPT_FILE_MAX);
    int rc = b->in->read ? b->in->read(b->in->ctx, path, &s) : file_read(path, &s);
    if (!rc && str_err(&s))
        rc = str_err(&s);
    if (!rc) {
        *bytes = arena_copy(b->a, str_span(&s));
        rc = bytes->p ? 0 : ERR_NOMEM;
    }
    str_release(&s);
    if (rc == ERR_NOMEM)
        b->err = rc;
    return rc;
}

void source_keep(struct build *b, struct span name, struct span bytes)
{
    struct menu_source *kept = list_add(b, &b->sources, sizeof *kept);
    if (kept)
        *kept = (struct menu_source){.name = name, .bytes = bytes};
}

static struct span folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (struct span){.p = path, .len = (size_t)(slash - path) + 1} : (struct span){0};
}

/* The name of a file as other files include it: relative to the first one's folder. */
static struct span name_of(const struct build *b, const char *path)
{
    return span_from(span_of(path), folder_of(b->in->start).len);
}

/* `named` has no text where nobody includes the file: it is the one that the configuration names. */
static void cannot_read(struct build *b, const char *path, struct token named, int rc)
{
    if (rc != ERR_MISSING)
        build_error(b, "E02", named,
                    "cannot read file \"%s\": %s\nit must be a file of menus that this program may read", path,
                    rc == ERR_IO ? strerror(errno) : err_text(rc));
    else if (!b->in->read && file_has_txt(path))
        build_error(b, "E02", named, "no such file \"%s\"\nthere is one called \"%s.txt\": take \".txt\" off its name",
                    path, path);
    else
        build_error(b, "E02", named, "no such file \"%s\"\n%s", path,
                    named.text.len ? "look at its name; it is relative to the first menu file"
                                   : "\"menus\" in the configuration says where the first menu file is");
}

static void read_one(struct build *b, const char *path, struct token named, size_t parent)
{
    struct span bytes;
    int rc = source_bytes(b, path, &bytes);
    if (rc == ERR_NOMEM)
        return;
    if (rc != 0) {
        cannot_read(b, path, named, rc);
        return;
    }
    struct menu_file *file = list_add(b, &b->files, sizeof *file);
    if (!file)
        return;
    file->parent = parent;
    if (script_read(path, bytes, b->a, b->d, &file->script) < 0)
        b->err = ERR_NOMEM;
    source_keep(b, name_of(b, path), bytes);
}

/* Where a path leads is looked at as text: nothing outside the folder of the menus is part of a bundle. */
static bool path_stays_inside(struct span path)
{
    struct span rest = path, part;
    if (!path.len || path.p[0] == '/')
        return false;
    while (span_split(&rest, '/', &part))
        if (!part.len || span_is(part, ".") || span_is(part, ".."))
            return false;
    return true;
}

bool source_beside(struct build *b, const char *menu, struct token named, const char **path, struct span *bytes)
{
    struct span folder = folder_of(menu);
    if (!path_stays_inside(named.text)) {
        build_error(b, "E02", named, "\"%.*s\" is not a file under the menus' folder\nwrite for example: file help.csv",
                    SPAN_ARG(named.text));
        return false;
    }
    struct span full = arena_printf(b->a, "%.*s%.*s", (int)folder.len, folder.p ? folder.p : "", SPAN_ARG(named.text));
    if (!build_got(b, full.p))
        return false;
    *path = full.p;
    int rc = source_bytes(b, full.p, bytes);
    if (rc < 0 && rc != ERR_NOMEM)
        build_error(b, "E02", named,
                    rc == ERR_MISSING ? "no such file \"%s\"%s\nits name is relative to this menu file"
                                      : "cannot read file \"%s\": %s\nit must be a file that this program may read",
                    full.p, rc == ERR_MISSING ? "" : err_text(rc));
    for (size_t i = 0; !rc && i < b->sources.count; i++)
        if (span_eq(((const struct menu_source *)list_at(&b->sources, i))->name, name_of(b, full.p)))
            return true; // two tables of one file
    if (!rc)
        source_keep(b, name_of(b, full.p), *bytes);
    return !rc;
}

static bool is_read(const struct build *b, const char *path)
{
    for (size_t i = 0; i < b->files.count; i++)
        if (strcmp(((const struct menu_file *)list_at(&b->files, i))->script.file, path) == 0)
            return true;
    return false;
}

static bool has_screen(struct span bytes, struct span name)
{
    static const struct span words[] = {SPAN("screen "), SPAN("part "), SPAN("consent ")};
    struct span line;
    while (span_split(&bytes, '\n', &line))
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if (span_starts(line, words[i]) && span_eq(span_trim(span_from(line, words[i].len)), name))
                return true;
    return false;
}

static bool file_has_screen(const char *path, struct span name)
{
    struct str bytes = STR_INIT(SCRIPT_FILE_MAX);
    bool has = file_read(path, &bytes) == 0 && has_screen(str_span(&bytes), name);
    str_release(&bytes);
    return has;
}

const char *source_elsewhere(struct build *b, struct span name)
{
    struct span folder = folder_of(b->in->start);
    struct span pattern = arena_printf(b->a, "%.*s*.menu", (int)folder.len, folder.p ? folder.p : "");
    glob_t found = {0};
    const char *elsewhere = NULL;
    if (b->in->read || !build_got(b, pattern.p) || glob(pattern.p, 0, NULL, &found) != 0)
        return NULL;
    for (size_t i = 0; i < found.gl_pathc && !elsewhere; i++)
        if (!is_read(b, found.gl_pathv[i]) && file_has_screen(found.gl_pathv[i], name))
            elsewhere = arena_strdup(b->a, span_of(found.gl_pathv[i]));
    globfree(&found);
    return elsewhere;
}

static bool is_ancestor(const struct build *b, size_t file, size_t of)
{
    while (of != file && of != 0)
        of = ((const struct menu_file *)list_at(&b->files, of))->parent;
    return of == file;
}

/* Whether the file was read before; then that is told. */
static bool known_already(struct build *b, const char *path, struct token named, size_t parent)
{
    for (size_t i = 0; i < b->files.count; i++) {
        const struct menu_file *other = list_at(&b->files, i);
        if (strcmp(other->script.file, path) != 0)
            continue;
        if (is_ancestor(b, i, parent))
            build_error(b, "E03", named, "\"%.*s\" includes itself\ntake this line out", SPAN_ARG(named.text));
        else
            build_error(b, "E03", named, "\"%.*s\" is included twice\ntake one of the two lines out",
                        SPAN_ARG(named.text));
        return true;
    }
    return false;
}

static void include(struct build *b, struct token named, size_t parent)
{
    if (!path_stays_inside(named.text)) {
        build_error(b, "E02", named,
                    "\"%.*s\" is not a file under the menus' folder\nwrite for example: include facts.menu",
                    SPAN_ARG(named.text));
        return;
    }
    struct span folder = folder_of(b->in->start);
    struct span path = arena_printf(b->a, "%.*s%.*s", (int)folder.len, folder.p ? folder.p : "", SPAN_ARG(named.text));
    if (!build_got(b, path.p) || known_already(b, path.p, named, parent))
        return;
    if (b->files.count == MENU_FILES_MAX)
        build_error(b, "E02", named, "more than %d files", MENU_FILES_MAX);
    else
        read_one(b, path.p, named, parent);
}

static void follow_includes(struct build *b, size_t index)
{
    struct script script = ((const struct menu_file *)list_at(&b->files, index))->script;
    for (size_t i = 0; i < script.count && !b->err; i++) {
        struct script_cursor c = script_cursor(&script.statements[i]);
        if (script_accept(&c, "include"))
            include(b, script_rest(&c), index);
    }
}

void source_read(struct build *b)
{
    const char *start = arena_strdup(b->a, span_of(b->in->start));
    if (!build_got(b, start))
        return;
    read_one(b, start, (struct token){.at = {.file = start}}, 0);
    for (size_t i = 0; i < b->files.count && !b->err; i++)
        follow_includes(b, i);
}
