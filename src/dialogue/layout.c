// SPDX-License-Identifier: AGPL-3.0-or-later
#include "dialogue/layout.h"

#include <string.h>

struct layout_at layout_start(const struct layout *l)
{
    struct layout_at at = {.rest = l->items[0]};
    if (!at.rest.len && l->count > 1)
        at = (struct layout_at){.item = 1, .rest = l->items[1]};
    return at;
}

static int at_size(const struct layout *l, const struct layout_at *at)
{
    if (at->rest.p == l->items[at->item].p)
        return l->sizes[at->item];
    return measure_count(l->measure, at->rest);
}

static void at_next(const struct layout *l, struct layout_at *at)
{
    at->item++;
    at->rest = at->item < l->count ? l->items[at->item] : (struct span){0};
}

/** The longest good piece of the item at hand; the item is left behind once nothing of it remains. */
static void take_piece(const struct layout *l, struct layout_at *at, int room, struct layout_page *page)
{
    page->head = paging_take(l->measure, &at->rest, room > 2 ? room : 2);
    page->used = measure_count(l->measure, page->head);
    if (!at->rest.len)
        at_next(l, at);
}

/** Whole items as long as they fit; `most` is where to stop. */
static void take_whole(const struct layout *l, struct layout_at *at, int room, size_t most, struct layout_page *page)
{
    while (at->item < most && page->used + 1 + l->sizes[at->item] <= room) {
        page->used += 1 + l->sizes[at->item];
        at_next(l, at);
    }
}

static void take_last(const struct layout *l, struct layout_at *at, int size, struct layout_page *page)
{
    page->head = at->rest;
    page->used = size;
    page->last = true;
    *at = (struct layout_at){.item = l->count, .page = at->page};
}

/** Whether the last page has more keys than one that another follows. */
static bool keys_wanting(const struct layout *l, const struct layout_page *page)
{
    return l->keys[page->foot & ~LAYOUT_ON].len > page->keys.len;
}

/** Where whole items stop on a page that another follows. The last page has all keys, so something is left for it. */
static size_t most_items(const struct layout *l, const struct layout_page *page)
{
    if (page->first >= l->bound)
        return l->count;
    return l->bound == l->count && keys_wanting(l, page) ? l->count - 1 : l->bound;
}

static void take_some(const struct layout *l, struct layout_at *at, int size, int room, struct layout_page *page)
{
    if (size > room) {
        take_piece(l, at, room, page);
        return;
    }
    page->head = at->rest;
    page->used = size;
    at_next(l, at);
    take_whole(l, at, room, most_items(l, page), page);
}

/** An option acts on the page where it ends. */
static void find_options(struct layout_page *page, const struct layout_at *before, const struct layout_at *after)
{
    bool ended = after->item > before->item;
    page->options = before->item && ended ? before->item : before->item + 1;
    page->chosen = page->end > page->options ? page->end : page->options;
}

/** Puts a line of keys under the page; how much it takes. */
static int stand_on(const struct layout *l, struct layout_page *page, int foot)
{
    page->foot = foot;
    page->keys = l->keys[foot];
    return page->keys.len ? l->keys_size[foot] + 1 : 0;
}

bool layout_cut(const struct layout *l, struct layout_at *at, struct layout_page *page)
{
    if (at->item >= l->count)
        return false;
    const struct layout_at before = *at;
    const int later = at->page++ > 0 ? LAYOUT_LATER : 0;
    *page = (struct layout_page){.first = before.item};
    int foot = stand_on(l, page, later);
    int size = at_size(l, &before), whole = size;
    for (size_t i = before.item + 1; i < l->count; i++)
        whole += 1 + l->sizes[i];
    if (whole + foot <= l->limit) {
        take_last(l, at, whole, page);
    } else {
        page->more = l->more;
        foot = stand_on(l, page, later | LAYOUT_ON) + l->more_size + 1;
        take_some(l, at, size, l->limit - foot, page);
    }
    page->used += foot;
    if (at->item >= l->count && !page->last) { // a cut that left only blanks behind: this was the last page after all
        page->last = true;
        page->more = (struct span){0};
        page->used -= l->more_size + 1;
    }
    page->end = at->item > before.item ? at->item : before.item + 1;
    find_options(page, &before, at);
    return true;
}

static size_t put_line(char *out, size_t len, struct span line)
{
    if (!line.len)
        return len;
    if (len)
        out[len++] = '\n';
    memcpy(out + len, line.p, line.len);
    return len + line.len;
}

struct span layout_write(const struct layout *l, const struct layout_page *page, struct arena *a)
{
    size_t most = page->head.len + page->keys.len + page->more.len + 4;
    for (size_t i = page->first + 1; i < page->end; i++)
        most += l->items[i].len + 1;
    char *out = arena_alloc(a, most);
    if (!out)
        return (struct span){0};
    size_t len = put_line(out, 0, page->head);
    for (size_t i = page->first + 1; i < page->end; i++)
        len = put_line(out, len, l->items[i]);
    len = put_line(out, len, page->keys);
    len = put_line(out, len, page->more);
    return (struct span){.p = out, .len = len};
}
