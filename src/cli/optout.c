// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/optout.h"

#include "cli/app.h"
#include "cli/cli.h"
#include "cli/control.h"

#include "base/err.h"
#include "gateway/withdraw.h"
#include "text/phone.h"

#include <stdio.h>
#include <string.h>

int optout_run(void *optout, struct store *s)
{
    struct optout *o = optout;
    struct msisdn number;
    int rc = phone_parse(o->number, (struct span){0}, &number);
    int64_t now_ms = o->clock.now_ms(o->clock.ctx);
    if (rc == 0 && o->channels)
        rc = withdraw_erase(o->vault, s, o->channels, &number, SPAN("command"), now_ms);
    else if (rc == 0)
        rc = withdraw_number(o->vault, s, &number, now_ms);
    if (rc == 0 && o->channels && o->gateway)
        gateway_erased(o->gateway);
    vault_wipe(&number, sizeof number);
    return rc;
}

const char *optout_text(int rc, bool erased)
{
    if (rc == 0)
        return erased ? "What this number told is erased, and contact with it has stopped. It cannot be taken "
                        "back.\nStill "
                        "elsewhere: on the phone itself, at the phone companies, and with partners who were told; tell "
                        "them."
                      : "Contact with this number has stopped.";
    return rc == ERR_SYNTAX || rc == ERR_RANGE
               ? "That is not a phone number; write it with its country code, like +1 202 ..."
               : err_text(rc);
}

/* No service runs: this process is the one writer for a moment. */
static int optout_alone(struct app *app, const char *data, struct span number, bool erase)
{
    int rc = app_open_data(app, data);
    if (rc < 0)
        return rc;
    struct optout o = {
        .vault = app->vault, .clock = clock_system(), .number = number, .channels = erase ? app->channels : NULL};
    rc = store_begin(app->store);
    if (rc == 0)
        rc = optout_run(&o, app->store);
    if (rc == 0)
        rc = store_commit(app->store);
    else
        store_rollback(app->store);
    return rc;
}

static int optout_line(struct app *app, const char *data, struct span number, bool erase)
{
    struct str request = STR_INIT(1024), answer = STR_INIT(4096);
    str_addz(&request, erase ? "erase\n" : "optout\n");
    str_add(&request, number);
    int rc = control_ask(app_data_folder(app, data), str_span(&request), &answer);
    if (rc == ERR_MISSING) {
        rc = optout_alone(app, data, number, erase);
        str_addz(&answer, optout_text(rc, erase));
    }
    fprintf(rc == 0 ? stdout : stderr, "%s\n", answer.len ? str_z(&answer) : err_text(rc));
    vault_wipe(request.p, request.len);
    str_release(&request);
    str_release(&answer);
    return rc;
}

int cmd_optout(int argc, char **argv)
{
    const char *config = NULL, *data = NULL, *erase = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--data", "DIR", "folder of the database", &data},
        {"--erase", NULL, "delete what the person told, too; it cannot be taken back", &erase},
        {0},
    };
    int helped, used = cli_options("optout", "< NUMBER", options, argc, argv, &helped);
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    if (used != argc) {
        fputs("waymark optout: the number is read from standard input, so that no list of processes shows it\n",
              stderr);
        return CLI_USAGE;
    }
    char line[128];
    if (!fgets(line, sizeof line, stdin)) {
        fputs("waymark optout: no number on standard input\n", stderr);
        return CLI_USAGE;
    }
    struct app app;
    bool fine = app_load(&app, config, erase ? APP_CHANNELS : 0, false, 0) &&
                optout_line(&app, data, span_trim(span_of(line)), erase) == 0;
    vault_wipe(line, sizeof line);
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}
