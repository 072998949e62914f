// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/fmt.h"

#include "base/err.h"
#include "script/script.h"

enum { FMT_ARENA = 256 * 1024 * 1024, FMT_STEP = 2 };

struct fmt_rules {
    const char *suffix;
    const char *heads[9], *tops[4]; /* first words that begin a section; that stand outside of any; NULL ends each */
    const char *bodies[4];          /* where some are named, only these belong to a section */
    bool flat;                      /* nothing is indented */
};

static const struct fmt_rules all_rules[] = {
    {.suffix = ".menu",
     .heads = {"screen", "part", "consent", "fact", "case", "trigger", "reply", "table"},
     .tops = {"start", "include"}},
    {.suffix = ".conf", .heads = {"hours"}, .bodies = {"open", "closed"}},
    {.suffix = ".channel", .heads = {"event"}},
    {.suffix = ".talk", .heads = {"talk"}, .flat = true},
};

enum item_kind { ITEM_NOTE, ITEM_HEAD, ITEM_TOP, ITEM_BODY, ITEM_MORE /* "|" */ };

struct item { /* a line that is not empty */
    enum item_kind kind;
    enum item_kind below; /* of a note: the statement below it; ITEM_NOTE: none */
    struct span text;     /* without blanks around */
    bool gap;             /* an empty line stood in front of it */
};

struct items {
    struct item *all;
    size_t count;
};

const struct fmt_rules *fmt_rules(const char *file)
{
    struct span name = span_of(file);
    for (size_t i = 0; i < sizeof all_rules / sizeof all_rules[0]; i++) {
        struct span suffix = span_of(all_rules[i].suffix);
        if (name.len > suffix.len && span_eq(span_from(name, name.len - suffix.len), suffix))
            return &all_rules[i];
    }
    return NULL;
}

/* ---- reading ---- */

static bool among(const char *const *words, struct span word)
{
    for (; *words; words++)
        if (span_is(word, *words))
            return true;
    return false;
}

static struct span first_word(struct span text)
{
    size_t len = 0;
    while (len < text.len && text.p[len] != ' ' && text.p[len] != '\t')
        len++;
    return span_first(text, len);
}

static enum item_kind kind_of(const struct fmt_rules *rules, struct span text, bool in_section)
{
    struct span word = first_word(text);
    if (text.p[0] == '#')
        return ITEM_NOTE;
    if (text.p[0] == '|')
        return ITEM_MORE;
    if (among(rules->heads, word))
        return ITEM_HEAD;
    bool belongs = rules->bodies[0] ? among(rules->bodies, word) : !among(rules->tops, word);
    return in_section && belongs ? ITEM_BODY : ITEM_TOP;
}

static size_t count_lines(struct span bytes)
{
    size_t lines = 1;
    for (size_t i = 0; i < bytes.len; i++)
        lines += bytes.p[i] == '\n';
    return lines;
}

static bool read_items(const struct fmt_rules *rules, struct span bytes, struct arena *a, struct items *out)
{
    struct span line;
    bool in_section = false, gap = false;
    *out = (struct items){.all = arena_array(a, count_lines(bytes), sizeof(struct item))};
    if (!out->all)
        return false;
    if (span_starts(bytes, SPAN("\xEF\xBB\xBF")))
        bytes = span_from(bytes, 3);
    while (span_split(&bytes, '\n', &line)) {
        struct span text = span_trim(line);
        if (!text.len) {
            gap = true;
            continue;
        }
        enum item_kind kind = kind_of(rules, text, in_section);
        if (kind == ITEM_HEAD || kind == ITEM_TOP)
            in_section = kind == ITEM_HEAD;
        out->all[out->count++] = (struct item){.kind = kind, .below = kind, .text = text, .gap = gap};
        gap = false;
    }
    for (size_t i = out->count; i-- > 1;)
        if (out->all[i - 1].kind == ITEM_NOTE)
            out->all[i - 1].below = out->all[i].below;
    return true;
}

/* ---- writing ---- */

/** How far in a line stands; `above` is the statement that a "|" continues. */
static size_t indent_of(const struct fmt_rules *rules, const struct item *item, enum item_kind above)
{
    enum item_kind kind = item->kind == ITEM_MORE ? above : item->below;
    size_t indent = kind == ITEM_BODY ? FMT_STEP : 0;
    return rules->flat ? 0 : indent + (item->kind == ITEM_MORE ? FMT_STEP : 0);
}

/** Whether an empty line stands in front of `item`; `last` is the line above it. */
static bool gap_before(const struct item *item, const struct item *last)
{
    if (!last || item->kind == ITEM_MORE)
        return false;
    if (last->kind == ITEM_HEAD)
        return item->below == ITEM_HEAD;
    if (last->kind == ITEM_NOTE)
        return item->gap;
    bool leaves = (last->kind == ITEM_BODY || last->kind == ITEM_MORE) && item->below == ITEM_TOP;
    return item->gap || item->below == ITEM_HEAD || leaves;
}

static void put_item(struct str *out, const struct item *item, size_t indent)
{
    for (size_t i = 0; i < indent; i++)
        str_addc(out, ' ');
    if (item->kind == ITEM_MORE) {
        struct span text = span_from(item->text, 1);
        bool blank = text.len && (text.p[0] == ' ' || text.p[0] == '\t');
        str_addz(out, text.len ? "| " : "|");
        str_add(out, span_from(text, blank));
    } else
        str_add(out, item->text);
    str_addc(out, '\n');
}

static void put_items(const struct fmt_rules *rules, const struct items *items, struct str *out)
{
    enum item_kind above = ITEM_TOP;
    for (size_t i = 0; i < items->count; i++) {
        const struct item *item = &items->all[i];
        if (gap_before(item, i ? item - 1 : NULL))
            str_addc(out, '\n');
        put_item(out, item, indent_of(rules, item, above));
        if (item->kind != ITEM_NOTE && item->kind != ITEM_MORE)
            above = item->kind;
    }
}

/* ---- proving ---- */

static bool same_statements(const struct script *a, const struct script *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = span_eq(a->statements[i].text, b->statements[i].text);
    return same;
}

static int lay_out(const struct fmt_rules *rules, const char *file, struct span bytes, struct arena *a, struct diags *d,
                   struct str *out)
{
    struct script before, after;
    struct items items;
    size_t start = out->len;
    int rc = script_read(file, bytes, a, d, &before);
    if (rc < 0 || diags_errors(d))
        return rc < 0 ? rc : ERR_REFUSED;
    if (!read_items(rules, bytes, a, &items))
        return ERR_NOMEM;
    put_items(rules, &items, out);
    if (str_err(out))
        return str_err(out);
    rc = script_read(file, span_from(str_span(out), start), a, d, &after);
    return rc < 0 ? rc : same_statements(&before, &after) && !diags_errors(d) ? 0 : ERR_CORRUPT;
}

int fmt_text(const struct fmt_rules *rules, const char *file, struct span bytes, struct diags *d, struct str *out)
{
    struct arena *a = arena_new(FMT_ARENA);
    int rc = a ? lay_out(rules, file, bytes, a, d, out) : ERR_NOMEM;
    arena_free(a);
    return rc;
}
