// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/walk.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/utf8.h"
#include "text/gsm7.h"
#include "tools/walk_type.h"
#include "tools/world.h"

#include <string.h>

enum {
    WALK_ARENA = 256 * 1024 * 1024,
    WALK_TYPED = 8 * 1024,
    WALK_STEPS_MAX = 60, /* of a session; half of them have fewer than 30 */
    WALK_CONSENTS = 32
};

/** One person, their phone, and what it shows. */
struct caller {
    const struct walk_input *in;
    struct walk_report *report;
    struct luck luck;
    struct arena *a;
    struct world world;
    struct dialogue sessions[2], dropped, before; /* the call and the SMS; a call cut off; as it was before the step */
    struct dialogue_result results[2];
    enum medium medium;
    bool calling, has_dropped;
    int64_t day;
    int minute;
    struct span typed;
    bool agreed[WALK_CONSENTS]; /* in force, by our own book-keeping */
    bool withdrew;              /* in this session */
    struct str scratch;
};

/* ---- rules ---- */

static const struct dialogue_result *result(const struct caller *c)
{
    return &c->results[c->medium];
}

static const struct dialogue *session(const struct caller *c)
{
    return &c->sessions[c->medium];
}

static struct profile profile(const struct caller *c)
{
    return c->medium == MEDIUM_USSD ? c->in->ussd : c->in->sms;
}

static bool page_too_long(struct caller *c)
{
    struct span text = result(c)->screen.text;
    struct profile p = profile(c);
    int septets = p.septets ? gsm7_count(text) : -1;
    return septets >= 0 && result(c)->gsm ? septets > p.septets : ucs2_count(text) > p.units;
}

static bool page_empty(struct caller *c)
{
    return !span_trim(result(c)->screen.text).len;
}

static bool page_not_text(struct caller *c)
{
    struct span text = result(c)->screen.text;
    return utf8_valid(text) != text.len;
}

static bool is_end(const struct target *t)
{
    return t->kind == PLACE_END || t->then_kind == PLACE_END;
}

static bool may_end(const struct menu_screen *s)
{
    bool ends = is_end(&s->question.give_up);
    for (size_t i = 0; i < s->line_count; i++)
        ends |= is_end(&s->lines[i].target);
    return ends;
}

/** A session may only be over where a screen leads to the end, somebody left, or no screen is left to be at. */
static bool session_dead(struct caller *c)
{
    const struct dialogue *s = session(c);
    if (result(c)->screen.more)
        return s->ended;
    if (!s->ended || s->asking != ASKING_NOTHING)
        return true;
    return !s->left && s->screen != PROGRAM_NONE && !may_end(&c->in->program->screens[s->screen]);
}

static bool session_stuck(struct caller *c)
{
    const struct dialogue *s = session(c);
    if (!result(c)->screen.more || s->option_count || s->keys)
        return false;
    return s->asking != ASKING_SCREEN || !c->in->program->screens[s->screen].question.asks;
}

/** Follows the effects in their order with books of our own; true where a case is registered without its consents. */
static bool registered_without_consent(struct caller *c)
{
    const struct program *p = c->in->program;
    bool broken = false;
    for (size_t i = 0; i < result(c)->effect_count; i++) {
        const struct effect *e = &result(c)->effects[i];
        uint16_t consent = program_consent(p, e->name), kind = program_case(p, e->name);
        if (e->kind == EFFECT_AGREE && consent < WALK_CONSENTS)
            c->agreed[consent] = span_eq(e->version, p->consents[consent].version);
        bool took_back = e->kind == EFFECT_REFUSE && consent < WALK_CONSENTS && c->agreed[consent];
        if (e->kind == EFFECT_WITHDRAW || e->kind == EFFECT_ERASE ||
            took_back) // a no to what was never given takes nothing
            memset(c->agreed, 0, sizeof c->agreed);
        if (e->kind != EFFECT_REGISTER || e->anonymous)
            continue;
        const struct menu_case *what = kind != PROGRAM_NONE ? &p->cases[kind] : NULL;
        broken |= !what || what->anonymous;
        for (size_t k = 0; what && k < what->needs_count; k++)
            broken |= what->needs[k] >= WALK_CONSENTS || !c->agreed[what->needs[k]];
    }
    return broken;
}

/** The turn that withdraws, and what is left of its session, only confirm it. What the person says afterwards is a new
 * matter, also where "stop please" was only asked about. */
static bool acted_after_withdrawal(struct caller *c)
{
    bool broken = false;
    for (size_t i = 0; i < result(c)->effect_count; i++) {
        const struct effect *e = &result(c)->effects[i];
        enum effect_kind kind = e->kind;
        bool about_them = kind == EFFECT_REGISTER && !e->anonymous; // a complaint without a number is a new matter
        c->withdrew |= kind == EFFECT_WITHDRAW || kind == EFFECT_ERASE;
        c->withdrew &= kind != EFFECT_RESTART && kind != EFFECT_AGREE;
        broken |= c->withdrew && (kind == EFFECT_SEND || about_them || kind == EFFECT_FORWARD);
    }
    c->withdrew &= session(c)->left;
    return broken;
}

static bool stop_ignored(struct caller *c)
{
    bool withdrawn = false;
    for (size_t i = 0; i < result(c)->effect_count; i++)
        withdrawn |= result(c)->effects[i].kind == EFFECT_WITHDRAW || result(c)->effects[i].kind == EFFECT_ERASE;
    return !withdrawn && dialogue_is_stop(c->in->program, c->typed);
}

static const struct {
    const char *why;
    bool (*broken)(struct caller *c);
} walk_rules[] = {
    {"the page is longer than the channel carries", page_too_long},
    {"the page is empty", page_empty},
    {"the page is not UTF-8", page_not_text},
    {"the session is over where nothing ends it", session_dead},
    {"the page waits for an answer, but no answer acts", session_stuck},
    {"a case was registered without the consent it needs", registered_without_consent},
    {"after a withdrawal something else was done than confirming it", acted_after_withdrawal},
    {"a word that stops did not stop", stop_ignored},
};

/* ---- the path, as a transcript ---- */

static void note_phone(struct caller *c)
{
    str_addf(&c->report->path, "phone +12025550100 %s\n", c->medium == MEDIUM_USSD ? "ussd" : "sms");
}

static void note_start(struct caller *c, uint64_t seed)
{
    struct date d = date_from_day(c->day);
    str_clear(&c->report->path);
    str_addf(&c->report->path, "talk Found by a walk with seed %llu\n", (unsigned long long)seed);
    note_phone(c);
    str_addf(&c->report->path, "at %04d-%02d-%02d %02d:%02d\n", d.year, d.month, d.day, c->minute / 60, c->minute % 60);
}

static void note_step(struct caller *c, bool dials)
{
    struct str *path = &c->report->path;
    str_addz(path, "> ");
    str_add(path, dials ? SPAN("*123#") : c->typed);
    if (result(c)->screen_name.len)
        str_addf(path, "\n@ %.*s", SPAN_ARG(result(c)->screen_name));
    str_addc(path, '\n');
}

/* ---- steps ---- */

static int account(struct caller *c, struct span page)
{
    struct walk_report *r = c->report;
    r->steps++;
    r->wrong += result(c)->wrong;
    for (size_t i = 0; i < result(c)->effect_count; i++) {
        enum effect_kind kind = result(c)->effects[i].kind;
        r->registered += kind == EFFECT_REGISTER;
        r->stopped += kind == EFFECT_WITHDRAW || kind == EFFECT_ERASE;
    }
    if (!r->coverage)
        return 0;
    return coverage_step(r->coverage, &c->before, page, c->typed, session(c), result(c));
}

/** What was on the phone when a rule broke. */
static void note_page(struct caller *c)
{
    struct span text = result(c)->screen.text, line;
    for (const char *sign = "<"; span_split(&text, '\n', &line); sign = "|")
        str_addf(&c->report->path, "%s %.*s\n", sign, SPAN_ARG(line));
}

static void judge(struct caller *c)
{
    for (size_t i = 0; i < sizeof walk_rules / sizeof walk_rules[0]; i++)
        if (walk_rules[i].broken(c) && !c->report->why) // all of them: some keep books
            c->report->why = walk_rules[i].why;
    if (c->report->why)
        note_page(c);
}

static int step(struct caller *c, enum dialogue_input_kind kind)
{
    struct span page = result(c)->screen.text;
    bool dials = kind == INPUT_BEGIN && c->medium == MEDIUM_USSD;
    struct dialogue_input in = {.kind = kind,
                                .text = dials ? (struct span){0} : c->typed,
                                .profile = profile(c),
                                .local = {(int)date_weekday(c->day), c->minute, c->day},
                                .today = c->day,
                                .person = world_person(&c->world),
                                .entropy = {luck_fill, &c->luck},
                                .drafts = c->in->drafts,
                                .watch = c->report->coverage ? coverage_watch(c->report->coverage) : NULL,
                                .previous = dials && c->has_dropped ? &c->dropped : NULL};
    c->before = *session(c);
    int rc = dialogue_step(c->in->program, &c->sessions[c->medium], &in, c->a, &c->results[c->medium]);
    if (rc < 0)
        return rc;
    note_step(c, dials);
    judge(c);
    world_apply(&c->world, c->in->program, c->day, result(c)->effects, result(c)->effect_count);
    if (c->medium == MEDIUM_USSD)
        c->calling = result(c)->screen.more;
    return account(c, page);
}

static void speak(struct caller *c, struct dialogue *s)
{
    const struct settings *settings = c->in->program->settings;
    struct span code = c->in->language;
    size_t pick = luck_below(&c->luck, settings->language_count * 2);
    if (!code.len && pick < settings->language_count && (c->in->drafts || !settings->languages[pick].draft))
        code = settings->languages[pick].code;
    *s = (struct dialogue){.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
    code = span_first(code, DIALOGUE_LANGUAGE_MAX - 1);
    if (code.len)
        memcpy(s->language, code.p, code.len);
}

static int dial(struct caller *c)
{
    c->results[MEDIUM_USSD].screen.text = c->typed = (struct span){0};
    c->withdrew = false;
    speak(c, &c->sessions[MEDIUM_USSD]);
    int rc = step(c, INPUT_BEGIN);
    c->has_dropped = false;
    return rc;
}

static void drop(struct caller *c)
{
    c->report->drops++;
    c->dropped = c->sessions[MEDIUM_USSD];
    c->has_dropped = luck_below(&c->luck, 2) && dialogue_resumable(c->in->program, &c->dropped);
    c->calling = false;
}

static void change_medium(struct caller *c)
{
    c->medium = c->medium == MEDIUM_USSD ? MEDIUM_SMS : MEDIUM_USSD;
    if (c->medium == MEDIUM_USSD)
        c->calling = false; // a talk that changes the phone begins anew
    c->report->messages += c->medium == MEDIUM_SMS;
    c->withdrew = false;
    note_phone(c);
}

static int type(struct caller *c)
{
    const struct typing t = {.program = c->in->program,
                             .session = session(c),
                             .page = result(c)->screen.text,
                             .reference = c->world.case_count ? c->world.cases[0].reference : (struct span){0},
                             .today = c->day};
    str_clear(&c->scratch);
    walk_type(&c->luck, &t, &c->scratch);
    c->typed = arena_copy(c->a, str_span(&c->scratch));
    if (!c->typed.p)
        return ERR_NOMEM;
    bool begins = c->medium == MEDIUM_SMS && (session(c)->screen == PROGRAM_NONE || session(c)->ended);
    c->withdrew &= !begins;
    return step(c, begins ? INPUT_BEGIN : INPUT_TEXT);
}

static int act(struct caller *c)
{
    size_t chance = luck_below(&c->luck, 100);
    if (chance < 3)
        change_medium(c);
    if (c->medium == MEDIUM_USSD && c->calling && chance < 6)
        drop(c);
    if (c->medium == MEDIUM_USSD && !c->calling)
        return dial(c);
    return type(c);
}

/* ---- sessions ---- */

static void begin(struct caller *c, uint64_t seed)
{
    arena_reset(c->a);
    c->luck.state = seed;
    world_init(&c->world, c->a);
    memset(c->agreed, 0, sizeof c->agreed);
    memset(c->results, 0, sizeof c->results);
    c->medium = luck_below(&c->luck, 4) ? MEDIUM_USSD : MEDIUM_SMS;
    c->calling = c->has_dropped = c->withdrew = false;
    c->day = c->in->today + (int64_t)luck_below(&c->luck, 14);
    c->minute = (int)luck_below(&c->luck, 24 * 60);
    speak(c, &c->sessions[MEDIUM_USSD]);
    speak(c, &c->sessions[MEDIUM_SMS]);
    note_start(c, seed);
}

static int walk_session(struct caller *c, uint64_t seed)
{
    begin(c, seed);
    size_t steps = 1 + luck_below(&c->luck, WALK_STEPS_MAX);
    int rc = 0;
    for (size_t i = 0; i < steps && rc == 0 && !c->report->why; i++)
        rc = act(c);
    c->report->sessions++;
    c->report->seed = seed;
    return rc;
}

int walk_run(const struct walk_input *in, struct walk_report *out)
{
    struct caller c = {.in = in, .report = out, .a = arena_new(WALK_ARENA), .scratch = STR_INIT(WALK_TYPED)};
    int rc = c.a ? 0 : ERR_NOMEM;
    for (size_t i = 0; i < in->sessions && rc == 0 && !out->why; i++)
        rc = walk_session(&c, in->seed + i);
    if (!out->why)
        str_clear(&out->path);
    str_release(&c.scratch);
    arena_free(c.a);
    return rc;
}
