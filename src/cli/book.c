// SPDX-License-Identifier: AGPL-3.0-or-later
/* book - all screens side by side in all languages, as HTML on standard output. */
#include "cli/app.h"
#include "cli/cli.h"

#include "base/err.h"
#include "tools/book.h"

#include <stdio.h>

enum { BOOK_MAX = 64 * 1024 * 1024, BOOK_ARENA = 1024 * 1024 * 1024 };

/** The channel named, or the one for calls with the smallest pages. */
static bool choose_channel(const struct app *app, struct span name, struct book_input *in)
{
    const struct channel *c;
    for (size_t i = 0; (c = channel_set_at(app->channels, i)); i++) {
        struct profile p = channel_profile(c, channel_medium(c));
        bool better = name.len
                          ? span_eq(channel_name(c), name)
                          : channel_medium(c) == MEDIUM_USSD && (!in->profile.units || p.units < in->profile.units);
        if (!better)
            continue;
        in->profile = p;
        in->channel = channel_name(c);
    }
    if (!in->profile.units)
        fprintf(stderr, "waymark book: no channel %s%.*s is in use\n", name.len ? "" : "for calls", SPAN_ARG(name));
    return in->profile.units > 0;
}

static int print(const struct book_input *in)
{
    struct str text = STR_INIT(BOOK_MAX);
    struct arena *a = arena_new(BOOK_ARENA);
    struct book book;
    int rc = a ? book_make(in, a, &book) : ERR_NOMEM;
    if (rc == 0)
        rc = book_html(in, &book, &text);
    if (rc == 0)
        fputs(str_z(&text), stdout);
    else
        fprintf(stderr, "waymark book: %s\n", err_text(rc));
    arena_free(a);
    str_release(&text);
    return rc < 0 ? CLI_REFUSED : CLI_DONE;
}

int cmd_book(int argc, char **argv)
{
    const char *config = NULL, *channel = NULL, *at = "";
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--channel", "NAME", "whose pages are shown (the one for calls with the smallest pages)", &channel},
        {"--at", "DATE", "as on that day, YYYY-MM-DD (today)", &at},
        {0},
    };
    int helped, used = cli_options("book", "", options, argc, argv, &helped);
    struct clock clock = clock_system();
    struct date date;
    struct book_input in = {.day = day_of_ms(clock.now_ms(clock.ctx))};
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    if (used != argc || (*at && date_parse(span_of(at), &date) < 0)) {
        fputs("waymark book: nothing follows the options; --at takes YYYY-MM-DD\n", stderr);
        return CLI_USAGE;
    }
    if (*at)
        in.day = date_to_day(date);
    struct app app;
    int status = CLI_REFUSED;
    if (app_load(&app, config, APP_CHANNELS | APP_MENUS, false, in.day)) {
        in.program = app.program;
        if (choose_channel(&app, span_of(channel), &in))
            status = print(&in);
    }
    app_close(&app);
    return status;
}
