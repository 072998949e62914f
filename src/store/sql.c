// SPDX-License-Identifier: AGPL-3.0-or-later
/* sql - every statement, prepared once at open. Parameters are bound by position. */
#include "store/db.h"

#define NUMBER_COLUMNS "SELECT id, key, epoch, stopped, coalesce(person, 0), untexted FROM number "

#define STAFF_COLUMNS                                                                                                  \
    "SELECT id, name, role, public_key, secret, totp, totp_step, failed, locked_until, signed_in, disabled, given"     \
    " FROM staff "
#define TEAM_COLUMNS "SELECT team, generation, public_key, proof, recovery_key, recovery FROM team_key "
#define TEAM_SEAL_COLUMNS                                                                                              \
    "SELECT s.team, s.generation, s.staff, k.public_key, s.seal FROM team_seal s"                                      \
    " JOIN team_key k ON k.team = s.team AND k.generation = s.generation "

/* The rows of a table after ?1, at most ?2: the highest id among them and how many they are. */
#define WINDOW(table) "SELECT max(id), count(*) FROM (SELECT id FROM " table " WHERE id > ?1 ORDER BY id LIMIT ?2)"

/* The turns of some sessions (given as rows of turn id, session id), each back along its chain. A row that is not of
 * the session ends it, and so does one that does not lead back (ids only grow). */
#define CHAIN(sessions)                                                                                                \
    " IN (WITH RECURSIVE chain(id, session) AS (" sessions " UNION ALL"                                                \
    " SELECT t.previous, c.session FROM chain c JOIN turn t ON t.id = c.id AND t.session = c.session"                  \
    " WHERE t.previous < t.id)"                                                                                        \
    " SELECT t.id FROM chain c JOIN turn t ON t.id = c.id AND t.session = c.session)"

/* Whether a key of the case `c` lies with safeguarding. */
#define BY_SAFEGUARDING                                                                                                \
    "(EXISTS (SELECT 1 FROM person_seal h WHERE h.person = c.person AND h.holder = 'safeguarding')"                    \
    " OR EXISTS (SELECT 1 FROM case_seal h WHERE h.casefile = c.id AND h.holder = 'safeguarding'))"

/* A case as lists show it; caseload.c reads the columns by number. A case with a seal of its own is open to that one's
 * holder alone. The "+" keeps SQLite from walking all that was ever agreed to, by the index of actions. */
#define CASELOAD_COLUMNS                                                                                               \
    "SELECT ch.id, c.id, c.reference, c.status, c.opened, c.changed, coalesce(c.closed, 0), coalesce(c.owner, 0),"     \
    " coalesce(c.person, 0), c.waiting, c.summary, coalesce(p.language, x'')," HOLDS("casework") "," HOLDS(            \
        "safeguarding") ","                                                                                            \
                        " coalesce((SELECT o.channel FROM consent o WHERE o.person = c.person AND +o.action = 'agree'" \
                        " ORDER BY o.id DESC LIMIT 1), ''), coalesce(p.public_key, x'')"
#define HOLDS(team)                                                                                                    \
    " coalesce(k.holder = '" team "', EXISTS (SELECT 1 FROM person_seal h WHERE h.person = c.person"                   \
    " AND h.holder = '" team "'))"
#define CASELOAD_TABLES                                                                                                \
    " JOIN casefile c ON c.id = ch.casefile LEFT JOIN person p ON p.id = c.person"                                     \
    " LEFT JOIN case_seal k ON k.casefile = c.id"

/* People who never agreed, once their day (before ?5) is over: no person, no stop, nothing to send, nothing sent within
 * the hour (what is left of that is counted against loops). */
#define STRANGERS                                                                                                      \
    "id > ?1 AND id <= ?2 AND ?4 IS NOT NULL AND day < ?5 AND person IS NULL AND stopped IS NULL AND NOT EXISTS"       \
    " (SELECT 1 FROM outbox o WHERE o.number = number.id AND (o.state < 2 OR o.claimed_ms > (?3 - 3600) * 1000))"

#define EXPIRED_SESSIONS "id > ?1 AND id <= ?2 AND expires <= ?3"

/* A row of the ledger with its words. */
#define LEDGER_COLUMNS                                                                                                 \
    " SELECT o.id, o.at, o.person, o.name, o.version, o.channel, o.action, coalesce(t.text, x''), o.detail FROM"
#define LEDGER_TEXT " o LEFT JOIN consent_text t ON t.hash = o.text_hash"

/* Adds rows (topic, menus, channel, language, what, number) to the tally. */
#define TALLY      "INSERT INTO tally (topic, menus, channel, language, what, number) "
#define TALLY_MORE " ON CONFLICT DO UPDATE SET number = number + excluded.number"

/* The sessions that ended on a screen: what it showed was not answered (gateway/traffic.h). */
#define ENDED_HERE "CASE WHEN event IN ('shown', 'wrong') THEN number WHEN event = 'answered' THEN -number ELSE 0 END"
#define TALLY_SCREENS(topic, number)                                                                                   \
    "SELECT " topic ", menus, '', language, screen, sum(" number ") AS sums FROM counter"                              \
    " WHERE day = ?1 AND menus <> '' GROUP BY menus, language, screen HAVING sums <> 0"

#define TOLD " statistic WHERE topic = ?1 AND week BETWEEN ?2 AND ?3 "
#define TOLD_BY(column)                                                                                                \
    "SELECT " column ", sum(number) FROM" TOLD "GROUP BY " column " ORDER BY sum(number) DESC, " column

#define CALLBACKS                                                                                                      \
    "SELECT b.id, b.casefile, b.due, b.booked, coalesce(b.booked_by, 0), b.started, coalesce(b.caller, 0),"            \
    " b.attempts, b.ended, c.reference, b.outcome, b.seal FROM callback b JOIN casefile c ON c.id = b.casefile"
/* An open call as somebody saw it. */
#define CALLBACK_WAS " WHERE id = ?1 AND attempts = ?2 AND outcome = ''"

#define TURN_ADD   "INSERT INTO turn (id, session, number, day, person, previous, expires, state, box) VALUES "
#define TURN_ROW   "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define TURN_ROW_4 TURN_ROW ", " TURN_ROW ", " TURN_ROW ", " TURN_ROW

const char *const store_sql[STATEMENTS] = {
    [Q_BEGIN] = "BEGIN IMMEDIATE",
    [Q_COMMIT] = "COMMIT",
    [Q_ROLLBACK] = "ROLLBACK",

    // Rows go to live.c inside the statement: to step out of it for each of them would take twice as long.
    [Q_SESSION_ALL] = "SELECT live_take(id, key, caller, number, last_turn, expires) FROM session",
    [Q_SESSION_ADD] = "INSERT INTO session (key, caller, number, last_turn, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
    [Q_SESSION_NUMBER] = "UPDATE session SET number = ?2 WHERE id = ?1",
    [Q_SESSION_WINDOW] = WINDOW("session"),
    [Q_SESSION_OF_NUMBER] = "SELECT key FROM session WHERE number = ?1",
    [Q_SESSION_ERASE] = "DELETE FROM session WHERE id = ?1",
    [Q_SESSION_OVER] = "SELECT key FROM session WHERE " EXPIRED_SESSIONS,
    [Q_SESSION_DROP] = "DELETE FROM session WHERE " EXPIRED_SESSIONS,

    [Q_HEADS_FLUSHED] = "SELECT value FROM meta WHERE name = 'flushed'",
    [Q_HEADS_SINCE] = "SELECT session, id, expires FROM turn WHERE id > ?1 ORDER BY id",
    // No column of an index in it: SQLite would write that index again even where nothing changed.
    [Q_HEADS_WRITE] = "UPDATE session SET last_turn = ?2, expires = ?3 WHERE id = ?1",
    [Q_HEADS_MARK] = "INSERT INTO meta (name, value) VALUES ('flushed', ?1)"
                     " ON CONFLICT (name) DO UPDATE SET value = ?1",

    [Q_TURN_ADD] = TURN_ADD TURN_ROW,
    [Q_TURN_ADD_ALL] = TURN_ADD TURN_ROW_4 ", " TURN_ROW_4 ", " TURN_ROW_4 ", " TURN_ROW_4, // TURNS_AT_ONCE
    [Q_TURN_STATE] = "SELECT day, state FROM turn WHERE id = ?1 AND session = ?2",
    [Q_TURN_BOX] = "SELECT box FROM turn WHERE id = ?1 AND session = ?2",
    [Q_TURN_LAST] = "SELECT max(coalesce((SELECT max(id) FROM turn), 0),"
                    " coalesce((SELECT value FROM meta WHERE name = 'flushed'), 0))",
    [Q_TURN_ADOPT] = "UPDATE turn SET person = ?2 WHERE person IS NULL AND box <> x'' AND id" CHAIN(
        "SELECT last_turn, id FROM session WHERE id = ?1"),
    [Q_TURN_DROP] = "DELETE FROM turn WHERE person IS NULL AND id" CHAIN(
        "SELECT last_turn, id FROM session WHERE " EXPIRED_SESSIONS),
    [Q_TURN_DROP_STATE] =
        // with the time at which the session was over, which tells when a turn was
    "UPDATE turn SET state = x'', expires = 0 WHERE id" CHAIN(
        "SELECT last_turn, id FROM session WHERE " EXPIRED_SESSIONS),
    // The rows stay, without what they say; the turn under way brings the session's state along.
    [Q_TURN_BLANK] = "UPDATE turn SET box = x'', state = x'' WHERE person IS NULL AND id" CHAIN(
        "SELECT last_turn, id FROM session WHERE id = ?1"),
    [Q_TURN_STATELESS] =
        "UPDATE turn SET state = x'' WHERE id" CHAIN("SELECT last_turn, id FROM session WHERE id = ?1"),
    [Q_TURN_ERASE] = "DELETE FROM turn WHERE id" CHAIN("SELECT last_turn, id FROM session WHERE id = ?1"),
    [Q_TURN_DROP_PERSON] = "DELETE FROM turn WHERE person = ?1",

    [Q_TURN_WINDOW] = WINDOW("turn"),
    // Reading goes with the day's key, also where a conversation goes on for days; what it is now stays.
    [Q_TURN_DROP_OLD] = "DELETE FROM turn WHERE id > ?1 AND id <= ?2 AND ?3 IS NOT NULL AND person IS NULL AND day < ?4"
                        " AND NOT EXISTS (SELECT 1 FROM session s WHERE s.id = turn.session AND s.last_turn = turn.id)",

    [Q_SEEN_GET] = "SELECT day, answer FROM seen WHERE event = ?1 AND expires > ?2",
    [Q_SEEN_ADD] = "INSERT INTO seen (event, day, expires, answer) VALUES (?1, ?2, ?3, ?4)"
                   " ON CONFLICT (event) DO UPDATE SET day = ?2, expires = ?3, answer = ?4",
    [Q_SEEN_WINDOW] = WINDOW("seen"),
    [Q_SEEN_DROP] = "DELETE FROM seen WHERE id > ?1 AND id <= ?2 AND expires <= ?3",
    [Q_SEEN_FORGET_ANSWER] =
        "UPDATE seen SET answer = x'' WHERE id > ?1 AND id <= ?2 AND ?3 IS NOT NULL AND day < ?4 AND answer <> x''",

    [Q_NUMBER_BY_ID] = NUMBER_COLUMNS "WHERE id = ?1",
    [Q_NUMBER_BY_KEY] = NUMBER_COLUMNS "WHERE key = ?1",
    [Q_NUMBER_ADD] = "INSERT INTO number (key, epoch, day) VALUES (?1, 1, ?2)",
    [Q_NUMBER_PERSON] = "UPDATE number SET person = ?2 WHERE id = ?1",
    [Q_NUMBER_CONTACT] = "UPDATE number SET epoch = epoch + (?2 IS NOT NULL), stopped = ?2,"
                         " untexted = untexted AND ?2 IS NOT NULL WHERE id = ?1 RETURNING epoch",
    [Q_NUMBER_UNTEXTED] = "UPDATE number SET untexted = 1 WHERE id = ?1 AND stopped IS NOT NULL",
    [Q_NUMBER_ERASE] = "UPDATE number SET epoch = epoch + 1, person = NULL WHERE id = ?1",
    [Q_NUMBER_LEAVE] = "UPDATE number SET person = NULL WHERE person = ?1",
    [Q_NUMBER_WINDOW] = WINDOW("number"),
    [Q_NUMBER_DROP] = "DELETE FROM number WHERE " STRANGERS,
    [Q_OUTBOX_DROP_STRANGERS] = "DELETE FROM outbox WHERE number IN (SELECT id FROM number WHERE " STRANGERS ")",

    [Q_PERSON_GET] = "SELECT public_key, language FROM person WHERE id = ?1",
    [Q_PERSON_ADD] =
        "INSERT INTO person (day, public_key, language, number_seal, previous) VALUES (?1, ?2, ?3, ?4, ?5)",
    [Q_PERSON_ERASE] =
        "UPDATE person SET erased = 1, public_key = x'', language = x'', number_seal = x'' WHERE id = ?1",
    [Q_PERSON_PENDING] = "SELECT count(*) FROM person WHERE erased = 1",
    [Q_PERSON_SETTLE] = "UPDATE person SET erased = 2 WHERE erased = 1",
    [Q_PERSON_PREVIOUS] = "SELECT coalesce(previous, 0) FROM person WHERE id = ?1",
    [Q_PERSON_WINDOW] = WINDOW("person"),
    // Agreed before the day ?3, and without a case.
    [Q_PERSON_OVER] = "SELECT id FROM person p WHERE id > ?1 AND id <= ?2 AND NOT erased AND day < ?3"
                      " AND NOT EXISTS (SELECT 1 FROM casefile c WHERE c.person = p.id)",
    [Q_PERSON_DROP] = "DELETE FROM person WHERE id > ?1 AND id <= ?2 AND erased = 2"
                      " AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.person = person.id)"
                      " AND NOT EXISTS (SELECT 1 FROM person q WHERE q.previous = person.id)",
    [Q_PERSON_SEAL] = "INSERT INTO person_seal (person, holder, generation, seal) VALUES (?1, ?2, ?3, ?4)"
                      " ON CONFLICT (person, holder) DO UPDATE SET generation = ?3, seal = ?4",
    [Q_PERSON_HELD] = "SELECT holder, generation, seal FROM person_seal WHERE person = ?1 ORDER BY holder",
    [Q_PERSON_SEAL_GET] = "SELECT seal FROM person_seal WHERE person = ?1 AND holder = ?2",
    [Q_PERSON_UNSEAL] = "DELETE FROM person_seal WHERE person = ?1 AND holder = ?2",
    [Q_PERSON_UNSEAL_ALL] = "DELETE FROM person_seal WHERE person = ?1",

    // The last word on each name counts; a withdrawal without a name is one of all names.
    [Q_CONSENT_IN_FORCE] = "SELECT name, version, max(id), at FROM consent WHERE person = ?1 GROUP BY name"
                           " HAVING action = 'agree' AND max(id) > (SELECT coalesce(max(id), 0) FROM consent"
                           " WHERE person = ?1 AND name = '') ORDER BY 3",
    [Q_CONSENT_ADD] = "INSERT INTO consent"
                      " (person, name, version, channel, action, at, text_hash, detail_hash, detail, link)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [Q_CONSENT_LINK] = "SELECT link, id FROM consent ORDER BY id DESC LIMIT 1",
    [Q_CONSENT_ROWS] = "SELECT id, link, person, name, version, channel, action, at, text_hash,"
                       " coalesce(detail_hash, detail) FROM consent WHERE id > ?1 ORDER BY id LIMIT ?2",
    [Q_CONSENT_LIST] = "SELECT id, person, name, version, channel, action, at, text_hash, detail, detail_hash"
                       " FROM consent WHERE id > ?1 AND (?3 IS NULL OR person = ?3) ORDER BY id LIMIT ?2",
    // What was said is content; that it was agreed to, and when, stays as proof.
    [Q_CONSENT_BLANK] = "UPDATE consent SET detail = x'' WHERE person = ?1 AND detail_hash IS NOT NULL",
    [Q_CONSENT_OVER] = "SELECT id, at, link FROM consent ORDER BY id LIMIT ?1",
    [Q_CONSENT_DROP] = "DELETE FROM consent WHERE id <= ?1",
    [Q_TEXT_KEEP] = "INSERT INTO consent_text (hash, text) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [Q_TEXT_GET] = "SELECT hash, text FROM consent_text WHERE hash = ?1",
    [Q_TEXT_ROWS] = "SELECT hash, text FROM consent_text WHERE hash > ?1 ORDER BY hash LIMIT ?2",

    // What was withdrawn is no longer told, not even to the phone it came from.
    [Q_CASE_OF_PERSON] = "SELECT id, closed IS NULL, kind, reference, status, changed, " BY_SAFEGUARDING
                         " FROM casefile c WHERE person = ?1 AND status <> 'withdrawn' ORDER BY id",
    [Q_CASE_ADD] = "INSERT INTO casefile (reference, person, status, opened, changed, summary, kind, answers)"
                   " VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7)",
    [Q_CASE_CORRECT] = "UPDATE casefile SET summary = ?2, answers = ?3, changed = ?4 WHERE id = ?1 AND closed IS NULL",
    // What safeguarding holds stays with safeguarding, as the consent's words say.
    [Q_CASE_SUMMARY] = "SELECT summary FROM casefile WHERE id = ?1",
    [Q_CASE_WITHDRAW] = "UPDATE casefile SET status = 'withdrawn', closed = ?2, changed = ?2"
                        " WHERE person = ?1 AND closed IS NULL AND NOT EXISTS"
                        " (SELECT 1 FROM person_seal WHERE person = ?1 AND holder = 'safeguarding')",
    [Q_CASE_ERASE] = "UPDATE casefile SET person = NULL, status = 'erased', closed = coalesce(closed, changed),"
                     " summary = x'', kind = x'', answers = x'' WHERE person = ?1",
    [Q_NOTE_ADD] = "INSERT INTO case_note (casefile, day, seal)"
                   " SELECT id, ?2, x'' FROM casefile WHERE id = ?1 AND closed IS NULL",
    [Q_NOTE_SEAL] = "UPDATE case_note SET seal = ?2 WHERE id = ?1",
    [Q_CASE_WINDOW] = WINDOW("casefile"),
    [Q_CASE_OVER] =
        "SELECT id, coalesce(person, 0), status = 'erased' FROM casefile c WHERE id > ?1 AND id <= ?2"
        " AND changed < CASE WHEN status = 'erased' THEN ?5 WHEN person IS NULL THEN ?3"
        " WHEN " BY_SAFEGUARDING " THEN ?4 WHEN closed IS NOT NULL AND instr(?8, ' ' || status || ' ') THEN ?7"
        " WHEN closed IS NOT NULL THEN ?5 ELSE ?6 END",
    [Q_CASE_ANY] = "SELECT 1 FROM casefile WHERE person = ?1 LIMIT 1",
    [Q_CASE_TOUCH] = "UPDATE casefile SET changed = max(changed, ?2) WHERE id = ?1",
    [Q_CASE_EMPTY] = "UPDATE casefile SET person = NULL, status = 'erased', closed = coalesce(closed, changed),"
                     " summary = x'', kind = x'', answers = x'' WHERE id = ?1",
    [Q_CASE_NOTES_DROP] = "DELETE FROM case_note WHERE casefile = ?1",
    [Q_CASE_CHANGE_DROP] = "DELETE FROM case_change WHERE casefile = ?1",
    [Q_CASE_DROP] = "DELETE FROM casefile WHERE id = ?1",
    [Q_PURGED_ADD] = "INSERT INTO purged (kind, number) VALUES (?1, ?2)"
                     " ON CONFLICT (kind) DO UPDATE SET number = number + ?2",
    [Q_PURGED_GET] = "SELECT kind, number FROM purged",
    [Q_PURGED_DROP] = "DELETE FROM purged",
    [Q_NOTE_ERASE] = "DELETE FROM case_note WHERE casefile IN (SELECT id FROM casefile WHERE person = ?1)",

    [Q_CASE_SEAL] = "INSERT INTO case_seal (casefile, holder, generation, public_key, seal, number_seal)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE"
                    " SET holder = ?2, generation = ?3, public_key = ?4, seal = ?5,"
                    " number_seal = iif(?6 = x'', number_seal, ?6)",
    [Q_CASE_SEAL_DROP] = "DELETE FROM case_seal WHERE casefile = ?1",
    [Q_CASE_HELD] = "SELECT holder, generation, seal, public_key FROM case_seal WHERE casefile = ?1",
    [Q_CASE_UNSEAL] = "DELETE FROM case_seal WHERE holder = ?2"
                      " AND casefile IN (SELECT id FROM casefile WHERE person = ?1)",
    [Q_CASE_UNSEAL_ALL] = "DELETE FROM case_seal WHERE casefile IN (SELECT id FROM casefile WHERE person = ?1)",

    [Q_COUNT] = "INSERT INTO counter (day, menus, channel, language, screen, event, number)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET number = number + ?7",

    [Q_TRAFFIC] = "SELECT screen, total(number) FILTER (WHERE event = 'seen'),"
                  " total(number) FILTER (WHERE event IN ('shown', 'wrong'))"
                  " - total(number) FILTER (WHERE event IN ('answered', 'ended'))"
                  " FROM counter WHERE day >= ?1 AND screen <> '' GROUP BY screen ORDER BY screen",

    [Q_DAY_KEY_GET] = "SELECT wrapped FROM day_key WHERE day = ?1",
    [Q_DAY_KEY_PUT] = "INSERT INTO day_key (day, wrapped) VALUES (?1, ?2)",
    [Q_DAY_KEY_DROP] = "DELETE FROM day_key WHERE day < ?1",
    // From before there were members of staff.
    [Q_TEAM_WRAPPED] = "SELECT wrapped FROM team WHERE name = ?1",
    [Q_TEAM_UNWRAPPED] = "DELETE FROM team WHERE name = ?1",

    [Q_SEALED_COUNT] = "SELECT count(*), coalesce(sum(generation < ?2), 0) FROM"
                       " (SELECT generation FROM person_seal WHERE holder = ?1"
                       " UNION ALL SELECT generation FROM case_seal WHERE holder = ?1)",
    [Q_SEALED_BEFORE] = "SELECT holder, generation, seal, 0, person, public_key FROM person_seal"
                        " JOIN person ON id = person WHERE holder = ?1 AND generation < ?2 UNION ALL"
                        " SELECT holder, generation, seal, 1, casefile, public_key FROM case_seal"
                        " WHERE holder = ?1 AND generation < ?2 LIMIT ?3",
    [Q_PERSON_SEALED_ANEW] = "UPDATE person_seal SET generation = ?4, seal = ?5"
                             " WHERE person = ?1 AND holder = ?2 AND generation = ?3",
    [Q_CASE_SEALED_ANEW] = "UPDATE case_seal SET generation = ?4, seal = ?5"
                           " WHERE casefile = ?1 AND holder = ?2 AND generation = ?3",

    [Q_STAFF_BY_NAME] = STAFF_COLUMNS "WHERE name = ?1",
    [Q_STAFF_BY_ID] = STAFF_COLUMNS "WHERE id = ?1",
    [Q_STAFF_LIST] = STAFF_COLUMNS "ORDER BY name",
    [Q_STAFF_ADD] = "INSERT INTO staff (name, role, public_key, secret, totp, given) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [Q_STAFF_ROLES] = "UPDATE staff SET role = ?2 WHERE id = ?1",
    [Q_STAFF_RECORD] = "UPDATE staff SET secret = ?2, given = ?3 WHERE id = ?1",
    [Q_STAFF_KEY] =
        "UPDATE staff SET public_key = ?2, secret = ?3, given = 1, failed = 0, locked_until = 0 WHERE id = ?1",
    [Q_STAFF_TOTP] = "UPDATE staff SET totp = ?2, totp_step = 0 WHERE id = ?1",
    [Q_STAFF_DISABLE] = "UPDATE staff SET disabled = ?2 WHERE id = ?1",
    [Q_STAFF_FAILED] = "UPDATE staff SET failed = failed + 1, locked_until = iif(failed + 1 >= ?2, ?3, locked_until)"
                       " WHERE id = ?1",
    // A code counts once: whoever used its step first has it.
    [Q_STAFF_SIGNED_IN] =
        "UPDATE staff SET failed = 0, locked_until = 0, signed_in = ?2, totp_step = max(totp_step, ?3)"
        " WHERE id = ?1 AND NOT disabled AND locked_until <= ?2 AND (?3 = 0 OR totp_step < ?3)",

    [Q_TEAM_NEWEST] = TEAM_COLUMNS "WHERE team = ?1 ORDER BY generation DESC LIMIT 1",
    [Q_TEAM_LIST] = TEAM_COLUMNS "ORDER BY team, generation",
    [Q_TEAM_ADD] = "INSERT INTO team_key (team, generation, public_key, proof, recovery_key, recovery)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [Q_TEAM_RECOVERY] = "UPDATE team_key SET recovery_key = ?3, recovery = ?4 WHERE team = ?1 AND generation = ?2",
    [Q_TEAM_DROP] = "DELETE FROM team_key WHERE team = ?1 AND generation < ?2",
    [Q_TEAM_IN_USE] = "SELECT EXISTS (SELECT 1 FROM person_seal WHERE holder = ?1 AND generation < ?2)"
                      " OR EXISTS (SELECT 1 FROM case_seal WHERE holder = ?1 AND generation < ?2)",
    [Q_TEAM_SEALS] = TEAM_SEAL_COLUMNS "ORDER BY s.team, s.generation, s.staff",
    [Q_TEAM_SEALS_OF] = TEAM_SEAL_COLUMNS "WHERE s.staff = ?1 ORDER BY s.team, s.generation",
    [Q_TEAM_SEAL_PUT] = "INSERT INTO team_seal (team, generation, staff, seal) VALUES (?1, ?2, ?3, ?4)"
                        " ON CONFLICT DO UPDATE SET seal = ?4",
    [Q_TEAM_SEAL_DROP] = "DELETE FROM team_seal WHERE staff = ?1 AND (?2 = '' OR team = ?2)",
    [Q_TEAM_SEAL_DROP_OLD] = "DELETE FROM team_seal WHERE team = ?1 AND generation < ?2",

    [Q_PART_ADD] = "INSERT INTO part (message, number, total, expires, day, box) SELECT ?1, ?2, ?3, ?4, ?5, ?6"
                   " WHERE NOT EXISTS (SELECT 1 FROM part WHERE message = ?1 AND number IN (0, ?2))",
    [Q_PART_LIST] =
        "SELECT number, total, expires, day, box FROM part WHERE message = ?1 AND number > 0 ORDER BY number",
    [Q_PART_DROP] = "DELETE FROM part WHERE message = ?1",
    [Q_PART_DONE] = "INSERT INTO part (message, number, total, expires, day, box) VALUES (?1, 0, 0, ?2, 0, x'')",
    // The wait begins anew with each part.
    [Q_PART_WAITING] = "SELECT count(DISTINCT message) FROM part WHERE number > 0",
    [Q_PART_OVER] = "SELECT DISTINCT message FROM part p WHERE expires <= ?1 AND number > 0 AND NOT EXISTS"
                    " (SELECT 1 FROM part q WHERE q.message = p.message AND q.expires > ?1) LIMIT ?2",
    [Q_PART_FORGET] = "DELETE FROM part WHERE expires <= ?1 AND number = 0",

    [Q_OUTBOX_ADD] = "INSERT INTO outbox (number, epoch, class, state, attempts, next_ms, due_ms, until_ms, channel,"
                     " key, box) VALUES (?1, ?2, ?3, 0, 0, ?4, ?4, ?5, ?6, ?7, ?8)",
    [Q_OUTBOX_DUE] = "SELECT o.id, o.epoch = n.epoch AND (n.stopped IS NULL OR o.class <> 2), o.class, o.attempts,"
                     " o.number, o.due_ms, lower(hex(o.key)), o.box, o.key, o.epoch, n.key, o.until_ms"
                     " FROM outbox o CROSS JOIN number n ON n.id = o.number"
                     " WHERE o.state = 0 AND o.channel = ?1 AND o.next_ms <= ?2 ORDER BY o.next_ms LIMIT ?3",
    [Q_OUTBOX_CLAIM] = "UPDATE outbox SET state = 1, attempts = attempts + 1, claimed_ms = ?2 WHERE id = ?1",
    [Q_OUTBOX_POSTPONE] = "UPDATE outbox SET next_ms = ?2 WHERE id = ?1",
    [Q_OUTBOX_GIVE_UP] = "UPDATE outbox SET state = 4, box = x'' WHERE id = ?1",
    // The ?3th youngest of what left for a number after ?2.
    [Q_OUTBOX_LEFT] = "SELECT claimed_ms FROM outbox WHERE number = ?1 AND claimed_ms > ?2"
                      " ORDER BY claimed_ms DESC LIMIT 1 OFFSET ?3 - 1",
    [Q_OUTBOX_MARK] = "UPDATE outbox SET digest = ?2 WHERE id = ?1",
    [Q_OUTBOX_ALIKE] = "SELECT count(*) FROM outbox WHERE number = ?1 AND digest = ?2 AND due_ms > ?3",
    [Q_OUTBOX_WHOSE] = "SELECT n.key FROM outbox o JOIN number n ON n.id = o.number WHERE o.id = ?1",
    [Q_OUTBOX_CANCEL] = "UPDATE outbox SET state = 6, box = x'' WHERE id = ?1",
    [Q_OUTBOX_CANCEL_NUMBER] = "UPDATE outbox SET state = 6, box = x'' WHERE number = ?1 AND state = 0",
    // The mark of a STOP that nobody has confirmed: a row that never leaves, of a channel that no file can name.
    [Q_OUTBOX_OWE] = "INSERT INTO outbox (number, epoch, class, state, attempts, next_ms, due_ms, channel, key, box)"
                     " VALUES (?1, ?2, 1, 6, 0, ?3, ?3, '', randomblob(16), x'')",
    [Q_OUTBOX_OWED] = "SELECT count(*) FROM outbox WHERE number = ?1 AND epoch = ?2 AND class = 1 AND channel = ''",
    // STOP after STOP is confirmed once: the confirmation that still waits, or is under way, is of the new one too.
    [Q_OUTBOX_CARRY] = "UPDATE outbox SET epoch = ?2 WHERE number = ?1 AND class = 1 AND state IN (0, 1)",
    [Q_OUTBOX_CANCEL_OLD] = "UPDATE outbox SET state = 6, box = x'' WHERE number = ?1 AND state = 0 AND epoch <> ?2",
    [Q_OUTBOX_EMPTY_NUMBER] = "UPDATE outbox SET box = x'' WHERE number = ?1 AND box <> x''",
    // Only a claimed row has an outcome. What is not to be sent again loses its box.
    [Q_OUTBOX_SETTLE] = "UPDATE outbox SET state = ?2, next_ms = iif(?2 = 0, ?3, next_ms), reference = ?4,"
                        " box = iif(?2 = 0, box, x'') WHERE id = ?1 AND state = 1",
    // What was in flight at a stop and is to be tried again is not: its epoch is over.
    [Q_OUTBOX_OVERTAKEN] = "UPDATE outbox SET state = 6, box = x'' WHERE id = ?1 AND state = 0"
                           " AND epoch <> (SELECT n.epoch FROM number n WHERE n.id = outbox.number)",
    [Q_OUTBOX_RELEASE] =
        "UPDATE outbox SET state = 0, attempts = attempts - 1, next_ms = ?2 WHERE id = ?1 AND state = 1",
    [Q_OUTBOX_BY_REFERENCE] = "SELECT id, state FROM outbox WHERE reference = ?1 ORDER BY id DESC LIMIT 1",
    [Q_OUTBOX_BY_KEY] = "SELECT id, state FROM outbox WHERE key = ?1 AND channel = ?2",
    [Q_OUTBOX_REPORT] = "UPDATE outbox SET state = ?2, box = x'' WHERE id = ?1",
    // One that somebody fetched, and whether it might still leave.
    [Q_OUTBOX_FETCHED] = "SELECT o.id, o.state, o.epoch = n.epoch AND (n.stopped IS NULL OR o.class <> 2), o.until_ms"
                         " FROM outbox o JOIN number n ON n.id = o.number WHERE o.key = ?1 AND o.channel = ?2",
    [Q_OUTBOX_OVERDUE_AGAIN] =
        "UPDATE outbox SET state = 0, next_ms = ?3 WHERE state = 1 AND channel = ?1 AND claimed_ms <= ?2"
        " AND class = 0 AND attempts < ?4 AND epoch = (SELECT n.epoch FROM number n WHERE n.id = outbox.number)",
    [Q_OUTBOX_OVERDUE] = "UPDATE outbox SET state = 5, box = x'' WHERE state = 1 AND channel = ?1 AND claimed_ms <= ?2",
    // Among the youngest of all messages, so that its cost has an end.
    [Q_OUTBOX_AWAITED] = "SELECT lower(hex(key)) FROM outbox WHERE id > (SELECT max(id) FROM outbox) - 2000"
                         " AND state = 2 AND channel = ?1 AND claimed_ms > ?2 ORDER BY id DESC LIMIT ?3",
    [Q_OUTBOX_UNDER_WAY] = "SELECT count(*) FROM outbox WHERE state = 1 AND channel = ?1",
    // Only while an answer of this channel is awaited can a report be early.
    [Q_REPORT_KEEP] = "INSERT INTO report (reference, state, expires) SELECT ?1, ?2, ?3"
                      " WHERE EXISTS (SELECT 1 FROM outbox WHERE state = 1 AND channel = ?4)"
                      " ON CONFLICT (reference) DO UPDATE SET state = max(state, ?2)",
    [Q_REPORT_FIND] = "SELECT max(r.state) FROM report r"
                      " WHERE r.reference IN (?2, (SELECT key FROM outbox WHERE id = ?1))",
    [Q_REPORT_WINDOW] = WINDOW("report"),
    [Q_REPORT_DROP] = "DELETE FROM report WHERE id > ?1 AND id <= ?2 AND expires <= ?3",
    [Q_OUTBOX_RECOVER_REPORTED] = "UPDATE outbox SET box = x'', state ="
                                  " (SELECT r.state FROM report r WHERE r.reference = outbox.key)"
                                  " WHERE state = 1 AND EXISTS (SELECT 1 FROM report r WHERE r.reference = outbox.key)",
    [Q_OUTBOX_RECOVER] = "UPDATE outbox SET state = iif(class = 0, 0, 5), next_ms = iif(class = 0, ?1, next_ms),"
                         " box = iif(class = 0, box, x'') WHERE state = 1",
    [Q_OUTBOX_NEXT] = "SELECT min(next_ms) FROM outbox WHERE state = 0 AND channel = ?1",
    [Q_OUTBOX_WAITING] = "SELECT count(*) FROM outbox WHERE state = 0 AND channel = ?1",
    [Q_OUTBOX_WINDOW] = WINDOW("outbox"),
    [Q_OUTBOX_DROP] = "DELETE FROM outbox WHERE id > ?1 AND id <= ?2 AND ?3 IS NOT NULL AND state >= 2"
                      " AND ?4 IS NOT NULL AND next_ms < ?5 * 86400000",
    // What a message said is of no use for telling a loop a day later.
    [Q_OUTBOX_UNMARK] = "UPDATE outbox SET digest = NULL WHERE id > ?1 AND id <= ?2 AND digest IS NOT NULL"
                        " AND due_ms < (?3 - 86400) * 1000",
    [Q_AUDIT_ADD] = "INSERT INTO audit (at, actor, action, object, link) VALUES (?1, ?2, ?3, ?4, ?5)",
    [Q_AUDIT_LINK] = "SELECT link, id FROM audit ORDER BY id DESC LIMIT 1",
    [Q_AUDIT_ROWS] = "SELECT id, link, at, actor, action, object FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2",
    [Q_AUDIT_OVER] = "SELECT id, at, link FROM audit ORDER BY id LIMIT ?1",
    [Q_AUDIT_DROP] = "DELETE FROM audit WHERE id <= ?1",
    [Q_AUDIT_ACTED] = "SELECT count(*) FROM audit WHERE action = ?1 AND actor = ?2 AND at >= ?3",
    [Q_AUDIT_DONE] = "SELECT count(*), coalesce(max(at), 0) FROM audit WHERE action = ?1 AND at >= ?2",
    [Q_AUDIT_ENDS] = "SELECT (SELECT min(id) FROM audit), (SELECT max(id) FROM audit)",
    [Q_AUDIT_FROM] = "SELECT id, at FROM audit WHERE id >= ?1 ORDER BY id LIMIT 1",
    [Q_AUDIT_LOOK] =
        "SELECT id, at, actor, action, object FROM audit WHERE id < ?1 AND id >= ?8 AND at >= ?2 AND at < ?3"
        " AND (?4 = '' OR actor = ?4) AND (?5 = '' OR instr(action, ?5)) AND (?6 = '' OR instr(object, ?6))"
        " ORDER BY id DESC LIMIT ?7",

    [Q_CASELOAD_SINCE] =
        CASELOAD_COLUMNS " FROM case_change ch" CASELOAD_TABLES " WHERE ch.id > ?1 ORDER BY ch.id LIMIT ?2",
    [Q_CASELOAD_GET] = CASELOAD_COLUMNS
    ", c.answers,"
    " iif(k.number_seal <> x'', k.number_seal, coalesce(p.number_seal, x'')), coalesce(n.id, 0), coalesce(n.stopped, 0)"
    " FROM casefile c JOIN case_change ch ON ch.casefile = c.id LEFT JOIN person p ON p.id = c.person"
    " LEFT JOIN case_seal k ON k.casefile = c.id LEFT JOIN number n ON n.person = c.person WHERE c.reference = ?1",
    [Q_CASELOAD_NOTES] = "SELECT n.id, n.day, n.at, coalesce(n.author, 0), n.what, n.seal, coalesce(n.message, 0),"
                         " coalesce(o.state, 0), coalesce(o.next_ms, 0) FROM (SELECT * FROM case_note"
                         " WHERE casefile = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3) n"
                         " LEFT JOIN outbox o ON o.id = n.message ORDER BY n.id",
    [Q_CASELOAD_SUMMARY] = "UPDATE casefile SET summary = ?2 WHERE id = ?1",
    [Q_CASELOAD_NOTE_LAST] = "SELECT id, day, at, coalesce(author, 0), what, seal, 0, 0, 0 FROM case_note"
                             " WHERE casefile = ?1 AND what = ?2 ORDER BY id DESC LIMIT 1",
    [Q_CASELOAD_PERSON] = "SELECT reference FROM casefile WHERE person = ?1 ORDER BY id",
    [Q_CASELOAD_OF_NUMBER] = "SELECT c.reference FROM number n JOIN casefile c ON c.person = n.person"
                             " WHERE n.key = ?1 ORDER BY c.id",
    [Q_CASELOAD_TURNS] = "SELECT id, number, box FROM (SELECT id, number, box FROM turn WHERE person = ?1"
                         " AND box <> x'' ORDER BY id DESC LIMIT ?2) ORDER BY id",
    // Who they were before they agreed anew is followed too.
    [Q_CASELOAD_CONSENTS] =
        "WITH RECURSIVE who(id) AS (VALUES (?1) UNION SELECT p.previous FROM who JOIN person p"
        " ON p.id = who.id WHERE p.previous IS NOT NULL)" LEDGER_COLUMNS " (SELECT * FROM consent WHERE person IN"
        " (SELECT id FROM who) ORDER BY id DESC LIMIT ?2)" LEDGER_TEXT " ORDER BY o.id",
    [Q_CASELOAD_LEDGER] = LEDGER_COLUMNS " consent" LEDGER_TEXT " WHERE o.id < ?1 ORDER BY o.id DESC LIMIT ?2",
    [Q_CASELOAD_LEDGER_OF] =
        LEDGER_COLUMNS " consent" LEDGER_TEXT " WHERE o.id < ?1 AND o.action = ?3 ORDER BY o.id DESC LIMIT ?2",
    [Q_CASELOAD_CHANGE] = "SELECT id FROM case_change WHERE casefile = ?1",
    [Q_CASELOAD_NOTE] = "INSERT INTO case_note (casefile, day, at, author, what, seal, message)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, x'', ?6)",
    [Q_CASELOAD_OWN] = "UPDATE casefile SET owner = ?2, changed = ?3 WHERE id = ?1",
    [Q_CASELOAD_STATUS] = "UPDATE casefile SET status = ?2, closed = ?3, changed = ?4 WHERE id = ?1",
    [Q_CASELOAD_WAITING] = "UPDATE casefile SET waiting = ?2 WHERE id = ?1",
    [Q_CASELOAD_NUMBER] = "SELECT id, key, epoch, stopped FROM number WHERE person = ?1",
    [Q_CASELOAD_UNDO] = "UPDATE outbox SET state = 6, box = x'' WHERE id = ?1 AND state = 0",
    // A day's counters become part of what is not told yet. An event "TOPIC-WHAT" is of a topic.
    [Q_TALLY_DAY] = "SELECT coalesce((SELECT value + 1 FROM meta WHERE name = 'tallied'),"
                    " (SELECT min(day) FROM counter))",
    [Q_TALLY_EVENTS] =
        TALLY "SELECT topic, '', iif(topic IN ('case', 'status', 'message'), channel, ''),"
              " iif(topic IN ('case', 'status'), language, ''), substr(event, length(topic) + 2) AS part, sum(number)"
              " FROM (SELECT *, substr(event, 1, instr(event, '-') - 1) AS topic FROM counter"
              " WHERE day = ?1 AND menus = '') WHERE topic IN ('case', 'status', 'reply', 'message', 'consent')"
              " GROUP BY 1, 3, 4, 5" TALLY_MORE,
    [Q_TALLY_ENDED] = TALLY TALLY_SCREENS("'ended'", ENDED_HERE) TALLY_MORE,
    [Q_TALLY_WENT] = TALLY TALLY_SCREENS("'went'", "iif(event = 'seen', number, 0) - " ENDED_HERE) TALLY_MORE,
    [Q_STAT_TELL] = "INSERT INTO statistic (week, topic, menus, channel, language, what, number) SELECT ?1, topic,"
                    " menus, channel, language, what, number - number % ?2 FROM tally WHERE number >= ?2",
    [Q_TALLY_TOLD] = "UPDATE tally SET number = number % ?1 WHERE number >= ?1",
    [Q_TALLY_EMPTY] = "DELETE FROM tally WHERE number = 0",
    [Q_COUNTER_DROP] = "DELETE FROM counter WHERE day < ?1 AND day = (SELECT min(day) FROM counter)",
    // What is told of the weeks between two Mondays.
    [Q_STAT_LAST] = "SELECT (value - 6) - (value - 6 + 3) % 7 FROM meta WHERE name = 'tallied'",
    [Q_STAT_WEEKS] = "SELECT CAST(week AS TEXT), sum(number) FROM" TOLD "GROUP BY week ORDER BY week",
    [Q_STAT_CHANNELS] = TOLD_BY("channel"),
    [Q_STAT_LANGUAGES] = TOLD_BY("language"),
    [Q_STAT_WHATS] = TOLD_BY("what"),
    [Q_STAT_ROWS] =
        "SELECT week, channel, language, what, number FROM" TOLD "ORDER BY week, channel, language, what LIMIT ?4",
    [Q_STAT_SCREENS] = "SELECT menus, language, what, sum(iif(topic = 'ended', number, 0)),"
                       " sum(iif(topic = 'went', number, 0)), min(week) FROM statistic WHERE topic IN ('ended', 'went')"
                       " AND week BETWEEN ?1 AND ?2 GROUP BY menus, language, what"
                       " ORDER BY sum(number) DESC, what, language, menus LIMIT ?3",
    // Out of its index alone.
    [Q_CALLBACK_DUE] = "SELECT id, casefile, due FROM callback WHERE outcome = '' AND due < ?1"
                       " ORDER BY due, casefile",
    [Q_CALLBACK_GET] = CALLBACKS " WHERE b.id = ?1",
    [Q_CALLBACK_OF_CASE] = CALLBACKS " WHERE b.casefile = ?1 ORDER BY b.id",
    [Q_CALLBACK_ADD] = "INSERT INTO callback (casefile, due, booked, booked_by, seal) SELECT ?1, ?2, ?3, ?4, ?5"
                       " WHERE NOT EXISTS (SELECT 1 FROM callback WHERE casefile = ?1 AND outcome = '')",
    [Q_CALLBACK_MOVE] = "UPDATE callback SET due = ?3, seal = ?4, started = 0, caller = NULL" CALLBACK_WAS,
    [Q_CALLBACK_START] = "UPDATE callback SET caller = ?3, started = ?4" CALLBACK_WAS " AND started = ?5",
    [Q_CALLBACK_FAILED] = "UPDATE callback SET attempts = attempts + 1, due = ?3, started = 0,"
                          " caller = NULL" CALLBACK_WAS,
    [Q_CALLBACK_END] = "UPDATE callback SET outcome = ?3, attempts = ?4, ended = ?5, seal = x''" CALLBACK_WAS,

    [Q_META_GET] = "SELECT value FROM meta WHERE name = ?1",
    [Q_META_PUT] = "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
    [Q_NUMBER_STOPPED] = "SELECT key, stopped FROM number WHERE stopped IS NOT NULL ORDER BY id",
};
