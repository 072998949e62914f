// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/firstreply.h"

#include "base/err.h"

static const struct {
    int64_t most_s;
    const char *event, *words;
} SPANS[] = {
    {3600, "reply-1h", "within an hour"},     {4 * 3600, "reply-4h", "within 4 hours"},
    {86400, "reply-1d", "within a day"},      {3 * 86400, "reply-3d", "within 3 days"},
    {7 * 86400, "reply-7d", "within a week"}, {INT64_MAX, "reply-later", "later"},
};

const char *firstreply_event(size_t index, const char **words)
{
    if (index >= sizeof SPANS / sizeof *SPANS)
        return NULL;
    *words = SPANS[index].words;
    return SPANS[index].event;
}

/* Whether somebody answered already, by SMS or by voice. */
static bool answered(const struct casebook *b)
{
    for (size_t i = 0; i < b->note_count; i++)
        if (span_is(b->notes[i].row->what, "reply") || span_is(b->notes[i].row->what, "call"))
            return true;
    return b->older; // then there is so much that this is not the first
}

int firstreply_count(const struct deed *d, struct store *s)
{
    const struct casebook *b = d->book;
    if (answered(b))
        return 0;
    int64_t asked_s = b->turn_count ? b->turns[b->turn_count - 1].at_ms / 1000 : b->stored.row.opened_day * 86400;
    int64_t waited_s = d->page->now_ms / 1000 - asked_s;
    size_t i = 0;
    while (waited_s > SPANS[i].most_s)
        i++;
    return store_count(s, d->day,
                       &(struct store_counter){
                           .channel = b->stored.row.channel, .language = b->language, .event = span_of(SPANS[i].event)},
                       1);
}
