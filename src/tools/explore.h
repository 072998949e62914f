// SPDX-License-Identifier: AGPL-3.0-or-later
/* explore - all that somebody can come by in one language, with the real engine: for tours and for the book.
 *
 *     explore_init, explore_dial, then explore_step as often as wanted, and explore_search from any spot
 *
 * A spot is a person at a page: the session, what a service would know of them, what the phone shows. A copy of it goes
 * its own way. The search tries at each page the options and keys, sample answers, and keywords where they are wanted;
 * two spots count as the same where nothing that the menus look at is different. It looks at pages that hold a whole
 * screen: who goes the way that it found turns pages with explore_turn.
 */
#ifndef WAYMARK_TOOLS_EXPLORE_H
#define WAYMARK_TOOLS_EXPLORE_H

#include "dialogue/dialogue.h"
#include "tools/world.h"

enum {
    EXPLORE_WAY_MAX = 200,     /* answers of the longest way that is told */
    EXPLORE_SPOTS_MAX = 20000, /* looked at before a search is given up */
    EXPLORE_MINUTE = 10 * 60,  /* of the day: while offices are open */
};

#define EXPLORE_DIAL "*123#"

struct explorer {
    const struct program *p;
    int language; /* index */
    struct profile profile;
    int64_t day;
    bool thorough;                      /* spots with other answers that some condition looks at are others; else not */
    struct arena *search;               /* emptied by each search */
    bool *compared;                     /* [slot]: some condition looks at it */
    uint64_t *seen;                     /* a set of spots */
    const struct dialogue_watch *watch; /* of explore_step; a search has its own. NULL: nobody watches */
    /* Whether a `when` was not yet seen so; where one is, the search is at a goal. NULL: never. */
    bool (*wants_decision)(void *ctx, const struct condition *when, bool held);
    /* Whether a keyword's screen should be gone to by its word; NULL: never. */
    bool (*wants_keyword)(void *ctx, uint16_t screen);
    void *ctx;
};

struct spot {
    struct dialogue session;
    struct world world;
    struct dialogue_result shown;
};

struct way {
    struct span typed[EXPLORE_WAY_MAX];
    size_t count;
};

/** Fills what the caller left out; `a` keeps it. ERR_NOMEM. */
int explore_init(struct explorer *e, struct arena *a);
void explore_release(struct explorer *e);

/** A stranger who dials, or writes "hi", and chooses the language; what they typed goes to `way`. */
int explore_dial(const struct explorer *e, struct spot *s, struct way *way, struct arena *a);

/** What chooses the language: its number, or the key More where it is on a later page; empty once it is chosen. */
struct span explore_choice(const struct explorer *e, const struct spot *s, struct arena *a);

/** What turns to the page where that can be typed: for a number, the one where it stands; for a new dial, the last. The
 * key More; else empty. */
struct span explore_turn(const struct explorer *e, const struct spot *s, struct span typed, struct arena *a);

/** What turns to the next page. */
struct span explore_more(const struct explorer *e, const struct spot *s, struct arena *a);

/** One answer; dials anew where the session is over. */
int explore_step(const struct explorer *e, struct spot *s, struct span typed, struct arena *a);

/** A copy whose steps do not reach the original. */
int explore_copy(struct spot *to, const struct spot *from, struct arena *a);

/** Whether the next thing typed begins a session. */
bool explore_over(const struct explorer *e, const struct spot *s);

/** Whether the page is a screen's own, with something to answer. */
bool explore_asked(const struct explorer *e, const struct spot *s);

/** The local time of all steps. */
struct local_time explore_time(const struct explorer *e);

/** Goes through all spots that can be come by from `from`, nearest first, until `is_goal` holds; NULL: goes on to the
 * end. `visit` (may be NULL) sees each new spot, with the way from `from`. *way is the way to the goal, copied into
 * `a`; its count is 0 where there is none. ERR_NOMEM. */
int explore_search(struct explorer *e, const struct spot *from, bool (*is_goal)(void *ctx, const struct spot *s),
                   int (*visit)(void *ctx, const struct spot *s, const struct way *way), void *ctx, struct way *way,
                   struct arena *a);

#endif
