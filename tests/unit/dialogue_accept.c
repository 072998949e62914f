// SPDX-License-Identifier: AGPL-3.0-or-later
#include "dialogue_phone.h"

/* One screen a kind of question; an accepted answer is read out. */
static const char kinds_menu[] =
    "start top\n"
    "trigger top\n  words en HELP, STOP THE PAIN\n  words fr AIDE\n  words ar NAJDA\n"
    "trigger gone\n  words en STOP, PLEASE STOP\n  alone en END\n  words fr ARRET\n  alone fr FIN\n  words ar QIF\n"
    "screen top\n  say Top.\n  option 1 number -> number\n  option 2 text -> text\n"
    "  option 3 date -> date\n  option 4 phone -> phone\n  option 5 reference -> reference\n"
    "  option 6 window -> window\n  option 7 match -> match\n  option 8 choice -> choice\n"
    "screen gone\n  erase\n  say Gone.\n  -> end\n"
    "screen number\n  ask N?\n  into n\n  kind number 5..110\n  error No number.\n"
    "  tries 3 -> top\n  say Got {n}!\n  -> end\n"
    "screen text\n  ask T?\n  into t\n  clean trim squeeze\n  kind text 5..20\n  error No text.\n"
    "  tries 3 -> top\n  say Got {t}!\n  -> end\n"
    "screen date\n  ask D?\n  into d\n  kind date\n  error No date.\n"
    "  tries 3 -> top\n  say Got {d}!\n  -> end\n"
    "screen phone\n  ask P?\n  into p\n  kind phone\n  error No phone.\n"
    "  tries 3 -> top\n  say Got {p}!\n  -> end\n"
    "screen reference\n  ask R?\n  into r\n  kind reference\n  error No reference.\n"
    "  tries 3 -> top\n  say Got {r}!\n  -> end\n"
    "screen window\n  ask W?\n  into w\n  kind window\n  error No window.\n"
    "  tries 3 -> top\n  say Got {w}!\n  -> end\n"
    "screen match\n  ask M?\n  into m\n  clean trim upper digits\n  kind text 2..9\n"
    "  match ^[A-Z]+[0-9]$\n  error No match.\n  tries 3 -> top\n  say Got {m}!\n  -> end\n"
    "screen choice\n  ask C?\n  into c\n  option 1 Yes, any time = any\n"
    "  option 2 Non, pas du tout = no\n  option 12 Two = two\n  say Got {c}!\n  -> end\n";

static const struct row {
    const char *screen, *typed, *shown; /* the option that leads there; shown NULL: a wrong answer */
} rows[] = {
    {"1", "24", "Got 24!"},
    {"1", " 24. ", "Got 24!"},
    {"1", "+24", "Got 24!"},
    {"1", "024", "Got 24!"},
    {"1", "٢٤", "Got 24!"},
    {"1", "२४", "Got 24!"},
    {"1", "110", "Got 110!"},
    {"1", "111", NULL},
    {"1", "4", NULL},
    {"1", "-24", NULL},
    {"1", "24 years", NULL},
    {"1", "2 4", NULL},
    {"1", "99999999999999999999999999", NULL},
    {"1", "", NULL},
    {"1", "   ", NULL},
    {"1", "\x01", NULL},
    {"1", "😀", NULL},
    {"2", "  The  driver\nwas rude ", "Got The driver was rude!"},
    {"2", "four", NULL},
    {"2", "abcdefghijklmnopqrstu", NULL},
    {"2", "ሰላም ለሁሉ", "Got ሰላም ለሁሉ!"},
    {"2", "rude driver 😡", "Got rude driver 😡!"},
    {"2", "😀😀😀😀😀😀", NULL},
    {"2", "......", NULL},
    {"2", "ring\a bell", NULL},
    {"2", "\xC2\x85 next", NULL},
    {"3", "2026-04-14", "Got 2026-04-14!"},
    {"3", "14.4.2026", "Got 2026-04-14!"},
    {"3", "14/04/2026", "Got 2026-04-14!"},
    {"3", "١٤/٤/٢٠٢٦", "Got 2026-04-14!"},
    {"3", "29.2.2026", NULL},
    {"3", "14.4.26", NULL},
    {"3", "14.4", NULL},
    {"3", "14.4.2026.", "Got 2026-04-14!"},
    {"3", "1.2.3.4", NULL},
    {"3", "..", NULL},
    {"4", "+1 (202) 555-0101", "Got +12025550101!"},
    {"4", "0012025550101", "Got +12025550101!"},
    {"4", "call me", NULL},
    {"4", "123", NULL},
    {"5", "k7m3qx", "Got K7M3QX!"},
    {"5", " K7M-3QX.", "Got K7M3QX!"},
    {"5", "K7M 3QX", "Got K7M3QX!"},
    {"5", "K7M3Q", NULL},
    {"5", "K7M3QXY", NULL},
    {"5", "K7M3Q\xC3\x89", NULL},
    {"6", "Mon after 18", "Got Mon after 18!"},
    {"6", "any evening", "Got any evening!"},
    {"6", "السبت مساء", "Got السبت مساء!"},
    {"6", "x", NULL},
    {"6", "??", NULL},
    {"6", "0123456789012345678901234567890123456789012345678901234567890", NULL},
    {"7", " ab٣ ", "Got AB3!"},
    {"7", "ab", NULL},
    {"7", "3ab", NULL},
    {"8", "1", "Got any!"},
    {"8", " 1. ", "Got any!"},
    {"8", "1)", "Got any!"},
    {"8", "01", "Got any!"},
    {"8", "۲", "Got no!"},
    {"8", "YES, ANY TIME", "Got any!"},
    {"8", "\"non, pas du tout\"", "Got no!"},
    {"8", "two", "Got two!"},
    {"8", "12", "Got two!"},
    {"8", "2 1", NULL},
    {"8", "yes", "Got any!"},
    {"8", "Yes!", "Got any!"},
    {"8", "yes 🙂", "Got any!"},
    {"8", "yes any time", "Got any!"},
    {"8", "yes any time please", NULL},
    {"8", "ye", NULL},
    {"8", "non", "Got no!"},
    {"8", "one", "Got any!"},
    {"8", "1 yes", "Got any!"},
    {"8", "1. Yes, any time", "Got any!"},
    {"8", "1: non", NULL},
    {"8", "#2", "Got no!"},
    {"8", "(2)", "Got no!"},
    {"8", "2 👍", "Got no!"},
    {"8", "2\xEF\xB8\x8F\xE2\x83\xA3", "Got no!"}, // the key with a 2 on it
    {"8", "٢ 👍", "Got no!"},
    {"8", "👍", NULL},
    {"8", "three", NULL},
    {"8", "I was two months pregnant when we crossed", NULL},
    {"8", "2 months pregnant", NULL},
    {"8", "3", NULL},
    {"8", "-1", NULL},
    {"8", "1.5", NULL},
    {"8", "0012", NULL},
};

static struct program *kinds;

static void begin(struct phone *ph, const char *screen)
{
    phone_open_for(ph, kinds);
    phone_dial(ph);
    phone_type(ph, screen);
}

static void answers_are_read_kindly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct phone ph;
        begin(&ph, rows[i].screen);
        phone_type(&ph, rows[i].typed);
        const char *shown = rows[i].shown ? rows[i].shown : "";
        if (ph.out.wrong != !rows[i].shown || (rows[i].shown && !span_is(ph.out.screen.text, shown)))
            fail_msg("%s: \"%s\" shows \"%.*s\", not \"%s\"", rows[i].screen, rows[i].typed,
                     SPAN_ARG(ph.out.screen.text), shown);
        phone_close(&ph);
    }
}

static void a_wrong_answer_says_so_and_asks_again(void **state)
{
    (void)state;
    struct phone ph;
    begin(&ph, "1");
    phone_type(&ph, "x");
    phone_says(&ph, "No number.\nN?\n0 Back 00 Home ** Exit");
    phone_close(&ph);
    begin(&ph, "8");
    phone_type(&ph, "x");
    phone_says(&ph, "Please choose a number from the list.\nC?\n1 Yes, any time\n2 Non, pas du tout\n12 Two\n"
                    "0 Back 00 Home 99 Exit");
    phone_close(&ph);
}

static void an_overlong_answer_is_a_wrong_one(void **state)
{
    (void)state;
    char *text = calloc(1, 100001);
    memset(text, '7', 100000);
    for (const char *screen = "12345678"; *screen; screen++) {
        struct phone ph;
        begin(&ph, (char[]){*screen, 0});
        phone_type(&ph, text);
        assert_true(ph.out.wrong);
        phone_close(&ph);
    }
    free(text);
}

static void other_keywords_lose_to_an_answer(void **state)
{
    (void)state;
    struct phone ph;
    begin(&ph, "6");
    phone_type(&ph, "help"); // a window of four letters
    phone_says(&ph, "Got help!");
    phone_close(&ph);
    begin(&ph, "1");
    phone_type(&ph, "help");
    phone_at(&ph, "top");
    assert_false(ph.out.wrong);
    phone_type(&ph, "0"); // and back to the question
    phone_at(&ph, "number");
    phone_close(&ph);
}

static void a_stop_word_wins_over_an_answer(void **state)
{
    (void)state;
    struct phone ph;
    begin(&ph, "6");
    phone_type(&ph, "arrêt");
    phone_says(&ph, "Gone.");
    assert_non_null(phone_did(&ph, EFFECT_ERASE));
    phone_close(&ph);
}

/* What begins with a stop and is none: an answer with a word that counts alone only, a keyword of another screen. */
static void other_sentences_are_no_stop(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *screen;
        bool withdraws; /* contact is held, and the person asked */
    } said[] = {{"end", "gone", false},
                {"Fin!", "gone", false},
                {"please, stop", "gone", false},
                {"\xF0\x9F\x9B\x91 stop", "gone", false},
                {"end of the week", "window", false},
                {"fin de semana", "window", false},
                {"stop the pain", "window", false},
                {"stop calling me now ok", "", true},
                {"stop at the third day of May", "window", false}};
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        struct phone ph;
        begin(&ph, "6");
        phone_type(&ph, said[i].typed);
        phone_at(&ph, said[i].screen);
        assert_int_equal(said[i].withdraws, phone_did(&ph, EFFECT_WITHDRAW) != NULL);
        phone_close(&ph);
    }
}

static int load(void **state)
{
    (void)state;
    kinds = phone_menus(kinds_menu);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    program_free(kinds);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_read_kindly),           cmocka_unit_test(a_wrong_answer_says_so_and_asks_again),
        cmocka_unit_test(an_overlong_answer_is_a_wrong_one), cmocka_unit_test(other_keywords_lose_to_an_answer),
        cmocka_unit_test(a_stop_word_wins_over_an_answer),   cmocka_unit_test(other_sentences_are_no_stop),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
