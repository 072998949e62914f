# SPDX-License-Identifier: AGPL-3.0-or-later
"""Another master key: all that was under the old one is under the new one, and the old one is of no use any more."""
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from callers import command, running, settings
from harness import Client, Phone, sent_out, sms, until, whole

ANNA, BEN, CARA, DAN = ("+1202555010%d" % n for n in range(1, 5))
STOPPED = "SELECT count(*) FROM number WHERE stopped IS NOT NULL"


def text(service, number, words, name):
    assert sms(Client(service.address), number, name, words)[0] == 200


def register(service, number, wish):
    phone = Phone(service, number)
    phone.dial()
    return re.fullmatch(r"END Your number is (\w+)\.", phone.type("4", "1", wish))[1]


def filled(service):
    """People of several kinds, and staff."""
    references = {number: register(service, number, "wish of " + number) for number in (ANNA, BEN, CARA)}
    text(service, BEN, "STOP", "ATXrot_1")
    text(service, DAN, "WORD", "ATXrot_2")
    Phone(service, CARA).dial()
    assert command(service, "user", "add", "casey", "--role", "caseworker", stdin="a good long phrase\n")[0] == 0
    assert sent_out(service)
    return references


def thief(folder, *keys):
    done = subprocess.run([os.environ.get("WAYMARK_THIEF") or "build/release/tests/fault_thief", folder, *keys],
                          capture_output=True, check=True)
    return done.stdout, int(re.search(rb"opened (\d+)", done.stderr)[1])


def boxes(service):
    """Every blob of the columns that lie under the master key."""
    found = set()
    for table, column in (("number", "key"), ("person", "language"), ("casefile", "summary"), ("casefile", "kind"),
                          ("consent", "detail"), ("consent", "link"), ("audit", "link"), ("staff", "secret"), ("team_key", "proof"),
                          ("seen", "event")):
        found |= {v for v, in service.query("SELECT %s FROM %s WHERE length(%s) > 0" % (column, table, column))}
    return found


def rotated(service, *words):
    status, said, told = command(service, "key", "rotate", *words)
    assert status == 0, told
    return said


def test_rotation(folder, aggregator):
    with running(folder, aggregator) as service:
        demo = next(m[1] for line in service.log if (m := re.search(r"name demo, passphrase (\S+)", line)))
        references = filled(service)
        status, _, told = command(service, "key", "rotate")
        assert status == 1 and "another waymark is using" in told
        assert service.terminate() == 0
        old = (service.data / "master.key").read_text()
        before, journal = boxes(service), (service.data / "stops.journal").read_bytes()
        said = rotated(service)
        assert "open sessions have ended" in said and not (service.data / "rekeying").exists()
        assert (service.data / "master.key").read_text() != old
        assert not boxes(service) & before, "nothing is as it was"
        after = (service.data / "stops.journal").read_bytes()
        assert len(after) == len(journal) and after[16:32] == journal[16:32] and after[96:112] != journal[96:112]
        service.start()
        # people are known: who stopped has stopped, who has a case is told of it, a repeat is not done twice
        assert service.query(STOPPED) == [(1,)]
        people = service.query("SELECT count(*) FROM person")
        turns = service.query("SELECT max(id) FROM turn")
        text(service, BEN, "STOP", "ATXrot_1")
        assert service.query("SELECT max(id) FROM turn") == turns, "a repeat from before is a repeat"
        assert register(service, ANNA, "more") == references[ANNA], "the open case goes on"
        assert service.query("SELECT count(*) FROM person") == people, "and so nobody is new"
        text(service, CARA, "STOP", "ATXrot_3")
        assert until(lambda: service.query(STOPPED) == [(2,)])
        # staff sign in as before, and ledgers hold
        assert command(service, "team", "admit", "casey", "--by", "demo", stdin=demo + "\n\n")[0] == 0
        assert command(service, "consent", "verify")[0] == 0
        assert service.terminate() == 0
        # the old key is of no use: neither in its place nor for a thief
        new = (service.data / "master.key").read_text()
        opened = thief(service.data, "staff", "demo", demo)[1]
        assert opened >= 4
        (service.data / "master.key").write_text(old)
        assert thief(service.data, "master")[1] == 0 and thief(service.data, "staff", "demo", demo)[1] == 0
        with pytest.raises(AssertionError, match="not ready: exit 1"):
            service.start()
        assert any("under another master key" in line for line in service.log)
        (service.data / "master.key").write_text(new)
        # and again
        rotated(service)
        service.start()
        assert register(service, ANNA, "even more") == references[ANNA]
        assert service.query("SELECT count(*) FROM audit WHERE action = 'replace master key'") == [(2,)]
        service.terminate()
        whole(service.copy())


def test_a_key_that_lies_elsewhere(folder, aggregator):
    with running(folder, aggregator) as service:
        service.terminate()
        shutil.move(service.data / "master.key", folder / "elsewhere.key")
        settings(service, key_file=folder / "elsewhere.key")
        service.start()
        reference = register(service, ANNA, "a call")
        service.terminate()
        status, _, told = command(service, "key", "rotate")
        assert status == 1 and "--to FILE" in told
        assert command(service, "key", "rotate", "--to", folder / "elsewhere.key")[0] == 1, "the same key"
        rotated(service, "--to", folder / "new.key")
        with pytest.raises(AssertionError, match="not ready: exit 1"):
            service.start()
        shutil.move(folder / "new.key", folder / "elsewhere.key")
        service.start()
        assert register(service, ANNA, "a call") == reference


def test_killed_at_any_moment(folder, aggregator):
    """kill -9 at random moments: what is there is either all under the old key or all under the new one."""
    with running(folder, aggregator) as service:
        references = filled(service)
        service.terminate()
        began = time.monotonic()
        rotated(service)
        took = time.monotonic() - began
        ends = 60 if os.environ.get("WAYMARK_TORTURE") else 10
        keys = set()
        for n in range(ends):
            process = subprocess.Popen([service.program, "key", "rotate", "--config", service.conf, "--data", service.data],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(took * n / ends)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
            service.start()
            assert not (service.data / "rekeying").exists()
            assert register(service, ANNA, "a call") == references[ANNA], "after %d" % n
            assert service.query(STOPPED) == [(1,)]
            assert service.terminate() == 0
            keys.add((service.data / "master.key").read_text())
        whole(service.copy())


def test_every_step_of_putting_in_place_is_finished_later(folder, aggregator):
    with running(folder, aggregator) as service:
        references = filled(service)
        service.terminate()
        before = folder / "before"
        shutil.copytree(service.data, before)
        rotated(service)
        after = folder / "after"
        shutil.copytree(service.data, after)
        names = ("waymark.db", "stops.journal", "master.key")
        for done in range(4):
            shutil.rmtree(service.data)
            shutil.copytree(before, service.data)
            stage = service.data / "rekeying"
            stage.mkdir(0o700)
            for n, name in enumerate(names):
                shutil.copy(after / name, (stage if n >= done else service.data) / name)
            (stage / "ready").write_text("ready\n")
            service.start()
            assert not stage.exists()
            assert register(service, ANNA, "a call") == references[ANNA]
            service.terminate()
            assert (service.data / "master.key").read_text() == (after / "master.key").read_text()


def test_a_changed_ledger_is_not_vouched_for(folder, aggregator):
    import sqlite3
    with running(folder, aggregator) as service:
        filled(service)
        service.terminate()
        db = sqlite3.connect(service.data / "waymark.db")
        db.execute("UPDATE consent SET at = at + 1 WHERE id = 1")
        db.commit()
        db.close()
        key = (service.data / "master.key").read_text()
        status, _, told = command(service, "key", "rotate")
        assert status == 1 and "nothing was changed" in told and "consent verify" in told
        assert (service.data / "master.key").read_text() == key and not (service.data / "rekeying").exists()


def test_every_blob_is_known_to_the_rotation(folder, aggregator):
    """A new column that lies under the master key is missed by nobody: each blob is put over, or said here why not."""
    source = (os.path.dirname(__file__) + "/../../src/store/rekey.c")
    over = set(re.findall(r'\{"(\w+)", "[^"]+", "(\w+)"', open(source).read()))
    kept = {  # sealed to people, teams, members or papers; public keys; hashes
        "callback": {"seal"},
        "person": {"public_key", "number_seal"}, "person_seal": {"seal"}, "casefile": {"answers"}, "case_note": {"seal"},
        "case_seal": {"public_key", "seal", "number_seal"}, "team_key": {"public_key", "recovery_key", "recovery"},
        "team_seal": {"seal"}, "staff": {"public_key"}, "team": {"public_key"}, "consent_text": {"hash", "text"},
        "consent": {"text_hash", "detail_hash", "link"}, "audit": {"link"}, "outbox": {"key"}, "turn": {"box", "state"},
        # gone with the day keys
        "session": {"key", "caller"}, "seen": {"answer"}, "part": {"message", "box"}, "day_key": {"wrapped"}}
    with running(folder, aggregator) as service:
        for table, in service.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
            for _, column, kind, *_ in service.query("SELECT * FROM pragma_table_info(?)", table):
                if kind == "BLOB":
                    assert (table, column) in over or column in kept.get(table, ()), "%s.%s" % (table, column)
