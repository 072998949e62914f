# SPDX-License-Identifier: AGPL-3.0-or-later
"""Round trips of translations: waymark messages, gettext's own tools, waymark check."""
import os
import re
import shutil
import subprocess

import harness
import pytest
from workplace import Workplace

pytestmark = pytest.mark.skipif(not shutil.which("msgmerge"), reason="GNU gettext is not installed")


class Translations(Workplace):
    def __init__(self, folder):
        super().__init__(folder)
        self.po, self.pot = folder / "locales/es.po", folder / "locales/messages.pot"

    def waymark(self, *arguments, **how):
        """All that it says."""
        day = ("--at", harness.facts_as_of()) if arguments[0] == "check" else ()
        return super().waymark(*arguments, *day, **how) + self.error

    def change(self, path, old, new):
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def entry(self, path, msgid):
        """The lines of one entry."""
        for entry in path.read_text(encoding="utf-8").split("\n\n"):
            if re.search(r'^msgid "%s"$' % re.escape(msgid), entry, re.M):
                return entry
        raise AssertionError("no entry " + msgid)


@pytest.fixture
def place(folder):
    return Translations(folder)


def msgfmt(path):
    done = subprocess.run(["msgfmt", "-c", "-o", os.devnull, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_second_run_changes_nothing(place):
    place.waymark("messages")
    first = place.pot.read_bytes(), place.po.read_bytes()
    stamps = place.pot.stat().st_mtime_ns, place.po.stat().st_mtime_ns
    place.waymark("messages")
    assert (place.pot.read_bytes(), place.po.read_bytes()) == first
    assert (place.pot.stat().st_mtime_ns, place.po.stat().st_mtime_ns) == stamps
    assert b"POT-Creation-Date" not in first[0] + first[1]


def test_gettext_accepts_what_we_write(place):
    place.waymark("messages")
    msgfmt(place.pot)
    msgfmt(place.po)
    place.waymark("check")


def test_a_translator_is_told_where_a_text_stands(place):
    place.waymark("messages")
    entry = place.entry(place.pot, "Free legal help")
    assert '#. Screen "main", option 2. Comes after: "{org}. We are not the government."' in entry
    assert re.search(r"^#\. At most \d+ characters; \d+ in Arabic or Tigrinya\.$", entry, re.M)
    assert re.search(r"^#: menus/main\.menu:\d+$", entry, re.M)
    assert 'msgctxt "main/option"' in entry
    assert "Keep {…} unchanged." in place.entry(place.pot, "{org}. We are not the government.")
    texts = place.pot.read_text(encoding="utf-8")
    assert texts.index('msgctxt "main/say"') < texts.index('msgctxt "my-options/') < texts.index('msgctxt "system/')
    assert place.entry(place.pot, "More").count("\n#") <= 2


def test_a_changed_text_makes_its_translation_fuzzy_and_check_refuses_it(place):
    place.waymark("messages")
    place.change(place.folder / "menus/main.menu", "Free legal help", "Free legal advice")
    place.waymark("messages")
    entry = next(e for e in place.po.read_text(encoding="utf-8").split("\n\n")
                 if 'msgctxt "main/option"' in e and 'msgid "Free legal advice"' in e)
    assert "fuzzy" in entry and '#| msgid "Free legal help"' in entry
    said = place.waymark("check", status=1)
    line = place.po.read_text(encoding="utf-8").split("\n").index('msgid "Free legal advice"') + 1
    assert re.search(r"locales/es\.po:%d:1: error E30.*\n +%d \| msgid \"Free legal advice\"\n" % (line, line), said)


@pytest.mark.parametrize("old, new, told", [
    ('msgstr "Mis opciones"', 'msgstr "Mis opciones', "a text without its second quote"),
    ('msgstr "Mis opciones"', '<<<<<<< HEAD\nmsgstr "Mis opciones"\n=======\nmsgstr "Opciones"\n>>>>>>> x', "git left both texts"),
])
def test_a_broken_file_is_told_once_and_left_as_it_is(place, old, new, told):
    """By `waymark messages` as by `waymark check`, and not in msgmerge's words."""
    place.change(place.po, old, new)
    broken = place.po.read_bytes()
    line = broken.decode().split("\n").index(new.split("\n")[0]) + 1
    for command in "check", "messages":
        said = place.waymark(command, status=1)
        assert re.findall(r"(?m)^locales/es\.po:(\d+):\d+: error E31: %s" % told, said) == [str(line)], said
        assert said.count(" error ") == 1 and said.count("  hint: ") == 1 and "msgmerge" not in said, said
    assert place.po.read_bytes() == broken


def test_of_many_missing_texts_the_first_are_told_and_the_rest_counted(place):
    text = place.po.read_text(encoding="utf-8")
    head, rest = text.split("\n\n", 1)
    place.po.write_text(head + "\n\n" + re.sub(r'(?m)^msgstr .*\n(?:".*\n)*', 'msgstr ""\n', rest), encoding="utf-8")
    said = place.waymark("check", status=1)
    told = re.findall(r"(?m)^locales/es\.po:\d+:1: error E30: ", said)
    more = int(re.search(r"(?m)^locales/es\.po: error E30: (\d+) more texts have no translation", said)[1])
    assert len(told) == 10 and more > 500, said[-500:]


def test_an_empty_file_is_filled(place):
    place.po.write_text("")
    assert "es.po: error E31: the header must say" in place.waymark("check", status=1)
    assert "locales/es.po: 0 texts translated" in place.waymark("messages")
    assert '"Language: es\\n"' in place.po.read_text(encoding="utf-8")


def test_a_new_language_gets_its_file(place):
    place.change(place.folder / "config/waymark.conf", "draft ht pt fr ar", "draft ht pt fr ar xx")
    (place.folder / "locales/ar.po").unlink()
    said = place.waymark("messages")
    arabic = (place.folder / "locales/ar.po").read_text(encoding="utf-8")
    assert '"Language: ar\\n"' in arabic and "nplurals=6" in arabic and '"X-Reviewed-By: \\n"' in arabic
    assert "msgstr[5]" in arabic
    assert "locales/ar.po: 0 texts translated" in said
    assert 'the plural rule of "xx" is not known here' in said
    msgfmt(place.folder / "locales/ar.po")
    place.waymark("check")


def poedit(text):
    """As Poedit saves: wrapped at 79 columns, its own header lines, and CRLF where it was set so."""
    done = subprocess.run(["msgcat", "--width=79", "-"], input=text, capture_output=True, text=True, check=True)
    return done.stdout.replace('"Language: es\\n"', '"Language: es\\n"\n"X-Generator: Poedit 3.2.2\\n"').replace(
        "\n", "\r\n")


def test_a_file_saved_by_poedit_is_read_the_same(place):
    place.waymark("messages")
    before = place.po.read_text(encoding="utf-8")
    place.po.write_bytes(poedit(before).encode())
    place.waymark("check")
    place.waymark("test")
    place.waymark("messages")
    after = place.po.read_bytes().decode().replace("\r\n", "\n")
    assert after.replace('"X-Generator: Poedit 3.2.2\\n"\n', "").replace("\n# \n", "\n#\n") == before
    assert b"\r" not in place.po.read_bytes()


def test_a_release_needs_a_reviewer(place):
    place.waymark("check")
    said = place.waymark("check", "--release", status=1)
    assert "locales/es.po: error E34" in said and ': error E52: fact "bar-years" is not confirmed yet: W-1' in said and '"demonstration yes" is not for a service' in said
    place.change(place.folder / "config/waymark.conf", "demonstration yes\n", "")
    place.change(place.folder / "config/waymark.conf", "use ", "secret at-ussd-path a\nsecret at-sms-path b\nsecret phone-path c\nuse ")
    for menu in (place.folder / "menus").glob("*.menu"):
        menu.write_text(re.sub(r"(?m)^  confirm .*\n", "", menu.read_text(encoding="utf-8")), encoding="utf-8")
    place.change(place.po, '"Language: es\\n"', '"Language: es\\n"\n"X-Reviewed-By: A. Reviewer\\n"')
    place.waymark("check", "--release")


def test_without_gettext_the_template_is_written_all_the_same(place):
    said = place.waymark("messages", status=1, env={"PATH": str(place.folder)})
    assert "msgmerge is not installed" in said
    assert place.pot.exists()
