// SPDX-License-Identifier: AGPL-3.0-or-later
/* menus - what operators look at: whether what is in force is sound, which facts are due, who reviewed which language,
 * earlier versions; and the map.
 *
 * What is written down in the audit log is that somebody reloaded or went back, and what came of it.
 */
#include "base/err.h"
#include "console/health.h"
#include "console/internal.h"
#include "console/menumap.h"
#include "console/pages.h"
#include "console/wording.h"

#include <stdlib.h>

enum { ANSWER_MAX = 1024 * 1024, GRAPH_MAX = 4 * 1024 * 1024 };

static const struct console_port *port_of(const struct page *p)
{
    return p->console->parts.port;
}

/* ---- the check ---- */

/* "10:02" today, day and time before. */
static struct span clock_text(const struct page *p, int64_t at_ms)
{
    int weekday, minute, today;
    int64_t day, now;
    clock_local(at_ms, &weekday, &minute, &day);
    clock_local(p->now_ms, &weekday, &today, &now);
    return day == now ? arena_printf(p->arena, "%02d:%02d", minute / 60, minute % 60)
                      : wording_time(p->arena, at_ms / 1000);
}

/* Only the file's own name is read; the whole path is there for who points at it. */
static void place_fill(struct view *row, const struct place *at)
{
    struct span path = span_of(at->file), name = path;
    while (span_find(name, '/') < name.len)
        name = span_from(name, span_find(name, '/') + 1);
    view_set(row, "path", path);
    view_set(row, "file", name);
    if (at->line)
        view_setn(row, "line", at->line);
}

static void finding_fill(struct view *list, const struct diag *d)
{
    view_setz(list, "severity", d->severity == SEVERITY_ERROR ? "Error" : "Warning");
    view_flag(list, "is_error", d->severity == SEVERITY_ERROR);
    view_setz(list, "code", d->code);
    place_fill(list, &d->at);
    view_set(list, "message", d->message);
    view_set(list, "hint", d->hint);
    view_set(list, "source", span_trim(d->source));
}

static void talks_fill(struct page *p, const struct port_checkup *c)
{
    struct view *v = p->view;
    view_flag(v, "talked", c->talked);
    view_setn(v, "talks", (int64_t)c->talks);
    view_flag(v, "talks_failed", c->failed > 0);
    view_setn(v, "talks_wrong", (int64_t)c->failed);
    view_setn(v, "talk_screens", (int64_t)c->screens_seen);
    view_setn(v, "talk_screens_all", (int64_t)c->screens);
    view_setn(v, "talk_options", (int64_t)c->options_taken);
    view_setn(v, "talk_options_all", (int64_t)c->options);
}

static int check_fill(struct page *p)
{
    struct port_checkup c;
    struct view *v = p->view;
    int rc = port_of(p)->checkup(port_of(p)->ctx, false, p->arena, &c);
    if (rc < 0)
        return rc;
    for (int errors = 1; errors >= 0; errors--) // what refuses comes first
        for (size_t i = 0; i < c.count; i++)
            if ((c.rows[i].severity == SEVERITY_ERROR) == errors)
                finding_fill(view_add(v, "findings"), &c.rows[i]);
    view_flag(v, "fine", c.fine && !c.failed);
    view_set(v, "checked", clock_text(p, c.at_ms));
    view_setn(v, "finding_count", (int64_t)c.count);
    view_setf(v, "found", "%zu error%s and %zu warning%s", c.errors, c.errors == 1 ? "" : "s", c.count - c.errors,
              c.count - c.errors == 1 ? "" : "s");
    if (c.count > c.errors)
        view_setf(v, "warnings", "%zu warning%s", c.count - c.errors, c.count - c.errors == 1 ? "" : "s");
    talks_fill(p, &c);
    return 0;
}

/* ---- facts and languages ---- */

/** A fact, or the rows of a directory that have the same date. */
struct dated {
    struct span name, owner, source, confirm;
    int64_t review_by, rows; /* rows: 0 for a fact */
    struct place at;
};

static int by_date(const void *left, const void *right)
{
    const struct dated *a = left, *b = right;
    return a->review_by < b->review_by ? -1 : a->review_by > b->review_by;
}

static void dated_fill(struct page *p, const struct dated *d, int64_t today)
{
    struct view *row = view_add(p->view, "facts");
    enum map_due due = fact_due(d->review_by, today);
    view_set(row, "fact", d->name);
    view_set(row, "owner", d->owner);
    view_set(row, "source", d->source);
    view_set(row, "confirm", d->confirm);
    view_set(row, "review_by", wording_day(p->arena, d->review_by));
    place_fill(row, &d->at);
    if (d->rows)
        view_setf(row, "rows", "%lld row%s", (long long)d->rows, d->rows == 1 ? "" : "s");
    view_flag(row, "past", due == DUE_PAST);
    if (due == DUE_SOON)
        view_setf(row, "soon", "%lld day%s", (long long)(d->review_by - today), d->review_by - today == 1 ? "" : "s");
}

static struct dated *dated_add(struct dated *all, size_t *count, const struct dated *one)
{
    all[(*count)++] = *one;
    return &all[*count - 1];
}

static size_t rows_in_tables(const struct program *p)
{
    size_t rows = 0;
    for (size_t i = 0; i < p->table_count; i++)
        rows += p->tables[i].row_count;
    return rows;
}

/* Rows of one directory stand together as long as their dates are the same. */
static void tables_gather(const struct program *p, struct dated *all, size_t *count)
{
    for (size_t i = 0; i < p->table_count; i++) {
        const struct table *t = &p->tables[i];
        size_t first = *count;
        for (size_t k = 0; k < t->row_count; k++) {
            size_t at = first;
            while (at < *count && all[at].review_by != t->rows[k].review_by_day)
                at++;
            struct dated *d = &all[at];
            if (at == *count)
                d = dated_add(all, count,
                              &(struct dated){t->name, t->owner, t->source, t->confirm, t->rows[k].review_by_day, 0,
                                              t->rows[k].due_at});
            d->rows++;
        }
    }
}

static int facts_fill(struct page *p, const struct program *m)
{
    int64_t today = day_of_ms(p->now_ms), past = 0, soon = 0, unconfirmed = 0;
    size_t count = 0;
    struct dated *all = arena_array(p->arena, m->fact_count + rows_in_tables(m) + 1, sizeof *all);
    if (!all)
        return ERR_NOMEM;
    for (size_t i = 0; i < m->fact_count; i++) {
        const struct fact *f = &m->facts[i];
        dated_add(all, &count,
                  &(struct dated){f->name, f->owner, f->source, f->confirm, f->review_by_day, 0, f->due_at});
    }
    tables_gather(m, all, &count);
    qsort(all, count, sizeof *all, by_date);
    for (size_t i = 0; i < count; i++) {
        enum map_due due = fact_due(all[i].review_by, today);
        past += due == DUE_PAST;
        soon += due == DUE_SOON;
        unconfirmed += all[i].confirm.len > 0;
        if (due != DUE_NOT || all[i].confirm.len)
            dated_fill(p, &all[i], today);
    }
    view_setn(p->view, "facts_all", (int64_t)m->fact_count);
    if (past)
        view_setn(p->view, "facts_past", past);
    view_setz(p->view, "facts_are", past == 1 ? "fact is" : "facts are");
    if (soon)
        view_setn(p->view, "facts_soon", soon);
    if (unconfirmed)
        view_setn(p->view, "facts_unconfirmed", unconfirmed);
    return 0;
}

static void language_fill(struct page *p, const struct program *m, size_t index)
{
    const struct settings_language *l = &m->settings->languages[index];
    const struct locale *locale = m->locales[index];
    int64_t all = 0, done = 0;
    for (size_t i = 0; i < m->text_count; i++) {
        const struct rendition *r = &m->texts[i].renditions[index * LOCALE_PLURALS_MAX];
        all += !m->texts[i].wordless;
        done += !m->texts[i].wordless && r->pieces;
    }
    struct view *row = view_add(p->view, "languages");
    view_set(row, "language", wording_language(l->code));
    view_set(row, "code", l->code);
    view_flag(row, "own", index == 0);
    view_flag(row, "draft", l->draft);
    view_set(row, "reviewer", index ? locale_reviewer(locale) : (struct span){0});
    view_setn(row, "texts", all);
    view_setn(row, "translated", index ? done : all);
    if (index && done < all)
        view_setn(row, "lacking", all - done);
}

static int content_fill(void *ctx, const struct program *m)
{
    struct page *p = ctx;
    struct view *v = p->view;
    for (size_t i = 0; i < m->settings->language_count; i++)
        language_fill(p, m, i);
    view_setn(v, "screens", (int64_t)m->screen_count);
    view_setn(v, "texts_all", (int64_t)m->text_count);
    return facts_fill(p, m);
}

/* The view points into the menus: it is drawn before these may be replaced. */
static int content_page(void *ctx, const struct program *m)
{
    struct page *p = ctx;
    int rc = content_fill(ctx, m);
    if (rc == 0)
        page_show(p, "menus");
    return rc;
}

/* ---- pages ---- */

static void notice_fill(struct page *p)
{
    static const struct {
        const char *word, *text;
    } DONE[] = {{"check", "The files were read and checked. Nothing was put in force."},
                {"reload", "The menus were reloaded. Calls under way finish on the menus they began with."},
                {"back", "The earlier version is in force. Calls under way finish on the menus they began with."}};
    struct span done = page_query(p, "done");
    for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
        if (span_is(done, DONE[i].word))
            view_setz(p->view, "notice", DONE[i].text);
    view_flag(p->view, "refused", span_is(done, "refused"));
}

void menus_show(struct page *p)
{
    view_flag(p->view, "at_health", true);
    notice_fill(p);
    health_fill(p);
    view_flag(p->view, "went_back", port_of(p)->went_back(port_of(p)->ctx));
    int rc = check_fill(p);
    if (rc == 0)
        rc = port_of(p)->menus(port_of(p)->ctx, content_page, p);
    if (rc < 0)
        page_failed(p, rc);
}

static int facts_page(void *ctx, const struct program *m)
{
    struct page *p = ctx;
    int rc = facts_fill(p, m);
    if (rc == 0)
        page_show(p, "facts");
    return rc;
}

void facts_show(struct page *p)
{
    view_flag(p->view, "at_facts", true);
    int rc = port_of(p)->menus(port_of(p)->ctx, facts_page, p);
    if (rc < 0)
        page_failed(p, rc);
}

/* Goes on to where the outcome is told. */
static void after(struct page *p, int rc, const char *action, struct span object, const char *done)
{
    int noted = page_note(p, action, object);
    if (rc == 0 && noted == 0)
        page_gof(p, "/menus?done=%s", done);
    else if (rc == ERR_REFUSED && noted == 0)
        page_go(p, "/menus?done=refused");
    else
        page_failed(p, rc < 0 ? rc : noted);
}

void menus_check(struct page *p)
{
    struct port_checkup c;
    int rc = port_of(p)->checkup(port_of(p)->ctx, true, p->arena, &c);
    if (rc < 0)
        page_failed(p, rc);
    else
        page_go(p, "/menus?done=check");
}

void menus_reload(struct page *p)
{
    struct str answer = STR_INIT(ANSWER_MAX);
    int rc = port_of(p)->reload(port_of(p)->ctx, &answer);
    str_release(&answer); // the page tells what was found, with its lines
    after(p, rc, "reload menus", rc == 0 ? SPAN("done") : SPAN("refused"), "reload");
}

/* ---- versions ---- */

static int versions_fill(struct page *p)
{
    struct port_version *rows;
    size_t count;
    int rc = port_of(p)->versions(port_of(p)->ctx, p->arena, &rows, &count);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct view *row = view_add(p->view, "versions");
        view_set(row, "version", rows[i].name);
        view_set(row, "last", wording_time(p->arena, rows[i].last_s));
        view_flag(row, "now", rows[i].now);
        view_set(row, "differs", rows[i].differs);
    }
    view_flag(p->view, "went_back", port_of(p)->went_back(port_of(p)->ctx));
    return rc;
}

void versions_show(struct page *p)
{
    int rc = versions_fill(p);
    view_flag(p->view, "at_versions", true);
    if (rc < 0)
        page_failed(p, rc);
    else
        page_show(p, "versions");
}

void versions_go_back(struct page *p)
{
    struct span name = page_form(p, "version");
    struct str answer = STR_INIT(ANSWER_MAX);
    int rc = port_of(p)->go_back(port_of(p)->ctx, name, &answer);
    struct span told = arena_copy(p->arena, str_span(&answer));
    str_release(&answer);
    if (rc == ERR_MISSING) {
        page_error(p, "version", "Choose a version that is in the list: this one is not kept any more");
        versions_show(p);
    } else if (rc == ERR_REFUSED) {
        page_error(p, "version", "This version does not fit the present configuration, and was not put in force");
        view_set(p->view, "told", told);
        versions_show(p);
    } else {
        after(p, rc, "go back to menus", name, "back");
    }
}

/* ---- the map ---- */

static void map_row(struct page *p, const struct menumap *m, size_t index)
{
    const struct mapped *s = &m->screens[index];
    static const char *const kinds[] = {
        [SCREEN_SCREEN] = "Screen", [SCREEN_PART] = "Part", [SCREEN_CONSENT] = "Consent"};
    static const char *const due[] = {
        [DUE_NOT] = NULL, [DUE_SOON] = "A fact is due", [DUE_PAST] = "A fact is past its date"};
    struct view *row = view_add(p->view, "screens");
    view_set(row, "name", s->name);
    view_setz(row, "kind", kinds[s->kind]);
    place_fill(row, &(struct place){.file = s->file, .line = s->line});
    view_setz(row, "due", due[s->due]);
    view_flag(row, "uncounted", !s->stays);
    if (s->seen >= MAP_FEWEST)
        view_setn(row, "seen", s->seen);
    if (s->seen >= MAP_FEWEST && s->left >= MAP_FEWEST)
        view_setf(row, "left", "%lld (%lld %%)", (long long)s->left, (long long)(100 * s->left / s->seen));
    for (size_t i = 0; i < m->way_count; i++)
        if (m->ways[i][0] == index)
            view_set(view_add(row, "ways"), "to", m->screens[m->ways[i][1]].name);
}

void map_show(struct page *p)
{
    struct menumap m;
    int rc = menumap_read(p, &m);
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    for (size_t i = 0; i < m.count; i++)
        map_row(p, &m, i);
    view_flag(p->view, "at_map", true);
    view_setn(p->view, "screen_count", (int64_t)m.count);
    view_setn(p->view, "days", MAP_DAYS);
    view_setn(p->view, "fewest", MAP_FEWEST);
    page_show(p, "map");
}

void map_picture(struct page *p)
{
    struct menumap m;
    struct str svg = STR_INIT(GRAPH_MAX);
    int rc = menumap_read(p, &m);
    if (rc == 0)
        menugraph_draw(&m, &svg);
    struct span drawn = rc == 0 && str_err(&svg) == 0 ? arena_copy(p->arena, str_span(&svg)) : (struct span){0};
    str_release(&svg);
    if (!drawn.p) {
        page_failed(p, rc < 0 ? rc : ERR_NOMEM);
        return;
    }
    p->response->status = 200;
    p->response->content_type = SPAN("image/svg+xml");
    p->response->body = drawn;
}
