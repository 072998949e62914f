// SPDX-License-Identifier: AGPL-3.0-or-later
/* The folder of channel files: what the shipped ones say, which are kept, and failing allocations. */
#include "channel_fixture.h"

static void the_shipped_files_are_free_of_mistakes(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    struct channel_set *set = NULL;
    assert_int_equal(channel_set_load("config/channels", &settings, d, &set), 0);
    assert_int_equal(diags_count(d), 0);
    const struct channel *ussd = channel_set_get(set, SPAN("africastalking"));
    const struct channel *sms = channel_set_get(set, SPAN("africastalking-sms"));
    const struct channel *phone = channel_set_get(set, SPAN("phone"));
    for (size_t i = 1; channel_set_at(set, i); i++)
        assert_true(span_cmp(channel_name(channel_set_at(set, i - 1)), channel_name(channel_set_at(set, i))) < 0);
    assert_null(channel_set_get(set, SPAN("nobody")));
    assert_null(channel_set_at(set, 1000));
    assert_int_equal(channel_medium(ussd), MEDIUM_USSD);
    assert_int_equal(channel_profile(ussd, MEDIUM_USSD).septets, 182);
    assert_int_equal(channel_profile(ussd, MEDIUM_USSD).units, 80);
    assert_int_equal(channel_profile(sms, MEDIUM_SMS).septets, 3 * 153);
    assert_int_equal(channel_profile(sms, MEDIUM_SMS).units, 3 * 67);
    assert_int_equal(channel_session_s(ussd), 600);
    assert_int_equal(channel_session_s(sms), 7200);
    assert_int_equal(channel_lost(ussd), LOST_END);
    assert_true(channel_answers_inline(phone) && !channel_answers_inline(sms));
    assert_true(channel_accepts(ussd, SPAN("POST")) && !channel_accepts(ussd, SPAN("GET")));
    assert_false(channel_can_send(sms)); // no at-key
    assert_false(channel_private_hosts(sms) || channel_experimental(sms));
    assert_true(span_is(channel_title(ussd), "Africa's Talking USSD"));
    channel_set_free(set);
    diags_free(d);
}

static void a_folder_that_is_not_there_is_missing(void **state)
{
    (void)state;
    struct diags *d = diags_new();
    struct channel_set *set = NULL;
    assert_int_equal(channel_set_load("config/no-such-folder", &settings, d, &set), ERR_MISSING);
    diags_free(d);
}

/* What is not in use is gone; a name without a file, and an sms-channel that is not in use, are told. */
static void only_channels_in_use_are_kept(void **state)
{
    (void)state;
    static const struct span uses[] = {SPAN("phone"), SPAN("africastalking-sm"), SPAN("nobody")};
    static const char *const told[] = {
        "config/channels: error E02: there is no file config/channels/africastalking-sm.channel\n"
        "  hint: did you mean \"africastalking-sms\"?",
        "config/channels: error E02: there is no file config/channels/nobody.channel",
        "config/channels: error E02: the sms-channel \"africastalking-sms\" is not in use\n  hint: in waymark.conf: "
        "use "
        "africastalking-sms"};
    for (size_t count = 0; count <= 3; count++) {
        const struct settings used = {.demonstration = true,
                                      .uses = uses,
                                      .use_count = count,
                                      .sms_channel = count == 3 ? SPAN("africastalking-sms") : (struct span){0}};
        struct diags *d = diags_new();
        struct str text = STR_INIT(65536);
        struct channel_set *set = NULL;
        assert_int_equal(channel_set_load("config/channels", &used, d, &set), 0);
        assert_int_equal(channel_set_use(set, "config/channels", &used, d), count < 2 ? 0 : ERR_REFUSED);
        assert_int_equal(channel_set_get(set, SPAN("phone")) != NULL, count > 0);
        assert_null(channel_set_at(set, 1));
        assert_null(channel_set_get(set, SPAN("africastalking")));
        diags_text(d, &text);
        for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
            assert_int_equal(strstr(str_z(&text), told[i]) != NULL, count == 3 || (count == 2 && i == 0));
        str_release(&text);
        channel_set_free(set);
        diags_free(d);
    }
}

/* Every allocation fails once: reading gives ERR_NOMEM and loses nothing (ASan), or finds no need of it. */
static void reading_survives_every_failing_allocation(void **state)
{
    (void)state;
    for (long nth = 0; nth < 5000; nth++) {
        struct diags *d = diags_new();
        struct channel_set *set = NULL;
        mem_fail_after(nth);
        int rc = channel_set_load("config/channels", &settings, d, &set);
        mem_fail_after(-1);
        diags_free(d);
        assert_true(rc == ERR_NOMEM || rc == 0);
        if (rc == 0) {
            channel_set_free(set);
            return;
        }
    }
    fail_msg("it never succeeded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_files_are_free_of_mistakes),
        cmocka_unit_test(a_folder_that_is_not_there_is_missing),
        cmocka_unit_test(only_channels_in_use_are_kept),
        cmocka_unit_test(reading_survives_every_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
