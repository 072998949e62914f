// SPDX-License-Identifier: AGPL-3.0-or-later
/* checks_content - only current words. */
#include "base/clock.h"
#include "menu/checks.h"

void check_due(struct checking *c)
{
    for (size_t i = 0; c->in->dated && i < c->p->fact_count; i++) {
        const struct fact *fact = &c->p->facts[i];
        if (fact->review_by_day >= c->in->today)
            continue;
        struct date due = date_from_day(fact->review_by_day);
        check_error(c, "E51", fact->due_at,
                    "fact \"%.*s\" was due for review on %04d-%02d-%02d\nlet %.*s look at it, then change its dates",
                    SPAN_ARG(fact->name), due.year, due.month, due.day, SPAN_ARG(fact->owner));
    }
}
