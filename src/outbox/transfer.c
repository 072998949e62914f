// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/transfer.h"

#include "base/err.h"
#include "outbox/outbox.h"

#include <limits.h>
#include <string.h>
#include <sys/socket.h>

enum { TRANSFER_BYTES_MAX = 512 * 1024, URL_BYTES_MAX = 32 * 1024, HEADERS_MAX = 256 };

int transfer_init(struct transfer *t)
{
    *t = (struct transfer){.answer = STR_INIT(OUTBOX_ANSWER_MAX)};
    t->easy = curl_easy_init();
    t->arena = arena_new(TRANSFER_BYTES_MAX);
    return t->easy && t->arena ? 0 : ERR_NOMEM;
}

void transfer_clear(struct transfer *t)
{
    curl_easy_reset(t->easy); // it points into what is freed next
    curl_slist_free_all(t->headers);
    curl_url_cleanup(t->url);
    arena_reset(t->arena);
    str_clear(&t->answer);
    t->channel = NULL;
    t->headers = NULL;
    t->url = NULL;
    t->received = 0;
    t->refused = t->plain = false;
    t->status = 0;
}

void transfer_release(struct transfer *t)
{
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    curl_url_cleanup(t->url);
    arena_free(t->arena);
    str_release(&t->answer);
}

/* ---- what libcurl asks ---- */

/* Private addresses only where the channel says so, and nothing unencrypted to any other. */
static bool may_call(const struct transfer *t, const struct sockaddr *address)
{
    return hosts_public(address) ? !t->plain : channel_private_hosts(t->channel);
}

/* Here the name has been resolved: the last moment to see where it leads, and the only one that no second answer of a
 * name server can slip past. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *t = ctx;
    if (purpose != CURLSOCKTYPE_IPCXN || !may_call(t, &address->addr)) {
        t->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool count_bytes(struct transfer *t, size_t more)
{
    t->received += more;
    return t->received <= OUTBOX_ANSWER_MAX;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *ctx)
{
    (void)bytes; // kept by libcurl itself; here they are only counted
    return count_bytes(ctx, size * count) ? size * count : 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    if (!count_bytes(t, size * count))
        return 0;
    str_add(&t->answer, (struct span){bytes, size * count});
    return str_err(&t->answer) == 0 ? size * count : 0;
}

/* ---- the request ---- */

/* What a request is for: messages and tokens have hosts of their own. */
enum purpose { PURPOSE_MESSAGE, PURPOSE_TOKEN };

static int set_url(struct transfer *t, const struct wire_request *r, enum purpose purpose,
                   const struct transfer_limits *limits)
{
    struct str text = STR_INIT(URL_BYTES_MAX);
    str_add(&text, r->url);
    if (r->query.len)
        str_addc(&text, '?');
    str_add(&text, r->query);
    int rc = str_err(&text);
    t->plain = !span_eq_nocase(span_first(r->url, strlen("https:")), SPAN("https:"));
    if (rc == 0)
        rc = hosts_url(str_z(&text), &t->url);
    str_release(&text);
    if (rc == 0)
        rc = (purpose == PURPOSE_TOKEN ? hosts_check_token : hosts_check)(limits->hosts, t->channel, t->url);
    return rc;
}

static bool one_line(struct span s)
{
    return span_find(s, '\r') == s.len && span_find(s, '\n') == s.len && span_find(s, '\0') == s.len;
}

static int add_header(struct transfer *t, struct span name, struct span value)
{
    if (!name.len || !one_line(name) || !one_line(value))
        return ERR_SYNTAX;
    // CURLOPT_HTTPHEADER: "Name;" sends a header without a value, "Name:" would remove it
    struct span line = arena_printf(t->arena, "%.*s%s%.*s", SPAN_ARG(name), value.len ? ": " : ";", SPAN_ARG(value));
    struct curl_slist *list = line.p ? curl_slist_append(t->headers, line.p) : NULL;
    if (!list)
        return ERR_NOMEM;
    t->headers = list;
    return 0;
}

static int set_headers(struct transfer *t, const struct wire_request *r)
{
    int rc = 0;
    for (size_t i = 0; i < r->header_count && rc == 0; i++)
        rc = add_header(t, r->headers[i].name, r->headers[i].value);
    return rc;
}

static const struct {
    CURLoption option;
    long value;
} fixed[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1}, // one request a connection at a time: what was sent is then known
};

static bool set_limits(struct transfer *t, const struct transfer_limits *limits)
{
    CURL *e = t->easy;
    bool private = channel_private_hosts(t->channel), ok = true;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        ok &= curl_easy_setopt(e, fixed[i].option, fixed[i].value) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, private ? "http,https" : "https") == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_PROXY, "") == CURLE_OK; // also what the environment says is not used
    ok &= curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)limits->timeout_ms) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)limits->timeout_ms) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t) == CURLE_OK;
    // A connection made while private addresses were allowed must not serve a channel that does not allow them.
    ok &= curl_easy_setopt(e, CURLOPT_FORBID_REUSE, (long)private) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_HEADERDATA, t) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK;
    return ok && curl_easy_setopt(e, CURLOPT_WRITEDATA, t) == CURLE_OK;
}

/* `kept`: a connection that is kept may serve. On one that dies without an answer libcurl itself would send the request
 * again. */
static bool set_request(struct transfer *t, const struct wire_request *r, bool kept)
{
    CURL *e = t->easy;
    bool ok = curl_easy_setopt(e, CURLOPT_CURLU, t->url) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_USERAGENT, "Waymark") == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, (long)!kept) == CURLE_OK;
    if (span_is(r->method, "GET"))
        return ok;
    const char *method = arena_strdup(t->arena, r->method);
    ok &= curl_easy_setopt(e, CURLOPT_POST, 1L) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.len) == CURLE_OK;
    ok &= curl_easy_setopt(e, CURLOPT_POSTFIELDS, r->body.len ? r->body.p : "") == CURLE_OK;
    return ok && method && curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK;
}

static int begin(struct transfer *t, CURLM *multi, const struct wire_request *request, enum purpose purpose, bool kept,
                 const struct transfer_limits *limits)
{
    int rc = set_url(t, request, purpose, limits);
    if (rc == 0)
        rc = set_headers(t, request);
    if (rc == 0 && (!set_limits(t, limits) || !set_request(t, request, kept)))
        rc = ERR_NOMEM;
    if (rc == 0 && curl_multi_add_handle(multi, t->easy) != CURLM_OK)
        rc = ERR_NOMEM;
    return rc;
}

int transfer_start(struct transfer *t, CURLM *multi, const struct channel *c, const struct message *m,
                   const struct channel_pass *pass, const struct transfer_limits *limits)
{
    struct wire_request request;
    t->channel = c;
    int rc = channel_build_send(c, m, t->arena, &request);
    if (rc == 0)
        rc = channel_authorize(c, pass, t->arena, &request);
    return rc < 0 ? rc : begin(t, multi, &request, PURPOSE_MESSAGE, m->class == MESSAGE_ANSWER, limits);
}

int transfer_start_token(struct transfer *t, CURLM *multi, const struct channel *c,
                         const struct transfer_limits *limits)
{
    struct wire_request request;
    t->channel = c;
    int rc = channel_build_token(c, t->arena, &request);
    return rc < 0 ? rc : begin(t, multi, &request, PURPOSE_TOKEN, false, limits);
}

/* ---- the answer ---- */

static int read_headers(struct transfer *t, struct wire_response *out)
{
    struct wire_field *list = NULL;
    struct curl_header *h = NULL;
    size_t count = 0;
    while (count < HEADERS_MAX && (h = curl_easy_nextheader(t->easy, CURLH_HEADER, -1, h))) {
        struct wire_field *grown = arena_grow(t->arena, list, count, sizeof *list);
        if (!grown)
            return ERR_NOMEM;
        list = grown;
        list[count++] = (struct wire_field){.name = span_of(h->name), .value = span_of(h->value)};
    }
    out->headers = list;
    out->header_count = count;
    out->content_type = wire_header(list, count, "content-type");
    return 0;
}

/* RFC 9110, section 10.2.3: seconds, or a date, which libcurl has turned into seconds. */
static int retry_after(struct transfer *t)
{
    curl_off_t after = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
    return (int)(after < 0 ? 0 : after > INT_MAX ? INT_MAX : after);
}

static int take_answer(struct transfer *t, struct wire_response *answer)
{
    *answer = (struct wire_response){.status = t->status, .body = str_span(&t->answer)};
    return read_headers(t, answer);
}

static void read_answer(struct transfer *t, struct send_result *out)
{
    struct wire_response answer;
    int rc = take_answer(t, &answer);
    if (rc == 0)
        rc = channel_read_send(t->channel, &answer, t->arena, out);
    if (rc < 0)
        out->outcome = SEND_UNKNOWN; // an answer came, and there was no memory to read it
    if ((out->outcome == SEND_RETRY || out->outcome == SEND_THROTTLED) && out->after_s == 0)
        out->after_s = retry_after(t);
}

/* Whether any byte of the request left. Bytes of a TLS record that was not completed do not count: nobody can read
 * them. */
static bool was_sent(struct transfer *t)
{
    long bytes = 0;
    return curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &bytes) != CURLE_OK || bytes > 0;
}

static void take_out(struct transfer *t, CURLM *multi)
{
    long status = 0;
    curl_multi_remove_handle(multi, t->easy);
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    t->status = (int)status;
}

void transfer_end(struct transfer *t, CURLM *multi, CURLcode code, struct send_result *out)
{
    take_out(t, multi);
    out->outcome = was_sent(t) ? SEND_UNKNOWN : SEND_RETRY;
    if (code == CURLE_OK)
        read_answer(t, out);
}

int transfer_end_token(struct transfer *t, CURLM *multi, CURLcode code, struct channel_token *out)
{
    struct wire_response answer;
    *out = (struct channel_token){0};
    take_out(t, multi);
    if (code != CURLE_OK)
        return t->refused ? ERR_REFUSED : ERR_IO;
    int rc = take_answer(t, &answer);
    return rc < 0 ? rc : channel_read_token(t->channel, &answer, t->arena, out);
}
