// SPDX-License-Identifier: AGPL-3.0-or-later
/* effects - what the dialogue asked for, done in the turn's own transaction.
 *
 * Consent turns the key: agreeing makes a data subject with a key pair whose secret half lies under the day key;
 * registering seals that secret to the team that the flags name and forgets the day's copy; withdrawing destroys
 * casework's seal in the transaction that raises the consent epoch; erasing destroys all. To add an effect: a row in
 * effect_table.
 */
#include "gateway/internal.h"

#include "base/err.h"
#include "base/log.h"
#include "base/pack.h"
#include "gateway/consent.h"
#include "gateway/subject.h"
#include "gateway/traffic.h"
#include "staff/team.h"
#include "vault/told.h"

#include <string.h>

enum { EFFECT_MAX = 64 * 1024 };

/* ---- consent ---- */

static struct consent_note note_of(const struct work *w, const struct effect *e)
{
    return (struct consent_note){.channel = channel_name(w->t->channel),
                                 .language = e->language,
                                 .typed = e->typed.len ? e->typed : w->typed,
                                 .text = e->text,
                                 .at_s = w->now_ms / 1000};
}

/* What had been read before, and its words, which are kept once. */
static int note_seen(struct work *w, const struct effect *e, struct consent_note *note)
{
    struct marks_told told;
    int rc = marks_tell(&w->session, &w->marks, e, &told);
    for (size_t i = 0; i < told.count && rc == 0; i++)
        if (told.texts[i].len)
            rc = store_text_keep(w->g->parts.store, told.seen[i].content, told.texts[i]);
    note->seen = told.seen;
    note->seen_count = told.count;
    return rc;
}

/* Agreeing to be contacted is the person's own word, shown in full and answered: it lifts an earlier stop as START
 * does. */
static int do_agree(struct work *w, const struct effect *e)
{
    struct store *s = w->g->parts.store;
    int rc = subject_need(w, e->language);
    if (rc == 0 && w->st->stopped)
        rc = store_contact_set(s, w->st, 0);
    struct consent_note note = note_of(w, e);
    if (rc == 0)
        rc = note_seen(w, e, &note);
    return rc < 0 ? rc
                  : consent_add(w->g->parts.vault, s, w->st, &(struct consent_act){e->name, e->version, SPAN("agree")},
                                &note);
}

/* Contact ends with this turn, or had. Asked before any case is erased. */
static int stopping(struct work *w)
{
    w->withdrawn = true;
    return consent_untexted(w->g->parts.vault, w->g->parts.store, w->st, &w->untexted);
}

/* Withdrawing ends all contact, whichever consent it names: a screen that withdraws two of them withdraws once. */
static int do_withdraw(struct work *w, const struct effect *e)
{
    struct consent_note note = note_of(w, e);
    if (w->withdrawn)
        return 0;
    int rc = stopping(w);
    note.confirmed = turn_confirms(w);
    return rc < 0 ? rc : consent_withdraw(w->g->parts.vault, w->g->parts.store, w->st, &note);
}

/* "No" leaves nothing behind; only this consent, where it had been given, is taken back: a no to a survey is not a no
 * to the call that was asked for. */
static int do_refuse(struct work *w, const struct effect *e)
{
    if (GATEWAY_EAGER)
        return subject_need(w, e->language);
    for (size_t i = 0; i < w->person.consent_count; i++)
        if (span_eq(w->person.consents[i].name, e->name))
            return do_withdraw(w, e);
    return 0;
}

static int do_erase(struct work *w, const struct effect *e)
{
    struct consent_note note = note_of(w, e);
    int rc = stopping(w);
    note.confirmed = turn_confirms(w);
    gateway_erased(w->g); // no session of theirs is left, in no memory either
    session_forget(&w->session);
    if (rc == 0)
        rc = consent_erase_sessions(w->g->parts.vault, w->g->parts.store, w->g->parts.channels, &w->t->in.from);
    return rc < 0 ? rc : consent_erase(w->g->parts.vault, w->g->parts.store, w->st, &note);
}

static int do_restart(struct work *w, const struct effect *e)
{
    (void)e;
    return w->st->stopped ? store_contact_set(w->g->parts.store, w->st, 0) : 0;
}

/* ---- cases ---- */

static bool consent_holds(const struct work *w, const struct effect *e)
{
    for (size_t i = 0; i < w->person.consent_count; i++)
        if (span_eq(w->person.consents[i].name, e->needs) && span_eq(w->person.consents[i].version, e->needs_version))
            return true;
    for (size_t i = 0; i < w->result.effect_count && &w->result.effects[i] != e; i++) {
        const struct effect *earlier = &w->result.effects[i];
        if (earlier->kind == EFFECT_AGREE && span_eq(earlier->name, e->needs))
            return true;
    }
    return false;
}

/* The team that the case's flags name: `restrict minor to safeguarding`. One flag that takes it out of casework is
 * enough. */
static struct span case_team(const struct work *w, const struct effect *e)
{
    const struct settings *settings = w->g->parts.settings;
    struct span team = SPAN("casework");
    for (size_t f = 0; f < e->flag_count; f++)
        for (size_t i = 0; i < settings->restrict_count; i++)
            if (span_eq(settings->restricts[i].flag, e->flags[f]) && !span_is(settings->restricts[i].team, "casework"))
                team = settings->restricts[i].team;
    return team;
}

/* The key that the team has now. Nobody there who could read what is told: then it is not taken (`serve` does not start
 * like that). */
static int team_now(struct work *w, const struct effect *e, struct team_generation *team)
{
    int rc = team_newest(w->g->parts.vault, w->g->parts.store, case_team(w, e), w->g->arena, team);
    return rc == ERR_MISSING ? ERR_REFUSED : rc;
}

/* What the person told us; with a known person also the key of this conversation's turns, so that whoever may read the
 * case can read the conversation in which it was made, and no other. */
static struct told_answers told_of(const struct work *w, const struct effect *e)
{
    const struct span turn_key = {(const char *)w->session.turn_key, VAULT_KEY_BYTES};
    return (struct told_answers){.language = e->language,
                                 .fields = e->fields,
                                 .field_count = e->field_count,
                                 .turn_key = e->anonymous ? (struct span){0} : turn_key};
}

struct case_boxes {
    struct str summary, kind, answers;
};

static bool has_flag(const struct effect *e, struct span flag)
{
    for (size_t i = 0; i < e->flag_count; i++)
        if (span_eq(e->flags[i], flag))
            return true;
    return false;
}

/* What staff marked the case with stays, whatever the person corrects. */
static int keep_marks(struct work *w, const struct effect *e, const struct store_case *open, struct told_summary *to)
{
    struct told_summary was = {0};
    struct span box;
    struct str plain = STR_INIT(TOLD_MAX);
    int rc = store_case_summary(w->g->parts.store, open->id, w->g->arena, &box);
    if (rc == 0 && told_summary_unbox(w->g->parts.vault, e->reference, box, &plain, w->g->arena, &was) < 0) {
        log_event(LOG_ERROR, "case summary does not open: the row was changed", LOG_INT("case", open->id));
        was = (struct told_summary){0};
    }
    struct span *all = arena_array(w->g->arena, e->flag_count + was.marked + 1, sizeof *all);
    if (rc == 0 && !all)
        rc = ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < e->flag_count; i++)
        all[to->flag_count++] = e->flags[i];
    for (size_t i = was.flag_count - was.marked; rc == 0 && i < was.flag_count; i++) {
        bool said = has_flag(e, was.flags[i]);
        if (!said)
            all[to->flag_count++] = arena_copy(w->g->arena, was.flags[i]);
        to->marked += !said;
    }
    if (was.marked && span_is(was.priority, "urgent"))
        to->priority = SPAN("urgent");
    to->flags = all;
    vault_forget(&plain);
    return rc;
}

static int summary_box(struct work *w, const struct effect *e, const struct store_case *open, struct str *box)
{
    struct told_summary summary = {.kind = e->name, .priority = e->priority};
    int rc = 0;
    if (open) {
        rc = keep_marks(w, e, open, &summary);
    } else {
        summary.flags = e->flags;
        summary.flag_count = e->flag_count;
    }
    return rc < 0 ? rc : told_summary_box(w->g->parts.vault, e->reference, &summary, box);
}

static int case_boxes(struct work *w, const struct effect *e, const struct store_case *open,
                      const unsigned char *public_key, struct case_boxes *b)
{
    const struct vault *v = w->g->parts.vault;
    const struct told_answers answers = told_of(w, e);
    int rc = summary_box(w, e, open, &b->summary);
    if (rc == 0)
        rc = told_kind_box(v, e->reference, e->name, &b->kind);
    return rc < 0 ? rc : told_answers_seal(public_key, e->reference, &answers, &b->answers);
}

static const struct store_case *open_case(const struct work *w, const struct effect *e)
{
    for (size_t i = 0; i < w->st->case_count; i++)
        if (w->st->cases[i].open && span_eq(w->st->cases[i].reference, e->reference))
            return &w->st->cases[i];
    return NULL;
}

static struct span first_status(const struct work *w, const struct effect *e)
{
    uint16_t kind = program_case(w->program, e->name);
    const struct menu_case *c = kind == PROGRAM_NONE ? NULL : &w->program->cases[kind];
    return c && c->status_count ? c->statuses[0].word : SPAN("new");
}

static int case_write(struct work *w, const struct effect *e, const struct store_case *open, const struct case_boxes *b,
                      int64_t *id)
{
    struct store *s = w->g->parts.store;
    if (open) {
        *id = open->id;
        return store_case_correct(s, open->id, str_span(&b->summary), str_span(&b->answers), w->day);
    }
    return store_case_add(s,
                          &(struct store_case_row){.person_id = e->anonymous ? 0 : w->st->person_id,
                                                   .reference = e->reference,
                                                   .status = first_status(w, e),
                                                   .day = w->day,
                                                   .summary_box = str_span(&b->summary),
                                                   .kind_box = str_span(&b->kind),
                                                   .answers_seal = str_span(&b->answers)},
                          id);
}

/* A case opened: the conversation goes along with it. An anonymous one leaves no turn behind, and no answer in the
 * session. */
static int turns_settle(struct work *w, const struct effect *e)
{
    struct store *s = w->g->parts.store;
    if (!e->anonymous) {
        w->session.registered = true;
        return w->st->session_id ? store_turns_adopt(s, w->st->session_id, w->st->person_id) : 0;
    }
    w->unlinked = true;
    struct dialogue *d = &w->session.dialogue;
    for (size_t i = 0; i < d->value_count; i++)
        for (size_t f = 0; f < e->field_count; f++)
            if (span_eq(w->program->slots[d->values[i].slot].name, e->fields[f].name))
                d->values[i].text = (struct span){0};
    return w->session.registered || !w->st->session_id ? 0 : store_turns_drop(s, w->st->session_id);
}

static int do_register(struct work *w, const struct effect *e)
{
    if (!e->anonymous && (!consent_holds(w, e) || !w->st->person_id))
        return ERR_NOT_NOW; // the dialogue's guard refuses this; a slip there must not open a record
    const struct store_case *open = e->correction ? open_case(w, e) : NULL;
    struct case_boxes b = {STR_INIT(EFFECT_MAX), STR_INIT(EFFECT_MAX), STR_INIT(EFFECT_MAX)};
    struct team_generation team;
    struct case_key key = {.seal = STR_INIT(EFFECT_MAX)};
    int64_t id;
    int rc = team_now(w, e, &team);
    if (rc == 0)
        rc = case_key_choose(w, &team, e->anonymous, open, &key);
    if (rc == 0)
        rc = case_boxes(w, e, open, key.public_key, &b);
    if (rc == 0)
        rc = case_write(w, e, open, &b, &id);
    if (rc == 0)
        rc = case_key_store(w, &key, id);
    if (rc == 0)
        rc = turns_settle(w, e);
    str_release(&key.seal);
    str_release(&b.summary);
    str_release(&b.kind);
    str_release(&b.answers);
    return rc;
}

static const struct store_case *first_open(const struct work *w)
{
    for (size_t i = 0; i < w->st->case_count; i++)
        if (w->st->cases[i].open)
            return &w->st->cases[i];
    return NULL;
}

/* An SMS that fits nothing joins the person's open case, readable to whoever may read the case. */
static int do_forward(struct work *w, const struct effect *e)
{
    const struct store_case *open = first_open(w);
    if (!open)
        return 0;
    unsigned char key[VAULT_PUBLIC_BYTES];
    struct store *s = w->g->parts.store;
    struct str seal = STR_INIT(EFFECT_MAX);
    struct told_place place = {.reference = open->reference};
    int rc = case_note_key(w, open->id, key);
    if (rc == 0)
        rc = store_case_note(s, open->id, w->day, &place.id);
    if (rc == 0)
        rc = told_message_seal(key, &place, w->now_ms, e->text, &seal);
    if (rc == 0)
        rc = store_note_seal(s, place.id, str_span(&seal));
    str_release(&seal);
    return rc;
}

/* ---- messages ---- */

/* A send is the answer to what the person just chose, so it may leave also after a stop (design, truth 3). */
static int do_send(struct work *w, const struct effect *e)
{
    return send_message(w, e->text, MESSAGE_ANSWER);
}

/* ---- all of them ---- */

static const struct {
    int (*run)(struct work *w, const struct effect *e);
    const char *event; /* counted under this name (store/statistics.h); NULL: not here */
} effect_table[] = {
    [EFFECT_AGREE] = {do_agree, "consent-agree"},
    [EFFECT_REFUSE] = {do_refuse, "consent-refuse"},
    [EFFECT_WITHDRAW] = {do_withdraw, NULL}, // consent.c counts it, for it comes by other ways too
    [EFFECT_ERASE] = {do_erase, NULL},
    [EFFECT_RESTART] = {do_restart, "restarted"},
    [EFFECT_REGISTER] = {do_register, "case"},
    [EFFECT_SEND] = {do_send, "sent"},
    [EFFECT_FORWARD] = {do_forward, "forwarded"},
};

/* "No" and START leave something only where there is something to take back. */
static bool leaves(const struct work *w, const struct effect *e)
{
    if (e->kind == EFFECT_REFUSE)
        return w->st->consent_count > 0;
    return e->kind != EFFECT_RESTART || w->st->stopped;
}

bool effects_leave(const struct work *w)
{
    bool any = false;
    for (size_t i = 0; i < w->result.effect_count && !any; i++)
        any = leaves(w, &w->result.effects[i]);
    return any;
}

/* Without the screen: what people did is told by week, channel and language. */
static void effect_count(struct work *w, const struct effect *e)
{
    const char *event = effect_table[e->kind].event;
    if (e->kind == EFFECT_REGISTER) // one case, however often it is corrected
        event = e->correction ? "corrected" : arena_printf(w->g->arena, "%s-%.*s", event, SPAN_ARG(e->name)).p;
    if (event)
        traffic_count(w, (struct span){0}, event);
}

int effects_do(struct work *w)
{
    for (size_t i = 0; i < w->result.effect_count; i++) {
        const struct effect *e = &w->result.effects[i];
        int rc = effect_table[e->kind].run(w, e);
        if (rc < 0)
            return rc;
        effect_count(w, e);
    }
    return 0;
}
