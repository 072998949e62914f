// SPDX-License-Identifier: AGPL-3.0-or-later
/* explain_pages - the pages, in order of codes. */
#include "tools/explain.h"

#define MENU "menus/main.menu"
#define CONF "config/waymark.conf"
#define PO   "locales/es.po"

/* What more than one example needs around it. */
#define HELP "screen help\n  say Call {hotline}.\n  -> end\n"
#define STOP "trigger stopped\n  words en STOP\nscreen stopped\n  withdraw agree\n  say Done.\n  -> end\n"
#define AGREE(then)                                                                                                    \
    "consent agree\n  version 1\n  say We keep your number to call you.\n  agree 1 Yes -> " then                       \
    "\n  refuse 2 No -> help\n"
#define FACT(source, until)                                                                                            \
    "fact grant-fact\n  text You may get {grant} euro.\n" source "  owner M. Diallo, Tunis office\n"                   \
    "  reviewed 2025-03-02\n  review-by " until "\n  expired Call {hotline} to ask.\n"

static const struct explain_page pages[] = {
    {"E01", "a word or line that does not fit the grammar",
     "The line begins with a word that the file does not know, or what follows does not fit it: a condition without "
     "its colon, \"and\" mixed with \"or\", a text that is missing, a \"|\" with nothing above it. The caret shows "
     "where, the hint says what fits.",
     "screen main\n  sya Welcome.\n  -> end\n", "screen main\n  say Welcome.\n  -> end\n", MENU, ""},
    {"E02", "a name that nothing has: screen, case, consent, flag, file or setting, or a word that no answer is",
     "Somewhere a name is used that nothing was given. Mostly it is misspelt: the hint names the nearest one.",
     "screen main\n  option 1 Where are you from? -> contry\n  option 2 Help -> country\nscreen country\n  say "
     "Thanks.\n  -> end\n",
     "screen main\n  option 1 Where are you from? -> country\nscreen country\n  say Thanks.\n  -> end\n", MENU, ""},
    {"E03", "a name or number used twice, or a number that is also a key",
     "Each name is given once in all files together. On a screen no two options that can be shown together have the "
     "same number, and none has the number of a key (0 Back, 00 Home, 98 More, 99 Exit).",
     "screen main\n  option 1 Get help -> help\n  option 1 Nothing -> end\n",
     "screen main\n  option 1 Get help -> help\n  option 2 Nothing -> end\n", MENU, HELP},
    {"E04", "a value outside what is allowed",
     "A setting or a line of a channel file has the right form but a value that cannot be: too large, too small, or "
     "not possible together with the rest. The message says the limits.",
     "parts send 50\n", "parts send 3\n", CONF, NULL},
    {"E10", "a screen that nobody can reach",
     "No option, no \"->\" and no keyword leads to this screen, from wherever a call or a message begins. Lead "
     "somebody there, or take it out.",
     "screen main\n  say Welcome.\n  -> end\nscreen help\n  say Call {hotline}.\n  -> end\n",
     "screen main\n  option 1 Get help -> help\n  option 2 Nothing -> end\nscreen help\n  say Call {hotline}.\n  -> "
     "end\n",
     MENU, ""},
    {"E11", "a dead end: no way on that is always open",
     "A person at this screen may be left without a way on: every \"->\" stands behind a condition, or an option "
     "has no target and nothing follows the question. Write one way without a condition, the last one.",
     "screen main\n  when during office: -> help\n",
     "screen main\n  when during office: -> help\n  say We are closed.\n  -> end\n", MENU, HELP},
    {"E12", "a loop with no way to the end except hanging up",
     "From this screen every way leads back into the same few screens. Give one of them a way to \"end\".",
     "screen main\n  option 1 More -> more\nscreen more\n  option 1 Again -> main\n",
     "screen main\n  option 1 More -> more\nscreen more\n  option 1 Again -> main\n  option 2 Finish -> end\n", MENU,
     ""},
    {"E13", "a loop that never asks anything",
     "These screens lead to each other without ever waiting for an answer, so a call would go round for ever. Put a "
     "question into the loop.",
     "screen main\n  say One.\n  -> two\nscreen two\n  when has lang: -> main\n  -> end\n",
     "screen main\n  say One.\n  -> two\nscreen two\n  option 1 Again -> main\n  option 2 Finish -> end\n", MENU, ""},
    {"E14", "a part entered without \"then\", or one that may not return",
     "A part is a piece of dialogue that several places use. Whoever enters it says where to go afterwards, and the "
     "part says \"-> return\" at its end. It is entered by its own name only, and left by \"return\" only where one "
     "is in it.",
     "screen main\n  -> hello\npart hello\n  say Hello.\n  -> return\n",
     "screen main\n  -> hello then help\npart hello\n  say Hello.\n  -> return\n" HELP, MENU, ""},
    {"E20", "an answer used where it may not have been given",
     "A text or a condition uses an answer, but there is a way to it that does not pass the question, or passes it "
     "without an answer (after too many tries). Ask on every way, or look first: \"when has age:\".",
     "screen done\n  say You are {age}.\n  -> end\n",
     "screen done\n  when has age: say You are {age}.\n  say Bye.\n  -> end\n", MENU,
     "screen main\n  option 1 Tell us -> ask\n  option 2 Go on -> done\nscreen ask\n  ask How old are you?\n  into "
     "age\n"
     "  kind number 5..110\n  error A number, please.\n  tries 3 -> done\n  -> done\n"},
    {"E21", "a pattern that does not work",
     "The text behind \"match\" is not a regular expression (PCRE2), or one that could take too long. It must fit "
     "the whole answer. The caret shows where it breaks.",
     "screen main\n  ask Which country?\n  into country\n  kind text 2..30\n  match [a-z\n  error Letters only.\n  "
     "tries 3 -> help\n  -> help\n",
     "screen main\n  ask Which country?\n  into country\n  kind text 2..30\n  match [a-z ]+\n  error Letters "
     "only.\n  tries 3 -> help\n  -> help\n",
     MENU, HELP},
    {"E22", "a question without \"into\", \"error\", \"tries\" or a limit",
     "A question that takes free text says where the answer goes (into), what is allowed (kind or match), what is "
     "said when it is wrong (error) and where to go after too many wrong ones (tries): nobody is left with a "
     "question that they cannot answer.",
     "screen main\n  ask How old are you?\n  into age\n  -> help\n",
     "screen main\n  ask How old are you?\n  into age\n  kind number 5..110\n  error A number, please, for example "
     "24.\n  tries 3 -> help\n  -> help\n",
     MENU, HELP},
    {"E30", "a translation that is missing or fuzzy in a published language",
     "A language that people may choose has every text in its present wording. A translation of an older wording is "
     "marked \"fuzzy\" and not shown. Run \"waymark messages\", translate what is open, take the mark away; or call "
     "the language a draft in the configuration.",
     "#, fuzzy\n#| msgid \"Free help\"\nmsgctxt \"main/option\"\nmsgid \"Free legal help\"\nmsgstr \"Ayuda "
     "gratis\"\n",
     "msgctxt \"main/option\"\nmsgid \"Free legal help\"\nmsgstr \"Ayuda legal gratis\"\n", PO, NULL},
    {"E31", "a translation with other {names} than its source",
     "What stands in braces is put in by the program: each {name} of the source is in the translation too, spelt "
     "the same, and no other. They may stand in another order. The code also tells of PO files that cannot be read.",
     "msgid \"Call {hotline}.\"\nmsgstr \"Llame al {linea}.\"\n",
     "msgid \"Call {hotline}.\"\nmsgstr \"Llame al {hotline}.\"\n", PO, NULL},
    {"E32", "a text that may not fit its page or its messages",
     "With the longest answers and settings this text would be longer than what a channel carries where it cannot "
     "be cut: a question, an option, an error, the choices of a consent, an SMS. Shorten it, or give a short form "
     "for calls (say/ussd, option/ussd). It is counted in septets, or in UTF-16 units where a letter lies outside "
     "the GSM alphabet: then less than half as much fits.",
     "screen main\n  option 1 I would like to be told about all the kinds of help that there are for people in my "
     "situation, here, on the way and after I have come back to the country that I left -> help\n",
     "screen main\n  option 1 What help is there? -> help\n", MENU, HELP},
    {"E33", "a keyword that leads to two places, or is missing in a language",
     "Keywords of all languages are known at once, so that one word leads to one place only; and each trigger has a "
     "word in every published language.",
     "trigger main\n  words en START, HELP\ntrigger help\n  words en HELP\n",
     "trigger main\n  words en START\ntrigger help\n  words en HELP\n", MENU, "screen main\n  -> help\n" HELP},
    {"E34", "a translation that nobody has reviewed, at a release",
     "\"waymark check --release\" refuses a published language whose PO file names no reviewer. When a qualified "
     "person has read it, write their name into its head.",
     "\"X-Reviewed-By: \\n\"\n", "\"X-Reviewed-By: A. Tekle, certified interpreter\\n\"\n", PO, NULL},
    {"E40", "a case registered without the consent it needs",
     "There is a way to \"register\" on which the person has not agreed. The hint shows it. Lead it through the "
     "consent. Somebody who refuses must not come there either.",
     "screen main\n  option 1 Call me now -> call\n  option 2 How it works -> agree\n",
     "screen main\n  option 1 Call me now -> agree\n", MENU,
     HELP STOP AGREE(
         "call") "screen call\n  register request\n  say Thank you.\n  -> end\ncase request\n  needs agree\n"},
    {"E41", "a consent text that changed without a new version",
     "People agreed to the older words. When the words change, so does the version: whoever agreed to the older one "
     "is asked again. menus/consent.lock remembers what each version said.",
     "consent agree\n  version 2026-02\n  say We keep your number for 24 months.\n",
     "consent agree\n  version 2026-03\n  say We keep your number for 24 months.\n", MENU, NULL},
    {"E42", "a consent that no word by SMS withdraws",
     "Whoever can agree can take it back by one word in an SMS: a trigger leads to a screen that withdraws this "
     "consent or erases.",
     "screen stopped\n  say Done.\n  -> end\n", "screen stopped\n  withdraw agree\n  say Done.\n  -> end\n", MENU,
     "screen main\n  option 1 Call me -> agree\n" HELP AGREE("help") "trigger stopped\n  words en STOP\n"},
    {"E43", "a consent without \"agree\", \"refuse\" or \"version\"",
     "A consent that cannot be refused is none. Both choices stand side by side, and the version says which words "
     "were agreed to.",
     "consent agree\n  version 1\n  say We keep your number to call you.\n  agree 1 Yes -> help\n", AGREE("help"), MENU,
     "screen main\n  option 1 Call me -> agree\n" HELP STOP},
    {"E44", "a case registered without what must have been shown or offered",
     "The case says \"needs shown\" or \"needs offered\", but there is a way to \"register\" that does not pass "
     "that screen (shown), or no screen that has it as an option (offered). The hint shows the way.",
     AGREE("call"), AGREE("risks"), MENU,
     "screen main\n  option 1 Call me -> agree\n  option 2 Risks -> risks\n" HELP STOP
     "screen risks\n  say Leaving can bar you from coming back.\n  option 1 Go on -> after\nscreen after\n  when "
     "consent agree: -> call\n  -> help\nscreen call\n  register request\n  say Thank you.\n  -> end\ncase "
     "request\n  needs "
     "agree\n  needs shown risks\n"},
    {"E45", "a word that pushes",
     "The configuration lists words that no text may use (\"avoid en bonus, hurry, last chance\"), because people "
     "must be able to decide freely. Say what is so, without hurry.",
     "  say Hurry, this is your last chance!\n", "  say You may ask until 1 September.\n", MENU, NULL},
    {"E50", "a fact without its source, owner, dates or \"expired\" text",
     "Whatever may turn out untrue one day says where it comes from, who keeps it, when it was looked at, until "
     "when it holds, and what is said afterwards.",
     FACT("", "2027-01-01"), FACT("  source Programme handbook, section 4\n", "2027-01-01"), MENU,
     "screen main\n  say {grant-fact}\n  -> end\n"},
    {"E51", "a fact past its date",
     "The day behind \"review-by\" is over. Ask the owner whether the fact still holds, then write the new dates. A "
     "running service already says the \"expired\" text instead.",
     FACT("  source Programme handbook, section 4\n", "2025-09-01"),
     FACT("  source Programme handbook, section 4\n", "2027-01-01"), MENU,
     "screen main\n  say {grant-fact}\n  -> end\n"},
    {"E52", "a fact or a table that is not confirmed yet, at a release",
     "\"waymark check --release\" refuses what somebody qualified has yet to confirm: the line \"confirm\" says what. "
     "When it is confirmed, take the line away and write the new dates.",
     "  confirm the amount was read in a newspaper only\n", "  reviewed 2026-12-01\n", MENU, NULL},
    {"T01", "a transcript in which a line does not hold",
     "\"waymark test\" played the talk, and what was shown or stored is not what the line says. Either the menus "
     "are wrong, or the line is older than the menus. After a change of wording \"waymark test --accept\" rewrites "
     "the lines that begin with \"<\"; \"@\" and \"=\" lines are for you to decide.",
     "> 1\n@ hlep\n", "> 1\n@ help\n", "menus/tests/help.talk", NULL},
    {"W20", "a figure straight in a text, without a source",
     "A number, a date or a telephone number stands straight in a \"say\" or \"send\", where nobody looks whether it "
     "still "
     "holds. Put it into a fact or a table, which have a source and a date, or into a value of the configuration. "
     "Numbers "
     "up to 10 and those that a condition of the menus compares with are not meant.",
     "screen main\n  say You may get 2000 euro.\n  -> end\n",
     "screen main\n  say You may get {grant} euro.\n  -> end\n", MENU, ""},
    {"W21", "an SMS that nobody chose",
     "A \"send\" stands on a screen that somebody comes to without an option or a keyword of their own. Whoever else "
     "holds "
     "the phone would read it. Offer the SMS as an option, or let an answer decide (\"when may_text = yes: send "
     "...\").",
     "screen main\n  send Call {hotline}.\n  say Sent.\n  -> end\n",
     "screen main\n  option 1 Text me the number -> text\n  option 2 Finish -> end\nscreen text\n  send Call "
     "{hotline}.\n  "
     "say Sent.\n  -> end\n",
     MENU, ""},
    {"W30", "a translation that is the source itself",
     "The PO file has the English words as the translation of a longer text, so somebody would read English there. "
     "Translate it, or empty its msgstr, and then it is told as missing.",
     "msgid \"Ask for free legal help\"\nmsgstr \"Ask for free legal help\"\n",
     "msgid \"Ask for free legal help\"\nmsgstr \"Pida ayuda legal gratis\"\n", PO, NULL},
    {"W31", "a draft's translation that cannot be used",
     "As E31, for a language that is only a draft: it is told, but nothing depends on it.", "", "", PO, NULL},
    {"W32", "a text that is long",
     "As E32, for a language that is only a draft, or a screen of more pages than anybody reads on a call: more than "
     "four, or eight in an alphabet whose pages are half as long. Nothing is refused.",
     "", "", MENU, NULL},
    {"W33", "a keyword in a language that is not configured",
     "A trigger has words in a language that is neither in \"languages\" nor in \"draft\". They work, but what they "
     "lead to "
     "is said in another language.",
     "trigger help\n  words en CALL\n  words tr YARDIM\n", "trigger help\n  words en CALL\n", MENU,
     "screen main\n  -> help\n" HELP},
    {"W41", "a consent whose words are not locked",
     "menus/consent.lock has no line for this version of the consent, so nobody would notice if its words changed. "
     "Once "
     "they are final, say \"waymark check --accept-consents\".",
     "", "", MENU, NULL},
    {"W45", "a word that pushes, in a draft", "As E45, in a language that is only a draft.", "", "", PO, NULL},
    {"W50", "a fact, a table or a row that is due soon",
     "The day behind \"review-by\" comes within 30 days, and the last third of the time it holds has begun. Let its "
     "owner "
     "look at it now: past that day it is not said any more.",
     FACT("  source Programme handbook, section 4\n", "2026-05-01"),
     FACT("  source Programme handbook, section 4\n", "2027-01-01"), MENU,
     "screen main\n  say {grant-fact}\n  -> end\n"},
    {"W60", "a secret that looks misspelt",
     "A channel file uses a secret that the configuration does not have, and one with nearly the same name is "
     "there. A channel whose secret is not configured is closed, or stays without a check where the file says so.",
     "secret at-kye k3y\n", "secret at-key k3y\n", CONF, NULL},
    {"W61", "a channel in use that is experimental",
     "What the aggregator documents was not enough to be sure how it calls, so the channel's file says "
     "\"experimental\", "
     "and in its first lines what nobody could verify. Try it with the aggregator, with a number of your own; when it "
     "works as the file says, take the word out of your copy.",
     "", "", CONF, NULL},
};

const struct explain_page *explain_page(size_t index)
{
    return index < sizeof pages / sizeof pages[0] ? &pages[index] : NULL;
}
