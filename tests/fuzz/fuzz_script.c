// SPDX-License-Identifier: AGPL-3.0-or-later
/* Fuzzes the reader of the line grammar, which menus, configuration, channels and transcripts share. Whatever the
 * bytes, each statement, word and rest has its right place: the line and column that are told hold what was read there.
 */
#include "base/arena.h"
#include "script/script.h"
#include "script/suggest.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The byte at which column `column` of a line begins: columns count code points. */
static size_t byte_of(struct span line, int column)
{
    size_t at = 0;
    for (int c = 1; at < line.len && c < column; c++)
        for (at++; at < line.len && ((unsigned char)line.p[at] & 0xC0) == 0x80;)
            at++;
    return at;
}

/* A token within one line stands where its place says. */
static void check_token(const struct token *t)
{
    assert(t->at.line > 0 && t->at.column > 0 && t->at.file);
    struct span there = span_from(t->source, byte_of(t->source, t->at.column));
    size_t first = span_find(t->text, '\n');
    assert(span_starts(there, span_first(t->text, first)));
}

static void walk(const struct statement *st)
{
    struct script_cursor c = script_cursor(st);
    struct token word;
    for (size_t i = 0; i < 3 && script_word(&c, &word); i++) {
        assert(word.text.len);
        check_token(&word);
        script_is_name(word.text), script_is_word(word.text);
        struct suggest s = suggest_start(word.text);
        suggest_try(&s, SPAN("option"));
        suggest_try(&s, SPAN("screen"));
        assert(suggest_best(&s).len <= 6);
    }
    struct token rest = script_rest(&c);
    if (rest.text.len)
        check_token(&rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(256 << 20);
    struct diags *d = diags_new();
    struct script s = {0};
    assert(a && d && script_read("x.menu", (struct span){(const char *)data, size}, a, d, &s) == 0);
    int line = 0;
    for (size_t i = 0; i < s.count; i++) {
        assert(s.statements[i].at.line > line && s.statements[i].text.len);
        line = s.statements[i].at.line;
        walk(&s.statements[i]);
    }
    struct str told = STR_INIT(16 << 20);
    diags_sort(d);
    diags_text(d, &told);
    diags_json(d, &told);
    str_release(&told);
    diags_free(d);
    arena_free(a);
    return 0;
}
