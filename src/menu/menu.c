// SPDX-License-Identifier: AGPL-3.0-or-later
#include "menu/menu.h"

#include "base/err.h"
#include "menu/build.h"

#include <assert.h>

/* Hands the tables over once nothing grows any more. */
static void settle(struct build *b)
{
    struct program *p = b->p;
    p->texts = b->texts.items, p->text_count = b->texts.count;
    p->screens = b->screens.items, p->screen_count = b->screens.count;
    p->consents = b->consents.items, p->consent_count = b->consents.count;
    p->facts = b->facts.items, p->fact_count = b->facts.count;
    p->cases = b->cases.items, p->case_count = b->cases.count;
    p->triggers = b->triggers.items, p->trigger_count = b->triggers.count;
    p->tables = b->tables.items, p->table_count = b->tables.count;
    p->replies = b->replies.items, p->reply_count = b->replies.count;
    p->slots = b->slots.items, p->slot_count = b->slots.count;
    p->sources = b->sources.items, p->source_count = b->sources.count;
}

/* A trigger stops where its screen withdraws or erases as soon as one comes to it. */
static void mark_stops(struct build *b)
{
    for (size_t i = 0; i < b->triggers.count; i++) {
        struct trigger *t = list_at(&b->triggers, i);
        const struct menu_screen *s = list_at(&b->screens, t->screen);
        for (size_t k = 0; k < s->question_at; k++)
            t->stops |= !s->lines[k].when.count && (s->lines[k].op == OP_WITHDRAW || s->lines[k].op == OP_ERASE);
    }
}

static void finish(struct build *b)
{
    mark_stops(b);
    translate_all(b);
    settle(b);
    ready_all(b);
}

static int run_passes(struct build *b)
{
    static const struct {
        void (*run)(struct build *b);
        bool goes_on; /* also where it has refused something: a missing translation hides nothing that is checked */
    } passes[] = {{source_read, false}, {declare_all, false}, {parse_all, false}, {finish, true}, {check_all, false}};
    size_t before = diags_errors(b->d);
    for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++) {
        passes[i].run(b);
        if (b->err)
            return b->err;
        if (diags_errors(b->d) > before && (!passes[i].goes_on || b->no_translations))
            return ERR_REFUSED;
    }
    return 0;
}

static int open_names(struct build *b)
{
    for (size_t i = 0; i < NAME_SPACES; i++)
        if (!build_got(b, b->names[i] = map_new()))
            break;
    return b->err;
}

static struct program *new_program(const struct menu_input *in)
{
    struct arena *a = arena_new(MENU_ARENA_MAX);
    struct program *p = a ? arena_alloc(a, sizeof *p) : NULL;
    struct program_own *own = p ? arena_alloc(a, sizeof *own) : NULL;
    if (!own) {
        arena_free(a);
        return NULL;
    }
    own->arena = a;
    p->own = own;
    p->settings = in->settings;
    return p;
}

int menu_load(const struct menu_input *in, struct diags *d, struct program **out)
{
    assert(in->settings && in->settings->language_count > 0);
    struct program *p = new_program(in);
    if (!p)
        return ERR_NOMEM;
    struct build b = {.in = in, .d = d, .a = p->own->arena, .p = p, .own = p->own};
    int rc = open_names(&b);
    if (!rc)
        rc = run_passes(&b);
    for (size_t i = 0; i < NAME_SPACES; i++)
        map_free(b.names[i]);
    diags_sort(d);
    if (rc < 0)
        program_free(p);
    else
        *out = p;
    return rc;
}
