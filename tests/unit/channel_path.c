// SPDX-License-Identifier: AGPL-3.0-or-later
/* Accumulated text: every pitfall of Africa's Talking's scheme, and the property that what was typed comes back whole.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "channel/channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char head[] =
    "title T\nmedium ussd\nreceive POST form\nfield session from form s\nfield from from form p\n"
    "field text from form t optional\nreply-more {text}\nreply-end {text}\n";

static struct channel *channel_with(const char *more)
{
    static const struct settings settings = {.parts_answer = 1};
    struct str text = STR_INIT(4096), told = STR_INIT(4096);
    struct diags *d = diags_new();
    struct channel *c = NULL;
    str_addf(&text, "%s%s", head, more);
    int rc = channel_read("test.channel", str_span(&text), &settings, d, &c);
    diags_text(d, &told);
    if (rc < 0)
        print_error("%s", str_z(&told));
    assert_int_equal(rc, 0);
    diags_free(d);
    str_release(&text);
    str_release(&told);
    return c;
}

/* The trail of a session whose last path this is: one request for each separator in it, and one for the whole. */
static struct trail trail_of(const struct channel *c, struct span path, struct arena *a)
{
    struct trail t = {.key = "a session's own"};
    for (size_t i = 0; i <= path.len; i++)
        if (i == path.len || path.p[i] == '*' || path.p[i] == '#')
            t.marks = channel_trail(c, &(struct inbound){.text = span_first(path, i)}, &t, a);
    return t;
}

/* What a step came to, as text: "first 1|2", "input x", "repeat", "lost". */
static const char *step_text(const struct channel *c, const char *previous, const char *now, struct arena *a)
{
    struct span input, *answers;
    size_t count;
    struct inbound in = {.text = span_of(now)};
    struct str out = STR_INIT(4096);
    static const char *const words[] = {"repeat", "input ", "first", "lost"};
    struct trail before = trail_of(c, span_of(previous), a);
    enum path_step step = channel_path(c, &in, previous != NULL, &before, a, &input, &answers, &count);
    str_addz(&out, words[step]);
    if (step == PATH_INPUT)
        str_add(&out, input);
    for (size_t i = 0; i < count; i++) {
        str_addc(&out, i ? '|' : ' ');
        str_add(&out, answers[i]);
    }
    const char *kept = arena_strdup(a, str_span(&out));
    str_release(&out);
    return kept;
}

struct path_case {
    const char *what, *previous, *now, *expected; // previous NULL: no session is stored
};

static void check_cases(const char *statements, const struct path_case *cases, size_t count)
{
    struct channel *c = channel_with(statements);
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < count; i++) {
        const char *got = step_text(c, cases[i].previous, cases[i].now, a);
        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", cases[i].what, got, cases[i].expected);
    }
    arena_free(a);
    channel_free(c);
}

#define CHECK(statements, cases) check_cases((statements), (cases), sizeof(cases) / sizeof(cases)[0])

static void each_pitfall_is_decided(void **state)
{
    (void)state;
    static const struct path_case cases[] = {
        {"a dial", NULL, "", "first"},
        {"the first answer", "", "1", "input 1"},
        {"the second answer", "1", "1*2", "input 2"},
        {"1: an answer that holds the separator", "1", "1*2*3", "input 2*3"},
        {"1: an answer that is the separator", "1", "1**", "input *"},
        {"1: a first answer that holds the separator", "", "*1*", "input *1*"},
        {"2: dialled through", NULL, "1*2", "first 1|2"},
        {"2: one answer dialled through", NULL, "7", "first 7"},
        {"3: back is an answer like any other", "1*2", "1*2*0", "input 0"},
        {"4: an empty answer at the end", "1*2", "1*2*", "input "},
        {"4: an answer after an empty one", "1*", "1**5", "input 5"},
        {"4: nothing new", "1*2", "1*2", "repeat"},
        {"4: nothing new at the beginning", "", "", "repeat"},
        {"5: not an extension", "1*2", "3*4", "lost 3|4"},
        {"an earlier request that came late", "1*2", "1", "repeat"},
        {"5: shorter, and no earlier path", "12*3", "1", "lost 1"},
        {"5: an extension in the middle of an answer", "1", "12", "lost 12"},
        {"6: the session id is used again", "1*2", "", "first"},
        {"letters outside ASCII", "é", "é*ü", "input ü"},
        {"a letter cut in half", "\xC3", "\xC3\xA9", "lost \xC3\xA9"},
        {"empty segments dialled through", NULL, "1**2*", "first 1||2|"},
        {"a separator dialled", NULL, "*", "first |"},
    };
    CHECK("path *\nfirst answers\nrepeat path\n", cases);
}

static void a_first_text_may_be_a_suffix_of_the_service_code(void **state)
{
    (void)state;
    static const struct path_case cases[] = {
        {"a suffix", NULL, "33*1", "first"},
        {"an answer", "33*1", "33*1*2", "input 2"},
        {"no suffix", NULL, "", "first"},
    };
    CHECK("path *\nfirst suffix\n", cases);
}

static void where_nobody_dials_through_a_first_text_is_a_lost_session(void **state)
{
    (void)state;
    static const struct path_case cases[] = {
        {"a dial", NULL, "", "first"},
        {"lost", NULL, "1*2", "lost 1|2"},
        {"not lost", "1", "1*2", "input 2"},
    };
    CHECK("path *\nfirst none\n", cases);
}

static void a_first_text_may_begin_with_segments_that_are_no_answers(void **state)
{
    (void)state;
    static const struct path_case cases[] = {
        {"fewer than are dropped", NULL, "33", "first"},
        {"as many", NULL, "33*4", "first"},
        {"more", NULL, "33*4*1*2", "first 1|2"},
        {"only while nothing is stored", "33*4", "33*4*1", "input 1"},
    };
    CHECK("path *\nfirst drop 2\n", cases);
}

static void another_separator_works_alike(void **state)
{
    (void)state;
    static const struct path_case cases[] = {{"one", "1", "1#2*3", "input 2*3"}, {"two", NULL, "1#2", "first 1|2"}};
    CHECK("path #\n", cases);
}

static void without_a_path_the_text_is_the_answer(void **state)
{
    (void)state;
    static const struct path_case cases[] = {
        {"the same answer twice is two answers", "1", "1", "input 1"},
        {"a separator means nothing", "1", "1*2", "input 1*2"},
        {"a new session", NULL, "1*2", "first"},
    };
    CHECK("", cases);
}

static void what_says_that_it_begins_is_new_whatever_is_stored(void **state)
{
    (void)state;
    struct channel *c = channel_with("path *\n");
    struct arena *a = arena_new(1 << 16);
    struct inbound in = {.text = SPAN("1"), .begins = true};
    struct span input, *answers;
    size_t count;
    struct trail before = trail_of(c, SPAN("1"), a);
    assert_int_equal(channel_path(c, &in, true, &before, a, &input, &answers, &count), PATH_FIRST);
    assert_int_equal(count, 1);
    arena_free(a);
    channel_free(c);
}

static void a_path_of_very_many_answers_is_not_walked(void **state)
{
    (void)state;
    struct channel *c = channel_with("path *\n");
    struct arena *a = arena_new(1 << 20);
    char path[1025] = {0};
    memset(path, '*', sizeof path - 1);
    assert_string_equal(step_text(c, NULL, path, a), "lost");
    path[63] = '\0';
    assert_true(strncmp(step_text(c, NULL, path, a), "first", 5) == 0); // 64 answers
    arena_free(a);
    channel_free(c);
}

static void no_memory_is_a_lost_session(void **state)
{
    (void)state;
    struct channel *c = channel_with("path *\n");
    struct arena *a = arena_new(8);
    struct inbound in = {.text = SPAN("1*2")};
    struct span input, *answers;
    size_t count;
    assert_int_equal(channel_path(c, &in, false, &(struct trail){0}, a, &input, &answers, &count), PATH_LOST);
    arena_free(a);
    channel_free(c);
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u; // Numerical Recipes; the seed is fixed, so that a failure comes again
    return *state >> 16;
}

/* An answer of 0 to 5 letters, the separator among them more often than not. */
static size_t random_answer(uint32_t *seed, char *answer)
{
    static const char letters[] = "**1a#0 ";
    size_t len = next_random(seed) % 6;
    for (size_t i = 0; i < len; i++)
        answer[i] = letters[next_random(seed) % (sizeof letters - 1)];
    answer[len] = '\0';
    return len;
}

/* The aggregator puts the separator between what it has and what is new. Only an empty answer to the first screen
 * leaves no trace, and is a repeat. */
static void whatever_is_typed_comes_back_whole(void **state)
{
    (void)state;
    struct channel *c = channel_with("path *\n");
    struct arena *a = arena_new(1 << 20);
    uint32_t seed = 20260102;
    for (int session = 0; session < 2000; session++) {
        char path[256] = "", answer[8], expected[32];
        size_t len = 0;
        for (int turn = 0; turn < 12; turn++) {
            char previous[256];
            memcpy(previous, path, sizeof previous);
            size_t typed = random_answer(&seed, answer);
            len += (size_t)snprintf(path + len, sizeof path - len, "%s%s", len ? "*" : "", answer);
            bool silent = typed == 0 && previous[0] == '\0';
            snprintf(expected, sizeof expected, silent ? "repeat" : "input %s", answer);
            assert_string_equal(step_text(c, previous, path, a), expected);
        }
        arena_reset(a);
    }
    arena_free(a);
    channel_free(c);
}

static void a_trail_holds_nothing_that_was_typed(void **state)
{
    (void)state;
    struct channel *c = channel_with("path *\n");
    struct arena *a = arena_new(1 << 20);
    struct trail t = trail_of(c, SPAN("1*the foreman keeps our passports*2"), a), other = t;
    for (size_t i = 0; i + 4 <= t.marks.len; i++)
        assert_memory_not_equal(t.marks.p + i, "fore", 4);
    assert_true(t.marks.len && trail_holds(&t, SPAN("1*the foreman keeps our passports")));
    assert_false(trail_holds(&t, SPAN("1*the foreman keeps our passport?")));
    other.key[0]++; // the same words in another session leave other marks
    assert_false(trail_holds(&other, SPAN("1*the foreman keeps our passports")));
    for (int i = 0; i < 100; i++)
        t.marks = channel_trail(c, &(struct inbound){.text = SPAN("1")}, &t, a);
    assert_true(t.marks.len <= (TRAIL_MOST + 1) * 12);
    arena_free(a);
    channel_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pitfall_is_decided),
        cmocka_unit_test(a_first_text_may_be_a_suffix_of_the_service_code),
        cmocka_unit_test(where_nobody_dials_through_a_first_text_is_a_lost_session),
        cmocka_unit_test(a_first_text_may_begin_with_segments_that_are_no_answers),
        cmocka_unit_test(another_separator_works_alike),
        cmocka_unit_test(without_a_path_the_text_is_the_answer),
        cmocka_unit_test(what_says_that_it_begins_is_new_whatever_is_stored),
        cmocka_unit_test(a_path_of_very_many_answers_is_not_walked),
        cmocka_unit_test(no_memory_is_a_lost_session),
        cmocka_unit_test(a_trail_holds_nothing_that_was_typed),
        cmocka_unit_test(whatever_is_typed_comes_back_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
