// SPDX-License-Identifier: AGPL-3.0-or-later
/* told - the forms in which what a person told lies in the store: a case's summary, its answers, notes, turns, and what
 * stands beside a consent.
 *
 * Whoever writes one is the turn loop, which has a public key; whoever reads one holds a key that somebody's passphrase
 * opened (opener.h). What is read is spans into `plain`, which the caller wipes (vault_forget).
 */
#ifndef WAYMARK_VAULT_TOLD_H
#define WAYMARK_VAULT_TOLD_H

#include "record/effect.h"
#include "vault/opener.h"

enum { TOLD_MAX = 64 * 1024 };

/** What a case list shows, under the master key. */
struct told_summary {
    struct span kind, priority;
    const struct span *flags;
    size_t flag_count;
    size_t marked; /* so many of them, the last, were set by staff: no correction of the person's takes them off */
};

/** `reference` is the case's, which the box is bound to. */
int told_summary_box(const struct vault *v, struct span reference, const struct told_summary *t, struct str *out);
int told_summary_unbox(const struct vault *v, struct span reference, struct span box, struct str *plain,
                       struct arena *a, struct told_summary *t);

/** The kind alone, which a turn of the person's needs. */
int told_kind_box(const struct vault *v, struct span reference, struct span kind, struct str *out);
int told_kind_unbox(const struct vault *v, struct span reference, struct span box, struct str *kind);

/** A person's language, under the master key; `public_key` is the person's (VAULT_PUBLIC_BYTES). */
int told_language_box(const struct vault *v, struct span public_key, struct span language, struct str *out);
int told_language_unbox(const struct vault *v, struct span public_key, struct span box, struct str *language);

/** The answers of a case, sealed to the person's key or to the case's own. */
struct told_answers {
    struct span language;
    const struct effect_field *fields;
    size_t field_count;
    struct span turn_key; /* VAULT_KEY_BYTES: opens the turns of the conversation; empty: anonymous, no turns */
};

int told_answers_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], struct span reference,
                      const struct told_answers *t, struct str *out);
int told_answers_unseal(const struct opener *o, struct span reference, struct span seal, struct str *plain,
                        struct arena *a, struct told_answers *t);

/** Where a note stands: in which case, and under which number among all notes, which grows. Moved to another place it
 * does not open. */
struct told_place {
    struct span reference;
    int64_t id;
};

/** A note that joined a case: a message of the person's, or a caseworker's. */
int told_note_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], const struct told_place *place, struct span text,
                   struct str *out);
int told_note_unseal(const struct opener *o, const struct told_place *place, struct span seal, struct str *text);

/** A message of the person's, with the time at which it came: in clear stands the day alone. told_note_unseal gives its
 * text; told_message_unseal the time too (*at_ms 0: it is a note, or from before times were kept). */
int told_message_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], const struct told_place *place, int64_t at_ms,
                      struct span text, struct str *out);
int told_message_unseal(const struct opener *o, const struct told_place *place, struct span seal, struct str *text,
                        int64_t *at_ms);

/** What is known of a call that was promised: a case has one at most that is open. */
int told_call_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], struct span reference, struct span text,
                   struct str *out);
int told_call_unseal(const struct opener *o, struct span reference, struct span seal, struct str *text);

/** The person's phone number, sealed to their key. */
int told_number_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], const struct msisdn *number, struct str *out);
int told_number_unseal(const struct opener *o, struct span seal, struct msisdn *number);

/** One text that had been shown, or only offered, before a consent was asked. */
struct told_seen {
    struct span screen;
    bool shown;
    int64_t at_s;                             /* when it was first */
    struct span language;                     /* in which it was shown; empty: offered only, or not known */
    unsigned char content[VAULT_CHAIN_BYTES]; /* hash of its words (consent_text has them); zero: as `language` */
};

/** One thing done because of a withdrawal: "messages cancelled", 2. */
struct told_act {
    struct span name;
    int64_t count;
};

/** What stands beside a row of the consent ledger, under the master key, bound to the person's row. */
struct told_consent {
    struct span language, typed; /* typed: the answer, or the words that withdrew */
    const struct told_seen *seen;
    size_t seen_count;
    const struct told_act *acts;
    size_t act_count;
};

int told_consent_box(const struct vault *v, int64_t person, const struct told_consent *t, struct str *out);
int told_consent_unbox(const struct vault *v, int64_t person, struct span box, struct str *plain, struct arena *a,
                       struct told_consent *t);

/** One turn, under its session's key; `number` is its place in the session, from 1. */
struct told_turn {
    int64_t at_ms;
    struct span screen, typed, shown;
};

int told_turn_box(const unsigned char turn_key[VAULT_KEY_BYTES], uint64_t number, const struct told_turn *t,
                  struct str *plain, struct str *out); /* `plain` is scratch */
int told_turn_unbox(const unsigned char turn_key[VAULT_KEY_BYTES], uint64_t number, struct span box, struct str *plain,
                    struct told_turn *t);

#endif
