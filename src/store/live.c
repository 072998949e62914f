// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/live.h"

#include "base/err.h"
#include "base/mem.h"
#include "store/db.h"

// A handle is a number from 1; 0 is nobody. Sessions lie in chunks that never move.
enum { CHUNK = 1024, TABLE_FIRST = 16, NOTES_FIRST = 256 };
enum by { BY_KEY, BY_CALLER };

/* How a session was before it was changed, or only which it is: it was not there. */
struct live_note {
    struct live_session before;
    bool added;
};

static struct live_session *at(const struct live *l, uint32_t handle)
{
    return &l->chunks[(handle - 1) / CHUNK][(handle - 1) % CHUNK];
}

static const struct store_index *name_of(const struct live *l, uint32_t handle, enum by by)
{
    return by == BY_KEY ? &at(l, handle)->key : &at(l, handle)->caller;
}

/* ---- tables ---- */

// A blind index is a keyed digest, so any of its bytes are as good as a hash: the first chooses the segment.
static uint32_t hash(const struct store_index *name)
{
    uint32_t h;
    memcpy(&h, name->bytes + 1, sizeof h);
    return h;
}

static struct live_table *table_of(const struct live *l, const struct store_index *name, enum by by)
{
    return (struct live_table *)(by == BY_KEY ? l->keys : l->callers) + name->bytes[0];
}

/* The slot that holds this name, or the free one where it belongs. Needs room. */
static uint32_t *slot_of(const struct live *l, const struct live_table *t, const struct store_index *name, enum by by)
{
    uint32_t i = hash(name) & (t->room - 1);
    while (t->slots[i] && memcmp(name_of(l, t->slots[i], by), name, sizeof *name) != 0)
        i = (i + 1) & (t->room - 1);
    return &t->slots[i];
}

static uint32_t *slot_find(const struct live *l, const struct store_index *name, enum by by)
{
    const struct live_table *t = table_of(l, name, by);
    uint32_t *slot = t->room ? slot_of(l, t, name, by) : NULL;
    return slot && *slot ? slot : NULL;
}

/* Room for one more at three quarters full at most. */
static int table_widen(const struct live *l, struct live_table *t, enum by by)
{
    if (t->count < t->room / 4 * 3)
        return 0;
    struct live_table wide = {.room = t->room ? t->room * 2 : TABLE_FIRST, .count = t->count};
    wide.slots = mem_calloc(wide.room, sizeof *wide.slots);
    if (!wide.slots)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < t->room; i++)
        if (t->slots[i])
            *slot_of(l, &wide, name_of(l, t->slots[i], by), by) = t->slots[i];
    mem_free(t->slots);
    *t = wide;
    return 0;
}

/* Empties a slot and moves up what was pushed past it (Knuth 6.4, algorithm R). */
static void slot_empty(const struct live *l, struct live_table *t, uint32_t *slot, enum by by)
{
    uint32_t mask = t->room - 1, hole = (uint32_t)(slot - t->slots);
    for (uint32_t i = (hole + 1) & mask; t->slots[i]; i = (i + 1) & mask) {
        uint32_t home = hash(name_of(l, t->slots[i], by)) & mask;
        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        t->slots[hole] = t->slots[i];
        hole = i;
    }
    t->slots[hole] = 0;
    t->count--;
}

static void table_take(const struct live *l, const struct store_index *name, enum by by)
{
    slot_empty(l, table_of(l, name, by), slot_find(l, name, by), by);
}

static void table_put(const struct live *l, uint32_t handle, enum by by)
{
    struct live_table *t = table_of(l, name_of(l, handle, by), by);
    uint32_t *slot = slot_of(l, t, name_of(l, handle, by), by);
    t->count += *slot == 0;
    *slot = handle;
}

/* ---- sessions ---- */

static int chunk_add(struct live *l)
{
    struct live_session **chunks = mem_realloc(l->chunks, (l->made / CHUNK + 1) * sizeof *chunks);
    if (!chunks)
        return ERR_NOMEM;
    l->chunks = chunks;
    chunks[l->made / CHUNK] = mem_alloc(CHUNK * sizeof **chunks);
    return chunks[l->made / CHUNK] ? 0 : ERR_NOMEM;
}

static uint32_t handle_take(struct live *l)
{
    uint32_t handle = l->freed;
    if (handle)
        l->freed = at(l, handle)->earlier;
    else if (l->made % CHUNK || chunk_add(l) == 0)
        handle = ++l->made;
    return handle;
}

/* Puts a session between the newer and the older ones of its caller; a new one is mostly the newest. */
static void caller_join(struct live *l, uint32_t handle)
{
    struct live_session *s = at(l, handle);
    const uint32_t *newest = slot_find(l, &s->caller, BY_CALLER);
    uint32_t older = newest ? *newest : 0, newer = 0;
    for (; older && at(l, older)->id > s->id; older = at(l, older)->earlier)
        newer = older;
    s->earlier = older;
    s->later = newer;
    if (older)
        at(l, older)->later = handle;
    if (newer)
        at(l, newer)->earlier = handle;
    else
        table_put(l, handle, BY_CALLER);
}

static void caller_leave(struct live *l, const struct live_session *s)
{
    if (s->earlier)
        at(l, s->earlier)->later = s->later;
    if (s->later)
        at(l, s->later)->earlier = s->earlier;
    else if (s->earlier)
        *slot_find(l, &s->caller, BY_CALLER) = s->earlier;
    else
        table_take(l, &s->caller, BY_CALLER);
}

static int join(struct live *l, const struct live_session *session)
{
    int rc = table_widen(l, table_of(l, &session->key, BY_KEY), BY_KEY);
    if (rc == 0)
        rc = table_widen(l, table_of(l, &session->caller, BY_CALLER), BY_CALLER);
    uint32_t handle = rc == 0 ? handle_take(l) : 0;
    if (!handle)
        return ERR_NOMEM;
    *at(l, handle) = *session;
    table_put(l, handle, BY_KEY);
    caller_join(l, handle);
    return 0;
}

static void leave(struct live *l, struct live_session *s)
{
    uint32_t handle = *slot_find(l, &s->key, BY_KEY);
    caller_leave(l, s);
    table_take(l, &s->key, BY_KEY);
    s->earlier = l->freed;
    l->freed = handle;
}

struct live_session *live_find(const struct live *l, const struct store_index *key)
{
    const uint32_t *slot = slot_find(l, key, BY_KEY);
    return slot ? at(l, *slot) : NULL;
}

struct live_session *live_newest(const struct live *l, const struct store_index *caller)
{
    const uint32_t *slot = slot_find(l, caller, BY_CALLER);
    return slot ? at(l, *slot) : NULL;
}

struct live_session *live_earlier(const struct live *l, const struct live_session *session)
{
    return session->earlier ? at(l, session->earlier) : NULL;
}

/* ---- changes and their undoing ---- */

static void note(struct live *l, const struct live_session *before, bool added)
{
    if (l->note_count == l->note_room) {
        size_t room = l->note_room ? l->note_room * 2 : NOTES_FIRST;
        struct live_note *notes = mem_realloc(l->notes, room * sizeof *notes);
        if (!notes) {
            l->unsure = true;
            return;
        }
        l->notes = notes;
        l->note_room = room;
    }
    l->notes[l->note_count++] = (struct live_note){.before = *before, .added = added};
}

int live_add(struct live *l, const struct live_session *session)
{
    int rc = join(l, session);
    if (rc == 0)
        note(l, session, true);
    return rc;
}

void live_change(struct live *l, const struct live_session *session)
{
    note(l, session, false);
}

void live_drop(struct live *l, struct live_session *session)
{
    note(l, session, false);
    leave(l, session);
}

void live_settle(struct live *l)
{
    l->note_count = 0;
    l->unsure = false;
}

static int undo(struct live *l, const struct live_note *n)
{
    struct live_session *now = live_find(l, &n->before.key);
    if (n->added) {
        leave(l, now);
        return 0;
    }
    if (!now)
        return join(l, &n->before);
    now->number = n->before.number;
    now->turn = n->before.turn;
    now->expires_s = n->before.expires_s;
    return 0;
}

void live_undo(struct live *l)
{
    l->known = l->known && !l->unsure;
    while (l->known && l->note_count)
        l->known = undo(l, &l->notes[--l->note_count]) == 0;
    live_settle(l);
}

/* ---- reading it ---- */

void live_release(struct live *l)
{
    for (uint32_t i = 0; i < l->made; i += CHUNK)
        mem_free(l->chunks[i / CHUNK]);
    for (size_t i = 0; i < LIVE_SEGMENTS; i++) {
        mem_free(l->keys[i].slots);
        mem_free(l->callers[i].slots);
    }
    mem_free(l->chunks);
    mem_free(l->notes);
    *l = (struct live){0};
}

static int take_row(struct store *s, sqlite3_stmt *st)
{
    struct live_session row = {.id = sqlite3_column_int64(st, 0), .number = sqlite3_column_int64(st, 3)};
    struct head head = heads_get(&s->heads, (struct head){.session = row.id,
                                                          .turn = sqlite3_column_int64(st, 4),
                                                          .expires_s = sqlite3_column_int64(st, 5)});
    row.turn = head.turn;
    row.expires_s = head.expires_s;
    int rc = db_exact(st, 1, row.key.bytes, STORE_INDEX_BYTES);
    if (rc == 0)
        rc = db_exact(st, 2, row.caller.bytes, STORE_INDEX_BYTES);
    if (rc == 0 && live_find(&s->live, &row.key))
        rc = ERR_CORRUPT;
    return rc == 0 ? join(&s->live, &row) : rc;
}

int live_know(struct store *s)
{
    if (s->live.known)
        return 0;
    live_release(&s->live);
    sqlite3_stmt *st;
    int rc = db_query(s, Q_SESSION_ALL, NULL, 0, &st);
    if (rc < 0)
        return rc;
    while ((rc = db_next(s, st)) == 1)
        if ((rc = take_row(s, st)) < 0)
            break;
    db_done(st);
    s->live.known = rc == 0;
    return rc;
}
