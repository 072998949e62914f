// SPDX-License-Identifier: AGPL-3.0-or-later
/* Channels out of a few lines, for the tests of what channel files say. */
#ifndef WAYMARK_TESTS_CHANNEL_FIXTURE_H
#define WAYMARK_TESTS_CHANNEL_FIXTURE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "channel/set.h"
#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct settings_secret secrets[] = {{SPAN("key"), SPAN("k1")}, {SPAN("user"), SPAN("u1")}};
static const struct settings settings = {
    .parts_answer = 3, .ussd_session_s = 600, .sms_session_s = 7200, .secrets = secrets, .secret_count = 2};

/* Lines 1 to 8; a case's own lines come from line 9 on. */
static const char head[] =
    "title T\nmedium ussd\nreceive POST form\nfield session from form s\nfield from from form p\n"
    "field text from form t\nreply-more {text}\nreply-end {text}\n";

/* What a caller sends to it. */
#define BODY "s=1&p=%2B12025550101&t="

static inline int read_text(const char *first, const char *more, struct diags *d, struct channel **c)
{
    struct str text = STR_INIT(65536);
    str_addf(&text, "%s%s", first, more);
    int rc = channel_read("x/test.channel", str_span(&text), &settings, d, c);
    str_release(&text);
    return rc;
}

/* Decodes a request that has one item. */
static inline int decode(const struct channel *c, struct span tail, const struct wire_request *request, struct arena *a,
                         struct inbound *in, const char **why)
{
    struct channel_call call;
    *in = (struct inbound){0};
    int rc = channel_decode(c, tail, request, a, &call);
    *why = call.why;
    if (rc == 0)
        *in = call.items[0];
    assert_true(rc < 0 || call.count == 1);
    return rc;
}

static inline struct channel *channel_with(const char *more)
{
    struct diags *d = diags_new();
    struct str told = STR_INIT(65536);
    struct channel *c = NULL;
    int rc = read_text(head, more, d, &c);
    diags_text(d, &told);
    if (rc < 0)
        fail_msg("%s", str_z(&told));
    str_release(&told);
    diags_free(d);
    return c;
}

#endif
