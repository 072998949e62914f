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
#include "base/pack.h"
#include "gateway/consent.h"
#include "gateway/traffic.h"
#include "vault/outbound.h"

#include <string.h>

enum { EFFECT_PAD = 128, EFFECT_MAX = 64 * 1024 };

static const struct span holder_day = {.p = "day", .len = 3};

/* ---- the data subject ---- */

static struct span raw(const unsigned char *bytes, size_t len)
{
    return (struct span){(const char *)bytes, len};
}

/* Keeps the person's secret half under the day key, until they register or the day is over. */
static int secret_keep(struct work *w, const struct vault_pair *pair)
{
    struct str box = STR_INIT(EFFECT_MAX);
    const struct vault_secret *day = keys_day(&w->g->keys, w->g->parts.store, w->day);
    pack_number(&box, (uint64_t)w->day);
    int rc = vault_secret_box(day, raw(pair->public_key, VAULT_PUBLIC_BYTES), raw(pair->secret_key, VAULT_KEY_BYTES), 1,
                              &box);
    if (rc == 0)
        rc = store_person_seal(w->g->parts.store, w->st->person_id, holder_day, str_span(&box));
    str_release(&box);
    return rc;
}

static int subject_row(struct work *w, const struct vault_pair *pair, struct span language)
{
    const struct vault *v = w->g->parts.vault;
    struct str language_box = STR_INIT(EFFECT_MAX), number_seal = STR_INIT(EFFECT_MAX);
    struct span digits = span_of(w->t->in.from.digits);
    int rc = vault_box(v, VAULT_RECORD, SPAN("person language"), language, EFFECT_PAD / 4, &language_box);
    if (rc == 0)
        rc = vault_seal(pair->public_key, SPAN("person number"), digits, 16, &number_seal);
    struct store_person row = {.language_box = str_span(&language_box), .number_seal = str_span(&number_seal)};
    memcpy(row.public_key, pair->public_key, sizeof row.public_key);
    if (rc == 0)
        rc = store_person_add(w->g->parts.store, w->st, &row, w->day);
    str_release(&language_box);
    str_release(&number_seal);
    return rc;
}

/* Makes the person behind this turn's number. Whoever agrees after having withdrawn is made anew, with a key of their
 * own: what they told before stays closed. */
static int subject_need(struct work *w, struct span language)
{
    int rc = store_number_need(w->g->parts.store, w->st, w->day);
    if (rc < 0 || (w->st->person_id && w->st->consent_count))
        return rc;
    struct vault_pair pair;
    vault_pair_new(&pair);
    rc = subject_row(w, &pair, language);
    memcpy(w->st->person_public, pair.public_key, sizeof pair.public_key);
    if (rc == 0)
        rc = secret_keep(w, &pair);
    vault_wipe(&pair, sizeof pair);
    return rc;
}

/* The person's secret half as kept under a day key; ERR_MISSING where a team holds it already or the day is over. */
static int secret_open(struct work *w, struct str *secret)
{
    struct span box;
    int rc = store_person_seal_get(w->g->parts.store, w->st->person_id, holder_day, w->g->arena, &box);
    if (rc < 0)
        return rc;
    struct unpack u = unpack_start(box);
    int64_t day = (int64_t)unpack_number(&u, INT64_MAX);
    const struct vault_secret *key = keys_day(&w->g->keys, w->g->parts.store, day);
    if (!key)
        return ERR_MISSING;
    return vault_secret_unbox(key, raw(w->st->person_public, VAULT_PUBLIC_BYTES), u.left, secret);
}

/* Hands the person's secret to a team and forgets the day's copy. ERR_MISSING where another team alone holds it, or
 * nobody any more. */
static int secret_hand_over(struct work *w, const struct team_key *team)
{
    struct str secret = STR_INIT(EFFECT_MAX), seal = STR_INIT(EFFECT_MAX);
    int rc = secret_open(w, &secret);
    if (rc == 0)
        rc = vault_seal(team->public_key, raw(w->st->person_public, VAULT_PUBLIC_BYTES), str_span(&secret), 1, &seal);
    if (rc == 0)
        rc = store_person_seal(w->g->parts.store, w->st->person_id, span_of(team->name), str_span(&seal));
    if (rc == 0)
        rc = store_person_unseal(w->g->parts.store, w->st->person_id, holder_day);
    if (secret.p)
        vault_wipe(secret.p, secret.len);
    str_release(&secret);
    str_release(&seal);
    return rc;
}

/* What this team will read a case with: the person's key, where the team holds its secret or can be given it; else the
 * team's own. */
static int case_key(struct work *w, const struct team_key *team, const unsigned char **public_key)
{
    *public_key = w->st->person_public;
    struct span seal;
    int rc = store_person_seal_get(w->g->parts.store, w->st->person_id, span_of(team->name), w->g->arena, &seal);
    if (rc == ERR_MISSING)
        rc = secret_hand_over(w, team);
    if (rc != ERR_MISSING)
        return rc;
    *public_key = team->public_key;
    return 0;
}

/* ---- consent ---- */

static struct consent_note note_of(const struct work *w, const struct effect *e)
{
    return (struct consent_note){.channel = channel_name(w->t->channel),
                                 .language = e->language,
                                 .typed = e->typed,
                                 .text = e->text,
                                 .seen = e->seen,
                                 .seen_count = e->seen_count,
                                 .at_s = w->now_ms / 1000};
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
    return rc < 0 ? rc
                  : consent_add(w->g->parts.vault, s, w->st, &(struct consent_act){e->name, e->version, SPAN("agree")},
                                &note);
}

static int withdraw_as(struct work *w, const struct effect *e, struct span action)
{
    struct consent_note note = note_of(w, e);
    w->withdrawn = true;
    return consent_withdraw(w->g->parts.vault, w->g->parts.store, w->st, action, &note);
}

static int do_withdraw(struct work *w, const struct effect *e)
{
    return withdraw_as(w, e, SPAN("withdraw"));
}

/* "No" leaves nothing behind; only a consent that had been given is taken back. */
static int do_refuse(struct work *w, const struct effect *e)
{
    return w->st->consent_count ? withdraw_as(w, e, SPAN("withdraw")) : 0;
}

static int do_erase(struct work *w, const struct effect *e)
{
    int rc = withdraw_as(w, e, SPAN("erase"));
    return rc < 0 || !w->st->person_id ? rc : store_person_erase(w->g->parts.store, w->st);
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

/* The team that the case's flags name: `restrict minor to safeguarding`. */
static const struct team_key *case_team(const struct work *w, const struct effect *e)
{
    const struct settings *settings = w->g->parts.settings;
    for (size_t f = 0; f < e->flag_count; f++)
        for (size_t i = 0; i < settings->restrict_count; i++)
            if (span_eq(settings->restricts[i].flag, e->flags[f]))
                return keys_team(&w->g->keys, settings->restricts[i].team);
    return keys_team(&w->g->keys, SPAN("casework"));
}

static void pack_summary(struct str *out, const struct effect *e, bool to_team)
{
    pack_number(out, to_team); // whose key opens the answers
    pack_span(out, e->name);
    pack_span(out, e->priority);
    pack_number(out, e->flag_count);
    for (size_t i = 0; i < e->flag_count; i++)
        pack_span(out, e->flags[i]);
}

/* What the person told us; with a known person also the key of this conversation's turns, so that whoever may read the
 * case can read the conversation in which it was made, and no other. */
static void pack_answers(struct str *out, const struct work *w, const struct effect *e)
{
    pack_span(out, e->language);
    pack_number(out, e->field_count);
    for (size_t i = 0; i < e->field_count; i++) {
        pack_span(out, e->fields[i].name);
        pack_span(out, e->fields[i].value);
    }
    if (!e->anonymous)
        pack_span(out, raw(w->session.turn_key, VAULT_KEY_BYTES));
}

struct case_boxes {
    struct str plain, summary, kind, answers;
};

static int case_boxes(struct work *w, const struct effect *e, const unsigned char *public_key, struct case_boxes *b)
{
    const struct vault *v = w->g->parts.vault;
    pack_summary(&b->plain, e, public_key != w->st->person_public);
    int rc = vault_box(v, VAULT_RECORD, SPAN("case summary"), str_span(&b->plain), EFFECT_PAD, &b->summary);
    if (rc == 0)
        rc = vault_box(v, VAULT_RECORD, SPAN("case kind"), e->name, EFFECT_PAD / 4, &b->kind);
    str_clear(&b->plain);
    pack_answers(&b->plain, w, e);
    if (rc == 0)
        rc = str_err(&b->plain);
    if (rc == 0)
        rc = vault_seal(public_key, SPAN("case answers"), str_span(&b->plain), EFFECT_PAD, &b->answers);
    return rc;
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

static int case_write(struct work *w, const struct effect *e, const struct case_boxes *b)
{
    struct store *s = w->g->parts.store;
    const struct store_case *open = e->correction ? open_case(w, e) : NULL;
    if (open)
        return store_case_correct(s, open->id, str_span(&b->summary), str_span(&b->answers), w->day);
    int64_t id;
    return store_case_add(s,
                          &(struct store_case_row){.person_id = e->anonymous ? 0 : w->st->person_id,
                                                   .reference = e->reference,
                                                   .status = first_status(w, e),
                                                   .day = w->day,
                                                   .summary_box = str_span(&b->summary),
                                                   .kind_box = str_span(&b->kind),
                                                   .answers_seal = str_span(&b->answers)},
                          &id);
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
    const struct team_key *team = case_team(w, e);
    if (!e->anonymous && (!consent_holds(w, e) || !w->st->person_id))
        return ERR_NOT_NOW; // the dialogue's guard refuses this; a slip there must not open a record
    struct case_boxes b = {STR_INIT(EFFECT_MAX), STR_INIT(EFFECT_MAX), STR_INIT(EFFECT_MAX), STR_INIT(EFFECT_MAX)};
    const unsigned char *public_key = team->public_key;
    int rc = e->anonymous ? 0 : case_key(w, team, &public_key);
    if (rc == 0)
        rc = case_boxes(w, e, public_key, &b);
    if (rc == 0)
        rc = case_write(w, e, &b);
    if (rc == 0)
        rc = turns_settle(w, e);
    str_release(&b.plain);
    str_release(&b.summary);
    str_release(&b.kind);
    str_release(&b.answers);
    return rc;
}

/* An SMS that fits nothing joins the person's open case, readable to whoever may read the case. */
static int do_forward(struct work *w, const struct effect *e)
{
    for (size_t i = 0; i < w->st->case_count; i++) {
        if (!w->st->cases[i].open)
            continue;
        struct str seal = STR_INIT(EFFECT_MAX);
        int rc = vault_seal(w->st->person_public, SPAN("case note"), e->text, EFFECT_PAD, &seal);
        if (rc == 0)
            rc = store_case_note(w->g->parts.store, w->st->cases[i].id, w->day, str_span(&seal));
        str_release(&seal);
        return rc;
    }
    return 0;
}

/* ---- messages ---- */

static const struct channel *sending_channel(const struct work *w)
{
    if (channel_medium(w->t->channel) == MEDIUM_SMS && !channel_answers_inline(w->t->channel))
        return w->t->channel;
    const struct channel *named = channel_set_get(w->g->parts.channels, w->g->parts.settings->sms_channel);
    return named ? named : w->t->channel;
}

int effects_send(struct work *w, struct span text, enum message_class class)
{
    int rc = store_number_need(w->g->parts.store, w->st, w->day);
    if (rc < 0)
        return rc;
    struct str box = STR_INIT(EFFECT_MAX);
    int64_t id;
    rc = outbound_box(w->g->parts.vault, &w->t->in.from, text, &box);
    if (rc == 0)
        rc = store_outbox_add(w->g->parts.store, w->st, channel_name(sending_channel(w)), class, w->now_ms,
                              str_span(&box), &id);
    if (rc == 0)
        w->g->queued_messages = true;
    str_release(&box);
    return rc;
}

/* A send is the answer to what the person just chose, so it may leave also after a stop (design, truth 3). */
static int do_send(struct work *w, const struct effect *e)
{
    return effects_send(w, e->text, MESSAGE_ANSWER);
}

/* ---- all of them ---- */

static const struct {
    int (*run)(struct work *w, const struct effect *e);
    const char *event; /* counted under this name */
} effect_table[] = {
    [EFFECT_AGREE] = {do_agree, "agreed"},
    [EFFECT_REFUSE] = {do_refuse, "refused"},
    [EFFECT_WITHDRAW] = {do_withdraw, "withdrew"},
    [EFFECT_ERASE] = {do_erase, "erased"},
    [EFFECT_RESTART] = {do_restart, "restarted"},
    [EFFECT_REGISTER] = {do_register, "registered"},
    [EFFECT_SEND] = {do_send, "sent"},
    [EFFECT_FORWARD] = {do_forward, "forwarded"},
};

int effects_do(struct work *w)
{
    for (size_t i = 0; i < w->result.effect_count; i++) {
        const struct effect *e = &w->result.effects[i];
        int rc = effect_table[e->kind].run(w, e);
        if (rc < 0)
            return rc;
        traffic_count(w, w->result.screen_name, effect_table[e->kind].event);
    }
    return 0;
}
