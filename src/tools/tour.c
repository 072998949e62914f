// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/tour.h"

#include "base/err.h"
#include "dialogue/dialogue.h"
#include "menu/graph.h"
#include "tools/transcript.h"
#include "tools/world.h"

#include <string.h>

enum {
    TOUR_ARENA = 512 * 1024 * 1024,
    TOUR_TYPED_MAX = 60,   /* answers of a talk */
    TOUR_SPOTS_MAX = 6000, /* looked at before a search is given up */
    TOUR_SEEN = 1 << 14,   /* slots of the set of spots seen; a power of two above TOUR_SPOTS_MAX */
    TOUR_INPUTS_MAX = 96,  /* that are worth trying at one page */
    TOUR_MINUTE = 10 * 60, /* while offices are open */
    TOUR_NAMES_MAX = 3,    /* screens named in a talk's title */
    TOUR_TEXT = 64 * 1024
};

/** Where somebody is: the session, what a service would know of them, what the phone shows. */
struct spot {
    struct dialogue session;
    struct world world;
    struct dialogue_result shown;
};

/** A spot of a search, and how it was come by. */
struct found {
    struct spot spot;
    size_t from; /* index of the spot before */
    struct span typed;
};

struct tour {
    const struct tour_input *in;
    struct tour_report *report;
    struct arena *a, *search;
    struct spot *now;
    struct transcript written;
    struct str *out;
    bool seen_in_talk[PROGRAM_NONE + 1]; /* screens, for the title */
    struct str names;
    size_t name_count, typed, done_before;
    uint64_t *set; /* [TOUR_SEEN] */
    int err;
};

/* ---- stepping ---- */

static const struct program *program(const struct tour *t)
{
    return t->in->program;
}

static bool begins(const struct tour *t, const struct spot *s)
{
    return s->session.ended ||
           (t->in->profile.medium == MEDIUM_USSD && s->shown.screen_name.p && !s->shown.screen.more);
}

static int step(const struct tour *t, struct spot *s, struct span typed, struct arena *a)
{
    bool new = begins(t, s) || !s->shown.screen.text.p, ussd = t->in->profile.medium == MEDIUM_USSD;
    if (new) {
        struct dialogue fresh = {.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
        if (!ussd)
            memcpy(fresh.language, s->session.language, sizeof fresh.language);
        s->session = fresh;
    }
    const struct dialogue_input in = {.kind = new ? INPUT_BEGIN : INPUT_TEXT,
                                      .text = new &&ussd ? (struct span){0} : typed,
                                      .profile = t->in->profile,
                                      .local = {(int)((t->in->day % 7 + 10) % 7), TOUR_MINUTE, t->in->day},
                                      .today = t->in->day,
                                      .person = world_person(&s->world),
                                      .entropy = world_entropy(&s->world),
                                      .drafts = true};
    int rc = dialogue_step(program(t), &s->session, &in, a, &s->shown);
    if (rc == 0)
        world_apply(&s->world, program(t), s->shown.effects, s->shown.effect_count);
    return rc;
}

/** A copy whose steps do not reach the original. */
static int spot_copy(struct spot *to, const struct spot *from, struct arena *a)
{
    *to = *from;
    world_copy(&to->world, &from->world, a);
    struct dialogue *s = &to->session;
    s->values = NULL;
    for (size_t i = 0; i < s->value_count; i++) { // grown as the engine grows it: it will go on from there
        struct dialogue_value *room = arena_grow(a, s->values, i, sizeof *room);
        if (!room)
            return ERR_NOMEM;
        room[i] = from->session.values[i];
        s->values = room;
    }
    return 0;
}

static bool is_wrong(struct tour *t, const struct spot *s, struct span typed)
{
    struct spot *trial = arena_alloc(t->a, sizeof *trial);
    int rc = trial ? spot_copy(trial, s, t->a) : ERR_NOMEM;
    if (rc == 0)
        rc = step(t, trial, typed, t->a);
    t->err = rc < 0 ? rc : t->err;
    return rc == 0 && trial->shown.wrong;
}

/* ---- what is still to do at a page ---- */

static bool asked(const struct tour *t, const struct spot *s)
{
    return !begins(t, s) && s->session.asking == ASKING_SCREEN && s->session.screen < program(t)->screen_count;
}

static bool lacks(const struct tour *t, enum coverage_what what, uint16_t screen, size_t line)
{
    return !coverage_has(t->report->coverage, what, screen, line, t->in->language);
}

/** The line of an option on the page that nobody took yet, or -1. */
static int untaken(const struct tour *t, const struct spot *s)
{
    for (int i = 0; asked(t, s) && i < s->session.option_count; i++)
        if (s->session.options[i] < program(t)->screens[s->session.screen].line_count &&
            lacks(t, COVERAGE_OPTIONS, s->session.screen, s->session.options[i]))
            return s->session.options[i];
    return -1;
}

static bool never_wrong(const struct tour *t, const struct spot *s)
{
    return asked(t, s) && s->session.language[0] && lacks(t, COVERAGE_WRONG, s->session.screen, 0);
}

static bool is_goal(const struct tour *t, const struct spot *s)
{
    uint16_t screen = program_screen(program(t), s->shown.screen_name);
    bool new = screen != PROGRAM_NONE &&lacks(t, COVERAGE_SCREENS, screen, 0);
    return new || never_wrong(t, s) || untaken(t, s) >= 0;
}

/* ---- what may be typed ---- */

struct inputs {
    struct tour *t;
    struct span typed[TOUR_INPUTS_MAX];
    size_t count;
};

static void add(struct inputs *in, struct span typed)
{
    if (typed.len && in->count < TOUR_INPUTS_MAX)
        in->typed[in->count++] = typed;
}

/** The numbers at the front of the page's lines: options and keys. */
static void add_numbers(struct inputs *in, const struct spot *s)
{
    struct span page = s->shown.screen.text, line;
    int64_t number;
    while (span_split(&page, '\n', &line)) {
        struct span word = span_first(line, span_find(line, ' '));
        if (span_int(word, &number) == 0)
            add(in, word);
    }
}

static void add_more(struct inputs *in, const struct spot *s)
{
    if (in->t->in->profile.medium == MEDIUM_SMS && s->session.keys & 1u << KEY_MORE)
        add(in, dialogue_system(program(in->t), SYSTEM_MORE_WORD, span_of(s->session.language), in->t->search));
}

/** A key of each table that is looked up by what the question asks for. */
static void add_table_keys(struct inputs *in, uint16_t slot)
{
    const struct program *p = program(in->t);
    for (size_t i = 0; i < p->screen_count; i++)
        for (size_t k = 0; k < p->screens[i].line_count; k++) {
            const struct line *line = &p->screens[i].lines[k];
            if (line->op == OP_LOOKUP && line->slot == slot && p->tables[line->index].name_count)
                add(in, p->tables[line->index].names[0].folded);
        }
}

static void add_reference(struct inputs *in, const struct spot *s)
{
    for (size_t i = 0; i < s->world.person.case_count; i++)
        add(in, s->world.person.cases[i].reference);
}

static void add_answers(struct inputs *in, const struct spot *s)
{
    static const char *const samples[] = {
        [ANSWER_ANY] = "The driver was rude", [ANSWER_TEXT] = "The driver was rude", [ANSWER_DATE] = "2026-04-14",
        [ANSWER_PHONE] = "+12025550101",      [ANSWER_REFERENCE] = "K7M3QX",         [ANSWER_WINDOW] = "Mon after 18",
    };
    const struct question *q = &program(in->t)->screens[s->session.screen].question;
    if (!q->asks)
        return;
    add_table_keys(in, q->slot);
    if (q->kind == ANSWER_REFERENCE)
        add_reference(in, s);
    if (q->kind != ANSWER_NUMBER) {
        add(in, span_of(samples[q->kind]));
        return;
    }
    add(in, arena_printf(in->t->search, "%lld", (long long)q->least));
    add(in, arena_printf(in->t->search, "%lld", (long long)q->most));
}

/** A keyword of a screen in this language, or nothing. */
static struct span keyword(const struct tour *t, const struct trigger *trigger)
{
    struct span language = program(t)->settings->languages[t->in->language].code;
    for (size_t i = 0; i < trigger->phrase_count; i++)
        if (span_eq(trigger->phrases[i].language, language) && trigger->phrases[i].slot == PROGRAM_NONE)
            return trigger->phrases[i].folded;
    return (struct span){0};
}

/** Whether a screen, or something on it, was never come by. */
static bool unfinished(const struct tour *t, uint16_t screen)
{
    const struct menu_screen *s = &program(t)->screens[screen];
    bool more = lacks(t, COVERAGE_SCREENS, screen, 0) || lacks(t, COVERAGE_WRONG, screen, 0);
    for (size_t i = s->question_at; i < s->line_count; i++)
        more |= lacks(t, COVERAGE_OPTIONS, screen, i);
    return more;
}

/** Keywords whose screens are not finished with; and where a text begins anew, the one that leads to the start. */
static void add_keywords(struct inputs *in, bool start)
{
    const struct program *p = program(in->t);
    for (size_t i = 0; i < p->trigger_count; i++) {
        const struct trigger *trigger = &p->triggers[i];
        bool wanted = start ? trigger->screen == p->start : unfinished(in->t, trigger->screen);
        if (wanted)
            add(in, keyword(in->t, trigger));
    }
}

static const char wrong_number[] = "77", wrong_sign[] = "?";

/** Something that this page does not take, or nothing. */
static struct span wrong_answer(struct tour *t, const struct spot *s)
{
    static const char *const tries[] = {wrong_number, wrong_sign, "0x", "...."};
    for (size_t i = 0; i < sizeof tries / sizeof tries[0] && t->err == 0; i++)
        if (is_wrong(t, s, span_of(tries[i])))
            return span_of(tries[i]);
    return (struct span){0};
}

static void list_inputs(struct inputs *in, const struct spot *s)
{
    bool sms = in->t->in->profile.medium == MEDIUM_SMS;
    in->count = 0;
    if (begins(in->t, s)) {
        if (!sms)
            add(in, SPAN("*123#"));
        add_keywords(in, true);
        return;
    }
    add_numbers(in, s);
    add_more(in, s);
    if (!asked(in->t, s))
        return;
    add_answers(in, s);
    if (program(in->t)->screens[s->session.screen].question.tries)
        add(in, span_of(wrong_sign));
    add_keywords(in, false);
}

/* ---- looking for the way ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(0x100000001B3);
}

/** What makes a spot worth another look: not what was answered, but where it led. */
static uint64_t key_of(const struct spot *s)
{
    const struct dialogue *d = &s->session;
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    hash = mix(hash, d->screen);
    hash = mix(hash, d->page | (uint64_t)d->skip << 16 | (uint64_t)d->tries << 32 | (uint64_t)(d->from > 0) << 48);
    hash = mix(hash, (uint64_t)d->asking | (uint64_t)d->ended << 8 | (uint64_t)d->found << 9 |
                         (uint64_t)d->found_table << 16);
    hash = mix(hash, d->return_count ? d->returns[d->return_count - 1].screen : PROGRAM_NONE);
    hash = mix(hash, s->world.person.consent_count | s->world.person.case_count << 8);
    for (size_t i = 0; i < s->shown.screen_name.len; i++)
        hash = mix(hash, (unsigned char)s->shown.screen_name.p[i]);
    return hash ? hash : 1;
}

static bool seen_before(struct tour *t, uint64_t key)
{
    size_t at = (size_t)(key & (TOUR_SEEN - 1));
    while (t->set[at] && t->set[at] != key)
        at = (at + 1) & (TOUR_SEEN - 1);
    bool seen = t->set[at] == key;
    t->set[at] = key;
    return seen;
}

/** One more spot from `from`; its index, or 0: nothing new there. */
static size_t look(struct tour *t, struct found **spots, size_t *count, size_t from, struct span typed)
{
    struct found *next = arena_alloc(t->search, sizeof *next);
    int rc = next ? spot_copy(&next->spot, &spots[from]->spot, t->search) : ERR_NOMEM;
    if (rc == 0)
        rc = step(t, &next->spot, typed, t->search);
    if (rc < 0) {
        t->err = rc;
        return 0;
    }
    if (seen_before(t, key_of(&next->spot)))
        return 0;
    next->from = from;
    next->typed = typed;
    spots[*count] = next;
    return (*count)++;
}

struct way {
    struct span typed[TOUR_TYPED_MAX];
    size_t count;
};

static void tell_way(struct tour *t, struct found **spots, size_t goal, struct way *way)
{
    size_t length = 0;
    for (size_t i = goal; i; i = spots[i]->from)
        length++;
    way->count = length <= TOUR_TYPED_MAX ? length : 0;
    for (size_t i = goal; i && way->count; i = spots[i]->from)
        way->typed[--length] = arena_copy(t->a, spots[i]->typed);
}

/** The shortest way to a page with something to do; none: way->count is 0. */
static void find_way(struct tour *t, struct way *way)
{
    way->count = 0;
    arena_reset(t->search);
    memset(t->set, 0, TOUR_SEEN * sizeof *t->set);
    struct found **spots = arena_array(t->search, TOUR_SPOTS_MAX + TOUR_INPUTS_MAX, sizeof(struct found *));
    struct found *first = arena_alloc(t->search, sizeof *first);
    struct inputs *in = arena_alloc(t->search, sizeof *in);
    if (!spots || !first || !in || spot_copy(&first->spot, t->now, t->search) < 0) {
        t->err = ERR_NOMEM;
        return;
    }
    spots[0] = first;
    size_t count = 1;
    in->t = t;
    seen_before(t, key_of(t->now));
    for (size_t at = 0; at < count && count < TOUR_SPOTS_MAX && t->err == 0; at++) {
        list_inputs(in, &spots[at]->spot);
        for (size_t i = 0; i < in->count && t->err == 0; i++) {
            size_t next = look(t, spots, &count, at, in->typed[i]);
            if (next && is_goal(t, &spots[next]->spot)) {
                tell_way(t, spots, next, way);
                return;
            }
        }
    }
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
    int rc = step(t, t->now, typed, t->a);
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
    const struct local_time at = {(int)((t->in->day % 7 + 10) % 7), TOUR_MINUTE, t->in->day};
    transcript_add(&t->written, t->in->profile.medium, at, typed, &t->now->shown, reference);
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
        find_way(t, &way);
        for (size_t i = 0; i < way.count && t->err == 0; i++)
            type(t, way.typed[i]);
        return way.count > 0;
    }
    return true;
}

static void start_talk(struct tour *t)
{
    bool ussd = t->in->profile.medium == MEDIUM_USSD;
    *t->now = (struct spot){.session = {.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE}};
    world_init(&t->now->world, t->a);
    memset(t->seen_in_talk, 0, sizeof t->seen_in_talk);
    str_clear(&t->names);
    t->name_count = t->typed = 0;
    t->done_before = all_done(t);
    transcript_release(&t->written);
    transcript_init(&t->written);
    t->written.brief = true;
    t->written.page = t->in->sized ? t->in->profile : (struct profile){0};
    type(t, ussd ? SPAN("*123#") : SPAN("hi"));
    if (!t->now->session.language[0])
        type(t, arena_printf(t->a, "%d", t->in->language + 1));
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
    struct tour *t = NULL;
    struct arena *a = arena_new(TOUR_ARENA), *search = arena_new(TOUR_ARENA);
    if (a && search)
        t = arena_alloc(a, sizeof *t);
    if (t) {
        *t = (struct tour){
            .in = in, .report = report, .a = a, .search = search, .out = out, .names = STR_INIT(TOUR_TEXT)};
        transcript_init(&t->written);
        t->now = arena_alloc(a, sizeof *t->now);
        t->set = arena_array(a, TOUR_SEEN, sizeof *t->set);
    }
    int rc = t && t->now && t->set ? 0 : ERR_NOMEM;
    while (rc == 0 && run_talk(t))
        rc = t->err;
    if (t) {
        rc = rc < 0 ? rc : t->err;
        str_release(&t->names);
        transcript_release(&t->written);
    }
    arena_free(search);
    arena_free(a);
    return rc;
}
