// SPDX-License-Identifier: AGPL-3.0-or-later
#include "menu/parse.h"

#include "script/suggest.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

bool parse_name(struct parse *p, const char *example, struct token *name)
{
    if (!script_word(&p->c, name))
        build_error(p->b, "E01", *name, "a name is missing\nfor example: %s", example);
    else if (!script_is_name(name->text))
        build_error(p->b, "E01", *name,
                    "\"%.*s\" is not a name\na name is small letters, digits, \"-\" and \"_\", for example: %s",
                    SPAN_ARG(name->text), example);
    else
        return true;
    return false;
}

bool parse_word(struct parse *p, const char *example, struct token *word)
{
    if (!script_word(&p->c, word))
        build_error(p->b, "E01", *word, "a word is missing\nfor example: %s", example);
    else if (!script_is_word(word->text))
        build_error(p->b, "E01", *word,
                    "\"%.*s\" is not a word\na word is letters, digits, \"-\", \"_\" and \".\", for example: %s",
                    SPAN_ARG(word->text), example);
    else
        return true;
    return false;
}

bool parse_end(struct parse *p)
{
    struct token more = script_rest(&p->c);
    if (!more.text.len)
        return true;
    build_error(p->b, "E01", more, "\"%.*s\" is too much here\n%s", SPAN_ARG(more.text),
                more.text.p[0] == '#' ? "leave it out, or write the note on a line of its own" : "leave it out");
    return false;
}

bool parse_slot(struct parse *p, struct token name, uint16_t *slot)
{
    *slot = build_find(p->b, NAME_SLOT, name, "answer");
    return *slot != PROGRAM_NONE;
}

bool parse_option_number(struct parse *p, int *number)
{
    struct token word;
    int64_t value = -1;
    script_word(&p->c, &word);
    if (span_int(word.text, &value) < 0 || value < 0 || value > 999 || word.text.len > 3) {
        build_error(p->b, "E01", word, "\"%.*s\" needs a number from 0 to 999\nfor example: %.*s 1 Yes -> next",
                    SPAN_ARG(p->word.text), SPAN_ARG(p->word.text));
        return false;
    }
    *number = (int)value;
    return true;
}

/* ---- targets ---- */

static const struct {
    const char *word;
    enum place_kind kind;
} place_rows[] = {{"back", PLACE_BACK}, {"home", PLACE_HOME}, {"end", PLACE_END}, {"return", PLACE_RETURN}};

static bool is_place(struct span word)
{
    for (size_t i = 0; i < sizeof place_rows / sizeof place_rows[0]; i++)
        if (span_is(word, place_rows[i].word))
            return true;
    return false;
}

bool parse_leads(const struct parse *p, struct span word)
{
    return is_place(word) || build_look(p->b, NAME_SCREEN, word) != PROGRAM_NONE;
}

/* "My options" for "my-options": where the first word is no screen, all that is left may be meant for one. */
static bool told_whole_name(struct parse *p)
{
    struct script_cursor ahead = p->c;
    struct token word, all = script_rest(&ahead);
    ahead = p->c;
    struct suggest near = suggest_start(all.text);
    struct span known;
    if (!script_word(&ahead, &word) || parse_leads(p, word.text) ||
        (span_eq(word.text, all.text) && script_is_name(all.text)))
        return false;
    for (size_t i = 0; map_at(p->b->names[NAME_SCREEN], i, &known); i++)
        suggest_try(&near, known);
    if (!near.best.len)
        return false;
    build_unknown(p->b, all, "screen", near.best);
    return true;
}

static bool parse_place(struct parse *p, struct token *word, enum place_kind *kind, uint16_t *screen)
{
    *screen = PROGRAM_NONE;
    if (told_whole_name(p))
        return false;
    if (!parse_name(p, "-> main", word))
        return false;
    for (size_t i = 0; i < sizeof place_rows / sizeof place_rows[0]; i++)
        if (span_is(word->text, place_rows[i].word)) {
            *kind = place_rows[i].kind;
            return true;
        }
    *kind = PLACE_SCREEN;
    *screen = build_find(p->b, NAME_SCREEN, *word, "screen");
    return *screen != PROGRAM_NONE;
}

static const struct menu_screen *screen_at(const struct parse *p, uint16_t screen)
{
    return list_at(&p->b->screens, screen);
}

/* A part is entered by its door, with a place to come back to; only from inside without one (E14). */
static bool check_part(struct parse *p, struct token word, const struct target *t)
{
    const struct menu_screen *to = t->kind == PLACE_SCREEN ? screen_at(p, t->screen) : NULL;
    struct span part = to ? build_part(to) : (struct span){0};
    bool inside =
        p->section->kind <= SECTION_CONSENT && part.len && span_eq(build_part(screen_at(p, p->section->index)), part);
    if (part.len && !inside && to->kind != SCREEN_PART)
        build_error(p->b, "E14", word, "\"%.*s\" lies inside the part \"%.*s\"\nenter by its door: -> %.*s then NEXT",
                    SPAN_ARG(word.text), SPAN_ARG(part), SPAN_ARG(part));
    else if (part.len && !inside && t->then_kind == PLACE_NOWHERE)
        build_error(p->b, "E14", word,
                    "the part \"%.*s\" is entered without \"then\"\nsay where to go afterwards: -> %.*s then NEXT",
                    SPAN_ARG(part), SPAN_ARG(part));
    else if (t->then_kind != PLACE_NOWHERE && (!to || to->kind != SCREEN_PART))
        build_error(p->b, "E14", word, "\"then\" only after a part, and \"%.*s\" is none\nwrite only: -> %.*s",
                    SPAN_ARG(word.text), SPAN_ARG(word.text));
    else
        return true;
    return false;
}

static bool check_return(struct parse *p, struct token word, enum place_kind kind)
{
    bool inside = p->section->kind <= SECTION_CONSENT && build_part(screen_at(p, p->section->index)).len;
    if (kind != PLACE_RETURN || inside)
        return true;
    build_error(p->b, "E14", word, "\"return\" outside a part\nname the screen to go to");
    return false;
}

bool parse_target(struct parse *p, struct target *out)
{
    struct token word, then;
    *out = (struct target){.then_screen = PROGRAM_NONE};
    if (!parse_place(p, &word, &out->kind, &out->screen) || !check_return(p, word, out->kind))
        return false;
    if (script_accept(&p->c, "then")) {
        if (!parse_place(p, &then, &out->then_kind, &out->then_screen) || !check_return(p, then, out->then_kind))
            return false;
        struct target after = {.kind = out->then_kind, .screen = out->then_screen};
        if (!check_part(p, then, &after))
            return false;
    }
    return check_part(p, word, out) && parse_end(p);
}

/* ---- conditions ---- */

/* The next word before the colon at `end`. */
static bool when_word(struct parse *p, size_t end, struct token *word)
{
    size_t from = p->c.at;
    while (from < end && is_blank(p->st->text.p[from]))
        from++;
    size_t to = from;
    while (to < end && !is_blank(p->st->text.p[to]))
        to++;
    p->c.at = to;
    *word = token_within(p->st, (struct span){.p = p->st->text.p + from, .len = to - from});
    return word->text.len > 0;
}

static bool when_name(struct parse *p, size_t end, struct token *name, const char *example)
{
    if (when_word(p, end, name) && script_is_name(name->text))
        return true;
    build_error(p->b, "E01", *name, "a name is missing in the condition\nfor example: %s", example);
    return false;
}

static bool test_slot(struct parse *p, struct token name, struct test *out)
{
    out->index = PROGRAM_NONE; // the language
    return span_is(name.text, "lang") || parse_slot(p, name, &out->index);
}

static bool test_has(struct parse *p, size_t end, struct test *out)
{
    struct token name;
    out->kind = TEST_HAS;
    return when_name(p, end, &name, "when has lang: -> main") && test_slot(p, name, out);
}

static bool test_found(struct parse *p, size_t end, struct test *out)
{
    (void)p, (void)end;
    out->kind = TEST_FOUND;
    return true;
}

static bool test_during(struct parse *p, size_t end, struct test *out)
{
    struct token name;
    out->kind = TEST_DURING;
    if (!when_name(p, end, &name, "when during office: -> desk"))
        return false;
    const struct settings *s = p->b->in->settings;
    struct suggest near = suggest_start(name.text);
    for (size_t i = 0; i < s->hours_count; i++) {
        out->index = (uint16_t)i;
        if (span_eq(s->hours[i].name, name.text))
            return true;
        suggest_try(&near, s->hours[i].name);
    }
    build_unknown(p->b, name, "hours", suggest_best(&near));
    return false;
}

static bool test_consent(struct parse *p, size_t end, struct test *out)
{
    struct token name;
    out->kind = TEST_CONSENT;
    if (!when_name(p, end, &name, "when consent agree: -> main"))
        return false;
    out->index = build_consent(p->b, name);
    return out->index != PROGRAM_NONE;
}

static bool test_compare(struct parse *p, size_t end, struct token name, struct test *out)
{
    static const char *const ops[] = {
        [TEST_EQ] = "=", [TEST_NE] = "!=", [TEST_LT] = "<", [TEST_LE] = "<=", [TEST_GT] = ">", [TEST_GE] = ">="};
    enum { OPS = sizeof ops / sizeof ops[0] };
    struct token op, word;
    size_t which = 0;
    out->kind = TEST_COMPARE;
    when_word(p, end, &op);
    while (which < OPS && !span_is(op.text, ops[which]))
        which++;
    const char *meant = span_is(op.text, "==") || span_is(op.text, "is") ? "=" : span_is(op.text, "<>") ? "!=" : NULL;
    if (which == OPS && meant) {
        build_error(p->b, "E01", op, "\"%.*s\" compares nothing\nwrite: when %.*s %s WORD:", SPAN_ARG(op.text),
                    SPAN_ARG(name.text), meant);
        return false;
    }
    if (which == OPS) {
        build_error(p->b, "E01", op,
                    "\"=\", \"!=\", \"<\", \"<=\", \">\" or \">=\" is missing after \"%.*s\"\nfor example: when age < "
                    "18: -> child",
                    SPAN_ARG(name.text));
        return false;
    }
    out->op = (enum test_op)which;
    if (!when_word(p, end, &word) || !script_is_word(word.text)) {
        build_error(p->b, "E01", word, "a word to compare with is missing\nfor example: when age < 18: -> child");
        return false;
    }
    out->word = word.text;
    return test_slot(p, name, out);
}

static bool when_test(struct parse *p, size_t end, struct test *out)
{
    static const struct {
        const char *word;
        bool (*read)(struct parse *p, size_t end, struct test *out);
    } rows[] = {{"has", test_has}, {"found", test_found}, {"during", test_during}, {"consent", test_consent}};
    struct token word;
    when_word(p, end, &word);
    if (span_is(word.text, "not")) {
        out->negated = true;
        when_word(p, end, &word);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (span_is(word.text, rows[i].word))
            return rows[i].read(p, end, out);
    if (script_is_name(word.text))
        return test_compare(p, end, word, out);
    build_error(p->b, "E01", word, "a condition is missing after \"when\"\nfor example: when has lang: -> main");
    return false;
}

/* What stands between two tests; false: it cannot stand there. */
static bool when_joiner(struct parse *p, struct token word, struct condition *out, size_t tests)
{
    bool any = span_is(word.text, "or");
    if (!any && !span_is(word.text, "and"))
        build_error(p->b, "E01", word,
                    "expected \"and\", \"or\" or \":\" before \"%.*s\"\nfor example: when age < 18: -> child",
                    SPAN_ARG(word.text));
    else if (tests > 1 && any != out->any)
        build_error(p->b, "E01", word,
                    "\"and\" and \"or\" in one condition\nwrite two lines, each with its own condition");
    else {
        out->any = any;
        return true;
    }
    return false;
}

bool parse_when(struct parse *p, struct condition *out)
{
    size_t start = p->c.at, end = start + span_find(script_peek(&p->c), ':');
    if (end >= p->st->text.len) {
        build_error(p->b, "E01", script_rest(&p->c),
                    "no \":\" after the condition\nfor example: when has lang: -> main");
        return false;
    }
    struct list tests = {0};
    struct token word;
    do {
        struct test *test = list_add(p->b, &tests, sizeof *test);
        if (!test || !when_test(p, end, test))
            return false;
        if (!when_word(p, end, &word))
            break;
        if (!when_joiner(p, word, out, tests.count))
            return false;
    } while (true);
    out->tests = tests.items;
    out->count = tests.count;
    p->c.at = end + 1;
    return true;
}

/* ---- lists of names ---- */

void parse_names(struct parse *p, const char *example, void (*each)(struct parse *p, struct token name, void *ctx),
                 void *ctx)
{
    struct token all = script_rest(&p->c);
    struct span rest = all.text, part;
    if (!rest.len)
        build_error(p->b, "E01", all, "names are missing\nfor example: %s", example);
    while (rest.len && span_split(&rest, ',', &part)) {
        struct token name = token_within(p->st, span_trim(part));
        if (script_is_name(name.text))
            each(p, name, ctx);
        else
            build_error(p->b, "E01", name, "\"%.*s\" is not a name\nfor example: %s", SPAN_ARG(name.text), example);
    }
}
