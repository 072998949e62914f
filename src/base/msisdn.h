// SPDX-License-Identifier: AGPL-3.0-or-later
/* msisdn - a phone number as a type of its own, so that none reaches a log by mistake.
 *
 * There is no conversion to text but the digits field itself: whoever reads `digits` must be sending, sealing or
 * indexing.
 */
#ifndef WAYMARK_BASE_MSISDN_H
#define WAYMARK_BASE_MSISDN_H

/** An international number (ITU-T E.164) without "+". */
struct msisdn {
    char digits[16]; /* NUL-terminated, 7..15 digits, zero-filled behind; empty: none */
};

#endif
