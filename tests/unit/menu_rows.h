// SPDX-License-Identifier: AGPL-3.0-or-later
/* menu_rows - every refusal: a broken menu and the code, line and column that it must be told at. menu_checks looks at
 * the places, tools_golden at the whole text. */
#ifndef WAYMARK_TESTS_MENU_ROWS_H
#define WAYMARK_TESTS_MENU_ROWS_H

#include "menu_fixture.h"

#include <stdio.h>

struct menu_row {
    const char *name, *text;
    const char *code; /* of the first message; NULL: accepted */
    int line, column;
    const char *says; /* a piece of message or hint; NULL: not looked at */
};

#define START "start a\n"
#define END   "screen z\nsay bye\n-> end\n"
#define STOP  "trigger stop\nwords en STOP\nscreen stop\nwithdraw yes\nsay done\n-> end\n"
#define AGREE "consent yes\nversion 1\nsay may we\nagree 1 yes -> reg\nrefuse 2 no -> z\n"
#define LOCKED(version, words)                                                                                         \
    "consent locked\nversion " version "\nsay " words "\nagree 1 yes -> z\nrefuse 2 no -> z\n"                         \
    "trigger stop\nwords en STOP\nscreen stop\nwithdraw locked\nsay done\n-> end\n"
#define ASK "ask who\ninto n\nkind text 1..9\nerror no\ntries 3 -> z\n"

static const struct menu_row menu_rows[] = {
    {"the smallest menu", START "screen a\nsay hi\n-> end\n", NULL, 0, 0, NULL},

    {"unknown word", START "screen a\n  syy hi\n-> end\n", "E01", 3, 3, "did you mean \"say\"?"},
    {"unknown word, none near", START "screen a\nxylophone\n-> end\n", "E01", 3, 1, "unknown word"},
    {"misspelt section", START "screen a\nsay hi\n-> end\nscren b\n", "E01", 5, 1, "did you mean \"screen\"?"},
    {"a section in capitals, and what is in it",
     START "screen a\n-> b\nScreen b\nsay hi\n-> end\nfact f\ntext x\nsource s\nowner o\n"
           "reviewed 2026-04-01\nreview-by 2026-09-01\nexpired y\nScreen c\nsay hi\n",
     "E01", 4, 1, "did you mean \"screen\"?"},
    {"if for when", START "screen a\nif has lang: -> a\n-> end\n", "E01", 3, 1, "did you mean \"when\"?"},
    {"a note of another language", START "screen a\n// note\n-> end\n", "E01", 3, 1, "a note begins with \"#\""},
    {"a note behind a statement", START "screen a\n-> end # note\n", "E01", 3, 8, "on a line of its own"},
    {"two equals signs", START "screen a\nwhen lang == en: say x\n-> end\n", "E01", 3, 11, "write: when lang = WORD:"},
    {"unequal as others write it", START "screen a\nwhen lang <> en: say x\n-> end\n", "E01", 3, 11,
     "when lang != WORD:"},
    {"a brace that closes nothing", START "screen a\nsay Call hotline}.\n-> end\n", "E01", 3, 17, "without its \"{\""},
    {"keywords with a semicolon", START "screen a\n-> end\ntrigger a\nwords en HELP; INFO\n", "E01", 5, 14,
     "divided by \",\""},
    {"word of another section", START "screen a\nsay hi\nneeds agree\n-> end\n", "E01", 4, 1, "belongs in a case"},
    {"line before any section", "strt a\n" START END, "E01", 1, 1, "did you mean \"start\"?"},
    {"no start", "screen a\n-> end\n", "E01", 1, 1, "no \"start\" line"},
    {"start without name", "start\nscreen a\n-> end\n", "E01", 1, 6, NULL},
    {"section without name", START "screen a\n-> end\nscreen\n", "E01", 4, 7, "needs a name"},
    {"section with two names", START "screen a b\n-> end\n", "E01", 2, 10, NULL},
    {"name in capitals", START "screen a\n-> Main\n", "E01", 3, 4, "is not a name"},
    {"missing colon", START "screen a\nwhen has lang -> a\n-> end\n", "E01", 3, 6, "no \":\""},
    {"colon further on", START "screen a\nwhen has lang say x: y\n-> end\n", "E01", 3, 15, "expected"},
    {"and with or", START "screen a\nwhen has lang and lang = en or lang = fr: say x\n-> end\n", "E01", 3, 29,
     "write two lines"},
    {"condition without test", START "screen a\nwhen : say x\n-> end\n", "E01", 3, 6, "condition is missing"},
    {"condition without operator", START "screen a\nwhen lang en: say x\n-> end\n", "E01", 3, 11, "is missing after"},
    {"condition without word", START "screen a\nwhen lang =: say x\n-> end\n", "E01", 3, 12, NULL},
    {"nothing after the condition", START "screen a\nwhen has lang:\n-> end\n", "E01", 3, 15, NULL},
    {"when before kind", START "screen a\nask x\ninto n\nwhen has lang: kind number 1..2\n-> end\n", "E01", 5, 16,
     "cannot stand before"},
    {"unknown channel", START "screen a\nsay/web hi\n-> end\n", "E01", 3, 4, "unknown channel"},
    {"channel where there is none", START "screen a\nset/sms x = y\n-> end\n", "E01", 3, 4, "every channel"},
    {"text missing", START "screen a\nsay\n-> end\n", "E01", 3, 4, "text is missing"},
    {"too much after a target", START "screen a\n-> end now\n", "E01", 3, 8, "too much"},
    {"target missing", START "screen a\n->\n", "E01", 3, 3, NULL},
    {"option without number", START "screen a\noption Yes -> z\n" END, "E01", 3, 8, "0 to 999"},
    {"option number too large", START "screen a\noption 1000 Yes -> z\n" END, "E01", 3, 8, NULL},
    {"option with two arrows", START "screen a\noption 1 Go -> on -> z\n" END, "E01", 3, 13, "\\->"},
    {"option without blanks at its arrow", START "screen a\noption 1 Go->z\n" END, "E01", 3, 12, "between two blanks"},
    {"option with a false arrow", START "screen a\noption 1 Go => z\n" END, "E01", 3, 13, "write: -> z"},
    {"option with a curved arrow", START "screen a\noption 1 Go \u2192 z\n-> end\n" END, "E01", 3, 13, "write: -> z"},
    {"option with a dash for an arrow", START "screen a\noption 1 Go \u2013> z\n-> end\n" END, "E01", 3, 13,
     "is no arrow"},
    {"option with an arrow that leads nowhere", START "screen a\noption 1 Low => high\n-> z\n" END, NULL, 0, 0, NULL},
    {"option with escapes", START "screen a\noption 1 Go \\-> on 1 \\= 2 -> z\n" END, NULL, 0, 0, NULL},
    {"option with equals inside", START "screen a\nask q\ninto n\noption 1 a = b = c\n-> z\n" END, "E01", 5, 12, "\\="},
    {"option with a bad word", START "screen a\nask q\ninto n\noption 1 a = b c\n-> z\n" END, "E01", 5, 14,
     "not a word"},
    {"choose what", START "screen a\nchoose colour\n-> end\n", "E01", 3, 8, "choose language"},
    {"hide an unknown key", START "screen a\nhide more\n-> end\n", "E01", 3, 6, "back, home, exit"},
    {"set without equals", START "screen a\nset x y\n-> end\n", "E01", 3, 7, "\"=\" is missing"},
    {"find without by", START "screen a\nfind k ref\n-> end\n", "E01", 3, 8, "\"by\" is missing"},
    {"kind unknown", START "screen a\nask q\ninto n\nkind colour\n-> end\n", "E01", 5, 6, "kinds are"},
    {"kind with bad bounds", START "screen a\nask q\ninto n\nkind number 5-9\n-> end\n", "E01", 5, 13, NULL},
    {"kind with bounds turned", START "screen a\nask q\ninto n\nkind number 9..5\n-> end\n", "E01", 5, 13, "more than"},
    {"clean unknown", START "screen a\nask q\ninto n\nclean trim polish\n-> end\n", "E01", 5, 12, "unknown cleaner"},
    {"tries without number", START "screen a\nask q\ninto n\ntries -> z\n-> end\n" END, "E01", 5, 7, NULL},
    {"brace not closed", START "screen a\nsay call {hotline\n-> end\n", "E01", 3, 10, "without its"},
    {"two plurals", START "screen a\nsay {grant: # a | # b} {grant: # a | # b}\n-> end\n", "E01", 3, 25,
     "second choice"},
    {"plural with one form", START "screen a\nsay {grant: # a}\n-> end\n", "E01", 3, 6, "two forms"},
    {"plural of a fact", START "screen a\nsay {service: # a | # b}\n-> end\n", "E01", 3, 6, "not a number"},
    {"date that is none", START "screen a\n-> end\nfact f\nreviewed 2026-02-30\n", "E01", 5, 10, "not a date"},
    {"trigger without language", START "screen a\n-> end\ntrigger a\nwords HELP\n", "E01", 5, 7, "not a language"},
    {"words divided by an Arabic comma", START "screen a\n-> end\ntrigger a\nwords en A\nwords ar حذف، عودة\n", "E01",
     6, 13, "divided by"},
    {"place in continued text", START "screen a\nsay one\n  | two {hotlin}\n-> end\n", "E02", 4, 10,
     "did you mean \"hotline\"?"},

    {"unknown screen", START "screen a\n  -> zz\n" END, "E02", 3, 6, "did you mean \"z\"?"},
    {"unknown start", "start main\nscreen mian\n-> end\n", "E02", 1, 7, "did you mean \"mian\"?"},
    {"unknown case", START "screen a\nregister req\n-> end\ncase reg\nanonymous\n", "E02", 3, 10,
     "did you mean \"reg\"?"},
    {"unknown consent", START "screen a\nwithdraw yse\n-> end\n" AGREE STOP "screen reg\n-> end\n" END, "E02", 3, 10,
     "did you mean \"yes\"?"},
    {"screen for a consent", START "screen a\nwithdraw a\n-> end\n", "E02", 3, 10, "is a screen"},
    {"unknown flag", START "screen a\n-> end\ncase k\nanonymous\nflag miner\n", "E02", 6, 6, "did you mean \"minor\"?"},
    {"unknown file", START "include none.menu\nscreen a\n-> end\n", "E02", 2, 9, "no such file"},
    {"file outside", START "include ../x.menu\nscreen a\n-> end\n", "E02", 2, 9, "under the menus' folder"},
    {"unknown name in a text", START "screen a\nsay {hotlone}\n-> end\n", "E02", 3, 6, "did you mean \"hotline\"?"},
    {"unknown field", START "screen a\nsay {hotline.source}\n-> end\n", "E02", 3, 6, NULL},
    {"unknown answer", START "screen a\nwhen agee < 18: say x\n-> end\n", "E02", 3, 6, "no such answer"},
    {"a word that no option gives",
     START "screen a\nask who\ninto n\noption 1 Yes = yes\noption 2 No = no\nwhen n = Yes: -> z\n"
           "-> end\n" END,
     "E02", 7, 10, "did you mean \"yes\"?"},
    {"a word that nothing sets", START "screen a\nset n = legal\nwhen n != lawful: say x\n-> end\n", "E02", 4, 11,
     "it can be: legal"},
    {"a word that no option gives, in a case",
     START "screen a\nask who\ninto n\noption 1 Me\noption 2 You = you\n-> z\n" END
           "case k\nanonymous\nfields n\nwhen n = me: priority urgent\nstatus new x\n",
     "E02", 14, 10, "it can be: 1, you"},
    {"a word of an answer that anything may be", START "screen a\n" ASK "when n = anything: -> z\n-> end\n" END, NULL,
     0, 0, NULL},
    {"a fact for a screen",
     START "screen a\n-> f\nfact f\ntext x\nsource s\nowner o\nreviewed 2026-04-01\nreview-by "
           "2026-09-01\nexpired y\n",
     "E02", 3, 4, "say {f}"},
    {"a screen with a blank in its name", START "screen a\n-> my lists\nscreen my-lists\n-> end\n", "E02", 3, 4,
     "did you mean \"my-lists\"?"},
    {"a screen in capitals", START "screen a\n-> Lists\nscreen lists\n-> end\n", "E02", 3, 4,
     "did you mean \"lists\"?"},
    {"an answer in capitals, and where it is used",
     START "screen a\nask who\ninto Who\nkind text 1..9\nerror no\ntries 3 -> z\nwhen "
           "who = b: -> z\n-> z\n" END,
     "E01", 4, 6, "is not a name"},
    {"unknown hours", START "screen a\nwhen during ofice: say x\n-> end\n", "E02", 3, 13, "did you mean \"office\"?"},
    {"unknown part", START "screen a\n-> end\nscreen p/one\n-> end\n", "E02", 4, 8, "no such part"},
    {"screen for a part", START "screen a\n-> end\nscreen a/one\n-> end\n", "E02", 4, 8, "not a part"},

    {"screen twice", START "screen a\n-> end\nscreen a\n-> end\n", "E03", 4, 8, "first at m/main.menu:2"},
    {"start twice", START START "screen a\n-> end\n", "E03", 2, 1, NULL},
    {"file includes itself", START "include main.menu\nscreen a\n-> end\n", "E03", 2, 9, "includes itself"},
    {"statement twice", START "screen a\nask q\ninto n\ninto n\n-> end\n", "E03", 5, 1, "said twice"},
    {"name of the language", START "screen a\nset lang = fr\n-> end\n", "E03", 3, 5, "of the language itself"},
    {"status twice", START "screen a\n-> end\ncase k\nanonymous\nstatus new x\nstatus new y\n", "E03", 7, 8, NULL},
    {"number twice", START "screen a\noption 1 x -> z\noption 1 y -> z\n" END, "E03", 4, 1, "first on line 3"},
    {"number twice, never together",
     START "screen a\noption 2 w -> z\nwhen has lang: option 1 x -> z\nwhen not has lang: option 1 y -> z\n" END, NULL,
     0, 0, NULL},
    {"number twice on two channels", START "screen a\noption/ussd 1 x -> z\noption/sms 1 y -> z\n" END, NULL, 0, 0,
     NULL},
    {"number that is a key", START "screen a\noption 0 x -> z\n" END, "E03", 3, 1, "the key \"back\""},
    {"number of a hidden key", START "screen a\nhide back\noption 0 x -> z\n" END, NULL, 0, 0, NULL},

    {"screen nobody can reach", START "screen a\n-> end\nscreen b\n-> end\n", "E10", 4, 8, NULL},
    {"screen after one that always goes on", START "screen a\n-> z\noption 1 x -> b\nscreen b\n-> end\n" END, "E10", 5,
     8, NULL},
    {"screen reached by a keyword", START "screen a\n-> end\nscreen b\n-> end\ntrigger b\nwords en B\n", NULL, 0, 0,
     NULL},
    {"dead end", START "screen a\nsay hi\n", "E11", 2, 8, "-> end"},
    {"dead end after a condition", START "screen a\nwhen has lang: -> z\n" END, "E11", 2, 8, NULL},
    {"dead end after the answer", START "screen a\n" ASK END, "E11", 2, 8, "below the question"},
    {"dead end after an option", START "screen a\noption 1 x\noption 2 y -> z\n" END, "E11", 3, 1,
     "option 1 of \"a\" leads nowhere"},
    {"dead end after every option", START "screen a\noption 1 x\noption 2 y\n" END, "E11", 2, 8, "below the question"},
    {"dead end where all options are conditional", START "screen a\nwhen has lang: option 1 x -> z\n" END, "E11", 2, 8,
     NULL},
    {"dead end by SMS", START "screen a\noption/ussd 1 x -> z\n" END, "E11", 2, 8, NULL},
    {"loop without an end", START "screen a\noption 1 x -> b\nscreen b\noption 1 y -> a\n", "E12", 2, 8, NULL},
    {"loop below a way out", START "screen a\noption 1 x -> b\noption 2 w -> end\nscreen b\noption 1 y -> b\n", "E12",
     5, 8, NULL},
    {"back is a way out", START "screen a\noption 1 x -> b\noption 2 w -> end\nscreen b\noption 1 y -> back\n", NULL, 0,
     0, NULL},
    {"loop through a part", START "screen a\n-> p then b\nscreen b\noption 1 x -> a\npart p\noption 1 x -> return\n",
     "E12", 2, 8, NULL},
    {"loop that asks nothing", START "screen a\nwhen has lang: -> b\n-> z\nscreen b\n-> a\n" END, "E13", 2, 8, NULL},
    {"loop that asks nothing through a part",
     START "screen a\nwhen has lang: -> p then a\n-> z\npart p\nsay x\n-> return\n" END, "E13", 2, 8, NULL},
    {"loop that asks in a part", START "screen a\nwhen has lang: -> p then a\n-> z\npart p\noption 1 x -> return\n" END,
     NULL, 0, 0, NULL},
    {"part without then", START "screen a\n-> p\npart p\n-> return\n", "E14", 3, 4, "without \"then\""},
    {"part entered in its middle", START "screen a\n-> p/x then z\npart p\n-> p/x\nscreen p/x\n-> return\n" END, "E14",
     3, 4, "by its door"},
    {"then after a screen", START "screen a\n-> z then z\n" END, "E14", 3, 4, "only after a part"},
    {"part after then", START "screen a\n-> p then p\npart p\n-> return\n", "E14", 3, 11, "without \"then\""},
    {"return outside a part", START "screen a\n-> return\n", "E14", 3, 4, NULL},
    {"part that never returns", START "screen a\n-> p then z\npart p\n-> end\n" END, "E14", 4, 6, "never returns"},
    {"part that only passes through one that returns",
     START "screen a\n-> p then z\npart p\n-> q then p/x\nscreen p/x\n-> end\npart q\noption 1 x -> return\n" END,
     "E14", 4, 6, "\"p\" never returns"},
    {"part as a trigger", START "screen a\n-> end\npart p\n-> return\ntrigger p\nwords en P\n", "E14", 6, 9, NULL},

    {"answer used before it is given", START "screen a\nsay you are {n}\n-> b\nscreen b\n" ASK "-> z\n" END, "E20", 3,
     1, "may not have been answered"},
    {"answer missing on one path",
     START "screen a\noption 1 x -> b\noption 2 y -> c\nscreen b\n" ASK "-> c\nscreen c\nsay {n}\n-> end\n" END, "E20",
     13, 1, "(2 y)"},
    {"answer looked at first",
     START "screen a\noption 1 x -> b\noption 2 y -> c\nscreen b\n" ASK
           "-> c\nscreen c\nwhen has n: say {n}\n-> end\n" END,
     NULL, 0, 0, NULL},
    {"answer of a keyword", START "screen a\n-> z\nscreen b\nsay {n}\n-> end\ntrigger b\nwords en B {n}\n" END, NULL, 0,
     0, NULL},
    {"answer given in a part", START "screen a\n-> p then b\nscreen b\nsay {n}\n-> end\npart p\n" ASK "-> return\n" END,
     NULL, 0, 0, NULL},
    {"answer given up in a part",
     START "screen a\n-> p then b\nscreen b\nsay {n}\n-> end\npart p\nask who\ninto n\nkind text 1..9\nerror "
           "no\ntries 3 -> return\n-> return\n",
     "E20", 5, 1, NULL},

    {"bad pattern", START "screen a\nask q\ninto n\nmatch ab[cd\n-> end\n", "E21", 5, 12, "pattern"},
    {"pattern with one byte", START "screen a\nask q\ninto n\nmatch é\\C\n-> end\n", "E21", 5, 10, NULL},
    {"question without into", START "screen a\nask q\nkind text 1..9\n-> end\n", "E22", 3, 1, "goes nowhere"},
    {"question without limit", START "screen a\nask q\ninto n\nerror no\ntries 3 -> z\n-> z\n" END, "E22", 3, 1,
     "limit"},
    {"question without error", START "screen a\nask q\ninto n\nkind date\ntries 3 -> z\n-> z\n" END, "E22", 3, 1,
     "error"},
    {"question without tries", START "screen a\nask q\ninto n\nkind date\nerror no\n-> z\n" END, "E22", 3, 1, "tries"},
    {"into without question", START "screen a\ninto n\n-> z\n" END, "E22", 3, 1, NULL},
    {"limit without question", START "screen a\nkind date\n-> z\n" END, "E22", 2, 8, NULL},

    {"one word for two places",
     START "screen a\n-> z\ntrigger a\nwords en HELP\ntrigger z\nwords fr help.\nwords en Z\n" END, "E33", 7, 10,
     "already leads to \"a\""},
    {"a word that takes any word clashes",
     START "screen a\n-> z\ntrigger a\nwords en GO {n}\ntrigger z\nwords en GO NOW\n" END, "E33", 7, 10, NULL},
    {"any word behind a word that is taken already",
     START "screen a\n-> z\ntrigger a\nwords en GO NOW\ntrigger z\nwords en GO {n}\n" END, "E33", 7, 10,
     "first at m/main.menu:5"},
    {"any word behind a word of two places",
     START "screen a\n-> z\ntrigger a\nwords en GO NOW\ntrigger z\nwords en GO OUT\ntrigger a\nwords en GO {n}\n" END,
     "E33", 9, 10, "first at m/main.menu:7"},
    {"a word twice for one place", START "screen a\n-> z\ntrigger a\nwords en HELP\nwords en HELP\n" END, NULL, 0, 0,
     NULL},
    {"trigger without a word in English", START "screen a\n-> z\ntrigger a\nwords fr AIDE\n" END, "E33", 4, 9,
     "no word in \"en\""},

    {"register without consent",
     START "screen a\noption 6 Call me now -> reg\noption 1 x -> yes\nscreen reg\n  register k\n  -> end\ncase "
           "k\nneeds yes\n" AGREE STOP END,
     "E40", 6, 3, "the way is a -> (6 Call me now) -> reg; lead it through \"yes\""},
    {"register after consent",
     START "screen a\n-> yes\nscreen reg\nregister k\n-> end\ncase k\nneeds yes\n" AGREE STOP END, NULL, 0, 0, NULL},
    {"register after a refusal",
     START "screen a\n-> yes\nscreen reg\nregister k\n-> z\ncase k\nneeds yes\nconsent yes\nversion 1\nsay may "
           "we\nagree 1 yes -> reg\nrefuse 2 no -> reg\n" STOP END,
     "E40", 5, 1, "(2 no)"},
    {"register after refusing what was agreed before",
     START "screen a\nwhen consent yes: -> yes\n-> z\nscreen reg\nregister k\n-> z\ncase k\nneeds yes\nconsent "
           "yes\nversion 1\nsay may we\nagree 1 yes -> reg\nrefuse 2 no -> reg\n" STOP END,
     "E40", 6, 1, NULL},
    {"register where consent is looked at",
     START
     "screen a\nwhen consent yes: -> reg\n-> yes\nscreen reg\nregister k\n-> end\ncase k\nneeds yes\n" AGREE STOP END,
     NULL, 0, 0, NULL},
    {"register where no consent was sent away",
     START
     "screen a\nwhen not consent yes: -> yes\n-> reg\nscreen reg\nregister k\n-> end\ncase k\nneeds yes\n" AGREE STOP
         END,
     NULL, 0, 0, NULL},
    {"register where a condition proves nothing",
     START
     "screen a\nwhen consent yes or has lang: -> reg\n-> yes\nscreen reg\nregister k\n-> end\ncase k\nneeds yes\n" AGREE
         STOP END,
     "E40", 6, 1, NULL},
    {"register after a part that both ways use",
     START "screen a\noption 1 x -> p then yes\noption 2 y -> p then z\nscreen reg\n-> p then done\nscreen "
           "done\nregister k\n-> end\npart p\noption 1 x -> return\ncase k\nneeds yes\n" AGREE STOP END,
     NULL, 0, 0, NULL},
    {"register after a part without consent",
     START "screen a\noption 1 x -> p then done\noption 2 y -> yes\nscreen reg\n-> done\nscreen "
           "done\nregister k\n-> end\npart p\noption 1 x -> return\ncase k\nneeds yes\n" AGREE STOP END,
     "E40", 8, 1, "a -> (1 x) -> p -> done"},
    {"register after withdrawing",
     START "screen a\n-> yes\nscreen reg\noption 1 x -> gone\noption 2 y -> done\nscreen gone\nwithdraw yes\n-> "
           "done\nscreen done\nregister k\n-> end\ncase k\nneeds yes\n" AGREE STOP END,
     "E40", 11, 1, NULL},
    {"register after a part that withdraws",
     START "screen a\n-> yes\nscreen reg\n-> p then done\npart p\nwithdraw yes\nsay x\n-> return\nscreen "
           "done\nregister k\n-> end\ncase k\nneeds yes\n" AGREE STOP END,
     "E40", 11, 1, NULL},
    {"case without consent", START "screen a\nregister k\n-> end\ncase k\npriority normal\n", "E40", 5, 6, "neither"},
    {"consent that no word withdraws", START "screen a\n-> yes\nscreen reg\n-> end\n" AGREE END, "E42", 6, 9, NULL},
    {"consent that a word leads to the withdrawal of another",
     START "screen a\n-> yes\nscreen reg\n-> other\nconsent other\nversion 1\nsay may we too\nagree 1 y -> z\nrefuse 2 "
           "n -> z\ntrigger stop\nwords en STOP\nscreen stop\nwithdraw other\nsay done\n-> end\n" AGREE END,
     "E42", 17, 9, NULL},
    {"consent without refuse", START "screen a\n-> yes\nconsent yes\nversion 1\nsay x\nagree 1 y -> z\n" END, "E43", 4,
     9, "without \"refuse\""},
    {"consent without version", START "screen a\n-> yes\nconsent yes\nsay x\nagree 1 y -> z\nrefuse 2 n -> z\n" END,
     "E43", 4, 9, "without \"version\""},
    {"register without what must be shown",
     START "screen a\n-> yes\nscreen reg\noption 1 x -> r\noption 2 y -> done\nscreen r\nsay risk\noption 1 x -> "
           "done\nscreen done\nregister k\n-> end\ncase k\nneeds yes\nneeds shown r\n" AGREE STOP END,
     "E44", 11, 1, "(2 y)"},
    {"register without what must be offered",
     START "screen a\n-> yes\nscreen reg\noption 1 x -> done\nscreen done\nregister k\noption 1 x -> r\noption 2 y -> "
           "z\nscreen r\n-> end\ncase k\nneeds yes\nneeds offered r\n" AGREE STOP END,
     "E44", 7, 1, "offered"},
    {"register after what was offered",
     START
     "screen a\n-> yes\nscreen reg\noption 1 x -> done\noption 2 y -> r\nscreen done\nregister k\n-> z\nscreen r\n-> "
     "end\ncase k\nneeds yes\nneeds offered r\n" AGREE STOP END,
     NULL, 0, 0, NULL},

    {"fact without its source",
     START "screen a\n-> end\nfact f\ntext x\nowner o\nreviewed 2026-01-01\nreview-by 2026-05-01\nexpired e\n", "E50",
     4, 6, "without \"source\""},
    {"fact with dates turned",
     START
     "screen a\n-> end\nfact f\ntext x\nsource s\nowner o\nreviewed 2026-05-02\nreview-by 2026-05-01\nexpired e\n",
     "E50", 4, 6, NULL},
    {"fact past its date",
     START
     "screen a\n-> end\nfact f\ntext x\nsource s\nowner o\nreviewed 2026-01-02\n  review-by 2026-04-13\nexpired e\n",
     "E51", 9, 3, "2026-04-13"},
    {"fact past its date for a year",
     START
     "screen a\n-> end\nfact f\ntext x\nsource s\nowner o\nreviewed 2024-01-02\nreview-by 2025-04-13\nexpired e\n",
     "E51", 9, 1, "2025-04-13"},
    {"fact on its last day",
     START
     "screen a\n-> end\nfact f\ntext x\nsource s\nowner o\nreviewed 2026-01-02\nreview-by 2026-04-14\nexpired e\n",
     "W50", 9, 1, "due for review on 2026-04-14"},
    {"fact due in 30 days",
     START
     "screen a\n-> end\nfact f\ntext x\nsource s\nowner o\nreviewed 2026-01-02\nreview-by 2026-05-14\nexpired e\n",
     "W50", 9, 1, NULL},
    {"fact due in 31 days",
     START
     "screen a\n-> end\nfact f\ntext x\nsource s\nowner o\nreviewed 2026-01-02\nreview-by 2026-05-15\nexpired e\n",
     NULL, 0, 0, NULL},
    {"monthly fact, looked at yesterday",
     START
     "screen a\n-> end\nfact f\ntext x\nsource s\nowner o\nreviewed 2026-04-13\nreview-by 2026-05-13\nexpired e\n",
     NULL, 0, 0, NULL},

    {"a word that pushes", START "screen a\nsay Well, HURRY!\n-> end\n", "E45", 3, 11, "\"hurry\" pushes"},
    {"words that push over two lines", START "screen a\nsay x\n  | your last\n  | chance now\n-> end\n", "E45", 4, 10,
     "\"Last Chance\""},
    {"a word that pushes, in an option", START "screen a\noption 1 (hurry) -> z\n" END, "E45", 3, 11, NULL},
    {"a word that pushes, joined by a hyphen", START "screen a\nsay a hurry-up\n-> end\n", "E45", 3, 7, NULL},
    {"a longer word", START "screen a\nsay hurrying, lasts, chance last\n-> end\n", NULL, 0, 0, NULL},
    {"a name that pushes", START "screen a\nset hurry = x\nsay {hurry} {service}\n-> end\n", NULL, 0, 0, NULL},

    {"a figure without a source", START "screen a\nsay You may get 2,000 euro.\n-> end\n", "W20", 3, 17,
     "\"2,000\" says no source"},
    {"a date without a source", START "screen a\nsay Until 2026-05-01.\n-> end\n", "W20", 3, 11, "\"2026-05-01\""},
    {"a telephone number without a source", START "screen a\nsay hi\n  | Call 80 10 10 10.\n-> end\n", "W20", 4, 10,
     "\"80 10 10 10\""},
    {"a figure in a message",
     START "screen a\noption 1 x -> b\noption 2 y -> z\nscreen b\nsend Call 911.\nsay x\n-> end\n" END, "W20", 6, 11,
     NULL},
    {"small numbers", START "screen a\nsay Answer 1 or 2, 1-3, 10. K7M3QX x2\n-> end\n", NULL, 0, 0, NULL},
    {"eleven", START "screen a\nsay 11 days\n-> end\n", "W20", 3, 5, NULL},
    {"a number that the menus decide by",
     START "screen a\n" ASK "when n < 18: -> b\n-> z\nscreen b\nsay You are under 18.\n-> end\n" END, NULL, 0, 0, NULL},
    {"a number in a value", START "screen a\nsay {grant}\n-> end\n", NULL, 0, 0, NULL},

    {"an SMS on the way", START "screen a\n-> b\nscreen b\nsend hi\nsay x\n-> end\n", "W21", 5, 1, "from \"a\""},
    {"an SMS at once", START "screen a\nsend hi\nsay x\n-> end\n", "W21", 3, 1, NULL},
    {"an SMS below the question", START "screen a\noption 1 x = x\nsend hi\n-> z\n" END, "W21", 4, 1, NULL},
    {"an SMS by option", START "screen a\noption 1 x -> b\nscreen b\nsend hi\nsay x\n-> end\n", NULL, 0, 0, NULL},
    {"an SMS by keyword", START "screen a\n-> end\ntrigger b\nwords en B\nscreen b\nsend hi\nsay x\n-> end\n", NULL, 0,
     0, NULL},
    {"an SMS that an answer decides", START "screen a\n" ASK "when n = yes: send hi\n-> z\n" END, NULL, 0, 0, NULL},

    {"a keyword of a language that is not there", START "screen a\n-> end\ntrigger a\nwords en A, B\nwords tr C, D\n",
     "W33", 6, 10, "\"tr\" is not among"},
    {"keywords of two languages that are not there",
     START "screen a\n-> end\ntrigger a\nwords en A\nwords tr C\nwords de D\n", "W33", 6, 10, "\"tr\" is not among"},

    {"a consent with other words than are locked", START "screen a\n-> locked\n" LOCKED("1", "may we") END, "E41", 5, 9,
     "but not its version"},
    {"a consent with the words that are locked", START "screen a\n-> locked\n" LOCKED("2", "may we") END, NULL, 0, 0,
     NULL},
    {"a consent whose label changed", START "screen a\n-> locked\n" LOCKED("2", "may we then") END, "E41", 5, 9, NULL},
    {"a consent that is not locked", START "screen a\n-> locked\n" LOCKED("3", "may we") END, "W41", 5, 9,
     "--accept-consents"},
    {"a consent that is not locked in a version of its name",
     START "screen a\n-> locked\n" LOCKED("2026-03", "may we") END, "W41", 5, 9, "2026-03"},

    {"priority that is none", START "screen a\n-> end\ncase k\nanonymous\n  priority urgnet\n", "E02", 6, 12,
     "did you mean \"urgent\"?"},
    {"priority that is like none", START "screen a\n-> end\ncase k\nanonymous\npriority x\n", "E02", 6, 10,
     "low, normal, high, urgent"},
    {"priority", START "screen a\n-> end\ncase k\nanonymous\npriority low\n", NULL, 0, 0, NULL},
    {"fact that quotes a fact",
     START
     "screen a\n-> end\nfact f\ntext {f}\nsource s\nowner o\nreviewed 2026-01-02\nreview-by 2026-04-14\nexpired e\n",
     "E01", 5, 7, "cannot quote"},
};

enum { MENU_ROWS = sizeof menu_rows / sizeof menu_rows[0] };

static const char menu_lock[] = "# consents\nconsent locked 1 0123456789abcdef\nconsent locked 2 5e95175bec0ca977\n";

/** Compiles the menu of a row; the program is freed. As menu_load. */
static inline int menu_row_load(const char *text, const char *start, struct diags *d)
{
    char beside[64];
    struct program *program = NULL;
    snprintf(beside, sizeof beside, "%.*s/consent.lock", (int)(strrchr(start, '/') - start), start);
    const struct fixture_file all[] = {{start, text}, {beside, menu_lock}};
    struct fixture files = {all, 2};
    struct settings settings = fixture_settings(1);
    const struct menu_input in = {.settings = &settings,
                                  .start = start,
                                  .read = fixture_read,
                                  .ctx = &files,
                                  .locked = strstr(text, "consent locked") != NULL,
                                  .today = fixture_today(),
                                  .dated = true};
    int rc = menu_load(&in, d, &program);
    if (!rc) // the settings end with this function
        program_free(program);
    return rc;
}

#endif
