// SPDX-License-Identifier: AGPL-3.0-or-later
/* phone - the terminal phone over the operator's menus. */
#include "cli/app.h"
#include "cli/cli.h"

#include "base/err.h"
#include "tools/phone.h"

#include <stdio.h>

/* The channel named, else the first one in use of this medium, else the first that takes it as well. */
static const struct channel *channel_for(const struct app *app, const char *name, enum medium medium)
{
    const struct channel *c, *other = NULL;
    if (name)
        return channel_set_get(app->channels, span_of(name));
    for (size_t i = 0; (c = channel_set_at(app->channels, i)); i++) {
        if (channel_medium(c) == medium)
            return c;
        other = other ? other : c;
    }
    return other;
}

static bool profile_of(const struct app *app, const char *option, const char *name, enum medium medium,
                       struct profile *out)
{
    const struct channel *c = channel_for(app, name, medium);
    if (c)
        *out = channel_profile(c, medium);
    else if (name)
        fprintf(stderr,
                "waymark phone: no channel %s is in use\n  hint: %s names one of \"use\" in the configuration\n", name,
                option);
    else
        fputs("waymark phone: no channel is in use\n  hint: write in the configuration: use CHANNEL\n", stderr);
    return c != NULL;
}

static int run(const struct app *app, const char *ussd, const char *sms)
{
    struct phone_parts parts = {.program = app->program,
                                .clock = clock_system(),
                                .entropy = {.fill = vault_random},
                                .in = stdin,
                                .out = stdout};
    if (!profile_of(app, "--ussd", ussd, MEDIUM_USSD, &parts.ussd) ||
        !profile_of(app, "--sms", sms, MEDIUM_SMS, &parts.sms))
        return CLI_REFUSED;
    int rc = phone_run(&parts);
    if (rc < 0)
        fprintf(stderr, "waymark phone: %s\n", err_text(rc));
    return rc < 0 ? CLI_REFUSED : CLI_DONE;
}

int cmd_phone(int argc, char **argv)
{
    const char *config = NULL, *ussd = NULL, *sms = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--ussd", "NAME", "the channel whose page limits hold for calls (the first in use)", &ussd},
        {"--sms", "NAME", "the channel whose limits hold for SMS (the first in use)", &sms},
        {0},
    };
    int helped, used = cli_options("phone", "", options, argc, argv, &helped);
    if (used != argc)
        return helped ? CLI_DONE : CLI_USAGE;
    struct app app;
    struct clock clock = clock_system();
    int64_t today = day_of_ms(clock.now_ms(clock.ctx));
    int status = CLI_REFUSED;
    if (app_load(&app, config, APP_CHANNELS | APP_MENUS, false, today))
        status = run(&app, ussd, sms);
    app_close(&app);
    return status;
}
