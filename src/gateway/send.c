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

/* What waits for a secret leaves by its own channel later; a file without `send` never sends. */
static const struct channel *sending_channel(const struct work *w)
{
    const struct channel *c = w->t->channel;
    if (channel_medium(c) == MEDIUM_SMS && !channel_answers_inline(c) && channel_sends(c))
        return c;
    const struct channel *named = channel_set_get(w->g->parts.channels, w->g->parts.settings->sms_channel);
    return named ? named : w->t->channel;
}

/* Text and number together, so that nobody can tell from the hashes that two people got the same. */
static struct store_index digest_of(const struct work *w, struct span text)
{
    struct span number = {(const char *)w->t->number_key.bytes, sizeof w->t->number_key.bytes};
    struct blind blind = vault_blind(w->g->parts.vault, BLIND_MESSAGE, number, text);
    struct store_index digest;
    memcpy(digest.bytes, blind.bytes, sizeof digest.bytes);
    return digest;
}

static int alike(struct work *w, const struct store_index *digest, int64_t *count)
{
    return store_outbox_alike(w->g->parts.store, w->st, digest, w->now_ms - ALIKE_MS, count);
}

static int queue(struct work *w, struct span text, enum message_class class, const struct store_index *digest)
{
    struct str box = STR_INIT(SEND_BOX_MAX);
    int64_t id;
    int rc = outbound_box(w->g->parts.vault, &w->t->in.from, text, &box);
    if (rc == 0)
        rc = store_outbox_add(w->g->parts.store, w->st, channel_name(sending_channel(w)), class, w->now_ms,
                              str_span(&box), &id);
    if (rc == 0)
        rc = store_outbox_mark(w->g->parts.store, id, digest);
    if (rc == 0)
        w->g->queued_messages = true;
    str_release(&box);
    return rc;
}

int send_message(struct work *w, struct span text, enum message_class class)
{
    struct store_index digest = digest_of(w, text);
    int64_t before;
    int rc = store_number_need(w->g->parts.store, w->st, w->day);
    if (rc == 0)
        rc = alike(w, &digest, &before);
    if (rc < 0)
        return rc;
    if (class != MESSAGE_CONFIRM && before >= w->g->parts.settings->alike_max) {
        note(w, &w->g->looped, "looped");
        return 0;
    }
    return queue(w, text, class, &digest);
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
    struct store_index digest = digest_of(w, text);
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
