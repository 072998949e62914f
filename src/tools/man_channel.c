// SPDX-License-Identifier: AGPL-3.0-or-later
/* man_channel - waymark.channel(5). */
#include "tools/man_parts.h"

static const struct {
    const char *word, *prose;
} statements[] = {
    {"title", "For people."},
    {"medium", "What a turn is, unless a field `medium` says otherwise."},
    {"experimental", "Not proved against the real aggregator."},
    {"any-case", "Names of fields and words of the aggregator are the same in small and capital letters."},
    {"country", "The calling code of numbers that come without one; else as in waymark.conf."},
    {"receive", "A method and what holds the fields; a line for each that may come. `multipart` is a form too. With "
                "`any-type` the Content-Type is not looked at."},
    {"at", "The path behind the channel's address, in place of an event's name; `*` stands for one segment, `.` for "
           "the bare address. May be repeated."},
    {"when", "This kind of request holds that value, one of those words (`*` in a word stands for anything), or does "
             "not hold it. An event with `when` comes to the same address as a turn. What fits no kind is acknowledged "
             "and of no interest."},
    {"each",
     "One request brings several: they are in the array at this path (which may be a text that is JSON itself), or "
     "`.` where the array is all of the JSON. `item` is then a place in one of them."},
    {"field", "Where a field is. PLACE is `query`, `form`, `json` or `item` (KEY is a path: `data.items[0].id`), `xml` "
              "(KEY is the way from the root: `ussd/msisdn`, `ussd/@version`), `header`, `path` (KEY is the number of "
              "a segment), `any` (wherever the fields of this request are) or `constant` (KEY itself). `with PLACE "
              "KEY` adds a second part. Of several places the first that is not empty is taken. `as` says how the "
              "bytes are read: see CHANGES. Fields of a turn: `session`, `from`, `to`, `text`, `id`, `sequence`, "
              "`medium`, `signal`, `coding`, `part-ref`, `part-total` and `part` (of a long message that comes in "
              "parts); `from` and `text` are needed."},
    {"coding", "How the bytes of the text are read where the field `coding` says one of these words."},
    {"keep", "A value that replies give back as `{NAME}`."},
    {"signal", "What the field `signal` says: the session begins or ends, or the aggregator took the message as a STOP "
               "and has answered it."},
    {"empty-text", "A turn with an empty text is a new session."},
    {"hang-up", "A text like this (`*` stands for anything) says that the session is over."},
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
    {"reply-first", "The first screen of a session that a signal began, whether or not it waits for an answer."},
    {"reply-none", "An acknowledgement; else empty. Under an event: of that event."},
    {"reply-header", "A header of every reply."},
    {"reply-more-header", "A header of a screen that waits for an answer."},
    {"reply-end-header", "A header of the last screen."},
    {"reply-echo", "The reply is the JSON object that came, with the members of the template put in their places."},
    {"inline", "An SMS is answered in this reply, not by sending one."},
    {"secret-path",
     "A secret as the first part of the path. While it is not configured in waymark.conf, nothing is asked; a channel "
     "in use without any other proof is then for a demonstration alone."},
    {"secret-header", "A secret in a header. While it is not configured every call is refused; so for the next three. "
                      "Under an event: what is asked there instead, for it and the next two."},
    {"secret-query", "A secret in the query."},
    {"secret-form", "A secret in the form."},
    {"basic", "User and password, as in RFC 7617."},
    {"verify",
     "A proof that every call owes: SCHEME is `url-params-hmac`, `sorted-params-digest`, `hmac`, `plivo-v3`, "
     "`jwt-hs256`, `ed25519`, `rsa-sha256` or `address`; what each takes stands in config/channels/README.md. "
     "Every such line must hold. Under an event: what is asked there instead."},
    {"or-verify", "A proof that is enough in place of the line above."},
    {"unsigned",
     "The aggregator proves nothing with this event: the secret path alone protects it, and has to be configured."},
    {"allow", "Plain http, and addresses of your own network, may be sent to."},
    {"send", "How a message is sent. Values in the path are percent-encoded; in the host only `$NAME` may stand."},
    {"send-also", "A further address, tried when those before it did not take the message."},
    {"send-auth",
     "How we prove ourselves. `basic $USER $PASSWORD`: as in RFC 7617. `oauth2 URL client $ID $SECRET`: a token is "
     "asked "
     "for there with the client's credentials (RFC 6749), kept while it is good, and sent as a Bearer; `in-form` sends "
     "id and secret in the form; `field NAME VALUE` adds to the form; `scope TEXT` ends the line. `jwt-rs256 $KEY`: a "
     "token of our own, signed with this RSA key, for each message; `claim NAME VALUE` adds to it; `life N minutes`, "
     "else 15."},
    {"rate", "The most messages a second that are sent; else as fast as they are accepted."},
    {"send-header", "A header. `$NAME` is a secret of waymark.conf; `?` at the end: left out where it is missing."},
    {"send-query", "A value in the query. `when gsm` or `when unicode` behind it: only for texts in that alphabet."},
    {"send-form", "A value in the form, likewise."},
    {"send-body", "Instead of `send-form`."},
    {"send-ok", "Accepted means HTTP 2xx and this, for every such line. `send-ok status = 201`, `send-ok header NAME = "
                "WORD` and `send-ok text PATTERN` are possible too; `*` stands for anything. `[*]` in a path: all "
                "elements of an array."},
    {"send-id", "The aggregator's id of the message, for delivery reports. Also `header NAME`, or `text PATTERN` with "
                "`{id}` where it stands."},
    {"send-error",
     "What a refusal means: `retry`, `permanent`, `opted-out`, `throttled`, `unknown`, or `accepted` where it says "
     "that "
     "the message is there already; the first that fits. `[*]` in a path: any element of an array. "
     "`send-error status NUMBER... = OUTCOME` comes before all others; `send-error text PATTERN = OUTCOME` is possible "
     "too; `send-error others = OUTCOME` is for what none "
     "of them names."},
    {"event", "Begins what the aggregator sends to the webhook's address with /NAME behind it."},
    {"kind", "`ended`: a session is over, with `session`. `delivery`: `reference` or `key` (our own id, told back), "
             "`state` and `reason`. `optout`: `from`. "
             "`ignored`: acknowledged only. `fetch`: the messages that are due are asked for; `taken`: these, by their "
             "`key`, were fetched and are sent if the answer names them; `awaited`: which messages are to be reported "
             "on."},
    {"serve",
     "The answer to `fetch`, `taken` or `awaited`, with `{items}` where they stand: joined with commas where the "
     "content type is JSON, else each in its line. Where there are none, `reply-none` under the event, if "
     "there is one. A channel with a `fetch` has no `send`."},
    {"serve-each", "One item: a message with `{to}`, `{text}` and `{key}`; under `taken` and `awaited` a `{key}`."},
    {"serve-most", "The most messages of one fetch, 1 to 30; else 10."},
    {"serve-wait",
     "How long a message may be fetched and not told about; else 10 minutes. Then it is unknown, and an answer "
     "is handed out again, up to five times."},
    {"state", "What a word (`*` stands for anything; `others`: any that no line names) means: `queued`, `sent`, "
              "`delivered`, `failed`, `expired`, `rejected` or `opted-out`."},
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
     "Replies may hold `{text}`, `{to}`, `{from}` (digits), `{session}`, `{event}` and what was kept; `{text:json}` "
     "writes a JSON string with its quotes, `{name:number}` a number, true or false as it came (else a JSON string; "
     "null for nothing), `{text:xml}` and "
     "`{text:form}` escape for XML and URLs, `{text:xml-lines}` has <br/> for line ends. What is sent may hold `{to}` "
     "(digits without +), `{text}`, `{text:utf-16be-hex}`, `{text:gsm-hex}` (with `when gsm`), `{key}` (an id of ours, "
     "the same when a message is sent "
     "again) and `{callback}` (the channel's own address, where public-url is configured); headers only `{to}` and "
     "`{key}`. A `{` that begins no placeholder stands for itself.",
     NULL},
    {MAN_HEAD, "CHANGES", NULL},
    {MAN_TEXT,
     "Up to four, one after another: `trim`, `lower`, `upper`, `plus` and `no-plus` (in front of a number), `zeros` "
     "(00 "
     "is +), `code` (without * and # at the ends), `percent`, `hex`, `base64`, `letters` (each letter is the byte of "
     "its number), and the charsets `utf-16be`, `latin-1`, `windows-1252` and `gsm` (3GPP TS 23.038).",
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
