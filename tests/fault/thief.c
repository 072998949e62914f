// SPDX-License-Identifier: AGPL-3.0-or-later
/* thief - reads all that can be read of a copied data folder with given keys, and writes it to standard output in
 * clear.
 *
 *     thief DIR master                     whoever has the disk and the master key
 *     thief DIR staff NAME PASSPHRASE...   all that these members' passphrases open
 *     thief DIR ask                        which of the numbers on standard input are in the index, and how many it
 * tries a second
 *
 * The master key is DIR/master.key; DIR/waymark.db has no log beside it any more or lets SQLite read it. What does not
 * open is passed over. The last line, on standard error, tells how many boxes and seals opened. */
#include "base/err.h"
#include "gateway/session.h"
#include "vault/outbound.h"
#include "vault/staff.h"
#include "vault/told.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ARENA = 64 * 1024 * 1024, PLAIN_MAX = 1024 * 1024, KEYS_MOST = 64 };

static sqlite3 *db;
static struct vault *vault;
static struct arena *arena;
static unsigned opened;

static void loot(struct span plain)
{
    opened++;
    fwrite(plain.p, 1, plain.len, stdout);
    putchar('\n');
}

static sqlite3_stmt *ask(const char *sql)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK) {
        fprintf(stderr, "thief: %s: %s\n", sql, sqlite3_errmsg(db));
        exit(2);
    }
    return st;
}

static bool next(sqlite3_stmt *st)
{
    if (sqlite3_step(st) == SQLITE_ROW)
        return true;
    sqlite3_finalize(st);
    return false;
}

static struct span column(sqlite3_stmt *st, int i)
{
    const void *p = sqlite3_column_blob(st, i);
    return (struct span){p ? p : "", (size_t)sqlite3_column_bytes(st, i)};
}

static const unsigned char *bytes(sqlite3_stmt *st, int i)
{
    return (const unsigned char *)column(st, i).p;
}

/* ---- with a session's turn key ---- */

static void turns_with(const unsigned char *key, const char *where, int64_t id)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT number, box FROM turn WHERE %s = %lld", where, (long long)id);
    for (sqlite3_stmt *st = ask(sql); next(st);) {
        struct str plain = STR_INIT(PLAIN_MAX);
        struct told_turn told;
        if (told_turn_unbox(key, (uint64_t)sqlite3_column_int64(st, 0), column(st, 1), &plain, &told) == 0) {
            loot(told.typed);
            loot(told.shown);
        }
        str_release(&plain);
    }
}

/* ---- with the master key ---- */

static void boxes_under(enum vault_key key, const char *context, const char *sql)
{
    for (sqlite3_stmt *st = ask(sql); next(st);) {
        struct str plain = STR_INIT(PLAIN_MAX), whose = STR_INIT(4096);
        str_addz(&whose, context);
        str_add(&whose, column(st, 1));
        if (vault_unbox(vault, key, str_span(&whose), column(st, 0), &plain) == 0)
            loot(str_span(&plain));
        str_release(&plain);
        str_release(&whose);
    }
}

static struct vault_secret *day_key(int64_t day)
{
    struct vault_secret *secret = NULL;
    char sql[64], context[32];
    snprintf(sql, sizeof sql, "SELECT wrapped FROM day_key WHERE day = %lld", (long long)day);
    snprintf(context, sizeof context, "day %lld", (long long)day);
    for (sqlite3_stmt *st = ask(sql); next(st);)
        if (!secret)
            vault_secret_unwrap(vault, span_of(context), column(st, 0), &secret);
    return secret;
}

static void session_loot(struct span plain, int64_t session)
{
    struct session s;
    loot(plain);
    if (session_unpack(plain, arena, &s) == 0)
        turns_with(s.turn_key, "session", session);
}

static void person_loot(const struct opener *key, int64_t person);

static void boxes_of_days(const char *sql, int kind)
{
    for (sqlite3_stmt *st = ask(sql); next(st);) {
        struct vault_secret *day = day_key(sqlite3_column_int64(st, 0));
        struct str plain = STR_INIT(PLAIN_MAX);
        if (day && vault_secret_unbox(day, column(st, 1), column(st, 2), &plain) == 0) {
            if (kind == 's')
                session_loot(str_span(&plain), sqlite3_column_int64(st, 3));
            else
                loot(str_span(&plain));
        }
        str_release(&plain);
        vault_secret_free(day);
    }
}

static void people_of_days(void)
{
    for (sqlite3_stmt *st = ask("SELECT p.id, p.public_key, s.seal FROM person p JOIN person_seal s ON s.person = p.id"
                                " WHERE s.holder = 'day'");
         next(st);) {
        struct span box = column(st, 2);
        uint64_t number = 0; // LEB128
        unsigned shift = 0;
        while (box.len && box.p[0] & 0x80) {
            number |= (uint64_t)(box.p[0] & 0x7f) << shift;
            shift += 7;
            box = span_from(box, 1);
        }
        number |= (uint64_t)(box.len ? box.p[0] : 0) << shift;
        struct vault_secret *day = day_key((int64_t)number);
        struct str secret = STR_INIT(PLAIN_MAX);
        struct opener *key;
        if (day && vault_secret_unbox(day, column(st, 1), span_from(box, 1), &secret) == 0 &&
            opener_of_secret((const unsigned char *)secret.p, &key) == 0) {
            person_loot(key, sqlite3_column_int64(st, 0));
            opener_close(key);
        }
        vault_secret_free(day);
        str_release(&secret);
    }
}

static void with_master(void)
{
    boxes_under(VAULT_RECORD, "person language ", "SELECT language, public_key FROM person");
    boxes_under(VAULT_RECORD, "case summary ", "SELECT summary, reference FROM casefile");
    boxes_under(VAULT_RECORD, "case kind ", "SELECT kind, reference FROM casefile");
    boxes_under(VAULT_RECORD, "consent", "SELECT detail, '' FROM consent");
    boxes_under(
        VAULT_OUTBOX, "outbox ",
        "SELECT box, CAST(key || CAST(' ' || class || ' ' || iif(class = 1, 0, epoch) AS BLOB) AS BLOB) FROM outbox");
    boxes_of_days("SELECT t.day, s.key, t.state, s.id FROM turn t JOIN session s ON s.id = t.session", 's');
    boxes_of_days("SELECT day, event, answer FROM seen", 'a');
    boxes_of_days("SELECT day, message, box FROM part", 'a');
    people_of_days();
}

/* ---- with a person's or a case's own key ---- */

static void case_loot(const struct opener *key, int64_t id, struct span reference, struct span answers, int64_t person)
{
    struct str plain = STR_INIT(PLAIN_MAX);
    struct told_answers told;
    char sql[96];
    if (told_answers_unseal(key, reference, answers, &plain, arena, &told) == 0) {
        loot(str_span(&plain));
        if (told.turn_key.len && person)
            turns_with((const unsigned char *)told.turn_key.p, "person", person);
    }
    str_release(&plain);
    snprintf(sql, sizeof sql, "SELECT seal, id FROM case_note WHERE casefile = %lld", (long long)id);
    for (sqlite3_stmt *st = ask(sql); next(st);) {
        struct str text = STR_INIT(PLAIN_MAX);
        const struct told_place place = {reference, sqlite3_column_int64(st, 1)};
        if (told_note_unseal(key, &place, column(st, 0), &text) == 0)
            loot(str_span(&text));
        str_release(&text);
    }
}

static void person_loot(const struct opener *key, int64_t person)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT number_seal FROM person WHERE id = %lld", (long long)person);
    for (sqlite3_stmt *st = ask(sql); next(st);) {
        struct msisdn number;
        if (told_number_unseal(key, column(st, 0), &number) == 0)
            loot(span_of(number.digits));
    }
    snprintf(sql, sizeof sql, "SELECT id, reference, answers, person FROM casefile WHERE person = %lld",
             (long long)person);
    for (sqlite3_stmt *st = ask(sql); next(st);)
        case_loot(key, sqlite3_column_int64(st, 0), column(st, 1), column(st, 2), person);
}

/* ---- with passphrases ---- */

static struct opener *teams[KEYS_MOST];
static size_t team_count;

static void teams_of(const char *name, const char *passphrase)
{
    struct gate *gate;
    struct opener *identity = NULL;
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT name, public_key, secret, id FROM staff WHERE name = '%s'", name);
    if (gate_new(1, &gate) < 0)
        exit(2);
    int64_t id = 0;
    for (sqlite3_stmt *st = ask(sql); next(st);)
        if (identity_open(gate, vault, column(st, 0), bytes(st, 1), column(st, 2), span_of(passphrase), &identity) == 0)
            id = sqlite3_column_int64(st, 3);
    gate_free(gate);
    if (!identity)
        return;
    snprintf(sql, sizeof sql,
             "SELECT k.public_key, s.seal FROM team_seal s JOIN team_key k ON k.team = s.team AND"
             " k.generation = s.generation WHERE s.staff = %lld",
             (long long)id);
    for (sqlite3_stmt *st = ask(sql); next(st);)
        if (team_count < KEYS_MOST && opener_take(identity, bytes(st, 0), column(st, 1), &teams[team_count]) == 0)
            team_count++;
    opener_close(identity);
}

static struct opener *taken(const unsigned char *public_key, struct span seal)
{
    struct opener *key = NULL;
    for (size_t i = 0; i < team_count && !key; i++)
        if (opener_take(teams[i], public_key, seal, &key) < 0)
            key = NULL;
    return key;
}

static void with_teams(void)
{
    for (sqlite3_stmt *st =
             ask("SELECT p.id, p.public_key, s.seal FROM person p JOIN person_seal s ON s.person = p.id");
         next(st);) {
        struct opener *key = taken(bytes(st, 1), column(st, 2));
        if (key)
            person_loot(key, sqlite3_column_int64(st, 0));
        opener_close(key);
    }
    for (sqlite3_stmt *st = ask("SELECT c.id, c.reference, c.answers, s.public_key, s.seal FROM casefile c"
                                " JOIN case_seal s ON s.casefile = c.id");
         next(st);) {
        struct opener *key = taken(bytes(st, 3), column(st, 4));
        if (key)
            case_loot(key, sqlite3_column_int64(st, 0), column(st, 1), column(st, 2), 0);
        opener_close(key);
    }
}

/* ---- enumerating ---- */

static void ask_index(void)
{
    char line[64];
    enum { SPEED = 1000000 };
    sqlite3_stmt *st = ask("SELECT 1 FROM number WHERE key = ?1");
    while (fgets(line, sizeof line, stdin)) {
        struct msisdn n = {0};
        memcpy(n.digits, line, strspn(line, "0123456789") % sizeof n.digits);
        struct blind key = vault_blind_number(vault, &n);
        sqlite3_bind_blob(st, 1, key.bytes, sizeof key.bytes, SQLITE_TRANSIENT);
        if (sqlite3_step(st) == SQLITE_ROW)
            puts(n.digits);
        sqlite3_reset(st);
    }
    sqlite3_finalize(st);
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    unsigned char all = 0;
    for (int i = 0; i < SPEED; i++) {
        struct msisdn n = {0};
        snprintf(n.digits, sizeof n.digits, "1202%07d", i);
        all ^= vault_blind_number(vault, &n).bytes[0];
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    double s = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    printf("rate %.0f %02x\n", SPEED / s, all);
}

static void adopt(void)
{
    for (sqlite3_stmt *st = ask("SELECT value FROM meta WHERE name = 'master key'"); next(st);)
        if (vault_adopt(vault, column(st, 0)) < 0)
            fputs("thief: it is under another master key\n", stderr);
}

int main(int argc, char **argv)
{
    char path[4096];
    bool master = argc == 3 && strcmp(argv[2], "master") == 0, asks = argc == 3 && strcmp(argv[2], "ask") == 0;
    if (!master && !asks && (argc < 5 || strcmp(argv[2], "staff") != 0)) {
        fputs("usage: thief DIR master | thief DIR staff NAME PASSPHRASE...\n", stderr);
        return 2;
    }
    snprintf(path, sizeof path, "%s/master.key", argv[1]);
    arena = arena_new(ARENA);
    if (vault_open(path, false, &vault) < 0)
        return 2;
    snprintf(path, sizeof path, "%s/waymark.db", argv[1]);
    if (sqlite3_open(path, &db) != SQLITE_OK)
        return 2;
    // a thief has time, the test has not: the service itself follows a session's turns by their chain
    sqlite3_exec(db, "CREATE INDEX IF NOT EXISTS thief ON turn (session)", NULL, NULL, NULL);
    adopt();
    if (asks)
        ask_index();
    if (master)
        with_master();
    for (int i = 3; i + 1 < argc; i += 2)
        teams_of(argv[i], argv[i + 1]);
    with_teams();
    for (size_t i = 0; i < team_count; i++)
        opener_close(teams[i]);
    sqlite3_close(db);
    vault_close(vault);
    arena_free(arena);
    fprintf(stderr, "opened %u\n", opened);
    return 0;
}
