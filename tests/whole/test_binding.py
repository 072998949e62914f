# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whoever can write into the database file, without a key, moves boxes from row to row: none of them opens in its new
place, nothing is sent, and the program says so."""
import sqlite3

import pytest

import desk
import people
import staffroom
from callers import command, running
from harness import Phone, until

ANNA, BEN = "+12025550101", "+12025550102"
QUEUED, FAILED, CANCELLED = 0, 4, 6
REFUSED = "SELECT object FROM audit WHERE action = 'refuse to send' ORDER BY id"


def rewritten(service, *statements):
    """The file as somebody else left it. The service must not run."""
    db = sqlite3.connect(service.data / "waymark.db")
    for sql in statements:
        db.execute(sql)
    db.commit()
    db.close()


def swap(table, columns, a, b):
    """Statements that exchange columns of two rows."""
    sets = ", ".join("%s = (SELECT o.%s FROM other o WHERE o.id = %s.id)" % (c, c, table) for c in columns)
    return ("CREATE TEMP TABLE other AS SELECT iif(id = %d, %d, %d) AS id, %s FROM %s WHERE id IN (%d, %d)"
            % (a, b, a, ", ".join(columns), table, a, b),
            "UPDATE %s SET %s WHERE id IN (%d, %d)" % (table, sets, a, b))


def told(service, words):
    return until(lambda: any(words in line for line in service.log))


@pytest.fixture
def waiting(folder, aggregator):
    """Two people to whom something has to be sent, which the aggregator did not take yet; then the service stopped."""
    with running(folder, aggregator) as service:
        aggregator.answer = lambda form, n: (503, "")
        for n, who in enumerate((ANNA, BEN)):
            phone = Phone(service, who)
            phone.dial()
            phone.type("3", "secret%d" % n)
        assert until(lambda: service.query("SELECT count(*) FROM outbox WHERE state = 0 AND attempts > 0") == [(2,)])
        service.kill9()
        aggregator.answer = None
        service.rows = [i for i, in service.query("SELECT id FROM outbox ORDER BY id")]
        yield service


def left(service, *states):
    assert until(lambda: service.query("SELECT state FROM outbox ORDER BY id") == [(s,) for s in states]), \
        service.query("SELECT id, state, attempts FROM outbox")


NOW = "UPDATE outbox SET next_ms = 0, attempts = 0"


def test_what_was_not_touched_is_sent(waiting, aggregator):
    rewritten(waiting, NOW)
    waiting.start()
    assert aggregator.wait_for(lambda: {s.text for s in aggregator.accepted} == {"Your word is secret0.", "Your word is secret1."})
    assert waiting.query(REFUSED) == []


@pytest.mark.parametrize("columns", [("box",), ("box", "key"), ("number",), ("box", "key", "class", "epoch")])
def test_messages_that_were_exchanged_are_not_sent(waiting, aggregator, columns):
    a, b = waiting.rows
    if "key" in columns:  # no index stands in a thief's way
        rewritten(waiting, "DROP INDEX outbox_key")
    rewritten(waiting, *swap("outbox", columns, a, b), NOW)
    waiting.start()
    left(waiting, FAILED, FAILED)
    assert waiting.query(REFUSED) == [("message %d: not this row's" % n,) for n in (a, b)]
    assert not aggregator.accepted
    assert told(waiting, "message does not open: its row was changed")
    assert command(waiting, "consent", "verify")[0] == 0


def test_a_message_does_not_leave_under_another_epoch_or_class(waiting, aggregator):
    """BEN stops; whoever has the disk gives BEN's message the new epoch, or makes a confirmation out of it."""
    a, b = waiting.rows
    waiting.kept = waiting.query("SELECT hex(box) FROM outbox WHERE id = ?", b)[0][0]
    waiting.start()
    Phone(waiting, BEN).text("STOP")
    assert until(lambda: waiting.query("SELECT state FROM outbox WHERE id = ?", b) == [(CANCELLED,)])
    waiting.kill9()
    sent = len(aggregator.accepted)
    for change in ("epoch = (SELECT epoch FROM number n WHERE n.id = outbox.number)", "class = 1"):
        rewritten(waiting, "UPDATE outbox SET state = 0, next_ms = 0, attempts = 0, box = x'%s', %s WHERE id = %d"
                  % (waiting.kept, change, b))
        waiting.start()
        assert until(lambda: waiting.query("SELECT state FROM outbox WHERE id = ?", b) == [(FAILED,)])
        waiting.kill9()
    assert len(waiting.query(REFUSED)) == 2
    assert not [s for s in aggregator.accepted[sent:] if "secret1" in s.text]


def test_messages_open_under_another_master_key(waiting, aggregator):
    """What is bound stays so when the key is replaced, and is sent afterwards."""
    rewritten(waiting, NOW)
    status, _, said = command(waiting, "key", "rotate")
    assert status == 0, said
    waiting.start()
    assert aggregator.wait_for(lambda: len(aggregator.accepted) == 2)
    assert {(s.number, s.text) for s in aggregator.accepted} == {(ANNA, "Your word is secret0."), (BEN, "Your word is secret1.")}
    assert waiting.query(REFUSED) == []


def test_a_case_whose_kind_is_another_cases(folder, aggregator):
    """A stop is still done, and nothing is guessed."""
    with running(folder, aggregator) as service:
        for who in (ANNA, BEN):
            phone = Phone(service, who)
            phone.dial()
            phone.type("4", "1", "a call")
        service.kill9()
        rewritten(service, *swap("casefile", ("kind",), 1, 2))
        service.start()
        assert Phone(service, ANNA).dial().startswith("CON Main page.")
        assert told(service, "case kind does not open: the row was changed")
        Phone(service, ANNA).text("STOP")
        assert until(lambda: service.query("SELECT status FROM casefile WHERE id = 1") == [("withdrawn",)])
        service.terminate()
        status, _, said = command(service, "key", "rotate")
        assert status == 1 and "does not open under the present key" in said and "nothing was changed" in said


@pytest.fixture(scope="module")
def office(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators, quiet="never") as service:
        yield service


def test_notes_and_languages_that_were_moved(office):
    """In the console they are not shown as somebody else's, and the page says why."""
    service = office
    ana = staffroom.member(service, "ana", "caseworker")
    (first, one), (_, other) = people.asks(service, 0, language="2"), people.asks(service, 1)
    first.text("My sister is ill")
    for words in ("Called her", "Called the clinic"):
        ana.get("/case/" + one)
        ana.submit("/case/%s/note" % one, text=words)
    page = ana.get("/case/" + one).main
    assert page.index("Called the clinic") < page.index("Called her") < page.index("My sister is ill")
    service.kill9()
    ids = [i for i, in service.query("SELECT id FROM case_note WHERE seal <> x'' ORDER BY id")]
    rewritten(service, *swap("case_note", ("seal",), ids[-2], ids[-1]), "DROP TABLE other",
              *swap("person", ("language",), 1, 2))
    service.start()
    again = desk.Visitor(service)
    staffroom.sign_in(again, "ana", staffroom.own("ana"))
    page = again.get("/case/" + one).main
    assert "My sister is ill" in page and "Called her" not in page and "Called the clinic" not in page
    assert page.count("was changed in the database") == 2
    assert told(service, "note does not open: the row was changed")
    assert told(service, "language does not open: the row was changed")
    assert other
