// SPDX-License-Identifier: AGPL-3.0-or-later
/* show - the present screen as a page: its text, its options (one a line, "1 Label") and its keys.
 *
 * Keys stand on one line at the foot: back (where there is a screen or a page to go back to), home (not on the home
 * screen), exit (beside one of them); "More" alone on the last line where a page follows. A final text has no keys but
 * More; nor has an SMS, whose last line says which word to send. A key whose press is a number that the screen itself
 * may mean is shown in another form. Where keys would leave too little of a page for the text, the last ones are left
 * out: of 80 units in Arabic they would take 30, so a page that another follows has Back and More, and the last one has
 * them all. While nothing can be stored a line above them says so on each page.
 *
 * One alphabet is chosen for the whole screen, all its pages and keys.
 *
 * What must be shown counts as shown with its last page, what must be offered with the page that has the option.
 */
#include "dialogue/show.h"

#include "text/gsm7.h"

enum { SHOW_CONTENT_MIN = 24, SHOW_CONTENT_FIFTHS = 4, SHOW_LIMIT_MIN = 2 }; // septets or units; of a page

/* ---- keys ---- */

static const struct {
    struct span press, label, other; // where none is configured; where the press is taken
} key_forms[KEY_COUNT] = {
    [KEY_BACK] = {.other = {"*", 1}},
    [KEY_HOME] = {.other = {"#", 1}},
    [KEY_MORE] = {.press = {"98", 2}, .label = {"More", 4}, .other = {"##", 2}},
    [KEY_EXIT] = {.other = {"**", 2}},
};

static bool in_range(const struct question *q, int64_t n)
{
    return q->asks && q->kind == ANSWER_NUMBER && n >= q->least && n <= q->most;
}

/** Whether the screen itself may mean this press: an option's number or a number that is asked for. */
static bool taken(const struct step *st, struct span press)
{
    int64_t n;
    if (st->s->asking != ASKING_SCREEN || span_int(press, &n) < 0 || (press.len > 1 && press.p[0] == '0'))
        return false;
    const struct menu_screen *screen = step_screen(st);
    if (in_range(&screen->question, n))
        return true;
    for (size_t i = screen->question_at; i < screen->line_count; i++) {
        const struct line *line = &screen->lines[i];
        bool choice = line->op == OP_OPTION || line->op == OP_AGREE || line->op == OP_REFUSE;
        if ((choice && line->number == n) ||
            (line->op == OP_LANGUAGES && n > 0 && n <= (int64_t)st->p->settings->language_count))
            return true;
    }
    return false;
}

struct span show_press(const struct step *st, enum settings_key_id key)
{
    struct span press = st->p->settings->keys[key].press;
    if (!press.len)
        press = key_forms[key].press;
    return press.len && taken(st, press) ? key_forms[key].other : press;
}

static void put_key(struct step *st, struct str *out, enum settings_key_id key)
{
    str_add(out, show_press(st, key));
    str_addc(out, ' ');
    struct span label = st->p->settings->keys[key].label;
    if (st->p->settings->keys[key].press.len && st->p->keys[key] != PROGRAM_NONE)
        render_text(st, out, st->p->keys[key]);
    else
        str_add(out, label.len ? label : key_forms[key].label);
}

/** The keys of a page, as a mask. */
static unsigned page_keys(const struct step *st, bool later)
{
    const struct dialogue *s = st->s;
    if (s->asking != ASKING_SCREEN || st->in->profile.medium == MEDIUM_SMS)
        return 0;
    bool back = later || s->skip || s->history_count, home = s->history_count || s->return_count;
    unsigned shown = (back ? 1u << KEY_BACK : 0) | (home ? 1u << KEY_HOME : 0);
    shown &= ~s->hidden;
    shown |= shown ? 1u << KEY_EXIT & ~s->hidden : 0;
    for (enum settings_key_id k = 0; k < KEY_COUNT; k++)
        if (!st->p->settings->keys[k].press.len)
            shown &= ~(1u << k);
    return shown;
}

struct span show_foot(struct step *st, unsigned shown)
{
    bool adrift = st->in->adrift && st->in->profile.medium == MEDIUM_USSD, first = true;
    if (!shown && !adrift)
        return (struct span){0};
    str_clear(&st->scratch);
    if (adrift)
        render_words(st, &st->scratch, SYSTEM_ADRIFT, st->language);
    for (enum settings_key_id k = 0; k < KEY_COUNT; k++) {
        if (!(shown & 1u << k))
            continue;
        if (st->scratch.len)
            str_addc(&st->scratch, first ? '\n' : ' ');
        put_key(st, &st->scratch, k);
        first = false;
    }
    return render_fold(st, step_keep(st));
}

struct span show_more_line(struct step *st)
{
    if (st->in->profile.medium == MEDIUM_SMS)
        return render_system(st, SYSTEM_MORE_SMS);
    str_clear(&st->scratch);
    put_key(st, &st->scratch, KEY_MORE);
    return render_fold(st, step_keep(st));
}

/* ---- gathering ---- */

/** What show_page works on. */
struct view {
    struct layout l;
    struct span *items;
    int *sizes;
    const uint16_t *options; /* items[1 + i] is options[i]; NULL: there are none */
    unsigned keys[LAYOUT_FEET];
    size_t lead; /* bytes of items[0] that are not of the session's body */
};

static struct span question_text(struct step *st, size_t *lead)
{
    const struct dialogue *s = st->s;
    *lead = 0;
    if (s->asking == ASKING_RESUME)
        return render_system(st, SYSTEM_RESUME);
    if (s->asking == ASKING_HELD)
        return render_system(st, SYSTEM_HELD);
    if (!s->error.len)
        return s->body;
    struct span body = span_from(s->body, s->from);
    if (!body.len)
        return s->error;
    str_clear(&st->scratch);
    str_add(&st->scratch, s->error);
    str_addc(&st->scratch, '\n');
    *lead = st->scratch.len;
    str_add(&st->scratch, body);
    return step_keep(st);
}

/** Its words, and its size in septets (-1: not of the alphabet). */
static struct span option_line(struct step *st, uint16_t option, int *septets)
{
    const struct ready_line *ready = option_ready(st, option);
    if (ready) {
        *septets = ready->septets;
        return ready->text;
    }
    str_clear(&st->scratch);
    str_addn(&st->scratch, option_number(st, option));
    str_addc(&st->scratch, ' ');
    option_label(st, &st->scratch, option);
    struct span line = render_fold(st, step_keep(st));
    *septets = gsm7_count(line);
    return line;
}

/** Text and options, with their septets for sizes; false when out of memory. */
static bool gather(struct step *st, struct view *v)
{
    size_t count;
    v->options = option_list(st, &count);
    size_t skip = st->s->skip < count ? st->s->skip : count;
    count = v->options ? count - skip : 0;
    if (v->options)
        v->options += skip;
    v->items = arena_array(st->a, count + 1, sizeof *v->items);
    v->sizes = arena_array(st->a, count + 1, sizeof *v->sizes);
    if (!v->items || !v->sizes)
        return false;
    v->l = (struct layout){.items = v->items, .sizes = v->sizes, .count = count + 1, .bound = count + 1};
    v->items[0] = question_text(st, &v->lead);
    v->sizes[0] = gsm7_count(v->items[0]);
    for (size_t i = 0; i < count; i++) {
        v->items[i + 1] = option_line(st, v->options[i], &v->sizes[i + 1]);
        if (v->l.bound > i + 1 && option_binds(st, v->options[i]))
            v->l.bound = i + 1;
    }
    return st->err == 0;
}

/* ---- measuring ---- */

static void set_keys(struct step *st, struct view *v)
{
    for (int i = 0; i < LAYOUT_FEET; i++) {
        v->keys[i] = page_keys(st, i & LAYOUT_LATER);
        v->l.keys[i] = i && v->keys[i] == v->keys[i - 1] ? v->l.keys[i - 1] : show_foot(st, v->keys[i]);
    }
    v->l.more = show_more_line(st);
}

/** Sizes of the keys in septets; false where a letter of them or of an item lies outside the alphabet. */
static bool count_septets(struct layout *l)
{
    bool gsm = true;
    for (size_t i = 0; i < l->count; i++)
        gsm &= l->sizes[i] >= 0;
    for (int i = 0; i < LAYOUT_FEET; i++) {
        bool same = i && l->keys[i].p == l->keys[i - 1].p;
        gsm &= (l->keys_size[i] = same ? l->keys_size[i - 1] : gsm7_count(l->keys[i])) >= 0;
    }
    return gsm & ((l->more_size = gsm7_count(l->more)) >= 0);
}

static void count_units(struct layout *l, int *sizes)
{
    for (size_t i = 0; i < l->count; i++)
        sizes[i] = ucs2_count(l->items[i]);
    for (int i = 0; i < LAYOUT_FEET; i++)
        l->keys_size[i] = ucs2_count(l->keys[i]);
    l->more_size = ucs2_count(l->more);
}

int show_limit(const struct profile *profile, struct measure m)
{
    int limit = m.gsm ? profile->septets : profile->units;
    return limit > SHOW_LIMIT_MIN ? limit : SHOW_LIMIT_MIN;
}

static void measure(struct step *st, struct layout *l, int *sizes)
{
    const struct profile *profile = &st->in->profile;
    l->measure = (struct measure){.gsm = profile->septets > 0 && count_septets(l)};
    if (!l->measure.gsm)
        count_units(l, sizes);
    l->limit = show_limit(profile, l->measure);
}

/** Leaves out the first of `order` until `least` is left for the text, or none of them is there any more. */
static void thin(struct step *st, struct layout *l, unsigned keys[LAYOUT_FEET], int i, int order_count, int least)
{
    static const unsigned order[] = {1u << KEY_EXIT, 1u << KEY_HOME, 1u << KEY_BACK};
    for (int k = 0; k < order_count && l->limit - l->keys_size[i] - l->more_size - 2 < least; k++) {
        if (!(keys[i] & order[k]))
            continue;
        keys[i] &= ~order[k];
        l->keys[i] = show_foot(st, keys[i]);
        l->keys_size[i] = measure_count(l->measure, l->keys[i]);
    }
}

void show_thin_keys(struct step *st, struct layout *l, unsigned keys[LAYOUT_FEET])
{
    for (int i = 0; i < LAYOUT_FEET; i++) {
        if (i & LAYOUT_ON)
            thin(st, l, keys, i, 2, l->limit * SHOW_CONTENT_FIFTHS / 5);
        thin(st, l, keys, i, 3, SHOW_CONTENT_MIN);
    }
    if (l->limit - l->more_size - 2 < 2) // no room to say that more follows
        l->more = (struct span){0}, l->more_size = -1;
}

/* ---- the page ---- */

/** Takes pages up to the session's; *pages is how many there are in all. */
static struct layout_page find_page(struct step *st, const struct layout *l, int *pages)
{
    struct layout_at at = layout_start(l);
    struct layout_page page, wanted = {.last = true};
    for (*pages = 0; layout_cut(l, &at, &page); ++*pages)
        if (*pages <= st->s->page)
            wanted = page;
    if (st->s->page >= *pages)
        st->s->page = (uint16_t)(*pages ? *pages - 1 : 0);
    return wanted;
}

static void mark_offered(struct step *st, uint16_t option)
{
    if ((option & OPTION_KIND) != OPTION_LINE)
        return;
    const struct target *t = &step_screen(st)->lines[option & OPTION_INDEX].target;
    int watch = t->kind == PLACE_SCREEN ? st->p->screens[t->screen].watch : -1;
    if (watch >= 0)
        st->s->offered |= UINT64_C(1) << watch;
}

/** Notes what the page holds, for the answer to come. */
static void remember(struct step *st, const struct view *v, const struct layout_page *page)
{
    struct dialogue *s = st->s;
    s->keys = v->keys[page->foot] | (page->last ? 0 : 1u << KEY_MORE);
    s->option_count = 0;
    s->first_option = (uint16_t)(s->skip + (page->options ? page->options - 1 : 0));
    for (size_t i = page->options; v->options && i < page->chosen && s->option_count < DIALOGUE_OPTIONS_MAX; i++) {
        s->options[s->option_count++] = v->options[i - 1];
        mark_offered(st, v->options[i - 1]);
    }
    size_t at = s->body.len;
    if (!page->first && page->head.len)
        at = (size_t)(page->head.p - v->items[0].p);
    s->page_at = !page->first && s->asking == ASKING_SCREEN ? s->from + (at > v->lead ? at - v->lead : 0) : s->body.len;
    if (s->page_at > s->body.len)
        s->page_at = s->body.len;
    if (page->last && (s->asking == ASKING_SCREEN || s->asking == ASKING_NOTHING))
        s->shown |= s->pending;
    s->ended = page->last && s->asking == ASKING_NOTHING;
}

struct span dialogue_screen_name(const struct program *p, const struct dialogue *s)
{
    bool own = s->asking == ASKING_RESUME || s->asking == ASKING_HELD;
    return own || s->screen == PROGRAM_NONE ? (struct span){0} : p->screens[s->screen].name;
}

static void report(struct step *st, const struct layout *l, const struct layout_page *page, int pages)
{
    const struct dialogue *s = st->s;
    struct dialogue_result *out = st->out;
    out->screen = (struct screen){.text = layout_write(l, page, st->a), .more = !s->ended};
    if (!out->screen.text.p)
        st->err = ERR_NOMEM;
    out->effects = st->effects;
    out->effect_count = st->effect_count;
    out->screen_name = dialogue_screen_name(st->p, s);
    out->page = s->page;
    out->pages = pages;
    out->gsm = l->measure.gsm;
    out->used = page->used;
}

void show_page(struct step *st)
{
    struct view v = {0};
    int pages;
    if (!gather(st, &v)) {
        st->err = ERR_NOMEM;
        return;
    }
    set_keys(st, &v);
    measure(st, &v.l, v.sizes);
    show_thin_keys(st, &v.l, v.keys);
    struct layout_page page = find_page(st, &v.l, &pages);
    remember(st, &v, &page);
    report(st, &v.l, &page, pages);
}
