# SPDX-License-Identifier: AGPL-3.0-or-later
"""The consent ledger on screen: read-only, withdrawals first, its chain proved; a person's data as a file; a withdrawal by
voice."""
import http.client
import re
import sqlite3
import subprocess
import urllib.parse

import pytest

import browser
import callers
import desk
import harness
import people
import staffroom
from test_backup import offline_key


@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators) as made:
        yield made


@pytest.fixture(scope="module")
def dan(service):
    return staffroom.member(service, "dan", "data-protection")


def newest(service, reference):
    return service.query("SELECT o.id, o.action, o.channel FROM consent o JOIN casefile c ON c.person = o.person WHERE reference = ?"
                         " ORDER BY o.id DESC LIMIT 1", reference)[0]


def test_the_ledger_tells_who_agreed_to_which_words_and_what_had_been_shown(service, dan):
    _, reference = people.asks(service, 0, language="2")
    row = newest(service, reference)[0]
    page = dan.get("/consents?view=agreed")
    line = page.body.split('href="/consents/%d"' % row)[1].split("</tr>")[0]
    assert "Agreed" in line and "2026-11.4" in line and "Spanish" in line and "risks" in line and "africastalking" in line
    page = dan.get("/consents/%d" % row)
    assert "Shown to the end before" in page.main and "risks" in page.main and 'class="said" dir="auto"' in page.body
    words = service.query("SELECT text FROM consent_text t JOIN consent o ON o.text_hash = t.hash WHERE o.id = ?", row)[0][0]
    assert words.decode().split("\n")[0][:30] in desk.html.unescape(page.body), "the very words"
    assert reference in page.main and not re.search(r"20255501|202 555 01", page.body)


def test_withdrawals_come_first(service, dan):
    assert "No consent recorded" in dan.get("/consents").main
    phone, reference = people.asks(service, 1)
    phone.text("STOP")
    page = dan.get("/consents")
    assert "Withdrew" in page.main and 'href="/consents/%d"' % newest(service, reference)[0] in page.body
    assert 'view=withdrawn" aria-current="page"' in page.body
    assert "Agreed" not in page.body.split("<tbody>")[1]


def test_nothing_of_it_can_be_changed_from_here(service, dan):
    rows = service.query("SELECT count(*), max(id) FROM consent")
    token = re.search(r'name="csrf" value="(\w+)"', dan.get("/consents").body)[1]
    for path in ("/consents/1", "/consents/person/ABCDEF"):
        assert dan.post(path, csrf=token).status == 405
    for path in ("/consents/0", "/consents/-1", "/consents/x", "/consents/999999", "/consents/9223372036854775807", "/consents/person/ZZZZZZ"):
        assert dan.ask("GET", path).status == 404, path
    assert dan.ask("GET", "/consents?view=<b>&before=x").status == 200
    assert service.query("SELECT count(*), max(id) FROM consent") == rows


def test_a_person_is_found_by_reference_or_number_and_it_is_written_down(service, dan):
    _, reference = people.asks(service, 2)
    dan.get("/consents")
    assert dan.submit("/consents", words="+1 202 555 0102").url == "/consents/person/" + reference
    dan.get("/consents")
    page = dan.submit("/consents", words=reference.lower())
    assert page.url == "/consents/person/" + reference and "Agreed" in page.main and not re.search(r"20255501|202 555 01", page.body)
    noted = service.query("SELECT action, object FROM audit WHERE actor = 'dan' ORDER BY id DESC LIMIT 2")
    assert noted == [("opened", "consents of case " + reference), ("search", "a person's consents")]
    dan.get("/consents")
    for words in ("+1 202 555 01", "ZZZZZZ", "", "<script>"):
        page = dan.submit("/consents", words=words)
        assert page.status == 422 and ("No match" in page.main or "Type a reference" in page.main) and "<script>\"" not in page.body


def test_the_chain_is_proved(service, dan):
    dan.get("/consents")
    page = dan.submit("/consents/verify")
    rows = service.query("SELECT count(*) FROM consent")[0][0]
    assert "All of it is as it was written" in page.main and "%d rows" % rows in page.main
    code, out, _ = callers.command(service, "consent", "verify")
    ends = re.findall(r"the end is (\w{64})", out)
    assert code == 0 and ends[0] in page.main, "the same end as the command tells"


def test_a_changed_row_is_told(folder, aggregator):
    with staffroom.office(folder, aggregator) as service:
        _, reference = people.asks(service, 0)
        service.stop()
        db = sqlite3.connect(service.data / "waymark.db")
        db.execute("UPDATE consent SET version = 'forged' WHERE id = 1")
        db.commit()
        db.close()
        service.start()
        demo = staffroom.demo(service)
        demo.get("/consents")
        page = demo.submit("/consents/verify")
        assert "This is not as it was written" in page.main and "consent 1" in page.main and "1 faults" in page.main


def fetch(visitor, action, **fields):
    """The bytes that a form's answer has."""
    form = visitor.page.form(action)
    body = urllib.parse.urlencode({**form["fields"], **fields})
    c = http.client.HTTPConnection(*visitor.address, timeout=harness.PATIENCE_S)
    c.request("POST", form["action"], body, {"Host": visitor.host, "Cookie": "; ".join("%s=%s" % kv for kv in visitor.cookies.items()),
                                             "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"})
    r = c.getresponse()
    return r.status, r.headers, r.read()


def test_a_persons_data_as_a_file_for_an_offline_key(service, dan, folder):
    phone, reference = people.asks(service, 3)
    phone.text("my address is a secret")
    public, key = offline_key(service, folder), folder / "offline.key"
    dan.get("/consents/person/" + reference)
    for passphrase, to, why in (("wrong", public, "passphrase or the code"), (staffroom.own("dan"), "nonsense", "public half"),
                                (staffroom.own("dan"), "", "public half"), ("", public, "passphrase or the code")):
        status, _, body = fetch(dan, "/file", present=passphrase, key=to)
        assert status == 422 and why in body.decode() and b"a secret" not in body
    before = service.query("SELECT count(*) FROM audit WHERE action = 'export'")[0][0]
    status, headers, body = fetch(dan, "/file", present=staffroom.own("dan"), key=public)
    assert status == 200 and headers["Content-Disposition"] == 'attachment; filename="%s.waymark"' % reference
    assert headers["Cache-Control"] == "no-store" and b"secret" not in body
    file = folder / "person.waymark"
    file.write_bytes(body)
    done = subprocess.run([service.program, "view", file, "--key", key], capture_output=True, text=True, input="a good long phrase\n")
    assert done.returncode == 0, done.stderr
    assert "my address is a secret" in done.stdout and "+12025550103" in done.stdout
    assert service.query("SELECT count(*) FROM audit WHERE action = 'export'")[0][0] == before + 1


def test_a_withdrawal_by_voice_is_recorded_and_contact_stops(service, dan, ana):
    _, reference = people.asks(service, 4)
    page = dan.get("/consents/person/" + reference)
    page = dan.submit("/withdraw")
    assert page.status == 422 and "told you so themselves" in page.main and newest(service, reference)[1] == "agree"
    page = dan.submit("/withdraw", said="yes")
    assert "withdrawal is recorded" in page.main and "asked us to stop" in page.main
    assert newest(service, reference)[1:] == ("withdraw", "voice")
    assert ("dan", "withdrawn") in service.query("SELECT actor, action FROM audit WHERE object = ?", "case %s: by voice" % reference)
    assert service.query("SELECT status FROM casefile WHERE reference = ?", reference) == [("withdrawn",)]
    assert service.query("SELECT stopped IS NOT NULL FROM number n JOIN casefile c ON c.person = n.person WHERE reference = ?", reference) == [(1,)]
    assert reference not in ana.get("/inbox").body


def test_who_calls_us_to_stop_is_stopped_from_the_case(service, ana):
    _, reference = people.asks(service, 5)
    ana.get("/case/" + reference)
    ana.submit("/case/%s/claim" % reference)
    assert ana.submit("/case/%s/withdraw" % reference).status == 422 and newest(service, reference)[1] == "agree"
    page = ana.submit("/case/%s/withdraw" % reference, said="yes")
    assert "stop is recorded" in page.main and "Do not contact this person" in page.main
    assert newest(service, reference)[1:] == ("withdraw", "voice")
    assert "They asked us to stop, by voice" in page.main


def test_who_asks_by_voice_is_erased_for_good(service, dan, ana):
    phone, reference = people.asks(service, 7)
    phone.text("my sister knows nothing of it")
    ana.get("/case/" + reference)
    ana.submit("/case/%s/note" % reference, text="Her brother answers sometimes")
    assert "give data protection the reference" in ana.page.main
    person = service.query("SELECT person FROM casefile WHERE reference = ?", reference)[0][0]
    dan.get("/consents/person/" + reference)
    page = dan.submit("/erase", number="+1 202 555 0107")
    assert page.status == 422 and "know that it is for good" in page.main and "555 0107" not in page.main
    people.asks(service, 8)
    for wrong in ("", "555 0107", "+1 202 555 0108", "+1 202 555 0199", "<b>"):
        page = dan.submit("/erase", number=wrong, sure="yes")
        assert page.status == 422 and ("in full" in page.main or "not the number of this person" in page.main), wrong
    assert service.query("SELECT count(*) FROM person_seal WHERE person = ?", person) != [(0,)], "nothing happened yet"
    page = dan.submit("/erase", number="+1 202 555 0107", sure="yes")
    assert "They are erased" in page.main and "within 24 hours" in page.main
    assert service.query("SELECT count(*) FROM person_seal WHERE person = ?", person) == [(0,)]
    assert service.query("SELECT status, person, length(answers), length(summary) FROM casefile WHERE reference = ?", reference)[0][:2] == ("erased", None)
    assert service.query("SELECT count(*) FROM case_note n JOIN casefile c ON c.id = n.casefile WHERE reference = ? AND length(seal) > 0", reference) == [(0,)]
    assert service.query("SELECT count(*) FROM turn WHERE person = ?", person) == [(0,)]
    assert service.query("SELECT action, channel, length(detail) FROM consent WHERE person = ? ORDER BY id DESC LIMIT 1", person)[0][:2] == ("erase", "voice")
    assert ("dan", "erase-by-voice") in service.query("SELECT actor, action FROM audit")
    assert dan.ask("GET", "/consents/person/" + reference).status == 404 and "sister" not in ana.get("/case/" + reference).body
    dan.get("/consents")
    assert "No match" in dan.submit("/consents", words="+1 202 555 0107").main
    assert service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL AND person IS NULL") != [(0,)], "the code that keeps us from them"
    assert harness.until(lambda: service.query("SELECT count(*) FROM person WHERE erased = 1") == [(0,)]), "cut from the log too"


def test_who_withdrew_is_erased_without_any_key(service, dan):
    phone, reference = people.asks(service, 9)
    phone.text("STOP")
    dan.get("/consents/person/" + reference)
    assert "They are erased" in dan.submit("/erase", number="+12025550109", sure="yes").main
    assert service.query("SELECT status FROM casefile WHERE reference = ?", reference) == [("erased",)]


def test_an_erasure_tells_that_safeguarding_loses_a_case(service, dan):
    _, reference = people.asks(service, 10, pressed="1")
    assert "Safeguarding holds a case" in dan.get("/consents/person/" + reference).main
    _, other = people.asks(service, 11)
    assert "Safeguarding holds a case" not in dan.get("/consents/person/" + other).main


def test_the_pages_in_a_browser(service, dan):
    _, reference = people.asks(service, 6)
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "dan", staffroom.own("dan"))
        b.open(base + "/consents?view=all")
        assert b.text("h1") == "Consents"
        browser.shoot(b, "consents")
        b.type("words", reference)
        b.button("Find").click()
        b.wait(lambda: reference in b.text("h1"))
        browser.shoot(b, "consent_person")
        assert b.complaints() == []
        b.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 320, "height": 700, "deviceScaleFactor": 1, "mobile": False})
        for path in ("/consents", "/consents?view=all", "/consents/1", "/consents/person/" + reference):
            b.open(base + path)
            assert b.driver.execute_script("return document.documentElement.scrollWidth") <= 320, path
