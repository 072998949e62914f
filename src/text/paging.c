// SPDX-License-Identifier: AGPL-3.0-or-later
#include "text/paging.h"

#include "base/err.h"
#include "base/utf8.h"
#include "text/gsm7.h"

/* 3GPP TS 23.040, 9.2.3.24.1: 140 octets of user data, 6 of them taken by the concatenation header with an 8-bit
 * reference. */
enum {
    GSM_ALONE = 160,
    GSM_PART = 153,
    UCS2_ALONE = 70,
    UCS2_PART = 67,
    MOST_PARTS = 255,
};

struct measure measure_of(struct span text)
{
    return (struct measure){.gsm = gsm7_count(text) >= 0};
}

static int cost_of(struct measure m, int32_t cp)
{
    if (!m.gsm)
        return cp > 0xFFFF ? 2 : 1;
    int septets = gsm7_septets(cp);
    return septets ? septets : 1;
}

int measure_count(struct measure m, struct span text)
{
    int count = m.gsm ? gsm7_count(text) : ucs2_count(text);
    if (count >= 0)
        return count;
    for (count = 0; text.len;)
        count += cost_of(m, utf8_next(&text));
    return count;
}

static bool is_blank(int32_t cp)
{
    return cp == ' ' || cp == '\n' || cp == '\t' || cp == '\r';
}

static struct span skip_blanks(struct span s)
{
    while (s.len && is_blank(s.p[0]))
        s = span_from(s, 1);
    return s;
}

/* Full stops of the scripts that put a blank after them: Latin, Arabic, Urdu, Devanagari, Ethiopic. */
static bool is_stop(int32_t cp)
{
    static const int32_t stops[] = {0x2026, 0x061F, 0x06D4, 0x0964, 0x1362, 0x1367};
    if (cp < 0x80)
        return cp == '.' || cp == '!' || cp == '?';
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        if (stops[i] == cp)
            return true;
    return false;
}

/* Reads a text letter by letter up to the limit and remembers where it may be cut. All offsets are bytes from its
 * front. */
struct reader {
    size_t at;         /* what fits so far */
    int used;          /* its size */
    size_t word;       /* end of the last whole word, 0: none */
    size_t gap;        /* a blank inside a number, where it is cut only if it is longer than a page, 0: none */
    size_t sentence;   /* end of the last sentence or line, 0: none */
    int sentence_used; /* its size */
    bool ended;        /* a sentence's end was read, and nothing but closing marks since */
    bool label;        /* only digits were read in this line: the stop of "1. Maize" ends no sentence */
    bool blank;        /* the last letter was a blank, or nothing was read */
    bool digit;        /* the last letter was a digit, or closed a bracket around some */
};

static bool is_digit(int32_t cp)
{
    return cp >= '0' && cp <= '9';
}

/* Whether a number goes on behind this blank: "+1 (202) 555 0100" is one word to whoever has to dial it. */
static bool within_number(const struct reader *r, int32_t cp, struct span next)
{
    return cp == ' ' && r->digit && next.len && (is_digit(next.p[0]) || next.p[0] == '(');
}

/* Before the blank `cp` is read: a word ends here, perhaps a sentence too. */
static void mark_cut(struct reader *r, int32_t cp, struct span next)
{
    if (within_number(r, cp, next)) {
        r->gap = r->at;
        return;
    }
    if (!r->blank)
        r->word = r->at;
    // a line feed behind other blanks counts from the word's end as well: the blanks go where the cut is made
    if (r->word && (r->ended || cp == '\n')) {
        r->sentence = r->word;
        r->sentence_used = r->used;
    }
}

static void note(struct reader *r, int32_t cp)
{
    bool closing = cp == '"' || cp == '\'' || cp == ')' || cp == ']' || cp == 0x2019 || cp == 0x201D || cp == 0xBB;
    r->blank = is_blank(cp);
    r->ended = is_stop(cp) ? !(cp == '.' && r->label) : r->ended && closing;
    r->label = cp == '\n' || (r->label && (r->blank || is_digit(cp)));
    r->digit = is_digit(cp) || (r->digit && cp == ')');
}

/* A letter of ASCII is one in either alphabet and nothing to a cut; most of what is read are such. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Reads until the next letter would not fit; true when the whole text does. */
static bool read_up_to(struct reader *r, struct measure m, struct span text, int limit)
{
    for (struct span left = text; left.len; r->at = text.len - left.len) {
        bool plain = is_plain(left.p[0]);
        int32_t cp = utf8_next(&left);
        if (!plain && is_blank(cp))
            mark_cut(r, cp, left);
        int cost = plain ? 1 : cost_of(m, cp);
        if (r->used + cost > limit && r->at)
            return false;
        r->used += cost;
        if (plain)
            r->blank = r->ended = r->label = r->digit = false;
        else
            note(r, cp);
    }
    return true;
}

/* Where to cut: whatever is left when that is blanks only, else after a sentence that fills half a page, else after a
 * word, else where the page is full. */
static size_t cut_of(const struct reader *r, struct span text, int limit)
{
    if (r->word && !skip_blanks(span_from(text, r->word)).len)
        return r->word;
    if (r->sentence && 2 * r->sentence_used >= limit)
        return r->sentence;
    if (r->word)
        return r->word;
    return r->gap ? r->gap : r->at;
}

struct span paging_take(struct measure m, struct span *rest, int limit)
{
    struct span text = *rest;
    struct reader r = {.label = true, .blank = true};
    if (read_up_to(&r, m, text, limit)) {
        *rest = span_from(text, text.len);
        return text;
    }
    struct span bare = skip_blanks(text);
    if (!r.word && bare.len && bare.len < text.len) { // an indent must not cost a word its wholeness
        *rest = bare;
        return paging_take(m, rest, limit);
    }
    size_t cut = cut_of(&r, text, limit);
    *rest = skip_blanks(span_from(text, cut));
    return span_first(text, cut);
}

static int alone(struct measure m)
{
    return m.gsm ? GSM_ALONE : UCS2_ALONE;
}

static int part_size(struct measure m)
{
    return m.gsm ? GSM_PART : UCS2_PART;
}

/* Takes what fills one part, at any letter: the handset joins the parts again. */
static struct span take_part(struct measure m, struct span *rest)
{
    struct span text = *rest;
    struct span left = text;
    size_t end = 0;
    for (int used = 0; left.len; end = text.len - left.len) {
        used += cost_of(m, utf8_next(&left));
        if (used > part_size(m))
            break;
    }
    *rest = span_from(text, end);
    return span_first(text, end);
}

int paging_segments(struct span text)
{
    int size = gsm7_count(text);
    struct measure m = {.gsm = size >= 0};
    if ((m.gsm ? size : ucs2_count(text)) <= alone(m))
        return 1;
    int count = 0;
    for (; text.len; count++)
        take_part(m, &text);
    return count;
}

int paging_segment(struct span text, struct arena *a, struct span **parts, size_t *count)
{
    int n = paging_segments(text);
    if (n > MOST_PARTS)
        return ERR_LIMIT;
    struct span *array = arena_array(a, (size_t)n, sizeof *array);
    if (!array)
        return ERR_NOMEM;
    struct measure m = measure_of(text);
    array[0] = text;
    for (int i = 0; n > 1 && i < n; i++)
        array[i] = take_part(m, &text);
    *parts = array;
    *count = (size_t)n;
    return 0;
}

int paging_room(struct measure m, int parts)
{
    if (parts < 1)
        return 0;
    return parts == 1 ? alone(m) : part_size(m) * (parts < MOST_PARTS ? parts : MOST_PARTS);
}
