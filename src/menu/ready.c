// SPDX-License-Identifier: AGPL-3.0-or-later
/* ready - the lines of options that name nothing, written once for all pages that will show them. */
#include "menu/build.h"
#include "text/fold.h"
#include "text/gsm7.h"

enum { LINE_MAX = 64 * 1024 };

struct writer {
    struct build *b;
    struct str line, folded; /* for a moment */
};

static bool is_choice(const struct line *line)
{
    return line->op == OP_OPTION || line->op == OP_AGREE || line->op == OP_REFUSE;
}

static struct ready_line write_line(struct writer *w, const struct line *line, struct span label, bool accents)
{
    str_clear(&w->line);
    str_addn(&w->line, line->number);
    str_addc(&w->line, ' ');
    str_add(&w->line, label);
    struct span text = arena_copy(w->b->a, fold_shown(&w->folded, str_span(&w->line), accents));
    build_got(w->b, str_err(&w->line) || str_err(&w->folded) ? NULL : text.p);
    return (struct ready_line){.text = text, .septets = gsm7_count(text)};
}

static void ready_line(struct writer *w, struct line *line)
{
    const struct settings *s = w->b->p->settings;
    struct ready_line *ready = arena_array(w->b->a, s->language_count, sizeof *ready);
    if (!build_got(w->b, ready))
        return;
    for (size_t i = 0; i < s->language_count; i++) {
        struct span label = program_words(w->b->p, line->text, (int)i);
        if (label.p)
            ready[i] = write_line(w, line, label, s->languages[i].fold);
    }
    line->ready = ready;
}

void ready_all(struct build *b)
{
    struct writer w = {.b = b, .line = STR_INIT(LINE_MAX), .folded = STR_INIT(LINE_MAX)};
    for (size_t i = 0; i < b->p->screen_count; i++) {
        const struct menu_screen *screen = &b->p->screens[i];
        for (size_t k = 0; k < screen->line_count && !b->err; k++)
            if (is_choice(&screen->lines[k]))
                ready_line(&w, (struct line *)&screen->lines[k]);
    }
    str_release(&w.line);
    str_release(&w.folded);
}
