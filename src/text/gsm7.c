// SPDX-License-Identifier: AGPL-3.0-or-later
#include "text/gsm7.h"

#include "base/err.h"
#include "base/utf8.h"

#include <string.h>

enum { ESC = 0x1B, NO = 0xFF };

/* A code with this bit stands in the extension table. */
enum { EXT = 0x80 };

/* 3GPP TS 23.038, 6.2.1: the letter of each septet. Trap: 0x09 is the capital C-cedilla; the small one is not in it. */
static const uint16_t alphabet[128] = {
    '@',   0xA3, '$',   0xA5,  0xE8,  0xE9,  0xF9,  0xEC,  0xF2,  0xC7,  '\n',  0xD8, 0xF8, '\r', 0xC5, 0xE5, // 00
    0x394, '_',  0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, ' ',  0xC6, 0xE6, 0xDF, 0xC9, // 10
    ' ',   '!',  '"',   '#',   0xA4,  '%',   '&',   '\'',  '(',   ')',   '*',   '+',  ',',  '-',  '.',  '/',  // 20
    '0',   '1',  '2',   '3',   '4',   '5',   '6',   '7',   '8',   '9',   ':',   ';',  '<',  '=',  '>',  '?',  // 30
    0xA1,  'A',  'B',   'C',   'D',   'E',   'F',   'G',   'H',   'I',   'J',   'K',  'L',  'M',  'N',  'O',  // 40
    'P',   'Q',  'R',   'S',   'T',   'U',   'V',   'W',   'X',   'Y',   'Z',   0xC4, 0xD6, 0xD1, 0xDC, 0xA7, // 50
    0xBF,  'a',  'b',   'c',   'd',   'e',   'f',   'g',   'h',   'i',   'j',   'k',  'l',  'm',  'n',  'o',  // 60
    'p',   'q',  'r',   's',   't',   'u',   'v',   'w',   'x',   'y',   'z',   0xE4, 0xF6, 0xF1, 0xFC, 0xE0, // 70
};

struct pair {
    uint16_t cp;
    uint8_t code;
};

/* 6.2.1.1, the extension table. */
static const struct pair extension[] = {
    {'\f', 0x0A}, {'^', 0x14}, {'{', 0x28}, {'}', 0x29}, {'\\', 0x2F},
    {'[', 0x3C},  {'~', 0x3D}, {']', 0x3E}, {'|', 0x40}, {0x20AC, 0x65},
};

/* The way back, for letters before U+0100. Counting runs over every page of every turn, so it is a table of its own and
 * not a search; that it agrees with the two above is tested letter by letter. */
static const uint8_t latin[256] = {
    NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   0x0A, NO,   0x8A, 0x0D, NO,   NO,   // 00
    NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   // 10
    0x20, 0x21, 0x22, 0x23, 0x02, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F, // 20
    0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, // 30
    0x00, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F, // 40
    0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0xBC, 0xAF, 0xBE, 0x94, 0x11, // 50
    NO,   0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, // 60
    0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0xA8, 0xC0, 0xA9, 0xBD, NO,   // 70
    NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   // 80
    NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   // 90
    NO,   0x40, NO,   0x01, 0x24, 0x03, NO,   0x5F, NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   // A0
    NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   0x60, // B0
    NO,   NO,   NO,   NO,   0x5B, 0x0E, 0x1C, 0x09, NO,   0x1F, NO,   NO,   NO,   NO,   NO,   NO,   // C0
    NO,   0x5D, NO,   NO,   NO,   NO,   0x5C, NO,   0x0B, NO,   NO,   NO,   0x5E, NO,   NO,   0x1E, // D0
    0x7F, NO,   NO,   NO,   0x7B, 0x0F, 0x1D, NO,   0x04, 0x05, NO,   NO,   0x07, NO,   NO,   NO,   // E0
    NO,   0x7D, 0x08, NO,   NO,   NO,   0x7C, NO,   0x0C, 0x06, NO,   NO,   0x7E, NO,   NO,   NO,   // F0
};

/* The others: the Greek capitals that have no Latin twin, and the euro sign. */
static const struct pair others[] = {
    {0x393, 0x13}, {0x394, 0x10}, {0x398, 0x19}, {0x39B, 0x14}, {0x39E, 0x1A},        {0x3A0, 0x16},
    {0x3A3, 0x18}, {0x3A6, 0x12}, {0x3A8, 0x17}, {0x3A9, 0x15}, {0x20AC, EXT | 0x65},
};

/* The code of a letter, with EXT where it needs the escape, or NO. */
static uint8_t code_of(int32_t cp)
{
    if (cp >= 0 && cp < 0x100)
        return latin[cp];
    if (cp < 0x393 || cp > 0x20AC)
        return NO;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].cp == cp)
            return others[i].code;
    return NO;
}

static int septets_of(uint8_t code)
{
    return code == NO ? 0 : code & EXT ? 2 : 1;
}

int gsm7_septets(int32_t cp)
{
    return septets_of(code_of(cp));
}

/* The code of the letter at the front of *s, which is taken. */
static uint8_t next_code(struct span *s)
{
    uint8_t byte = (uint8_t)s->p[0];
    if (byte >= 0x80)
        return code_of(utf8_next(s));
    s->p++;
    s->len--;
    return latin[byte];
}

enum { WORD = sizeof(uint64_t) };
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether all bytes of a word are a septet each, by arithmetic on eight at once: 0x20 to 0x3F, or the letters 0x41 to
 * 0x5A and 0x61 to 0x7A. False does not say that they are not: the table knows. */
static bool simple(uint64_t word)
{
    uint64_t low = word & EACH(0x1F), upper = word << 1;
    uint64_t above_z = low + EACH(0x7F - 0x1A), above_at = low + EACH(0x7F); // bit 7 where low > 0x1A, low > 0
    uint64_t control = ~(upper | word << 2);
    return ((word | (upper & (above_z | ~above_at)) | control) & EACH(0x80)) == 0;
}

/* How many bytes at the front of a text are simple; whole words only. */
static size_t simple_len(struct span s)
{
    size_t n = 0;
    for (uint64_t word; s.len - n >= WORD; n += WORD) {
        memcpy(&word, s.p + n, WORD);
        if (!simple(word))
            break;
    }
    return n;
}

int gsm7_count(struct span utf8)
{
    int count = 0;
    while (utf8.len) {
        size_t plain = simple_len(utf8);
        count += (int)plain;
        utf8 = span_from(utf8, plain);
        for (size_t i = 0; i < WORD && utf8.len; i++) {
            uint8_t code = next_code(&utf8);
            if (code == NO)
                return -1;
            count += septets_of(code);
        }
    }
    return count;
}

int ucs2_count(struct span utf8)
{
    int count = 0;
    while (utf8.len)
        count += utf8_next(&utf8) > 0xFFFF ? 2 : 1;
    return count;
}

int gsm7_encode(struct span utf8, struct str *septets)
{
    while (utf8.len) {
        uint8_t code = next_code(&utf8);
        if (code == NO)
            return ERR_RANGE;
        if (code & EXT)
            str_addc(septets, ESC);
        str_addc(septets, (char)(code & 0x7F));
    }
    return str_err(septets);
}

/* 6.2.1.1: a code without a meaning is shown as in the default table; a second ESC is kept for a future table and is a
 * blank. */
static int32_t extended(uint8_t code)
{
    for (size_t i = 0; i < sizeof extension / sizeof *extension; i++)
        if (extension[i].code == code)
            return extension[i].cp;
    return alphabet[code];
}

void gsm7_decode(struct span septets, struct str *utf8)
{
    for (size_t i = 0; i < septets.len; i++) {
        uint8_t code = septets.p[i] & 0x7F;
        if (code == ESC && i + 1 < septets.len)
            utf8_put(utf8, extended(septets.p[++i] & 0x7F));
        else
            utf8_put(utf8, alphabet[code]); // an ESC with nothing behind it is a blank
    }
}
