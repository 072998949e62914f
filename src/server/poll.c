// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/poll.h"

#include "base/err.h"
#include "base/log.h"
#include "outbox/serve.h"
#include "server/loop.h"

/* In the request's arena: it is the turn loop's while the request is held. */
struct poll {
    struct gateway_job job;
    struct serve *serve;
    struct serve_request asked;
    struct request *request;
    int rc;
};

static int poll_run(void *ctx, struct store *s)
{
    struct poll *p = ctx;
    return serve_do(p->serve, &p->asked, s);
}

static void poll_done(void *ctx, int rc)
{
    struct poll *p = ctx;
    p->rc = rc;
    if (rc < 0)
        log_event(LOG_WARN, "fetch not answered", LOG_SPAN("channel", channel_name(p->asked.channel)), LOG_ERR(rc));
    serve_done(p->serve, &p->asked, rc);
    loop_back(p->request); // from here on it is the listener's
}

bool poll_hold(struct request *r, const struct channel *c)
{
    struct loop *l = r->loop;
    struct poll *p = l->parts.intake ? NULL : arena_alloc(r->arena, sizeof *p);
    r->poll = p;
    if (!p)
        return false;
    *p = (struct poll){
        .serve = outbox_serve(l->parts.outbox),
        .asked = {.channel = c, .call = &r->call, .arena = r->arena, .asked_ms = clock_monotonic_ms()},
        .request = r,
    };
    p->job = (struct gateway_job){.fn = poll_run, .done = poll_done, .ctx = p};
    loop_keep(r);
    gateway_post(l->parts.gateway, &p->job);
    return true;
}

bool poll_answer(struct request *r)
{
    if (r->poll->rc == 0)
        request_answer(r, &r->poll->asked.answer);
    return r->poll->rc == 0;
}
