// SPDX-License-Identifier: AGPL-3.0-or-later
/* person - what the dialogue may know about who is calling, read anew for every turn. */
#ifndef WAYMARK_RECORD_PERSON_H
#define WAYMARK_RECORD_PERSON_H

#include "base/span.h"

struct person_case {
    struct span kind, reference, status;
    bool open;
    int64_t kept_until; /* the last day on which it is kept, unless it changes before */
};

struct person_consent {
    struct span name, version; /* in force: agreed and not withdrawn */
    int64_t day;               /* of agreeing */
};

struct person {
    const struct person_case *cases;
    size_t case_count;
    const struct person_consent *consents;
    size_t consent_count;
    bool stopped; /* the person asked not to be contacted */
};

#endif
