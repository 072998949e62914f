# SPDX-License-Identifier: AGPL-3.0-or-later
"""Exactly once: every event comes twenty times, from twenty connections at the same time, and is done once.

2,000 events; WAYMARK_TORTURE=1: 100,000. Every connection sends all events, half of the connections in the same order, so
that the same event is asked twenty times within the same moment, the others each in an order of its own."""
import os
import random
import re
import socket
import threading
import urllib.parse

from harness import PATIENCE_S

EVENTS = 100000 if os.environ.get("WAYMARK_TORTURE") else 2000
DELIVERIES, AT_ONCE = 20, 100
NUMBERS = 80000
ANSWER, CONFIRM = 0, 1


def number(n):
    return "+1%d55501%02d" % (200 + n % NUMBERS // 100, n % 100)


def request(path, form):
    body = urllib.parse.urlencode(form).encode()
    return (b"POST %s HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (path, len(body), body))


def sms(n, text):
    return request(b"/hook/africastalking-sms", {"id": "once-%d" % n, "from": number(n), "to": "21512", "text": text})


def event(n):
    """A dial, a question and a STOP in turn."""
    if n % 3 == 0:
        return request(b"/hook/africastalking", {"sessionId": "once-%d" % n, "phoneNumber": number(n), "text": ""})
    return sms(n, "HELP" if n % 3 == 1 else "STOP")


class Delivery:
    """One connection on which everything is sent, and an answer waited for, in turn."""

    def __init__(self, service):
        self.socket = socket.create_connection(service.address, PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def one(self):
        while True:
            head, mark, rest = self.buffer.partition(b"\r\n\r\n")
            if mark:
                length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
                if len(rest) >= length:
                    self.buffer = rest[length:]
                    return head.split(b" ", 2)[1], rest[:length]
            part = self.socket.recv(65536)
            assert part, "closed without an answer"
            self.buffer += part

    def all(self, order, requests, answers, barrier):
        """answers[event] gets what this connection was told."""
        barrier.wait()
        sender = threading.Thread(target=self.socket.sendall, args=(b"".join(requests[n] for n in order),))
        sender.start()
        for n in order:
            answers[n].append(self.one())
        sender.join()


def deliver(service, first, rng):
    """A batch of events, each from every connection; what they were told, by event."""
    events = list(range(first, min(first + AT_ONCE, EVENTS)))
    requests = {n: event(n) for n in events}
    answers = {n: [] for n in events}
    barrier = threading.Barrier(DELIVERIES)
    threads = []
    for i, connection in enumerate(service.connections):
        order = events if i % 2 else rng.sample(events, len(events))
        threads.append(threading.Thread(target=connection.all, args=(order, requests, answers, barrier)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_what_comes_twenty_times_at_once_is_done_once(serve):
    service = serve(aggregator=None)
    service.connections = [Delivery(service) for _ in range(DELIVERIES)]
    rng = random.Random(1)
    for first in range(0, EVENTS, AT_ONCE):
        for n, told in deliver(service, first, rng).items():
            assert len(told) == DELIVERIES, "event %d: %d answers" % (n, len(told))
            assert len(set(told)) == 1, "event %d was answered in %d ways" % (n, len(set(told)))
            status, body = told[0]
            assert status == b"200" and body.startswith(b"CON ") == (n % 3 == 0), (n, status, body)
    dials, questions, stops = (len(range(k, EVENTS, 3)) for k in range(3))
    assert service.query("SELECT count(*) FROM turn") == [(EVENTS,)]
    assert service.query("SELECT count(*), count(DISTINCT event) FROM seen") == [(questions + stops,) * 2]
    assert service.query("SELECT class, count(*) FROM outbox GROUP BY class ORDER BY class") == [
        (ANSWER, questions), (CONFIRM, stops)]
    assert service.query("SELECT sum(epoch - 1) FROM number") == [(stops,)]
