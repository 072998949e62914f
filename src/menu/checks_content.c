// SPDX-License-Identifier: AGPL-3.0-or-later
/* checks_content - only current words: nothing past its date (E51), and a warning in time before it (W50). */
#include "base/clock.h"
#include "menu/checks.h"

enum { DUE_SOON = 30 /* days */, DUE_PART = 3 /* but no more than a third of the time it holds */ };

struct dated {
    const char *what; /* "fact" */
    struct span name, owner;
    int64_t reviewed, due;
    struct place at; /* of its `review-by` */
};

/* What is looked at every month would else be told of from the day it was. */
static bool due_soon(const struct dated *one, int64_t today)
{
    int64_t left = one->due - today;
    return left <= DUE_SOON && left * DUE_PART <= one->due - one->reviewed;
}

static void check_one(struct checking *c, const struct dated *one)
{
    struct date due = date_from_day(one->due);
    if (one->due < c->in->today)
        check_error(c, "E51", one->at,
                    "%s \"%.*s\" was due for review on %04d-%02d-%02d\nlet %.*s look at it, then change its dates",
                    one->what, SPAN_ARG(one->name), due.year, due.month, due.day, SPAN_ARG(one->owner));
    else if (due_soon(one, c->in->today))
        check_warning(c, "W50", one->at,
                      "%s \"%.*s\" is due for review on %04d-%02d-%02d\nlet %.*s look at it before that day", one->what,
                      SPAN_ARG(one->name), due.year, due.month, due.day, SPAN_ARG(one->owner));
}

static bool has_dates(const struct table *t, const struct table_row *row)
{
    return row->due_at.file != t->due_at.file;
}

static void check_table(struct checking *c, const struct table *t)
{
    struct dated one = {"table", t->name, t->owner, t->reviewed_day, t->review_by_day, t->due_at};
    bool whole = false;
    for (size_t i = 0; i < t->row_count; i++)
        whole |= !has_dates(t, &t->rows[i]);
    if (whole)
        check_one(c, &one);
    for (size_t i = 0; i < t->row_count; i++) {
        const struct table_row *row = &t->rows[i];
        one = (struct dated){"row", row->key, t->owner, row->reviewed_day, row->review_by_day, row->due_at};
        if (has_dates(t, row))
            check_one(c, &one);
    }
}

void check_due(struct checking *c)
{
    if (!c->in->dated)
        return;
    for (size_t i = 0; i < c->p->fact_count; i++) {
        const struct fact *f = &c->p->facts[i];
        check_one(c, &(struct dated){"fact", f->name, f->owner, f->reviewed_day, f->review_by_day, f->due_at});
    }
    for (size_t i = 0; i < c->p->table_count; i++)
        check_table(c, &c->p->tables[i]);
}
