// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/file.h"

#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { PATH_TOO_LONG = 8192 };

/* "/tmp/././ ... /x": there is such a folder, but its name is longer than any path may be. */
static void a_path_that_is_too_long_is_not_cut(void **state)
{
    (void)state;
    static char path[PATH_TOO_LONG + 1];
    memcpy(path, "/tmp", 4);
    for (size_t i = 4; i < PATH_TOO_LONG; i++)
        path[i] = i % 2 ? '.' : '/';
    assert_int_equal(file_sync_folder(path), ERR_LIMIT);
    assert_int_equal(file_write(path, SPAN("words"), 0600), ERR_LIMIT);
}

static void the_folder_of_a_name_is_synced_and_one_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    assert_int_equal(file_sync_folder("/tmp/name"), 0);
    assert_int_equal(file_sync_folder("name"), 0);
    assert_int_equal(file_sync_folder("/tmp/no such folder of waymark/name"), ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_that_is_too_long_is_not_cut),
        cmocka_unit_test(the_folder_of_a_name_is_synced_and_one_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
