// SPDX-License-Identifier: AGPL-3.0-or-later
/* Fuzzes what a translator's tool writes: a PO file is read, or refused with a problem that is told; then every entry
 * is asked for, with plural forms for many numbers. The file lies in memory.
 *
 * libgettextpo leaks, and the engine would search the whole heap after each input that leaves something behind: that
 * took nine tenths of the time. So it is told not to, and we search once in a while. Which input leaked something of
 * ours the engine then finds in the corpus, with -detect_leaks=1 -runs=0. */
#include "base/err.h"
#include "locale/locale.h"

#include <assert.h>
#include <sanitizer/lsan_interface.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SEARCH_EVERY = 5000 }; /* inputs */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libgettextpo\n";
}

const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

/* Before the other options, so that whoever starts the fuzzer has the last word. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char option[] = "-detect_leaks=0";
    char **args = calloc((size_t)*argc + 2, sizeof *args);
    assert(args);
    args[0] = (*argv)[0];
    args[1] = option;
    memcpy(args + 2, *argv + 1, (size_t)*argc * sizeof *args); // with the NULL behind them
    *argv = args;
    ++*argc;
    return 0;
}

static void search_leaks(void)
{
    static size_t inputs;
    if (++inputs % SEARCH_EVERY == 0 && __lsan_do_recoverable_leak_check())
        abort();
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
    search_leaks();
    return 0;
}
