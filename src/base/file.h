// SPDX-License-Identifier: AGPL-3.0-or-later
/* file - reading a whole file, with a ceiling; writing all or saying why not. */
#ifndef WAYMARK_BASE_FILE_H
#define WAYMARK_BASE_FILE_H

#include "base/str.h"

/** Appends the whole regular file to `out` (whose ceiling applies). ERR_MISSING, ERR_IO (also for a directory; errno
 * tells), ERR_LIMIT, ERR_NOMEM. */
int file_read(const char *path, struct str *out);

/** Whether a file has this name with ".txt" behind it, which some editors add and some desktops do not show. */
bool file_has_txt(const char *path);

/** Appends all that can be read from a descriptor until its end. ERR_IO (errno), ERR_LIMIT, ERR_NOMEM. */
int file_read_fd(int fd, struct str *out);

/** What errno says of a file that could not be made or written: ERR_EXISTS, ERR_FULL, else ERR_IO. */
int file_error(void);

/** Writes all of `bytes` where the descriptor stands, or from byte `at` (not negative, else ERR_RANGE) on. As
 * file_error. */
int file_put(int fd, struct span bytes);
int file_put_at(int fd, struct span bytes, int64_t at);

/** Syncs the folder that `path` lies in, so that a name made there outlives a power cut. ERR_IO, ERR_LIMIT. */
int file_sync_folder(const char *path);

/** Writes `bytes` to a new file beside `path`, syncs it, renames it over `path` and syncs the folder; mode as given.
 * ERR_IO, ERR_FULL. */
int file_write(const char *path, struct span bytes, unsigned mode);

#endif
