# SPDX-License-Identifier: AGPL-3.0-or-later
"""The dialogue of README.md and the worked change of menus/README.md, done as they say: what a document prints is what the
program prints."""
import datetime
import os
import re
import shutil
import subprocess
import time

import pytest

import harness

STEP = re.compile(r"```\n\$ waymark (.*?)\n(.*?)```", re.S)


def blocks():
    """What is typed, and what is said to come of it."""
    text = (harness.TOP / "menus/README.md").read_text(encoding="utf-8")
    return STEP.findall(text.split("\n## A change, from edit to live\n")[1].split("\n## ")[0])


def pattern(line):
    """Numbers move with every change of the menus; three dots stand for more."""
    escaped = re.escape(line).replace(r"\.\.\.", ".*")
    return re.sub(r"\d+", r"\\d+", escaped)


def holds(told, said):
    """Each line of the document stands in what was said, in that order."""
    rest = iter(re.sub(r"\s+$", "", line) for line in said.splitlines())
    for line in told.splitlines():
        assert any(re.fullmatch(pattern(line), candidate) for candidate in rest), "menus/README.md says:\n%s\nand it is:\n%s" % (line, said)


@pytest.fixture
def then(folder):
    """The environment of programs for which it is the day when the facts were last looked at."""
    shim = os.environ.get("WAYMARK_CLOCK")
    if not shim:
        pytest.skip("the clock that can be set was not built")
    day = datetime.datetime.fromisoformat(harness.facts_as_of() + "T12:00+00:00")
    (folder / "clock").write_text("%d" % (day.timestamp() - time.time()))
    return dict(os.environ, LD_PRELOAD=shim, CLOCK_FILE=str(folder / "clock"))


@pytest.fixture
def place(folder, aggregator, then):
    for name in ("menus", "locales"):
        shutil.copytree(harness.TOP / name, folder / name)
    service = harness.Service(folder / "service", aggregator, environment=then)
    channels = [line for line in service.conf.read_text().splitlines() if line.startswith(("channels ", "use ", "secret "))]
    real = [line for line in (harness.TOP / "config/waymark.conf").read_text().splitlines() if not line.startswith("use ")]
    shutil.copytree(service.conf.parent / "channels", folder / "config/channels")
    service.conf = folder / "config/waymark.conf"
    service.conf.write_text("\n".join(real + channels) + "\n")
    yield service
    service.stop()


def replaced(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, (file, old)
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.skipif(not shutil.which("msgmerge"), reason="GNU gettext is not installed")
def test_the_worked_change_goes_as_the_document_says(place, then):
    folder = place.conf.parent.parent
    main, spanish = folder / "menus/main.menu", folder / "locales/es.po"

    def mistype():
        replaced(main, "option 4 Ask for a call -> call\n", "option 4 Ask us to call -> cal\n")

    def put_right():
        replaced(main, "option 4 Ask us to call -> cal\n", "option 4 Ask us to call -> call\n")

    def translate():
        text = spanish.read_text(encoding="utf-8")
        marked = re.search(r'#, fuzzy\n(#\|.*\n)*msgctxt "main/option"\nmsgid "Ask us to call"\nmsgstr ".*"\n', text)
        spanish.write_text(text.replace(marked[0], 'msgctxt "main/option"\nmsgid "Ask us to call"\nmsgstr "Pedir una llamada"\n'),
                           encoding="utf-8")

    def go_live():
        place.start()

    def spoil():
        replaced(main, "option 4 Ask us to call -> call\n", "option 4 Ask us to call -> cal\n")

    steps = (("check", mistype, 1), ("check", put_right, 1), ("messages", None, 0), ("check", translate, 0), ("test", None, 1),
             ("test --accept", None, None), ("phone", None, 0), ("reload", go_live, 0), ("reload", spoil, 1))
    told = blocks()
    assert [name for name, _, _ in steps] == [typed for typed, _ in told]
    for (name, before, status), (_, printed) in zip(steps, told):
        if before:
            before()
        lines = [line for line in printed.splitlines() if not line.startswith("> ")]
        keys = [line[2:] for line in printed.splitlines() if line.startswith("> ")]
        data = ["--data", place.data] if name == "reload" else []
        done = subprocess.run([harness.binary(), *name.split(), *data], cwd=folder, env=then, input="".join(k + "\n" for k in keys),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert status is None or done.returncode == status, (name, done.stdout)
        holds("\n".join(lines), re.sub(r"(?m)^> ", "", done.stdout.replace("%s/" % folder, "")))


def test_the_dialogue_that_the_readme_opens_with_is_what_a_phone_shows(then):
    block = (harness.TOP / "README.md").read_text(encoding="utf-8").split("```\n")[1].splitlines()
    boxes = [[line[at:at + 34] for line in block if line[at:at + 1] in ("+", "|")] for at in (0, 40)]
    assert "*384*123#   1" in block[0] and "you   4" in block[0] and all(len(box) > 5 for box in boxes)
    phone = subprocess.run([harness.binary(), "phone"], cwd=harness.TOP, env=then, input="*384*123#\n1\n4\n", capture_output=True,
                           text=True).stdout
    for box in boxes:
        assert "\n".join(box) in phone.replace("\n  ", "\n").replace(">   ", ""), phone
