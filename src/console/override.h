// SPDX-License-Identifier: AGPL-3.0-or-later
/* override - whether somebody who asked us to stop may be called all the same (override.c). */
#ifndef WAYMARK_CONSOLE_OVERRIDE_H
#define WAYMARK_CONSOLE_OVERRIDE_H

#include "console/casebook.h"

/** What was asked for and agreed to within the last day. */
struct override {
    int64_t asked_by, granted_by; /* members; 0: nobody */
    int64_t until_s;              /* granted_by: until then they may be called */
    struct span reason;
};

struct override override_of(const struct page *p, const struct casebook *b);

/** Fills what the case page says and offers about it. */
void override_fill(struct page *p, const struct casebook *b);

#endif
