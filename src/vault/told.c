// SPDX-License-Identifier: AGPL-3.0-or-later
#include "vault/told.h"

#include "base/err.h"
#include "base/pack.h"

#include <inttypes.h>
#include <string.h>

enum { TOLD_PAD = 128, WORD_PAD = 32, TURN_PAD = 64, NUMBER_PAD = 16, CONTEXT_MAX = 256, COUNT_MOST = 4096 };

/* What and whose: a box that was moved to another case does not open. */
static void whose(struct str *context, const char *what, struct span reference)
{
    str_addz(context, what);
    str_addc(context, ' ');
    str_add(context, reference);
}

/* ---- seals, in one shape ---- */

static int seal_told(const unsigned char *public_key, const char *what, struct span reference, struct span plain,
                     struct str *out)
{
    struct str context = STR_INIT(CONTEXT_MAX);
    whose(&context, what, reference);
    int rc = str_err(&context);
    if (rc == 0)
        rc = vault_seal(public_key, str_span(&context), plain, TOLD_PAD, out);
    str_release(&context);
    return rc;
}

static int unseal_told(const struct opener *o, const char *what, struct span reference, struct span seal,
                       struct str *plain)
{
    struct str context = STR_INIT(CONTEXT_MAX);
    whose(&context, what, reference);
    int rc = str_err(&context);
    if (rc == 0)
        rc = opener_unseal(o, str_span(&context), seal, plain);
    str_release(&context);
    return rc;
}

/* ---- summary ---- */

static void pack_spans(struct str *out, const struct span *spans, size_t count)
{
    pack_number(out, count);
    for (size_t i = 0; i < count; i++)
        pack_span(out, spans[i]);
}

static int unpack_spans(struct unpack *u, struct arena *a, const struct span **spans, size_t *count)
{
    *count = (size_t)unpack_number(u, COUNT_MOST);
    struct span *all = arena_array(a, *count + 1, sizeof *all);
    for (size_t i = 0; all && i < *count; i++)
        all[i] = unpack_span(u);
    *spans = all;
    return all ? 0 : ERR_NOMEM;
}

int told_summary_box(const struct vault *v, struct span reference, const struct told_summary *t, struct str *out)
{
    struct str plain = STR_INIT(TOLD_MAX), context = STR_INIT(CONTEXT_MAX);
    whose(&context, "case summary", reference);
    pack_span(&plain, t->kind);
    pack_span(&plain, t->priority);
    pack_spans(&plain, t->flags, t->flag_count);
    if (t->marked)
        pack_number(&plain, t->marked);
    int rc = str_err(&plain) < 0 ? str_err(&plain) : str_err(&context);
    if (rc == 0)
        rc = vault_box(v, VAULT_RECORD, str_span(&context), str_span(&plain), TOLD_PAD, out);
    str_release(&context);
    str_release(&plain);
    return rc;
}

int told_summary_unbox(const struct vault *v, struct span reference, struct span box, struct str *plain,
                       struct arena *a, struct told_summary *t)
{
    struct str context = STR_INIT(CONTEXT_MAX);
    whose(&context, "case summary", reference);
    int rc = str_err(&context);
    if (rc == 0)
        rc = vault_unbox(v, VAULT_RECORD, str_span(&context), box, plain);
    str_release(&context);
    if (rc < 0)
        return rc;
    struct unpack u = unpack_start(str_span(plain));
    t->kind = unpack_span(&u);
    t->priority = unpack_span(&u);
    rc = unpack_spans(&u, a, &t->flags, &t->flag_count);
    t->marked = rc == 0 && u.left.len ? (size_t)unpack_number(&u, t->flag_count) : 0;
    return rc < 0 ? rc : unpack_err(&u, true);
}

/* ---- single words under the master key ---- */

static int word_box(const struct vault *v, const char *what, struct span whom, struct span word, struct str *out)
{
    struct str context = STR_INIT(CONTEXT_MAX);
    whose(&context, what, whom);
    int rc = str_err(&context);
    if (rc == 0)
        rc = vault_box(v, VAULT_RECORD, str_span(&context), word, WORD_PAD, out);
    str_release(&context);
    return rc;
}

static int word_unbox(const struct vault *v, const char *what, struct span whom, struct span box, struct str *word)
{
    struct str context = STR_INIT(CONTEXT_MAX);
    whose(&context, what, whom);
    int rc = str_err(&context);
    if (rc == 0)
        rc = vault_unbox(v, VAULT_RECORD, str_span(&context), box, word);
    str_release(&context);
    return rc;
}

int told_kind_box(const struct vault *v, struct span reference, struct span kind, struct str *out)
{
    return word_box(v, "case kind", reference, kind, out);
}

int told_kind_unbox(const struct vault *v, struct span reference, struct span box, struct str *kind)
{
    return word_unbox(v, "case kind", reference, box, kind);
}

int told_language_box(const struct vault *v, struct span public_key, struct span language, struct str *out)
{
    return word_box(v, "person language", public_key, language, out);
}

int told_language_unbox(const struct vault *v, struct span public_key, struct span box, struct str *language)
{
    return word_unbox(v, "person language", public_key, box, language);
}

/* ---- answers ---- */

int told_answers_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], struct span reference,
                      const struct told_answers *t, struct str *out)
{
    struct str plain = STR_INIT(TOLD_MAX);
    pack_span(&plain, t->language);
    pack_number(&plain, t->field_count);
    for (size_t i = 0; i < t->field_count; i++) {
        pack_span(&plain, t->fields[i].name);
        pack_span(&plain, t->fields[i].value);
    }
    pack_span(&plain, t->turn_key);
    int rc = str_err(&plain);
    if (rc == 0)
        rc = seal_told(public_key, "case answers", reference, str_span(&plain), out);
    vault_forget(&plain);
    return rc;
}

static int unpack_answers(struct unpack *u, struct arena *a, struct told_answers *t)
{
    t->language = unpack_span(u);
    t->field_count = (size_t)unpack_number(u, COUNT_MOST);
    struct effect_field *fields = arena_array(a, t->field_count + 1, sizeof *fields);
    if (!fields)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->field_count; i++) {
        fields[i].name = unpack_span(u);
        fields[i].value = unpack_span(u);
    }
    t->fields = fields;
    t->turn_key = unpack_span(u);
    return t->turn_key.len && t->turn_key.len != VAULT_KEY_BYTES ? ERR_CORRUPT : unpack_err(u, true);
}

int told_answers_unseal(const struct opener *o, struct span reference, struct span seal, struct str *plain,
                        struct arena *a, struct told_answers *t)
{
    int rc = unseal_told(o, "case answers", reference, seal, plain);
    if (rc < 0)
        return rc;
    struct unpack u = unpack_start(str_span(plain));
    return unpack_answers(&u, a, t);
}

/* ---- notes and numbers ---- */

static int placed(struct str *where, const struct told_place *place)
{
    str_addf(where, "%" PRId64 " of ", place->id);
    str_add(where, place->reference);
    return str_err(where);
}

static int seal_placed(const unsigned char *public_key, const char *what, const struct told_place *place,
                       struct span plain, struct str *out)
{
    struct str where = STR_INIT(CONTEXT_MAX);
    int rc = placed(&where, place);
    if (rc == 0)
        rc = seal_told(public_key, what, str_span(&where), plain, out);
    str_release(&where);
    return rc;
}

static int unseal_placed(const struct opener *o, const char *what, const struct told_place *place, struct span seal,
                         struct str *plain)
{
    struct str where = STR_INIT(CONTEXT_MAX);
    int rc = placed(&where, place);
    if (rc == 0)
        rc = unseal_told(o, what, str_span(&where), seal, plain);
    str_release(&where);
    return rc;
}

int told_note_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], const struct told_place *place, struct span text,
                   struct str *out)
{
    return seal_placed(public_key, "case note", place, text, out);
}

int told_note_unseal(const struct opener *o, const struct told_place *place, struct span seal, struct str *text)
{
    int64_t at_ms;
    return told_message_unseal(o, place, seal, text, &at_ms);
}

int told_message_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], const struct told_place *place, int64_t at_ms,
                      struct span text, struct str *out)
{
    struct str plain = STR_INIT(TOLD_MAX);
    pack_number(&plain, (uint64_t)at_ms);
    str_add(&plain, text);
    int rc = str_err(&plain);
    if (rc == 0)
        rc = seal_placed(public_key, "case message", place, str_span(&plain), out);
    vault_forget(&plain);
    return rc;
}

int told_message_unseal(const struct opener *o, const struct told_place *place, struct span seal, struct str *text,
                        int64_t *at_ms)
{
    *at_ms = 0;
    int rc = unseal_placed(o, "case note", place, seal, text);
    if (rc != ERR_CRYPTO)
        return rc;
    struct str plain = STR_INIT(TOLD_MAX);
    rc = unseal_placed(o, "case message", place, seal, &plain);
    struct unpack u = unpack_start(str_span(&plain));
    if (rc == 0) {
        *at_ms = (int64_t)unpack_number(&u, INT64_MAX);
        str_add(text, u.left);
        rc = unpack_err(&u, false) < 0 ? ERR_CORRUPT : str_err(text);
    }
    vault_forget(&plain);
    return rc;
}

int told_call_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], struct span reference, struct span text,
                   struct str *out)
{
    return seal_told(public_key, "case call", reference, text, out);
}

int told_call_unseal(const struct opener *o, struct span reference, struct span seal, struct str *text)
{
    return unseal_told(o, "case call", reference, seal, text);
}

int told_number_seal(const unsigned char public_key[VAULT_PUBLIC_BYTES], const struct msisdn *number, struct str *out)
{
    return vault_seal(public_key, SPAN("person number"), span_of(number->digits), NUMBER_PAD, out);
}

int told_number_unseal(const struct opener *o, struct span seal, struct msisdn *number)
{
    struct str plain = STR_INIT(CONTEXT_MAX);
    int rc = opener_unseal(o, SPAN("person number"), seal, &plain);
    if (rc == 0 && plain.len >= sizeof number->digits)
        rc = ERR_CORRUPT;
    if (rc == 0) {
        *number = (struct msisdn){0};
        if (plain.len)
            memcpy(number->digits, plain.p, plain.len);
    }
    vault_forget(&plain);
    return rc;
}

/* ---- turns ---- */

int told_turn_box(const unsigned char turn_key[VAULT_KEY_BYTES], uint64_t number, const struct told_turn *t,
                  struct str *plain, struct str *out)
{
    str_clear(plain);
    pack_number(plain, (uint64_t)t->at_ms);
    pack_span(plain, t->screen);
    pack_span(plain, t->typed);
    pack_span(plain, t->shown);
    int rc = str_err(plain);
    return rc < 0 ? rc : vault_raw_box(turn_key, number, str_span(plain), TURN_PAD, out);
}

int told_turn_unbox(const unsigned char turn_key[VAULT_KEY_BYTES], uint64_t number, struct span box, struct str *plain,
                    struct told_turn *t)
{
    int rc = vault_raw_unbox(turn_key, number, box, plain);
    if (rc < 0)
        return rc;
    struct unpack u = unpack_start(str_span(plain));
    t->at_ms = (int64_t)unpack_number(&u, INT64_MAX);
    t->screen = unpack_span(&u);
    t->typed = unpack_span(&u);
    t->shown = unpack_span(&u);
    return unpack_err(&u, true);
}
