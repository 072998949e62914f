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

static void tell_refused(const struct diags *news, struct str *text)
{
    struct diags *refused = diags_new();
    for (size_t i = 0; refused && i < diags_count(news); i++)
        if (diags_at(news, i)->severity == SEVERITY_ERROR)
            diag_add(refused, diags_at(news, i));
    if (refused)
        diags_text(refused, text);
    diags_free(refused);
}

bool proof_check(struct app *app, enum proof_tell tell)
{
    struct str text = STR_INIT(16 * 1024 * 1024);
    struct diags *news = diags_new();
    int rc = news ? proof_run(app, news) : ERR_NOMEM;
    for (size_t i = 0; news && i < diags_count(news); i++)
        diag_add(app->diags, diags_at(news, i));
    if (news && tell == PROOF_TELL_ALL)
        diags_text(news, &text);
    else if (news && tell == PROOF_TELL_REFUSED)
        tell_refused(news, &text);
    fputs(str_z(&text), stderr);
    if (rc < 0 && rc != ERR_REFUSED)
        fprintf(stderr, "waymark: %s\n", err_text(rc));
    str_release(&text);
    diags_free(news);
    return rc == 0;
}
