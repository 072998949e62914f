// SPDX-License-Identifier: AGPL-3.0-or-later
#include "menu/program.h"

#include "menu/build.h"

#include <assert.h>

uint16_t program_screen(const struct program *p, struct span name)
{
    for (size_t i = 0; i < p->screen_count; i++)
        if (span_eq(p->screens[i].name, name))
            return (uint16_t)i;
    return PROGRAM_NONE;
}

uint16_t program_case(const struct program *p, struct span name)
{
    for (size_t i = 0; i < p->case_count; i++)
        if (span_eq(p->cases[i].name, name))
            return (uint16_t)i;
    return PROGRAM_NONE;
}

uint16_t program_consent(const struct program *p, struct span name)
{
    for (size_t i = 0; i < p->consent_count; i++)
        if (span_eq(p->consents[i].name, name))
            return (uint16_t)i;
    return PROGRAM_NONE;
}

uint16_t program_slot(const struct program *p, struct span name)
{
    for (size_t i = 0; i < p->slot_count; i++)
        if (span_eq(p->slots[i].name, name))
            return (uint16_t)i;
    return PROGRAM_NONE;
}

int program_language(const struct program *p, struct span code)
{
    for (size_t i = 0; i < p->settings->language_count; i++)
        if (span_eq(p->settings->languages[i].code, code))
            return (int)i;
    return -1;
}

struct span program_hotline(const struct program *p)
{
    for (size_t i = 0; i < p->settings->value_count; i++)
        if (span_is(p->settings->values[i].name, "hotline"))
            return p->settings->values[i].text;
    return (struct span){0};
}

size_t program_withheld(const struct program *p, int64_t today)
{
    size_t count = 0;
    for (size_t i = 0; i < p->fact_count; i++)
        count += today > p->facts[i].review_by_day;
    for (size_t t = 0; t < p->table_count; t++)
        for (size_t i = 0; i < p->tables[t].row_count; i++)
            count += today > p->tables[t].rows[i].review_by_day;
    return count;
}

struct span program_key(const struct table *t, struct span folded)
{
    for (size_t i = 0; i < t->name_count; i++)
        if (span_eq(t->names[i].folded, folded))
            return t->names[i].key;
    return (struct span){0};
}

static const struct rendition *rendition_in(const struct program *p, const struct text *text, size_t language,
                                            uint64_t n)
{
    int form = text->plural.len ? locale_plural_form(p->locales[language], n) : 0;
    return &text->renditions[language * LOCALE_PLURALS_MAX + (size_t)form];
}

const struct rendition *program_rendition(const struct program *p, uint16_t text, int language, uint64_t n)
{
    assert(text < p->text_count);
    bool known = language >= 0 && (size_t)language < p->settings->language_count;
    const struct rendition *r = rendition_in(p, &p->texts[text], known ? (size_t)language : 0, n);
    return r->pieces ? r : rendition_in(p, &p->texts[text], 0, n);
}

struct span program_words(const struct program *p, uint16_t text, int language)
{
    const struct rendition *r = p->texts[text].plural.len ? NULL : program_rendition(p, text, language, 0);
    bool plain = r && r->count == 1 && r->pieces->kind == PIECE_LITERAL;
    return plain ? r->pieces->literal : (struct span){0};
}

void program_free(struct program *p)
{
    if (!p)
        return;
    struct program_own *own = p->own;
    for (size_t i = 0; p->locales && i < p->settings->language_count; i++)
        locale_free(p->locales[i]);
    for (size_t i = 0; i < own->patterns.count; i++)
        pattern_free(*(struct pattern **)list_at(&own->patterns, i));
    arena_free(own->arena); // the program itself lies in it
}
