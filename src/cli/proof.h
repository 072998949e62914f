// SPDX-License-Identifier: AGPL-3.0-or-later
/* proof - the page proof (tools/fit.h) over the channels that were loaded. */
#ifndef WAYMARK_CLI_PROOF_H
#define WAYMARK_CLI_PROOF_H

#include "cli/app.h"

/** Adds what does not fit on some channel to `d`, which does not outlive the program. As fit_check. */
int proof_run(const struct app *app, struct diags *d);

/** For `waymark check`: prints what does not fit unless `quiet`, and adds it to the application's problems. False when
 * something was refused. */
bool proof_check(struct app *app, bool quiet);

/** For a service that starts: what does not fit is told in the log and stops nothing, for somebody may depend on it. */
void proof_log(const struct app *app);

#endif
