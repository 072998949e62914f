// SPDX-License-Identifier: AGPL-3.0-or-later
/* book - all screens side by side in all languages, as one page of HTML to print, read and sign.
 *
 * Each screen is gone to once with the real engine, the shortest way from the front door, and then again the same way
 * in each language, turning pages as a person must. A screen that says different things at different times has a
 * picture for each of them, a few at most. Beside the pages stand the facts that they say, with source, owner and
 * dates, and what is still to be confirmed. The page needs no network and runs no script; it prints on A4.
 *
 * Files: book.c goes the ways; book_html.c writes them down.
 */
#ifndef WAYMARK_TOOLS_BOOK_H
#define WAYMARK_TOOLS_BOOK_H

#include "base/arena.h"
#include "base/str.h"
#include "menu/program.h"
#include "record/profile.h"

enum { BOOK_VARIANTS_MAX = 6 /* pictures of one screen */ };

struct book_input {
    const struct program *program;
    struct profile profile; /* of the channel whose pages are shown */
    struct span channel;    /* its name */
    int64_t day;            /* that counts as today, at 10 o'clock */
};

/** One screen in one language. */
struct book_shot {
    const struct span *pages; /* as the phone shows them, one after the other */
    size_t page_count;
    const struct span *typed; /* from the front door: each answer, turned pages too */
    size_t typed_count;
    int most;  /* septets or units of the fullest page */
    bool gsm;  /* counted in septets */
    bool same; /* the way led to this screen; false: it did not, and there are no pages */
};

/** One picture of a screen. */
struct book_picture {
    uint16_t screen;
    struct book_shot *shots; /* [language] */
};

struct book {
    const struct span *names;      /* [language]: in the language itself */
    struct book_picture *pictures; /* in order of screens */
    size_t picture_count;
};

/** Goes all the ways; everything lies in `a`. ERR_NOMEM. */
int book_make(const struct book_input *in, struct arena *a, struct book *out);

/** Appends the page. ERR_NOMEM, ERR_LIMIT. */
int book_html(const struct book_input *in, const struct book *book, struct str *out);

#endif
