// SPDX-License-Identifier: AGPL-3.0-or-later
/* multipart - the fields of a form that came as multipart/form-data (RFC 7578). */
#ifndef WAYMARK_WIRE_MULTIPART_H
#define WAYMARK_WIRE_MULTIPART_H

#include "wire/wire.h"

/** The fields of `body`, in order, as bytes that point into it; files are left out. `type` is the Content-Type with its
 * boundary. ERR_SYNTAX, ERR_LIMIT (more than 256), ERR_NOMEM. */
int multipart_read(struct span type, struct span body, struct arena *a, struct wire_field **fields, size_t *count);

#endif
