// SPDX-License-Identifier: AGPL-3.0-or-later
/* chain - the two tables that are only appended to, consents and the audit trail, as keyed chains.
 *
 * A row's link is computed (by whoever holds the key) over the link before it and the row's bytes: each field in the
 * order of the columns, a length of four bytes (least significant first) before it, whole numbers as eight bytes in the
 * same order. So no row can be changed, taken out or put in without its link telling.
 *
 * What is taken off at either end no link would tell. So the database keeps two marks for each chain, keyed as well:
 * the end (the last row that was ever added) and the start (the last row that was deleted because its time was over;
 * rows are deleted from the old end only). Whoever can write to the disk may still put an older copy of rows and marks
 * back together; for that, keep an end somewhere else and ask for it again (staff/ledger.h).
 *
 * To read a chain whole: store_chain_mark for both marks, then store_chain_read until it gives none.
 */
#ifndef WAYMARK_STORE_CHAIN_H
#define WAYMARK_STORE_CHAIN_H

#include "store/store.h"

enum chain { CHAIN_CONSENT, CHAIN_AUDIT, CHAINS };

/** Computes a chain's next link from the previous one (NULL: the first) and a row. */
typedef void (*store_link_fn)(void *ctx, const unsigned char *previous, struct span row, unsigned char *next);

struct chain_row {
    int64_t id;
    struct span bytes; /* what the link is over */
    unsigned char link[STORE_LINK_BYTES];
};

/** Rows after `after`, at most `most`, in order, in `a`. */
int store_chain_read(struct store *s, enum chain which, int64_t after, int most, struct arena *a,
                     struct chain_row **rows, size_t *count);

enum chain_end { CHAIN_START, CHAIN_END, CHAIN_ENDS };

struct chain_mark {
    int64_t id; /* the row's */
    unsigned char link[STORE_LINK_BYTES];
    unsigned char proof[STORE_LINK_BYTES]; /* the link of chain_mark_bytes behind `link` */
};

/** ERR_MISSING: there is none (at the start: nothing was ever deleted; at the end: nothing was ever added).
 * ERR_CORRUPT: it has another form. */
int store_chain_mark(struct store *s, enum chain which, enum chain_end end, struct chain_mark *mark);

enum { CHAIN_MARK_BYTES = 18 };

/** What a mark's proof is computed over, behind its link. */
void chain_mark_bytes(enum chain which, enum chain_end end, int64_t id, char bytes[CHAIN_MARK_BYTES]);

/** Deletes rows from before `before_s` off the old end, at most `most`, and moves the mark. How many comes back. Needs
 * an open transaction. */
int store_chain_cut(struct store *s, enum chain which, int64_t before_s, int most, store_link_fn link, void *ctx,
                    int64_t *dropped);

/** Texts by their hash, for showing and for proving them: one text, in `a` (ERR_MISSING); or those behind `after`
 * (empty: from the first), at most `most`. */
struct chain_text {
    struct span hash, text;
};
int store_text_get(struct store *s, const unsigned char hash[32], struct arena *a, struct span *text);
int store_text_read(struct store *s, struct span after, int most, struct arena *a, struct chain_text **texts,
                    size_t *count);

#endif
