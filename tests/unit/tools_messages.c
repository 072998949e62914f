// SPDX-License-Identifier: AGPL-3.0-or-later
#include "tools_fixture.h"

#include "tools/messages.h"

static const char menus[] =
    "start welcome\n"
    "screen welcome\n  say/ussd Dial.\n  say/sms Text \"me\".\n    | {hotline}\n  option 1 Help -> help\n"
    "  option 2 Days -> days\n"
    "screen days\n  say We call in {callback_days: # day | # days}.\n  -> end\n"
    "screen help\n  say {help-fact}\n  send Call {hotline}.\n  option 1 Days -> days\n"
    "fact help-fact\n  text We help.\n  source s\n  owner o\n  reviewed 2026-01-01\n  review-by 2026-12-01\n"
    "  expired Ask us.\n"
    "reply later\n  label Later\n  text We call later.\n"
    "trigger gone\n  words en STOP\n  words fr ARRET\n  words ar QIF\n"
    "screen gone\n  erase\n  say Gone.\n  -> end\n";

static const char golden[] =
    "# All texts, in the order in which people walk through them.\n"
    "# Made by \"waymark messages\": change the menus, not this file.\n"
    "msgid \"\"\nmsgstr \"\"\n\"Project-Id-Version: waymark\\n\"\n\"MIME-Version: 1.0\\n\"\n"
    "\"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Content-Transfer-Encoding: 8bit\\n\"\n"
    "\n#. Screen \"welcome\", text, on a call only.\n#: main.menu:3\n"
    "msgctxt \"welcome/say\"\nmsgid \"Dial.\"\nmsgstr \"\"\n"
    "\n#. Screen \"welcome\", text, by SMS only. Keep {…} unchanged.\n#: main.menu:4\n#, perl-brace-format\n"
    "msgctxt \"welcome/say\"\nmsgid \"\"\n\"Text \\\"me\\\".\\n\"\n\"{hotline}\"\nmsgstr \"\"\n"
    "\n#. Screen \"welcome\", option 1. Comes after: \"Dial.\"\n"
    "#. At most 149 characters; 47 in Arabic or Tigrinya.\n#: main.menu:6\n"
    "msgctxt \"welcome/option\"\nmsgid \"Help\"\nmsgstr \"\"\n"
    "\n#. Screen \"welcome\", option 2. Comes after: \"Dial.\"\n"
    "#. At most 149 characters; 47 in Arabic or Tigrinya.\n#: main.menu:7\n"
    "msgctxt \"welcome/option\"\nmsgid \"Days\"\nmsgstr \"\"\n"
    "\n#. Fact \"help-fact\", said at \"help\".\n#: main.menu:16\n"
    "msgctxt \"help-fact/text\"\nmsgid \"We help.\"\nmsgstr \"\"\n"
    "\n#. Fact \"help-fact\", said instead of it once it is past its date.\n#: main.menu:21\n"
    "msgctxt \"help-fact/expired\"\nmsgid \"Ask us.\"\nmsgstr \"\"\n"
    "\n#. Screen \"help\", sent by SMS. Comes after: \"{help-fact}\"\n"
    "#. At most 459 characters; 201 in Arabic or Tigrinya, with what stands for {…}. Keep {…} unchanged.\n"
    "#: main.menu:13\n#, perl-brace-format\n"
    "msgctxt \"help/send\"\nmsgid \"Call {hotline}.\"\nmsgstr \"\"\n"
    "\n#. Screen \"help\", option 1. Comes after: \"{help-fact}\"\n"
    "#. At most 149 characters; 47 in Arabic or Tigrinya.\n#: main.menu:14\n"
    "msgctxt \"help/option\"\nmsgid \"Days\"\nmsgstr \"\"\n"
    "\n#. Screen \"days\", text. Comes after: \"Days\" {callback_days} is a number. Keep {…} unchanged.\n"
    "#: main.menu:9\n#, perl-brace-format\n"
    "msgctxt \"days/say\"\nmsgid \"We call in {callback_days} day.\"\n"
    "msgid_plural \"We call in {callback_days} days.\"\nmsgstr[0] \"\"\nmsgstr[1] \"\"\n"
    "\n#. Screen \"gone\", text.\n#: main.menu:31\n"
    "msgctxt \"gone/say\"\nmsgid \"Gone.\"\nmsgstr \"\"\n"
    "\n#. Reply \"later\", its name for caseworkers.\n#: main.menu:23\n"
    "msgctxt \"later/label\"\nmsgid \"Later\"\nmsgstr \"\"\n"
    "\n#. Reply \"later\", sent by SMS.\n#: main.menu:24\n"
    "msgctxt \"later/text\"\nmsgid \"We call later.\"\nmsgstr \"\"\n"
    "\n#. Waymark's own words. The name of your language, in your language.\n"
    "msgctxt \"system/language\"\n";

static void texts_come_in_the_order_of_walking_with_what_a_translator_needs(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, menus);
    struct str text = STR_INIT(1 << 20);
    struct messages_input in = {.program = f.program, .septets = 182, .units = 80, .root = SPAN("elsewhere/")};
    assert_int_equal(messages_pot(&in, &text), 0);
    struct span start = span_first(str_span(&text), sizeof golden - 1);
    struct str first = STR_INIT(1 << 20);
    str_add(&first, start);
    assert_string_equal(str_z(&first), golden);
    assert_non_null(strstr(str_z(&text), "#. What is shown beside the key \"99\" on every page: one short word.\n"
                                         "msgctxt \"system/key\"\nmsgid \"Exit\"\n"));
    str_clear(&text);
    in.root = SPAN("main.");
    in.units = 0;
    assert_int_equal(messages_pot(&in, &text), 0);
    assert_non_null(strstr(str_z(&text), "\n#: menu:3\n"));
    assert_null(strstr(str_z(&text), "At most 149"));
    str_release(&text), str_release(&first);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_in_the_order_of_walking_with_what_a_translator_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
