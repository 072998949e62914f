// SPDX-License-Identifier: AGPL-3.0-or-later
/* reaper - every connection of a listener with what it is doing and since when; closes what takes too long.
 *
 * libmicrohttpd's timeout starts anew with every byte, so a sender that drips may stay for ever. Here each phase of a
 * connection has its own limit, counted from the phase's beginning. All of this runs on the listener's thread.
 */
#ifndef WAYMARK_SERVER_REAPER_H
#define WAYMARK_SERVER_REAPER_H

#include "base/span.h"

enum link_phase {
    LINK_IDLE,      /* between two requests */
    LINK_ARRIVING,  /* part of a request is here */
    LINK_HELD,      /* with the turn loop, which has its own deadline */
    LINK_ANSWERING, /* the answer is on its way */
};

/** One connection; linked into its listener's list. */
struct link {
    struct link **at, *next;
    int fd;
    enum link_phase phase;
    int64_t since_ms;                 /* monotonic */
    uint32_t requests, requests_seen; /* done so far; at the reaper's last look */
    uint64_t bytes_seen;              /* received by the system at the reaper's last look */
    char peer[48];                    /* address in text */
};

void link_add(struct link **list, struct link *l);
void link_remove(struct link *l);
void link_phase(struct link *l, enum link_phase phase, int64_t now_ms);

/** Shuts down what has been too long in its phase. Call it about once a second. Returns how many it shut down. */
size_t reaper_look(struct link *list, int64_t now_ms);

#endif
