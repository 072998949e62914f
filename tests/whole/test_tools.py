# SPDX-License-Identifier: AGPL-3.0-or-later
"""The operator's tools as commands: exit codes, help, files written."""
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree

import harness
import pytest
from workplace import Workplace

COMMANDS = ("messages", "graph", "walk", "tour", "book", "fmt", "test", "explain", "check")
TALK = "menus/tests/stop.talk"


@pytest.fixture
def place(folder):
    return Workplace(folder)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(place, command):
    assert place.waymark(command, "--help").startswith("usage: waymark " + command)
    place.waymark(command, "--no-such-option", status=2)
    assert "waymark %s --help" % command in place.error


@pytest.mark.parametrize("arguments", [("walk",), ("walk", "--seed", "x"), ("walk", "--seed", "1", "--sessions", "0"),
                                       ("graph", "more"), ("messages", "more"), ("explain", "E01", "E02")])
def test_wrong_use_is_exit_status_2(place, arguments):
    place.waymark(*arguments, status=2)
    assert place.error.startswith("waymark " + arguments[0])


# ---- test ----

def test_coverage_is_printed_by_language(place):
    said = place.waymark("test")
    head = next(line for line in said.splitlines() if line.startswith("coverage"))
    assert head.split()[:4] == ["coverage", "any", "en", "es"]
    assert [line.split()[0] for line in said.splitlines()[1:5]] == ["screens", "options", "wrong", "when"]


@pytest.mark.parametrize("config", ["waymark", "mexico"])
def test_the_transcripts_come_by_all_that_there_is_in_every_language(config):
    """Screens, options, wrong answers, and each line with `when` both when it holds and when it does not."""
    done = subprocess.run([harness.binary(), "test", "--config", "config/%s.conf" % config], cwd=harness.TOP,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split()[-7:] for line in done.stdout.splitlines()[:5]]
    assert rows[0] == ["any", "en", "es", "ht", "pt", "fr", "ar"] or rows[0] == ["any", "es", "en", "ht", "pt", "fr", "ar"]
    for row in rows[1:]:
        count = row[0].split("/")[1]
        assert int(count) > 50 and row == ["%s/%s" % (count, count)] * 7, done.stdout


def test_accept_rewrites_shown_lines_and_nothing_else(place):
    talk = place.folder / TALK
    before = talk.read_text(encoding="utf-8")
    talk.write_text(before.replace("< Done. No more", "< Over. No more", 1).replace("@ stopped", "@ stopped", 1),
                          encoding="utf-8")
    place.waymark("test", status=1)
    place.waymark("test", "--accept")
    assert talk.read_text(encoding="utf-8") == before
    talk.write_text(before.replace("@ stopped", "@ main", 1), encoding="utf-8")
    place.waymark("test", "--accept", status=1)
    assert "T01" in place.error and "@ main" in talk.read_text(encoding="utf-8")


def test_junit_names_each_talk(place):
    talk = place.folder / TALK
    talk.write_text(talk.read_text(encoding="utf-8").replace("@ stopped", "@ main", 1), encoding="utf-8")
    place.waymark("test", "--junit", "out.xml", "menus/tests/stop.talk", status=1)
    suites = xml.etree.ElementTree.parse(place.folder / "out.xml").getroot()
    assert suites.tag == "testsuites" and suites.get("failures") == "1"
    failed = suites.findall(".//testcase[failure]")
    assert len(failed) == 1 and failed[0].get("line") and "main" in failed[0].find("failure").get("message")


# ---- walk ----

def test_a_walk_is_the_same_each_time(place):
    arguments = ("walk", "--seed", "42", "--sessions", "50", "--at", "2026-12-01")
    first = place.waymark(*arguments)
    assert place.waymark(*arguments) == first
    assert "50 sessions" in first
    assert place.waymark("walk", "--seed", "43", "--sessions", "50", "--at", "2026-12-01") != first
    place.waymark("walk", "--seed", "1", "--language", "tlh", status=1)


def test_of_transcripts_that_are_named_no_coverage_is_told(place):
    assert place.waymark("test", TALK).splitlines()[-1].endswith(" passed, 0 failed")
    assert len(place.waymark("test", TALK).splitlines()) == 2


# ---- tour ----

def tours(place):
    return {path.name: path.read_bytes() for path in sorted((place.folder / "menus/tests").glob("tour-en*.talk"))}


def test_a_tour_goes_everywhere_and_holds(place):
    for talk in (place.folder / "menus/tests").glob("*.talk"):
        talk.unlink()
    said = place.waymark("tour", "--language", "en", "--at", "2026-12-01").splitlines()
    assert len(said) == 3
    for line in said:
        for kind in ("screens", "options", "questions"):
            done, all_of_them = re.search(r"(\d+) of (\d+) " + kind, line).groups()
            assert done == all_of_them and int(done) > 80, line
    assert list(tours(place)) == ["tour-en-160.talk", "tour-en-sms.talk", "tour-en.talk"]
    assert "phone +12025550101 ussd 160 70\n" in tours(place)["tour-en-160.talk"].decode()
    assert " 0 failed" in place.waymark("test")


def test_a_transcript_in_which_there_is_none_fails(place):
    (place.folder / TALK).write_text("# to be written\n")
    place.waymark("test", TALK, status=1)
    assert TALK + ":1:1: error E01: there is no talk in this file\n  hint: begin with" in place.error


SMALL = """start main
screen main
  say {service}
  option 1 Read on -> more
  option 2 Nothing -> end
screen more
  say That is all.
  option 1 Again -> main
  option 2 Nothing -> end
"""


@pytest.fixture
def small(folder):
    """What an operator begins with: a menu that does not ask for a language, and one channel of their own."""
    for name in ("menus/tests", "config/channels", "locales"):
        (folder / name).mkdir(parents=True)
    (folder / "menus/main.menu").write_text(SMALL)
    shutil.copy(harness.TOP / "config/channels/phone.channel", folder / "config/channels/ours.channel")
    (folder / "config/waymark.conf").write_text("languages en\ndraft es\nuse ours\ndemonstration yes\nkey back 0 Back\nkey more 98 More\n")

    def waymark(*words, stdin=""):
        done = subprocess.run([harness.binary(), *words], cwd=folder, capture_output=True, text=True, input=stdin)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr
    return waymark


def test_a_tour_of_menus_that_ask_for_no_language_holds(small):
    assert "2 of 2 screens, 4 of 4 options" in small("tour", "--language", "en")
    assert "passed, 0 failed" in small("test")


def test_the_phone_takes_the_channel_that_is_in_use(small):
    said = small("phone", stdin="*123#\n1\n:quit\n")
    assert "That is all." in said and "page 1 of 1" in said, said


def test_a_tour_of_what_there_is_not_is_refused(place):
    place.waymark("tour", "--language", "tlh", status=1)
    place.waymark("tour", "en", status=2)
    place.waymark("tour", "--language", "en", "--at", "tomorrow", status=2)


def test_who_has_a_tour_that_goes_another_way_is_told_to_write_it_anew(place):
    hint = 'hint: where only the pages of a tour moved, "waymark tour" writes the tours anew'
    tour = place.folder / "menus/tests/tour-ht.talk"
    tour.write_text(tour.read_text(encoding="utf-8").replace("\n@ main\n", "\n@ language\n", 1), encoding="utf-8")
    assert hint in place.waymark("test", "--accept", status=1).splitlines(), "no wording mends it"
    tour.unlink()
    assert "hint" not in place.waymark("test")


def test_the_tours_of_the_repository_are_as_the_program_writes_them(place):
    """Whoever adds a screen or an option, or moves a page's end, writes them anew: waymark tour."""
    ours = {talk.name: talk.read_bytes() for talk in (harness.TOP / "menus/tests").glob("tour-*.talk")}
    day = re.search(rb"(?m)^at (\S+)", ours["tour-en.talk"])[1].decode()
    said = place.waymark("tour", "--at", day).splitlines()
    assert len(said) == len(ours) == 18, "every language, drafts too"
    for line in said:
        assert all(done == all_of_them for done, all_of_them in re.findall(r"(\d+) of (\d+)", line)), line
    for name, written in ours.items():
        assert (place.folder / "menus/tests" / name).read_bytes() == written, name


# ---- fmt ----

def test_fmt_names_files_and_puts_them_right(place):
    place.waymark("fmt", "--check")
    menu = place.folder / "menus/main.menu"
    before = menu.read_bytes()
    menu.write_bytes(before.replace(b"  option 1 My options -> my-options", b"option 1 My options -> my-options  ").replace(b"\n", b"\r\n"))
    assert "menus/main.menu: would change" in place.waymark("fmt", "--check", status=1)
    assert b"\r" in menu.read_bytes()
    place.waymark("fmt", "menus/main.menu")
    assert menu.read_bytes() == before
    place.waymark("fmt", "locales/es.po", status=1)
    place.waymark("fmt", "none.menu", status=1)


# ---- explain ----

def test_explain_has_a_page_for_a_code(place):
    page = place.waymark("explain", "e40")
    assert page.startswith("E40: ") and "\nWrong (" in page and "\nRight (" in page
    assert "E40" in place.waymark("explain")
    place.waymark("explain", "E4O", status=1)
    assert "did you mean E4" in place.error


# ---- graph ----

def test_graph_draws_every_screen(place):
    dot = place.waymark("graph")
    assert dot.startswith("digraph waymark {") and dot.rstrip().endswith("}")
    for line in (place.folder / "menus/main.menu").read_text(encoding="utf-8").splitlines():
        if line.startswith("screen "):
            assert '  "%s" [label="%s' % (line[7:], line[7:]) in dot
    assert "no talk" not in dot
    assert "no talk takes it" not in place.waymark("graph", "--talks")
    for talk in (place.folder / "menus/tests").glob("tour-*.talk"):
        talk.unlink()
    assert "no talk takes it" in place.waymark("graph", "--talks")


def test_graph_svg_goes_through_graphviz(place):
    tools = place.folder / "bin"
    tools.mkdir()
    (tools / "dot").write_text('#!/bin/sh\n[ "$1" = -Tsvg ] && /bin/cat\n')
    (tools / "dot").chmod(0o755)
    assert place.waymark("graph", "--svg", env={"PATH": str(tools)}) == place.waymark("graph")
    (tools / "dot").write_text("#!/bin/sh\nexit 3\n")
    place.waymark("graph", "--svg", env={"PATH": str(tools)}, status=1)
    os.unlink(tools / "dot")
    place.waymark("graph", "--svg", env={"PATH": str(tools)}, status=1)
    assert "Graphviz is not installed" in place.error
