// SPDX-License-Identifier: AGPL-3.0-or-later
/* send - messages to the person of a turn, and the guard against talking with a machine.
 *
 * A machine answers each of our answers. Three signs are known: it sends our own words back, its text begins as texts
 * do that no person wrote (setting `automatic`), or it makes us say the same thing again and again (setting `alike`).
 * A word that stops is always done, whoever wrote it. Names and short codes come this far as INBOUND_IGNORED.
 */
#include "gateway/internal.h"

#include "base/err.h"
#include "dialogue/dialogue.h"
#include "text/fold.h"
#include "vault/outbound.h"

#include <string.h>

enum {
    SEND_BOX_MAX = 64 * 1024,
    ALIKE_MS = 30 * 60 * 1000, /* how far back the same text counts */
    ECHO_LEAST = 20,           /* bytes; a person may well answer with a short word of ours */
    FOLD_MAX = 64 * 1024,
};

static void note(struct work *w, _Atomic uint64_t *counter, const char *event)
{
    counters_add(&w->g->counters,
                 &(struct store_counter){.channel = channel_name(w->t->channel), .event = span_of(event)});
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

const struct channel *gateway_sms_channel(const struct channel_set *set, const struct settings *settings,
                                          const struct channel *c)
{
    if (channel_medium(c) == MEDIUM_SMS && !channel_answers_inline(c) && channel_sends(c))
        return c;
    const struct channel *named = channel_set_get(set, settings->sms_channel);
    return named ? named : c;
}

/* Text and number together, so that nobody can tell from the hashes that two people got the same. */
static struct store_index digest_of(const struct vault *v, const struct store_index *number, struct span text)
{
    struct blind blind =
        vault_blind(v, BLIND_MESSAGE, (struct span){(const char *)number->bytes, sizeof number->bytes}, text);
    struct store_index digest;
    index_copy(&digest, &blind);
    return digest;
}

static struct store_index digest_for(const struct work *w, struct span text)
{
    struct store_index number;
    index_copy(&number, &w->t->number_key);
    return digest_of(w->g->parts.vault, &number, text);
}

static int alike(struct work *w, const struct store_index *digest, int64_t *count)
{
    return store_outbox_alike(w->g->parts.store, w->st, digest, w->now_ms - ALIKE_MS, count);
}

int send_mail(const struct mail *m)
{
    struct str box = STR_INIT(SEND_BOX_MAX);
    struct store_index digest = digest_of(m->vault, &m->st->number_key, m->text);
    struct store_message row = {.channel = m->channel, .class = m->class, .due_ms = m->now_ms};
    struct outbound_row bound = {.class = m->class, .epoch = m->st->epoch};
    int64_t id;
    vault_random(NULL, row.key, sizeof row.key);
    memcpy(bound.key, row.key, sizeof bound.key);
    int rc = outbound_box(m->vault, &bound, m->to, m->text, &box);
    row.box = str_span(&box);
    if (rc == 0)
        rc = store_outbox_add(m->store, m->st, &row, &id);
    if (rc == 0)
        rc = store_outbox_mark(m->store, id, &digest);
    str_release(&box);
    return rc;
}

static int queue(struct work *w, struct span text, enum message_class class)
{
    const struct gateway_parts *p = &w->g->parts;
    const struct mail mail = {.vault = p->vault,
                              .store = p->store,
                              .st = w->st,
                              .to = &w->t->in.from,
                              .channel = channel_name(gateway_sms_channel(p->channels, p->settings, w->t->channel)),
                              .text = text,
                              .class = class,
                              .now_ms = w->now_ms};
    int rc = send_mail(&mail);
    w->g->queued_messages |= rc == 0;
    return rc;
}

int send_message(struct work *w, struct span text, enum message_class class)
{
    struct store_index digest = digest_for(w, text);
    int64_t before;
    int rc = store_number_need(w->g->parts.store, w->st, w->day);
    if (rc == 0)
        rc = alike(w, &digest, &before);
    if (rc != 0)
        return rc;
    if (class != MESSAGE_CONFIRM && before >= w->g->parts.settings->alike_max) {
        note(w, &w->g->looped, "looped");
        return 0;
    }
    return queue(w, text, class);
}

/* ---- machines ---- */

static bool begins_as(struct span folded, struct span phrase)
{
    struct str start = STR_INIT(FOLD_MAX);
    fold_compare(&start, phrase);
    bool does = start.len && span_starts(folded, str_span(&start));
    str_release(&start);
    return does;
}

static bool automatic(const struct work *w)
{
    const struct settings *settings = w->g->parts.settings;
    struct str folded = STR_INIT(FOLD_MAX);
    bool is = false;
    fold_compare(&folded, w->t->in.text);
    for (size_t i = 0; i < settings->automatic_count && !is; i++)
        is = begins_as(str_span(&folded), settings->automatic[i]);
    str_release(&folded);
    return is;
}

int send_to_machine(struct work *w, bool *machine)
{
    struct span text = w->t->in.text;
    *machine = false;
    if (w->t->in.medium != MEDIUM_SMS || dialogue_is_stop(w->g->bundles.newest, text))
        return 0;
    struct store_index digest = digest_for(w, text);
    int64_t ours = 0;
    int rc = text.len >= ECHO_LEAST ? alike(w, &digest, &ours) : 0;
    if (rc == 0 && ours)
        note(w, &w->g->echoes, "echoed");
    else if (rc == 0 && automatic(w))
        note(w, &w->g->automatic, "automatic");
    else
        return rc;
    *machine = true;
    return 0;
}

void send_unanswerable(struct work *w)
{
    if (w->t->in.medium == MEDIUM_SMS && w->t->in.text.p) // a text came, from a name or a short code
        note(w, &w->g->unanswerable, "unanswerable");
}
