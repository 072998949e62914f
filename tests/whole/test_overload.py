# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ten times more callers than the queue takes, on a slow disk: nobody is left with a dead session, and no STOP is lost
(design, section 3, overload)."""
import collections
import threading
import time

import pytest

from callers import Crowd, Raw, dial, metric, number, running, slow_disk
from harness import AGGREGATOR_S, Client, Phone, sms

QUEUE, BATCH, CALLERS, ROUNDS, STOPS = 64, 16, 700, 8, 150


@pytest.fixture
def service(folder):
    with running(folder, conf={"queue": QUEUE, "batch": BATCH}, **(slow_disk(30) or {})) as made:
        yield made


class Stoppers(threading.Thread):
    """Sends STOPs, each once, as an aggregator would that does not send again."""

    words = ("STOP", "stop", " Stop. ", "STOP!")

    def __init__(self, service, first):
        super().__init__()
        self.service, self.first, self.answers, self.slowest = service, first, [], 0

    def run(self):
        client = Client(self.service.address)
        for n in range(self.first, STOPS, 3):
            began = time.monotonic()
            self.answers.append(sms(client, number(n, area=701), "over-%d" % n, self.words[n % 4]))
            self.slowest = max(self.slowest, time.monotonic() - began)


def storm(service):
    """Rounds in which every caller asks at the same time: Counter of what was said, slowest answer."""
    crowd = Crowd(service.address, CALLERS)
    said, slowest = collections.Counter(), 0
    for turn in range(ROUNDS):
        answers = crowd.ask([dial(n, "storm%d-" % turn) for n in range(CALLERS)])
        assert len(answers) == CALLERS, "%d callers got nothing" % (CALLERS - len(answers))
        for answer, seconds in answers.values():
            assert answer, "a connection was cut"
            assert answer.status == 200, answer
            assert answer.body.startswith((b"CON ", b"END ")), answer
            said[answer.body.split(b"\n")[0].decode()] += 1
            slowest = max(slowest, seconds)
    crowd.close()
    return said, slowest


def test_ten_times_too_many_callers_are_all_answered_and_no_stop_is_lost(service):
    stoppers = [Stoppers(service, n) for n in range(3)]
    for stopper in stoppers:
        stopper.start()
    said, slowest = storm(service)
    for stopper in stoppers:
        stopper.join()
    shed = metric(service, "waymark_shed_total")
    print("%s; slowest %.0f ms, slowest STOP %.0f ms, shed %d" % (
        dict(said), slowest * 1000, max(s.slowest for s in stoppers) * 1000, shed))
    assert set(said) == {"CON Main page.", "END We are busy. Please dial again."}, said
    assert said["END We are busy. Please dial again."] == shed, "only callers were shed"
    assert slowest < AGGREGATOR_S
    answers = [answer for stopper in stoppers for answer in stopper.answers]
    assert answers == [(200, "")] * STOPS
    assert service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL") == [(STOPS,)]
    assert service.query("SELECT count(*) FROM turn") == [(said["CON Main page."] + STOPS,)], "shed means not stored"


def test_after_the_storm_all_is_as_before(service):
    storm(service)
    phone = Phone(service, "+12025550199")
    assert phone.dial().startswith("CON Main page.")
    assert phone.type("1", "milk").startswith("CON Noted milk.")
    assert Client(service.address).ask("GET", "/readyz") == (200, "ready\n")
    assert metric(service, "waymark_queue_waiting") == 0


def test_an_sms_has_room_of_its_own(service):
    """While callers fill the queue, an ordinary message is taken, or refused in a way that brings it again."""
    done, taken = threading.Event(), collections.Counter()

    def write():
        client = Client(service.address)
        for n in range(10000):
            if done.is_set():
                break
            taken[sms(client, number(n % 100, area=711), "room-%d" % n, "HELP")[0]] += 1

    writer = threading.Thread(target=write)
    writer.start()
    storm(service)
    done.set()
    writer.join()
    print(dict(taken))
    assert set(taken) <= {200, 503} and taken[200] > 0
    assert taken[200] > 5 * taken[503], "an eighth of the queue is kept for messages"
    assert service.query("SELECT count(*) FROM seen") == [(taken[200],)]


def post(path, body):
    return b"POST /hook/%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s" % (
        path, len(body), body)


def test_stops_of_every_kind_are_never_shed(service):
    """All at the same moment, many more than the queue and its reserve take."""
    dials = [dial(n, "mix") for n in range(CALLERS)]
    words = [post(b"africastalking-sms", b"id=mix%d&text=%s&from=%%2B%s" % (
        n, (b"STOP", b"stop", b"Stop.")[n % 3], number(n, area=721)[1:].encode())) for n in range(200)]
    events = [post(b"africastalking-sms/optout", b"phoneNumber=%%2B%s" % number(n, area=731)[1:].encode()) for n in range(200)]
    crowd = Crowd(service.address, CALLERS + 400)
    answers = crowd.ask(dials + words + events)
    crowd.close()
    assert [answers[n][0].status for n in range(CALLERS, CALLERS + 400)] == [200] * 400
    assert service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL") == [(400,)]


def test_a_caller_who_was_told_busy_may_dial_again(service):
    crowd = Crowd(service.address, CALLERS)
    answers = crowd.ask([dial(n, "busy") for n in range(CALLERS)])
    crowd.close()
    busy = [n for n, (answer, _) in answers.items() if answer.body.startswith(b"END We are busy")]
    assert busy
    with Raw(service.address) as raw:
        assert raw.send(dial(busy[0], "busy")).answer().body.startswith(b"CON Main page.")
