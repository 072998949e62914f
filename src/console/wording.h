// SPDX-License-Identifier: AGPL-3.0-or-later
/* wording - what the operator's menus say, as the console's pages say it; and days, times, languages in words.
 *
 * What comes back lives in `a`. Texts of the menus are drawn outside a dialogue: answers are put in where `fields` has
 * them, and are "..." where not. */
#ifndef WAYMARK_CONSOLE_WORDING_H
#define WAYMARK_CONSOLE_WORDING_H

#include "base/arena.h"
#include "base/msisdn.h"
#include "channel/set.h"
#include "menu/program.h"
#include "record/effect.h"

struct wording {
    const struct program *program;
    struct arena *a;
    const struct effect_field *fields;
    size_t field_count;
};

/** A text in a language (by its code; empty or unknown: the first). `current` may be NULL: whether that language has a
 * translation of this very text. */
struct span wording_text(const struct wording *w, uint16_t text, struct span language, bool *current);

/** What the menus ask where they fill this slot, and what the option says that stands for `value` (`value` itself
 * where there is none). Empty: the slot is not asked for. In the first language. */
struct span wording_question(const struct wording *w, struct span slot);
struct span wording_answer(const struct wording *w, struct span slot, struct span value);

/** "request" -> "Request", "do-not-call" -> "Do not call". */
struct span wording_name(struct arena *a, struct span word);

/** "es" -> "Spanish"; the code itself where we have no word. */
struct span wording_language(struct span code);

/** "USSD" or "SMS"; empty where the channel is not known. */
struct span wording_medium(const struct channel_set *channels, struct span name);

/** "USSD, africastalking": how they reach us, and through whom. */
struct span wording_channel(struct arena *a, const struct channel_set *channels, struct span name);

/** "Mon" for 0, to "Sun" for 6. */
const char *wording_weekday(unsigned weekday);

/** "today", "yesterday", "5 days"; and "Mon 30 Nov 2026, 14:05", "Mon 30 Nov 2026" in the service's zone. */
struct span wording_age(struct arena *a, int64_t day, int64_t now_ms);
struct span wording_time(struct arena *a, int64_t at_s);
struct span wording_day(struct arena *a, int64_t day);

/** "30 Nov 2026": where the weekday says nothing, as of weeks. */
struct span wording_date(struct arena *a, int64_t day);

/** "+1 ... ... ..43": the country and the last two digits. */
struct span wording_masked(struct arena *a, const struct msisdn *number);

/** "+1 202 555 0143", in groups. */
struct span wording_number(struct arena *a, const struct msisdn *number);

#endif
