// SPDX-License-Identifier: AGPL-3.0-or-later
#include "store/staff.h"

#include "base/err.h"
#include "base/str.h"
#include "store/rows.h"

enum { ROLES_TEXT_MOST = 256 };

/* ---- roles ---- */

static const struct {
    enum staff_role role;
    const char *word;
} role_table[] = {
    {ROLE_CASEWORKER, "caseworker"}, {ROLE_SAFEGUARDING, "safeguarding"},       {ROLE_SUPERVISOR, "supervisor"},
    {ROLE_OPERATOR, "operator"},     {ROLE_DATA_PROTECTION, "data-protection"}, {ROLE_ADMINISTRATOR, "administrator"},
};
enum { ROLES = sizeof role_table / sizeof *role_table };
_Static_assert(ROLE_ALL == (1 << ROLES) - 1, "each role has a word");

const char *staff_role_word(enum staff_role role)
{
    for (size_t i = 0; i < ROLES; i++)
        if (role_table[i].role == role)
            return role_table[i].word;
    return NULL;
}

static unsigned role_of(struct span word)
{
    for (size_t i = 0; i < ROLES; i++)
        if (span_is(word, role_table[i].word))
            return role_table[i].role;
    return 0;
}

static size_t word_end(struct span words)
{
    size_t comma = span_find(words, ','), blank = span_find(words, ' ');
    return comma < blank ? comma : blank;
}

int staff_roles_read(struct span words, unsigned *roles)
{
    unsigned found = 0;
    for (; words.len; words = span_from(words, word_end(words) + 1)) {
        struct span word = span_first(words, word_end(words));
        if (!word.len)
            continue;
        unsigned role = role_of(word);
        if (!role)
            return ERR_SYNTAX;
        found |= role;
    }
    *roles = found;
    return found ? 0 : ERR_RANGE;
}

void staff_roles_write(unsigned roles, struct str *out)
{
    const char *between = "";
    for (size_t i = 0; i < ROLES; i++) {
        if (!(roles & role_table[i].role))
            continue;
        str_addz(out, between);
        str_addz(out, role_table[i].word);
        between = ",";
    }
}

/* ---- rows ---- */

static int staff_row(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct staff *m = row;
    *m = (struct staff){.id = sqlite3_column_int64(st, 0),
                        .totp_step = sqlite3_column_int64(st, 6),
                        .failed = sqlite3_column_int(st, 7),
                        .locked_until_s = sqlite3_column_int64(st, 8),
                        .signed_in_s = sqlite3_column_int64(st, 9),
                        .disabled = sqlite3_column_int(st, 10),
                        .given = sqlite3_column_int(st, 11)};
    int rc = staff_roles_read(db_bytes(st, 2), &m->roles);
    if (rc == 0)
        rc = db_exact(st, 3, m->public_key, sizeof m->public_key);
    if (rc < 0)
        return ERR_CORRUPT;
    return rows_copy(st, a, (const int[]){1, 4, 5}, (struct span *const[]){&m->name, &m->record, &m->totp}, 3);
}

static int team_row(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct team_generation *t = row;
    *t = (struct team_generation){.generation = sqlite3_column_int64(st, 1)};
    int rc = db_exact(st, 2, t->public_key, sizeof t->public_key);
    if (rc == 0)
        rc = db_exact(st, 4, t->recovery_key, sizeof t->recovery_key);
    if (rc < 0)
        return rc;
    return rows_copy(st, a, (const int[]){0, 3, 5}, (struct span *const[]){&t->team, &t->proof, &t->recovery}, 3);
}

static int seal_row(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct team_seal *t = row;
    *t = (struct team_seal){.generation = sqlite3_column_int64(st, 1), .staff_id = sqlite3_column_int64(st, 2)};
    int rc = db_exact(st, 3, t->public_key, sizeof t->public_key);
    return rc < 0 ? rc : rows_copy(st, a, (const int[]){0, 4}, (struct span *const[]){&t->team, &t->seal}, 2);
}

static int sealed_row(sqlite3_stmt *st, struct arena *a, void *row)
{
    struct store_sealed *r = row;
    *r = (struct store_sealed){.of_case = sqlite3_column_int(st, 3), .id = sqlite3_column_int64(st, 4)};
    int rc = db_exact(st, 5, r->public_key, sizeof r->public_key);
    return rc < 0 ? rc : held_row(st, a, &r->held);
}

/* ---- members ---- */

int store_staff_get(struct store *s, struct span name, struct arena *a, struct staff *member)
{
    return rows_one(s, Q_STAFF_BY_NAME, V_TEXT(name), staff_row, a, member);
}

int store_staff_by_id(struct store *s, int64_t id, struct arena *a, struct staff *member)
{
    return rows_one(s, Q_STAFF_BY_ID, V_INT(id), staff_row, a, member);
}

int store_staff_list(struct store *s, struct arena *a, struct staff **members, size_t *count)
{
    return rows_all(s, &(struct rows_of){Q_STAFF_LIST, NULL, 0, staff_row, sizeof **members}, a, (void **)members,
                    count);
}

int store_staff_add(struct store *s, struct staff *member)
{
    struct str roles = STR_INIT(ROLES_TEXT_MOST);
    staff_roles_write(member->roles, &roles);
    int rc = str_err(&roles);
    if (rc == 0)
        rc = DB_RUN(s, Q_STAFF_ADD, V_TEXT(member->name), V_TEXT(str_span(&roles)), V_BYTES(member->public_key),
                    V_BLOB(member->record), V_BLOB(member->totp), V_INT(member->given));
    str_release(&roles);
    if (rc == 0)
        member->id = sqlite3_last_insert_rowid(s->db);
    return rc;
}

int store_staff_roles(struct store *s, int64_t id, unsigned roles)
{
    struct str words = STR_INIT(ROLES_TEXT_MOST);
    staff_roles_write(roles, &words);
    int rc = str_err(&words);
    if (rc == 0)
        rc = DB_CHANGE(s, Q_STAFF_ROLES, V_INT(id), V_TEXT(str_span(&words)));
    str_release(&words);
    return rc;
}

int store_staff_record(struct store *s, int64_t id, struct span record, bool given)
{
    s->erase = true; // the earlier passphrase must not open an earlier page
    return DB_CHANGE(s, Q_STAFF_RECORD, V_INT(id), V_BLOB(record), V_INT(given));
}

int store_staff_key(struct store *s, int64_t id, const unsigned char public_key[32], struct span record)
{
    int rc = store_team_seal_drop(s, id, (struct span){0});
    if (rc < 0)
        return rc;
    return DB_CHANGE(s, Q_STAFF_KEY, V_INT(id), V_BLOB(((struct span){(const char *)public_key, 32})), V_BLOB(record));
}

int store_staff_totp(struct store *s, int64_t id, struct span totp)
{
    return DB_CHANGE(s, Q_STAFF_TOTP, V_INT(id), V_BLOB(totp));
}

int store_staff_disable(struct store *s, int64_t id, bool disabled)
{
    return DB_CHANGE(s, Q_STAFF_DISABLE, V_INT(id), V_INT(disabled));
}

int store_staff_failed(struct store *s, int64_t id, int most, int64_t until_s)
{
    return DB_CHANGE(s, Q_STAFF_FAILED, V_INT(id), V_INT(most), V_INT(until_s));
}

int store_staff_signed_in(struct store *s, int64_t id, int64_t now_s, int64_t totp_step)
{
    return DB_CHANGE(s, Q_STAFF_SIGNED_IN, V_INT(id), V_INT(now_s), V_INT(totp_step));
}

/* ---- teams ---- */

int store_team_newest(struct store *s, struct span team, struct arena *a, struct team_generation *out)
{
    return rows_one(s, Q_TEAM_NEWEST, V_TEXT(team), team_row, a, out);
}

int store_team_list(struct store *s, struct arena *a, struct team_generation **rows, size_t *count)
{
    return rows_all(s, &(struct rows_of){Q_TEAM_LIST, NULL, 0, team_row, sizeof **rows}, a, (void **)rows, count);
}

int store_team_add(struct store *s, const struct team_generation *row)
{
    return DB_RUN(s, Q_TEAM_ADD, V_TEXT(row->team), V_INT(row->generation), V_BYTES(row->public_key),
                  V_BLOB(row->proof), V_BYTES(row->recovery_key), V_BLOB(row->recovery));
}

int store_team_recovery(struct store *s, const struct team_generation *row)
{
    s->erase = true;
    return DB_CHANGE(s, Q_TEAM_RECOVERY, V_TEXT(row->team), V_INT(row->generation), V_BYTES(row->recovery_key),
                     V_BLOB(row->recovery));
}

static int team_in_use(struct store *s, struct span team, int64_t before)
{
    sqlite3_stmt *st;
    int rc = db_find(s, Q_TEAM_IN_USE, VALUES(V_TEXT(team), V_INT(before)), &st);
    if (rc != 1)
        return rc < 0 ? rc : ERR_CORRUPT;
    bool used = sqlite3_column_int(st, 0);
    db_done(st);
    return used ? ERR_NOT_NOW : 0;
}

int store_team_drop(struct store *s, struct span team, int64_t before)
{
    int rc = team_in_use(s, team, before);
    if (rc < 0)
        return rc;
    s->erase = true;
    rc = DB_RUN(s, Q_TEAM_SEAL_DROP_OLD, V_TEXT(team), V_INT(before));
    return rc < 0 ? rc : DB_RUN(s, Q_TEAM_DROP, V_TEXT(team), V_INT(before));
}

int store_team_seals(struct store *s, int64_t staff_id, struct arena *a, struct team_seal **rows, size_t *count)
{
    const struct value id = V_INT(staff_id);
    const struct rows_of all = {Q_TEAM_SEALS, NULL, 0, seal_row, sizeof **rows};
    const struct rows_of theirs = {Q_TEAM_SEALS_OF, &id, 1, seal_row, sizeof **rows};
    return rows_all(s, staff_id ? &theirs : &all, a, (void **)rows, count);
}

int store_team_seal_put(struct store *s, const struct team_seal *row)
{
    return DB_RUN(s, Q_TEAM_SEAL_PUT, V_TEXT(row->team), V_INT(row->generation), V_INT(row->staff_id),
                  V_BLOB(row->seal));
}

int store_team_seal_drop(struct store *s, int64_t staff_id, struct span team)
{
    s->erase = true;
    return DB_RUN(s, Q_TEAM_SEAL_DROP, V_INT(staff_id), V_TEXT(team));
}

int store_sealed_count(struct store *s, struct span team, int64_t generation, int64_t *all, int64_t *before)
{
    int64_t numbers[2];
    int rc = db_numbers(s, Q_SEALED_COUNT, VALUES(V_TEXT(team), V_INT(generation)), numbers, 2);
    if (rc < 0)
        return rc;
    *all = numbers[0];
    *before = numbers[1];
    return 0;
}

int store_sealed_before(struct store *s, struct span team, int64_t generation, int most, struct arena *a,
                        struct store_sealed **rows, size_t *count)
{
    const struct value values[] = {V_TEXT(team), V_INT(generation), V_INT(most)};
    return rows_all(s, &(struct rows_of){Q_SEALED_BEFORE, values, 3, sealed_row, sizeof **rows}, a, (void **)rows,
                    count);
}

int store_sealed_anew(struct store *s, const struct store_sealed *row, int64_t generation, struct span seal)
{
    s->erase = true;
    return DB_RUN(s, row->of_case ? Q_CASE_SEALED_ANEW : Q_PERSON_SEALED_ANEW, V_INT(row->id), V_TEXT(row->held.holder),
                  V_INT(row->held.generation), V_INT(generation), V_BLOB(seal));
}

int store_team_wrapped(struct store *s, struct span name, struct arena *a, struct span *wrapped)
{
    return db_one(s, Q_TEAM_WRAPPED, VALUES(V_TEXT(name)), a, wrapped);
}

int store_team_unwrapped(struct store *s, struct span name)
{
    s->erase = true;
    return DB_RUN(s, Q_TEAM_UNWRAPPED, V_TEXT(name));
}
