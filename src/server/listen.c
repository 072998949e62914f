// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/listen.h"

#include "base/err.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static int port_read(const char *text, in_port_t *port)
{
    int64_t n;
    int rc = span_int(span_of(text), &n);
    if (rc || n < 0 || n > 65535)
        return ERR_SYNTAX;
    *port = htons((uint16_t)n);
    return 0;
}

static int address_read(const char *text, union address *a, socklen_t *len)
{
    char host[LISTEN_TEXT];
    const char *colon = strrchr(text, ':');
    if (!colon)
        return ERR_SYNTAX;
    bool v6 = text[0] == '[' && colon[-1] == ']';
    struct span inner =
        v6 ? (struct span){text + 1, (size_t)(colon - text) - 2} : (struct span){text, (size_t)(colon - text)};
    if (inner.len >= sizeof host)
        return ERR_SYNTAX;
    snprintf(host, sizeof host, "%.*s", SPAN_ARG(inner));
    *a = (union address){.any.sa_family = v6 ? AF_INET6 : AF_INET};
    *len = v6 ? sizeof a->v6 : sizeof a->v4;
    if (inet_pton(a->any.sa_family, host, v6 ? (void *)&a->v6.sin6_addr : (void *)&a->v4.sin_addr) != 1)
        return ERR_SYNTAX;
    return port_read(colon + 1, v6 ? &a->v6.sin6_port : &a->v4.sin_port);
}

static void address_write(const union address *a, char text[LISTEN_TEXT])
{
    char host[INET6_ADDRSTRLEN] = "";
    if (a->any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &a->v6.sin6_addr, host, sizeof host);
        snprintf(text, LISTEN_TEXT, "[%s]:%d", host, ntohs(a->v6.sin6_port));
    } else {
        inet_ntop(AF_INET, &a->v4.sin_addr, host, sizeof host);
        snprintf(text, LISTEN_TEXT, "%s:%d", host, ntohs(a->v4.sin_port));
    }
}

int listen_open(const char *address, int *fd)
{
    union address a;
    socklen_t len;
    int rc = address_read(address, &a, &len);
    if (rc)
        return rc;
    int s = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s < 0)
        return ERR_IO;
    int on = 1;
    // [::]:P means IPv6 alone, so that an IPv4 peer never appears in two spellings
    bool opened = setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                  (a.any.sa_family != AF_INET6 || setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
                  bind(s, &a.any, len) == 0 && listen(s, LISTEN_BACKLOG) == 0;
    if (!opened) {
        int saved = errno;
        close(s);
        errno = saved;
        return ERR_IO;
    }
    *fd = s;
    return 0;
}

int listen_address(int fd, char text[LISTEN_TEXT])
{
    union address a = {0};
    socklen_t len = sizeof a;
    if (getsockname(fd, &a.any, &len) < 0)
        return ERR_IO;
    address_write(&a, text);
    return 0;
}

void listen_allow_files(size_t files)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= files)
        return;
    limit.rlim_cur = files < limit.rlim_max ? files : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit); // best effort: without it fewer connections are accepted
}
