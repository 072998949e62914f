// SPDX-License-Identifier: AGPL-3.0-or-later
/* ask - what must not stand in a list of processes: read from the terminal without showing it, or line by line from
 * standard input where that is no terminal. */
#ifndef WAYMARK_CLI_ASK_H
#define WAYMARK_CLI_ASK_H

#include "base/str.h"

enum { ASK_MAX = 512 };

/** Appends the next line without its end; an empty line is fine. `prompt` is shown on a terminal only. ERR_MISSING: no
 * more lines; ERR_LIMIT: longer than ASK_MAX bytes. Wipe it with vault_forget. */
int ask_secret(const char *prompt, struct str *out);

/** The same at a terminal, given up with ERR_NOT_NOW once `over_fd` can be read. While another job has the terminal it
 * is left alone. */
int ask_secret_until(int over_fd, const char *prompt, struct str *out);

/** Whether there is a terminal to ask at, and it is ours now. */
bool ask_can(void);

/** A new passphrase: on a terminal asked for twice. ERR_REFUSED: the two differ. */
int ask_new_passphrase(struct str *out);

#endif
