// SPDX-License-Identifier: AGPL-3.0-or-later
/* proof - the page proof (tools/fit.h) over the channels that were loaded. */
#ifndef WAYMARK_CLI_PROOF_H
#define WAYMARK_CLI_PROOF_H

#include "cli/app.h"

/** Adds what does not fit on some channel to `d`, which does not outlive the program. As fit_check. */
int proof_run(const struct app *app, struct diags *d);

/** What of it goes to standard error: warnings are for whoever checks, not for a service that starts. */
enum proof_tell { PROOF_TELL_NOTHING, PROOF_TELL_REFUSED, PROOF_TELL_ALL };

/** Adds what does not fit to the application's problems. False when something was refused: such menus are neither
 * started nor put in force. */
bool proof_check(struct app *app, enum proof_tell tell);

#endif
