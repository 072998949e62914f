// SPDX-License-Identifier: AGPL-3.0-or-later
/* dot - the menus as a drawing, in Graphviz' DOT language.
 *
 * Screens are boxes, consents octagons, parts frames around their screens, the end a double circle; keywords are plain
 * text. A way on is an arrow with the option's number and words, its condition, or what leads there. Shapes and words
 * say everything: no colours.
 */
#ifndef WAYMARK_TOOLS_DOT_H
#define WAYMARK_TOOLS_DOT_H

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "menu/program.h"
#include "tools/coverage.h"

struct dot_input {
    const struct program *program;
    const struct coverage *coverage; /* marks what no transcript comes by; NULL: not told */
    int64_t today;                   /* facts due within 30 days are marked */
    const struct map *traffic;       /* screen name -> struct dot_traffic; NULL: not told */
};

/** What happened at a screen. */
struct dot_traffic {
    int64_t seen, left; /* sessions that saw it, and that were left there */
};

/** Reads "SCREEN SEEN LEFT" lines into such a map, in the arena; NULL: out of memory, or no such lines. The caller
 * frees the map. */
struct map *dot_traffic_read(struct span lines, struct arena *a);

/** Appends the drawing; the same program always gives the same bytes. ERR_NOMEM, ERR_LIMIT. */
int dot_text(const struct dot_input *in, struct str *out);

/** Has Graphviz' dot (found in PATH) draw it as SVG on standard output. ERR_MISSING: no dot here, ERR_REFUSED, ERR_IO.
 */
int dot_svg(struct span text);

#endif
