// SPDX-License-Identifier: AGPL-3.0-or-later
#include "outbox/hosts.h"

#include "base/err.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static bool is_public(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return hosts_public((const struct sockaddr *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return hosts_public((const struct sockaddr *)&v6);
}

static void both_ends_of_every_special_range_are_refused_and_their_neighbours_are_not(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        bool public;
    } rows[] = {
        {"0.0.0.0", false},
        {"0.255.255.255", false},
        {"1.0.0.0", true},
        {"9.255.255.255", true},
        {"10.0.0.0", false},
        {"10.255.255.255", false},
        {"11.0.0.0", true},
        {"100.63.255.255", true},
        {"100.64.0.0", false},
        {"100.127.255.255", false},
        {"100.128.0.0", true},
        {"126.255.255.255", true},
        {"127.0.0.1", false},
        {"127.255.255.255", false},
        {"128.0.0.0", true},
        {"169.253.255.255", true},
        {"169.254.0.0", false},
        {"169.254.169.254", false}, // where clouds keep their secrets
        {"169.254.255.255", false},
        {"169.255.0.0", true},
        {"172.15.255.255", true},
        {"172.16.0.0", false},
        {"172.31.255.255", false},
        {"172.32.0.0", true},
        {"192.0.0.255", false},
        {"192.0.1.0", true},
        {"192.0.2.1", false},
        {"192.0.3.0", true},
        {"192.88.99.1", false},
        {"192.167.255.255", true},
        {"192.168.0.0", false},
        {"192.168.255.255", false},
        {"192.169.0.0", true},
        {"198.17.255.255", true},
        {"198.18.0.0", false},
        {"198.19.255.255", false},
        {"198.20.0.0", true},
        {"198.51.100.7", false},
        {"203.0.113.7", false},
        {"223.255.255.255", true},
        {"224.0.0.0", false},
        {"239.255.255.255", false},
        {"240.0.0.0", false},
        {"255.255.255.255", false},
        {"::", false},
        {"::1", false},
        {"::8.8.8.8", false},     // IPv4-compatible, long deprecated
        {"::ffff:8.8.8.8", true}, // IPv4-mapped
        {"::ffff:127.0.0.1", false},
        {"::ffff:10.1.2.3", false},
        {"::fffe:8.8.8.8", false},
        {"64:ff9b::8.8.8.8", true}, // NAT64
        {"64:ff9b::192.168.1.1", false},
        {"64:ff9b:1::8.8.8.8", false},
        {"100::1", false},
        {"1fff:ffff::1", false},
        {"2000::1", true},
        {"2001::1", false}, // Teredo
        {"2001:1ff:ffff::1", false},
        {"2001:200::1", true},
        {"2001:db8::1", false},
        {"2001:db9::1", true},
        {"2002:7f00:1::1", false}, // 6to4 of 127.0.0.1
        {"2003::1", true},
        {"2a00:1450::1", true},
        {"3ffe:ffff::1", true},
        {"3fff::1", false},
        {"3fff:fff:ffff::1", false},
        {"3fff:1000::1", true},
        {"4000::1", false},
        {"fbff::1", false},
        {"fc00::1", false},
        {"fdff::1", false},
        {"fe80::1", false},
        {"fec0::1", false},
        {"ff02::1", false},
        {"ff0e::1", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (is_public(rows[i].address) != rows[i].public)
            fail_msg("%s is taken for %s", rows[i].address, rows[i].public ? "special" : "public");
}

static void what_is_not_the_internet_is_refused(void **state)
{
    (void)state;
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    assert_false(hosts_public((const struct sockaddr *)&local));
}

/* Two channels, one that may call private hosts; and one that cannot send at all. */
static const char head[] = "title T\nmedium sms\nreceive POST form\nfield id from form id\nfield from from form from\n"
                           "field text from form text\nrepeat id\n";

static void write_channel(const char *folder, const char *name, const char *rest)
{
    char path[128];
    struct str text = STR_INIT(4096);
    snprintf(path, sizeof path, "%s/%s.channel", folder, name);
    str_addz(&text, head);
    str_addz(&text, rest);
    assert_int_equal(file_write(path, str_span(&text), 0600), 0);
    str_release(&text);
}

static void a_channel_may_call_the_host_of_its_own_file_and_no_other(void **state)
{
    (void)state;
    static const char *const names[] = {"strict", "near", "mute"};
    static const struct {
        const char *channel, *url;
        int rc;
    } rows[] = {
        {"strict", "https://api.example.org/send", 0},
        {"strict", "https://API.example.org/send?to=x", 0},
        {"strict", "http://api.example.org/send", ERR_REFUSED},
        {"strict", "ftp://api.example.org/send", ERR_REFUSED},
        {"strict", "https://api.example.org.evil.example/send", ERR_REFUSED},
        {"strict", "https://example.org/send", ERR_REFUSED},
        {"strict", "https://10.0.0.7/send", ERR_REFUSED},
        {"near", "http://10.0.0.7:13013/send", 0},
        {"near", "https://10.0.0.7/send", 0},
        {"near", "http://10.0.0.8/send", ERR_REFUSED},
        {"near", "gopher://10.0.0.7/send", ERR_REFUSED},
        {"mute", "https://api.example.org/send", ERR_REFUSED},
    };
    char folder[] = P_tmpdir "/waymark-hosts-XXXXXX", path[128];
    assert_non_null(mkdtemp(folder));
    write_channel(folder, "strict", "send POST https://api.example.org/send\nsend-form to {to}\n");
    write_channel(folder, "near", "allow private\nsend POST http://10.0.0.7:13013/send\nsend-form to {to}\n");
    write_channel(folder, "mute", "");
    struct settings settings = {0};
    struct diags *d = diags_new();
    struct channel_set *set;
    struct hosts *hosts;
    assert_int_equal(channel_set_load(folder, &settings, d, &set), 0);
    assert_int_equal(hosts_new(set, &hosts), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CURLU *url;
        assert_int_equal(hosts_url(rows[i].url, &url), 0);
        const struct channel *c = channel_set_get(set, span_of(rows[i].channel));
        if (hosts_check(hosts, c, url) != rows[i].rc)
            fail_msg("%s: %s", rows[i].channel, rows[i].url);
        curl_url_cleanup(url);
    }
    hosts_free(hosts);
    channel_set_free(set);
    diags_free(d);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s.channel", folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void a_token_is_asked_for_at_its_own_host_and_messages_do_not_go_there(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        int message, token;
    } rows[] = {
        {"https://api.example.org/send", 0, ERR_REFUSED},
        {"https://auth.example.org/token", ERR_REFUSED, 0},
        {"http://auth.example.org/token", ERR_REFUSED, ERR_REFUSED},
        {"https://example.org/token", ERR_REFUSED, ERR_REFUSED},
    };
    static const struct settings_secret secret = {SPAN("k"), SPAN("v")};
    static const struct settings settings = {.secrets = &secret, .secret_count = 1};
    char folder[] = P_tmpdir "/waymark-hosts-XXXXXX", path[128];
    assert_non_null(mkdtemp(folder));
    write_channel(folder, "guarded",
                  "send POST https://api.example.org/send\nsend-form to {to}\n"
                  "send-auth oauth2 https://auth.example.org/token client $k $k\n");
    struct diags *d = diags_new();
    struct channel_set *set;
    struct hosts *hosts;
    assert_int_equal(channel_set_load(folder, &settings, d, &set), 0);
    assert_int_equal(hosts_new(set, &hosts), 0);
    const struct channel *c = channel_set_get(set, SPAN("guarded"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CURLU *url;
        assert_int_equal(hosts_url(rows[i].url, &url), 0);
        if (hosts_check(hosts, c, url) != rows[i].message || hosts_check_token(hosts, c, url) != rows[i].token)
            fail_msg("%s", rows[i].url);
        curl_url_cleanup(url);
    }
    hosts_free(hosts);
    channel_set_free(set);
    diags_free(d);
    snprintf(path, sizeof path, "%s/guarded.channel", folder);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

static void an_address_with_a_user_name_is_no_address(void **state)
{
    (void)state;
    static const char *const bad[] = {"https://api.example.org@evil.example/", "https://u:p@h/", "nonsense://", ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CURLU *url = NULL;
        assert_int_equal(hosts_url(bad[i], &url), ERR_SYNTAX);
        assert_null(url);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_of_every_special_range_are_refused_and_their_neighbours_are_not),
        cmocka_unit_test(what_is_not_the_internet_is_refused),
        cmocka_unit_test(a_channel_may_call_the_host_of_its_own_file_and_no_other),
        cmocka_unit_test(a_token_is_asked_for_at_its_own_host_and_messages_do_not_go_there),
        cmocka_unit_test(an_address_with_a_user_name_is_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
