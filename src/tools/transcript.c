// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/transcript.h"

#include "base/clock.h"

static const char *const medium_words[] = {[MEDIUM_USSD] = "ussd", [MEDIUM_SMS] = "sms"};

void transcript_init(struct transcript *t)
{
    *t = (struct transcript){.lines = STR_INIT(TRANSCRIPT_MAX)};
}

void transcript_release(struct transcript *t)
{
    str_release(&t->lines);
}

/* The number is one of those that belong to nobody. */
static void add_phone(struct transcript *t, enum medium medium)
{
    if (t->begun && t->medium == medium)
        return;
    t->medium = medium;
    str_addf(&t->lines, "phone +12025550101 %s", medium_words[medium]);
    if (t->page.units)
        str_addf(&t->lines, " %d %d", t->page.septets, t->page.units);
    str_addc(&t->lines, '\n');
}

static void add_time(struct transcript *t, struct local_time at)
{
    if (t->begun && t->at.day == at.day && t->at.minute == at.minute)
        return;
    t->at = at;
    struct date d = date_from_day(at.day);
    str_addf(&t->lines, "at %04d-%02d-%02d %02d:%02d\n", d.year, d.month, d.day, at.minute / 60, at.minute % 60);
}

/* A reference is drawn anew in every run, so any will do. */
static void add_words(struct str *out, struct span line, struct span reference)
{
    for (size_t i = 0; i < line.len;) {
        bool here = reference.len && span_starts(span_from(line, i), reference);
        if (here)
            str_addz(out, "{ref}");
        else
            str_addc(out, line.p[i]);
        i += here ? reference.len : 1;
    }
}

static void add_shown(struct transcript *t, struct span text, struct span reference)
{
    struct span line;
    for (const char *mark = "<"; span_split(&text, '\n', &line); mark = "|") {
        str_addf(&t->lines, "%s ", mark);
        add_words(&t->lines, line, reference);
        str_addc(&t->lines, '\n');
        if (t->brief && text.len) {
            str_addz(&t->lines, "| ...\n");
            return;
        }
    }
}

void transcript_add(struct transcript *t, enum medium medium, struct local_time at, struct span typed,
                    const struct dialogue_result *shown, struct span reference)
{
    add_phone(t, medium);
    add_time(t, at);
    t->begun = true;
    str_addz(&t->lines, "> ");
    str_add(&t->lines, typed);
    str_addc(&t->lines, '\n');
    if (shown->screen_name.len)
        str_addf(&t->lines, "@ %.*s\n", SPAN_ARG(shown->screen_name));
    add_shown(t, shown->screen.text, reference);
    if (!shown->screen.more)
        str_addz(&t->lines, "= end\n");
}

int transcript_write(const struct transcript *t, struct span title, struct str *out)
{
    str_addf(out, "talk %.*s\n", SPAN_ARG(title));
    str_add(out, str_span(&t->lines));
    return str_err(&t->lines) ? str_err(&t->lines) : str_err(out);
}
