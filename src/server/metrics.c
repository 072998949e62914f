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
    {"waymark_failed_total", "Turns that could not be stored.", offsetof(struct gateway_stats, failed)},
    {"waymark_repeats_total", "Repeated requests, given the stored answer.", offsetof(struct gateway_stats, repeats)},
    {"waymark_commits_total", "Groups of turns committed.", offsetof(struct gateway_stats, commits)},
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

void metrics_serve(struct request *r)
{
    struct gateway_stats stats = {0};
    gateway_stats(r->loop->gateway, &stats);
    struct str page = STR_INIT(METRICS_MAX);
    metrics_write(&page, &stats);
    struct span body = str_err(&page) ? (struct span){0} : arena_copy(r->arena, str_span(&page));
    str_release(&page);
    if (!body.p)
        request_say(r, 503, "out of memory");
    else
        request_answer(r, &(struct wire_response){.status = 200,
                                                  .content_type = SPAN("text/plain; version=0.0.4; charset=utf-8"),
                                                  .body = body});
}
