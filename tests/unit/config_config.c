// SPDX-License-Identifier: AGPL-3.0-or-later
#include "config/config.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct arena *a;
    struct diags *d;
    struct settings s;
};

static struct fixture read_in(struct span bytes, const char *folder)
{
    struct fixture f = {.a = arena_new(32 << 20), .d = diags_new()};
    assert_int_equal(config_read("w.conf", bytes, folder, f.a, f.d, &f.s), 0);
    return f;
}

static void done(struct fixture *f)
{
    diags_free(f->d);
    arena_free(f->a);
}

static void expect_span(struct span s, const char *expected)
{
    assert_true(s.p != NULL);
    assert_true(span_is(s, expected));
}

static void an_empty_file_gives_the_defaults(void **state)
{
    (void)state;
    struct fixture f = read_in(SPAN(""), "config");
    assert_int_equal(diags_count(f.d), 0);
    expect_span(f.s.service, "Waymark");
    assert_int_equal(f.s.language_count, 1);
    expect_span(f.s.languages[0].code, "en");
    expect_span(f.s.zone, "UTC");
    assert_int_equal(f.s.parts_send, 3);
    assert_int_equal(f.s.parts_answer, 3);
    assert_int_equal(f.s.resume_minutes, 15);
    assert_int_equal(f.s.ussd_session_s, 600);
    assert_int_equal(f.s.sms_session_s, 86400);
    assert_int_equal(f.s.queue_max, 4096);
    assert_int_equal(f.s.quiet_from, 21 * 60);
    assert_int_equal(f.s.quiet_to, 8 * 60);
    assert_int_equal(f.s.hourly_max, 60);
    assert_int_equal(f.s.alike_max, 10);
    assert_int_equal(f.s.expire_hours, 24);
    assert_int_equal(f.s.breaker, 5);
    assert_int_equal(f.s.parts_wait_s, 60);
    assert_int_equal(f.s.alert_numbers, 30);
    assert_int_equal(f.s.alert_searches, 100);
    assert_int_equal(f.s.automatic_count, 7);
    expect_span(f.s.automatic[5], "i'm driving");
    assert_int_equal(f.s.batch_max, 512);
    assert_int_equal(f.s.in_flight_max, 2000);
    expect_span(f.s.listen, "127.0.0.1:8080");
    expect_span(f.s.console, "127.0.0.1:8081");
    expect_span(f.s.data, "var");
    expect_span(f.s.menus, "menus/main.menu");
    expect_span(f.s.locales, "locales");
    expect_span(f.s.channels, "config/channels");
    assert_int_equal(f.s.key_file.len + f.s.public_url.len + f.s.sms_channel.len + f.s.default_country.len, 0);
    assert_int_equal(f.s.keys[KEY_BACK].press.len, 0);
    done(&f);
}

static const char full[] = "service Return Help\n"
                           "flags minor trafficking do-not-call\n"
                           "flags complaint\n"
                           "languages en es\n"
                           "draft fr ar\n"
                           "draft pt_BR\n"
                           "first es\n"
                           "fold es accents\n"
                           "avoid en hurry,  last chance\n"
                           "avoid es bono\n"
                           "fold fr accents\n"
                           "zone Africa/Tunis\n"
                           "parts send 10\n"
                           "parts answer 1\n"
                           "resume 0 minutes\n"
                           "key back 0 Back\n"
                           "key home 00 Go home\n"
                           "key more 98 More\n"
                           "key exit *99# Exit\n"
                           "value hotline 80 10 10 10\n"
                           "value long first # line\n"
                           "  | second\n"
                           "restrict minor trafficking to safeguarding\n"
                           "hours office\n"
                           "  open mon-thu 08:30-17:00\n"
                           "  open fri 00:00-24:00\n"
                           "  closed 2026-03-20 2026-12-25\n"
                           "  closed 2027-01-01\n"
                           "hours night\n"
                           "  open sat-sun 22:00-23:59\n"
                           "secret at-key s3cret with blanks\n"
                           "public-url https://gw.example.org:8443/waymark\n"
                           "trusted-proxy 127.0.0.1 10.0.0.0/8\n"
                           "trusted-proxy 2001:db8::/32\n"
                           "use africastalking phone\n"
                           "use africastalking-sms\n"
                           "sms-channel africastalking-sms\n"
                           "default-country 216\n"
                           "menus menus/a b.menu\n"
                           "locales ../../locales\n"
                           "channels /etc/channels\n"
                           "listen 0.0.0.0:0\n"
                           "console [::1]:65535\n"
                           "data data\n"
                           "key-file ../master.key\n"
                           "session ussd 1 minute\n"
                           "session sms 10080 minutes\n"
                           "queue 64\n"
                           "batch 4096\n"
                           "in-flight 100000\n";

static void every_statement_is_read(void **state)
{
    (void)state;
    struct fixture f = read_in(span_of(full), "/etc/waymark");
    assert_int_equal(diags_count(f.d), 0);
    const struct settings *s = &f.s;
    expect_span(s->service, "Return Help");
    assert_int_equal(s->language_count, 5);
    expect_span(s->languages[4].code, "pt_BR");
    assert_int_equal(s->first_language, 1);
    static const bool draft[] = {false, false, true, true, true}, fold[] = {false, true, true, false, false};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(s->languages[i].draft, draft[i]);
        assert_int_equal(s->languages[i].fold, fold[i]);
    }
    expect_span(s->zone, "Africa/Tunis");
    assert_int_equal(s->parts_send * 100 + s->parts_answer * 10 + s->resume_minutes, 1010);
    expect_span(s->keys[KEY_HOME].label, "Go home");
    expect_span(s->keys[KEY_EXIT].press, "*99#");
    expect_span(config_value(s, SPAN("hotline")), "80 10 10 10");
    expect_span(config_value(s, SPAN("long")), "first # line\nsecond");
    assert_null(config_value(s, SPAN("nothing")).p);
    assert_int_equal(s->flag_count, 4);
    assert_int_equal(s->restrict_count, 2);
    assert_int_equal(s->avoid_count, 3);
    expect_span(s->avoids[1].phrase, "last chance");
    expect_span(s->avoids[2].language, "es");
    expect_span(s->restricts[1].flag, "trafficking");
    expect_span(s->restricts[1].team, "safeguarding");
    assert_int_equal(s->hours_count, 2);
    const struct settings_hours *office = &s->hours[0];
    assert_int_equal(office->open_count, 2);
    assert_int_equal(office->open[0].first_day * 10 + office->open[0].last_day, 3);
    assert_int_equal(office->open[0].from_minute, 8 * 60 + 30);
    assert_int_equal(office->open[1].first_day * 10 + office->open[1].last_day, 44);
    assert_int_equal(office->open[1].to_minute, 1440);
    assert_int_equal(office->closed_count, 3);
    assert_int_equal(office->closed[2], date_to_day((struct date){2027, 1, 1}));
    expect_span(config_secret(s, SPAN("at-key")), "s3cret with blanks");
    assert_null(config_secret(s, SPAN("at")).p);
    expect_span(s->public_url, "https://gw.example.org:8443/waymark");
    assert_int_equal(s->proxy_count, 3);
    assert_int_equal(s->proxies[1].bits, 96 + 8);
    assert_int_equal(s->use_count, 3);
    expect_span(s->uses[1], "phone");
    expect_span(s->uses[2], "africastalking-sms");
    expect_span(s->sms_channel, "africastalking-sms");
    expect_span(s->default_country, "216");
    expect_span(s->menus, "/etc/waymark/menus/a b.menu");
    expect_span(s->locales, "/locales");
    expect_span(s->channels, "/etc/channels");
    expect_span(s->listen, "0.0.0.0:0");
    expect_span(s->console, "[::1]:65535");
    expect_span(s->data, "/etc/waymark/data");
    expect_span(s->key_file, "/etc/master.key");
    assert_int_equal(s->ussd_session_s, 60);
    assert_int_equal(s->sms_session_s, 604800);
    assert_int_equal(s->queue_max, 64);
    assert_int_equal(s->batch_max, 4096);
    assert_int_equal(s->in_flight_max, 100000);
    done(&f);
}

static void paths_start_from_the_files_folder(void **state)
{
    (void)state;
    static const struct {
        const char *folder, *line, *menus;
    } rows[] = {
        {".", "menus m", "m"},
        {"", "menus m", "m"},
        {".", "menus ../m", "../m"},
        {"a/b", "menus ../../m", "m"},
        {"a/b", "menus ../../../m", "../m"},
        {"..", "menus ../m", "../../m"},
        {"/", "menus m", "/m"},
        {"/", "menus ../m", "/../m"},
        {"/a", "menus ../m", "/m"},
        {"a/..", "menus ../m", "a/../../m"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f = read_in(span_of(rows[i].line), rows[i].folder);
        expect_span(f.s.menus, rows[i].menus);
        done(&f);
    }
}

static void mistakes_are_told_where_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code;
        int line, column;
        const char *hint; // a part of it, or NULL
    } rows[] = {
        {"servise X", "E01", 1, 1, "did you mean \"service\"?"},
        {"xyzzy", "E01", 1, 1, "lists them all"},
        {"service", "E01", 1, 8, "write: service TEXT"},
        {"service A\nservice B", "E03", 2, 1, "the first is on line 1"},
        {"zone", "E01", 1, 5, "write: zone NAME"},
        {"zone Mars/Base", "E04", 1, 6, "Africa/Tunis"},
        {"zone ../../../etc/passwd", "E04", 1, 6, NULL},
        {"zone /usr/share/zoneinfo/UTC", "E04", 1, 6, NULL},
        {"zone Africa", "E04", 1, 6, NULL},
        {"zone zone.tab", "E04", 1, 6, NULL},
        {"zone right/UTC", "E04", 1, 6, NULL},
        {"zone localtime", "E04", 1, 6, NULL},
        {"zone Africa/Nowhere", "E04", 1, 6, NULL},
        {"zone UTC now", "E01", 1, 10, "write: zone NAME"},
        {"languages en e!", "E01", 1, 14, NULL},
        {"languages en en", "E03", 1, 14, NULL},
        {"languages en\ndraft en", "E03", 2, 7, NULL},
        {"languages en\nlanguages es", "E03", 2, 1, NULL},
        {"fold en accent", "E02", 1, 9, "did you mean \"accents\"?"},
        {"languages en es\nfold ex accents", "E02", 2, 6, "did you mean \"en\"?"},
        {"languages en es\nfirst ex", "E02", 2, 7, "did you mean \"en\"?"},
        {"languages en\ndraft es\nfirst es", "E02", 3, 7, "in a language of \"languages\""},
        {"languages en es\nfirst en\nfirst es", "E03", 3, 1, NULL},
        {"parts", "E01", 1, 6, "write: parts send N"},
        {"parts sned 3", "E02", 1, 7, "did you mean \"send\"?"},
        {"parts send 0", "E04", 1, 12, "from 1 to 10"},
        {"parts send 11", "E04", 1, 12, "from 1 to 10"},
        {"parts send three", "E01", 1, 12, NULL},
        {"parts send 3\nparts send 3", "E03", 2, 1, NULL},
        {"resume 15", "E01", 1, 10, "write: resume N minutes"},
        {"resume 15 minuets", "E02", 1, 11, "did you mean \"minutes\"?"},
        {"resume -1 minutes", "E04", 1, 8, "from 0 to 1440"},
        {"queue 99999999999999999999", "E04", 1, 7, "from 64 to 1000000"},
        {"key bakc 0 Back", "E02", 1, 5, "did you mean \"back\"?"},
        {"key back 0", "E01", 1, 11, "write: key"},
        {"key back x Back", "E04", 1, 10, NULL},
        {"key back 0 Back\nkey back 1 Back", "E03", 2, 5, NULL},
        {"key back 0 Back\nkey home 0 Home", "E03", 2, 10, NULL},
        {"value Hotline 1", "E01", 1, 7, "a-z"},
        {"value a/b 1", "E01", 1, 7, NULL},
        {"value a", "E01", 1, 8, NULL},
        {"value a 1\nvalue a 2", "E03", 2, 7, NULL},
        {"value service x", "E03", 1, 7, NULL},
        {"flags a b a", "E03", 1, 11, NULL},
        {"flags", "E01", 1, 6, NULL},
        {"flags minor\nrestrict minro to casework", "E02", 2, 10, "did you mean \"minor\"?"},
        {"flags minor\nrestrict minor casework", "E01", 2, 24, "write: restrict FLAG... to TEAM"},
        {"flags minor\nrestrict minor to", "E01", 2, 18, NULL},
        {"flags a\nrestrict a to casework\nrestrict a to safeguarding", "E03", 3, 10, NULL},
        {"flags a\nrestrict a to casewrok", "E02", 2, 15, "did you mean \"casework\"?"},
        {"flags a\nrestrict a to boss", "E02", 2, 15, "casework or safeguarding"},
        {"avoid", "E01", 1, 6, NULL},
        {"avoid en", "E01", 1, 9, NULL},
        {"avoid en a,,b", "E01", 1, 10, NULL},
        {"avoid es bono", "E02", 1, 7, NULL},
        {"hours office", "E01", 1, 7, "open mon-fri"},
        {"open mon 08:00-09:00", "E01", 1, 1, "right below its hours"},
        {"hours o\n  open mon 08:00-09:00\nservice X\n  open tue 08:00-09:00", "E01", 4, 3, NULL},
        {"hours o\n  open mon 08:00-09:00\nhours o", "E03", 3, 7, NULL},
        {"hours o\n open mon 08:00-09:00\n open mno 08:00-09:00", "E02", 3, 7, "did you mean \"mon\"?"},
        {"hours o\n open mon 08:00-09:00\n open fri-mon 08:00-09:00", "E04", 3, 7, "one line up to sun"},
        {"hours o\n open mon 08:00-09:00\n open fri 09:00-08:00", "E04", 3, 11, NULL},
        {"hours o\n open mon 08:00-09:00\n open fri 8:00-9:00", "E04", 3, 11, NULL},
        {"hours o\n open mon 08:00-09:00\n open fri 08:00-24:01", "E04", 3, 11, NULL},
        {"hours o\n open mon 08:00-09:00\n open fri 08:60-10:00", "E04", 3, 11, NULL},
        {"hours o\n open mon 08:00-09:00\n open fri 08:00", "E04", 3, 11, NULL},
        {"hours o\n open mon 08:00-09:00\n closed 2026-02-30", "E04", 3, 9, NULL},
        {"hours o\n open mon 08:00-09:00\n closed 1-May", "E01", 3, 9, NULL},
        {"hours o\n open mon 08:00-09:00\n closed 2026-05-01 2026-05-01", "E03", 3, 20, NULL},
        {"secret a x\nsecret a y", "E03", 2, 8, NULL},
        {"secret-file a nowhere.txt", "E02", 1, 15, NULL},
        {"secret-file a .", "E02", 1, 15, NULL},
        {"public-url http://x", "E04", 1, 12, NULL},
        {"public-url http://127.0.0.1.evil.example", "E04", 1, 12, "127.0.0.1"},
        {"public-url http://127.0.0.1@evil.example", "E04", 1, 12, NULL},
        {"public-url http://127.0.0.1:8080/", "E04", 1, 12, NULL},
        {"console-url http://127.0.0.1:8081", "E04", 1, 13, NULL},
        {"public-url https://x/", "E04", 1, 12, NULL},
        {"public-url https://", "E04", 1, 12, NULL},
        {"public-url https://x?y", "E04", 1, 12, NULL},
        {"trusted-proxy", "E01", 1, 14, NULL},
        {"trusted-proxy 10.0.0.0/8 proxy", "E01", 1, 26, NULL},
        {"trusted-proxy 10.0.0.1/8", "E04", 1, 15, "prefix"},
        {"use", "E01", 1, 4, NULL},
        {"use a B c", "E01", 1, 7, NULL},
        {"use a b a", "E03", 1, 9, NULL},
        {"sms-channel Big", "E01", 1, 13, NULL},
        {"default-country +1", "E04", 1, 17, NULL},
        {"default-country 1234", "E04", 1, 17, NULL},
        {"listen 8080", "E04", 1, 8, NULL},
        {"listen localhost:8080", "E04", 1, 8, NULL},
        {"listen 127.0.0.1:65536", "E04", 1, 8, NULL},
        {"listen 127.0.0.1:", "E04", 1, 8, NULL},
        {"listen ::1:80", "E04", 1, 8, NULL},
        {"session ussd 0 minutes", "E04", 1, 14, NULL},
        {"session uucp 5 minutes", "E02", 1, 9, NULL},
        {"service caf\xE9", "E01", 1, 12, "UTF-8"},
        {"| x", "E01", 1, 1, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f = read_in(span_of(rows[i].text), "config");
        if (diags_count(f.d) != 1)
            print_error("%s\n", rows[i].text);
        assert_int_equal(diags_count(f.d), 1);
        const struct diag *one = diags_at(f.d, 0);
        assert_string_equal(one->code, rows[i].code);
        assert_int_equal(one->at.line, rows[i].line);
        assert_int_equal(one->at.column, rows[i].column);
        assert_true(!rows[i].hint || memmem(one->hint.p, one->hint.len, rows[i].hint, strlen(rows[i].hint)));
        assert_true(f.s.language_count > 0 && f.s.zone.len && f.s.queue_max && f.s.listen.len); // the rest is usable
        done(&f);
    }
}

static void this_machines_own_gateway_reaches_us_without_tls(void **state)
{
    (void)state;
    static const char *const fine[] = {"http://127.0.0.1:8080", "http://localhost", "http://[::1]:8080/waymark"};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "public-url %s", fine[i]);
        struct fixture f = read_in(span_of(text), "config");
        assert_int_equal(diags_count(f.d), 0);
        assert_true(span_is(f.s.public_url, fine[i]));
        done(&f);
    }
}

static void secrets_never_show_in_messages(void **state)
{
    (void)state;
    struct fixture f = read_in(SPAN("secret a hunter2\nsecret a hunter2\nsecret A hunter2\n"), ".");
    struct str out = STR_INIT(10000);
    diags_text(f.d, &out);
    diags_json(f.d, &out);
    assert_int_equal(diags_errors(f.d), 2);
    assert_null(strstr(str_z(&out), "hunter2"));
    str_release(&out);
    done(&f);
}

static void write_text(const char *path, struct span text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text.p, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static void secrets_come_from_files_beside_the_configuration(void **state)
{
    (void)state;
    static const char pem_text[] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    char folder[] = P_tmpdir "/waymark-config-XXXXXX", conf[64], key[64], empty[64], pem[64];
    assert_non_null(mkdtemp(folder));
    snprintf(conf, sizeof conf, "%s/waymark.conf", folder);
    snprintf(pem, sizeof pem, "%s/pem", folder);
    write_text(pem, span_of(pem_text));
    snprintf(key, sizeof key, "%s/key", folder);
    snprintf(empty, sizeof empty, "%s/empty", folder);
    write_text(conf, SPAN("secret-file at-key key\r\nsecret-file none empty\nsecret-file pem pem\n"));
    write_text(key, SPAN("s3cret \r\nsecond\n"));
    write_text(empty, SPAN("\nsecond\n"));
    struct fixture f = {.a = arena_new(1 << 20), .d = diags_new()};
    assert_int_equal(config_load(conf, f.a, f.d, &f.s), 0);
    expect_span(config_secret(&f.s, SPAN("at-key")), "s3cret");
    expect_span(config_secret(&f.s, SPAN("pem")), pem_text); // RFC 7468: all of its lines
    assert_int_equal(diags_count(f.d), 1);
    assert_string_equal(diags_at(f.d, 0)->code, "E04");
    assert_int_equal(diags_at(f.d, 0)->at.line, 2);
    assert_int_equal(config_load(folder, f.a, f.d, &f.s), ERR_IO);
    unlink(pem);
    unlink(conf);
    assert_int_equal(config_load(conf, f.a, f.d, &f.s), ERR_MISSING);
    done(&f);
    unlink(key);
    unlink(empty);
    rmdir(folder);
}

static void the_demonstration_is_configured(void **state)
{
    (void)state;
    struct fixture f = {.a = arena_new(1 << 20), .d = diags_new()};
    assert_int_equal(config_load("config/waymark.conf", f.a, f.d, &f.s), 0);
    assert_int_equal(diags_count(f.d), 0);
    expect_span(f.s.service, "Waymark Info");
    expect_span(f.s.menus, "menus/main.menu");
    expect_span(f.s.channels, "config/channels");
    expect_span(f.s.sms_channel, "africastalking-sms");
    assert_int_equal(f.s.keep_case_days, 90);
    expect_span(config_value(&f.s, SPAN("keep_days")), "90");
    done(&f);
}

static void every_row_has_its_help(void **state)
{
    (void)state;
    size_t rows = 0;
    for (const struct config_help *h; (h = config_help(rows)); rows++) {
        struct span name = span_of(h->name);
        assert_true(span_starts(span_of(h->form), name));
        assert_non_null(h->fallback);
        assert_non_null(h->unit);
        assert_true(strlen(h->prose) > 10 && h->prose[strlen(h->prose) - 1] == '.');
    }
    assert_true(rows > 30);
    assert_null(config_help(rows));
}

static void no_memory_is_told(void **state)
{
    (void)state;
    int rc = ERR_NOMEM;
    for (int nth = 0; rc != 0; nth++) {
        assert_in_range(nth, 0, 40);
        struct arena *a = arena_new(1 << 20);
        struct diags *d = diags_new();
        struct settings s;
        mem_fail_after(nth);
        rc = config_read("w.conf", span_of(full), ".", a, d, &s);
        mem_fail_after(-1);
        assert_true(rc == 0 || rc == ERR_NOMEM);
        assert_int_equal(diags_errors(d), 0);
        diags_free(d);
        arena_free(a);
    }
    rc = ERR_NOMEM;
    for (size_t room = 0; rc != 0; room += 16) { // every allocation in the arena fails once
        assert_in_range(room, 0, 100000);
        struct arena *a = arena_new(room);
        struct diags *d = diags_new();
        struct settings s;
        rc = config_read("w.conf", span_of(full), ".", a, d, &s);
        assert_true(rc == 0 || rc == ERR_NOMEM);
        diags_free(d);
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_gives_the_defaults),
        cmocka_unit_test(every_statement_is_read),
        cmocka_unit_test(paths_start_from_the_files_folder),
        cmocka_unit_test(mistakes_are_told_where_they_are),
        cmocka_unit_test(this_machines_own_gateway_reaches_us_without_tls),
        cmocka_unit_test(secrets_never_show_in_messages),
        cmocka_unit_test(secrets_come_from_files_beside_the_configuration),
        cmocka_unit_test(the_demonstration_is_configured),
        cmocka_unit_test(every_row_has_its_help),
        cmocka_unit_test(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
