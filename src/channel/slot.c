// SPDX-License-Identifier: AGPL-3.0-or-later
/* What a field of the aggregator's is to us: a table of fields, and words that only the file gives a meaning. */
#include "channel/channel_internal.h"

#include "base/err.h"
#include "text/phone.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static int take_session(struct reader *r, struct span value, struct inbound *in)
{
    in->session = value;
    return value.len <= CHANNEL_SESSION_MAX ? 0 : reader_refuse(r, ERR_SYNTAX, "the session id is too long");
}

/* An SMS may come from a short code or a name, which must never be answered (sheet section 8); a USSD session cannot.
 */
static int take_from(struct reader *r, struct span value, struct inbound *in)
{
    struct span country = r->c->country.len ? r->c->country : r->c->settings->default_country;
    int rc = phone_parse(value, country, &in->from);
    if (rc == 0)
        return 0;
    in->from = (struct msisdn){0};
    if (in->kind != INBOUND_TURN || in->medium != MEDIUM_SMS || !phone_is_service(value))
        return reader_refuse(r, ERR_SYNTAX, "the phone number is not one");
    in->kind = INBOUND_IGNORED;
    return 0;
}

static int take_to(struct reader *r, struct span value, struct inbound *in)
{
    in->to = value;
    return value.len <= CHANNEL_ID_MAX ? 0 : reader_refuse(r, ERR_SYNTAX, "the service code is too long");
}

static int take_text(struct reader *r, struct span value, struct inbound *in)
{
    (void)r;
    in->text = value;
    return 0;
}

static int take_id(struct reader *r, struct span value, struct inbound *in)
{
    in->event = value;
    return value.len <= CHANNEL_ID_MAX ? 0 : reader_refuse(r, ERR_SYNTAX, "the message id is too long");
}

static int take_sequence(struct reader *r, struct span value, struct inbound *in)
{
    int64_t number;
    in->event = value;
    bool fair = span_int(value, &number) == 0 && number >= 0;
    return fair ? 0 : reader_refuse(r, ERR_SYNTAX, "the sequence is not a number");
}

static int take_medium(struct reader *r, struct span value, struct inbound *in)
{
    in->medium = span_is(value, "sms") ? MEDIUM_SMS : MEDIUM_USSD;
    bool known = span_is(value, "sms") || span_is(value, "ussd");
    return known ? 0 : reader_refuse(r, ERR_SYNTAX, "the medium is neither ussd nor sms");
}

static int take_reference(struct reader *r, struct span value, struct inbound *in)
{
    in->reference = value;
    return value.len <= CHANNEL_ID_MAX ? 0 : reader_refuse(r, ERR_SYNTAX, "the message id is too long");
}

/* Our own ids are MESSAGE_KEY_LEN hexadecimal digits; anything else that is told back is not one of ours. */
static int take_key(struct reader *r, struct span value, struct inbound *in)
{
    (void)r;
    if (value.len == MESSAGE_KEY_LEN)
        in->key = value;
    return 0;
}

static int take_part_ref(struct reader *r, struct span value, struct inbound *in)
{
    in->part.reference = value;
    return value.len <= CHANNEL_ID_MAX ? 0 : reader_refuse(r, ERR_SYNTAX, "the reference of the parts is too long");
}

static int part_number(struct reader *r, struct span value, int *out)
{
    int64_t number;
    if (span_int(value, &number) < 0 || number < 1 || number > INBOUND_PARTS_MAX)
        return reader_refuse(r, ERR_SYNTAX, "the number of a part is not 1 to 255");
    *out = (int)number;
    return 0;
}

static int take_part_total(struct reader *r, struct span value, struct inbound *in)
{
    return part_number(r, value, &in->part.total);
}

static int take_part(struct reader *r, struct span value, struct inbound *in)
{
    int rc = part_number(r, value, &in->part.number);
    return rc == 0 && in->part.number > in->part.total ? reader_refuse(r, ERR_SYNTAX, "there are fewer parts than that")
                                                       : rc;
}

/* Slots in the order in which they are taken: the medium decides how a sender is read. */
static const struct slot_row {
    enum slot slot;
    int (*take)(struct reader *r, struct span value, struct inbound *in);
} slot_rows[] = {
    {SLOT_MEDIUM, take_medium},
    {SLOT_SESSION, take_session},
    {SLOT_FROM, take_from},
    {SLOT_TO, take_to},
    {SLOT_TEXT, take_text},
    {SLOT_ID, take_id},
    {SLOT_SEQUENCE, take_sequence},
    {SLOT_REFERENCE, take_reference},
    {SLOT_KEY, take_key},
    {SLOT_PART_REF, take_part_ref},
    {SLOT_PART_TOTAL, take_part_total},
    {SLOT_PART, take_part},
};

const struct keyword slot_words[SLOT_COUNT] = {
    [SLOT_SESSION] = {"session", SLOT_SESSION},
    [SLOT_FROM] = {"from", SLOT_FROM},
    [SLOT_TO] = {"to", SLOT_TO},
    [SLOT_TEXT] = {"text", SLOT_TEXT},
    [SLOT_ID] = {"id", SLOT_ID},
    [SLOT_SEQUENCE] = {"sequence", SLOT_SEQUENCE},
    [SLOT_MEDIUM] = {"medium", SLOT_MEDIUM},
    [SLOT_SIGNAL] = {"signal", SLOT_SIGNAL},
    [SLOT_CODING] = {"coding", SLOT_CODING},
    [SLOT_REFERENCE] = {"reference", SLOT_REFERENCE},
    [SLOT_STATE] = {"state", SLOT_STATE},
    [SLOT_REASON] = {"reason", SLOT_REASON},
    [SLOT_KEY] = {"key", SLOT_KEY},
    [SLOT_PART_REF] = {"part-ref", SLOT_PART_REF},
    [SLOT_PART_TOTAL] = {"part-total", SLOT_PART_TOTAL},
    [SLOT_PART] = {"part", SLOT_PART},
};

static bool names(const struct reader *r, struct span pattern, struct span value)
{
    return match_text(pattern, value, r->c->any_case, NULL);
}

static const struct mapping *mapping_of(const struct reader *r, const struct event *e, enum slot slot,
                                        struct span value)
{
    const struct mapping *others = NULL;
    for (size_t i = 0; value.p && i < e->mapping_count; i++) {
        const struct mapping *m = &e->mappings[i];
        if (m->slot != slot)
            continue;
        if (m->others)
            others = m;
        else if (names(r, m->value, value))
            return m;
    }
    return others;
}

static void take_signal(const struct mapping *signal, struct inbound *in)
{
    in->begins = signal && signal->meaning == SIGNAL_BEGINS;
    if (signal && signal->meaning == SIGNAL_ENDS)
        in->kind = INBOUND_ENDED;
    if (signal && signal->meaning == SIGNAL_IGNORED)
        in->kind = INBOUND_IGNORED;
    in->opted_out = signal && signal->meaning == SIGNAL_OPTS_OUT && in->kind == INBOUND_TURN;
}

/* A word that the file does not know means nothing; a reason says more than a state. */
static void take_mapped(const struct reader *r, const struct event *e, const struct span values[SLOT_COUNT],
                        struct inbound *in)
{
    const struct mapping *state = mapping_of(r, e, SLOT_STATE, values[SLOT_STATE]);
    const struct mapping *reason = mapping_of(r, e, SLOT_REASON, values[SLOT_REASON]);
    take_signal(mapping_of(r, e, SLOT_SIGNAL, values[SLOT_SIGNAL]), in);
    if (state || reason)
        in->delivery = (enum delivery_state)(reason ? reason : state)->meaning;
}

/* What the text itself says about the session. */
static void take_text_signals(const struct reader *r, struct inbound *in)
{
    if (in->kind != INBOUND_TURN)
        return;
    in->begins |= r->c->empty_begins && !in->text.len;
    for (size_t i = 0; i < r->c->hang_up_count; i++)
        if (names(r, r->c->hang_ups[i], in->text))
            in->kind = INBOUND_ENDED;
}

/* What is optional and was not sent cannot tell a repeat. */
static void set_repeat(const struct channel *c, struct inbound *in)
{
    bool by_event = c->repeat == REPEAT_ID || c->repeat == REPEAT_SEQUENCE;
    in->repeat = by_event && !in->event.len ? REPEAT_NONE : c->repeat;
}

int slots_take(struct reader *r, const struct event *e, const struct span values[SLOT_COUNT], struct inbound *in)
{
    int rc = 0;
    *in = (struct inbound){.kind = e->kind, .medium = r->c->medium};
    for (size_t i = 0; rc == 0 && i < COUNT(slot_rows); i++)
        if (values[slot_rows[i].slot].p)
            rc = slot_rows[i].take(r, values[slot_rows[i].slot], in);
    if (rc < 0)
        return rc;
    take_mapped(r, e, values, in);
    take_text_signals(r, in);
    if (!in->part.reference.len || !in->part.number || in->part.total < 2 || in->medium != MEDIUM_SMS)
        in->part = (struct inbound_part){0}; // "1 of 1", or not all of it told: nothing to wait for
    set_repeat(r->c, in);
    return 0;
}
