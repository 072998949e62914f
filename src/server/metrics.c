// SPDX-License-Identifier: AGPL-3.0-or-later
#include "server/metrics.h"

#include "base/err.h"
#include "server/loop.h"

#include <inttypes.h>

enum { METRICS_MAX = 64 * 1024 }; // bytes of the page

static const struct counter {
    const char *name, *help;
    size_t offset; // in struct gateway_stats
} COUNTERS[] = {
    {"waymark_turns_total", "Turns committed.", offsetof(struct gateway_stats, turns)},
    {"waymark_shed_total", "Turns refused because too many waited.", offsetof(struct gateway_stats, shed)},
    {"waymark_late_total", "Turns that waited past their deadline.", offsetof(struct gateway_stats, late)},
    {"waymark_adrift_total", "Turns answered while nothing could be stored.", offsetof(struct gateway_stats, adrift)},
    {"waymark_failed_total", "Turns that could not be stored.", offsetof(struct gateway_stats, failed)},
    {"waymark_repeats_total", "Repeated requests, given the stored answer.", offsetof(struct gateway_stats, repeats)},
    {"waymark_commits_total", "Groups of turns committed.", offsetof(struct gateway_stats, commits)},
    {"waymark_opt_outs_total", "Stops that aggregators took themselves.", offsetof(struct gateway_stats, opt_outs)},
    {"waymark_looped_total", "Answers by SMS not given: the same had been said too often.",
     offsetof(struct gateway_stats, looped)},
    {"waymark_echoes_total", "SMS not answered: our own words came back.", offsetof(struct gateway_stats, echoes)},
    {"waymark_automatic_total", "SMS not answered: no person wrote them.", offsetof(struct gateway_stats, automatic)},
    {"waymark_incomplete_total", "Long messages of which parts never came.",
     offsetof(struct gateway_stats, incomplete)},
    {"waymark_unanswerable_total", "SMS from names and short codes.", offsetof(struct gateway_stats, unanswerable)},
};

static void metrics_write(struct str *page, const struct gateway_stats *stats)
{
    for (size_t i = 0; i < sizeof COUNTERS / sizeof *COUNTERS; i++) {
        const struct counter *c = &COUNTERS[i];
        uint64_t n;
        memcpy(&n, (const char *)stats + c->offset, sizeof n);
        str_addf(page, "# HELP %s %s\n# TYPE %s counter\n%s %" PRIu64 "\n", c->name, c->help, c->name, c->name, n);
    }
    str_addf(page,
             "# HELP waymark_queue_waiting Turns that wait now.\n# TYPE waymark_queue_waiting gauge\n"
             "waymark_queue_waiting %" PRIu32 "\n",
             stats->waiting);
    str_addf(page,
             "# HELP waymark_build_info The program's version.\n# TYPE waymark_build_info gauge\n"
             "waymark_build_info{version=\"%s\"} 1\n",
             WAYMARK_VERSION);
}

/* ---- messages ---- */

static const char *const EVENTS[OUTBOX_COUNTS] = {
    [OUTBOX_COUNT_ACCEPTED] = "accepted",     [OUTBOX_COUNT_RETRIED] = "not_accepted",
    [OUTBOX_COUNT_REFUSED] = "refused",       [OUTBOX_COUNT_OPTED_OUT] = "opted_out",
    [OUTBOX_COUNT_THROTTLED] = "too_fast",    [OUTBOX_COUNT_UNKNOWN] = "answer_lost",
    [OUTBOX_COUNT_GIVEN_UP] = "given_up",     [OUTBOX_COUNT_EXPIRED] = "too_old",
    [OUTBOX_COUNT_CANCELLED] = "cancelled",   [OUTBOX_COUNT_QUIET] = "put_off_quiet",
    [OUTBOX_COUNT_CAPPED] = "put_off_hourly", [OUTBOX_COUNT_OPENED] = "breaker_opened",
};

static void head(struct str *page, const char *name, const char *help, const char *type)
{
    str_addf(page, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void lane_write(struct str *page, const struct outbox_lane_stats *lane)
{
    for (size_t i = 0; i < OUTBOX_COUNTS; i++)
        str_addf(page, "waymark_messages_total{channel=\"%.*s\",event=\"%s\"} %" PRIu64 "\n", SPAN_ARG(lane->channel),
                 EVENTS[i], lane->counts[i]);
}

static int64_t waiting_of(const struct outbox_lane_stats *lane)
{
    return lane->waiting;
}

static int64_t under_way_of(const struct outbox_lane_stats *lane)
{
    return lane->under_way;
}

static int64_t fetched_of(const struct outbox_lane_stats *lane)
{
    return lane->fetched_ms / 1000;
}

static int64_t breaker_of(const struct outbox_lane_stats *lane)
{
    return lane->breaker;
}

static const struct gauge {
    const char *name, *help;
    int64_t (*of)(const struct outbox_lane_stats *lane);
} GAUGES[] = {
    {"waymark_messages_waiting", "Messages that wait, as of a few seconds ago.", waiting_of},
    {"waymark_messages_under_way", "Messages being sent now, or fetched and not confirmed.", under_way_of},
    {"waymark_fetched_time_seconds", "When messages were last fetched; 0: not since the start, or they are sent.",
     fetched_of},
    {"waymark_breaker", "0 closed, 1 open: nothing is sent, 2 open and one message tries.", breaker_of},
};

static void outbox_write(struct str *page, const struct outbox *o)
{
    struct outbox_lane_stats lane;
    head(page, "waymark_messages_total", "What became of messages, attempt by attempt.", "counter");
    for (size_t i = 0; outbox_stats(o, i, &lane); i++)
        lane_write(page, &lane);
    for (size_t g = 0; g < sizeof GAUGES / sizeof *GAUGES; g++) {
        head(page, GAUGES[g].name, GAUGES[g].help, "gauge");
        for (size_t i = 0; outbox_stats(o, i, &lane); i++)
            str_addf(page, "%s{channel=\"%.*s\"} %" PRId64 "\n", GAUGES[g].name, SPAN_ARG(lane.channel),
                     GAUGES[g].of(&lane));
    }
}

void metrics_serve(struct request *r)
{
    struct gateway_stats stats = {0};
    if (r->loop->parts.intake) {
        request_say(r, 200, "waymark_locked 1");
        return;
    }
    gateway_stats(r->loop->parts.gateway, &stats);
    struct str page = STR_INIT(METRICS_MAX);
    metrics_write(&page, &stats);
    if (r->loop->parts.outbox)
        outbox_write(&page, r->loop->parts.outbox);
    struct span body = str_err(&page) ? (struct span){0} : arena_copy(r->arena, str_span(&page));
    str_release(&page);
    if (!body.p)
        request_say(r, 503, "out of memory");
    else
        request_answer(r, &(struct wire_response){.status = 200,
                                                  .content_type = SPAN("text/plain; version=0.0.4; charset=utf-8"),
                                                  .body = body});
}
