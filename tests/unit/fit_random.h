// SPDX-License-Identifier: AGPL-3.0-or-later
/* fit_random - random small menus, made so that something on most screens just fits its page or just does not; those
 * that the proof accepts are walked (fit_walk.h).
 *
 * What must never be cut carries its own marks, so that a page can be judged by looking at it: an option's label begins
 * with Q and ends with Z, an error begins with W and ends with V. Sizes are counted by a counter of this file.
 */
#ifndef WAYMARK_TESTS_FIT_RANDOM_H
#define WAYMARK_TESTS_FIT_RANDOM_H

#include "base/err.h"
#include "base/file.h"
#include "menu/menu.h"
#include "tools/fit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MENU_BYTES = 64 * 1024 };

static inline bool holds(struct span text, const char *words)
{
    return memmem(text.p, text.len, words, strlen(words)) != NULL;
}

/* ---- menus from memory ---- */

static const struct settings_language fit_languages[] = {{.code = {"en", 2}}, {.code = {"fr", 2}}};
static const struct settings_language fit_folding[] = {{.code = {"en", 2}, .fold = true}};
static const struct settings_value fit_values[] = {
    {{"hotline", 7}, {"80 10 10 10", 11}}, {{"callback_days", 13}, {"2", 1}}, {{"town", 4}, {"Tindouf [south]", 15}}};

static inline struct settings fit_settings(size_t languages, bool fold)
{
    return (struct settings){.service = SPAN("Return Help"),
                             .languages = fold ? fit_folding : fit_languages,
                             .language_count = languages,
                             .parts_send = 3,
                             .parts_answer = 3,
                             .keys = {[KEY_BACK] = {SPAN("0"), SPAN("Back")},
                                      [KEY_HOME] = {SPAN("00"), SPAN("Home")},
                                      [KEY_MORE] = {SPAN("98"), SPAN("More")},
                                      [KEY_EXIT] = {SPAN("99"), SPAN("Exit")}},
                             .values = fit_values,
                             .value_count = 3};
}

static inline int fit_read(void *menu, const char *path, struct str *out)
{
    if (strstr(path, ".po"))
        return file_read(path, out);
    str_addz(out, menu);
    return str_err(out);
}

static inline struct program *fit_load(const char *menu, const struct settings *settings, struct diags *d)
{
    struct program *p = NULL;
    const struct menu_input in = {.settings = settings,
                                  .start = "menus/main.menu",
                                  .locales = "tests/menus/fit",
                                  .read = fit_read,
                                  .ctx = (void *)menu,
                                  .today = 20557};
    if (menu_load(&in, d, &p) == 0)
        return p;
    struct str text = STR_INIT(100000);
    diags_text(d, &text);
    fail_msg("%s\n%s", str_z(&text), menu);
    return NULL;
}

struct fixture {
    struct settings settings;
    struct program *p;
    struct diags *d;
};

static inline struct fixture fixture_of(const char *menu, size_t languages)
{
    static struct settings settings; // outlives the program
    settings = fit_settings(languages, false);
    struct fixture f = {.settings = settings, .d = diags_new()};
    f.p = fit_load(menu, &settings, f.d);
    return f;
}

static inline void fixture_close(struct fixture *f)
{
    program_free(f->p);
    diags_free(f->d);
}

/* ---- counting, apart from the engine ---- */

static inline int32_t letter_at(const char **s)
{
    const unsigned char *u = (const unsigned char *)*s;
    int more = u[0] < 0x80 ? 0 : u[0] < 0xE0 ? 1 : u[0] < 0xF0 ? 2 : 3;
    static const int first[] = {0x7F, 0x1F, 0x0F, 0x07};
    int32_t cp = u[0] & first[more];
    for (int i = 1; i <= more; i++)
        cp = cp << 6 | (u[i] & 0x3F);
    *s += more + 1;
    return cp;
}

static inline bool among(const char *letters, int32_t cp)
{
    while (*letters)
        if (letter_at(&letters) == cp)
            return true;
    return false;
}

/* 3GPP TS 23.038: the letters of the default alphabet beside those of ASCII, and of the extension table. */
static inline int septets_of(int32_t cp)
{
    if (among("^{}\\[~]|€", cp))
        return 2;
    if (cp == '`')
        return 0;
    return (cp >= ' ' && cp < 0x7F) || cp == '\n' || among("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà", cp) ? 1 : 0;
}

struct counted {
    int septets, units, letters; /* septets: -1 outside the alphabet */
};

static inline struct counted count_text(struct span text)
{
    struct counted n = {0};
    for (const char *s = text.p, *end = text.p + text.len; s < end; n.letters++) {
        int32_t cp = letter_at(&s);
        int septets = septets_of(cp);
        n.units += cp > 0xFFFF ? 2 : 1;
        n.septets = n.septets < 0 || !septets ? -1 : n.septets + septets;
    }
    return n;
}

/* Parts of an SMS: as many letters in each as fit, none split. */
static inline int parts_of_sms(struct span text)
{
    struct counted n = count_text(text);
    bool gsm = n.septets >= 0;
    if (gsm ? n.septets <= 160 : n.units <= 70)
        return 1;
    int parts = 1, used = 0, most = gsm ? 153 : 67;
    for (const char *s = text.p, *end = text.p + text.len; s < end;) {
        int32_t cp = letter_at(&s);
        int cost = gsm ? septets_of(cp) : cp > 0xFFFF ? 2 : 1;
        parts += used + cost > most;
        used = used + cost > most ? cost : used + cost;
    }
    return parts;
}

/* ---- making menus ---- */

struct maker {
    uint64_t seed;
    struct str menu, tail; /* tail: facts, withdrawals */
    struct profile profile;
    bool fold;
    bool units; /* what was carried to this screen makes it be counted in units */
    int name;   /* letters of the name that is asked for */
    int screens, consents, facts;
};

static inline uint32_t dice(struct maker *m, uint32_t sides)
{
    m->seed ^= m->seed << 13, m->seed ^= m->seed >> 7, m->seed ^= m->seed << 17;
    return (uint32_t)(m->seed >> 16) % sides;
}

/* Letters of one sort: what they cost in septets (0: outside) and units. Accents: outside unless folded. */
static const struct sort {
    const char *letters;
    int septets, units;
} sorts[] = {{"abcdefghijklmnoprstuy", 1, 1},
             {"[]^~€", 2, 1},
             {"éèñöüàò", 1, 1},
             {"áíóúêç", 0, 1},
             {"жшщыюя", 0, 1},
             {"مساعد", 0, 1},
             {"𠀀𠀁𠀂", 0, 2},
             {"漢字", 0, 1}};
enum { SORTS = sizeof sorts / sizeof sorts[0], ACCENTS = 3 };

static inline int septets_in(const struct maker *m, const struct sort *s)
{
    return s == &sorts[ACCENTS] && m->fold ? 1 : s->septets;
}

static inline void put_letter(struct maker *m, struct str *out, const struct sort *sort)
{
    const char *s = sort->letters;
    int count = 0;
    while (*s)
        letter_at(&s), count++;
    s = sort->letters;
    for (int i = (int)dice(m, (uint32_t)count); i > 0; i--)
        letter_at(&s);
    const char *end = s;
    letter_at(&end);
    str_add(out, (struct span){s, (size_t)(end - s)});
}

static inline bool counts_units(const struct maker *m, const struct sort *sort)
{
    return m->units || !m->profile.septets || !septets_in(m, sort);
}

/* Letters of a sort, and blanks among them, that cost exactly `size` in septets or units. */
static inline void fill(struct maker *m, struct str *out, const struct sort *sort, int size, bool units)
{
    int cost = units ? sort->units : septets_in(m, sort);
    for (bool blank = true; size > 0;) {
        if (!blank && size > cost && dice(m, 6) == 0)
            str_addc(out, ' '), size--, blank = true;
        else if (size >= cost)
            put_letter(m, out, sort), size -= cost, blank = false;
        else
            str_addc(out, 'x'), size--, blank = false;
    }
}

static inline const struct sort *any_sort(struct maker *m)
{
    if (m->units && dice(m, 4)) // let what was carried be all that lies outside
        return &sorts[dice(m, ACCENTS)];
    return &sorts[dice(m, 3) ? dice(m, 3) : dice(m, SORTS)];
}

/* Something in a text whose size depends: its source, and the most that it can cost. */
static inline int put_varying(struct maker *m, struct str *out, bool *units)
{
    switch (dice(m, 6)) {
    case 0:
    case 4:
        str_addz(out, "{name}");
        *units = true;
        return 3 * m->name;
    case 1:
        str_addz(out, "{town}");
        return *units ? 15 : 17;
    case 2: {
        int a = 1 + (int)dice(m, 12), b = 1 + (int)dice(m, 12);
        str_addf(out, "{f%d}", m->facts);
        str_addf(&m->tail, "fact f%d\n text %.*s\n source s\n owner o\n reviewed 2026-03-02\n review-by 2026-09-01\n",
                 m->facts++, a, "abcdefghijklmnop");
        str_addf(&m->tail, " expired %.*s\n", b, "abcdefghijklmnop");
        return a > b ? a : b;
    }
    case 3:
        str_addz(out, "{callback_days: # day | # working days}");
        return (int)sizeof "2 working days" - 1;
    default:
        return 0;
    }
}

/* A text between two marks that costs `size` in the worst case. Whether it is counted in units is decided here; sizes
 * are told for both. */
static inline void put_marked(struct maker *m, const char *marks, int septets, int units, bool always_units)
{
    const struct sort *sort = any_sort(m);
    bool in_units = always_units || counts_units(m, sort);
    struct str text = STR_INIT(MENU_BYTES);
    int used = 2 + put_varying(m, &text, &in_units);
    int left = (in_units ? units : septets) - used;
    str_addc(&m->menu, marks[0]);
    if (left >= 0)
        str_add(&m->menu, str_span(&text));
    else
        left = (in_units ? units : septets) - 2;
    if (left > 0)
        fill(m, &m->menu, sort, left, in_units);
    str_addc(&m->menu, marks[1]);
    m->units |= in_units && marks[0] == 'Q'; // an option outside the alphabet takes the others along
    str_release(&text);
}

enum { ADRIFT_SIZE = 22, KEYS_SIZE = 23, MORE_SIZE = 8, MORE_SMS_SIZE = 22 };

/* What is left of a page beside keys, More and the line that nothing is saved, written out once more. */
static inline int page_room(const struct profile *profile, bool units, bool last)
{
    int limit = units ? profile->units : profile->septets;
    if (profile->medium == MEDIUM_SMS)
        return limit - (last ? 0 : MORE_SMS_SIZE);
    return limit - ADRIFT_SIZE - KEYS_SIZE - (last ? 0 : MORE_SIZE);
}

/* From three below the limit to four above: mostly it fits. */
static inline int off(struct maker *m)
{
    return dice(m, 7) ? -(int)dice(m, 4) : 1 + (int)dice(m, 4);
}

static inline int short_size(struct maker *m)
{
    return 4 + (int)dice(m, 12);
}

static inline void put_option(struct maker *m, const char *word, int number, bool steered, bool last)
{
    static const char *const whens[] = {"", "", "", "when has name: ", "when name != a: ", "when not has name: "};
    str_addf(&m->menu, "  %s%s %d ", whens[number > 1 ? dice(m, 6) : 0], word, number);
    int size = short_size(m), o = off(m);
    put_marked(m, "QZ", steered ? page_room(&m->profile, false, last) - 2 + o : size,
               steered ? page_room(&m->profile, true, last) - 2 + o : size, false);
    str_addf(&m->menu, " -> s%d\n", m->screens + 1);
}

static inline void put_words(struct maker *m, const char *statement, const struct sort *sort)
{
    str_addf(&m->menu, "  %s ", statement);
    fill(m, &m->menu, sort, 1 + (int)dice(m, 120), true);
    m->units |= counts_units(m, sort) && (m->profile.medium == MEDIUM_SMS || !strstr(statement, "/sms"));
    str_addc(&m->menu, '\n');
}

static inline void make_options(struct maker *m)
{
    int count = 2 + (int)dice(m, 4), steered = (int)dice(m, (uint32_t)count + 1);
    str_addf(&m->menu, "screen s%d\n", m->screens);
    if (dice(m, 3))
        put_words(m, dice(m, 4) ? "say" : "say/sms", any_sort(m));
    str_addz(&m->menu, dice(m, 6) ? "" : "  hide home exit\n");
    for (int i = 0; i < count; i++)
        put_option(m, "option", i + 1, i == steered, i == count - 1);
    m->units = false;
}

static inline void make_consent(struct maker *m)
{
    const int sum = 5; // "1 ", a line feed and "2 "
    int o = off(m), first = 4 + (int)dice(m, 20);
    const struct sort *sort = any_sort(m);
    bool units = counts_units(m, sort);
    int room = page_room(&m->profile, units, true) + o - sum - 4 - first;
    str_addf(&m->menu, "consent s%d\n  version 1\n  say May we?\n  agree 1 Q", m->screens);
    fill(m, &m->menu, sort, first, units);
    str_addf(&m->menu, "Z -> s%d\n  refuse 2 Q", m->screens + 1);
    fill(m, &m->menu, sort, room > 0 ? room : 1, units);
    str_addf(&m->menu, "Z -> s%d\n", m->screens + 1);
    str_addf(&m->tail, "screen w%d\n  withdraw s%d\n  -> end\ntrigger w%d\n  words en STOP%d\n", m->screens, m->screens,
             m->screens, m->screens);
    m->consents++;
    m->units = false;
}

static inline void make_question(struct maker *m)
{
    int o = off(m);
    str_addf(&m->menu, "screen s%d\n", m->screens);
    if (dice(m, 2))
        put_words(m, "say", any_sort(m));
    str_addf(&m->menu, "  ask How many?\n  into n%d\n  kind number 0..%d\n  error ", m->screens,
             200 + (int)dice(m, 800));
    put_marked(m, "WV", page_room(&m->profile, false, false) + o, page_room(&m->profile, true, false) + o, false);
    str_addf(&m->menu, "\n  tries 9 -> bye\n  -> s%d\n", m->screens + 1);
    m->units = false;
}

static inline void make_carried(struct maker *m)
{
    str_addf(&m->menu, "screen s%d\n", m->screens);
    put_words(m, "say", &sorts[dice(m, SORTS)]);
    str_addf(&m->menu, "  -> s%d\n", m->screens + 1);
}

static inline void make_send(struct maker *m)
{
    int o = off(m);
    bool units = m->units;
    str_addf(&m->menu, "screen s%d\n  send ", m->screens);
    m->units = false; // a message is counted alone
    struct profile page = m->profile;
    m->profile.septets = 459;
    put_marked(m, "QZ", 459 + o, 201 + o, false);
    m->profile = page;
    m->units = units;
    str_addz(&m->menu, "\n");
    put_option(m, "option", 1, true, true);
    m->units = false;
}

/* Asks for a name, then some screens, then the end. */
static inline void make_menu(struct maker *m)
{
    static void (*const makers[])(struct maker *) = {make_options, make_options, make_question,
                                                     make_consent, make_carried, make_send};
    static const char *const cleaners[] = {"", "  clean trim squeeze\n", "  clean upper\n", "  clean lower digits\n"};
    static const struct profile profiles[] = {{MEDIUM_USSD, 204, 102}, {MEDIUM_USSD, 182, 92}, {MEDIUM_SMS, 459, 201},
                                              {MEDIUM_USSD, 0, 80},    {MEDIUM_SMS, 306, 134}, {MEDIUM_USSD, 100, 50}};
    str_clear(&m->menu);
    str_clear(&m->tail);
    m->profile = profiles[dice(m, sizeof profiles / sizeof profiles[0])];
    m->fold = dice(m, 2);
    m->name = dice(m, 12) ? 1 + (int)dice(m, 16) : 380;
    m->units = false;
    m->facts = m->consents = 0;
    str_addf(&m->menu, "start s0\nscreen s0\n  ask Your name?\n  into name\n%s  kind text 1..%d\n  error WnoV\n",
             cleaners[dice(m, 4)], m->name);
    str_addz(&m->menu, "  tries 9 -> bye\n  -> s1\nscreen bye\n  say Bye.\n  -> end\n");
    int count = 1 + (int)dice(m, 4);
    for (m->screens = 1; m->screens <= count; m->screens++)
        makers[dice(m, 6)](m);
    str_addf(&m->menu, "screen s%d\n  say Done.\n  -> end\n", m->screens);
    str_add(&m->menu, str_span(&m->tail));
}

#endif
