// SPDX-License-Identifier: AGPL-3.0-or-later
/* traffic - how often each screen was seen and left, for the drawing of the menus. */
#ifndef WAYMARK_CLI_TRAFFIC_H
#define WAYMARK_CLI_TRAFFIC_H

#include "base/str.h"
#include "cli/app.h"

/** Reading it, inside a transaction; the same with a service and without. */
struct traffic {
    struct span since; /* a day, as a number */
    struct str *out;   /* "SCREEN SEEN LEFT", a line each */
};
int traffic_run(void *traffic, struct store *s);

/** Appends the lines of the last `days` days, from the running service or else from the database. Prints what is wrong.
 */
int traffic_read(struct app *app, const char *data, int64_t days, struct str *out);

#endif
