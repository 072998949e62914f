# SPDX-License-Identifier: AGPL-3.0-or-later
"""The program under test, a quick HTTP client, phones, and an aggregator of our own.

    with FakeAggregator() as aggregator:
        service = Service(folder, aggregator).start()
        phone = Phone(service, "+12025550101")
        phone.dial(); phone.type("1")
        service.kill9(); service.start()

Nothing sleeps to wait: the ready line is read from the pipe, ports are chosen by the system.
"""
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
PATIENCE_S = 60  # for what comes at once on a quiet machine; a busy one may be many times slower
AGGREGATOR_S = 15  # how long Africa's Talking waits for an answer

CONF = """service Waymark Test
languages en
zone UTC
resume 0 minutes
key back 0 Back
key home 00 Home
key more 98 More
key exit 99 Exit
menus {menus}
value hotline 1-202-555-0100
locales {locales}
channels {channels}
use {use}
sms-channel africastalking-sms
alike 1000
hourly 1000
demonstration yes
passphrase-memory 1
secret at-key testkey
secret at-username tester
secret start 0
"""


def binary(variable="WAYMARK_BIN", default="build/release/waymark"):
    return pathlib.Path(os.environ.get(variable) or TOP / default)


def sanitized():
    """Whether the program keeps what was freed, on purpose, so that nothing can be said about its memory."""
    return b"__asan_init" in binary().read_bytes()


def facts_as_of():
    """The day on which tests see the shipped menus, so that none of them fails when a fact expires."""
    return re.search(r"^facts_as_of=(\S+)$", (TOP / "run").read_text(), re.M).group(1)


def fast_folder():
    """Where data may lie when only the process dies: memory, so that a cycle is short."""
    shm = pathlib.Path("/dev/shm")
    fit = shm.is_dir() and os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > 200 << 20
    return pathlib.Path(tempfile.mkdtemp(prefix="waymark-", dir=shm if fit else None))


def write_config(folder, aggregator_port=None):
    """A waymark.conf beside channels of its own, sending to our aggregator; returns its path."""
    channels = folder / "channels"
    channels.mkdir(parents=True)
    (folder / "locales").mkdir()
    for source in (TOP / "config/channels").glob("*.channel"):
        if source.stem not in ("africastalking", "africastalking-sms", "phone"):
            continue
        text = source.read_text()
        # {key} is our own stable id of a message: with it the aggregator can tell one message from the same text twice.
        # $start tells which process sent it.
        text, n = re.subn(r"send POST https://\S+", "allow private\nsend POST http://127.0.0.1:%d/send"
                          "\nsend-form key {key}\nsend-form start $start"
                          % (aggregator_port or 9), text)
        assert n == (source.stem == "africastalking-sms"), "the send line of %s has changed" % source
        (channels / source.name).write_text(text)
    conf = folder / "waymark.conf"
    conf.write_text(CONF.format(menus=HERE / "menus/main.menu", locales=folder / "locales", channels=channels,
                                use="africastalking africastalking-sms phone"))
    return conf


class Service:
    """`waymark serve` over one data folder, which outlives it."""

    def __init__(self, folder, aggregator=None, program=None, preload=None, environment=None, before=None, data=None):
        self.folder = pathlib.Path(folder)
        self.data = pathlib.Path(data) if data else self.folder / "data"
        self.conf = write_config(self.folder / "config", aggregator.port if aggregator else None)
        self.program = pathlib.Path(program or binary())
        self.environment = dict(os.environ, **(environment or {}))
        if preload:
            self.environment["LD_PRELOAD"] = str(preload)
        self.before = before
        self.process = None
        self.starts, self.used = 0, ()
        self.address = self.console = None
        self.log = collections.deque(maxlen=400)

    def use(self, *names):
        """Puts these channels in use at the next start; else it is every file of the folder."""
        self.used = names

    def write_uses(self):
        names = self.used or sorted(path.stem for path in (self.conf.parent / "channels").glob("*.channel"))
        self.conf.write_text(re.sub(r"(?m)^use .*", "use " + " ".join(names), self.conf.read_text()))

    def start(self):
        self.starts += 1
        self.write_uses()
        self.conf.write_text(re.sub(r"secret start \d+", "secret start %d" % self.starts, self.conf.read_text()))
        return self.launch()

    def launch(self, until_line="waymark: ready", **how):
        """Starts the process, and reads what it says until a line begins so."""
        self.process = subprocess.Popen(
            [self.program, "serve", "--config", self.conf, "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0",
             "--data", self.data], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=self.environment,
            **{"preexec_fn": self.before, **how})
        found = {}
        for raw in self.process.stderr:
            line = raw.decode(errors="replace").rstrip("\n")
            self.log.append(line)
            match = re.match(r"waymark: (webhooks|metrics) on http://([^/]+):(\d+)/", line)
            if match:
                found[match[1]] = (match[2], int(match[3]))
            if line.startswith(until_line):
                break
        else:
            raise AssertionError("not ready: exit %s\n%s" % (self.process.wait(), "\n".join(self.log)))
        self.address, self.console = found["webhooks"], found["metrics"]
        self.reader = threading.Thread(target=self.drain, args=(self.process.stderr,), daemon=True)
        self.reader.start()
        return self

    def drain(self, pipe):
        with pipe:
            for raw in pipe:
                self.log.append(raw.decode(errors="replace").rstrip("\n"))

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        status = self.process.wait(PATIENCE_S)
        self.reader.join()
        return status

    def kill9(self):
        self.signal(signal.SIGKILL)
        return self.wait()

    def terminate(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def stop(self):
        """At the end of a test, whatever state it is in."""
        if self.process and self.process.poll() is None:
            self.kill9()

    def crashes(self):
        return [line for line in self.log if "runtime error" in line or "Sanitizer" in line]

    def query(self, sql, *values):
        """Reads the database while the service runs: a reader that never checkpoints."""
        db = sqlite3.connect("file:%s?mode=ro" % (self.data / "waymark.db"), uri=True, timeout=10)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def copy(self):
        """Opens a copy of what the dead process left, so that the service itself has to recover the log."""
        folder = fast_folder()
        for end in ("", "-wal"):
            source = self.data / ("waymark.db" + end)
            if source.exists():
                shutil.copy(source, folder)
        db = sqlite3.connect(folder / "waymark.db")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()  # reads the log in
        shutil.rmtree(folder)  # SQLite holds its files open
        return db


class Lost(Exception):
    """No complete answer came."""


class Client:
    """One keep-alive connection; an answer counts only when its last byte is here."""

    def __init__(self, address):
        self.address = address
        self.socket = None
        self.buffer = b""

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket, self.buffer = None, b""

    def connect(self):
        self.close()
        self.socket = socket.create_connection(self.address, PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, method, path, body=b"", type="application/x-www-form-urlencoded"):
        if not self.socket:
            self.connect()
        head = "%s %s HTTP/1.1\r\nHost: test\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (
            method, path, type, len(body))
        self.socket.sendall(head.encode() + body)

    def receive(self):
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        wanted = int(length[1]) if length else 0
        while len(self.buffer) < wanted:
            self.more()
        body, self.buffer = self.buffer[:wanted], self.buffer[wanted:]
        status = int(head.split(b" ", 2)[1])
        if b"\r\nconnection: close" in head.lower():
            self.close()
        return status, body.decode()

    def more(self):
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("closed")
        self.buffer += part

    def ask(self, method, path, body=b""):
        try:
            self.send(method, path, body)
            return self.receive()
        except OSError as failure:
            self.close()
            raise Lost(str(failure)) from failure

    def post(self, path, form):
        return self.ask("POST", path, urllib.parse.urlencode(form).encode())


def flipped(data, at):
    """The same bytes but for one bit; another byte in its place might be the one that is there."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def ussd(client, number, session, text):
    """One request of Africa's Talking, as (status, body)."""
    return client.post("/hook/africastalking", {"sessionId": session, "phoneNumber": number, "serviceCode": "*384#",
                                                 "networkCode": "99999", "text": text})


def sms(client, number, message, text):
    return client.post("/hook/africastalking-sms", {"id": message, "from": number, "to": "21512", "text": text,
                                                     "date": "2026-01-02T03:04:05Z"})


class Phone:
    """Somebody who dials and types, for tests that take one step after another."""

    sessions = 0

    def __init__(self, service, number):
        self.client, self.number = Client(service.address), number

    def request(self, text):
        status, body = ussd(self.client, self.number, self.session, text)
        assert status == 200, (status, body)
        return body

    def dial(self):
        Phone.sessions += 1
        self.session, self.path = "ATUid_%s_%d" % (self.number[1:], Phone.sessions), ""
        return self.request("")

    def type(self, *answers):
        for answer in answers:
            self.path = self.path + "*" + answer if self.path else answer
            shown = self.request(self.path)
        return shown

    def text(self, text, message=None):
        Phone.sessions += 1
        return sms(self.client, self.number, message or "ATXin_%d" % Phone.sessions, text)


Sent = collections.namedtuple("Sent", "at number text key start")


class FakeAggregator:
    """Africa's Talking's sending side: notes every message that it accepts, before it answers.

    `answer(form, n)` may return (status, body) in place of acceptance, or None to cut the connection without an answer
    after the message was accepted."""

    def __init__(self, port=0):
        self.accepted, self.refused = [], 0
        self.lock = threading.Condition()
        self.answer = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                form = {k: v[0] for k, v in urllib.parse.parse_qs(body.decode()).items()}
                outer.take(self, form)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):  # the other side was killed
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]

    def take(self, handler, form):
        scripted = self.answer(form) if self.answer else self.success(form)
        with self.lock:
            if scripted is None or scripted[0] == 201 and '"Success"' in scripted[1]:
                self.accepted.append(Sent(time.monotonic(), form["to"], form["message"], form["key"],
                                          int(form["start"])))
            else:
                self.refused += 1
            self.lock.notify_all()
        if scripted is None:
            handler.close_connection = True
            return
        status, body = scripted
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body.encode())

    def success(self, form):
        return self.recipient(form, 101, "Success", "ATXid_" + form["key"])

    def failure(self, form):
        return self.recipient(form, 500, "InternalServerError", "None")

    @staticmethod
    def recipient(form, code, status, message):
        return 201, json.dumps({"SMSMessageData": {"Message": "Sent to 1/1", "Recipients": [
            {"statusCode": code, "number": form["to"], "status": status, "cost": "USD 0.01", "messageId": message}]}})

    def wait_for(self, condition, patience_s=PATIENCE_S):
        with self.lock:
            return self.lock.wait_for(condition, patience_s)

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def until(condition, patience_s=PATIENCE_S, every_s=0.02):
    """For what only the database can tell: asks again and again."""
    end = time.monotonic() + patience_s
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(every_s)


OUTBOX_WAITS = "SELECT count(*) FROM outbox WHERE state IN (0, 1)"


def sent_out(service):
    """Waits until nothing is queued or under way; whether that came."""
    return until(lambda: service.query(OUTBOX_WAITS)[0][0] == 0)


def whole(db):
    """The cheap part of what must hold at any moment, kill or not."""
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    gaps = db.execute("SELECT session FROM turn GROUP BY session"
                      " HAVING max(number) - min(number) + 1 <> count(*) OR count(DISTINCT number) <> count(*)")
    assert gaps.fetchall() == [], "a turn of a session is missing or stored twice"
