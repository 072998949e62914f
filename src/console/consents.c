// SPDX-License-Identifier: AGPL-3.0-or-later
/* consents - the consent ledger, read-only: who agreed to which words, when and how, and what had been shown before;
 * withdrawals first. Its chain is proved as `waymark consent verify` does it (staff/ledger.h). One person's rows, their
 * data as a file, and a withdrawal made by voice are consentperson.c's.
 */
#include "console/consents.h"
#include "base/err.h"
#include "console/internal.h"
#include "console/pages.h"
#include "console/wording.h"
#include "staff/ledger.h"
#include "store/chain.h"

enum { LEDGER_PAGE = 50 };

static const struct {
    const char *word, *label, *action; /* action NULL: any */
} VIEWS_OF[] = {
    {"withdrawn", "Withdrawn", "withdraw"},
    {"erased", "Asked to erase", "erase"},
    {"refused", "Refused", "refuse"},
    {"agreed", "Agreed", "agree"},
    {"all", "All", NULL},
};

enum { VIEW_COUNT = sizeof VIEWS_OF / sizeof *VIEWS_OF };

static const struct {
    const char *action, *text;
    bool yes;
} SAID[] = {
    {"agree", "Agreed", true},
    {"withdraw", "Withdrew", false},
    {"erase", "Asked to erase", false},
    {"refuse", "Refused", false},
};

void consent_row_fill(struct page *p, struct view *row, const struct caseload_consent *c)
{
    struct str *plain = page_secret(p, TOLD_MAX);
    struct told_consent told = {0};
    size_t k = 0;
    while (k + 1 < sizeof SAID / sizeof *SAID && !span_is(c->action, SAID[k].action))
        k++;
    view_setn(row, "ledger_row", c->id);
    view_setz(row, "said", SAID[k].text);
    view_flag(row, "yes", SAID[k].yes);
    view_set(row, "name", wording_name(p->arena, c->name));
    view_set(row, "version", c->version);
    view_set(row, "when", wording_time(p->arena, c->at_s));
    view_set(row, "channel", c->channel);
    view_setn(row, "person", c->person);
    view_set(row, "words", c->text);
    if (plain && c->detail_box.len)
        told_consent_unbox(p->console->parts.vault, c->person, c->detail_box, plain, p->arena, &told);
    view_flag(row, "blank", !c->detail_box.len);
    view_set(row, "language", wording_language(told.language));
    view_set(row, "typed", told.typed);
    for (size_t i = 0; i < told.seen_count; i++)
        view_set(view_add(row, told.seen[i].shown ? "seen" : "offered"), "screen", told.seen[i].screen);
    for (size_t i = 0; i < told.act_count; i++) {
        struct view *act = view_add(row, "acts");
        view_set(act, "act", told.acts[i].name);
        view_setn(act, "act_count", told.acts[i].count);
    }
}

/* ---- the list ---- */

static size_t view_asked(const struct page *p)
{
    for (size_t i = 0; i < VIEW_COUNT; i++)
        if (span_is(page_query(p, "view"), VIEWS_OF[i].word))
            return i;
    return 0;
}

static void views_fill(struct page *p, size_t here)
{
    for (size_t i = 0; i < VIEW_COUNT; i++) {
        struct view *row = view_add(p->view, "views");
        view_setz(row, "word", VIEWS_OF[i].word);
        view_setz(row, "label", VIEWS_OF[i].label);
        view_flag(row, "here", i == here);
    }
    view_setz(p->view, "view", VIEWS_OF[here].word);
    view_setz(p->view, "list", VIEWS_OF[here].label);
}

int consent_list(struct page *p, struct span action, int64_t before, size_t most, struct caseload_consent **rows,
                 size_t *count)
{
    struct store *s;
    int rc = readers_take(p->console->readers, &s);
    if (rc < 0)
        return rc;
    rc = caseload_ledger(s, action, before, most, p->arena, rows, count);
    readers_give(p->console->readers, s);
    return rc;
}

void consents_draw(struct page *p)
{
    struct caseload_consent *rows = NULL;
    size_t count = 0, here = view_asked(p);
    int64_t before;
    if (span_int(page_query(p, "before"), &before) < 0 || before < 1)
        before = INT64_MAX;
    int rc = consent_list(p, span_of(VIEWS_OF[here].action ? VIEWS_OF[here].action : ""), before, LEDGER_PAGE + 1,
                          &rows, &count);
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    views_fill(p, here);
    for (size_t i = 0; i < count && i < LEDGER_PAGE; i++)
        consent_row_fill(p, view_add(p->view, "rows"), &rows[i]);
    if (count > LEDGER_PAGE)
        view_setn(p->view, "before", rows[LEDGER_PAGE - 1].id);
    view_flag(p->view, "further", before != INT64_MAX);
    page_show(p, "consents");
}

void consents_show(struct page *p)
{
    view_flag(p->view, "erased", span_is(page_query(p, "done"), "erased"));
    consents_draw(p);
}

/* ---- one row ---- */

void consent_show(struct page *p)
{
    struct caseload_consent *rows = NULL;
    struct span *references = NULL;
    size_t count = 0, reference_count = 0;
    int64_t id = 0;
    struct store *s;
    int rc = span_int(p->part[0], &id) == 0 && id > 0 && id < INT64_MAX ? 0 : ERR_MISSING;
    if (rc == 0)
        rc = readers_take(p->console->readers, &s);
    if (rc == 0) {
        rc = caseload_ledger(s, (struct span){0}, id + 1, 1, p->arena, &rows, &count);
        if (rc == 0 && count)
            rc = caseload_of_person(s, rows[0].person, p->arena, &references, &reference_count);
        readers_give(p->console->readers, s);
    }
    if (rc == ERR_MISSING || (rc == 0 && (!count || rows[0].id != id))) {
        page_missing(p);
        return;
    }
    if (rc != 0) {
        page_failed(p, rc);
        return;
    }
    consent_row_fill(p, p->view, &rows[0]);
    for (size_t i = 0; i < reference_count; i++)
        view_set(view_add(p->view, "references"), "reference", references[i]);
    view_setf(p->view, "title", "Consent %lld", (long long)id);
    page_show(p, "consent");
}

/* ---- proving ---- */

struct step {
    struct ledger *ledger;
    int rc;
};

static int step_fn(void *ctx, struct store *s)
{
    struct step *st = ctx;
    st->rc = ledger_step(st->ledger, s);
    return 0;
}

static void proof_fill(struct page *p, const struct ledger_proof *proof)
{
    view_setn(p->view, "consent_rows", proof->rows[CHAIN_CONSENT]);
    view_setn(p->view, "audit_rows", proof->rows[CHAIN_AUDIT]);
    view_setn(p->view, "texts", proof->texts);
    view_set(p->view, "consent_end", arena_copy(p->arena, span_of(proof->ends[CHAIN_CONSENT])));
    view_set(p->view, "audit_end", arena_copy(p->arena, span_of(proof->ends[CHAIN_AUDIT])));
    view_flag(p->view, "whole", !proof->fault_count);
    view_setf(p->view, "fault_count", "%zu", proof->fault_count);
    for (size_t i = 0; i < proof->fault_count && i < LEDGER_FAULTS_MAX; i++) {
        struct str words = STR_INIT(1024);
        ledger_tell(&proof->faults[i], &words);
        view_set(view_add(p->view, "faults"), "fault", arena_copy(p->arena, str_span(&words)));
        str_release(&words);
    }
    view_set(p->view, "now", wording_time(p->arena, p->now_ms / 1000));
}

void consents_verify(struct page *p)
{
    const struct console_port *port = p->console->parts.port;
    struct ledger l;
    struct step st = {.ledger = &l, .rc = 1};
    ledger_start(&l, p->console->parts.vault);
    int rc = 0;
    while (rc == 0 && st.rc == 1)
        rc = port->call(port->ctx, step_fn, &st);
    if (rc < 0 || st.rc < 0) {
        page_failed(p, rc < 0 ? rc : st.rc);
        return;
    }
    proof_fill(p, &l.proof);
    page_show(p, "consents_proof");
}
