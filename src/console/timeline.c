// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/timeline.h"

#include "console/calls.h"

static const struct {
    const char *what, *title;
    bool words; /* its text is somebody's words, shown apart; else it ends the title */
} ENTRIES[] = {
    {"message", "They wrote", true},
    {"note", "Note", true},
    {"reply", "Reply by SMS", true},
    {"claimed", "Taken on", false},
    {"released", "Given back", false},
    {"assigned", "Given to", false},
    {"status", "Status:", false},
    {"closed", "Closed:", false},
    {"reopened", "Opened again:", false},
    {"read", "Marked as read", false},
    {"handed", "Handed over:", false},
    {"undone", "A reply was taken back before it left", false},
    {"shown", "Number shown:", false},
    {"asked", "Asked to call in spite of the stop:", false},
    {"override", "Agreed to the call asked for by", false},
    {"withdrawn", "They asked us to stop, by voice", false},
    {"hours", "Safe to reach them:", false},
    {"callback", "Call booked:", false},
    {"moved", "Call moved to", false},
    {"calling", "Calling now", false},
    {"call", "Call:", false},
    {"tried", "Call:", false},
    {"uncalled", "Call:", false},
};

static size_t entry_of(struct span what)
{
    size_t i = 0;
    while (i + 1 < sizeof ENTRIES / sizeof *ENTRIES && !span_is(what, ENTRIES[i].what))
        i++;
    return i;
}

/* One that this program does not know, as only a row that somebody changed has it, is like one that nobody knows. */
static const char *state_text(enum message_state state)
{
    static const char *const TEXTS[] = {
        [MESSAGE_QUEUED] = "waits to leave",
        [MESSAGE_CLAIMED] = "is leaving",
        [MESSAGE_SENT] = "sent",
        [MESSAGE_DELIVERED] = "delivered",
        [MESSAGE_FAILED] = "could not be sent",
        [MESSAGE_UNKNOWN] = "sent, it is not known whether it arrived",
        [MESSAGE_CANCELLED] = "taken back before it left",
    };
    return TEXTS[(size_t)state < sizeof TEXTS / sizeof *TEXTS ? state : MESSAGE_UNKNOWN];
}

static void entry_fill(struct page *p, const struct casebook *b, const struct book_note *n)
{
    struct view *row = view_add(p->view, "timeline");
    size_t e = entry_of(n->row->what);
    bool hours = span_is(n->row->what, "hours");
    view_setz(row, "title", ENTRIES[e].title);
    view_set(row, ENTRIES[e].words ? "words" : "more", hours ? call_window_told(p, n->text) : n->text);
    view_flag(row, "closed_words", !n->text.len && n->row->seal.len && !n->changed);
    view_flag(row, "changed", n->changed);
    view_flag(row, "theirs", span_is(n->row->what, "message"));
    view_flag(row, "automatic", !ENTRIES[e].words);
    if (n->row->author)
        view_set(row, "author", casebook_name(b, n->row->author));
    view_set(row, "when", n->at_s ? wording_time(p->arena, n->at_s) : wording_day(p->arena, n->row->day));
    if (n->row->message)
        view_setz(row, "state", state_text(n->row->state));
    if (n->row->message && n->row->state == MESSAGE_QUEUED && n->row->due_ms > p->now_ms + 60000)
        view_set(row, "leaves", wording_time(p->arena, n->row->due_ms / 1000));
    view_flag(row, "undoable", n->row->message && n->row->state == MESSAGE_QUEUED && n->row->due_ms > p->now_ms);
    view_setn(row, "entry", n->row->id);
}

void timeline_fill(struct page *p, const struct casebook *b, int64_t after)
{
    for (size_t i = b->note_count; i > 0; i--)
        if (b->notes[i - 1].row->id > after)
            entry_fill(p, b, &b->notes[i - 1]);
    if (b->older && !after)
        view_setn(p->view, "older", b->notes[0].row->id);
}
