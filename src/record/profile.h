// SPDX-License-Identifier: AGPL-3.0-or-later
/* profile - what a carrier's channel can show. */
#ifndef WAYMARK_RECORD_PROFILE_H
#define WAYMARK_RECORD_PROFILE_H

enum medium {
    MEDIUM_USSD, /* the answer is the next screen; nothing is left on the phone */
    MEDIUM_SMS,  /* the answer is one message or several */
};

enum { MEDIUM_COUNT = 2 };

/** How much fits. On USSD a page is one screen; on SMS a page is one answer of up to `parts` segments. */
struct profile {
    enum medium medium;
    int septets; /* most GSM-7 septets of a page; 0: the channel carries no GSM-7 */
    int units;   /* most UTF-16 code units of a page when a letter lies outside GSM-7 */
};

#endif
