// SPDX-License-Identifier: AGPL-3.0-or-later
/* reader - what the parts of config/ share while one file is read; nobody outside includes it.
 *
 * config.c walks the statements, finds each one's row and calls its `read` with the cursor behind the row's name. A
 * read function takes words and texts, tells the operator what is wrong, stores into `out`, and returns 0, or ERR_NOMEM
 * only. plain.c has those of single values, lists.c those of statements that may repeat, hours.c office hours.
 */
#ifndef WAYMARK_CONFIG_READER_H
#define WAYMARK_CONFIG_READER_H

#include "config/config.h"
#include "script/script.h"
#include "script/suggest.h"

struct config_row;

/** Words of a statement that can only be judged when the whole file is known. */
struct config_words {
    struct token *words;
    size_t count;
};

struct config_reader {
    const char *folder; /* relative paths start here */
    struct arena *a;
    struct diags *d;
    struct settings *out;
    struct script_cursor c;
    const struct config_row *row;                  /* of the statement being read */
    bool fallback;                                 /* it is the row's default, not the operator's */
    bool languages_wrong, flags_wrong, open_wrong; /* told: what would come of it is not told as well */
    struct settings_hours *hours;                  /* that "open" and "closed" belong to; NULL: none */
    struct config_words uses;                      /* as out->uses */
    struct config_words hours_names, languages, drafts, first, folds, avoided, restricted;
};

struct config_row {
    struct config_help help; /* name: one word, or two ("parts send") */
    int (*read)(struct config_reader *r, const struct config_row *row);
    size_t offset; /* into struct settings, for read functions that serve several rows */
    int min, max;  /* limits of a number */
    bool many;     /* may stand more than once */
    bool secret;   /* its lines are never shown in a message */
};

/** The next word; false when there is none, which is then told (E01). */
bool config_word(struct config_reader *r, struct token *word);

/** The next word of a list; false at its end. A comma behind it is told and left out. */
bool config_item(struct config_reader *r, struct token *word);

/** The rest of the statement; false when it is empty, or has an "=" or quotes that do not belong there, which is then
 * told. */
bool config_rest(struct config_reader *r, struct token *rest);

/** A word that is a name without "/"; false when it is not, which is then told. */
bool config_name(struct config_reader *r, struct token *name);

/** Whether a word is such a name; when it is not, that is told. */
bool config_is_name(struct config_reader *r, const struct token *name);

/** Tells E01 when something is left. */
void config_end(struct config_reader *r);

/** Tells E02: `what` "word" is not known, with the nearest of `s` as hint, or `otherwise`. */
void config_unknown(struct config_reader *r, const struct token *word, const char *what, const struct suggest *s,
                    const char *otherwise);

/** Tells E03: `what` "word" stands twice. */
void config_twice(struct config_reader *r, const struct token *word, const char *what);

/** Keeps a word for later. ERR_NOMEM. */
int config_keep(struct config_reader *r, struct config_words *list, const struct token *word);

/** Whether a path is one that the program understands: not "~", which is the shell's; else that is told. */
bool config_path_is_whole(struct config_reader *r, const struct token *path);

/** A path of the file as a path for the program: relative ones from the configuration's folder, "../" taken away where
 * a folder can be named. p NULL: out of memory. */
struct span config_path(struct config_reader *r, struct span path);

/** Adds a text that menus use as {name}. ERR_NOMEM. */
int config_add_value(struct config_reader *r, struct span name, struct span text);

/* plain.c */
int config_read_text(struct config_reader *r, const struct config_row *row);
int config_read_name(struct config_reader *r, const struct config_row *row);
int config_read_number(struct config_reader *r, const struct config_row *row);
int config_read_seconds(struct config_reader *r, const struct config_row *row);
int config_read_hours_number(struct config_reader *r, const struct config_row *row);
int config_read_yes(struct config_reader *r, const struct config_row *row);
int config_read_minutes(struct config_reader *r, const struct config_row *row);
int config_read_days(struct config_reader *r, const struct config_row *row);
int config_read_keep(struct config_reader *r, const struct config_row *row);
int config_read_session(struct config_reader *r, const struct config_row *row);
int config_read_path(struct config_reader *r, const struct config_row *row);
int config_read_data(struct config_reader *r, const struct config_row *row);
int config_read_address(struct config_reader *r, const struct config_row *row);
int config_read_zone(struct config_reader *r, const struct config_row *row);
int config_read_https(struct config_reader *r, const struct config_row *row);
int config_read_backup_key(struct config_reader *r, const struct config_row *row);
int config_read_url(struct config_reader *r, const struct config_row *row); /* https, or http to this machine */
int config_read_country(struct config_reader *r, const struct config_row *row);

/* lists.c */
int config_read_languages(struct config_reader *r, const struct config_row *row);
int config_read_draft(struct config_reader *r, const struct config_row *row);
int config_read_first(struct config_reader *r, const struct config_row *row);
int config_read_fold(struct config_reader *r, const struct config_row *row);
int config_read_key(struct config_reader *r, const struct config_row *row);
int config_read_value(struct config_reader *r, const struct config_row *row);
int config_read_flags(struct config_reader *r, const struct config_row *row);
int config_read_assisted(struct config_reader *r, const struct config_row *row);
int config_read_use(struct config_reader *r, const struct config_row *row);
int config_read_sms_channel(struct config_reader *r, const struct config_row *row);
int config_read_avoid(struct config_reader *r, const struct config_row *row);
int config_read_automatic(struct config_reader *r, const struct config_row *row);
int config_read_restrict(struct config_reader *r, const struct config_row *row);
int config_read_secret(struct config_reader *r, const struct config_row *row);
int config_read_secret_file(struct config_reader *r, const struct config_row *row);
int config_read_proxy(struct config_reader *r, const struct config_row *row);
/** After the last statement: languages together, names that must be known. */
int config_finish_lists(struct config_reader *r);

/* hours.c */
int config_read_hours(struct config_reader *r, const struct config_row *row);
int config_read_quiet(struct config_reader *r, const struct config_row *row);
int config_read_open(struct config_reader *r, const struct config_row *row);
int config_read_closed(struct config_reader *r, const struct config_row *row);
void config_finish_hours(struct config_reader *r);

#endif
