// SPDX-License-Identifier: AGPL-3.0-or-later
/* tools_fixture - a program made of the worked example or of a few lines, for the tests of tools/. */
#ifndef WAYMARK_TESTS_TOOLS_FIXTURE_H
#define WAYMARK_TESTS_TOOLS_FIXTURE_H

#include "base/err.h"
#include "config/config.h"
#include "menu/menu.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
    struct settings settings;
    struct program *program;
};

static inline int fixture_read(void *ctx, const char *path, struct str *out)
{
    if (strcmp(path, "main.menu") != 0)
        return ERR_MISSING;
    str_addz(out, ctx);
    return str_err(out);
}

/** `menus` NULL: the worked example. In English, with French and Arabic as drafts. */
static inline void fixture_open(struct fixture *f, const char *menus)
{
    struct diags *d = diags_new();
    f->arena = arena_new(64 << 20);
    f->program = NULL;
    assert_int_equal(config_load("tests/menus/example/waymark.conf", f->arena, d, &f->settings), 0);
    struct menu_input in = {
        .settings = &f->settings, .start = "tests/menus/example/main.menu", .locales = "tests/no-locales"};
    if (menus) {
        in.start = "main.menu";
        in.read = fixture_read;
        in.ctx = (void *)(uintptr_t)menus;
    }
    int rc = menu_load(&in, d, &f->program);
    struct str text = STR_INIT(100000);
    diags_text(d, &text);
    if (rc < 0)
        fputs(str_z(&text), stderr);
    assert_int_equal(rc, 0);
    str_release(&text);
    diags_free(d);
}

static inline void fixture_close(struct fixture *f)
{
    program_free(f->program);
    arena_free(f->arena);
}

#endif
