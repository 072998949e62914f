// SPDX-License-Identifier: AGPL-3.0-or-later
/* menugraph - the map as a drawing: a column a step from the start, a box a screen, a bar for how many came by.
 *
 * The way by which a screen is first reached is drawn firmly, the others faintly, and those that lead back not at all:
 * the table beside the drawing has every way. Presentation attributes only: the page's policy allows no styles.
 */
#include "console/menumap.h"

#include <inttypes.h>

enum { BOX_WIDE = 186, BOX_HIGH = 38, STEP_X = 252, STEP_Y = 50, MARGIN = 16, HEAD = 30, NAME_MOST = 25 };

static int left_of(const struct mapped *s)
{
    return MARGIN + s->column * STEP_X;
}

static int top_of(const struct mapped *s)
{
    return MARGIN + HEAD + s->row * STEP_Y;
}

static void draw_way(const struct mapped *from, const struct mapped *to, bool firm, struct str *out)
{
    int x1 = left_of(from) + BOX_WIDE, y1 = top_of(from) + BOX_HIGH / 2, x2 = left_of(to),
        y2 = top_of(to) + BOX_HIGH / 2;
    int bend = (x2 - x1) / 2;
    str_addf(out, "<path d=\"M%d %dC%d %d %d %d %d %d\"%s/>\n", x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2,
             firm ? "" : " stroke=\"#c4cfcc\" stroke-width=\"1\"");
}

/* Faint ones first, so that firm ones lie on top. */
static void draw_ways(const struct menumap *m, bool firm, struct str *out)
{
    for (size_t i = 0; i < m->way_count; i++) {
        const struct mapped *from = &m->screens[m->ways[i][0]], *to = &m->screens[m->ways[i][1]];
        bool first = to->from == m->ways[i][0];
        if (first == firm && to->column > from->column)
            draw_way(from, to, firm, out);
    }
}

static void draw_traffic(const struct menumap *m, const struct mapped *s, int x, int y, struct str *out)
{
    if (s->seen < MAP_FEWEST)
        return;
    int wide = (int)((BOX_WIDE - 2) * s->seen / m->most);
    str_addf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"3\" fill=\"#1f5c53\"/>\n", x + 1, y + BOX_HIGH - 4,
             wide > 2 ? wide : 2);
    str_addf(out, "<text x=\"%d\" y=\"%d\" font-size=\"11\" fill=\"#4a5a57\">seen %" PRId64, x + 9, y + 29, s->seen);
    if (s->left >= MAP_FEWEST)
        str_addf(out, ", left here %" PRId64 " %%", 100 * s->left / s->seen);
    str_addz(out, "</text>\n");
}

/* Kinds and what is due have words and shapes of their own, besides the colour. */
static void draw_screen(const struct menumap *m, const struct mapped *s, struct str *out)
{
    static const char *const corner[] = {[SCREEN_SCREEN] = "4", [SCREEN_PART] = "4", [SCREEN_CONSENT] = "19"};
    static const char *const due[] = {[DUE_NOT] = "", [DUE_SOON] = "fact due", [DUE_PAST] = "fact past its date"};
    static const char *const edge[] = {[DUE_NOT] = "#5d6f6b", [DUE_SOON] = "#7a4a00", [DUE_PAST] = "#a8201a"};
    int x = left_of(s), y = top_of(s);
    str_addf(out,
             "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%s\" fill=\"%s\" stroke=\"%s\" "
             "stroke-width=\"%s\"%s/>\n",
             x, y, BOX_WIDE, BOX_HIGH, corner[s->kind], s->kind == SCREEN_CONSENT ? "#e7f5ec" : "#fff", edge[s->due],
             s->due ? "2.5" : "1.2", s->kind == SCREEN_PART ? " stroke-dasharray=\"5 3\"" : "");
    struct span name = span_first(s->name, NAME_MOST);
    bool second = s->seen >= MAP_FEWEST || s->due;
    str_addf(out, "<text x=\"%d\" y=\"%d\" font-weight=\"600\">", x + 9, y + (second ? 16 : 24));
    escape_text(out, name);
    str_addf(out, "%s</text>\n", name.len < s->name.len ? "\xe2\x80\xa6" : "");
    if (s->due)
        str_addf(out, "<text x=\"%d\" y=\"%d\" font-size=\"11\" font-weight=\"700\" fill=\"%s\">%s</text>\n", x + 9,
                 y + 29, edge[s->due], due[s->due]);
    else
        draw_traffic(m, s, x, y, out);
}

static void draw_heads(const struct menumap *m, struct str *out)
{
    for (int i = 0; i < m->columns; i++) {
        str_addf(out, "<text x=\"%d\" y=\"%d\" fill=\"#4a5a57\">", MARGIN + i * STEP_X, MARGIN + 12);
        if (i)
            str_addf(out, "%d step%s", i, i == 1 ? "" : "s");
        else
            str_addz(out, "A dial or a keyword");
        str_addz(out, "</text>\n");
    }
}

void menugraph_draw(const struct menumap *m, struct str *out)
{
    int wide = 2 * MARGIN + (m->columns - 1) * STEP_X + BOX_WIDE, high = 2 * MARGIN + HEAD + m->rows * STEP_Y;
    str_addf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" direction=\"ltr\" "
        "font-family=\"system-ui, 'Segoe UI', 'Liberation Sans', Arial, sans-serif\" font-size=\"13\" "
        "fill=\"#14201e\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
        wide, high, wide, high);
    draw_heads(m, out);
    str_addz(out, "<g fill=\"none\" stroke=\"#5d6f6b\" stroke-width=\"1.5\">\n");
    draw_ways(m, false, out);
    draw_ways(m, true, out);
    str_addz(out, "</g>\n");
    for (size_t i = 0; i < m->count; i++)
        draw_screen(m, &m->screens[i], out);
    str_addz(out, "</svg>\n");
}
