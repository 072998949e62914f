# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people read: as plain as it should be, in the right language, dated, and with the same weight for staying and going.

The tables of menus/README.md are checked here. Where one has gone stale the test prints the rows that belong there.
"""
import functools
import re
import subprocess

import harness
import pytest

import readability
import test_book

LANGUAGES = test_book.LANGUAGES
PUBLISHED = ("en", "es")
CHANNELS = ("africastalking", "africastalking-sms", "phone")

# What stays as it is in every language: names, numbers, what people type, and words that are the same in two languages.
NAMES = re.compile(r"^(\{\w+\}[ .:]*)+$")


def unquoted(lines):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', lines)).replace("\\n", "\n").replace('\\"', '"')


@functools.lru_cache(maxsize=None)
def entries(language, folder="locales"):
    """(context, English, what is said) of every text, each plural form as one of its own."""
    name = "messages.pot" if language == "en" else language + ".po"
    found = []
    for block in (harness.TOP / folder / name).read_text(encoding="utf-8").split("\n\n"):
        part = re.search(r"^msgctxt (.*)\nmsgid ((?:.*\n)+?)((?:msgid_plural (?:.*\n)+?)?)((?:msgstr(?:\[\d\])? (?:.*\n?)+)+)$",
                         block, re.M)
        if part:
            context, source, plural = (unquoted(p) for p in part.groups()[:3])
            forms = [unquoted(form) for form in re.split(r"(?m)^msgstr(?:\[\d\])? ", part[4])[1:]]
            english = [source] + ([plural] if plural else [])
            found += [(context, source, text) for text in (english if language == "en" else forms)]
    return found


def sentences_read(language, folder="locales"):
    """Texts that are read as sentences: no labels of options, no keys, no words that people type."""
    labels = ("/option", "/agree", "/refuse", "system/numbers", "system/language", "system/key", "system/more-sms")
    return [text for context, _, text in entries(language, folder) if not context.endswith(labels)]


@functools.lru_cache(maxsize=None)
def book(channel):
    done = subprocess.run([harness.binary(), "book", "--channel", channel, "--at", harness.facts_as_of()], cwd=harness.TOP,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return test_book.Reader(done.stdout)


def answers(reader, screen, language):
    return len(reader.typed[screen, 1, language])


def pages(reader, screen, language):
    return len(reader.pages[screen, 1, language])


def in_readme(rows, heading):
    """The rows stand in the section, one after the other, and no others like them."""
    section = (harness.TOP / "menus/README.md").read_text(encoding="utf-8").split("\n## " + heading + "\n")[1].split("\n## ")[0]
    assert "\n".join(rows) + "\n" in section, "menus/README.md, %s, should say:\n%s" % (heading, "\n".join(rows))


# ---- plain ----

def test_english_is_for_a_reader_of_nine_to_eleven():
    words, grade = readability.measure(sentences_read("en"), "en")
    assert grade <= 5 and words <= 10, (words, grade)


@pytest.mark.parametrize("folder", ["locales", "locales/mexico"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_has_more_than_twelve_words(language, folder):
    """A word is what stands between blanks and marks; a number, a date, a telephone number and what the program puts in
    for {a name} are one word each. A sentence ends with a full stop, a mark of question or exclamation, or the line."""
    texts = sentences_read(language, folder)
    assert len(texts) > 150, "all of them are read"
    for text in texts:
        for sentence in readability.sentences(text):
            assert len(readability.WORD.findall(sentence)) <= 12, sentence


FORMULAS = {"en": "Flesch-Kincaid grade", "es": "Fernandez Huerta, of 100", "pt": "Flesch for Portuguese, of 100",
            "fr": "Kandel and Moles, of 100", "ht": "no formula", "ar": "no formula"}


def test_the_figures_of_reading_are_as_the_document_says():
    rows = []
    for language in LANGUAGES:
        texts = sentences_read(language)
        words, figure = readability.measure(texts, language)
        longest = max(len(readability.WORD.findall(s)) for t in texts for s in readability.sentences(t))
        rows.append("| %s | %.1f | %d | %s | %s |" % (language, words, longest, "" if figure is None else "%.1f" % figure,
                                                       FORMULAS[language]))
        assert words <= 12, rows[-1]
        assert language not in ("es", "pt", "fr") or figure >= 65, rows[-1]
    in_readme(rows, "How plain it is")


@pytest.mark.parametrize("language", [l for l in LANGUAGES if l != "en"])
def test_nothing_is_left_in_english(language):
    left = [(context, text) for context, source, text in entries(language)
            if (text == source or not text) and not NAMES.match(source) and not context.startswith("system/language")]
    assert not [e for e in left if len(readability.WORD.findall(e[1])) != 1], left
    same_word = {"fr": {"Options", "Exceptions"}, "es": {"No"}, "pt": set(), "ht": set(), "ar": set()}[language]
    assert {text for _, text in left} <= same_word, left


# ---- dated ----

def test_amounts_of_money_are_never_first_and_end_within_thirty_days():
    import datetime
    with_money = 0
    for path in sorted((harness.TOP / "menus").rglob("*.menu")):
        for name, body in re.findall(r"^fact (\S+)\n((?:  .*\n)+)", path.read_text(encoding="utf-8"), re.M):
            text = re.search(r"^  text ((?:.*\n)(?:    \| ?.*\n)*)", body, re.M)[1]
            if not re.search(r"\$\s?\d|\d\s?(?:USD|dollars?)", text):
                continue
            reviewed, due = (datetime.date.fromisoformat(re.search(r"^  %s (\S+)" % w, body, re.M)[1])
                             for w in ("reviewed", "review-by"))
            assert due - reviewed <= datetime.timedelta(30), name
            assert not re.match(r"\W*\$", text) and not re.search(r"\$", readability.sentences(text)[0]), name
            with_money += 1
    assert with_money >= 2
    reader = book(CHANNELS[0])
    for (screen, _, language), shown in reader.pages.items():
        if screen in ("language", "main", "return-help", "us-offer", "my-options"):
            assert "$" not in "".join(shown), (screen, language)


# ---- balance ----

@pytest.mark.parametrize("channel", CHANNELS)
def test_legal_help_takes_no_more_answers_than_return(channel):
    reader = book(channel)
    for language in LANGUAGES:
        legal, go, options = (answers(reader, s, language) for s in ("legal-help", "return-help", "my-options"))
        assert legal <= go and options <= go, (channel, language)
        assert answers(reader, "refused", language) <= answers(reader, "age", language), "no is as easy as yes"


@pytest.mark.parametrize("menu", ["main.menu", "mexico.menu"])
def test_legal_help_and_options_stand_before_return_in_the_main_menu(menu):
    main = (harness.TOP / "menus" / menu).read_text().split("\nscreen main\n", 1)[1].split("\nscreen ", 1)[0]
    goes = re.findall(r"(?m)^  option \d+ .* -> (\S+)", main)
    assert goes.index("my-options") < goes.index("legal-help") < goes.index("return-help") < goes.index("call")


def test_a_whole_registration_fits_a_call_of_three_minutes():
    """A page that a person reads and answers takes some ten seconds; the longest of them has 182 letters."""
    reader = book(CHANNELS[0])
    for language in LANGUAGES:
        turns = answers(reader, "done", language)
        assert (turns + 1) * (10 if language in PUBLISHED else 8) <= 180, (language, turns)


COUNTED = ("my-options", "legal-help", "return-help", "risks", "help-now", "status-ask", "stop-menu", "about-us", "danger",
           "stopped", "erased", "complain", "what-we-keep", "must-leave", "afraid", "stay-or-go", "avr-not", "avr-help", "bars",
           "us-offer", "us-offer-money", "agree", "done")


def test_the_balance_is_as_the_document_counts_it():
    reader = book(CHANNELS[0])
    in_readme(["| `%s` | %s |" % (screen, " | ".join("%d, %d" % (answers(reader, screen, l), pages(reader, screen, l))
                                                     for l in LANGUAGES)) for screen in COUNTED], "Balance")


def test_free_legal_help_is_offered_on_as_many_screens_as_the_document_says():
    files = [harness.TOP / "menus" / name for name in
             ["main.menu"] + re.findall(r"(?m)^include (\S+)", (harness.TOP / "menus/main.menu").read_text(encoding="utf-8"))]
    menus = "\n".join(path.read_text(encoding="utf-8") for path in files)
    leads = [re.findall(r"(?m)^  (?:option|agree|refuse) .* -> (\S+)$", body)
             for body in re.findall(r"(?m)^(?:screen|part|consent) \S+\n((?:  .*\n|#.*\n)+)", menus)]
    in_readme(["Free legal help is an option on %d of the %d screens whose choices lead on."
               % (sum("legal-help" in names for names in leads), sum(bool(names) for names in leads))], "Balance")


def test_the_needs_are_met_by_screens_that_say_these_facts():
    """Each row of the table of needs: its screens are there, and each fact of the row is said by one of them."""
    table = (harness.TOP / "menus/README.md").read_text(encoding="utf-8").split("## What people may need")[1].split("\n## ")[0]
    said_at = book(CHANNELS[0]).facts
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| ([^|]+) \|$", table, re.M)[2:]
    assert len(rows) > 20
    for where, what in rows:
        screens = re.findall(r"`([\w/-]+)`", where)
        for fact in re.findall(r"`([\w-]+)`", what):
            assert any(fact in said_at[screen] for screen in screens), (fact, screens)


# ---- random callers; a million of them in ./run torture ----

@pytest.mark.parametrize("config", ["waymark", "mexico"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_random_callers_find_no_page_too_long_and_no_session_without_an_end(language, config):
    said = run(harness.TOP, "walk", "--config", "config/%s.conf" % config, "--seed", "1", "--sessions", "300",
               "--language", language, "--at", harness.facts_as_of())
    assert "300 sessions, " in said


# ---- other countries ----

def run(folder, *arguments):
    done = subprocess.run([harness.binary(), *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_mexico_is_a_deployment_of_its_own():
    said = run(harness.TOP, "check", "--config", "config/mexico.conf", "--at", harness.facts_as_of())
    assert said.startswith("All checks pass")
    assert " 0 failed" in run(harness.TOP, "test", "--config", "config/mexico.conf")
    done = subprocess.run([harness.binary(), "phone", "--config", "config/mexico.conf"], input="*123#\n77\n", cwd=harness.TOP,
                          capture_output=True, text=True)
    assert re.search(r"\| 1 Espa.ol +\|\n  \| 2 English", done.stdout) and "Elija un n" in done.stdout, done.stdout
    reader = test_book.Reader(run(harness.TOP, "book", "--config", "config/mexico.conf", "--at", harness.facts_as_of()))
    for language in PUBLISHED:
        assert answers(reader, "legal-help", language) <= answers(reader, "return-help", language)
    everything = "".join("".join(p) for (_, _, language), p in reader.pages.items() if language == "en")
    assert "ICE" not in everything and "CBP" not in everything and "1-888" not in everything


def test_a_third_country_is_made_as_the_document_tells(folder):
    import shutil
    for name in ("menus", "config", "locales"):
        shutil.copytree(harness.TOP / name, folder / name)
    text = (harness.TOP / "menus/README.md").read_text(encoding="utf-8").split("## Another country")[1]
    commands = re.search(r"```\n(.*?)```", text, re.S)[1].replace("waymark ", "%s " % harness.binary())
    commands = commands.replace("check --config", "check --at %s --config" % harness.facts_as_of())
    if not shutil.which("msgmerge"):
        pytest.skip("GNU gettext is not installed")
    done = subprocess.run(["sh", "-e"], input=commands, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0 and "All checks pass: " in done.stdout, done.stdout + done.stderr
    assert (folder / "menus/panama/tests").is_dir()
