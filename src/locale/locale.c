// SPDX-License-Identifier: AGPL-3.0-or-later
#include "locale/locale.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "locale/plural.h"
#include "locale/po.h"
#include "locale/pot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)PLURAL_FORMS_MAX == (int)LOCALE_PLURALS_MAX, "one limit for both");

enum { LOCALE_FILE_MAX = 16 * 1024 * 1024, LOCALE_MEMORY_MAX = 64 * 1024 * 1024 }; // bytes

struct entry {
    struct span context, source;
    struct span texts[LOCALE_PLURALS_MAX]; // p NULL: missing
    bool plural;
    size_t line;
};

/* Two steps to an entry, context and source, so that looking one up needs no memory for a joined key. */
struct locale {
    atomic_uint owners;
    struct arena *arena;
    struct map *contexts; // name -> struct map of source -> struct entry
    struct entry *entries;
    size_t count;
    struct span code, reviewer;
    struct plural plural;
    bool is_source;
};

static const struct span default_plural = SPAN("nplurals=2; plural=n != 1;");

static struct locale *locale_new(void)
{
    struct locale *l = mem_calloc(1, sizeof *l);
    if (!l)
        return NULL;
    atomic_init(&l->owners, 1);
    l->arena = arena_new(LOCALE_MEMORY_MAX);
    l->contexts = map_new();
    size_t at;
    if (l->arena && l->contexts && plural_parse(default_plural, &l->plural, &at) == 0)
        return l;
    locale_free(l);
    return NULL;
}

struct locale *locale_share(struct locale *l)
{
    atomic_fetch_add(&l->owners, 1);
    return l;
}

void locale_free(struct locale *l)
{
    if (!l || atomic_fetch_sub(&l->owners, 1) > 1)
        return;
    for (size_t i = 0; l->contexts && i < map_count(l->contexts); i++)
        map_free(map_at(l->contexts, i, NULL));
    map_free(l->contexts);
    arena_free(l->arena);
    mem_free(l);
}

struct locale *locale_source(struct span code)
{
    struct locale *l = locale_new();
    if (!l)
        return NULL;
    l->is_source = true;
    l->code = arena_copy(l->arena, code);
    if (l->code.p)
        return l;
    locale_free(l);
    return NULL;
}

struct loading {
    const char *path;
    locale_report *report;
    void *ctx;
    struct locale *l;
    struct span all, bytes; // of the file; those that are still to be searched for msgid lines
    size_t line;
    bool plurals_declared, wrong;
};

static void tell(struct loading *g, size_t line, const char *message)
{
    struct locale_problem problem = {.file = g->path,
                                     .line = line,
                                     .column = line > 0,
                                     .message = message,
                                     .source = locale_source_line(g->all, line)};
    g->wrong = true;
    g->report(g->ctx, &problem);
}

/* The context's map, made when it is new. */
static struct map *map_of(struct locale *l, struct span context)
{
    struct map *m = map_get(l->contexts, context);
    if (m)
        return m;
    m = map_new();
    if (m && map_put(l->contexts, context, m) == 0)
        return m;
    map_free(m);
    return NULL;
}

static void tell_no_rule(struct loading *g, size_t line)
{
    struct span rule = pot_plural_forms(g->l->code);
    struct span message = arena_printf(
        g->l->arena,
        "a plural, but the header has no Plural-Forms\nadd a line to the file's first entry: \"Plural-Forms: %.*s\\n\"",
        SPAN_ARG(rule.p ? rule : default_plural));
    tell(g, line, message.p ? message.p : "a plural, but the header has no Plural-Forms");
}

/* Copies the translations that count: not empty, not fuzzy, no more than there are forms. */
static int take_texts(struct loading *g, po_message_t m, struct entry *e)
{
    const int forms = e->plural ? g->l->plural.forms : 1;
    for (int i = 0; i < forms && !po_message_is_fuzzy(m); i++) {
        const char *text = e->plural ? po_message_msgstr_plural(m, i) : po_message_msgstr(m);
        if (!text || !*text)
            continue;
        e->texts[i] = arena_copy(g->l->arena, span_of(text));
        if (!e->texts[i].p)
            return ERR_NOMEM;
    }
    if (e->plural && po_message_msgstr_plural(m, forms))
        tell(g, e->line, "more plural forms than nplurals says\ntake the last msgstr[...] out");
    if (e->plural && !g->plurals_declared)
        tell_no_rule(g, e->line);
    return 0;
}

static int add_entry(struct loading *g, po_message_t m, size_t line)
{
    struct locale *l = g->l;
    struct entry *entries = arena_grow(l->arena, l->entries, l->count, sizeof *entries);
    if (!entries)
        return ERR_NOMEM;
    l->entries = entries;
    struct entry *e = &entries[l->count];
    *e = (struct entry){
        .context = arena_copy(l->arena, span_of(po_message_msgctxt(m))),
        .source = arena_copy(l->arena, span_of(po_message_msgid(m))),
        .plural = po_message_msgid_plural(m) != NULL,
        .line = line,
    };
    if (!e->context.p || !e->source.p)
        return ERR_NOMEM;
    l->count++;
    return take_texts(g, m, e);
}

/* Entries move while they are added, so that they are indexed when all are there. */
static int index_entries(struct loading *g)
{
    for (size_t i = 0; i < g->l->count; i++) {
        struct entry *e = &g->l->entries[i];
        struct map *m = map_of(g->l, e->context);
        int rc = m ? map_put(m, e->source, e) : ERR_NOMEM;
        if (rc == ERR_NOMEM)
            return rc;
        if (rc == ERR_EXISTS) // an empty msgctxt beside none: two for the library, one for us
            tell(g, e->line, "the same text twice in one context\ntake one of the two entries out");
    }
    return 0;
}

static int add_messages(struct loading *g, po_file_t file)
{
    po_message_iterator_t all = po_message_iterator(file, NULL);
    po_message_t m;
    int rc = 0;
    while (rc == 0 && (m = po_next_message(all))) {
        size_t line = po_next_msgid(&g->bytes, &g->line);
        bool header = !po_message_msgctxt(m) && !*po_message_msgid(m);
        if (!header && !po_message_is_obsolete(m))
            rc = add_entry(g, m, line);
    }
    po_message_iterator_free(all);
    return rc == 0 ? index_entries(g) : rc;
}

/* The header field in the locale's arena, empty where it is missing. ERR_NOMEM. */
static int header_field(struct locale *l, const char *header, const char *name, struct span *value)
{
    char *field = header ? po_header_field(header, name) : NULL;
    *value = arena_copy(l->arena, span_trim(span_of(field)));
    free(field); // the library's, not ours
    return value->p ? 0 : ERR_NOMEM;
}

static void check_charset(struct loading *g, struct span type)
{
    const struct span name = SPAN("charset=");
    while (type.len && !span_eq_nocase(span_first(type, name.len), name))
        type = span_from(type, 1);
    if (!span_eq_nocase(span_from(type, name.len), SPAN("UTF-8")))
        tell(g, 0,
             "the header must say: Content-Type: text/plain; charset=UTF-8\nput that line into the file's first entry, "
             "and save it as UTF-8; an empty file is filled by \"waymark messages\"");
}

static void read_plural(struct loading *g, struct span field)
{
    size_t at;
    g->plurals_declared = field.len > 0;
    if (!field.len || plural_parse(field, &g->l->plural, &at) == 0)
        return;
    struct span message = arena_printf(g->l->arena, "Plural-Forms cannot be understood at \"%.*s\"",
                                       SPAN_ARG(span_first(span_from(field, at), 40)));
    tell(g, 0, message.p ? message.p : "Plural-Forms cannot be understood");
}

/* "es" of "locales/es.po". */
static struct span stem(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct span name = span_of(slash ? slash + 1 : path);
    return span_first(name, span_find(name, '.'));
}

static int read_fields(struct loading *g, const char *header)
{
    struct locale *l = g->l;
    struct span type = {0}, plural = {0};
    int rc = header_field(l, header, "Content-Type", &type);
    if (rc == 0)
        rc = header_field(l, header, "Plural-Forms", &plural);
    if (rc == 0)
        rc = header_field(l, header, "Language", &l->code);
    if (rc == 0)
        rc = header_field(l, header, "X-Reviewed-By", &l->reviewer);
    if (rc < 0)
        return rc;
    if (!l->code.len)
        l->code = arena_copy(l->arena, stem(g->path));
    if (!l->code.p)
        return ERR_NOMEM;
    check_charset(g, type);
    read_plural(g, plural);
    return 0;
}

/* The header comes as a copy that is ours to free (gettext-po.c, po_file_domain_header). */
static int read_header(struct loading *g, po_file_t file)
{
    char *header = (char *)(uintptr_t)po_file_domain_header(file, NULL);
    int rc = read_fields(g, header);
    free(header);
    return rc;
}

static int fill(struct loading *g, po_file_t file)
{
    int rc = read_header(g, file);
    if (rc == 0 && !g->wrong)
        rc = add_messages(g, file);
    return rc == 0 && g->wrong ? ERR_SYNTAX : rc;
}

static int load(const char *path, locale_report *report, void *ctx, struct locale **out)
{
    *out = NULL;
    struct str bytes = STR_INIT(LOCALE_FILE_MAX);
    po_file_t file;
    int rc = po_read(path, report, ctx, &bytes, &file);
    if (rc < 0) {
        str_release(&bytes);
        return rc;
    }
    const struct span all = str_span(&bytes);
    struct loading g = {.path = path, .report = report, .ctx = ctx, .l = locale_new(), .all = all, .bytes = all};
    rc = g.l ? fill(&g, file) : ERR_NOMEM;
    po_close(file);
    str_release(&bytes);
    if (rc == 0)
        *out = g.l;
    else
        locale_free(g.l);
    return rc;
}

/* libgettextpo keeps state of its own while it reads, so one file at a time in the whole process. */
static pthread_mutex_t library = PTHREAD_MUTEX_INITIALIZER;

int locale_load(const char *path, locale_report *report, void *ctx, struct locale **out)
{
    pthread_mutex_lock(&library);
    int rc = load(path, report, ctx, out);
    pthread_mutex_unlock(&library);
    return rc;
}

struct span locale_code(const struct locale *l)
{
    return l->code;
}

struct span locale_reviewer(const struct locale *l)
{
    return l->reviewer;
}

static const struct entry *find(const struct locale *l, struct span context, struct span source)
{
    const struct map *m = map_get(l->contexts, context);
    return m ? map_get(m, source) : NULL;
}

struct span locale_text(const struct locale *l, struct span context, struct span source)
{
    if (l->is_source)
        return source;
    const struct entry *e = find(l, context, source);
    return e && !e->plural ? e->texts[0] : (struct span){0};
}

struct span locale_plural(const struct locale *l, struct span context, struct span source, int form)
{
    if (form < 0 || form >= l->plural.forms)
        return (struct span){0};
    if (l->is_source)
        return form == 0 ? source : (struct span){0};
    const struct entry *e = find(l, context, source);
    return e && e->plural ? e->texts[form] : (struct span){0};
}

int locale_plural_count(const struct locale *l)
{
    return l->plural.forms;
}

int locale_plural_form(const struct locale *l, uint64_t n)
{
    return plural_form(&l->plural, n);
}

bool locale_entry(const struct locale *l, size_t index, struct span *context, struct span *source, struct span *text,
                  size_t *line)
{
    if (index >= l->count)
        return false;
    const struct entry *e = &l->entries[index];
    *context = e->context;
    *source = e->source;
    *text = e->texts[0];
    *line = e->line;
    return true;
}

struct span locale_source_line(struct span bytes, size_t line)
{
    for (size_t i = 1; i < line && bytes.len; i++)
        bytes = span_from(bytes, span_find(bytes, '\n') + 1);
    struct span found = line ? span_first(bytes, span_find(bytes, '\n')) : (struct span){0};
    return found.len && found.p[found.len - 1] == '\r' ? span_first(found, found.len - 1) : found;
}

int locale_line(const struct locale *l, struct span context, struct span source)
{
    for (size_t i = 0; i < l->count; i++)
        if (span_eq(l->entries[i].context, context) && span_eq(l->entries[i].source, source))
            return (int)l->entries[i].line;
    return 0;
}
