# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an adversary gets: whoever takes the disk, the disk and the master key, or the passphrases of all staff.

People of six kinds, each with a number and words of their own, talk over real HTTP while the service is killed again and
again. Then everything that lies in files is searched in seven encodings (canaries.py), and a thief (tests/fault/thief.c)
opens what the keys open that it has. Each search is seen to find what it looks for on a build without the protection."""
import os
import pathlib
import random
import re
import shutil
import subprocess

import pytest

from callers import command, moved_clock, running
from canaries import Canaries, counted, number, word
from harness import Client, Lost, Phone, sent_out, sms, until
from test_backup import lose_database, offline_key
from test_memory import planted

TORTURE = bool(os.environ.get("WAYMARK_TORTURE"))
EACH = 1670 if TORTURE else 12  # people of each of the six kinds: 10,020 numbers and 20,040 words
FEW = 60 if TORTURE else 12  # where their number proves nothing more
KILLS = 40 if TORTURE else 4
DAY_S = 86400
STAFF = (("casey", "caseworker"), ("safe", "safeguarding"), ("dana", "data-protection"), ("sue", "supervisor"))


def passphrase(name):
    return "a long enough phrase of " + name[::-1]


class People:
    """One kind: who they are, and what each of them says. talk() may be cut off by a kill and begins again."""

    def __init__(self, kind, base, each):
        self.kind, self.base, self.each = kind, base, each
        self.numbers = [number(base + n) for n in range(each)]
        self.words = [word(2 * base + n) for n in range(2 * each)]

    def talk(self, service, n):
        who, first, second = self.numbers[n], self.words[2 * n], self.words[2 * n + 1]
        phone = Phone(service, who)
        getattr(self, self.kind)(service, phone, who, first, second)
        phone.client.close()

    def reads(self, service, phone, who, first, second):
        phone.dial()
        phone.type("1", first)
        phone.type("1", second)

    def refuses(self, service, phone, who, first, second):
        phone.dial()
        phone.type("1", first)
        phone.type("2", "4")
        assert phone.type("2") == "END Nothing is kept."

    def leaves(self, service, phone, who, first, second):
        """Agrees, and is gone before registering."""
        phone.dial()
        phone.type("1", first)
        phone.type("2", "4", "1")

    def registers(self, service, phone, who, first, second):
        phone.dial()
        assert phone.type("4", "1", first).startswith("END Your number is ")

    def texts(self, service, phone, who, first, second):
        phone.text("WORD", "ATXs_%s_1" % who)
        phone.text(first, "ATXs_%s_2" % who)

    def erases(self, service, phone, who, first, second):
        phone.dial()
        assert phone.type("4", "1", first).startswith("END Your number is ")


KINDS = ("reads", "refuses", "leaves", "registers", "texts", "erases")


def groups(each=FEW):
    return {kind: People(kind, each * n, each) for n, kind in enumerate(KINDS)}


def all_of(people, kinds=KINDS):
    return [n for k in kinds for n in people[k].numbers], [w for k in kinds for w in people[k].words]


class Scene:
    """A service, its staff, a clock that can be put forward, and the thief."""

    def __init__(self, service, folder):
        self.service, self.folder, self.clock = service, folder, folder / "clock"

    def hire(self):
        for name, role in STAFF:
            status, _, told = command(self.service, "user", "add", name, "--role", role, stdin=passphrase(name) + "\n")
            assert status == 0, told
        for by, whom in (("demo", "casey"), ("demo", "sue"), ("demo", "dana"), ("demo", "safe")):
            word_of = self.demo if by == "demo" else passphrase(by)
            status, _, told = command(self.service, "team", "admit", whom, "--by", by, stdin=word_of + "\n\n")
            assert status == 0, told

    @property
    def demo(self):
        return next(m[1] for line in self.service.log if (m := re.search(r"name demo, passphrase (\S+)", line)))

    def days_pass(self, days):
        """Time goes on while the service runs, until nothing is left to be deleted."""
        offset = int(self.clock.read_text() or 0) + days * DAY_S
        rows, still = None, 0
        for _ in range(1000):
            self.clock.write_text(str(offset))
            now = self.service.query("SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM day_key),"
                                     " (SELECT count(*) FROM number), (SELECT count(*) FROM turn)")
            still = still + 1 if now == rows else 0
            if still > (20 if TORTURE else 1):  # a pass looks at some rows only, and may find none that are over
                break
            rows, offset = now, offset + 61
            expired = self.counted()
            until(lambda: self.counted() != expired, patience_s=3)

    def counted(self):
        return self.service.query("SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM turn)"
                                  " + (SELECT count(*) FROM number) + (SELECT count(*) FROM day_key)")

    def thief(self, *keys):
        """What those keys open of a copy of the disk as it is: a file with all of it in clear."""
        copy = self.folder / "stolen"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for name in ("waymark.db", "waymark.db-wal", "master.key"):
            if (self.service.data / name).exists():
                shutil.copy(self.service.data / name, copy)
        loot = self.folder / "loot"
        with loot.open("wb") as out:
            done = subprocess.run([os.environ.get("WAYMARK_THIEF") or "build/release/tests/fault_thief", copy, *keys],
                                  stdout=out, stderr=subprocess.PIPE, text=True, check=True)
        return loot, int(re.search(r"opened (\d+)", done.stderr)[1])

    def known(self, numbers):
        """Those of the numbers that the index has, asked with the master key; and how many a second can be asked."""
        copy = self.thief("master")[0].parent / "stolen"
        done = subprocess.run([os.environ.get("WAYMARK_THIEF") or "build/release/tests/fault_thief", copy, "ask"],
                              input="\n".join(n.lstrip("+") for n in numbers), capture_output=True, text=True, check=True)
        *rows, speed = done.stdout.splitlines()
        return {"+" + n for n in rows}, float(speed.split()[1])

    def readable(self, canaries, *keys):
        """The texts among these canaries that the thief could read."""
        loot, _ = self.thief(*keys)
        return {h.text for h in canaries.hunt(loot)[0]}

    def staff_keys(self):
        return ("staff", "demo", self.demo, *(x for name, _ in STAFF for x in (name, passphrase(name))))


def scene(folder, aggregator, **options):
    """A service whose clock the tests put forward."""
    clock, _ = moved_clock(folder)
    clock["environment"]["TMPDIR"] = str(folder / "tmp")
    return running(folder, aggregator, **clock, **options)


def everybody_talks(service, people, rng, kills):
    """In any order; each kill hits in the middle of somebody's words."""
    todo = [(kind, n) for kind in KINDS for n in range(people[kind].each)]
    rng.shuffle(todo)
    ends = set(rng.sample(range(len(todo)), kills))
    for i, (kind, n) in enumerate(todo):
        try:
            people[kind].talk(service, n)
        except Lost:
            raise AssertionError("it died by itself")
        if i in ends:
            service.kill9()
            service.start()


def digits(numbers):
    return {n.lstrip("+") for n in numbers} | {n.lstrip("+")[1:] for n in numbers}


@pytest.fixture
def staged(request, folder, aggregator):
    """Everybody has talked, under kills; backups were taken."""
    (folder / "tmp").mkdir()
    with scene(folder, aggregator) as service:
        s = Scene(service, folder)
        s.hire()
        s.public = offline_key(service, folder)
        s.people = groups(EACH if request.node.name == "test_seizure" else FEW)
        everybody_talks(service, s.people, random.Random(7), KILLS)
        assert sent_out(service)
        yield s


def test_seizure(staged):
    """The disk, as it is at any moment, tells no number and no word; with the master key no word of a registered person
    and of anything whose day is over."""
    s, service, people = staged, staged.service, staged.people
    canaries = Canaries(*all_of(people))
    assert command(service, "backup", s.folder / "b.wm", "--to", s.public)[0] == 0
    (s.folder / "log").mkdir()
    (s.folder / "log/log").write_text("\n".join(service.log))
    places = (service.data, s.folder / "tmp", s.folder / "log", s.folder / "b.wm")

    def searched():
        hits, read = canaries.in_files(*places[:3])
        more, also = canaries.hunt(places[3])
        assert not hits + more, counted(hits + more)
        return read + also

    assert searched() > (service.data / "waymark.db").stat().st_size
    names = {p.name for p in service.data.rglob("*")}
    assert {"waymark.db", "waymark.db-wal", "waymark.db-shm", "stops.journal"} <= names
    assert not [p for where in (s.folder, pathlib.Path.cwd()) for p in where.glob("core*") if p.is_file()]
    service.kill9()
    searched()
    service.start()
    # today the master key opens the sessions of today, but of those in which somebody registered: they are the person's
    found = s.readable(canaries, "master")
    assert found & set(people["reads"].words)
    for kind in ("registers", "erases"):
        theirs = found & (digits(people[kind].numbers) | set(people[kind].words))
        assert not theirs, sorted(theirs)[:5]
    s.days_pass(2)
    found = s.readable(canaries, "master")
    assert not found, sorted(found)[:5]
    searched()


def test_without_encryption_it_is_found(folder, aggregator):
    (folder / "tmp").mkdir()
    with scene(folder, aggregator, program=planted("clear")) as service:
        people = groups()
        for kind in KINDS:
            for n in range(3):
                people[kind].talk(service, n)
        hits, _ = Canaries(*all_of(people)).in_files(service.data)
        assert len({h.text for h in hits}) > 5


def test_staff_without_consent(staged):
    """All keys of all staff open everybody who registered, and nobody who did not."""
    s, people = staged, staged.people
    canaries = Canaries(*all_of(people))
    found = s.readable(canaries, *s.staff_keys())
    for kind in ("registers", "erases"):  # nobody has erased yet
        assert digits(people[kind].numbers) & found == digits(people[kind].numbers), "staff can read who registered"
        assert set(people[kind].words[::2]) <= found
    for kind in ("reads", "refuses", "leaves", "texts"):
        assert not found & (digits(people[kind].numbers) | set(people[kind].words)), kind


def test_an_eager_build_is_found_out(folder, aggregator):
    (folder / "tmp").mkdir()
    with scene(folder, aggregator, program=planted("eager")) as service:
        s = Scene(service, folder)
        people = groups()
        for kind in ("refuses", "leaves"):
            for n in range(3):
                people[kind].talk(service, n)
        s.hire()
        found = s.readable(Canaries(*all_of(people)), *s.staff_keys())
        for kind in ("refuses", "leaves"):
            assert found & digits(people[kind].numbers), kind


def erase_all(s):
    for n, who in enumerate(s.people["erases"].numbers):
        assert sms(Client(s.service.address), who, "ATXerase_%d" % n, "ERASE")[0] == 200
    assert until(lambda: s.service.query("SELECT count(*) FROM person WHERE erased")[0][0] == s.people["erases"].each)
    assert sent_out(s.service)


def unreadable(s, people):
    """Nothing of the erased, with all keys of all staff and the master key; who else registered is still there."""
    canaries = Canaries(*all_of(people, ("registers", "erases")))
    found = s.readable(canaries, *s.staff_keys()) | s.readable(canaries, "master")
    gone = digits(people["erases"].numbers) | set(people["erases"].words)
    assert set(people["registers"].words[::2]) <= found
    return found & gone


def test_erasure(staged):
    s, service, people = staged, staged.service, staged.people
    assert command(service, "backup", s.folder / "older.wm", "--to", s.public)[0] == 0
    erase_all(s)
    left = unreadable(s, people)
    assert not left, sorted(left)[:5]
    # also after an older backup is put back, in which they are
    service.kill9()
    lose_database(service)
    status, said, told = command(service, "restore", s.folder / "older.wm", "--key", s.folder / "offline.key")
    assert status == 0, told
    left = unreadable(s, people)
    assert not left, "before the service has even started: %s" % sorted(left)[:5]
    service.start()
    left = unreadable(s, people)
    assert not left, sorted(left)[:5]


def test_erasing_that_keeps_is_found_out(folder, aggregator):
    (folder / "tmp").mkdir()
    with scene(folder, aggregator, program=planted("hoarding")) as service:
        s = Scene(service, folder)
        people = s.people = groups()
        for kind in ("registers", "erases"):
            for n in range(FEW):
                people[kind].talk(service, n)
        s.hire()
        for n, who in enumerate(people["erases"].numbers):
            assert sms(Client(service.address), who, "ATXerase_%d" % n, "ERASE")[0] == 200
        assert sent_out(service)
        assert unreadable(s, people)


def test_enumeration(staged):
    """With the master key the index can be asked about any number: what that tells, in what time; and who never agreed is
    no longer in it after a day."""
    s, service, people = staged, staged.service, staged.people
    everybody = [n for p in people.values() for n in p.numbers]
    found, rate = s.known(everybody)
    agreed = {n for kind in ("leaves", "registers", "erases") for n in people[kind].numbers}
    assert agreed <= found, "the index tells who agreed"
    assert set(people["texts"].numbers) <= found, "and for a day to whom a message was sent"
    s.days_pass(2)
    found, rate = s.known(everybody)
    assert found == {n for kind in ("leaves", "registers", "erases") for n in people[kind].numbers}
    print("%d numbers a second on one core: ten billion in %.1f hours" % (rate, 1e10 / rate / 3600))
    assert rate > 1000


def test_a_build_that_keeps_strangers_is_found_out(folder, aggregator):
    (folder / "tmp").mkdir()
    with scene(folder, aggregator, program=planted("lasting")) as service:
        s = Scene(service, folder)
        people = groups()["texts"]
        for n in range(FEW):
            people.talk(service, n)
        assert sent_out(service)
        s.days_pass(2)
        assert s.known(people.numbers)[0] == set(people.numbers)
