# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real Kannel: bearerbox, smsbox, and its fake operator's centre, for one person at a time.

    with Kannel(folder, hook="http://127.0.0.1:1/hook/kannel/SECRET") as kannel:
        with kannel.phone("+12025550101 21512 text HELP") as phone:     # what the person sends, in fakesmsc's own words
            phone.wait_for(lambda: phone.texts)

The programs are Debian's (kannel, kannel-extras), unpacked by ./run into build/kannel, so that no daemon starts; or those
that are installed. What they log is read from pipes, so nothing sleeps to wait.
"""
import os
import pathlib
import re
import socket
import subprocess
import threading
import urllib.parse

import harness

CONF = """group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = none
smsbox-port = {box}
smsbox-interface = 127.0.0.1
log-level = 0
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = fake
port = {centre}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
http-request-retry = 60
http-queue-delay = 1
log-level = 0

group = sendsms-user
username = ngo
password = hush
max-messages = 9
concatenation = true
user-allow-ip = 127.0.0.1

group = sms-service
keyword = default
catch-all = true
max-messages = 0
omit-empty = true
get-url = "{hook}?id=%I&from=%p&to=%P&text=%b&charset=%C"
"""


def program(name):
    """Where one of Kannel's programs is."""
    for top in (os.environ.get("WAYMARK_KANNEL"), harness.TOP / "build/kannel", "/"):
        path = pathlib.Path(top or "/nowhere") / name
        if path.exists():
            return path
    raise AssertionError("no Kannel: ./run tests unpacks it into build/kannel; or install kannel and kannel-extras")


def free_ports(count):
    """Ports that the system chose; Kannel wants to be told."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Box:
    """One of Kannel's programs, and what it says."""

    def __init__(self, name, *words):
        self.lines, self.lock = [], threading.Condition()
        self.process = subprocess.Popen([program(name), *words], stderr=subprocess.STDOUT, stdout=subprocess.PIPE)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        with self.process.stdout as pipe:
            for raw in pipe:
                with self.lock:
                    self.lines.append(raw.decode(errors="surrogateescape").rstrip("\n"))
                    self.lock.notify_all()
        with self.lock:
            self.lines.append("(ended)")
            self.lock.notify_all()

    def wait_for(self, condition, patience_s=harness.PATIENCE_S):
        with self.lock:
            return self.lock.wait_for(condition, patience_s)

    def says(self, pattern):
        found = self.wait_for(lambda: any(re.search(pattern, line) for line in self.lines))
        assert found, "Kannel never said %s:\n%s" % (pattern, "\n".join(self.lines[-30:]))

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Phone(Box):
    """The fake operator's centre with one person behind it, who sends one message."""

    def __init__(self, port, message):
        super().__init__("usr/lib/kannel/test/fakesmsc", "-H", "127.0.0.1", "-r", str(port), "-m", "1", message)

    @property
    def received(self):
        """(from, to, kind, text) of each short message that came, one a part."""
        found = [re.search(r"Got message \d+: <(\S+) (\S+) (\S+) (.*)>$", line) for line in self.lines]
        return [match.groups() for match in found if match]

    @property
    def texts(self):
        return [plain(kind, rest) for _, _, kind, rest in self.received]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def plain(kind, rest):
    """The text of one part; the header of parts in front of it is left off."""
    if kind == "udh":
        _, kind, rest = rest.split(" ", 2)
    if kind == "text":
        return rest
    data = urllib.parse.unquote_to_bytes(rest.replace("+", " "))
    return data.decode("utf-16-be" if kind == "ucs-2" else "utf-8")


class Kannel:
    def __init__(self, folder, hook):
        self.admin, self.box, self.centre, self.sendsms = free_ports(4)
        self.conf = folder / "kannel.conf"
        self.conf.write_text(CONF.format(admin=self.admin, box=self.box, centre=self.centre, sendsms=self.sendsms,
                                         hook=hook))
        self.bearerbox = self.smsbox = None

    def start_smsbox(self):
        self.smsbox = Box("usr/sbin/smsbox", "-v", "0", str(self.conf))
        self.smsbox.says(r"Connected to bearerbox")

    def phone(self, message):
        return Phone(self.centre, message)

    def __enter__(self):
        self.bearerbox = Box("usr/sbin/bearerbox", "-v", "0", str(self.conf))
        self.bearerbox.says(r"smsc_fake: start called")
        self.start_smsbox()
        return self

    def __exit__(self, *_):
        for box in (self.smsbox, self.bearerbox):
            if box:
                box.end()
