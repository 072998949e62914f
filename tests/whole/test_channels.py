# SPDX-License-Identifier: AGPL-3.0-or-later
"""Channel files as the service takes them: which are in use, and what a request to the others meets."""
import re
import subprocess

from callers import command, running, settings
from harness import TOP, Client, binary
from sheets import CHANNELS, sheets

NUMBER = "+12025550101"
DAY = "2026-11-30"  # when the facts were looked at
CALL = {"sessionId": "ATUid_1", "phoneNumber": NUMBER, "serviceCode": "*384#", "text": ""}


def calls(service):
    """What becomes of a call, of an event and of a message."""
    client = Client(service.address)
    return [client.post("/hook/" + path, form) for path, form in (
        ("africastalking", CALL), ("africastalking/ended", CALL), ("nobody", CALL),
        ("africastalking-sms", {"id": "1", "from": NUMBER, "text": "hello"}))]


def test_a_file_that_is_not_in_use_opens_no_door(folder, aggregator):
    with running(folder, aggregator) as service:
        assert [status for status, _ in calls(service)] == [200, 200, 404, 200]
        service.terminate()
        service.use("phone", "africastalking-sms")
        service.start()
        ussd, ended, nobody, sms = calls(service)
        assert ussd == ended == nobody and nobody[0] == 404, "nothing tells that there is such a file"
        assert sms[0] == 200


def test_a_name_without_a_file_is_told_before_the_start(folder, aggregator):
    with running(folder, aggregator) as service:
        service.terminate()
        service.use("africastalking", "africastalking-smss", "phone")
        service.write_uses()
        status, _, told = command(service, "serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0")
        assert status == 1
        assert re.search(r"waymark\.conf:\d+:\d+: error E02: there is no file \S*/africastalking-smss\.channel\n.*\n.*\^\n.*did you mean \"africastalking-sms\"", told), told
        assert re.search(r"waymark\.conf:\d+:13: error E02: the sms-channel \"africastalking-sms\" is not in use", told), told
        service.use()


def test_an_sms_channel_that_cannot_send_is_told_before_the_start(folder, aggregator):
    with running(folder, aggregator) as service:
        service.terminate()
        settings(service, sms_channel="phone")
        service.write_uses()
        status, _, told = command(service, "serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0")
        assert status == 1
        assert re.search(r"sms-channel \"phone\" cannot send", told), told


def test_the_demonstration_uses_three_channels():
    conf = (TOP / "config/waymark.conf").read_text()
    assert re.findall(r"(?m)^use (.*)", conf) == ["africastalking africastalking-sms phone"]


def test_the_shipped_menus_fit_the_pages_of_every_shipped_channel(folder):
    """An operator who changes to another aggregator need not shorten a text of the published languages."""
    conf = (TOP / "config/waymark.conf").read_text()
    ussd = [sheet for sheet in sheets() if "medium ussd" in sheet.text or sheet.name == "phone"]
    assert len(ussd) > 15
    secrets = sorted({name for sheet in ussd for name in re.findall(r"\$([a-z-]+)|secret-path (\S+)", sheet.text)
                      for name in name if name})
    for word, where in (("channels", "config/channels"), ("menus", "menus/main.menu"), ("locales", "locales")):
        conf = re.sub(r"(?m)^%s .*\n" % word, "", conf) + "%s %s\n" % (word, TOP / where)
    conf = re.sub(r"(?m)^use .*", "use africastalking-sms " + " ".join(sheet.name for sheet in ussd), conf)
    conf += "public-url https://example.org\n" + "".join("secret %s s3cret\n" % name for name in secrets)
    (folder / "all.conf").write_text(conf)
    done = subprocess.run([binary(), "check", "--config", folder / "all.conf", "--at", DAY], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# ---- the document ----

README = (CHANNELS / "README.md").read_text()


def test_every_shipped_file_stands_in_the_document_and_its_notes_say_what_to_enter():
    for sheet in sheets():
        if sheet.name == "phone":
            continue
        assert re.search(r"(?m)^\|.*`%s`" % sheet.name, README), sheet.name
        notes = "\n".join(re.findall(r"(?m)^# ?(.*)", sheet.text.split("title ")[0]))
        assert "https://HOST/hook/%s" % sheet.name in notes, sheet.name
        if "experimental" in sheet.words():
            assert re.search(r"Experimental:|\bverified\b", notes), sheet.name


def test_every_statement_stands_in_the_document(folder):
    statements = set(re.findall(r'(?m)^    \{"([a-z-]+)", "\1\b', (TOP / "src/channel/parse.c").read_text()))
    assert len(statements) > 50
    missing = [word for word in sorted(statements) if not re.search(r"`%s\b" % word, README)]
    assert not missing, missing
