// SPDX-License-Identifier: AGPL-3.0-or-later
/* json - reading a path in a JSON text, and writing JSON (jansson, pointed at our allocator).
 *
 * json_read, json_get..., json_free. Depth is limited by JSON_DEPTH_MAX, doubled keys are refused.
 */
#ifndef WAYMARK_WIRE_JSON_H
#define WAYMARK_WIRE_JSON_H

#include "base/arena.h"
#include "base/span.h"
#include "base/str.h"
#include "wire/wire.h"

enum { JSON_DEPTH_MAX = 32 };

struct json; /* an immutable document */

/** Parses `text`; ERR_SYNTAX (also for a NUL in a string and an integer past 64 bits, which would be rounded),
 * ERR_LIMIT (too deep), ERR_NOMEM. Free with json_free. */
int json_read(struct span text, struct json **doc);
void json_free(struct json *doc);

/** The scalar at a path like "SMSMessageData.Recipients[0].status": a string as it is, numbers and booleans as
 * JSON text (a fraction in its fewest digits: 2.50 gives "2.5"), copied into `a`. ERR_MISSING where the path leads
 * nowhere or to null; ERR_SYNTAX where it leads to an array or object. */
int json_get(const struct json *doc, struct span path, struct arena *a, struct span *value);

/** What a path leads to, as json_get reads it; "." or an empty path is `from` itself. `any_case`: keys are the same
 * whatever case their letters have, and a key that is there twice then leads nowhere. Borrowed from the document; NULL
 * where it leads nowhere or to null. */
const struct json *json_find(const struct json *from, struct span path, bool any_case);

/** The scalar itself, as json_get gives it; ERR_SYNTAX, ERR_NOMEM. */
int json_text(const struct json *node, struct arena *a, struct span *value);

/** Elements of an array (0 where it is none), and element `index`, borrowed. */
size_t json_length(const struct json *node);
const struct json *json_item(const struct json *node, size_t index);

/** The object `text` with the members of the object `set` put in their places, written without blanks: what an
 * aggregator sent, with our answer in it. ERR_SYNTAX where one of them is no object, ERR_LIMIT, ERR_NOMEM. */
int json_merge(struct span text, struct span set, struct arena *a, struct span *out);
/** The members of the document's object, each with its value as json_get tells it, copied into `a`; null is empty.
 * ERR_SYNTAX where it is no object, or holds more than plain values. */
int json_members(const struct json *doc, struct arena *a, struct wire_field **fields, size_t *count);

/** Appends `text` as a JSON string with its quotes. Control characters and the two line separators are escaped. */
void json_quote(struct str *out, struct span text);

#endif
