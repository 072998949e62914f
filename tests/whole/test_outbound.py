# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calls that leave are safe ones: to the host of the channel file, encrypted, not where they are sent on to, and of limited
length. Against the real program, which thinks that it sends a message."""
import collections
import ssl
import subprocess
import socket
import threading

import pytest

from callers import settings
from harness import PATIENCE_S, Client, Service, until

QUEUED, SENT, FAILED, UNKNOWN = 0, 2, 4, 5
CONFIRM = 1

CHANNEL = """title Outbound
medium sms
receive POST form
field id from form id
field from from form from
field text from form text
repeat id
%s
send POST %s
send-form to +{to}
send-form message {text}
send-ok json accepted = true
send-error others = permanent
"""
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 17\r\n\r\n{\"accepted\":true}"


class Listener:
    """Whoever is called: counts connections and notes the requests that can be read, and says `answer`."""

    def __init__(self, context=None):
        self.context, self.answer = context, GOOD
        self.connections, self.requests = 0, []
        self.lock = threading.Condition()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.lock.notify_all()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                part = client.recv(65536)
                if not part:
                    return
                head += part
            with self.lock:
                self.requests.append(head.split(b"\r\n")[0].decode())
                self.lock.notify_all()
            client.sendall(self.answer)
        except OSError:
            pass
        finally:
            client.close()

    def wait_for(self, condition):
        with self.lock:
            return self.lock.wait_for(condition, PATIENCE_S)

    def close(self):
        self.socket.close()


@pytest.fixture
def listener():
    made = Listener()
    yield made
    made.close()


@pytest.fixture
def service(folder):
    made = []

    def make(url, allow="allow private", start=True, **options):
        one = Service(folder / "outbound", None, **options)
        (folder / "outbound/config/channels/outbound.channel").write_text(CHANNEL % (allow, url))
        one.use("outbound")
        settings(one, sms_channel="outbound")
        one.log = collections.deque()
        made.append(one)
        return one.start() if start else one

    yield make
    for one in made:
        one.stop()
        assert not one.crashes(), one.crashes()


def text(service, words="HELP"):
    form = {"id": "in-%d" % id(object()), "from": "+12025550101", "text": words}
    assert Client(service.address).post("/hook/outbound", form) == (200, "")


def state(service):
    return service.query("SELECT state FROM outbox")


def said(service, words):
    return until(lambda: any(words in line for line in service.log))


def test_the_listener_and_the_channel_are_good_ones(service, listener):
    one = service("http://127.0.0.1:%d/send" % listener.port)
    text(one)
    assert until(lambda: state(one) == [(SENT,)])
    assert listener.requests == ["POST /send HTTP/1.1"]


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"303 See Other", b"307 Temporary", b"308 Permanent"])
def test_where_an_answer_points_to_is_not_called(service, listener, status):
    elsewhere = Listener()
    one = service("http://127.0.0.1:%d/send" % listener.port)
    listener.answer = (b"HTTP/1.1 %s\r\nLocation: http://127.0.0.1:%d/else\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                       % (status, elsewhere.port))
    text(one)
    assert until(lambda: state(one) == [(FAILED,)])
    assert elsewhere.connections == 0 and len(listener.requests) == 1
    elsewhere.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "0.0.0.0",
                                  "[::ffff:127.0.0.1]"])
def test_a_name_that_leads_into_our_own_network_is_not_called(service, listener, host):
    """However it is written, and whatever a name server says: what counts is the address that would be connected to."""
    one = service("https://%s:%d/send" % (host, listener.port), allow="")
    text(one)
    assert said(one, "outcome=address refused") or said(one, "cannot send")
    assert listener.connections == 0
    assert state(one)[0][0] in (QUEUED, 1)


def test_nothing_leaves_unencrypted_for_the_internet(service):
    """Where private hosts are allowed http is allowed, but to them alone. 1.1.1.1 would be asked by a broken program only."""
    one = service("http://1.1.1.1:9/send")
    text(one)
    assert said(one, "outcome=address refused")


def test_http_has_to_be_allowed(service, listener):
    one = service("http://127.0.0.1:%d/send" % listener.port, allow="", start=False)
    with pytest.raises(AssertionError, match="not ready: exit 1"):
        one.start()
    assert any("error E04: messages are sent to https://" in line for line in one.log)


@pytest.fixture
def certificate(folder):
    """One that nobody vouches for."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def test_who_cannot_prove_who_they_are_is_told_nothing(service, certificate):
    listener = Listener(certificate)
    one = service("https://localhost:%d/send" % listener.port)
    text(one)
    assert listener.wait_for(lambda: listener.connections)
    assert said(one, "outcome=not accepted")
    assert listener.requests == []
    listener.close()


@pytest.mark.parametrize("answer", [
    GOOD.replace(b"Content-Length: 17\r\n", b"") + b" " * (1 << 20),
    GOOD.replace(b"\r\n\r\n", b"\r\n" + b"X-Filler: 0123456789\r\n" * 5000 + b"\r\n"),
], ids=["body", "headers"])
def test_an_answer_that_does_not_end_is_not_read(service, listener, answer):
    one = service("http://127.0.0.1:%d/send" % listener.port)
    listener.answer = answer
    text(one, "STOP")  # its confirmation is not tried again
    assert until(lambda: one.query("SELECT class, state FROM outbox") == [(CONFIRM, UNKNOWN)])


def test_no_proxy_of_the_environment_is_used(service, listener):
    proxy = Listener()
    url = "http://127.0.0.1:%d" % proxy.port
    environment = {name: url for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")}
    one = service("http://127.0.0.1:%d/send" % listener.port, environment=dict(environment, no_proxy="", NO_PROXY=""))
    text(one)
    assert until(lambda: state(one) == [(SENT,)])
    assert proxy.connections == 0
    proxy.close()
