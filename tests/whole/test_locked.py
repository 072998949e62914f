# SPDX-License-Identifier: AGPL-3.0-or-later
"""A service that waits for its master key: people are told where help is, and no stop is lost (design, section 5)."""
import fcntl
import os
import pty
import signal
import subprocess
import termios
import threading

import pytest

from callers import command, number, running
from harness import Client, Phone, flipped, sent_out, sms, until, ussd

ANNA, BEN, CARA, DAN = ("+1202555010%d" % n for n in range(1, 5))
WORDS = "correct horse battery staple"
STOPPED = "SELECT count(*) FROM number WHERE stopped IS NOT NULL"


def start_locked(service, until_line="waymark: locked", terminal=None):
    """As Service.start, for a service that does not become ready by itself."""
    service.launch(until_line, stdin=terminal.theirs if terminal else subprocess.DEVNULL,
                   preexec_fn=terminal.controls if terminal else None)


def register(service, number):
    phone = Phone(service, number)
    phone.dial()
    assert phone.type("4", "1", "a call").startswith("END Your number is ")


def lock(service):
    assert service.terminate() == 0
    status, said, wrong = command(service, "lock", stdin=WORDS + "\n")
    assert status == 0, wrong
    key = service.data / "master.key"
    held = key.read_text()
    key.unlink()
    return held


def write(service, number, text, n=[0]):
    n[0] += 1
    return sms(Client(service.address), number, "ATXid_locked%d" % n[0], text)


def get(address, path):
    client = Client(address)
    answer = client.ask("GET", path)
    client.close()
    return answer


def test_nothing_but_stops_is_taken_in_and_none_is_lost(folder, aggregator):
    with running(folder, aggregator) as service:
        for number in (ANNA, BEN, CARA):
            register(service, number)
        lock(service)
        start_locked(service)
        assert get(service.address, "/healthz") == (200, "ok\n") and get(service.address, "/readyz") == (503, "locked\n")
        assert get(service.console, "/")[0] == 503 and get(service.console, "/metrics") == (200, "waymark_locked 1\n")
        # everybody is told where help is, and that nothing can be done now
        for path in ("", "4*1*words"):
            status, body = ussd(Client(service.address), DAN, "ATUid_locked", path)
            assert status == 200 and body.startswith("END ") and "1-202-555-0100" in body, body
        assert write(service, DAN, "HELP")[0] == 503, "it comes again"
        # a stop by SMS, an erasure after a dial, an opt-out that the aggregator took
        assert write(service, ANNA, "stop.") == (200, "")
        status, body = ussd(Client(service.address), BEN, "ATUid_locked2", "1*ERASE")
        assert (status, body) == (200, "END Erased."), body
        assert Client(service.address).post("/hook/africastalking-sms/optout", {"senderId": "21512", "phoneNumber": CARA})[0] == 200
        assert "stops taken in 3" in command(service, "status")[1]
        held = (service.data / "intake.journal").read_bytes()
        assert not [n for n in (ANNA, BEN, CARA) if n[1:].encode() in held or n[2:].encode() in held]
        service.kill9()

        start_locked(service)
        assert service.query(STOPPED) == [(0,)]
        assert write(service, DAN, "STOP please")[0] == 200
        status, said, wrong = command(service, "unlock", stdin="")
        assert status == 1 and "no passphrase was given" in wrong
        status, said, wrong = command(service, "unlock", stdin="something else entirely\n")
        assert status == 1 and "does not open" in wrong
        assert command(service, "unlock", stdin=WORDS + "\n")[0] == 0
        assert until(lambda: sum(line == "waymark: ready" for line in list(service.log)) == 2)
        assert service.query(STOPPED) == [(4,)]
        assert service.query("SELECT holder FROM person_seal") == [], "casework's seals are destroyed"
        assert service.query("SELECT erased > 0, length(number_seal) FROM person WHERE id = 2") == [(1, 0)]
        assert service.query("SELECT action, channel FROM consent WHERE person = 1 ORDER BY id") == [
            ("agree", "africastalking"), ("withdraw", "africastalking-sms")]
        assert not (service.data / "intake.journal").exists()
        assert get(service.address, "/readyz")[0] == 200
        assert Phone(service, DAN).dial().startswith("CON Main page.")
        assert command(service, "consent", "verify")[0] == 0


def test_a_torn_record_of_the_intake_is_passed_over(folder, aggregator):
    with running(folder, aggregator) as service:
        key = lock(service)
        start_locked(service)
        assert write(service, ANNA, "STOP")[0] == 200
        service.kill9()
        with (service.data / "intake.journal").open("ab") as f:
            f.write(b"\x40\x01\0\0half")
        (service.data / "master.key").write_text(key)
        (service.data / "master.key").chmod(0o600)
        service.start()
        assert service.query(STOPPED) == [(1,)]


def test_stops_are_taken_in_also_after_the_master_key_was_replaced(folder, aggregator):
    with running(folder, aggregator) as service:
        service.terminate()
        assert command(service, "key", "rotate")[0] == 0
        service.start()
        lock(service)
        start_locked(service)
        assert write(service, ANNA, "STOP") == (200, "")
        unlock(service, 3)
        assert service.query(STOPPED) == [(1,)]


def test_wrong_passphrases_are_locked_out_and_a_damaged_file_is_told(folder, aggregator):
    with running(folder, aggregator) as service:
        lock(service)
        sealed = service.data / "master.key.sealed"
        good = sealed.read_bytes()
        assert sealed.stat().st_mode & 0o777 == 0o600 and WORDS.encode() not in good
        assert command(service, "lock", stdin=WORDS + "\n")[0] == 1 and sealed.read_bytes() == good, "nothing is overwritten"
        assert command(service, "optout", stdin=ANNA)[0] == 1, "nobody else has the key either"
        start_locked(service)
        for _ in range(5):
            assert command(service, "unlock", stdin="wrong words, and many of them\n")[0] == 1
        status, _, wrong = command(service, "unlock", stdin=WORDS + "\n")
        assert status == 1 and "does not open" in wrong, "the right one is not told from a wrong one now"
        service.kill9()
        sealed.write_bytes(flipped(good, 40))
        start_locked(service)
        status, _, wrong = command(service, "unlock", stdin=WORDS + "\n")
        assert status == 1 and "damaged" in wrong, wrong
        service.signal(signal.SIGTERM)
        assert service.wait() == 0


def test_a_passphrase_for_the_master_key_is_long(folder, aggregator):
    with running(folder, aggregator) as service:
        service.terminate()
        assert command(service, "lock", stdin="short words\n")[0] == 1
        assert not (service.data / "master.key.sealed").exists()


# ---- at the terminal ----

class Terminal:
    """A terminal of the service's own, as somebody has who starts it by hand."""

    def __init__(self):
        self.ours, self.theirs = pty.openpty()

    def controls(self):
        os.setsid()
        fcntl.ioctl(self.theirs, termios.TIOCSCTTY, 0)

    def quiet(self):
        return not termios.tcgetattr(self.theirs)[3] & termios.ECHO

    def type(self, words):
        assert until(self.quiet), "it asks, and does not show what is typed"
        os.write(self.ours, words.encode() + b"\n")

    def shown(self):
        os.set_blocking(self.ours, False)
        try:
            return os.read(self.ours, 65536)
        except BlockingIOError:
            return b""

    def close(self):
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture
def terminal():
    terminal = Terminal()
    yield terminal
    terminal.close()


def refused(service):
    return sum("That does not open the master key." in line for line in list(service.log))


def ready(service):
    return sum(line == "waymark: ready" for line in list(service.log))


def test_the_passphrase_can_be_typed_at_the_terminal_and_is_not_shown(folder, aggregator, terminal):
    with running(folder, aggregator) as service:
        lock(service)
        start_locked(service, terminal=terminal)
        terminal.type("something else entirely")
        assert until(lambda: refused(service) == 1), "and it asks again"
        terminal.type(WORDS)
        assert until(lambda: ready(service) == 2)
        assert not terminal.quiet(), "the terminal is as it was"
        assert terminal.shown().strip() == b"", "neither what was wrong nor what was right"
        assert Phone(service, DAN).dial().startswith("CON Main page.")
        assert service.terminate() == 0


def test_at_the_terminal_the_same_lock_out_holds(folder, aggregator, terminal):
    with running(folder, aggregator) as service:
        lock(service)
        start_locked(service, terminal=terminal)
        for n in range(3):
            terminal.type("wrong words, and many of them")
            assert until(lambda: refused(service) == n + 1)
        for _ in range(2):
            assert command(service, "unlock", stdin="wrong words, and many of them\n")[0] == 1
        terminal.type(WORDS)
        assert until(lambda: refused(service) == 4), "five in a row, wherever they were tried"
        service.signal(signal.SIGTERM)
        assert service.wait() == 0
        assert not terminal.quiet()


def test_unlocking_from_elsewhere_ends_the_question(folder, aggregator, terminal):
    with running(folder, aggregator) as service:
        lock(service)
        start_locked(service, terminal=terminal)
        assert until(terminal.quiet)
        assert command(service, "unlock", stdin=WORDS + "\n")[0] == 0
        assert until(lambda: ready(service) == 2)
        assert not terminal.quiet()


# ---- nobody is refused meanwhile ----

def test_every_dial_while_it_unlocks_gets_an_answer(folder, aggregator):
    with running(folder, aggregator) as service:
        lock(service)
        start_locked(service)
        failures, answers, enough = [], [], threading.Event()

        def dial(who):
            while not enough.is_set():
                client = Client(service.address)
                try:
                    answers.append(ussd(client, number(who), "ATUid_gap%d_%d" % (who, len(answers)), ""))
                except Exception as failure:
                    failures.append(repr(failure))
                client.close()

        callers = [threading.Thread(target=dial, args=(who,)) for who in range(4)]
        for caller in callers:
            caller.start()
        assert until(lambda: len(answers) > 50)
        assert command(service, "unlock", stdin=WORDS + "\n")[0] == 0
        assert until(lambda: ready(service) == 2)
        later = len(answers)
        assert until(lambda: len(answers) > later + 50)
        enough.set()
        for caller in callers:
            caller.join()
        assert not failures, (len(failures), failures[:3])
        assert {status for status, _ in answers} == {200}
        said = {body.split("\n")[0] for _, body in answers}
        assert len(said) == 2 and "CON Main page." in said, said
        assert all("1-202-555-0100" in body for _, body in answers if not body.startswith("CON ")), "where help is"


# ---- what was taken in is done as at any time ----

def unlock(service, readies=2):
    assert command(service, "unlock", stdin=WORDS + "\n")[0] == 0
    assert until(lambda: ready(service) == readies)


def test_a_stop_by_sms_is_confirmed_once_when_it_is_unlocked(folder, aggregator):
    with running(folder, aggregator) as service:
        register(service, ANNA)
        write(service, BEN, "STOP")
        assert sent_out(service)
        before = len(aggregator.accepted)
        lock(service)
        start_locked(service)
        for who, word in ((ANNA, "STOP"), (ANNA, "stop"), (BEN, "STOP"), (CARA, "ERASE")):
            assert write(service, who, word) == (200, "")
        assert ussd(Client(service.address), DAN, "ATUid_locked3", "1*STOP")[1] == "END Stopped."
        unlock(service)
        assert sent_out(service)
        assert sorted((m.number, m.text) for m in aggregator.accepted[before:]) == [(ANNA, "Stopped."), (CARA, "Erased.")]
        said = command(service, "consent", "show", "2")[1]
        assert "confirmed by a message: 1" in said, said
        assert write(service, ANNA, "STOP") == (200, "")
        assert sent_out(service)
        assert len(aggregator.accepted) == before + 2


def test_an_opt_out_at_the_aggregator_is_not_answered_and_stands_in_the_audit_log(folder, aggregator):
    with running(folder, aggregator) as service:
        lock(service)
        start_locked(service)
        assert Client(service.address).post("/hook/africastalking-sms/optout", {"senderId": "21512", "phoneNumber": CARA})[0] == 200
        unlock(service)
        assert service.query(STOPPED) == [(1,)]
        assert service.query("SELECT actor FROM audit WHERE action = 'opted-out'") == [("africastalking-sms",)]
        assert service.query("SELECT count(*) FROM outbox") == [(0,)]


def test_erasing_while_locked_ends_the_sessions_of_all_channels(folder, aggregator):
    with running(folder, aggregator) as service:
        Phone(service, ANNA).dial()
        write(service, ANNA, "HELP")
        Phone(service, BEN).dial()
        assert sent_out(service)
        assert service.query("SELECT count(*) FROM session") == [(3,)]
        lock(service)
        start_locked(service)
        assert write(service, ANNA, "ERASE") == (200, "")
        unlock(service)
        assert service.query("SELECT id FROM session") == [(3,)], "what they only read, and on whatever channel"
        assert service.query("SELECT DISTINCT session FROM turn") == [(3,)]
