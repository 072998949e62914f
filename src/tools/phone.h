// SPDX-License-Identifier: AGPL-3.0-or-later
/* phone - a phone in the terminal: the real engine, without a service, a network or a disk.
 *
 * It reads lines: `*123#` (anything that starts with `*` and ends with `#`) dials, other lines are what the person
 * types; lines that start with ":" are for the phone itself (phone_commands in phone.c).
 */
#ifndef WAYMARK_TOOLS_PHONE_H
#define WAYMARK_TOOLS_PHONE_H

#include "base/clock.h"
#include "menu/program.h"
#include "record/profile.h"

#include <stdio.h>

struct phone_parts {
    const struct program *program;
    struct profile ussd, sms; /* what the channels can show */
    struct clock clock;       /* until :at sets another time */
    struct entropy entropy;
    FILE *in, *out;
};

/** Runs until the input ends or :quit. ERR_NOMEM. */
int phone_run(const struct phone_parts *parts);

#endif
