// SPDX-License-Identifier: AGPL-3.0-or-later
/* intake - what is taken in while the master key has not been given yet: that people stop, and that they erase.
 *
 * Everybody who dials gets one screen with the help line. A word that stops or erases, in any language of the menus,
 * and an opt-out that an aggregator took, are sealed to a public key that lies in the data folder in clear
 * (DIR/intake.key; its secret half lies there too, under the master key), appended to DIR/intake.journal and synced
 * before they are answered. All else by SMS is refused, so that the aggregator sends it again. Nothing can leave
 * meanwhile. Once the key is given, intake_apply does what was taken in before anything else is done.
 *
 *     with the key: intake_prepare at every start, after intake_apply
 *     without: intake_open, intake_submit (from one thread), intake_close
 */
#ifndef WAYMARK_GATEWAY_INTAKE_H
#define WAYMARK_GATEWAY_INTAKE_H

#include "gateway/gateway.h"

struct intake;

struct intake_parts { /* all of it outlives the intake */
    const char *data; /* folder */
    const struct program *program;
    const struct channel_set *channels;
    const struct settings *settings;
    struct clock clock;
};

/** Makes DIR/intake.key where there is none, or none that this vault can open: it is damaged, or another master key
 * came. Nothing may be taken in that was not applied. */
int intake_prepare(const struct vault *v, const char *dir);

/** ERR_MISSING: there is no key to seal to (the service never ran with its master key); ERR_BUSY: another process has
 * it; ERR_CORRUPT, ERR_IO, ERR_NOMEM. */
int intake_open(const struct intake_parts *parts, struct intake **out);
void intake_close(struct intake *i); /* NULL is allowed */

/** As gateway_submit; done() is called before this returns. */
void intake_submit(struct intake *i, struct turn *const *turns, size_t count);

/** How many stops were taken in since intake_open. */
uint64_t intake_taken(const struct intake *i);

/** Does what was taken in, in one transaction, and empties the journal. How many that were comes back. What cannot be
 * opened is told in the log and stays. */
int intake_apply(const struct vault *v, struct store *s, const char *dir, int64_t now_ms, int64_t *applied);

#endif
