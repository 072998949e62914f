// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/wording.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

enum { WORDING_MAX = 16 * 1024, WORDING_DEPTH = 4 };

static struct span kept(struct arena *a, struct str *s)
{
    struct span copy = arena_copy(a, str_span(s));
    str_release(s);
    return copy;
}

/* ---- texts of the menus ---- */

static void put_text(const struct wording *w, struct str *out, uint16_t text, int language, int depth);

static struct span field(const struct wording *w, struct span name)
{
    for (size_t i = 0; i < w->field_count; i++)
        if (span_eq(w->fields[i].name, name))
            return w->fields[i].value;
    return SPAN("...");
}

static void put_piece(const struct wording *w, struct str *out, const struct piece *piece, int language, int depth)
{
    const struct program *p = w->program;
    switch (piece->kind) {
    case PIECE_LITERAL:
        str_add(out, piece->literal);
        break;
    case PIECE_SLOT:
        str_add(out, field(w, p->slots[piece->index].name));
        break;
    case PIECE_VALUE:
        str_add(out, p->settings->values[piece->index].text);
        break;
    case PIECE_SERVICE:
        str_add(out, p->settings->service);
        break;
    case PIECE_FACT:
        put_text(w, out, p->facts[piece->index].text, language, depth + 1);
        break;
    default:
        str_addz(out, "...");
    }
}

static void put_text(const struct wording *w, struct str *out, uint16_t text, int language, int depth)
{
    if (depth == WORDING_DEPTH)
        return;
    const struct rendition *r = program_rendition(w->program, text, language, 1);
    for (size_t i = 0; i < r->count; i++)
        put_piece(w, out, &r->pieces[i], language, depth);
}

struct span wording_text(const struct wording *w, uint16_t text, struct span language, bool *current)
{
    struct str out = STR_INIT(WORDING_MAX);
    int index = program_language(w->program, language);
    if (current)
        *current =
            index <= 0 || program_rendition(w->program, text, index, 1) != program_rendition(w->program, text, 0, 1);
    put_text(w, &out, text, index < 0 ? 0 : index, 0);
    return kept(w->a, &out);
}

static const struct menu_screen *asking(const struct wording *w, struct span slot)
{
    uint16_t index = program_slot(w->program, slot);
    uint16_t screen = index == PROGRAM_NONE ? PROGRAM_NONE : w->program->slots[index].asked_by;
    return screen == PROGRAM_NONE ? NULL : &w->program->screens[screen];
}

struct span wording_question(const struct wording *w, struct span slot)
{
    const struct menu_screen *s = asking(w, slot);
    for (size_t i = 0; s && i < s->line_count; i++)
        if (s->lines[i].op == OP_ASK && s->lines[i].text != PROGRAM_NONE)
            return wording_text(w, s->lines[i].text, (struct span){0}, NULL);
    return (struct span){0};
}

struct span wording_answer(const struct wording *w, struct span slot, struct span value)
{
    const struct menu_screen *s = asking(w, slot);
    for (size_t i = 0; s && i < s->line_count; i++)
        if (s->lines[i].op == OP_OPTION && s->lines[i].word.len && span_eq(s->lines[i].word, value))
            return wording_text(w, s->lines[i].text, (struct span){0}, NULL);
    return value;
}

struct span wording_name(struct arena *a, struct span word)
{
    char *name = arena_strdup(a, word);
    if (!name)
        return (struct span){0};
    for (size_t i = 0; i < word.len; i++)
        if (name[i] == '-' || name[i] == '_')
            name[i] = ' ';
    if (name[0] >= 'a' && name[0] <= 'z')
        name[0] = (char)(name[0] - 'a' + 'A');
    return (struct span){name, word.len};
}

struct span wording_language(struct span code)
{
    static const struct {
        const char *code, *name;
    } NAMES[] = {
        {"am", "Amharic"}, {"ar", "Arabic"},     {"bn", "Bengali"},  {"de", "German"},         {"en", "English"},
        {"es", "Spanish"}, {"fa", "Persian"},    {"fr", "French"},   {"ht", "Haitian Creole"}, {"it", "Italian"},
        {"ku", "Kurdish"}, {"pa", "Punjabi"},    {"ps", "Pashto"},   {"pt", "Portuguese"},     {"ru", "Russian"},
        {"so", "Somali"},  {"sw", "Swahili"},    {"ti", "Tigrinya"}, {"tr", "Turkish"},        {"uk", "Ukrainian"},
        {"ur", "Urdu"},    {"vi", "Vietnamese"}, {"zh", "Chinese"},
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (span_is(code, NAMES[i].code))
            return span_of(NAMES[i].name);
    return code;
}

struct span wording_medium(const struct channel_set *channels, struct span name)
{
    const struct channel *c = name.len ? channel_set_get(channels, name) : NULL;
    if (!c)
        return (struct span){0};
    return channel_medium(c) == MEDIUM_SMS ? SPAN("SMS") : SPAN("USSD");
}

struct span wording_channel(struct arena *a, const struct channel_set *channels, struct span name)
{
    struct span medium = wording_medium(channels, name);
    return medium.len ? arena_printf(a, "%.*s, %.*s", SPAN_ARG(medium), SPAN_ARG(name)) : name;
}

/* ---- days ---- */

static const char *const WEEKDAYS[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct span wording_age(struct arena *a, int64_t day, int64_t now_ms)
{
    int64_t days = day_of_ms(now_ms) - day;
    if (days <= 0)
        return SPAN("today");
    return days == 1 ? SPAN("yesterday") : arena_printf(a, "%lld days", (long long)days);
}

const char *wording_weekday(unsigned weekday)
{
    return WEEKDAYS[weekday];
}

struct span wording_day(struct arena *a, int64_t day)
{
    struct date d = date_from_day(day);
    return arena_printf(a, "%s %d %s %d", WEEKDAYS[date_weekday(day)], d.day, MONTHS[d.month - 1], d.year);
}

struct span wording_date(struct arena *a, int64_t day)
{
    struct date d = date_from_day(day);
    return arena_printf(a, "%d %s %d", d.day, MONTHS[d.month - 1], d.year);
}

struct span wording_time(struct arena *a, int64_t at_s)
{
    int weekday, minute;
    int64_t day;
    clock_local(at_s * 1000, &weekday, &minute, &day);
    struct span date = wording_day(a, day);
    return arena_printf(a, "%.*s, %02d:%02d", SPAN_ARG(date), minute / 60, minute % 60);
}

/* ---- numbers ---- */

/* Calling codes are 1 and 7, and of the others the two-digit ones of ITU-T E.164; what remains has three digits. */
static size_t code_digits(const char *digits)
{
    static const char two[] =
        "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 "
        "64 65 66 81 82 84 86 90 91 92 93 94 95 98 ";
    if (digits[0] == '1' || digits[0] == '7')
        return 1;
    for (size_t i = 0; i + 2 < sizeof two; i += 3)
        if (two[i] == digits[0] && two[i + 1] == digits[1])
            return 2;
    return 3;
}

struct span wording_masked(struct arena *a, const struct msisdn *number)
{
    size_t len = strlen(number->digits);
    if (len < 7)
        return SPAN("...");
    return arena_printf(a, "+%.*s ... ... ..%s", (int)code_digits(number->digits), number->digits,
                        number->digits + len - 2);
}

struct span wording_number(struct arena *a, const struct msisdn *number)
{
    struct str out = STR_INIT(64);
    size_t len = strlen(number->digits), at = len < 7 ? 0 : code_digits(number->digits);
    str_addf(&out, "+%.*s", (int)at, number->digits);
    while (at < len) {
        size_t take = len - at > 4 ? 3 : len - at;
        str_addf(&out, " %.*s", (int)take, number->digits + at);
        at += take;
    }
    struct span copy = arena_copy(a, str_span(&out));
    str_release(&out);
    return copy;
}
