// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/menutext.h"

#include "base/err.h"
#include "console/internal.h"

struct asking {
    struct page *p;
    const struct casebook *b;
    struct menutext *out;
};

static int needs_read(struct asking *x, const struct program *program)
{
    uint16_t kind = program_case(program, x->b->summary.kind);
    const struct menu_case *c = kind == PROGRAM_NONE ? NULL : &program->cases[kind];
    struct span *needs = arena_array(x->p->arena, (c ? c->needs_count : 0) + 1, sizeof *needs);
    if (!needs)
        return ERR_NOMEM;
    for (size_t i = 0; c && i < c->needs_count; i++)
        needs[x->out->needs_count++] = arena_copy(x->p->arena, program->consents[c->needs[i]].name);
    x->out->needs = needs;
    return 0;
}

static struct span slot_name(const struct asking *x, const struct program *program, uint16_t slot)
{
    return slot == PROGRAM_NONE ? (struct span){0} : arena_copy(x->p->arena, program->slots[slot].name);
}

static void contact_read(struct asking *x, const struct program *program)
{
    uint16_t kind = program_case(program, x->b->summary.kind);
    if (kind == PROGRAM_NONE)
        return;
    x->out->may_call = slot_name(x, program, program->cases[kind].may_call);
    x->out->safe_time = slot_name(x, program, program->cases[kind].safe_time);
}

static int replies_read(struct asking *x, const struct program *program)
{
    const struct wording w = {program, x->p->arena, x->b->answers.fields, x->b->answers.field_count};
    struct menutext_reply *all = arena_array(x->p->arena, program->reply_count + 1, sizeof *all);
    if (!all)
        return ERR_NOMEM;
    for (size_t i = 0; i < program->reply_count; i++) {
        const struct reply *r = &program->replies[i];
        all[i].name = arena_copy(x->p->arena, r->name);
        all[i].label = wording_text(&w, r->label, (struct span){0}, NULL);
        all[i].text = wording_text(&w, r->text, x->b->language, &all[i].translated);
        all[i].english = wording_text(&w, r->text, (struct span){0}, NULL);
    }
    x->out->replies = all;
    x->out->reply_count = program->reply_count;
    x->out->first_language = arena_copy(x->p->arena, program->settings->languages[0].code);
    return 0;
}

static int menus_fn(void *ctx, const struct program *program)
{
    struct asking *x = ctx;
    int rc = needs_read(x, program);
    contact_read(x, program);
    return rc < 0 ? rc : replies_read(x, program);
}

int menutext_read(struct page *p, const struct casebook *b, struct menutext *out)
{
    const struct console_port *port = p->console->parts.port;
    struct asking x = {p, b, out};
    *out = (struct menutext){0};
    return port->menus(port->ctx, menus_fn, &x);
}
