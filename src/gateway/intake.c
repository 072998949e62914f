// SPDX-License-Identifier: AGPL-3.0-or-later
#include "gateway/intake.h"

#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/pack.h"
#include "channel/trail.h"
#include "dialogue/dialogue.h"
#include "gateway/consent.h"
#include "gateway/internal.h"
#include "gateway/withdraw.h"
#include "vault/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    INTAKE_PATH = 4096,
    INTAKE_KEY_MAX = 512,
    INTAKE_PAD = 1024,
    INTAKE_RECORD_MAX = 64 * 1024,
    INTAKE_MAX = 1 << 28, /* bytes of the journal: two hundred thousand stops */
    INTAKE_TEXT_MAX = 256,
    INTAKE_ARENA = 16 * 1024 * 1024,
    HEAD = 4, /* length of a record, least significant byte first */
};

/* How it came, which says how it is confirmed. */
enum taken_how { TAKEN_SMS, TAKEN_USSD, TAKEN_AGGREGATOR };

struct intake {
    struct intake_parts parts;
    int fd;
    unsigned char public_key[VAULT_PUBLIC_BYTES];
    struct str pending; /* records of the group under way */
    _Atomic uint64_t taken;
};

static int path_of(char path[INTAKE_PATH], const char *dir, const char *name)
{
    int len = snprintf(path, INTAKE_PATH, "%s/%s", dir, name);
    return len < 0 || len >= INTAKE_PATH ? ERR_LIMIT : 0;
}

/* ---- the key: public half | box of the secret half under the master key ---- */

static const struct span key_context = {.p = "intake", .len = 6};

static int key_read(const char *dir, struct str *file)
{
    char path[INTAKE_PATH];
    int rc = path_of(path, dir, "intake.key");
    if (rc == 0)
        rc = file_read(path, file);
    return rc == 0 && file->len <= VAULT_PUBLIC_BYTES ? ERR_CORRUPT : rc;
}

static int pair_open(const struct vault *v, const char *dir, struct vault_pair *pair)
{
    struct str file = STR_INIT(INTAKE_KEY_MAX), secret = STR_INIT(INTAKE_KEY_MAX);
    int rc = key_read(dir, &file);
    if (rc == 0)
        rc = vault_unbox(v, VAULT_KEYS, key_context, span_from(str_span(&file), VAULT_PUBLIC_BYTES), &secret);
    if (rc == 0 && secret.len != sizeof pair->secret_key)
        rc = ERR_CORRUPT;
    if (rc == 0) {
        memcpy(pair->public_key, file.p, sizeof pair->public_key);
        memcpy(pair->secret_key, secret.p, sizeof pair->secret_key);
    }
    str_release(&file);
    vault_forget(&secret);
    return rc;
}

static int key_make(const struct vault *v, const char *path)
{
    struct vault_pair pair;
    struct str file = STR_INIT(INTAKE_KEY_MAX);
    vault_pair_new(&pair);
    str_add(&file, (struct span){(const char *)pair.public_key, sizeof pair.public_key});
    int rc = vault_box(v, VAULT_KEYS, key_context, (struct span){(const char *)pair.secret_key, sizeof pair.secret_key},
                       1, &file);
    if (rc == 0)
        rc = file_write(path, str_span(&file), 0600);
    vault_wipe(&pair, sizeof pair);
    str_release(&file);
    return rc;
}

/* Whether what is sealed to the public half can be opened with this vault. */
static int key_holds(const struct vault *v, const char *dir)
{
    struct vault_pair pair = {0};
    struct opener *key = NULL;
    int rc = pair_open(v, dir, &pair);
    if (rc == 0)
        rc = opener_of_secret(pair.secret_key, &key);
    if (rc == 0 && !vault_equal(opener_public(key), pair.public_key, sizeof pair.public_key))
        rc = ERR_CORRUPT;
    opener_close(key);
    vault_wipe(&pair, sizeof pair);
    return rc;
}

int intake_prepare(const struct vault *v, const char *dir)
{
    char path[INTAKE_PATH];
    int rc = path_of(path, dir, "intake.key");
    if (rc == 0)
        rc = key_holds(v, dir);
    bool useless = rc == ERR_MISSING || rc == ERR_CRYPTO || rc == ERR_CORRUPT || rc == ERR_LIMIT;
    return useless ? key_make(v, path) : rc;
}

/* ---- the journal: records of a length and a seal ---- */

/* Behind the last whole record may lie what a power cut left of one that was never answered: a piece of it, or zeros.
 */
static bool next_record(struct span *rest, struct span *seal)
{
    uint32_t len = 0;
    if (rest->len < HEAD)
        return false;
    for (int n = HEAD - 1; n >= 0; n--)
        len = len << 8 | (unsigned char)rest->p[n];
    if (!len || rest->len - HEAD < len)
        return false;
    *seal = span_first(span_from(*rest, HEAD), len);
    *rest = span_from(*rest, HEAD + len);
    return true;
}

/* Such a piece must not stand before the next record, of which nothing could then be read. */
static int cut_torn(int fd)
{
    struct str file = STR_INIT(INTAKE_MAX);
    int rc = file_read_fd(fd, &file);
    struct span rest = str_span(&file), seal;
    while (next_record(&rest, &seal)) {
    }
    if (rc == 0 && rest.len && (ftruncate(fd, (off_t)(file.len - rest.len)) < 0 || fdatasync(fd) < 0))
        rc = file_error();
    str_release(&file);
    return rc;
}

/* ---- taking in ---- */

int intake_open(const struct intake_parts *parts, struct intake **out)
{
    char path[INTAKE_PATH];
    struct str key = STR_INIT(INTAKE_KEY_MAX);
    struct intake *i = mem_calloc(1, sizeof *i);
    if (!i)
        return ERR_NOMEM;
    *i = (struct intake){.parts = *parts, .fd = -1, .pending = STR_INIT(INTAKE_MAX)};
    int rc = key_read(parts->data, &key);
    if (rc == 0)
        memcpy(i->public_key, key.p, sizeof i->public_key);
    str_release(&key);
    if (rc == 0)
        rc = path_of(path, parts->data, "intake.journal");
    if (rc == 0)
        i->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (rc == 0 && i->fd < 0)
        rc = ERR_IO;
    if (rc == 0 && flock(i->fd, LOCK_EX | LOCK_NB) < 0)
        rc = errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
    if (rc == 0)
        rc = cut_torn(i->fd);
    if (rc == 0)
        *out = i;
    else
        intake_close(i);
    return rc;
}

void intake_close(struct intake *i)
{
    if (!i)
        return;
    if (i->fd >= 0)
        close(i->fd);
    str_release(&i->pending);
    mem_free(i);
}

uint64_t intake_taken(const struct intake *i)
{
    return atomic_load(&i->taken);
}

/* What the menus say to that word. */
static struct span words_for(const struct intake *i, const struct turn *t, struct span word)
{
    const struct person stranger = {0};
    struct dialogue d = {.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
    struct dialogue_input in = {.kind = INPUT_BEGIN,
                                .profile = channel_profile(t->channel, t->in.medium),
                                .today = day_of_ms(i->parts.clock.now_ms(i->parts.clock.ctx)),
                                .person = &stranger,
                                .entropy = {.fill = vault_random},
                                .newest = i->parts.program};
    struct dialogue_result result;
    int rc = dialogue_step(i->parts.program, &d, &in, t->arena, &result);
    in.kind = INPUT_TEXT;
    in.text = word;
    if (rc == 0)
        rc = dialogue_step(i->parts.program, &d, &in, t->arena, &result);
    return rc == 0 ? result.screen.text : (struct span){0};
}

static enum taken_how how_of(const struct turn *t)
{
    if (t->in.kind == INBOUND_OPTOUT || t->in.opted_out)
        return TAKEN_AGGREGATOR;
    return t->in.medium == MEDIUM_SMS ? TAKEN_SMS : TAKEN_USSD;
}

/* All that applying it needs, so that whichever command opens the data first can do it, without menus and channels. */
static void record_pack(const struct intake *i, const struct turn *t, enum dialogue_stop kind, struct span word,
                        struct str *plain)
{
    enum taken_how how = how_of(t);
    const struct channel *c = gateway_sms_channel(i->parts.channels, i->parts.settings, t->channel);
    pack_number(plain, (uint64_t)kind);
    pack_number(plain, (uint64_t)i->parts.clock.now_ms(i->parts.clock.ctx));
    pack_span(plain, channel_name(t->channel));
    pack_span(plain, span_of(t->in.from.digits));
    pack_span(plain, span_first(word, INTAKE_TEXT_MAX));
    pack_number(plain, (uint64_t)how);
    pack_span(plain, channel_name(c));
    pack_span(plain, how == TAKEN_SMS ? words_for(i, t, word) : (struct span){0});
    for (size_t n = 0; (c = channel_set_at(i->parts.channels, n)); n++)
        pack_span(plain, channel_name(c)); // where sessions of theirs may be
}

static int record_add(struct intake *i, const struct turn *t, enum dialogue_stop kind, struct span word)
{
    struct str plain = STR_INIT(INTAKE_RECORD_MAX), seal = STR_INIT(INTAKE_RECORD_MAX);
    if (str_extend(&plain, INTAKE_RECORD_MAX / 8)) // all of its room at once: a string that grows leaves copies behind
        str_clear(&plain);
    record_pack(i, t, kind, word, &plain);
    int rc = str_err(&plain);
    if (rc == 0)
        rc = vault_seal(i->public_key, SPAN("intake"), str_span(&plain), INTAKE_PAD, &seal);
    for (int n = 0; n < HEAD; n++)
        str_addc(&i->pending, (char)(seal.len >> (8 * n) & 0xff));
    str_add(&i->pending, str_span(&seal));
    vault_forget(&plain);
    str_release(&seal);
    return rc < 0 ? rc : str_err(&i->pending);
}

/* The last thing that was typed: a path that is not known is taken apart as for somebody who dialled through. */
static struct span last_typed(const struct turn *t)
{
    const struct trail nothing = {0};
    struct span input = {0}, *answers = NULL;
    size_t count = 0;
    channel_path(t->channel, &t->in, false, &nothing, t->arena, &input, &answers, &count);
    return count ? answers[count - 1] : input.len ? input : t->in.text;
}

static enum dialogue_stop stop_of(const struct intake *i, const struct turn *t, struct span *word)
{
    *word = t->in.text;
    if (!t->in.from.digits[0])
        return DIALOGUE_GOES_ON;
    if (t->in.kind == INBOUND_OPTOUT || t->in.opted_out)
        return DIALOGUE_STOPS;
    if (t->in.kind != INBOUND_TURN)
        return DIALOGUE_GOES_ON;
    *word = last_typed(t);
    return dialogue_stop_of(i->parts.program, *word);
}

static void give_back(struct turn *t, enum turn_outcome outcome, struct span text)
{
    t->outcome = outcome;
    t->has_screen = text.len > 0;
    t->screen = (struct screen){.text = text};
    t->next = NULL;
    t->done(t->sink, t);
}

/* A record that could not be written whole must not stand before the next one. */
static int store_pending(struct intake *i)
{
    off_t end = lseek(i->fd, 0, SEEK_END);
    int rc = end < 0 ? ERR_IO : (size_t)end + i->pending.len > INTAKE_MAX ? ERR_LIMIT : 0;
    if (rc == 0)
        rc = file_put(i->fd, str_span(&i->pending));
    if (rc == 0 && fdatasync(i->fd) < 0)
        rc = file_error();
    if (rc < 0 && end >= 0 && ftruncate(i->fd, end) < 0)
        log_event(LOG_ERROR, "intake.journal keeps a stop that was not answered", LOG_ERR(rc));
    return rc;
}

static void answer(struct intake *i, struct turn *t, enum dialogue_stop kind, struct span word, int rc)
{
    bool ussd = t->in.medium == MEDIUM_USSD && t->in.kind == INBOUND_TURN;
    struct span none = {0}, locked = dialogue_locked(i->parts.program, none, t->arena);
    if (kind == DIALOGUE_GOES_ON || rc < 0)
        give_back(t, TURN_ADRIFT, locked); // an SMS is refused with that, and comes again
    else
        give_back(t, ussd ? TURN_ANSWERED : TURN_ACCEPTED, ussd ? words_for(i, t, word) : none);
}

void intake_submit(struct intake *i, struct turn *const *turns, size_t count)
{
    int rc = 0;
    uint64_t stops = 0;
    struct span word;
    for (size_t n = 0; n < count && rc == 0; n++) {
        enum dialogue_stop kind = stop_of(i, turns[n], &word);
        if (kind == DIALOGUE_GOES_ON)
            continue;
        stops++;
        rc = record_add(i, turns[n], kind, word);
    }
    if (stops && rc == 0)
        rc = store_pending(i);
    str_release(&i->pending); // of a group that failed nothing is left for the next one
    if (rc < 0)
        log_event(LOG_ERROR, "a stop could not be taken in", LOG_ERR(rc));
    else
        atomic_fetch_add(&i->taken, stops);
    for (size_t n = 0; n < count; n++) {
        enum dialogue_stop kind = stop_of(i, turns[n], &word);
        answer(i, turns[n], kind, word, rc);
    }
}

/* ---- applying ---- */

struct taken {
    enum dialogue_stop kind;
    enum taken_how how;
    int64_t at_ms;
    struct span channel, word, by, text; /* by, text: the message that confirms it, and what carries it */
    struct unpack channels;              /* names to the end */
    struct msisdn from;
};

static int taken_read(struct span plain, struct taken *t)
{
    struct unpack u = unpack_start(plain);
    *t = (struct taken){.kind = (enum dialogue_stop)unpack_number(&u, DIALOGUE_ERASES)};
    t->at_ms = (int64_t)unpack_number(&u, INT64_MAX);
    t->channel = unpack_span(&u);
    struct span digits = unpack_span(&u);
    t->word = unpack_span(&u);
    t->how = (enum taken_how)unpack_number(&u, TAKEN_AGGREGATOR);
    t->by = unpack_span(&u);
    t->text = unpack_span(&u);
    t->channels = u;
    if (unpack_err(&u, false) < 0 || digits.len >= sizeof t->from.digits)
        return ERR_CORRUPT;
    if (digits.len)
        memcpy(t->from.digits, digits.p, digits.len);
    return 0;
}

struct applying {
    const struct vault *vault;
    struct store *store;
    struct opener *key;
    int64_t now_ms;
    struct arena *arena; /* of one record */
};

static struct store_index caller_of(const struct vault *v, const struct taken *t, struct span channel)
{
    struct blind blind = vault_blind(v, BLIND_SESSION, channel, span_of(t->from.digits));
    struct store_index index;
    index_copy(&index, &blind);
    return index;
}

static int sessions_erase(const struct applying *at, const struct taken *t)
{
    struct unpack u = t->channels;
    int rc = 0;
    while (rc == 0 && u.left.len) {
        struct store_index caller = caller_of(at->vault, t, unpack_span(&u));
        rc = unpack_err(&u, false);
        if (rc == 0)
            rc = store_caller_erase(at->store, &caller);
    }
    return rc;
}

/* As a turn's: once, and not at all for whoever asked for no texts. */
static struct span confirms(const struct taken *t, bool was_stopped, bool untexted)
{
    if (t->how != TAKEN_SMS)
        return SPAN("confirmed on the screen");
    if (untexted)
        return SPAN("not confirmed: no texts were asked for");
    return was_stopped && t->kind == DIALOGUE_STOPS ? SPAN("had been confirmed before")
                                                    : SPAN("confirmed by a message");
}

static int confirm(const struct applying *at, const struct store_turn *st, const struct taken *t)
{
    const struct mail mail = {.vault = at->vault,
                              .store = at->store,
                              .st = st,
                              .to = &t->from,
                              .channel = t->by,
                              .text = t->text,
                              .class = MESSAGE_CONFIRM,
                              .now_ms = at->now_ms};
    return t->text.len ? send_mail(&mail) : 0;
}

static int person_do(const struct applying *at, struct store_turn *st, const struct taken *t)
{
    bool untexted = false, erases = t->kind == DIALOGUE_ERASES;
    int rc = consent_untexted(at->vault, at->store, st, &untexted);
    const struct consent_note note = {.channel = t->channel,
                                      .typed = t->word,
                                      .confirmed = confirms(t, st->stopped, untexted),
                                      .at_s = t->at_ms / 1000};
    if (rc == 0 && erases)
        rc = sessions_erase(at, t);
    if (rc == 0)
        rc = (erases ? consent_erase : consent_withdraw)(at->vault, at->store, st, &note);
    return rc == 0 && span_is(note.confirmed, "confirmed by a message") ? confirm(at, st, t) : rc;
}

static int taken_do(const struct applying *at, const struct taken *t)
{
    struct blind number = vault_blind_number(at->vault, &t->from);
    struct store_turn st = {.caller_key = caller_of(at->vault, t, t->channel)};
    index_copy(&st.number_key, &number);
    arena_reset(at->arena);
    int rc = store_load(at->store, &st, 1, t->at_ms / 1000, at->arena);
    if (rc < 0)
        return rc;
    return t->how == TAKEN_AGGREGATOR ? withdraw_opted_out(at->vault, at->store, &st, t->channel, t->at_ms)
                                      : person_do(at, &st, t);
}

static int record_do(const struct applying *at, struct span seal)
{
    struct str plain = STR_INIT(INTAKE_RECORD_MAX);
    struct taken taken;
    int rc = opener_unseal(at->key, SPAN("intake"), seal, &plain);
    if (rc == 0)
        rc = taken_read(str_span(&plain), &taken);
    if (rc == 0)
        rc = taken_do(at, &taken);
    vault_forget(&plain);
    return rc;
}

static int apply_all(const struct applying *at, struct span file, int64_t *applied)
{
    struct span seal;
    int rc = store_begin(at->store);
    while (rc == 0 && next_record(&file, &seal)) {
        rc = record_do(at, seal);
        *applied += rc == 0;
    }
    if (rc == 0)
        return store_commit(at->store);
    store_rollback(at->store);
    return rc;
}

static int apply_file(struct applying *at, const char *dir, struct span file, int64_t *applied)
{
    struct vault_pair pair = {0};
    if (!file.len)
        return 0;
    int rc = pair_open(at->vault, dir, &pair);
    if (rc == 0)
        rc = opener_of_secret(pair.secret_key, &at->key);
    vault_wipe(&pair, sizeof pair);
    at->arena = arena_new(INTAKE_ARENA);
    if (rc == 0)
        rc = at->arena ? apply_all(at, file, applied) : ERR_NOMEM;
    arena_free(at->arena);
    opener_close(at->key);
    return rc;
}

int intake_apply(const struct vault *v, struct store *s, const char *dir, int64_t now_ms, int64_t *applied)
{
    char path[INTAKE_PATH];
    struct str file = STR_INIT(INTAKE_MAX);
    struct applying at = {.vault = v, .store = s, .now_ms = now_ms};
    *applied = 0;
    int rc = path_of(path, dir, "intake.journal");
    int fd = rc == 0 ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd < 0)
        return rc < 0 ? rc : errno == ENOENT ? 0 : ERR_IO;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) // a service that waits for its key adds to it
        rc = ERR_BUSY;
    if (rc == 0)
        rc = file_read_fd(fd, &file);
    if (rc == 0)
        rc = apply_file(&at, dir, str_span(&file), applied);
    if (rc == 0 && unlink(path) < 0)
        rc = ERR_IO; // they would only be stopped once more
    close(fd);
    str_release(&file);
    if (rc == 0 && *applied)
        log_event(LOG_INFO, "stops that came while the key was not there are applied", LOG_INT("stops", *applied));
    return rc;
}
