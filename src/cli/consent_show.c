// SPDX-License-Identifier: AGPL-3.0-or-later
/* Rows of the consent ledger in words: when, how, to which text, what had been read before, and what was done. */
#include "base/clock.h"
#include "base/err.h"
#include "cli/prove.h"
#include "vault/told.h"

#include <inttypes.h>

enum { SHOW_ARENA = 16 * 1024 * 1024, LIST_MOST = 200, HASH_SHORT = 8 };

static void put_time(struct str *out, int64_t at_s)
{
    struct date d = date_from_day(day_of_ms(at_s * 1000));
    int s = (int)(at_s % 86400);
    str_addf(out, "%04d-%02d-%02d %02d:%02d:%02d UTC", d.year, d.month, d.day, s / 3600, s / 60 % 60, s % 60);
}

/* A text by its hash, each line of it behind a mark. */
static int put_text(struct store *s, const unsigned char *hash, struct arena *a, struct str *out)
{
    struct span text, line;
    for (int i = 0; i < HASH_SHORT; i++)
        str_addf(out, "%02x", hash[i]);
    int rc = store_text_get(s, hash, a, &text);
    str_addz(out, rc == ERR_MISSING ? " (its words are not kept)\n" : "\n");
    while (rc == 0 && span_split(&text, '\n', &line))
        str_addf(out, "    | %.*s\n", SPAN_ARG(line));
    return rc == ERR_MISSING ? 0 : rc;
}

static int put_seen(struct store *s, const struct told_seen *seen, struct arena *a, struct str *out)
{
    str_addf(out, "  %s %.*s, ", seen->shown ? "shown" : "offered", SPAN_ARG(seen->screen));
    put_time(out, seen->at_s);
    if (!seen->shown) {
        str_addc(out, '\n');
        return 0;
    }
    str_addf(out, ", in %.*s, words ", SPAN_ARG(seen->language));
    return put_text(s, seen->content, a, out);
}

static int put_detail(const struct show *show, struct store *s, const struct store_consent_row *row, struct arena *a,
                      struct str *out)
{
    struct str plain = STR_INIT(TOLD_MAX);
    struct told_consent told;
    int rc = told_consent_unbox(show->vault, row->person_id, row->detail_box, &plain, a, &told);
    if (rc == 0 && told.language.len)
        str_addf(out, "  in %.*s\n", SPAN_ARG(told.language));
    if (rc == 0 && told.typed.len)
        str_addf(out, "  typed \"%.*s\"\n", SPAN_ARG(told.typed));
    for (size_t i = 0; rc == 0 && i < told.seen_count; i++)
        rc = put_seen(s, &told.seen[i], a, out);
    for (size_t i = 0; rc == 0 && i < told.act_count; i++)
        str_addf(out, "  %.*s: %" PRId64 "\n", SPAN_ARG(told.acts[i].name), told.acts[i].count);
    vault_forget(&plain);
    return rc;
}

static void put_head(const struct store_consent_entry *e, struct str *out)
{
    const struct store_consent_row *row = &e->row;
    str_addf(out, "consent %" PRId64 ": person %" PRId64 ", %.*s %.*s %.*s, ", e->id, row->person_id,
             SPAN_ARG(row->action), SPAN_ARG(row->name), SPAN_ARG(row->version));
    put_time(out, row->at_s);
    str_addf(out, ", %.*s\n", SPAN_ARG(row->channel));
}

static int put_row(const struct show *show, struct store *s, const struct store_consent_entry *e, struct arena *a,
                   struct str *out)
{
    static const unsigned char none[VAULT_CHAIN_BYTES];
    unsigned char empty[VAULT_CHAIN_BYTES];
    vault_hash((struct span){0}, empty);
    put_head(e, out);
    int rc = 0;
    if (!vault_equal(e->row.text_hash, empty, sizeof empty) && !vault_equal(e->row.text_hash, none, sizeof none)) {
        str_addz(out, "  asked with ");
        rc = put_text(s, e->row.text_hash, a, out);
    }
    if (rc == 0 && !e->row.detail_box.len)
        str_addz(out, "  what was said is erased\n");
    else if (rc == 0)
        rc = put_detail(show, s, &e->row, a, out);
    return rc;
}

int show_run(void *ctx, struct store *s)
{
    struct show *show = ctx;
    struct store_consent_entry *rows;
    size_t count = 0;
    struct arena *a = arena_new(SHOW_ARENA);
    int rc = a ? 0 : ERR_NOMEM;
    if (rc == 0 && show->id)
        rc = store_consent_list(s, 0, show->id - 1, 1, a, &rows, &count);
    else if (rc == 0)
        rc = store_consent_list(s, 0, show->after, LIST_MOST, a, &rows, &count);
    if (rc == 0 && show->id && (!count || rows[0].id != show->id))
        rc = ERR_MISSING;
    for (size_t i = 0; i < count && rc == 0; i++) {
        show->after = rows[i].id;
        if (show->id)
            rc = put_row(show, s, &rows[i], a, show->out);
        else
            put_head(&rows[i], show->out);
    }
    show->more = !show->id && count == LIST_MOST;
    arena_free(a);
    return rc;
}
