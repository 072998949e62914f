// SPDX-License-Identifier: AGPL-3.0-or-later
/* system - the engine's own words. Each is a PO entry under the context given here, and counts in every page's worst
 * case.
 *
 * To add one: a row. Keep them short and neutral: another hand may hold the phone.
 */
#ifndef WAYMARK_MENU_SYSTEM_H
#define WAYMARK_MENU_SYSTEM_H

#define SYSTEM_TEXTS(X)                                                                                                \
    X(SYSTEM_LANGUAGE, "system/language", "English")                                                                   \
    X(SYSTEM_CHOOSE, "system/choose", "Please choose a number from the list.")                                         \
    X(SYSTEM_INVALID, "system/invalid", "Please answer the question.")                                                 \
    X(SYSTEM_GOODBYE, "system/goodbye", "Goodbye.")                                                                    \
    X(SYSTEM_RESUME, "system/resume", "Go on where you stopped?")                                                      \
    X(SYSTEM_RESUME_YES, "system/resume", "Go on")                                                                     \
    X(SYSTEM_RESUME_NO, "system/resume", "Start again")                                                                \
    X(SYSTEM_HELD, "system/held", "We stopped all contact. Is that what you want?")                                    \
    X(SYSTEM_HELD_YES, "system/held", "Yes, stop")                                                                     \
    X(SYSTEM_HELD_NO, "system/held", "No, go on")                                                                      \
    X(SYSTEM_RELEASED, "system/held", "If you asked for a call, please ask again.")                                    \
    X(SYSTEM_LOST, "system/lost", "Please dial again.")                                                                \
    X(SYSTEM_BUSY, "system/busy", "We are busy. Please dial again.")                                                   \
    X(SYSTEM_FAULT, "system/fault", "Something went wrong. Please dial again.")                                        \
    X(SYSTEM_NOT_STORED, "system/not-stored", "We cannot save anything now. Please try later.")                        \
    X(SYSTEM_ADRIFT, "system/adrift", "Nothing is saved now.")                                                         \
    X(SYSTEM_NOT_DONE, "system/not-done", "This was not done: we cannot save anything now. Please try later.")         \
    X(SYSTEM_HELP_LINE, "system/not-done", "Help:")                                                                    \
    X(SYSTEM_MORE_SMS, "system/more-sms", "Send MORE to read on.")                                                     \
    X(SYSTEM_MORE_WORD, "system/more-sms", "MORE")                                                                     \
    X(SYSTEM_NUMBERS, "system/numbers", "one, two, three, four, five, six, seven, eight, nine")                        \
    X(SYSTEM_FORWARDED, "system/forwarded", "Your message goes to the team that has your request.")                    \
    X(SYSTEM_PASSED_ON, "system/forwarded", "We passed your words on to our team.")                                    \
    X(SYSTEM_WITHHELD, "system/withheld", "This information is being checked.")                                        \
    X(SYSTEM_MYDATA_CALLS, "system/mydata", "Calls you asked us for:")                                                 \
    X(SYSTEM_MYDATA_YES, "system/mydata", "Day you agreed to be called:")                                              \
    X(SYSTEM_MYDATA_NO, "system/mydata", "You agreed to be called: no.")                                               \
    X(SYSTEM_MYDATA_UNTIL, "system/mydata", "We keep this until:")                                                     \
    X(SYSTEM_MYDATA_NONE, "system/mydata", "We show nothing here without a request number from this phone.")

enum system_text {
#define X(name, context, text) name,
    SYSTEM_TEXTS(X)
#undef X
        SYSTEM_COUNT
};

#endif
