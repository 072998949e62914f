// SPDX-License-Identifier: AGPL-3.0-or-later
/* phone - a feature phone in the browser, over the real engine: what is dialled and written here goes the way of every
 * turn, is stored like one, and shows beside the screen where it is written.
 *
 * Each key is a button of one form, so it works without scripts; with them keys only fill the line and the answer comes
 * without a new page. What a key does is a row of KEYS or of ACTIONS.
 */
#include "console/handset.h"
#include "console/internal.h"
#include "console/pages.h"

#include "base/err.h"
#include "base/utf8.h"
#include "text/phone.h"

static const char DIALLED[] = "*123#";

static const struct {
    const char *digit, *letters;
} KEYS[] = {{"1", ""},     {"2", "abc"}, {"3", "def"},  {"4", "ghi"}, {"5", "jkl"}, {"6", "mno"},
            {"7", "pqrs"}, {"8", "tuv"}, {"9", "wxyz"}, {"*", "+"},   {"0", "_"},   {"#", ""}};

/* ---- what it shows ---- */

static void clock_fill(const struct page *p, struct view *v)
{
    int weekday, minute;
    int64_t day;
    clock_local(p->now_ms, &weekday, &minute, &day);
    view_setf(v, "clock", "%02d:%02d", minute / 60, minute % 60);
}

static void meter_fill(struct view *v, const struct handset *h)
{
    if (!h->pages)
        return;
    view_setz(v, "screen_name", h->screen);
    view_setz(v, "file", h->file);
    view_setn(v, "line", h->line);
    view_setn(v, "page_number", h->page);
    view_setn(v, "page_count", h->pages);
    view_setn(v, "used", h->used);
    view_setn(v, "limit", h->limit);
    view_setz(v, "unit", h->gsm ? "septets" : "UTF-16 units");
    view_setn(v, "high", h->limit - h->limit / 10);
}

static void messages_fill(struct view *v, const struct handset *h)
{
    for (size_t i = 0; i < h->message_count; i++) {
        const struct handset_message *m = &h->messages[i];
        struct view *row = view_add(v, "messages");
        view_setz(row, "text", m->text);
        view_flag(row, "ours", m->ours);
        view_setf(row, "at", "%02d:%02d", m->minute / 60, m->minute % 60);
    }
}

struct language_fill {
    struct view *view;
    const struct handset *handset;
};

static int languages_fill(void *ctx, const struct program *program)
{
    struct language_fill *f = ctx;
    for (size_t i = 0; i < program->settings->language_count; i++) {
        const struct settings_language *l = &program->settings->languages[i];
        struct view *row = view_add(f->view, "languages");
        view_set(row, "code", arena_copy(view_arena(row), l->code));
        view_flag(row, "chosen", span_is(l->code, f->handset->language));
    }
    return 0;
}

static void phone_fill(struct page *p, const struct handset *h)
{
    struct view *v = p->view;
    const struct console_port *port = p->console->parts.port;
    clock_fill(p, v);
    meter_fill(v, h);
    messages_fill(v, h);
    struct language_fill f = {v, h};
    port->menus(port->ctx, languages_fill, &f);
    view_setf(v, "number", "+1 202 555 01%s", h->number.digits + 9);
    view_flag(v, "sms", h->medium == MEDIUM_SMS);
    view_flag(v, "ussd", h->medium == MEDIUM_USSD);
    view_flag(v, "calling", h->calling);
    view_flag(v, "not_stored", h->shown[0] && !h->stored);
    view_setz(v, "shown", h->shown);
    view_setz(v, "typed", h->typed);
    view_set(v, "log", str_span(&h->log));
    view_setn(v, "step", h->call * 10000 + h->sequence);
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
        struct view *row = view_add(v, "keys");
        view_setz(row, "digit", KEYS[i].digit);
        view_setz(row, "letters", KEYS[i].letters);
    }
}

void phone_show(struct page *p)
{
    struct handset *h = handset_take(p->console->handsets, p->token, p->now_ms);
    phone_fill(p, h);
    page_show(p, "phone");
    handset_give(p->console->handsets);
}

/* ---- a turn ---- */

static void turn_keep(struct handset *h, const struct port_turn *t)
{
    handset_copy(h->screen, sizeof h->screen, t->screen);
    handset_copy(h->file, sizeof h->file, span_of(t->file));
    h->line = t->line;
    h->page = t->page;
    h->pages = t->pages;
    h->used = t->used;
    h->limit = t->limit;
    h->gsm = t->gsm;
    h->stored = t->stored;
}

static int turn(struct page *p, struct handset *h, struct span text, bool begins)
{
    const struct console_port *port = p->console->parts.port;
    bool call = h->medium == MEDIUM_USSD;
    struct port_turn t = {.medium = h->medium,
                          .from = h->number,
                          .session = arena_printf(p->arena, "browser-%.16s-%lld", p->csrf, (long long)h->call),
                          .sequence = call ? ++h->sequence : p->now_ms,
                          .text = text,
                          .begins = call && begins};
    int rc = port->turn(port->ctx, &t, p->arena);
    if (rc < 0)
        return rc;
    handset_log(h, p->now_ms, begins && call ? span_of(DIALLED) : text, &t);
    turn_keep(h, &t);
    int weekday, minute;
    int64_t day;
    clock_local(p->now_ms, &weekday, &minute, &day);
    if (call) {
        handset_copy(h->shown, sizeof h->shown, t.shown);
        h->calling = t.more;
        return 0;
    }
    handset_message(h, true, minute, text);
    if (t.shown.len)
        handset_message(h, false, minute, t.shown);
    return 0;
}

/* The number that chooses the phone's language on the screen just shown; 0: it does not ask. */
struct language_ask {
    const struct handset *handset;
    size_t number;
};

static int language_ask(void *ctx, const struct program *program)
{
    struct language_ask *ask = ctx;
    uint16_t index = program_screen(program, span_of(ask->handset->screen));
    int language = program_language(program, span_of(ask->handset->language));
    if (index == PROGRAM_NONE || language < 0)
        return 0;
    const struct menu_screen *screen = &program->screens[index];
    for (size_t i = 0; i < screen->line_count; i++)
        if (screen->lines[i].op == OP_LANGUAGES)
            ask->number = (size_t)language + 1;
    return 0;
}

static int dial(struct page *p, struct handset *h)
{
    const struct console_port *port = p->console->parts.port;
    h->call = p->now_ms;
    h->sequence = 0;
    int rc = turn(p, h, (struct span){0}, true);
    struct language_ask ask = {.handset = h};
    if (rc == 0 && h->calling && h->language[0])
        rc = port->menus(port->ctx, language_ask, &ask);
    return rc == 0 && ask.number ? turn(p, h, arena_printf(p->arena, "%zu", ask.number), false) : rc;
}

/* ---- what its keys do ---- */

static int do_send(struct page *p, struct handset *h)
{
    struct span text = arena_copy(p->arena, span_of(h->typed));
    h->typed[0] = '\0';
    if (h->medium == MEDIUM_SMS)
        return text.len ? turn(p, h, text, false) : 0;
    return h->calling ? turn(p, h, text, false) : dial(p, h);
}

static int do_end(struct page *p, struct handset *h)
{
    (void)p;
    h->calling = false;
    h->typed[0] = h->shown[0] = '\0';
    h->pages = 0;
    return 0;
}

static int do_clear(struct page *p, struct handset *h)
{
    (void)p;
    struct span typed = span_of(h->typed), rest = typed;
    size_t len = 0;
    while (rest.len) {
        len = typed.len - rest.len;
        utf8_next(&rest);
    }
    h->typed[len] = '\0';
    return 0;
}

static int do_ussd(struct page *p, struct handset *h)
{
    (void)p;
    h->medium = MEDIUM_USSD;
    return 0;
}

static int do_sms(struct page *p, struct handset *h)
{
    (void)p;
    h->medium = MEDIUM_SMS;
    return 0;
}

static int do_new(struct page *p, struct handset *h)
{
    (void)p;
    handset_renew(h);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(struct page *p, struct handset *h);
} ACTIONS[] = {
    {"send", do_send}, {"end", do_end}, {"clear", do_clear}, {"ussd", do_ussd}, {"sms", do_sms}, {"new", do_new},
};

static int act(struct page *p, struct handset *h)
{
    struct span key = page_form(p, "key"), action = page_form(p, "do");
    if (key.len == 1 && strchr("0123456789*#", key.p[0])) {
        size_t len = strlen(h->typed);
        if (len + 1 < sizeof h->typed)
            snprintf(h->typed + len, sizeof h->typed - len, "%c", key.p[0]);
        return 0;
    }
    for (size_t i = 0; i < sizeof ACTIONS / sizeof *ACTIONS; i++)
        if (span_is(action, ACTIONS[i].name))
            return ACTIONS[i].run(p, h);
    return 0;
}

/* A form that was sent twice, or from a second window, finds another step and does nothing. */
static bool fresh(const struct page *p, const struct handset *h)
{
    return page_form_number(p, "step", -1) == h->call * 10000 + h->sequence;
}

void phone_use(struct page *p)
{
    struct handset *h = handset_take(p->console->handsets, p->token, p->now_ms);
    int rc = 0;
    if (fresh(p, h)) {
        struct str clean = STR_INIT(64 * 1024);
        utf8_scrub(&clean, page_form(p, "typed"));
        handset_copy(h->typed, sizeof h->typed, str_span(&clean));
        str_release(&clean);
        handset_copy(h->language, sizeof h->language, page_form(p, "language"));
        rc = act(p, h);
    }
    handset_give(p->console->handsets);
    if (rc < 0)
        page_failed(p, rc);
    else
        page_go(p, "/phone");
}

void phone_save(struct page *p)
{
    struct handset *h = handset_take(p->console->handsets, p->token, p->now_ms);
    struct span name = span_trim(page_form(p, "name"));
    name = span_first(name, span_find(name, '\n')); // a title is one line
    struct span text = arena_printf(p->arena, "talk %.*s\n%.*s", SPAN_ARG(name.len ? name : SPAN("From the browser")),
                                    SPAN_ARG(str_span(&h->log)));
    handset_give(p->console->handsets);
    if (text.p)
        page_file(p, SPAN("text/plain; charset=utf-8"), "transcript.talk", text);
    else
        page_failed(p, ERR_NOMEM);
}
