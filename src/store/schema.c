// SPDX-License-Identifier: AGPL-3.0-or-later
/* schema - the tables, and how older files are brought up to date.
 *
 * The row at index N of `migrations` brings PRAGMA user_version from N to N + 1, in a transaction of its own. To change
 * the schema: add a row. Rows that were released are never edited.
 *
 * What decides the speed: rows refer to each other by integer id; a blind index is random, stands in one table and is
 * looked up once a turn; what is written every turn is one row appended to table turn (heads.h says why).
 * Every index says why it is there. Days are days since 1970-01-01, other times seconds (_ms: milliseconds).
 */
#include "base/err.h"
#include "store/db.h"

static const char schema_1[] =
    /* Facts about this file itself; for later. */
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"

    /* UNIQUE(key): the one lookup of a number. AUTOINCREMENT here and below: other rows may still carry the id of a row
     * that is gone, so no id is ever given twice. */
    "CREATE TABLE number ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " key BLOB NOT NULL UNIQUE CHECK (length(key) = 16),"
    " epoch INTEGER NOT NULL,"
    " stopped INTEGER," /* day of the STOP; NULL: may be contacted */
    " day INTEGER NOT NULL,"
    " person INTEGER REFERENCES person(id)"
    ") STRICT;"
    /* Retention: the number of a person whose time is over. */
    "CREATE INDEX number_person ON number (person) WHERE person IS NOT NULL;"

    "CREATE TABLE person ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " day INTEGER NOT NULL,"
    " erased INTEGER NOT NULL DEFAULT 0,"
    " previous INTEGER REFERENCES person(id)," /* who they were before they withdrew and agreed anew */
    " public_key BLOB NOT NULL,"
    " language BLOB NOT NULL,"
    " number_seal BLOB NOT NULL"
    ") STRICT;"

    "CREATE TABLE person_seal ("
    " person INTEGER NOT NULL REFERENCES person(id),"
    " holder TEXT NOT NULL,"
    " seal BLOB NOT NULL,"
    " PRIMARY KEY (person, holder)"
    ") STRICT, WITHOUT ROWID;"

    /* UNIQUE(key): the one lookup of a session. Only last_turn and expires change often. */
    "CREATE TABLE session ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " key BLOB NOT NULL UNIQUE CHECK (length(key) = 16),"
    " caller BLOB NOT NULL,"
    " number INTEGER,"             /* no reference: a number's row may be purged first */
    " last_turn INTEGER NOT NULL," /* head of the chain of turns; this and `expires` lag behind, see heads.h */
    " expires INTEGER NOT NULL"
    ") STRICT;"
    /* Resuming: an earlier session of the same caller. */
    "CREATE INDEX session_caller ON session (caller);"
    /* Erasing: the sessions of a number, on every channel. Few sessions have one. */
    "CREATE INDEX session_number ON session (number) WHERE number IS NOT NULL;"

    /* The turns of a session are a chain through `previous`, from session.last_turn back; so they need no index. */
    "CREATE TABLE turn ("
    " id INTEGER PRIMARY KEY,"
    " session INTEGER NOT NULL," /* no reference: a person's turns outlive the session */
    " number INTEGER NOT NULL,"
    " day INTEGER NOT NULL," /* of the key that `state` is under */
    " person INTEGER REFERENCES person(id),"
    " previous INTEGER,"
    " expires INTEGER NOT NULL," /* when the session does, as of this turn */
    " state BLOB NOT NULL,"      /* the session after this turn; empty once it is over */
    " box BLOB NOT NULL"         /* empty: only the session went on */
    ") STRICT;"
    /* Showing and erasing a person's turns. Turns of readers are not in it. */
    "CREATE INDEX turn_person ON turn (person) WHERE person IS NOT NULL;"

    "CREATE TABLE consent_text (hash BLOB PRIMARY KEY, text BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE consent ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " person INTEGER NOT NULL REFERENCES person(id),"
    " name TEXT NOT NULL,"
    " version TEXT NOT NULL,"
    " channel TEXT NOT NULL,"
    " action TEXT NOT NULL,"
    " at INTEGER NOT NULL,"
    " text_hash BLOB NOT NULL,"
    " detail BLOB NOT NULL,"
    " link BLOB NOT NULL CHECK (length(link) = 32)"
    ") STRICT;"
    /* What is in force for a person, once a turn of theirs. */
    "CREATE INDEX consent_person ON consent (person);"

    "CREATE TABLE staff ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE,"
    " role TEXT NOT NULL,"
    " public_key BLOB NOT NULL,"
    " secret BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE team ("
    " id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE,"
    " public_key BLOB NOT NULL CHECK (length(public_key) = 32),"
    " wrapped BLOB NOT NULL"
    ") STRICT;"

    /* UNIQUE(reference): people quote it. */
    "CREATE TABLE casefile ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " reference TEXT NOT NULL UNIQUE,"
    " person INTEGER REFERENCES person(id)," /* NULL: anonymous, or erased */
    " status TEXT NOT NULL,"
    " opened INTEGER NOT NULL,"
    " changed INTEGER NOT NULL,"
    " closed INTEGER," /* day; NULL: open */
    " owner INTEGER REFERENCES staff(id),"
    " summary BLOB NOT NULL,"
    " kind BLOB NOT NULL,"
    " answers BLOB NOT NULL"
    ") STRICT;"
    /* A person's cases, once a turn of theirs. */
    "CREATE INDEX casefile_person ON casefile (person) WHERE person IS NOT NULL;"
    "CREATE TABLE case_note ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " casefile INTEGER NOT NULL REFERENCES casefile(id),"
    " day INTEGER NOT NULL,"
    " seal BLOB NOT NULL"
    ") STRICT;"
    /* Showing and erasing the notes of a case. */
    "CREATE INDEX case_note_casefile ON case_note (casefile);"

    "CREATE TABLE outbox ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " number INTEGER NOT NULL REFERENCES number(id),"
    " epoch INTEGER NOT NULL," /* the number's when this was queued */
    " class INTEGER NOT NULL," /* enum message_class */
    " state INTEGER NOT NULL," /* enum message_state */
    " attempts INTEGER NOT NULL,"
    " next_ms INTEGER NOT NULL,"
    " channel TEXT NOT NULL,"
    " key BLOB NOT NULL," /* random: our stable id of the message for the aggregator */
    " reference BLOB,"    /* blind index of the aggregator's id */
    " box BLOB NOT NULL"
    ") STRICT;"
    /* What is due (state 0: queued), in order. Only waiting rows are in it. */
    "CREATE INDEX outbox_due ON outbox (next_ms) WHERE state = 0;"
    /* What a dead process had in hand (state 1: claimed). Nearly always empty. */
    "CREATE INDEX outbox_claimed ON outbox (id) WHERE state = 1;"
    /* A STOP cancels all that waits for a number; purging asks whether a number has messages. */
    "CREATE INDEX outbox_number ON outbox (number);"
    /* Delivery reports. */
    "CREATE INDEX outbox_reference ON outbox (reference) WHERE reference IS NOT NULL;"

    /* UNIQUE(event): is this a repeat? */
    "CREATE TABLE seen ("
    " id INTEGER PRIMARY KEY,"
    " event BLOB NOT NULL UNIQUE,"
    " day INTEGER NOT NULL," /* of the key that `answer` is under */
    " expires INTEGER NOT NULL,"
    " answer BLOB NOT NULL"
    ") STRICT;"

    "CREATE TABLE audit ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at INTEGER NOT NULL,"
    " actor TEXT NOT NULL,"
    " action TEXT NOT NULL,"
    " object TEXT NOT NULL,"
    " link BLOB NOT NULL CHECK (length(link) = 32)"
    ") STRICT;"

    "CREATE TABLE counter ("
    " day INTEGER NOT NULL,"
    " channel TEXT NOT NULL,"
    " language TEXT NOT NULL,"
    " screen TEXT NOT NULL,"
    " event TEXT NOT NULL,"
    " number INTEGER NOT NULL,"
    " PRIMARY KEY (day, channel, language, screen, event)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE day_key (day INTEGER PRIMARY KEY, wrapped BLOB NOT NULL) STRICT;";

// The partial indexes above and the SQL texts name these states by number.
_Static_assert(MESSAGE_QUEUED == 0 && MESSAGE_CLAIMED == 1 && MESSAGE_SENT == 2 && MESSAGE_UNKNOWN == 5 &&
                   MESSAGE_CANCELLED == 6,
               "states are stored by number");
_Static_assert(MESSAGE_SENT < MESSAGE_DELIVERED && MESSAGE_DELIVERED < MESSAGE_FAILED,
               "of two reports the later counts");
_Static_assert(MESSAGE_ANSWER == 0 && MESSAGE_CONFIRM == 1 && MESSAGE_NOTICE == 2, "classes are stored by number");
_Static_assert(STORE_INDEX_BYTES == 16 && STORE_LINK_BYTES == 32, "lengths stand in CHECK constraints");

/* Counters know the menus that a screen belonged to. */
static const char schema_2[] = "ALTER TABLE counter RENAME TO counter_1;"
                               "CREATE TABLE counter ("
                               " day INTEGER NOT NULL,"
                               " menus TEXT NOT NULL," /* hash of the menus, empty where no screen is meant */
                               " channel TEXT NOT NULL,"
                               " language TEXT NOT NULL,"
                               " screen TEXT NOT NULL,"
                               " event TEXT NOT NULL,"
                               " number INTEGER NOT NULL,"
                               " PRIMARY KEY (day, menus, channel, language, screen, event)"
                               ") STRICT, WITHOUT ROWID;"
                               "INSERT INTO counter SELECT day, '', channel, language, screen, event, number"
                               " FROM counter_1;"
                               "DROP TABLE counter_1;";

/* Staff sign in, and teams' keys come in generations, each sealed to the members who hold it. */
static const char schema_3[] =
    "ALTER TABLE staff ADD COLUMN totp BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE staff ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE staff ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE staff ADD COLUMN locked_until INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE staff ADD COLUMN signed_in INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE staff ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE staff ADD COLUMN given INTEGER NOT NULL DEFAULT 0;"

    "CREATE TABLE team_key ("
    " team TEXT NOT NULL,"
    " generation INTEGER NOT NULL,"
    " public_key BLOB NOT NULL CHECK (length(public_key) = 32),"
    " proof BLOB NOT NULL,"
    " recovery_key BLOB NOT NULL CHECK (length(recovery_key) = 32),"
    " recovery BLOB NOT NULL,"
    " PRIMARY KEY (team, generation)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE team_seal ("
    " team TEXT NOT NULL,"
    " generation INTEGER NOT NULL,"
    " staff INTEGER NOT NULL REFERENCES staff(id),"
    " seal BLOB NOT NULL,"
    " PRIMARY KEY (team, generation, staff),"
    " FOREIGN KEY (team, generation) REFERENCES team_key(team, generation)"
    ") STRICT, WITHOUT ROWID;"

    /* Of the team's key that it is sealed to; 0 under a day key. What was sealed before was sealed to the first. */
    "ALTER TABLE person_seal ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;"
    /* A case that its person's key cannot serve (nobody's, or another team's) has a pair of its own. */
    "CREATE TABLE case_seal ("
    " casefile INTEGER PRIMARY KEY REFERENCES casefile(id),"
    " holder TEXT NOT NULL,"
    " generation INTEGER NOT NULL,"
    " public_key BLOB NOT NULL CHECK (length(public_key) = 32),"
    " seal BLOB NOT NULL"
    ") STRICT;";

/* Sessions are found in memory (live.h), so their keys need no index: each cost a new session a page of its own. */
static const char schema_4[] =
    "CREATE TABLE session_2 ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " key BLOB NOT NULL CHECK (length(key) = 16),"
    " caller BLOB NOT NULL CHECK (length(caller) = 16),"
    " number INTEGER,"
    " last_turn INTEGER NOT NULL,"
    " expires INTEGER NOT NULL"
    ") STRICT;"
    "INSERT INTO session_2 SELECT id, key, caller, number, last_turn, expires FROM session;"
    "DELETE FROM sqlite_sequence WHERE name = 'session_2';"
    "INSERT INTO sqlite_sequence SELECT 'session_2', seq FROM sqlite_sequence WHERE name = 'session';"
    "DROP TABLE session;"
    "ALTER TABLE session_2 RENAME TO session;"
    /* Erasing: the sessions of a number, on every channel. Few sessions have one. */
    "CREATE INDEX session_number ON session (number) WHERE number IS NOT NULL;";

/* What sending needs besides: since when a message is due and when it last left (for messages that are too old, and for
 * how many a person gets), what it says as a keyed hash (for loops), delivery reports that come before the aggregator's
 * answer, and parts of long messages. */
static const char schema_5[] =
    "ALTER TABLE outbox ADD COLUMN due_ms INTEGER NOT NULL DEFAULT 0;" /* when it was first due */
    "ALTER TABLE outbox ADD COLUMN claimed_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE outbox ADD COLUMN digest BLOB;"
    "UPDATE outbox SET due_ms = next_ms;"
    "DROP INDEX outbox_due;"
    /* What is due on one channel, in order: a channel that cannot send must not stand before the others. */
    "CREATE INDEX outbox_due ON outbox (channel, next_ms) WHERE state = 0;"
    /* Delivery reports that tell our own id back. */
    "CREATE UNIQUE INDEX outbox_key ON outbox (key);"

    /* UNIQUE(reference): looked up when the answer comes. Nearly always empty. */
    "CREATE TABLE report ("
    " id INTEGER PRIMARY KEY,"
    " reference BLOB NOT NULL UNIQUE CHECK (length(reference) = 16)," /* as in the outbox, or the outbox's key */
    " state INTEGER NOT NULL,"
    " expires INTEGER NOT NULL"
    ") STRICT;"

    /* UNIQUE(message, number): the parts of one message; is this one here already? */
    "CREATE TABLE part ("
    " id INTEGER PRIMARY KEY,"
    " message BLOB NOT NULL CHECK (length(message) = 16)," /* blind index of channel, sender and reference */
    " number INTEGER NOT NULL," /* 0: the message was handled, and what still comes of it is not */
    " total INTEGER NOT NULL,"
    " expires INTEGER NOT NULL," /* when the wait is over */
    " day INTEGER NOT NULL,"     /* of the key that `box` is under */
    " box BLOB NOT NULL,"
    " UNIQUE (message, number)"
    ") STRICT;"
    /* Those whose wait is over. Nearly always empty. */
    "CREATE INDEX part_expires ON part (expires);";

/* What the console does with cases. Staff's entries stand beside the person's own; of the latter only the day is clear.
 * case_change has a row a case, whose id grows with every change of it, whoever makes it: lists follow what is new, and
 * a form that was made from an older one is known. */
static const char schema_6[] =
    "ALTER TABLE casefile ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;" /* the person wrote, and nobody answered */
    "ALTER TABLE case_note ADD COLUMN at INTEGER NOT NULL DEFAULT 0;"     /* of staff's; 0: the person's */
    "ALTER TABLE case_note ADD COLUMN author INTEGER REFERENCES staff(id);"
    "ALTER TABLE case_note ADD COLUMN what TEXT NOT NULL DEFAULT 'message';" /* 'message': the person wrote */
    "ALTER TABLE case_note ADD COLUMN message INTEGER;" /* a reply's row in the outbox; it may be purged first */

    /* UNIQUE(casefile): its row is replaced by one with a higher id. */
    "CREATE TABLE case_change ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " casefile INTEGER NOT NULL UNIQUE REFERENCES casefile(id)"
    ") STRICT;"
    "INSERT INTO case_change (casefile) SELECT id FROM casefile ORDER BY id;"
    "CREATE TRIGGER casefile_added AFTER INSERT ON casefile BEGIN"
    " INSERT INTO case_change (casefile) VALUES (new.id); END;"
    "CREATE TRIGGER casefile_changed AFTER UPDATE ON casefile BEGIN"
    " INSERT OR REPLACE INTO case_change (casefile) VALUES (new.id); END;"
    "CREATE TRIGGER case_note_added AFTER INSERT ON case_note BEGIN"
    " UPDATE casefile SET waiting = (new.what = 'message' OR (waiting AND new.what <> 'reply'))"
    " WHERE id = new.casefile; END;"
    /* Who can open it. A seal that is only made anew changes nothing. */
    "CREATE TRIGGER person_seal_added AFTER INSERT ON person_seal BEGIN"
    " INSERT OR REPLACE INTO case_change (casefile) SELECT id FROM casefile WHERE person = new.person; END;"
    "CREATE TRIGGER person_seal_gone AFTER DELETE ON person_seal BEGIN"
    " INSERT OR REPLACE INTO case_change (casefile) SELECT id FROM casefile WHERE person = old.person; END;"
    "CREATE TRIGGER case_seal_added AFTER INSERT ON case_seal BEGIN"
    " INSERT OR REPLACE INTO case_change (casefile) VALUES (new.casefile); END;"
    "CREATE TRIGGER case_seal_changed AFTER UPDATE OF holder ON case_seal WHEN new.holder <> old.holder BEGIN"
    " INSERT OR REPLACE INTO case_change (casefile) VALUES (new.casefile); END;"
    "CREATE TRIGGER case_seal_gone AFTER DELETE ON case_seal BEGIN"
    " INSERT OR REPLACE INTO case_change (casefile) VALUES (old.casefile); END;";

/* The consent ledger can lose what a row says without losing the row; the number goes along with a case that has a key
 * of its own; erasing is pending until the log was cut; what was deleted is counted, for the proof. */
static const char schema_7[] =
    /* Of `detail`: this is what the chain holds, so that erasing may empty the other. NULL: from before it was so. */
    "ALTER TABLE consent ADD COLUMN detail_hash BLOB CHECK (detail_hash IS NULL OR length(detail_hash) = 32);"
    /* The person's number, sealed to the case's own key; empty: nobody's (anonymous). */
    "ALTER TABLE case_seal ADD COLUMN number_seal BLOB NOT NULL DEFAULT x'';"
    /* Those of whom the write-ahead log may still hold something (erased 1: pending, 2: done). Nearly always empty. */
    "CREATE INDEX person_pending ON person (id) WHERE erased = 1;"

    "CREATE TABLE purged ("
    " kind TEXT PRIMARY KEY,"
    " number INTEGER NOT NULL" /* rows deleted since the last proof in the audit log */
    ") STRICT, WITHOUT ROWID;";

/* Calls that were promised, each a record of its own; and the ledger is listed by what was done. */
static const char schema_8[] =
    "CREATE TABLE callback ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " casefile INTEGER NOT NULL REFERENCES casefile(id),"
    " due INTEGER NOT NULL,"
    " booked INTEGER NOT NULL,"
    " booked_by INTEGER REFERENCES staff(id),"
    " started INTEGER NOT NULL DEFAULT 0," /* 0: nobody is calling */
    " caller INTEGER REFERENCES staff(id),"
    " attempts INTEGER NOT NULL DEFAULT 0," /* that failed */
    " outcome TEXT NOT NULL DEFAULT '',"    /* '': open */
    " ended INTEGER NOT NULL DEFAULT 0,"
    " seal BLOB NOT NULL" /* when it is safe, to the case's key */
    ") STRICT;"
    /* What is due, in order; a case has one open call at most. Only open rows are in them. */
    "CREATE INDEX callback_due ON callback (due) WHERE outcome = '';"
    "CREATE UNIQUE INDEX callback_open ON callback (casefile) WHERE outcome = '';"
    /* Showing and erasing the calls of a case. */
    "CREATE INDEX callback_casefile ON callback (casefile);"
    /* However a case ends, its open call does; however it is erased, its calls are. */
    "CREATE TRIGGER casefile_closed AFTER UPDATE OF closed ON casefile WHEN new.closed IS NOT NULL BEGIN"
    " UPDATE callback SET outcome = 'closed', ended = new.closed * 86400, seal = x''"
    " WHERE casefile = new.id AND outcome = ''; END;"
    "CREATE TRIGGER casefile_erased AFTER UPDATE OF status ON casefile WHEN new.status = 'erased' BEGIN"
    " DELETE FROM callback WHERE casefile = new.id; END;"
    "CREATE TRIGGER casefile_gone BEFORE DELETE ON casefile BEGIN"
    " DELETE FROM callback WHERE casefile = old.id; END;"
    /* The console's ledger: withdrawals first. */
    "CREATE INDEX consent_action ON consent (action);";

/* Who asked for no texts hears of no stop by one, also when the case that says so is withdrawn or erased. */
static const char schema_9[] = "ALTER TABLE number ADD COLUMN untexted INTEGER NOT NULL DEFAULT 0"
                               " CHECK (untexted = 0 OR stopped IS NOT NULL);";

/* A reply to somebody who is safe at some hours only must not leave later than they end. */
static const char schema_10[] = "ALTER TABLE outbox ADD COLUMN until_ms INTEGER NOT NULL DEFAULT 0;"; /* 0: no end */

/* Statistics (statistics.h): what was counted and is not told yet, and what is told of each week. */
#define CELL                                                                                                           \
    " topic TEXT NOT NULL,"                                                                                            \
    " menus TEXT NOT NULL,"                                                                                            \
    " channel TEXT NOT NULL,"                                                                                          \
    " language TEXT NOT NULL,"                                                                                         \
    " what TEXT NOT NULL,"                                                                                             \
    " number INTEGER NOT NULL,"
static const char schema_11[] =
    "CREATE TABLE tally (" CELL " PRIMARY KEY (topic, menus, channel, language, what)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE statistic (" CELL " week INTEGER NOT NULL," /* day of its Monday */
    " PRIMARY KEY (topic, week, menus, channel, language, what)) STRICT, WITHOUT ROWID;"
    /* The next call of one's own is looked for among all that are due, whosever they are: out of the index. */
    "DROP INDEX callback_due;"
    "CREATE INDEX callback_due ON callback (due, casefile, outcome) WHERE outcome = '';"
    /* What became of messages, in the week in which it did. */
    "CREATE TRIGGER outbox_became AFTER UPDATE OF state ON outbox WHEN new.state >= 2 AND new.state <> old.state BEGIN"
    " INSERT INTO counter (day, menus, channel, language, screen, event, number)"
    " VALUES (unixepoch() / 86400, '', new.channel, '', '', 'message-' || new.state, 1)"
    " ON CONFLICT DO UPDATE SET number = number + 1; END;"
    /* What was counted under other names until now. */
    "INSERT INTO counter SELECT day, '', channel, language, '', CASE event WHEN 'registered' THEN 'case-request'"
    " WHEN 'agreed' THEN 'consent-agree' WHEN 'refused' THEN 'consent-refuse' WHEN 'withdrew' THEN 'consent-withdraw'"
    " WHEN 'erased' THEN 'consent-erase' ELSE substr(event, 7) END AS now, sum(number) FROM counter"
    " WHERE event IN ('registered', 'agreed', 'refused', 'withdrew', 'erased') OR event GLOB 'first-reply-*'"
    " GROUP BY day, channel, language, now;"
    "DELETE FROM counter WHERE event IN ('registered', 'agreed', 'refused', 'withdrew', 'erased')"
    " OR event GLOB 'first-reply-*';";

/* How often a member did something today, and when something was done last: by index, however long the log is. */
static const char schema_12[] = "CREATE INDEX audit_acted ON audit (action, actor, at);";

static const char *const migrations[] = {schema_1, schema_2, schema_3, schema_4,  schema_5,  schema_6,
                                         schema_7, schema_8, schema_9, schema_10, schema_11, schema_12};
enum { VERSION = sizeof migrations / sizeof *migrations };

static int version_get(struct store *s, int *version)
{
    sqlite3_stmt *st;
    int code = sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &st, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(st);
    if (code == SQLITE_ROW)
        *version = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    return code == SQLITE_ROW ? 0 : db_error(s, code);
}

static int migrate_one(struct store *s, int from)
{
    char done[64];
    snprintf(done, sizeof done, "PRAGMA user_version = %d; COMMIT;", from + 1);
    const char *const steps[] = {"BEGIN IMMEDIATE", migrations[from], done};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int code = sqlite3_exec(s->db, steps[i], NULL, NULL, NULL);
        if (code == SQLITE_OK)
            continue;
        int rc = db_error(s, code);
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
        return rc;
    }
    return 0;
}

int store_migrate(struct store *s)
{
    int version = 0;
    int rc = version_get(s, &version);
    if (rc == 0 && version > VERSION)
        return ERR_NOT_NOW;
    for (; rc == 0 && version < VERSION; version++)
        rc = migrate_one(s, version);
    return rc;
}
