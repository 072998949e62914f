// SPDX-License-Identifier: AGPL-3.0-or-later
/* desk - the console's port: what its pages reach of the gateway, the menus and the outbox. */
#ifndef WAYMARK_CLI_DESK_H
#define WAYMARK_CLI_DESK_H

#include "cli/app.h"
#include "cli/reload.h"
#include "console/port.h"
#include "gateway/gateway.h"
#include "outbox/outbox.h"

/** What the port reaches; outlives the console. */
struct desk_parts {
    const struct app *app;
    struct gateway *gateway;
    struct reloader *reloader;
    const struct outbox *outbox;
    void (*wake)(void *ctx); /* the outbox */
    void *wake_ctx;
};

/** The port over `parts`. */
struct console_port desk_port(struct desk_parts *parts);

#endif
