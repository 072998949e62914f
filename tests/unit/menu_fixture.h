// SPDX-License-Identifier: AGPL-3.0-or-later
/* menu_fixture - menus from memory and settings made by hand, for the tests of menu/. */
#ifndef WAYMARK_TESTS_MENU_FIXTURE_H
#define WAYMARK_TESTS_MENU_FIXTURE_H

#include "base/clock.h"
#include "base/err.h"
#include "menu/menu.h"

#include <string.h>

struct fixture_file {
    const char *path, *text;
};

struct fixture {
    const struct fixture_file *files;
    size_t count;
};

static inline int fixture_read(void *ctx, const char *path, struct str *out)
{
    const struct fixture *f = ctx;
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->files[i].path, path) == 0) {
            str_addz(out, f->files[i].text);
            return str_err(out);
        }
    return ERR_MISSING;
}

static const struct settings_language fixture_languages[] = {
    {.code = {"en", 2}}, {.code = {"fr", 2}, .draft = true}, {.code = {"ar", 2}, .draft = true}};
static const struct settings_value fixture_values[] = {
    {{"hotline", 7}, {"80 10 10 10", 11}}, {{"grant", 5}, {"2000", 4}}, {{"callback_days", 13}, {"2", 1}}};
static const struct span fixture_flags[] = {{"minor", 5}, {"trafficking", 11}, {"do-not-call", 11}, {"complaint", 9}};
static const struct settings_avoid fixture_avoids[] = {
    {{"en", 2}, {"hurry", 5}}, {{"en", 2}, {"Last Chance", 11}}, {{"fr", 2}, {"dépêchez", 10}}};
static const struct settings_hours fixture_hours[] = {{.name = {"office", 6}}};

static inline struct settings fixture_settings(size_t languages)
{
    return (struct settings){
        .service = SPAN("Return Help"),
        .languages = fixture_languages,
        .language_count = languages,
        .keys = {[KEY_BACK] = {SPAN("0"), SPAN("Back")},
                 [KEY_HOME] = {SPAN("00"), SPAN("Home")},
                 [KEY_MORE] = {SPAN("98"), SPAN("More")},
                 [KEY_EXIT] = {SPAN("99"), SPAN("Exit")}},
        .values = fixture_values,
        .value_count = 3,
        .flags = fixture_flags,
        .flag_count = 4,
        .avoids = fixture_avoids,
        .avoid_count = 3,
        .hours = fixture_hours,
        .hours_count = 1,
    };
}

static inline int64_t fixture_today(void)
{
    return date_to_day((struct date){2026, 4, 14});
}

#endif
