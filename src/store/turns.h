// SPDX-License-Identifier: AGPL-3.0-or-later
/* turns - the turns of the open transaction that are not yet in their table.
 *
 * One statement that writes sixteen rows takes three quarters of the time of sixteen statements, most of which goes to
 * opening and closing the table. So a turn waits here, until there are sixteen or until the commit. Whatever asks table
 * turn in SQL calls turns_write first; heads_flush does so too.
 */
#ifndef WAYMARK_STORE_TURNS_H
#define WAYMARK_STORE_TURNS_H

#include "store/store.h"

enum { TURNS_AT_ONCE = 16, TURN_COLUMNS = 9 };

struct value;

struct turns {
    struct value *values; /* of `count` rows, one after the other */
    struct arena *boxes;  /* what they refer to */
    size_t count;
};

/** ERR_NOMEM. */
int turns_init(struct turns *t);
void turns_release(struct turns *t);

/** Takes a row of TURN_COLUMNS values, whose bytes are copied. Fails as turns_write. */
int turns_add(struct store *s, const struct value *row);

/** Writes those that wait, within the open transaction. */
int turns_write(struct store *s);

/** They were rolled back. */
void turns_drop(struct turns *t);

#endif
