// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/talk.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/utf8.h"
#include "dialogue/dialogue.h"
#include "script/script.h"
#include "script/suggest.h"
#include "text/paging.h"
#include "tools/world.h"

#include <string.h>

enum {
    TALK_ARENA = 64 * 1024 * 1024,
    TALK_TEXT = 64 * 1024,
    TALK_PARTS = 3,
    TALK_SEPTETS = 182,
    TALK_UNITS = 80,
    TALK_PAGE_MAX = 4096
};

struct talk {
    const struct program *p;
    struct diags *d;
    struct talk_report *report;
    struct arena *a;
    struct world world;
    struct dialogue session, dropped; /* the present one, and a call that was cut off */
    struct dialogue_result shown;
    enum medium medium;
    struct profile sized; /* what the `phone` line says that a page holds; zeroed: it does not say */
    int64_t day;
    int minute;
    bool begun, phoned, timed, calling, failed;
    struct span title, why; /* of the talk; what did not hold first */
    struct place at;
    int err;
};

/* ---- telling ---- */

/** A text on one line: "a | b". */
static struct span one_line(struct talk *t, struct span text)
{
    struct str out = STR_INIT(TALK_TEXT);
    struct span line;
    for (bool first = true; span_split(&text, '\n', &line); first = false) {
        str_addz(&out, first ? "" : " | ");
        str_add(&out, line);
    }
    struct span copy = arena_copy(t->a, str_span(&out));
    if (!copy.p)
        t->err = ERR_NOMEM;
    str_release(&out);
    return copy;
}

static void tell(struct talk *t, const struct statement *st, const char *code, struct span why)
{
    if (!why.p)
        t->err = ERR_NOMEM;
    if (!t->failed) {
        t->report->failed++;
        t->why = why;
    }
    t->failed = true;
    diag_error(t->d, code, st->at, st->source, "%.*s", SPAN_ARG(why));
}

static void fail(struct talk *t, const struct statement *st, struct span expected, struct span shown)
{
    struct span e = one_line(t, expected), s = one_line(t, shown);
    tell(t, st, "T01", arena_printf(t->a, "expected \"%.*s\"\nit is \"%.*s\"", SPAN_ARG(e), SPAN_ARG(s)));
}

static void refuse(struct talk *t, const struct statement *st, const char *why)
{
    tell(t, st, "E01", span_of(why));
}

/* ---- stepping ---- */

static struct profile profile_of(const struct talk *t)
{
    if (t->sized.units)
        return t->sized;
    struct profile known = t->medium == MEDIUM_SMS ? t->report->sms : t->report->ussd;
    if (known.septets || known.units)
        return known;
    if (t->medium == MEDIUM_USSD)
        return (struct profile){MEDIUM_USSD, TALK_SEPTETS, TALK_UNITS};
    int parts = t->p->settings->parts_answer ? t->p->settings->parts_answer : TALK_PARTS;
    return (struct profile){MEDIUM_SMS, paging_room((struct measure){.gsm = true}, parts),
                            paging_room((struct measure){.gsm = false}, parts)};
}

static void step(struct talk *t, enum dialogue_input_kind kind, struct span text)
{
    struct dialogue dropped = t->dropped, before = t->session;
    struct span page = t->shown.screen.text;
    bool resumes = kind == INPUT_BEGIN && t->medium == MEDIUM_USSD && dialogue_resumable(t->p, &dropped);
    const struct dialogue_input in = {.kind = kind,
                                      .text = text,
                                      .profile = profile_of(t),
                                      .local = {(int)date_weekday(t->day), t->minute, t->day},
                                      .today = t->day,
                                      .person = world_person(&t->world),
                                      .entropy = world_entropy(&t->world),
                                      .drafts = true,
                                      .watch = t->report->coverage ? coverage_watch(t->report->coverage) : NULL,
                                      .previous = resumes ? &dropped : NULL};
    int rc = dialogue_step(t->p, &t->session, &in, t->a, &t->shown);
    if (rc < 0) {
        t->err = rc;
        return;
    }
    world_apply(&t->world, t->p, t->day, t->shown.effects, t->shown.effect_count);
    t->calling = t->medium == MEDIUM_SMS || t->shown.screen.more;
    if (t->medium == MEDIUM_USSD)
        t->dropped = t->session;
    if (t->report->coverage)
        t->err = coverage_step(t->report->coverage, &before, page, text, &t->session, &t->shown);
}

/** A new session; by SMS in the language of the last one, as a service remembers it. */
static void begin(struct talk *t)
{
    struct dialogue fresh = {.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
    if (t->medium == MEDIUM_SMS)
        memcpy(fresh.language, t->session.language, sizeof fresh.language);
    t->session = fresh;
    t->begun = true;
}

static bool looks_dialled(struct span text)
{
    return text.len > 1 && text.p[0] == '*' && text.p[text.len - 1] == '#';
}

static void line_typed(struct talk *t, const struct statement *st, struct span text)
{
    bool ussd = t->medium == MEDIUM_USSD;
    if (!t->phoned || !t->timed) {
        refuse(t, st, "nobody has a phone yet\nwrite \"phone NUMBER ussd\" and \"at DATE TIME\" first");
        return;
    }
    bool begins = !t->begun || (ussd && looks_dialled(text));
    if (begins) {
        begin(t);
    } else if (!t->calling) {
        refuse(t, st, "the session is over\ndial again with \"> *123#\"");
        return;
    }
    t->report->typed++;
    step(t, begins ? INPUT_BEGIN : INPUT_TEXT, begins && ussd ? (struct span){0} : text);
}

/* ---- comparing ---- */

static struct span reference_of(const struct talk *t)
{
    return t->world.case_count ? t->world.cases[t->world.case_count - 1].reference : (struct span){0};
}

/** Notes what the line should say. */
static void accept(struct talk *t, const struct statement *st, struct span text)
{
    struct talk_report *r = t->report;
    struct str out = STR_INIT(TALK_TEXT);
    int rc = talk_accepted(text, t->shown.screen.text, reference_of(t), t->a, &out);
    struct talk_edit *edits = rc < 0 ? NULL : arena_grow(r->keep, r->edits, r->edit_count, sizeof *edits);
    if (edits) {
        r->edits = edits;
        edits[r->edit_count++] =
            (struct talk_edit){st->at.line, (int)st->line_count, arena_copy(r->keep, str_span(&out))};
    } else if (rc == ERR_LIMIT)
        refuse(t, st, "too many lines to accept\nwrite them by hand");
    else
        t->err = ERR_NOMEM;
    str_release(&out);
}

static void line_shown(struct talk *t, const struct statement *st, struct span text)
{
    t->report->compared++;
    if (talk_matches(text, t->shown.screen.text, reference_of(t)))
        return;
    if (t->report->accept && t->report->keep && t->shown.screen.text.len)
        accept(t, st, text);
    else
        fail(t, st, text, t->shown.screen.text);
}

static void no_such_screen(struct talk *t, const struct statement *st, struct span name)
{
    struct suggest near = suggest_start(name);
    for (size_t i = 0; i < t->p->screen_count; i++)
        suggest_try(&near, t->p->screens[i].name);
    struct span best = suggest_best(&near), shown = t->shown.screen_name;
    if (best.len)
        tell(t, st, "E01",
             arena_printf(t->a, "no such screen \"%.*s\"\ndid you mean \"%.*s\"?", SPAN_ARG(name), SPAN_ARG(best)));
    else
        tell(t, st, "E01",
             arena_printf(t->a, "no such screen \"%.*s\"\nshown is \"%.*s\"", SPAN_ARG(name), SPAN_ARG(shown)));
}

static void line_screen(struct talk *t, const struct statement *st, struct span text)
{
    t->report->compared++;
    if (program_screen(t->p, text) == PROGRAM_NONE)
        no_such_screen(t, st, text);
    else if (!span_eq(text, t->shown.screen_name))
        fail(t, st, text, t->shown.screen_name);
}

static bool next_word(struct span *rest, struct span *word)
{
    *rest = span_trim(*rest);
    *word = span_first(*rest, span_find(*rest, ' '));
    *rest = span_from(*rest, word->len);
    return word->len > 0;
}

static bool fact_end(const struct talk *t, struct span rest, struct span *is)
{
    *is = t->shown.screen.more ? SPAN("the session goes on") : SPAN("end");
    return !t->shown.screen.more && !rest.len;
}

static bool fact_none(const struct talk *t, struct span rest, struct span *is)
{
    *is = t->world.case_count ? t->world.cases[t->world.case_count - 1].kind : SPAN("no case");
    return !t->world.case_count && span_is(span_trim(rest), "case");
}

static bool fact_anonymous(const struct talk *t, struct span rest, struct span *is)
{
    *is = t->world.case_count ? SPAN("a case with a number") : SPAN("no case");
    return t->world.case_count && t->world.cases[t->world.case_count - 1].anonymous && !rest.len;
}

static const struct world_case *find_case(const struct talk *t, struct span kind)
{
    for (size_t i = t->world.case_count; i > 0; i--)
        if (span_eq(t->world.cases[i - 1].kind, kind))
            return &t->world.cases[i - 1];
    return NULL;
}

static bool has_flag(const struct world_case *c, struct span flag)
{
    for (size_t i = 0; i < c->flag_count; i++)
        if (span_eq(c->flags[i], flag))
            return true;
    return false;
}

/** `flags` names all of them. */
static bool same_flags(const struct world_case *c, struct span rest)
{
    struct span flag;
    size_t count = 0;
    for (; next_word(&rest, &flag); count++)
        if (!has_flag(c, flag))
            return false;
    return count == c->flag_count;
}

static bool fact_case(const struct talk *t, struct span rest, struct span *is)
{
    struct span kind, word, priority;
    next_word(&rest, &kind);
    const struct world_case *c = find_case(t, kind);
    *is = SPAN("no such case");
    if (!c)
        return false;
    *is = SPAN("a case of another priority or with other flags");
    while (next_word(&rest, &word)) {
        if (span_is(word, "flags"))
            return same_flags(c, rest);
        if (!span_is(word, "priority") || !next_word(&rest, &priority) || !span_eq(priority, c->priority))
            return false;
    }
    return true;
}

static const struct person_consent *in_force(const struct talk *t, struct span name)
{
    const struct person *who = world_person(&t->world);
    for (size_t i = 0; i < who->consent_count; i++)
        if (span_eq(who->consents[i].name, name))
            return &who->consents[i];
    return NULL;
}

static bool fact_consent(const struct talk *t, struct span rest, struct span *is)
{
    struct span name, word, state;
    next_word(&rest, &name);
    next_word(&rest, &word);
    const struct person_consent *c = in_force(t, name);
    *is = c ? SPAN("yes") : world_person(&t->world)->stopped ? SPAN("withdrawn") : SPAN("not given");
    if (!next_word(&rest, &state))
        return !c && span_is(word, "withdrawn") && span_is(*is, "withdrawn");
    if (!c)
        return span_eq(state, *is);
    return span_is(state, "yes") && span_eq(c->version, word);
}

static bool fact_sms(const struct talk *t, struct span rest, struct span *is)
{
    *is = t->world.message_count ? t->world.messages[t->world.message_count - 1] : SPAN("no SMS");
    for (size_t i = 0; i < t->world.message_count; i++)
        if (talk_matches(span_trim(rest), t->world.messages[i], reference_of(t)))
            return true;
    return false;
}

static bool fact_told(const struct talk *t, struct span rest, struct span *is)
{
    *is = t->world.told_count ? t->world.told[t->world.told_count - 1] : SPAN("nothing told");
    if (!span_trim(rest).len)
        return false;
    for (size_t i = 0; i < t->world.told_count; i++)
        if (talk_matches(span_trim(rest), t->world.told[i], reference_of(t)))
            return true;
    return false;
}

static const struct {
    const char *word;
    bool (*holds)(const struct talk *t, struct span rest, struct span *is);
} facts[] = {
    {"end", fact_end},         {"no", fact_none}, {"anonymous", fact_anonymous}, {"case", fact_case},
    {"consent", fact_consent}, {"sms", fact_sms}, {"told", fact_told},
};

static void line_fact(struct talk *t, const struct statement *st, struct span text)
{
    struct span rest = text, word, is;
    next_word(&rest, &word);
    t->report->compared++;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        if (span_is(word, facts[i].word)) {
            if (!facts[i].holds(t, rest, &is))
                fail(t, st, text, is);
            return;
        }
    refuse(t, st, "unknown fact\nwrite = end, = case, = no case, = anonymous, = consent, = sms or = told");
}

/* ---- the head of a talk ---- */

/** Notes how the talk went, where that is wanted and there was one. */
static void talk_ends(struct talk *t)
{
    struct talk_report *r = t->report;
    if (!r->keep || !t->title.p)
        return;
    struct talk_result *results = arena_grow(r->keep, r->results, r->result_count, sizeof *results);
    char *file = arena_strdup(r->keep, span_of(t->at.file));
    if (!results || !file) {
        t->err = ERR_NOMEM;
        return;
    }
    r->results = results;
    results[r->result_count++] = (struct talk_result){
        .file = file, .line = t->at.line, .title = arena_copy(r->keep, t->title), .why = arena_copy(r->keep, t->why)};
}

static void line_talk(struct talk *t, const struct statement *st, struct span text)
{
    talk_ends(t);
    struct talk fresh = {
        .p = t->p, .d = t->d, .report = t->report, .a = t->a, .title = text, .at = st->at, .err = t->err};
    *t = fresh;
    t->session.screen = t->session.found_case = PROGRAM_NONE;
    t->dropped = t->session;
    world_init(&t->world, t->a);
    t->report->talks++;
}

/** "160 70": what a page of this phone holds, as a channel's `page` says it. */
static bool read_size(struct talk *t, struct span text)
{
    struct span septets, units;
    int64_t s, u;
    t->sized = (struct profile){0};
    if (!next_word(&text, &septets))
        return true;
    if (!next_word(&text, &units) || text.len || span_int(septets, &s) < 0 || span_int(units, &u) < 0)
        return false;
    if (s < 0 || s > TALK_PAGE_MAX || u < 1 || u > TALK_PAGE_MAX)
        return false;
    t->sized = (struct profile){t->medium, (int)s, (int)u};
    return true;
}

static void line_phone(struct talk *t, const struct statement *st, struct span text)
{
    struct span number, medium;
    next_word(&text, &number);
    next_word(&text, &medium);
    t->medium = span_is(medium, "sms") ? MEDIUM_SMS : MEDIUM_USSD;
    if (!span_is(medium, "sms") && !span_is(medium, "ussd"))
        refuse(t, st, "a phone is ussd or sms\nwrite \"phone +12025550101 ussd\"");
    else if (!read_size(t, text))
        refuse(t, st, "a page is septets and UTF-16 units\nwrite \"phone +12025550101 ussd 160 70\"");
    t->phoned = true;
    t->begun = false;
}

static bool read_time(struct span text, int *minute)
{
    struct span hours = span_first(text, span_find(text, ':')), minutes = span_from(text, hours.len + 1);
    int64_t h, m;
    if (span_int(hours, &h) < 0 || span_int(minutes, &m) < 0 || h < 0 || h > 23 || m < 0 || m > 59)
        return false;
    *minute = (int)(h * 60 + m);
    return true;
}

static void line_at(struct talk *t, const struct statement *st, struct span text)
{
    struct span day, clock;
    struct date date;
    next_word(&text, &day);
    next_word(&text, &clock);
    if (date_parse(day, &date) < 0 || !read_time(clock, &t->minute)) {
        refuse(t, st, "this is not a time\nwrite \"at 2026-04-14 10:00\"");
        return;
    }
    t->day = date_to_day(date);
    t->timed = true;
}

/* ---- reading ---- */

static const struct {
    const char *word;
    void (*run)(struct talk *t, const struct statement *st, struct span text);
} lines[] = {
    {"talk", line_talk}, {"phone", line_phone}, {"at", line_at},  {">", line_typed},
    {"<", line_shown},   {"@", line_screen},    {"=", line_fact},
};

static void run_line(struct talk *t, const struct statement *st)
{
    struct script_cursor c = script_cursor(st);
    struct token word;
    if (!script_word(&c, &word))
        return;
    bool heads = span_is(word.text, "talk");
    if (t->failed && !heads)
        return;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (span_is(word.text, lines[i].word)) {
            if (heads || t->report->talks)
                lines[i].run(t, st, script_rest(&c).text);
            else
                refuse(t, st, "this belongs to no talk\nbegin with \"talk TITLE\"");
            return;
        }
    refuse(t, st, "unknown line\nwrite talk, phone, at, >, <, @ or =");
}

int talk_run(const struct program *p, const char *file, struct span bytes, struct diags *d, struct talk_report *out)
{
    struct script script;
    struct talk t = {.p = p, .d = d, .report = out, .a = arena_new(TALK_ARENA)};
    size_t before = out->talks;
    out->talks = out->edit_count = 0;
    out->edits = NULL;
    int rc = t.a ? script_read(file, bytes, t.a, d, &script) : ERR_NOMEM;
    for (size_t i = 0; rc == 0 && t.err == 0 && i < script.count; i++)
        run_line(&t, &script.statements[i]);
    if (rc == 0 && t.err == 0 && !script.count && !diags_errors(d))
        diag_error(d, "E01", (struct place){file, 1, 1}, (struct span){0},
                   "there is no talk in this file\nbegin with \"talk TITLE\"");
    talk_ends(&t);
    out->talks += before;
    arena_free(t.a);
    return rc < 0 ? rc : t.err;
}
