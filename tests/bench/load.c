// SPDX-License-Identifier: AGPL-3.0-or-later
/* load - a closed loop of callers: every connection sends its next request when the last answer is whole.
 *
 *     bench_load constant HOST PORT PATH CONNECTIONS SECONDS FORM
 *     bench_load ussd     HOST PORT PATH CONNECTIONS SECONDS TEXT...
 *
 * `constant` posts the same form again and again. `ussd` walks sessions as Africa's Talking sends them: the first TEXT
 * is mostly "", each further one what the caller's path is by then ("1", "1*2"); after the last, or when a screen
 * begins with END, the caller dials again. With BENCH_RATE in the environment that many requests a second are offered,
 * spread evenly over the connections, and a time is counted from when the request was due, not from when it could be
 * sent. One thread, HTTP/1.1 keep-alive. Every answer must be 200 and begin with CON or END; anything else is an error.
 * Prints one line; exit 1 when there were errors or no answers.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    OUT_MAX = 2048,
    IN_MAX = 8192,
    EVENTS = 512,
    SUB_BITS = 6, // 64 buckets a doubling: under 2 % of error
    BUCKETS = 40 << SUB_BITS,
};

struct caller {
    int fd, number; // number: of this connection, 0...
    uint32_t session;
    int step;
    uint64_t answers;
    int64_t sent_ns, due_ns; // due_ns: of the next request, where a rate is offered
    bool waits;              // for it
    size_t in_len, out_len, out_sent;
    char in[IN_MAX + 1], out[OUT_MAX];
};

struct load {
    const char *path, *host;
    char **texts;
    int text_count;
    bool ussd;
    int epoll;
    int64_t every_ns; // between two requests of one caller; 0: as fast as answers come
    struct caller *callers;
    int caller_count;
    bool over; // the time is up: answers are no longer counted
    uint64_t answers, errors, histogram[BUCKETS];
    int64_t longest_ns;
    unsigned seed; // of session ids, so that two runs do not meet
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static size_t bucket_of(int64_t ns)
{
    uint64_t v = ns > 0 ? (uint64_t)ns / 100 : 0; // tenths of a microsecond
    if (v < 1U << SUB_BITS)
        return (size_t)v;
    unsigned shift = 63U - (unsigned)__builtin_clzll(v) - SUB_BITS;
    size_t b = ((size_t)(shift + 1) << SUB_BITS) + (size_t)(v >> shift) - (1U << SUB_BITS);
    return b < BUCKETS ? b : BUCKETS - 1;
}

static double bucket_ms(size_t b)
{
    if (b < 1U << SUB_BITS)
        return (double)b / 1e4;
    size_t shift = (b >> SUB_BITS) - 1, low = (b & ((1U << SUB_BITS) - 1)) + (1U << SUB_BITS);
    return (double)((uint64_t)low << shift) / 1e4;
}

static double percentile(const struct load *l, double part)
{
    uint64_t want = (uint64_t)((double)l->answers * part), seen = 0;
    for (size_t b = 0; b < BUCKETS; b++) {
        seen += l->histogram[b];
        if (seen > want)
            return bucket_ms(b);
    }
    return (double)l->longest_ns / 1e6;
}

/* Numbers reserved for fiction: +1 NXX 555 01xx, with 800 area codes. */
static int form_write(const struct load *l, const struct caller *c, char *out, size_t size)
{
    if (!l->ussd)
        return snprintf(out, size, "%s", l->texts[0]);
    return snprintf(out, size,
                    "sessionId=ATUid_%08x%06d%010u&phoneNumber=%%2B1%03d55501%02d&networkCode=99999"
                    "&serviceCode=*384*1234%%23&text=%s",
                    l->seed, c->number, c->session, 200 + c->number / 100 % 800, c->number % 100, l->texts[c->step]);
}

static void caller_write(struct load *l, struct caller *c)
{
    char form[OUT_MAX / 2];
    int len = form_write(l, c, form, sizeof form);
    int whole = snprintf(c->out, sizeof c->out,
                         "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                         "Content-Length: %d\r\n\r\n%s",
                         l->path, l->host, len, form);
    if (whole < 0 || (size_t)whole >= sizeof c->out || (size_t)len >= sizeof form) {
        fputs("bench_load: the request is too long\n", stderr);
        exit(2);
    }
    c->out_len = (size_t)whole;
    c->out_sent = c->in_len = 0;
    c->sent_ns = now_ns();
}

static bool caller_push(struct caller *c)
{
    while (c->out_sent < c->out_len) {
        ssize_t n = send(c->fd, c->out + c->out_sent, c->out_len - c->out_sent, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN; // a request is far smaller than a socket's buffer
        c->out_sent += (size_t)n;
    }
    return true;
}

static void caller_ask(struct load *l, struct caller *c)
{
    caller_write(l, c);
    if (!caller_push(c))
        l->errors++;
}

static void caller_connect(struct load *l, struct caller *c, const struct sockaddr_in *to)
{
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)to, sizeof *to)) {
        perror("bench_load: connect");
        exit(1);
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = c});
}

/* The body of a whole answer, NULL while some is missing. */
static const char *answer_body(const struct caller *c)
{
    const char *end = strstr(c->in, "\r\n\r\n");
    const char *length = end ? strcasestr(c->in, "\r\nContent-Length:") : NULL;
    if (!length || length > end)
        return NULL;
    size_t body = strtoul(length + sizeof "\r\nContent-Length:" - 1, NULL, 10);
    return c->in_len >= (size_t)(end - c->in) + 4 + body ? end + 4 : NULL;
}

static void caller_count(struct load *l, struct caller *c, const char *body, int64_t now)
{
    bool right =
        strncmp(c->in, "HTTP/1.1 200", 12) == 0 && (strncmp(body, "CON", 3) == 0 || strncmp(body, "END", 3) == 0);
    int64_t took = now - c->sent_ns;
    l->errors += !right;
    l->answers++;
    c->answers++;
    l->histogram[bucket_of(took)]++;
    if (took > l->longest_ns)
        l->longest_ns = took;
}

static void caller_next(const struct load *l, struct caller *c, const char *body)
{
    if (!l->ussd)
        return;
    c->step++;
    if (c->step < l->text_count && strncmp(body, "END", 3) != 0)
        return;
    c->step = 0;
    c->session++;
}

/* False: the connection is gone. */
static bool caller_read(struct load *l, struct caller *c)
{
    ssize_t n = recv(c->fd, c->in + c->in_len, IN_MAX - c->in_len, 0);
    if (n <= 0)
        return n < 0 && errno == EAGAIN;
    c->in_len += (size_t)n;
    c->in[c->in_len] = '\0';
    const char *body = answer_body(c);
    if (!body)
        return c->in_len < IN_MAX;
    if (l->over)
        return true;
    caller_count(l, c, body, now_ns());
    caller_next(l, c, body);
    c->waits = l->every_ns != 0;
    if (!c->waits)
        caller_ask(l, c);
    return true;
}

/* Sends what is due. */
static void callers_ask(struct load *l)
{
    int64_t now = now_ns();
    for (int i = 0; i < l->caller_count; i++) {
        struct caller *c = &l->callers[i];
        if (!c->waits || c->due_ns > now)
            continue;
        c->waits = false;
        caller_ask(l, c);
        c->sent_ns = c->due_ns;
        c->due_ns += l->every_ns;
    }
}

static void load_run(struct load *l, int64_t until_ns)
{
    struct epoll_event events[EVENTS];
    while (now_ns() < until_ns) {
        if (l->every_ns)
            callers_ask(l);
        int n = epoll_wait(l->epoll, events, EVENTS, l->every_ns ? 1 : 100);
        for (int i = 0; i < n; i++) {
            struct caller *c = events[i].data.ptr;
            if (caller_read(l, c))
                continue;
            l->errors++;
            close(c->fd);
        }
    }
    l->over = true;
}

static int load_print(const struct load *l, double seconds)
{
    printf("%.0f requests/s p50 %.3f p90 %.3f p99 %.3f p99.9 %.3f max %.3f ms, %llu answers, %llu errors\n",
           (double)l->answers / seconds, percentile(l, 0.5), percentile(l, 0.9), percentile(l, 0.99),
           percentile(l, 0.999), (double)l->longest_ns / 1e6, (unsigned long long)l->answers,
           (unsigned long long)l->errors);
    return l->errors || !l->answers;
}

static void files_allow(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* All at once, or one after the other within the time between two requests. */
static void callers_begin(struct load *l, int64_t begun)
{
    const char *rate = getenv("BENCH_RATE");
    if (rate && strtod(rate, NULL) > 0)
        l->every_ns = (int64_t)((double)l->caller_count * 1e9 / strtod(rate, NULL));
    for (int i = 0; i < l->caller_count; i++) {
        struct caller *c = &l->callers[i];
        c->waits = l->every_ns != 0;
        c->due_ns = begun + l->every_ns * i / l->caller_count;
        if (!c->waits)
            caller_ask(l, c);
    }
}

int main(int argc, char **argv)
{
    bool ussd = argc > 7 && strcmp(argv[1], "ussd") == 0;
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (argc < 8 || (!ussd && strcmp(argv[1], "constant") != 0) || inet_pton(AF_INET, argv[2], &to.sin_addr) != 1) {
        fputs("usage: bench_load constant|ussd HOST PORT PATH CONNECTIONS SECONDS FORM|TEXT...\n", stderr);
        return 2;
    }
    to.sin_port = htons((uint16_t)strtoul(argv[3], NULL, 10));
    static struct load load;
    load = (struct load){.path = argv[4], .host = argv[2], .texts = argv + 7, .text_count = argc - 7, .ussd = ussd};
    int connections = (int)strtol(argv[5], NULL, 10);
    double seconds = strtod(argv[6], NULL);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.seed = (unsigned)now_ns();
    files_allow();
    struct caller *callers = calloc((size_t)connections, sizeof *callers);
    for (int i = 0; callers && i < connections; i++) {
        callers[i].number = i;
        caller_connect(&load, &callers[i], &to);
    }
    int64_t begun = now_ns();
    load.callers = callers;
    load.caller_count = callers ? connections : 0;
    callers_begin(&load, begun);
    load_run(&load, begun + (int64_t)(seconds * 1e9));
    for (int i = 0; callers && i < connections; i++)
        load.errors += !callers[i].answers; // somebody was never served
    free(callers);
    return load_print(&load, (double)(now_ns() - begun) / 1e9);
}
