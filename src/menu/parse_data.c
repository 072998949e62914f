// SPDX-License-Identifier: AGPL-3.0-or-later
/* parse_data - statements of facts, cases, triggers and replies, and what tables share with facts. */
#include "base/clock.h"
#include "base/err.h"
#include "menu/parse.h"
#include "script/suggest.h"
#include "text/fold.h"

enum {
    IN_FACT = 1 << SECTION_FACT,
    IN_CASE = 1 << SECTION_CASE,
    IN_TRIGGER = 1 << SECTION_TRIGGER,
    IN_REPLY = 1 << SECTION_REPLY,
    IN_TABLE = 1 << SECTION_TABLE,
    WATCH_MAX = 64, // bits in a session's masks
};

/* ---- facts ---- */

static struct fact *the_fact(struct parse *p)
{
    return list_at(&p->b->facts, p->section->index);
}

static struct table *the_table(struct parse *p)
{
    return list_at(&p->b->tables, p->section->index);
}

static void read_texts(struct parse *p, const struct statement_row *row)
{
    uint16_t text = parse_text(p, script_rest(&p->c), row->word, false);
    if (p->section->kind == SECTION_REPLY)
        ((struct reply *)list_at(&p->b->replies, p->section->index))->text = text;
    else if (p->section->kind == SECTION_TABLE)
        the_table(p)->expired = text;
    else if (span_is(p->word.text, "text"))
        the_fact(p)->text = text;
    else
        the_fact(p)->expired = text;
}

static void read_label(struct parse *p, const struct statement_row *row)
{
    ((struct reply *)list_at(&p->b->replies, p->section->index))->label =
        parse_text(p, script_rest(&p->c), row->word, false);
}

static void read_words(struct parse *p, const struct statement_row *row)
{
    (void)row;
    struct token rest = script_rest(&p->c);
    bool table = p->section->kind == SECTION_TABLE;
    if (!rest.text.len)
        build_error(p->b, "E01", rest, "\"%.*s\" says nothing\nfor example: owner A. Diallo", SPAN_ARG(p->word.text));
    else if (span_is(p->word.text, "source"))
        *(table ? &the_table(p)->source : &the_fact(p)->source) = rest.text;
    else if (span_is(p->word.text, "confirm"))
        *(table ? &the_table(p)->confirm : &the_fact(p)->confirm) = rest.text;
    else
        *(table ? &the_table(p)->owner : &the_fact(p)->owner) = rest.text;
}

static void keep_date(struct parse *p, int64_t day)
{
    bool table = p->section->kind == SECTION_TABLE;
    if (span_is(p->word.text, "reviewed")) {
        *(table ? &the_table(p)->reviewed_day : &the_fact(p)->reviewed_day) = day;
        return;
    }
    *(table ? &the_table(p)->review_by_day : &the_fact(p)->review_by_day) = day;
    *(table ? &the_table(p)->due_at : &the_fact(p)->due_at) = p->word.at;
}

static void read_date(struct parse *p, const struct statement_row *row)
{
    (void)row;
    struct token word;
    struct date date;
    script_word(&p->c, &word);
    if (date_parse(word.text, &date) < 0)
        build_error(p->b, "E01", word, "\"%.*s\" is not a date\nwrite year-month-day, for example: %.*s 2026-03-02",
                    SPAN_ARG(word.text), SPAN_ARG(p->word.text));
    else if (parse_end(p))
        keep_date(p, date_to_day(date));
}

bool parse_says(const struct parse *p, const char *word)
{
    for (size_t i = 0; i < p->section->count; i++) {
        struct script_cursor c = script_cursor(&p->section->statements[i]);
        if (script_accept(&c, word))
            return true;
    }
    return false;
}

void parse_check_source(struct parse *p, const char *what, int64_t reviewed, int64_t due)
{
    static const char *const wanted[] = {"source", "owner", "reviewed", "review-by", "expired"};
    struct token name = p->section->name;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!parse_says(p, wanted[i]))
            build_error(p->b, "E50", name, "%s \"%.*s\" without \"%s\"\nadd a line \"%s ...\"", what,
                        SPAN_ARG(name.text), wanted[i], wanted[i]);
    if (parse_says(p, "reviewed") && parse_says(p, "review-by") && due < reviewed)
        build_error(p->b, "E50", name, "%s \"%.*s\" is due before it was reviewed\nlook at its two dates", what,
                    SPAN_ARG(name.text));
}

void parse_fact_done(struct parse *p)
{
    struct fact *fact = the_fact(p);
    fact->name = p->section->name.text;
    fact->at = p->section->name.at;
    if (!parse_says(p, "text"))
        build_error(p->b, "E50", p->section->name, "fact \"%.*s\" without \"text\"\nadd a line \"text ...\"",
                    SPAN_ARG(fact->name));
    parse_check_source(p, "fact", fact->reviewed_day, fact->review_by_day);
}

/* ---- cases ---- */

static struct menu_case *the_case(struct parse *p)
{
    return list_at(&p->b->cases, p->section->index);
}

static void keep_index(struct parse *p, enum case_list list, uint16_t index)
{
    uint16_t *kept = index == PROGRAM_NONE ? NULL : list_add(p->b, &p->names[list], sizeof *kept);
    if (kept)
        *kept = index;
}

static void each_consent(struct parse *p, struct token name, void *ctx)
{
    (void)ctx;
    keep_index(p, CASE_NEEDS, build_consent(p->b, name));
}

static void each_screen(struct parse *p, struct token name, void *ctx)
{
    uint16_t index = build_find(p->b, NAME_SCREEN, name, "screen");
    if (index == PROGRAM_NONE)
        return;
    struct menu_screen *screen = list_at(&p->b->screens, index);
    if (screen->watch < 0 && p->b->watched == WATCH_MAX)
        build_error(p->b, "E03", name, "cases want more than %d screens shown or offered", WATCH_MAX);
    else if (screen->watch < 0)
        screen->watch = p->b->watched++;
    keep_index(p, *(enum case_list *)ctx, index);
}

static void each_field(struct parse *p, struct token name, void *ctx)
{
    (void)ctx;
    uint16_t slot;
    if (parse_slot(p, name, &slot))
        keep_index(p, CASE_FIELDS, slot);
}

static void read_needs(struct parse *p, const struct statement_row *row)
{
    (void)row;
    enum case_list shown = CASE_SHOWN, offered = CASE_OFFERED;
    if (script_accept(&p->c, "shown"))
        parse_names(p, "needs shown risks", each_screen, &shown);
    else if (script_accept(&p->c, "offered"))
        parse_names(p, "needs offered help", each_screen, &offered);
    else
        parse_names(p, "needs agree", each_consent, NULL);
}

static void read_fields(struct parse *p, const struct statement_row *row)
{
    (void)row;
    parse_names(p, "fields age, country", each_field, NULL);
}

static void read_anonymous(struct parse *p, const struct statement_row *row)
{
    (void)row;
    the_case(p)->anonymous = true;
    parse_end(p);
}

static void read_contact(struct parse *p, const struct statement_row *row)
{
    (void)row;
    struct token may, time;
    const char *example = "contact may_call safe_time";
    if (!parse_name(p, example, &may) || !parse_name(p, example, &time) || !parse_end(p))
        return;
    parse_slot(p, may, &the_case(p)->may_call);
    parse_slot(p, time, &the_case(p)->safe_time);
}

static void add_choice(struct parse *p, struct list *list, struct span word)
{
    struct choice_word *choice = list_add(p->b, list, sizeof *choice);
    if (choice)
        *choice = (struct choice_word){.when = p->when, .word = word, .at = p->word.at};
}

static void read_priority(struct parse *p, const struct statement_row *row)
{
    static const char *const priorities[] = {"low", "normal", "high", "urgent"};
    (void)row;
    struct token word;
    if (!parse_word(p, "priority normal", &word) || !parse_end(p))
        return;
    struct suggest near = suggest_start(word.text);
    for (size_t i = 0; i < sizeof priorities / sizeof priorities[0]; i++) {
        if (span_is(word.text, priorities[i])) {
            add_choice(p, &p->priorities, word.text);
            return;
        }
        suggest_try(&near, span_of(priorities[i]));
    }
    struct span best = suggest_best(&near);
    build_error(p->b, "E02", word, "no such priority \"%.*s\"\n%s%.*s%s", SPAN_ARG(word.text),
                best.len ? "did you mean \"" : "they are: low, normal, high, urgent", SPAN_ARG(best),
                best.len ? "\"?" : "");
}

static void read_flag(struct parse *p, const struct statement_row *row)
{
    (void)row;
    struct token word;
    if (!parse_word(p, "flag minor", &word) || !parse_end(p))
        return;
    const struct settings *s = p->b->in->settings;
    struct suggest near = suggest_start(word.text);
    for (size_t i = 0; i < s->flag_count; i++) {
        if (span_eq(s->flags[i], word.text)) {
            add_choice(p, &p->flags, word.text);
            return;
        }
        suggest_try(&near, s->flags[i]);
    }
    build_unknown(p->b, word, "flag", suggest_best(&near));
}

static void read_reference(struct parse *p, const struct statement_row *row)
{
    (void)row;
    struct token name;
    if (parse_name(p, "reference ref", &name) && parse_end(p))
        parse_slot(p, name, &the_case(p)->reference);
}

static void read_status(struct parse *p, const struct statement_row *row)
{
    (void)row;
    struct token word;
    if (!parse_word(p, "status new We have your request.", &word))
        return;
    struct span suffix = arena_printf(p->b->a, "status.%.*s", SPAN_ARG(word.text));
    if (!build_got(p->b, suffix.p))
        return;
    for (size_t i = 0; i < p->statuses.count; i++)
        if (span_eq(((struct status *)list_at(&p->statuses, i))->word, word.text))
            build_error(p->b, "E03", word, "status \"%.*s\" is given twice", SPAN_ARG(word.text));
    uint16_t text = parse_text(p, script_rest(&p->c), suffix.p, false);
    struct status *status = list_add(p->b, &p->statuses, sizeof *status);
    if (status)
        *status = (struct status){.word = word.text, .text = text};
}

void parse_case_done(struct parse *p)
{
    struct menu_case *c = the_case(p);
    c->name = p->section->name.text, c->at = p->section->name.at;
    c->needs = p->names[CASE_NEEDS].items, c->needs_count = p->names[CASE_NEEDS].count;
    c->shown = p->names[CASE_SHOWN].items, c->shown_count = p->names[CASE_SHOWN].count;
    c->offered = p->names[CASE_OFFERED].items, c->offered_count = p->names[CASE_OFFERED].count;
    c->fields = p->names[CASE_FIELDS].items, c->field_count = p->names[CASE_FIELDS].count;
    c->priorities = p->priorities.items, c->priority_count = p->priorities.count;
    c->flags = p->flags.items, c->flag_count = p->flags.count;
    c->statuses = p->statuses.items, c->status_count = p->statuses.count;
    if (!parse_says(p, "contact"))
        c->may_call = c->safe_time = PROGRAM_NONE;
    if (!parse_says(p, "reference"))
        c->reference = PROGRAM_NONE;
    if (!c->needs_count && !c->anonymous)
        build_error(p->b, "E40", p->section->name,
                    "case \"%.*s\" neither needs a consent nor is anonymous\nadd \"needs CONSENT\" or \"anonymous\"",
                    SPAN_ARG(c->name));
    else if (c->anonymous && (c->needs_count || parse_says(p, "contact")))
        build_error(p->b, "E40", p->section->name,
                    "case \"%.*s\" is anonymous and yet asks for consent or contact\ntake one of them out",
                    SPAN_ARG(c->name));
}

/* ---- triggers ---- */

static bool is_language(struct span s)
{
    size_t letters = 0;
    while (letters < s.len && s.p[letters] >= 'a' && s.p[letters] <= 'z')
        letters++;
    return letters >= 2 && letters <= 3 && (letters == s.len || s.p[letters] == '_' || s.p[letters] == '-');
}

/* Takes "{name}" off the end of a phrase. */
static bool phrase_slot(struct parse *p, struct span *words, uint16_t *slot)
{
    *slot = PROGRAM_NONE;
    size_t open = span_find(*words, '{');
    if (open == words->len)
        return true;
    struct span name = span_from(*words, open + 1);
    struct token t = token_within(p->st, span_first(name, span_find(name, '}')));
    *words = span_trim(span_first(*words, open));
    if (t.text.len + 1 != name.len || !script_is_name(t.text)) {
        build_error(p->b, "E01", t,
                    "\"{name}\" may only stand at the end of a word\nfor example: words en STATUS {ref}");
        return false;
    }
    return parse_slot(p, t, slot);
}

static void add_phrase(struct parse *p, struct span language, struct span words, struct span kind)
{
    struct str folded = STR_INIT(SCRIPT_LINE_MAX);
    struct token all = token_within(p->st, words);
    uint16_t slot;
    if (!phrase_slot(p, &words, &slot))
        return;
    for (size_t i = 0; i < words.len; i++)
        // an Arabic comma, too, would make one long word of two
        if (words.p[i] == ';' || span_starts(span_from(words, i), SPAN("\u060C"))) {
            build_error(p->b, "E01", token_within(p->st, span_from(words, i)),
                        "words are divided by \",\"\nfor example: words en HELP, INFO");
            return;
        }
    fold_compare(&folded, words);
    struct span kept = arena_copy(p->b->a, str_span(&folded));
    bool broken = str_err(&folded) == ERR_NOMEM;
    str_release(&folded);
    if (broken || !build_got(p->b, kept.p)) {
        p->b->err = ERR_NOMEM;
        return;
    }
    if (!kept.len) {
        build_error(p->b, "E01", all, "a word is missing\nfor example: words en HELP, INFO");
        return;
    }
    struct phrase *phrase = list_add(p->b, &p->phrases, sizeof *phrase);
    if (phrase)
        *phrase = (struct phrase){.language = language,
                                  .folded = kept,
                                  .slot = slot,
                                  .alone = span_is(kind, "alone"),
                                  .within = span_is(kind, "within"),
                                  .at = all.at};
}

static void read_keywords(struct parse *p, const struct statement_row *row)
{
    struct token language;
    script_word(&p->c, &language);
    if (!is_language(language.text)) {
        build_error(p->b, "E01", language, "\"%.*s\" is not a language\nfor example: words en HELP, INFO",
                    SPAN_ARG(language.text));
        return;
    }
    struct token all = script_rest(&p->c);
    struct span rest = all.text, part;
    if (!rest.len)
        build_error(p->b, "E01", all, "a word is missing\nfor example: words en HELP, INFO");
    while (rest.len && span_split(&rest, ',', &part) && !p->b->err)
        add_phrase(p, language.text, span_trim(part), span_of(row->word));
}

void parse_trigger_done(struct parse *p)
{
    struct trigger *t = list_at(&p->b->triggers, p->section->index);
    t->screen = build_find(p->b, NAME_SCREEN, p->section->name, "screen");
    t->at = p->section->name.at;
    t->phrases = p->phrases.items;
    t->phrase_count = p->phrases.count;
    if (t->screen == PROGRAM_NONE)
        return;
    const struct menu_screen *screen = list_at(&p->b->screens, t->screen);
    if (build_part(screen).len)
        build_error(p->b, "E14", p->section->name, "a part cannot be a trigger's screen\nlead to it: -> %.*s then NEXT",
                    SPAN_ARG(build_part(screen)));
}

void parse_reply_done(struct parse *p)
{
    struct reply *reply = list_at(&p->b->replies, p->section->index);
    reply->name = p->section->name.text;
    if (!parse_says(p, "label") || !parse_says(p, "text"))
        build_error(p->b, "E01", p->section->name,
                    "reply \"%.*s\" needs \"label\" and \"text\"\nadd the line that is missing", SPAN_ARG(reply->name));
}

const struct statement_row parse_data_rows[] = {
    {"text", IN_FACT | IN_REPLY, ROW_ONCE, 0, read_texts},
    {"expired", IN_FACT | IN_TABLE, ROW_ONCE, 0, read_texts},
    {"source", IN_FACT | IN_TABLE, ROW_ONCE, 0, read_words},
    {"owner", IN_FACT | IN_TABLE, ROW_ONCE, 0, read_words},
    {"confirm", IN_FACT | IN_TABLE, ROW_ONCE, 0, read_words},
    {"reviewed", IN_FACT | IN_TABLE, ROW_ONCE, 0, read_date},
    {"review-by", IN_FACT | IN_TABLE, ROW_ONCE, 0, read_date},
    {"needs", IN_CASE, 0, 0, read_needs},
    {"anonymous", IN_CASE, ROW_ONCE, 0, read_anonymous},
    {"contact", IN_CASE, ROW_ONCE, 0, read_contact},
    {"fields", IN_CASE, ROW_ONCE, 0, read_fields},
    {"priority", IN_CASE, ROW_WHEN, 0, read_priority},
    {"flag", IN_CASE, ROW_WHEN, 0, read_flag},
    {"reference", IN_CASE, ROW_ONCE, 0, read_reference},
    {"status", IN_CASE, 0, 0, read_status},
    {"words", IN_TRIGGER, 0, 0, read_keywords},
    {"alone", IN_TRIGGER, 0, 0, read_keywords},
    {"within", IN_TRIGGER, 0, 0, read_keywords},
    {"label", IN_REPLY, ROW_ONCE, 0, read_label},
    {"file", IN_TABLE, ROW_ONCE, 0, parse_table_file},
    {"key", IN_TABLE, ROW_ONCE, 0, parse_table_key},
    {"column", IN_TABLE, ROW_ONCE, 0, parse_table_columns},
    {0},
};
