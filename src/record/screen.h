// SPDX-License-Identifier: AGPL-3.0-or-later
/* screen - what is to be shown. */
#ifndef WAYMARK_RECORD_SCREEN_H
#define WAYMARK_RECORD_SCREEN_H

#include "base/span.h"

struct screen {
    struct span text; /* UTF-8, lines divided by \n; already within the channel's limit */
    bool more;        /* an answer is expected; false: the session ends here */
};

#endif
