// SPDX-License-Identifier: AGPL-3.0-or-later
/* Fuzzes what an operator writes: a menu and, after a line of "%%", the CSV file of its table. Whatever they say, the
 * compiler accepts them or tells an error with a code and a file; it never crashes and never takes long. */
#include "base/err.h"
#include "menu/menu.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    struct span menu, csv;
};

static int read_input(void *ctx, const char *path, struct str *out)
{
    const struct input *in = ctx;
    bool menu = strcmp(path, "main.menu") == 0;
    if (!menu && strcmp(path, "t.csv") != 0)
        return ERR_MISSING;
    str_add(out, menu ? in->menu : in->csv);
    return str_err(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct settings_language languages[] = {{.code = {"en", 2}}};
    static const struct settings_avoid avoids[] = {{{"en", 2}, {"hurry", 5}}};
    static const struct settings settings = {
        .languages = languages, .language_count = 1, .avoids = avoids, .avoid_count = 1};
    struct input in = {.menu = {(const char *)data, size}};
    const char *cut = memmem(data, size, "\n%%\n", 4);
    if (cut) {
        in.menu.len = (size_t)(cut - in.menu.p) + 1;
        in.csv = (struct span){cut + 4, size - in.menu.len - 3};
    }
    struct diags *d = diags_new();
    struct program *p = NULL;
    int rc = menu_load(
        &(struct menu_input){
            .settings = &settings, .start = "main.menu", .read = read_input, .ctx = &in, .dated = true},
        d, &p);
    assert(d && (rc == 0 ? p && !diags_errors(d) : rc == ERR_NOMEM || diags_errors(d)));
    for (size_t i = 0; i < diags_count(d); i++)
        assert(diags_at(d, i)->code && diags_at(d, i)->at.file && diags_at(d, i)->message.len);
    program_free(p);
    diags_free(d);
    return 0;
}
