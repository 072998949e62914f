// SPDX-License-Identifier: AGPL-3.0-or-later
/* serve - the service: puts the rooms together, starts them from the bottom up and stops them from the top down.
 *
 * Stopping: no new connection is taken; the turn loop finishes what it has and answers what waits; every held
 * connection is resumed and answered; only then do the listeners, the outbox and the store close.
 */
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/control.h"
#include "cli/desk.h"
#include "cli/locked.h"
#include "cli/proof.h"
#include "cli/staffroom.h"
#include "cli/trouble.h"

#include "base/err.h"
#include "base/log.h"
#include "console/console.h"
#include "gateway/gateway.h"
#include "gateway/withdraw.h"
#include "outbox/outbox.h"
#include "server/server.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVE_GRACE_MS = 3000, SERVE_KEEP_BYTES = 8 * 1024 * 1024, SERVE_ANSWER_MAX = 1024 * 1024 };

struct service {
    struct app app;
    struct gateway *gateway;
    struct outbox *outbox;
    struct server *server;
    struct control *control;
    struct reloader reloader;
    struct desk_parts desk;
    struct console_port port;
    struct console *console;
    struct office office;
    const char *address;           /* of the console, as it was said */
    struct server_sockets sockets; /* the server's once there is one */
};

static int through_the_loop(void *door, int (*fn)(void *ctx, struct store *s), void *ctx)
{
    return gateway_call(((struct service *)door)->gateway, fn, ctx);
}

static void wake_outbox(void *service)
{
    struct service *s = service;
    if (s->outbox)
        outbox_wake(s->outbox);
}

static int start_gateway(struct service *s, bool drafts)
{
    struct gateway_parts parts = {.settings = &s->app.settings,
                                  .channels = s->app.channels,
                                  .vault = s->app.vault,
                                  .store = s->app.store,
                                  .program = s->app.program,
                                  .clock = clock_system(),
                                  .drafts = drafts,
                                  .data = s->app.data,
                                  .outbox_wake = wake_outbox,
                                  .outbox_ctx = s};
    int rc = gateway_open(&parts, &s->gateway);
    return rc < 0 ? rc : gateway_start(s->gateway);
}

static int opted_out(void *service, struct store *s, const struct store_index *number, struct span channel)
{
    const struct service *me = service;
    struct clock clock = clock_system();
    return withdraw_key(me->app.vault, s, number, channel, clock.now_ms(clock.ctx));
}

static int start_outbox(struct service *s)
{
    struct outbox_parts parts = {.channels = s->app.channels,
                                 .settings = &s->app.settings,
                                 .stop = {.withdraw = opted_out, .ctx = s},
                                 .vault = s->app.vault,
                                 .door = {.call = through_the_loop, .door = s},
                                 .clock = clock_system(),
                                 .entropy = {.fill = vault_random}};
    int rc = outbox_open(&parts, &s->outbox);
    return rc < 0 ? rc : outbox_start(s->outbox);
}

/* A flag wins over the environment, which wins over the configuration. */
static const char *address(struct app *app, const char *flag, const char *variable, struct span configured)
{
    const char *environment = getenv(variable);
    if (flag)
        return flag;
    return environment && *environment ? environment : arena_strdup(app->arena, configured);
}

static int start_console(struct service *s)
{
    s->desk = (struct desk_parts){.app = &s->app,
                                  .gateway = s->gateway,
                                  .reloader = &s->reloader,
                                  .outbox = s->outbox,
                                  .wake = wake_outbox,
                                  .wake_ctx = s};
    s->port = desk_port(&s->desk);
    struct console_parts parts = {.port = &s->port,
                                  .settings = &s->app.settings,
                                  .channels = s->app.channels,
                                  .vault = s->app.vault,
                                  .office = &s->office,
                                  .data = s->app.data,
                                  .clock = clock_system(),
                                  .address = s->address};
    return console_open(&parts, &s->console);
}

static bool on_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]:", 6) == 0;
}

/* Before there is any data: a mistake in an address makes none. */
static int start_listening(struct service *s, const char *listen, const char *console)
{
    const char *failed, *webhooks = address(&s->app, listen, "WAYMARK_LISTEN", s->app.settings.listen);
    s->address = address(&s->app, console, "WAYMARK_CONSOLE", s->app.settings.console);
    if (s->app.settings.demonstration && !on_loopback(s->address)) {
        fprintf(stderr,
                "waymark: a demonstration's console listens on loopback, not on %s: it asks for no second factor\n",
                s->address);
        return ERR_REFUSED;
    }
    int rc = server_listen(webhooks, s->address, &s->sockets, &failed);
    if (rc < 0)
        trouble_tell(TROUBLE_ADDRESS, failed, rc);
    return rc;
}

static int start_server(struct service *s)
{
    const struct server_parts parts = {.gateway = s->gateway,
                                       .outbox = s->outbox,
                                       .channels = s->app.channels,
                                       .settings = &s->app.settings,
                                       .clock = clock_system(),
                                       .pages = s->console,
                                       .sockets = s->sockets};
    int rc = server_open(&parts, &s->server);
    return rc < 0 ? rc : server_start(s->server);
}

/* What callers are not told any more: the service runs on, somebody has to look at it. */
static void announce_withheld(const struct service *s, int64_t today)
{
    size_t count = program_withheld(s->app.program, today);
    if (count > 0)
        fprintf(stderr,
                "waymark: %zu fact%s or place%s past review and withheld from callers; \"waymark check\" names %s\n",
                count, count == 1 ? "" : "s", count == 1 ? " is" : "s are", count == 1 ? "it" : "them");
}

static void announce(const struct service *s, int64_t today)
{
    struct span name = {0};
    fprintf(stderr, "waymark: webhooks on http://%s/hook/CHANNEL, channels:", server_listen_address(s->server));
    for (size_t i = 0; channel_set_at(s->app.channels, i); i++) {
        name = channel_name(channel_set_at(s->app.channels, i));
        fprintf(stderr, " %.*s", SPAN_ARG(name));
    }
    if (!name.len)
        fputs(" none; say \"use CHANNEL\" in waymark.conf", stderr);
    fprintf(stderr, "\nwaymark: console on http://%s/, a phone to try it on http://%s/phone",
            server_console_address(s->server), server_console_address(s->server));
    fprintf(stderr, "\nwaymark: metrics on http://%s/metrics, data in %s\n", server_console_address(s->server),
            s->app.data);
    announce_withheld(s, today);
    fputs("waymark: ready\n", stderr);
}

static void stop(struct service *s)
{
    if (s->control)
        control_close(s->control);
    if (s->server)
        server_quiesce(s->server);
    if (s->outbox)
        outbox_stop(s->outbox, SERVE_GRACE_MS);
    if (s->gateway)
        gateway_stop(s->gateway);
    if (s->server)
        server_stop(s->server);
    if (s->server)
        server_close(s->server);
    console_close(s->console);
    if (s->outbox)
        outbox_close(s->outbox);
    if (s->gateway)
        gateway_close(s->gateway);
    staffroom_close(&s->office);
    checkup_release(&s->reloader.checked);
    app_close(&s->app);
}

static void wait_for_the_end(struct service *s, const sigset_t *ends)
{
    int number;
    while (sigwait(ends, &number) == 0 && number == SIGHUP) {
        struct str answer = STR_INIT(SERVE_ANSWER_MAX); // the log has it already
        reload_menus(&s->reloader, &answer);
        str_release(&answer);
    }
}

static int start_control(struct service *s)
{
    s->reloader.gateway = s->gateway;
    s->reloader.current = s->app.program;
    s->reloader.data = s->app.data;
    checkup_keep(&s->reloader.checked, &s->app, true, false);
    struct control_parts parts = {.office = &s->office,
                                  .gateway = s->gateway,
                                  .outbox = s->outbox,
                                  .vault = s->app.vault,
                                  .reloader = &s->reloader,
                                  .keep = {&s->app.settings, s->app.channels, s->app.vault}};
    return control_open(s->app.data, &parts, &s->control);
}

/* Who may read what people tell; without them nothing is taken. */
static int start_office(struct service *s)
{
    int rc = staffroom_open(&s->app, through_the_loop, s, &s->office);
    return rc < 0 ? rc : staffroom_ready(&s->app, &s->office, s->app.program);
}

static int start(struct service *s, const char *data, bool drafts)
{
    int rc = app_open_data(&s->app, data);
    if (rc == 0)
        rc = start_gateway(s, drafts);
    if (rc == 0)
        rc = start_office(s);
    if (rc == 0)
        rc = start_outbox(s);
    if (rc == 0)
        rc = start_control(s);
    if (rc == 0)
        rc = start_console(s);
    if (rc == 0)
        rc = start_server(s);
    bool said = rc == ERR_BUSY || rc == ERR_NOT_NOW; // better than their codes say it
    if (rc < 0)
        fprintf(stderr, "waymark: not started%s%s\n", said ? "" : ": ", said ? "" : err_text(rc));
    return rc;
}

/* Waits for the master key, where it has to be given; the sockets that listened meanwhile are kept. */
static int unlocked(struct service *s, const sigset_t *ends)
{
    struct locked_left left;
    if (!locked_is(&s->app))
        return 0;
    int rc = locked_serve(&s->app, &(struct locked_terms){.sockets = s->sockets, .ends = ends}, &left);
    if (rc == 0) {
        s->address = left.console;
        s->sockets = left.sockets;
    }
    return rc;
}

int cmd_serve(int argc, char **argv)
{
    const char *config = NULL, *listen = NULL, *console = NULL, *data = NULL, *drafts = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--listen", "A:P", "address and port for webhooks; port 0: any", &listen},
        {"--console", "A:P", "address and port for metrics and the console", &console},
        {"--data", "DIR", "folder of the database", &data},
        {"--drafts", NULL, "offer draft languages too, as a demonstration does", &drafts},
        {0},
    };
    int helped, used = cli_options("serve", "", options, argc, argv, &helped);
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); // before any thread: all of them inherit it
    mallopt(M_ARENA_MAX, 1);                 // threads share: less memory lies idle, and it grows in large steps
    mallopt(M_TOP_PAD, SERVE_KEEP_BYTES / 8);
    mallopt(M_TRIM_THRESHOLD, SERVE_KEEP_BYTES); // what a busy moment needed is kept for the next one
    mallopt(M_MMAP_THRESHOLD, SERVE_KEEP_BYTES);
    struct service s = {.reloader = {.config = config, .lock = PTHREAD_MUTEX_INITIALIZER}};
    struct clock clock = clock_system();
    const int64_t today = day_of_ms(clock.now_ms(clock.ctx));
    bool fine = app_load(&s.app, config, APP_CHANNELS | APP_MENUS, false, today);
    fine = fine && proof_check(&s.app, PROOF_TELL_REFUSED);
    int rc = fine ? start_listening(&s, listen, console) : ERR_REFUSED;
    if (rc == 0)
        rc = app_make_folder(&s.app, data);
    bool ended = false; // while it waited for its key
    if (rc == 0) {
        rc = unlocked(&s, &ends);
        ended = rc == ERR_NOT_NOW;
    }
    if (rc == 0)
        rc = start(&s, data, drafts || s.app.settings.demonstration);
    fine = rc == 0;
    if (fine) {
        announce(&s, today);
        wait_for_the_end(&s, &ends);
    }
    stop(&s);
    return fine || ended ? CLI_DONE : CLI_REFUSED;
}
