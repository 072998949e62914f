// SPDX-License-Identifier: AGPL-3.0-or-later
/* totp - the second factor: codes of six digits that change every thirty seconds (RFC 6238 over HMAC-SHA-1, as every
 * authenticator app makes them).
 *
 * The secret lies in a box under the master key, bound to the member's name. A code counts one step before and after
 * its time, and only once: the caller keeps the step that was accepted and gives it back the next time.
 */
#ifndef WAYMARK_VAULT_TOTP_H
#define WAYMARK_VAULT_TOTP_H

#include "vault/vault.h"

enum { TOTP_DIGITS = 6, TOTP_STEP_S = 30, TOTP_BOX_MAX = 256, TOTP_URI_MAX = 1024 };

/** The code of one step for a secret, as digits and NUL (RFC 4226, section 5.3). ERR_CRYPTO: libcrypto failed. */
int totp_code(struct span secret, int64_t step, char code[TOTP_DIGITS + 1]);

/** A fresh secret: appends its box to `box`, and to `uri` what an app reads out of a QR code (otpauth://totp/...). The
 * URI is the secret: show it once, then vault_forget it. `issuer`: the service's name. */
int totp_new(const struct vault *v, struct span name, struct span issuer, struct str *box, struct str *uri);

/** Whether `code` (blanks in it do not count) is right at `now_s` and of a step after `last`; that step comes back.
 * ERR_AUTH: it is not; ERR_CRYPTO: the box is damaged or another member's. */
int totp_check(const struct vault *v, struct span name, struct span box, struct span code, int64_t now_s, int64_t last,
               int64_t *step);

#endif
