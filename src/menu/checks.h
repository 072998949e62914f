// SPDX-License-Identifier: AGPL-3.0-or-later
/* checks - what the checks of checks_*.c share; nobody outside menu/ includes it. */
#ifndef WAYMARK_MENU_CHECKS_H
#define WAYMARK_MENU_CHECKS_H

#include "menu/build.h"
#include "menu/graph.h"

struct checking {
    const struct program *p;
    const struct menu_input *in;
    struct diags *d;
    const struct list *files; /* struct menu_file, for the lines of messages */
    const struct graph *graph;
    struct arena *a; /* forgotten after the checks */
    bool failed;     /* out of memory */
};

/** An error at a place; the hint is what follows the first "\n". */
void check_error(struct checking *c, const char *code, struct place at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** The same as a warning, which refuses nothing. */
void check_warning(struct checking *c, const char *code, struct place at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** Where a piece of a text stands in its menu, as written there; the text's own place where it is not found so. */
struct place check_within(struct checking *c, struct place text, struct span piece);

/** Where a text's translation stands in its PO file. */
struct place check_entry(struct checking *c, const struct text *text, size_t language);

/** As graph_walk, remembering a failure; and as graph_way, in the arena. */
bool check_walk(struct checking *c, struct walk *w);
struct span check_way(struct checking *c, const struct walk *w, uint16_t screen);

/** Whether two conditions can never hold together. */
bool check_exclude(const struct condition *a, const struct condition *b);

/** Whether `when` holding (or failing, where `holds` is false) proves that a test of this kind and index holds. */
bool check_proves(const struct condition *when, bool holds, enum test_kind kind, uint16_t index);

/** As check_proves, for all that must be so where an edge is taken: its own line and the `->` lines above it. */
bool check_edge_proves(const struct program *p, const struct edge *e, enum test_kind kind, uint16_t index);

/* checks_names.c */
void check_numbers(struct checking *c);
void check_keywords(struct checking *c);
void check_other_words(struct checking *c);
/* checks_flow.c */
void check_reachable(struct checking *c);
void check_dead_ends(struct checking *c);
void check_way_out(struct checking *c);
void check_endless(struct checking *c);
void check_parts_return(struct checking *c);
/* checks_answers.c */
void check_answers(struct checking *c);
/* checks_values.c */
void check_values(struct checking *c);
/* checks_consent.c */
void check_sends(struct checking *c);
void check_registers(struct checking *c);
void check_stop_words(struct checking *c);
void check_shown(struct checking *c);
/* lock.c */
void check_locked(struct checking *c);
/* checks_words.c */
void check_pushing(struct checking *c);
void check_uncited(struct checking *c);
void check_same(struct checking *c);
/* checks_content.c */
void check_due(struct checking *c);

#endif
