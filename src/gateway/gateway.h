// SPDX-License-Identifier: AGPL-3.0-or-later
/* gateway - one turn, end to end, and the loop that commits turns in groups.
 *
 *     gateway_open, gateway_start, gateway_submit from any thread..., gateway_stop, gateway_close
 *
 * One thread (the turn loop) owns the store. It takes all that waits, at most settings->batch_max, begins a
 * transaction, walks the group in rounds in which no person appears twice, commits once, and only then tells each
 * turn's owner that it is done. So no screen leaves before the turn that made it is on the disk, and one person's
 * inputs are done in the order of arrival.
 *
 * A turn's life: TURN_NEW -> gateway_submit -> (waiting -> in a batch) -> done() with `outcome` and `screen` set.
 * done() is called exactly once for every turn that gateway_submit accepted, from the loop's thread or (when shed) from
 * the submitter's.
 *
 * While nothing can be stored (a full disk) who dials is informed all the same: see adrift.c.
 *
 * Files: queue.c holds what waits; loop.c is the thread; turn.c does one turn (turn.h says how it is divided);
 * effects.c does what the dialogue asked for; send.c queues messages; events.c takes delivery reports and opt-outs;
 * parts.c puts long messages together; session.c is what we keep of a session beside the dialogue; keys.c holds day
 * keys; bundles.c keeps menus by hash.
 */
#ifndef WAYMARK_GATEWAY_GATEWAY_H
#define WAYMARK_GATEWAY_GATEWAY_H

#include "base/arena.h"
#include "base/clock.h"
#include "channel/set.h"
#include "menu/program.h"
#include "record/inbound.h"
#include "record/screen.h"
#include "store/store.h"
#include "vault/vault.h"

struct gateway;

/** What the gateway is made of; all of it outlives the gateway. */
struct gateway_parts {
    const struct settings *settings;
    const struct channel_set *channels;
    const struct vault *vault;
    struct store *store;           /* belongs to the loop's thread from gateway_start on */
    const struct program *program; /* the newest menus */
    struct clock clock;
    bool drafts;                    /* offer draft languages */
    const char *data;               /* data folder, for bundles */
    void (*outbox_wake)(void *ctx); /* called after a commit that queued messages; NULL: nobody */
    void *outbox_ctx;
};

/** Where a turn came out, for whoever tries menus: the browser phone. */
struct turn_place {
    struct span screen; /* its name, in the turn's arena; empty at the engine's own questions */
    int page, pages;    /* from 0 */
    int used;           /* septets or UTF-16 units of the page */
    bool gsm;           /* counted in septets */
};

enum turn_outcome {
    TURN_ANSWERED, /* `screen` is set: committed */
    TURN_ACCEPTED, /* committed; nothing to show (an event, or an SMS whose answer leaves by the outbox) */
    TURN_SHED,     /* too busy: `screen` is the polite one; nothing was stored */
    TURN_LATE,     /* not in a batch within the deadline: as TURN_SHED */
    TURN_ADRIFT,   /* nothing can be stored now: `screen` informs, says so, and nothing was done */
    TURN_FAILED,   /* could not be stored: `screen` says so */
};

/** One request on its way through. The caller fills the upper part and keeps it alive until done() was called. */
struct turn {
    const struct channel *channel;
    struct inbound in;   /* spans valid until done() */
    struct arena *arena; /* for the answer; the loop allocates in it while the turn is in a batch */
    /** Gives back a list (through `next`) of turns that are done, in the order in which they were submitted. It must be
     * quick: it runs on the turn loop's thread, or on the submitter's where the turn was shed. */
    void (*done)(void *sink, struct turn *first);
    void *sink;  /* turns of one group with the same sink come back together */
    void *owner; /* the caller's own */

    enum turn_outcome outcome;
    struct screen screen; /* text in `arena` */
    bool has_screen;
    struct turn_place *place; /* filled in where the caller wants it; NULL: nobody asks */

    struct turn *next; /* in the list that done() gets */

    /* the gateway's own */
    int64_t deadline_ms; /* monotonic */
    struct blind number_key, session_key, event_key;
    struct span received; /* in.text as it came; while a turn is done, in.text is the whole of a long message */
    const struct store_index
        *overdue; /* parts of this message for which the wait is over; NULL: it came as a request */
    bool urgent;  /* a word that stops or erases: never shed */
};

/** Makes one; makes the day key and the teams' keys where they are missing. ERR_NOMEM or what the store says. */
int gateway_open(const struct gateway_parts *parts, struct gateway **out);

/** Starts the loop's thread. */
int gateway_start(struct gateway *g);

/** Hands turns over, in order of arrival. Each always leads to one done(). Never blocks on the disk. Whoever has
 * several hands them over together: the loop then wakes once and finds a whole group, and a group costs one commit. */
void gateway_submit(struct gateway *g, struct turn *const *turns, size_t count);

/** Runs `fn` on the loop's thread inside a transaction that is committed (fn returned 0) or rolled back, and waits for
 * it. Returns what fn or the commit returned. For the outbox, the control socket and the console's actions. */
int gateway_call(struct gateway *g, int (*fn)(void *ctx, struct store *s), void *ctx);

/** The same without waiting: `done(ctx, rc)` is called on the loop's thread. */
struct gateway_job {
    int (*fn)(void *ctx, struct store *s);
    void (*done)(void *ctx, int rc);
    void *ctx;
    struct gateway_job *next; /* the gateway's own */
};
void gateway_post(struct gateway *g, struct gateway_job *job);

/** New menus, checked and compiled by the caller, and what to do when no session needs them any more. */
struct gateway_menus {
    struct program *program;
    void (*release)(void *ctx); /* called once, on the turn loop's thread or by gateway_close */
    void *ctx;
};

/** Puts them in the place of the newest, between two groups of turns, and waits for it. Sessions under way finish on
 * the menus they began with, but say the newest facts and values. ERR_NOT_NOW: the loop has ended; the menus are still
 * the caller's. */
int gateway_reload(struct gateway *g, const struct gateway_menus *menus);

/** Somebody was erased by a function that gateway_call runs: called by it, so that no memory keeps a session of theirs,
 * and the erasure is looked after until it is over. */
void gateway_erased(struct gateway *g);

/** Whether turns can be committed: the loop runs and its last commit went well. */
bool gateway_ready(const struct gateway *g);

struct gateway_stats {
    uint64_t turns, shed, late, failed, adrift, repeats, commits; /* since the start */
    uint64_t opt_outs;                                            /* taken by aggregators */
    uint64_t looped;       /* answers not given: the same had been said too often */
    uint64_t echoes;       /* SMS not answered: our own words came back */
    uint64_t automatic;    /* SMS not answered: no person wrote it */
    uint64_t unanswerable; /* SMS from names and short codes */
    uint64_t incomplete;   /* long messages of which parts never came */
    int64_t erase_pending; /* people erased whose traces in the log are not cut off yet, now */
    uint32_t waiting;      /* now */
};
void gateway_stats(const struct gateway *g, struct gateway_stats *out);

/** Finishes the batch under way, answers everything that still waits politely, ends the thread. */
void gateway_stop(struct gateway *g);
void gateway_close(struct gateway *g);

#endif
