// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/hook.h"

#include "base/err.h"
#include "server/loop.h"
#include "server/poll.h"
#include "server/routes.h"

static const char RETRY_AFTER_S[] = "15";

static void hook_again_later(struct request *r)
{
    request_say_with(r, 503, "could not be stored, send it again", "Retry-After", RETRY_AFTER_S);
}

/* The answer in the channel's own form; `screen` NULL: an acknowledgement. */
static void hook_encode(struct request *r, const struct screen *screen)
{
    struct wire_response answer = {0};
    if (channel_encode(r->turn.channel, &r->call, screen, r->arena, &answer))
        hook_again_later(r);
    else
        request_answer(r, &answer);
}

static void hook_wrong_method(struct request *r, const struct channel *c)
{
    bool get = channel_accepts(c, SPAN("GET")), post = channel_accepts(c, SPAN("POST"));
    request_say_with(r, 405, "not with this method", "Allow", get && post ? "GET, POST" : get ? "GET" : "POST");
}

static void hook_refuse(struct request *r, int rc, const char *why)
{
    static const struct {
        int rc, status;
    } STATUS[] = {{ERR_SYNTAX, 400}, {ERR_LIMIT, 400}, {ERR_RANGE, 400}, {ERR_AUTH, 403}, {ERR_MISSING, 404}};
    for (size_t i = 0; i < sizeof STATUS / sizeof *STATUS; i++)
        if (STATUS[i].rc == rc) {
            request_say(r, STATUS[i].status, why ? why : err_text(rc));
            return;
        }
    hook_again_later(r);
}

static int hook_decode(struct request *r, const struct channel *c, struct span tail)
{
    struct span plain;
    int rc = path_decode(tail, r->arena, &plain);
    r->wire.at_s = r->loop->parts.clock.now_ms(r->loop->parts.clock.ctx) / 1000;
    if (rc == 0)
        rc = channel_decode(c, plain, &r->wire, r->arena, &r->call);
    if (rc)
        return rc;
    r->turn = (struct turn){
        .channel = c, .in = r->call.items[0], .arena = r->arena, .done = loop_done, .sink = r->loop, .owner = r};
    return r->call.count > 1 && !channel_call_serves(c, &r->call) ? request_turns(r) : 0;
}

static void hook_poll(struct request *r, const struct channel *c)
{
    if (!poll_hold(r, c))
        hook_again_later(r);
}

void hook_serve(struct request *r)
{
    struct span tail = r->tail, name = {0};
    span_split(&tail, '/', &name);
    const struct channel *c = channel_set_get(r->loop->parts.channels, name);
    if (!c) {
        request_say(r, 404, "no such channel");
        return;
    }
    if (!channel_accepts(c, r->wire.method)) {
        hook_wrong_method(r, c);
        return;
    }
    int rc = hook_decode(r, c, tail);
    if (rc)
        hook_refuse(r, rc, r->call.why);
    else if (channel_call_serves(c, &r->call))
        hook_poll(r, c);
    else if (r->call.count == 1 && r->turn.in.kind == INBOUND_IGNORED &&
             !r->turn.in.text.p) // a text that cannot be answered is counted
        hook_encode(r, NULL);
    else
        loop_hold(r);
}

/* Whether somebody is looking at a phone that waits for a screen. */
static bool hook_dialled(const struct request *r)
{
    return r->turn.in.kind == INBOUND_TURN && r->turn.in.medium == MEDIUM_USSD;
}

static bool turn_stored(const struct turn *t)
{
    return t->outcome == TURN_ANSWERED || t->outcome == TURN_ACCEPTED;
}

/* Of several items each must be stored, or all are sent again: those that were stored are known as repeats then. */
static bool hook_stored(struct request *r)
{
    for (size_t i = 0; i < r->call.count; i++)
        if (!turn_stored(request_turn(r, i)))
            return false;
    return true;
}

static void hook_turned(struct request *r)
{
    // the gateway gives a screen with every failure; this one is for when there was no memory even for that
    static const struct screen last_resort = {
        .text = {.p = "Busy. Please dial again.", .len = sizeof "Busy. Please dial again." - 1}};
    const struct turn *t = &r->turn;
    bool shows = t->has_screen && r->call.count == 1; // several are acknowledged once
    if (hook_stored(r))
        hook_encode(r, t->outcome == TURN_ANSWERED && shows ? &t->screen : NULL);
    else if (hook_dialled(r))
        hook_encode(r, shows ? &t->screen : &last_resort);
    else
        hook_again_later(r);
}

void hook_resume(struct request *r)
{
    if (!r->poll)
        hook_turned(r);
    else if (!poll_answer(r))
        hook_again_later(r);
}
