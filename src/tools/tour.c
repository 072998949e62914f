// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/tour.h"

#include "base/err.h"
#include "menu/graph.h"
#include "tools/explore.h"
#include "tools/transcript.h"

#include <string.h>

enum {
    TOUR_ARENA = 512 * 1024 * 1024,
    TOUR_TYPED_MAX = 60, /* answers of a talk */
    TOUR_TURNS_MAX = 40, /* pages of a screen */
    TOUR_NAMES_MAX = 3,  /* screens named in a talk's title */
    TOUR_TEXT = 64 * 1024
};

struct tour {
    const struct tour_input *in;
    struct tour_report *report;
    struct explorer e;
    struct arena *a;
    struct spot *now;
    struct transcript written;
    struct str *out;
    bool seen_in_talk[PROGRAM_NONE + 1]; /* screens, for the title */
    struct str names;
    size_t name_count, typed, done_before;
    int err;
};

/* ---- what is still to do at a page ---- */

static const struct program *program(const struct tour *t)
{
    return t->in->program;
}

static bool is_wrong(struct tour *t, const struct spot *s, struct span typed)
{
    struct spot *trial = arena_alloc(t->a, sizeof *trial);
    int rc = trial ? explore_copy(trial, s, t->a) : ERR_NOMEM;
    if (rc == 0)
        rc = explore_step(&t->e, trial, typed, t->a);
    t->err = rc < 0 ? rc : t->err;
    return rc == 0 && trial->shown.wrong;
}

static bool lacks(const struct tour *t, enum coverage_what what, uint16_t screen, size_t line)
{
    return !coverage_has(t->report->coverage, what, screen, line, t->in->language);
}

/** The line of an option on the page that nobody took yet, or -1. */
static int untaken(const struct tour *t, const struct spot *s)
{
    for (int i = 0; explore_asked(&t->e, s) && i < s->session.option_count; i++)
        if (s->session.options[i] < program(t)->screens[s->session.screen].line_count &&
            lacks(t, COVERAGE_OPTIONS, s->session.screen, s->session.options[i]))
            return s->session.options[i];
    return -1;
}

static bool never_wrong(const struct tour *t, const struct spot *s)
{
    return explore_asked(&t->e, s) && s->session.language[0] && lacks(t, COVERAGE_WRONG, s->session.screen, 0);
}

static bool wants_decision(void *ctx, const struct condition *when, bool held)
{
    const struct tour *t = ctx;
    return !coverage_decided(t->report->coverage, when, held, t->in->language);
}

static bool is_goal(void *ctx, const struct spot *s)
{
    const struct tour *t = ctx;
    uint16_t screen = program_screen(program(t), s->shown.screen_name);
    bool new = screen != PROGRAM_NONE &&lacks(t, COVERAGE_SCREENS, screen, 0);
    return new || never_wrong(t, s) || untaken(t, s) >= 0;
}

/** Whether a screen, or something on it, was never come by. */
static bool unfinished(void *ctx, uint16_t screen)
{
    const struct tour *t = ctx;
    const struct menu_screen *s = &program(t)->screens[screen];
    bool more = lacks(t, COVERAGE_SCREENS, screen, 0) || lacks(t, COVERAGE_WRONG, screen, 0);
    for (size_t i = s->question_at; i < s->line_count; i++)
        more |= lacks(t, COVERAGE_OPTIONS, screen, i);
    return more;
}

/** Something that this page does not take, or nothing. */
static struct span wrong_answer(struct tour *t, const struct spot *s)
{
    static const char *const tries[] = {"77", "?", "0x", "...."};
    for (size_t i = 0; i < sizeof tries / sizeof tries[0] && t->err == 0; i++)
        if (is_wrong(t, s, span_of(tries[i])))
            return span_of(tries[i]);
    return (struct span){0};
}

/* ---- a talk ---- */

static size_t all_done(const struct tour *t)
{
    size_t done = 0;
    for (enum coverage_what what = 0; what < COVERAGE_KINDS; what++)
        done += coverage_done(t->report->coverage, what, t->in->language);
    return done;
}

static void note_name(struct tour *t, struct span name)
{
    uint16_t screen = program_screen(program(t), name);
    if (screen == PROGRAM_NONE || t->seen_in_talk[screen])
        return;
    t->seen_in_talk[screen] = true;
    if (t->name_count++ < TOUR_NAMES_MAX) {
        str_addz(&t->names, t->names.len ? ", " : "");
        str_add(&t->names, name);
    }
}

static void type(struct tour *t, struct span typed)
{
    struct dialogue before = t->now->session;
    struct span page = t->now->shown.screen.text;
    size_t done = all_done(t);
    t->e.watch = coverage_watch(t->report->coverage);
    int rc = explore_step(&t->e, t->now, typed, t->a);
    t->e.watch = NULL; // what is only tried does not count
    if (rc == 0)
        rc = coverage_step(t->report->coverage, &before, page, typed, &t->now->session, &t->now->shown);
    if (rc < 0) {
        t->err = rc;
        return;
    }
    t->typed++;
    if (all_done(t) > done)
        note_name(t, t->now->shown.screen_name);
    struct world *w = &t->now->world;
    struct span reference = w->case_count ? w->cases[w->case_count - 1].reference : (struct span){0};
    transcript_add(&t->written, t->in->profile.medium, explore_time(&t->e), typed, &t->now->shown, reference);
}

/** Turns pages to where it can be typed, and types it. */
static void go(struct tour *t, struct span typed)
{
    struct span turn = explore_turn(&t->e, t->now, typed, t->a);
    for (int i = 0; i < TOUR_TURNS_MAX && turn.len && t->err == 0; i++) {
        type(t, turn);
        turn = explore_turn(&t->e, t->now, typed, t->a);
    }
    if (t->err == 0)
        type(t, typed);
}

/** Whether that can be typed now: a way is found on pages that hold a whole screen, and a small one may lack a key. */
static bool fits(const struct tour *t, struct span typed)
{
    bool over = t->in->profile.medium == MEDIUM_USSD && explore_over(&t->e, t->now);
    return !over || span_is(typed, EXPLORE_DIAL);
}

/** Something wrong, then what nobody chose yet, then on to where there is either. */
static bool go_on(struct tour *t)
{
    struct span wrong = never_wrong(t, t->now) ? wrong_answer(t, t->now) : (struct span){0};
    int line = wrong.len ? -1 : untaken(t, t->now);
    if (wrong.len) {
        type(t, wrong);
    } else if (line >= 0) {
        type(t, arena_printf(t->a, "%d", program(t)->screens[t->now->session.screen].lines[line].number));
    } else {
        struct way way;
        int rc = explore_search(&t->e, t->now, is_goal, NULL, t, &way, t->a);
        t->err = rc < 0 ? rc : t->err;
        for (size_t i = 0; i < way.count && t->err == 0 && fits(t, way.typed[i]); i++)
            go(t, way.typed[i]);
        return way.count > 0;
    }
    return true;
}

static void start_talk(struct tour *t)
{
    bool ussd = t->in->profile.medium == MEDIUM_USSD;
    *t->now = (struct spot){.session = {.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE}};
    world_init(&t->now->world, t->a); // as explore_dial, but written down
    memset(t->seen_in_talk, 0, sizeof t->seen_in_talk);
    str_clear(&t->names);
    t->name_count = t->typed = 0;
    t->done_before = all_done(t);
    transcript_release(&t->written);
    transcript_init(&t->written);
    t->written.brief = true;
    t->written.page = t->in->sized ? t->in->profile : (struct profile){0};
    type(t, ussd ? SPAN("*123#") : SPAN("hi"));
    struct span choice = explore_choice(&t->e, t->now, t->a);
    while (choice.len && t->err == 0 && t->typed < TOUR_TYPED_MAX) {
        type(t, choice);
        choice = explore_choice(&t->e, t->now, t->a);
    }
}

static void write_talk(struct tour *t)
{
    struct str title = STR_INIT(TOUR_TEXT);
    struct span code = program(t)->settings->languages[t->in->language].code;
    str_addf(&title, "Tour %zu in %.*s%s: %s", ++t->report->talks, SPAN_ARG(code),
             t->in->profile.medium == MEDIUM_SMS ? " by SMS" : "", str_z(&t->names));
    if (t->name_count > TOUR_NAMES_MAX)
        str_addf(&title, " and %zu more", t->name_count - TOUR_NAMES_MAX);
    str_addc(t->out, '\n');
    int rc = transcript_write(&t->written, str_span(&title), t->out);
    t->err = rc < 0 ? rc : t->err;
    t->report->typed += t->typed;
    str_release(&title);
}

/** False: nothing new was found. */
static bool run_talk(struct tour *t)
{
    start_talk(t);
    while (t->err == 0 && t->typed < TOUR_TYPED_MAX && go_on(t)) {
    }
    bool news = t->err == 0 && all_done(t) > t->done_before;
    if (news)
        write_talk(t);
    return news;
}

int tour_run(const struct tour_input *in, struct tour_report *report, struct str *out)
{
    struct arena *a = arena_new(TOUR_ARENA);
    struct tour *t = a ? arena_alloc(a, sizeof *t) : NULL;
    int rc = ERR_NOMEM;
    if (t) {
        *t = (struct tour){.in = in, .report = report, .a = a, .out = out, .names = STR_INIT(TOUR_TEXT)};
        t->e = (struct explorer){.p = in->program,
                                 .language = in->language,
                                 .profile = in->profile,
                                 .day = in->day,
                                 .thorough = true,
                                 .wants_decision = wants_decision,
                                 .wants_keyword = unfinished,
                                 .ctx = t};
        transcript_init(&t->written);
        t->now = arena_alloc(a, sizeof *t->now);
        rc = t->now ? explore_init(&t->e, a) : ERR_NOMEM;
        while (rc == 0 && run_talk(t)) {
        }
        rc = rc < 0 ? rc : t->err;
        explore_release(&t->e);
        str_release(&t->names);
        transcript_release(&t->written);
    }
    arena_free(a);
    return rc;
}
