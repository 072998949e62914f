// SPDX-License-Identifier: AGPL-3.0-or-later
/* turn_open - what is known before the dialogue steps: the session out of its box, and the person's rows. */
#include "gateway/turn.h"

#include "base/err.h"
#include "base/log.h"
#include "gateway/retention.h"
#include "vault/told.h"

struct span turn_kept(struct gateway *g, struct str *s, int *rc)
{
    struct span copy = arena_copy(g->arena, str_span(s));
    if (!copy.p && *rc == 0)
        *rc = ERR_NOMEM;
    str_release(s);
    return copy;
}

int turn_session(struct gateway *g, int64_t id, int64_t turn, struct span context, struct session *s)
{
    struct span box, plain;
    int64_t day;
    if (!recent_get(&g->recent, id, turn, INT64_MIN, &plain)) {
        int rc = store_state(g->parts.store, id, turn, g->arena, &day, &box);
        const struct vault_secret *secret = rc == 0 ? keys_day(&g->keys, g->parts.store, day) : NULL;
        if (!secret)
            return rc < 0 ? rc : ERR_MISSING;
        str_clear(&g->plain);
        rc = vault_secret_unbox(secret, context, box, &g->plain);
        if (rc < 0)
            return rc;
        plain = str_span(&g->plain);
    }
    struct span bytes = arena_copy(g->arena, plain);
    return bytes.p ? session_unpack(bytes, g->arena, s) : ERR_NOMEM;
}

bool turn_session_known(struct work *w)
{
    struct store_turn *st = w->st;
    if (adrift_known(w))
        return true;
    if (!st->session_id)
        return false;
    int rc = turn_session(w->g, st->session_id, st->session_turn, turn_context(&w->t->session_key), &w->session);
    if (rc == 0)
        return true;
    log_event(LOG_WARN, "session cannot be read", LOG_ERR(rc));
    return false;
}

/* What the person sees of a case of theirs. */
static int case_known(struct work *w, const struct store_case *row, struct person_case *c)
{
    struct str kind = STR_INIT(1024);
    int rc = told_kind_unbox(w->g->parts.vault, row->reference, row->kind_box, &kind);
    *c = (struct person_case){.kind = turn_kept(w->g, &kind, &rc),
                              .reference = row->reference,
                              .status = row->status,
                              .open = row->open,
                              .kept_until = retention_case_until(w->g->parts.settings, row)};
    if (rc == ERR_NOMEM)
        return rc;
    if (rc < 0) { // somebody changed the file; stopping and erasing still have to be done
        c->kind = (struct span){0};
        log_event(LOG_ERROR, "case kind does not open: the row was changed", LOG_INT("case", row->id), LOG_ERR(rc));
    }
    return 0;
}

int turn_person_known(struct work *w)
{
    struct store_turn *st = w->st;
    struct person_case *cases = arena_array(w->g->arena, st->case_count + 1, sizeof *cases);
    struct person_consent *consents = arena_array(w->g->arena, st->consent_count + 1, sizeof *consents);
    int rc = cases && consents ? 0 : ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < st->case_count; i++)
        rc = case_known(w, &st->cases[i], &cases[i]);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < st->consent_count; i++)
        consents[i] = (struct person_consent){.name = st->consents[i].name,
                                              .version = st->consents[i].version,
                                              .day = day_of_ms(st->consents[i].at_s * 1000)};
    w->person = (struct person){.cases = cases,
                                .case_count = st->case_count,
                                .consents = consents,
                                .consent_count = st->consent_count,
                                .stopped = st->stopped};
    return 0;
}
