// SPDX-License-Identifier: AGPL-3.0-or-later
/* reload - new menus for a running service: on SIGHUP and on `waymark reload`.
 *
 * Everything is read and proved first, then swapped in whole. A change that is refused changes nothing: the last good
 * menus stay in force, and the answer says why. Menus, translations, values, keys, hours and flags come with a reload;
 * addresses, limits, channels and the time zone need a restart.
 */
#ifndef WAYMARK_CLI_RELOAD_H
#define WAYMARK_CLI_RELOAD_H

#include "cli/checkup.h"
#include "gateway/gateway.h"

#include <pthread.h>

struct reloader {
    const char *config; /* as given to serve; NULL: the default */
    struct gateway *gateway;
    const char *data;              /* folder, where earlier versions are kept */
    const struct program *current; /* the menus in force */
    struct checkup checked;        /* what was found when the operator's files were last read */
    bool went_back;                /* the menus in force are an earlier version */
    pthread_mutex_t lock;          /* one at a time */
};

/** Reads, proves and swaps. Appends what to tell the operator. ERR_REFUSED: the last good menus stay. From any thread.
 */
int reload_menus(struct reloader *r, struct str *answer);

/** Reads and proves the operator's files and runs their transcripts; puts nothing in force. */
void reload_check(struct reloader *r);

/** Puts an earlier version (gateway/versions.h) in force, until the next reload or start. Facts that are past their
 * date by now are withheld. ERR_MISSING: it is not kept; ERR_REFUSED: it does not fit the present configuration. */
int reload_version(struct reloader *r, struct span name, struct str *answer);

#endif
