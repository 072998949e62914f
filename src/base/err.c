// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/err.h"

#include <stddef.h>

static const struct {
    int code;
    const char *text;
} err_table[] = {
#define X(name, value, text) {value, text},
    ERR_CODES(X)
#undef X
};

const char *err_text(int code)
{
    if (code == 0)
        return "ok";
    for (size_t i = 0; i < sizeof err_table / sizeof *err_table; i++)
        if (err_table[i].code == code)
            return err_table[i].text;
    return "unknown error";
}
