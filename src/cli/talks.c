// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/talks.h"

#include "base/err.h"
#include "base/file.h"
#include "script/script.h"

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>

enum { TALKS_FILE_MODE = 0644 };

/* Puts the accepted lines into the file. */
static int accept_file(const char *file, struct span bytes, const struct talk_report *report)
{
    struct str changed = STR_INIT(2 * SCRIPT_FILE_MAX);
    talk_rewrite(bytes, report->edits, report->edit_count, &changed);
    int rc = str_err(&changed);
    if (rc == 0)
        rc = file_write(file, str_span(&changed), TALKS_FILE_MODE);
    if (rc < 0)
        fprintf(stderr, "waymark: cannot write %s: %s\n", file, err_text(rc));
    else
        printf("%s: %zu lines accepted\n", file, report->edit_count);
    str_release(&changed);
    return rc;
}

int talks_run(struct app *app, const char *file, struct talk_report *report)
{
    struct str bytes = STR_INIT(SCRIPT_FILE_MAX);
    int rc = file_read(file, &bytes);
    if (rc < 0)
        fprintf(stderr, "waymark: cannot read %s: %s\n", file, rc == ERR_IO ? strerror(errno) : err_text(rc));
    else
        rc = talk_run(app->program, file, str_span(&bytes), app->diags, report);
    if (rc == 0 && report->edit_count)
        rc = accept_file(file, str_span(&bytes), report);
    str_release(&bytes);
    return rc;
}

/* Without names: every transcript in tests/ beside the menus. */
int talks_run_all(struct app *app, struct talk_report *report)
{
    char *start = arena_strdup(app->arena, app->settings.menus);
    struct span pattern = start ? arena_printf(app->arena, "%s/tests/*.talk", dirname(start)) : (struct span){0};
    glob_t found = {0};
    if (!pattern.p || glob(pattern.p, 0, NULL, &found) != 0 || !found.gl_pathc) {
        fprintf(stderr, "waymark: no transcripts in %s\n", pattern.p ? pattern.p : "tests/");
        globfree(&found);
        return ERR_MISSING;
    }
    int rc = 0;
    for (size_t i = 0; i < found.gl_pathc && rc == 0; i++)
        rc = talks_run(app, found.gl_pathv[i], report);
    globfree(&found);
    return rc;
}
