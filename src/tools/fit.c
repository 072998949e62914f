// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/fit.h"

#include "base/err.h"
#include "tools/fit_parts.h"

#include <string.h>

#ifndef FIT_PLANTED
#define FIT_PLANTED 0 /* a test counts this many septets too few, and must notice */
#endif

enum { FIT_ARENA_MAX = 512 * 1024 * 1024, ALPHABETS = 2 };

static const struct worst_size feed = {.septets = 1, .units = 1, .inside = true, .slot = PROGRAM_NONE};

/** A profile in one alphabet. */
struct view {
    struct profile profile;
    struct worst_frame frame;
    bool gsm, used; /* used: the screen at hand may be counted so */
};

struct fit {
    const struct program *p;
    struct diags *d;
    struct worst *w;
    struct arena *a;
    struct view *views; /* [count * ALPHABETS] */
    size_t view_count;
    bool *outside[MEDIUM_COUNT]; /* by screen */
    int language;
    char *filler; /* letters that stand for a text of a size */
    int filler_len;
    int err;
};

/* ---- measuring with the engine's own layout ---- */

/** Whether an item of a size is never cut; `last`: no other can follow it. */
static bool stands(const struct fit *f, const struct layout *frame, int size, bool last)
{
    const struct span items[] = {{0}, {f->filler, (size_t)size}, {f->filler, (size_t)frame->limit}};
    const int sizes[] = {0, size, frame->limit};
    struct layout l = *frame;
    struct layout_page page;
    l.items = items;
    l.sizes = sizes;
    l.count = l.bound = last ? 2 : 3;
    struct layout_at at = layout_start(&l);
    return layout_cut(&l, &at, &page) && page.head.len == items[1].len && page.used <= l.limit;
}

/** The longest item that is never cut. */
static int room_of(const struct fit *f, const struct layout *frame, bool last)
{
    int size = frame->limit;
    while (size > 0 && !stands(f, frame, size, last))
        size--;
    return size;
}

static int size_in(struct worst_size size, bool gsm)
{
    int n = gsm ? size.septets : size.units;
    return n > FIT_PLANTED ? n - FIT_PLANTED : 0;
}

/** Whether something of this size can be shown in this alphabet. */
static bool occurs(const struct view *v, struct worst_size size, unsigned media)
{
    return v->used && (media & 1u << v->profile.medium) && (!v->gsm || size.inside);
}

/** Keeps what is furthest above its room. */
static void keep_worst(struct fit_excess *worst, struct fit_excess excess)
{
    if (excess.size - excess.room > worst->size - worst->room)
        *worst = excess;
}

/** What must stand whole on a page, whatever is on it; tells where it may not. */
static void check_whole(struct fit *f, const struct fit_subject *subject, struct worst_size size, unsigned media,
                        bool last)
{
    struct fit_excess worst = {0};
    for (size_t i = 0; i < f->view_count; i++) {
        const struct view *v = &f->views[i];
        int n = size_in(size, v->gsm), limit = v->frame.l.limit;
        if (!occurs(v, size, media) || (n <= limit && stands(f, &v->frame.l, n, last)))
            continue;
        int room = room_of(f, &v->frame.l, last);
        keep_worst(&worst, (struct fit_excess){n + FIT_PLANTED, room, v->profile.medium, size.slot});
    }
    if (worst.size > worst.room)
        fit_tell(f->p, f->d, f->w, f->language, subject, &worst);
}

/* ---- one screen ---- */

static bool is_choice(const struct line *line)
{
    return line->op == OP_OPTION || line->op == OP_AGREE || line->op == OP_REFUSE || line->op == OP_LANGUAGES;
}

/** Whether there is a choice from line `from` on, on one of the media. */
static bool has_choice(const struct menu_screen *s, size_t from, unsigned media)
{
    for (size_t i = from; i < s->line_count; i++)
        if (is_choice(&s->lines[i]) && s->lines[i].media & media)
            return true;
    return false;
}

static void check_languages(struct fit *f, uint16_t screen, const struct line *line, bool followed)
{
    const int count = (int)f->p->settings->language_count;
    for (int i = 0; i < count; i++) {
        struct fit_subject subject = {FIT_OPTION, screen, line, f->p->words[SYSTEM_LANGUAGE]};
        check_whole(f, &subject, worst_option(f->w, line, i, f->language), line->media, !followed && i == count - 1);
    }
}

static void check_options(struct fit *f, uint16_t screen)
{
    const struct menu_screen *s = &f->p->screens[screen];
    for (size_t i = s->question_at; i < s->line_count; i++) {
        const struct line *line = &s->lines[i];
        if (!is_choice(line))
            continue;
        bool followed = has_choice(s, i + 1, line->media);
        struct fit_subject subject = {FIT_OPTION, screen, line, line->text};
        if (line->op == OP_LANGUAGES)
            check_languages(f, screen, line, followed);
        else
            check_whole(f, &subject, worst_option(f->w, line, 0, f->language), line->media, !followed);
    }
}

/** Agree, refuse and whatever stands behind the first of them, as one. */
static void check_consent(struct fit *f, uint16_t screen)
{
    const struct menu_screen *s = &f->p->screens[screen];
    const struct line *first = NULL;
    struct worst_size all = {.inside = true, .slot = PROGRAM_NONE};
    for (size_t i = s->question_at; i < s->line_count; i++) {
        const struct line *line = &s->lines[i];
        bool binds = line->op == OP_AGREE || line->op == OP_REFUSE;
        if (!binds && !(first && line->op == OP_OPTION))
            continue;
        all = first ? worst_join(worst_join(all, feed), worst_option(f->w, line, 0, f->language))
                    : worst_option(f->w, line, 0, f->language);
        first = first ? first : line;
    }
    if (first)
        check_whole(f, &(struct fit_subject){FIT_CHOICE, screen, first, first->text}, all, ON_ALL, true);
}

/** All lines of a kind that may hold together on a medium, one under the other; *first is the first of them. */
static struct worst_size all_lines(const struct fit *f, const struct menu_screen *s, enum op op, enum medium medium,
                                   const struct line **first)
{
    struct worst_size all = {.inside = true, .slot = PROGRAM_NONE};
    *first = NULL;
    for (size_t i = 0; i < s->line_count; i++) {
        const struct line *line = &s->lines[i];
        if (line->op != op || !(line->media & 1u << medium))
            continue;
        struct worst_size size = worst_text(f->w, line->text, f->language);
        all = *first ? worst_join(worst_join(all, feed), size) : size;
        *first = *first ? *first : line;
    }
    return all;
}

static void check_error(struct fit *f, uint16_t screen, enum medium medium)
{
    const struct menu_screen *s = &f->p->screens[screen];
    const struct line *first;
    struct worst_size size = all_lines(f, s, OP_ERROR, medium, &first);
    if (first)
        check_whole(f, &(struct fit_subject){FIT_ERROR, screen, first, first->text}, size, 1u << medium, false);
    static const enum system_text own[] = {SYSTEM_CHOOSE, SYSTEM_INVALID, SYSTEM_PASSED_ON};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        uint16_t text = f->p->words[own[i]];
        struct fit_subject subject = {FIT_ERROR, screen, NULL, text};
        check_whole(f, &subject, worst_text(f->w, text, f->language), 1u << medium, false);
    }
}

static void check_ask(struct fit *f, uint16_t screen, enum medium medium)
{
    const struct menu_screen *s = &f->p->screens[screen];
    const struct line *first;
    struct worst_size size = all_lines(f, s, OP_ASK, medium, &first);
    if (first)
        check_whole(f, &(struct fit_subject){FIT_ASK, screen, first, first->text}, size, 1u << medium,
                    !has_choice(s, 0, 1u << medium));
}

/** The keys and More are written in one alphabet with everything else; a final text has no keys. */
static void choose_views(struct fit *f, uint16_t screen)
{
    const struct menu_screen *s = screen == PROGRAM_NONE ? NULL : &f->p->screens[screen];
    bool asks = s && s->question_at < s->line_count;
    for (size_t i = 0; i < f->view_count; i++) {
        struct view *v = &f->views[i];
        bool outside = screen != PROGRAM_NONE && f->outside[v->profile.medium][screen];
        if (!worst_frame(f->w, asks ? screen : PROGRAM_NONE, f->language, v->profile, v->gsm, &v->frame))
            f->err = ERR_NOMEM;
        outside |= v->frame.outside || !v->profile.septets;
        v->used = v->frame.possible && (v->gsm ? v->profile.septets > 0 : outside);
    }
}

static void check_more(struct fit *f, uint16_t screen)
{
    for (size_t i = 0; i < f->view_count; i++) {
        const struct view *v = &f->views[i];
        if (!v->used || !v->frame.mute)
            continue;
        bool sms = v->profile.medium == MEDIUM_SMS;
        struct fit_subject subject = {FIT_MORE, screen, NULL,
                                      sms ? f->p->words[SYSTEM_MORE_SMS] : f->p->keys[KEY_MORE]};
        struct fit_excess excess = {(int)v->frame.l.more.len, v->frame.l.limit, v->profile.medium, PROGRAM_NONE};
        fit_tell(f->p, f->d, f->w, f->language, &subject, &excess);
        return;
    }
}

/** A row of a directory is one line of a page: nobody reads half a telephone number. */
static void check_rows(struct fit *f, uint16_t screen)
{
    const struct menu_screen *s = &f->p->screens[screen];
    for (size_t i = 0; i < s->line_count; i++) {
        const struct line *line = &s->lines[i];
        struct worst_size size;
        if (line->op == OP_SAY && worst_row(f->w, line->text, f->language, &size))
            check_whole(f, &(struct fit_subject){FIT_ROW, screen, line, line->text}, size, line->media, false);
    }
}

/* ---- how many pages ---- */

static int count_pages(const struct fit *f, const struct view *v, struct worst_size text, struct span *items,
                       int *sizes, size_t count)
{
    struct layout l = v->frame.l;
    struct layout_page page;
    int pages = 0;
    sizes[0] = v->gsm ? text.septets : text.units;
    if (sizes[0] > f->filler_len)
        sizes[0] = f->filler_len;
    for (size_t i = 0; i < count; i++)
        items[i] = (struct span){f->filler, (size_t)sizes[i]};
    l.items = items, l.sizes = sizes, l.count = l.bound = count;
    for (struct layout_at at = layout_start(&l); layout_cut(&l, &at, &page);)
        pages++;
    return pages;
}

/** The sizes of the options, from sizes[1] on; how many items that makes with the text. */
static size_t option_sizes(struct fit *f, const struct menu_screen *s, const struct view *v, int *sizes)
{
    size_t count = 1;
    for (size_t i = s->question_at; i < s->line_count; i++) {
        const struct line *line = &s->lines[i];
        if (!is_choice(line) || line->op == OP_LANGUAGES || !(line->media & 1u << v->profile.medium))
            continue;
        struct worst_size size = worst_option(f->w, line, 0, f->language);
        int n = v->gsm ? size.septets : size.units;
        sizes[count++] = n < v->frame.l.limit ? n : v->frame.l.limit;
    }
    return count;
}

static struct worst_size all_said(const struct fit *f, const struct menu_screen *s)
{
    struct worst_size all = {.inside = true, .slot = PROGRAM_NONE};
    for (size_t i = 0; i < s->line_count; i++) {
        const struct line *line = &s->lines[i];
        bool said = (line->op == OP_SAY && i < s->question_at) || line->op == OP_ASK;
        if (line->op == OP_MYDATA && i < s->question_at)
            all = worst_join(worst_join(all, feed), worst_mydata(f->w, f->language));
        if (said && line->media & ON_USSD)
            all = worst_join(worst_join(all, feed), worst_text(f->w, line->text, f->language));
    }
    return all;
}

/** Keeps the count that goes furthest over what it may be. */
static void keep_pages(struct fit_excess *worst, int pages, int most)
{
    if (pages - most > worst->size - worst->room) {
        worst->size = pages;
        worst->room = most;
    }
}

static void check_pages(struct fit *f, uint16_t screen)
{
    const struct menu_screen *s = &f->p->screens[screen];
    struct worst_size text = all_said(f, s);
    struct span *items = arena_array(f->a, s->line_count + 2, sizeof *items);
    int *sizes = arena_array(f->a, s->line_count + 2, sizeof *sizes);
    struct fit_excess worst = {.slot = text.slot};
    for (size_t i = 0; items && sizes && i < f->view_count; i++) {
        const struct view *v = &f->views[i];
        if (!occurs(v, text, ON_USSD))
            continue;
        size_t count = option_sizes(f, s, v, sizes);
        keep_pages(&worst, count_pages(f, v, text, items, sizes, count), v->gsm ? FIT_PAGES_MAX : 2 * FIT_PAGES_MAX);
    }
    if (!items || !sizes)
        f->err = ERR_NOMEM;
    if (worst.size > worst.room)
        fit_tell(f->p, f->d, f->w, f->language, &(struct fit_subject){FIT_PAGES, screen, NULL, PROGRAM_NONE}, &worst);
}

/* ---- messages ---- */

/** Septets or units that surely fit in so many parts: a letter that costs two is never split between them. */
static int parts_room(bool gsm, int parts, bool pairs)
{
    return paging_room((struct measure){.gsm = gsm}, parts) - (pairs && parts > 1 ? parts - 1 : 0);
}

static int parts_of(int size, bool gsm, bool pairs)
{
    int parts = 1;
    while (parts < 255 && parts_room(gsm, parts, pairs) < size)
        parts++;
    return parts;
}

static void check_sends(struct fit *f, uint16_t screen)
{
    const struct menu_screen *s = &f->p->screens[screen];
    const int allowed = f->p->settings->parts_send > 0 ? f->p->settings->parts_send : 1;
    for (size_t i = 0; i < s->line_count; i++) {
        if (s->lines[i].op != OP_SEND)
            continue;
        struct worst_size size = worst_text(f->w, s->lines[i].text, f->language);
        int gsm = size.inside ? parts_of(size_in(size, true), true, size.pairs) : 0;
        int units = size.outside ? parts_of(size_in(size, false), false, size.pairs) : 0;
        struct fit_excess excess = {gsm > units ? gsm : units, allowed, MEDIUM_SMS, size.slot};
        if (excess.size > allowed)
            fit_tell(f->p, f->d, f->w, f->language,
                     &(struct fit_subject){FIT_SEND, screen, &s->lines[i], s->lines[i].text}, &excess);
    }
}

/* ---- the engine's own words ---- */

static void check_words(struct fit *f)
{
    static const enum system_text rows[][3] = {
        {SYSTEM_RESUME, SYSTEM_RESUME_YES, SYSTEM_RESUME_NO},
        {SYSTEM_HELD, SYSTEM_HELD_YES, SYSTEM_HELD_NO},
        {SYSTEM_GOODBYE, SYSTEM_COUNT, SYSTEM_COUNT},
        {SYSTEM_LOST, SYSTEM_COUNT, SYSTEM_COUNT},
        {SYSTEM_BUSY, SYSTEM_COUNT, SYSTEM_COUNT},
        {SYSTEM_FAULT, SYSTEM_COUNT, SYSTEM_COUNT},
        {SYSTEM_NOT_STORED, SYSTEM_COUNT, SYSTEM_COUNT},
        {SYSTEM_NOT_DONE, SYSTEM_HELP_LINE, SYSTEM_COUNT},
        {SYSTEM_FORWARDED, SYSTEM_COUNT, SYSTEM_COUNT},
    };
    static const struct worst_size in_front = {3, 3, true, false, false, PROGRAM_NONE}; // a feed and "1 "
    choose_views(f, PROGRAM_NONE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct worst_size all = worst_text(f->w, f->p->words[rows[i][0]], f->language);
        for (int k = 1; k < 3 && rows[i][k] != SYSTEM_COUNT; k++)
            all = worst_join(worst_join(all, in_front), worst_text(f->w, f->p->words[rows[i][k]], f->language));
        if (rows[i][0] == SYSTEM_NOT_DONE)
            all = worst_join(all, worst_hotline(f->w, f->language));
        for (size_t v = 0; all.outside && v < f->view_count; v++)
            f->views[v].used |= !f->views[v].gsm;
        check_whole(f, &(struct fit_subject){FIT_WORDS, PROGRAM_NONE, NULL, f->p->words[rows[i][0]]}, all, ON_ALL,
                    true);
    }
}

/* ---- all of it ---- */

static void check_screen(struct fit *f, uint16_t screen)
{
    const struct menu_screen *s = &f->p->screens[screen];
    choose_views(f, screen);
    check_more(f, screen);
    check_pages(f, screen);
    check_sends(f, screen);
    check_rows(f, screen);
    if (s->question_at == s->line_count)
        return;
    check_options(f, screen);
    check_consent(f, screen);
    for (unsigned medium = 0; medium < MEDIUM_COUNT; medium++) {
        check_error(f, screen, medium);
        check_ask(f, screen, medium);
    }
}

/** What was said in the first language may still stand there when a keyword brings another (see trigger.c). */
static void find_alphabets(struct fit *f)
{
    for (unsigned medium = 0; medium < MEDIUM_COUNT; medium++) {
        memset(f->outside[medium], 0, f->p->screen_count * sizeof(bool));
        if (!fit_alphabet(f->w, f->p, f->language, medium, f->a, f->outside[medium]) ||
            (f->language && !fit_alphabet(f->w, f->p, 0, medium, f->a, f->outside[medium])))
            f->err = ERR_NOMEM;
    }
}

static void check_language(struct fit *f)
{
    find_alphabets(f);
    check_words(f);
    for (size_t i = 0; i < f->p->screen_count && !f->err; i++)
        check_screen(f, (uint16_t)i);
}

static bool same_profile(const struct profile *a, const struct profile *b)
{
    return a->medium == b->medium && a->septets == b->septets && a->units == b->units;
}

static void add_views(struct fit *f, const struct profile *profiles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < i && !same_profile(&profiles[k], &profiles[i]))
            k++;
        for (int gsm = 0; k == i && gsm < ALPHABETS; gsm++)
            f->views[f->view_count++] = (struct view){.profile = profiles[i], .gsm = gsm};
        f->filler_len = profiles[i].septets > f->filler_len ? profiles[i].septets : f->filler_len;
        f->filler_len = profiles[i].units > f->filler_len ? profiles[i].units : f->filler_len;
    }
    f->filler_len = 16 * (f->filler_len + 1); // enough to see that a screen has too many pages
}

static int prepare(struct fit *f, const struct profile *profiles, size_t count)
{
    f->a = arena_new(FIT_ARENA_MAX);
    f->w = worst_open(f->p);
    f->views = f->a ? arena_array(f->a, count * ALPHABETS + 1, sizeof *f->views) : NULL;
    if (!f->w || !f->views)
        return ERR_NOMEM;
    add_views(f, profiles, count);
    f->filler = arena_alloc(f->a, (size_t)f->filler_len);
    for (size_t i = 0; i < MEDIUM_COUNT; i++)
        f->outside[i] = arena_array(f->a, f->p->screen_count + 1, sizeof(bool));
    if (!f->filler || !f->outside[MEDIUM_USSD] || !f->outside[MEDIUM_SMS])
        return ERR_NOMEM;
    memset(f->filler, 'x', (size_t)f->filler_len);
    return 0;
}

int fit_check(const struct program *p, const struct profile *profiles, size_t count, struct diags *d)
{
    struct fit f = {.p = p, .d = d};
    size_t before = diags_errors(d);
    f.err = prepare(&f, profiles, count);
    for (size_t i = 0; i < p->settings->language_count && !f.err; i++) {
        f.language = (int)i;
        check_language(&f);
    }
    worst_close(f.w);
    arena_free(f.a);
    diags_sort(d);
    if (f.err)
        return f.err;
    return diags_errors(d) > before ? ERR_REFUSED : 0;
}
