// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/handset.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "vault/vault.h"

#include <pthread.h>

struct handsets {
    pthread_mutex_t lock; // held while a phone is in use: they are for trying, not for crowds
    struct handset sets[HANDSETS_MAX];
};

struct handsets *handsets_new(void)
{
    struct handsets *h = mem_calloc(1, sizeof *h);
    if (h)
        pthread_mutex_init(&h->lock, NULL);
    return h;
}

void handsets_free(struct handsets *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < HANDSETS_MAX; i++)
        str_release(&h->sets[i].log);
    pthread_mutex_destroy(&h->lock);
    mem_free(h);
}

/* +1 202 555 0100 to 0199 belong to nobody (ATIS-0300115). */
void handset_renew(struct handset *h)
{
    unsigned char byte;
    vault_random(NULL, &byte, 1);
    str_release(&h->log);
    struct handset fresh = {.taken = true, .used_ms = h->used_ms, .medium = h->medium};
    memcpy(fresh.visit, h->visit, sizeof fresh.visit);
    snprintf(fresh.number.digits, sizeof fresh.number.digits, "120255501%02d", byte % 100);
    str_init(&fresh.log, HANDSET_LOG);
    *h = fresh;
}

struct handset *handset_take(struct handsets *h, const char *visit, int64_t now_ms)
{
    pthread_mutex_lock(&h->lock);
    struct handset *oldest = &h->sets[0];
    for (size_t i = 0; i < HANDSETS_MAX; i++) {
        struct handset *set = &h->sets[i];
        if (set->taken && strcmp(set->visit, visit) == 0) {
            set->used_ms = now_ms;
            return set;
        }
        if (set->used_ms < oldest->used_ms)
            oldest = set;
    }
    oldest->used_ms = now_ms;
    oldest->medium = MEDIUM_USSD;
    snprintf(oldest->visit, sizeof oldest->visit, "%s", visit);
    handset_renew(oldest);
    return oldest;
}

void handset_give(struct handsets *h)
{
    pthread_mutex_unlock(&h->lock);
}

void handset_copy(char *to, size_t size, struct span text)
{
    struct span rest = text;
    size_t len = 0;
    while (rest.len) {
        utf8_next(&rest);
        if (text.len - rest.len >= size)
            break;
        len = text.len - rest.len;
    }
    if (len)
        memcpy(to, text.p, len);
    to[len] = '\0';
}

void handset_message(struct handset *h, bool ours, int minute, struct span text)
{
    if (h->message_count == HANDSET_MESSAGES) {
        memmove(h->messages, h->messages + 1, sizeof h->messages - sizeof *h->messages);
        h->message_count--;
    }
    struct handset_message *m = &h->messages[h->message_count++];
    m->ours = ours;
    m->minute = minute;
    handset_copy(m->text, sizeof m->text, text);
}

static void log_time(struct handset *h, int64_t now_ms, enum medium medium)
{
    int weekday, minute;
    int64_t day;
    clock_local(now_ms, &weekday, &minute, &day);
    bool first = !h->log.len;
    if (first || h->log_medium != medium)
        str_addf(&h->log, "phone +12025550101 %s\n", medium == MEDIUM_USSD ? "ussd" : "sms");
    if (first || h->log_minute != now_ms / 60000) {
        struct date d = date_from_day(day);
        str_addf(&h->log, "at %04d-%02d-%02d %02d:%02d\n", d.year, d.month, d.day, minute / 60, minute % 60);
    }
    h->log_medium = medium;
    h->log_minute = now_ms / 60000;
}

void handset_log(struct handset *h, int64_t now_ms, struct span typed, const struct port_turn *turn)
{
    struct span text = turn->shown, line;
    log_time(h, now_ms, turn->medium);
    str_addz(&h->log, "> ");
    str_add(&h->log, typed);
    str_addz(&h->log, "\n");
    if (turn->screen.len)
        str_addf(&h->log, "@ %.*s\n", SPAN_ARG(turn->screen));
    for (const char *mark = "< "; span_split(&text, '\n', &line); mark = "| ") {
        str_addz(&h->log, mark);
        str_add(&h->log, line);
        str_addc(&h->log, '\n');
    }
    if (!turn->more)
        str_addz(&h->log, "= end\n");
}
