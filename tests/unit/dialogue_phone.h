// SPDX-License-Identifier: AGPL-3.0-or-later
/* A phone for tests of the dialogue: dials, types, and does what the effects say in a person of its own. Between two
 * steps the session goes through its bytes, so that nothing lives on by accident. */
#ifndef WAYMARK_TESTS_DIALOGUE_PHONE_H
#define WAYMARK_TESTS_DIALOGUE_PHONE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialogue/dialogue.h"
#include "menu/menu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { PHONE_SENDS = 8, PHONE_CASES = 4, PHONE_CONSENTS = 64 };

struct phone {
    struct program *p;
    struct arena *a, *keep; /* of a step, and of the person */
    struct str state;
    struct dialogue s;
    struct dialogue_input in;
    struct dialogue_result out;
    struct person person;
    struct person_case cases[PHONE_CASES];
    struct person_consent consents[PHONE_CONSENTS];
    struct effect last[16]; /* effects of the last step */
    struct span sends[PHONE_SENDS];
    size_t send_count;
    unsigned char seed;
};

static const struct settings_language phone_languages[] = {
    {.code = {"en", 2}}, {.code = {"fr", 2}, .draft = true}, {.code = {"ar", 2}, .draft = true}};
static const struct settings_value phone_values[] = {
    {.name = {"hotline", 7}, .text = {"80 10 10 10", 11}},
    {.name = {"grant", 5}, .text = {"2000", 4}},
    {.name = {"callback_days", 13}, .text = {"2", 1}},
};
static const struct span phone_flags[] = {{"minor", 5}, {"trafficking", 11}, {"do-not-call", 11}, {"complaint", 9}};
static const struct settings_span phone_open[] = {{0, 3, 510, 1020}, {4, 4, 510, 750}};
static const struct settings_hours phone_hours[] = {{.name = {"office", 6}, .open = phone_open, .open_count = 2}};

static const struct settings phone_settings = {
    .service = {"Return Help", 11},
    .languages = phone_languages,
    .language_count = 3,
    .zone = {"Africa/Tunis", 12},
    .parts_send = 3,
    .parts_answer = 3,
    .resume_minutes = 15,
    .keys = {[KEY_BACK] = {{"0", 1}, {"Back", 4}},
             [KEY_HOME] = {{"00", 2}, {"Home", 4}},
             [KEY_MORE] = {{"98", 2}, {"More", 4}},
             [KEY_EXIT] = {{"99", 2}, {"Exit", 4}}},
    .values = phone_values,
    .value_count = 3,
    .flags = phone_flags,
    .flag_count = 4,
    .hours = phone_hours,
    .hours_count = 1,
};

static inline int phone_read(void *ctx, const char *path, struct str *out)
{
    (void)path;
    str_addz(out, ctx);
    return str_err(out);
}

static inline struct program *phone_load(const struct menu_input *in)
{
    struct program *p = NULL;
    struct diags *d = diags_new();
    int rc = menu_load(in, d, &p);
    if (rc < 0) {
        struct str text = STR_INIT(100000);
        diags_text(d, &text);
        fprintf(stderr, "%s: %s\n", err_text(rc), str_z(&text));
        str_release(&text);
    }
    diags_free(d);
    assert_int_equal(rc, 0);
    return p;
}

/* Menus of one file from memory. */
static inline struct program *phone_menus(const char *text)
{
    return phone_load(&(struct menu_input){.settings = &phone_settings,
                                           .start = "main.menu",
                                           .locales = "tests/no-locales",
                                           .read = phone_read,
                                           .ctx = (void *)text,
                                           .today = 20557});
}

/* The worked example of the menu language. */
static inline struct program *phone_example(void)
{
    return phone_load(&(struct menu_input){.settings = &phone_settings,
                                           .start = "tests/menus/example/main.menu",
                                           .locales = "tests/no-locales",
                                           .today = 20557});
}

static inline void phone_fill(void *ctx, void *bytes, size_t len)
{
    unsigned char *seed = ctx;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)(*seed = (unsigned char)(*seed * 5 + 37));
}

/* A stranger with a USSD phone on Tuesday 2026-04-14 at 10:00. */
static inline void phone_open_for(struct phone *ph, struct program *p)
{
    *ph = (struct phone){.p = p, .a = arena_new(1 << 22), .keep = arena_new(1 << 20), .state = STR_INIT(1 << 20)};
    ph->in = (struct dialogue_input){.profile = {.medium = MEDIUM_USSD, .septets = 182, .units = 80},
                                     .local = {.weekday = 1, .minute = 600, .day = 20557},
                                     .today = 20557,
                                     .person = &ph->person,
                                     .entropy = {.fill = phone_fill, .ctx = &ph->seed},
                                     .drafts = true};
    ph->person.cases = ph->cases;
    ph->person.consents = ph->consents;
}

static inline void phone_close(struct phone *ph)
{
    arena_free(ph->a);
    arena_free(ph->keep);
    str_release(&ph->state);
}

static inline void phone_withdraw(struct phone *ph)
{
    ph->person.consent_count = 0;
}

static inline bool phone_agreed(const struct phone *ph, struct span consent)
{
    for (size_t i = 0; i < ph->person.consent_count; i++)
        if (span_eq(ph->consents[i].name, consent))
            return true;
    return false;
}

static inline void phone_effect(struct phone *ph, const struct effect *e)
{
    bool took_back = e->kind == EFFECT_REFUSE && phone_agreed(ph, e->name);
    if (e->kind == EFFECT_AGREE)
        ph->consents[ph->person.consent_count++] =
            (struct person_consent){arena_copy(ph->keep, e->name), arena_copy(ph->keep, e->version), 0};
    else if (took_back || e->kind == EFFECT_WITHDRAW || e->kind == EFFECT_ERASE)
        phone_withdraw(ph);
    else if (e->kind == EFFECT_SEND && ph->send_count < PHONE_SENDS)
        ph->sends[ph->send_count++] = arena_copy(ph->keep, e->text);
    else if (e->kind == EFFECT_REGISTER && !e->correction && !e->anonymous && ph->person.case_count < PHONE_CASES)
        ph->cases[ph->person.case_count++] = (struct person_case){
            arena_copy(ph->keep, e->name), arena_copy(ph->keep, e->reference), SPAN("new"), true, 0};
}

static inline void phone_step(struct phone *ph, enum dialogue_input_kind kind, const char *text)
{
    struct str bytes = STR_INIT(1 << 20);
    assert_int_equal(dialogue_encode(&ph->s, &bytes), 0);
    str_clear(&ph->state);
    str_add(&ph->state, str_span(&bytes));
    str_release(&bytes);
    arena_reset(ph->a);
    assert_int_equal(dialogue_decode(str_span(&ph->state), ph->a, &ph->s), 0);
    ph->in.kind = kind;
    ph->in.text = span_of(text);
    assert_int_equal(dialogue_step(ph->p, &ph->s, &ph->in, ph->a, &ph->out), 0);
    assert_true(ph->out.effect_count <= 16);
    for (size_t i = 0; i < ph->out.effect_count; i++) {
        ph->last[i] = ph->out.effects[i];
        phone_effect(ph, &ph->out.effects[i]);
    }
    int limit = ph->out.gsm ? ph->in.profile.septets : ph->in.profile.units;
    assert_true(ph->out.used <= limit);
}

static inline void phone_dial(struct phone *ph)
{
    ph->s = (struct dialogue){.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
    phone_step(ph, INPUT_BEGIN, "");
}

static inline void phone_type(struct phone *ph, const char *text)
{
    phone_step(ph, INPUT_TEXT, text);
}

/* Types answers divided by "|". */
static inline void phone_types(struct phone *ph, const char *answers)
{
    struct span rest = span_of(answers), part;
    char text[256];
    while (span_split(&rest, '|', &part)) {
        snprintf(text, sizeof text, "%.*s", SPAN_ARG(part));
        phone_type(ph, text);
    }
}

static inline bool phone_shows(const struct phone *ph, const char *words)
{
    struct span text = ph->out.screen.text;
    bool found = memmem(text.p, text.len, words, strlen(words)) != NULL;
    return found;
}

static inline void phone_at(const struct phone *ph, const char *screen)
{
    if (!span_is(ph->out.screen_name, screen))
        fail_msg("at \"%.*s\", not \"%s\":\n%.*s", SPAN_ARG(ph->out.screen_name), screen,
                 SPAN_ARG(ph->out.screen.text));
}

static inline void phone_says(const struct phone *ph, const char *text)
{
    if (!span_is(ph->out.screen.text, text))
        fail_msg("shows:\n%.*s\nnot:\n%s", SPAN_ARG(ph->out.screen.text), text);
}

static inline const struct effect *phone_did(const struct phone *ph, enum effect_kind kind)
{
    for (size_t i = 0; i < ph->out.effect_count; i++)
        if (ph->last[i].kind == kind)
            return &ph->last[i];
    return NULL;
}

#endif
