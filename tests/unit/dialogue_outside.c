// SPDX-License-Identifier: AGPL-3.0-or-later
/* What is no answer to the page that is shown: words that stop, an SMS out of the blue, dialling again, other menus. */
#include "dialogue_example.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
