// SPDX-License-Identifier: AGPL-3.0-or-later
/* phone - the terminal phone over the operator's menus. */
#include "cli/app.h"
#include "cli/cli.h"

#include "base/err.h"
#include "tools/phone.h"

#include <stdio.h>

static bool profile_of(const struct app *app, struct span name, enum medium medium, struct profile *out)
{
    const struct channel *c = channel_set_get(app->channels, name);
    if (c)
        *out = channel_profile(c, medium);
    return c != NULL;
}

static int run(const struct app *app, const char *ussd, const char *sms)
{
    struct phone_parts parts = {.program = app->program,
                                .clock = clock_system(),
                                .entropy = {.fill = vault_random},
                                .in = stdin,
                                .out = stdout};
    if (!profile_of(app, span_of(ussd), MEDIUM_USSD, &parts.ussd) ||
        !profile_of(app, span_of(sms), MEDIUM_SMS, &parts.sms)) {
        fprintf(stderr, "waymark phone: no channel %s or %s is in use\n", ussd, sms);
        return CLI_REFUSED;
    }
    int rc = phone_run(&parts);
    if (rc < 0)
        fprintf(stderr, "waymark phone: %s\n", err_text(rc));
    return rc < 0 ? CLI_REFUSED : CLI_DONE;
}

int cmd_phone(int argc, char **argv)
{
    const char *config = NULL, *ussd = "africastalking", *sms = "africastalking-sms";
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--ussd", "NAME", "the channel whose page limits hold for calls (africastalking)", &ussd},
        {"--sms", "NAME", "the channel whose limits hold for SMS (africastalking-sms)", &sms},
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
