// SPDX-License-Identifier: AGPL-3.0-or-later
/* ledger - proves the consent ledger and the audit trail: that no row was changed, dropped, put in or moved, at either
 * end or between.
 *
 *     ledger_start, ledger_step until it gives 0, then `proof` says what was found
 *
 * A step looks at some hundred rows, so that a running service answers turns between. It needs the master key: what is
 * proved is that whoever wrote the rows had it. Somebody who has only the disk can change nothing unseen but put a
 * whole older copy back; that shows where an end that was noted before (`ledger_end`) is asked for and not found.
 * Somebody who has both disk and key can write whatever they like; no chain helps against that.
 */
#ifndef WAYMARK_STAFF_LEDGER_H
#define WAYMARK_STAFF_LEDGER_H

#include "store/chain.h"
#include "vault/vault.h"

enum { LEDGER_END_CHARS = 64, LEDGER_FAULTS_MAX = 100 };

enum ledger_fault_kind {
    LEDGER_CHANGED, /* row `from` is not what was written, or not where it was written */
    LEDGER_MISSING, /* rows `from` to `to` are not there */
    LEDGER_ADDED,   /* row `from` stands behind the end, and nobody with the key added it */
    LEDGER_START,   /* the mark of where the chain starts is not ours */
    LEDGER_NO_END,  /* the mark of the end is not there or not ours: rows may be missing behind `from` */
    LEDGER_TEXT,    /* a kept text is not what its hash says */
    LEDGER_UNKNOWN, /* the end that was noted is of no row here: an older copy was put back, or rows were forged */
    LEDGER_FAULT_KINDS
};

struct ledger_fault {
    enum chain chain;
    enum ledger_fault_kind kind;
    int64_t from, to;
};

/** What was found; plain data. */
struct ledger_proof {
    int64_t rows[CHAINS], texts;
    char ends[CHAINS][LEDGER_END_CHARS + 1]; /* as hexadecimal digits, to be noted somewhere else; empty: no row */
    struct ledger_fault faults[LEDGER_FAULTS_MAX];
    size_t fault_count; /* those past LEDGER_FAULTS_MAX are only counted */
};

struct ledger {
    const struct vault *vault;
    struct ledger_proof proof;
    struct span known[CHAINS]; /* ends noted before, as digits; empty: none is asked for */
    /* its own */
    bool found[CHAINS];
    int stage; /* a chain, then the texts */
    bool begun;
    int64_t at; /* last row that was looked at */
    bool first; /* the next row is the first there ever was */
    unsigned char link[STORE_LINK_BYTES], text[VAULT_CHAIN_BYTES];
};

void ledger_start(struct ledger *l, const struct vault *v);

/** Looks at the next rows. 1: go on, 0: done, negative: the store's. */
int ledger_step(struct ledger *l, struct store *s);

/** One fault in words, for people: "consent 12: changed or moved". */
void ledger_tell(const struct ledger_fault *f, struct str *out);

#endif
