// SPDX-License-Identifier: AGPL-3.0-or-later
/* man_conf - waymark.conf(5). */
#include "tools/man_parts.h"

const struct man_block man_conf[] = {
    {MAN_HEAD, "SYNOPSIS", NULL},
    {MAN_TEXT, "config/waymark.conf, or what `--config` names", NULL},
    {MAN_HEAD, "DESCRIPTION", NULL},
    {MAN_TEXT,
     "The rules are those of the menus: one setting a line, the first word says which; text runs to the end of the "
     "line; a line that starts with `#` is a note. A relative path begins in the folder of this file, except `data`, "
     "which begins where the program is started if it is not set at all. `waymark check` reads it together with "
     "everything else. Languages, values, keys, hours and flags come with a reload of the menus; addresses, limits, "
     "channels, secrets and the time zone count from the next start.",
     NULL},
    {MAN_TEXT,
     "A setting stands once, except `draft`, `fold`, `key`, `value`, `flags`, `restrict`, `hours`, `open`, `closed`, "
     "`secret`, `secret-file` and `use`. The environment and the options of `waymark serve` win over `listen`, "
     "`console` and "
     "`data`.",
     NULL},
    {MAN_HEAD, "SETTINGS", NULL},
    {MAN_SETTINGS, NULL, NULL},
    {MAN_HEAD, "EXAMPLE", NULL},
    {MAN_EXAMPLE,
     "service Return Help\n"
     "languages en es\n"
     "zone America/New_York\n"
     "key back 0 Back\n"
     "value hotline 1-202-555-0100\n"
     "hours office\n"
     "  open mon-thu 09:00-17:00\n"
     "  closed 2026-12-25\n"
     "secret-file at-key /etc/waymark/at-key\n"
     "secret at-ussd-path dH3k9vQ2\n"
     "secret at-sms-path Wm7x2LpA\n"
     "use africastalking africastalking-sms\n"
     "sms-channel africastalking-sms\n",
     NULL},
    {MAN_HEAD, "SEE ALSO", NULL},
    {MAN_TEXT, "waymark(1), waymark.menu(5), waymark.channel(5)", NULL},
    {0},
};
