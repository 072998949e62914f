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
    uint64_t turns, shed, late, failed, adrift, repeats, commits, incomplete; /* since the start */
    uint32_t waiting;
    int64_t erase_pending; /* people erased whose traces in the log are not cut off yet */
    bool ready;            /* turns can be committed */
};

/** A channel that can send, as the outbox has it. */
struct port_lane {
    struct span channel;
    bool pauses;                /* its breaker is not closed */
    bool served;                /* its messages are fetched; under way are those that were and are not confirmed */
    int64_t fetched_ms;         /* when they were last asked for; 0: not since the start */
    int64_t waiting, under_way; /* messages now */
    uint64_t accepted, retried, refused, given_up, unknown, expired, paused; /* since the start */
};

/** What was found when the operator's files were last read and proved. */
struct port_checkup {
    int64_t at_ms;
    bool fine;               /* no error: such files can be put in force */
    const struct diag *rows; /* in order of files and lines */
    size_t count, errors;
    bool talked; /* transcripts were run over them; what does not hold stands among the rows */
    size_t talks, failed, screens, screens_seen, options, options_taken;
};

/** Menus that can be gone back to. */
struct port_version {
    struct span name; /* hexadecimal digits */
    int64_t last_s;   /* when they were last in force */
    bool now;         /* they are in force */
    struct span differs;
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
    /** What the last check found, in `a`; `again`: reads, proves and runs the transcripts now, and changes nothing. */
    int (*checkup)(void *ctx, bool again, struct arena *a, struct port_checkup *out);
    /** Earlier menus that are kept, those in force first, in `a`. */
    int (*versions)(void *ctx, struct arena *a, struct port_version **rows, size_t *count);
    /** Puts one of them in force until the next reload or start; appends what to tell. ERR_MISSING, ERR_REFUSED. */
    int (*go_back)(void *ctx, struct span name, struct str *answer);
    /** Whether that is so: what is in force is not what the operator's files say. */
    bool (*went_back)(void *ctx);
    /** Channel `index` among those that can send; false past the end. */
    bool (*lane)(void *ctx, size_t index, struct port_lane *out);
    /** Stops contact with a number, within a transaction (see `call`), and writes it to the ledger as made by voice. */
    int (*withdraw)(void *ctx, struct store *s, const struct msisdn *number);
    /** Erases all that is kept of a number, within a transaction; `actor` is noted in the audit log. */
    int (*erase)(void *ctx, struct store *s, const struct msisdn *number, struct span actor);
    void (*stats)(void *ctx, struct port_stats *out);
    /** A message was queued: the outbox need not wait for its next look. */
    void (*wake)(void *ctx);
};

#endif
