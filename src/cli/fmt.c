// SPDX-License-Identifier: AGPL-3.0-or-later
/* fmt - lays out the operator's files in the one way. */
#include "cli/app.h"
#include "cli/cli.h"

#include "base/err.h"
#include "base/file.h"
#include "script/script.h"
#include "tools/fmt.h"

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct fmt_run {
    bool checks; /* changes nothing */
    size_t files, changed, failed;
};

static int refuse(struct fmt_run *run, const char *file, const char *why)
{
    fprintf(stderr, "waymark fmt: %s: %s\n", file, why);
    run->failed++;
    return ERR_REFUSED;
}

static int write_back(struct fmt_run *run, const char *file, struct span bytes)
{
    struct stat st;
    unsigned mode = stat(file, &st) == 0 ? st.st_mode & 0777 : 0644;
    int rc = file_write(file, bytes, mode);
    return rc < 0 ? refuse(run, file, err_text(rc)) : 0;
}

static int settle(struct fmt_run *run, const char *file, struct span before, struct span after)
{
    if (span_eq(before, after))
        return 0;
    run->changed++;
    printf("%s%s\n", file, run->checks ? ": would change" : "");
    return run->checks ? 0 : write_back(run, file, after);
}

static int format_bytes(struct fmt_run *run, const char *file, const struct fmt_rules *rules, struct span bytes)
{
    struct str out = STR_INIT(4 * SCRIPT_FILE_MAX), problems = STR_INIT(4 * SCRIPT_FILE_MAX);
    struct diags *d = diags_new();
    int rc = d ? fmt_text(rules, file, bytes, d, &out) : ERR_NOMEM;
    if (d)
        diags_text(d, &problems);
    fputs(str_z(&problems), stderr);
    rc = rc < 0 ? refuse(run, file, err_text(rc)) : settle(run, file, bytes, str_span(&out));
    diags_free(d);
    str_release(&problems);
    str_release(&out);
    return rc;
}

static int format_file(struct fmt_run *run, const char *file)
{
    const struct fmt_rules *rules = fmt_rules(file);
    struct str bytes = STR_INIT(SCRIPT_FILE_MAX);
    if (!rules)
        return refuse(run, file, "only .menu, .conf, .channel and .talk files have a layout");
    int rc = file_read(file, &bytes);
    run->files++;
    if (rc < 0)
        refuse(run, file, rc == ERR_IO ? strerror(errno) : err_text(rc));
    else
        rc = format_bytes(run, file, rules, str_span(&bytes));
    str_release(&bytes);
    return rc;
}

static void format_found(struct fmt_run *run, struct app *app, const char *folder, const char *names)
{
    struct span pattern = arena_printf(app->arena, "%s/%s", folder, names);
    glob_t found = {0};
    if (pattern.p && glob(pattern.p, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            format_file(run, found.gl_pathv[i]);
    globfree(&found);
}

/* Without names: the configuration, its channels, its menus and their transcripts. */
static bool format_all(struct fmt_run *run, const char *config)
{
    struct app app;
    bool fine = app_load(&app, config, 0, false, 0);
    char *channels = fine ? arena_strdup(app.arena, app.settings.channels) : NULL;
    char *start = fine ? arena_strdup(app.arena, app.settings.menus) : NULL;
    if (channels && start) {
        const char *menus = dirname(start);
        format_file(run, config ? config : "config/waymark.conf");
        format_found(run, &app, channels, "*.channel");
        format_found(run, &app, menus, "*.menu");
        format_found(run, &app, menus, "*/*.menu");
        format_found(run, &app, menus, "tests/*.talk");
    }
    app_close(&app);
    return fine;
}

int cmd_fmt(int argc, char **argv)
{
    const char *config = NULL, *check = NULL;
    const struct cli_option options[] = {
        {"--config", "FILE", "without FILE: all that this configuration uses (config/waymark.conf)", &config},
        {"--check", NULL, "change nothing, name the files that would change", &check},
        {0},
    };
    int helped, used = cli_options("fmt", "[FILE ...]", options, argc, argv, &helped);
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    struct fmt_run run = {.checks = check != NULL};
    if (used == argc && !format_all(&run, config))
        return CLI_REFUSED;
    for (int i = used; i < argc; i++)
        format_file(&run, argv[i]);
    printf("%zu files, %zu %s\n", run.files, run.changed, run.checks ? "would change" : "changed");
    return run.failed || (run.checks && run.changed) ? CLI_REFUSED : CLI_DONE;
}
