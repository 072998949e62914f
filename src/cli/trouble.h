// SPDX-License-Identifier: AGPL-3.0-or-later
/* trouble - why what the program was given keeps it from starting, and what to do about it. A cause that deserves a
 * hint of its own is a row of the table in trouble.c. */
#ifndef WAYMARK_CLI_TROUBLE_H
#define WAYMARK_CLI_TROUBLE_H

/** What a command says that found no service to speak to: a format, for the data folder. */
#define TROUBLE_NO_SERVICE                                                                                             \
    "waymark: no service is running on %s\n  hint: where it was started with --data DIR or WAYMARK_DATA, name the "    \
    "same folder here\n"

/** What is in the way; `name` of trouble_tell is its file, its folder or its address. */
enum trouble { TROUBLE_FOLDER, TROUBLE_KEY, TROUBLE_DATABASE, TROUBLE_STOPS, TROUBLE_ADDRESS };

/** Tells standard error in two lines. After ERR_IO errno says which row it is; 0 there: nobody knows. */
void trouble_tell(enum trouble what, const char *name, int rc);

#endif
