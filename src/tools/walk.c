// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/walk.h"

#include "base/clock.h"
#include "base/err.h"
#include "tools/judge.h"
#include "tools/walk_type.h"
#include "tools/world.h"

#include <string.h>

enum {
    WALK_ARENA = 256 * 1024 * 1024,
    WALK_TYPED = 8 * 1024,
    WALK_STEPS_MAX = 60, /* of a session; half of them have fewer than 30 */
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
    struct judge judge;
    struct str scratch;
};

/* ---- what is on the phone ---- */

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
    const struct judged_step now = {
        .session = session(c), .result = result(c), .profile = profile(c), .typed = c->typed};
    c->report->why = judge_step(&c->judge, &now);
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
    if (kind == INPUT_BEGIN)
        judge_matter(&c->judge);
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
    judge_matter(&c->judge);
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

static int begin(struct caller *c, uint64_t seed)
{
    arena_reset(c->a);
    c->luck.state = seed;
    world_init(&c->world, c->a);
    memset(c->results, 0, sizeof c->results);
    c->medium = luck_below(&c->luck, 4) ? MEDIUM_USSD : MEDIUM_SMS;
    c->calling = c->has_dropped = false;
    c->day = c->in->today + (int64_t)luck_below(&c->luck, 14);
    c->minute = (int)luck_below(&c->luck, 24 * 60);
    speak(c, &c->sessions[MEDIUM_USSD]);
    speak(c, &c->sessions[MEDIUM_SMS]);
    note_start(c, seed);
    return judge_open(&c->judge, c->in->program, c->a);
}

static int walk_session(struct caller *c, uint64_t seed)
{
    int rc = begin(c, seed);
    size_t steps = 1 + luck_below(&c->luck, WALK_STEPS_MAX);
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
