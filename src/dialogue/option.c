// SPDX-License-Identifier: AGPL-3.0-or-later
#include "dialogue/option.h"

static bool language_offered(const struct step *st, size_t language)
{
    return st->in->drafts || !st->p->settings->languages[language].draft;
}

struct list {
    uint16_t *items;
    size_t count;
};

/** The language at a place of the choice: the first one, then all others in their order. */
static size_t language_at(const struct step *st, size_t place)
{
    size_t first = st->p->settings->first_language;
    return place == 0 ? first : place <= first ? place - 1 : place;
}

static void list_languages(const struct step *st, struct list *l)
{
    for (size_t place = 0; place < st->p->settings->language_count; place++)
        if (language_offered(st, language_at(st, place)))
            l->items[l->count++] = (uint16_t)(OPTION_LANGUAGE | language_at(st, place));
}

static void list_lines(const struct step *st, struct list *l)
{
    const struct menu_screen *screen = step_screen(st);
    for (size_t i = screen->question_at; i < screen->line_count; i++) {
        const struct line *line = &screen->lines[i];
        bool choice = line->op == OP_OPTION || line->op == OP_AGREE || line->op == OP_REFUSE;
        if (!(choice || line->op == OP_LANGUAGES) || !step_line_holds(st, line))
            continue;
        if (choice)
            l->items[l->count++] = (uint16_t)i;
        else
            list_languages(st, l);
    }
}

static void list_pair(struct list *l, enum system_text yes, enum system_text no)
{
    l->items[l->count++] = (uint16_t)(OPTION_SYSTEM | yes);
    l->items[l->count++] = (uint16_t)(OPTION_SYSTEM | no);
}

static size_t list_room(const struct step *st)
{
    size_t room = 2;
    if (st->s->asking != ASKING_SCREEN)
        return room;
    const struct menu_screen *screen = step_screen(st);
    for (size_t i = screen->question_at; i < screen->line_count; i++)
        room += screen->lines[i].op == OP_LANGUAGES ? st->p->settings->language_count : 1;
    return room;
}

uint16_t *option_list(struct step *st, size_t *count)
{
    *count = 0;
    if (st->s->asking == ASKING_NOTHING)
        return NULL;
    struct list l = {.items = arena_array(st->a, list_room(st), sizeof *l.items)};
    if (!l.items) {
        st->err = ERR_NOMEM;
        return NULL;
    }
    if (st->s->asking == ASKING_RESUME)
        list_pair(&l, SYSTEM_RESUME_YES, SYSTEM_RESUME_NO);
    else if (st->s->asking == ASKING_HELD)
        list_pair(&l, SYSTEM_HELD_YES, SYSTEM_HELD_NO);
    else
        list_lines(st, &l);
    *count = l.count;
    return l.items;
}

int option_number(const struct step *st, uint16_t option)
{
    int index = option & OPTION_INDEX;
    if ((option & OPTION_KIND) == OPTION_SYSTEM)
        return index == SYSTEM_RESUME_YES || index == SYSTEM_HELD_YES ? 1 : 2;
    if ((option & OPTION_KIND) == OPTION_LINE)
        return step_screen(st)->lines[index].number;
    int number = 1;
    for (size_t place = 0; language_at(st, place) != (size_t)index; place++)
        number += language_offered(st, language_at(st, place));
    return number;
}

const struct ready_line *option_ready(const struct step *st, uint16_t option)
{
    if ((option & OPTION_KIND) != OPTION_LINE)
        return NULL;
    const struct ready_line *ready = &step_screen(st)->lines[option & OPTION_INDEX].ready[st->language];
    return ready->text.p ? ready : NULL;
}

void option_label(struct step *st, struct str *out, uint16_t option)
{
    int index = option & OPTION_INDEX;
    if ((option & OPTION_KIND) == OPTION_LINE)
        render_text(st, out, step_screen(st)->lines[index].text);
    else if ((option & OPTION_KIND) == OPTION_SYSTEM)
        render_words(st, out, (enum system_text)index, st->language);
    else
        render_words(st, out, SYSTEM_LANGUAGE, index);
}

bool option_binds(const struct step *st, uint16_t option)
{
    if ((option & OPTION_KIND) != OPTION_LINE)
        return false;
    enum op op = step_screen(st)->lines[option & OPTION_INDEX].op;
    return op == OP_AGREE || op == OP_REFUSE;
}

static bool system_valid(enum dialogue_asking asking, size_t index)
{
    if (asking == ASKING_RESUME)
        return index == SYSTEM_RESUME_YES || index == SYSTEM_RESUME_NO;
    return asking == ASKING_HELD && (index == SYSTEM_HELD_YES || index == SYSTEM_HELD_NO);
}

bool option_valid(const struct program *p, const struct dialogue *s, uint16_t option)
{
    size_t index = option & OPTION_INDEX;
    if ((option & OPTION_KIND) == OPTION_SYSTEM)
        return system_valid(s->asking, index);
    if (s->asking != ASKING_SCREEN || s->screen >= p->screen_count)
        return false;
    if ((option & OPTION_KIND) == OPTION_LANGUAGE)
        return index < p->settings->language_count;
    const struct menu_screen *screen = &p->screens[s->screen];
    if ((option & OPTION_KIND) != OPTION_LINE || index < screen->question_at || index >= screen->line_count)
        return false;
    enum op op = screen->lines[index].op;
    return op == OP_OPTION || op == OP_AGREE || op == OP_REFUSE;
}
