// SPDX-License-Identifier: AGPL-3.0-or-later
/* rotate - what is left to be done of a replaced master key before the data are opened. */
#ifndef WAYMARK_CLI_ROTATE_H
#define WAYMARK_CLI_ROTATE_H

/** Puts a copy under the new key in place where one is ready, and throws away one that is not. Nobody has the data
 * open. ERR_IO. */
int rotate_finish(const char *dir);

#endif
