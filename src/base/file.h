// SPDX-License-Identifier: AGPL-3.0-or-later
/* file - reading a whole file, with a ceiling. */
#ifndef WAYMARK_BASE_FILE_H
#define WAYMARK_BASE_FILE_H

#include "base/str.h"

/** Appends the whole regular file to `out` (whose ceiling applies). ERR_MISSING, ERR_IO (also for a directory; errno
 * tells), ERR_LIMIT, ERR_NOMEM. */
int file_read(const char *path, struct str *out);

/** Appends all that can be read from a descriptor until its end. ERR_IO (errno), ERR_LIMIT, ERR_NOMEM. */
int file_read_fd(int fd, struct str *out);

/** Syncs the folder that `path` lies in, so that a name made there outlives a power cut. ERR_IO. */
int file_sync_folder(const char *path);

/** Writes `bytes` to a new file beside `path`, syncs it, renames it over `path` and syncs the folder; mode as given.
 * ERR_IO, ERR_FULL. */
int file_write(const char *path, struct span bytes, unsigned mode);

#endif
