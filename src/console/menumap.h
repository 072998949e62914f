// SPDX-License-Identifier: AGPL-3.0-or-later
/* menumap - the menus in force as a map: each screen, how far it is from where a dial begins, who came by, and whether
 * it says a fact that is due. Drawn by menugraph.c, listed by menus.c.
 */
#ifndef WAYMARK_CONSOLE_MENUMAP_H
#define WAYMARK_CONSOLE_MENUMAP_H

#include "base/str.h"
#include "console/page.h"
#include "menu/graph.h"

enum { MAP_FEWEST = 5 /* fewer are not told: they could be known people */, MAP_DAYS = 30, MAP_DUE_DAYS = 30 };

enum map_due { DUE_NOT, DUE_SOON, DUE_PAST };

struct mapped {
    struct span name;
    enum screen_kind kind;
    const char *file;
    int line;
    int column, row; /* where it is drawn: steps from the start, place among those */
    bool stays;      /* it waits for an answer or ends, so that it is counted */
    int64_t seen, left;
    enum map_due due; /* of the facts that it says, the worst */
    uint16_t from;    /* the screen by which it was first reached; PROGRAM_NONE: a dial or a keyword */
};

struct menumap {
    struct mapped *screens;
    size_t count;
    const uint16_t (*ways)[2]; /* from, to; each pair once */
    size_t way_count;
    int columns, rows; /* of the drawing */
    int64_t most;      /* seen at the busiest screen */
};

/** Of the menus in force, with the traffic of the last MAP_DAYS days; lives in the page's arena. */
int menumap_read(struct page *p, struct menumap *out);

/** Appends the drawing, an SVG document. */
void menugraph_draw(const struct menumap *m, struct str *out);

/** How a fact stands on a day: past its date, due within MAP_DUE_DAYS, or neither. */
enum map_due fact_due(int64_t review_by_day, int64_t today);

#endif
