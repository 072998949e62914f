# SPDX-License-Identifier: AGPL-3.0-or-later
"""Callers who walk the test menus at random, and remember what they were told.

A walker has phone numbers of its own and does one thing after another, so what it was told is a serial history; many
walkers at once make the load. What nobody answered is kept as `pending`. Later it is either asked again, as it was (an
aggregator that sends an SMS again, or a USSD request that is repeated), or the person dials again, and then nobody
knows whether it was done: such things are counted as `maybe`.
"""
import re
import threading
import time

from harness import Client, Lost, sms, ussd

SURE, MAYBE = 0, 1


def now_ms():
    """As the service tells time, so that what it stored can be compared."""
    return time.time() * 1000


class Number:
    """What we know of one phone number."""

    def __init__(self, digits):
        self.digits = digits
        self.consent = "no"   # in force: "yes", "no", "maybe"
        self.stopped = "no"
        self.person = "no"     # whether they ever agreed and were not erased since: the ledger keeps a row of their erasing
        self.reference = None  # of the open case, where one was told
        self.unsure = False    # whether that case was closed: a "no" closes it only where a consent was in force
        self.stops = []        # when a STOP was answered
        self.cancels = []      # when something was answered that cancels what waits: a STOP, and what lifts one
        self.perhaps_cancelled = False  # by something that was given up
        self.messages = 0      # of SMS turns


class Book:
    """What all walkers of one life were told; sure[...] and maybe[...] count rows that the database must hold."""

    def __init__(self):
        self.lock = threading.Lock()
        self.turns = [0, 0]
        self.agrees, self.withdrawals = [0, 0], [0, 0]
        self.cases, self.unconfirmed = [0, 0], [0, 0]
        self.references = {}   # told: reference -> number
        self.words = {}        # word -> (number, time of the answer)
        self.maybe_words = {}
        self.sms_turns = 0
        self.sessions = []     # [number, answered turns, perhaps one more]
        self.repeats = 0

    def add(self, what, how=SURE):
        with self.lock:
            what[how] += 1


class Walker:
    def __init__(self, index, rng, book, numbers, erases):
        self.index, self.rng, self.book, self.erases = index, rng, book, erases
        self.numbers = [Number(n) for n in numbers]
        self.pending = self.last = self.session = None
        self.count = 0
        self.script = []

    # ---- asking ----

    def ask(self, request):
        kind, number, key, text = request
        return (ussd if kind == "ussd" else sms)(self.client, number.digits, key, text)

    def turn(self, request, answered):
        """Asks, and books what came of it. Lost goes through, with the request left pending."""
        self.pending = (request, answered)
        status, body = self.ask(request)
        assert status == 200, (request[0], request[3], status, body)
        self.pending = None
        self.last = (request, (status, body))
        self.book.add(self.book.turns)
        result = answered(body)
        self.tell()
        return result

    def settle(self):
        """After a restart: what was answered is answered the same again; what was not is asked again or given up."""
        if self.last and not self.overtaken():
            again = self.ask(self.last[0])
            assert again == self.last[1], ("a repeat was answered otherwise", self.last, again)
            with self.book.lock:
                self.book.repeats += 1
        if not self.pending:
            return
        request, answered = self.pending
        if request[0] == "sms" or self.rng.random() < 0.5:
            self.turn(request, answered)
        else:
            self.give_up(request)

    def overtaken(self):
        """Whether what is pending may have done away with the last answer: the path went on, or all was erased."""
        return self.pending and (self.pending[0][:3] == self.last[0][:3] or self.pending[0][3] == "ERASE")

    def give_up(self, request):
        number, shown, answer = request[1], self.shown, request[3].rsplit("*", 1)[-1]
        self.pending = self.session = None
        if self.last and self.last[0][:3] == request[:3]:
            self.last = None  # nobody knows whether it still is the last of its path
        self.book.add(self.book.turns, MAYBE)
        self.row[2] += 1
        if "May we call you?" in shown and answer == "1":
            self.book.add(self.book.agrees, MAYBE)
            number.consent = "yes" if number.consent == "yes" else "maybe"
            number.person = "yes" if number.person == "yes" else "maybe"
            number.perhaps_cancelled |= number.stopped != "no"
            number.stopped = "maybe" if number.stopped != "no" else "no"
        elif "May we call you?" in shown and number.consent != "no":
            self.book.add(self.book.withdrawals, MAYBE)
            number.consent = number.stopped = "maybe"
            number.perhaps_cancelled = number.unsure = True
        elif "How old" in shown:
            self.book.add(self.book.cases, MAYBE)
        elif "Which word?" in shown:
            self.book.maybe_words[answer] = number

    # ---- walking ----

    def run(self, address, over, tell):
        self.client, self.tell = Client(address), tell
        try:
            self.settle()
            while not over.is_set():
                self.step()
        except Lost:
            pass
        finally:
            self.client.close()

    def resume(self, address):
        """Settles what is open, and no more."""
        self.client, self.tell = Client(address), lambda: None
        self.settle()
        self.client.close()

    def step(self):
        if self.script:
            self.message(*self.script[0])
        elif self.session:
            self.answer()
        elif self.rng.random() < 0.3:
            self.script = self.messages(self.rng.choice(self.numbers))
        else:
            self.dial()

    # ---- USSD ----

    def dial(self):
        self.number = self.rng.choice(self.numbers)
        self.aim = self.rng.choice(("read", "read", "register", "refuse", "word", "word"))
        self.count += 1
        self.session, self.path, self.shown = "ATUid_%d_%d" % (self.index, self.count), "", ""
        self.row = [self.number, 0, 0]
        self.book.sessions.append(self.row)
        self.turn(("ussd", self.number, self.session, ""), self.see)

    def see(self, body):
        assert body.startswith(("CON ", "END ")), body
        self.row[1] += 1
        self.shown = body
        if body.startswith("END "):
            self.session = None

    def answer(self):
        for beginning, choose in self.CHOICES:
            if self.shown.startswith("CON " + beginning):
                typed, book = choose(self)
                break
        else:
            raise AssertionError("an unexpected page: " + self.shown)
        path = self.path + "*" + typed if self.path else typed

        def answered(body):
            self.path = path
            self.see(body)
            book(body)

        self.turn(("ussd", self.number, self.session, path), answered)

    def plain(self, typed):
        return typed, lambda body: None

    def at_main(self):
        return self.plain({"read": "1", "register": "2", "refuse": "2", "word": "3"}[self.aim])

    def at_second(self):
        return self.plain(self.rng.choice("12"))

    def at_word(self):
        self.count += 1
        word, number = "w%dx%d" % (self.index, self.count), self.number

        def book(body):
            assert body.startswith("CON Sent %s." % word), body
            self.book.words[word] = (number, now_ms())

        return word, book

    def at_sent(self):
        self.aim = self.rng.choice(("read", "register"))
        return self.plain(self.rng.choice("12"))

    def at_consent(self):
        number = self.number
        if self.aim != "refuse":
            def agreed(body):
                assert body.startswith("CON How old"), body
                self.book.add(self.book.agrees)
                self.lifted(number)
                number.consent = number.person = "yes"
            return "1", agreed

        def refused(body):
            assert body.startswith("END Nothing is kept."), body
            if number.consent == "yes":
                self.stopped(number)
            self.withdrawn(number, number.consent)
        return "2", refused

    def at_age(self):
        number = self.number

        def book(body):
            told = re.fullmatch(r"END Your number is (\w+)\.", body)
            assert told, body
            reference = told[1]
            if number.reference != reference:
                assert not number.reference or number.unsure, "one open case of a kind"
                with self.book.lock:
                    again = self.book.references.get(reference)
                    assert not again or (again is number and number.unsure), "a reference twice"
                    self.book.references[reference] = number
                number.reference = reference
                if not again:
                    self.book.add(self.book.cases)
        return str(self.rng.randint(18, 80)), book

    CHOICES = (("Main page.", at_main), ("First page.", lambda w: w.plain("1")), ("Second page.", at_second),
               ("Which word?", at_word), ("Sent ", at_sent), ("May we call you?", at_consent), ("How old", at_age))

    # ---- SMS ----

    def withdrawn(self, number, consent):
        """A stop was answered; consent: what was in force before it."""
        if consent != "no":
            self.book.add(self.book.withdrawals, SURE if consent == "yes" else MAYBE)
        self.ended(number, consent)

    def stopped(self, number):
        """Nothing that waits may leave any more; a "no" where nothing had been agreed to is no such word."""
        number.stops.append(now_ms())

    def erased(self, number):
        """An erasure was answered: noted once of whoever is known, whether or not they had withdrawn before."""
        if number.person != "no":
            self.book.add(self.book.withdrawals, SURE if number.person == "yes" else MAYBE)
        self.ended(number, number.consent)
        number.person, number.reference, self.last = "no", None, None

    def ended(self, number, consent):
        if consent != "no":
            number.stopped = "yes" if consent == "yes" or number.stopped == "yes" else "maybe"
        number.reference, number.unsure = None, consent == "maybe"  # a withdrawal closes the case
        number.consent = "no"
        number.cancels.append(now_ms())

    def lifted(self, number):
        number.stopped = "no"
        number.cancels.append(now_ms())

    def messages(self, number):
        self.count += 1
        word = "s%dx%d" % (self.index, self.count)
        talks = [[("HELP", None), ("1", None), ("1", None)], [("WORD", None), (word, "word")], [("STOP", "stop")],
                 [("STOP", "stop"), ("START", "start")], [("WORD", None), (word, "word"), ("STOP", "stop")]]
        if self.erases:
            talks.append([("ERASE", "erase")])
        return [(number, text, what) for text, what in self.rng.choice(talks)]

    def message(self, number, text, what):
        self.count += 1
        script = self.script[1:]

        def answered(body):
            self.script = script
            number.messages += 1
            with self.book.lock:
                self.book.sms_turns += 1
            if what == "word":
                self.book.words[text] = (number, now_ms())
            elif what == "start":
                self.lifted(number)
            elif what in ("stop", "erase"):
                if what == "stop" and number.stopped != "no":  # STOP after STOP is confirmed once
                    self.book.add(self.book.unconfirmed, SURE if number.stopped == "yes" else MAYBE)
                if what == "erase":
                    self.erased(number)
                else:
                    self.withdrawn(number, number.consent)
                number.stopped = "yes"
                self.stopped(number)

        self.turn(("sms", number, "ATXin_%d_%d" % (self.index, self.count), text), answered)
