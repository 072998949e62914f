# SPDX-License-Identifier: AGPL-3.0-or-later
"""Manual pages and documents: they name everything that there is, and nothing that there is not."""
import re
import shutil
import subprocess

import harness
import pytest

PAGES = {"waymark": "1", "waymark.menu": "5", "waymark.conf": "5", "waymark.channel": "5", "waymark.talk": "5"}
DOCUMENTS = ("menus/README.md", "locales/README.md", "config/README.md", "CONTRIBUTING.md", "SECURITY.md",
             "CHANGELOG.md")

MADE = ("menus/consent.lock", "locales/fr.po")  # by the operator, as the documents tell


def waymark(*arguments, status=0, cwd=harness.TOP):
    done = subprocess.run([harness.binary(), *arguments], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def plain(roff):
    """What a reader sees of a page, roughly: the letters without roff's own."""
    for escape, letter in (("\\fB", ""), ("\\fR", ""), ("\\-", "-"), ("\\&", ""), ("\\(aq", "'"), ("\\(ha", "^"),
                           ("\\(ti", "~"), ("\\(dq", '"'), ("\\e", "\\")):
        roff = roff.replace(escape, letter)
    return roff


def page(name):
    return plain(waymark("man", name))


def terms(name):
    """What the page explains, each as it is typed."""
    return re.findall(r"^\.TP\n(.+)$", page(name), re.M)


def source(path):
    return (harness.TOP / path).read_text(encoding="utf-8")


def commands():
    return re.findall(r"^  (\S+) +\S", waymark("--help"), re.M)


def settings():
    return re.findall(r"^(\S.*)\n    ", waymark("settings"), re.M)


def codes():
    return re.findall(r"^([A-Z]\d\d) ", waymark("explain"), re.M)


# ---- manual pages ----

@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
@pytest.mark.parametrize("name", PAGES)
def test_groff_has_no_complaint(name):
    done = subprocess.run(["groff", "-man", "-ww", "-z"], input=waymark("man", name), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_goes_by_its_name_with_and_without_section(name):
    text = waymark("man", name)
    assert text.startswith(".TH %s %s " % (name, PAGES[name]))
    assert waymark("man", "%s.%s" % (name, PAGES[name])) == text
    assert waymark("man", name.replace("waymark.", "")) == text


def test_a_page_that_is_not_there_is_wrong_use():
    assert "did you mean \"waymark.menu\"?" in waymark("man", "waymark.menus", status=2)
    assert "one page at a time" in waymark("man", "waymark", "waymark", status=2)


def test_every_command_is_in_the_manual():
    assert len(commands()) > 10 and set(commands()) <= set(terms("waymark"))


def test_every_setting_is_in_the_manual():
    assert len(settings()) > 30 and set(settings()) <= set(terms("waymark.conf"))


def test_every_code_is_in_the_manual():
    assert len(codes()) > 25 and set(codes()) <= set(terms("waymark.menu"))
    for code in re.findall(r'^    \{"([A-Z]\d\d)",', source("src/menu/checks.c"), re.M):
        assert code in codes(), code


def rows(path, table):
    body = re.search(re.escape(table) + r" = \{\n(.*?)\n\};", source(path), re.S).group(1)
    return re.findall(r'\{"([^"]+)",', body)


def test_every_statement_of_menus_is_in_the_manual():
    words = rows("src/menu/parse_screen.c", "parse_screen_rows[]") + rows("src/menu/parse_data.c", "parse_data_rows[]")
    explained = {term.split()[0] for term in terms("waymark.menu")}
    assert len(words) > 35 and set(words) <= explained, set(words) - explained


def test_every_statement_of_channels_is_in_the_manual_with_its_meaning():
    words = rows("src/channel/parse.c", "} rows[]")
    explained = {term.split()[0] for term in terms("waymark.channel")}
    assert len(words) > 30 and set(words) <= explained, set(words) - explained
    assert not re.search(r"^\.TP\n.+\n\n", page("waymark.channel"), re.M)


def test_every_line_of_transcripts_is_in_the_manual():
    explained = " ".join(terms("waymark.talk"))
    for word in rows("src/tools/talk.c", "} lines[]") + ["= " + fact for fact in rows("src/tools/talk.c", "} facts[]")]:
        assert word in explained, word


def example(name):
    return page(name).split(".SH EXAMPLE")[1].split(".nf\n")[1].split(".fi\n")[0]


def test_examples_of_the_manual_are_accepted(folder):
    for name in ("config", "menus", "locales"):
        shutil.copytree(harness.TOP / name, folder / name)
    (folder / "at-key").write_text("key\n", encoding="utf-8")
    conf = example("waymark.conf").replace("/etc/waymark", str(folder)).replace("languages en es", "languages en")
    (folder / "config/waymark.conf").write_text(conf, encoding="utf-8")
    (folder / "menus/main.menu").write_text(example("waymark.menu"), encoding="utf-8")
    (folder / "config/channels/ours.channel").write_text(example("waymark.channel"), encoding="utf-8")
    assert waymark("check", cwd=folder).startswith("All checks pass: 2 screens")


def test_the_transcript_of_the_manual_holds(folder):
    (folder / "example.talk").write_text(example("waymark.talk"), encoding="utf-8")
    assert "1 passed, 0 failed" in waymark("test", str(folder / "example.talk"))


# ---- documents ----

def test_every_command_says_how_it_is_used():
    for command in commands():
        first = waymark(command, "--help").splitlines()[0]
        assert first.startswith("usage: waymark " + command) and first == first.rstrip(), first


def test_every_command_stands_in_the_readme():
    table = source("README.md").split("## Commands")[1].split("\n## ")[0]
    for command in commands():
        assert re.search(r"(?m)^\|.*`(?:waymark )?%s[ `]" % command, table), command


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_table_is_not_broken_in_two(document):
    """An empty line ends a table: the rows below it are shown as text."""
    for block in re.findall(r"(?m)(?:^\|.*\n)+", source(document)):
        second = block.splitlines()[1] if block.count("\n") > 1 else ""
        assert re.fullmatch(r"\|(?: ?-+ ?\|)+", second), (document, block[:200])


def test_every_setting_stands_in_the_operators_document_as_the_program_tells_it():
    text = source("config/README.md")
    for entry in re.findall(r"^(\S.*)\n((?:    .*\n)+)", waymark("settings"), re.M):
        lines = [line.strip() for line in entry[1].splitlines()]
        row = next((r for r in text.splitlines() if r.startswith("| `%s` |" % entry[0].replace("|", "\\|"))), "")
        assert row, "config/README.md has no row for: " + entry[0]
        assert lines[0] in row, entry[0]
        for more in (lines[1].split("; ") if len(lines) > 1 else []):
            assert more.removeprefix("without it: ") in row, (entry[0], more)


def typed(text):
    """What a document tells its reader to type: between backquotes, and lines of examples."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)
    lines = [line for block in fenced for line in re.findall(r"^(?:\$ |.*\| )?(waymark [a-z].*)$", block, re.M)]
    return lines + re.findall(r"`(waymark [a-z][^`\n]*)`", text)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_name_only_what_there_is(document):
    text = source(document)
    for line in typed(text):
        command, *rest = line.split("|")[0].split()[1:]
        assert command in commands(), (document, line)
        for option in filter(re.compile("--").match, rest):
            assert " %s " % option in waymark(command, "--help"), (document, line)
    for code in re.findall(r"\b[ETW]\d\d\b", text):
        assert code in codes(), (document, code)
    for path in re.findall(r"`((?:src|tests|menus|config|locales)/[\w./-]+)`", text):
        example = path in MADE or re.search("[A-Z]{4}", path)  # tests/unit/ROOM_THING.c
        assert example or (harness.TOP / path).exists(), (document, path)


def test_the_table_of_needs_names_screens_that_there_are():
    menus = "".join(p.read_text(encoding="utf-8") for p in sorted((harness.TOP / "menus").rglob("*.menu")))
    screens = set(re.findall(r"^(?:screen|consent|part) (\S+)", menus, re.M))
    facts = set(re.findall(r"^fact (\S+)", menus, re.M))
    table = source("menus/README.md").split("## What people may need")[1].split("\n## ")[0]
    named = re.findall(r"^\| [^|]+ \| ([^|]+) \| ([^|]+) \|$", table, re.M)[2:]
    assert len(named) > 20
    for where, what in named:
        for screen in re.findall(r"`([\w/-]+)`", where):
            assert screen in screens, screen
        for fact in re.findall(r"`([\w-]+)`", what):
            assert fact in facts, fact
