// SPDX-License-Identifier: AGPL-3.0-or-later
/* A phone over the worked example of the menu language, fresh for each test. */
#ifndef WAYMARK_TESTS_DIALOGUE_EXAMPLE_H
#define WAYMARK_TESTS_DIALOGUE_EXAMPLE_H

#include "dialogue_phone.h"

static struct program *example;

static inline int open_example(void **state)
{
    struct phone *ph = calloc(1, sizeof *ph);
    phone_open_for(ph, example);
    *state = ph;
    return 0;
}

static inline int close_example(void **state)
{
    phone_close(*state);
    free(*state);
    return 0;
}

static inline int load(void **state)
{
    (void)state;
    example = phone_example();
    return 0;
}

static inline int unload(void **state)
{
    (void)state;
    program_free(example);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_example, close_example)

#endif
