// SPDX-License-Identifier: AGPL-3.0-or-later
/* parse_screen - statements of screens, parts and consents. */
#include "menu/parse.h"

#include "base/err.h"
#include "script/suggest.h"

#include <string.h>

enum {
    IN_SCREEN = 1 << SECTION_SCREEN | 1 << SECTION_PART,
    IN_CONSENT = 1 << SECTION_CONSENT,
    TRIES_MAX = 99,
    LETTERS_MAX = 1000,
};

static struct line *add_line(struct parse *p, const struct statement_row *row)
{
    struct line *line = list_add(p->b, &p->lines, sizeof *line);
    if (line)
        *line = (struct line){.op = row->op,
                              .media = p->media,
                              .when = p->when,
                              .text = PROGRAM_NONE,
                              .index = PROGRAM_NONE,
                              .slot = PROGRAM_NONE,
                              .target = {.screen = PROGRAM_NONE, .then_screen = PROGRAM_NONE},
                              .at = p->word.at};
    return line;
}

static void read_text(struct parse *p, const struct statement_row *row)
{
    uint16_t text = parse_text(p, script_rest(&p->c), row->word, false);
    struct line *line = add_line(p, row);
    if (line)
        line->text = text;
}

static void read_plain(struct parse *p, const struct statement_row *row)
{
    if (parse_end(p))
        add_line(p, row);
}

static void read_choose(struct parse *p, const struct statement_row *row)
{
    if (script_accept(&p->c, "language"))
        read_plain(p, row);
    else
        build_error(p->b, "E01", script_rest(&p->c), "only a language can be chosen\nwrite: choose language");
}

/* ---- options: number label [ "=" word ] [ "->" target ], cut from the right end ---- */

/* The last `mark` that is not escaped and stands between blanks (or at an end), or s.len. */
static size_t last_mark(struct span s, const char *mark)
{
    size_t len = strlen(mark);
    for (size_t at = s.len >= len ? s.len - len + 1 : 0; at-- > 0;) {
        if (memcmp(s.p + at, mark, len) != 0)
            continue;
        bool before = at == 0 || s.p[at - 1] == ' ' || s.p[at - 1] == '\n';
        bool after = at + len == s.len || s.p[at + len] == ' ';
        if (before && after)
            return at;
    }
    return s.len;
}

static bool clean_label(struct parse *p, struct span label)
{
    for (size_t at = 0; at < label.len; at++) {
        struct span here = span_from(label, at);
        bool arrow = span_starts(here, SPAN("->")), equals = span_starts(here, SPAN(" = "));
        if ((!arrow && !equals) || (at && label.p[at - 1] == '\\'))
            continue;
        build_error(p->b, "E01", token_within(p->st, span_from(here, equals)),
                    "\"%s\" inside a label\n%swrite \"\\%s\" for the sign itself", arrow ? "->" : "=",
                    arrow ? "an arrow stands between two blanks, once a line; " : "", arrow ? "->" : "=");
        return false;
    }
    return true;
}

/* "Yes => next" and the like: what is no arrow would be read aloud with the label. */
static bool no_false_arrow(struct parse *p, struct span label)
{
    static const struct span signs[] = {SPAN("=>"),      SPAN("\u2192"),  SPAN("\u21D2"),   SPAN("- >"),
                                        SPAN("\u2013>"), SPAN("\u2014>"), SPAN("\u2013 >"), SPAN("-->")};
    for (size_t at = 1; at < label.len; at++)
        for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
            struct span sign = span_first(span_from(label, at), signs[i].len);
            struct span rest = span_trim(span_from(label, at + signs[i].len));
            if (!span_eq(sign, signs[i]) || !parse_leads(p, span_first(rest, span_find(rest, ' '))))
                continue;
            build_error(p->b, "E01", token_within(p->st, sign), "\"%.*s\" is no arrow\nwrite: -> %.*s", SPAN_ARG(sign),
                        SPAN_ARG(rest));
            return false;
        }
    return true;
}

/* Takes " = word" off the end of the label; the word stays empty where there is none. */
static bool take_answer(struct parse *p, struct span *label, struct span *word)
{
    size_t at = last_mark(*label, "=");
    if (at == label->len)
        return true;
    struct token t = token_within(p->st, span_trim(span_from(*label, at + 1)));
    *label = span_trim(span_first(*label, at));
    *word = t.text;
    if (script_is_word(t.text))
        return true;
    build_error(p->b, "E01", t, "\"%.*s\" is not a word\nafter \"=\" comes one word; write \"\\=\" for the sign itself",
                SPAN_ARG(t.text));
    return false;
}

static bool take_target(struct parse *p, struct span *label, struct target *target)
{
    size_t at = last_mark(*label, "->");
    if (at == label->len)
        return true;
    p->c.at = (size_t)(label->p + at - p->st->text.p) + 2;
    *label = span_trim(span_first(*label, at));
    return parse_target(p, target);
}

static void read_option(struct parse *p, const struct statement_row *row)
{
    int number;
    struct target target = {.screen = PROGRAM_NONE, .then_screen = PROGRAM_NONE};
    struct span word = {0};
    if (!parse_option_number(p, &number))
        return;
    struct token all = script_rest(&p->c);
    struct span label = all.text;
    if (!take_target(p, &label, &target) || (target.kind == PLACE_NOWHERE && !no_false_arrow(p, label)) ||
        (row->op == OP_OPTION && !take_answer(p, &label, &word)) || !clean_label(p, label))
        return;
    if (!word.len)
        word = arena_printf(p->b->a, "%d", number);
    if (!build_got(p->b, word.p))
        return;
    all.text = label;
    uint16_t text = parse_text(p, all, row->word, true);
    struct line *line = add_line(p, row);
    if (!line)
        return;
    line->number = number, line->text = text, line->word = word, line->target = target;
    line->index = row->op == OP_OPTION ? PROGRAM_NONE
                                       : ((struct menu_screen *)list_at(&p->b->screens, p->section->index))->consent;
    if (row->op != OP_OPTION && target.kind == PLACE_NOWHERE)
        build_error(p->b, "E01", p->word, "\"%s\" needs a target\nfor example: %s %d I agree -> next", row->word,
                    row->word, number);
}

/* ---- lines that do something ---- */

static void read_go(struct parse *p, const struct statement_row *row)
{
    struct target target;
    if (!parse_target(p, &target))
        return;
    struct line *line = add_line(p, row);
    if (line)
        line->target = target;
}

static void read_hide(struct parse *p, const struct statement_row *row)
{
    static const struct {
        const char *word;
        enum settings_key_id key;
    } keys[] = {{"back", KEY_BACK}, {"home", KEY_HOME}, {"exit", KEY_EXIT}};
    unsigned mask = 0;
    struct token word;
    while (script_word(&p->c, &word)) {
        size_t i = 0;
        while (i < 3 && !span_is(word.text, keys[i].word))
            i++;
        if (i == 3) {
            build_error(p->b, "E01", word, "no key \"%.*s\" can be hidden\nthe keys are: back, home, exit",
                        SPAN_ARG(word.text));
            return;
        }
        mask |= 1u << keys[i].key;
    }
    if (!mask)
        build_error(p->b, "E01", p->word, "\"hide\" needs a key\nfor example: hide back");
    struct line *line = add_line(p, row);
    if (line)
        line->keys = mask;
}

static void read_set(struct parse *p, const struct statement_row *row)
{
    struct token name, word;
    uint16_t slot;
    if (!parse_name(p, "set topic = legal", &name))
        return;
    if (!script_accept(&p->c, "=")) {
        build_error(p->b, "E01", script_rest(&p->c), "\"=\" is missing after \"%.*s\"\nfor example: set topic = legal",
                    SPAN_ARG(name.text));
        return;
    }
    if (!parse_word(p, "set topic = legal", &word) || !parse_end(p) || !parse_slot(p, name, &slot))
        return;
    struct line *line = add_line(p, row);
    if (line)
        line->slot = slot, line->word = word.text;
}

static void read_register(struct parse *p, const struct statement_row *row)
{
    struct token name;
    if (!parse_name(p, "register request", &name) || !parse_end(p))
        return;
    uint16_t index = build_find(p->b, NAME_CASE, name, "case");
    struct line *line = add_line(p, row);
    if (line)
        line->index = index;
}

/* A case for `find`, which could also have been a table. */
static uint16_t find_case(struct parse *p, struct token name)
{
    struct suggest near = suggest_start(name.text);
    struct span known;
    uint16_t index = build_look(p->b, NAME_CASE, name.text);
    for (size_t i = 0; map_at(p->b->names[NAME_CASE], i, &known); i++)
        suggest_try(&near, known);
    for (size_t i = 0; map_at(p->b->names[NAME_TABLE], i, &known); i++)
        suggest_try(&near, known);
    if (index == PROGRAM_NONE)
        build_unknown(p->b, name, map_count(p->b->names[NAME_TABLE]) ? "case or table" : "case", suggest_best(&near));
    return index;
}

static void read_find(struct parse *p, const struct statement_row *row)
{
    struct token name, by;
    if (!parse_name(p, "find request by ref", &name))
        return;
    if (!script_accept(&p->c, "by")) {
        build_error(p->b, "E01", script_rest(&p->c), "\"by\" is missing\nfor example: find request by ref");
        return;
    }
    if (!parse_name(p, "find request by ref", &by) || !parse_end(p))
        return;
    uint16_t table = build_look(p->b, NAME_TABLE, name.text), slot;
    uint16_t index = table != PROGRAM_NONE ? table : find_case(p, name);
    if (!parse_slot(p, by, &slot) || index == PROGRAM_NONE)
        return;
    struct line *line = add_line(p, row);
    if (line)
        line->op = table != PROGRAM_NONE ? OP_LOOKUP : OP_FIND, line->index = index, line->slot = slot;
}

static void read_withdraw(struct parse *p, const struct statement_row *row)
{
    struct token name;
    if (!parse_name(p, "withdraw agree", &name) || !parse_end(p))
        return;
    uint16_t index = build_consent(p->b, name);
    struct line *line = add_line(p, row);
    if (line)
        line->index = index;
}

/* ---- what the question takes ---- */

static void read_into(struct parse *p, const struct statement_row *row)
{
    (void)row;
    struct token name;
    p->into = p->word;
    if (parse_name(p, "into age", &name) && parse_end(p) && !span_is(name.text, "lang") &&
        !span_is(name.text, "service"))
        parse_slot(p, name, &p->question.slot);
}

static bool read_bounds(struct parse *p, struct question *q)
{
    struct token word;
    script_word(&p->c, &word);
    size_t dots = 0;
    while (dots + 1 < word.text.len && memcmp(word.text.p + dots, "..", 2) != 0)
        dots++;
    bool ok = !span_int(span_first(word.text, dots), &q->least) && !span_int(span_from(word.text, dots + 2), &q->most);
    if (!ok)
        build_error(p->b, "E01", word, "two numbers with \"..\" between are missing\nfor example: kind number 5..110");
    else if (q->least > q->most)
        build_error(p->b, "E01", word, "%lld is more than %lld\nwrite the smaller one first", (long long)q->least,
                    (long long)q->most);
    else if (q->kind == ANSWER_TEXT && (q->least < 0 || q->most < 1 || q->most > LETTERS_MAX))
        build_error(p->b, "E01", word, "a text has from 0 to %d letters", LETTERS_MAX);
    else
        return true;
    return false;
}

static void read_kind(struct parse *p, const struct statement_row *row)
{
    (void)row;
    static const struct {
        const char *word;
        enum answer_kind kind;
        bool bounds;
    } kinds[] = {{"number", ANSWER_NUMBER, true},        {"text", ANSWER_TEXT, true},
                 {"date", ANSWER_DATE, false},           {"phone", ANSWER_PHONE, false},
                 {"reference", ANSWER_REFERENCE, false}, {"window", ANSWER_WINDOW, false}};
    struct token word;
    script_word(&p->c, &word);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!span_is(word.text, kinds[i].word))
            continue;
        p->question.kind = kinds[i].kind;
        if (!kinds[i].bounds || read_bounds(p, &p->question))
            parse_end(p);
        return;
    }
    build_error(p->b, "E01", word,
                "no kind of answer \"%.*s\"\nthe kinds are: number, text, date, phone, reference, window",
                SPAN_ARG(word.text));
}

static void read_match(struct parse *p, const struct statement_row *row)
{
    (void)row;
    struct token text = script_rest(&p->c);
    char why[200] = "";
    size_t offset = 0;
    struct pattern *compiled = NULL;
    if (!text.text.len) {
        build_error(p->b, "E21", text, "a pattern is missing\nfor example: match ^[A-Z]{2,10}$");
        return;
    }
    int rc = pattern_compile(text.text, &compiled, &offset, why, sizeof why);
    if (rc == ERR_NOMEM) {
        p->b->err = rc;
    } else if (rc < 0) {
        struct span at = span_from(text.text, offset < text.text.len ? offset : text.text.len);
        build_error(p->b, "E21", token_within(p->st, at),
                    "the pattern does not work: %s\ntry it without what stands here", why);
    } else {
        struct pattern **kept = list_add(p->b, &p->b->own->patterns, sizeof *kept);
        if (kept)
            *kept = compiled;
        else
            pattern_free(compiled);
        p->question.match = kept ? compiled : NULL;
        p->question.plain = pattern_plain(text.text);
    }
}

static void read_clean(struct parse *p, const struct statement_row *row)
{
    (void)row;
    static const struct {
        const char *word;
        enum cleaner cleaner;
    } cleaners[] = {{"trim", CLEAN_TRIM},
                    {"squeeze", CLEAN_SQUEEZE},
                    {"upper", CLEAN_UPPER},
                    {"lower", CLEAN_LOWER},
                    {"digits", CLEAN_DIGITS}};
    enum { CLEANERS = sizeof cleaners / sizeof cleaners[0] };
    struct token word;
    while (script_word(&p->c, &word)) {
        size_t i = 0;
        while (i < CLEANERS && !span_is(word.text, cleaners[i].word))
            i++;
        if (i < CLEANERS)
            p->question.cleaners |= cleaners[i].cleaner;
        else
            build_error(p->b, "E01", word, "unknown cleaner \"%.*s\"\nthere are: trim, squeeze, upper, lower, digits",
                        SPAN_ARG(word.text));
    }
    if (!p->question.cleaners)
        build_error(p->b, "E01", p->word, "\"clean\" needs a word\nfor example: clean trim digits");
}

static void read_tries(struct parse *p, const struct statement_row *row)
{
    (void)row;
    struct token word;
    int64_t tries = 0;
    script_word(&p->c, &word);
    if (span_int(word.text, &tries) < 0 || tries < 1 || tries > TRIES_MAX) {
        build_error(p->b, "E01", word, "\"tries\" needs a number from 1 to %d\nfor example: tries 3 -> call-us",
                    TRIES_MAX);
        return;
    }
    if (!script_accept(&p->c, "->")) {
        build_error(p->b, "E01", script_rest(&p->c), "\"->\" is missing\nfor example: tries 3 -> call-us");
        return;
    }
    if (parse_target(p, &p->question.give_up))
        p->question.tries = (int)tries;
}

static void read_version(struct parse *p, const struct statement_row *row)
{
    (void)row;
    struct token word;
    const struct menu_screen *screen = list_at(&p->b->screens, p->section->index);
    struct consent *consent = list_at(&p->b->consents, screen->consent);
    if (parse_word(p, "version 2026-02", &word) && parse_end(p))
        *consent =
            (struct consent){.name = consent->name, .version = word.text, .screen = consent->screen, .at = word.at};
}

const struct statement_row parse_screen_rows[] = {
    {"say", IN_SCREEN | IN_CONSENT, ROW_MEDIA | ROW_WHEN, OP_SAY, read_text},
    {"ask", IN_SCREEN, ROW_MEDIA | ROW_WHEN, OP_ASK, read_text},
    {"error", IN_SCREEN, ROW_MEDIA | ROW_WHEN, OP_ERROR, read_text},
    {"send", IN_SCREEN, ROW_WHEN, OP_SEND, read_text},
    {"option", IN_SCREEN, ROW_MEDIA | ROW_WHEN, OP_OPTION, read_option},
    {"choose", IN_SCREEN, ROW_WHEN, OP_LANGUAGES, read_choose},
    {"->", IN_SCREEN, ROW_WHEN, OP_GO, read_go},
    {"set", IN_SCREEN, ROW_WHEN, OP_SET, read_set},
    {"hide", IN_SCREEN | IN_CONSENT, ROW_WHEN, OP_HIDE, read_hide},
    {"register", IN_SCREEN, ROW_WHEN, OP_REGISTER, read_register},
    {"find", IN_SCREEN, ROW_WHEN, OP_FIND, read_find},
    {"withdraw", IN_SCREEN, ROW_WHEN, OP_WITHDRAW, read_withdraw},
    {"erase", IN_SCREEN, ROW_WHEN, OP_ERASE, read_plain},
    {"restart", IN_SCREEN, ROW_WHEN, OP_RESTART, read_plain},
    {"mydata", IN_SCREEN, ROW_WHEN, OP_MYDATA, read_plain},
    {"no-resume", IN_SCREEN | IN_CONSENT, ROW_ONCE, OP_NO_RESUME, read_plain},
    {"into", IN_SCREEN, ROW_ONCE, 0, read_into},
    {"kind", IN_SCREEN, ROW_ONCE, 0, read_kind},
    {"match", IN_SCREEN, ROW_ONCE, 0, read_match},
    {"clean", IN_SCREEN, ROW_ONCE, 0, read_clean},
    {"tries", IN_SCREEN, ROW_ONCE, 0, read_tries},
    {"version", IN_CONSENT, ROW_ONCE, 0, read_version},
    {"agree", IN_CONSENT, ROW_MEDIA, OP_AGREE, read_option},
    {"refuse", IN_CONSENT, ROW_MEDIA, OP_REFUSE, read_option},
    {0},
};

/* ---- the end of a screen ---- */

static bool is_question(enum op op)
{
    return op == OP_ASK || op == OP_OPTION || op == OP_LANGUAGES || op == OP_AGREE || op == OP_REFUSE;
}

static const struct line *first_of(const struct parse *p, enum op op)
{
    for (size_t i = 0; i < p->lines.count; i++) {
        const struct line *line = list_at(&p->lines, i);
        if (line->op == op)
            return line;
    }
    return NULL;
}

static void incomplete(struct parse *p, struct place at, const char *message)
{
    // The line itself is not at hand any more, but each statement of the section is.
    struct token t = {.at = at, .source = p->section->name.source};
    for (size_t i = 0; i < p->section->count; i++)
        if (p->section->statements[i].at.line == at.line)
            t.source = p->section->statements[i].source;
    build_error(p->b, "E22", t, "%s", message);
}

/* E22: a question must keep its answer and, unless it is a choice, say what is allowed. */
static void check_question(struct parse *p, const struct line *ask, bool choice)
{
    const struct question *q = &p->question;
    bool limited = q->kind != ANSWER_ANY || q->match;
    if (ask && !p->into.text.len)
        incomplete(p, ask->at,
                   "a question whose answer goes nowhere\nadd \"into NAME\", or write \"say\" if nothing is asked");
    else if (p->into.text.len && !ask && !choice)
        incomplete(p, p->into.at, "\"into\" without a question\nadd \"ask TEXT\" or options");
    else if (!ask && (limited || q->cleaners || q->tries || first_of(p, OP_ERROR)) && !choice)
        incomplete(p, p->section->name.at,
                   "this screen says how to answer, but asks nothing\nadd \"ask TEXT\" and \"into NAME\"");
    else if (ask && !choice && !limited)
        incomplete(p, ask->at, "a question without a limit\nsay what is allowed, for example: kind text 1..160");
    else if (q->asks && !first_of(p, OP_ERROR))
        incomplete(p, ask->at, "a question without \"error\"\nsay what to do after a wrong answer: error Please ...");
    else if (q->asks && !q->tries)
        incomplete(p, ask->at, "a question without \"tries\"\nsay where it gives up, for example: tries 3 -> call-us");
}

/* E43: somebody must be able to say yes and to say no, to words that have a version. */
static void check_consent(struct parse *p, const struct menu_screen *screen)
{
    const struct consent *c = list_at(&p->b->consents, screen->consent);
    const char *missing = !first_of(p, OP_AGREE)    ? "agree 1 I agree -> next"
                          : !first_of(p, OP_REFUSE) ? "refuse 2 I do not agree -> refused"
                          : !c->version.len         ? "version 2026-01"
                                                    : NULL;
    if (missing)
        build_error(p->b, "E43", p->section->name, "consent \"%.*s\" without \"%.*s\"\nadd for example: %s",
                    SPAN_ARG(screen->name), (int)strcspn(missing, " "), missing, missing);
}

void parse_screen_done(struct parse *p)
{
    struct menu_screen *screen = list_at(&p->b->screens, p->section->index);
    const struct line *lines = p->lines.items;
    size_t at = 0;
    while (at < p->lines.count && !is_question(lines[at].op))
        at++;
    const struct line *ask = first_of(p, OP_ASK);
    bool choice = first_of(p, OP_OPTION) || first_of(p, OP_LANGUAGES) || screen->kind == SCREEN_CONSENT;
    p->question.asks = ask && (!choice || p->question.kind != ANSWER_ANY || p->question.match);
    check_question(p, ask, choice);
    if (screen->kind == SCREEN_CONSENT)
        check_consent(p, screen);
    screen->lines = lines;
    screen->line_count = p->lines.count;
    screen->question_at = at;
    screen->question = p->question;
}
