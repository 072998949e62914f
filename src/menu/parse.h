// SPDX-License-Identifier: AGPL-3.0-or-later
/* parse - one statement at a time: what the readers of statements share.
 *
 * parse.c goes through the sections and finds the row of each statement; parse_screen.c and parse_data.c hold the rows
 * and their readers; parse_parts.c reads what statements are made of (names, targets, conditions); parse_text.c reads
 * texts. To add a statement: a row, a reader, an `op` in program.h and its meaning in the dialogue.
 */
#ifndef WAYMARK_MENU_PARSE_H
#define WAYMARK_MENU_PARSE_H

#include "menu/build.h"

enum { ROW_MEDIA = 1, ROW_WHEN = 2, ROW_ONCE = 4 }; /* may say /ussd, may stand behind `when`, once a section */

struct parse;

struct statement_row {
    const char *word;
    unsigned sections; /* mask of 1 << enum section_kind */
    unsigned flags;    /* ROW_... */
    enum op op;
    void (*read)(struct parse *p, const struct statement_row *row);
};

enum case_list { CASE_NEEDS, CASE_SHOWN, CASE_OFFERED, CASE_FIELDS, CASE_LISTS };

struct parse {
    struct build *b;
    const struct section *section;

    /* the statement in hand */
    const struct statement *st;
    struct script_cursor c;
    struct token word; /* its first word, without "/ussd" */
    unsigned media;
    struct condition when;

    /* the section in hand */
    struct list lines;             /* struct line */
    struct question question;      /* of a screen */
    struct token into;             /* the word "into", where said */
    uint64_t said;                 /* rows met, by their place in the table: for ROW_ONCE */
    struct list names[CASE_LISTS]; /* uint16_t */
    struct list priorities, flags; /* struct choice_word */
    struct list statuses;          /* struct status */
    struct list phrases;           /* struct phrase */
    struct token file, key;        /* of a table */
    struct list columns;           /* struct token */
};

/* parse_screen.c, parse_data.c; both tables end with a row without a word */
extern const struct statement_row parse_screen_rows[];
extern const struct statement_row parse_data_rows[];
void parse_screen_done(struct parse *p);
void parse_fact_done(struct parse *p);
void parse_case_done(struct parse *p);
void parse_trigger_done(struct parse *p);
void parse_reply_done(struct parse *p);
void parse_table_done(struct parse *p);

/* parse_table.c */
void parse_table_file(struct parse *p, const struct statement_row *row);
void parse_table_key(struct parse *p, const struct statement_row *row);
void parse_table_columns(struct parse *p, const struct statement_row *row);

/** Whether the section has a statement that begins with `word`; its reader has told what is wrong with it. */
bool parse_says(const struct parse *p, const char *word);

/** E50: what every fact and table must say of where it comes from, and its two dates. */
void parse_check_source(struct parse *p, const char *what, int64_t reviewed, int64_t due);

const char *section_word(enum section_kind kind); /* "screen" */

/** Whether a section of this kind has a statement with this word. */
bool parse_knows(enum section_kind kind, struct span word);

/** A part of a statement's text as a token; `part` points into st->text. */
struct token token_within(const struct statement *st, struct span part);

/* parse_parts.c: each tells what is wrong and returns false */
bool parse_name(struct parse *p, const char *example, struct token *name);
bool parse_word(struct parse *p, const char *example, struct token *word);
bool parse_end(struct parse *p);
/** Whether "-> WORD" leads somewhere: a screen, or a word like "back". */
bool parse_leads(const struct parse *p, struct span word);

bool parse_target(struct parse *p, struct target *out);
bool parse_option_number(struct parse *p, int *number);
bool parse_slot(struct parse *p, struct token name, uint16_t *slot);
/** `when COND:` up to and with the colon; the cursor stands behind `when`. */
bool parse_when(struct parse *p, struct condition *out);
/** Names divided by commas, up to the end; calls `each` for every one. */
void parse_names(struct parse *p, const char *example, void (*each)(struct parse *p, struct token name, void *ctx),
                 void *ctx);

/** Reads `body` as a text under the context SECTION/suffix and adds it. `label`: "\->" and "\=" stand for "->" and "=".
 * PROGRAM_NONE after an error. */
uint16_t parse_text(struct parse *p, struct token body, const char *suffix, bool label);

/** Adds a text that is not in a file of the menus (the engine's words, labels of keys). */
uint16_t text_plain(struct build *b, struct span context, struct span source);

/** Cuts a text into pieces at its "{name}". ERR_SYNTAX: a bad or unknown name, ERR_NOMEM. */
int text_pieces(struct build *b, struct span text, const struct piece **pieces, size_t *count);

/** What "name" or "name.field" stands for. */
bool text_resolve(const struct build *b, struct span name, struct piece *out);

#endif
