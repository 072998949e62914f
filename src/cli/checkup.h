// SPDX-License-Identifier: AGPL-3.0-or-later
/* checkup - what was found when the operator's files were last read: kept for the console.
 *
 * Whoever keeps one sees to it that one thread at a time touches it (reload.h does, with its lock). */
#ifndef WAYMARK_CLI_CHECKUP_H
#define WAYMARK_CLI_CHECKUP_H

#include "cli/app.h"
#include "console/port.h"

struct checkup {
    struct arena *a; /* NULL: nothing was kept yet */
    struct port_checkup found;
};

/** Keeps copies of the application's problems in the place of earlier ones. `fine`: it was fit to be put in force.
 * `talks`: runs the transcripts beside its menus first, and keeps how far they come. */
void checkup_keep(struct checkup *c, struct app *app, bool fine, bool talks);

/** A copy in `a`. ERR_NOMEM. */
int checkup_copy(const struct checkup *c, struct arena *a, struct port_checkup *out);

void checkup_release(struct checkup *c);

#endif
