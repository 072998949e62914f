// SPDX-License-Identifier: AGPL-3.0-or-later
/* man_talk - waymark.talk(5). */
#include "tools/man_parts.h"

const struct man_block man_talk[] = {
    {MAN_HEAD, "SYNOPSIS", NULL},
    {MAN_TEXT, "menus/tests/*.talk, or the files that `waymark test` is given", NULL},
    {MAN_HEAD, "DESCRIPTION", NULL},
    {MAN_TEXT,
     "A transcript is a dialogue written down. `waymark test` plays it through the engine that the service uses, and "
     "compares. A talk stops at its first line that does not hold; the next talk begins afresh. Draft languages are "
     "offered.",
     NULL},
    {MAN_TEXT,
     "After a change of wording `waymark test --accept` rewrites the `<` lines that no longer hold. It never changes "
     "an `@` or an `=` line.",
     NULL},
    {MAN_HEAD, "LINES", NULL},
    {MAN_TERM, "talk TITLE", "Begins a talk."},
    {MAN_TERM, "phone NUMBER ussd|sms [SEPTETS UNITS]",
     "The phone. A second such line changes to another medium; the person stays the same. Two numbers say how many "
     "septets, or "
     "UTF-16 units, a page of it holds."},
    {MAN_TERM, "at YYYY-MM-DD HH:MM", "The time, by the operator's clock."},
    {MAN_TERM, "> TYPED",
     "What the person types. On a phone with `ussd` the first one dials, and whatever looks like `*123#`."},
    {MAN_TERM, "< SHOWN",
     "What is shown then. `...` is anything, `{ref}` the reference of the case; `|` begins a further line."},
    {MAN_TERM, "@ SCREEN", "The screen where the person now is."},
    {MAN_TERM, "= end", "The session is over."},
    {MAN_TERM, "= case NAME [priority WORD] [flags NAME ...]", "The last case of this kind is so, with all its flags."},
    {MAN_TERM, "= no case", "Nothing was registered."},
    {MAN_TERM, "= anonymous", "The last case has no number and no link."},
    {MAN_TERM, "= consent NAME VERSION yes", "This version is in force. `= consent NAME withdrawn`: none is."},
    {MAN_TERM, "= sms TEXT", "Such an SMS was sent, at any time before."},
    {MAN_TERM, "= told TEXT", "Such a message went to the team that has a case of the person's."},
    {MAN_HEAD, "EXAMPLE", NULL},
    {MAN_EXAMPLE,
     "talk STOP by SMS ends contact at once\n"
     "phone +12025550104 sms\n"
     "at 2026-12-01 10:00\n"
     "> stop.\n"
     "@ stopped\n"
     "< Done. No more calls or texts from us.\n"
     "| ...\n",
     NULL},
    {MAN_HEAD, "SEE ALSO", NULL},
    {MAN_TEXT, "waymark(1), waymark.menu(5)", NULL},
    {0},
};
