# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page for reviewers, as text and in a browser; and through it, what the shipped screens say on which day."""
import base64
import collections
import datetime
import functools
import html.parser
import re
import subprocess

import harness

import browser

LANGUAGES = ("en", "es", "ht", "pt", "fr", "ar")
KEYS = re.compile(r"^(?:0|00|98|99) ", re.M)


class Reader(html.parser.HTMLParser):
    """pages: (screen, picture, language) -> the pages; typed: the same -> the answers; rows: screen -> names of facts."""

    def __init__(self, text):
        super().__init__()
        self.pages = collections.defaultdict(list)
        self.typed, self.facts = {}, collections.defaultdict(list)
        self.screen = self.picture = self.language = None
        self.page = self.cell = self.count = None
        self.links = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        self.links += [a[k] for k in ("src", "href", "action") if k in a]
        if tag == "section":
            self.screen, self.picture = a["id"], 0
        elif tag == "div" and a.get("class") == "shots":
            self.picture += 1
        elif tag == "pre":
            self.language, self.page = a["lang"], ""
            assert a["dir"] == ("rtl" if self.language == "ar" else "ltr")
        elif tag == "p" and a.get("class") == "count":
            self.count = ""
        elif tag == "td":
            self.cell = ""

    def handle_endtag(self, tag):
        key = self.screen, self.picture, self.language
        if tag == "pre":
            self.pages[key].append(self.page)
            self.page = None
        elif tag == "p" and self.count is not None:
            self.typed[key] = self.count.split("answers: ")[1].split(" \u00b7 ")
            self.count = None

    def handle_data(self, data):
        if self.page is not None:
            self.page += data
        if self.count is not None:
            self.count += data
        if self.cell is not None:
            found = re.match(r"(?:fact|table) (\S+)$", data)
            if found and self.screen:
                self.facts[self.screen].append(found[1])
            self.cell = None


def waymark(*arguments):
    done = subprocess.run([harness.binary(), *arguments], cwd=harness.TOP, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@functools.lru_cache(maxsize=None)
def book(day):
    return Reader(waymark("book", "--at", day))


def said(reader, language):
    """All that is said in a language, screen by screen, as one line each: pages put together, without keys."""
    texts = collections.defaultdict(str)
    for (screen, _, spoken), pages in reader.pages.items():
        if spoken == language:
            lines = "\n".join(pages).split("\n")
            texts[screen] += " " + " ".join(line for line in lines if not KEYS.match(line))
    return {screen: re.sub(r"\s+", " ", text) for screen, text in texts.items()}


# ---- the page ----

def test_every_screen_is_there_in_every_language():
    reader = book(harness.facts_as_of())
    screens = {screen for screen, _, _ in reader.pages}
    assert len(screens) > 100
    for screen in screens:
        assert {language for s, _, language in reader.pages if s == screen} == set(LANGUAGES), screen
    assert all(link.startswith("#") for link in reader.links)
    assert {link[1:] for link in reader.links} == screens


def test_the_answers_that_are_told_lead_to_the_pages_that_are_shown():
    reader = book(harness.facts_as_of())
    same = [key for key in reader.pages if not any(re.fullmatch(r"[A-Z0-9]{6}", t) for t in reader.typed[key])]
    assert len(same) > len(reader.pages) * 0.8, "all but those that need a request's number, which is another on each phone"
    for key in same[::37]:
        typed = "".join("%s\n" % t for t in ["*123#", *reader.typed[key]])
        phone = waymark_phone(":at %s 10:00\n" % harness.facts_as_of() + typed)
        last = phone.split("  screen ")[-2:]
        assert last[1].startswith(key[0] + " "), key
        shown, told = (re.sub(r"\b[A-Z0-9]{6}\b", "NUMBER", text).split() for text in
                       (" ".join(re.findall(r"^  \| (.*) \|$", last[0], re.M)), reader.pages[key][0]))
        assert shown[-len(told):] == told, key


def waymark_phone(typed):
    done = subprocess.run([harness.binary(), "phone"], cwd=harness.TOP, input=typed, capture_output=True, text=True)
    assert done.returncode == 0
    return done.stdout


def test_the_page_is_read_and_printed_in_a_browser(folder):
    page = folder / "book.html"
    page.write_text(waymark("book", "--at", harness.facts_as_of()), encoding="utf-8")
    with browser.Browser(scripts=False, width=1400) as b:
        b.open("file://%s" % page)
        frames = b.all("#us-offer pre.page")
        assert {f.get_attribute("lang") for f in frames} == set(LANGUAGES)
        assert len({round(f.size["width"]) for f in frames}) == 1, "every phone is as wide"
        tops = {c.location["y"] for c in b.all("#us-offer .shots:first-of-type .shot")}
        assert len(tops) == 1, "all languages stand side by side"
        arabic = next(f for f in frames if f.get_attribute("lang") == "ar")
        assert arabic.value_of_css_property("direction") == "rtl"
        assert arabic.value_of_css_property("white-space") == "pre-wrap"
        assert b.complaints() == []
        pdf = b.driver.execute_cdp_cmd("Page.printToPDF", {"landscape": True})["data"]
        assert base64.b64decode(pdf).startswith(b"%PDF-")


def test_a_channel_and_a_day_may_be_named():
    assert "on the channel phone" in waymark("book", "--channel", "phone", "--at", "2026-12-01")
    done = subprocess.run([harness.binary(), "book", "--channel", "pigeon"], cwd=harness.TOP, capture_output=True, text=True)
    assert done.returncode == 1 and "no channel pigeon is in use" in done.stderr


# ---- facts ----

def catalogue(language):
    """context and English -> what is said."""
    if language == "en":
        return {}
    entries = {}
    for block in (harness.TOP / "locales" / (language + ".po")).read_text(encoding="utf-8").split("\n\n"):
        found = re.search(r'^msgctxt (.*)\nmsgid ((?:.*\n)+?)msgstr ((?:.*\n?)+)$', block, re.M)
        if found:
            context, source, text = ("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', part)).replace("\\n", "\n").replace('\\"', '"')
                                     for part in found.groups())
            entries[context, source] = text
    return entries


def facts():
    """name -> (text, expired, review-by) of each fact of the shipped menus."""
    found = {}
    for path in [p for p in sorted((harness.TOP / "menus").glob("*.menu")) if p.stem != "mexico"] + sorted((harness.TOP / "menus/parts").glob("*.menu")):
        for body in re.findall(r"^fact (.*\n(?:  .*\n)+)", path.read_text(encoding="utf-8"), re.M):
            lines = body.split("\n")
            field = lambda word: re.search(r"^  %s ((?:.*\n)(?:    \| ?.*\n)*)" % word, body, re.M)
            text = re.sub(r"\n    \| ?", "\n", field("text")[1]).strip()
            found[lines[0]] = (text, field("expired")[1].strip(), field("review-by")[1].strip())
    return found


def folded(text, language):
    """Roughly as it is shown: one blank for each gap, no accents that a phone may lack."""
    import unicodedata
    if language == "ar":  # a telephone number's groups stay in order there
        text = re.sub(r"\d+(-\d{3,4}){2,}", lambda found: found[0].replace("-", "."), text)
    else:
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", re.sub(r"\{[^}]*\}", "", text)).replace("\u2019", "'").strip()


def sentences(text):
    return [s.strip() for s in re.split(r"(?<=[.?!\u061f])\s", text) if len(s.strip()) > 12]


def test_a_fact_past_its_day_says_its_expired_text_and_nothing_else_of_it():
    """On each day on which facts end, and on the day after: in every language that has screens."""
    all_facts, days = facts(), sorted({due for _, _, due in facts().values()})
    assert len(all_facts) > 80 and len(days) >= 4
    shown_by = collections.defaultdict(set)
    for screen, names in book(harness.facts_as_of()).facts.items():
        for name in names:
            shown_by[name].add(screen)
    checked = 0
    for language in LANGUAGES:
        words = catalogue(language)
        for day in days:
            after = str(datetime.date.fromisoformat(day) + datetime.timedelta(1))
            said_after = {s: folded(t, language) for s, t in said(book(after), language).items()}
            for name, (text, expired, due) in all_facts.items():
                text = folded(words.get((name + "/text", text), text), language)
                expired = folded(words.get((name + "/expired", expired), expired), language)
                for screen in shown_by[name] & set(said_after):
                    mine, other = (text, expired) if due > day else (expired, text)
                    for sentence in sentences(mine):
                        assert sentence in said_after[screen], (language, after, name, screen, sentence, said_after[screen])
                    still = [s for s in sentences(other) if s not in mine and s in said_after[screen]]
                    theirs = " ".join(folded(t, language) for n, (t, e, d) in all_facts.items() if n != name)
                    assert not [s for s in still if s not in theirs], (language, after, name, screen, still)
                    checked += 1
    assert checked > 1000
