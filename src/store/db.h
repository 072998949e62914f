// SPDX-License-Identifier: AGPL-3.0-or-later
/* db - the room's own door to SQLite; nobody outside store/ includes it.
 *
 * Every statement is a row of the table in sql.c and is prepared once, at open. To add one: a name in enum statement
 * and its text there. Use: db_run for what gives no rows; db_find for at most one row (1: there is one, read it, then
 * db_done); db_query, db_next... until 0 for many.
 *
 * What breaks a transaction (disk full, I/O, memory) rolls it back here at once and is remembered: every later call
 * gives the same code until store_commit or store_rollback, so that half a transaction is never committed.
 */
#ifndef WAYMARK_STORE_DB_H
#define WAYMARK_STORE_DB_H

#include "store/cache.h"
#include "store/chain.h"
#include "store/checkpoint.h"
#include "store/heads.h"
#include "store/journal.h"
#include "store/live.h"
#include "store/store.h"
#include "store/turns.h"

#include <sqlite3.h>

enum statement {
    Q_BEGIN,
    Q_COMMIT,
    Q_ROLLBACK,
    Q_SESSION_ALL,
    Q_SESSION_ADD,
    Q_SESSION_NUMBER,
    Q_SESSION_WINDOW,
    Q_SESSION_OF_NUMBER,
    Q_SESSION_ERASE,
    Q_SESSION_OVER,
    Q_SESSION_DROP,
    Q_HEADS_FLUSHED,
    Q_HEADS_SINCE,
    Q_HEADS_WRITE,
    Q_HEADS_MARK,
    Q_TURN_ADD,
    Q_TURN_ADD_ALL,
    Q_TURN_STATE,
    Q_TURN_BOX,
    Q_TURN_LAST,
    Q_TURN_ADOPT,
    Q_TURN_DROP,
    Q_TURN_DROP_STATE,
    Q_TURN_WINDOW,
    Q_TURN_DROP_OLD,
    Q_TURN_BLANK,
    Q_TURN_STATELESS,
    Q_TURN_ERASE,
    Q_TURN_DROP_PERSON,
    Q_SEEN_GET,
    Q_SEEN_ADD,
    Q_SEEN_WINDOW,
    Q_SEEN_DROP,
    Q_SEEN_FORGET_ANSWER,
    Q_NUMBER_BY_ID,
    Q_NUMBER_BY_KEY,
    Q_NUMBER_ADD,
    Q_NUMBER_PERSON,
    Q_NUMBER_CONTACT,
    Q_NUMBER_UNTEXTED,
    Q_NUMBER_ERASE,
    Q_NUMBER_LEAVE,
    Q_NUMBER_WINDOW,
    Q_NUMBER_DROP,
    Q_OUTBOX_DROP_STRANGERS,
    Q_PERSON_GET,
    Q_PERSON_ADD,
    Q_PERSON_ERASE,
    Q_PERSON_PENDING,
    Q_PERSON_SETTLE,
    Q_PERSON_PREVIOUS,
    Q_PERSON_WINDOW,
    Q_PERSON_OVER,
    Q_PERSON_DROP,
    Q_PERSON_SEAL,
    Q_PERSON_SEAL_GET,
    Q_PERSON_HELD,
    Q_PERSON_UNSEAL,
    Q_PERSON_UNSEAL_ALL,
    Q_CONSENT_IN_FORCE,
    Q_CONSENT_ADD,
    Q_CONSENT_LINK,
    Q_CONSENT_ROWS,
    Q_CONSENT_LIST,
    Q_CONSENT_BLANK,
    Q_CONSENT_OVER,
    Q_CONSENT_DROP,
    Q_TEXT_KEEP,
    Q_TEXT_GET,
    Q_TEXT_ROWS,
    Q_CASE_OF_PERSON,
    Q_CASE_ADD,
    Q_CASE_CORRECT,
    Q_CASE_SUMMARY,
    Q_CASE_WITHDRAW,
    Q_CASE_ERASE,
    Q_NOTE_ADD,
    Q_NOTE_SEAL,
    Q_CASE_WINDOW,
    Q_CASE_OVER,
    Q_CASE_ANY,
    Q_CASE_TOUCH,
    Q_CASE_EMPTY,
    Q_CASE_NOTES_DROP,
    Q_CASE_CHANGE_DROP,
    Q_CASE_DROP,
    Q_PURGED_ADD,
    Q_PURGED_GET,
    Q_PURGED_DROP,
    Q_NOTE_ERASE,
    Q_CASE_SEAL,
    Q_CASE_SEAL_DROP,
    Q_CASE_HELD,
    Q_CASE_UNSEAL,
    Q_CASE_UNSEAL_ALL,
    Q_COUNT,
    Q_TRAFFIC,
    Q_DAY_KEY_GET,
    Q_DAY_KEY_PUT,
    Q_DAY_KEY_DROP,
    Q_TEAM_WRAPPED,
    Q_TEAM_UNWRAPPED,
    Q_SEALED_COUNT,
    Q_SEALED_BEFORE,
    Q_PERSON_SEALED_ANEW,
    Q_CASE_SEALED_ANEW,
    Q_STAFF_BY_NAME,
    Q_STAFF_BY_ID,
    Q_STAFF_LIST,
    Q_STAFF_ADD,
    Q_STAFF_ROLES,
    Q_STAFF_RECORD,
    Q_STAFF_KEY,
    Q_STAFF_TOTP,
    Q_STAFF_DISABLE,
    Q_STAFF_FAILED,
    Q_STAFF_SIGNED_IN,
    Q_TEAM_NEWEST,
    Q_TEAM_LIST,
    Q_TEAM_ADD,
    Q_TEAM_RECOVERY,
    Q_TEAM_DROP,
    Q_TEAM_IN_USE,
    Q_TEAM_SEALS,
    Q_TEAM_SEALS_OF,
    Q_TEAM_SEAL_PUT,
    Q_TEAM_SEAL_DROP,
    Q_TEAM_SEAL_DROP_OLD,
    Q_PART_ADD,
    Q_PART_LIST,
    Q_PART_DROP,
    Q_PART_DONE,
    Q_PART_WAITING,
    Q_PART_OVER,
    Q_PART_FORGET,
    Q_OUTBOX_ADD,
    Q_OUTBOX_DUE,
    Q_OUTBOX_CLAIM,
    Q_OUTBOX_POSTPONE,
    Q_OUTBOX_GIVE_UP,
    Q_OUTBOX_LEFT,
    Q_OUTBOX_MARK,
    Q_OUTBOX_ALIKE,
    Q_OUTBOX_WHOSE,
    Q_OUTBOX_CANCEL,
    Q_OUTBOX_CANCEL_NUMBER,
    Q_OUTBOX_CARRY,
    Q_OUTBOX_OWE,
    Q_OUTBOX_OWED,
    Q_OUTBOX_CANCEL_OLD,
    Q_OUTBOX_EMPTY_NUMBER,
    Q_OUTBOX_SETTLE,
    Q_OUTBOX_OVERTAKEN,
    Q_OUTBOX_RELEASE,
    Q_OUTBOX_BY_REFERENCE,
    Q_OUTBOX_BY_KEY,
    Q_OUTBOX_REPORT,
    Q_OUTBOX_FETCHED,
    Q_OUTBOX_OVERDUE_AGAIN,
    Q_OUTBOX_OVERDUE,
    Q_OUTBOX_AWAITED,
    Q_OUTBOX_UNDER_WAY,
    Q_REPORT_KEEP,
    Q_REPORT_FIND,
    Q_REPORT_WINDOW,
    Q_REPORT_DROP,
    Q_OUTBOX_RECOVER_REPORTED,
    Q_OUTBOX_RECOVER,
    Q_OUTBOX_NEXT,
    Q_OUTBOX_WAITING,
    Q_OUTBOX_WINDOW,
    Q_OUTBOX_DROP,
    Q_OUTBOX_UNMARK,
    Q_AUDIT_ADD,
    Q_AUDIT_LINK,
    Q_AUDIT_ROWS,
    Q_AUDIT_OVER,
    Q_AUDIT_DROP,
    Q_AUDIT_ACTED,
    Q_AUDIT_DONE,
    Q_AUDIT_ENDS,
    Q_AUDIT_FROM,
    Q_AUDIT_LOOK,
    Q_CASELOAD_SINCE,
    Q_CASELOAD_GET,
    Q_CASELOAD_NOTES,
    Q_CASELOAD_SUMMARY,
    Q_CASELOAD_NOTE_LAST,
    Q_CASELOAD_PERSON,
    Q_CASELOAD_OF_NUMBER,
    Q_CASELOAD_TURNS,
    Q_CASELOAD_CONSENTS,
    Q_CASELOAD_LEDGER,
    Q_CASELOAD_LEDGER_OF,
    Q_CASELOAD_CHANGE,
    Q_CASELOAD_NOTE,
    Q_CASELOAD_OWN,
    Q_CASELOAD_STATUS,
    Q_CASELOAD_WAITING,
    Q_CASELOAD_NUMBER,
    Q_CASELOAD_UNDO,
    Q_TALLY_DAY,
    Q_TALLY_EVENTS,
    Q_TALLY_ENDED,
    Q_TALLY_WENT,
    Q_TALLY_TOLD,
    Q_TALLY_EMPTY,
    Q_COUNTER_DROP,
    Q_STAT_TELL,
    Q_STAT_LAST,
    Q_STAT_WEEKS,
    Q_STAT_CHANNELS,
    Q_STAT_LANGUAGES,
    Q_STAT_WHATS,
    Q_STAT_ROWS,
    Q_STAT_SCREENS,
    Q_CALLBACK_DUE,
    Q_CALLBACK_GET,
    Q_CALLBACK_OF_CASE,
    Q_CALLBACK_ADD,
    Q_CALLBACK_MOVE,
    Q_CALLBACK_START,
    Q_CALLBACK_FAILED,
    Q_CALLBACK_END,
    Q_META_GET,
    Q_META_PUT,
    Q_NUMBER_STOPPED,
    STATEMENTS /* how many */
};

enum { SWEEP_SESSION, SWEEP_TURN, SWEEP_SEEN, SWEEP_OUTBOX, SWEEP_REPORT, SWEEP_NUMBER, SWEEPS };

struct chain_tail {
    bool known; /* what follows is what the table holds; forgotten on rollback */
    bool empty; /* there never was a row */
    int64_t id; /* of the last row */
    unsigned char last[STORE_LINK_BYTES];
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    int lock;                  /* descriptor of the lock file, -1: none */
    bool reads;                /* a reader's connection, whose statements are prepared when they are first used */
    bool begun;                /* between store_begin and store_commit or store_rollback */
    int broken;                /* what ended the transaction before its time, 0: nothing */
    bool cut;                  /* the log was cut since store_erase_settle looked */
    bool erase;                /* something was destroyed that may still stand in the write-ahead log */
    int wal_pages, wal_copied; /* pages in the log, and how many of them are already in the database */
    struct pin pin;            /* what the log is kept for */
    int64_t turn_last;         /* highest row id of table turn */
    int64_t swept[SWEEPS];     /* where store_purge goes on */
    int64_t swept_cases, swept_people;
    struct chain_tail chains[CHAINS];
    struct cache numbers;
    struct heads heads;
    struct turns turns;
    struct journal journal;
    struct live live;
};

/** The texts of the statements, by enum statement. */
extern const char *const store_sql[STATEMENTS];

/** Creates or upgrades the schema. ERR_NOT_NOW: it is of a newer Waymark. */
int store_migrate(struct store *s);

/** Points SQLite at base/mem; no effect once SQLite is in use. */
void store_memory_init(void);

enum value_kind { VALUE_NULL, VALUE_INT, VALUE_BLOB, VALUE_TEXT };

/** One parameter of a statement. */
struct value {
    enum value_kind kind;
    int64_t number;
    struct span bytes;
};

#define V_INT(n)     ((struct value){.kind = VALUE_INT, .number = (n)})
#define V_ID(n)      ((struct value){.kind = (n) ? VALUE_INT : VALUE_NULL, .number = (n)}) /* 0 is NULL */
#define V_BLOB(s)    ((struct value){.kind = VALUE_BLOB, .bytes = (s)})
#define V_TEXT(s)    ((struct value){.kind = VALUE_TEXT, .bytes = (s)})
#define V_BYTES(p)   ((struct value){.kind = VALUE_BLOB, .bytes = {(const char *)(p), sizeof(p)}}) /* of an array */
#define V_INDEX(key) V_BYTES((key)->bytes)
#define VALUES(...)                                                                                                    \
    (const struct value[]){__VA_ARGS__}, sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value)

/** Erases a person whose time is over: without a stop, so they may call again as strangers. */
int person_leave(struct store *s, int64_t person_id);

/** Binds; rows then come from db_next. */
int db_query(struct store *s, enum statement q, const struct value *values, size_t count, sqlite3_stmt **out);
/** 1: a row, 0: no more (the statement is done), negative: failed (it is done too). */
int db_next(struct store *s, sqlite3_stmt *st);
/** db_query and the first db_next. */
int db_find(struct store *s, enum statement q, const struct value *values, size_t count, sqlite3_stmt **out);
void db_done(sqlite3_stmt *st);

/** The first `columns` numbers of the one row that an aggregate always gives; NULL is 0. ERR_CORRUPT: there is none. */
int db_numbers(struct store *s, enum statement q, const struct value *values, size_t count, int64_t *numbers,
               int columns);

/** Runs a writing statement to its end. ERR_NOT_NOW outside a transaction. */
int db_run(struct store *s, enum statement q, const struct value *values, size_t count);
#define DB_RUN(s, q, ...) db_run((s), (q), VALUES(__VA_ARGS__))

/** As db_run, and ERR_MISSING where no row was changed. */
int db_change(struct store *s, enum statement q, const struct value *values, size_t count);
#define DB_CHANGE(s, q, ...) db_change((s), (q), VALUES(__VA_ARGS__))

/** A column's bytes, valid until the next step. */
struct span db_bytes(sqlite3_stmt *st, int column);
/** A copy of them in `a`. ERR_NOMEM. */
int db_copy(sqlite3_stmt *st, int column, struct arena *a, struct span *out);
/** The first column of the one row, copied. ERR_MISSING: there is none. */
int db_one(struct store *s, enum statement q, const struct value *values, size_t count, struct arena *a,
           struct span *out);
/** Copies exactly `len` bytes. ERR_CORRUPT where there are more or fewer. */
int db_exact(sqlite3_stmt *st, int column, void *out, size_t len);

/** Prepares a statement of the table. */
int db_prepare(struct store *s, enum statement q);

/** Maps a result of SQLite's and writes one line to the log (its number only). */
int db_error(struct store *s, int code);

/** Commits where rc is 0, rolls back where not; gives the first failure. */
int db_end(struct store *s, int rc);

#endif
