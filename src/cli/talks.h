// SPDX-License-Identifier: AGPL-3.0-or-later
/* talks - running the transcripts beside the menus: for `test` and for `graph`. */
#ifndef WAYMARK_CLI_TALKS_H
#define WAYMARK_CLI_TALKS_H

#include "cli/app.h"
#include "tools/talk.h"

/** Runs one file; with report->accept its accepted lines are written back. What cannot be read or written is told on
 * standard error, what does not hold goes to app->diags. */
int talks_run(struct app *app, const char *file, struct talk_report *report);

/** The folder of the transcripts: tests/ beside the first menu file; for one called mexico.menu mexico/tests/, where
 * there is such a folder. NULL: out of memory. */
const char *talks_folder(struct app *app);

/** Runs every transcript in that folder. ERR_MISSING: there is none, which is told. */
int talks_run_all(struct app *app, struct talk_report *report);

#endif
