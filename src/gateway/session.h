// SPDX-License-Identifier: AGPL-3.0-or-later
/* session - what the gateway keeps of a session beside the dialogue: how to know a repeat, and the key of its turns.
 *
 * The whole lies in one box under the day key, bound to the session's blind index.
 */
#ifndef WAYMARK_GATEWAY_SESSION_H
#define WAYMARK_GATEWAY_SESSION_H

#include "channel/trail.h"
#include "dialogue/dialogue.h"
#include "vault/vault.h"

enum { SESSION_PAD = 128, SESSION_MAX = 64 * 1024, SESSION_BUNDLE_BYTES = 8 };

/** When a text that a case needs was first offered or shown (marks.h). */
struct session_mark {
    uint8_t watch; /* menu_screen.watch */
    bool shown;
    int64_t at_s;
    char language[DIALOGUE_LANGUAGE_MAX];     /* shown: in which */
    unsigned char content[VAULT_CHAIN_BYTES]; /* shown: hash of its words */
};

struct session {
    uint64_t turns;                             /* answered so far */
    unsigned char turn_key[VAULT_KEY_BYTES];    /* seals what was shown and typed */
    unsigned char bundle[SESSION_BUNDLE_BYTES]; /* the menus it began with: first bytes of their hash */
    int64_t touched_s;                          /* last turn */
    bool registered;                            /* a case was opened in this session: its turns belong to the person */
    struct trail trail;                         /* the paths so far, without their words */
    struct span sequence;                       /* the last sequence number, where the channel has them */
    bool more;                                  /* the last answer asked for more; its text lies in its turn's row */
    struct span saw;                            /* a bit a screen that this session has shown; for the counters */
    struct span unkept;                         /* that text where the turn left no row; else empty */
    struct session_mark *marks;                 /* in order of time, in an arena */
    size_t mark_count;
    struct dialogue dialogue;
};

/** A new session: a fresh turn key, nobody has spoken. */
void session_init(struct session *s, const unsigned char bundle[32]);

/** What was told in it is forgotten; it goes on as if it had just begun. */
void session_forget(struct session *s);

/** A conversation in which somebody registered is over: it is theirs now, sealed. Kept is only by what a repeat of its
 * last request is known, and what that was answered with. */
void session_close(struct session *s, struct span answer);

/** Appends the session as bytes; session_unpack reads them, spans pointing into `bytes`. ERR_CORRUPT, ERR_NOMEM. */
int session_pack(const struct session *s, struct str *out);
int session_unpack(struct span bytes, struct arena *a, struct session *s);

#endif
