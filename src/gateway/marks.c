// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/marks.h"

#include "base/err.h"

#include <string.h>

enum { WATCHED = 64 };

static bool marked(const struct session *s, int watch, bool shown)
{
    for (size_t i = 0; i < s->mark_count; i++)
        if (s->marks[i].watch == watch && s->marks[i].shown == shown)
            return true;
    return false;
}

static uint16_t screen_of(const struct program *p, int watch)
{
    for (size_t i = 0; i < p->screen_count; i++)
        if (p->screens[i].watch == watch)
            return (uint16_t)i;
    return PROGRAM_NONE;
}

static int hash_words(const struct marks_now *now, const struct session_mark *m, struct span *words,
                      unsigned char hash[VAULT_CHAIN_BYTES])
{
    uint16_t screen = screen_of(now->program, m->watch);
    if (screen == PROGRAM_NONE)
        return ERR_MISSING;
    int rc = dialogue_content(now->program, screen, span_of(m->language), now->in, now->arena, words);
    if (rc == 0)
        vault_hash(*words, hash);
    return rc;
}

static int mark_add(struct session *s, const struct marks_now *now, int watch, bool shown)
{
    struct session_mark m = {.watch = (uint8_t)watch, .shown = shown, .at_s = now->at_s};
    struct session_mark *room = arena_array(now->arena, s->mark_count + 1, sizeof *room);
    struct span words;
    if (!room || s->mark_count == MARKS_MAX)
        return room ? 0 : ERR_NOMEM;
    struct span code = span_of(s->dialogue.language);
    if (!code.len)
        code = now->program->settings->languages[now->program->settings->first_language].code;
    memcpy(m.language, code.p, code.len < sizeof m.language ? code.len : sizeof m.language - 1);
    int rc = shown ? hash_words(now, &m, &words, m.content) : 0;
    if (rc < 0)
        return rc;
    if (s->mark_count)
        memcpy(room, s->marks, s->mark_count * sizeof *room);
    room[s->mark_count++] = m;
    s->marks = room;
    return 0;
}

int marks_take(struct session *s, const struct marks_now *now)
{
    const uint64_t masks[] = {s->dialogue.offered, s->dialogue.shown};
    int rc = 0;
    for (int shown = 0; shown <= 1; shown++)
        for (int watch = 0; watch < WATCHED && masks[shown] >> watch && rc == 0; watch++)
            if ((masks[shown] >> watch & 1) && !marked(s, watch, shown))
                rc = mark_add(s, now, watch, shown);
    return rc;
}

static bool said(const struct effect *e, struct span screen, bool shown)
{
    for (size_t i = 0; i < e->seen_count; i++)
        if (span_eq(e->seen[i].screen, screen))
            return e->seen[i].shown == shown;
    return false;
}

static int tell(const struct marks_now *now, const struct session_mark *m, struct marks_told *told)
{
    struct told_seen *t = &told->seen[told->count];
    unsigned char hash[VAULT_CHAIN_BYTES];
    struct span words;
    t->shown = m->shown;
    t->at_s = m->at_s;
    if (m->shown) {
        t->language = span_of(m->language);
        memcpy(t->content, m->content, sizeof t->content);
        int rc = hash_words(now, m, &words, hash);
        if (rc < 0)
            return rc;
        told->texts[told->count] = memcmp(hash, m->content, sizeof hash) == 0 ? words : (struct span){0};
    }
    told->count++;
    return 0;
}

int marks_tell(const struct session *s, const struct marks_now *now, const struct effect *e, struct marks_told *told)
{
    *told = (struct marks_told){.seen = arena_array(now->arena, s->mark_count + 1, sizeof *told->seen),
                                .texts = arena_array(now->arena, s->mark_count + 1, sizeof *told->texts)};
    int rc = told->seen && told->texts ? 0 : ERR_NOMEM;
    for (size_t i = 0; i < s->mark_count && rc == 0; i++) {
        uint16_t screen = screen_of(now->program, s->marks[i].watch);
        if (screen == PROGRAM_NONE || !said(e, now->program->screens[screen].name, s->marks[i].shown))
            continue;
        told->seen[told->count].screen = now->program->screens[screen].name;
        rc = tell(now, &s->marks[i], told);
    }
    return rc;
}

/* ---- as bytes ---- */

void marks_pack(const struct session *s, struct str *out)
{
    pack_number(out, s->mark_count);
    for (size_t i = 0; i < s->mark_count; i++) {
        const struct session_mark *m = &s->marks[i];
        pack_number(out, (uint64_t)m->watch << 1 | m->shown);
        pack_number(out, (uint64_t)m->at_s);
        if (!m->shown)
            continue;
        pack_span(out, span_of(m->language));
        str_add(out, (struct span){(const char *)m->content, sizeof m->content});
    }
}

static void unpack_shown(struct unpack *u, struct session_mark *m)
{
    struct span language = unpack_span(u), content = unpack_bytes(u, sizeof m->content);
    if (language.len >= sizeof m->language)
        u->err = ERR_CORRUPT;
    else if (language.len)
        memcpy(m->language, language.p, language.len);
    if (content.len == sizeof m->content)
        memcpy(m->content, content.p, content.len);
}

int marks_unpack(struct unpack *u, struct arena *a, struct session *s)
{
    s->mark_count = (size_t)unpack_number(u, MARKS_MAX);
    s->marks = s->mark_count ? arena_array(a, s->mark_count, sizeof *s->marks) : NULL;
    if (s->mark_count && !s->marks)
        return ERR_NOMEM;
    for (size_t i = 0; i < s->mark_count; i++) {
        struct session_mark *m = &s->marks[i];
        uint64_t head = unpack_number(u, 2 * WATCHED - 1);
        m->watch = (uint8_t)(head >> 1);
        m->shown = head & 1;
        m->at_s = (int64_t)unpack_number(u, INT64_MAX);
        if (m->shown)
            unpack_shown(u, m);
    }
    return 0;
}
