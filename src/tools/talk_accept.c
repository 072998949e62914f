// SPDX-License-Identifier: AGPL-3.0-or-later
/* talk_accept - what a `<` line should say after a change of wording.
 *
 * Lines that still hold are kept as they are written, also those with "..." (which may stand for several lines); the
 * others give way to what was shown. Which belong together is the cheapest alignment of the two: a line that changed
 * costs less than one that is taken out and another put in.
 */
#include "tools/talk.h"

#include "base/err.h"

enum { ACCEPT_LINES_MAX = 128, ACCEPT_CHANGE = 1, ACCEPT_ONE_SIDE = 3, ACCEPT_FAR = 1 << 20 };

struct lines {
    struct span text[ACCEPT_LINES_MAX];
    size_t count;
};

/** The cheapest way on from a pair of lines: `old` lines are used up, `now` lines are written or covered. */
struct way {
    int cost;
    unsigned char old, now;
    bool keeps; /* the old line stays as it is */
};

struct alignment {
    struct lines old, now;
    struct span reference;
    struct way (*ways)[ACCEPT_LINES_MAX + 1];
};

static bool cut(struct span text, struct lines *out)
{
    struct span line;
    out->count = 0;
    while (span_split(&text, '\n', &line)) {
        if (out->count == ACCEPT_LINES_MAX)
            return false;
        out->text[out->count++] = line;
    }
    return true;
}

static void try_way(struct alignment *al, size_t i, size_t k, struct way way)
{
    struct way *best = &al->ways[i][k];
    way.cost += al->ways[i + way.old][k + way.now].cost;
    if (way.cost < best->cost)
        *best = way;
}

/** `n` lines of what was shown, as one text. */
static struct span joined(const struct alignment *al, size_t from, size_t n)
{
    const char *first = al->now.text[from].p;
    const struct span *last = &al->now.text[from + n - 1];
    return (struct span){first, (size_t)(last->p + last->len - first)};
}

static void best_way(struct alignment *al, size_t i, size_t k)
{
    al->ways[i][k].cost = i == al->old.count && k == al->now.count ? 0 : ACCEPT_FAR;
    for (size_t n = 1; i < al->old.count && k + n <= al->now.count; n++)
        if (talk_matches(al->old.text[i], joined(al, k, n), al->reference))
            try_way(al, i, k, (struct way){0, 1, (unsigned char)n, true});
    if (i < al->old.count && k < al->now.count)
        try_way(al, i, k, (struct way){ACCEPT_CHANGE, 1, 1, false});
    if (i < al->old.count)
        try_way(al, i, k, (struct way){ACCEPT_ONE_SIDE, 1, 0, false});
    if (k < al->now.count)
        try_way(al, i, k, (struct way){ACCEPT_ONE_SIDE, 0, 1, false});
}

/** A shown line, with {ref} for the case's reference: that is another one in every run of a service. */
static void put_shown(struct str *out, struct span line, struct span reference)
{
    while (line.len) {
        bool is_reference = reference.len && span_starts(line, reference);
        if (is_reference)
            str_addz(out, "{ref}");
        else
            str_addc(out, line.p[0]);
        line = span_from(line, is_reference ? reference.len : 1);
    }
}

static void write_way(const struct alignment *al, struct str *out)
{
    for (size_t i = 0, k = 0; i < al->old.count || k < al->now.count;) {
        const struct way *way = &al->ways[i][k];
        if ((way->keeps || way->now) && out->len)
            str_addc(out, '\n');
        if (way->keeps)
            str_add(out, al->old.text[i]);
        else if (way->now)
            put_shown(out, al->now.text[k], al->reference);
        i += way->old;
        k += way->now;
    }
}

int talk_accepted(struct span expected, struct span shown, struct span reference, struct arena *a, struct str *out)
{
    struct alignment *al = arena_alloc(a, sizeof *al);
    if (!al)
        return ERR_NOMEM;
    al->reference = reference;
    if (!cut(expected, &al->old) || !cut(shown, &al->now))
        return ERR_LIMIT;
    al->ways = arena_array(a, al->old.count + 1, sizeof *al->ways);
    if (!al->ways)
        return ERR_NOMEM;
    for (size_t i = al->old.count + 1; i-- > 0;)
        for (size_t k = al->now.count + 1; k-- > 0;)
            best_way(al, i, k);
    write_way(al, out);
    return str_err(out);
}

/* ---- the file ---- */

/** The new lines of a statement, indented as its first line is. */
static void put_edit(struct str *out, struct span first_line, struct span text, const char *end)
{
    size_t indent = span_find(first_line, '<');
    struct span line;
    for (const char *sign = "<"; span_split(&text, '\n', &line); sign = "|") {
        str_add(out, span_first(first_line, indent));
        str_addz(out, sign);
        str_addz(out, line.len ? " " : "");
        str_add(out, line);
        str_addz(out, end);
    }
}

void talk_rewrite(struct span bytes, const struct talk_edit *edits, size_t count, struct str *out)
{
    size_t at = 0, edit = 0;
    int skip = 0;
    for (int number = 1; at < bytes.len; number++) {
        struct span left = span_from(bytes, at), line = span_first(left, span_find(left, '\n') + 1);
        at += line.len;
        if (edit < count && edits[edit].line == number) {
            bool crlf = line.len > 1 && line.p[line.len - 2] == '\r';
            put_edit(out, line, edits[edit].text, crlf ? "\r\n" : "\n");
            skip = edits[edit++].lines;
        }
        if (skip > 0)
            skip--;
        else
            str_add(out, line);
    }
}
