// SPDX-License-Identifier: AGPL-3.0-or-later
/* reload - new menus for a running service: on SIGHUP and on `waymark reload`.
 *
 * Everything is read and proved first, then swapped in whole. A change that is refused changes nothing: the last good
 * menus stay in force, and the answer says why. Menus, translations, values, keys, hours and flags come with a reload;
 * addresses, limits, channels and the time zone need a restart.
 */
#ifndef WAYMARK_CLI_RELOAD_H
#define WAYMARK_CLI_RELOAD_H

#include "base/str.h"
#include "gateway/gateway.h"

#include <pthread.h>

struct reloader {
    const char *config; /* as given to serve; NULL: the default */
    struct gateway *gateway;
    const struct program *current; /* the menus in force */
    pthread_mutex_t lock;          /* one at a time */
};

/** Reads, proves and swaps. Appends what to tell the operator. ERR_REFUSED: the last good menus stay. From any thread.
 */
int reload_menus(struct reloader *r, struct str *answer);

#endif
