// SPDX-License-Identifier: AGPL-3.0-or-later
/* Fuzzes what a translator's tool writes: a PO file is read, or refused with a problem that is told; then every entry
 * is asked for, with plural forms for many numbers. The file lies in memory. */
#include "base/err.h"
#include "locale/locale.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libgettextpo\n";
}

static void count_problem(void *ctx, const struct locale_problem *problem)
{
    assert(problem->message && problem->file);
    ++*(size_t *)ctx;
}

static void ask_all(const struct locale *l)
{
    struct span context, source, text;
    size_t line;
    for (size_t i = 0; locale_entry(l, i, &context, &source, &text, &line); i++) {
        locale_text(l, context, source);
        for (int form = 0; form < locale_plural_count(l); form++)
            locale_plural(l, context, source, form);
    }
    for (uint64_t n = 0; n < 200; n++) {
        int form = locale_plural_form(l, n);
        assert(form >= 0 && form < locale_plural_count(l));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("po", MFD_CLOEXEC);
    assert(fd >= 0);
    if (write(fd, data, size) != (ssize_t)size)
        size = 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    size_t problems = 0;
    struct locale *l = NULL;
    int rc = locale_load(path, count_problem, &problems, &l);
    assert((rc == 0) == (l != NULL));
    assert(rc != ERR_SYNTAX || problems);
    if (l)
        ask_all(l);
    locale_free(l);
    close(fd);
    return 0;
}
