// SPDX-License-Identifier: AGPL-3.0-or-later
/* config - waymark.conf: one table of settings.
 *
 * Each row of the table in config.c says a setting's name, form, limits, default, unit and a sentence of prose;
 * reading, help, manual page and the sample file come from it. To add a setting: a member in record/settings.h and a
 * row here.
 */
#ifndef WAYMARK_CONFIG_CONFIG_H
#define WAYMARK_CONFIG_CONFIG_H

#include "base/arena.h"
#include "base/str.h"
#include "record/settings.h"
#include "script/diag.h"

/** Reads the file and fills `out` with its settings and the defaults of the rest, in `a`. Relative paths in it are made
 * relative to its folder; a data folder that is not named is "var" in the folder the program is started from. A setting
 * that is refused has its default. Problems go to `d` (codes E01, E02, E03, E04 for a value outside its limits);
 * returns 0 also then, ERR_MISSING, ERR_IO, ERR_NOMEM otherwise. */
int config_load(const char *path, struct arena *a, struct diags *d, struct settings *out);

/** The same from memory; `folder` is what relative paths start from. */
int config_read(const char *file, struct span bytes, const char *folder, struct arena *a, struct diags *d,
                struct settings *out);

/** One row of the table, for help texts. */
struct config_help {
    const char *name, *form, *fallback, *unit, *prose;
};

/** Row `index`, or NULL past the end. */
const struct config_help *config_help(size_t index);

/** The value called `name`, or p NULL. */
struct span config_value(const struct settings *s, struct span name);

/** The secret called `name`, or p NULL. */
struct span config_secret(const struct settings *s, struct span name);

#endif
