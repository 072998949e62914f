// SPDX-License-Identifier: AGPL-3.0-or-later
/* common - whether a passphrase is one of the five thousand that most people chose (common.py says where they are
 * from). Small and capital letters are the same. */
#ifndef WAYMARK_VAULT_COMMON_H
#define WAYMARK_VAULT_COMMON_H

#include "base/span.h"

#include <stdbool.h>

enum { COMMON_MOST = 64 /* none of them is longer */ };

bool passphrase_common(struct span passphrase);

#endif
