// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools/explain.h"

enum { EXPLAIN_WIDTH = 90 };

const struct explain_page *explain_find(struct span code)
{
    const struct explain_page *page;
    for (size_t i = 0; (page = explain_page(i)); i++)
        if (span_eq_nocase(code, span_of(page->code)))
            return page;
    return NULL;
}

static void put_wrapped(struct str *out, struct span text)
{
    struct span word;
    for (size_t column = 0; span_split(&text, ' ', &word);) {
        bool wraps = column && column + 1 + word.len > EXPLAIN_WIDTH;
        if (column)
            str_addc(out, wraps ? '\n' : ' ');
        str_add(out, word);
        column = (column && !wraps ? column + 1 : 0) + word.len;
    }
    str_addc(out, '\n');
}

static void put_example(struct str *out, const char *title, const char *where, const char *lines)
{
    struct span text = span_of(lines), line;
    if (!text.len)
        return;
    str_addf(out, "\n%s (%s):\n", title, where);
    while (text.len && span_split(&text, '\n', &line))
        str_addf(out, "    %.*s\n", SPAN_ARG(line));
}

void explain_text(const struct explain_page *page, struct str *out)
{
    str_addf(out, "%s: %s\n\n", page->code, page->title);
    put_wrapped(out, span_of(page->meaning));
    put_example(out, "Wrong", page->where, page->wrong);
    put_example(out, "Right", page->where, page->right);
}
