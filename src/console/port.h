// SPDX-License-Identifier: AGPL-3.0-or-later
/* port - how the console reaches what runs beside it: the gateway, the menus in force, the outbox.
 *
 * Console and gateway stand on one floor and do not know each other; cli fills this struct and hands it in. Every
 * function may be called from any thread and may wait; none is NULL.
 */
#ifndef WAYMARK_CONSOLE_PORT_H
#define WAYMARK_CONSOLE_PORT_H

#include "base/msisdn.h"
#include "base/str.h"
#include "menu/program.h"
#include "record/profile.h"
#include "store/store.h"

/** One turn of the browser phone. */
struct port_turn {
    enum medium medium;
    struct msisdn from;
    struct span session; /* the call's own id */
    int64_t sequence;    /* grows within the call */
    struct span text;    /* typed; empty: dialled */
    bool begins;

    struct span shown;  /* what the phone shows; empty: nothing came back */
    bool more;          /* an answer is expected */
    struct span screen; /* its name; empty at the engine's own questions */
    const char *file;   /* where it is written; NULL: unknown */
    int line;           /* from 1 */
    int page, pages;    /* from 1; 0: unknown */
    int used, limit;    /* septets, or UTF-16 units */
    bool gsm;           /* counted in septets */
    bool stored;        /* false: nothing was stored, `shown` is the polite screen */
};

/** What goes on, for the health page. */
struct port_stats {
    uint64_t turns, shed, late, failed, repeats, commits; /* since the start */
    uint32_t waiting;
    bool ready; /* turns can be committed */
};

struct console_port {
    void *ctx;
    /** Runs fn on the thread that owns the store, in a transaction that is committed where it gives 0. */
    int (*call)(void *ctx, int (*fn)(void *fn_ctx, struct store *s), void *fn_ctx);
    /** One turn of the dialogue on channel `phone`, end to end; texts in `a`. ERR_MISSING: there is no such channel. */
    int (*turn)(void *ctx, struct port_turn *turn, struct arena *a);
    /** Runs fn with the menus in force, which stay what they are meanwhile. */
    int (*menus)(void *ctx, int (*fn)(void *fn_ctx, const struct program *p), void *fn_ctx);
    /** Reads the menus anew and puts them in force; appends what to tell the operator. ERR_REFUSED. */
    int (*reload)(void *ctx, struct str *answer);
    /** Stops contact with a number, within a transaction (see `call`), and writes it to the ledger as made by voice. */
    int (*withdraw)(void *ctx, struct store *s, const struct msisdn *number);
    void (*stats)(void *ctx, struct port_stats *out);
    /** A message was queued: the outbox need not wait for its next look. */
    void (*wake)(void *ctx);
};

#endif
