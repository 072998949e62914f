// SPDX-License-Identifier: AGPL-3.0-or-later
/* pot - writing the template that translators' files are made from, and the head of a new translation.
 *
 * Written by hand, as gettext's own tools would with --no-wrap: nothing reflows, so that a changed text is a small
 * change of the file, and there is no date that changes with every run.
 */
#ifndef WAYMARK_LOCALE_POT_H
#define WAYMARK_LOCALE_POT_H

#include "base/str.h"

struct pot_reference {
    struct span file;
    int line;
};

struct pot_entry {
    struct span context, id, plural; /* plural may be empty */
    struct span comment;             /* extracted: for the translator, lines divided by \n */
    const struct pot_reference *references;
    size_t reference_count;
    bool braces; /* holds {names}: gettext's tools then check that a translation has them too */
};

/** Appends the head of a template. */
void pot_head(struct str *out);

/** Appends an entry, after an empty line. */
void pot_entry(struct str *out, const struct pot_entry *e);

/** Appends the head of a new file of a language, with its plural rule (where we know none: one form for 1, another for
 * the rest) and an empty X-Reviewed-By. */
void pot_new(struct str *out, struct span language);

/** The Plural-Forms of a language; p is NULL where we know none. */
struct span pot_plural_forms(struct span language);

#endif
