// SPDX-License-Identifier: AGPL-3.0-or-later
/* lists - statements that may repeat with other names: languages, keys, values, flags, secrets. */
#include "base/err.h"
#include "base/file.h"
#include "config/reader.h"

#include <errno.h>
#include <string.h>

enum { SECRET_FILE_MAX = 65536, PRESS_MAX = 4 }; // bytes; keys pressed for one key

static bool is_language(struct span s)
{
    return script_is_word(s) && s.len >= 2 && s.len <= 16 && s.p[0] >= 'a' && s.p[0] <= 'z' &&
           span_find(s, '.') == s.len;
}

static bool has_word(const struct config_words *list, struct span word)
{
    for (size_t i = 0; i < list->count; i++)
        if (span_eq(list->words[i].text, word))
            return true;
    return false;
}

/* Codes up to the end of the statement; each language once, in whichever list it stands. */
static int read_codes(struct config_reader *r, struct config_words *list)
{
    struct token code;
    int rc = 0;
    size_t errors = diags_errors(r->d);
    if (!span_trim(script_peek(&r->c)).len)
        config_word(r, &code); // tells what is missing
    while (rc == 0 && config_item(r, &code)) {
        if (!is_language(code.text))
            diag_error(r->d, "E01", code.at, code.source, "\"%.*s\" is no language code\nfor example en, es or pt_BR",
                       SPAN_ARG(code.text));
        else if (has_word(&r->languages, code.text) || has_word(&r->drafts, code.text))
            config_twice(r, &code, "language");
        else
            rc = config_keep(r, list, &code);
    }
    r->languages_wrong |= diags_errors(r->d) > errors;
    return rc;
}

int config_read_languages(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    if (r->fallback && r->languages.count) // refused in part: what was understood stays
        return 0;
    return read_codes(r, &r->languages);
}

int config_read_draft(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    return read_codes(r, &r->drafts);
}

int config_read_first(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct token code;
    if (!config_word(r, &code))
        return 0;
    config_end(r);
    return config_keep(r, &r->first, &code);
}

int config_read_fold(struct config_reader *r, const struct config_row *row)
{
    struct token code, what;
    if (!config_word(r, &code) || !config_word(r, &what))
        return 0;
    if (!span_is(what.text, "accents")) {
        struct suggest s = suggest_start(what.text);
        suggest_try(&s, SPAN("accents"));
        config_unknown(r, &what, "word", &s, row->help.form);
        return 0;
    }
    config_end(r);
    if (!has_word(&r->folds, code.text))
        return config_keep(r, &r->folds, &code);
    config_twice(r, &code, "fold of");
    return 0;
}

static const char *const key_names[KEY_COUNT] = {
    [KEY_BACK] = "back", [KEY_HOME] = "home", [KEY_MORE] = "more", [KEY_EXIT] = "exit"};

/* The key called `word`, or KEY_COUNT after telling that there is none. */
static size_t key_of(struct config_reader *r, const struct config_row *row, const struct token *word)
{
    struct suggest s = suggest_start(word->text);
    size_t id = 0;
    for (; id < KEY_COUNT && !span_is(word->text, key_names[id]); id++)
        suggest_try(&s, span_of(key_names[id]));
    if (id == KEY_COUNT)
        config_unknown(r, word, "key", &s, row->help.form);
    return id;
}

static bool press_is_free(struct config_reader *r, const struct token *press)
{
    size_t typed = 0;
    while (typed < press->text.len && press->text.p[typed] && strchr("0123456789*#", press->text.p[typed]))
        typed++;
    if (typed < press->text.len || typed > PRESS_MAX) {
        diag_error(r->d, "E04", press->at, press->source, "\"%.*s\" cannot be typed as a key\n1 to %d of 0-9, * and #",
                   SPAN_ARG(press->text), PRESS_MAX);
        return false;
    }
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (span_eq(r->out->keys[i].press, press->text)) {
            diag_error(r->d, "E03", press->at, press->source, "\"%.*s\" is already the key \"%s\"\nchoose another",
                       SPAN_ARG(press->text), key_names[i]);
            return false;
        }
    return true;
}

int config_read_key(struct config_reader *r, const struct config_row *row)
{
    struct token name, press, label;
    if (!config_word(r, &name))
        return 0;
    size_t id = key_of(r, row, &name);
    if (id == KEY_COUNT)
        return 0;
    if (r->out->keys[id].press.len)
        config_twice(r, &name, "key");
    else if (config_word(r, &press) && press_is_free(r, &press) && config_rest(r, &label))
        r->out->keys[id] = (struct settings_key){.press = press.text, .label = label.text};
    return 0;
}

int config_add_value(struct config_reader *r, struct span name, struct span text)
{
    struct settings *out = r->out;
    struct settings_value *values = arena_grow(r->a, (void *)out->values, out->value_count, sizeof *values);
    if (!values)
        return ERR_NOMEM;
    values[out->value_count++] = (struct settings_value){.name = name, .text = text};
    out->values = values;
    return 0;
}

int config_read_value(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct settings *out = r->out;
    struct token name, text;
    if (!config_name(r, &name) || !config_rest(r, &text))
        return 0;
    if (span_is(name.text, "service") || span_is(name.text, "keep_days")) {
        diag_error(r->d, "E03", name.at, name.source, "{%.*s} has a setting of its own\nchoose another name",
                   SPAN_ARG(name.text));
        return 0;
    }
    if (config_value(out, name.text).p) {
        config_twice(r, &name, "value");
        return 0;
    }
    return config_add_value(r, name.text, text.text);
}

static bool is_among(const struct span *list, size_t count, struct span name)
{
    for (size_t i = 0; i < count; i++)
        if (span_eq(list[i], name))
            return true;
    return false;
}

/* A list of names in the settings, each of which stands there once. */
static int add_name(struct config_reader *r, const struct token *name, const char *what, const struct span **list,
                    size_t *count)
{
    if (is_among(*list, *count, name->text)) {
        config_twice(r, name, what);
        return 0;
    }
    struct span *names = arena_grow(r->a, (void *)*list, *count, sizeof *names);
    if (!names)
        return ERR_NOMEM;
    names[(*count)++] = name->text;
    *list = names;
    return 0;
}

/* `kept`: where the words of the list stand, in its order; NULL: nobody asks. */
static int read_names(struct config_reader *r, const char *what, const struct span **list, size_t *count,
                      struct config_words *kept)
{
    struct token name;
    int rc = 0;
    if (!span_trim(script_peek(&r->c)).len)
        config_word(r, &name);               // tells what is missing
    while (rc == 0 && config_item(r, &name)) // what is no name is told; those after it are still read
        if (config_is_name(r, &name)) {
            size_t before = *count;
            rc = add_name(r, &name, what, list, count);
            if (rc == 0 && kept && *count > before)
                rc = config_keep(r, kept, &name);
        }
    return rc;
}

int config_read_assisted(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    return read_names(r, "status", &r->out->assisted, &r->out->assisted_count, NULL);
}

int config_read_flags(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    size_t errors = diags_errors(r->d);
    int rc = read_names(r, "flag", &r->out->flags, &r->out->flag_count, NULL);
    r->flags_wrong |= diags_errors(r->d) > errors;
    return rc;
}

int config_read_use(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    return read_names(r, "channel", &r->out->uses, &r->out->use_count, &r->uses);
}

static struct settings_origin origin_of(const struct token *word)
{
    return (struct settings_origin){word->at.file, word->at.line, word->at.column, word->source};
}

int config_read_sms_channel(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct token name;
    if (!config_name(r, &name))
        return 0;
    config_end(r);
    r->out->sms_channel = name.text;
    r->out->sms_origin = origin_of(&name);
    return 0;
}

static int settle_uses(struct config_reader *r)
{
    struct settings_origin *all = arena_array(r->a, r->uses.count + 1, sizeof *all);
    for (size_t i = 0; all && i < r->uses.count; i++)
        all[i] = origin_of(&r->uses.words[i]);
    r->out->use_origins = all;
    return all ? 0 : ERR_NOMEM;
}

static int add_restrict(struct config_reader *r, const struct token *flag, struct span team)
{
    struct settings *out = r->out;
    if (has_word(&r->restricted, flag->text)) {
        config_twice(r, flag, "restricted flag");
        return 0;
    }
    struct settings_restrict *all = arena_grow(r->a, (void *)out->restricts, out->restrict_count, sizeof *all);
    if (!all)
        return ERR_NOMEM;
    all[out->restrict_count++] = (struct settings_restrict){.flag = flag->text, .team = team};
    out->restricts = all;
    return config_keep(r, &r->restricted, flag);
}

/* Whether there is such a team, whose keys can be given out; else that is told. */
static bool is_team(struct config_reader *r, const struct token *team)
{
    static const char *const teams[] = {"casework", "safeguarding"};
    struct suggest s = suggest_start(team->text);
    for (size_t i = 0; i < sizeof teams / sizeof teams[0]; i++) {
        if (span_is(team->text, teams[i]))
            return true;
        suggest_try(&s, span_of(teams[i]));
    }
    config_unknown(r, team, "team", &s, "casework or safeguarding");
    return false;
}

int config_read_restrict(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct config_words flags = {0};
    struct token word, team;
    int rc = 0;
    while (rc == 0 && config_item(r, &word) && (!span_is(word.text, "to") || !flags.count))
        rc = config_keep(r, &flags, &word);
    if (rc == 0 && !word.text.len)
        config_word(r, &word); // tells what is missing
    if (rc < 0 || !word.text.len || !config_name(r, &team))
        return rc;
    config_end(r);
    if (!is_team(r, &team))
        return 0;
    for (size_t i = 0; i < flags.count && rc == 0; i++)
        rc = add_restrict(r, &flags.words[i], team.text);
    return rc;
}

static int add_secret(struct config_reader *r, const struct token *name, struct span text)
{
    struct settings *out = r->out;
    if (config_secret(out, name->text).p) {
        config_twice(r, name, "secret");
        return 0;
    }
    struct settings_secret *secrets = arena_grow(r->a, (void *)out->secrets, out->secret_count, sizeof *secrets);
    if (!secrets)
        return ERR_NOMEM;
    secrets[out->secret_count++] = (struct settings_secret){.name = name->text, .text = text};
    out->secrets = secrets;
    return 0;
}

int config_read_secret(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct token name, text;
    return config_name(r, &name) && config_rest(r, &text) ? add_secret(r, &name, text.text) : 0;
}

/* RFC 7468, section 2: a key in PEM form is lines, and all of them are the secret. */
static bool is_pem(struct span s)
{
    return span_starts(s, SPAN("-----BEGIN "));
}

static struct span secret_of(struct span bytes)
{
    return span_trim(is_pem(bytes) ? bytes : span_first(bytes, span_find(bytes, '\n')));
}

static bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7F)
            return false;
    return s.len > 0;
}

/* What the file says; p NULL after telling why there is none, and *rc ERR_NOMEM when that is why. */
static struct span file_secret(struct config_reader *r, const struct token *path, int *rc)
{
    struct span text = {0}, name = config_path(r, path->text);
    struct str bytes = STR_INIT(SECRET_FILE_MAX);
    *rc = name.p ? file_read(name.p, &bytes) : ERR_NOMEM;
    const char *why = *rc == ERR_IO ? strerror(errno) : err_text(*rc);
    struct span line = secret_of(str_span(&bytes));
    bool fair = is_pem(line) || is_printable(line);
    if (*rc < 0 && *rc != ERR_NOMEM)
        diag_error(r->d, "E02", path->at, path->source,
                   "cannot read \"%.*s\": %s\nit must be a file that the user who runs waymark may read",
                   SPAN_ARG(name), why);
    else if (*rc == 0 && !fair)
        diag_error(r->d, "E04", path->at, path->source,
                   "\"%.*s\" has no text in its first line\nwrite the secret there, and nothing else", SPAN_ARG(name));
    else if (*rc == 0)
        text = arena_copy(r->a, line);
    if (*rc == 0 && fair && !text.p)
        *rc = ERR_NOMEM;
    if (bytes.p)
        explicit_bzero(bytes.p, bytes.len);
    str_release(&bytes);
    return text;
}

int config_read_secret_file(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct token name, path;
    if (!config_name(r, &name) || !config_rest(r, &path) || !config_path_is_whole(r, &path))
        return 0;
    int rc;
    struct span text = file_secret(r, &path, &rc);
    if (rc == ERR_NOMEM)
        return rc;
    return text.p ? add_secret(r, &name, text) : 0;
}

int config_read_proxy(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct token word;
    if (!span_trim(script_peek(&r->c)).len)
        config_word(r, &word); // tells what is missing
    while (config_item(r, &word)) {
        struct ip_range *all = arena_grow(r->a, (void *)r->out->proxies, r->out->proxy_count, sizeof *all);
        if (!all)
            return ERR_NOMEM;
        r->out->proxies = all;
        int rc = ip_range_read(word.text, &all[r->out->proxy_count]);
        if (rc == 0)
            r->out->proxy_count++;
        else
            diag_error(r->d, rc == ERR_RANGE ? "E04" : "E01", word.at, word.source,
                       "\"%.*s\" is no range of addresses\n%s", SPAN_ARG(word.text),
                       rc == ERR_RANGE ? "it has bits beyond its prefix" : "for example 127.0.0.1 or 10.0.0.0/8");
    }
    return 0;
}

static int add_avoid(struct config_reader *r, struct span language, struct span phrase)
{
    struct settings *out = r->out;
    struct settings_avoid *all = arena_grow(r->a, (void *)out->avoids, out->avoid_count, sizeof *all);
    if (!all)
        return ERR_NOMEM;
    all[out->avoid_count++] = (struct settings_avoid){.language = language, .phrase = phrase};
    out->avoids = all;
    return 0;
}

int config_read_avoid(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct token code, all;
    if (!config_word(r, &code) || !config_rest(r, &all))
        return 0;
    struct span rest = all.text, phrase;
    int rc = config_keep(r, &r->avoided, &code);
    while (rc == 0 && rest.len && span_split(&rest, ',', &phrase)) {
        if (span_trim(phrase).len)
            rc = add_avoid(r, code.text, span_trim(phrase));
        else
            diag_error(r->d, "E01", all.at, all.source,
                       "an empty word between two commas\nfor example: avoid en hurry, last chance");
    }
    return rc;
}

static int add_automatic(struct config_reader *r, struct span phrase)
{
    struct span *list = arena_grow(r->a, (void *)r->out->automatic, r->out->automatic_count, sizeof *list);
    if (!list)
        return ERR_NOMEM;
    list[r->out->automatic_count++] = phrase;
    r->out->automatic = list;
    return 0;
}

int config_read_automatic(struct config_reader *r, const struct config_row *row)
{
    (void)row;
    struct token all;
    if (!config_rest(r, &all))
        return 0;
    struct span rest = all.text, phrase;
    int rc = 0;
    while (rc == 0 && rest.len && span_split(&rest, ',', &phrase)) {
        if (span_trim(phrase).len)
            rc = add_automatic(r, span_trim(phrase));
        else
            diag_error(r->d, "E01", all.at, all.source,
                       "an empty word between two commas\nfor example: automatic auto-reply, out of office");
    }
    return rc;
}

/* What is said of a language must be of one that we have. */
static void check_known(struct config_reader *r, const struct config_words *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct token *code = &list->words[i];
        struct suggest s = suggest_start(code->text);
        bool known = false;
        for (size_t l = 0; l < r->out->language_count; l++) {
            known = known || span_eq(r->out->languages[l].code, code->text);
            suggest_try(&s, r->out->languages[l].code);
        }
        if (!known)
            config_unknown(r, code, "language", &s, "a language of \"languages\" or \"draft\"");
    }
}

/* Nobody is met in a language that is not published. */
static void find_first(struct config_reader *r)
{
    for (size_t i = 0; r->first.count && i < r->out->language_count; i++)
        if (span_eq(r->out->languages[i].code, r->first.words[0].text))
            r->out->first_language = i;
    if (r->first.count && r->out->languages[r->out->first_language].draft)
        diag_error(r->d, "E02", r->first.words[0].at, r->first.words[0].source,
                   "\"%.*s\" is a draft\nwhoever dials is met in a language of \"languages\"",
                   SPAN_ARG(r->first.words[0].text));
}

static void check_restricts(struct config_reader *r)
{
    for (size_t i = 0; i < r->restricted.count; i++) {
        const struct token *flag = &r->restricted.words[i];
        struct suggest s = suggest_start(flag->text);
        for (size_t f = 0; f < r->out->flag_count; f++)
            suggest_try(&s, r->out->flags[f]);
        if (!is_among(r->out->flags, r->out->flag_count, flag->text))
            config_unknown(r, flag, "flag", &s, "a flag of \"flags\"");
    }
}

int config_finish_lists(struct config_reader *r)
{
    size_t count = r->languages.count + r->drafts.count;
    struct settings_language *all = arena_array(r->a, count, sizeof *all);
    if (!all)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        bool draft = i >= r->languages.count;
        struct span code = draft ? r->drafts.words[i - r->languages.count].text : r->languages.words[i].text;
        all[i] = (struct settings_language){.code = code, .draft = draft, .fold = has_word(&r->folds, code)};
    }
    r->out->languages = all;
    r->out->language_count = count;
    if (!r->languages_wrong) {
        check_known(r, &r->first);
        find_first(r);
        check_known(r, &r->folds);
        check_known(r, &r->avoided);
    }
    if (!r->flags_wrong)
        check_restricts(r);
    return settle_uses(r);
}
