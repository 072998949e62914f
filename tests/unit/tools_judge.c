// SPDX-License-Identifier: AGPL-3.0-or-later
/* The judge of random walks: for each rule a step that breaks it and no other, and one that nearly does. The steps are
 * the engine's over small menus; what the engine never does is planted in one of them. */
#include "dialogue_phone.h"

#include "tools/judge.h"

static const char menus[] =
    "start main\n"
    "trigger main\n  words en HELP\n"
    "trigger stopped\n  words en STOP\n"
    "trigger erased\n  words en ERASE\n"
    "trigger started\n  words en START\n"
    "screen main\n  say Main page.\n"
    "  option 1 Call -> agree\n  option 2 Survey -> survey\n  option 3 Complain -> complain\n"
    "  option 4 Age -> age\n  option 5 Finish -> bye\n"
    "screen bye\n  say Goodbye.\n  -> end\n"
    "screen age\n  ask How old are you?\n  into age\n  clean trim digits\n  kind number 5..110\n"
    "  error In numbers please.\n  tries 1 -> end\n  hide back home exit\n  -> main\n"
    "consent agree\n  version 2\n  say May we call you?\n  agree 1 Yes -> asked\n  refuse 2 No -> main\n"
    "consent survey\n  version 1\n  say May we ask how it went?\n  agree 1 Yes -> surveyed\n  refuse 2 No -> main\n"
    "screen asked\n  say Shall we call?\n  option 1 Yes -> called\n  option 2 Survey -> survey\n"
    "  option 3 Main page -> main\n"
    "screen called\n  register call\n  hide back\n  say Your number is {ref}.\n  option 1 Main page -> main\n"
    "case call\n  needs agree\n  reference ref\n"
    "screen surveyed\n  say How did it go?\n  option 1 Well -> answered\n  option 2 Main page -> main\n"
    "screen answered\n  register answer\n  hide back\n  say Thank you.\n  option 1 Main page -> main\n"
    "case answer\n  needs survey\n"
    "screen complain\n  register complaint\n  say Thank you.\n  option 1 Main page -> main\n"
    "case complaint\n  anonymous\n"
    "screen stopped\n  withdraw agree\n  withdraw survey\n  hide back\n  say Stopped.\n  -> end\n"
    "screen erased\n  erase\n  hide back\n  say Erased.\n  -> end\n"
    "screen started\n  restart\n  say Started.\n  option 1 Main page -> main\n";

static const char too_long[] = "the page is longer than the channel carries", empty[] = "the page is empty",
                  not_text[] = "the page is not UTF-8", dead[] = "the session is over where nothing ends it",
                  stuck[] = "the page waits for an answer, but no answer acts",
                  unconsented[] = "a case was registered without the consent it needs",
                  unquiet[] = "after a withdrawal something else was done than confirming it",
                  unheard[] = "a word that stops did not stop";

static struct program *program;

static int open_menus(void **state)
{
    (void)state;
    program = phone_menus(menus);
    return 0;
}

static int close_menus(void **state)
{
    (void)state;
    program_free(program);
    return 0;
}

/** What goes wrong in one step. */
typedef void fault(struct phone *ph);

static const char *judged(struct judge *j, struct phone *ph, const char *typed)
{
    const struct judged_step now = {
        .session = &ph->s, .result = &ph->out, .profile = ph->in.profile, .typed = span_of(typed)};
    return judge_step(j, &now);
}

/* Somebody dials and types answers divided by "|" (dialling again at "dial"). `plant` bends the step of the answer that
 * stands behind "!". The first rule that a step broke; nothing may be broken before. */
static const char *verdict(const char *answers, fault *plant)
{
    struct phone *ph = calloc(1, sizeof *ph);
    struct judge j;
    struct span rest = span_of(answers), part;
    const char *why = NULL;
    bool planted = false;
    phone_open_for(ph, program);
    assert_int_equal(judge_open(&j, program, ph->keep), 0);
    phone_dial(ph);
    while (!why && span_split(&rest, '|', &part)) {
        char typed[64];
        bool bends = part.len && part.p[0] == '!';
        snprintf(typed, sizeof typed, "%.*s", SPAN_ARG(span_from(part, bends)));
        if (strcmp(typed, "dial") == 0) {
            judge_matter(&j);
            phone_dial(ph);
        } else
            phone_type(ph, typed);
        ph->out.effects = ph->last; // as the phone keeps them, where they can be bent
        if (bends)
            plant(ph);
        planted |= bends;
        why = judged(&j, ph, strcmp(typed, "dial") == 0 ? "" : typed);
        if (why && !planted)
            fail_msg("%s at \"%s\" of %s:\n%.*s", why, typed, answers, SPAN_ARG(ph->out.screen.text));
    }
    assert_int_equal(planted, plant != NULL);
    phone_close(ph);
    free(ph);
    return why;
}

static void breaks(const char *why, const char *answers, fault *plant)
{
    const char *found = verdict(answers, plant);
    if (!found || strcmp(found, why) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", answers, found ? found : "nothing is broken", why);
}

static void keeps(const char *answers, fault *plant)
{
    const char *found = verdict(answers, plant);
    if (found)
        fail_msg("%s: \"%s\"", answers, found);
}

/* ---- pages ---- */

/* A page of one sign, so many times, with another behind it. */
static void page(struct phone *ph, const char *sign, int count, const char *last)
{
    struct str text = STR_INIT(4096);
    for (int i = 0; i < count; i++)
        str_addz(&text, sign);
    str_addz(&text, last);
    ph->out.screen.text = arena_copy(ph->a, str_span(&text));
    str_release(&text);
}

#define PAGE(name, sign, count, last, in_septets)                                                                      \
    static void name(struct phone *ph)                                                                                 \
    {                                                                                                                  \
        page(ph, sign, count, last);                                                                                   \
        ph->out.gsm = in_septets;                                                                                      \
    }
PAGE(septets_182, "a", 182, "", true)
PAGE(septets_183, "a", 183, "", true)
PAGE(septets_182_with_a_euro, "a", 180, "€", true)
PAGE(septets_183_with_a_euro, "a", 181, "€", true)
PAGE(units_80, "ك", 80, "", false)
PAGE(units_81, "ك", 81, "", false)
PAGE(units_80_with_a_pair, "ك", 78, "🙂", false)
PAGE(units_81_with_a_pair, "ك", 79, "🙂", false)
PAGE(septets_in_units, "a", 81, "", false)
PAGE(units_in_septets, "a", 80, "ك", true)

static void a_page_fits_to_the_last_sign(void **state)
{
    (void)state;
    keeps("!HELP", septets_182);
    breaks(too_long, "!HELP", septets_183);
    keeps("!HELP", septets_182_with_a_euro);
    breaks(too_long, "!HELP", septets_183_with_a_euro);
    keeps("!HELP", units_80);
    breaks(too_long, "!HELP", units_81);
    keeps("!HELP", units_80_with_a_pair);
    breaks(too_long, "!HELP", units_81_with_a_pair);
}

/* The page goes out as what the engine took it for, or as what its signs need. */
static void a_page_is_counted_as_it_is_sent(void **state)
{
    (void)state;
    breaks(too_long, "!HELP", septets_in_units);
    breaks(too_long, "!HELP", units_in_septets);
}

PAGE(nothing, "", 0, "", true)
PAGE(blank, " ", 3, "\n ", true)
PAGE(one_dot, " ", 3, ".", true)

static void a_page_says_something(void **state)
{
    (void)state;
    breaks(empty, "!HELP", nothing);
    breaks(empty, "!HELP", blank);
    keeps("!HELP", one_dot);
}

PAGE(half_a_letter, "a", 3, "\xC3", false)
PAGE(a_whole_letter, "a", 3, "\xC3\xA9", false)

static void a_page_is_text(void **state)
{
    (void)state;
    breaks(not_text, "!HELP", half_a_letter);
    keeps("!HELP", a_whole_letter);
}

/* ---- sessions ---- */

static void hangs_up(struct phone *ph)
{
    ph->out.screen.more = false;
}

static void ends(struct phone *ph)
{
    hangs_up(ph);
    ph->s.ended = true;
    ph->s.asking = ASKING_NOTHING;
}

static void leaves(struct phone *ph)
{
    ends(ph);
    ph->s.left = true;
}

static void is_nowhere(struct phone *ph)
{
    ends(ph);
    ph->s.screen = PROGRAM_NONE;
}

static void ends_and_asks(struct phone *ph)
{
    ends(ph);
    ph->s.asking = ASKING_SCREEN;
}

static void hangs_up_unasked(struct phone *ph)
{
    hangs_up(ph);
    ph->s.left = true;
    ph->s.asking = ASKING_NOTHING;
}

static void ends_and_goes_on(struct phone *ph)
{
    ph->s.ended = true;
}

static void a_session_ends_only_where_something_ends_it(void **state)
{
    (void)state;
    breaks(dead, "!HELP", hangs_up);
    breaks(dead, "!HELP", hangs_up_unasked);
    breaks(dead, "!HELP", ends);
    breaks(dead, "!HELP", ends_and_goes_on);
    breaks(dead, "!5", ends_and_asks);
    keeps("5", NULL);       // its last screen leads to the end
    keeps("4|very", NULL);  // so does the one that comes after too many tries
    keeps("99", NULL);      // the key that leaves
    keeps("!HELP", leaves); // the same where nothing else tells
    keeps("!HELP", is_nowhere);
}

static void no_options(struct phone *ph)
{
    ph->s.option_count = 0;
}

static void no_keys(struct phone *ph)
{
    ph->s.keys = 0;
}

static void nothing_acts(struct phone *ph)
{
    no_options(ph);
    no_keys(ph);
}

static void nothing_asked(struct phone *ph)
{
    nothing_acts(ph);
    ph->s.asking = ASKING_RESUME;
}

static void a_page_that_waits_has_an_answer(void **state)
{
    (void)state;
    breaks(stuck, "!HELP", nothing_acts);
    breaks(stuck, "!4", nothing_asked);
    keeps("!HELP", no_options);
    keeps("!HELP", no_keys);
    keeps("!4", nothing_acts); // any text answers a question
    keeps("!5", nothing_acts); // nobody waits
}

/* ---- consent ---- */

static void does(struct phone *ph, struct effect e)
{
    e.text = e.typed = (struct span){0};
    ph->last[ph->out.effect_count++] = e;
}

static void forgets_effects(struct phone *ph)
{
    ph->out.effect_count = 0;
}

static void agrees_to_what_was(struct phone *ph)
{
    assert_int_equal(ph->last[0].kind, EFFECT_AGREE);
    ph->last[0].version = SPAN("1");
}

static void agrees_to_the_survey(struct phone *ph)
{
    assert_int_equal(ph->last[0].kind, EFFECT_AGREE);
    ph->last[0].name = SPAN("survey");
    ph->last[0].version = SPAN("1");
}

static void registers_a_call(struct phone *ph)
{
    does(ph, (struct effect){.kind = EFFECT_REGISTER, .name = SPAN("call")});
}

static void registers_an_answer(struct phone *ph)
{
    does(ph, (struct effect){.kind = EFFECT_REGISTER, .name = SPAN("answer")});
}

static void registers_a_stranger(struct phone *ph)
{
    does(ph, (struct effect){.kind = EFFECT_REGISTER, .name = SPAN("visit")});
}

static void registers_who_complains(struct phone *ph)
{
    assert_int_equal(ph->last[0].kind, EFFECT_REGISTER);
    ph->last[0].anonymous = false;
}

static void registers_before_agreeing(struct phone *ph)
{
    assert_int_equal(ph->last[0].kind, EFFECT_AGREE);
    does(ph, ph->last[0]);
    ph->last[0] = (struct effect){.kind = EFFECT_REGISTER, .name = SPAN("call")};
}

static void a_case_is_registered_with_its_consent_alone(void **state)
{
    (void)state;
    keeps("1|1|1", NULL);
    keeps("1|!1", registers_a_call);
    breaks(unconsented, "!HELP", registers_a_call);
    breaks(unconsented, "1|!1|1", forgets_effects);
    breaks(unconsented, "1|!1|1", agrees_to_what_was);
    breaks(unconsented, "1|!1|1", agrees_to_the_survey);
    breaks(unconsented, "1|!1", registers_before_agreeing);
    breaks(unconsented, "1|1|!1", registers_a_stranger);
}

static void who_complains_without_a_number_stays_without(void **state)
{
    (void)state;
    keeps("3", NULL);
    breaks(unconsented, "!3", registers_who_complains);
    breaks(unconsented, "1|1|3|!3", registers_who_complains); // whatever else they agreed to
}

/* A no takes back what it had been a yes to, and then all. */
static void a_no_takes_back_only_a_yes(void **state)
{
    (void)state;
    keeps("1|1|2|!2", registers_a_call);                     // no to the survey: the call is still agreed to
    keeps("2|2|1|!1", registers_a_call);                     // before it, too
    breaks(unconsented, "1|1|3|1|!2", registers_a_call);     // no to the call
    breaks(unconsented, "2|1|2|1|3|2|!2", registers_a_call); // yes to both, and then no to the survey
    keeps("1|1|3|1|2|1|!1", registers_a_call);               // and yes again
}

static void a_withdrawal_takes_back_all(void **state)
{
    (void)state;
    breaks(unconsented, "1|1|STOP|dial|START|!1", registers_a_call);
    breaks(unconsented, "1|1|ERASE|dial|!HELP", registers_a_call);
    breaks(unconsented, "2|1|1|STOP|dial|!HELP", registers_an_answer);
    keeps("2|1|1|dial|!HELP", registers_an_answer);
    keeps("1|1|STOP|dial|START|1|1|!1", registers_a_call);
    keeps("1|1|dial|!HELP", registers_a_call); // consent is not of one call
}

/* ---- withdrawing ---- */

static void sends(struct phone *ph)
{
    does(ph, (struct effect){.kind = EFFECT_SEND});
}

static void forwards(struct phone *ph)
{
    does(ph, (struct effect){.kind = EFFECT_FORWARD});
}

static void sends_before(struct phone *ph)
{
    does(ph, ph->last[0]);
    ph->last[0] = (struct effect){.kind = EFFECT_SEND};
}

static void starts_and_sends(struct phone *ph)
{
    does(ph, (struct effect){.kind = EFFECT_RESTART});
    sends(ph);
}

static void agrees_and_sends(struct phone *ph)
{
    does(ph, (struct effect){.kind = EFFECT_AGREE, .name = SPAN("agree"), .version = SPAN("2")});
    sends(ph);
}

static void complains(struct phone *ph)
{
    does(ph, (struct effect){.kind = EFFECT_REGISTER, .name = SPAN("complaint"), .anonymous = true});
}

static void a_withdrawal_is_confirmed_and_no_more(void **state)
{
    (void)state;
    breaks(unquiet, "!STOP", sends);
    breaks(unquiet, "!STOP", forwards);
    breaks(unquiet, "!ERASE", sends);
    keeps("!STOP", sends_before);
    keeps("!STOP", starts_and_sends);
    keeps("!STOP", agrees_and_sends);
    keeps("!STOP", complains);
    keeps("STOP|!dial", sends); // a new matter
}

/* What is left of the session is still of the withdrawal, until somebody says what undoes it. */
static void a_withdrawal_lasts_as_long_as_its_session(void **state)
{
    (void)state;
    struct phone *ph = calloc(1, sizeof *ph);
    struct judge j;
    phone_open_for(ph, program);
    assert_int_equal(judge_open(&j, program, ph->keep), 0);
    phone_dial(ph);
    phone_type(ph, "STOP");
    assert_true(ph->s.left);
    ph->out.effects = ph->last;
    assert_null(judged(&j, ph, "STOP"));
    forgets_effects(ph);
    sends(ph);
    assert_string_equal(judged(&j, ph, "99"), unquiet);
    ph->s.left = false; // they went on: what they ask for now they may get
    forgets_effects(ph);
    assert_null(judged(&j, ph, "99"));
    sends(ph);
    assert_null(judged(&j, ph, "99"));
    phone_close(ph);
    free(ph);
}

static void erases_instead(struct phone *ph)
{
    assert_int_equal(ph->last[0].kind, EFFECT_WITHDRAW);
    ph->last[0].kind = EFFECT_ERASE;
}

static void a_word_that_stops_stops(void **state)
{
    (void)state;
    breaks(unheard, "!STOP", forgets_effects);
    breaks(unheard, "4|!stop.", forgets_effects);
    breaks(unheard, "!ERASE", forgets_effects);
    keeps("!STOP", erases_instead);
    keeps("!STOPS", forgets_effects);
    keeps("!START", forgets_effects);
    keeps("!dial", forgets_effects);
}

/* ---- books ---- */

static void hangs_up_silently(struct phone *ph)
{
    nothing(ph);
    hangs_up(ph);
}

static void the_first_rule_is_told(void **state)
{
    (void)state;
    breaks(empty, "!HELP", hangs_up_silently);
}

/* However many consents there are, each is in the books. */
static void the_last_of_many_consents_is_known(void **state)
{
    (void)state;
    struct str text = STR_INIT(1 << 16);
    str_addz(&text, "start c0\ntrigger c0\n  words en HELP\ntrigger stopped\n  words en STOP\n");
    for (int i = 0; i < 40; i++)
        str_addf(&text, "consent c%d\n  version 1\n  say May we?\n  agree 1 Yes -> %s%d\n  refuse 2 No -> bye\n", i,
                 i < 39 ? "c" : "done", i + 1);
    str_addz(&text, "screen done40\n  register call\n  hide back\n  say Your number is {ref}.\n  -> end\n"
                    "case call\n  needs c0, c39\n  reference ref\n"
                    "screen bye\n  say Goodbye.\n  -> end\n"
                    "screen stopped\n  hide back\n  say Stopped.\n  -> end\n");
    for (int i = 0; i < 40; i++)
        str_addf(&text, "  withdraw c%d\n", i);
    struct program *whole = program;
    program = phone_menus(str_z(&text));
    struct str answers = STR_INIT(1000);
    for (int i = 0; i < 39; i++)
        str_addz(&answers, "1|");
    size_t most = answers.len;
    str_addz(&answers, "1");
    keeps(str_z(&answers), NULL);
    answers.len = most;
    str_addz(&answers, "!1");
    breaks(unconsented, str_z(&answers), registers_before_agreeing);
    str_release(&text), str_release(&answers);
    program_free(program);
    program = whole;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_fits_to_the_last_sign),
        cmocka_unit_test(a_page_is_counted_as_it_is_sent),
        cmocka_unit_test(a_page_says_something),
        cmocka_unit_test(a_page_is_text),
        cmocka_unit_test(a_session_ends_only_where_something_ends_it),
        cmocka_unit_test(a_page_that_waits_has_an_answer),
        cmocka_unit_test(a_case_is_registered_with_its_consent_alone),
        cmocka_unit_test(who_complains_without_a_number_stays_without),
        cmocka_unit_test(a_no_takes_back_only_a_yes),
        cmocka_unit_test(a_withdrawal_takes_back_all),
        cmocka_unit_test(a_withdrawal_is_confirmed_and_no_more),
        cmocka_unit_test(a_withdrawal_lasts_as_long_as_its_session),
        cmocka_unit_test(a_word_that_stops_stops),
        cmocka_unit_test(the_first_rule_is_told),
        cmocka_unit_test(the_last_of_many_consents_is_known),
    };
    return cmocka_run_group_tests(tests, open_menus, close_menus);
}
