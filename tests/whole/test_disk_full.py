# SPDX-License-Identifier: AGPL-3.0-or-later
"""A full disk: callers are informed all the same and told that nothing is saved, an SMS is to be sent again, and nothing is
called done that is not.

The data folder is a small tmpfs that we fill to the brim; where mounting is not allowed this is skipped. A ceiling on
the size of a file (RLIMIT_FSIZE) is the same failure from another side, and needs no privilege."""
import resource
import signal
import subprocess

import pytest

from harness import Client, Phone, sent_out, sms, until, ussd, whole

SIZE = 6 << 20
ADRIFT = "Nothing is saved now."
NOT_DONE = "END This was not done: we cannot save anything now. Please try later.\nHelp: 1-202-555-0100"


def number(n):
    return "+1%d55501%02d" % (202 + n // 100, n % 100)


@pytest.fixture
def small(folder):
    """A folder of SIZE bytes."""
    path = folder / "small"
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d" % SIZE, "tmpfs", path], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting is not permitted here: " + mounted.stderr.decode().strip())
    yield path
    subprocess.run(["umount", "-l", path], check=True)


def fill(path):
    """Takes all the space that is left."""
    with open(path / "ballast", "ab", buffering=0) as ballast:
        for step in (1 << 16, 4096, 1):
            try:
                while True:
                    ballast.write(bytes(step))
            except OSError:
                pass


def ready(service):
    return Client(service.address).ask("GET", "/readyz")[0]


class Crowd:
    """Dials until something is refused; counts what was answered as done."""

    def __init__(self, service):
        self.service, self.client = service, Client(service.address)
        self.dials = self.stored = 0

    def dial(self):
        self.dials += 1
        status, body = ussd(self.client, number(self.dials % 100), "full%d" % self.dials, "")
        assert status == 200, "never a 5xx on USSD: %d" % status
        assert body.startswith("CON Main page."), "never without information: %r" % body
        self.stored += ADRIFT not in body
        return body

    def until_adrift(self):
        for _ in range(200000):
            if ADRIFT in self.dial():
                return
        raise AssertionError("the disk was never full")


def check_information(service):
    """Somebody reads on for several turns; returns their phone, in the middle of a call."""
    phone = Phone(service, number(1))
    assert ADRIFT in phone.dial()
    for page in ("CON First page.", "CON Second page.", "CON First page."):
        shown = phone.type("1")
        assert shown.startswith(page) and ADRIFT in shown, shown
    assert phone.request(phone.path) == shown, "a repeat gets the same answer"
    return phone


def check_refusals(service):
    """Whatever would have to be stored is not done, and said so."""
    for typed in (["2", "1"], ["3", "bread"], ["4"], ["5"], ["STOP"], ["1", "ERASE"]):
        phone = Phone(service, number(3))
        phone.dial()
        assert phone.type(*typed) == NOT_DONE, typed
    assert sms(Client(service.address), number(0), "full", "STOP")[0] == 503, "to be sent again"
    assert ready(service) == 503
    assert Client(service.address).ask("GET", "/healthz")[0] == 200


def check_recovery(service, crowd, reader=None):
    assert until(lambda: ready(service) == 200), "not ready by itself, though there is room again"
    assert ADRIFT not in crowd.dial()
    if reader:  # a call goes on where it was, and is stored from here on
        assert reader.type("1").startswith("CON Second page.\n1 First page\n2 Finish\n")
        assert reader.type("1").startswith("CON First page.")
    assert sms(crowd.client, number(0), "full", "STOP") == (200, "")
    assert sent_out(service)
    assert service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL") == [(1,)]
    phone = Phone(service, number(2))
    phone.dial()
    assert phone.type("2", "1", "33").startswith("END Your number is ")
    assert service.terminate() == 0
    db = service.copy()
    whole(db)
    turns, = db.execute("SELECT count(*) FROM turn").fetchone()
    kept = crowd.stored + 1 + 4 + (2 if reader else 0)
    assert turns == kept, "turns that were answered as done, the STOP, the registration, and the call that went on"


def test_a_full_disk_is_told_and_outlived(serve, small):
    service = serve(data=small / "data")
    crowd = Crowd(service)
    crowd.dial()
    fill(small)
    crowd.until_adrift()
    check_refusals(service)
    reader = check_information(service)
    (small / "ballast").unlink()
    check_recovery(service, crowd, reader)


def test_a_call_that_began_before_goes_on_without_being_stored(serve, small):
    service = serve(data=small / "data")
    crowd = Crowd(service)
    reader = Phone(service, number(1))
    reader.dial()
    reader.type("1")
    fill(small)
    crowd.until_adrift()
    shown = reader.type("1")
    assert shown.startswith("CON Second page.") and ADRIFT in shown, shown
    (small / "ballast").unlink()
    assert until(lambda: ready(service) == 200)
    shown = reader.type("1")
    assert shown.startswith("CON First page.") and ADRIFT not in shown, shown
    service.kill9()
    service.start()
    reader.client = Client(service.address)
    assert reader.type("1").startswith("CON Second page."), "what was answered as stored is there"


def test_a_disk_that_fills_up_by_itself(serve, small):
    service = serve(data=small / "data")
    crowd = Crowd(service)
    crowd.until_adrift()
    check_refusals(service)
    check_information(service)
    assert crowd.stored > 100
    service.kill9()
    subprocess.run(["mount", "-o", "remount,size=%d" % (4 * SIZE), small], check=True)
    service.start()
    crowd.client = Client(service.address)
    check_recovery(service, crowd)


def test_it_starts_on_a_full_disk_and_goes_on_when_there_is_room(serve, small):
    service = serve(data=small / "data")
    crowd = Crowd(service)
    for _ in range(100):
        crowd.dial()
    fill(small)
    crowd.until_adrift()
    service.kill9()
    fill(small)
    service.start()
    crowd.client = Client(service.address)
    assert ADRIFT in crowd.dial()
    (small / "ballast").unlink()
    check_recovery(service, crowd)


def test_a_file_that_may_not_grow(serve):
    """RLIMIT_FSIZE: writes fail with EFBIG. The signal that comes with it is ignored, as a service manager does."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, resource.RLIM_INFINITY))

    service = serve(before=limit)
    crowd = Crowd(service)
    crowd.until_adrift()
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    check_recovery(service, crowd)
