// SPDX-License-Identifier: AGPL-3.0-or-later
/* backup - what the commands backup and restore share with the control socket. */
#ifndef WAYMARK_CLI_BACKUP_H
#define WAYMARK_CLI_BACKUP_H

#include "store/store.h"
#include "vault/opener.h"

/** An audit row that a command leaves. */
struct backup_note {
    const struct vault *vault;
    int64_t at_s;
    struct span action, object;
};

/** A function for gateway_call or app_write. */
int backup_note(void *note, struct store *s);

/** offline_open, with what is wrong told on standard error. */
int offline_told(const char *command, const char *path, struct opener **key);

#endif
