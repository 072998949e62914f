// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/consent.h"

#include "base/clock.h"
#include "base/err.h"
#include "gateway/withdraw.h"
#include "vault/told.h"

#include <string.h>

enum { CONSENT_MAX = 64 * 1024, WITHDRAW_ARENA = 1024 * 1024 };

static void chain_link(void *vault, const unsigned char *previous, struct span row, unsigned char *next)
{
    vault_chain(vault, previous, row, next);
}

/* Language, answer and what had been seen before, boxed: the ledger proves them without telling them to whoever has the
 * disk. */
static int note_box(const struct vault *v, const struct consent_note *note, struct str *box)
{
    const struct told_consent told = {note->language, note->typed, note->seen, note->seen_count};
    return told_consent_box(v, &told, box);
}

int consent_add(const struct vault *v, struct store *s, const struct store_turn *st, const struct consent_act *act,
                const struct consent_note *note)
{
    struct str box = STR_INIT(CONSENT_MAX);
    int rc = note_box(v, note, &box);
    struct store_consent_row row = {.person_id = st->person_id,
                                    .name = act->name,
                                    .version = act->version,
                                    .channel = note->channel,
                                    .action = act->action,
                                    .at_s = note->at_s,
                                    .detail_box = str_span(&box)};
    vault_hash(note->text, row.text_hash);
    if (rc == 0 && note->text.len)
        rc = store_text_keep(s, row.text_hash, note->text);
    if (rc == 0)
        rc = store_consent_add(s, &row, chain_link, (void *)v);
    str_release(&box);
    return rc;
}

int consent_withdraw(const struct vault *v, struct store *s, struct store_turn *st, struct span action,
                     const struct consent_note *note)
{
    int64_t day = day_of_ms(note->at_s * 1000);
    int rc = store_number_need(s, st, day);
    if (rc == 0)
        rc = store_contact_set(s, st, day);
    for (size_t i = 0; i < st->consent_count && rc == 0; i++)
        rc = consent_add(v, s, st, &(struct consent_act){st->consents[i].name, st->consents[i].version, action}, note);
    if (rc < 0 || !st->person_id)
        return rc;
    rc = store_case_withdraw(s, st->person_id, day);
    if (rc == 0)
        rc = store_person_unseal(s, st->person_id, SPAN("casework"));
    return rc < 0 ? rc : store_person_unseal(s, st->person_id, SPAN("day"));
}

static int audit_opted_out(const struct vault *v, struct store *s, const struct store_turn *st, struct span channel,
                           int64_t at_s)
{
    char object[32];
    snprintf(object, sizeof object, "number %lld", (long long)st->number_id); // the row's, which is nobody's phone
    return store_audit_add(s, at_s, channel, SPAN("opted-out"), span_of(object), chain_link, (void *)v);
}

int withdraw_opted_out(const struct vault *v, struct store *s, struct store_turn *st, struct span channel,
                       int64_t now_ms)
{
    struct consent_note note = {
        .channel = channel, .typed = SPAN("opted out at the aggregator"), .at_s = now_ms / 1000};
    if (st->stopped)
        return 0;
    int rc = consent_withdraw(v, s, st, SPAN("withdraw"), &note);
    return rc < 0 ? rc : audit_opted_out(v, s, st, channel, note.at_s);
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

int withdraw_number(const struct vault *v, struct store *s, const struct msisdn *number, int64_t now_ms)
{
    struct arena *a;
    struct store_turn st;
    struct store_index index;
    struct blind key = vault_blind_number(v, number);
    memcpy(index.bytes, key.bytes, sizeof index.bytes);
    int rc = number_load(s, &index, now_ms, &a, &st);
    struct consent_note note = {.channel = SPAN("voice"), .at_s = now_ms / 1000};
    if (rc == 0)
        rc = consent_withdraw(v, s, &st, SPAN("withdraw"), &note);
    arena_free(a);
    return rc;
}
