// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/caselist.h"

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/caseload.h"
#include "vault/told.h"

#include <pthread.h>

enum { RECENT = 1024 /* changes that are remembered */ };
enum { WORDS_MOST = 1024, WORD_BYTES = 64, READ_AT_ONCE = 512, LIST_ARENA = 1024 * 1024 };

struct caselist {
    struct caselist_parts parts;
    pthread_mutex_t lock; /* over all below */
    pthread_t thread;
    bool threaded, closing;
    struct listed *rows; /* by id, from 1 */
    size_t count, room;
    int64_t change;
    struct {
        int64_t id, change;
    } recent[RECENT];     /* what changed last, as a ring */
    size_t recent_count;  /* of all time */
    int64_t recent_since; /* every change after this one is in it */
    struct arena *scratch;
    struct str plain;
    char words[WORDS_MOST][WORD_BYTES]; /* [0] is empty */
    size_t word_count;
};

/* ---- words ---- */

struct span caselist_word(struct caselist *l, list_word word)
{
    return word < WORDS_MOST ? span_of(l->words[word])
                             : (struct span){0}; // written once, before the number is given away
}

static list_word word_of(struct caselist *l, struct span text)
{
    if (!text.len)
        return 0;
    for (size_t i = 1; i < l->word_count; i++)
        if (span_is(text, l->words[i]))
            return (list_word)i;
    if (l->word_count == WORDS_MOST || text.len >= WORD_BYTES) {
        log_event(LOG_ERROR, "too many words in case list", LOG_INT("words", (int64_t)l->word_count));
        return 0;
    }
    memcpy(l->words[l->word_count], text.p, text.len);
    return (list_word)l->word_count++;
}

static uint8_t rank_of(struct span priority)
{
    static const struct {
        const char *word;
        enum list_rank rank;
    } RANK[] = {{"urgent", RANK_URGENT}, {"high", RANK_HIGH}, {"low", RANK_LOW}};
    for (size_t i = 0; i < sizeof RANK / sizeof *RANK; i++)
        if (span_is(priority, RANK[i].word))
            return (uint8_t)RANK[i].rank;
    return RANK_NORMAL;
}

static uint32_t flags_of(const struct settings *s, const struct told_summary *t)
{
    uint32_t flags = 0;
    for (size_t f = 0; f < t->flag_count; f++)
        for (size_t i = 0; i < s->flag_count && i < 32; i++)
            if (span_eq(t->flags[f], s->flags[i]))
                flags |= (uint32_t)1 << i;
    return flags;
}

/* ---- reading ---- */

static void summary_read(struct caselist *l, const struct caseload_row *row, struct listed *to)
{
    struct told_summary t;
    str_clear(&l->plain);
    int rc = told_summary_unbox(l->parts.vault, row->reference, row->summary_box, &l->plain, l->scratch, &t);
    if (rc < 0) {
        log_event(LOG_ERROR, "case summary does not open", LOG_INT("case", row->id), LOG_ERR(rc));
        return;
    }
    to->kind = word_of(l, t.kind);
    to->priority = word_of(l, t.priority);
    to->rank = rank_of(t.priority);
    to->flags = flags_of(l->parts.settings, &t);
}

static void language_read(struct caselist *l, const struct caseload_row *row, struct listed *to)
{
    str_clear(&l->plain);
    int rc = told_language_unbox(l->parts.vault, row->person_public, row->language_box, &l->plain);
    if (rc == 0)
        to->language = word_of(l, str_span(&l->plain));
    else
        log_event(LOG_ERROR, "language does not open: the row was changed", LOG_INT("person", row->person),
                  LOG_ERR(rc));
}

static struct listed *room_for(struct caselist *l, int64_t id)
{
    size_t need = (size_t)id;
    if (need > l->room) {
        size_t room = l->room ? l->room : 1024;
        while (room < need)
            room *= 2;
        struct listed *grown = mem_realloc(l->rows, room * sizeof *grown);
        if (!grown)
            return NULL;
        memset(grown + l->room, 0, (room - l->room) * sizeof *grown);
        l->rows = grown;
        l->room = room;
    }
    if (need > l->count)
        l->count = need;
    return &l->rows[id - 1];
}

/* Changes are read in their order, so what the ring loses is older than all that is in it. */
static void recent_add(struct caselist *l, int64_t id, int64_t change)
{
    size_t at = l->recent_count++ % RECENT;
    if (l->recent[at].id)
        l->recent_since = l->recent[at].change;
    l->recent[at].id = id;
    l->recent[at].change = change;
}

static int row_read(void *ctx, const struct caseload_row *row)
{
    struct caselist *l = ctx;
    struct listed *to = room_for(l, row->id);
    if (!to)
        return ERR_NOMEM;
    *to = (struct listed){.id = row->id,
                          .change = row->change,
                          .owner = row->owner,
                          .casework = row->casework,
                          .safeguarding = row->safeguarding,
                          .waiting = row->waiting,
                          .rank = RANK_NORMAL,
                          .opened_day = (int32_t)row->opened_day,
                          .changed_day = (int32_t)row->changed_day,
                          .closed_day = (int32_t)row->closed_day,
                          .status = word_of(l, row->status),
                          .channel = word_of(l, row->channel)};
    memcpy(to->reference, row->reference.p, row->reference.len < LIST_REFERENCE ? row->reference.len : LIST_REFERENCE);
    if (row->summary_box.len)
        summary_read(l, row, to);
    if (row->language_box.len)
        language_read(l, row, to);
    l->change = row->change;
    recent_add(l, row->id, row->change);
    return 0;
}

/* Some rows; how many were read comes back. Under the lock. */
static int read_some(struct caselist *l, bool *more)
{
    struct store *s;
    int64_t before = l->change;
    int rc = readers_take(l->parts.readers, &s);
    if (rc < 0)
        return rc;
    rc = caseload_since(s, l->change, READ_AT_ONCE, row_read, l);
    readers_give(l->parts.readers, s);
    arena_reset(l->scratch);
    *more = rc == 0 && l->change != before;
    return rc;
}

/* Rounds are short, so that neither a snapshot nor the lock is held for long. */
static int catch_up(struct caselist *l, bool locked_between)
{
    bool more = true;
    int rc = 0;
    while (rc == 0 && more && !l->closing) {
        rc = read_some(l, &more);
        if (!locked_between) {
            pthread_mutex_unlock(&l->lock);
            pthread_mutex_lock(&l->lock);
        }
    }
    return rc;
}

static void *first_read(void *list)
{
    struct caselist *l = list;
    pthread_mutex_lock(&l->lock);
    int rc = catch_up(l, false);
    pthread_mutex_unlock(&l->lock);
    if (rc < 0)
        log_event(LOG_ERROR, "case list could not be read", LOG_ERR(rc));
    return NULL;
}

int caselist_open(const struct caselist_parts *parts, struct caselist **out)
{
    struct caselist *l = mem_calloc(1, sizeof *l);
    if (!l)
        return ERR_NOMEM;
    l->parts = *parts;
    l->word_count = 1;
    str_init(&l->plain, TOLD_MAX);
    pthread_mutex_init(&l->lock, NULL);
    l->scratch = arena_new(LIST_ARENA);
    l->threaded = l->scratch && pthread_create(&l->thread, NULL, first_read, l) == 0;
    if (!l->threaded) {
        caselist_close(l);
        return ERR_NOMEM;
    }
    *out = l;
    return 0;
}

void caselist_close(struct caselist *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->closing = true;
    pthread_mutex_unlock(&l->lock);
    if (l->threaded)
        pthread_join(l->thread, NULL);
    pthread_mutex_destroy(&l->lock);
    arena_free(l->scratch);
    vault_forget(&l->plain);
    mem_free(l->rows);
    mem_free(l);
}

/* ---- looking ---- */

/* The lists in which a case stands for who looks, as a set of 1 << enum list_view. */
static unsigned views_of(const struct listed *c, const struct caselist_filter *f)
{
    enum access access = access_of(f->roles, f->member, &(struct access_case){c->owner, c->casework, c->safeguarding});
    if (access != ACCESS_OPEN)
        return access == ACCESS_KNOWN && !c->closed_day ? 1u << VIEW_ELSEWHERE : 0;
    if (c->closed_day)
        return 1u << VIEW_CLOSED;
    bool mine = c->owner == f->member, new = !c->owner;
    return 1u << VIEW_ALL | (unsigned)mine << VIEW_MINE | (unsigned)new << VIEW_NEW |
           (unsigned)(mine || new) << VIEW_MINE_AND_NEW;
}

/** A filter whose words were looked up. */
struct sieve {
    const struct caselist_filter *f;
    list_word priority, language;
    uint32_t flag;
    bool nothing; /* a word that no case has */
};

static list_word word_known(const struct caselist *l, struct span text)
{
    for (size_t i = 1; i < l->word_count; i++)
        if (span_is(text, l->words[i]))
            return (list_word)i;
    return 0;
}

static struct sieve sieve_of(const struct caselist *l, const struct caselist_filter *f)
{
    struct sieve s = {.f = f, .priority = word_known(l, f->priority), .language = word_known(l, f->language)};
    for (size_t i = 0; i < l->parts.settings->flag_count && i < 32; i++)
        if (span_eq(f->flag, l->parts.settings->flags[i]))
            s.flag = (uint32_t)1 << i;
    s.nothing = f->view != VIEW_ELSEWHERE &&
                ((f->priority.len && !s.priority) || (f->language.len && !s.language) || (f->flag.len && !s.flag));
    return s;
}

/* What safeguarding handles is not sifted: a list that answers to a flag tells who has it. */
static bool passes(const struct sieve *s, const struct listed *c)
{
    bool fits = (!s->f->waiting || c->waiting) && (!s->priority || c->priority == s->priority) &&
                (!s->language || c->language == s->language) && (!s->flag || (c->flags & s->flag));
    return c->id && (fits || s->f->view == VIEW_ELSEWHERE) && (views_of(c, s->f) >> s->f->view & 1);
}

enum { PLACES = RANKS * 2 };

/* Where a case stands in the list's order; within a place the oldest is first, as the rows stand. Nor does the order of
 * what safeguarding handles tell anything. */
static size_t place(const struct sieve *s, const struct listed *c)
{
    return s->f->view == VIEW_ELSEWHERE ? 0 : (size_t)c->rank * 2 + !c->waiting;
}

static void count_all(const struct caselist *l, const struct sieve *s, size_t places[PLACES],
                      struct caselist_found *out)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct listed *c = &l->rows[i];
        if (!c->id)
            continue;
        unsigned views = views_of(c, s->f);
        for (enum list_view v = 0; v < VIEWS; v++)
            out->views[v] += views >> v & 1;
        if (!s->nothing && passes(s, c))
            places[place(s, c)]++;
    }
}

/* No sorting: how many stand before each place is known, so one more walk picks the page. */
static void pick(const struct caselist *l, const struct sieve *s, const size_t places[PLACES],
                 struct caselist_found *out)
{
    size_t next[PLACES], first = s->f->page * LIST_PAGE;
    for (size_t i = 0; i < PLACES; i++) {
        next[i] = out->total;
        out->total += places[i];
    }
    for (size_t i = 0; i < l->count && first < out->total; i++) {
        const struct listed *c = &l->rows[i];
        if (s->nothing || !passes(s, c))
            continue;
        size_t at = next[place(s, c)]++;
        if (at < first || at >= first + LIST_PAGE)
            continue;
        out->rows[at - first] = *c;
        out->count++;
    }
}

int caselist_select(struct caselist *l, const struct caselist_filter *f, struct arena *a, struct caselist_found *out)
{
    size_t places[PLACES] = {0};
    *out = (struct caselist_found){.rows = arena_array(a, LIST_PAGE, sizeof *out->rows)};
    if (!out->rows)
        return ERR_NOMEM;
    pthread_mutex_lock(&l->lock);
    int rc = catch_up(l, true);
    if (rc == 0) {
        struct sieve s = sieve_of(l, f);
        count_all(l, &s, places, out);
        pick(l, &s, places, out);
        out->change = l->change;
    }
    pthread_mutex_unlock(&l->lock);
    return rc;
}

static bool sought(const struct caselist_search *q, uint32_t flag, const struct listed *c)
{
    enum access access = access_of(q->roles, q->member, &(struct access_case){c->owner, c->casework, c->safeguarding});
    bool may = access == ACCESS_OPEN || (access == ACCESS_KNOWN && !q->flag.len);
    if (!c->id || !may || c->opened_day < q->from_day || c->opened_day > q->to_day)
        return false;
    if (q->flag.len && !(c->flags & flag))
        return false;
    bool named = !q->by_reference;
    for (size_t i = 0; i < q->reference_count && !named; i++)
        named = span_is(q->references[i], c->reference);
    return named;
}

static uint32_t flag_bit(const struct settings *s, struct span flag)
{
    for (size_t i = 0; i < s->flag_count && i < 32; i++)
        if (span_eq(flag, s->flags[i]))
            return (uint32_t)1 << i;
    return 0;
}

int caselist_search(struct caselist *l, const struct caselist_search *q, struct arena *a, struct caselist_found *out)
{
    uint32_t flag = flag_bit(l->parts.settings, q->flag);
    *out = (struct caselist_found){.rows = arena_array(a, LIST_PAGE, sizeof *out->rows)};
    if (!out->rows)
        return ERR_NOMEM;
    pthread_mutex_lock(&l->lock);
    int rc = catch_up(l, true);
    for (size_t i = l->count; rc == 0 && i > 0; i--) {
        if (!sought(q, flag, &l->rows[i - 1]))
            continue;
        if (out->count < LIST_PAGE)
            out->rows[out->count++] = l->rows[i - 1];
        out->total++;
    }
    out->change = l->change;
    pthread_mutex_unlock(&l->lock);
    return rc;
}

bool caselist_get(struct caselist *l, int64_t id, struct listed *out)
{
    pthread_mutex_lock(&l->lock);
    bool there = id > 0 && (size_t)id <= l->count && l->rows[id - 1].id;
    if (there)
        *out = l->rows[id - 1];
    pthread_mutex_unlock(&l->lock);
    return there;
}

int caselist_news(struct caselist *l, int64_t *change)
{
    pthread_mutex_lock(&l->lock);
    int rc = catch_up(l, true);
    *change = l->change;
    pthread_mutex_unlock(&l->lock);
    return rc;
}

/* Of a case that changed twice the later counts. */
static size_t newer_recent(const struct caselist *l, const struct sieve *s, int64_t change)
{
    size_t count = 0;
    for (size_t i = 0; i < RECENT && i < l->recent_count; i++) {
        const struct listed *c = &l->rows[l->recent[i].id - 1];
        count += l->recent[i].change > change && c->change == l->recent[i].change && passes(s, c);
    }
    return count;
}

static size_t newer_any(const struct caselist *l, const struct sieve *s, int64_t change)
{
    size_t count = 0;
    for (size_t i = 0; i < l->count; i++)
        count += l->rows[i].change > change && passes(s, &l->rows[i]);
    return count;
}

size_t caselist_newer(struct caselist *l, const struct caselist_filter *f, int64_t change)
{
    size_t count = 0;
    pthread_mutex_lock(&l->lock);
    struct sieve s = sieve_of(l, f);
    if (!s.nothing) // who follows a list asks for the last few changes: many follow one
        count = change >= l->recent_since ? newer_recent(l, &s, change) : newer_any(l, &s, change);
    pthread_mutex_unlock(&l->lock);
    return count;
}
