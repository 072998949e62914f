// SPDX-License-Identifier: AGPL-3.0-or-later
/* leave - what may leave now, by the operator's word: quiet hours, how many to one person, how old. */
#ifndef WAYMARK_OUTBOX_LEAVE_H
#define WAYMARK_OUTBOX_LEAVE_H

#include "record/settings.h"
#include "store/store.h"

/** For one claim on a channel; settings NULL: no limits. */
struct store_leave leave_now(const struct settings *settings, struct span channel, int64_t now_ms, size_t most);

#endif
