// SPDX-License-Identifier: AGPL-3.0-or-later
/* staffroom - what commands and the control socket do with members and teams (staff/office.h), as verbs with lines for
 * arguments and text for an answer; and what a service needs before it may take what people tell.
 *
 * A command builds a request and calls staffroom_ask: it goes to the running service, or where none runs to an office
 * of the command's own over the store it opened. To add a verb: a row in staffroom_verbs. */
#ifndef WAYMARK_CLI_STAFFROOM_H
#define WAYMARK_CLI_STAFFROOM_H

#include "cli/app.h"
#include "staff/office.h"

/** Fills an office over the app's vault and settings; its gate is made here. staffroom_close frees that. */
int staffroom_open(const struct app *app, int (*call)(void *door, int (*fn)(void *ctx, struct store *s), void *ctx),
                   void *door, struct office *o);
void staffroom_close(struct office *o);

/** Does a request: a verb, then its arguments, a line each. */
int staffroom_do(const struct office *o, struct span request, struct str *answer);

/** Asks the service that uses `data`, or does it here; prints the answer. Returns an exit status. */
int staffroom_ask(const char *config, const char *data, struct span request);

/** The same, the answer given back. */
int staffroom_request(struct app *app, const char *data, struct span request, struct str *answer);

/** Verb export (export.c): the parcel in hexadecimal. Errors as of office_export and offline_public. */
int export_verb(const struct office *o, const struct signin *in, struct span reference, struct span to,
                struct str *answer);

/** Before a service takes turns. The demonstration makes its one member at the first start and says the passphrase on
 * standard error. ERR_REFUSED, told there: menus register, and a team that would have to read it has no key. */
int staffroom_ready(const struct app *app, const struct office *o, const struct program *p);

/** The teams that these settings' cases go to and that have no key yet, by index. */
int staffroom_lacking(const struct office *o, const struct settings *settings, bool lacking[TEAM_COUNT]);

#endif
