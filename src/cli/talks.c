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
#include <sys/stat.h>

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

const char *talks_folder(struct app *app)
{
    struct span menus = app->settings.menus, stem = menus;
    char *start = arena_strdup(app->arena, menus);
    if (stem.len > 5 && memcmp(stem.p + stem.len - 5, ".menu", 5) == 0)
        stem.len -= 5;
    struct span own = arena_printf(app->arena, "%.*s/tests", SPAN_ARG(stem));
    struct stat is;
    if (!start || !own.p)
        return NULL;
    if (stat(own.p, &is) == 0 && S_ISDIR(is.st_mode))
        return own.p;
    return arena_printf(app->arena, "%s/tests", dirname(start)).p;
}

int talks_run_all(struct app *app, struct talk_report *report)
{
    const char *folder = talks_folder(app);
    struct span pattern = folder ? arena_printf(app->arena, "%s/*.talk", folder) : (struct span){0};
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
