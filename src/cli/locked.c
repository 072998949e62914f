// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/locked.h"

#include "cli/cli.h"
#include "cli/control.h"
#include "cli/trouble.h"

#include "base/err.h"
#include "base/log.h"
#include "cli/ask.h"
#include "gateway/intake.h"
#include "server/server.h"
#include "vault/sealed.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCKED_TRIES = 5, LOCKED_OUT_MS = 15 * 60 * 1000 };

struct locked {
    struct app *app;  /* the main thread's: its arena is not shared */
    const char *file; /* of the sealed key */
    struct intake *intake;
    struct server *server;
    struct control *control;
    pthread_t asker;
    bool asks;             /* at the terminal */
    int end_fd;            /* ends that, when it can be read */
    pthread_mutex_t lock;  /* control's thread and the asker's share what follows */
    int wrong;             /* in a row */
    int64_t locked_out_ms; /* until then no passphrase is right */
    struct vault *vault;   /* once it was given */
};

const char *locked_file(struct app *app)
{
    const char *key = app_key_file(app);
    return key ? arena_printf(app->arena, "%s.sealed", key).p : NULL;
}

bool locked_is(struct app *app)
{
    const char *key = app_key_file(app), *sealed = locked_file(app);
    return key && sealed && !vault_from_credential() && access(key, F_OK) < 0 && access(sealed, F_OK) == 0;
}

/* Each try costs the same, also while none is right. */
static int try_passphrase(struct locked *l, struct span passphrase, struct str *answer)
{
    struct vault *v = NULL;
    if (l->vault) {
        str_addz(answer, "The key was given already.");
        return 0;
    }
    int rc = sealed_open(l->file, passphrase, &v);
    if (rc == 0 && clock_monotonic_ms() < l->locked_out_ms)
        rc = ERR_AUTH;
    if (rc == ERR_AUTH && ++l->wrong >= LOCKED_TRIES) {
        l->wrong = 0;
        l->locked_out_ms = clock_monotonic_ms() + LOCKED_OUT_MS;
        log_event(LOG_WARN, "wrong passphrases for the master key: none is taken for 15 minutes");
    }
    if (rc < 0) {
        vault_close(v);
        str_addz(answer, rc == ERR_AUTH ? "That does not open the master key." : err_text(rc));
        return rc;
    }
    l->vault = v;
    str_addz(answer, "The master key is there; the service starts.");
    kill(getpid(), SIGUSR1); // the main thread waits for it
    return 0;
}

static int unlock(void *locked, struct span passphrase, struct str *answer)
{
    struct locked *l = locked;
    pthread_mutex_lock(&l->lock);
    int rc = try_passphrase(l, passphrase, answer);
    pthread_mutex_unlock(&l->lock);
    return rc;
}

/* ---- at the terminal ---- */

/* 1: the key is there; 0: not yet; ERR_MISSING: nobody answers at the terminal; ERR_NOT_NOW: it came otherwise. */
static int ask_once(struct locked *l)
{
    struct str passphrase, answer = STR_INIT(1024);
    int rc = ask_secret_until(l->end_fd, "Passphrase of the master key", &passphrase);
    if (rc == 0)
        rc = unlock(l, str_span(&passphrase), &answer) == 0;
    else if (rc == ERR_LIMIT) {
        str_addz(&answer, "That is too long.");
        rc = 0;
    }
    if (answer.len)
        fprintf(stderr, "waymark: %s\n", str_z(&answer));
    vault_forget(&passphrase);
    str_release(&answer);
    return rc;
}

static void *ask_main(void *locked)
{
    sigset_t jobs; // the terminal is put back also while another job has it
    sigemptyset(&jobs);
    sigaddset(&jobs, SIGTTOU);
    sigaddset(&jobs, SIGTTIN);
    pthread_sigmask(SIG_BLOCK, &jobs, NULL);
    while (ask_once(locked) == 0)
        ;
    return NULL;
}

static int ask_open(struct locked *l)
{
    l->end_fd = eventfd(0, EFD_CLOEXEC);
    if (l->end_fd < 0)
        return ERR_IO;
    l->asks = ask_can() && pthread_create(&l->asker, NULL, ask_main, l) == 0;
    return 0;
}

static void ask_close(struct locked *l)
{
    ssize_t written = l->end_fd < 0 ? 0 : write(l->end_fd, &(uint64_t){1}, sizeof(uint64_t)); // does not fail
    (void)written;
    if (l->asks)
        pthread_join(l->asker, NULL);
    if (l->end_fd >= 0)
        close(l->end_fd);
}

static int status(void *locked, struct str *answer)
{
    const struct locked *l = locked;
    str_addf(answer, "locked\nstops taken in %llu", (unsigned long long)intake_taken(l->intake));
    return 0;
}

static void announce(const struct locked *l)
{
    fprintf(stderr, "waymark: webhooks on http://%s/hook/CHANNEL\nwaymark: metrics on http://%s/metrics, data in %s\n",
            server_listen_address(l->server), server_console_address(l->server), l->app->data);
    fputs("waymark: locked; \"waymark unlock\" gives it the master key\n", stderr);
    if (ask_can())
        fputs("waymark: so does its passphrase, typed here\n", stderr);
}

static int open_all(struct locked *l, const struct locked_terms *terms)
{
    struct app *app = l->app;
    int rc = intake_open(&(struct intake_parts){.data = app->data,
                                                .program = app->program,
                                                .channels = app->channels,
                                                .settings = &app->settings,
                                                .clock = clock_system()},
                         &l->intake);
    if (rc == ERR_MISSING)
        fprintf(stderr, "waymark: %s/intake.key is not there: it is made at the first start with the master key\n",
                app->data);
    const struct server_parts parts = {.intake = l->intake,
                                       .channels = app->channels,
                                       .settings = &app->settings,
                                       .clock = clock_system(),
                                       .sockets = terms->sockets};
    if (rc == 0)
        rc = server_open(&parts, &l->server);
    if (rc == 0)
        rc = server_start(l->server);
    if (rc == 0)
        rc = control_open(app->data, &(struct control_parts){.locked = {unlock, status, l}}, &l->control);
    if (rc < 0)
        fprintf(stderr, "waymark: not started: %s\n", err_text(rc));
    return rc;
}

static void close_all(struct locked *l)
{
    if (l->control)
        control_close(l->control);
    if (l->server) {
        server_quiesce(l->server);
        server_stop(l->server);
        server_close(l->server);
    }
    intake_close(l->intake);
}

/* Until the key was given or a signal ends it. */
static int wait_for_key(struct locked *l, const sigset_t *wakes, struct locked_left *left)
{
    int number = 0, rc = ask_open(l);
    *left = (struct locked_left){
        .console = arena_strdup(l->app->arena, span_of(server_console_address(l->server))),
    };
    while (rc == 0 && sigwait(wakes, &number) == 0 && number == SIGHUP)
        ; // menus are read when it starts
    if (rc == 0)
        rc = server_sockets(l->server, &left->sockets);
    ask_close(l);
    return rc;
}

int locked_serve(struct app *app, const struct locked_terms *terms, struct locked_left *left)
{
    struct locked l = {.app = app, .file = locked_file(app), .end_fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER};
    sigset_t wakes = *terms->ends;
    sigaddset(&wakes, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &wakes, NULL); // before any thread
    vault_harden();
    int rc = l.file ? open_all(&l, terms) : ERR_NOMEM;
    if (rc == 0) {
        announce(&l);
        rc = wait_for_key(&l, &wakes, left);
    }
    close_all(&l);
    app->vault = l.vault;
    if (rc == 0 && !l.vault)
        rc = ERR_NOT_NOW;
    return rc;
}

/* ---- the commands ---- */

static int lock_key(struct app *app, const char *data)
{
    struct str passphrase;
    if (!app_data_folder(app, data))
        return ERR_NOMEM;
    const char *key = app_key_file(app), *sealed = locked_file(app);
    int rc = key && sealed ? ask_new_passphrase(&passphrase) : ERR_NOMEM;
    if (rc == 0)
        rc = sealed_make(key, sealed, str_span(&passphrase), app->settings.passphrase_mib);
    vault_forget(&passphrase);
    if (rc == 0)
        printf("%s holds the master key under the passphrase.\nNow keep a copy of %s somewhere else and take it away "
               "from this machine: from then on \"waymark serve\" waits for \"waymark unlock\".\n",
               sealed, key);
    else
        fprintf(stderr, "waymark: the master key was not put under a passphrase: %s\n",
                rc == ERR_RANGE ? "the passphrase has to have 16 characters or more" : err_text(rc));
    return rc;
}

int cmd_lock(int argc, char **argv)
{
    const char *config = NULL, *data = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--data", "DIR", "folder of the database", &data},
        {0},
    };
    int helped, used = cli_options("lock", "", options, argc, argv, &helped);
    if (used != argc)
        return helped ? CLI_DONE : CLI_USAGE;
    struct app app;
    bool fine = app_load(&app, config, 0, false, 0) && lock_key(&app, data) == 0;
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}

static int unlock_service(struct app *app, const char *data)
{
    struct str passphrase, request = STR_INIT(ASK_MAX + 16), answer = STR_INIT(1024);
    const char *folder = app_data_folder(app, data);
    int rc = ask_secret("Passphrase of the master key", &passphrase), asked = rc;
    if (str_extend(&request, ASK_MAX + 8)) // all of its room at once, so that growing leaves no copy behind
        str_clear(&request);
    str_addz(&request, "unlock\n");
    str_add(&request, str_span(&passphrase));
    if (rc == 0)
        rc = control_ask(folder, str_span(&request), &answer);
    if (asked < 0)
        fputs("waymark unlock: no passphrase was given; type it, or let it come from standard input\n", stderr);
    else if (rc == ERR_MISSING)
        fprintf(stderr, TROUBLE_NO_SERVICE, app->data);
    else
        fprintf(rc == 0 ? stdout : stderr, "%s\n", answer.len ? str_z(&answer) : err_text(rc));
    vault_forget(&passphrase);
    vault_forget(&request);
    str_release(&answer);
    return rc;
}

int cmd_unlock(int argc, char **argv)
{
    const char *config = NULL, *data = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--data", "DIR", "folder of the database", &data},
        {0},
    };
    int helped, used = cli_options("unlock", "", options, argc, argv, &helped);
    if (used != argc)
        return helped ? CLI_DONE : CLI_USAGE;
    struct app app;
    bool fine = app_load(&app, config, 0, false, 0) && unlock_service(&app, data) == 0;
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}
