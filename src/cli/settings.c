// SPDX-License-Identifier: AGPL-3.0-or-later
/* settings - the table of settings, as help. */
#include "cli/cli.h"

#include "config/config.h"

#include <stdio.h>

int cmd_settings(int argc, char **argv)
{
    const struct cli_option options[] = {{0}};
    int helped, used = cli_options("settings", "", options, argc, argv, &helped);
    if (used != argc)
        return helped ? CLI_DONE : CLI_USAGE;
    const struct config_help *h;
    for (size_t i = 0; (h = config_help(i)); i++) {
        printf("%s\n    %s\n", h->form, h->prose);
        if (*h->unit || *h->fallback)
            printf("    %s%s%s%s\n", h->unit, *h->unit && *h->fallback ? "; " : "", *h->fallback ? "without it: " : "",
                   h->fallback);
    }
    return CLI_DONE;
}
