// SPDX-License-Identifier: AGPL-3.0-or-later
#include "dialogue_phone.h"

static struct program *example;

static int open_example(void **state)
{
    struct phone *ph = calloc(1, sizeof *ph);
    phone_open_for(ph, example);
    *state = ph;
    return 0;
}

static int close_example(void **state)
{
    phone_close(*state);
    free(*state);
    return 0;
}

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

/* ---- stopping ---- */

static void stop_wins_in_the_middle_of_a_question(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|4|STOP");
    assert_non_null(phone_did(ph, EFFECT_WITHDRAW));
    assert_true(span_is(phone_did(ph, EFFECT_WITHDRAW)->name, "agree"));
    phone_at(ph, "stopped");
    assert_true(ph->s.left);
    assert_false(ph->out.screen.more);
}

static void stop_with_more_words_holds_and_asks(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|4|Stop, please!");
    assert_non_null(phone_did(ph, EFFECT_WITHDRAW));
    phone_says(ph, "We stopped all contact. Is that what you want?\n1 Yes, stop\n2 No, go on");
    assert_int_equal(ph->out.screen_name.len, 0);
    phone_type(ph, "7");
    assert_true(ph->out.wrong);
    phone_type(ph, "2");
    assert_non_null(phone_did(ph, EFFECT_RESTART));
    phone_at(ph, "complain");
    assert_true(span_starts(ph->out.screen.text, SPAN("If you asked for a call, please ask again.\n")));
    phone_types(ph, "stop it now please ok|1");
    phone_at(ph, "stopped");
    phone_dial(ph);
    phone_types(ph, "1|4|stop the driver was very rude"); // six words: an answer
    assert_null(phone_did(ph, EFFECT_WITHDRAW));
    assert_non_null(phone_did(ph, EFFECT_REGISTER));
}

static void stop_words_are_known_before_the_queue(void **state)
{
    struct phone *ph = *state;
    const char *stops[] = {"STOP", " stop. ", "Arrêt", "توقف", "delete", "\"Cancel\""};
    const char *others[] = {"1", "", "*123#", "help", "stop please", "nonstop", "98"};
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
        if (!dialogue_is_stop(ph->p, span_of(stops[i])))
            fail_msg("not a stop word: %s", stops[i]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (dialogue_is_stop(ph->p, span_of(others[i])))
            fail_msg("a stop word: %s", others[i]);
}

/* ---- SMS ---- */

static void sms(struct phone *ph, enum dialogue_input_kind kind, const char *text)
{
    ph->in.profile = (struct profile){.medium = MEDIUM_SMS, .septets = 306, .units = 134};
    phone_step(ph, kind, text);
}

static void an_sms_begins_with_its_keyword(void **state)
{
    struct phone *ph = *state;
    ph->s.screen = PROGRAM_NONE;
    sms(ph, INPUT_BEGIN, "stop.");
    phone_says(ph, "Done. We will not contact you again. To delete too, send DELETE.");
    sms(ph, INPUT_TEXT, "STATUS k7m3qx"); // the dialogue was over: a new one
    assert_true(phone_shows(ph, "No such request from this phone. Call 80 10 10 10.\n"));
    phone_at(ph, "main");
    assert_false(phone_shows(ph, "Home"));
    sms(ph, INPUT_BEGIN, "AIDE");
    assert_true(span_is(span_of(ph->s.language), "fr"));
    phone_at(ph, "main");
}

static void an_sms_that_fits_nothing_goes_to_the_open_case(void **state)
{
    struct phone *ph = *state;
    ph->s.screen = PROGRAM_NONE;
    sms(ph, INPUT_BEGIN, "when do you call?");
    phone_at(ph, "language");
    ph->cases[0] = (struct person_case){SPAN("request"), SPAN("K7M3QX"), SPAN("new"), true, 0};
    ph->person.case_count = 1;
    sms(ph, INPUT_BEGIN, "when do you call?");
    assert_true(span_is(phone_did(ph, EFFECT_FORWARD)->text, "when do you call?"));
    phone_says(ph, "Your message goes to the team that has your request.");
}

/* Told in the middle of a menu, by either way: the team gets it, and the page says so, and nothing of a request. */
static void a_story_in_the_wrong_place_is_not_lost(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_type(ph, "1");
    phone_type(ph, "they took my passport");
    assert_true(ph->out.wrong);
    assert_int_equal(ph->out.effect_count, 0);
    struct span before = arena_copy(ph->keep, ph->out.screen.text);
    ph->cases[0] = (struct person_case){SPAN("request"), SPAN("K7M3QX"), SPAN("new"), true, 0};
    ph->person.case_count = 1;
    phone_type(ph, "they took my passport");
    assert_true(span_is(phone_did(ph, EFFECT_FORWARD)->text, "they took my passport"));
    assert_true(ph->out.wrong);
    assert_true(span_starts(ph->out.screen.text, SPAN("We passed your words on to our team.\n")));
    phone_type(ph, "77");
    assert_int_equal(ph->out.effect_count, 0);
    ph->cases[0].open = false;
    phone_type(ph, "they took my passport");
    assert_int_equal(ph->out.effect_count, 0);
    assert_true(span_eq(ph->out.screen.text, before));
}

static void a_long_sms_goes_on_with_more(void **state)
{
    struct phone *ph = *state;
    ph->s.screen = PROGRAM_NONE;
    sms(ph, INPUT_BEGIN, "help");
    ph->in.profile.septets = 100;
    phone_type(ph, "1");
    assert_true(phone_shows(ph, "\nSend MORE to read on."));
    phone_type(ph, "more.");
    assert_int_equal(ph->out.page, 1);
}

/* ---- resume ---- */

static void redial_in(struct phone *ph, struct dialogue *previous, const char *answer)
{
    *previous = ph->s;
    assert_true(dialogue_resumable(ph->p, previous));
    ph->in.previous = previous;
    ph->s = (struct dialogue){.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
    struct arena *old = ph->a;
    ph->a = arena_new(1 << 22);
    phone_step(ph, INPUT_BEGIN, "");
    phone_says(ph, "Go on where you stopped?\n1 Go on\n2 Start again");
    ph->in.previous = NULL;
    phone_type(ph, answer);
    arena_free(old);
}

static void a_redial_goes_on_or_starts_again(void **state)
{
    struct phone *ph = *state;
    struct dialogue previous;
    phone_dial(ph);
    assert_false(dialogue_resumable(ph->p, &ph->s)); // nothing begun
    phone_types(ph, "1|2|98|1|1|24");
    phone_at(ph, "country");
    struct str screen = STR_INIT(1000);
    str_add(&screen, ph->out.screen.text);
    redial_in(ph, &previous, "1");
    phone_says(ph, str_z(&screen));
    str_release(&screen);
    phone_type(ph, "0"); // what was answered before the call was cut off is not leafed through
    phone_at(ph, "main");
    phone_types(ph, "2|98|1|1|24|Ghana|2");
    redial_in(ph, &previous, "2");
    phone_at(ph, "main"); // the language is kept
    assert_int_equal(ph->s.value_count, 0);
    phone_types(ph, "4|stop");
    assert_false(dialogue_resumable(ph->p, &ph->s)); // after a withdrawal nothing is offered
}

static void a_session_of_other_menus_begins_again(void **state)
{
    struct phone *ph = *state;
    phone_dial(ph);
    phone_types(ph, "1|2");
    ph->s.screen = 0x1234;
    phone_type(ph, "1");
    phone_at(ph, "main");
    ph->s.history_count = 1;
    ph->s.history[0] = (struct dialogue_past){.screen = 0x777};
    phone_type(ph, "1");
    phone_at(ph, "main");
    ph->s.options[0] = 0x3000;
    phone_type(ph, "1");
    phone_at(ph, "main");
}

static int load(void **state)
{
    (void)state;
    example = phone_example();
    return 0;
}

static int unload(void **state)
{
    (void)state;
    program_free(example);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_example, close_example)

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
        TEST(stop_wins_in_the_middle_of_a_question),
        TEST(stop_with_more_words_holds_and_asks),
        TEST(stop_words_are_known_before_the_queue),
        TEST(an_sms_begins_with_its_keyword),
        TEST(an_sms_that_fits_nothing_goes_to_the_open_case),
        TEST(a_story_in_the_wrong_place_is_not_lost),
        TEST(a_long_sms_goes_on_with_more),
        TEST(a_redial_goes_on_or_starts_again),
        TEST(a_session_of_other_menus_begins_again),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
