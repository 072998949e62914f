// SPDX-License-Identifier: AGPL-3.0-or-later
/* proof - the page proof (tools/fit.h) over the channels that were loaded. */
#ifndef WAYMARK_CLI_PROOF_H
#define WAYMARK_CLI_PROOF_H

#include "cli/app.h"

/** Adds what does not fit on some channel to `d`, which does not outlive the program. As fit_check. */
int proof_run(const struct app *app, struct diags *d);

/** Prints what does not fit unless `quiet`, and adds it to the application's problems. False when something was
 * refused: such menus are checked, started and reloaded by nobody. */
bool proof_check(struct app *app, bool quiet);

#endif
