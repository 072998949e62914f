// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/traffic.h"

#include "base/err.h"

#include <string.h>

void traffic_count(struct work *w, struct span screen, const char *event)
{
    struct span menus = {(const char *)w->session.bundle, sizeof w->session.bundle};
    const struct store_counter what = {.menus = screen.len ? menus : (struct span){0},
                                       .channel = channel_name(w->t->channel),
                                       .language = span_of(w->session.dialogue.language),
                                       .screen = screen,
                                       .event = span_of(event)};
    counters_add(&w->g->counters, &what);
}

void traffic_answered(struct work *w)
{
    traffic_count(w, dialogue_screen_name(w->program, &w->session.dialogue), "answered");
}

/* Notes that the session has shown this screen; *first: it had not before. The bits are copied, for they may lie in
 * the session as it was stored. */
static int see(struct work *w, uint16_t screen, bool *first)
{
    struct span *saw = &w->session.saw;
    size_t at = screen / 8U, len = at < saw->len ? saw->len : at + 1;
    char bit = (char)(1 << screen % 8);
    *first = at >= saw->len || !(saw->p[at] & bit);
    if (!*first)
        return 0;
    char *bits = arena_alloc(w->g->arena, len);
    if (!bits)
        return ERR_NOMEM;
    memset(bits, 0, len);
    if (saw->len)
        memcpy(bits, saw->p, saw->len);
    bits[at] = (char)(bits[at] | bit);
    *saw = (struct span){bits, len};
    return 0;
}

int traffic_turn(struct work *w)
{
    struct span name = w->result.screen_name;
    bool first = false;
    int rc = name.len ? see(w, w->session.dialogue.screen, &first) : 0;
    if (first)
        traffic_count(w, name, "seen");
    traffic_count(w, name, w->result.wrong ? "wrong" : "shown");
    if (!w->result.screen.more)
        traffic_count(w, name, "ended");
    return rc;
}
