// SPDX-License-Identifier: AGPL-3.0-or-later
#include "staff/ledger.h"

#include "base/err.h"

#include <inttypes.h>
#include <string.h>

enum { STEP_ROWS = 500, STEP_ARENA = 64 * 1024 * 1024, STAGE_TEXTS = CHAINS, STAGE_DONE };

static const char *const chain_names[CHAINS] = {[CHAIN_CONSENT] = "consent", [CHAIN_AUDIT] = "audit row"};

void ledger_start(struct ledger *l, const struct vault *v)
{
    *l = (struct ledger){.vault = v};
}

static void fault(struct ledger *l, enum ledger_fault_kind kind, int64_t from, int64_t to)
{
    struct ledger_proof *p = &l->proof;
    if (p->fault_count < LEDGER_FAULTS_MAX)
        p->faults[p->fault_count] = (struct ledger_fault){.chain = (enum chain)l->stage, kind, from, to};
    p->fault_count++;
}

static bool same(const unsigned char *a, const unsigned char *b)
{
    return memcmp(a, b, STORE_LINK_BYTES) == 0; // no secret: the file tells both
}

static bool mark_holds(const struct ledger *l, enum chain_end end, const struct chain_mark *m)
{
    char bytes[CHAIN_MARK_BYTES];
    unsigned char proof[VAULT_CHAIN_BYTES];
    chain_mark_bytes((enum chain)l->stage, end, m->id, bytes);
    vault_chain(l->vault, m->link, (struct span){bytes, sizeof bytes}, proof);
    return same(proof, m->proof);
}

static void digits(const unsigned char *link, char text[LEDGER_END_CHARS + 1])
{
    for (size_t i = 0; i < STORE_LINK_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", link[i]);
}

/* Whether this link is the one that was noted. */
static void look_for_known(struct ledger *l, const unsigned char *link)
{
    char text[LEDGER_END_CHARS + 1];
    if (!l->known[l->stage].len || l->found[l->stage])
        return;
    digits(link, text);
    l->found[l->stage] = span_eq_nocase(l->known[l->stage], span_of(text));
}

static int chain_begin(struct ledger *l, struct store *s)
{
    struct chain_mark start;
    int rc = store_chain_mark(s, (enum chain)l->stage, CHAIN_START, &start);
    l->first = rc == ERR_MISSING;
    l->at = 0;
    l->begun = true;
    if (rc == ERR_CORRUPT || (rc == 0 && !mark_holds(l, CHAIN_START, &start)))
        fault(l, LEDGER_START, 0, 0);
    if (rc == 0) {
        l->at = start.id;
        memcpy(l->link, start.link, sizeof l->link);
        look_for_known(l, start.link);
    }
    return rc == ERR_MISSING || rc == ERR_CORRUPT ? 0 : rc;
}

/* Behind a gap the link before is not known: then the row's own link is taken as it is. */
static void look_at(struct ledger *l, const struct chain_row *row)
{
    unsigned char link[VAULT_CHAIN_BYTES];
    bool gap = row->id != l->at + 1;
    if (gap)
        fault(l, LEDGER_MISSING, l->at + 1, row->id - 1);
    else {
        vault_chain(l->vault, l->first ? NULL : l->link, row->bytes, link);
        if (!same(link, row->link))
            fault(l, LEDGER_CHANGED, row->id, row->id);
    }
    l->first = false;
    l->at = row->id;
    memcpy(l->link, row->link, sizeof l->link);
    look_for_known(l, row->link);
    l->proof.rows[l->stage]++;
}

static int chain_finish(struct ledger *l, struct store *s)
{
    struct chain_mark end;
    int rc = store_chain_mark(s, (enum chain)l->stage, CHAIN_END, &end);
    bool any = l->at > 0, ours = rc == 0 && mark_holds(l, CHAIN_END, &end);
    if (rc < 0 && rc != ERR_MISSING && rc != ERR_CORRUPT)
        return rc;
    if (!ours && (any || rc != ERR_MISSING))
        fault(l, LEDGER_NO_END, l->at, l->at);
    else if (ours && end.id > l->at)
        fault(l, LEDGER_MISSING, l->at + 1, end.id);
    else if (ours && end.id < l->at)
        fault(l, LEDGER_ADDED, end.id + 1, l->at);
    else if (ours && !same(end.link, l->link))
        fault(l, LEDGER_CHANGED, l->at, l->at);
    if (any)
        digits(l->link, l->proof.ends[l->stage]);
    if (l->known[l->stage].len && !l->found[l->stage])
        fault(l, LEDGER_UNKNOWN, 0, 0);
    l->stage++;
    l->begun = false;
    return 0;
}

static int chain_step(struct ledger *l, struct store *s, struct arena *a)
{
    struct chain_row *rows;
    size_t count;
    int rc = l->begun ? 0 : chain_begin(l, s);
    if (rc == 0)
        rc = store_chain_read(s, (enum chain)l->stage, l->at, STEP_ROWS, a, &rows, &count);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < count; i++)
        look_at(l, &rows[i]);
    if (count == STEP_ROWS)
        return 1;
    rc = chain_finish(l, s);
    return rc < 0 ? rc : 1;
}

static int texts_step(struct ledger *l, struct store *s, struct arena *a)
{
    struct chain_text *texts;
    size_t count;
    struct span after = {(const char *)l->text, l->begun ? sizeof l->text : 0};
    int rc = store_text_read(s, after, STEP_ROWS, a, &texts, &count);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < count; i++) {
        unsigned char hash[VAULT_CHAIN_BYTES];
        vault_hash(texts[i].text, hash);
        l->proof.texts++;
        if (texts[i].hash.len != sizeof hash || memcmp(hash, texts[i].hash.p, sizeof hash) != 0)
            fault(l, LEDGER_TEXT, l->proof.texts, l->proof.texts);
        if (texts[i].hash.len == sizeof l->text)
            memcpy(l->text, texts[i].hash.p, sizeof l->text);
    }
    l->begun = true;
    l->stage += count < STEP_ROWS;
    return count == STEP_ROWS;
}

int ledger_step(struct ledger *l, struct store *s)
{
    struct arena *a = arena_new(STEP_ARENA);
    if (!a)
        return ERR_NOMEM;
    int rc = l->stage >= STAGE_DONE ? 0 : l->stage == STAGE_TEXTS ? texts_step(l, s, a) : chain_step(l, s, a);
    arena_free(a);
    return rc;
}

static const char *const fault_words[LEDGER_FAULT_KINDS] = {
    [LEDGER_CHANGED] = "is not what was written, or not where it was written",
    [LEDGER_MISSING] = "is missing",
    [LEDGER_ADDED] = "was put in by somebody without the key",
    [LEDGER_START] = "the mark of the first row is not ours: rows may be missing at the beginning",
    [LEDGER_NO_END] = "the mark of the last row is missing or not ours: rows may be missing at the end",
    [LEDGER_TEXT] = "is not the text that its hash names",
    [LEDGER_UNKNOWN] =
        "the end that was noted before is of no row: an older copy was put back, or rows dropped at the end",
};

void ledger_tell(const struct ledger_fault *f, struct str *out)
{
    bool row = f->kind <= LEDGER_ADDED;
    if (f->kind == LEDGER_TEXT)
        str_addf(out, "kept text %" PRId64 " ", f->from);
    else if (!row)
        str_addf(out, "%ss: ", chain_names[f->chain]);
    else if (f->to > f->from)
        str_addf(out, "%ss %" PRId64 " to %" PRId64 ": each ", chain_names[f->chain], f->from, f->to);
    else
        str_addf(out, "%s %" PRId64 " ", chain_names[f->chain], f->from);
    str_addz(out, fault_words[f->kind]);
}
