// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/explore.h"

#include "base/clock.h"
#include "base/err.h"

#include <string.h>

enum {
    SEARCH_ARENA = 1024 * 1024 * 1024,
    SEEN_SLOTS = 1 << 16, /* of the set of spots; a power of two, far above EXPLORE_SPOTS_MAX */
    WIDE_PAGE = 8000,
    INPUTS_MAX = 96, /* that are worth trying at one page */
};

/** A spot of a search, and how it was come by. */
struct found {
    struct spot spot;
    size_t from; /* index of the spot before */
    struct span typed;
};

/* ---- making it ---- */

static void note_condition(bool *compared, const struct condition *when)
{
    for (size_t i = 0; i < when->count; i++)
        if ((when->tests[i].kind == TEST_COMPARE || when->tests[i].kind == TEST_HAS) &&
            when->tests[i].index != PROGRAM_NONE)
            compared[when->tests[i].index] = true;
}

int explore_init(struct explorer *e, struct arena *a)
{
    e->search = arena_new(SEARCH_ARENA);
    e->compared = arena_array(a, e->p->slot_count + 1, sizeof *e->compared);
    e->seen = arena_array(a, SEEN_SLOTS, sizeof *e->seen);
    if (!e->search || !e->compared || !e->seen)
        return ERR_NOMEM;
    for (size_t i = 0; i < e->p->screen_count; i++)
        for (size_t k = 0; k < e->p->screens[i].line_count; k++)
            note_condition(e->compared, &e->p->screens[i].lines[k].when);
    return 0;
}

void explore_release(struct explorer *e)
{
    arena_free(e->search);
    e->search = NULL;
}

/* ---- stepping ---- */

static bool on_ussd(const struct explorer *e)
{
    return e->profile.medium == MEDIUM_USSD;
}

struct local_time explore_time(const struct explorer *e)
{
    return (struct local_time){(int)date_weekday(e->day), EXPLORE_MINUTE, e->day};
}

bool explore_over(const struct explorer *e, const struct spot *s)
{
    return s->session.ended || !s->shown.screen.text.p || (on_ussd(e) && !s->shown.screen.more);
}

bool explore_asked(const struct explorer *e, const struct spot *s)
{
    return !explore_over(e, s) && s->session.asking == ASKING_SCREEN && s->session.screen < e->p->screen_count;
}

int explore_step(const struct explorer *e, struct spot *s, struct span typed, struct arena *a)
{
    bool new = explore_over(e, s);
    if (new) {
        struct dialogue fresh = {.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
        if (!on_ussd(e)) // a service knows the language of a number that wrote before
            memcpy(fresh.language, s->session.language, sizeof fresh.language);
        s->session = fresh;
    }
    const struct dialogue_input in = {.kind = new ? INPUT_BEGIN : INPUT_TEXT,
                                      .text = new &&on_ussd(e) ? (struct span){0} : typed,
                                      .profile = e->profile,
                                      .local = explore_time(e),
                                      .today = e->day,
                                      .person = world_person(&s->world),
                                      .entropy = world_entropy(&s->world),
                                      .drafts = true,
                                      .watch = e->watch};
    int rc = dialogue_step(e->p, &s->session, &in, a, &s->shown);
    if (rc == 0)
        world_apply(&s->world, e->p, e->day, s->shown.effects, s->shown.effect_count);
    return rc;
}

static int type(const struct explorer *e, struct spot *s, struct span typed, struct way *way, struct arena *a)
{
    if (!typed.p)
        return ERR_NOMEM;
    way->typed[way->count++] = typed;
    return explore_step(e, s, typed, a);
}

struct span explore_more(const struct explorer *e, const struct spot *s, struct arena *a)
{
    return on_ussd(e) ? e->p->settings->keys[KEY_MORE].press
                      : dialogue_system(e->p, SYSTEM_MORE_WORD, span_of(s->session.language), a);
}

static bool on_page(const struct spot *s, struct span number)
{
    struct span page = s->shown.screen.text, line;
    while (span_split(&page, '\n', &line))
        if (span_eq(span_first(line, span_find(line, ' ')), number))
            return true;
    return false;
}

struct span explore_turn(const struct explorer *e, const struct spot *s, struct span typed, struct arena *a)
{
    int64_t number;
    bool elsewhere = span_is(typed, EXPLORE_DIAL) || (span_int(typed, &number) == 0 && !on_page(s, typed));
    bool later = elsewhere && s->session.keys & 1u << KEY_MORE;
    return later && !explore_over(e, s) ? explore_more(e, s, a) : (struct span){0};
}

/* A service of several languages may let them be known by SMS alone. */
static bool offers_languages(const struct program *p)
{
    for (size_t i = 0; i < p->screen_count; i++)
        for (size_t k = 0; k < p->screens[i].line_count; k++)
            if (p->screens[i].lines[k].op == OP_LANGUAGES)
                return true;
    return false;
}

struct span explore_choice(const struct explorer *e, const struct spot *s, struct arena *a)
{
    int first = (int)e->p->settings->first_language, place = e->language + (e->language < first);
    struct span number = arena_printf(a, "%d", e->language == first ? 1 : place + 1);
    if (s->session.language[0] || explore_over(e, s) || !offers_languages(e->p))
        return (struct span){0};
    return on_page(s, number) ? number : explore_more(e, s, a);
}

int explore_dial(const struct explorer *e, struct spot *s, struct way *way, struct arena *a)
{
    *s = (struct spot){.session = {.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE}};
    world_init(&s->world, a);
    way->count = 0;
    int rc = type(e, s, on_ussd(e) ? SPAN(EXPLORE_DIAL) : SPAN("hi"), way, a);
    struct span choice = explore_choice(e, s, a);
    while (rc == 0 && choice.len && way->count < EXPLORE_WAY_MAX) {
        rc = type(e, s, choice, way, a);
        choice = explore_choice(e, s, a);
    }
    return rc;
}

int explore_copy(struct spot *to, const struct spot *from, struct arena *a)
{
    *to = *from;
    world_copy(&to->world, &from->world, a);
    struct dialogue *s = &to->session;
    const struct dialogue_value *values = s->values;
    s->values = NULL;
    for (size_t i = 0; values && i < s->value_count; i++) { // grown as the engine grows it: it will go on from there
        struct dialogue_value *room = arena_grow(a, s->values, i, sizeof *room);
        if (!room)
            return ERR_NOMEM;
        room[i] = values[i];
        s->values = room;
    }
    return 0;
}

/* ---- what may be typed ---- */

struct inputs {
    struct explorer *e;
    struct span typed[INPUTS_MAX];
    size_t count;
};

static void add(struct inputs *in, struct span typed)
{
    if (typed.len && in->count < INPUTS_MAX)
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
    if (s->session.keys & 1u << KEY_MORE)
        add(in, explore_more(in->e, s, in->e->search));
}

/** A key of each table that is looked up by what the question asks for. */
static void add_table_keys(struct inputs *in, uint16_t slot)
{
    const struct program *p = in->e->p;
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
    const struct question *q = &in->e->p->screens[s->session.screen].question;
    if (!q->asks)
        return;
    add_table_keys(in, q->slot);
    if (q->kind == ANSWER_REFERENCE)
        add_reference(in, s);
    if (q->kind != ANSWER_NUMBER) {
        add(in, span_of(samples[q->kind]));
        return;
    }
    add(in, arena_printf(in->e->search, "%lld", (long long)q->least));
    add(in, arena_printf(in->e->search, "%lld", (long long)q->most));
}

/** A keyword of a screen in this language, or nothing. */
static struct span keyword(const struct explorer *e, const struct trigger *trigger)
{
    struct span language = e->p->settings->languages[e->language].code;
    for (size_t i = 0; i < trigger->phrase_count; i++)
        if (span_eq(trigger->phrases[i].language, language) && trigger->phrases[i].slot == PROGRAM_NONE)
            return trigger->phrases[i].folded;
    return (struct span){0};
}

/** Keywords that are wanted; and where a text begins anew, the one that leads to the start. */
static void add_keywords(struct inputs *in, bool start)
{
    const struct program *p = in->e->p;
    for (size_t i = 0; i < p->trigger_count; i++) {
        const struct trigger *trigger = &p->triggers[i];
        bool wanted = start ? trigger->screen == p->start
                            : in->e->wants_keyword && in->e->wants_keyword(in->e->ctx, trigger->screen);
        if (wanted)
            add(in, keyword(in->e, trigger));
    }
}

static void list_inputs(struct inputs *in, const struct spot *s)
{
    in->count = 0;
    if (explore_over(in->e, s)) {
        if (on_ussd(in->e))
            add(in, SPAN(EXPLORE_DIAL));
        add_keywords(in, true);
        return;
    }
    add_more(in, s); // first: a page is read to its end before it is left
    add_numbers(in, s);
    if (!explore_asked(in->e, s))
        return;
    add_answers(in, s);
    if (in->e->p->screens[s->session.screen].question.tries)
        add(in, SPAN("?"));
    add_keywords(in, false);
}

/* ---- searching ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(0x100000001B3);
}

static uint64_t mix_text(uint64_t hash, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = mix(hash, (unsigned char)text.p[i]);
    return mix(hash, text.len);
}

/** All that may make a difference for what comes after. */
static uint64_t key_of(const struct explorer *e, const struct spot *s)
{
    const struct dialogue *d = &s->session;
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    hash = mix(hash, d->screen);
    hash = mix(hash, d->page | (uint64_t)d->skip << 16 | (uint64_t)d->tries << 32 | (uint64_t)(d->from > 0) << 48);
    hash = mix(hash, (uint64_t)d->asking | (uint64_t)d->ended << 8 | (uint64_t)d->found << 9 |
                         (uint64_t)d->found_table << 16);
    hash = mix(hash, d->return_count ? d->returns[d->return_count - 1].screen : PROGRAM_NONE);
    hash = mix(hash, s->world.person.consent_count | s->world.person.case_count << 8);
    for (size_t i = 0; e->thorough && i < d->value_count; i++)
        if (e->compared[d->values[i].slot])
            hash = mix_text(mix(hash, d->values[i].slot), d->values[i].text);
    hash = mix_text(mix_text(hash, s->shown.screen_name), s->shown.screen.text);
    return hash ? hash : 1;
}

static bool seen_before(struct explorer *e, const struct spot *s)
{
    uint64_t key = key_of(e, s);
    size_t at = (size_t)(key & (SEEN_SLOTS - 1));
    while (e->seen[at] && e->seen[at] != key)
        at = (at + 1) & (SEEN_SLOTS - 1);
    bool seen = e->seen[at] == key;
    e->seen[at] = key;
    return seen;
}

struct search {
    struct explorer *e;
    struct dialogue_watch watch;
    bool decided;         /* the present step decided what was wanted */
    struct explorer wide; /* the same with pages that hold everything: there are fewer of them to look at */
    struct found **spots;
    size_t count;
    struct inputs in;
};

/** Whether somebody changed to another language: that is not ours to look at. */
static bool speaks_another(const struct explorer *e, const struct spot *s)
{
    return s->session.language[0] &&
           !span_eq(span_of(s->session.language), e->p->settings->languages[e->language].code);
}

static void hear(void *ctx, const struct condition *when, bool held)
{
    struct search *s = ctx;
    s->decided = s->decided || s->e->wants_decision(s->e->ctx, when, held);
}

/** One more spot from `from`; its index, or 0: nothing new there. */
static int look(struct search *s, size_t from, struct span typed, size_t *index)
{
    struct found *next = arena_alloc(s->e->search, sizeof *next);
    int rc = next ? explore_copy(&next->spot, &s->spots[from]->spot, s->e->search) : ERR_NOMEM;
    s->decided = false;
    if (rc == 0)
        rc = explore_step(&s->wide, &next->spot, typed, s->e->search);
    *index = 0;
    if (rc < 0 || speaks_another(s->e, &next->spot) || (seen_before(s->e, &next->spot) && !s->decided))
        return rc;
    next->from = from;
    next->typed = typed;
    *index = s->count;
    s->spots[s->count++] = next;
    return 0;
}

static int tell_way(const struct search *s, size_t goal, struct way *way, struct arena *a)
{
    size_t length = 0;
    for (size_t i = goal; i; i = s->spots[i]->from)
        length++;
    way->count = length <= EXPLORE_WAY_MAX ? length : 0;
    for (size_t i = goal; i && way->count; i = s->spots[i]->from) {
        way->typed[--length] = arena_copy(a, s->spots[i]->typed);
        if (!way->typed[length].p)
            return ERR_NOMEM;
    }
    return 0;
}

static struct search *search_new(struct explorer *e, const struct spot *from)
{
    arena_reset(e->search);
    memset(e->seen, 0, SEEN_SLOTS * sizeof *e->seen);
    struct search *s = arena_alloc(e->search, sizeof *s);
    struct found *first = arena_alloc(e->search, sizeof *first);
    if (!s || !first)
        return NULL;
    *s = (struct search){.e = e, .count = 1, .wide = *e};
    s->wide.profile.septets = WIDE_PAGE;
    s->wide.profile.units = WIDE_PAGE;
    s->watch = (struct dialogue_watch){hear, s};
    s->wide.watch = e->wants_decision ? &s->watch : NULL;
    s->in.e = &s->wide;
    s->spots = arena_array(e->search, EXPLORE_SPOTS_MAX + INPUTS_MAX, sizeof(struct found *));
    if (!s->spots || explore_copy(&first->spot, from, e->search) < 0)
        return NULL;
    s->spots[0] = first;
    seen_before(e, from);
    return s;
}

int explore_search(struct explorer *e, const struct spot *from, bool (*is_goal)(void *ctx, const struct spot *s),
                   int (*visit)(void *ctx, const struct spot *s, const struct way *way), void *ctx, struct way *way,
                   struct arena *a)
{
    way->count = 0;
    struct search *s = search_new(e, from);
    int rc = s ? 0 : ERR_NOMEM;
    for (size_t at = 0; rc == 0 && at < s->count && s->count < EXPLORE_SPOTS_MAX; at++) {
        list_inputs(&s->in, &s->spots[at]->spot);
        for (size_t i = 0; rc == 0 && i < s->in.count; i++) {
            size_t next;
            rc = look(s, at, s->in.typed[i], &next);
            if (rc < 0 || !next)
                continue;
            if (s->decided || (is_goal && is_goal(ctx, &s->spots[next]->spot)))
                return tell_way(s, next, way, a);
            struct way here;
            rc = visit ? tell_way(s, next, &here, e->search) : 0;
            rc = visit && rc == 0 ? visit(ctx, &s->spots[next]->spot, &here) : rc;
        }
    }
    return rc;
}
