// SPDX-License-Identifier: AGPL-3.0-or-later
/* health - what the service is doing: turns, what waits, channels, and how large the database is. */
#ifndef WAYMARK_CONSOLE_HEALTH_H
#define WAYMARK_CONSOLE_HEALTH_H

#include "console/page.h"

/** Fills the page's view with it. */
void health_fill(struct page *p);

#endif
