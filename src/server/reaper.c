// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/reaper.h"

#include "server/server.h"

#include <linux/tcp.h> // glibc's tcp_info ends before tcpi_bytes_received
#include <netinet/in.h>
#include <sys/socket.h>

static const int64_t LIMIT_MS[] = {
    [LINK_IDLE] = SERVER_IDLE_S * 1000LL,
    [LINK_ARRIVING] = SERVER_REQUEST_S * 1000LL,
    [LINK_HELD] = INT64_MAX,
    [LINK_ANSWERING] = SERVER_REQUEST_S * 1000LL,
};

void link_add(struct link **list, struct link *l)
{
    l->at = list;
    l->next = *list;
    if (l->next)
        l->next->at = &l->next;
    *list = l;
}

void link_remove(struct link *l)
{
    *l->at = l->next;
    if (l->next)
        l->next->at = l->at;
}

void link_phase(struct link *l, enum link_phase phase, int64_t now_ms)
{
    l->requests += l->phase != LINK_IDLE && phase == LINK_IDLE;
    l->phase = phase;
    l->since_ms = now_ms;
}

static uint64_t bytes_received(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) ? 0 : info.tcpi_bytes_received;
}

/* libmicrohttpd tells us of a request when its first line is whole; that bytes of one have come, only the system knows.
 */
static void notice_first_bytes(struct link *l, int64_t now_ms)
{
    uint64_t bytes = bytes_received(l->fd);
    bool more = bytes != l->bytes_seen && l->requests == l->requests_seen;
    l->bytes_seen = bytes;
    l->requests_seen = l->requests;
    if (more)
        link_phase(l, LINK_ARRIVING, now_ms);
}

size_t reaper_look(struct link *list, int64_t now_ms)
{
    size_t reaped = 0;
    for (struct link *l = list; l; l = l->next) {
        if (l->phase == LINK_IDLE)
            notice_first_bytes(l, now_ms);
        if (now_ms - l->since_ms <= LIMIT_MS[l->phase])
            continue;
        shutdown(l->fd, SHUT_RDWR); // libmicrohttpd sees the end of the stream and closes
        link_phase(l, l->phase, now_ms);
        reaped++;
    }
    return reaped;
}
