// SPDX-License-Identifier: AGPL-3.0-or-later
/* handset - the browser phones that are in use: what each shows, and what was typed on it, as a transcript.
 *
 * They live in memory and belong to a visit; nothing of them is stored. Their numbers are those that belong to nobody
 * (+1 202 555 01xx). handset_take and handset_give enclose each use: a phone that somebody uses is nobody else's.
 */
#ifndef WAYMARK_CONSOLE_HANDSET_H
#define WAYMARK_CONSOLE_HANDSET_H

#include "base/str.h"
#include "console/port.h"

enum {
    HANDSETS_MAX = 64,        /* past it the one that was used longest ago goes */
    HANDSET_LOG = 256 * 1024, /* bytes of a transcript; what comes after is not written down */
    HANDSET_TYPED = 640,      /* bytes of an answer */
    HANDSET_SCREEN = 2048,
    HANDSET_MESSAGES = 24, /* SMS shown, the newest */
};

struct handset_message {
    bool ours; /* the person wrote it */
    int minute;
    char text[HANDSET_SCREEN];
};

struct handset {
    char visit[65];
    bool taken;
    int64_t used_ms;
    struct msisdn number;
    enum medium medium; /* which side is up */
    int64_t call;       /* number of the call under way or of the last one */
    int64_t sequence;
    bool calling;
    char language[12]; /* chosen for the next call; empty: the call asks */
    char typed[HANDSET_TYPED];
    char shown[HANDSET_SCREEN];
    char screen[64], file[512];
    int line, page, pages, used, limit;
    bool gsm, stored;
    struct handset_message messages[HANDSET_MESSAGES];
    size_t message_count;
    struct str log; /* transcript so far */
    int64_t log_minute;
    enum medium log_medium;
};

struct handsets;

struct handsets *handsets_new(void);
void handsets_free(struct handsets *h);

/** The visit's phone; a new one where it has none. Never NULL. */
struct handset *handset_take(struct handsets *h, const char *visit, int64_t now_ms);
void handset_give(struct handsets *h);

/** A new phone with another number, in the same hand. */
void handset_renew(struct handset *h);

/** Copies text into a field of `size` bytes, whole letters only. */
void handset_copy(char *to, size_t size, struct span text);

/** Adds an SMS, in place of the oldest when there are too many. */
void handset_message(struct handset *h, bool ours, int minute, struct span text);

/** Writes a turn down. `typed`: "*123#" for a dial. */
void handset_log(struct handset *h, int64_t now_ms, struct span typed, const struct port_turn *turn);

#endif
