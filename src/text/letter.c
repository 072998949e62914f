// SPDX-License-Identifier: AGPL-3.0-or-later
#include "text/letter.h"

#include <stddef.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Every row of every table here begins with the code point it is sorted by. */
struct range {
    uint16_t first, last;
};

struct pair {
    uint16_t from, to;
};

struct spelling {
    uint16_t cp;
    const char *text;
};

/* Index of the last of `count` rows of `size` bytes that does not begin past `cp`, or -1. */
static ptrdiff_t row_before(const void *table, size_t count, size_t size, int32_t cp)
{
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        const uint16_t *key = (const uint16_t *)((const char *)table + middle * size);
        if (*key <= cp)
            low = middle + 1;
        else
            high = middle;
    }
    return (ptrdiff_t)low - 1;
}

static bool in_ranges(const struct range *table, size_t count, int32_t cp)
{
    ptrdiff_t row = row_before(table, count, sizeof *table, cp);
    return row >= 0 && cp <= table[row].last;
}

static const char *spelling_in(const struct spelling *table, size_t count, int32_t cp)
{
    ptrdiff_t row = row_before(table, count, sizeof *table, cp);
    return row >= 0 && table[row].cp == cp ? table[row].text : NULL;
}

/* Quotes, dashes, the ellipsis and the blanks of typesetting; signs that show nothing are left out. */
static const struct spelling typographic[] = {
    {0x60, "'"},   {0xA0, " "},    {0xAB, "\""},   {0xAD, ""},     {0xB4, "'"},    {0xBB, "\""},    {0x2BC, "'"},
    {0x2000, " "}, {0x2001, " "},  {0x2002, " "},  {0x2003, " "},  {0x2004, " "},  {0x2005, " "},   {0x2006, " "},
    {0x2007, " "}, {0x2008, " "},  {0x2009, " "},  {0x200A, " "},  {0x200B, ""},   {0x2010, "-"},   {0x2011, "-"},
    {0x2012, "-"}, {0x2013, "-"},  {0x2014, "-"},  {0x2015, "-"},  {0x2018, "'"},  {0x2019, "'"},   {0x201A, "'"},
    {0x201B, "'"}, {0x201C, "\""}, {0x201D, "\""}, {0x201E, "\""}, {0x201F, "\""}, {0x2026, "..."}, {0x202F, " "},
    {0x2032, "'"}, {0x2033, "\""}, {0x2039, "'"},  {0x203A, "'"},  {0x205F, " "},  {0x2060, ""},    {0x2212, "-"},
    {0xFEFF, ""},
};

const char *letter_typographic(int32_t cp)
{
    return spelling_in(typographic, COUNT(typographic), cp);
}

/* One place a letter, "." where the letter is plain already, has another script's or two letters for its plain form. */
static const char latin[] = "AAAAAA.CEEEEIIII" // U+00C0
                            "DNOOOOO.OUUUUY.." // U+00D0
                            "aaaaaa.ceeeeiiii" // U+00E0
                            "dnooooo.ouuuuy.y" // U+00F0
                            "AaAaAaCcCcCcCcDd" // U+0100
                            "DdEeEeEeEeEeGgGg" // U+0110
                            "GgGgHhHhIiIiIiIi" // U+0120
                            "Ii..JjKk.LlLlLl." // U+0130
                            ".LlNnNnNn.NnOoOo" // U+0140
                            "Oo..RrRrRrSsSsSs" // U+0150
                            "SsTtTtTtUuUuUuUu" // U+0160
                            "UuUuWwYyYZzZzZz." // U+0170
                            "bBBb..OCcDDDd.EE" // U+0180
                            "EFfG...IKkl..Nn." // U+0190
                            "Oo..Pp.....tTtTU" // U+01A0
                            "u.VYyZz........." // U+01B0
                            ".............AaI" // U+01C0
                            "iOoUuUuUuUuUueAa" // U+01D0
                            "Aa..GgGgKkOoOo.." // U+01E0
                            "j...Gg..NnAa..Oo" // U+01F0
                            "AaAaEeEeIiIiOoOo" // U+0200
                            "RrRrUuUuSsTt..Hh" // U+0210
                            "Nd..ZzAaEeOoOoOo" // U+0220
                            "OoYylntj..ACcLT." // U+0230
                            "...BU.EeJj..RrYy" // U+0240
    ;

static const char vietnamese[] = // Latin Extended Additional
    "AaBbBbBbCcDdDdDd"           // U+1E00
    "DdDdEeEeEeEeEeFf"           // U+1E10
    "GgHhHhHhHhHhIiIi"           // U+1E20
    "KkKkKkLlLlLlLlMm"           // U+1E30
    "MmMmNnNnNnNnOoOo"           // U+1E40
    "OoOoPpPpRrRrRrRr"           // U+1E50
    "SsSsSsSsSsTtTtTt"           // U+1E60
    "TtUuUuUuUuUuVvVv"           // U+1E70
    "WwWwWwWwWwXxXxYy"           // U+1E80
    "ZzZzZzhtwy......"           // U+1E90
    "AaAaAaAaAaAaAaAa"           // U+1EA0
    "AaAaAaAaEeEeEeEe"           // U+1EB0
    "EeEeEeEeIiIiOoOo"           // U+1EC0
    "OoOoOoOoOoOoOoOo"           // U+1ED0
    "OoOoUuUuUuUuUuUu"           // U+1EE0
    "UuYyYyYyYy......"           // U+1EF0
    ;

enum { LATIN = 0xC0, VIETNAMESE = 0x1E00 };

_Static_assert(sizeof latin == 0x250 - LATIN + 1, "one place for each letter up to U+024F");
_Static_assert(sizeof vietnamese == 0x1F00 - VIETNAMESE + 1, "one place for each letter up to U+1EFF");

/* The others: two Latin letters with accents, African hooks, Greek and Cyrillic as their canonical decomposition says,
 * the final sigma, and the Arabic letters that are typed for one another (alef, yeh, teh marbuta; kaf and heh of
 * Persian and Urdu). */
static const struct pair plain[] = {
    {0x1E2, 0x0C6}, {0x1E3, 0x0E6}, {0x1EE, 0x1B7}, {0x1EF, 0x292}, {0x1FC, 0x0C6}, {0x1FD, 0x0E6}, {0x253, 0x062},
    {0x254, 0x06F}, {0x256, 0x064}, {0x257, 0x064}, {0x259, 0x065}, {0x25B, 0x065}, {0x260, 0x067}, {0x268, 0x069},
    {0x272, 0x06E}, {0x289, 0x075}, {0x28B, 0x076}, {0x386, 0x391}, {0x388, 0x395}, {0x389, 0x397}, {0x38A, 0x399},
    {0x38C, 0x39F}, {0x38E, 0x3A5}, {0x38F, 0x3A9}, {0x390, 0x3B9}, {0x3AA, 0x399}, {0x3AB, 0x3A5}, {0x3AC, 0x3B1},
    {0x3AD, 0x3B5}, {0x3AE, 0x3B7}, {0x3AF, 0x3B9}, {0x3B0, 0x3C5}, {0x3C2, 0x3C3}, {0x3CA, 0x3B9}, {0x3CB, 0x3C5},
    {0x3CC, 0x3BF}, {0x3CD, 0x3C5}, {0x3CE, 0x3C9}, {0x400, 0x415}, {0x401, 0x415}, {0x403, 0x413}, {0x407, 0x406},
    {0x40C, 0x41A}, {0x40D, 0x418}, {0x40E, 0x423}, {0x419, 0x418}, {0x439, 0x438}, {0x450, 0x435}, {0x451, 0x435},
    {0x453, 0x433}, {0x457, 0x456}, {0x45C, 0x43A}, {0x45D, 0x438}, {0x45E, 0x443}, {0x476, 0x474}, {0x477, 0x475},
    {0x4C1, 0x416}, {0x4C2, 0x436}, {0x4D0, 0x410}, {0x4D1, 0x430}, {0x4D2, 0x410}, {0x4D3, 0x430}, {0x4D6, 0x415},
    {0x4D7, 0x435}, {0x4DA, 0x4D8}, {0x4DB, 0x4D9}, {0x4DC, 0x416}, {0x4DD, 0x436}, {0x4DE, 0x417}, {0x4DF, 0x437},
    {0x4E2, 0x418}, {0x4E3, 0x438}, {0x4E4, 0x418}, {0x4E5, 0x438}, {0x4E6, 0x41E}, {0x4E7, 0x43E}, {0x4EA, 0x4E8},
    {0x4EB, 0x4E9}, {0x4EC, 0x42D}, {0x4ED, 0x44D}, {0x4EE, 0x423}, {0x4EF, 0x443}, {0x4F0, 0x423}, {0x4F1, 0x443},
    {0x4F2, 0x423}, {0x4F3, 0x443}, {0x4F4, 0x427}, {0x4F5, 0x447}, {0x4F8, 0x42B}, {0x4F9, 0x44B}, {0x622, 0x627},
    {0x623, 0x627}, {0x624, 0x648}, {0x625, 0x627}, {0x626, 0x64A}, {0x629, 0x647}, {0x649, 0x64A}, {0x671, 0x627},
    {0x672, 0x627}, {0x673, 0x627}, {0x675, 0x627}, {0x6A9, 0x643}, {0x6AA, 0x643}, {0x6C0, 0x647}, {0x6C1, 0x647},
    {0x6C2, 0x647}, {0x6C3, 0x647}, {0x6CC, 0x64A}, {0x6CD, 0x64A}, {0x6D0, 0x64A}, {0x6D3, 0x6D2}, {0x6D5, 0x647},
};

static int32_t latin_plain(int32_t cp)
{
    char base = '.';
    if (cp >= LATIN && cp < 0x250)
        base = latin[cp - LATIN];
    else if (cp >= VIETNAMESE && cp < 0x1F00)
        base = vietnamese[cp - VIETNAMESE];
    return base == '.' ? 0 : base;
}

int32_t letter_plain(int32_t cp)
{
    if (cp < LATIN)
        return cp;
    int32_t base = latin_plain(cp);
    if (base)
        return base;
    ptrdiff_t row = row_before(plain, COUNT(plain), sizeof *plain, cp);
    return row >= 0 && plain[row].from == cp ? plain[row].to : cp;
}

static const struct spelling spelled[] = {
    {0xC6, "AE"},   {0xDE, "TH"},    {0xDF, "ss"},    {0xE6, "ae"},   {0xFE, "th"},   {0x132, "IJ"},
    {0x133, "ij"},  {0x152, "OE"},   {0x153, "oe"},   {0x1C4, "DZ"},  {0x1C5, "Dz"},  {0x1C6, "dz"},
    {0x1C7, "LJ"},  {0x1C8, "Lj"},   {0x1C9, "lj"},   {0x1CA, "NJ"},  {0x1CB, "Nj"},  {0x1CC, "nj"},
    {0x1F1, "DZ"},  {0x1F2, "Dz"},   {0x1F3, "dz"},   {0x1E9E, "SS"}, {0xFB00, "ff"}, {0xFB01, "fi"},
    {0xFB02, "fl"}, {0xFB03, "ffi"}, {0xFB04, "ffl"}, {0xFB05, "st"}, {0xFB06, "st"},
};

const char *letter_spelled(int32_t cp)
{
    return spelling_in(spelled, COUNT(spelled), cp);
}

struct composition {
    uint16_t base, mark, cp;
};

static const struct composition compositions[] = {
    {'A', 0x308, 0xC4}, {'A', 0x30A, 0xC5}, {'C', 0x327, 0xC7}, {'E', 0x301, 0xC9}, {'N', 0x303, 0xD1},
    {'O', 0x308, 0xD6}, {'U', 0x308, 0xDC}, {'a', 0x300, 0xE0}, {'a', 0x308, 0xE4}, {'a', 0x30A, 0xE5},
    {'e', 0x300, 0xE8}, {'e', 0x301, 0xE9}, {'i', 0x300, 0xEC}, {'n', 0x303, 0xF1}, {'o', 0x300, 0xF2},
    {'o', 0x308, 0xF6}, {'u', 0x300, 0xF9}, {'u', 0x308, 0xFC},
};

int32_t letter_composed(int32_t base, int32_t mark)
{
    for (size_t i = 0; i < COUNT(compositions); i++)
        if (compositions[i].base == base && compositions[i].mark == mark)
            return compositions[i].cp;
    return 0;
}

bool letter_is_accent(int32_t cp)
{
    return cp >= 0x300 && cp <= 0x36F;
}

static const struct range marks[] = {
    {0xAD, 0xAD},     {0x300, 0x36F},   {0x483, 0x487},   {0x591, 0x5BD},   {0x5BF, 0x5BF},   {0x5C1, 0x5C2},
    {0x5C4, 0x5C5},   {0x5C7, 0x5C7},   {0x610, 0x61A},   {0x61C, 0x61C},   {0x640, 0x640},   {0x64B, 0x65F},
    {0x670, 0x670},   {0x6D6, 0x6DC},   {0x6DF, 0x6E4},   {0x6E7, 0x6E8},   {0x6EA, 0x6ED},   {0x8D3, 0x8E1},
    {0x8E3, 0x8FF},   {0x1AB0, 0x1ACE}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064},
    {0x2066, 0x2069}, {0x20D0, 0x20F0}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF},
};

bool letter_is_mark(int32_t cp)
{
    return in_ranges(marks, COUNT(marks), cp);
}

static const struct range blanks[] = {
    {'\t', '\r'},     {' ', ' '},       {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

static const struct range right_to_left[] = {{0x590, 0x8FF}, {0xFB1D, 0xFDFF}, {0xFE70, 0xFEFC}};

bool letter_is_right_to_left(int32_t cp)
{
    return in_ranges(right_to_left, COUNT(right_to_left), cp);
}

bool letter_is_blank(int32_t cp)
{
    return in_ranges(blanks, COUNT(blanks), cp);
}

/* Category P of the scripts that phones write, and the ASCII signs that stand around words ("<yes>", "=1"). */
static const struct range punctuation[] = {
    {'!', '#'},       {'%', '/'},       {':', '@'},       {'[', '`'},       {'{', '~'},       {0xA1, 0xA1},
    {0xA7, 0xA7},     {0xAB, 0xAB},     {0xB4, 0xB4},     {0xB6, 0xB7},     {0xBB, 0xBB},     {0xBF, 0xBF},
    {0x2BC, 0x2BC},   {0x37E, 0x37E},   {0x387, 0x387},   {0x55A, 0x55F},   {0x589, 0x58A},   {0x5BE, 0x5BE},
    {0x5C0, 0x5C0},   {0x5C3, 0x5C3},   {0x5F3, 0x5F4},   {0x60C, 0x60D},   {0x61B, 0x61B},   {0x61D, 0x61F},
    {0x66A, 0x66D},   {0x6D4, 0x6D4},   {0x700, 0x70D},   {0x7F7, 0x7F9},   {0x964, 0x965},   {0x970, 0x970},
    {0xDF4, 0xDF4},   {0xE4F, 0xE4F},   {0xE5A, 0xE5B},   {0xF04, 0xF12},   {0xF3A, 0xF3D},   {0x104A, 0x104F},
    {0x1360, 0x1368}, {0x166E, 0x166E}, {0x17D4, 0x17D6}, {0x17D8, 0x17DA}, {0x1800, 0x180A}, {0x2010, 0x2027},
    {0x2030, 0x205E}, {0x2212, 0x2212}, {0x2E00, 0x2E5D}, {0x3001, 0x3003}, {0x3008, 0x3011}, {0x3014, 0x301F},
    {0x30FB, 0x30FB}, {0xA60D, 0xA60F}, {0xFD3E, 0xFD3F}, {0xFF01, 0xFF0F}, {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40},
    {0xFF5B, 0xFF65},
};

bool letter_is_punctuation(int32_t cp)
{
    return in_ranges(punctuation, COUNT(punctuation), cp);
}

bool letter_is_sign(int32_t cp)
{
    return (cp >= 0x2000 && cp < 0x2C00) || (cp >= 0xE000 && cp < 0xF900) || (cp >= 0xFE00 && cp < 0xFE10) ||
           (cp >= 0xFFF0 && cp < 0x10000) || (cp >= 0x1F000 && cp < 0x20000) || cp >= 0xE0000;
}

/* The zero of each run of ten digits, category Nd. */
static const uint16_t zeros[] = {
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
};

int letter_digit(int32_t cp)
{
    ptrdiff_t row = row_before(zeros, COUNT(zeros), sizeof *zeros, cp);
    return row >= 0 && cp - zeros[row] < 10 ? cp - zeros[row] : -1;
}
