# SPDX-License-Identifier: AGPL-3.0-or-later
"""What agreeing leaves and what withdrawing and erasing do to it: the ledger and its proof, keys, and what is gone from
the disk (design, section 5)."""
import contextlib
import datetime
import re
import sqlite3

from callers import ERASE, STOP, command, running
from harness import Client, Phone, sent_out, sms, until
import pytest

ANNA, BEN, CARA, DAN = ("+1202555010%d" % n for n in range(1, 5))

MENUS = """start main
trigger main
  words en HELP
trigger data
  words en MYDATA

screen main
  say Main page.
  option 1 Call -> risks
  option 2 Complain -> complain
  option 3 Options -> options
  option 4 My data -> data

screen risks
  say {risk}
  option 1 Go on -> agree
  option 2 Options -> options
fact risk
  text Leaving can bar you for ten years.
  source Somebody
  owner Somebody
  reviewed 2026-01-01
  review-by 2099-01-01
  expired We check this.
screen options
  say You may stay.
  option 1 Main -> main

consent agree
  version 7
  say May we call you?
  agree 1 Yes -> adult
  refuse 2 No -> main
screen adult
  ask Adult?
  into adult
  option 1 Yes = yes
  option 2 No = no
  -> done
screen done
  register request
  hide back
  say Your number is {ref}.
  option 1 Main -> main
case request
  needs agree
  needs shown risks
  needs offered options
  fields adult
  when adult = no: flag minor
  reference ref
  status new We have it.

screen complain
  ask Where was it?
  into place
  clean trim
  kind text 1..40
  error Words please.
  tries 3 -> main
  -> complain-what
screen complain-what
  ask What went wrong?
  into complaint
  clean trim
  kind text 1..60
  error Words please.
  tries 3 -> main
  register complaint
  -> main
case complaint
  anonymous
  fields place, complaint

screen data
  ask Your number?
  into ref
  clean trim upper
  kind reference
  error No number.
  tries 3 -> main
  -> data-shown
screen data-shown
  find request by ref
  mydata
  -> end
""" + STOP + ERASE


@pytest.fixture
def menus(folder):
    path = folder / "consent.menu"
    path.write_text(MENUS)
    return path


@contextlib.contextmanager
def served(folder, aggregator, menus, **more):
    conf = dict(more, flags="minor", restrict="minor to safeguarding")
    with running(folder, aggregator, menus=menus, conf=conf) as service:
        yield service


def register(service, number, adult="1"):
    phone = Phone(service, number)
    phone.dial()
    shown = phone.type("1", "1", "1", adult)
    assert shown.startswith("CON Your number is "), shown
    return re.search(r"is (\w{6})", shown)[1]


def text(service, number, words):
    text.count = getattr(text, "count", 0) + 1
    assert sms(Client(service.address), number, "ATXid_consent%d" % text.count, words)[0] == 200


def show(service, row):
    status, said, wrong = command(service, "consent", "show", str(row))
    assert status == 0, wrong
    return said


# ---- the ledger ----

def test_a_row_says_what_was_asked_answered_and_read_before(folder, aggregator, menus):
    with served(folder, aggregator, menus) as service:
        register(service, ANNA)
        said = show(service, 1)
        assert re.search(r"^consent 1: person 1, agree agree 7, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, africastalking\n", said), said
        for line in ('  asked with ', '    | May we call you?', '  in en', '  typed "1"',
                     '    | Leaving can bar you for ten years.'):
            assert line in said, (line, said)
        assert re.search(r"  shown risks, \d{4}-\d\d-\d\d [\d:]{8} UTC, in en, words [0-9a-f]{16}\n", said), said
        assert re.search(r"  offered options, \d{4}-\d\d-\d\d [\d:]{8} UTC\n", said), "offered and not taken up"
        # the texts stand in the database once, whoever reads them
        texts = service.query("SELECT count(*) FROM consent_text")
        register(service, BEN)
        assert service.query("SELECT count(*) FROM consent_text") == texts == [(2,)]
        assert service.query("SELECT count(DISTINCT text_hash) FROM consent WHERE action = 'agree'") == [(1,)]
        # a withdrawal, with each thing that was done
        text(service, ANNA, "STOP")
        assert sent_out(service)
        said = show(service, 3)
        for line in ("withdraw agree 7", "africastalking-sms", 'typed "STOP"', "cases closed: 1",
                     "keys of casework destroyed: 1", "confirmed by a message: 1"):
            assert line in said, (line, said)
        status, said, _ = command(service, "consent", "list")
        assert status == 0 and [line.split(",")[1].split()[0] for line in said.split("\n") if line] == ["agree", "agree", "withdraw"]


def test_agreeing_again_is_a_new_record_with_a_new_key(folder, aggregator, menus):
    with served(folder, aggregator, menus) as service:
        register(service, ANNA)
        before = service.query("SELECT public_key, number_seal FROM person WHERE id = 1")
        text(service, ANNA, "STOP")
        assert service.query("SELECT count(*) FROM person_seal") == [(0,)], "casework's seal is destroyed"
        register(service, ANNA)
        assert service.query("SELECT count(*) FROM person") == [(2,)]
        assert service.query("SELECT public_key, number_seal FROM person WHERE id = 1") == before
        assert service.query("SELECT public_key FROM person WHERE id = 2") != before[:1]
        assert service.query("SELECT person, holder FROM person_seal") == [(2, "casework")]
        assert service.query("SELECT person, action FROM consent ORDER BY id") == [(1, "agree"), (1, "withdraw"), (2, "agree")]


def test_flags_seal_to_safeguarding_and_stopping_leaves_that(folder, aggregator, menus):
    with served(folder, aggregator, menus) as service:
        register(service, ANNA, adult="2")
        assert service.query("SELECT holder FROM person_seal") == [("safeguarding",)]
        text(service, ANNA, "STOP")
        assert service.query("SELECT holder FROM person_seal") == [("safeguarding",)], "as the consent's words say"
        assert service.query("SELECT status FROM casefile") == [("new",)]
        text(service, ANNA, "ERASE")
        assert service.query("SELECT count(*) FROM person_seal") == [(0,)]


def test_before_registering_only_the_day_key_holds_the_secret(folder, aggregator, menus):
    with served(folder, aggregator, menus) as service:
        phone = Phone(service, ANNA)
        phone.dial()
        phone.type("1", "1")
        assert service.query("SELECT count(*) FROM person") == [(0,)], "nothing before the word yes"
        phone.type("1")
        assert service.query("SELECT holder FROM person_seal") == [("day",)]
        phone.type("1")
        assert service.query("SELECT holder FROM person_seal") == [("casework",)]


def test_an_anonymous_case_leaves_no_turn_no_state_and_no_link(folder, aggregator, menus):
    with served(folder, aggregator, menus) as service:
        phone = Phone(service, ANNA)
        phone.dial()
        phone.type("2", "at the station")
        assert service.query("SELECT count(*) FROM turn WHERE box <> x''")[0][0] == 3
        assert phone.type("rude words").startswith("CON Main page.")
        assert service.query("SELECT person, length(answers) > 0 FROM casefile") == [(None, 1)]
        assert service.query("SELECT count(*) FROM turn WHERE box <> x''") == [(0,)]
        assert service.query("SELECT count(*) FROM turn WHERE state <> x''") == [(1,)], "only the session as it is now"
        assert service.query("SELECT count(*) FROM number") == [(0,)]
        assert phone.type("3").startswith("CON You may stay."), "and the call goes on"


def test_only_the_conversation_of_registering_is_carried_along(folder, aggregator, menus):
    with served(folder, aggregator, menus) as service:
        reading = Phone(service, ANNA)
        reading.dial()
        reading.type("3")
        register(service, ANNA)
        linked = service.query("SELECT session, count(*) FROM turn WHERE person = 1 GROUP BY session")
        assert linked == [(2, 5)]
        assert service.query("SELECT count(*) FROM turn WHERE person IS NULL") == [(2,)]


# ---- damage ----

def test_a_sealed_text_that_was_cut_short_is_told_and_answers_nobody_wrongly(folder, aggregator, menus):
    """A session's state, a case's answers, what a case is about: none of it is taken for something else."""
    with served(folder, aggregator, menus) as service:
        reference = register(service, ANNA)
        phone = Phone(service, BEN)
        phone.dial()
        phone.type("3")
        tampered(service, "UPDATE turn SET state = substr(state, 1, length(state) - 1) WHERE state <> x'';"
                          "UPDATE casefile SET answers = substr(answers, 1, 20);"
                          "UPDATE casefile SET kind = substr(kind, 1, length(kind) - 1)")
        service.start()
        phone.client = Client(service.address)
        assert phone.type("1").startswith(("CON Main page.", "END ")), "begun again, or told politely"
        assert until(lambda: any("session cannot be read" in line for line in list(service.log))), list(service.log)
        asked = Phone(service, ANNA)
        assert asked.dial().startswith("CON Main page.")
        assert asked.type("4", reference).startswith("END We show nothing here"), "it is found by nobody"
        assert until(lambda: any("case kind does not open" in line for line in list(service.log)))
        text(service, ANNA, "STOP")
        assert service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL") == [(1,)]


@pytest.mark.parametrize("key", ["", "zz" * 32 + "\n", "ab" * 31 + "\n", "ab" * 33 + "\n"], ids=["empty", "no hex", "short", "long"])
def test_a_damaged_master_key_is_told_and_nothing_is_overwritten(folder, aggregator, menus, key):
    with served(folder, aggregator, menus) as service:
        register(service, ANNA)
        assert service.terminate() == 0
        path = service.data / "master.key"
        path.write_text(key)
        before = (service.data / "waymark.db").read_bytes()
        with pytest.raises(AssertionError, match="not ready: exit 1"):
            service.start()
        assert any("the master key in" in line and "master.key: " in line for line in service.log), "\n".join(service.log)
        for words in (["optout"], ["consent", "verify"], ["purge"], ["lock"]):
            status, _, wrong = command(service, *words, stdin="%s\n" % ANNA)
            assert status == 1 and wrong, words
        assert path.read_text() == key and (service.data / "waymark.db").read_bytes() == before
        assert not (service.data / "master.key.sealed").exists()


# ---- the proof ----

def tampered(service, sql):
    """A database changed by somebody who has no key."""
    assert service.terminate() == 0
    db = sqlite3.connect(service.data / "waymark.db")
    db.executescript("PRAGMA foreign_keys = OFF; " + sql)
    db.close()


def ledger(service):
    for n, number in enumerate((ANNA, BEN, CARA, DAN)):
        register(service, number)
    text(service, BEN, "STOP")
    text(service, CARA, "ERASE")
    assert sent_out(service)


def verify(service, *more):
    status, said, wrong = command(service, "consent", "verify", *more)
    return status, said + wrong


SWAP = """CREATE TEMP TABLE t AS SELECT * FROM consent WHERE id IN (2, 3);
  DELETE FROM consent WHERE id IN (2, 3);
  INSERT INTO consent SELECT 5 - id, person, name, version, channel, action, at, text_hash, detail, link, detail_hash FROM t;"""
FORGED = """INSERT INTO consent SELECT 7, person, name, version, channel, action, at, text_hash, detail, link, detail_hash
  FROM consent WHERE id = 6;"""


@pytest.mark.parametrize("sql, found", [
    ("UPDATE consent SET at = at - 60 WHERE id = 3", "consent 3 is not what was written"),
    ("UPDATE consent SET person = 4 WHERE id = 2", "consent 2 is not what was written"),
    ("UPDATE consent SET action = 'agree' WHERE id = 5", "consent 5 is not what was written"),
    ("UPDATE consent SET detail_hash = zeroblob(32) WHERE id = 1", "consent 1 is not what was written"),
    ("DELETE FROM consent WHERE id = 4", "consent 4 is missing"),
    ("DELETE FROM consent WHERE id IN (2, 3)", "consents 2 to 3: each is missing"),
    ("DELETE FROM consent WHERE id = 1", "consent 1 is missing"),
    ("DELETE FROM consent WHERE id = 6", "consent 6 is missing"),
    ("DELETE FROM consent", "consents 1 to 6: each is missing"),
    ("DELETE FROM consent WHERE id = 6; DELETE FROM meta WHERE name = 'consent end'", "mark of the last row is missing"),
    ("DELETE FROM consent WHERE id = 6; UPDATE meta SET value = x'05' || substr(value, 2) WHERE name = 'consent end'",
     "mark of the last row is missing"),
    ("INSERT INTO meta VALUES ('consent start', zeroblob(72)); DELETE FROM consent WHERE id = 1", "mark of the first row is not ours"),
    (SWAP, "consent 2 is not what was written"),
    (FORGED, "consent 7 was put in by somebody without the key"),
    ("UPDATE consent_text SET text = x'4d6179' WHERE hash = (SELECT text_hash FROM consent WHERE id = 1)", "is not the text that its hash names"),
    ("UPDATE audit SET actor = 'nobody' WHERE id = 1", "audit row 1 is not what was written"),
    ("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)", "is missing"),
], ids=lambda value: None if " " in value and len(value) > 60 else value)
def test_each_row_that_was_tampered_with_is_found(folder, aggregator, menus, sql, found):
    with served(folder, aggregator, menus) as service:
        ledger(service)
        status, said = verify(service)
        assert status == 0 and "consents: 6 rows looked at, the end is " in said, said
        tampered(service, sql)
        status, said = verify(service)
        assert status == 1 and found in said, said
        service.start()
        status, online = verify(service)
        assert status == 1 and found in online, "and the running service finds the same"


def test_an_end_that_was_noted_shows_that_an_older_copy_was_put_back(folder, aggregator, menus):
    with served(folder, aggregator, menus) as service:
        register(service, ANNA)
        service.terminate()
        older = (service.data / "waymark.db").read_bytes()
        first = re.search(r"consents: .* end is (\w{64})", verify(service)[1])[1]
        service.start()
        register(service, BEN)
        assert verify(service, "--consents", first)[0] == 0, "what was there is there still"
        later = re.search(r"consents: .* end is (\w{64})", verify(service)[1])[1]
        service.terminate()
        (service.data / "waymark.db").write_bytes(older)
        assert verify(service)[0] == 0, "of itself it is whole"
        status, said = verify(service, "--consents", later)
        assert status == 1 and "an older copy was put back" in said


# ---- erasing ----

def test_erasing_leaves_only_the_mark_and_the_bare_proof(folder, aggregator, menus):
    with served(folder, aggregator, menus) as service:
        register(service, ANNA)
        reading = Phone(service, ANNA)
        reading.dial()
        held = [row[0] for row in service.query("SELECT seal FROM person_seal UNION ALL SELECT answers FROM casefile"
                                                " UNION ALL SELECT number_seal FROM person UNION ALL SELECT detail FROM consent"
                                                " UNION ALL SELECT box FROM turn UNION ALL SELECT state FROM turn")]
        assert len(held) >= 8 and all(held)
        text(service, ANNA, "ERASE")
        assert until(lambda: service.query("SELECT erased FROM person") == [(2,)]), "no longer pending"
        disk = b"".join(p.read_bytes() for p in service.data.glob("waymark.db*"))
        assert not [h for h in held if h[:24] in disk], "nothing of it is left in any file"
        for table in ("person_seal", "case_note", "turn WHERE person IS NOT NULL"):
            assert service.query("SELECT count(*) FROM " + table) == [(0,)], table
        assert service.query("SELECT count(*) FROM session") == [(1,)], "the one that is told of it"
        assert service.query("SELECT person, stopped IS NOT NULL FROM number") == [(None, 1)]
        assert service.query("SELECT action, length(detail) > 0 FROM consent ORDER BY id") == [("agree", 0), ("erase", 1)]
        assert "what was said is erased" in show(service, 1)
        said = show(service, 2)
        assert "rows destroyed: " in said and "typed" not in said, said
        assert verify(service)[0] == 0, "and the chain still holds"
        assert service.query("SELECT action, object FROM audit WHERE action = 'erased'") == [("erased", "people 1")]


def test_erasing_is_pending_while_somebody_reads_and_it_is_said(folder, aggregator, menus):
    with served(folder, aggregator, menus) as service:
        register(service, ANNA)
        reader = sqlite3.connect("file:%s?mode=ro" % (service.data / "waymark.db"), uri=True)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM person").fetchone() == (1,)
        text(service, ANNA, "ERASE")
        assert service.query("SELECT erased FROM person") == [(1,)], "pending"
        assert until(lambda: "erase pending: 1" in command(service, "status")[1])
        reader.close()
        assert until(lambda: service.query("SELECT erased FROM person") == [(2,)])
        assert until(lambda: "erase pending: 0" in command(service, "status")[1])


def test_erasing_by_somebody_who_only_read_empties_their_sessions(folder, aggregator, menus):
    with served(folder, aggregator, menus) as service:
        phone = Phone(service, ANNA)
        phone.dial()
        phone.type("3")
        text(service, ANNA, "HELP")
        text(service, ANNA, "ERASE")
        assert sent_out(service)
        left = service.query("SELECT count(*), max(number) FROM turn")
        assert left == [(1, 1)], "only the answer to the word itself"
        assert service.query("SELECT stopped IS NOT NULL, person FROM number") == [(1, None)]


def test_a_case_with_a_key_of_its_own_carries_the_number(folder, aggregator, menus):
    """A second case for the other team: what the person's key seals that team cannot open, the number neither."""
    with served(folder, aggregator, menus) as service:
        register(service, ANNA)
        assert service.query("SELECT count(*) FROM case_seal") == [(0,)]
        register(service, ANNA, adult="2")  # corrects the open case, which is safeguarding's then
        own = service.query("SELECT holder, length(number_seal) > 0 FROM case_seal")
        assert own == [("safeguarding", 1)]
        phone = Phone(service, BEN)
        phone.dial()
        phone.type("2", "somewhere", "something")
        assert service.query("SELECT length(number_seal) FROM case_seal WHERE casefile = 2") == [(0,)], "anonymous"


# ---- MYDATA ----

def day(days):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days)).isoformat()


def changed(service, *statements):
    assert service.terminate() == 0
    db = sqlite3.connect(service.data / "waymark.db")
    for sql in statements:
        db.execute(sql)
    db.commit(), db.close()


@pytest.mark.parametrize("adult, more, days", [("1", "", 90), ("1", ", closed = changed, status = 'closed'", 30), ("2", "", 200)],
                         ids=["open", "closed", "safeguarding"])
def test_mydata_tells_the_day_of_agreeing_and_the_last_day_that_it_is_kept(folder, aggregator, menus, adult, more, days):
    """The purge leaves the case on the day that was told, and erases it on the next."""
    with served(folder, aggregator, menus, keep="safeguarding 200 days") as service:
        reference = register(service, ANNA, adult)
        changed(service, "UPDATE casefile SET changed = changed - %d%s" % (days, more), "UPDATE consent SET at = at - 5 * 86400")
        assert command(service, "purge")[0] == 0
        assert service.query("SELECT status <> 'erased' FROM casefile") == [(1,)]
        service.start()
        for words in ("MYDATA", reference):
            text(service, ANNA, words)
            assert sent_out(service)
        agreed, = service.query("SELECT at / 86400 FROM consent WHERE action = 'agree'")[0]
        last, = service.query("SELECT changed FROM casefile")[0]
        assert aggregator.accepted[-1].text.split("\n")[:3] == [
            "Calls you asked us for: 1", "Day you agreed to be called: " + day(agreed), "We keep this until: " + day(last + days)]
        changed(service, "UPDATE casefile SET changed = changed - 1")
        assert command(service, "purge")[0] == 0
        assert service.query("SELECT status FROM casefile") == [("erased",)]


def test_mydata_tells_nothing_without_a_number_of_theirs(folder, aggregator, menus):
    with served(folder, aggregator, menus) as service:
        reference = register(service, ANNA)
        for words in ("MYDATA", reference):
            text(service, BEN, words)
            assert sent_out(service)
        assert aggregator.accepted[-1].text == "We show nothing here without a request number from this phone."
