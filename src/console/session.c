// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/session.h"

#include "base/err.h"
#include "base/mem.h"
#include "vault/vault.h"

#include <pthread.h>
#include <stdlib.h>

struct seat {
    struct session session;
    bool taken, over;
    int users; // pages that use it now
    int64_t serial, began_ms, seen_ms;
    unsigned char key[VAULT_CHAIN_BYTES]; // hash of the token
};

struct sessions {
    pthread_mutex_t lock;
    int64_t serials; // given so far
    struct seat seats[SESSIONS_MAX];
};

struct sessions *sessions_new(void)
{
    struct sessions *s = mem_calloc(1, sizeof *s);
    if (s)
        pthread_mutex_init(&s->lock, NULL);
    return s;
}

static struct seat *seat_of(struct session *session)
{
    return (struct seat *)(void *)session; // its first member
}

static void keys_close(struct session *s)
{
    keyring_close(&s->keyring);
    opener_close(s->identity);
    vault_locked_free(s->factor);
}

/* The keys go when nobody uses them any more. */
static void seat_leave(struct seat *seat)
{
    seat->over = true;
    if (seat->users)
        return;
    keys_close(&seat->session);
    vault_wipe(seat, sizeof *seat);
}

void sessions_free(struct sessions *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        if (s->seats[i].taken)
            seat_leave(&s->seats[i]);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

static void hexadecimal(const unsigned char *bytes, char text[SESSION_TOKEN])
{
    for (int i = 0; i < (SESSION_TOKEN - 1) / 2; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

void session_token(char token[SESSION_TOKEN])
{
    unsigned char bytes[(SESSION_TOKEN - 1) / 2];
    vault_random(NULL, bytes, sizeof bytes);
    hexadecimal(bytes, token);
}

static void token_hash(const char *purpose, struct span token, unsigned char hash[VAULT_CHAIN_BYTES])
{
    char text[SESSION_TOKEN + 16];
    int len = snprintf(text, sizeof text, "%s %.*s", purpose, (int)(token.len < 64 ? token.len : 64), token.p);
    vault_hash((struct span){text, (size_t)len}, hash);
    vault_wipe(text, sizeof text);
}

void session_csrf(const char token[SESSION_TOKEN], char csrf[SESSION_TOKEN])
{
    unsigned char hash[VAULT_CHAIN_BYTES];
    token_hash("form", span_of(token), hash);
    hexadecimal(hash, csrf);
}

static void sweep(struct sessions *s, int64_t now_ms)
{
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct seat *seat = &s->seats[i];
        bool late = now_ms - seat->seen_ms > SESSION_IDLE_MS || now_ms - seat->began_ms > SESSION_LIFE_MS;
        if (seat->taken && !seat->over && late)
            seat_leave(seat);
    }
}

void sessions_sweep(struct sessions *s, int64_t now_ms)
{
    pthread_mutex_lock(&s->lock);
    sweep(s, now_ms);
    pthread_mutex_unlock(&s->lock);
}

static struct seat *seat_free(struct sessions *s)
{
    struct seat *oldest = NULL;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct seat *seat = &s->seats[i];
        if (!seat->taken)
            return seat;
        if (!seat->users && (!oldest || seat->seen_ms < oldest->seen_ms))
            oldest = seat;
    }
    if (oldest)
        seat_leave(oldest);
    return oldest;
}

int session_begin(struct sessions *s, const struct session *who, int64_t now_ms, char token[SESSION_TOKEN])
{
    pthread_mutex_lock(&s->lock);
    sweep(s, now_ms);
    struct seat *seat = seat_free(s);
    if (seat) {
        session_token(token);
        *seat = (struct seat){
            .session = *who, .taken = true, .serial = ++s->serials, .began_ms = now_ms, .seen_ms = now_ms};
        token_hash("session", span_of(token), seat->key);
    }
    pthread_mutex_unlock(&s->lock);
    if (seat)
        return 0;
    struct session lost = *who;
    keys_close(&lost);
    return ERR_NOMEM;
}

struct session *session_take(struct sessions *s, struct span token, int64_t now_ms, bool quiet)
{
    unsigned char key[VAULT_CHAIN_BYTES];
    struct session *found = NULL;
    if (token.len != SESSION_TOKEN - 1)
        return NULL;
    token_hash("session", token, key);
    pthread_mutex_lock(&s->lock);
    sweep(s, now_ms);
    for (size_t i = 0; i < SESSIONS_MAX && !found; i++) {
        struct seat *seat = &s->seats[i];
        // a hash tells nothing of the token, so comparing it needs no constant time
        if (!seat->taken || seat->over || memcmp(seat->key, key, sizeof key) != 0)
            continue;
        seat->users++;
        if (!quiet)
            seat->seen_ms = now_ms;
        found = &seat->session;
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

void session_give(struct sessions *s, struct session *session)
{
    if (!session)
        return;
    struct seat *seat = seat_of(session);
    pthread_mutex_lock(&s->lock);
    seat->users--;
    if (seat->over && !seat->users)
        seat_leave(seat);
    pthread_mutex_unlock(&s->lock);
}

static const struct seat *seat_const(const struct session *session)
{
    return (const struct seat *)(const void *)session; // its first member
}

int64_t session_left_ms(struct sessions *s, const struct session *session, int64_t now_ms)
{
    const struct seat *seat = seat_const(session);
    pthread_mutex_lock(&s->lock);
    int64_t idle = seat->seen_ms + SESSION_IDLE_MS - now_ms, life = seat->began_ms + SESSION_LIFE_MS - now_ms;
    pthread_mutex_unlock(&s->lock);
    return idle < life ? idle : life;
}

int64_t session_serial(const struct session *session)
{
    return seat_const(session)->serial;
}

bool session_lives(struct sessions *s, int64_t serial, int64_t now_ms)
{
    bool lives = false;
    pthread_mutex_lock(&s->lock);
    sweep(s, now_ms);
    for (size_t i = 0; i < SESSIONS_MAX && !lives; i++)
        lives = s->seats[i].taken && !s->seats[i].over && s->seats[i].serial == serial;
    pthread_mutex_unlock(&s->lock);
    return lives;
}

bool session_of(const struct session *session, const struct staff *member)
{
    return member->id == session->member && !member->disabled && member->roles == session->roles &&
           vault_equal(member->public_key, opener_public(session->identity), VAULT_PUBLIC_BYTES);
}

void sessions_match(struct sessions *s, const struct staff *members, size_t count, int64_t before_ms)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct seat *seat = &s->seats[i];
        bool found = !seat->taken || seat->over || seat->began_ms >= before_ms;
        for (size_t m = 0; m < count && !found; m++)
            found = session_of(&seat->session, &members[m]);
        if (!found)
            seat_leave(seat);
    }
    pthread_mutex_unlock(&s->lock);
}

void session_end(struct sessions *s, struct session *session)
{
    pthread_mutex_lock(&s->lock);
    seat_of(session)->over = true; // its keys go with the last page that uses it
    pthread_mutex_unlock(&s->lock);
}

void session_end_member(struct sessions *s, int64_t member)
{
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        if (s->seats[i].taken && !s->seats[i].over && s->seats[i].session.member == member)
            seat_leave(&s->seats[i]);
    pthread_mutex_unlock(&s->lock);
}

static bool is_theirs(const struct seat *seat, const struct session *mine)
{
    return seat->taken && !seat->over && seat->session.member == mine->member;
}

static int newest_first(const void *a, const void *b)
{
    const struct session_row *x = a, *y = b;
    return x->serial < y->serial ? 1 : -1;
}

size_t session_list(struct sessions *s, const struct session *mine, struct session_row *rows, size_t most)
{
    size_t count = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < SESSIONS_MAX && count < most; i++) {
        const struct seat *seat = &s->seats[i];
        if (is_theirs(seat, mine))
            rows[count++] = (struct session_row){seat->serial, seat->began_ms, seat->seen_ms, &seat->session == mine};
    }
    pthread_mutex_unlock(&s->lock);
    qsort(rows, count, sizeof *rows, newest_first);
    return count;
}

size_t session_end_others(struct sessions *s, const struct session *mine, int64_t serial)
{
    size_t count = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct seat *seat = &s->seats[i];
        if (is_theirs(seat, mine) && &seat->session != mine && (!serial || seat->serial == serial)) {
            seat_leave(seat);
            count++;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return count;
}
