// SPDX-License-Identifier: AGPL-3.0-or-later
/* casebook - one case, opened for the member who asks: what is stored about it, and what their keys can open of it.
 *
 *     casebook_open -> read it, draw it; it lives in the page's arena, and its keys are closed with the page
 *
 * Everything is read in one short snapshot and opened after it. What cannot be opened is not there, and `sealed` says
 * so (withdrawn, another team's, or from before the member was let in).
 */
#ifndef WAYMARK_CONSOLE_CASEBOOK_H
#define WAYMARK_CONSOLE_CASEBOOK_H

#include "console/access.h"
#include "console/page.h"
#include "console/wording.h"
#include "store/caseload.h"
#include "vault/told.h"

/* The newest of each are read, so that nobody can make a case larger than a page. */
enum { BOOK_TURNS = 200, BOOK_NOTES = 200, BOOK_CONSENTS = 100, BOOK_OTHERS = 20 };

struct book_note {
    const struct caseload_note *row;
    struct span text; /* empty: none, or it does not open */
    int64_t at_s;     /* 0: only the day is known */
    bool changed;     /* the key is there, and it does not open: somebody changed the row */
};

struct book_consent {
    const struct caseload_consent *row;
    struct told_consent told;
};

struct casebook {
    struct caseload_case stored;
    enum access access;
    struct told_summary summary;
    struct span language;        /* code; the person's, or of the conversation */
    bool sealed;                 /* its words cannot be opened */
    const struct opener *key;    /* what the case is sealed to; NULL: sealed */
    const struct opener *person; /* the person's; NULL: none, or not ours */
    struct told_answers answers;
    struct msisdn number; /* empty: not known */
    struct book_note *notes;
    size_t note_count;
    bool older;     /* there are older notes */
    int64_t newest; /* id of the newest note, also where older ones are looked at; 0: there is none */
    struct span
        hours; /* when it is safe to reach them, as a member wrote it down last (safehours.h); empty: nobody did */
    bool hours_lost; /* somebody did, and it does not open */
    /* where nobody did: the case of the same person in which somebody did last, which all who may open this one can
       read, too (safehours.h); NULL: none */
    const struct caseload_case *other;
    const struct caseload_note *other_hours;
    struct book_consent *consents;
    size_t consent_count;
    struct told_turn *turns;
    size_t turn_count;
    const struct staff *members; /* all, for their names */
    size_t member_count;
};

/** ERR_MISSING: there is none, or none that this member may open. Other codes: failed. */
int casebook_open(struct page *p, struct span reference, struct casebook **out);

/** Writes into the audit log that the member opened it, once in ten minutes. What cannot be written down is not shown.
 * False: answered already. */
bool casebook_noted(struct page *p, const struct casebook *b);

/** Opens it and writes that down, or answers with the page that says why not. NULL: answered. */
struct casebook *casebook_need(struct page *p);

/** The references of all cases of a number, whoever may open them. */
int casebook_of_number(struct page *p, const struct msisdn *number, struct span **references, size_t *count);

/** What a case is sealed to, opened until the answer is ready. NULL: the member's keys do not open it. */
const struct opener *casebook_key(struct page *p, const struct caseload_case *c);

/** A member's name; "the service" for 0. */
struct span casebook_name(const struct casebook *b, int64_t member);

/** An answer by its field's name; empty where there is none. */
struct span casebook_answer(const struct casebook *b, struct span field);

/** Whether the flag is set on the case. */
bool casebook_flag(const struct casebook *b, struct span flag);

/** The last word on any consent was a withdrawal, or the number is marked: nobody contacts this person. */
bool casebook_stopped(const struct casebook *b);

#endif
