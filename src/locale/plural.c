// SPDX-License-Identifier: AGPL-3.0-or-later
#include "locale/plural.h"

#include "base/err.h"

_Static_assert(PLURAL_NODES_MAX <= UINT16_MAX, "a node's index must fit");

enum op {
    OP_N,
    OP_NUMBER,
    OP_NOT,
    OP_CHOOSE, // left ? ways.left : ways.right, where ways is the node `right`
    OP_WAYS,
    OP_OR,
    OP_AND,
    OP_SIGN,   // the row `number` of plural_signs, applied to both sides
    OP_DIVIDE, // the same, for rows whose right side must not be 0
};

static uint64_t equal(uint64_t a, uint64_t b)
{
    return a == b;
}

static uint64_t differ(uint64_t a, uint64_t b)
{
    return a != b;
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
    return a <= b;
}

static uint64_t at_least(uint64_t a, uint64_t b)
{
    return a >= b;
}

static uint64_t below(uint64_t a, uint64_t b)
{
    return a < b;
}

static uint64_t above(uint64_t a, uint64_t b)
{
    return a > b;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a + b;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
    return a - b;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    return a * b;
}

static uint64_t quotient(uint64_t a, uint64_t b)
{
    return a / b;
}

static uint64_t remainder_of(uint64_t a, uint64_t b)
{
    return a % b;
}

/* Longer signs first where one begins another. */
static const struct {
    struct span sign;
    int tightness; // C's precedence, 1: loosest
    unsigned char op;
    uint64_t (*apply)(uint64_t a, uint64_t b);
} plural_signs[] = {
    {SPAN("||"), 1, OP_OR, NULL},
    {SPAN("&&"), 2, OP_AND, NULL},
    {SPAN("=="), 3, OP_SIGN, equal},
    {SPAN("!="), 3, OP_SIGN, differ},
    {SPAN("<="), 4, OP_SIGN, at_most},
    {SPAN(">="), 4, OP_SIGN, at_least},
    {SPAN("<"), 4, OP_SIGN, below},
    {SPAN(">"), 4, OP_SIGN, above},
    {SPAN("+"), 5, OP_SIGN, plus},
    {SPAN("-"), 5, OP_SIGN, minus},
    {SPAN("*"), 6, OP_SIGN, times},
    {SPAN("/"), 6, OP_DIVIDE, quotient},
    {SPAN("%"), 6, OP_DIVIDE, remainder_of},
};
enum { SIGNS = sizeof plural_signs / sizeof *plural_signs };

struct parser {
    struct span text;
    size_t at;
    int depth, err;
    struct plural *out;
};

static void skip_blanks(struct parser *p)
{
    while (p->at < p->text.len && (p->text.p[p->at] == ' ' || p->text.p[p->at] == '\t' || p->text.p[p->at] == '\n'))
        p->at++;
}

static bool accept(struct parser *p, struct span sign)
{
    skip_blanks(p);
    if (!span_starts(span_from(p->text, p->at), sign))
        return false;
    p->at += sign.len;
    return true;
}

static unsigned short fail(struct parser *p, int err)
{
    if (!p->err)
        p->err = err;
    return 0;
}

static unsigned short node(struct parser *p, struct plural_node n)
{
    if (p->err || p->out->count == PLURAL_NODES_MAX)
        return fail(p, ERR_LIMIT);
    p->out->nodes[p->out->count] = n;
    return p->out->count++;
}

/* digit { digit } */
static bool number(struct parser *p, uint64_t *value)
{
    skip_blanks(p);
    size_t start = p->at;
    *value = 0;
    for (; p->at < p->text.len && p->text.p[p->at] >= '0' && p->text.p[p->at] <= '9'; p->at++)
        if (__builtin_mul_overflow(*value, (uint64_t)10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(p->text.p[p->at] - '0'), value)) {
            fail(p, ERR_RANGE);
            return false;
        }
    return p->at > start;
}

static unsigned short choice(struct parser *p);

/* "n" | number | "!" unary | "(" choice ")" */
static unsigned short unary(struct parser *p)
{
    uint64_t value;
    if (p->err || ++p->depth > PLURAL_DEPTH_MAX)
        return fail(p, ERR_LIMIT);
    unsigned short made = 0;
    if (accept(p, SPAN("!"))) {
        made = unary(p);
        made = node(p, (struct plural_node){.op = OP_NOT, .left = made});
    } else if (accept(p, SPAN("("))) {
        made = choice(p);
        if (!p->err && !accept(p, SPAN(")")))
            fail(p, ERR_SYNTAX);
    } else if (accept(p, SPAN("n"))) {
        made = node(p, (struct plural_node){.op = OP_N});
    } else if (number(p, &value)) {
        made = node(p, (struct plural_node){.op = OP_NUMBER, .number = value});
    } else {
        fail(p, ERR_SYNTAX);
    }
    p->depth--;
    return made;
}

/* The sign that comes next and binds at least as tightly, or SIGNS. */
static size_t next_sign(struct parser *p, int tightness)
{
    for (size_t i = 0; !p->err && i < SIGNS; i++)
        if (plural_signs[i].tightness >= tightness && accept(p, plural_signs[i].sign))
            return i;
    return SIGNS;
}

/* unary { sign unary }, all signs left-associative, by climbing the precedences */
static unsigned short binary(struct parser *p, int tightness)
{
    unsigned short left = unary(p);
    for (size_t i = next_sign(p, tightness); !p->err && i < SIGNS; i = next_sign(p, tightness)) {
        unsigned short right = binary(p, plural_signs[i].tightness + 1);
        left = node(p, (struct plural_node){.op = plural_signs[i].op, .left = left, .right = right, .number = i});
    }
    return left;
}

/* binary [ "?" choice ":" choice ]; each round takes a node, so that PLURAL_NODES_MAX bounds the depth too */
static unsigned short choice(struct parser *p)
{
    unsigned short made = binary(p, 1);
    if (!p->err && accept(p, SPAN("?"))) {
        unsigned short yes = choice(p);
        if (!p->err && !accept(p, SPAN(":")))
            fail(p, ERR_SYNTAX);
        unsigned short no = p->err ? 0 : choice(p);
        unsigned short ways = node(p, (struct plural_node){.op = OP_WAYS, .left = yes, .right = no});
        made = node(p, (struct plural_node){.op = OP_CHOOSE, .left = made, .right = ways});
    }
    return made;
}

/* "nplurals" "=" number ";" "plural" "=" choice [ ";" ] */
static void field_of(struct parser *p)
{
    uint64_t forms = 0;
    if (!accept(p, SPAN("nplurals")) || !accept(p, SPAN("=")) || !number(p, &forms)) {
        fail(p, ERR_SYNTAX);
        return;
    }
    if (forms < 1 || forms > PLURAL_FORMS_MAX) {
        fail(p, ERR_RANGE);
        return;
    }
    p->out->forms = (int)forms;
    if (!accept(p, SPAN(";")) || !accept(p, SPAN("plural")) || !accept(p, SPAN("="))) {
        fail(p, ERR_SYNTAX);
        return;
    }
    p->out->root = choice(p);
    accept(p, SPAN(";"));
    skip_blanks(p);
    if (p->at < p->text.len)
        fail(p, ERR_SYNTAX);
}

int plural_parse(struct span field, struct plural *out, size_t *at)
{
    *out = (struct plural){0};
    struct parser p = {.text = field, .out = out};
    field_of(&p);
    *at = p.at;
    return p.err;
}

struct sum {
    const struct plural *p;
    uint64_t n;
    bool by_zero;
};

/* What C does not evaluate is not evaluated here either: n && 10 / n is no division by zero. */
static uint64_t value_of(struct sum *s, unsigned short index)
{
    const struct plural_node *node = &s->p->nodes[index];
    if (node->op == OP_N)
        return s->n;
    if (node->op == OP_NUMBER)
        return node->number;
    uint64_t left = value_of(s, node->left);
    const struct plural_node *ways = &s->p->nodes[node->right];
    if (node->op == OP_NOT)
        return !left;
    if (node->op == OP_CHOOSE)
        return value_of(s, left ? ways->left : ways->right);
    if (node->op == OP_OR)
        return left || value_of(s, node->right);
    if (node->op == OP_AND)
        return left && value_of(s, node->right);
    uint64_t right = value_of(s, node->right);
    s->by_zero = s->by_zero || (node->op == OP_DIVIDE && right == 0);
    return s->by_zero ? 0 : plural_signs[node->number].apply(left, right);
}

int plural_form(const struct plural *p, uint64_t n)
{
    struct sum s = {.p = p, .n = n};
    uint64_t form = value_of(&s, p->root);
    if (s.by_zero)
        return 0;
    return form < (uint64_t)p->forms ? (int)form : p->forms - 1;
}
