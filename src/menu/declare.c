// SPDX-License-Identifier: AGPL-3.0-or-later
/* declare - finds the sections of all files and gives every name its index, so that the readers of statements can look
 * up what stands further down. */
#include "base/err.h"
#include "menu/parse.h"
#include "script/suggest.h"

static const struct {
    const char *word;
    enum name_space space; /* NAME_SPACES: the name is given elsewhere */
} section_rows[SECTION_KINDS] = {
    [SECTION_SCREEN] = {"screen", NAME_SCREEN},   [SECTION_PART] = {"part", NAME_SCREEN},
    [SECTION_CONSENT] = {"consent", NAME_SCREEN}, [SECTION_FACT] = {"fact", NAME_FACT},
    [SECTION_CASE] = {"case", NAME_CASE},         [SECTION_TRIGGER] = {"trigger", NAME_SPACES},
    [SECTION_REPLY] = {"reply", NAME_REPLY},      [SECTION_TABLE] = {"table", NAME_TABLE},
};

const char *section_word(enum section_kind kind)
{
    return section_rows[kind].word;
}

static enum section_kind section_kind_of(struct span word)
{
    size_t kind = 0;
    while (kind < SECTION_KINDS && !span_is(word, section_rows[kind].word))
        kind++;
    return (enum section_kind)kind;
}

static void put_name(struct build *b, enum name_space space, struct token name, uint16_t index)
{
    struct name *kept = arena_alloc(b->a, sizeof *kept);
    if (!build_got(b, kept))
        return;
    *kept = (struct name){.index = index, .at = name.at};
    int rc = map_put(b->names[space], name.text, kept);
    if (rc == ERR_NOMEM)
        b->err = rc;
    if (rc != ERR_EXISTS)
        return;
    const struct name *first = map_get(b->names[space], name.text);
    build_error(b, "E03", name, "the name \"%.*s\" is given twice\nit is given first at %s:%d", SPAN_ARG(name.text),
                first->at.file, first->at.line);
}

/* The index that the next element of a list gets; past the last one that can be counted the file is refused. */
static uint16_t next_index(struct build *b, const struct list *l, struct token name)
{
    if (l->count < PROGRAM_NONE)
        return (uint16_t)l->count;
    if (!b->crowded)
        build_error(b, "E03", name, "more than %d of one kind\nleave the rest to another service", PROGRAM_NONE - 1);
    b->crowded = true;
    return PROGRAM_NONE;
}

static uint16_t declare_screen(struct build *b, enum section_kind kind, struct token name)
{
    static const enum screen_kind kinds[] = {
        [SECTION_SCREEN] = SCREEN_SCREEN, [SECTION_PART] = SCREEN_PART, [SECTION_CONSENT] = SCREEN_CONSENT};
    uint16_t index = next_index(b, &b->screens, name), consent = PROGRAM_NONE;
    if (index == PROGRAM_NONE)
        return index;
    if (kind == SECTION_CONSENT) {
        consent = (uint16_t)b->consents.count;
        struct consent *c = list_add(b, &b->consents, sizeof *c);
        if (c)
            *c = (struct consent){.name = name.text, .screen = index};
    }
    struct menu_screen *s = list_add(b, &b->screens, sizeof *s);
    if (s)
        *s = (struct menu_screen){
            .name = name.text, .kind = kinds[kind], .consent = consent, .watch = -1, .at = name.at};
    return index;
}

static uint16_t declare_other(struct build *b, enum section_kind kind, struct token name)
{
    const struct {
        struct list *list;
        size_t size;
    } tables[SECTION_KINDS] = {
        [SECTION_FACT] = {&b->facts, sizeof(struct fact)},
        [SECTION_CASE] = {&b->cases, sizeof(struct menu_case)},
        [SECTION_TRIGGER] = {&b->triggers, sizeof(struct trigger)},
        [SECTION_REPLY] = {&b->replies, sizeof(struct reply)},
        [SECTION_TABLE] = {&b->tables, sizeof(struct table)},
    };
    struct list *list = tables[kind].list;
    uint16_t index = list ? next_index(b, list, name) : PROGRAM_NONE;
    if (index != PROGRAM_NONE)
        list_add(b, list, tables[kind].size);
    return index;
}

/* Reads what follows `screen`, `part` ...; returns its section, or NULL when out of memory. */
static struct section *open_section(struct build *b, enum section_kind kind, const struct statement *st)
{
    struct script_cursor c = script_cursor(st);
    struct token name, more;
    script_word(&c, &name); // the kind itself
    bool named = script_word(&c, &name) && script_is_name(name.text);
    if (!named)
        build_error(b, "E01", name,
                    "\"%s\" needs a name\na name is small letters, digits, \"-\" and \"_\", a letter first",
                    section_word(kind));
    else if (script_word(&c, &more))
        build_error(b, "E01", more, "nothing may follow the name\nleave it out");
    uint16_t index = kind <= SECTION_CONSENT ? declare_screen(b, kind, name) : declare_other(b, kind, name);
    if (named && section_rows[kind].space != NAME_SPACES)
        put_name(b, section_rows[kind].space, name, index);
    struct section *s = list_add(b, &b->sections, sizeof *s);
    if (s)
        *s = (struct section){.kind = kind, .name = name, .index = index, .statements = st + 1};
    return s;
}

static void declare_start(struct build *b, struct script_cursor *c, struct token word)
{
    struct token name, more;
    if (!script_word(c, &name) || !script_is_name(name.text))
        build_error(b, "E01", name, "\"start\" needs the name of a screen\nfor example: start welcome");
    else if (script_word(c, &more))
        build_error(b, "E01", more, "nothing may follow the name\nleave it out");
    else if (b->start.text.len)
        build_error(b, "E03", word, "\"start\" is said twice\nit is said first at %s:%d", b->start.at.file,
                    b->start.at.line);
    else
        b->start = name;
}

static void stray_line(struct build *b, struct token word)
{
    struct suggest near = suggest_start(word.text);
    for (size_t i = 0; i < SECTION_KINDS; i++)
        suggest_try(&near, span_of(section_rows[i].word));
    suggest_try(&near, SPAN("start"));
    suggest_try(&near, SPAN("include"));
    struct span best = suggest_best(&near);
    if (best.len)
        build_error(b, "E01", word, "\"%.*s\" before any section\ndid you mean \"%.*s\"?", SPAN_ARG(word.text),
                    SPAN_ARG(best));
    else
        build_error(b, "E01", word, "\"%.*s\" before any section\nbegin one with \"screen NAME\"", SPAN_ARG(word.text));
}

/* "Screen main" or "scren main" within another section: taken as a new one, or each line below would be told to be in
 * the wrong place. The section that it is near to, or SECTION_KINDS. */
static enum section_kind misspelt_section(struct build *b, enum section_kind inside, struct token word,
                                          struct script_cursor c)
{
    struct token name, more;
    struct suggest near = suggest_start(word.text);
    bool named = script_word(&c, &name) && script_is_name(name.text) && !script_word(&c, &more);
    if (!named || word.at.column != 1 || parse_knows(inside, word.text))
        return SECTION_KINDS;
    for (size_t i = 0; i < SECTION_KINDS; i++)
        suggest_try(&near, span_of(section_rows[i].word));
    enum section_kind kind = section_kind_of(suggest_best(&near));
    if (kind < SECTION_KINDS)
        build_error(b, "E01", word, "unknown word \"%.*s\"\ndid you mean \"%s\"?", SPAN_ARG(word.text),
                    section_rows[kind].word);
    return kind;
}

static void declare_file(struct build *b, const struct script *script)
{
    struct section *section = NULL; // valid until the next one is opened
    for (size_t i = 0; i < script->count && !b->err; i++) {
        struct script_cursor c = script_cursor(&script->statements[i]);
        struct token word;
        script_word(&c, &word);
        enum section_kind kind = section_kind_of(word.text);
        if (kind == SECTION_KINDS && section && !span_is(word.text, "start") && !span_is(word.text, "include"))
            kind = misspelt_section(b, section->kind, word, c);
        if (kind < SECTION_KINDS)
            section = open_section(b, kind, &script->statements[i]);
        else if (span_is(word.text, "start"))
            section = NULL, declare_start(b, &c, word);
        else if (span_is(word.text, "include"))
            section = NULL; // done by source_read
        else if (section)
            section->count++;
        else
            stray_line(b, word);
    }
}

/* ---- slots: every name that can hold an answer ---- */

static void declare_slot(struct build *b, struct token name, uint16_t screen);

/* "Age" is no name; "age" is known for it, so that nothing else is told where that is used. */
static void declare_small(struct build *b, struct token name, uint16_t screen)
{
    char *small = arena_strdup(b->a, name.text);
    if (!build_got(b, small))
        return;
    for (char *c = small; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    name.text = span_of(small);
    if (script_is_name(name.text))
        declare_slot(b, name, screen);
}

static void declare_slot(struct build *b, struct token name, uint16_t screen)
{
    if (!script_is_name(name.text)) { // told by the statement's reader
        declare_small(b, name, screen);
        return;
    }
    if (span_is(name.text, "lang") || span_is(name.text, "service")) {
        build_error(b, "E03", name, "\"%.*s\" is a name of the language itself\ntake another name",
                    SPAN_ARG(name.text));
        return;
    }
    uint16_t index = build_look(b, NAME_SLOT, name.text);
    if (index == PROGRAM_NONE) {
        index = next_index(b, &b->slots, name);
        struct slot *slot = index == PROGRAM_NONE ? NULL : list_add(b, &b->slots, sizeof *slot);
        if (!slot)
            return;
        *slot = (struct slot){.name = name.text, .asked_by = screen};
        put_name(b, NAME_SLOT, name, index);
    }
    struct slot *slot = list_at(&b->slots, index);
    if (slot->asked_by == PROGRAM_NONE)
        slot->asked_by = screen;
}

static void declare_keyword_slots(struct build *b, const struct statement *st)
{
    for (size_t at = 0; at < st->text.len; at++) {
        if (st->text.p[at] != '{')
            continue;
        struct span name = span_from(st->text, at + 1);
        name = span_first(name, span_find(name, '}'));
        declare_slot(b, token_within(st, name), PROGRAM_NONE);
    }
}

static void declare_statement_slots(struct build *b, const struct section *section, const struct statement *st)
{
    struct script_cursor c = script_cursor(st);
    struct token word, name;
    if (script_accept(&c, "when")) {
        size_t colon = span_find(script_peek(&c), ':');
        script_take(&c, colon < script_peek(&c).len ? colon + 1 : colon);
    }
    script_word(&c, &word);
    bool screen = section->kind <= SECTION_CONSENT;
    if (section->kind == SECTION_TRIGGER && span_is(word.text, "words"))
        declare_keyword_slots(b, st);
    else if (screen && span_is(word.text, "into") && script_word(&c, &name))
        declare_slot(b, name, section->index);
    else if (((screen && span_is(word.text, "set")) ||
              (section->kind == SECTION_CASE && span_is(word.text, "reference"))) &&
             script_word(&c, &name))
        declare_slot(b, name, PROGRAM_NONE);
}

/* A screen called "safe-contact/time" belongs to the part "safe-contact". */
static void check_part_names(struct build *b)
{
    for (size_t i = 0; i < b->sections.count; i++) {
        const struct section *s = list_at(&b->sections, i);
        size_t slash = span_find(s->name.text, '/');
        if (s->kind > SECTION_CONSENT || slash == s->name.text.len)
            continue;
        struct token part = s->name;
        part.text = span_first(part.text, slash);
        uint16_t owner = build_find(b, NAME_SCREEN, part, "part");
        if (owner != PROGRAM_NONE && ((struct menu_screen *)list_at(&b->screens, owner))->kind != SCREEN_PART)
            build_error(b, "E02", part, "\"%.*s\" is not a part\nbegin its section with \"part %.*s\"",
                        SPAN_ARG(part.text), SPAN_ARG(part.text));
    }
}

void declare_all(struct build *b)
{
    for (size_t i = 0; i < b->files.count && !b->err; i++)
        declare_file(b, &((struct menu_file *)list_at(&b->files, i))->script);
    for (size_t i = 0; i < b->sections.count && !b->err; i++) {
        const struct section *s = list_at(&b->sections, i);
        for (size_t k = 0; k < s->count; k++)
            declare_statement_slots(b, s, &s->statements[k]);
    }
    check_part_names(b);
}
