// SPDX-License-Identifier: AGPL-3.0-or-later
/* xml - the elements of a small XML document as fields (expat, pointed at our allocator).
 *
 * No document type is read: neither declared entities nor anything outside the document can be reached, and only the
 * five entities that XML itself has stand for something.
 */
#ifndef WAYMARK_WIRE_XML_H
#define WAYMARK_WIRE_XML_H

#include "wire/wire.h"

enum { XML_DEPTH_MAX = 32, XML_FIELDS_MAX = 256 };

/** Each element of `text` as a field: its name is the way to it from the root ("ussd/msisdn"), its value its own text
 * in UTF-8, without blanks at both ends. An attribute is "ussd/@version". ERR_SYNTAX (also for a document type),
 * ERR_LIMIT (deeper than XML_DEPTH_MAX, or more than XML_FIELDS_MAX), ERR_NOMEM. */
int xml_read(struct span text, struct arena *a, struct wire_field **fields, size_t *count);

#endif
