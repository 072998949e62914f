// SPDX-License-Identifier: AGPL-3.0-or-later
/* build - what the passes of this room share while a program is made; nobody outside menu/ includes it.
 *
 * The arena of the build becomes the program's. Running out of memory is remembered in `err` and looked at between the
 * passes, so that readers of statements need not.
 */
#ifndef WAYMARK_MENU_BUILD_H
#define WAYMARK_MENU_BUILD_H

#include "base/arena.h"
#include "base/map.h"
#include "menu/menu.h"
#include "script/script.h"

enum { MENU_FILES_MAX = 256, MENU_ARENA_MAX = 512 * 1024 * 1024 };

/** An array that grows in the build's arena; elements move when it grows. */
struct list {
    void *items;
    size_t count, size; /* elements, bytes of one */
};

enum section_kind {
    SECTION_SCREEN,
    SECTION_PART,
    SECTION_CONSENT,
    SECTION_FACT,
    SECTION_CASE,
    SECTION_TRIGGER,
    SECTION_REPLY,
    SECTION_TABLE,
    SECTION_KINDS,
};

/** `screen NAME` and the statements under it, which follow one another in one file. */
struct section {
    enum section_kind kind;
    struct token name;
    uint16_t index; /* in the table of its kind; screens, parts and consents share one */
    const struct statement *statements;
    size_t count;
};

/** Names that know each other: two screens may not share a name, a screen and a case may. */
enum name_space { NAME_SCREEN, NAME_FACT, NAME_CASE, NAME_REPLY, NAME_TABLE, NAME_SLOT, NAME_SPACES };

struct name {
    uint16_t index;
    struct place at; /* where it was given first */
};

struct menu_file {
    struct script script;
    size_t parent; /* the file that includes it; its own index for the first */
};

struct program_own { /* what program_free frees */
    struct arena *arena;
    struct list patterns; /* struct pattern * */
};

struct build {
    const struct menu_input *in;
    struct diags *d;
    struct arena *a;
    struct program *p;
    struct program_own *own;
    struct map *names[NAME_SPACES];
    struct token start; /* the name after `start` */
    struct list files, sections, sources;
    struct list screens, consents, facts, cases, triggers, replies, tables, slots, texts;
    int watched;          /* screens that some case wants shown or offered */
    bool crowded;         /* too many of one kind: told once */
    bool no_translations; /* of a published language: that is enough to be told */
    int err;              /* 0 or ERR_NOMEM */
};

/** A new zeroed element, or NULL with b->err set. */
void *list_add(struct build *b, struct list *l, size_t size);
void *list_at(const struct list *l, size_t index);

/** Remembers `p` being NULL as out of memory; returns whether it is not. */
bool build_got(struct build *b, const void *p);

/** An error at a token; the hint is what follows the first "\n". */
void build_error(struct build *b, const char *code, struct token at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** E02 with "did you mean": no such WHAT "name". */
void build_unknown(struct build *b, struct token name, const char *what, struct span near);

/** Index of a name, or PROGRAM_NONE after telling E02. `what` is how the operator calls such a thing. */
uint16_t build_find(struct build *b, enum name_space space, struct token name, const char *what);

/** Index of a name, or PROGRAM_NONE. */
uint16_t build_look(const struct build *b, enum name_space space, struct span name);

/** Index of a consent, or PROGRAM_NONE after telling E02. */
uint16_t build_consent(struct build *b, struct token name);

/** The part that a screen belongs to, as the span before "/", or its own name where it is a part; empty: none. */
struct span build_part(const struct menu_screen *s);

/* The passes, in their order. Each tells what it finds and leaves b->err set when out of memory. */
void source_read(struct build *b);
void declare_all(struct build *b);
void parse_all(struct build *b);
void translate_all(struct build *b);
void ready_all(struct build *b);
void check_all(struct build *b);

/** Reads a file through the input's reader into the arena. As file_read. */
int source_bytes(struct build *b, const char *path, struct span *bytes);
/** Reads a file named in a menu file, relative to that file, for the bundle; its path is *path. False after telling
 * what is wrong. */
bool source_beside(struct build *b, const char *menu, struct token named, const char **path, struct span *bytes);
/** The name of a .menu file beside the first one that is not included and has a screen, part or consent of this name;
 * NULL: none, and always where files come from a reader. */
const char *source_elsewhere(struct build *b, struct span name);
/** Keeps a file's bytes for the bundle. */
void source_keep(struct build *b, struct span name, struct span bytes);

#endif
