// SPDX-License-Identifier: AGPL-3.0-or-later
/* callmade - one call: whether it is safe now, what to say, and what came of it.
 *
 * Nobody calls at an hour that is not safe without having been warned; three attempts, and no voicemail ever. Somebody
 * who asks us to stop on the phone has withdrawn, by voice, in that moment.
 */
#include "base/err.h"
#include "base/utf8.h"
#include "console/calls.h"
#include "console/casepage.h"
#include "console/deed.h"
#include "console/firstreply.h"
#include "console/internal.h"
#include "console/override.h"
#include "console/pages.h"

enum { WORDS_MOST = 500, CALLING_S = 3600 /* as long somebody is taken to be on the phone */ };

enum outcome_then { THEN_OVER, THEN_AGAIN, THEN_STOP };

static const struct {
    const char *word, *text, *hint;
    const char *what; /* the timeline's word */
    enum outcome_then then;
    bool unstarted; /* nobody needs to have called */
} OUTCOMES[] = {
    {"spoke", "I spoke with them", NULL, "call", THEN_OVER, false},
    {"no-answer", "No answer", "Leave no voicemail and send no text.", "tried", THEN_AGAIN, false},
    {"wrong-person", "Somebody else answered", "You said nothing of what it is about.", "tried", THEN_AGAIN, false},
    {"stop", "They asked us to stop", "This withdraws what they agreed to, now. It cannot be undone here.", "call",
     THEN_STOP, false},
    {"not-needed", "No call is needed any more", NULL, "uncalled", THEN_OVER, true},
};

enum { OUTCOME_COUNT = sizeof OUTCOMES / sizeof *OUTCOMES };

struct span call_outcome(struct span word)
{
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        if (span_is(word, OUTCOMES[i].word))
            return span_of(OUTCOMES[i].text);
    return word.len ? SPAN("The case was closed") : word;
}

static int call_read(struct page *p, int64_t id, struct callback *out)
{
    struct store *s;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = callback_get(s, id, p->arena, out);
    readers_give(p->console->readers, s);
    return rc;
}

struct casebook *call_need(struct page *p, struct callback *out)
{
    int64_t id;
    struct casebook *b = NULL;
    int rc = span_int(p->part[0], &id) == 0 ? call_read(p, id, out) : ERR_MISSING;
    if (rc == 0)
        rc = casebook_open(p, out->reference, &b);
    if (rc == 0 && b->access == ACCESS_OPEN && !out->outcome.len)
        return casebook_noted(p, b) ? b : NULL;
    if (rc == 0 && b->access == ACCESS_OPEN)
        page_gof(p, "/case/%.*s", SPAN_ARG(out->reference)); // it is over: the case tells how
    else if (rc == 0 || rc == ERR_MISSING)
        page_missing(p);
    else
        page_failed(p, rc);
    return NULL;
}

/* ---- the page ---- */

static bool calling(const struct page *p, const struct callback *c)
{
    return c->started_s && c->started_s > p->now_ms / 1000 - CALLING_S;
}

static void outcomes_fill(struct page *p, bool started)
{
    for (size_t i = 0; i < OUTCOME_COUNT; i++) {
        if (!started && !OUTCOMES[i].unstarted)
            continue;
        struct view *row = view_add(p->view, "outcomes");
        view_setz(row, "word", OUTCOMES[i].word);
        view_setz(row, "label", OUTCOMES[i].text);
        view_setz(row, "outcome_hint", OUTCOMES[i].hint);
        view_flag(row, "chosen", span_is(page_form(p, "outcome"), OUTCOMES[i].word));
    }
}

static const struct {
    const char *word, *text;
} DONE[] = {
    {"started", "You are calling. Write down what came of it."},
    {"moved", "The call was moved."},
    {"changed", "Somebody else changed this call meanwhile. Nothing of yours was stored; this is how it is now."},
};

void call_draw(struct page *p, struct casebook *b, const struct callback *c)
{
    struct call_window w = call_window_open(b->key, c);
    bool started = calling(p, c), may = casepage_contact(p, b);
    int64_t until_s;
    for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
        if (span_is(page_query(p, "done"), DONE[i].word))
            view_setz(p->view, "notice", DONE[i].text);
    casepage_head(p, b);
    casepage_answers(p, b);
    call_times_fill(p, view_add(p->view, "due"), &w, c->due_s);
    call_times_fill(p, view_add(p->view, "now"), &w, p->now_ms / 1000);
    view_flag(p->view, "unsafe_now", !call_window_holds(&w, p->now_ms / 1000));
    view_flag(p->view, "of_call", true);
    view_setn(p->view, "call", c->id);
    view_setn(p->view, "attempts", c->attempts);
    view_setn(p->view, "attempt", c->attempts + 1);
    view_flag(p->view, "last_attempt", c->attempts + 1 >= CALL_ATTEMPTS);
    view_flag(p->view, "forbidden", !may);
    view_flag(p->view, "may_start", may && !started && !b->sealed && b->number.digits[0]);
    view_flag(p->view, "started", started);
    view_set(p->view, "caller", started ? casebook_name(b, c->caller) : (struct span){0});
    view_flag(p->view, "you_call", started && c->caller == p->session->member);
    if (started)
        view_set(p->view, "since", call_time_short(p, c->started_s));
    outcomes_fill(p, started);
    if (!view_get(p->view, SPAN("date")).len)
        call_time_fill(p, call_window_next(&w, p->now_ms / 1000 + 86400, &until_s));
    if (!view_get(p->view, SPAN("moving")).len)
        call_window_fill(p, &w);
    view_setf(p->view, "title", "Call %.*s", SPAN_ARG(b->stored.row.reference));
    view_setf(p->view, "action", "/callback/%lld/move", (long long)c->id);
    page_show(p, "call");
}

void call_show(struct page *p)
{
    struct callback c;
    struct casebook *b = call_need(p, &c);
    if (b)
        call_draw(p, b, &c);
}

/* ---- doing it ---- */

/** A deed on a call. */
struct making {
    struct deed deed; /* first: `write` is handed it */
    struct callback was;
    size_t outcome;
    int64_t next_s;
    bool over;
};

static int start_write(struct deed *d, struct store *s)
{
    const struct making *m = (const struct making *)(const void *)d;
    const struct caseload_row *row = &d->book->stored.row;
    int rc = callback_start(s, &m->was, d->page->session->member, d->page->now_ms / 1000);
    return rc < 0 || row->owner ? rc : caseload_own(s, row->id, d->page->session->member, d->day);
}

/* As the form showed the call: so many attempts. */
static void as_shown(const struct page *p, struct making *m)
{
    m->was.attempts = page_form_number(p, "attempts", -1);
}

/* Where it goes on; NULL: at the call. */
static void made_answer(struct making *m, int rc, const char *path)
{
    if (rc == 0 && path)
        page_go(m->deed.page, path);
    else if (rc == 0)
        page_gof(m->deed.page, "/callback/%lld?done=started", (long long)m->was.id);
    else if (rc == ERR_EXISTS)
        page_gof(m->deed.page, "/callback/%lld?done=changed", (long long)m->was.id);
    else
        page_failed(m->deed.page, rc);
}

void call_start(struct page *p)
{
    struct making m = {0};
    struct casebook *b = call_need(p, &m.was);
    if (!b)
        return;
    struct call_window w = call_window_open(b->key, &m.was);
    if (!casepage_contact(p, b) || b->sealed || !b->number.digits[0])
        page_error(p, "start", "Nobody is to call this person");
    else if (calling(p, &m.was))
        page_error(p, "start", "Somebody is calling them already");
    else if (!call_window_holds(&w, p->now_ms / 1000) && !span_is(page_form(p, "outside"), "yes"))
        page_error(p, "outside", "It is not an hour that is safe for them. Wait, or say that you call all the same");
    if (p->errors) {
        call_draw(p, b, &m.was);
        return;
    }
    as_shown(p, &m);
    m.deed = (struct deed){.page = p, .book = b, .what = "calling", .write = start_write, .any_version = true};
    made_answer(&m, deed_do(&m.deed), NULL);
}

static int outcome_write(struct deed *d, struct store *s)
{
    struct making *m = (struct making *)(void *)d;
    const struct console_port *port = d->page->console->parts.port;
    int64_t now = d->page->now_ms / 1000, failed = m->was.attempts + (OUTCOMES[m->outcome].then == THEN_AGAIN);
    if (OUTCOMES[m->outcome].then == THEN_AGAIN && !m->over)
        return callback_failed(s, &m->was, m->next_s);
    bool spoke = span_is(span_of(OUTCOMES[m->outcome].what), "call");
    int rc = callback_end(s, &m->was, span_of(OUTCOMES[m->outcome].word), failed, now);
    if (rc == 0 && spoke)
        rc = firstreply_count(d, s);
    if (rc == 0 && OUTCOMES[m->outcome].then == THEN_STOP)
        rc = port->withdraw(port->ctx, s, &d->book->number);
    return rc;
}

/* The words beside an outcome, made clean. */
static struct span words_need(struct page *p, const char *label)
{
    struct span words = page_words(p, "words");
    view_set(p->view, "words", words);
    if (utf8_length(words) > WORDS_MOST)
        page_error(p, "words", "Say it in 500 letters");
    return arena_printf(p->arena, "%s%s%.*s", label, words.len ? ". " : "", SPAN_ARG(words));
}

static const char *outcome_path(const struct making *m)
{
    switch (OUTCOMES[m->outcome].then) {
    case THEN_AGAIN:
        return m->over ? "/callbacks?done=over" : "/callbacks?done=again";
    case THEN_STOP:
        return "/callbacks?done=stop";
    default:
        return OUTCOMES[m->outcome].unstarted ? "/callbacks?done=not-needed" : "/callbacks?done=spoke";
    }
}

/* Which outcome the form names, and when the next attempt is; what is wrong is told. */
static void outcome_read(struct page *p, struct making *m)
{
    bool started = calling(p, &m->was);
    while (m->outcome < OUTCOME_COUNT && !span_is(page_form(p, "outcome"), OUTCOMES[m->outcome].word))
        m->outcome++;
    if (m->outcome == OUTCOME_COUNT || (!started && !OUTCOMES[m->outcome].unstarted)) {
        page_error(p, "outcome", "Choose what came of the call");
        return;
    }
    if (OUTCOMES[m->outcome].then == THEN_STOP && !m->deed.book->number.digits[0])
        page_error(p, "outcome", "Your keys do not open this person's number. waymark optout takes it typed");
    m->over = m->was.attempts + 1 >= CALL_ATTEMPTS;
    if (OUTCOMES[m->outcome].then != THEN_AGAIN || m->over)
        return;
    struct call_window w = call_window_open(m->deed.book->key, &m->was);
    m->next_s = call_time_need(p);
    if (m->next_s && !call_window_holds(&w, m->next_s))
        page_error(p, "time", "That is outside the hours that are safe for them. Choose another time");
}

void call_outcome_do(struct page *p)
{
    struct making m = {0};
    struct casebook *b = call_need(p, &m.was);
    if (!b)
        return;
    m.deed = (struct deed){.page = p, .book = b, .write = outcome_write, .any_version = true};
    outcome_read(p, &m);
    if (!p->errors || m.outcome < OUTCOME_COUNT)
        m.deed.text = words_need(p, OUTCOMES[m.outcome].text);
    if (p->errors) {
        call_draw(p, b, &m.was);
        return;
    }
    m.deed.what = OUTCOMES[m.outcome].what;
    m.deed.audit = span_of(OUTCOMES[m.outcome].word);
    as_shown(p, &m);
    made_answer(&m, deed_do(&m.deed), outcome_path(&m));
}
