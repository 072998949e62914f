// SPDX-License-Identifier: AGPL-3.0-or-later
#define PCRE2_CODE_UNIT_WIDTH 8
#include "menu/pattern.h"

#include "base/err.h"
#include "base/mem.h"

#include <pcre2.h>

enum {
    MATCH_LIMIT = 10000, // internal match() calls; a short answer against a plain class needs a few dozen
    DEPTH_LIMIT = 2000,  // nested backtracking
    HEAP_LIMIT = 1024,   // KiB
    NEST_LIMIT = 32,     // parentheses within parentheses
};

struct pattern {
    pcre2_general_context *memory;
    pcre2_match_context *limits;
    pcre2_code *code;
};

static void *pattern_alloc(size_t size, void *ctx)
{
    (void)ctx;
    return mem_alloc(size);
}

static void pattern_release(void *p, void *ctx)
{
    (void)ctx;
    mem_free(p);
}

void pattern_free(struct pattern *p)
{
    if (!p)
        return;
    pcre2_code_free(p->code);
    pcre2_match_context_free(p->limits);
    pcre2_general_context_free(p->memory);
    mem_free(p);
}

static int pattern_prepare(struct pattern *p)
{
    p->memory = pcre2_general_context_create(pattern_alloc, pattern_release, NULL);
    p->limits = p->memory ? pcre2_match_context_create(p->memory) : NULL;
    if (!p->limits)
        return ERR_NOMEM;
    pcre2_set_match_limit(p->limits, MATCH_LIMIT);
    pcre2_set_depth_limit(p->limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(p->limits, HEAP_LIMIT);
    return 0;
}

static int pattern_build(struct pattern *p, struct span text, size_t *offset, char *why, size_t why_size)
{
    const uint32_t options =
        PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    pcre2_compile_context *limits = pcre2_compile_context_create(p->memory);
    if (!limits)
        return ERR_NOMEM;
    pcre2_set_parens_nest_limit(limits, NEST_LIMIT);
    int error = 0;
    p->code = pcre2_compile((PCRE2_SPTR)(text.p ? text.p : ""), text.len, options, &error, offset, limits);
    pcre2_compile_context_free(limits);
    if (p->code)
        return 0;
    if (error == PCRE2_ERROR_HEAP_FAILED)
        return ERR_NOMEM;
    pcre2_get_error_message(error, (PCRE2_UCHAR *)why, why_size);
    return ERR_SYNTAX;
}

int pattern_compile(struct span text, struct pattern **out, size_t *offset, char *why, size_t why_size)
{
    struct pattern *p = mem_calloc(1, sizeof *p);
    if (!p)
        return ERR_NOMEM;
    int rc = pattern_prepare(p);
    if (!rc)
        rc = pattern_build(p, text, offset, why, why_size);
    if (rc < 0)
        pattern_free(p);
    else
        *out = p;
    return rc;
}

bool pattern_matches(const struct pattern *p, struct span answer)
{
    // The block is made for each call, so that threads share nothing but the compiled pattern.
    pcre2_match_data *block = pcre2_match_data_create_from_pattern(p->code, p->memory);
    if (!block)
        return false;
    int rc = pcre2_match(p->code, (PCRE2_SPTR)(answer.p ? answer.p : ""), answer.len, 0, 0, block, p->limits);
    pcre2_match_data_free(block);
    return rc >= 0;
}
