// SPDX-License-Identifier: AGPL-3.0-or-later
#include "wire/utf8.h"

/* RFC 3629, section 4: what may follow a lead byte. Only the second byte's range varies; the others are 80..BF. */
static const struct lead {
    unsigned char first, last; // lead bytes
    unsigned char low, high;   // second byte
    unsigned char tail;        // bytes behind the lead
} leads[] = {
    {0x00, 0x7F, 0, 0, 0},       {0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2},
    {0xE1, 0xEC, 0x80, 0xBF, 2}, {0xED, 0xED, 0x80, 0x9F, 2}, {0xEE, 0xEF, 0x80, 0xBF, 2},
    {0xF0, 0xF0, 0x90, 0xBF, 3}, {0xF1, 0xF3, 0x80, 0xBF, 3}, {0xF4, 0xF4, 0x80, 0x8F, 3},
};

static const struct lead *lead_of(unsigned char byte)
{
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++)
        if (byte >= leads[i].first && byte <= leads[i].last)
            return &leads[i];
    return NULL;
}

static bool tail_valid(const struct lead *lead, const unsigned char *tail)
{
    if (lead->tail && (tail[0] < lead->low || tail[0] > lead->high))
        return false;
    for (unsigned i = 1; i < lead->tail; i++)
        if ((tail[i] & 0xC0) != 0x80)
            return false;
    return true;
}

bool wire_utf8_valid(struct span text)
{
    const unsigned char *bytes = (const unsigned char *)text.p;
    for (size_t i = 0; i < text.len;) {
        if (bytes[i] < 0x80) { // nearly everything that aggregators send
            i++;
            continue;
        }
        const struct lead *lead = lead_of(bytes[i]);
        if (!lead || lead->tail >= text.len - i || !tail_valid(lead, bytes + i + 1))
            return false;
        i += 1u + lead->tail;
    }
    return true;
}
