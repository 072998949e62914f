# SPDX-License-Identifier: AGPL-3.0-or-later
"""A life of the service: cycles of walkers and a sudden end, and what must be true of the data that is left."""
import collections
import random
import threading
import time

from harness import sent_out, whole
from walkers import Book, Walker

WALKERS, TURNS = 6, 50
ANSWER, SENT, UNKNOWN, CANCELLED = 0, 2, 5, 6


def numbers_of(walker):
    return ["+1%d55501%02d" % (202 + walker, n) for n in range(6)]


class Cycle:
    """Ends the service at one moment of many."""

    def __init__(self, life):
        self.life, self.service = life, life.service
        self.lock, self.over = threading.Lock(), threading.Event()
        self.left = life.turns + life.rng.randrange(30)
        self.late_s = life.rng.random() * 0.003

    def told(self):
        with self.lock:
            self.left -= 1
            if self.left != 0:
                return
        self.over.wait(self.late_s)  # nobody sets it before: a short while, so that any step can be the last
        self.life.end(self.service)
        self.over.set()

    def run(self):
        failures = []

        def walk(walker):
            try:
                walker.run(self.service.address, self.over, self.told)
            except BaseException as failure:
                failures.append(failure)
                self.over.set()

        threads = [threading.Thread(target=walk, args=(w,)) for w in self.life.walkers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        assert self.over.is_set(), "it died by itself:\n" + "\n".join(self.service.log)
        self.service.wait()


def between(rows, sure_and_maybe, what):
    sure, maybe = sure_and_maybe
    assert sure <= rows <= sure + maybe, "%s: %d rows, %d answered, %d perhaps" % (what, rows, sure, maybe)


def one(db, sql, *values):
    return db.execute(sql, values).fetchone()[0]


def check_after_kill(db, book, erases):
    whole(db)
    lost = [r for r in book.references if not one(db, "SELECT count(*) FROM casefile WHERE reference = ?", r)]
    assert not lost, "told and not stored"
    if not erases:
        assert one(db, "SELECT count(*) FROM turn") >= book.turns[0]
        assert one(db, "SELECT count(*) FROM consent WHERE action = 'agree'") >= book.agrees[0]


def check_sessions(db, book, walkers):
    """Which session a row is of cannot be read, but how many turns each has can be counted."""
    stored = collections.Counter(n for _, n in db.execute("SELECT session, count(*) FROM turn GROUP BY session"))
    told = collections.Counter(turns for _, turns, maybe in book.sessions if turns and not maybe)
    told.update(n.messages for w in walkers for n in w.numbers if n.messages)
    left = stored - told
    assert not told - stored, "sessions with fewer or more turns than were answered: %s" % (told - stored)
    for turns in sorted((turns for _, turns, maybe in book.sessions if maybe), reverse=True):
        fits = turns + 1 if left[turns + 1] else turns  # the longest first: nobody else could fill that place
        assert left[fits] or not turns, "a session of %d or %d turns is missing" % (turns, turns + 1)
        left[fits] -= fits > 0
    assert not +left, "sessions that nobody had: %s" % +left


def check_book(db, book, walkers, erases):
    whole(db)
    told, stored = set(book.references), {r for r, in db.execute("SELECT reference FROM casefile")}
    assert told <= stored
    between(len(stored), book.cases, "casefile")
    between(one(db, "SELECT count(*) FROM consent WHERE action = 'agree'"), book.agrees, "consent agree")
    between(one(db, "SELECT count(*) FROM consent WHERE action IN ('withdraw', 'erase')"), book.withdrawals,
            "consent withdraw")
    stops = collections.Counter(n.stopped for w in walkers for n in w.numbers)
    between(one(db, "SELECT count(*) FROM number WHERE stopped IS NOT NULL"), (stops["yes"], stops["maybe"]), "stopped")
    assert one(db, "SELECT count(*) FROM seen") == book.sms_turns
    if not erases:
        between(one(db, "SELECT count(*) FROM turn"), book.turns, "turn")
        check_sessions(db, book, walkers)


def check_sends(db, book, accepted, last_start):
    """Every send reached the aggregator once; twice only an answer that a kill cut off between POST and result."""
    rows = {key: (kind, state, attempts) for key, kind, state, attempts in
            db.execute("SELECT lower(hex(key)), class, state, attempts FROM outbox WHERE channel <> ''")}
    arrivals = collections.defaultdict(list)
    for message in accepted:
        arrivals[message.key].append(message)
    assert set(arrivals) <= set(rows), "a message that nobody queued"
    twice = 0
    for key, (kind, state, attempts) in rows.items():
        starts = [m.start for m in arrivals[key]]
        twice += max(len(starts) - 1, 0)
        assert len(set(starts)) == len(starts), "one process sent it twice"
        assert len(starts) <= (attempts if kind == ANSWER else 1), "sent again, and may not be"
        # claimed, posted, killed, and then a STOP came before it could go out again
        assert state != CANCELLED or last_start not in starts, "cancelled and sent"
        assert state in (SENT, UNKNOWN, CANCELLED), (key, kind, state)
        assert starts or state != SENT, "called sent, and never arrived"
        assert state != UNKNOWN or kind != ANSWER
    sure, maybe = book.unconfirmed
    assert len(rows) >= book.sms_turns - sure - maybe + len(book.words)
    assert len(rows) <= book.sms_turns - sure + len(book.words) + len(book.maybe_words)
    check_words(db, book, accepted)
    return twice


def check_words(db, book, accepted):
    """What people asked for by name: each word is one message, and none is claimed after a STOP was answered."""
    keys, claimed = collections.defaultdict(set), dict(db.execute("SELECT lower(hex(key)), claimed_ms FROM outbox"))
    for message in accepted:
        if message.text.startswith("Your word is "):
            word = message.text[len("Your word is "):].rstrip(".")
            keys[word].add(message.key)
    assert all(len(k) == 1 for k in keys.values()), "one request made two messages"
    assert set(keys) <= set(book.words) | set(book.maybe_words), "a message that nobody asked for"
    for word, (number, answered) in book.words.items():
        stop = min((t for t in number.stops if t >= answered), default=None)
        cancelled = number.perhaps_cancelled or any(t >= answered for t in number.cancels)
        assert word in keys or cancelled, "asked for, not cancelled, never sent: %s" % word
        for key in keys[word] if word in keys and stop else ():
            assert claimed[key] <= stop, "claimed %d ms after a STOP was answered" % (claimed[key] - stop)


class Life:
    """One data folder, from the first start to the last stop. end(service): ends the process while it is busy."""

    def __init__(self, service, seed, end, erases=False, turns=TURNS):
        self.service, self.end, self.erases, self.turns = service, end, erases, turns
        self.rng, self.book, self.began = random.Random(seed), Book(), time.monotonic()
        self.walkers = [Walker(i, random.Random(seed * 100 + i), self.book, numbers_of(i), erases)
                        for i in range(WALKERS)]

    def cycle(self):
        """Busy until the end; the dead one's data stay as they are."""
        before = self.book.turns[0]
        Cycle(self).run()
        assert self.book.turns[0] - before >= self.turns

    def check(self):
        """What the dead process left, on a copy."""
        db = self.service.copy()
        check_after_kill(db, self.book, self.erases)
        db.close()

    def finish(self, accepted):
        """Settles what is open, stops in good order, and compares all that was told with all that is stored."""
        for walker in self.walkers:
            walker.resume(self.service.address)
        assert sent_out(self.service)
        assert self.service.terminate() == 0
        db = self.service.copy()
        check_book(db, self.book, self.walkers, self.erases)
        twice = check_sends(db, self.book, accepted, self.service.starts)
        print("%d starts, %d turns, %d repeats, %d given up, %d cases, %d sends of which %d twice, %.1f s" % (
            self.service.starts, self.book.turns[0], self.book.repeats, self.book.turns[1], len(self.book.references),
            len(accepted), twice, time.monotonic() - self.began))
