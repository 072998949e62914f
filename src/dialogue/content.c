// SPDX-License-Identifier: AGPL-3.0-or-later
/* content - what a screen says to anybody, for proving later which words somebody had been shown. */
#include "dialogue/step.h"

static void nothing_random(void *ctx, void *bytes, size_t len)
{
    (void)ctx;
    memset(bytes, 0, len);
}

static bool says(const struct line *line, enum medium medium)
{
    return (line->op == OP_SAY || line->op == OP_ASK) && (line->media >> medium & 1);
}

int dialogue_content(const struct program *p, uint16_t screen, struct span language, const struct dialogue_input *in,
                     struct arena *a, struct span *text)
{
    const struct person stranger = {0};
    struct dialogue_input alone = *in;
    alone.person = &stranger;
    alone.entropy = (struct entropy){.fill = nothing_random};
    struct dialogue s = {.found_case = PROGRAM_NONE};
    struct step st = {.p = p, .s = &s, .in = &alone, .a = a, .language = step_language_of(p, language)};
    str_init(&st.said, STEP_TEXT_MAX);
    const struct menu_screen *m = &p->screens[screen];
    for (size_t i = 0; i < m->line_count; i++) {
        if (!says(&m->lines[i], in->profile.medium))
            continue;
        if (st.said.len)
            str_addc(&st.said, '\n');
        render_text(&st, &st.said, m->lines[i].text);
    }
    int rc = str_err(&st.said);
    if (rc == 0) {
        *text = arena_copy(a, str_span(&st.said));
        rc = text->p ? 0 : ERR_NOMEM;
    }
    str_release(&st.said);
    return rc;
}
