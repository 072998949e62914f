// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/foreign.h"

enum {
    LOOKED_AT = 512, // bytes in which a text without a mark at its start shows what it is
    NULS_LEAST = 8,  // every Latin letter of UTF-16 has one NUL ...
    NULS_OF = 4,     // ... so that one byte in four and more is NUL; a stray one is something else
    MARK_LEN = 7,
};

#define SAVE_AS_UTF8  "choose \"Save as\" in the editor, with the encoding UTF-8"
#define SAVE_AS_PLAIN "save it as plain text with the encoding UTF-8, under the same name"

static const char utf16[] = "the file is saved as UTF-16, not as UTF-8\n" SAVE_AS_UTF8;

static const struct {
    struct span start;
    const char *told;
} kinds[] = {
    {SPAN("\xFF\xFE"), utf16},
    {SPAN("\xFE\xFF"), utf16},
    {SPAN("PK\x03\x04"),
     "the file is a document of an office program, not a text\n" SAVE_AS_PLAIN}, // .docx, .odt, .xlsx
    {SPAN("\xD0\xCF\x11\xE0"), "the file is a document of an office program, not a text\n" SAVE_AS_PLAIN},
    {SPAN("{\\rtf"), "the file is a document of a word processor (RTF), not a text\n" SAVE_AS_PLAIN},
    {SPAN("%PDF-"), "the file is a PDF, not a text\n" SAVE_AS_PLAIN},
    {SPAN("<!DOCTYPE html"), "the file is a web page, not a text\n" SAVE_AS_PLAIN},
    {SPAN("<html"), "the file is a web page, not a text\n" SAVE_AS_PLAIN},
};

const char foreign_conflict[] = "git left both texts of a conflict here, between <<<<<<< and >>>>>>>\n"
                                "keep the lines that shall stand, and take out the others and the marks";

const char *foreign_file(struct span bytes)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (span_starts(bytes, kinds[i].start))
            return kinds[i].told;
    struct span start = span_first(bytes, LOOKED_AT);
    size_t nuls = 0;
    for (size_t i = 0; i < start.len; i++)
        nuls += start.p[i] == '\0';
    return nuls >= NULS_LEAST && nuls * NULS_OF >= start.len ? utf16 : NULL;
}

bool foreign_mark(struct span line, char sign)
{
    size_t len = 0;
    while (len < line.len && line.p[len] == sign)
        len++;
    return len == MARK_LEN && (len == line.len || line.p[len] == ' ');
}
