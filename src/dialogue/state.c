// SPDX-License-Identifier: AGPL-3.0-or-later
/* state - a session as bytes: a format number, then every field in the order of struct dialogue, as base/pack writes
 * them. PROGRAM_NONE is an ordinary number here. What the numbers point to is checked against the program by
 * dialogue_step, which alone has it; here only what could hurt memory is.
 *
 * To add a field: a line in encode_*, the same in decode_*, and a new STATE_FORMAT.
 */
#include "base/err.h"
#include "base/pack.h"
#include "dialogue/dialogue.h"

#include <string.h>

enum { STATE_FORMAT = 2, STATE_VALUES_MAX = 0xFFFF, STATE_KEYS = (1 << KEY_COUNT) - 1 };

enum { FLAG_ENDED = 1, FLAG_LEFT = 2, FLAG_FOUND = 4, FLAGS = 7 };

static void put_returns(const struct dialogue_return *r, int count, struct str *out)
{
    pack_number(out, (uint64_t)count);
    for (int i = 0; i < count; i++) {
        pack_number(out, (uint64_t)r[i].kind);
        pack_number(out, r[i].screen);
    }
}

static void encode_way(const struct dialogue *s, struct str *out)
{
    pack_number(out, s->screen);
    pack_number(out, s->page);
    pack_number(out, (uint64_t)s->tries);
    put_returns(s->returns, s->return_count, out);
    pack_number(out, (uint64_t)s->history_count);
    for (int i = 0; i < s->history_count; i++) {
        pack_number(out, s->history[i].screen);
        put_returns(s->history[i].returns, s->history[i].return_count, out);
    }
}

static void encode_values(const struct dialogue *s, struct str *out)
{
    pack_number(out, s->value_count);
    for (size_t i = 0; i < s->value_count; i++) {
        pack_number(out, s->values[i].slot);
        pack_number(out, s->values[i].screen);
        pack_span(out, s->values[i].text);
    }
}

static void encode_page(const struct dialogue *s, struct str *out)
{
    pack_number(out, s->hidden);
    pack_span(out, s->body);
    pack_span(out, s->error);
    pack_number(out, s->ask_at);
    pack_number(out, s->from);
    pack_number(out, s->skip);
    pack_number(out, s->page_at);
    pack_number(out, s->keys);
    pack_number(out, s->first_option);
    pack_number(out, (uint64_t)s->option_count);
    for (int i = 0; i < s->option_count; i++)
        pack_number(out, s->options[i]);
}

int dialogue_encode(const struct dialogue *s, struct str *out)
{
    pack_number(out, STATE_FORMAT);
    pack_number(out, (s->ended ? FLAG_ENDED : 0u) | (s->left ? FLAG_LEFT : 0u) | (s->found ? FLAG_FOUND : 0u));
    pack_span(out, span_of(s->language));
    pack_number(out, (uint64_t)s->asking);
    encode_way(s, out);
    encode_values(s, out);
    pack_number(out, s->found_case);
    pack_span(out, s->found_status);
    pack_number(out, s->found_table);
    pack_span(out, s->found_key);
    pack_number(out, s->shown);
    pack_number(out, s->offered);
    pack_number(out, s->pending);
    pack_number(out, s->held);
    encode_page(s, out);
    return str_err(out);
}

static uint16_t take_index(struct unpack *u)
{
    return (uint16_t)unpack_number(u, UINT16_MAX);
}

static int take_returns(struct unpack *u, struct dialogue_return *r)
{
    int count = (int)unpack_number(u, DIALOGUE_PARTS_MAX);
    for (int i = 0; i < count; i++) {
        r[i].kind = (enum place_kind)unpack_number(u, PLACE_RETURN);
        r[i].screen = take_index(u);
    }
    return count;
}

static void decode_way(struct unpack *u, struct dialogue *s)
{
    s->screen = take_index(u);
    s->page = take_index(u);
    s->tries = (int)unpack_number(u, INT32_MAX / 2);
    s->return_count = take_returns(u, s->returns);
    s->history_count = (int)unpack_number(u, DIALOGUE_HISTORY_MAX);
    for (int i = 0; i < s->history_count; i++) {
        s->history[i].screen = take_index(u);
        s->history[i].return_count = take_returns(u, s->history[i].returns);
    }
}

/** Values grow through arena_grow, so that the room is what it would have made. A value takes three bytes at least, so
 * that a lying count cannot ask for much memory. */
static int decode_values(struct unpack *u, struct arena *a, struct dialogue *s)
{
    uint64_t most = u->left.len / 3;
    size_t count = (size_t)unpack_number(u, most < STATE_VALUES_MAX ? most : STATE_VALUES_MAX);
    int32_t last = -1;
    for (size_t i = 0; i < count; i++) {
        struct dialogue_value *room = arena_grow(a, s->values, i, sizeof *room);
        if (!room)
            return ERR_NOMEM;
        s->values = room;
        room[i] = (struct dialogue_value){.slot = take_index(u), .screen = take_index(u)};
        room[i].text = unpack_span(u);
        if (room[i].slot <= last) // order of slots is what step_value relies on
            return ERR_CORRUPT;
        last = room[i].slot;
    }
    s->value_count = count;
    return 0;
}

static int decode_page(struct unpack *u, struct dialogue *s)
{
    s->hidden = (unsigned)unpack_number(u, STATE_KEYS);
    s->body = unpack_span(u);
    s->error = unpack_span(u);
    s->ask_at = (size_t)unpack_number(u, s->body.len);
    s->from = (size_t)unpack_number(u, s->body.len);
    s->skip = take_index(u);
    s->page_at = (size_t)unpack_number(u, s->body.len);
    s->keys = (unsigned)unpack_number(u, STATE_KEYS);
    s->first_option = take_index(u);
    s->option_count = (int)unpack_number(u, DIALOGUE_OPTIONS_MAX);
    for (int i = 0; i < s->option_count; i++)
        s->options[i] = take_index(u);
    return unpack_err(u, true);
}

static void decode_language(struct unpack *u, struct dialogue *s)
{
    struct span code = unpack_span(u);
    if (code.len >= sizeof s->language)
        u->err = ERR_CORRUPT;
    else if (code.len)
        memcpy(s->language, code.p, code.len);
}

int dialogue_decode(struct span bytes, struct arena *a, struct dialogue *s)
{
    *s = (struct dialogue){0};
    struct unpack u = unpack_start(bytes);
    if (unpack_number(&u, UINT64_MAX) != STATE_FORMAT)
        return ERR_CORRUPT;
    unsigned flags = (unsigned)unpack_number(&u, FLAGS);
    s->ended = (flags & FLAG_ENDED) != 0;
    s->left = (flags & FLAG_LEFT) != 0;
    s->found = (flags & FLAG_FOUND) != 0;
    decode_language(&u, s);
    s->asking = (enum dialogue_asking)unpack_number(&u, ASKING_NOTHING);
    decode_way(&u, s);
    int rc = decode_values(&u, a, s);
    if (rc < 0)
        return rc;
    s->found_case = take_index(&u);
    s->found_status = unpack_span(&u);
    s->found_table = take_index(&u);
    s->found_key = unpack_span(&u);
    s->shown = unpack_number(&u, UINT64_MAX);
    s->offered = unpack_number(&u, UINT64_MAX);
    s->pending = unpack_number(&u, UINT64_MAX);
    s->held = take_index(&u);
    return decode_page(&u, s);
}
