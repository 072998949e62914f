// SPDX-License-Identifier: AGPL-3.0-or-later
#include "menu/lock.h"

#include "base/err.h"
#include "base/file.h"
#include "menu/checks.h"

#include <inttypes.h>
#include <string.h>

/* ---- hashing: FNV-1a, 64 bits (draft-eastlake-fnv, section 2) ---- */

static const uint64_t fnv_start = UINT64_C(0xcbf29ce484222325), fnv_prime = UINT64_C(0x100000001b3);

static uint64_t fnv_add(uint64_t hash, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ (unsigned char)bytes.p[i]) * fnv_prime;
    return hash;
}

/** A text and an end, so that words do not slide from one line into the next unseen. */
static uint64_t fnv_text(uint64_t hash, struct span text)
{
    return fnv_add(fnv_add(hash, text), SPAN("\n"));
}

/** The statements of a consent by the words that the operator writes: the numbers of `enum op` may change. */
static struct span line_word(const struct line *line)
{
    return line->op == OP_AGREE ? SPAN("agree") : line->op == OP_REFUSE ? SPAN("refuse") : SPAN("say");
}

uint64_t lock_hash(const struct program *p, const struct consent *c)
{
    static const struct span media[] = {[ON_USSD] = {"/ussd", 5}, [ON_SMS] = {"/sms", 4}, [ON_ALL] = {"", 0}};
    const struct menu_screen *s = &p->screens[c->screen];
    uint64_t hash = fnv_start;
    for (size_t i = 0; i < s->line_count; i++) {
        const struct line *line = &s->lines[i];
        if (line->text == PROGRAM_NONE)
            continue;
        hash = fnv_text(fnv_add(hash, line_word(line)), media[line->media & ON_ALL]);
        hash = fnv_text(hash, p->texts[line->text].source);
        hash = fnv_text(hash, p->texts[line->text].plural);
    }
    return hash;
}

/* ---- reading ---- */

struct entry {
    struct span name, version, hash;
};

/** Reads `consent NAME VERSION HASH`. */
static bool read_entry(const struct statement *st, struct entry *out)
{
    struct script_cursor c = script_cursor(st);
    struct token name, version, hash, more;
    bool good = script_accept(&c, "consent") && script_word(&c, &name) && script_word(&c, &version) &&
                script_word(&c, &hash) && !script_word(&c, &more);
    if (good)
        *out = (struct entry){name.text, version.text, hash.text};
    return good;
}

/** The hash that the lock has for a consent in its present version; empty where it has none. */
static struct span locked(const struct script *lock, const struct consent *c)
{
    struct entry e;
    for (size_t i = 0; i < lock->count; i++)
        if (read_entry(&lock->statements[i], &e) && span_eq(e.name, c->name) && span_eq(e.version, c->version))
            return e.hash;
    return (struct span){0};
}

/* ---- writing ---- */

static const char head[] = "# Which words each version of a consent said: name, version, FNV-1a hash of the text.\n"
                           "# Written by waymark check --accept-consents. Do not change a line: give the consent a new "
                           "version.\n";

int lock_add(const struct program *p, struct span old, struct str *out, size_t *added)
{
    struct arena *a = arena_new(2 * SCRIPT_FILE_MAX);
    struct diags *d = diags_new();
    struct script lock = {0};
    int rc = a && d ? script_read(LOCK_FILE, old, a, d, &lock) : ERR_NOMEM;
    *added = 0;
    if (!old.len)
        str_addz(out, head);
    str_add(out, old);
    if (old.len && old.p[old.len - 1] != '\n')
        str_addc(out, '\n');
    for (size_t i = 0; !rc && i < p->consent_count; i++) {
        const struct consent *c = &p->consents[i];
        if (locked(&lock, c).len)
            continue;
        str_addf(out, "consent %.*s %.*s %016" PRIx64 "\n", SPAN_ARG(c->name), SPAN_ARG(c->version), lock_hash(p, c));
        ++*added;
    }
    diags_free(d);
    arena_free(a);
    return rc ? rc : str_err(out);
}

/* ---- E41, W41 ---- */

static void check_consent(struct checking *c, const struct script *lock, const struct consent *consent)
{
    struct span hash = arena_printf(c->a, "%016" PRIx64, lock_hash(c->p, consent)), has = locked(lock, consent);
    c->failed |= !hash.p;
    if (!has.len)
        check_warning(c, "W41", consent->at,
                      "version %.*s of consent \"%.*s\" is not in " LOCK_FILE
                      "\nif its words are final, say: waymark check --accept-consents",
                      SPAN_ARG(consent->version), SPAN_ARG(consent->name));
    else if (hash.p && !span_eq(has, hash))
        check_error(
            c, "E41", consent->at,
            "the words of consent \"%.*s\" changed, but not its version\ngive it a new version, so that whoever "
            "agreed to the older words is asked again",
            SPAN_ARG(consent->name));
}

static void check_lines(struct checking *c, const struct script *lock)
{
    struct entry e;
    for (size_t i = 0; i < lock->count; i++)
        if (!read_entry(&lock->statements[i], &e))
            diag_error(c->d, "E01", lock->statements[i].at, lock->statements[i].source,
                       "a line of " LOCK_FILE " that is none\nit is written by waymark check --accept-consents");
}

void check_locked(struct checking *c)
{
    if (!c->in->locked || !c->p->consent_count)
        return;
    const char *slash = strrchr(c->in->start, '/');
    struct span path = arena_printf(c->a, "%.*s" LOCK_FILE, slash ? (int)(slash + 1 - c->in->start) : 0, c->in->start);
    struct str bytes = STR_INIT(SCRIPT_FILE_MAX);
    struct script lock = {0};
    int rc = !path.p ? ERR_NOMEM : c->in->read ? c->in->read(c->in->ctx, path.p, &bytes) : file_read(path.p, &bytes);
    if (!rc)
        rc = script_read(path.p, str_span(&bytes), c->a, c->d, &lock);
    c->failed |= rc == ERR_NOMEM;
    if (rc < 0 && rc != ERR_MISSING && rc != ERR_NOMEM)
        diag_error(c->d, "E02", (struct place){.file = path.p}, (struct span){0},
                   "cannot read it: %s\nit is written by waymark check --accept-consents", err_text(rc));
    str_release(&bytes);
    check_lines(c, &lock);
    for (size_t i = 0; (!rc || rc == ERR_MISSING) && i < c->p->consent_count; i++)
        check_consent(c, &lock, &c->p->consents[i]);
}
