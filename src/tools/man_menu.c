// SPDX-License-Identifier: AGPL-3.0-or-later
/* man_menu - waymark.menu(5). */
#include "tools/man_parts.h"

const struct man_block man_menu[] = {
    {MAN_HEAD, "DESCRIPTION", NULL},
    {MAN_TEXT,
     "A menu file is lines. The first word of a line says what the line is; text runs to the end of the line, without "
     "quotes. A line that starts with `|` continues the text above it on a new line. A line that starts with `#` is a "
     "note. Indentation is only for the eye. `waymark check` reads all menus and says what is wrong, where, and what "
     "to write instead.",
     NULL},
    {MAN_TEXT,
     "Names are small letters, digits, `-` and `_`. A name may be used in every file, and is given once in all files "
     "together.",
     NULL},
    {MAN_HEAD, "SECTIONS", NULL},
    {MAN_TERM, "start SCREEN", "Where a dial begins, and an SMS that fits nothing."},
    {MAN_TERM, "include PATH", "Reads another menu file; the path begins in the folder of the first one."},
    {MAN_TERM, "screen NAME", "What a person sees at once, and where each answer leads."},
    {MAN_TERM, "part NAME",
     "A piece of dialogue that several places use. It is entered with `-> NAME then SCREEN` and left with `-> return`. "
     "Its further screens are called `screen NAME/OTHER`."},
    {MAN_TERM, "consent NAME", "A question that can be agreed to and refused, with a version."},
    {MAN_TERM, "fact NAME", "A statement that may become untrue: with source, owner and dates."},
    {MAN_TERM, "table NAME", "A directory, read from a CSV file, with the dates of a fact."},
    {MAN_TERM, "case NAME", "What is registered for staff: which answers, for whom, how urgent."},
    {MAN_TERM, "trigger SCREEN", "Words by SMS, in each language, that lead to a screen."},
    {MAN_TERM, "reply NAME", "An answer that staff may send with one key."},
    {MAN_HEAD, "SCREENS AND PARTS", NULL},
    {MAN_TEXT,
     "A screen is read from top to bottom. Lines above its question act on arrival, lines below it after the answer. "
     "`say`, `ask`, `error` and `option` may be for one channel only: `say/ussd`, `say/sms`.",
     NULL},
    {MAN_TERM, "say TEXT", "Shows a text. A long one is cut into pages; a key leads on."},
    {MAN_TERM, "option NUMBER LABEL [= WORD] [-> TARGET]",
     "A choice. `= WORD` is what the answer is stored as. In a label `\\->` and `\\=` stand for `->` and `=`."},
    {MAN_TERM, "choose language", "The languages, as choices."},
    {MAN_TERM, "ask TEXT", "A question."},
    {MAN_TERM, "into NAME", "Where its answer goes."},
    {MAN_TERM, "kind KIND",
     "What is allowed: `number 5..110`, `text 2..30` (letters), `date`, `phone`, `reference`, `window` (a day and a "
     "time, in words)."},
    {MAN_TERM, "match PATTERN", "A regular expression (PCRE2) for the whole answer."},
    {MAN_TERM, "clean WORD ...",
     "Tidies the answer first: `trim`, `squeeze`, `upper`, `lower`, `digits` (digits of any script become 0 to 9)."},
    {MAN_TERM, "error TEXT", "Said when the answer is wrong; the question follows again."},
    {MAN_TERM, "tries NUMBER -> TARGET", "Where to go after so many wrong answers."},
    {MAN_TERM, "-> TARGET",
     "Goes on: to a screen, or `back`, `home`, `end`, `return`. `-> PART then SCREEN` runs a part and comes back. "
     "Of several such lines the first whose condition holds is taken. Where a screen asks nothing, its text is "
     "carried to the next one."},
    {MAN_TERM, "hide KEY ...", "Takes `back`, `home` or `exit` off this page."},
    {MAN_TERM, "set NAME = WORD", "Sets an answer without asking."},
    {MAN_TERM, "send TEXT", "Sends an SMS."},
    {MAN_TERM, "register CASE", "Opens a case. A second one of the kind corrects the first."},
    {MAN_TERM, "find CASE by NAME", "Looks a case of this person up by its reference; then `when found`."},
    {MAN_TERM, "find TABLE by NAME", "Looks rows of a directory up by their key."},
    {MAN_TERM, "withdraw CONSENT", "Ends the consent, and all contact."},
    {MAN_TERM, "erase", "Destroys what the person told us, and ends all contact."},
    {MAN_TERM, "restart", "Lets contact begin again, where the person asked for it."},
    {MAN_TERM, "no-resume", "Whoever is cut off here is not asked to go on when they dial again."},
    {MAN_TERM, "mydata",
     "Says what is kept of the person (calls asked for, the day of agreeing, the last day it is kept), where the "
     "`find` above it found a case of theirs."},
    {MAN_HEAD, "CONDITIONS", NULL},
    {MAN_TERM, "when CONDITION: LINE",
     "The line counts where the condition holds. Tests are joined by `and` or by `or`, never by both; `not` stands "
     "before a test. Of `->` and `priority` the first line that holds wins; of all others every one that holds is "
     "done."},
    {MAN_TERM, "has NAME", "The answer was given; `has lang`: the language is known."},
    {MAN_TERM, "found", "The last `find` found something."},
    {MAN_TERM, "during HOURS", "Now lies in these hours of the settings."},
    {MAN_TERM, "consent NAME", "It is in force, in its present version."},
    {MAN_TERM, "NAME OPERATOR WORD",
     "Compares an answer: `=`, `!=`, `<`, `<=`, `>`, `>=`. Numbers are compared as numbers."},
    {MAN_HEAD, "TEXTS", NULL},
    {MAN_TERM, "{name}",
     "Puts in an answer, a value of the settings, a fact, or the status of a case that was found "
     "(`{request.status}`). A fact's `{name.source}`, `{name.reviewed}` and `{name.owner}` may be said too. "
     "`{service}` is the service's name, `{keep_days}` the days that a case is kept."},
    {MAN_TERM, "{name: # day | # days}",
     "Follows the plural rules of the language; `#` is the number. One such choice in a text."},
    {MAN_TEXT,
     "While nothing can be stored (a full disk) each page on USSD has one more line, \"Nothing is saved now\", which "
     "counts in every page's proof, and what would have to be stored is refused; the value `hotline` then "
     "says where help is.",
     NULL},
    {MAN_HEAD, "CONSENTS", NULL},
    {MAN_TERM, "version WORD",
     "Write a new one whenever the words change: whoever agreed to the old ones is asked again."},
    {MAN_TERM, "agree NUMBER LABEL -> TARGET", "The answer that agrees. It is taken on the last page only."},
    {MAN_TERM, "refuse NUMBER LABEL -> TARGET", "The answer that refuses; it also takes back an earlier agreement."},
    {MAN_TEXT, "`say`, `hide` and `no-resume` stand in consents too.", NULL},
    {MAN_HEAD, "FACTS", NULL},
    {MAN_TERM, "text TEXT", "What is said while the fact holds."},
    {MAN_TERM, "source TEXT", "Where it comes from."},
    {MAN_TERM, "owner TEXT", "Who keeps it."},
    {MAN_TERM, "reviewed YYYY-MM-DD", "When somebody last looked at it."},
    {MAN_TERM, "review-by YYYY-MM-DD", "Until when it is said."},
    {MAN_TERM, "expired TEXT", "What is said afterwards."},
    {MAN_TERM, "confirm TEXT",
     "What somebody qualified has yet to confirm. It may be tried out; `waymark check --release` refuses it."},
    {MAN_HEAD, "TABLES", NULL},
    {MAN_TEXT, "`source`, `owner`, `reviewed`, `review-by`, `expired` and `confirm` as in a fact, and:", NULL},
    {MAN_TERM, "file PATH",
     "A CSV file (RFC 4180, UTF-8) beside the menus; its first line names the columns. A column `aliases` holds other "
     "words for the key, divided by semicolons; columns `reviewed` and `review-by` hold dates of single rows."},
    {MAN_TERM, "key COLUMN", "Rows are found by this column, compared without case, accents and punctuation."},
    {MAN_TERM, "column NAME ...", "The columns that texts may say, as `{legal-help.phone}`."},
    {MAN_HEAD, "CASES", NULL},
    {MAN_TERM, "needs CONSENT, ...", "What must have been agreed to. No way to `register` may avoid it."},
    {MAN_TERM, "needs shown SCREEN, ...", "What must have been read to its last page."},
    {MAN_TERM, "needs offered SCREEN, ...", "What must have been an option of a screen that was shown."},
    {MAN_TERM, "anonymous", "Kept without a number and without a link to the person."},
    {MAN_TERM, "contact NAME NAME",
     "The answers that say whether this number may be called (\"no\": we call nobody; \"time\": at a time of their "
     "own), and when. What they say rules texts, too."},
    {MAN_TERM, "fields NAME, ...", "The answers that are kept."},
    {MAN_TERM, "priority WORD", "The first such line that holds wins."},
    {MAN_TERM, "flag NAME", "Marks the case; the settings name the flags."},
    {MAN_TERM, "reference NAME", "Where the case's reference is put."},
    {MAN_TERM, "status WORD TEXT", "What the person is told of the case; the first is that of a new case."},
    {MAN_HEAD, "TRIGGERS", NULL},
    {MAN_TERM, "words LANGUAGE PHRASE, ...",
     "The whole message, compared without case, accents and punctuation. `{name}` takes one word. Words that lead to a "
     "screen that withdraws or erases always win, in every language at once; with one to four more words behind one of "
     "them, contact is stopped and the person asked."},
    {MAN_TERM, "alone LANGUAGE WORD, ...",
     "As `words`, but such a word stops only where it is the whole message: \"end\" stops, \"end of the week\" does "
     "not."},
    {MAN_TERM, "within LANGUAGE PHRASE, ...",
     "As `words`, and also where other words stand around it, in a message that nothing else knows: \"I want to die\" "
     "in "
     "a long sentence. For a screen that withdraws or erases it is as `words`."},
    {MAN_HEAD, "REPLIES", NULL},
    {MAN_TERM, "label TEXT", "What staff choose it by."},
    {MAN_TERM, "text TEXT", "What is sent."},
    {MAN_HEAD, "EXAMPLE", NULL},
    {MAN_EXAMPLE,
     "start main\n"
     "screen main\n"
     "  say {service}: free, private, your choice.\n"
     "  option 1 How old must I be? -> age\n"
     "  option 2 Nothing -> end\n"
     "screen age\n"
     "  ask How old are you?\n"
     "  into age\n"
     "  clean trim digits\n"
     "  kind number 5..110\n"
     "  error A number, please, for example 24.\n"
     "  tries 3 -> end\n"
     "  when age < 18: say We have help for you too.\n"
     "  -> end\n",
     NULL},
    {MAN_HEAD, "MESSAGES", NULL},
    {MAN_TEXT,
     "What checks and tests may tell. E is refused, W is a warning, T a test that failed. `waymark explain` CODE shows "
     "a wrong and a right example.",
     NULL},
    {MAN_CODES, NULL, NULL},
    {MAN_HEAD, "SEE ALSO", NULL},
    {MAN_TEXT, "waymark(1), waymark.conf(5), waymark.talk(5)", NULL},
    {0},
};
