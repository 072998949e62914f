// SPDX-License-Identifier: AGPL-3.0-or-later
/* The worked example of the menu language, page by page: answers, keys, parts, consent and what is registered. */
#include "dialogue_example.h"

/* ---- the worked example ---- */

static void an_adult_asks_for_a_call(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_at(ph, "language");
    phone_type(ph, "1");
    phone_says(ph, "Return Help: free, private, your choice.\n1 What help can I get\n2 Ask us to call you\n"
                   "3 Check my request\n4 Complain\n5 Stop or delete\n9 Language");
    phone_type(ph, "2");
    phone_at(ph, "agree");
    assert_true(phone_shows(ph, "\n0 Back 00 Home 99 Exit\n98 More"));
    phone_types(ph, "98|1");
    phone_at(ph, "risks");
    assert_non_null(phone_did(ph, EFFECT_AGREE));
    assert_true(span_is(phone_did(ph, EFFECT_AGREE)->version, "2026-02"));
    assert_true(span_is(phone_did(ph, EFFECT_AGREE)->typed, "1"));
    assert_true(span_starts(phone_did(ph, EFFECT_AGREE)->text, SPAN("We keep your number")));
    phone_type(ph, "1");
    phone_at(ph, "age");
    phone_type(ph, "twenty");
    assert_true(ph->out.wrong);
    assert_true(phone_shows(ph, "Please type your age in numbers, for example 24.\nHow old are you?\n"));
    phone_type(ph, "٢٤");
    phone_at(ph, "country");
    phone_types(ph, "Ghana|2");
    phone_at(ph, "safe-contact");
    phone_types(ph, "2|Mon after 18:00");
    const struct effect *e = phone_did(ph, EFFECT_REGISTER);
    assert_non_null(e);
    assert_true(span_is(e->name, "request"));
    assert_true(span_is(e->priority, "normal"));
    assert_int_equal(e->flag_count, 0);
    assert_int_equal(e->field_count, 5);
    assert_true(span_is(e->fields[0].value, "24"));
    assert_true(span_is(e->fields[4].value, "Mon after 18:00"));
    assert_true(span_is(e->needs, "agree"));
    assert_int_equal(e->reference.len, 6);
    assert_int_equal(ph->send_count, 1);
    assert_true(span_starts(ph->sends[0], SPAN("Your request number: ")));
    assert_true(phone_shows(ph, "We will call you today or tomorrow."));
    assert_false(phone_shows(ph, "next working day"));
    assert_false(ph->out.screen.more);
    phone_type(ph, "1");
    phone_says(ph, "Please dial again.");
}

static void a_child_is_not_signed_up(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2|98|1|1|16");
    phone_at(ph, "child");
    phone_types(ph, "1|1");
    const struct effect *e = phone_did(ph, EFFECT_REGISTER);
    assert_non_null(e);
    assert_true(span_is(e->name, "child-help"));
    assert_true(span_is(e->priority, "urgent"));
    assert_int_equal(e->flag_count, 1);
    assert_true(span_is(e->flags[0], "minor"));
    assert_false(ph->out.screen.more);
}

static void refusing_keeps_nothing(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2|98|2");
    assert_non_null(phone_did(ph, EFFECT_REFUSE));
    assert_null(phone_did(ph, EFFECT_REGISTER));
    phone_says(ph, "We keep nothing about you. Call free 80 10 10 10.");
    assert_false(ph->out.screen.more);
}

static void agreeing_acts_on_the_last_page_only(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2");
    assert_int_equal(ph->out.pages, 2);
    phone_type(ph, "1");
    assert_true(ph->out.wrong);
    assert_null(phone_did(ph, EFFECT_AGREE));
    phone_at(ph, "agree");
    assert_true(phone_shows(ph, "We keep your number")); // the text again, not the choice behind it
    while (!phone_shows(ph, "1 I agree"))
        phone_type(ph, "98");
    phone_type(ph, "1");
    assert_non_null(phone_did(ph, EFFECT_AGREE));
    assert_true(span_starts(phone_did(ph, EFFECT_AGREE)->text, SPAN("We keep your number")));
}

static void a_wrong_answer_stays_where_the_options_are(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2|98|7");
    assert_true(ph->out.wrong);
    phone_says(ph, "Please choose a number from the list.\n1 I agree\n2 I do not agree\n0 Back 00 Home 99 Exit");
    phone_type(ph, "I do not agree.");
    assert_non_null(phone_did(ph, EFFECT_REFUSE));
}

static void back_goes_a_page_then_a_screen(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2|98|0");
    phone_at(ph, "agree");
    assert_int_equal(ph->out.page, 0);
    phone_types(ph, "98|98"); // no page follows the second: not a key there
    assert_true(ph->out.wrong);
    phone_type(ph, "0");
    phone_at(ph, "main");
    phone_type(ph, "0"); // nothing to go back to: not a key here
    assert_true(ph->out.wrong);
    phone_at(ph, "main");
}

static void back_undoes_answers(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2|98|1|1|24|Ghana");
    phone_at(ph, "forced");
    size_t before = ph->s.value_count;
    phone_type(ph, "0");
    phone_at(ph, "country");
    assert_int_equal(ph->s.value_count, before - 1);
    phone_type(ph, "Mali");
    phone_type(ph, "1"); // forced: into the part
    phone_at(ph, "safe-contact");
    assert_int_equal(ph->s.return_count, 1);
    phone_type(ph, "0"); // out of the part
    phone_at(ph, "forced");
    assert_int_equal(ph->s.return_count, 0);
    phone_types(ph, "1|1");
    const struct effect *e = phone_did(ph, EFFECT_REGISTER);
    assert_true(span_is(e->fields[1].value, "Mali"));
    assert_true(span_is(e->fields[2].value, "yes"));
    assert_int_equal(e->field_count, 4); // no safe_time
    assert_true(span_is(e->priority, "urgent"));
}

static void home_and_exit(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2|98|1|1|24|00");
    phone_at(ph, "main");
    assert_int_equal(ph->s.history_count, 0);
    assert_int_equal(ph->s.value_count, 0);
    phone_types(ph, "2|99");
    phone_says(ph, "Goodbye.");
    assert_false(ph->out.screen.more);
    assert_true(ph->s.left);
}

static void a_key_in_a_number_range_has_another_form(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2|98|1|1"); // 5..110 holds 99
    assert_true(phone_shows(ph, "0 Back 00 Home ** Exit"));
    phone_type(ph, "99");
    phone_at(ph, "country");
}

static void too_many_tries_give_up(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2|98|1|1|a|b|c");
    phone_says(ph, "Please call us free: 80 10 10 10.");
    assert_false(ph->out.screen.more);
}

static void a_part_gives_up_by_returning(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2|98|1|1|24|Ghana|2|2|?|!|-");
    assert_non_null(phone_did(ph, EFFECT_REGISTER));
}

static void registering_leaves_no_way_back(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|4|The driver was rude");
    const struct effect *e = phone_did(ph, EFFECT_REGISTER);
    assert_true(e->anonymous);
    assert_int_equal(e->needs.len, 0);
    phone_at(ph, "main");
    assert_true(phone_shows(ph, "Thank you. A different team will read this.\nReturn Help"));
    assert_false(phone_shows(ph, "Back"));
}

static void a_second_request_corrects_the_first(void **state)
{
    struct phone *ph = *state;
    for (int i = 0; i < 2; i++) {
        phone_dial(ph);
        phone_types(ph, "1|2|98|1|1|24|Ghana|2|1");
        assert_int_equal(phone_did(ph, EFFECT_REGISTER)->correction, i);
    }
    assert_true(span_eq(ph->cases[0].reference, phone_did(ph, EFFECT_REGISTER)->reference));
}

static void a_case_is_found_by_its_reference(void **state)
{
    struct phone *ph = *state;
    ph->cases[0] = (struct person_case){SPAN("request"), SPAN("K7M3QX"), SPAN("new"), true, 0};
    ph->person.case_count = 1;
    phone_dial(ph);
    phone_types(ph, "1|3|k7m-3qx");
    assert_true(phone_shows(ph, "We have your request. We call within 2 days."));
    phone_types(ph, "3|K7M3QY");
    assert_true(phone_shows(ph, "No such request from this phone."));
}

static void an_expired_fact_is_not_said(void **state)
{
    struct phone *ph = *state;
    ph->in.today = 20697; // 2026-09-01, its last day
    phone_dial(ph);
    phone_types(ph, "1|1");
    assert_true(phone_shows(ph, "up to 2000 euro"));
    ph->in.today++;
    phone_dial(ph);
    phone_types(ph, "1|1");
    assert_true(phone_shows(ph, "This information is being checked."));
    assert_false(phone_shows(ph, "2000"));
}

static void register_leads_to_what_is_missing(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2|98|1|1|24|Ghana|2");
    phone_at(ph, "safe-contact");
    phone_withdraw(ph); // as by an SMS in the meantime
    phone_type(ph, "1");
    assert_null(phone_did(ph, EFFECT_REGISTER));
    phone_at(ph, "agree");
}

static void what_was_shown_is_told_with_consent(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2|98|1|0|98|2"); // agree, risks shown, back, refuse
    const struct effect *e = phone_did(ph, EFFECT_REFUSE);
    assert_non_null(e);
    bool risks = false, help = false;
    for (size_t i = 0; i < e->seen_count; i++) {
        risks |= span_is(e->seen[i].screen, "risks") && e->seen[i].shown;
        help |= span_is(e->seen[i].screen, "help") && !e->seen[i].shown;
    }
    assert_true(risks && help);
}

static void a_long_final_text_ends_with_its_last_page(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|5");
    ph->in.profile.septets = 60;
    phone_type(ph, "1");
    assert_non_null(phone_did(ph, EFFECT_WITHDRAW));
    phone_says(ph, "Done. We will not contact you again.\n98 More");
    assert_true(ph->out.screen.more);
    phone_type(ph, "1");
    assert_true(ph->out.wrong);
    assert_null(phone_did(ph, EFFECT_WITHDRAW));
    phone_type(ph, "98");
    phone_says(ph, "To delete too, send DELETE.");
    assert_false(ph->out.screen.more);
}

static void drafts_are_offered_only_where_allowed(void **state)
{
    struct phone *ph = *state;
    ph->in.drafts = false;
    phone_dial(ph);
    assert_true(phone_shows(ph, "\n1 English"));
    assert_false(phone_shows(ph, "\n2 "));
    phone_type(ph, "2");
    assert_true(ph->out.wrong);
    ph->in.drafts = true;
    phone_dial(ph);
    phone_type(ph, "3");
    assert_string_equal(ph->s.language, "ar");
}

/* ---- parts ---- */

static const char parts_menu[] =
    "start top\ntrigger top\n  words en HELP\n  words fr AIDE\n  words ar NAJDA\n"
    "trigger gone\n  words en STOP\n  words fr ARRET\n  words ar QIF\n"
    "screen gone\n  erase\n  say Gone.\n  -> end\n"
    "screen top\n  say Top.\n  option 1 One -> p then one\n  option 2 End -> end\n  option 3 Quiet -> quiet\n"
    "screen one\n  say One.\n  option 1 Go on -> p then two\n  option 2 Top -> top\n"
    "screen two\n  say Two.\n  option 1 Top -> top\n"
    "part p\n  ask P?\n  into p\n  option 1 Yes = yes\n  option 2 More = more\n  when p = more: -> p/more then return\n"
    "  -> return\n"
    "part p/more\n  ask More?\n  into m\n  option 1 Yes = yes\n  -> return\n"
    "screen quiet\n  no-resume\n  hide back exit\n  ask Name?\n  into name\n  kind text 1..9\n"
    "  error No.\n  tries 9 -> top\n  say {name}\n  -> top\n";

static void back_opens_a_finished_part_again(void **state)
{
    (void)state;
    struct phone ph;
    phone_open_for(&ph, phone_menus(parts_menu));
    phone_dial(&ph);
    phone_types(&ph, "1|2|1"); // the part, its inner part, back in the outer menu
    phone_at(&ph, "one");
    phone_type(&ph, "1"); // the same part, to lead elsewhere
    phone_types(&ph, "0|0");
    phone_at(&ph, "p/more");
    assert_int_equal(ph.s.return_count, 2);
    phone_type(&ph, "1");
    phone_at(&ph, "one"); // where it led the first time
    phone_types(&ph, "1|1");
    phone_at(&ph, "two");
    program_free((struct program *)ph.p);
    phone_close(&ph);
}

static void hidden_keys_and_quiet_screens(void **state)
{
    (void)state;
    struct phone ph;
    phone_open_for(&ph, phone_menus(parts_menu));
    phone_dial(&ph);
    phone_type(&ph, "3");
    phone_says(&ph, "Name?\n00 Home");
    assert_false(dialogue_resumable(ph.p, &ph.s));
    phone_type(&ph, "0"); // hidden: an answer
    assert_true(phone_shows(&ph, "0\nTop."));
    program_free((struct program *)ph.p);
    phone_close(&ph);
}

/* A page of 80 units is too small for all keys and a text: where another page follows, there are Back and More. */
static void keys_make_room_where_a_page_follows(void **state)
{
    (void)state;
    struct phone ph;
    phone_open_for(
        &ph, phone_menus("start top\nscreen top\n  say Top.\n  option 1 On -> far\n  option 2 Off -> end\n"
                         "screen far\n  say слово слово слово слово слово слово слово слово слово слово слово слово.\n"
                         "  option 1 On -> top\n"));
    phone_dial(&ph);
    phone_type(&ph, "1");
    phone_says(&ph, "слово слово слово слово слово слово слово слово слово слово слово\n0 Back\n98 More");
    phone_type(&ph, "98");
    phone_says(&ph, "слово.\n1 On\n0 Back 00 Home 99 Exit");
    phone_type(&ph, "00");
    phone_at(&ph, "top");
    phone_types(&ph, "1|00"); // only what is shown acts
    assert_true(ph.out.wrong);
    phone_at(&ph, "far");
    program_free((struct program *)ph.p);
    phone_close(&ph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_adult_asks_for_a_call),
        TEST(a_child_is_not_signed_up),
        TEST(refusing_keeps_nothing),
        TEST(agreeing_acts_on_the_last_page_only),
        TEST(a_wrong_answer_stays_where_the_options_are),
        TEST(back_goes_a_page_then_a_screen),
        TEST(back_undoes_answers),
        TEST(home_and_exit),
        TEST(a_key_in_a_number_range_has_another_form),
        TEST(too_many_tries_give_up),
        TEST(a_part_gives_up_by_returning),
        TEST(registering_leaves_no_way_back),
        TEST(a_second_request_corrects_the_first),
        TEST(a_case_is_found_by_its_reference),
        TEST(an_expired_fact_is_not_said),
        TEST(register_leads_to_what_is_missing),
        TEST(what_was_shown_is_told_with_consent),
        TEST(a_long_final_text_ends_with_its_last_page),
        TEST(drafts_are_offered_only_where_allowed),
        TEST(back_opens_a_finished_part_again),
        TEST(hidden_keys_and_quiet_screens),
        TEST(keys_make_room_where_a_page_follows),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
