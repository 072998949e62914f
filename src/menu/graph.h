// SPDX-License-Identifier: AGPL-3.0-or-later
/* graph - the ways between screens, for the proofs.
 *
 * A path is what a person can do: from a root (where a dial begins, or a keyword leads) along edges. A part is entered
 * by a call and left by `return` to the place after `then` of the same call: paths that return somewhere else do not
 * exist, so parts are summed up ("can it be left?") instead of being followed back. Keys and keywords in the middle of
 * a dialogue are not edges: the engine looks at consent and reading again when a case is registered.
 *
 *     graph_new, then for each question graph_walk with the edges that a path must not take; graph_way tells one path.
 */
#ifndef WAYMARK_MENU_GRAPH_H
#define WAYMARK_MENU_GRAPH_H

#include "base/arena.h"
#include "base/str.h"
#include "menu/program.h"

enum edge_how {
    EDGE_ARRIVE, /* `->` above the question: nobody is asked */
    EDGE_ANSWER, /* `->` below the question */
    EDGE_CHOICE, /* an option, `agree` or `refuse` */
    EDGE_GIVE_UP /* `tries` */
};

struct edge {
    uint16_t from;
    enum edge_how how;
    struct target to;        /* PLACE_HOME is the start screen here; never PLACE_NOWHERE */
    const struct line *line; /* NULL: `tries` */
};

struct graph {
    const struct program *p;
    const struct edge *edges; /* in order of screens */
    size_t edge_count;
    const size_t *first;  /* [screen_count + 1]: where a screen's edges begin */
    const uint16_t *part; /* [screen_count]: the part's own screen, or PROGRAM_NONE */
};

/** Built in `a`; NULL: out of memory. */
const struct graph *graph_new(const struct program *p, struct arena *a);

/** What paths a walk follows. */
struct walk {
    const struct graph *g;
    void *ctx;
    /** Whether a path may take this edge; NULL: all of them. */
    bool (*takes)(const struct graph *g, const struct edge *e, void *ctx);
    /** Whether a path also begins with this edge, however its screen was come to; NULL: none does. */
    bool (*begins)(const struct graph *g, const struct edge *e, void *ctx);
    /** Whether a path begins at the screen of this trigger; NULL: at all. The start screen always does. */
    bool (*enters)(const struct graph *g, const struct trigger *t, void *ctx);

    /* the result */
    bool *reached;          /* [screen_count] */
    bool *returns;          /* [screen_count], of a part: it can be left by such a path that entered it */
    bool *begun;            /* [screen_count], of a part: it can be left by a path that begins inside it */
    const struct edge **by; /* [screen_count]: the edge by which it was first reached; NULL: a root */
};

/** Fills the result in `a`. False: out of memory. */
bool graph_walk(struct walk *w, struct arena *a);

/** Appends one way to `screen`, "main -> (6 Call me now) -> age". */
void graph_way(const struct walk *w, uint16_t screen, struct str *out);

/** Whether the screen asks something on arrival, so that somebody must answer before it goes on. */
bool graph_waits(const struct menu_screen *s);

#endif
