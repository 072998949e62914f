// SPDX-License-Identifier: AGPL-3.0-or-later
#include "config/config.h"

#include "base/err.h"
#include "base/file.h"
#include "config/reader.h"

#include <string.h>

#define AT(member) .offset = offsetof(struct settings, member)

static const struct config_row config_rows[] = {
    {.help = {"service", "service TEXT", "Waymark", "", "The service's name, as people see it: {service} in texts."},
     .read = config_read_text,
     AT(service)},
    {.help = {"languages", "languages CODE...", "en", "",
              "The languages that are offered; the first is the one the menus are written in."},
     .read = config_read_languages},
    {.help = {"draft", "draft CODE...", "", "",
              "Languages under translation: offered only where nobody depends on them."},
     .read = config_read_draft,
     .many = true},
    {.help =
         {"first", "first CODE", "", "",
          "The language that stands first in the choice, and in which whoever has not chosen is met; without this line "
          "the first of `languages`."},
     .read = config_read_first},
    {.help = {"fold", "fold CODE accents", "", "",
              "On channels with the GSM-7 alphabet, letters outside it lose their accents in this language."},
     .read = config_read_fold,
     .many = true},
    {.help = {"avoid", "avoid CODE PHRASE, PHRASE...", "", "",
              "Words that push: a text in this language that has one is refused."},
     .read = config_read_avoid,
     .many = true},
    {.help = {"zone", "zone NAME", "UTC", "",
              "The time zone of opening hours, dates and people's safe hours, by its IANA name."},
     .read = config_read_zone,
     AT(zone)},
    {.help = {"parts send", "parts send N", "3", "SMS parts, 1 to 10", "The most parts that one `send` may take."},
     .read = config_read_number,
     AT(parts_send),
     .min = 1,
     .max = 10},
    {.help = {"parts answer", "parts answer N", "3", "SMS parts, 1 to 10",
              "The most parts of one answer by SMS; the rest follows on MORE."},
     .read = config_read_number,
     AT(parts_answer),
     .min = 1,
     .max = 10},
    {.help = {"parts wait", "parts wait N seconds", "60 seconds", "seconds, 1 to 3600",
              "How long the missing parts of a long message are waited for."},
     .read = config_read_seconds,
     AT(parts_wait_s),
     .min = 1,
     .max = 3600},
    {.help = {"resume", "resume N minutes", "15 minutes", "minutes, 0 to 1440",
              "How long somebody who was cut off may go on where they stopped; 0: never."},
     .read = config_read_minutes,
     AT(resume_minutes),
     .min = 0,
     .max = 1440},
    {.help = {"keep cases", "keep cases N days", "90 days", "days, 1 to 3650",
              "How long a case is kept after its last change, then it is erased; {keep_days} in texts."},
     .read = config_read_keep,
     AT(keep_case_days),
     .min = 1,
     .max = 3650},
    {.help = {"keep closed", "keep closed N days", "30 days", "days, 1 to 3650",
              "How long a closed case is kept, then it is erased, and who they were with their last case."},
     .read = config_read_days,
     AT(keep_closed_days),
     .min = 1,
     .max = 3650},
    {.help = {"keep assisted", "keep assisted N days", "90 days", "days, 1 to 366",
              "The same for a closed case whose status is one of `assisted`; longer than `keep cases` only where the "
              "consent's words say so."},
     .read = config_read_days,
     AT(keep_assisted_days),
     .min = 1,
     .max = 366},
    {.help = {"assisted", "assisted STATUS...", "", "",
              "Status words of cases that ended with help; without them `keep closed` holds for all."},
     .read = config_read_assisted},
    {.help =
         {"keep safeguarding", "keep safeguarding N days", "90 days", "days, 1 to 3650",
          "The same for a case that safeguarding holds, after its last change; longer than `keep cases` only where the "
          "consent's words say so."},
     .read = config_read_days,
     AT(keep_safeguarding_days),
     .min = 1,
     .max = 3650},
    {.help = {"keep complaints", "keep complaints N days", "365 days", "days, 1 to 3650",
              "The same for an anonymous case, which holds no number."},
     .read = config_read_days,
     AT(keep_complaint_days),
     .min = 1,
     .max = 3650},
    {.help = {"keep messages", "keep messages N days", "7 days", "days, 1 to 30",
              "How long it is known what became of a message, for delivery reports; its text goes when it is sent."},
     .read = config_read_days,
     AT(keep_message_days),
     .min = 1,
     .max = 30},
    {.help = {"keep consents", "keep consents N days", "730 days", "days, 30 to 3650",
              "How long the consent ledger proves that somebody agreed, was informed and withdrew."},
     .read = config_read_days,
     AT(keep_consent_days),
     .min = 30,
     .max = 3650},
    {.help = {"keep audit", "keep audit N days", "1095 days", "days, 90 to 3650",
              "How long the audit log is kept, proofs of deletion included."},
     .read = config_read_days,
     AT(keep_audit_days),
     .min = 90,
     .max = 3650},
    {.help = {"key", "key back|home|more|exit PRESS LABEL", "", "",
              "A key shown at the foot of a page: what is typed, and its label."},
     .read = config_read_key,
     .many = true},
    {.help = {"value", "value NAME TEXT", "", "", "A text that menus use as {NAME}, for example a telephone number."},
     .read = config_read_value,
     .many = true},
    {.help = {"flags", "flags NAME...", "", "",
              "The flags that a case may carry. `do-not-text` has a meaning: STOP and ERASE are then not confirmed by "
              "SMS."},
     .read = config_read_flags,
     .many = true},
    {.help = {"restrict", "restrict FLAG... to TEAM", "", "", "Cases with one of these flags are for that team only."},
     .read = config_read_restrict,
     .many = true},
    {.help = {"hours", "hours NAME", "", "", "Hours for `when during NAME:`; \"open\" and \"closed\" lines follow it."},
     .read = config_read_hours,
     .many = true},
    {.help = {"open", "open DAY[-DAY] HH:MM-HH:MM", "", "", "Days and times at which the hours above are open."},
     .read = config_read_open,
     .many = true},
    {.help = {"closed", "closed YYYY-MM-DD...", "", "", "Days on which the hours above are closed all day."},
     .read = config_read_closed,
     .many = true},
    {.help = {"secret", "secret NAME TEXT", "", "", "A password or key that channel files use as $NAME."},
     .read = config_read_secret,
     .many = true,
     .secret = true},
    {.help = {"secret-file", "secret-file NAME PATH", "", "",
              "The same, from the first line of a file, or the whole of it where it is a key in PEM form."},
     .read = config_read_secret_file,
     .many = true},
    {.help =
         {"public-url", "public-url https://HOST", "", "",
          "Our address as the aggregator sees it; signatures are checked against it. `http://127.0.0.1:PORT` where the "
          "aggregator is this machine's own Kannel or Jasmin."},
     .read = config_read_url,
     AT(public_url)},
    {.help = {"trusted-proxy", "trusted-proxy ADDRESS[/BITS]...", "", "",
              "Proxies of ours: where a request comes from one, X-Forwarded-For says who sent it."},
     .read = config_read_proxy,
     .many = true},
    {.help =
         {"console-url", "console-url https://HOST", "", "",
          "The console's address as browsers see it, behind a proxy that speaks TLS; without it only this machine."},
     .read = config_read_https,
     AT(console_url)},
    {.help = {"neutral-site", "neutral-site https://HOST", "", "",
              "Where the browser goes after \"Hide screen\", something that anybody may be looking at; without it, a "
              "blank page."},
     .read = config_read_https,
     AT(neutral_site)},
    {.help = {"use", "use CHANNEL...", "", "",
              "The channels in use. A file that is not named here opens no door: its webhook does not exist."},
     .read = config_read_use,
     .many = true},
    {.help = {"sms-channel", "sms-channel NAME", "", "",
              "The channel that carries `send`, and the answers of channels that cannot send themselves."},
     .read = config_read_sms_channel,
     AT(sms_channel)},
    {.help = {"default-country", "default-country DIGITS", "", "",
              "The calling code that national numbers are completed with."},
     .read = config_read_country,
     AT(default_country)},
    {.help = {"menus", "menus PATH", "../menus/main.menu", "", "The first menu file."},
     .read = config_read_path,
     AT(menus)},
    {.help = {"locales", "locales PATH", "../locales", "", "The folder of the translations (PO files)."},
     .read = config_read_path,
     AT(locales)},
    {.help = {"channels", "channels PATH", "channels", "", "The folder of the channel files."},
     .read = config_read_path,
     AT(channels)},
    {.help = {"listen", "listen ADDRESS:PORT", "127.0.0.1:8080", "", "Where webhooks are taken."},
     .read = config_read_address,
     AT(listen)},
    {.help = {"console", "console ADDRESS:PORT", "127.0.0.1:8081", "", "Where the staff's console is."},
     .read = config_read_address,
     AT(console)},
    {.help = {"data", "data PATH", "var", "",
              "The data folder; where nothing is said, \"var\" in the folder the program is started from."},
     .read = config_read_data,
     AT(data)},
    {.help = {"key-file", "key-file PATH", "", "",
              "The file of the master key, where there is no credential \"waymark-master\"; else master.key in the "
              "data folder."},
     .read = config_read_path,
     AT(key_file)},
    {.help = {"backup-key", "backup-key KEY", "", "",
              "The public half of the offline key (waymark key offline) that backups are for."},
     .read = config_read_backup_key,
     AT(backup_key)},
    {.help =
         {"demonstration", "demonstration yes|no", "no", "",
          "Makes one member of staff at the first start and says the passphrase; no second factor. Only on loopback."},
     .read = config_read_yes,
     AT(demonstration)},
    {.help = {"stream-comment", "stream-comment N seconds", "15 seconds", "seconds, 1 to 60",
              "How often an open inbox, which hears of news, is told that there are none; shorter than a proxy waits."},
     .read = config_read_seconds,
     AT(stream_comment_s),
     .min = 1,
     .max = 60},
    {.help = {"passphrase-memory", "passphrase-memory N", "256", "MiB, 1 to 1024",
              "The memory that one try of a passphrase costs; less than the default only in a demonstration."},
     .read = config_read_number,
     AT(passphrase_mib),
     .min = 1,
     .max = 1024},
    {.help = {"session ussd", "session ussd N minutes", "10 minutes", "minutes, 1 to 1440",
              "How long an idle USSD session lives."},
     .read = config_read_session,
     AT(ussd_session_s),
     .min = 1,
     .max = 1440},
    {.help = {"session sms", "session sms N minutes", "1440 minutes", "minutes, 1 to 10080",
              "How long an idle dialogue by SMS lives."},
     .read = config_read_session,
     AT(sms_session_s),
     .min = 1,
     .max = 10080},
    {.help = {"quiet", "quiet HH:MM-HH:MM | quiet never", "21:00-08:00", "",
              "When nothing is sent but direct answers and confirmations; what falls due waits for the end."},
     .read = config_read_quiet},
    {.help = {"hourly", "hourly N", "60", "messages, 1 to 1000",
              "The most messages that one person is sent in an hour; more wait."},
     .read = config_read_number,
     AT(hourly_max),
     .min = 1,
     .max = 1000},
    {.help = {"alike", "alike N", "10", "messages, 1 to 1000",
              "How often the same text is said to one person in half an hour; past it a machine must be answering."},
     .read = config_read_number,
     AT(alike_max),
     .min = 1,
     .max = 1000},
    {.help =
         {"alert numbers", "alert numbers N", "30", "a day, 1 to 10000",
          "How many telephone numbers one member may have shown in a day before the audit log says so as an alert."},
     .read = config_read_number,
     AT(alert_numbers),
     .min = 1,
     .max = 10000},
    {.help = {"alert searches", "alert searches N", "100", "a day, 1 to 10000",
              "How many searches one member may make in a day before the audit log says so as an alert."},
     .read = config_read_number,
     AT(alert_searches),
     .min = 1,
     .max = 10000},
    {.help = {"automatic", "automatic PHRASE, PHRASE...",
              "auto-reply, auto reply, automatic reply, autoreply, out of office, i'm driving, respuesta automatica",
              "", "How texts begin that no person wrote: they are not answered."},
     .read = config_read_automatic},
    {.help = {"expire", "expire N hours", "24 hours", "hours, 1 to 168",
              "A message that could not leave in this time is given up."},
     .read = config_read_hours_number,
     AT(expire_hours),
     .min = 1,
     .max = 168},
    {.help = {"breaker", "breaker N", "5", "failures, 1 to 1000",
              "After so many failures in a row a channel sends nothing for a while, then tries with one message."},
     .read = config_read_number,
     AT(breaker),
     .min = 1,
     .max = 1000},
    {.help = {"queue", "queue N", "4096", "turns, 64 to 1000000", "The most turns that may wait; past it, \"busy\"."},
     .read = config_read_number,
     AT(queue_max),
     .min = 64,
     .max = 1000000},
    {.help = {"batch", "batch N", "512", "turns, 1 to 4096", "The most turns in one commit."},
     .read = config_read_number,
     AT(batch_max),
     .min = 1,
     .max = 4096},
    {.help = {"in-flight", "in-flight N", "2000", "connections, 16 to 100000", "The most connections held at once."},
     .read = config_read_number,
     AT(in_flight_max),
     .min = 16,
     .max = 100000},
};

enum { CONFIG_ROWS = sizeof config_rows / sizeof *config_rows };

const struct config_help *config_help(size_t index)
{
    return index < CONFIG_ROWS ? &config_rows[index].help : NULL;
}

static struct span first_word(const struct config_row *row)
{
    struct span name = span_of(row->help.name);
    return span_first(name, span_find(name, ' '));
}

static struct span second_word(const struct config_row *row)
{
    return span_from(span_of(row->help.name), first_word(row).len + 1);
}

static void tell_unknown(struct config_reader *r, const struct token *word)
{
    struct suggest s = suggest_start(word->text);
    for (size_t i = 0; i < CONFIG_ROWS; i++)
        suggest_try(&s, first_word(&config_rows[i]));
    struct span best = suggest_best(&s);
    if (best.len)
        diag_error(r->d, "E01", word->at, word->source, "no such setting \"%.*s\"\ndid you mean \"%.*s\"?",
                   SPAN_ARG(word->text), SPAN_ARG(best));
    else
        diag_error(r->d, "E01", word->at, word->source, "no such setting \"%.*s\"\n\"waymark settings\" lists them all",
                   SPAN_ARG(word->text));
}

/* The row of a statement whose name has two words, the first of which is that of `family`. */
static const struct config_row *row_of_family(struct config_reader *r, const struct config_row *family)
{
    struct token word;
    r->row = family;
    if (!config_word(r, &word))
        return NULL;
    struct suggest s = suggest_start(word.text);
    for (const struct config_row *row = family; row < config_rows + CONFIG_ROWS; row++) {
        if (!span_eq(first_word(row), first_word(family)))
            continue;
        if (span_eq(second_word(row), word.text))
            return row;
        suggest_try(&s, second_word(row));
    }
    config_unknown(r, &word, "word", &s, family->help.form);
    return NULL;
}

/* The statement's row, with the cursor behind its name; NULL after telling that there is none. */
static const struct config_row *find_row(struct config_reader *r)
{
    struct token word;
    r->row = NULL;
    script_word(&r->c, &word);
    for (size_t i = 0; i < CONFIG_ROWS; i++)
        if (span_eq(first_word(&config_rows[i]), word.text))
            return second_word(&config_rows[i]).len ? row_of_family(r, &config_rows[i]) : &config_rows[i];
    tell_unknown(r, &word);
    return NULL;
}

struct seen {
    int line;     // where the row first stood; 0: nowhere
    bool refused; // what it said was told to be wrong
};

static int read_statement(struct config_reader *r, const struct statement *st, struct seen seen[CONFIG_ROWS])
{
    r->c = script_cursor(st);
    const struct config_row *row = find_row(r);
    if (!row)
        return 0;
    r->row = row;
    struct seen *mine = &seen[row - config_rows];
    if (mine->line && !row->many) {
        diag_error(r->d, "E03", st->at, st->source, "\"%s\" stands twice\nthe first is on line %d; leave one of them",
                   row->help.name, mine->line);
        return 0;
    }
    mine->line = st->at.line;
    if (row->read != config_read_open && row->read != config_read_closed)
        r->hours = NULL;
    size_t errors = diags_errors(r->d);
    int rc = row->read(r, row);
    mine->refused = diags_errors(r->d) > errors;
    return rc;
}

/* Defaults go the operator's way: the fallback is read as if it stood in the file. */
static int read_fallback(struct config_reader *r, const struct config_row *row)
{
    const struct place nowhere = {.file = "default"};
    const struct span text = span_of(row->help.fallback);
    const struct statement st = {
        .source = text, .text = text, .lines = &text, .line_places = &nowhere, .line_count = 1};
    r->c = script_cursor(&st);
    r->row = row;
    r->fallback = true;
    return text.len ? row->read(r, row) : 0;
}

static int read_all(struct config_reader *r, const struct script *script)
{
    struct seen seen[CONFIG_ROWS] = {0};
    int rc = 0;
    for (size_t i = 0; i < script->count && rc == 0; i++)
        rc = read_statement(r, &script->statements[i], seen);
    for (size_t i = 0; i < CONFIG_ROWS && rc == 0; i++)
        if (!seen[i].line || seen[i].refused)
            rc = read_fallback(r, &config_rows[i]);
    if (rc == 0)
        config_finish_hours(r);
    return rc == 0 ? config_finish_lists(r) : rc;
}

int config_read(const char *file, struct span bytes, const char *folder, struct arena *a, struct diags *d,
                struct settings *out)
{
    *out = (struct settings){0};
    struct config_reader r = {.folder = folder, .a = a, .d = d, .out = out};
    struct script script;
    int rc = script_read(file, bytes, a, d, &script);
    return rc == 0 ? read_all(&r, &script) : rc;
}

static const char *folder_of(const char *path, struct arena *a)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/" : arena_strdup(a, (struct span){path, (size_t)(slash - path)});
}

int config_load(const char *path, struct arena *a, struct diags *d, struct settings *out)
{
    struct str bytes = STR_INIT(SCRIPT_FILE_MAX + 1); // one more: script_read tells of a file past the limit
    int rc = file_read(path, &bytes);
    const char *folder = folder_of(path, a);
    if (!folder)
        rc = ERR_NOMEM;
    if (rc == ERR_LIMIT) {
        diag_error(d, "E01", (struct place){.file = path}, (struct span){0}, "the file is larger than %d bytes",
                   SCRIPT_FILE_MAX);
        rc = 0;
    }
    if (rc == 0)
        rc = config_read(path, str_span(&bytes), folder, a, d, out);
    if (bytes.p)
        explicit_bzero(bytes.p, bytes.len); // it may have held secrets
    str_release(&bytes);
    return rc;
}

struct span config_value(const struct settings *s, struct span name)
{
    for (size_t i = 0; i < s->value_count; i++)
        if (span_eq(s->values[i].name, name))
            return s->values[i].text;
    return (struct span){0};
}

struct span config_secret(const struct settings *s, struct span name)
{
    for (size_t i = 0; i < s->secret_count; i++)
        if (span_eq(s->secrets[i].name, name))
            return s->secrets[i].text;
    return (struct span){0};
}
