// SPDX-License-Identifier: AGPL-3.0-or-later
/* Replacing a team's key. The new generation is there first, so that what people tell from then on is under it; then
 * what lies under older ones is sealed anew, some rows at a time, worked on between two calls through the door: turns
 * go on. A row that was withdrawn or erased meanwhile stays so. When nothing is left under them, older generations and
 * their members' seals are forgotten. Killed anywhere between, the next call goes on where this one was. */
#include "base/err.h"
#include "staff/audit.h"
#include "staff/office.h"
#include "staff/team.h"

enum { ROTATE_ARENA = 1024 * 1024, ROTATE_ROWS = 64, ROTATE_SEAL_MAX = 256 };

struct rotation {
    const struct office *o;
    struct arena *a;
    struct span team;
    struct signin *by;
    struct team_generation newest; /* the one that everything goes to */
    struct opener *key;            /* a fresh one, where one is made */
    struct office_paper *paper;
    struct store_sealed *rows;
    struct span *seals; /* of `rows`, under the newest; empty: left alone */
    size_t count;
};

static int note(const struct rotation *r, struct store *s, const char *action)
{
    int64_t now_s = r->o->clock.now_ms(r->o->clock.ctx) / 1000;
    return audit_note(r->o->vault, s, &(struct audit){now_s, r->by->member.name, span_of(action), r->team});
}

/* ---- the new generation ---- */

static int seal_to(struct rotation *r, struct store *s, const struct staff *member)
{
    struct team_seal seal;
    int rc = team_admit(r->o->vault, r->key, &r->newest, member, r->a, &seal);
    return rc < 0 ? rc : store_team_seal_put(s, &seal);
}

/* To whoever holds the present one and still may. */
static int seal_to_holders(struct rotation *r, struct store *s, int64_t present)
{
    struct team_seal *seals;
    size_t count;
    int rc = store_team_seals(s, 0, r->a, &seals, &count);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct staff member;
        if (!span_eq(seals[i].team, r->team) || seals[i].generation != present)
            continue;
        rc = store_staff_by_id(s, seals[i].staff_id, r->a, &member);
        if (rc == 0 && !member.disabled && roles_hold(member.roles, r->team))
            rc = seal_to(r, s, &member);
    }
    return rc;
}

/* How many generations the team has. */
static int generations(struct rotation *r, struct store *s, size_t *of_team)
{
    struct team_generation *rows;
    size_t count;
    int rc = store_team_list(s, r->a, &rows, &count);
    *of_team = 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        *of_team += span_eq(rows[i].team, r->team);
    return rc;
}

static int begin_fn(void *ctx, struct store *s)
{
    struct rotation *r = ctx;
    size_t of_team = 0;
    int rc = team_newest(r->o->vault, s, r->team, r->a, &r->newest);
    if (rc == 0)
        rc = generations(r, s, &of_team);
    if (rc == 0 && !keyring_generation(&r->by->keyring, r->team, r->newest.generation))
        rc = ERR_AUTH;
    if (rc < 0 || of_team > 1)
        return rc; // an earlier rotation was interrupted: go on with it
    int64_t present = r->newest.generation;
    rc = team_make(r->o->vault, r->team, present + 1, r->key, r->a, &r->newest, r->paper->text);
    if (rc == 0)
        rc = store_team_add(s, &r->newest);
    if (rc == 0)
        rc = seal_to_holders(r, s, present);
    return rc < 0 ? rc : note(r, s, "replace team key");
}

/* ---- sealing anew ---- */

static int read_fn(void *ctx, struct store *s)
{
    struct rotation *r = ctx;
    return store_sealed_before(s, r->team, r->newest.generation, ROTATE_ROWS, r->a, &r->rows, &r->count);
}

static int reseal(struct rotation *r, const struct store_sealed *row, struct span *seal)
{
    struct opener *key;
    struct str bytes = STR_INIT(ROTATE_SEAL_MAX);
    int rc = keyring_take(&r->by->keyring, row->public_key, &row->held, 1, &key);
    if (rc < 0)
        return rc;
    rc = opener_pass(key, r->newest.public_key, &bytes);
    opener_close(key);
    *seal = arena_copy(r->a, str_span(&bytes));
    str_release(&bytes);
    return rc == 0 && !seal->p ? ERR_NOMEM : rc;
}

static int write_fn(void *ctx, struct store *s)
{
    struct rotation *r = ctx;
    int rc = 0;
    for (size_t i = 0; i < r->count && rc == 0; i++)
        rc = store_sealed_anew(s, &r->rows[i], r->newest.generation, r->seals[i]);
    return rc;
}

/* One round; 0 rows: nothing is left. */
static int reseal_some(struct rotation *r)
{
    int rc = r->o->call(r->o->door, read_fn, r);
    if (rc < 0 || !r->count)
        return rc;
    r->seals = arena_array(r->a, r->count, sizeof *r->seals);
    if (!r->seals)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->count && rc == 0; i++)
        rc = reseal(r, &r->rows[i], &r->seals[i]);
    return rc < 0 ? rc : r->o->call(r->o->door, write_fn, r);
}

static int finish_fn(void *ctx, struct store *s)
{
    struct rotation *r = ctx;
    int rc = store_team_drop(s, r->team, r->newest.generation);
    return rc < 0 ? rc : note(r, s, "forget old team key");
}

static int reseal_all(struct rotation *r, size_t *resealed)
{
    const struct team_generation newest = r->newest; // its spans are not read any more
    int rc;
    do {
        arena_reset(r->a);
        r->newest = newest;
        rc = reseal_some(r);
        *resealed += rc == 0 ? r->count : 0;
    } while (rc == 0 && r->count);
    return rc < 0 ? rc : r->o->call(r->o->door, finish_fn, r);
}

static int rotate(struct rotation *r, struct arena *a, size_t *resealed)
{
    int rc = r->o->call(r->o->door, begin_fn, r);
    if (rc == 0)
        rc = office_refresh(r->o, a, r->by); // the new generation is on the ring now
    if (rc == 0)
        rc = reseal_all(r, resealed);
    return rc < 0 ? rc : office_refresh(r->o, a, r->by);
}

int office_rotate(const struct office *o, struct signin *by, struct span team, struct arena *a,
                  struct office_paper *paper, size_t *resealed)
{
    *resealed = 0;
    *paper = (struct office_paper){0};
    struct rotation r = {.o = o, .a = arena_new(ROTATE_ARENA), .team = team, .by = by, .paper = paper};
    int rc = team_index(team, &paper->team);
    if (rc == 0)
        rc = r.a ? opener_new(&r.key) : ERR_NOMEM;
    if (rc == 0)
        rc = rotate(&r, a, resealed);
    opener_close(r.key);
    arena_free(r.a);
    return rc;
}

/* ---- the paper alone ---- */

static int reprint_fn(void *ctx, struct store *s)
{
    struct rotation *r = ctx;
    struct team_generation row;
    int rc = team_newest(r->o->vault, s, r->team, r->a, &r->newest);
    if (rc < 0)
        return rc;
    const struct opener *key = keyring_generation(&r->by->keyring, r->team, r->newest.generation);
    if (!key)
        return ERR_AUTH;
    rc = team_make(r->o->vault, r->team, r->newest.generation, key, r->a, &row, r->paper->text);
    if (rc == 0)
        rc = store_team_recovery(s, &row);
    return rc < 0 ? rc : note(r, s, "print recovery key");
}

int office_reprint(const struct office *o, const struct signin *by, struct span team, struct office_paper *paper)
{
    *paper = (struct office_paper){0};
    struct rotation r = {.o = o, .a = arena_new(ROTATE_ARENA), .team = team, .by = (struct signin *)by, .paper = paper};
    int rc = r.a ? team_index(team, &paper->team) : ERR_NOMEM;
    if (rc == 0)
        rc = o->call(o->door, reprint_fn, &r);
    arena_free(r.a);
    return rc;
}
