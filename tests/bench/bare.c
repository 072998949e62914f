// SPDX-License-Identifier: AGPL-3.0-or-later
/* bare - what libmicrohttpd can do at best, for comparison: reads the same form whole, answers the same constant
 * screen.
 *
 *     bench_bare [PORT [POOL]]
 *
 * Without a PORT, or with 0, the system chooses one; it is printed.
 * It runs on a loop of its own that polls the library's epoll descriptor, as the product does, because the library's
 * internal epoll thread stalls when the ready connections are a multiple of 128. POOL is the bytes of a connection's
 * memory (default 4096).
 */
#include <microhttpd.h>
#include <poll.h>
#include <sys/socket.h>

enum { BODY_MAX = 64 * 1024 };

struct bare {
    struct MHD_Response *response;
    size_t used; // bytes of `body`
    char body[BODY_MAX];
};

static enum MHD_Result on_access(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                 const char *version, const char *upload, size_t *upload_len, void **slot)
{
    (void)url, (void)method, (void)version;
    struct bare *bare = cls;
    if (!*slot) {
        *slot = bare;
        bare->used = 0;
        return MHD_YES;
    }
    if (*upload_len) {
        size_t room = BODY_MAX - bare->used, n = *upload_len < room ? *upload_len : room;
        memcpy(bare->body + bare->used, upload, n);
        bare->used += n;
        *upload_len = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, bare->response);
}

static struct MHD_Daemon *bare_start(struct bare *bare, unsigned port, size_t pool)
{
    static const char screen[] =
        "CON Welcome to Waymark Info.\n1. Work abroad\n2. My rights\n3. Talk to us\n4. Language";
    bare->response =
        MHD_create_response_from_buffer(sizeof screen - 1, (void *)(uintptr_t)screen, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(bare->response, "Content-Type", "text/plain; charset=utf-8");
    return MHD_start_daemon(MHD_USE_EPOLL, (uint16_t)port, NULL, NULL, on_access, bare, MHD_OPTION_CONNECTION_LIMIT,
                            8192U, MHD_OPTION_CONNECTION_MEMORY_LIMIT, pool, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096U,
                            MHD_OPTION_END);
}

int main(int argc, char **argv)
{
    static struct bare bare;
    unsigned port = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    size_t pool = argc > 2 ? strtoul(argv[2], NULL, 10) : 4096;
    struct MHD_Daemon *daemon = bare_start(&bare, port, pool);
    if (!daemon) {
        fputs("usage: bench_bare [PORT [POOL]]\n", stderr);
        return 2;
    }
    printf("port %u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    struct pollfd fd = {.fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN};
    for (;;) {
        MHD_UNSIGNED_LONG_LONG ms;
        int wait = MHD_get_timeout(daemon, &ms) == MHD_YES && ms < 1000 ? (int)ms : 1000;
        poll(&fd, 1, wait);
        MHD_run(daemon);
    }
}
