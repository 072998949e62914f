// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/session.h"

#include "base/err.h"
#include "base/pack.h"
#include "gateway/marks.h"

#include <string.h>

enum { SESSION_FORMAT = 3 };

void session_init(struct session *s, const unsigned char bundle[32])
{
    *s = (struct session){.dialogue = {.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE}};
    memcpy(s->bundle, bundle, sizeof s->bundle);
    unsigned char keys[sizeof s->turn_key + sizeof s->trail.key]; // one draw costs less than two
    vault_random(NULL, keys, sizeof keys);
    memcpy(s->turn_key, keys, sizeof s->turn_key);
    memcpy(s->trail.key, keys + sizeof s->turn_key, sizeof s->trail.key);
    vault_wipe(keys, sizeof keys);
}

void session_forget(struct session *s)
{
    vault_random(NULL, s->turn_key, sizeof s->turn_key);
    s->turns = 0;
    s->registered = false;
    s->mark_count = s->dialogue.value_count = 0;
}

void session_close(struct session *s, struct span answer)
{
    const struct dialogue was = s->dialogue;
    vault_random(NULL, s->turn_key, sizeof s->turn_key);
    s->registered = false;
    s->mark_count = 0;
    s->saw = (struct span){0};
    s->unkept = answer;
    s->dialogue = (struct dialogue){
        .ended = was.ended, .left = was.left, .screen = was.screen, .found_case = PROGRAM_NONE, .held = was.held};
    memcpy(s->dialogue.language, was.language, sizeof was.language);
}

int session_pack(const struct session *s, struct str *out)
{
    pack_number(out, SESSION_FORMAT);
    pack_number(out, s->turns);
    str_add(out, (struct span){(const char *)s->turn_key, sizeof s->turn_key});
    str_add(out, (struct span){(const char *)s->bundle, sizeof s->bundle});
    pack_number(out, (uint64_t)s->touched_s);
    pack_number(out, s->registered);
    str_add(out, (struct span){(const char *)s->trail.key, sizeof s->trail.key});
    pack_span(out, s->trail.marks);
    pack_span(out, s->sequence);
    pack_span(out, s->saw);
    pack_span(out, s->unkept);
    pack_number(out, s->more);
    marks_pack(s, out);
    int rc = dialogue_encode(&s->dialogue, out);
    return rc < 0 ? rc : str_err(out);
}

static void take_raw(struct unpack *u, unsigned char *to, size_t len)
{
    struct span bytes = unpack_bytes(u, len);
    if (bytes.len == len)
        memcpy(to, bytes.p, len);
}

int session_unpack(struct span bytes, struct arena *a, struct session *s)
{
    *s = (struct session){0};
    struct unpack u = unpack_start(bytes);
    if (unpack_number(&u, UINT64_MAX) != SESSION_FORMAT)
        return ERR_CORRUPT;
    s->turns = unpack_number(&u, UINT64_MAX);
    take_raw(&u, s->turn_key, sizeof s->turn_key);
    take_raw(&u, s->bundle, sizeof s->bundle);
    s->touched_s = (int64_t)unpack_number(&u, INT64_MAX);
    s->registered = unpack_number(&u, 1) != 0;
    take_raw(&u, s->trail.key, sizeof s->trail.key);
    s->trail.marks = unpack_span(&u);
    s->sequence = unpack_span(&u);
    s->saw = unpack_span(&u);
    s->unkept = unpack_span(&u);
    s->more = unpack_number(&u, 1) != 0;
    int rc = marks_unpack(&u, a, s);
    if (rc == 0)
        rc = unpack_err(&u, false);
    return rc < 0 ? rc : dialogue_decode(u.left, a, &s->dialogue);
}
