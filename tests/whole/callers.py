# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the tests of callers, edges, privacy, overload and control share: services with other settings or menus, the
command line beside a service, and many callers at once."""
import collections
import contextlib
import os
import re
import select
import socket
import subprocess
import time

import harness

MENUS = harness.HERE / "menus"
CALLERS = MENUS / "callers.menu"

# What the small menus of tests end with, beside their own screens: the words that stop, erase and start, and a consent.
STOP = """
trigger stopped
  words en STOP, ARRET
screen stopped
  withdraw agree
  hide back
  say Stopped.
  -> end
"""
ERASE = """
trigger erased
  words en ERASE
screen erased
  erase
  hide back
  say Erased.
  -> end
"""
START = """
trigger started
  words en START
screen started
  restart
  say Started.
  option 1 Main page -> main
"""
CONSENT = """
consent agree
  version 1
  say May we call you?
  agree 1 Yes -> main
  refuse 2 No -> main
"""

# Somebody may say anything, and is told what was heard.
HEARD = """start main
trigger main
  words en HELP
trigger talk
  words en TALK
screen main
  say Main page.
  option 1 Talk -> talk
  option 2 A call -> agree
  option 3 Finish -> bye
screen bye
  say Goodbye.
  -> end
screen talk
  ask What is it?
  into said
  kind text 1..200
  error Say something.
  tries 3 -> main
  -> heard
screen heard
  send We heard: {said}
  say Thank you.
  option 1 Main page -> main
""" + STOP + START + CONSENT


def settings(service, menus=None, **changes):
    """Rewrites waymark.conf of a service that does not run: queue="64" replaces or adds that line."""
    lines = service.conf.read_text().splitlines()
    if menus:
        changes["menus"] = menus
    for name, value in changes.items():
        word = name.replace("_", "-")
        lines = [line for line in lines if not line.startswith(word + " ")] + ["%s %s" % (word, value)]
    service.conf.write_text("\n".join(lines) + "\n")


def demonstration(service):
    """The demonstration's own settings, menus and translations, with the test's channels."""
    ours = service.conf.read_text().splitlines()
    real = (harness.TOP / "config/waymark.conf").read_text().splitlines()
    keep = [line for line in ours if line.startswith(("channels ", "secret "))]
    service.conf.write_text("\n".join(real + keep) + "\n")
    settings(service, harness.TOP / "menus/main.menu", locales=harness.TOP / "locales")


@contextlib.contextmanager
def running(folder, aggregator=None, menus=CALLERS, conf=None, **options):
    """A service over the callers' menus (None: over the demonstration's), started; all of its log is kept."""
    service = harness.Service(folder / "service", aggregator, **options)
    service.log = collections.deque()
    if not menus:
        demonstration(service)
    settings(service, menus, **(conf or {}))
    try:
        yield service.start()
    finally:
        service.stop()
        assert not service.crashes(), service.crashes()


def slow_disk(milliseconds):
    """Options of a service whose every fsync takes that much longer; None where the shim was not built."""
    shim = os.environ.get("WAYMARK_SLOW")
    if not shim:
        return None
    return {"preload": preloaded(shim), "environment": {"SLOW_FSYNC_MS": str(milliseconds)}}


def moved_clock(folder):
    """Options of a service whose clock a test puts forward, by writing seconds into the file that comes back too; None
    where the shim was not built."""
    shim, clock = os.environ.get("WAYMARK_CLOCK"), folder / "clock"
    if not shim:
        return None, clock
    clock.write_text("0")
    return {"preload": preloaded(shim), "environment": {"CLOCK_FILE": str(clock)}}, clock


def preloaded(shim):
    linked = subprocess.run(["ldd", harness.binary()], capture_output=True, text=True).stdout
    sanitizer = re.search(r"\S*/lib[at]san\S*", linked)  # wants to be the first of all libraries
    return (sanitizer[0] + ":" if sanitizer else "") + shim


def command(service, *words, stdin=""):
    """Runs another `waymark` over the same configuration and data: (exit status, standard output, standard error)."""
    done = subprocess.run([service.program, *words, "--config", service.conf, "--data", service.data],
                          input=stdin, capture_output=True, text=True, timeout=harness.PATIENCE_S)
    return done.returncode, done.stdout, done.stderr


def number(n, area=202):
    """One of a hundred numbers of an area, all of them fictional."""
    return "+1%d55501%02d" % (area + n // 100, n % 100)


def turns(service):
    return service.query("SELECT count(*) FROM turn")[0][0]


def metric(service, name):
    client = harness.Client(service.console)
    status, page = client.ask("GET", "/metrics")
    client.close()
    assert status == 200
    return int(re.search(r"(?m)^%s (\d+)$" % name, page)[1])


def form(body):
    """A whole webhook request of Africa's Talking USSD, as bytes."""
    return (b"POST /hook/africastalking HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


def dial(n, session="a", text=""):
    return form(b"sessionId=ATUid_%s%d&phoneNumber=%%2B%s&serviceCode=*384%%23&text=%s" % (
        session.encode(), n, number(n % 700)[1:].encode(), text.encode()))


Answer = collections.namedtuple("Answer", "status headers body")


def take(buffer):
    """The first whole answer in a buffer and what follows it, or None."""
    head, mark, rest = buffer.partition(b"\r\n\r\n")
    if not mark:
        return None
    lines = head.split(b"\r\n")
    headers = {}
    for line in lines[1:]:
        name, value = line.split(b":", 1)
        headers[name.decode().lower()] = value.strip().decode()
    length = int(headers.get("content-length", 0))
    if len(rest) < length:
        return None
    return Answer(int(lines[0].split()[1]), headers, rest[:length]), rest[length:]


class Raw:
    """One connection on which anything may be said."""

    def __init__(self, address, patience_s=harness.PATIENCE_S):
        self.socket = socket.create_connection(address, patience_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data)
        return self

    def answer(self):
        """The next answer; None where the connection was closed without a whole one."""
        while True:
            found = take(self.buffer)
            if found:
                self.buffer = found[1]
                return found[0]
            try:
                part = self.socket.recv(65536)
            except ConnectionResetError:
                part = b""
            if not part:
                return None
            self.buffer += part

    def closed(self):
        """Whether the other side closes now, with nothing more to say."""
        try:
            return self.socket.recv(1) == b"" and not self.buffer
        except ConnectionResetError:
            return True

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Crowd:
    """Many connections at once, each with at most one request under way."""

    def __init__(self, address, count):
        self.address = address
        self.poll = select.poll()
        self.sockets = {}
        for _ in range(count):
            self.connect()

    def connect(self):
        s = socket.create_connection(self.address, harness.PATIENCE_S)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sockets[s.fileno()] = s
        self.poll.register(s, select.POLLIN)

    def ask(self, requests, patience_s=harness.PATIENCE_S):
        """Sends one request on each connection, and returns {index: (Answer or None, seconds)}; None: cut off."""
        asked = {}
        for fd, (index, request) in zip(list(self.sockets), enumerate(requests)):
            self.sockets[fd].sendall(request)
            asked[fd] = [index, time.monotonic(), b""]
        answers, end = {}, time.monotonic() + patience_s
        while asked and time.monotonic() < end:
            for fd, _ in self.poll.poll(100):
                if fd in asked:
                    self.read(fd, asked, answers)
        return answers

    def read(self, fd, asked, answers):
        index, began, buffer = asked[fd]
        try:
            part = self.sockets[fd].recv(65536)
        except OSError:
            part = b""
        found = take(buffer + part)
        asked[fd][2] = buffer + part
        if found or not part:
            answers[index] = found[0] if found else None, time.monotonic() - began
            del asked[fd]

    def close(self):
        for s in self.sockets.values():
            s.close()


def descriptors(service):
    """How many files the service has open; where /proc does not tell, how many connections its port has."""
    try:
        return len(list((harness.pathlib.Path("/proc") / str(service.process.pid) / "fd").iterdir()))
    except PermissionError:
        port = "%04X" % service.address[1]
        lines = harness.pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
        return sum(line.split()[1].endswith(":" + port) for line in lines)
