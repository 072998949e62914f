// SPDX-License-Identifier: AGPL-3.0-or-later
/* caseload - cases as the console asks for them, and what staff write into them.
 *
 * Every change of a case, whoever makes it (a turn, a stop, a member of staff), gives it a new `change`, a number that
 * only grows (triggers see to it, schema.c): readers follow what is new with caseload_since, and a form that was made
 * from an older one is known by it (caseload_change).
 *
 * The first half reads, from any connection (reader.h); spans live in `a`. The second half writes: on the writer's,
 * inside a transaction, as in store.h.
 */
#ifndef WAYMARK_STORE_CASELOAD_H
#define WAYMARK_STORE_CASELOAD_H

#include "base/arena.h"
#include "record/staff.h"
#include "store/store.h"

/** A row of a list of cases. */
struct caseload_row {
    int64_t id, change, person, owner; /* person 0: anonymous, or erased; owner 0: nobody */
    int64_t opened_day, changed_day;   /* of the person's own doing, or staff's */
    int64_t closed_day;                /* 0: open */
    bool waiting;                      /* the person wrote, and nobody has answered or marked it as read */
    bool casework, safeguarding;       /* which team can open it; neither: withdrawn, or erased */
    struct span reference, status;     /* status: a word of the case's in the menus, "withdrawn", "erased" */
    struct span summary_box;           /* kind, priority, flags: vault/told.h */
    struct span language_box;          /* the person's; empty where there is none */
    struct span channel;               /* on which they agreed; empty where nobody did */
    struct span person_public;         /* the person's public key, to which their language is bound; empty: none */
};

/** Tells every case that changed after `change`, in the order of their changes, at most `most`; the row lives until
 * `tell` returns. */
int caseload_since(struct store *s, int64_t change, size_t most, int (*tell)(void *ctx, const struct caseload_row *row),
                   void *ctx);

/** What is stored about one case besides its row. */
struct caseload_case {
    struct caseload_row row;
    struct span answers_seal;     /* to `public_key` */
    unsigned char public_key[32]; /* the person's, or the case's own */
    bool own_key;                 /* the case's own: `held` are then seals of its secret */
    const struct held_seal *held; /* of the key above */
    size_t held_count;
    /* the person; none: all empty */
    unsigned char person_key[32];
    const struct held_seal *person_held;
    size_t person_held_count;
    struct span number_seal; /* to the case's own key where it has one, else the person's */
    bool reachable;          /* the number is theirs still (they did not agree anew as somebody else) */
    int64_t number_id;       /* 0: not reachable */
    int64_t stopped_day;     /* 0: may be contacted */
};

/** ERR_MISSING: there is no such case. */
int caseload_get(struct store *s, struct span reference, struct arena *a, struct caseload_case *out);

/** The references of a person's cases, oldest first. */
int caseload_of_person(struct store *s, int64_t person, struct arena *a, struct span **references, size_t *count);

/** Those of whoever has this number, by its blind index. None: none. */
int caseload_of_number(struct store *s, const struct store_index *number, struct arena *a, struct span **references,
                       size_t *count);

/** One entry of a case's timeline. */
struct caseload_note {
    int64_t id, day;
    int64_t at_s;             /* 0: only the day is stored (what the person did) */
    int64_t author;           /* member of staff; 0: the person, or the service */
    struct span what;         /* "message" (the person wrote), "note", "reply", "claimed", ... (console/timeline.c) */
    struct span seal;         /* told_note_seal; empty: `what` says it all */
    int64_t message;          /* a reply's row in the outbox, 0: none */
    enum message_state state; /* of it */
    int64_t due_ms;
};
int caseload_notes(struct store *s, int64_t case_id, struct arena *a, struct caseload_note **rows, size_t *count);

/** The newest `most` with an id below `before`, oldest first. */
int caseload_notes_newest(struct store *s, int64_t case_id, int64_t before, size_t most, struct arena *a,
                          struct caseload_note **rows, size_t *count);

/** The newest that says `what`. ERR_MISSING: there is none. */
int caseload_note_last(struct store *s, int64_t case_id, struct span what, struct arena *a, struct caseload_note *out);

/** The turns of the conversations in which a person registered, the newest `most`, oldest first. */
struct caseload_turn {
    int64_t id, number;
    struct span box; /* told_turn_unbox */
};
int caseload_turns(struct store *s, int64_t person, size_t most, struct arena *a, struct caseload_turn **rows,
                   size_t *count);

/** A person's rows of the consent ledger, oldest first, those of who they were before included. */
struct caseload_consent {
    int64_t id, at_s, person;
    struct span name, version, channel, action;
    struct span text;       /* the very words; empty where none were shown (a withdrawal) */
    struct span detail_box; /* told_consent_unbox */
};
int caseload_consents(struct store *s, int64_t person, struct arena *a, struct caseload_consent **rows, size_t *count);

/** The newest `most` of them. */
int caseload_consents_newest(struct store *s, int64_t person, size_t most, struct arena *a,
                             struct caseload_consent **rows, size_t *count);

/** Rows of the whole ledger before `before`, newest first, at most `most`; `action` empty: whatever was done. */
int caseload_ledger(struct store *s, struct span action, int64_t before, size_t most, struct arena *a,
                    struct caseload_consent **rows, size_t *count);

/** Whether these consents of a person are in force: the last word on the name was to agree. */
int caseload_agreed(struct store *s, int64_t person, struct span name, bool *agreed);

/* ---- writing ---- */

/** The case's present `change`. ERR_MISSING. */
int caseload_change(struct store *s, int64_t case_id, int64_t *change);

/** Adds to the timeline: id, seal and state are not read. An open case or a closed one. The row's id comes back, to
 * which the seal is bound; store_note_seal puts it there. */
int caseload_note_add(struct store *s, int64_t case_id, const struct caseload_note *note, int64_t *id);

/** Gives the case to a member, or to nobody (0). */
int caseload_own(struct store *s, int64_t case_id, int64_t owner, int64_t day);

/** Another status; `closed_day` 0: open. */
int caseload_status(struct store *s, int64_t case_id, struct span status, int64_t closed_day, int64_t day);

/** What the person wrote was read, or waits again. */
int caseload_waiting(struct store *s, int64_t case_id, bool waiting);

/** The number behind a person, as a turn of theirs that only has a number (store_outbox_add, store_outbox_alike take
 * it). ERR_MISSING: it is nobody's any more, or somebody else's. */
int caseload_number(struct store *s, int64_t person, struct store_turn *turn);

/** Hands what a case is sealed to over to another team: `key` is the secret sealed to that team's key. Where that is
 * the person's own key, all cases under it go along, and `from` loses it; cases with a key of their own stay where they
 * are.
 */
int caseload_hand_over(struct store *s, const struct caseload_case *c, const struct held_seal *key, struct span from);

/** Another summary (told_summary_box). */
int caseload_summary(struct store *s, int64_t case_id, struct span box);

/** Takes a queued message back before it leaves. ERR_NOT_NOW: it left, or is leaving. */
int caseload_message_undo(struct store *s, int64_t message);

#endif
