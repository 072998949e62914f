// SPDX-License-Identifier: AGPL-3.0-or-later
/* Fuzzes the tables of directories, as spreadsheets write them: whatever the bytes, all cells are there with a place
 * and within their limit, or what is wrong is told. */
#include "base/arena.h"
#include "menu/csv.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64 << 20);
    struct diags *d = diags_new();
    struct csv csv;
    assert(a && d && csv_read("t.csv", (struct span){(const char *)data, size}, a, d, &csv) == 0);
    for (size_t row = 0; row < csv.rows; row++)
        for (size_t column = 0; column < csv.columns; column++)
            assert(csv_at(&csv, row, column)->text.len <= CSV_CELL_MAX && csv_at(&csv, row, column)->at.line > 0);
    assert(csv.rows || diags_errors(d));
    diags_free(d);
    arena_free(a);
    return 0;
}
