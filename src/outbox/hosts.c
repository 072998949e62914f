// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/hosts.h"

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { HOSTS_BYTES_MAX = 1024 * 1024, HOST_KEY_MAX = 300 };

struct hosts {
    struct arena *arena;
    struct map *by_channel; /* name of the channel -> its host, NUL-terminated */
};

/* ---- addresses ---- */

/* A prefix of an address, in network order. */
struct range {
    unsigned char prefix[16];
    unsigned bits;
};

/* RFC 6890 and the IANA IPv4 special-purpose address registry; multicast by RFC 5771. */
static const struct range special_4[] = {
    {{0}, 8},             /* this network, RFC 791 */
    {{10}, 8},            /* private, RFC 1918 */
    {{100, 64}, 10},      /* shared behind an operator's NAT, RFC 6598 */
    {{127}, 8},           /* loopback, RFC 1122 */
    {{169, 254}, 16},     /* link-local, RFC 3927 */
    {{172, 16}, 12},      /* private */
    {{192, 0, 0}, 24},    /* protocol assignments, RFC 6890 */
    {{192, 0, 2}, 24},    /* documentation, RFC 5737 */
    {{192, 88, 99}, 24},  /* 6to4 relays, RFC 7526 */
    {{192, 168}, 16},     /* private */
    {{198, 18}, 15},      /* benchmarks, RFC 2544 */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 4},           /* multicast */
    {{240}, 4},           /* reserved, and broadcast */
};

/* What holds an IPv4 address in its last four bytes: judged by that address. */
static const struct range carriers_6[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, /* IPv4-mapped, RFC 4291 */
    {{0x00, 0x64, 0xff, 0x9b}, 96},                   /* NAT64, RFC 6052 */
};

/* Global unicast (RFC 4291) is this and no more: loopback, ULA, link-local and multicast lie outside. */
static const struct range global_6 = {{0x20}, 3};

/* Within it: the IANA IPv6 special-purpose address registry. */
static const struct range special_6[] = {
    {{0x20, 0x01, 0x00}, 23},       /* protocol assignments, Teredo among them, RFC 2928 */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation, RFC 3849 */
    {{0x20, 0x02}, 16},             /* 6to4, RFC 3056: leads to any IPv4 address */
    {{0x3f, 0xff}, 20},             /* documentation, RFC 9637 */
};

static bool within(const unsigned char *address, const struct range *r)
{
    unsigned whole = r->bits / 8, left = r->bits % 8;
    if (memcmp(address, r->prefix, whole) != 0)
        return false;
    return left == 0 || (address[whole] ^ r->prefix[whole]) >> (8 - left) == 0;
}

static bool within_any(const unsigned char *address, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (within(address, &ranges[i]))
            return true;
    return false;
}

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool public_4(const unsigned char *address)
{
    return !within_any(address, special_4, COUNT(special_4));
}

static bool public_6(const unsigned char *address)
{
    if (within_any(address, carriers_6, COUNT(carriers_6)))
        return public_4(address + 12);
    return within(address, &global_6) && !within_any(address, special_6, COUNT(special_6));
}

bool hosts_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return public_4((const unsigned char *)&in.sin_addr);
    }
    if (address->sa_family != AF_INET6)
        return false;
    struct sockaddr_in6 in;
    memcpy(&in, address, sizeof in);
    return public_6(in.sin6_addr.s6_addr);
}

/* ---- names ---- */

int hosts_url(const char *text, CURLU **out)
{
    CURLU *url = curl_url();
    if (!url)
        return ERR_NOMEM;
    CURLUcode code = curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER);
    if (code == CURLUE_OK) {
        *out = url;
        return 0;
    }
    curl_url_cleanup(url);
    return code == CURLUE_OUT_OF_MEMORY ? ERR_NOMEM : ERR_SYNTAX;
}

/* A channel's hosts: those of its send addresses are numbered, that of its tokens is TOKEN_HOST. */
enum { TOKEN_HOST = -1 };

static int sample(const struct channel *c, int which, struct arena *a, struct wire_request *request)
{
    struct message empty = {.channel = channel_name(c), .attempts = which};
    return which == TOKEN_HOST ? channel_build_token(c, a, request) : channel_build_send(c, &empty, a, request);
}

/* That host in the arena; a channel without a usable address has none. */
static int host_of(const struct channel *c, int which, struct arena *a, char **host)
{
    struct wire_request request;
    CURLU *url = NULL;
    char *part = NULL;
    int rc = sample(c, which, a, &request);
    char *text = rc == 0 ? arena_strdup(a, request.url) : NULL;
    if (rc == 0)
        rc = text ? hosts_url(text, &url) : ERR_NOMEM;
    if (rc == 0 && curl_url_get(url, CURLUPART_HOST, &part, 0) != CURLUE_OK)
        rc = ERR_SYNTAX;
    *host = part ? arena_strdup(a, span_of(part)) : NULL;
    if (part && !*host)
        rc = ERR_NOMEM;
    curl_free(part);
    curl_url_cleanup(url);
    return rc;
}

/* They stand in the map as NAME/-1, NAME/0, NAME/1 ... */
static struct span host_key(const struct channel *c, int which, char *text, size_t size)
{
    int len = snprintf(text, size, "%.*s/%d", SPAN_ARG(channel_name(c)), which);
    return (struct span){text, len > 0 && (size_t)len < size ? (size_t)len : 0};
}

static int host_add(struct hosts *h, const struct channel *c, int which)
{
    char text[HOST_KEY_MAX];
    char *host;
    int rc = host_of(c, which, h->arena, &host);
    struct span key = arena_copy(h->arena, host_key(c, which, text, sizeof text));
    if (rc == 0)
        rc = key.p ? map_put(h->by_channel, key, host) : ERR_NOMEM;
    return rc;
}

static int host_count(const struct channel *c)
{
    return (int)channel_send_hosts(c);
}

static int hosts_fill(struct hosts *h, const struct channel_set *channels)
{
    const struct channel *c;
    for (size_t i = 0; (c = channel_set_at(channels, i)); i++)
        for (int k = channel_needs_token(c) ? TOKEN_HOST : 0; channel_can_send(c) && k < host_count(c); k++)
            if (host_add(h, c, k) == ERR_NOMEM)
                return ERR_NOMEM;
    return 0;
}

int hosts_new(const struct channel_set *channels, struct hosts **out)
{
    struct hosts *h = mem_calloc(1, sizeof *h);
    if (!h)
        return ERR_NOMEM;
    h->arena = arena_new(HOSTS_BYTES_MAX);
    h->by_channel = map_new();
    int rc = h->arena && h->by_channel ? hosts_fill(h, channels) : ERR_NOMEM;
    if (rc < 0)
        hosts_free(h);
    else
        *out = h;
    return rc;
}

void hosts_free(struct hosts *h)
{
    if (!h)
        return;
    map_free(h->by_channel);
    arena_free(h->arena);
    mem_free(h);
}

static bool part_is(CURLU *url, CURLUPart which, const char *expected)
{
    char *part = NULL;
    bool same = curl_url_get(url, which, &part, 0) == CURLUE_OK && span_eq_nocase(span_of(part), span_of(expected));
    curl_free(part);
    return same;
}

static bool is_host(const struct hosts *h, const struct channel *c, int which, CURLU *url)
{
    char text[HOST_KEY_MAX];
    const char *host = map_get(h->by_channel, host_key(c, which, text, sizeof text));
    return host && part_is(url, CURLUPART_HOST, host);
}

/* By https, or by http on one's own network. */
static int check_scheme(const struct channel *c, CURLU *url)
{
    bool encrypted = part_is(url, CURLUPART_SCHEME, "https");
    return encrypted || (channel_private_hosts(c) && part_is(url, CURLUPART_SCHEME, "http")) ? 0 : ERR_REFUSED;
}

int hosts_check(const struct hosts *h, const struct channel *c, CURLU *url)
{
    for (int k = 0; k < host_count(c); k++)
        if (is_host(h, c, k, url))
            return check_scheme(c, url);
    return ERR_REFUSED;
}

int hosts_check_token(const struct hosts *h, const struct channel *c, CURLU *url)
{
    return is_host(h, c, TOKEN_HOST, url) ? check_scheme(c, url) : ERR_REFUSED;
}
