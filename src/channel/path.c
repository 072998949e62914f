// SPDX-License-Identifier: AGPL-3.0-or-later
/* Accumulated text (aggregators sheet 2.1, pitfalls 1 to 7). What somebody typed may hold the separator, so the new
 * answer is what remains after the path before (trail.h), less one separator; a path is never split while something is
 * stored. */
#include "channel/channel_internal.h"

enum { PATH_ANSWERS_MAX = 64 }; // more than fit into the 182 letters of a dial

/* A new dial begins with nothing typed. A separator alone behind an empty path is an answer: nobody can tell. */
static enum path_step next_step(const struct channel *c, struct span text, const struct trail *before,
                                struct span *input)
{
    size_t len;
    bool follows = trail_leads_to(before, text, &len);
    if (follows && len == text.len)
        return PATH_REPEAT; // also an empty answer that the aggregator does not tell: the screen is shown again
    if (!text.len)
        return PATH_FIRST; // the session id is used again
    if (trail_holds(before, text))
        return PATH_REPEAT; // an earlier request that came late: the call goes on where it is
    if (!follows || (len && text.p[len] != c->separator))
        return PATH_LOST;
    *input = span_from(text, len ? len + 1 : 0);
    return PATH_INPUT;
}

static size_t segments(const struct channel *c, struct span text)
{
    size_t count = text.len > 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.p[i] == c->separator;
    return count;
}

/* How many segments at the front of a first text are no answers. */
static size_t dropped(const struct channel *c, size_t count)
{
    size_t wanted = c->first == FIRST_DROP ? (size_t)c->drop : c->first == FIRST_SUFFIX ? count : 0;
    return wanted < count ? wanted : count;
}

/* Splits a path of which nothing is stored, which is all that can be done. False: too many answers, or no memory. */
static bool split_path(const struct channel *c, struct span text, struct arena *a, struct span **answers,
                       size_t *answer_count)
{
    size_t count = segments(c, text), drop = dropped(c, count);
    if (count - drop > PATH_ANSWERS_MAX)
        return false;
    struct span *list = arena_array(a, count - drop, sizeof *list);
    if (!list)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t end = span_find(text, c->separator);
        if (i >= drop)
            list[i - drop] = span_first(text, end);
        text = span_from(text, end + 1);
    }
    *answers = list;
    *answer_count = count - drop;
    return true;
}

enum path_step channel_path(const struct channel *c, const struct inbound *in, bool known, const struct trail *before,
                            struct arena *a, struct span *input, struct span **answers, size_t *answer_count)
{
    *input = (struct span){0};
    *answers = NULL;
    *answer_count = 0;
    known = known && !in->begins;
    if (!c->accumulates || in->medium == MEDIUM_SMS) {
        *input = in->text;
        return known ? PATH_INPUT : PATH_FIRST;
    }
    bool lost = !known && in->text.len && c->first == FIRST_NONE;
    enum path_step step = known ? next_step(c, in->text, before, input) : lost ? PATH_LOST : PATH_FIRST;
    bool whole = step == PATH_FIRST || step == PATH_LOST; // `lost replay` walks it
    return whole && !split_path(c, in->text, a, answers, answer_count) ? PATH_LOST : step;
}

struct span channel_trail(const struct channel *c, const struct inbound *in, const struct trail *before,
                          struct arena *a)
{
    bool follows = c->accumulates && in->medium != MEDIUM_SMS;
    return follows ? trail_add(before, in->text, a) : (struct span){0};
}
