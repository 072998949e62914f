// SPDX-License-Identifier: AGPL-3.0-or-later
/* plural - the rule by which a language chooses a plural form: the Plural-Forms field of a PO header.
 *
 *     nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);
 *
 * The expression is C's, over one unsigned number n, as the GNU gettext manual says (section 11.2.6, "Additional
 * functions for plural forms"): n, decimal numbers, ?:, ||, &&, ==, !=, <, >, <=, >=, +, -, *, /, %, ! and parentheses.
 * It is compiled once to a tree of limited size and depth; nothing in it can loop, fail or allocate.
 */
#ifndef WAYMARK_LOCALE_PLURAL_H
#define WAYMARK_LOCALE_PLURAL_H

#include "base/span.h"

enum { PLURAL_NODES_MAX = 256, PLURAL_DEPTH_MAX = 64, PLURAL_FORMS_MAX = 6 };

struct plural_node {
    unsigned char op;           /* an operator of plural.c */
    unsigned short left, right; /* nodes; of ?: right is the node that holds both ways */
    uint64_t number;
};

struct plural {
    int forms; /* 1..PLURAL_FORMS_MAX */
    unsigned short root, count;
    struct plural_node nodes[PLURAL_NODES_MAX];
};

/** Compiles the field's value. ERR_SYNTAX, ERR_RANGE (forms), ERR_LIMIT (too long or deep); *at is the byte that is
 * wrong. */
int plural_parse(struct span field, struct plural *out, size_t *at);

/** The form for `n`, 0..forms-1: a larger result gives the last form, a division by zero the first. */
int plural_form(const struct plural *p, uint64_t n);

#endif
