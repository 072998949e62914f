// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/checkup.h"

#include "base/err.h"
#include "cli/talks.h"

enum { CHECKUP_ARENA = 8 * 1024 * 1024 };

static bool row_copy(const struct diag *from, struct arena *a, struct diag *to)
{
    *to = *from;
    to->at.file = from->at.file ? arena_strdup(a, span_of(from->at.file)) : NULL;
    to->message = arena_copy(a, from->message);
    to->hint = arena_copy(a, from->hint);
    to->source = arena_copy(a, from->source);
    return to->message.p && to->hint.p && to->source.p;
}

void checkup_release(struct checkup *c)
{
    arena_free(c->a);
    *c = (struct checkup){0};
}

static void talk(struct app *app, struct port_checkup *found)
{
    struct talk_report report = {.coverage = coverage_new(app->program, app->arena)};
    if (!report.coverage || talks_run_all(app, &report) < 0)
        return;
    found->talked = true;
    found->talks = report.talks;
    found->failed = report.failed;
    found->screens = coverage_count(report.coverage, COVERAGE_SCREENS);
    found->screens_seen = coverage_done(report.coverage, COVERAGE_SCREENS, COVERAGE_ANY);
    found->options = coverage_count(report.coverage, COVERAGE_OPTIONS);
    found->options_taken = coverage_done(report.coverage, COVERAGE_OPTIONS, COVERAGE_ANY);
}

/* What there is no memory for is counted and not listed. */
void checkup_keep(struct checkup *c, struct app *app, bool fine, bool talks)
{
    struct clock clock = clock_system();
    checkup_release(c);
    c->a = arena_new(CHECKUP_ARENA);
    c->found = (struct port_checkup){.at_ms = clock.now_ms(clock.ctx), .fine = fine};
    if (talks && fine)
        talk(app, &c->found);
    size_t count = app->diags ? diags_count(app->diags) : 0;
    c->found.errors = app->diags ? diags_errors(app->diags) : 0;
    struct diag *rows = c->a ? arena_array(c->a, count + 1, sizeof *rows) : NULL;
    for (size_t i = 0; rows && i < count && row_copy(diags_at(app->diags, i), c->a, &rows[i]); i++)
        c->found.count = i + 1;
    c->found.rows = rows;
}

int checkup_copy(const struct checkup *c, struct arena *a, struct port_checkup *out)
{
    *out = c->found;
    struct diag *rows = arena_array(a, c->found.count + 1, sizeof *rows);
    for (size_t i = 0; rows && i < c->found.count; i++)
        if (!row_copy(&c->found.rows[i], a, &rows[i]))
            return ERR_NOMEM;
    out->rows = rows;
    return rows ? 0 : ERR_NOMEM;
}
