// SPDX-License-Identifier: AGPL-3.0-or-later
/* set - all channels of a folder, by name. */
#ifndef WAYMARK_CHANNEL_SET_H
#define WAYMARK_CHANNEL_SET_H

#include "channel/channel.h"

struct channel_set;

/** Reads every *.channel file of `folder`. ERR_REFUSED with problems in `d`, ERR_MISSING (no folder), ERR_NOMEM. */
int channel_set_load(const char *folder, const struct settings *settings, struct diags *d, struct channel_set **out);
void channel_set_free(struct channel_set *set);

/** The channel called `name`, or NULL. */
const struct channel *channel_set_get(const struct channel_set *set, struct span name);

/** Channel `index` in order of names, NULL past the end. */
const struct channel *channel_set_at(const struct channel_set *set, size_t index);

#endif
