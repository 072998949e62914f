// SPDX-License-Identifier: AGPL-3.0-or-later
/* owner - what root makes in a folder that belongs to the service's user is that user's, or the service could not start
 * after a command that root gave. */
#ifndef WAYMARK_CLI_OWNER_H
#define WAYMARK_CLI_OWNER_H

/** Gives the files and folders in a data folder that belong to root to whom the folder belongs; does nothing for others
 * than root, where the folder is root's own, and where it holds no database, lock or master key. ERR_IO (errno):
 * something could not be given. */
int owner_settle(const char *folder);

#endif
