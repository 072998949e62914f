// SPDX-License-Identifier: AGPL-3.0-or-later
/* caselist - all cases as lists need them, in memory: what they are about lies under the record key in the database, so
 * no query could filter or sort by it.
 *
 *     caselist_open (reads on a thread of its own), caselist_select from any thread..., caselist_close
 *
 * A row is 64 bytes, the rows stand in the order in which the cases were opened, and each look reads first what changed
 * since the last (store/caseload.h). Lists come sorted: what is urgent first, then where the person waits for an
 * answer, then the oldest.
 */
#ifndef WAYMARK_CONSOLE_CASELIST_H
#define WAYMARK_CONSOLE_CASELIST_H

#include "base/arena.h"
#include "base/span.h"
#include "console/access.h"
#include "console/readers.h"
#include "record/settings.h"
#include "vault/vault.h"

enum { LIST_REFERENCE = 8, LIST_PAGE = 50 };

/** A word of the operator's (kind, status, language, channel), kept once. 0: none. */
typedef uint16_t list_word;

enum list_rank { RANK_URGENT, RANK_HIGH, RANK_NORMAL, RANK_LOW, RANKS };

struct listed {
    int64_t id, change, owner; /* id 0: no such case */
    char reference[LIST_REFERENCE + 1];
    bool casework, safeguarding, waiting;
    uint8_t rank; /* enum list_rank */
    int32_t opened_day, changed_day, closed_day;
    list_word kind, priority, status, language, channel;
    uint32_t flags; /* a bit each, as settings->flags */
};

struct caselist;

struct caselist_parts {
    struct readers *readers;
    const struct vault *vault;
    const struct settings *settings;
};

int caselist_open(const struct caselist_parts *parts, struct caselist **out);
void caselist_close(struct caselist *l); /* NULL is allowed */

/** Which lists there are. */
enum list_view {
    VIEW_MINE_AND_NEW, /* open, mine or nobody's: how the day begins */
    VIEW_MINE,
    VIEW_NEW,       /* nobody's */
    VIEW_ALL,       /* open, whosever */
    VIEW_ELSEWHERE, /* open, and safeguarding's alone */
    VIEW_CLOSED,
    VIEWS
};

struct caselist_filter {
    unsigned roles; /* of who looks */
    int64_t member;
    enum list_view view;
    bool waiting;                         /* only those who wait for an answer */
    struct span priority, flag, language; /* empty: any */
    size_t page;                          /* from 0 */
};

struct caselist_found {
    struct listed *rows; /* in the arena; at most LIST_PAGE */
    size_t count, total;
    size_t views[VIEWS]; /* how many there are in each list, whatever else was asked for */
    int64_t change;      /* the newest that was looked at */
};

int caselist_select(struct caselist *l, const struct caselist_filter *f, struct arena *a, struct caselist_found *out);

/** What a search asks for. */
struct caselist_search {
    unsigned roles; /* of who looks */
    int64_t member;
    bool by_reference; /* only these: */
    const struct span *references;
    size_t reference_count;
    struct span flag;         /* empty: any */
    int32_t from_day, to_day; /* opened between */
};

/** The newest first, at most LIST_PAGE of them; `views` stays empty. Those that one may only know of are among them
 * where no flag was asked for. */
int caselist_search(struct caselist *l, const struct caselist_search *q, struct arena *a, struct caselist_found *out);

/** One case, as it was when the list was last read (caselist_news). False: there is none. */
bool caselist_get(struct caselist *l, int64_t id, struct listed *out);

/** The word behind a number; lives as long as the list. */
struct span caselist_word(struct caselist *l, list_word word);

/** Reads what is new, and waits for nothing else; the newest change comes back. For who looks whether there is news. */
int caselist_news(struct caselist *l, int64_t *change);

/** How many cases changed after `change` that stand in this list. */
size_t caselist_newer(struct caselist *l, const struct caselist_filter *f, int64_t change);

#endif
