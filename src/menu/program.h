// SPDX-License-Identifier: AGPL-3.0-or-later
/* program - menus after compiling: immutable tables that the dialogue walks.
 *
 * Everything is an index into a table of `struct program`, so that a session can keep small numbers, and lives in one
 * arena that program_free frees whole. Names of operators' things stay as spans for messages, counters and cases. A
 * program is shared by threads without a lock. How it is made is menu.h's matter.
 *
 * To add a statement: a row in the table of menu/parse_*.c, an `op` here, and its meaning in dialogue/run.c.
 */
#ifndef WAYMARK_MENU_PROGRAM_H
#define WAYMARK_MENU_PROGRAM_H

#include "locale/locale.h"
#include "menu/pattern.h"
#include "menu/system.h"
#include "record/settings.h"
#include "script/diag.h"

enum { PROGRAM_NONE = 0xFFFF }; /* an index that points nowhere */

/* ---- texts ---- */

enum piece_kind {
    PIECE_LITERAL, /* `literal` as it stands */
    PIECE_SLOT,    /* the answer in slots[index]; empty when unset */
    PIECE_VALUE,   /* settings values[index] */
    PIECE_SERVICE, /* the service's name */
    PIECE_FACT,    /* facts[index], `field` of it; past its date the `expired` text */
    PIECE_STATUS,  /* status text of the found case of kind cases[index] */
    PIECE_CELL,    /* column `column` of a found row of tables[index]; the text is said once a row */
    PIECE_TABLE,   /* tables[index], `field` of it (not FACT_TEXT); a text with this alone is said once */
};

enum fact_field { FACT_TEXT, FACT_SOURCE, FACT_REVIEWED, FACT_OWNER };

struct piece {
    enum piece_kind kind;
    struct span literal;
    uint16_t index, column;
    enum fact_field field;
};

struct rendition { /* one text in one language and plural form; NULL pieces: no current translation */
    const struct piece *pieces;
    size_t count;
};

struct text {
    struct span context;                /* PO context, "main/option" */
    struct span source;                 /* PO msgid; with a plural: the singular, "{n}" where "#" stood */
    struct span plural;                 /* PO msgid_plural, or empty */
    struct piece number;                /* with a plural: the slot or value that counts */
    const struct rendition *renditions; /* [language * LOCALE_PLURALS_MAX + form] */
    struct place at;
    bool wordless; /* nothing but {names}: the same in every language, and no translator sees it */
};

/* ---- conditions ---- */

enum test_kind {
    TEST_HAS,     /* slot has a value (PROGRAM_NONE: the language is known) */
    TEST_FOUND,   /* the last `find` found something */
    TEST_DURING,  /* now lies in settings hours[index] */
    TEST_CONSENT, /* consents[index] is in force, in its current version */
    TEST_COMPARE, /* slot (PROGRAM_NONE: the language) against a word, as numbers where both are */
};
enum test_op { TEST_EQ, TEST_NE, TEST_LT, TEST_LE, TEST_GT, TEST_GE };

struct test {
    enum test_kind kind;
    bool negated;
    uint16_t index;
    enum test_op op;
    struct span word;
};

struct condition { /* count 0: always */
    const struct test *tests;
    size_t count;
    bool any; /* joined by "or" */
};

/* ---- targets ---- */

enum place_kind { PLACE_NOWHERE, PLACE_SCREEN, PLACE_BACK, PLACE_HOME, PLACE_END, PLACE_RETURN };

struct target {
    enum place_kind kind;
    uint16_t screen;           /* PLACE_SCREEN */
    enum place_kind then_kind; /* after a part returns; PLACE_NOWHERE: no "then" */
    uint16_t then_screen;
};

/* ---- lines ---- */

enum op {
    OP_SAY,
    OP_ASK,
    OP_ERROR,
    OP_SEND,      /* text */
    OP_OPTION,    /* number, text (label), word, target */
    OP_LANGUAGES, /* `choose language` */
    OP_GO,        /* target */
    OP_SET,       /* slot, word */
    OP_HIDE,      /* keys */
    OP_REGISTER,  /* index: case */
    OP_FIND,      /* index: case, slot */
    OP_LOOKUP,    /* index: table, slot */
    OP_WITHDRAW,  /* index: consent */
    OP_ERASE,
    OP_RESTART,
    OP_MYDATA,
    OP_AGREE,
    OP_REFUSE, /* number, text (label), target; index: consent */
    OP_NO_RESUME,
};

enum { ON_USSD = 1, ON_SMS = 2, ON_ALL = 3 }; /* 1 << enum medium */

/** The line of an option in one language as a page shows it, "1 Label". */
struct ready_line {
    struct span text; /* p is NULL where the label names something, so that its words are known only when it is shown */
    int septets;      /* as gsm7_count */
};

struct line {
    enum op op;
    unsigned media; /* ON_... mask */
    struct condition when;
    uint16_t text; /* into texts, or PROGRAM_NONE */
    uint16_t index, slot;
    int number;    /* of an option, 0..999 */
    unsigned keys; /* OP_HIDE: 1 << enum settings_key_id */
    struct span word;
    struct target target;
    const struct ready_line *ready; /* of an option, [language]; of others NULL */
    struct place at;
};

enum answer_kind { ANSWER_ANY, ANSWER_NUMBER, ANSWER_TEXT, ANSWER_DATE, ANSWER_PHONE, ANSWER_REFERENCE, ANSWER_WINDOW };
enum cleaner { CLEAN_TRIM = 1, CLEAN_SQUEEZE = 2, CLEAN_UPPER = 4, CLEAN_LOWER = 8, CLEAN_DIGITS = 16 };

/** What a screen asks. */
struct question {
    bool asks;     /* takes free text: an `ask` with `into` and no options, or with kind/match */
    uint16_t slot; /* `into`, or PROGRAM_NONE */
    enum answer_kind kind;
    int64_t least, most;         /* of a number, or letters of a text */
    const struct pattern *match; /* or NULL */
    bool plain;                  /* it lets through nothing but ASCII of one septet a letter */
    unsigned cleaners;           /* CLEAN_... mask, done in the order trim squeeze upper lower digits */
    int tries;                   /* 0: no end */
    struct target give_up;
};

enum screen_kind { SCREEN_SCREEN, SCREEN_PART, SCREEN_CONSENT };

struct menu_screen {
    struct span name;
    enum screen_kind kind;
    const struct line *lines;
    size_t line_count;
    size_t question_at; /* index of the first ask, option, choose or agree line; line_count: none. Lines before it act
                           on arrival, lines after it (other than options, errors, asks) after the answer */
    struct question question;
    uint16_t consent; /* SCREEN_CONSENT: into consents; else PROGRAM_NONE */
    int watch;        /* bit in a session's shown/offered masks, or -1: no case needs it */
    struct place at;
};

/* ---- the other sections ---- */

struct consent {
    struct span name, version;
    uint16_t screen;
    struct place at; /* its version */
};

struct fact {
    struct span name, source, owner;
    struct span confirm;                 /* what somebody qualified has yet to confirm; empty: nothing */
    uint16_t text, expired;              /* into texts */
    int64_t reviewed_day, review_by_day; /* days since 1970-01-01 */
    struct place at, due_at;             /* its name; its `review-by` */
};

/** One row of a directory. */
struct table_row {
    const struct span *cells;            /* [column_count] */
    struct span key;                     /* folded (fold_compare) */
    int64_t reviewed_day, review_by_day; /* its own, or the table's */
    struct place at, due_at;             /* its first cell; its own date, or the table's */
};

/** A key, or another word for it: `ny` and `new york` both stand for the key "ny". */
struct table_name {
    struct span folded, key;
};

/** `table NAME`: rows of a CSV file that `find NAME by slot` looks up. */
struct table {
    struct span name, source, owner, confirm;
    const struct span *columns; /* those that texts may name, in the order of `column`; the key after them */
    size_t column_count;
    const struct table_row *rows;
    size_t row_count;
    const struct table_name *names;
    size_t name_count;
    uint16_t expired;                    /* into texts */
    int64_t reviewed_day, review_by_day; /* of rows without dates of their own */
    struct place at, due_at;             /* its name; its `review-by` */
};

struct status {
    struct span word;
    uint16_t text;
};

struct choice_word { /* `when ...: priority urgent` or `flag minor` */
    struct condition when;
    struct span word;
    struct place at;
};

struct menu_case {
    struct span name;
    bool anonymous;
    const uint16_t *needs; /* consents */
    size_t needs_count;
    const uint16_t *shown, *offered; /* screens */
    size_t shown_count, offered_count;
    uint16_t may_call, safe_time; /* slots of `contact`, or PROGRAM_NONE */
    const uint16_t *fields;       /* slots */
    size_t field_count;
    const struct choice_word *priorities, *flags;
    size_t priority_count, flag_count;
    uint16_t reference;            /* slot, or PROGRAM_NONE */
    const struct status *statuses; /* the first is the status of a new case */
    size_t status_count;
    struct place at;
};

struct phrase {
    struct span language;
    struct span folded; /* literal words before the slot, as fold_compare gives them */
    uint16_t slot;      /* one more word goes here, or PROGRAM_NONE */
    bool alone;         /* of one that stops: never with more words behind */
    bool within;        /* also where other words stand around it, in what nothing else knows */
    struct place at;
};

struct trigger {
    uint16_t screen;
    bool stops; /* the screen withdraws or erases on arrival: always wins */
    const struct phrase *phrases;
    size_t phrase_count;
    struct place at;
};

struct reply {
    struct span name;
    uint16_t label, text;
};

struct slot {
    struct span name;
    uint16_t asked_by; /* the screen whose question fills it, or PROGRAM_NONE */
};

struct menu_source {
    struct span name, bytes; /* one file as read; name relative to the menus' folder, or "locales/xx.po" */
};

struct program {
    const struct settings *settings;
    struct locale *const *locales; /* one a language, in the order of settings->languages; a draft without a PO file has
                                      an empty stand-in and no renditions */
    const struct text *texts;
    size_t text_count;
    const struct menu_screen *screens;
    size_t screen_count;
    const struct consent *consents;
    size_t consent_count;
    const struct fact *facts;
    size_t fact_count;
    const struct menu_case *cases;
    size_t case_count;
    const struct table *tables;
    size_t table_count;
    const struct trigger *triggers;
    size_t trigger_count;
    const struct reply *replies;
    size_t reply_count;
    const struct slot *slots;
    size_t slot_count;
    uint16_t start;                    /* screen */
    uint16_t words[SYSTEM_COUNT];      /* texts */
    uint16_t keys[KEY_COUNT];          /* texts of the key labels, or PROGRAM_NONE */
    const struct menu_source *sources; /* all that was read, for storing the bundle */
    size_t source_count;
    unsigned char hash[32];  /* over the sources' names and bytes; zeroed by menu_load, filled by whoever stores bundles
                                (hashing lives in vault/, which this room may not know) */
    struct program_own *own; /* what program_free frees */
};

/** The screen called `name`, or PROGRAM_NONE. */
uint16_t program_screen(const struct program *p, struct span name);

/** The case, consent or slot called `name`, or PROGRAM_NONE. */
uint16_t program_case(const struct program *p, struct span name);
uint16_t program_consent(const struct program *p, struct span name);
uint16_t program_slot(const struct program *p, struct span name);

/** The value that help is named by where nothing else can be done: `hotline`, empty where there is none. */
struct span program_hotline(const struct program *p);

/** How many facts and rows of directories are past their `review-by` on that day (since 1970-01-01): they are withheld.
 */
size_t program_withheld(const struct program *p, int64_t today);

/** Index of a language by its code, or -1. */
int program_language(const struct program *p, struct span code);

/** The key that `folded` (fold_compare) stands for in a table; p is NULL where it stands for none. */
struct span program_key(const struct table *t, struct span folded);

/** Pieces of a text in a language, for the number `n` where it has a plural; the source language's where the
 * translation is missing or fuzzy. Never NULL. */
const struct rendition *program_rendition(const struct program *p, uint16_t text, int language, uint64_t n);

/** The words of a text that names nothing, in a language as program_rendition; p is NULL where it names something. */
struct span program_words(const struct program *p, uint16_t text, int language);

void program_free(struct program *p);

#endif
