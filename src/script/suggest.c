// SPDX-License-Identifier: AGPL-3.0-or-later
#include "script/suggest.h"

enum {
    SUGGEST_WORD_MAX = 64,
    SUGGEST_EDITS_MAX = 3,
    SUGGEST_PART_LEAST = 4
}; // bytes of a word worth a guess; edits; bytes

/* A slip of Shift is none of the fingers: ASCII letters are taken as the same. */
static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* One row of the table: rows[0] becomes the distances of a's first i bytes to every prefix of b, from the two rows
 * before. */
static int next_row(int rows[3][SUGGEST_WORD_MAX + 1], struct span a, struct span b, size_t i)
{
    int *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
    int lowest = now[0] = (int)i;
    for (size_t j = 1; j <= b.len; j++) {
        int change = before[j - 1] + (small(a.p[i - 1]) != small(b.p[j - 1]));
        now[j] = least(change, least(before[j], now[j - 1]) + 1);
        if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
            now[j] = least(now[j], earlier[j - 2] + 1);
        lowest = least(lowest, now[j]);
    }
    return lowest;
}

int suggest_distance(struct span a, struct span b, int most)
{
    size_t gap = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (gap > (size_t)most || a.len > SUGGEST_WORD_MAX || b.len > SUGGEST_WORD_MAX)
        return span_eq(a, b) ? 0 : most + 1;
    int rows[3][SUGGEST_WORD_MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (int)j;
    int lowest_before = 0;
    for (size_t i = 1; i <= a.len; i++) {
        int lowest = next_row(rows, a, b, i);
        if (lowest > most && lowest_before > most) // a swap reaches back two rows
            return most + 1;
        lowest_before = lowest;
    }
    return least(rows[a.len % 3][b.len], most + 1);
}

/* The most edits that still make a likely slip: a third of the word, at least 1, at most SUGGEST_EDITS_MAX. */
static int suggest_reach(struct span wanted)
{
    int third = wanted.len > SUGGEST_WORD_MAX ? SUGGEST_EDITS_MAX : (int)wanted.len / 3;
    return third < 1 ? 1 : least(third, SUGGEST_EDITS_MAX);
}

struct suggest suggest_start(struct span wanted)
{
    return (struct suggest){.wanted = wanted, .distance = suggest_reach(wanted) + 1};
}

static bool contains(struct span s, struct span part)
{
    while (s.len >= part.len && !span_eq_nocase(span_first(s, part.len), part))
        s = span_from(s, 1);
    return s.len >= part.len;
}

/* "timezone" for "zone": nearer than nothing, where a word of some length is whole within the other. */
static void try_part(struct suggest *s, struct span candidate)
{
    struct span inner = candidate.len < s->wanted.len ? candidate : s->wanted;
    struct span outer = candidate.len < s->wanted.len ? s->wanted : candidate;
    if (inner.len >= SUGGEST_PART_LEAST && inner.len > s->shared && contains(outer, inner)) {
        s->shared = inner.len;
        s->part = candidate;
    }
}

void suggest_try(struct suggest *s, struct span candidate)
{
    try_part(s, candidate);
    if (s->distance == 0)
        return;
    int distance = suggest_distance(s->wanted, candidate, s->distance - 1);
    if (distance >= s->distance) // of two that are equally near, the first stays
        return;
    s->distance = distance;
    s->best = candidate;
}

struct span suggest_best(const struct suggest *s)
{
    return s->best.len ? s->best : s->part;
}
