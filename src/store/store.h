// SPDX-License-Identifier: AGPL-3.0-or-later
/* store - the one file, and the one writer.
 *
 * All SQL lives in this room. The interface speaks in batches, so that another engine can stand behind it later: the
 * turn loop calls store_begin, then for each round store_load (everything the round's turns need) and, for what they
 * want written, the functions below it, then store_commit. Nothing is durable before store_commit has returned 0. One
 * thread only (the turn loop) may call functions that take this `struct store`; console readers open one of their own
 * that only reads (reader.h).
 *
 * What is written here is already sealed or indexed by whoever hands it over (vault/): no phone number and no typed
 * text passes this interface in clear. Schema and its migrations: schema.c; statements: sql.c; the functions: one file
 * a group of tables.
 *
 * SQLite 3.40.1, WAL, synchronous=FULL, foreign_keys=ON, secure_delete=ON, STRICT tables. Automatic checkpoints are
 * off: the loop calls store_rest between batches. Never mmap, never a second writing connection, never across fork.
 */
#ifndef WAYMARK_STORE_STORE_H
#define WAYMARK_STORE_STORE_H

#include "base/arena.h"
#include "base/span.h"
#include "record/message.h"
#include "record/staff.h"

enum {
    STORE_INDEX_BYTES = 16,
    STORE_LINK_BYTES = 32, /* a link of the consent and audit chains */
    STORE_MESSAGE_KEY_BYTES = 16,
};

struct store;

/** A blind index (vault/vault.h), as bytes. */
struct store_index {
    unsigned char bytes[STORE_INDEX_BYTES];
};

/** Opens or makes DIR/waymark.db and brings its schema up to date, under the lock DIR/waymark.lock. ERR_BUSY: another
 * process has it; ERR_IO, ERR_FULL, ERR_CORRUPT, ERR_NOT_NOW (schema of a newer Waymark), ERR_NOMEM. */
int store_open(const char *dir, struct store **out);

/** Checkpoints and closes; NULL is allowed. An open transaction is rolled back. */
void store_close(struct store *s);

/** A function that writes gives ERR_NOT_NOW outside a transaction, but for those with one of their own (which give it
 * inside one). ERR_EXISTS, ERR_MISSING, ERR_RANGE and ERR_NOT_NOW leave the transaction standing; ERR_FULL, ERR_IO,
 * ERR_NOMEM and ERR_CORRUPT have rolled it back, and every later call gives the same code until store_commit or
 * store_rollback. */
int store_begin(struct store *s);
/** ERR_FULL, ERR_IO: the transaction is rolled back and nothing of it was stored. */
int store_commit(struct store *s);
void store_rollback(struct store *s);

/** Between batches: where something was erased, cuts the write-ahead log (again and again until no reader is in the
 * way). Else carries it into the database: a little of it where there is more to do, all where `idle` or when the log
 * is long (checkpoint.h). */
int store_rest(struct store *s, bool idle);

/** How many people were erased of whom the log may still hold something: erase pending. */
int store_erase_pending(struct store *s, int64_t *people);

/** Whether the log was cut since this was asked last, so that store_erase_settle is due. */
bool store_erase_cut(struct store *s);

/** They are no longer pending; how many they are comes back. Needs an open transaction, after a cut. */
int store_erase_settle(struct store *s, int64_t *people);

/* ---- what a round of turns needs ---- */

struct store_case {
    struct span kind_box; /* boxed kind */
    struct span reference, status;
    int64_t id, changed_day;
    bool open, safeguarding; /* safeguarding: that team holds a key of it */
};

struct store_consent {
    struct span name, version; /* in force */
    int64_t id, at_s;
};

/** One person's turn in a round: filled in by the caller above the line, by store_load below. */
struct store_turn {
    struct store_index session_key; /* blind index of channel and session */
    struct store_index number_key;  /* blind index of the number */
    bool by_event;                  /* look `event_key` up too */
    struct store_index event_key;
    struct store_index caller_key; /* blind index of channel and number; a session that is known brings it along */

    bool seen;               /* the event was answered before */
    struct span seen_answer; /* boxed stored answer; empty once it was dropped */
    int64_t seen_day;        /* day key it is under */
    int64_t session_id;      /* 0: none (or expired) */
    int64_t session_turn;    /* its last turn */
    int64_t number_id;       /* 0: the number has no row */
    int64_t epoch;
    bool stopped;
    bool untexted;     /* and asked for no texts */
    int64_t person_id; /* 0: none */
    unsigned char person_public[32];
    struct span person_language_box;
    const struct store_case *cases;
    size_t case_count;
    const struct store_consent *consents;
    size_t consent_count;
    int64_t session_number; /* the session's number; the store's own */
};

/** Fills the lower part of each turn; spans live in `a`. `now_s` decides what has expired. */
int store_load(struct store *s, struct store_turn *turns, size_t count, int64_t now_s, struct arena *a);

/** The boxed state in which a turn left its session, in `a`, and the day whose key it is under. */
int store_state(struct store *s, int64_t session_id, int64_t turn_id, struct arena *a, int64_t *day, struct span *box);

struct store_previous {
    int64_t id, turn;
    struct store_index key; /* session key, which the state's box is bound to */
};

/** The newest session of the same caller (turn->caller_key) that has not expired, the turn's own aside. */
bool store_previous(const struct store *s, const struct store_turn *turn, int64_t now_s, struct store_previous *out);

/* ---- what a round of turns wants written; each function is one row or one fact ---- */

/** What one turn leaves behind. */
struct store_step {
    int64_t expires_s;     /* of the session */
    int64_t day;           /* of the day key that the boxes are under */
    struct span state_box; /* the session */
    int64_t number;        /* of the turn within its session, from 1 */
    int64_t person_id;     /* that the turn is linked to, 0: none yet */
    struct span box;       /* the turn; empty: only the session is written */
};

/** The session after a turn, and the turn. Where `turn` has no session yet a new one is made (in place of an expired
 * one with the same key) and its id comes back in turn->session_id. Call it after store_number_need and
 * store_person_erase: the session is linked to turn->number_id. */
int store_session_put(struct store *s, struct store_turn *turn, const struct store_step *step);

/** The box of the session's last turn, in `a`. ERR_MISSING: it left none. */
int store_turn_box(struct store *s, const struct store_turn *turn, struct arena *a, struct span *box);

/** Links the stored turns of this session to a person (the conversation in which somebody registered). */
int store_turns_adopt(struct store *s, int64_t session_id, int64_t person_id);

/** Empties those turns of a session that are linked to nobody (an anonymous case leaves none), with the session's
 * earlier states; store_session_put, in the same transaction, brings the present one. */
int store_turns_drop(struct store *s, int64_t session_id);

/** Empties the states of all turns of a session that is over; as above. */
int store_states_drop(struct store *s, int64_t session_id);

/** Remembers an event and its answer. `day`: of the day key that the answer is under. */
int store_seen_add(struct store *s, const struct store_index *event, int64_t day, int64_t expires_s,
                   struct span answer_box);

/** Makes the number's row where there is none; its id, epoch and stop state come back in `turn`. */
int store_number_need(struct store *s, struct store_turn *turn, int64_t day);

/** What is counted: no person is in it. `menus`: hash of the menus in hexadecimal, empty where no screen is meant. */
struct store_counter {
    struct span menus, channel, language, screen, event;
};

/** Adds `delta` events to a counter. */
int store_count(struct store *s, int64_t day, const struct store_counter *counter, int64_t delta);

/** A screen, how many sessions saw it, and how often one was left there: neither answered nor ended. */
typedef void store_traffic_row(void *ctx, struct span screen, int64_t seen, int64_t left);

/** Tells the traffic of all screens since a day, by name. */
int store_traffic(struct store *s, int64_t since_day, store_traffic_row *row, void *ctx);

struct store_person {
    unsigned char public_key[32];
    struct span language_box; /* under the record key */
    struct span number_seal;  /* the number, to the person's key */
};

/** A new data subject behind the number of `turn`, in the place of turn->person_id (0: the first), who is kept as who
 * they were before; the id comes back in turn->person_id. Needs store_number_need. */
int store_person_add(struct store *s, struct store_turn *turn, const struct store_person *person, int64_t day);

/** A seal of the person's secret for a holder: "casework", "safeguarding" (under a generation of the team's key), or
 * "day" (boxed under a day key until they register; generation 0). Replaces the holder's earlier one. */
int store_person_seal(struct store *s, int64_t person_id, const struct held_seal *held);

/** The seal of one holder, in `a`. ERR_MISSING. */
int store_person_seal_get(struct store *s, int64_t person_id, struct span holder, struct arena *a, struct span *seal);

/** Who can open the person's secret, in `a`. */
int store_person_held(struct store *s, int64_t person_id, struct arena *a, struct held_seal **rows, size_t *count);

/** Destroys the seal of one holder, or of all (holder empty): of the person's secret, and of their cases' own keys. */
int store_person_unseal(struct store *s, int64_t person_id, struct span holder);

struct store_consent_row {
    int64_t person_id;
    struct span name, version, channel, action; /* action: "agree", "refuse", "withdraw", "erase" */
    int64_t at_s;
    unsigned char text_hash[32];
    struct span detail_box; /* vault/told.h, told_consent; under the record key; empty: erased */
    unsigned char detail_hash[32];
};

/** Appends to the consent ledger. `link` computes the chain's next link from the previous one and the row's bytes. */
int store_consent_add(struct store *s, const struct store_consent_row *row,
                      void (*link)(void *ctx, const unsigned char *previous, struct span row, unsigned char *next),
                      void *ctx);

struct store_consent_entry {
    int64_t id;
    struct store_consent_row row;
};

/** Rows of the ledger after `after`, at most `most`, in order, in `a`; of one person, or of all (0). */
int store_consent_list(struct store *s, int64_t person_id, int64_t after, int most, struct arena *a,
                       struct store_consent_entry **rows, size_t *count);

/** The text behind a hash, kept once. Reading them, and proving both chains: chain.h. */
int store_text_keep(struct store *s, const unsigned char hash[32], struct span text);

struct store_case_row {
    int64_t person_id; /* 0: anonymous */
    struct span reference, status;
    int64_t day;
    struct span summary_box;  /* kind, priority, flags; under the record key */
    struct span kind_box;     /* the kind alone, for one open case a kind */
    struct span answers_seal; /* to the person's key, or to the case's own */
};

/** ERR_EXISTS: the reference is taken. */
int store_case_add(struct store *s, const struct store_case_row *row, int64_t *id);
int store_case_correct(struct store *s, int64_t case_id, struct span summary_box, struct span answers_seal,
                       int64_t day);

/** A case whose answers are sealed to a pair of its own, because nobody's or another team's is the person's: the
 * secret, sealed to the team, and the person's number, sealed to the pair (empty: anonymous, or it stays). NULL: it is
 * sealed to its person's key now. */
int store_case_seal(struct store *s, int64_t case_id, const unsigned char public_key[32], const struct held_seal *held,
                    struct span number_seal);

/** The same back, in `a`. ERR_MISSING: the case is sealed to its person's key. */
int store_case_held(struct store *s, int64_t case_id, struct arena *a, unsigned char public_key[32],
                    struct held_seal *held);

/** Closes the person's open cases as withdrawn, unless safeguarding holds the person's secret. */
int store_case_withdraw(struct store *s, int64_t person_id, int64_t day);

/** The summary of a case as it was boxed; empty once it was erased. ERR_MISSING. */
int store_case_summary(struct store *s, int64_t case_id, struct arena *a, struct span *box);

/** A message for the person's caseworker joins an open case. Its id comes back, to which the seal is bound that
 * store_note_seal puts there in the same transaction. ERR_MISSING: the case is closed, or there is none. */
int store_case_note(struct store *s, int64_t case_id, int64_t day, int64_t *id);
int store_note_seal(struct store *s, int64_t id, struct span seal);

/** Marks the number as not to be contacted: its epoch is raised, and everything that waits for it is cancelled. The new
 * epoch comes back in the turn. day: the stop's day, 0: START, which only takes the mark away, and
 * with it that of store_untexted_set. */
int store_contact_set(struct store *s, struct store_turn *turn, int64_t stopped_day);

/** Notes of a number that is not to be contacted that its person asked for no texts. ERR_MISSING: it may be contacted,
 * or has no row. */
int store_untexted_set(struct store *s, struct store_turn *turn);

/** Erases the person: all seals, answers, notes, turns and cases' content; the number's row keeps only its index and
 * stop. */
int store_person_erase(struct store *s, struct store_turn *turn);

/** How many rows the last statement of the function that wrote last has changed; and all that were changed since the
 * store was opened. */
int64_t store_changed(const struct store *s);
int64_t store_changes(const struct store *s);

/** Deletes all sessions of a caller (on one channel), and their turns. */
int store_caller_erase(struct store *s, const struct store_index *caller);

/* ---- keys, bundles ---- */

/** The claim of the master key that the database is under (vault/vault.h), in `a`. ERR_MISSING: it has none yet. */
int store_claim_get(struct store *s, struct arena *a, struct span *claim);
int store_claim_put(struct store *s, struct span claim); /* inside a transaction */

int store_day_key_get(struct store *s, int64_t day, struct arena *a, struct span *wrapped); /* ERR_MISSING */
int store_day_key_put(struct store *s, int64_t day, struct span wrapped);                   /* its own transaction */

/* ---- parts of long messages ---- */

struct store_part {
    struct store_index message; /* blind index of what its parts have in common */
    int number, total;          /* number: from 1 */
    int64_t expires_s;          /* when the wait for the others is over */
    int64_t day;                /* of the day key that the box is under */
    struct span box;
};

/** ERR_EXISTS: this part is here already, or its message was handled. */
int store_part_add(struct store *s, const struct store_part *part);

/** The parts of a message that are here, in the order of their numbers; boxes in `a`. */
int store_part_list(struct store *s, const struct store_index *message, struct arena *a, struct store_part **parts,
                    size_t *count);

/** How many messages wait for the rest of their parts. */
int store_part_waiting(struct store *s, int64_t *messages);

/** The message was handled: its parts go, and until `expires_s` what comes later of it is ERR_EXISTS. */
int store_part_done(struct store *s, const struct store_index *message, int64_t expires_s);

/** At most `most` messages for which the wait is over. */
int store_part_over(struct store *s, int64_t now_s, size_t most, struct store_index *messages, size_t *count);

/* ---- outbox ---- */

struct store_due {
    int64_t id;
    struct span channel, box, key; /* box: number and text under the outbox key; key: idempotency id */
    enum message_class class;
    int attempts;
    /* what the box is bound to (vault/outbound.h) */
    unsigned char key_bytes[STORE_MESSAGE_KEY_BYTES];
    int64_t epoch;
    struct store_index number_key;
};

struct store_message {
    struct span channel, box;
    enum message_class class;
    int64_t due_ms;
    int64_t until_ms;                           /* from then on it must not leave any more; 0: whenever it can */
    unsigned char key[STORE_MESSAGE_KEY_BYTES]; /* random, of this message alone; the box is bound to it */
};

/** Queues a message for the number of `turn`, under its present epoch. The row's id comes back. */
int store_outbox_add(struct store *s, const struct store_turn *turn, const struct store_message *m, int64_t *id);

/** What may leave now on one channel, besides what the consent epoch says. */
struct store_leave {
    struct span channel;
    size_t most; /* rows that are looked at */
    int64_t now_ms;
    int64_t quiet_until_ms; /* notices wait until then; 0: it is not quiet now */
    int64_t before_ms;      /* what was due before this is too old to be sent; 0: nothing is */
    int hourly;             /* the most that leave for one number in an hour, a confirmation aside; 0: no limit */
};

struct store_claimed {
    struct store_due *rows;
    size_t count;
    int cancelled, quiet, capped, expired; /* due, and not claimed: a stop came, it is quiet, too many, too old */
};

/** Claims due rows of a channel whose epoch is still the number's (others are cancelled here), in the order in which
 * they fell due. rows[].channel is leave->channel. Needs an open transaction. */
int store_outbox_claim(struct store *s, const struct store_leave *leave, struct arena *a, struct store_claimed *out);

/** Records what became of a claimed row, or what a report has said of it already. `next_ms`: when to try again
 * (MESSAGE_QUEUED). `reference_key`: blind index of the aggregator's id, or NULL. The box is erased when the state is
 * final or accepted. What is to be tried again but was overtaken by a stop is cancelled. */
int store_outbox_settle(struct store *s, int64_t id, enum message_state state, int64_t next_ms,
                        const struct store_index *reference_key);

/** Gives a claimed row back untried: the claim does not count as an attempt. ERR_NOT_NOW: it is not claimed. */
int store_outbox_release(struct store *s, int64_t id, int64_t next_ms);

/** What a delivery report makes of a message; not for DELIVERY_UNKNOWN. */
enum message_state store_reported(enum delivery_state said);

/** A delivery report: of the message with this reference (blind index of the aggregator's id, may be NULL), or with our
 * own id `key` (as in store_due; empty: not told). */
struct store_report {
    struct span channel;
    const struct store_index *reference;
    struct span key;
    enum message_state state; /* SENT, DELIVERED or FAILED, else ERR_RANGE */
    int64_t expires_s;        /* how long it is kept where the message's own attempt has not ended yet */
};

/** States only move forward. *id: the message, 0: not known yet, and kept for store_outbox_settle. ERR_MISSING: no such
 * message, and none is under way that it could be of. */
int store_outbox_report(struct store *s, const struct store_report *report, int64_t *id);

/** What became of a message that was fetched from us. */
struct store_fetched {
    int64_t id;
    enum message_state was, state; /* before, and now */
    bool changed;
    bool goes; /* store_outbox_taken: it may leave */
};

/** Whoever fetched a message has it, and sends it if it may. It is sent then, and its box erased; where a stop overtook
 * it, it is cancelled, and given up where its time is over (`until_ms`). Told again, the answer is the same as long as
 * no stop has come. ERR_MISSING: no such key on this channel. Needs an open transaction. */
int store_outbox_taken(struct store *s, struct span channel, struct span key, int64_t now_ms,
                       struct store_fetched *out);

/** A report on one of them, which is the end of its attempt too: SENT, DELIVERED or FAILED, else ERR_RANGE. States only
 * move forward. ERR_MISSING. */
int store_outbox_told(struct store *s, struct span channel, struct span key, enum message_state state,
                      struct store_fetched *out);

/** What was fetched up to `before_ms` and is not confirmed: answers that no stop overtook fall due again at `now_ms`,
 * unless they had `tries` attempts; everything else is unknown. How many of each. */
struct store_overdue {
    struct span channel;
    int64_t before_ms, now_ms;
    int tries;
    int64_t again, unknown; /* out */
};
int store_outbox_overdue(struct store *s, struct store_overdue *o);

/** Keys (in `a`) of messages that were sent after `since_ms` and are not reported on, the youngest first; at most
 * `most`, and none older than the last 2,000 messages of all channels. */
int store_outbox_awaited(struct store *s, struct span channel, int64_t since_ms, size_t most, struct arena *a,
                         struct span **keys, size_t *count);

/** How many rows of a channel are claimed. */
int store_outbox_under_way(struct store *s, struct span channel, int64_t *count);

/** The blind index of the number that a message is for. ERR_MISSING. */
int store_outbox_whose(struct store *s, int64_t id, struct store_index *number_key);

/** A stop that came from the journal alone: the process died before its turn was stored, so no confirmation was queued.
 * Noted until the number's epoch changes; owed: whether that is so. */
int store_confirm_owe(struct store *s, const struct store_turn *turn, int64_t now_ms);
int store_confirm_owed(struct store *s, const struct store_turn *turn, bool *owed);

/** Remembers what a message says, as a keyed hash, for about a day. */
int store_outbox_mark(struct store *s, int64_t id, const struct store_index *digest);

/** How many messages that say this fell due for the turn's number after `since_ms`. */
int store_outbox_alike(struct store *s, const struct store_turn *turn, const struct store_index *digest,
                       int64_t since_ms, int64_t *count);

/** At start: rows claimed by a process that died become what a report has said of them, else unknown, or queued again
 * where the class allows sending twice. Needs an open transaction. */
int store_outbox_recover(struct store *s, int64_t now_ms);

/** When the next row of a channel is due, INT64_MAX: none waits. */
int store_outbox_next(struct store *s, struct span channel, int64_t *due_ms);

/** How many rows of a channel wait. Its cost grows with them. */
int store_outbox_waiting(struct store *s, struct span channel, int64_t *count);

/* ---- audit ---- */

int store_audit_add(struct store *s, int64_t at_s, struct span actor, struct span action, struct span object,
                    void (*link)(void *ctx, const unsigned char *previous, struct span row, unsigned char *next),
                    void *ctx);

#endif
