// SPDX-License-Identifier: AGPL-3.0-or-later
/* menu - from text files to a program: read, resolve, translate, prove.
 *
 *     menu_load(&(struct menu_input){...}, diags, &program)
 *
 * Passes, each a file of this room: source.c reads files and follows `include`; declare.c gives the name of every
 * section and answer its index; parse.c and parse_*.c turn statements into lines, each name looked up at once;
 * translate.c binds translations; checks.c runs the table of checks over the finished program. A pass runs only when
 * the ones before it found no error, so that an operator is not told the same mistake twice. Nothing half-made is ever
 * given out.
 */
#ifndef WAYMARK_MENU_MENU_H
#define WAYMARK_MENU_MENU_H

#include "base/str.h"
#include "menu/program.h"

struct menu_input {
    const struct settings *settings; /* outlives the program */
    const char *start;               /* path of main.menu */
    const char *locales;             /* folder with xx.po, one for each language but the first */
    /** Reads a file; as file_read. NULL: from the disk. */
    int (*read)(void *ctx, const char *path, struct str *out);
    void *ctx;
    const struct program *previous; /* catalogues of the same bytes are shared with it, not read again; NULL: none */
    int64_t today;                  /* day (UTC) for facts' dates; E51 is told only when `dated` */
    bool locked; /* the words of consents are compared with consent.lock beside `start` (E41, see lock.h) */
    bool dated;  /* false at a start: an expired fact is withheld, it does not stop the service */
};

/** Compiles. Problems go to `d`. Returns 0 with a program (free with program_free), ERR_REFUSED when it added errors to
 * `d`, ERR_NOMEM. The program's `hash` is left zeroed for the caller. */
int menu_load(const struct menu_input *in, struct diags *d, struct program **out);

/** What may be tried out but not released: adds E34 for each language that is no draft and has no
 * reviewer, E52 for each fact and table that somebody qualified has yet to confirm. */
void menu_check_release(const struct program *p, struct diags *d);

struct checking; /* what a check may look at: checks.h */

/** A row of the table of checks; also what `waymark explain` shows. */
struct menu_check {
    const char *code;  /* "E10" */
    const char *title; /* "screen nobody can reach" */
    /** Adds what it finds; NULL: found by an earlier pass. */
    void (*run)(struct checking *c);
};

/** Row `index`, NULL past the end. To add a check: a function in checks_*.c and a row in checks.c. */
const struct menu_check *menu_check(size_t index);

#endif
