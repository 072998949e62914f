// SPDX-License-Identifier: AGPL-3.0-or-later
/* key offline - makes the pair that backups and exports are for. It needs neither configuration nor data: run it on a
 * machine that is not the server, and keep the file there. */
#include "cli/cli.h"

#include "base/err.h"
#include "vault/offline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int cmd_key_offline(int argc, char **argv)
{
    const struct cli_option options[] = {{0}};
    char text[OFFLINE_CHARS + 1];
    int helped, used = cli_options("key offline", "FILE", options, argc, argv, &helped);
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    if (used + 1 != argc) {
        fputs("usage: waymark key offline FILE\n", stderr);
        return CLI_USAGE;
    }
    vault_harden();
    int rc = offline_make(argv[used], text);
    if (rc < 0) {
        fprintf(stderr, "waymark key offline: %s: %s\n", argv[used],
                rc == ERR_EXISTS ? "there is a file of that name already; nothing is written over"
                : rc == ERR_IO   ? strerror(errno)
                                 : err_text(rc));
        return CLI_REFUSED;
    }
    printf("The secret half is in %s: keep it on this machine, and a copy where fire and thieves do not reach both.\n"
           "Without it no backup and no export can be opened. The public half, for the server (backup-key):\n%s\n",
           argv[used], text);
    return CLI_DONE;
}
