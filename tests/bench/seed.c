// SPDX-License-Identifier: AGPL-3.0-or-later
/* seed - fills a data folder with people who asked for a call, for measuring the console: through the functions that
 * the gateway writes with, and with real keys, so that the console opens every case.
 *
 *     seed DIR CASES TURNS
 *
 * DIR is that of a service which has started once (its team has a key) and does not run now; its master key is in
 * DIR/master.key. Every case has TURNS turns, a message that was delivered, and two rows in the audit log; one in
 * twenty a message of the person's, one in five was closed, one in ten has a call that is due, one in thirty refused
 * first. Each day has its counters. All of it is made up; the numbers are +1 NXX 555 01XX, each for many people.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "record/message.h"
#include "staff/audit.h"
#include "staff/team.h"
#include "store/callback.h"
#include "store/caseload.h"
#include "vault/told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 256, AT_ONCE = 500, DAYS = 90, SEED_ARENA = 64 * 1024 * 1024 };

/** A person's pair with what is sealed the same for each who has it: making a pair and sealing takes longer than all
 * else. */
struct pair {
    struct opener *key;
    struct str held, number;
};

struct seed {
    struct store *store;
    struct vault *vault;
    struct arena *arena;
    struct team_generation team;
    struct pair pairs[PAIRS];
    int64_t today, now_s, cases, turns;
    uint64_t state;
};

static void must(int rc, const char *what)
{
    if (rc == 0)
        return;
    fprintf(stderr, "seed: %s: %s\n", what, err_text(rc));
    exit(1);
}

static uint64_t any(struct seed *s, uint64_t below) // splitmix64 (Steele, Lea, Flood 2014)
{
    uint64_t x = s->state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return (x ^ (x >> 31)) % below;
}

static struct store_index key_of(const struct seed *s, enum blind_kind kind, int64_t n)
{
    struct store_index key;
    struct blind b = vault_blind(s->vault, kind, SPAN("seed"), (struct span){(const char *)&n, sizeof n});
    memcpy(key.bytes, b.bytes, sizeof key.bytes);
    return key;
}

static void pairs_make(struct seed *s)
{
    for (int i = 0; i < PAIRS; i++) {
        struct pair *p = &s->pairs[i];
        struct msisdn number = {0};
        str_init(&p->held, 1024);
        str_init(&p->number, 1024);
        snprintf(number.digits, sizeof number.digits, "1%03d55501%02d", 201 + i % 700, i % 100);
        must(opener_new(&p->key), "pair");
        must(opener_pass(p->key, s->team.public_key, &p->held), "seal");
        must(told_number_seal(opener_public(p->key), &number, &p->number), "number");
    }
}

static void reference_of(int64_t n, char text[7])
{
    static const char letters[] = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    uint64_t x = (uint64_t)n * 514229 % 887503681; // 31^6: a walk through all of them that does not repeat
    for (int i = 0; i < 6; i++, x /= 31)
        text[i] = letters[x % 31];
    text[6] = '\0';
}

static struct span boxed(struct str *s, struct arena *a)
{
    struct span copy = arena_copy(a, str_span(s));
    str_release(s);
    return copy;
}

static void person_make(struct seed *s, struct store_turn *turn, const struct pair *pair, int64_t day)
{
    struct str language = STR_INIT(1024);
    static const char *const LANGUAGES[] = {"en", "es", "es", "ht"};
    must(told_language_box(s->vault, (struct span){(const char *)opener_public(pair->key), VAULT_PUBLIC_BYTES},
                           span_of(LANGUAGES[any(s, 4)]), &language),
         "box");
    struct store_person row = {.language_box = boxed(&language, s->arena), .number_seal = str_span(&pair->number)};
    memcpy(row.public_key, opener_public(pair->key), sizeof row.public_key);
    must(store_number_need(s->store, turn, day), "number");
    must(store_person_add(s->store, turn, &row, day), "person");
    must(store_person_seal(s->store, turn->person_id,
                           &(struct held_seal){s->team.team, s->team.generation, str_span(&pair->held)}),
         "person's seal");
}

static void link_of(void *vault, const unsigned char *previous, struct span row, unsigned char *next)
{
    vault_chain(vault, previous, row, next);
}

static void consent_make(struct seed *s, const struct store_turn *turn, struct span action, int64_t day)
{
    const struct told_seen seen[] = {{.screen = SPAN("risks"), .shown = true, .at_s = day * 86400},
                                     {.screen = SPAN("my-options"), .at_s = day * 86400}};
    const struct told_consent told = {.language = SPAN("en"), .typed = SPAN("1"), .seen = seen, .seen_count = 2};
    static const struct span words = {.p = "May Waymark Info call you?", .len = 26};
    struct str box = STR_INIT(TOLD_MAX);
    must(told_consent_box(s->vault, turn->person_id, &told, &box), "consent");
    struct store_consent_row row = {.person_id = turn->person_id,
                                    .name = SPAN("agree"),
                                    .version = SPAN("2026-11.4"),
                                    .channel = SPAN("africastalking"),
                                    .action = action,
                                    .at_s = day * 86400 + 36000,
                                    .detail_box = boxed(&box, s->arena)};
    vault_hash(words, row.text_hash);
    must(store_text_keep(s->store, row.text_hash, words), "consent's words");
    must(store_consent_add(s->store, &row, link_of, s->vault), "consent");
}

static void turns_make(struct seed *s, struct store_turn *turn, const unsigned char *turn_key, int64_t day)
{
    static const char zeros[300];
    for (int64_t n = 1; n <= s->turns; n++) {
        struct str plain = STR_INIT(TOLD_MAX), box = STR_INIT(TOLD_MAX);
        const struct told_turn t = {.at_ms = (day * 86400 + 36000 + n * 5) * 1000,
                                    .screen = SPAN("risks"),
                                    .typed = SPAN("98"),
                                    .shown =
                                        SPAN("Leaving can bar you for 3 years, 10 years or life. It can end asylum. "
                                             "A court case stays open.\n0 Back 98 More")};
        must(told_turn_box(turn_key, (uint64_t)n, &t, &plain, &box), "turn");
        must(store_session_put(s->store, turn,
                               &(struct store_step){.expires_s = 1,
                                                    .day = day,
                                                    .state_box = {zeros, sizeof zeros},
                                                    .number = n,
                                                    .person_id = turn->person_id,
                                                    .box = str_span(&box)}),
             "turn");
        str_release(&plain);
        str_release(&box);
    }
}

static void call_make(struct seed *s, int64_t id, struct span reference, const struct pair *pair)
{
    struct str seal = STR_INIT(TOLD_MAX);
    int64_t made;
    must(told_call_seal(opener_public(pair->key), reference, SPAN("Monday evening"), &seal), "call");
    must(callback_add(s->store,
                      &(struct callback){.case_id = id,
                                         .due_s = s->now_s + ((int64_t)any(s, 20) - 3) * 86400,
                                         .booked_s = s->now_s - 86400,
                                         .booked_by = 1,
                                         .seal = str_span(&seal)},
                      &made),
         "call");
    str_release(&seal);
}

/* A message that left and came. What its box holds is of no use any more. */
static void message_make(struct seed *s, const struct store_turn *turn, int64_t day)
{
    struct store_message m = {
        .channel = SPAN("seeded"), .box = SPAN("-"), .class = MESSAGE_NOTICE, .due_ms = (day * 86400 + 36000) * 1000};
    int64_t id;
    vault_random(NULL, m.key, sizeof m.key);
    must(store_outbox_add(s->store, turn, &m, &id), "message");
}

static void messages_send(struct seed *s)
{
    struct store_claimed claimed = {0};
    const struct store_leave leave = {.channel = SPAN("seeded"), .most = 2 * AT_ONCE, .now_ms = s->now_s * 1000};
    must(store_outbox_claim(s->store, &leave, s->arena, &claimed), "messages");
    for (size_t i = 0; i < claimed.count; i++)
        must(store_outbox_settle(s->store, claimed.rows[i].id, i % 9 ? MESSAGE_DELIVERED : MESSAGE_FAILED, 0, NULL),
             "messages");
}

/* In order of time, as they are written. */
static void audit_make(struct seed *s, struct span reference, int64_t at_s)
{
    static const char *const ACTIONS[] = {"opened", "note", "closed", "claimed"};
    static const char *const ACTORS[] = {"demo", "ana", "eva", "omar"};
    struct span object = arena_printf(s->arena, "case %.*s", SPAN_ARG(reference));
    for (int i = 0; i < 2; i++)
        must(audit_note(s->vault, s->store,
                        &(struct audit){.at_s = at_s,
                                        .actor = span_of(ACTORS[any(s, 4)]),
                                        .action = span_of(ACTIONS[any(s, 4)]),
                                        .object = object}),
             "audit");
}

static void case_make(struct seed *s, int64_t n, const struct store_turn *turn, const struct pair *pair,
                      const unsigned char *turn_key, int64_t day)
{
    static const struct effect_field FIELDS[] = {{SPAN("topic"), SPAN("talk")},
                                                 {SPAN("adult"), SPAN("yes")},
                                                 {SPAN("may_call"), SPAN("time")},
                                                 {SPAN("safe_time"), SPAN("Monday evening")}};
    static const struct span FLAGS[] = {{.p = "do-not-call", .len = 11}, {.p = "special-needs", .len = 13}};
    char text[7];
    reference_of(n, text);
    struct span reference = span_of(text);
    uint64_t kind = any(s, 20);
    const struct told_summary summary = {.kind = SPAN("request"),
                                         .priority = kind == 0 ? SPAN("urgent") : SPAN("normal"),
                                         .flags = &FLAGS[kind % 2],
                                         .flag_count = kind < 4};
    const struct told_answers answers = {
        SPAN("en"), FIELDS, sizeof FIELDS / sizeof *FIELDS, {(const char *)turn_key, VAULT_KEY_BYTES}};
    struct str summary_box = STR_INIT(TOLD_MAX), kind_box = STR_INIT(TOLD_MAX), seal = STR_INIT(TOLD_MAX),
               note = STR_INIT(TOLD_MAX);
    must(told_summary_box(s->vault, reference, &summary, &summary_box), "summary");
    must(told_kind_box(s->vault, reference, SPAN("request"), &kind_box), "kind");
    must(told_answers_seal(opener_public(pair->key), reference, &answers, &seal), "answers");
    int64_t id;
    must(store_case_add(s->store,
                        &(struct store_case_row){.person_id = turn->person_id,
                                                 .reference = reference,
                                                 .status = SPAN("new"),
                                                 .day = day,
                                                 .summary_box = str_span(&summary_box),
                                                 .kind_box = str_span(&kind_box),
                                                 .answers_seal = str_span(&seal)},
                        &id),
         "case");
    if (any(s, 20) == 0) {
        struct told_place place = {.reference = reference};
        must(store_case_note(s->store, id, day, &place.id), "note");
        must(told_note_seal(opener_public(pair->key), &place, SPAN("Are you there?"), &note), "note");
        must(store_note_seal(s->store, place.id, str_span(&note)), "note");
    }
    if (any(s, 5) == 0)
        must(caseload_status(s->store, id, SPAN("closed"), day + 1, day + 1), "status");
    else if (any(s, 10) == 0)
        call_make(s, id, reference, pair);
    audit_make(s, reference, s->now_s - DAYS * 86400 + n * DAYS * 86400 / s->cases);
    str_release(&summary_box);
    str_release(&kind_box);
    str_release(&seal);
    str_release(&note);
}

static void one(struct seed *s, int64_t n)
{
    const struct pair *pair = &s->pairs[any(s, PAIRS)];
    int64_t day = s->today - DAYS + n % DAYS;
    unsigned char turn_key[VAULT_KEY_BYTES];
    struct store_turn turn = {.session_key = key_of(s, BLIND_SESSION, n),
                              .number_key = key_of(s, BLIND_NUMBER, n),
                              .caller_key = key_of(s, BLIND_EVENT, n)};
    vault_random(NULL, turn_key, sizeof turn_key);
    must(store_load(s->store, &turn, 1, day * 86400, s->arena), "load");
    person_make(s, &turn, pair, day);
    if (any(s, 30) == 0)
        consent_make(s, &turn, SPAN("refuse"), day);
    consent_make(s, &turn, SPAN("agree"), day);
    message_make(s, &turn, day);
    turns_make(s, &turn, turn_key, day);
    case_make(s, n, &turn, pair, turn_key, day);
}

/* What a busy service counts in a day: eighty screens, in four languages, on three channels. */
static void day_count(struct seed *s, int64_t day)
{
    static const struct span CHANNELS[] = {
        {.p = "africastalking", .len = 14}, {.p = "africastalking-sms", .len = 18}, {.p = "phone", .len = 5}};
    static const struct span LANGUAGES[] = {
        {.p = "en", .len = 2}, {.p = "es", .len = 2}, {.p = "fr", .len = 2}, {.p = "ht", .len = 2}};
    static const struct span EVENTS[] = {
        {.p = "seen", .len = 4}, {.p = "shown", .len = 5}, {.p = "answered", .len = 8}};
    static const char *const DONE[] = {"case-request", "case-survey",   "status-called",  "status-closed", "reply-1h",
                                       "reply-1d",     "consent-agree", "consent-refuse", "message-3",     "message-4"};
    enum { CHANNEL_COUNT = 3, LANGUAGE_COUNT = 4, SCREENS = 80, EVENTS_EACH = 3 };
    for (int i = 0; i < CHANNEL_COUNT * LANGUAGE_COUNT * SCREENS; i++) {
        struct store_counter what = {.menus = SPAN("00ab00ab00ab00ab"),
                                     .channel = CHANNELS[i % CHANNEL_COUNT],
                                     .language = LANGUAGES[i / CHANNEL_COUNT % LANGUAGE_COUNT],
                                     .screen =
                                         arena_printf(s->arena, "screen-%d", i / (CHANNEL_COUNT * LANGUAGE_COUNT))};
        for (int e = 0; e < EVENTS_EACH; e++) {
            what.event = EVENTS[e];
            must(store_count(s->store, day, &what, (e == 2 ? 20 : 40) + (int64_t)any(s, 20)), "counter");
        }
    }
    for (size_t i = 0; i < CHANNEL_COUNT * LANGUAGE_COUNT * sizeof DONE / sizeof *DONE; i++)
        must(store_count(s->store, day,
                         &(struct store_counter){.channel = CHANNELS[i % CHANNEL_COUNT],
                                                 .language = LANGUAGES[i / CHANNEL_COUNT % LANGUAGE_COUNT],
                                                 .event = span_of(DONE[i / (CHANNEL_COUNT * LANGUAGE_COUNT)])},
                         1 + (int64_t)any(s, 40)),
             "counter");
}

static void days_count(struct seed *s)
{
    for (int64_t day = s->today - DAYS; day <= s->today; day++) {
        must(store_begin(s->store), "begin");
        day_count(s, day);
        must(store_commit(s->store), "commit");
        arena_reset(s->arena);
    }
}

static void all(struct seed *s, int64_t count)
{
    struct arena *rows = s->arena;
    for (int64_t n = 1; n <= count; n += AT_ONCE) {
        must(store_begin(s->store), "begin");
        for (int64_t k = n; k < n + AT_ONCE && k <= count; k++)
            one(s, k);
        messages_send(s);
        must(store_commit(s->store), "commit");
        must(store_rest(s->store, true), "rest");
        arena_reset(rows);
        if (n % 10000 < AT_ONCE)
            fprintf(stderr, "seed: %lld of %lld\n", (long long)n, (long long)count);
    }
}

int main(int argc, char **argv)
{
    char key[4096];
    int64_t cases = 0;
    struct seed s = {.state = 1};
    struct clock clock = clock_system();
    if (argc != 4 || span_int(span_of(argv[2]), &cases) < 0 || span_int(span_of(argv[3]), &s.turns) < 0 ||
        snprintf(key, sizeof key, "%s/master.key", argv[1]) >= (int)sizeof key) {
        fputs("usage: seed DIR CASES TURNS\n", stderr);
        return 2;
    }
    s.now_s = clock.now_ms(clock.ctx) / 1000;
    s.today = day_of_ms(s.now_s * 1000);
    s.arena = arena_new(SEED_ARENA);
    struct arena *keep = arena_new(SEED_ARENA);
    must(vault_open(key, false, &s.vault), "master key");
    must(store_open(argv[1], &s.store), "database");
    must(team_newest(s.vault, s.store, SPAN("casework"), keep, &s.team), "team's key: start the service once");
    pairs_make(&s);
    s.cases = cases;
    all(&s, cases);
    days_count(&s);
    store_close(s.store);
    vault_close(s.vault);
    arena_free(s.arena);
    arena_free(keep);
    return 0;
}
