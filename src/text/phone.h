// SPDX-License-Identifier: AGPL-3.0-or-later
/* phone - E.164 numbers (ITU-T E.164: country code and number, at most 15 digits). */
#ifndef WAYMARK_TEXT_PHONE_H
#define WAYMARK_TEXT_PHONE_H

#include "base/msisdn.h"
#include "base/span.h"

/** Normalises what aggregators send: blanks, "-", "(", ")", "." off, "(0)" off, a leading "00" or a blank in place of
 * "+" taken as "+"; digits alone are taken as international unless `country` (calling code digits, may be empty) is
 * given and the number starts with the trunk "0". Digits of any script. ERR_SYNTAX, ERR_RANGE (fewer than 7 or more
 * than 15 digits, leading 0). */
int phone_parse(struct span text, struct span country, struct msisdn *number);

/** Whether a sender is a short code (3 to 6 digits) or an alphanumeric id, which must never be answered. */
bool phone_is_service(struct span text);

#endif
