// SPDX-License-Identifier: AGPL-3.0-or-later
/* guard - whether a case may be registered, and consent.
 *
 * The checker proved that every way to a `register` passes its consent and what must have been shown and offered
 * (E40, E44); after a resume, a step back or a keyword it is looked at again here. What is missing is where the person
 * is led instead: first the consent, then what must be shown, then what must be offered. A text that is on its way to
 * this very screen counts as shown. An anonymous case needs nothing.
 */
#include "dialogue/step.h"

static const char reference_letters[] = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"; // none that looks like another

enum { REFERENCE_LETTERS = sizeof reference_letters - 1, REFERENCE_LEN = 6 };

static bool seen(const struct step *st, uint64_t mask, uint16_t screen)
{
    int watch = st->p->screens[screen].watch;
    return watch < 0 || ((mask | st->arrived) >> watch & 1);
}

/** The first of `screens` that is not in the mask, or PROGRAM_NONE. */
static uint16_t unseen(const struct step *st, uint64_t mask, const uint16_t *screens, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!seen(st, mask, screens[i]))
            return screens[i];
    return PROGRAM_NONE;
}

/** Where to go for what the case still needs, or PROGRAM_NONE. */
static uint16_t missing(const struct step *st, const struct menu_case *c)
{
    for (size_t i = 0; i < c->needs_count; i++)
        if (!condition_agreed(st, c->needs[i]))
            return st->p->consents[c->needs[i]].screen;
    uint16_t screen = unseen(st, st->s->shown, c->shown, c->shown_count);
    if (screen != PROGRAM_NONE)
        return screen;
    return unseen(st, st->s->offered | st->s->shown, c->offered, c->offered_count);
}

/* ---- the reference ---- */

/** Letters by rejection, so that none is likelier than another. A source that gives no usable byte at all ends in
 * the first letter rather than never. */
static struct span new_reference(struct step *st)
{
    unsigned char bytes[32];
    char letters[REFERENCE_LEN];
    int count = 0;
    for (int round = 0; count < REFERENCE_LEN && round < 64; round++) {
        st->in->entropy.fill(st->in->entropy.ctx, bytes, sizeof bytes);
        for (size_t i = 0; i < sizeof bytes && count < REFERENCE_LEN; i++)
            if (bytes[i] < 256 / REFERENCE_LETTERS * REFERENCE_LETTERS)
                letters[count++] = reference_letters[bytes[i] % REFERENCE_LETTERS];
    }
    while (count < REFERENCE_LEN)
        letters[count++] = reference_letters[0];
    return arena_copy(st->a, (struct span){.p = letters, .len = sizeof letters});
}

static const struct person_case *open_case(const struct step *st, struct span kind)
{
    const struct person *who = st->in->person;
    for (size_t i = 0; i < who->case_count; i++)
        if (who->cases[i].open && span_eq(who->cases[i].kind, kind))
            return &who->cases[i];
    return NULL;
}

/* ---- the effect ---- */

static void add_fields(struct step *st, const struct menu_case *c, struct effect *e)
{
    struct effect_field *fields = arena_array(st->a, c->field_count, sizeof *fields);
    if (!fields) {
        st->err = ERR_NOMEM;
        return;
    }
    for (size_t i = 0; i < c->field_count; i++) {
        struct span value = step_value(st->s, c->fields[i]);
        if (value.p)
            fields[e->field_count++] = (struct effect_field){.name = st->p->slots[c->fields[i]].name, .value = value};
    }
    e->fields = fields;
}

static void add_words(struct step *st, const struct menu_case *c, struct effect *e)
{
    struct span *flags = arena_array(st->a, c->flag_count, sizeof *flags);
    if (!flags) {
        st->err = ERR_NOMEM;
        return;
    }
    for (size_t i = 0; i < c->flag_count; i++)
        if (condition_holds(st, &c->flags[i].when))
            flags[e->flag_count++] = c->flags[i].word;
    e->flags = flags;
    e->priority = SPAN("normal");
    for (size_t i = 0; i < c->priority_count; i++)
        if (condition_holds(st, &c->priorities[i].when)) {
            e->priority = c->priorities[i].word;
            break;
        }
}

bool guard_register(struct step *st, uint16_t index, uint16_t *screen)
{
    const struct menu_case *c = &st->p->cases[index];
    *screen = c->anonymous ? PROGRAM_NONE : missing(st, c);
    if (*screen != PROGRAM_NONE)
        return true;
    const struct person_case *open = c->anonymous ? NULL : open_case(st, c->name);
    struct effect *e = step_effect(st, EFFECT_REGISTER);
    e->name = c->name;
    e->anonymous = c->anonymous;
    e->correction = open != NULL;
    e->reference = open ? open->reference : new_reference(st);
    if (c->reference != PROGRAM_NONE)
        step_store(st, c->reference, e->reference);
    add_fields(st, c, e);
    add_words(st, c, e);
    if (!c->anonymous && c->needs_count) {
        e->needs = st->p->consents[c->needs[0]].name;
        e->needs_version = st->p->consents[c->needs[0]].version;
    }
    return false;
}

/** What had been shown or offered when consent was asked. */
static void add_seen(struct step *st, struct effect *e)
{
    const struct program *p = st->p;
    struct effect_seen *list = NULL;
    for (size_t i = 0; i < p->screen_count; i++) {
        int watch = p->screens[i].watch;
        bool shown = watch >= 0 && st->s->shown >> watch & 1;
        if (!shown && !(watch >= 0 && st->s->offered >> watch & 1))
            continue;
        struct effect_seen *room = arena_grow(st->a, list, e->seen_count, sizeof *list);
        if (!room) {
            st->err = ERR_NOMEM;
            return;
        }
        list = room;
        list[e->seen_count++] = (struct effect_seen){.screen = p->screens[i].name, .shown = shown};
    }
    e->seen = list;
}

static void set_agreed(struct step *st, uint16_t consent, bool agreed)
{
    if (!st->agreed)
        st->agreed = arena_array(st->a, st->p->consent_count, sizeof *st->agreed);
    if (st->agreed)
        st->agreed[consent] = agreed;
    else
        st->err = ERR_NOMEM;
}

void guard_consent(struct step *st, enum effect_kind kind, uint16_t consent)
{
    const struct consent *c = &st->p->consents[consent];
    struct effect *e = step_effect(st, kind);
    e->name = c->name;
    e->version = c->version;
    e->text = st->s->body;
    e->typed = st->in->text;
    add_seen(st, e);
    set_agreed(st, consent, kind == EFFECT_AGREE);
}
