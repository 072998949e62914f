// SPDX-License-Identifier: AGPL-3.0-or-later
/* events - who follows an open list. Not for other rooms; the server's side stands in console.h. */
#ifndef WAYMARK_CONSOLE_EVENTS_H
#define WAYMARK_CONSOLE_EVENTS_H

struct streams;

struct streams *streams_new(void); /* NULL: no memory */
void streams_free(struct streams *s);

#endif
