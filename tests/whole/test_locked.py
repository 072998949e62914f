# SPDX-License-Identifier: AGPL-3.0-or-later
"""A service that waits for its master key: people are told where help is, and no stop is lost (design, section 5)."""
import re
import signal
import subprocess
import threading

from callers import command, running
from harness import Client, Phone, sms, until, ussd

ANNA, BEN, CARA, DAN = ("+1202555010%d" % n for n in range(1, 5))
WORDS = "correct horse battery staple"
STOPPED = "SELECT count(*) FROM number WHERE stopped IS NOT NULL"


def start_locked(service, until_line="waymark: locked"):
    """As Service.start, for a service that does not become ready by itself."""
    service.process = subprocess.Popen(
        [service.program, "serve", "--config", service.conf, "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0",
         "--data", service.data], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=service.environment)
    found = {}
    for raw in service.process.stderr:
        line = raw.decode(errors="replace").rstrip("\n")
        service.log.append(line)
        match = re.match(r"waymark: (webhooks|metrics) on http://([^/]+):(\d+)/", line)
        if match:
            found[match[1]] = (match[2], int(match[3]))
        if line.startswith(until_line):
            break
    else:
        raise AssertionError("not locked: exit %s\n%s" % (service.process.wait(), "\n".join(service.log)))
    service.address, service.console = found["webhooks"], found["metrics"]
    service.reader = threading.Thread(target=service.drain, args=(service.process.stderr,), daemon=True)
    service.reader.start()


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
        sealed.write_bytes(good[:40] + b"x" + good[41:])
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
