// SPDX-License-Identifier: AGPL-3.0-or-later
/* set - the channels of a folder, by name: channel_set_load reads all files, channel_set_use keeps those in use. */
#ifndef WAYMARK_CHANNEL_SET_H
#define WAYMARK_CHANNEL_SET_H

#include "channel/channel.h"

struct channel_set;

/** Reads every *.channel file of `folder`. ERR_REFUSED with problems in `d`, ERR_MISSING (no folder), ERR_NOMEM. */
int channel_set_load(const char *folder, const struct settings *settings, struct diags *d, struct channel_set **out);

/** Keeps the channels that the settings `use` and frees the others, so that nothing can come in through a file that the
 * operator only has. ERR_REFUSED with problems in `d` where a name has no file, or the sms-channel is not in use. */
int channel_set_use(struct channel_set *set, const char *folder, const struct settings *settings, struct diags *d);

void channel_set_free(struct channel_set *set);

/** The channel called `name`, or NULL. */
const struct channel *channel_set_get(const struct channel_set *set, struct span name);

/** Channel `index` in order of names, NULL past the end. */
const struct channel *channel_set_at(const struct channel_set *set, size_t index);

#endif
