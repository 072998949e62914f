// SPDX-License-Identifier: AGPL-3.0-or-later
/* man_channel - waymark.channel(5). */
#include "tools/man_parts.h"

static const struct {
    const char *word, *prose;
} statements[] = {
    {"title", "For people."},
    {"medium", "What a turn is, unless a field `medium` says otherwise."},
    {"experimental", "Not proved against the real aggregator."},
    {"receive", "A method and what holds the fields. A line for each method."},
    {"field", "Where a field is. PLACE is `query`, `form`, `json` (KEY is a path: `data.items[0].id`) or `header`. Of "
              "up to four "
              "places the first that is not empty is taken. Fields of a turn: `session`, `from`, `to`, `text`, `id`, "
              "`sequence`, `medium`, `signal`, `part-ref`, `part-total` and `part` (of a long message that comes in "
              "parts); `from` and `text` are "
              "needed."},
    {"signal", "What the field `signal` says: the session begins or ends, or the aggregator took the message as a STOP "
               "and has answered it."},
    {"path", "The text holds all that was typed since the dial, joined with this character."},
    {"first",
     "A new session's text is: answers dialled through; part of the code; or N parts of the code, then answers."},
    {"lost", "A text that does not continue what is known: dial again, or walk it from the start."},
    {"session", "How long an idle session is kept; else as in waymark.conf."},
    {"repeat", "How the same request is known when it comes twice."},
    {"page", "The most septets of a screen, and UTF-16 units where a letter needs them; else 160 and 70."},
    {"parts", "The most parts of an SMS answer; else as in waymark.conf."},
    {"reply", "The content type of replies."},
    {"reply-more", "A screen that waits for an answer. See TEMPLATES."},
    {"reply-end", "The last screen of a session."},
    {"reply-none", "An acknowledgement; else empty."},
    {"inline", "An SMS is answered in this reply, not by sending one."},
    {"secret-path",
     "A secret as the first part of the path. While it is not configured in waymark.conf, nothing is asked."},
    {"secret-header", "A secret in a header. While it is not configured every call is refused; so for the next three."},
    {"secret-query", "A secret in the query."},
    {"secret-form", "A secret in the form."},
    {"basic", "User and password, as in RFC 7617."},
    {"allow", "Plain http, and addresses of your own network, may be sent to."},
    {"send", "How a message is sent. Values in the path are percent-encoded; the host holds none."},
    {"rate", "The most messages a second that are sent; else as fast as they are accepted."},
    {"send-header", "A header. `$NAME` is a secret of waymark.conf; `?` at the end: left out where it is missing."},
    {"send-query", "A value in the query."},
    {"send-form", "A value in the form."},
    {"send-body", "Instead of `send-form`."},
    {"send-ok", "Accepted means HTTP 2xx and this, for every such line. `send-ok status = 201` is possible too."},
    {"send-id", "The aggregator's id of the message, for delivery reports."},
    {"send-error",
     "What a refusal means: `retry`, `permanent`, `opted-out`, `throttled` or `unknown`; the first that fits. "
     "`send-error status NUMBER... = OUTCOME` comes before all others; `send-error others = OUTCOME` is for what none "
     "of them names."},
    {"event", "Begins what the aggregator sends to the webhook's address with /NAME behind it."},
    {"kind", "`ended`: a session is over, with `session`. `delivery`: `reference` or `key` (our own id, told back), "
             "`state` and `reason`. `optout`: `from`. "
             "`ignored`: acknowledged only."},
    {"state", "`queued`, `sent`, `delivered`, `failed`, `expired`, `rejected` or `opted-out`."},
    {"reason", "As `state`; it says more than a state."},
};

const char *man_channel_prose(struct span word)
{
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        if (span_is(word, statements[i].word))
            return statements[i].prose;
    return NULL;
}

const struct man_block man_channel[] = {
    {MAN_HEAD, "SYNOPSIS", NULL},
    {MAN_TEXT, "config/channels/*.channel", NULL},
    {MAN_HEAD, "DESCRIPTION", NULL},
    {MAN_TEXT,
     "A channel is one line to one aggregator: which requests it sends, how a screen is answered, how a message is "
     "sent. Its webhook is /hook/NAME, where NAME is the file's name without `.channel`. The rules are those of "
     "menus; events come last in the file. `waymark check` reads all channels.",
     NULL},
    {MAN_HEAD, "STATEMENTS", NULL},
    {MAN_STATEMENTS, NULL, NULL},
    {MAN_HEAD, "UNDER AN EVENT", NULL},
    {MAN_TEXT, "`receive` and `field` too, and:", NULL},
    {MAN_STATEMENTS, "event", NULL},
    {MAN_HEAD, "TEMPLATES", NULL},
    {MAN_TEXT,
     "Replies may hold `{text}`, `{to}`, `{from}`, `{session}` and `{event}`; `{text:json}` writes a JSON string with "
     "its quotes, `{text:xml}` and `{text:form}` escape for XML and URLs. What is sent may hold `{to}` (digits "
     "without +), `{text}` and `{key}` (an id of ours, the same when a message is sent again); headers only `{to}` and "
     "`{key}`. A `{` that begins no placeholder stands for itself.",
     NULL},
    {MAN_HEAD, "EXAMPLE", NULL},
    {MAN_EXAMPLE,
     "title Our aggregator, USSD\n"
     "medium ussd\n"
     "receive POST form\n"
     "secret-path our-path\n"
     "field session from form sessionId\n"
     "field from from form phoneNumber\n"
     "field text from form text optional\n"
     "path *\n"
     "repeat path\n"
     "page 182 80\n"
     "reply text/plain\n"
     "reply-more CON {text}\n"
     "reply-end END {text}\n",
     NULL},
    {MAN_HEAD, "SEE ALSO", NULL},
    {MAN_TEXT, "waymark(1), waymark.conf(5)", NULL},
    {0},
};
