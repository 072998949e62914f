// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/control.h"

#include "cli/backup.h"
#include "cli/optout.h"
#include "cli/prove.h"
#include "cli/purge.h"
#include "cli/traffic.h"

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    CONTROL_REQUEST_MAX = 4096,
    CONTROL_ANSWER_MAX = 1024 * 1024,
    CONTROL_PATIENCE_S = 30,
    CONTROL_PAUSE_MS = 200, /* where nobody can be let in for want of a descriptor or memory */
};

struct control {
    struct control_parts parts;
    struct sockaddr_un address;
    int fd;
    pthread_t thread;
    pthread_mutex_t lock;
    int client; /* being served, or -1; under `lock` */
    bool closing;
};

/* ---- verbs ---- */

/* How such a channel does: its messages leave only as often as somebody asks for them. */
static void status_fetched(struct str *answer, const struct outbox_lane_stats *lane)
{
    struct clock clock = clock_system();
    if (lane->fetched_ms)
        str_addf(answer, "last fetched %" PRId64 " s ago", (clock.now_ms(clock.ctx) - lane->fetched_ms) / 1000);
    else
        str_addz(answer, "not fetched since the start");
}

/* channel NAME: 3 waiting, 1 under way, 12 sent, 0 failed, sending */
static void status_lane(struct str *answer, const struct outbox_lane_stats *lane)
{
    static const char *const breakers[] = {[OUTBOX_CLOSED] = "sending",
                                           [OUTBOX_OPEN] = "not sending: the aggregator does not take messages",
                                           [OUTBOX_TRYING] = "trying whether the aggregator takes messages again"};
    uint64_t failed = lane->counts[OUTBOX_COUNT_REFUSED] + lane->counts[OUTBOX_COUNT_OPTED_OUT] +
                      lane->counts[OUTBOX_COUNT_GIVEN_UP] + lane->counts[OUTBOX_COUNT_EXPIRED];
    str_addf(answer,
             "\nchannel %.*s: %" PRId64 " waiting, %" PRId64 " under way, %" PRIu64 " sent, %" PRIu64 " failed, ",
             SPAN_ARG(lane->channel), lane->waiting, lane->under_way, lane->counts[OUTBOX_COUNT_ACCEPTED], failed);
    if (lane->served)
        status_fetched(answer, lane);
    else
        str_addz(answer, breakers[lane->breaker]);
}

static int verb_status(struct control *c, struct span rest, struct str *answer)
{
    (void)rest;
    struct gateway_stats s;
    gateway_stats(c->parts.gateway, &s);
    str_addf(answer,
             "%s\nturns %" PRIu64 "\nrepeats %" PRIu64 "\nshed %" PRIu64 "\nlate %" PRIu64 "\nfailed %" PRIu64
             "\ncommits %" PRIu64 "\nwaiting %" PRIu32 "\nerase pending: %" PRId64,
             gateway_ready(c->parts.gateway) ? "ready" : "not ready", s.turns, s.repeats, s.shed, s.late, s.failed,
             s.commits, s.waiting, s.erase_pending);
    struct outbox_lane_stats lane;
    for (size_t i = 0; outbox_stats(c->parts.outbox, i, &lane); i++)
        status_lane(answer, &lane);
    return 0;
}

static int verb_optout(struct control *c, struct span rest, struct str *answer)
{
    struct optout o = {.vault = c->parts.vault, .clock = clock_system(), .number = span_trim(rest)};
    int rc = gateway_call(c->parts.gateway, optout_run, &o);
    str_addz(answer, optout_text(rc, false));
    return rc;
}

static int verb_erase(struct control *c, struct span rest, struct str *answer)
{
    struct optout o = {.vault = c->parts.vault,
                       .clock = clock_system(),
                       .number = span_trim(rest),
                       .channels = c->parts.keep.channels,
                       .gateway = c->parts.gateway};
    int rc = gateway_call(c->parts.gateway, optout_run, &o);
    str_addz(answer, optout_text(rc, true));
    return rc;
}

static int verb_traffic(struct control *c, struct span rest, struct str *answer)
{
    struct traffic t = {.since = span_trim(rest), .out = answer};
    return gateway_call(c->parts.gateway, traffic_run, &t);
}

static int verb_reload(struct control *c, struct span rest, struct str *answer)
{
    (void)rest;
    return reload_menus(c->parts.reloader, answer);
}

/* The command copies by itself; here it only leaves its trace. */
static int verb_backup(struct control *c, struct span rest, struct str *answer)
{
    (void)answer;
    struct clock clock = clock_system();
    struct backup_note note = {.vault = c->parts.vault,
                               .at_s = clock.now_ms(clock.ctx) / 1000,
                               .action = SPAN("backup"),
                               .object = span_first(span_trim(rest), 128)};
    return gateway_call(c->parts.gateway, backup_note, &note);
}

static int through_the_gateway(void *gateway, int (*fn)(void *ctx, struct store *s), void *ctx)
{
    return gateway_call(gateway, fn, ctx);
}

static int verb_purge(struct control *c, struct span rest, struct str *answer)
{
    const struct purge p = {.keep = c->parts.keep,
                            .dry = span_is(span_trim(rest), "dry"),
                            .call = through_the_gateway,
                            .door = c->parts.gateway};
    return purge_run(&p, answer);
}

static int verb_unlock(struct control *c, struct span rest, struct str *answer)
{
    (void)c, (void)rest;
    str_addz(answer, "The service has its master key.");
    return 0;
}

static int verb_verify(struct control *c, struct span rest, struct str *answer)
{
    struct prove p = {.vault = c->parts.vault, .call = through_the_gateway, .door = c->parts.gateway};
    span_split(&rest, '\n', &p.consents);
    span_split(&rest, '\n', &p.audit);
    return prove_run(&p, answer);
}

static int verb_consent(struct control *c, struct span rest, struct str *answer)
{
    struct prove p = {.vault = c->parts.vault, .call = through_the_gateway, .door = c->parts.gateway};
    int64_t id;
    int rc = span_int(span_trim(rest), &id);
    return rc < 0 ? rc : show_all(&p, id, answer);
}

static int verb_staff(struct control *c, struct span rest, struct str *answer)
{
    return staffroom_do(c->parts.office, rest, answer);
}

static const struct {
    const char *name;
    int (*run)(struct control *c, struct span rest, struct str *answer);
} control_verbs[] = {
    {"status", verb_status},   {"optout", verb_optout},   {"reload", verb_reload}, {"staff", verb_staff},
    {"traffic", verb_traffic}, {"backup", verb_backup},   {"unlock", verb_unlock}, {"verify", verb_verify},
    {"purge", verb_purge},     {"consent", verb_consent}, {"erase", verb_erase},
};

static int do_locked(struct control *c, struct span verb, struct span rest, struct str *answer)
{
    if (span_is(verb, "unlock"))
        return c->parts.locked.unlock(c->parts.locked.ctx, rest, answer);
    if (span_is(verb, "status"))
        return c->parts.locked.status(c->parts.locked.ctx, answer);
    str_addz(answer, "the service waits for its master key: waymark unlock");
    return ERR_NOT_NOW;
}

static void answer_request(struct control *c, struct span request, struct str *answer)
{
    struct span verb;
    if (!span_split(&request, '\n', &verb))
        verb = (struct span){0};
    if (c->parts.locked.unlock) {
        struct str text = STR_INIT(CONTROL_ANSWER_MAX);
        int rc = do_locked(c, verb, request, &text);
        str_addz(answer, rc == 0 ? "ok " : "error ");
        str_add(answer, str_span(&text));
        str_release(&text);
        return;
    }
    for (size_t i = 0; i < sizeof control_verbs / sizeof *control_verbs; i++) {
        if (!span_is(verb, control_verbs[i].name))
            continue;
        struct str text = STR_INIT(CONTROL_ANSWER_MAX);
        int rc = control_verbs[i].run(c, request, &text);
        str_addz(answer, rc == 0 ? "ok " : "error ");
        str_add(answer, str_span(&text));
        vault_forget(&text); // it may hold a recovery key
        return;
    }
    str_addz(answer, "error no such verb");
}

/* ---- sockets ---- */

static int write_all(int fd, struct span bytes)
{
    while (bytes.len) {
        ssize_t n = send(fd, bytes.p, bytes.len, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return ERR_IO;
        bytes = span_from(bytes, n > 0 ? (size_t)n : 0);
    }
    return 0;
}

static void set_patience(int fd)
{
    struct timeval patience = {.tv_sec = CONTROL_PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static void serve_one(struct control *c, int fd)
{
    struct str request = STR_INIT(CONTROL_REQUEST_MAX), answer = STR_INIT(CONTROL_ANSWER_MAX + 16);
    set_patience(fd);
    if (file_read_fd(fd, &request) == 0)
        answer_request(c, str_span(&request), &answer);
    else
        str_addz(&answer, "error request not understood");
    write_all(fd, str_span(&answer));
    vault_forget(&request); // it may hold a number or a passphrase
    vault_forget(&answer);
}

/* Notes whom the thread serves, so that a silent client cannot hold the end up. */
static void client_set(struct control *c, int fd)
{
    pthread_mutex_lock(&c->lock);
    c->client = fd;
    if (fd >= 0 && c->closing)
        shutdown(fd, SHUT_RD);
    pthread_mutex_unlock(&c->lock);
}

static bool closing(struct control *c)
{
    pthread_mutex_lock(&c->lock);
    bool so = c->closing;
    pthread_mutex_unlock(&c->lock);
    return so;
}

/* The next client; -1: it is over. */
static int client_next(struct control *c)
{
    for (;;) {
        int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0 || closing(c))
            return fd;
        if (errno != EINTR && errno != ECONNABORTED)
            poll(NULL, 0, CONTROL_PAUSE_MS); // whoever waits is let in once there is room again
    }
}

static void *control_main(void *control)
{
    struct control *c = control;
    for (int fd; (fd = client_next(c)) >= 0;) {
        client_set(c, fd);
        serve_one(c, fd);
        client_set(c, -1);
        close(fd);
        mem_wipe_stack();
    }
    return NULL;
}

static int address_of(const char *dir, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int len = snprintf(address->sun_path, sizeof address->sun_path, "%s/control.sock", dir);
    return len > 0 && (size_t)len < sizeof address->sun_path ? 0 : ERR_LIMIT;
}

static int control_listen(struct control *c)
{
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(c->address.sun_path); // left over from a process that died; the store's lock says that none is alive
    // Linux gives the socket's file the mode that the descriptor has (net/unix/af_unix.c, unix_bind). A umask is the
    // whole process's, and other threads make files.
    int rc = fchmod(c->fd, 0600);
    if (rc == 0)
        rc = bind(c->fd, (struct sockaddr *)&c->address, sizeof c->address);
    if (rc == 0)
        rc = listen(c->fd, 16);
    if (rc == 0)
        rc = pthread_create(&c->thread, NULL, control_main, c);
    return rc == 0 ? 0 : ERR_IO;
}

int control_open(const char *dir, const struct control_parts *parts, struct control **out)
{
    struct control *c = mem_calloc(1, sizeof *c);
    if (!c)
        return ERR_NOMEM;
    *c = (struct control){.parts = *parts, .fd = -1, .client = -1};
    pthread_mutex_init(&c->lock, NULL);
    int rc = address_of(dir, &c->address);
    if (rc == 0)
        rc = control_listen(c);
    if (rc < 0) {
        log_event(LOG_ERROR, "no control socket", LOG_ERR(rc));
        if (c->fd >= 0)
            close(c->fd);
        mem_free(c);
        return rc;
    }
    *out = c;
    return 0;
}

void control_close(struct control *c)
{
    pthread_mutex_lock(&c->lock);
    c->closing = true;
    if (c->client >= 0)
        shutdown(c->client, SHUT_RD); // what it has asked is still answered
    pthread_mutex_unlock(&c->lock);
    shutdown(c->fd, SHUT_RDWR);
    pthread_join(c->thread, NULL);
    close(c->fd);
    unlink(c->address.sun_path);
    pthread_mutex_destroy(&c->lock);
    mem_free(c);
}

/* ---- the asking side ---- */

static int ask(int fd, struct span request, struct str *answer)
{
    set_patience(fd);
    int rc = write_all(fd, request);
    if (rc == 0 && shutdown(fd, SHUT_WR) < 0)
        rc = ERR_IO;
    struct str whole = STR_INIT(CONTROL_ANSWER_MAX + 16);
    if (rc == 0)
        rc = file_read_fd(fd, &whole);
    struct span text = str_span(&whole);
    bool fine = span_starts(text, SPAN("ok "));
    if (rc == 0)
        str_add(answer, span_from(text, fine ? 3 : span_find(text, ' ') + 1));
    str_release(&whole);
    return rc < 0 ? rc : fine ? 0 : ERR_REFUSED;
}

int control_ask(const char *dir, struct span request, struct str *answer)
{
    struct sockaddr_un address;
    int rc = address_of(dir, &address);
    if (rc < 0)
        return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return ERR_IO;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        rc = errno == ENOENT || errno == ECONNREFUSED ? ERR_MISSING : ERR_IO;
    else
        rc = ask(fd, request, answer);
    close(fd);
    return rc;
}
