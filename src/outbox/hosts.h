// SPDX-License-Identifier: AGPL-3.0-or-later
/* hosts - which hosts may be called.
 *
 * A channel may call the host that its own send URL names and no other: hosts_new asks each channel once, with an empty
 * message, and hosts_check compares what a real message came to. So nothing that a person typed can choose a host.
 * Where a name resolves to is looked at again for each connection, by hosts_public.
 */
#ifndef WAYMARK_OUTBOX_HOSTS_H
#define WAYMARK_OUTBOX_HOSTS_H

#include "channel/set.h"

#include <curl/curl.h>
#include <sys/socket.h>

struct hosts;

/** ERR_NOMEM. Channels that cannot send have no host. */
int hosts_new(const struct channel_set *channels, struct hosts **out);
void hosts_free(struct hosts *h);

/** Reads an absolute URL with libcurl's own parser, so that nobody reads it differently later. Free with
 * curl_url_cleanup. ERR_SYNTAX (also for a user name in it), ERR_NOMEM. */
int hosts_url(const char *text, CURLU **out);

/** Whether `c` may call this URL: its own host, by https, or by http where it allows private hosts. ERR_REFUSED. */
int hosts_check(const struct hosts *h, const struct channel *c, CURLU *url);

/** The same for the address where its tokens are asked for (`send-auth oauth2`), which is that statement's host alone.
 */
int hosts_check_token(const struct hosts *h, const struct channel *c, CURLU *url);

/** Whether an address belongs to the public internet (IANA special-purpose address registries, RFC 6890). Anything but
 * IPv4 and IPv6 does not. */
bool hosts_public(const struct sockaddr *address);

#endif
