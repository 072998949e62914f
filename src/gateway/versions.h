// SPDX-License-Identifier: AGPL-3.0-or-later
/* versions - the menus that are kept on disk (bundles.h), for whoever wants to go back to earlier ones. */
#ifndef WAYMARK_GATEWAY_VERSIONS_H
#define WAYMARK_GATEWAY_VERSIONS_H

#include "base/arena.h"
#include "menu/program.h"

enum { VERSION_NAME = 16, VERSIONS_KEPT = 10 /* whatever their age, besides those that sessions need */ };

struct version {
    char name[VERSION_NAME + 1]; /* the first 8 bytes of the hash, in hexadecimal */
    int64_t last_s;              /* when it was last known to be in force */
    bool now;                    /* it is in force */
    struct span differs;         /* files that are not as those in force, "main.menu, locales/es.po"; empty: none */
};

/** The name of a version, from the hash of its menus. */
void version_name(const unsigned char *hash, char name[VERSION_NAME + 1]);

/** What is kept in DATA/bundles, the newest first, in `a`. `now`: the menus in force. ERR_NOMEM. */
int versions_list(const char *data, const struct program *now, struct arena *a, struct version **rows, size_t *count);

/** Where one begins and where its translations are, in `a`. ERR_MISSING: no such version is kept. */
int version_find(const char *data, struct span name, struct arena *a, const char **start, const char **locales);

/** Whether a folder of DATA/bundles holds one of the last VERSIONS_KEPT versions; false of what is no version. */
bool version_recent(const char *folder, const char *name, int64_t last_s);

#endif
