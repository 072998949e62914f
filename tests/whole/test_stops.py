# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whoever stopped stays stopped, also where an older database is put back (design, sections 1.3 and 5)."""
import shutil

import pytest

from callers import command, running
from harness import Client, Phone, flipped, sent_out, sms, until

ANNA, BEN, CARA, DAN = ("+1202555010%d" % n for n in range(1, 5))
STOPPED = "SELECT count(*) FROM number WHERE stopped IS NOT NULL"
RECORD = 80


def register(service, number, wish):
    phone = Phone(service, number)
    phone.dial()
    assert phone.type("4", "1", wish).startswith("END Your number is ")


def text(service, number, words):
    text.count = getattr(text, "count", 0) + 1
    assert sms(Client(service.address), number, "ATXid_stop%d" % text.count, words)[0] == 200


def keep(service, folder):
    """The database as it is now; the service ends for it."""
    assert service.terminate() == 0
    shutil.copy(service.data / "waymark.db", folder / "older.db")
    service.start()


def put_back(service, folder):
    service.kill9()
    for end in ("-wal", "-shm"):
        (service.data / ("waymark.db" + end)).unlink(missing_ok=True)
    shutil.copy(folder / "older.db", service.data / "waymark.db")
    service.start()


def test_an_older_database_that_is_put_back_does_no_harm(folder, aggregator):
    with running(folder, aggregator) as service:
        for n, number in enumerate((ANNA, BEN, CARA, DAN)):
            register(service, number, "wish %d" % n)
        text(service, DAN, "STOP")
        assert sent_out(service)  # what waited then would leave again out of the older database
        keep(service, folder)
        assert service.query(STOPPED) == [(1,)]
        assert service.query("SELECT count(*) FROM person_seal WHERE holder = 'casework'") == [(3,)]
        text(service, ANNA, "STOP")
        text(service, BEN, "ERASE")
        text(service, DAN, "START")
        assert command(service, "optout", stdin="+12025550199")[0] == 0
        assert sent_out(service)
        answered = len(aggregator.accepted)

        put_back(service, folder)

        assert any("applied to a database that lacked them" in line for line in service.log)
        assert service.query(STOPPED) == [(3,)], "Anna, Ben and the number of the optout, and no longer Dan"
        assert service.query("SELECT holder FROM person_seal WHERE person = 1") == [], "Anna's seal is destroyed again"
        assert service.query("SELECT erased > 0, length(number_seal) FROM person WHERE id = 2") == [(1, 0)]
        assert service.query("SELECT status, length(answers) FROM casefile WHERE id IN (1, 2) ORDER BY id") == [
            ("withdrawn", service.query("SELECT length(answers) FROM casefile WHERE id = 1")[0][0]), ("erased", 0)]
        assert service.query("SELECT count(*) FROM turn WHERE person = 2") == [(0,)]
        assert service.query("SELECT count(*) FROM person_seal WHERE person = 3") == [(1,)], "Cara's case is as it was"
        assert service.query("SELECT action FROM consent WHERE person = 1 ORDER BY id") == [("agree",), ("withdraw",)]
        assert len(aggregator.accepted) == answered, "nobody hears of it"
        # and it is applied once
        service.terminate()
        service.start()
        assert sum("applied to a database" in line for line in service.log) == 1
        register(service, ANNA, "again")
        assert service.query(STOPPED) == [(2,)], "agreeing again lifts it, and that is in the journal too"
        put_back(service, folder)
        assert service.query(STOPPED) == [(2,)]


def test_a_stop_that_was_not_answered_is_applied_after_the_crash(folder, aggregator):
    """The journal is ahead of the database by what a crash cut off between the two."""
    with running(folder, aggregator) as service:
        register(service, ANNA, "a call")
        keep(service, folder)
        text(service, ANNA, "STOP")
        put_back(service, folder)  # as if the commit had not come any more
        assert service.query(STOPPED) == [(1,)]
        assert service.query("SELECT count(*) FROM person_seal") == [(0,)]


@pytest.mark.parametrize("before", [(), ("STOP",), ("STOP", "START")], ids=["first", "second", "after a start"])
def test_a_stop_that_comes_again_after_the_crash_is_confirmed_once(folder, aggregator, before):
    """The aggregator got no answer and sends the same message again: that contact has stopped is out of the journal, and
    nobody was told. A STOP before it, which was answered, was."""
    with running(folder, aggregator) as service:
        for words in before:
            text(service, ANNA, words)
        assert sent_out(service)
        keep(service, folder)
        text(service, ANNA, "STOP")
        assert sent_out(service)
        put_back(service, folder)
        assert service.query(STOPPED) == [(1,)]
        told = len(aggregator.accepted)
        text.count -= 1  # the same message
        text(service, ANNA, "STOP")
        text.count -= 1
        text(service, ANNA, "STOP")
        text(service, ANNA, "stop")
        assert sent_out(service)
        assert [m.text for m in aggregator.accepted[told:]] == ["Stopped."] * (before != ("STOP",))


def test_a_journal_that_does_not_belong_here_is_refused(folder, aggregator):
    with running(folder, aggregator) as service:
        text(service, ANNA, "STOP")
        assert until(lambda: service.query(STOPPED) == [(1,)])
        service.terminate()
        journal = service.data / "stops.journal"
        good = journal.read_bytes()
        assert len(good) == 2 * RECORD and journal.stat().st_mode & 0o777 == 0o600
        for bad, words in ((good[:RECORD], "damaged, or older than the database"),
                           (flipped(good, 100), "damaged, or older"),
                           (b"something else" * 20, "damaged"),
                           (flipped(good, 20), "another service or under another master key"),
                           (None, "it is not there")):
            journal.write_bytes(bad) if bad is not None else journal.unlink()
            with pytest.raises(AssertionError, match="not ready: exit 1"):
                service.start()
            assert any("stops.journal: it is" in line and words in line or words in line for line in service.log), words
        assert command(service, "stops")[0] == 1
        status, said, _ = command(service, "stops", "--renew")
        assert status == 0 and "1 records" in said
        service.start()
        assert service.query(STOPPED) == [(1,)]
        service.terminate()
        journal.write_bytes(good + b"\0" * 37)  # a power cut within an append
        with pytest.raises(AssertionError, match="not ready: exit 1"):
            service.start()  # the renewed journal has another id
        service.stop()


def test_a_torn_tail_of_the_journal_is_cut_off(folder, aggregator):
    with running(folder, aggregator) as service:
        text(service, ANNA, "STOP")
        assert until(lambda: service.query(STOPPED) == [(1,)])
        service.kill9()
        journal = service.data / "stops.journal"
        with journal.open("ab") as f:
            f.write(b"\0" * 37)
        service.start()
        assert journal.stat().st_size == 2 * RECORD
        text(service, BEN, "STOP")
        assert until(lambda: service.query(STOPPED) == [(2,)])
        assert journal.stat().st_size == 3 * RECORD


def test_the_journal_holds_no_number(folder, aggregator):
    with running(folder, aggregator) as service:
        text(service, ANNA, "STOP")
        assert until(lambda: service.query(STOPPED) == [(1,)])
        held = (service.data / "stops.journal").read_bytes()
        assert ANNA[1:].encode() not in held and ANNA[2:].encode() not in held
        assert service.query("SELECT key FROM number")[0][0] in held
