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
static struct live_slot *slot_of(const struct live *l, const struct live_table *t, const struct store_index *name,
                                 enum by by)
{
    uint32_t h = hash(name), i = h & (t->room - 1);
    while (t->slots[i].handle &&
           (t->slots[i].hash != h || memcmp(name_of(l, t->slots[i].handle, by), name, sizeof *name) != 0))
        i = (i + 1) & (t->room - 1);
    return &t->slots[i];
}

static struct live_slot *slot_find(const struct live *l, const struct store_index *name, enum by by)
{
    const struct live_table *t = table_of(l, name, by);
    struct live_slot *slot = t->room ? slot_of(l, t, name, by) : NULL;
    return slot && slot->handle ? slot : NULL;
}

/* All names differ, so the first free slot is the one. */
static void slot_move(const struct live_table *to, struct live_slot slot)
{
    uint32_t i = slot.hash & (to->room - 1);
    while (to->slots[i].handle)
        i = (i + 1) & (to->room - 1);
    to->slots[i] = slot;
}

/* Room for one more at three quarters full at most. */
static int table_widen(struct live_table *t)
{
    if (t->count < t->room / 4 * 3)
        return 0;
    struct live_table wide = {.room = t->room ? t->room * 2 : TABLE_FIRST, .count = t->count};
    wide.slots = mem_calloc(wide.room, sizeof *wide.slots);
    if (!wide.slots)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < t->room; i++)
        if (t->slots[i].handle)
            slot_move(&wide, t->slots[i]);
    mem_free(t->slots);
    *t = wide;
    return 0;
}

/* Empties a slot and moves up what was pushed past it (Knuth 6.4, algorithm R). */
static void slot_empty(struct live_table *t, const struct live_slot *slot)
{
    uint32_t mask = t->room - 1, hole = (uint32_t)(slot - t->slots);
    for (uint32_t i = (hole + 1) & mask; t->slots[i].handle; i = (i + 1) & mask) {
        uint32_t home = t->slots[i].hash & mask;
        if (((i - home) & mask) < ((i - hole) & mask))
            continue;
        t->slots[hole] = t->slots[i];
        hole = i;
    }
    t->slots[hole] = (struct live_slot){0};
    t->count--;
}

static void table_take(const struct live *l, const struct store_index *name, enum by by)
{
    slot_empty(table_of(l, name, by), slot_find(l, name, by));
}

static void slot_fill(struct live_table *t, struct live_slot *slot, const struct store_index *name, uint32_t handle)
{
    t->count += slot->handle == 0;
    *slot = (struct live_slot){.handle = handle, .hash = hash(name)};
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
    struct live_table *t = table_of(l, &s->caller, BY_CALLER);
    struct live_slot *newest = slot_of(l, t, &s->caller, BY_CALLER);
    uint32_t older = newest->handle, newer = 0;
    for (; older && at(l, older)->id > s->id; older = at(l, older)->earlier)
        newer = older;
    s->earlier = older;
    s->later = newer;
    if (older)
        at(l, older)->later = handle;
    if (newer)
        at(l, newer)->earlier = handle;
    else
        slot_fill(t, newest, &s->caller, handle);
}

static void caller_leave(struct live *l, const struct live_session *s)
{
    if (s->earlier)
        at(l, s->earlier)->later = s->later;
    if (s->later)
        at(l, s->later)->earlier = s->earlier;
    else if (s->earlier)
        slot_find(l, &s->caller, BY_CALLER)->handle = s->earlier;
    else
        table_take(l, &s->caller, BY_CALLER);
}

/* ERR_CORRUPT where the key is there already. */
static int join(struct live *l, const struct live_session *session)
{
    struct live_table *t = table_of(l, &session->key, BY_KEY);
    int rc = table_widen(t);
    if (rc == 0)
        rc = table_widen(table_of(l, &session->caller, BY_CALLER));
    if (rc < 0)
        return rc;
    struct live_slot *slot = slot_of(l, t, &session->key, BY_KEY);
    if (slot->handle)
        return ERR_CORRUPT;
    uint32_t handle = handle_take(l);
    if (!handle)
        return ERR_NOMEM;
    *at(l, handle) = *session;
    slot_fill(t, slot, &session->key, handle);
    caller_join(l, handle);
    return 0;
}

static void leave(struct live *l, struct live_session *s)
{
    uint32_t handle = slot_find(l, &s->key, BY_KEY)->handle;
    caller_leave(l, s);
    table_take(l, &s->key, BY_KEY);
    s->earlier = l->freed;
    l->freed = handle;
}

struct live_session *live_find(const struct live *l, const struct store_index *key)
{
    const struct live_slot *slot = slot_find(l, key, BY_KEY);
    return slot ? at(l, slot->handle) : NULL;
}

struct live_session *live_newest(const struct live *l, const struct store_index *caller)
{
    const struct live_slot *slot = slot_find(l, caller, BY_CALLER);
    return slot ? at(l, slot->handle) : NULL;
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

static int take_key(struct store_index *key, sqlite3_value *value)
{
    const void *bytes = sqlite3_value_blob(value); // before the length: the order SQLite asks for
    if (sqlite3_value_bytes(value) != STORE_INDEX_BYTES)
        return ERR_CORRUPT;
    memcpy(key->bytes, bytes, STORE_INDEX_BYTES);
    return 0;
}

/* Columns: id, key, caller, number, last_turn, expires. */
static int take_row(struct store *s, sqlite3_value **row)
{
    struct live_session session = {.id = sqlite3_value_int64(row[0]), .number = sqlite3_value_int64(row[3])};
    struct head head = heads_get(&s->heads, (struct head){.session = session.id,
                                                          .turn = sqlite3_value_int64(row[4]),
                                                          .expires_s = sqlite3_value_int64(row[5])});
    session.turn = head.turn;
    session.expires_s = head.expires_s;
    int rc = take_key(&session.key, row[1]);
    if (rc == 0)
        rc = take_key(&session.caller, row[2]);
    return rc == 0 ? join(&s->live, &session) : rc;
}

static void on_row(sqlite3_context *ctx, int count, sqlite3_value **row)
{
    (void)count;
    int *rc = sqlite3_aggregate_context(ctx, sizeof *rc);
    if (!rc)
        sqlite3_result_error_nomem(ctx);
    else if (*rc == 0)
        *rc = take_row(sqlite3_user_data(ctx), row);
}

static void on_end(sqlite3_context *ctx)
{
    const int *rc = sqlite3_aggregate_context(ctx, 0);
    sqlite3_result_int(ctx, rc ? *rc : 0);
}

int live_open(struct store *s)
{
    int code = sqlite3_create_function_v2(s->db, "live_take", 6, SQLITE_UTF8 | SQLITE_DIRECTONLY, s, NULL, on_row,
                                          on_end, NULL);
    return code == SQLITE_OK ? 0 : db_error(s, code);
}

int live_know(struct store *s)
{
    if (s->live.known)
        return 0;
    live_release(&s->live);
    sqlite3_stmt *st;
    int rc = db_find(s, Q_SESSION_ALL, NULL, 0, &st);
    if (rc < 0)
        return rc;
    rc = sqlite3_column_int(st, 0);
    db_done(st);
    s->live.known = rc == 0;
    return rc;
}
