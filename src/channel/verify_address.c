// SPDX-License-Identifier: AGPL-3.0-or-later
/* Lists of addresses. Behind a proxy of ours (`trusted-proxy`) the caller is the last address in X-Forwarded-For that
 * is not such a proxy: what stands before it anybody may have written. */
#include "channel/guard.h"

#include "base/err.h"

/* Takes the last element off a list with commas. */
static struct span take_last(struct span *list)
{
    size_t from = list->len;
    while (from && list->p[from - 1] != ',')
        from--;
    struct span last = span_trim(span_from(*list, from));
    *list = span_first(*list, from ? from - 1 : 0);
    return last;
}

/* Walks back through the hops of one header; true where `ip` is now the caller's, or cannot be known. */
static bool walk_back(const struct settings *s, struct span hops, struct ip *ip, int *rc)
{
    while (hops.len) {
        *rc = ip_read(take_last(&hops), ip);
        if (*rc < 0 || !ip_within(ip, s->proxies, s->proxy_count))
            return true;
    }
    return false;
}

/* RFC 9110, section 5.3: several fields of one name are one list, in their order. */
static int caller(const struct reader *r, struct ip *ip)
{
    const struct settings *s = r->c->settings;
    const struct wire_request *q = r->request;
    int rc = ip_read(q->peer, ip);
    if (rc < 0 || !ip_within(ip, s->proxies, s->proxy_count))
        return rc;
    for (size_t i = q->header_count; i-- > 0;)
        if (span_eq_nocase(q->headers[i].name, SPAN("x-forwarded-for")) && walk_back(s, q->headers[i].value, ip, &rc))
            return rc;
    return rc; // only proxies of ours took part
}

int verify_address(struct reader *r, const struct guard *g)
{
    struct ip ip;
    return caller(r, &ip) == 0 && ip_within(&ip, g->ranges, g->range_count) ? 0 : ERR_AUTH;
}
