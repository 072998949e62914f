// SPDX-License-Identifier: AGPL-3.0-or-later
/* wire - an HTTP request and response as values.
 *
 * Nothing here knows a socket. All spans belong to whoever made the value (a connection, an arena) and live as long as
 * it.
 */
#ifndef WAYMARK_WIRE_WIRE_H
#define WAYMARK_WIRE_WIRE_H

#include "base/arena.h"
#include "base/span.h"

struct wire_field {
    struct span name, value;
};

struct wire_request {
    struct span method; /* "GET", "POST" */
    struct span url;    /* inbound: path without query; outbound: absolute URL */
    struct span query;  /* raw, without "?"; empty: none */
    const struct wire_field *headers;
    size_t header_count;
    struct span body; /* raw bytes */
    struct span peer; /* address of the other end in text, for allow-lists; empty: unknown */
    int64_t at_s;     /* inbound: when it came, for replay windows */
};

struct wire_response {
    int status; /* 100..599 */
    struct span content_type;
    const struct wire_field *headers; /* besides Content-Type */
    size_t header_count;
    struct span body;
    void *stream; /* of whoever answers: the body goes on after this (console.h); NULL: this is all of it */
};

/** The first header called `name` (case-insensitive), or the empty span with p NULL. */
struct span wire_header(const struct wire_field *headers, size_t count, const char *name);

/** Decodes application/x-www-form-urlencoded text (a query or a body) into `fields`, in order.
 * WHATWG URL, section 5.1: "+" is a blank, a bad escape stands for itself. ERR_LIMIT past 256 fields, ERR_NOMEM,
 * ERR_SYNTAX for a value that is not UTF-8 or holds a NUL byte. What needs no decoding points into `text`. */
int wire_form_decode(struct span text, struct arena *a, struct wire_field **fields, size_t *count);

/** The same for fields in any charset: their bytes are not looked at. */
int wire_form_bytes(struct span text, struct arena *a, struct wire_field **fields, size_t *count);

/** Decodes "+" and "%41" as a form does, whatever bytes come out. {NULL, 0} when out of memory. */
struct span wire_percent_decode(struct span text, struct arena *a);

/** Appends name=value pairs, percent-encoded, joined with "&". {NULL, 0} when out of memory. */
struct span wire_form_encode(const struct wire_field *fields, size_t count, struct arena *a);

/** Percent-encodes all but unreserved characters (RFC 3986, section 2.3). {NULL, 0} when out of memory. */
struct span wire_percent_encode(struct span text, struct arena *a);

/** The value called `name`, or the empty span with p NULL. */
struct span wire_field_get(const struct wire_field *fields, size_t count, struct span name);

#endif
