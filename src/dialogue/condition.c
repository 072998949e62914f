// SPDX-License-Identifier: AGPL-3.0-or-later
/* condition - whether what stands after `when` holds.
 *
 * A name that has no answer is different from every word (`!=` holds, nothing else does). Two whole numbers are
 * compared as numbers, anything else as text, so that dates (YYYY-MM-DD) have their order.
 */
#include "dialogue/step.h"

static bool span_within(const struct settings_span *o, int weekday, int minute)
{
    bool day = o->first_day <= o->last_day ? weekday >= o->first_day && weekday <= o->last_day
                                           : weekday >= o->first_day || weekday <= o->last_day; // fri-mon
    return day && minute >= o->from_minute && minute < o->to_minute;
}

static bool test_has(const struct step *st, const struct test *t)
{
    if (t->index == PROGRAM_NONE)
        return st->s->language[0] != '\0';
    return step_value(st->s, t->index).p != NULL;
}

static bool test_found(const struct step *st, const struct test *t)
{
    (void)t;
    return st->s->found;
}

static bool test_during(const struct step *st, const struct test *t)
{
    const struct settings_hours *h = &st->p->settings->hours[t->index];
    const struct local_time *now = &st->in->local;
    for (size_t i = 0; i < h->closed_count; i++)
        if (h->closed[i] == now->day)
            return false;
    for (size_t i = 0; i < h->open_count; i++)
        if (span_within(&h->open[i], now->weekday, now->minute))
            return true;
    return false;
}

static bool test_consent(const struct step *st, const struct test *t)
{
    return condition_agreed(st, t->index);
}

static int compare(struct span a, struct span b)
{
    int64_t x, y;
    if (span_int(a, &x) == 0 && span_int(b, &y) == 0)
        return (x > y) - (x < y);
    return span_cmp(a, b);
}

static bool test_compare(const struct step *st, const struct test *t)
{
    struct span value = t->index == PROGRAM_NONE ? span_of(st->s->language) : step_value(st->s, t->index);
    if (!value.len)
        return t->op == TEST_NE;
    int order = compare(value, t->word);
    const bool holds[] = {
        [TEST_EQ] = order == 0,
        [TEST_NE] = order != 0,
        [TEST_LT] = order<0, [TEST_LE] = order <= 0, [TEST_GT] = order> 0,
        [TEST_GE] = order >= 0,
    };
    return holds[t->op];
}

static bool (*const tests[])(const struct step *, const struct test *) = {
    [TEST_HAS] = test_has,         [TEST_FOUND] = test_found,     [TEST_DURING] = test_during,
    [TEST_CONSENT] = test_consent, [TEST_COMPARE] = test_compare,
};

static bool holds_now(const struct step *st, const struct condition *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct test *t = &c->tests[i];
        bool holds = tests[t->kind](st, t) != t->negated;
        if (holds == c->any) // one that holds settles an "or", one that does not an "and"
            return holds;
    }
    return c->count == 0 || !c->any;
}

bool condition_holds(const struct step *st, const struct condition *c)
{
    bool held = holds_now(st, c);
    if (c->count && st->in->watch)
        st->in->watch->decided(st->in->watch->ctx, c, held);
    return held;
}

bool condition_agreed(const struct step *st, uint16_t consent)
{
    if (st->agreed && st->agreed[consent])
        return true;
    const struct consent *c = &st->p->consents[consent];
    const struct person *who = st->in->person;
    for (size_t i = 0; i < who->consent_count; i++)
        if (span_eq(who->consents[i].name, c->name) && span_eq(who->consents[i].version, c->version))
            return true;
    return false;
}
