# SPDX-License-Identifier: AGPL-3.0-or-later
"""Backups: taken while the service answers, opened by an offline key alone, restored without forgetting who stopped."""
import os
import re
import shutil
import subprocess
import threading
import time

import pytest

from callers import command, running, settings
from harness import AGGREGATOR_S, Client, Lost, Phone, sent_out, sms, ussd, until, whole

ANNA, BEN, CARA, DAN = ("+1202555010%d" % n for n in range(1, 5))
STOPPED = "SELECT count(*) FROM number WHERE stopped IS NOT NULL"


def text(service, number, words):
    text.count = getattr(text, "count", 0) + 1
    assert sms(Client(service.address), number, "ATXid_bak%d" % text.count, words)[0] == 200


def register(service, number, wish):
    phone = Phone(service, number)
    phone.dial()
    assert phone.type("4", "1", wish).startswith("END Your number is ")


def offline_key(service, folder, name="offline.key"):
    done = subprocess.run([service.program, "key", "offline", folder / name], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def lose_database(service):
    for end in ("", "-wal", "-shm"):
        (service.data / ("waymark.db" + end)).unlink(missing_ok=True)


class Load:
    """People who dial and read, one after another on a few lines, until told to stop; how long the slowest waited."""

    def __init__(self, service, lines=3):
        self.service, self.over, self.turns, self.worst = service, threading.Event(), 0, 0.0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(lines)]

    def run(self, line):
        client, n = Client(self.service.address), 0
        try:
            while not self.over.is_set():
                n += 1
                for typed in ("", "1", "1*word%d" % n):
                    began = time.monotonic()
                    assert ussd(client, "+1%d55501%02d" % (303 + line, n % 100), "ATUid_load%d_%d" % (line, n), typed)[0] == 200
                    with self.lock:
                        self.turns += 1
                        self.worst = max(self.worst, time.monotonic() - began)
        except Lost:
            pass

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for t in self.threads:
            t.join()


def test_the_drill(folder, aggregator):
    """Backup under load, kill -9, restore: who stopped since is stopped, who erased since is erased, turns go on."""
    with running(folder, aggregator) as service:
        public = offline_key(service, folder)
        for n, number in enumerate((ANNA, BEN, CARA, DAN)):
            register(service, number, "wish %d" % n)
        text(service, DAN, "STOP")
        with Load(service) as load:
            assert until(lambda: load.turns > 50)
            before = load.turns
            status, said, told = command(service, "backup", folder / "backup.wm", "--to", public)
            assert status == 0, told
            assert public in said
            assert until(lambda: load.turns > before + 50), "turns go on"
            assert load.worst < AGGREGATOR_S, "no turn waited for the backup"
            text(service, ANNA, "STOP")
            text(service, BEN, "ERASE")
            text(service, DAN, "START")
            service.kill9()
        assert (folder / "backup.wm").stat().st_mode & 0o777 == 0o600
        assert not (folder / "backup.wm.part").exists()
        before = (service.data / "waymark.db").stat().st_size
        status, _, told = command(service, "restore", folder / "backup.wm", "--key", folder / "offline.key")
        assert status == 1 and "already" in told
        assert (service.data / "waymark.db").stat().st_size == before
        lose_database(service)
        status, said, told = command(service, "restore", folder / "backup.wm", "--key", folder / "offline.key")
        assert status == 0, told
        assert not (service.data / "restoring").exists()
        service.start()
        assert service.query(STOPPED) == [(2,)], "Anna and Ben, no longer Dan"
        assert service.query("SELECT count(*) FROM person_seal WHERE person = 1 AND holder = 'casework'") == [(0,)]
        assert service.query("SELECT erased > 0, length(number_seal) FROM person WHERE id = 2") == [(1, 0)]
        assert service.query("SELECT length(answers) FROM casefile WHERE id = 2") == [(0,)]
        assert service.query("SELECT count(*) FROM person_seal WHERE person = 3") == [(1,)]
        assert [a for a, in service.query("SELECT action FROM audit WHERE action IN ('backup', 'restore') ORDER BY id")] == [
            "backup", "restore"]
        register(service, ANNA, "again")
        assert service.query(STOPPED) == [(1,)]
        service.kill9()
        whole(service.copy())


def test_a_journal_kept_elsewhere_counts(folder, aggregator):
    """The whole machine is gone: the backup and a newer copy of the journal are what is left."""
    with running(folder, aggregator) as service:
        public = offline_key(service, folder)
        settings(service, backup_key=public)
        register(service, ANNA, "a call")
        register(service, BEN, "a call")
        assert command(service, "backup", folder / "backup.wm")[0] == 0
        text(service, ANNA, "STOP")
        assert until(lambda: service.query(STOPPED) == [(1,)])
        service.kill9()
        shutil.copy(service.data / "stops.journal", folder / "newer.journal")
        shutil.copy(service.data / "master.key", folder / "master.key")
        shutil.rmtree(service.data)
        service.data.mkdir(0o700)
        status, _, told = command(service, "restore", folder / "backup.wm", "--key", folder / "offline.key")
        assert status == 1 and "master.key" in told, "a key is not made up for a database that another key closed"
        shutil.copy(folder / "master.key", service.data / "master.key")
        (folder / "other.journal").write_bytes(b"\1" * 160)
        for stops, words in ((folder / "other.journal", "not the journal of this backup"), (folder / "none", "")):
            status, _, told = command(service, "restore", folder / "backup.wm", "--key", folder / "offline.key", "--stops", stops)
            assert status == 1 and words in told
            assert not (service.data / "waymark.db").exists() and not (service.data / "stops.journal").exists()
        status, said, told = command(service, "restore", folder / "backup.wm", "--key", folder / "offline.key", "--stops",
                                     folder / "newer.journal")
        assert status == 0 and "1 stops since" in said, told
        service.start()
        assert service.query(STOPPED) == [(1,)]
        assert service.query("SELECT person FROM person_seal") == [(2,)]


def test_bad_backups_are_refused_and_nothing_is_overwritten(folder, aggregator):
    with running(folder, aggregator) as service:
        public = offline_key(service, folder)
        other = offline_key(service, folder, "other.key")
        register(service, ANNA, "a call")
        good = folder / "good.wm"
        assert command(service, "backup", good, "--to", public)[0] == 0
        for to, words in ((public[:-1] + ("0" if public[-1] != "0" else "1"), "checksum"), ("wmpublic1-00", "not the public half"),
                          ((folder / "offline.key").read_text().strip(), "SECRET"), (None, "for whom")):
            status, _, told = command(service, "backup", folder / "x.wm", *(("--to", to) if to else ()))
            assert status == 1 and words in told, told
        status, _, told = command(service, "backup", good, "--to", public)
        assert status == 1 and "nothing is written over" in told
        service.kill9()
        shutil.move(service.data / "waymark.db", folder / "kept.db")
        lose_database(service)
        whole_file = good.read_bytes()

        def refused(words, data=whole_file, key="offline.key"):
            (folder / "bad.wm").write_bytes(data)
            status, _, told = command(service, "restore", folder / "bad.wm", "--key", folder / key)
            assert status == 1 and words in told, (words, told)
            assert not (service.data / "waymark.db").exists() and not (service.data / "restoring").exists()

        refused("another key: " + public, key="other.key")
        refused("no backup of Waymark", b"")
        refused("no backup of Waymark", b"SQLite format 3\0" * 20)
        refused("no backup of Waymark", whole_file[:8] + b"E" + whole_file[9:])
        refused("newer Waymark", whole_file[:9] + b"\2" + whole_file[10:])
        for at in (12, 60, 100, 150, 180, 5000, len(whole_file) - 3):
            refused("damaged", whole_file[:at] + bytes([whole_file[at] ^ 1]) + whole_file[at + 1:])
        for end in (60, 150, 3000, len(whole_file) - 1):
            refused("cut off", whole_file[:end])
        block = int.from_bytes(whole_file[203:207], "little") + 4
        refused("damaged", whole_file[:203] + whole_file[203 + block:])  # a block is missing
        refused("damaged", whole_file + b"x")
        # keys that are none
        os.chmod(folder / "other.key", 0o640)
        refused("others may read", key="other.key")
        (folder / "text.key").write_text("hello\n")
        os.chmod(folder / "text.key", 0o600)
        refused("not the secret half", key="text.key")
        bent = (folder / "offline.key").read_text()
        (folder / "bent.key").write_text(bent[:30] + ("0" if bent[30] != "0" else "1") + bent[31:])
        os.chmod(folder / "bent.key", 0o600)
        refused("checksum", key="bent.key")
        refused("no such file", key="absent.key")
        # another master key
        key = (service.data / "master.key").read_text()
        (service.data / "master.key").write_text("0" * 64 + "\n")
        refused("under another master key")
        (service.data / "master.key").write_text("damaged\n")
        refused("it is no key")
        (service.data / "master.key").write_text(key)
        assert command(service, "restore", good, "--key", folder / "offline.key")[0] == 0
        service.start()
        assert service.query("SELECT count(*) FROM person_seal") == [(1,)]


def test_two_masters_are_refused(folder, aggregator):
    with running(folder, aggregator) as service:
        register(service, ANNA, "a call")
        assert service.terminate() == 0
        before = (service.data / "waymark.db").read_bytes()
        key = (service.data / "master.key").read_text()
        (service.data / "master.key").write_text("ab" * 32 + "\n")
        with pytest.raises(AssertionError, match="not ready: exit 1"):
            service.start()
        assert any("under another master key" in line for line in service.log)
        assert command(service, "optout", stdin=ANNA)[0] == 1
        (service.data / "master.key").unlink()
        with pytest.raises(AssertionError, match="not ready: exit 1"):
            service.start()
        assert not (service.data / "master.key").exists(), "no key is made for a database that another one closed"
        assert (service.data / "waymark.db").read_bytes() == before
        (service.data / "master.key").write_text(key)
        os.chmod(service.data / "master.key", 0o600)
        service.start()


def test_backup_without_a_service_and_the_keys_file(folder, aggregator):
    with running(folder, aggregator) as service:
        public = offline_key(service, folder)
        assert (folder / "offline.key").stat().st_mode & 0o777 == 0o600
        again = subprocess.run([service.program, "key", "offline", folder / "offline.key"], capture_output=True, text=True)
        assert again.returncode == 1 and "nothing is written over" in again.stderr
        assert re.fullmatch(r"wmsecret1-[0-9a-f]{72}\n", (folder / "offline.key").read_text())
        register(service, ANNA, "a call")
        service.kill9()
        assert command(service, "backup", folder / "b.wm", "--to", public)[0] == 0
        lose_database(service)
        assert command(service, "restore", folder / "b.wm", "--key", folder / "offline.key")[0] == 0
        service.start()
        assert sent_out(service)
        assert service.query("SELECT count(*) FROM casefile") == [(1,)]
