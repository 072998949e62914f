// SPDX-License-Identifier: AGPL-3.0-or-later
/* layout - cutting a screen into pages. Private to dialogue/, pure.
 *
 *     struct layout_at at = layout_start(&l);
 *     while (layout_cut(&l, &at, &page)) ...      // pages in order; page.last ends
 *
 * A screen is a row of items: the text first, then one line an option, then the keys. All that fits on one page is one
 * page. Else the text is cut where paging_take finds best; an option is never cut unless it alone is longer than a page
 * (the checker refuses such menus, but a page above the carrier's limit would be worse than a cut label). Items from
 * `bound` on (agree, refuse) stay together on the last page.
 *
 * The line of keys is chosen by where the page stands: LAYOUT_LATER where a page came before, LAYOUT_ON where one
 * follows. The last page has that of LAYOUT_ON only where it
 * holds the end of the text, a single option, or agree and refuse, that fit so and not otherwise.
 */
#ifndef WAYMARK_DIALOGUE_LAYOUT_H
#define WAYMARK_DIALOGUE_LAYOUT_H

#include "text/paging.h"

enum { LAYOUT_LATER = 1, LAYOUT_ON = 2, LAYOUT_FEET = 4 };

struct layout {
    struct measure measure;
    int limit;                /* septets or units of a page, 2 or more */
    const struct span *items; /* [0] is the text, which may be empty */
    const int *sizes;         /* of the items */
    size_t count;
    size_t bound;                  /* first item that belongs on the last page; count: none */
    struct span keys[LAYOUT_FEET]; /* key lines, by LAYOUT_LATER | LAYOUT_ON; may be empty */
    struct span more;              /* last line of all pages but the last */
    int keys_size[LAYOUT_FEET], more_size;
};

struct layout_at {
    size_t item;      /* the next item ... */
    struct span rest; /* ... and what is left of it */
    int page;         /* number of pages taken so far */
};

struct layout_page {
    struct span head;       /* piece of item `first` */
    size_t first, end;      /* items on the page; those after `first` are whole */
    size_t options, chosen; /* items [options, chosen) are options that end on this page */
    int foot;               /* which line of keys */
    struct span keys, more;
    int used; /* septets or units */
    bool last;
};

struct layout_at layout_start(const struct layout *l);

/** Takes the next page; false past the last one. */
bool layout_cut(const struct layout *l, struct layout_at *at, struct layout_page *page);

/** The page's text in `a`; p is NULL when out of memory. */
struct span layout_write(const struct layout *l, const struct layout_page *page, struct arena *a);

#endif
