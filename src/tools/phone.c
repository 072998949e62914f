// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/phone.h"

#include "base/err.h"
#include "base/file.h"
#include "base/utf8.h"
#include "dialogue/dialogue.h"
#include "script/suggest.h"
#include "tools/transcript.h"
#include "tools/world.h"

#include <string.h>

enum { PHONE_WIDTH = 30, PHONE_ARENA = 64 * 1024 * 1024, PHONE_LINE = 16 * 1024 };

struct phone {
    const struct phone_parts *parts;
    struct arena *arena;
    struct world world;
    struct dialogue ussd, sms; /* the call under way and the conversation by SMS */
    struct dialogue dropped;   /* a call that was cut off */
    bool calling, was_dropped, quit;
    size_t messages_shown;
    int64_t at_ms;                        /* set by :at, else 0 */
    char language[DIALOGUE_LANGUAGE_MAX]; /* set by :language, else empty: the next call asks */
    struct transcript transcript;
};

/* ---- the screen ---- */

static size_t take_columns(struct span *line)
{
    struct span rest = *line;
    size_t columns = 0, blank = 0;
    while (rest.len && columns < PHONE_WIDTH) {
        if (rest.p[0] == ' ')
            blank = (size_t)(rest.p - line->p);
        utf8_next(&rest);
        columns++;
    }
    size_t bytes = (size_t)(rest.p - line->p);
    return rest.len && rest.p[0] != ' ' && blank ? blank : bytes;
}

static void draw_line(FILE *out, struct span line)
{
    do {
        struct span part = span_first(line, take_columns(&line));
        fprintf(out, "  | %.*s%*s |\n", SPAN_ARG(part), PHONE_WIDTH - (int)utf8_length(part), "");
        line = span_from(line, part.len);
        if (line.len && line.p[0] == ' ')
            line = span_from(line, 1);
    } while (line.len);
}

static void draw(FILE *out, struct span text)
{
    static const char edge[] = "  +--------------------------------+\n";
    _Static_assert(sizeof edge == PHONE_WIDTH + 8, "the edge is as wide as the lines");
    struct span line;
    fputs(edge, out);
    while (span_split(&text, '\n', &line))
        draw_line(out, line);
    fputs(edge, out);
}

static void meter(const struct phone *ph, const struct dialogue_result *r, struct profile profile)
{
    FILE *out = ph->parts->out;
    uint16_t index = program_screen(ph->parts->program, r->screen_name);
    const struct place *at = index == PROGRAM_NONE ? NULL : &ph->parts->program->screens[index].at;
    if (at)
        fprintf(out, "  screen %.*s (%s:%d), ", SPAN_ARG(r->screen_name), at->file, at->line);
    else
        fputs("  ", out);
    fprintf(out, "page %d of %d, %d of %d %s%s\n", r->page + 1, r->pages, r->used,
            r->gsm ? profile.septets : profile.units, r->gsm ? "septets" : "UTF-16 units",
            r->screen.more ? "" : ", the session is over");
}

static void show_messages(struct phone *ph)
{
    for (; ph->messages_shown < ph->world.message_count; ph->messages_shown++) {
        fputs("  SMS received:\n", ph->parts->out);
        draw(ph->parts->out, ph->world.messages[ph->messages_shown]);
    }
}

/* ---- a step ---- */

static int64_t now_ms(const struct phone *ph)
{
    return ph->at_ms ? ph->at_ms : ph->parts->clock.now_ms(ph->parts->clock.ctx);
}

static int step(struct phone *ph, struct dialogue *d, enum dialogue_input_kind kind, struct span text,
                struct profile profile)
{
    struct str clean = STR_INIT(PHONE_LINE * 4);
    utf8_scrub(&clean, text);
    struct dialogue_input in = {.kind = kind,
                                .text = arena_copy(ph->arena, str_span(&clean)),
                                .profile = profile,
                                .today = day_of_ms(now_ms(ph)),
                                .person = world_person(&ph->world),
                                .entropy = ph->parts->entropy,
                                .drafts = true,
                                .previous = kind == INPUT_BEGIN && ph->was_dropped ? &ph->dropped : NULL};
    str_release(&clean);
    clock_local(now_ms(ph), &in.local.weekday, &in.local.minute, &in.local.day);
    struct dialogue_result r;
    int rc = dialogue_step(ph->parts->program, d, &in, ph->arena, &r);
    if (rc < 0)
        return rc;
    world_apply(&ph->world, ph->parts->program, in.today, r.effects, r.effect_count);
    draw(ph->parts->out, r.screen.text);
    meter(ph, &r, profile);
    show_messages(ph);
    struct span reference =
        ph->world.case_count ? ph->world.cases[ph->world.case_count - 1].reference : (struct span){0};
    bool dialled = kind == INPUT_BEGIN && profile.medium == MEDIUM_USSD;
    transcript_add(&ph->transcript, profile.medium, in.local, dialled ? SPAN("*123#") : in.text, &r, reference);
    if (profile.medium == MEDIUM_USSD)
        ph->calling = r.screen.more;
    return 0;
}

/* Answers the question for the language as a person would, so that a transcript holds the answer too. */
static int choose_language(struct phone *ph)
{
    const struct settings *s = ph->parts->program->settings;
    size_t number = 1;
    while (number < s->language_count && !span_is(s->languages[number - 1].code, ph->language))
        number++;
    struct span typed = arena_printf(ph->arena, "%zu", number);
    return step(ph, &ph->ussd, INPUT_TEXT, typed, ph->parts->ussd);
}

static int dial(struct phone *ph)
{
    ph->ussd = (struct dialogue){.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
    int rc = step(ph, &ph->ussd, INPUT_BEGIN, (struct span){0}, ph->parts->ussd);
    ph->was_dropped = false;
    if (rc == 0 && ph->language[0] && !ph->ussd.language[0] && ph->calling)
        rc = choose_language(ph);
    return rc;
}

/* ---- the phone's own commands ---- */

static int do_sms(struct phone *ph, struct span rest)
{
    enum dialogue_input_kind kind = ph->sms.screen == PROGRAM_NONE ? INPUT_BEGIN : INPUT_TEXT;
    return step(ph, &ph->sms, kind, rest, ph->parts->sms);
}

static int do_at(struct phone *ph, struct span rest)
{
    struct span clock_part = span_trim(span_from(rest, 10));
    struct date d;
    int64_t hour = 12, minute = 0;
    bool fine = date_parse(span_first(rest, 10), &d) == 0;
    if (fine && clock_part.len)
        fine = clock_part.len == 5 && clock_part.p[2] == ':' && span_int(span_first(clock_part, 2), &hour) == 0 &&
               span_int(span_from(clock_part, 3), &minute) == 0 && hour < 24 && minute < 60;
    if (!fine) {
        fputs("  :at takes a date and a time, like :at 2026-04-14 10:00\n", ph->parts->out);
        return 0;
    }
    ph->at_ms = ((date_to_day(d) * 24 + hour) * 60 + minute) * 60000;
    fputs("  The clock stands still at that time (UTC).\n", ph->parts->out);
    return 0;
}

static int do_drop(struct phone *ph, struct span rest)
{
    (void)rest;
    ph->dropped = ph->ussd;
    ph->was_dropped = ph->calling && dialogue_resumable(ph->parts->program, &ph->ussd);
    ph->calling = false;
    fputs("  The call was cut off. Dial again.\n", ph->parts->out);
    return 0;
}

static int do_language(struct phone *ph, struct span rest)
{
    if (program_language(ph->parts->program, rest) < 0) {
        fputs("  :language takes the code of a language of the configuration, like :language es\n", ph->parts->out);
        return 0;
    }
    memset(ph->language, 0, sizeof ph->language);
    memcpy(ph->language, rest.p, rest.len < sizeof ph->language ? rest.len : sizeof ph->language - 1);
    fputs("  The next call begins in that language.\n", ph->parts->out);
    return 0;
}

/* The file must not be there yet: a slip must not cost a transcript that somebody wrote. */
static int do_save(struct phone *ph, struct span rest)
{
    struct span file = span_first(rest, span_find(rest, ' ')), title = span_trim(span_from(rest, file.len));
    char *path = arena_strdup(ph->arena, file);
    struct str text = STR_INIT(TRANSCRIPT_MAX), there = STR_INIT(TRANSCRIPT_MAX);
    int rc = file.len && path ? transcript_write(&ph->transcript, title.len ? title : file, &text) : ERR_MISSING;
    if (rc == 0 && file_read(path, &there) != ERR_MISSING)
        rc = ERR_EXISTS;
    if (rc == 0)
        rc = file_write(path, str_span(&text), 0644);
    if (rc == 0)
        fprintf(ph->parts->out, "  Saved. Run it with: waymark test %s\n", path);
    else
        fprintf(ph->parts->out,
                "  Not saved (%s): :save takes a new file and a title, like :save a.talk Asks for a call\n",
                err_text(rc));
    str_release(&text);
    str_release(&there);
    return 0;
}

static int do_quit(struct phone *ph, struct span rest)
{
    (void)rest;
    ph->quit = true;
    return 0;
}

static int do_help(struct phone *ph, struct span rest);

static const struct {
    const char *name;
    int (*run)(struct phone *ph, struct span rest);
    const char *prose;
} phone_commands[] = {
    {":sms", do_sms, "TEXT   write an SMS"},
    {":drop", do_drop, "   the network cuts the call off"},
    {":at", do_at, "DATE TIME   set the clock, like :at 2026-04-14 10:00"},
    {":language", do_language, "CODE   the language of the next call"},
    {":save", do_save, "FILE TITLE   write all of this down as a transcript"},
    {":help", do_help, "   this list"},
    {":quit", do_quit, "   put the phone away"},
};

enum { COMMAND_COUNT = sizeof phone_commands / sizeof *phone_commands };

static int do_help(struct phone *ph, struct span rest)
{
    (void)rest;
    fputs("  Dial with *123#, then type what you would type on the phone.\n", ph->parts->out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(ph->parts->out, "  %-9s %s\n", phone_commands[i].name, phone_commands[i].prose);
    return 0;
}

static int command(struct phone *ph, struct span line)
{
    struct span name = span_first(line, span_find(line, ' '));
    struct suggest s = suggest_start(name);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (span_is(name, phone_commands[i].name))
            return phone_commands[i].run(ph, span_trim(span_from(line, name.len)));
        suggest_try(&s, span_of(phone_commands[i].name));
    }
    struct span best = suggest_best(&s);
    fprintf(ph->parts->out, "  No such command; %.*s\n", best.len ? (int)best.len : 5, best.len ? best.p : ":help");
    return 0;
}

static int typed(struct phone *ph, struct span line)
{
    bool dials = line.len > 1 && line.p[0] == '*' && line.p[line.len - 1] == '#';
    if (dials)
        return dial(ph);
    if (line.len && line.p[0] == ':')
        return command(ph, line);
    if (ph->calling)
        return step(ph, &ph->ussd, INPUT_TEXT, line, ph->parts->ussd);
    fputs("  No call is under way: dial *123#, or :sms TEXT, or :help\n", ph->parts->out);
    return 0;
}

int phone_run(const struct phone_parts *parts)
{
    struct phone ph = {.parts = parts, .arena = arena_new(PHONE_ARENA)};
    if (!ph.arena)
        return ERR_NOMEM;
    world_init(&ph.world, ph.arena);
    transcript_init(&ph.transcript);
    ph.sms = (struct dialogue){.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
    fputs("A phone for trying the menus; nothing is stored or sent. Dial with *123#; :help says more.\n", parts->out);
    char line[PHONE_LINE];
    int rc = 0;
    while (rc == 0 && !ph.quit) {
        fputs("> ", parts->out);
        fflush(parts->out);
        if (!fgets(line, sizeof line, parts->in))
            break;
        rc = typed(&ph, span_trim(span_of(line)));
    }
    transcript_release(&ph.transcript);
    arena_free(ph.arena);
    return rc;
}
