// SPDX-License-Identifier: AGPL-3.0-or-later
/* session - who is signed in, and the keys that their passphrase opened.
 *
 * The browser holds a random token in its cookie; here only the token's hash is kept. A session ends after
 * SESSION_IDLE_MS without a request, after SESSION_LIFE_MS, at sign-out and when the process ends; its keys are wiped
 * with it. A page borrows a session with session_take and gives it back, so that signing out in another tab never takes
 * a key away in the middle of its use.
 */
#ifndef WAYMARK_CONSOLE_SESSION_H
#define WAYMARK_CONSOLE_SESSION_H

#include "base/span.h"
#include "console/site.h"
#include "record/staff.h"
#include "staff/keyring.h"
#include "vault/totp.h"

enum {
    SESSION_TOKEN = 65, /* 32 bytes in hexadecimal, and a NUL */
    SESSION_IDLE_MS = 15 * 60000,
    SESSION_LIFE_MS = 12 * 3600000,
    SESSIONS_MAX = 256, /* at once; past it the one that is idle longest ends */
};

/** What a member has to do before anything else. */
enum session_due { DUE_NOTHING, DUE_PASSPHRASE, DUE_FACTOR };

/** A second factor that is being set up: not in force before its owner has typed a code of it. */
struct session_factor {
    char uri[TOTP_URI_MAX + 1]; /* the secret, as a QR code shows it */
    char box[TOTP_BOX_MAX];
    size_t box_len;
};

enum { OPENED_MOST = 16, OPENED_AGAIN_MS = 10 * 60000 /* until an opening is written down anew */ };

/** A case that was opened, so that each look at it is not an audit row of its own. */
struct session_opened {
    int64_t case_id, at_ms;
};

struct sessions;
struct session {
    int64_t member; /* id */
    char name[STAFF_NAME_MOST + 1];
    unsigned roles;
    struct opener *identity;      /* their own pair */
    struct keyring keyring;       /* their teams' */
    _Atomic enum session_due due; /* pages of one session may be worked on by two threads */
    bool factor_lacks;            /* DUE_FACTOR comes after DUE_PASSPHRASE */
    struct session_opened opened[OPENED_MOST];
    struct session_factor *factor; /* in guarded memory; NULL: none is being set up; only for pages that are `slow` */
};

struct sessions *sessions_new(void);
void sessions_free(struct sessions *s);

/** A fresh token. */
void session_token(char token[SESSION_TOKEN]);

/** The token that forms carry: derived from the visit's, which a form of another site does not know. */
void session_csrf(const char token[SESSION_TOKEN], char csrf[SESSION_TOKEN]);

/** Begins a session under a fresh token; takes over the keys, also where it fails. ERR_NOMEM. */
int session_begin(struct sessions *s, const struct session *who, int64_t now_ms, char token[SESSION_TOKEN]);

/** The session of a token, borrowed, or NULL. `now_ms` is monotonic; `quiet`: does not count as activity. */
struct session *session_take(struct sessions *s, struct span token, int64_t now_ms, bool quiet);
void session_give(struct sessions *s, struct session *session);

/** How long a session lasts if nothing more is done in it. */
int64_t session_left_ms(struct sessions *s, const struct session *session, int64_t now_ms);

/** Which session it is, for whoever looks again later: grows, and no two have the same. */
int64_t session_serial(const struct session *session);

/** Whether it is not over; looking does not count as activity. */
bool session_lives(struct sessions *s, int64_t serial, int64_t now_ms);

/** Whether a session is of a member as they are stored now: not disabled, with the same roles and key. */
bool session_of(const struct session *session, const struct staff *member);

/** Ends those that are of none of these, of the sessions that began before `before_ms`: when these were read. */
void sessions_match(struct sessions *s, const struct staff *members, size_t count, int64_t before_ms);

/** Ends those that were idle for too long, or are too old. */
void sessions_sweep(struct sessions *s, int64_t now_ms);

/** Ends one, or all of a member. */
void session_end(struct sessions *s, struct session *session);
void session_end_member(struct sessions *s, int64_t member);

/** What a member sees of their own. */
struct session_row {
    int64_t serial;            /* known to nobody else; grows */
    int64_t began_ms, seen_ms; /* monotonic */
    bool mine;                 /* it is the one that asks */
};

/** The open ones of the same member, the newest first, at most `most`. How many there are. */
size_t session_list(struct sessions *s, const struct session *mine, struct session_row *rows, size_t most);

/** Ends another one of the same member, or (serial 0) all others. How many there were. */
size_t session_end_others(struct sessions *s, const struct session *mine, int64_t serial);

#endif
