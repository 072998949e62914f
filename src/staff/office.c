// SPDX-License-Identifier: AGPL-3.0-or-later
/* Members: adding, letting in, changing. Teams' keys are replaced in rotate.c. */
#include "staff/office.h"

#include "base/err.h"
#include "staff/audit.h"
#include "staff/team.h"
#include "vault/totp.h"

#include <string.h>

enum { OFFICE_ARENA = 256 * 1024 };

static int64_t now_s(const struct office *o)
{
    return o->clock.now_ms(o->clock.ctx) / 1000;
}

/** One change on its way through the door. */
struct change {
    const struct office *o;
    struct arena *a;
    struct span actor, name;
    struct staff member;
    unsigned roles;
    bool disabled;
    struct span bytes; /* a record or a box */
    const unsigned char *public_key;
    struct office_teams *teams;
    const struct signin *by;
    struct span team, paper;
    struct office_list *list;
    size_t count;
};

static int note(const struct change *c, struct store *s, const char *action)
{
    return audit_note(c->o->vault, s, &(struct audit){now_s(c->o), c->actor, span_of(action), c->name});
}

/* Runs a change through the door with an arena of its own. */
static int change_do(struct change *c, int (*fn)(void *ctx, struct store *s))
{
    c->a = arena_new(OFFICE_ARENA);
    if (!c->a)
        return ERR_NOMEM;
    int rc = c->o->call(c->o->door, fn, c);
    arena_free(c->a);
    return rc;
}

/* ---- a member and their teams ---- */

/* A team's key: the one from before there were members, or a fresh one. */
static int team_key(struct change *c, struct store *s, struct span team, struct opener **key)
{
    struct span wrapped;
    int rc = store_team_wrapped(s, team, c->a, &wrapped);
    if (rc == ERR_MISSING)
        return opener_new(key);
    struct str secret = STR_INIT(1024);
    if (rc == 0)
        rc = vault_unbox(c->o->vault, VAULT_KEYS, team, wrapped, &secret);
    if (rc == 0)
        rc = secret.len == VAULT_KEY_BYTES ? opener_of_secret((const unsigned char *)secret.p, key) : ERR_CORRUPT;
    vault_forget(&secret);
    return rc != 0 ? rc : store_team_unwrapped(s, team);
}

static int seal_put(struct change *c, struct store *s, const struct opener *key, const struct team_generation *row)
{
    struct team_seal seal;
    int rc = team_admit(c->o->vault, key, row, &c->member, c->a, &seal);
    return rc < 0 ? rc : store_team_seal_put(s, &seal);
}

/* The first member of a team makes its key. */
static int team_begin(struct change *c, struct store *s, size_t index)
{
    struct opener *key;
    struct team_generation row;
    struct office_paper *paper = &c->teams->papers[c->teams->paper_count];
    int rc = team_key(c, s, span_of(team_name(index)), &key);
    if (rc != 0)
        return rc;
    rc = team_make(c->o->vault, span_of(team_name(index)), 1, key, c->a, &row, paper->text);
    if (rc == 0)
        rc = store_team_add(s, &row);
    if (rc == 0)
        rc = seal_put(c, s, key, &row);
    opener_close(key);
    paper->team = index;
    c->teams->paper_count += rc == 0;
    return rc;
}

static bool holds(const struct team_seal *seals, size_t count, size_t index)
{
    for (size_t i = 0; i < count; i++)
        if (span_is(seals[i].team, team_name(index)))
            return true;
    return false;
}

/* Sets a member's teams to what their roles need, as far as that can be done without a holder. */
static int teams_settle(struct change *c, struct store *s)
{
    struct team_seal *seals;
    size_t count;
    *c->teams = (struct office_teams){0};
    int rc = store_team_seals(s, c->member.id, c->a, &seals, &count);
    for (size_t i = 0; i < TEAM_COUNT && rc == 0; i++) {
        struct team_generation row;
        struct span team = span_of(team_name(i));
        if (!roles_hold(c->member.roles, team)) {
            rc = store_team_seal_drop(s, c->member.id, team);
            continue;
        }
        rc = team_newest(c->o->vault, s, team, c->a, &row);
        if (rc == ERR_MISSING)
            rc = team_begin(c, s, i);
        else if (rc == 0)
            c->teams->waits[i] = !holds(seals, count, i);
    }
    return rc;
}

static int member_get(struct change *c, struct store *s)
{
    return store_staff_get(s, c->name, c->a, &c->member);
}

/* ---- adding ---- */

static bool name_fits(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.p[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');
        if (!letter && ch != '.' && ch != '-' && ch != '_')
            return false;
    }
    return name.len && name.len <= STAFF_NAME_MOST;
}

static int add_fn(void *ctx, struct store *s)
{
    struct change *c = ctx;
    int rc = store_staff_add(s, &c->member);
    if (rc == 0)
        rc = teams_settle(c, s);
    return rc < 0 ? rc : note(c, s, "add member");
}

int office_add(const struct office *o, struct span actor, const struct office_member *m, struct office_teams *teams)
{
    if (!name_fits(m->name))
        return ERR_SYNTAX;
    struct opener *identity;
    struct str record = STR_INIT(IDENTITY_MAX);
    int rc = identity_make(o->gate, o->vault, m->name, m->passphrase, &record, &identity);
    if (rc < 0) {
        str_release(&record);
        return rc;
    }
    struct change c = {.o = o,
                       .actor = actor,
                       .name = m->name,
                       .teams = teams,
                       .member = {.name = m->name, .roles = m->roles, .record = str_span(&record), .given = m->given}};
    memcpy(c.member.public_key, opener_public(identity), sizeof c.member.public_key);
    opener_close(identity);
    rc = change_do(&c, add_fn);
    str_release(&record);
    return rc;
}

/* ---- signing in ---- */

/** A sign-in on its way through the door. */
struct entry {
    struct signin *in;
    struct span name;
    struct arena *a;
    int64_t now_s;
    const struct office *o;
    const char *place;
};

static int find_fn(void *ctx, struct store *s)
{
    struct entry *e = ctx;
    return signin_find(s, e->name, e->a, e->in);
}

/* Why a try was refused, for whoever reads the audit log; the one who tried is told none of it. */
static const char *refusal(const struct entry *e)
{
    const struct staff *m = &e->in->member;
    if (e->in->result != ERR_AUTH)
        return "the member's row does not open";
    if (m->disabled)
        return "shut out";
    return m->locked_until_s > e->now_s ? "locked" : "wrong";
}

/* A name that nobody has is not written down: it may be a passphrase in the wrong field. */
static int entry_note(const struct entry *e, struct store *s)
{
    bool in = e->in->result == 0;
    const struct staff *m = &e->in->member;
    const char *how = in ? e->in->step ? "passphrase and code" : "passphrase" : refusal(e);
    struct span object = arena_printf(e->a, "%s: %s", e->place, how);
    return audit_note(e->o->vault, s,
                      &(struct audit){e->now_s, m->id ? m->name : SPAN("no member"),
                                      in ? SPAN("sign in") : SPAN("sign in refused"), object});
}

static int note_fn(void *ctx, struct store *s)
{
    struct entry *e = ctx;
    int rc = signin_note(s, e->in, e->now_s);
    return rc < 0 ? rc : entry_note(e, s);
}

int office_sign_in(const struct office *o, const struct signin_words *words, struct arena *a, struct signin *in)
{
    struct entry e = {in, words->name, a, now_s(o), o, words->place};
    const struct signin_terms terms = {o->gate, o->vault, e.now_s, o->second_factor};
    int rc = o->call(o->door, find_fn, &e);
    if (rc < 0)
        return rc;
    signin_try(in, &terms, words);
    e.now_s = now_s(o);
    rc = o->call(o->door, note_fn, &e);
    if (rc < 0)
        signin_end(in);
    return rc < 0 ? rc : in->result;
}

int office_refresh(const struct office *o, struct arena *a, struct signin *in)
{
    struct signin fresh;
    struct keyring keyring;
    struct entry e = {.in = &fresh, .name = in->member.name, .a = a};
    int rc = o->call(o->door, find_fn, &e);
    if (rc == 0)
        rc = keyring_open(in->identity, fresh.seals, fresh.seal_count, &keyring);
    if (rc < 0)
        return rc;
    keyring_close(&in->keyring);
    in->keyring = keyring;
    return 0;
}

/* ---- letting in ---- */

/* Every generation that the holder has: what is under an old one is read until it is sealed anew. */
static int admit_fn(void *ctx, struct store *s)
{
    struct change *c = ctx;
    struct team_generation *rows;
    size_t count;
    int rc = member_get(c, s);
    if (rc == 0)
        rc = store_team_list(s, c->a, &rows, &count);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        const struct opener *key = keyring_generation(&c->by->keyring, rows[i].team, rows[i].generation);
        if (!key || !roles_hold(c->member.roles, rows[i].team))
            continue;
        rc = team_proved(c->o->vault, &rows[i]);
        if (rc == 0)
            rc = seal_put(c, s, key, &rows[i]);
        c->count++;
    }
    if (rc == 0 && !c->count)
        rc = ERR_AUTH;
    return rc < 0 ? rc : note(c, s, "let into team");
}

int office_admit(const struct office *o, const struct signin *by, struct span name, size_t *teams)
{
    struct change c = {.o = o, .actor = by->member.name, .name = name, .by = by};
    int rc = change_do(&c, admit_fn);
    *teams = c.count;
    return rc;
}

static int recover_fn(void *ctx, struct store *s)
{
    struct change *c = ctx;
    struct team_generation row;
    struct opener *key;
    int rc = member_get(c, s);
    if (rc == 0 && !roles_hold(c->member.roles, c->team))
        rc = ERR_REFUSED;
    if (rc == 0)
        rc = team_newest(c->o->vault, s, c->team, c->a, &row);
    if (rc == 0)
        rc = team_recover(&row, c->paper, &key);
    if (rc != 0)
        return rc;
    rc = seal_put(c, s, key, &row);
    opener_close(key);
    return rc < 0 ? rc : note(c, s, "let into team by recovery key");
}

int office_recover(const struct office *o, struct span actor, struct span team, struct span paper, struct span name)
{
    struct change c = {.o = o, .actor = actor, .name = name, .team = team, .paper = paper};
    return change_do(&c, recover_fn);
}

/* ---- changing ---- */

static int disable_fn(void *ctx, struct store *s)
{
    struct change *c = ctx;
    int rc = member_get(c, s);
    if (rc == 0)
        rc = store_staff_disable(s, c->member.id, c->disabled);
    if (rc == 0 && c->disabled)
        rc = store_team_seal_drop(s, c->member.id, (struct span){0});
    return rc < 0 ? rc : note(c, s, c->disabled ? "disable member" : "enable member");
}

int office_disable(const struct office *o, struct span actor, struct span name, bool disabled)
{
    struct change c = {.o = o, .actor = actor, .name = name, .disabled = disabled};
    return change_do(&c, disable_fn);
}

static int roles_fn(void *ctx, struct store *s)
{
    struct change *c = ctx;
    int rc = member_get(c, s);
    if (rc == 0)
        rc = store_staff_roles(s, c->member.id, c->roles);
    c->member.roles = c->roles;
    if (rc == 0)
        rc = teams_settle(c, s);
    return rc < 0 ? rc : note(c, s, "change roles");
}

int office_roles(const struct office *o, struct span actor, struct span name, unsigned roles,
                 struct office_teams *teams)
{
    struct change c = {.o = o, .actor = actor, .name = name, .roles = roles, .teams = teams};
    return change_do(&c, roles_fn);
}

static int record_fn(void *ctx, struct store *s)
{
    struct change *c = ctx;
    int rc = store_staff_record(s, c->by->member.id, c->bytes, false);
    return rc < 0 ? rc : note(c, s, "change passphrase");
}

int office_passphrase(const struct office *o, const struct signin *in, struct span passphrase)
{
    struct str record = STR_INIT(IDENTITY_MAX);
    int rc = identity_rewrap(o->gate, o->vault, in->member.name, passphrase, in->identity, &record);
    struct change c = {.o = o, .actor = in->member.name, .name = in->member.name, .by = in};
    c.bytes = str_span(&record);
    if (rc == 0)
        rc = change_do(&c, record_fn);
    str_release(&record);
    return rc;
}

static int reset_fn(void *ctx, struct store *s)
{
    struct change *c = ctx;
    int rc = member_get(c, s);
    if (rc == 0)
        rc = store_staff_key(s, c->member.id, c->public_key, c->bytes);
    if (rc == 0)
        rc = member_get(c, s); // as it is now: its public key is what a team's key would be sealed to
    if (rc == 0)
        rc = teams_settle(c, s);
    return rc < 0 ? rc : note(c, s, "reset passphrase");
}

int office_reset(const struct office *o, struct span actor, struct span name, struct span passphrase,
                 struct office_teams *teams)
{
    struct opener *identity;
    struct str record = STR_INIT(IDENTITY_MAX);
    int rc = identity_make(o->gate, o->vault, name, passphrase, &record, &identity);
    if (rc == 0) {
        struct change c = {.o = o, .actor = actor, .name = name, .teams = teams, .bytes = str_span(&record)};
        c.public_key = opener_public(identity);
        rc = change_do(&c, reset_fn);
        opener_close(identity);
    }
    str_release(&record);
    return rc;
}

static int factor_fn(void *ctx, struct store *s)
{
    struct change *c = ctx;
    int rc = member_get(c, s);
    if (rc == 0)
        rc = store_staff_totp(s, c->member.id, c->bytes);
    return rc < 0 ? rc : note(c, s, "new second factor");
}

int office_second_factor(const struct office *o, struct span actor, struct span name, struct str *uri)
{
    struct str box = STR_INIT(TOTP_BOX_MAX);
    int rc = totp_new(o->vault, name, o->service, &box, uri);
    struct change c = {.o = o, .actor = actor, .name = name, .bytes = str_span(&box)};
    if (rc == 0)
        rc = change_do(&c, factor_fn);
    str_release(&box);
    return rc;
}

static int factor_drop_fn(void *ctx, struct store *s)
{
    struct change *c = ctx;
    int rc = member_get(c, s);
    if (rc == 0)
        rc = store_staff_totp(s, c->member.id, (struct span){0});
    return rc < 0 ? rc : note(c, s, "drop second factor");
}

int office_factor_drop(const struct office *o, struct span actor, struct span name)
{
    struct change c = {.o = o, .actor = actor, .name = name};
    return change_do(&c, factor_drop_fn);
}

int office_factor_confirm(const struct office *o, struct span name, struct span box, struct span code)
{
    int64_t step;
    int rc = totp_check(o->vault, name, box, code, now_s(o), 0, &step);
    struct change c = {.o = o, .actor = name, .name = name, .bytes = box};
    return rc < 0 ? rc : change_do(&c, factor_fn);
}

/* ---- listing ---- */

static int list_fn(void *ctx, struct store *s)
{
    struct change *c = ctx;
    struct office_list *l = c->list;
    int rc = store_staff_list(s, c->a, &l->members, &l->member_count);
    if (rc == 0)
        rc = store_team_seals(s, 0, c->a, &l->seals, &l->seal_count);
    return rc < 0 ? rc : store_team_list(s, c->a, &l->teams, &l->team_count);
}

int office_list(const struct office *o, struct arena *a, struct office_list *list)
{
    struct change c = {.o = o, .a = a, .list = list};
    return o->call(o->door, list_fn, &c);
}
