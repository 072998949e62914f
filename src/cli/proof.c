// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/proof.h"

#include "base/err.h"
#include "tools/fit.h"

#include <stdio.h>

/** A channel of USSD may take SMS as well; one of SMS shows no pages. */
static size_t profiles_of(const struct app *app, struct profile *profiles)
{
    size_t count = 0;
    for (size_t i = 0; channel_set_at(app->channels, i); i++) {
        const struct channel *c = channel_set_at(app->channels, i);
        if (channel_medium(c) == MEDIUM_USSD)
            profiles[count++] = channel_profile(c, MEDIUM_USSD);
        profiles[count++] = channel_profile(c, MEDIUM_SMS);
    }
    return count;
}

int proof_run(const struct app *app, struct diags *d)
{
    size_t channels = 0;
    while (channel_set_at(app->channels, channels))
        channels++;
    struct profile *profiles = arena_array(app->arena, 2 * channels + 1, sizeof *profiles);
    return profiles ? fit_check(app->program, profiles, profiles_of(app, profiles), d) : ERR_NOMEM;
}

bool proof_check(struct app *app, bool quiet)
{
    struct str text = STR_INIT(16 * 1024 * 1024);
    struct diags *news = diags_new();
    int rc = news ? proof_run(app, news) : ERR_NOMEM;
    for (size_t i = 0; news && i < diags_count(news); i++)
        diag_add(app->diags, diags_at(news, i));
    if (news && !quiet)
        diags_text(news, &text);
    fputs(str_z(&text), stderr);
    if (rc < 0 && rc != ERR_REFUSED)
        fprintf(stderr, "waymark: %s\n", err_text(rc));
    str_release(&text);
    diags_free(news);
    return rc == 0;
}
