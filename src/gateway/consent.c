// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/consent.h"

#include "base/clock.h"
#include "base/err.h"
#include "gateway/withdraw.h"
#include "vault/told.h"

#include <string.h>

enum { CONSENT_MAX = 64 * 1024, TYPED_MAX = 1024, ACTS_MAX = 8, WITHDRAW_ARENA = 1024 * 1024 };

static void chain_link(void *vault, const unsigned char *previous, struct span row, unsigned char *next)
{
    vault_chain(vault, previous, row, next);
}

/* What was done because of a withdrawal, for its rows. */
struct acts {
    struct told_act list[ACTS_MAX];
    size_t count;
};

static void acted(struct acts *a, struct span name, int64_t count)
{
    if (count && a->count < ACTS_MAX)
        a->list[a->count++] = (struct told_act){name, count};
}

static int row_add(const struct vault *v, struct store *s, int64_t person, const struct consent_act *act,
                   const struct consent_note *note, const struct acts *acts)
{
    const struct told_consent told = {.language = note->language,
                                      .typed = span_first(note->typed, TYPED_MAX),
                                      .seen = note->seen,
                                      .seen_count = note->seen_count,
                                      .acts = acts ? acts->list : NULL,
                                      .act_count = acts ? acts->count : 0};
    struct str box = STR_INIT(CONSENT_MAX);
    int rc = told_consent_box(v, person, &told, &box);
    struct store_consent_row row = {.person_id = person,
                                    .name = act->name,
                                    .version = act->version,
                                    .channel = note->channel,
                                    .action = act->action,
                                    .at_s = note->at_s,
                                    .detail_box = str_span(&box)};
    vault_hash(note->text, row.text_hash);
    vault_hash(row.detail_box, row.detail_hash);
    if (rc == 0 && note->text.len)
        rc = store_text_keep(s, row.text_hash, note->text);
    if (rc == 0)
        rc = store_consent_add(s, &row, chain_link, (void *)v);
    str_release(&box);
    return rc;
}

int consent_add(const struct vault *v, struct store *s, const struct store_turn *st, const struct consent_act *act,
                const struct consent_note *note)
{
    return row_add(v, s, st->person_id, act, note, NULL);
}

/* A STOP is done whatever comes of this. */
static int case_forbids_texts(const struct vault *v, struct store *s, const struct store_case *c, struct arena *a,
                              bool *forbids)
{
    struct str plain = STR_INIT(CONSENT_MAX);
    struct told_summary told = {0};
    struct span box;
    int rc = store_case_summary(s, c->id, a, &box);
    if (rc == 0 && box.len && told_summary_unbox(v, c->reference, box, &plain, a, &told) < 0)
        *forbids = true;
    for (size_t i = 0; i < told.flag_count && !*forbids; i++)
        *forbids = span_is(told.flags[i], "do-not-text");
    str_release(&plain);
    return rc;
}

int consent_untexted(const struct vault *v, struct store *s, const struct store_turn *st, bool *untexted)
{
    *untexted = st->untexted;
    if (*untexted || !st->case_count)
        return 0;
    struct arena *a = arena_new(WITHDRAW_ARENA);
    int rc = a ? 0 : ERR_NOMEM;
    for (size_t i = 0; i < st->case_count && rc == 0; i++)
        rc = case_forbids_texts(v, s, &st->cases[i], a, untexted);
    arena_free(a);
    return rc;
}

/* The case that says that no texts were asked for is soon withdrawn or erased; so this stays with the number. */
static int stop_contact(const struct vault *v, struct store *s, struct store_turn *st, int64_t day, struct acts *acts)
{
    bool untexted;
    int rc = consent_untexted(v, s, st, &untexted);
    if (rc == 0)
        rc = store_number_need(s, st, day);
    if (rc == 0)
        rc = store_contact_set(s, st, day);
    if (rc == 0)
        acted(acts, SPAN("messages cancelled"), store_changed(s));
    return rc == 0 && untexted ? store_untexted_set(s, st) : rc;
}

/* For the statistics; the dialogue counts who agrees. */
static int counted(struct store *s, const struct consent_note *note, const char *event, int64_t number)
{
    const struct store_counter what = {.channel = note->channel, .language = note->language, .event = span_of(event)};
    return number ? store_count(s, day_of_ms(note->at_s * 1000), &what, number) : 0;
}

static int close_to_casework(struct store *s, const struct store_turn *st, const struct consent_note *note,
                             struct acts *acts)
{
    int rc = store_case_withdraw(s, st->person_id, day_of_ms(note->at_s * 1000));
    int64_t closed = rc == 0 ? store_changed(s) : 0;
    acted(acts, SPAN("cases closed"), closed);
    if (rc == 0)
        rc = counted(s, note, "status-withdrawn", closed);
    if (rc == 0)
        rc = store_person_unseal(s, st->person_id, SPAN("casework"));
    if (rc == 0)
        acted(acts, SPAN("keys of casework destroyed"), store_changed(s));
    return rc < 0 ? rc : store_person_unseal(s, st->person_id, SPAN("day"));
}

int consent_withdraw(const struct vault *v, struct store *s, struct store_turn *st, const struct consent_note *note)
{
    struct acts acts = {0};
    int64_t day = day_of_ms(note->at_s * 1000);
    int rc = stop_contact(v, s, st, day, &acts);
    if (rc == 0 && st->person_id)
        rc = close_to_casework(s, st, note, &acts);
    acted(&acts, note->confirmed, note->confirmed.len > 0);
    for (size_t i = 0; i < st->consent_count && rc == 0; i++)
        rc = row_add(v, s, st->person_id,
                     &(struct consent_act){st->consents[i].name, st->consents[i].version, SPAN("withdraw")}, note,
                     &acts);
    return rc < 0 ? rc : counted(s, note, "consent-withdraw", st->consent_count > 0);
}

/* Of each consent in force; where none is any more, of none by name. */
static int erase_rows(const struct vault *v, struct store *s, const struct store_turn *was,
                      const struct consent_note *note, const struct acts *acts)
{
    int rc = 0;
    const struct consent_note bare = {.channel = note->channel, .at_s = note->at_s}; // without content
    for (size_t i = 0; i < was->consent_count && rc == 0; i++)
        rc =
            row_add(v, s, was->person_id,
                    &(struct consent_act){was->consents[i].name, was->consents[i].version, SPAN("erase")}, &bare, acts);
    if (rc == 0 && !was->consent_count && was->person_id)
        rc = row_add(v, s, was->person_id, &(struct consent_act){.action = SPAN("erase")}, &bare, acts);
    return rc;
}

int consent_erase(const struct vault *v, struct store *s, struct store_turn *st, const struct consent_note *note)
{
    struct acts acts = {0};
    int rc = stop_contact(v, s, st, day_of_ms(note->at_s * 1000), &acts);
    const struct store_turn was = *st;
    int64_t before = store_changes(s);
    if (rc == 0)
        rc = store_person_erase(s, st);
    acted(&acts, SPAN("rows destroyed"), store_changes(s) - before);
    acted(&acts, note->confirmed, note->confirmed.len > 0);
    if (rc == 0)
        rc = counted(s, note, "status-erased", (int64_t)was.case_count);
    if (rc == 0)
        rc = counted(s, note, "consent-erase", was.person_id != 0);
    return rc < 0 ? rc : erase_rows(v, s, &was, note, &acts);
}

static int audit_number(const struct vault *v, struct store *s, const struct store_turn *st, struct span actor,
                        struct span action, int64_t at_s)
{
    char object[32];
    snprintf(object, sizeof object, "number %lld", (long long)st->number_id); // the row's, which is nobody's phone
    return store_audit_add(s, at_s, actor, action, span_of(object), chain_link, (void *)v);
}

int withdraw_opted_out(const struct vault *v, struct store *s, struct store_turn *st, struct span channel,
                       int64_t now_ms)
{
    struct consent_note note = {
        .channel = channel, .typed = SPAN("opted out at the aggregator"), .at_s = now_ms / 1000};
    if (st->stopped)
        return 0;
    int rc = consent_withdraw(v, s, st, &note);
    return rc < 0 ? rc : audit_number(v, s, st, channel, SPAN("opted-out"), note.at_s);
}

/* A turn that has nothing but a number. */
static int number_load(struct store *s, const struct store_index *number, int64_t now_ms, struct arena **a,
                       struct store_turn *st)
{
    *a = arena_new(WITHDRAW_ARENA);
    *st = (struct store_turn){.number_key = *number};
    return *a ? store_load(s, st, 1, now_ms / 1000, *a) : ERR_NOMEM;
}

int withdraw_key(const struct vault *v, struct store *s, const struct store_index *number, struct span channel,
                 int64_t now_ms)
{
    struct arena *a;
    struct store_turn st;
    int rc = number_load(s, number, now_ms, &a, &st);
    if (rc == 0)
        rc = withdraw_opted_out(v, s, &st, channel, now_ms);
    arena_free(a);
    return rc;
}

/* The same by the number itself. */
static int number_find(const struct vault *v, struct store *s, const struct msisdn *number, int64_t now_ms,
                       struct arena **a, struct store_turn *st)
{
    struct store_index index;
    *a = NULL;
    if (!number->digits[0])
        return ERR_RANGE; // nobody's: whoever was meant would not be stopped
    struct blind key = vault_blind_number(v, number);
    memcpy(index.bytes, key.bytes, sizeof index.bytes);
    return number_load(s, &index, now_ms, a, st);
}

int withdraw_number(const struct vault *v, struct store *s, const struct msisdn *number, int64_t now_ms)
{
    struct arena *a;
    struct store_turn st;
    int rc = number_find(v, s, number, now_ms, &a, &st);
    struct consent_note note = {.channel = SPAN("voice"), .at_s = now_ms / 1000};
    if (rc == 0)
        rc = consent_withdraw(v, s, &st, &note);
    arena_free(a);
    return rc;
}

/* What they read before they had a number here, on whatever channel. */
int consent_erase_sessions(const struct vault *v, struct store *s, const struct channel_set *channels,
                           const struct msisdn *number)
{
    const struct channel *c;
    int rc = 0;
    for (size_t i = 0; (c = channel_set_at(channels, i)) && rc == 0; i++) {
        struct blind blind = vault_blind(v, BLIND_SESSION, channel_name(c), span_of(number->digits));
        struct store_index caller;
        memcpy(caller.bytes, blind.bytes, sizeof caller.bytes);
        rc = store_caller_erase(s, &caller);
    }
    return rc;
}

int withdraw_erase(const struct vault *v, struct store *s, const struct channel_set *channels,
                   const struct msisdn *number, struct span actor, int64_t now_ms)
{
    struct arena *a;
    struct store_turn st;
    int rc = number_find(v, s, number, now_ms, &a, &st);
    struct consent_note note = {.channel = SPAN("voice"), .at_s = now_ms / 1000};
    if (rc == 0)
        rc = consent_erase_sessions(v, s, channels, number);
    if (rc == 0)
        rc = consent_erase(v, s, &st, &note);
    if (rc == 0)
        rc = audit_number(v, s, &st, actor, SPAN("erase-by-voice"), note.at_s);
    arena_free(a);
    return rc;
}
