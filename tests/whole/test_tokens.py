# SPDX-License-Identifier: AGPL-3.0-or-later
"""Proving ourselves to aggregators: a token that is asked for first, and one that we sign, over real HTTP."""
import base64
import json
import re
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from callers import metric, settings
from harness import PATIENCE_S, Client, Phone, Service, sent_out, until
from signing import RsaKey

QUEUED, SENT, FAILED = 0, 2, 3

CHANNEL = """title Guarded
medium sms
receive POST form
field id from form id
field from from form from
field text from form text
repeat id
allow private
send POST http://127.0.0.1:%d/send
send-form to +{to}
send-form message {text}
send-ok json accepted = true
send-error others = permanent
send-auth %s
"""
OAUTH = "oauth2 http://127.0.0.1:%d/token client $client-id $client-secret scope sms.send sms.report"
SECRETS = {"client-id": "ngo", "client-secret": "hush-hush/42"}


class Guarded:
    """An aggregator with a token endpoint of its own. `token(n)` may return (status, headers, body) for request n in
    place of a good answer; `check(bearer)` says whether a message is taken."""

    def __init__(self):
        self.lock = threading.Condition()
        self.tokens, self.messages, self.refused = [], [], []  # requests: (headers, form), (bearer, form), bearer
        self.token = lambda n: self.good(n)
        self.check = lambda bearer: bearer == "token-%d" % len(self.tokens)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {k: v[0] for k, v in urllib.parse.parse_qs(body).items()}
                status, headers, answer = getattr(outer, "take_" + self.path[1:], outer.take_other)(self.headers, form)
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": len(answer), **headers}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                pass

        self.others = []
        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def good(self, n, life=3600):
        return 200, {}, json.dumps({"access_token": "token-%d" % n, "token_type": "Bearer", "expires_in": life})

    def take_token(self, headers, form):
        with self.lock:
            self.tokens.append((dict(headers), form))
            n = len(self.tokens)
            self.lock.notify_all()
        return self.token(n)

    def take_send(self, headers, form):
        bearer = headers.get("Authorization", "").removeprefix("Bearer ")
        with self.lock:
            fine = self.check(bearer)
            self.messages.append((bearer, form)) if fine else self.refused.append(bearer)
            self.lock.notify_all()
        return (200, {}, '{"accepted":true}') if fine else (401, {}, '{"error":"invalid_token"}')

    def take_other(self, headers, form):
        self.others.append((dict(headers), form))
        return self.good(99)

    def wait_for(self, condition, patience_s=PATIENCE_S):
        with self.lock:
            return self.lock.wait_for(condition, patience_s)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def guarded():
    with Guarded() as server:
        yield server


@pytest.fixture
def service(folder, guarded):
    """service(auth) starts one whose messages go to the guarded aggregator."""
    made = []

    def make(auth=None, secrets=SECRETS, **changes):
        one = Service(folder / "guarded", None)
        auth = auth or OAUTH % guarded.port
        (folder / "guarded/config/channels/guarded.channel").write_text(CHANNEL % (guarded.port, auth))
        settings(one, **changes)
        with one.conf.open("a") as conf:
            for name, value in secrets.items():
                conf.write("secret%s %s %s\n" % ("-file" if value.startswith("/") else "", name, value))
        made.append(one)
        return one.start()

    yield make
    for one in made:
        one.stop()
        assert not one.crashes(), one.crashes()


def text(service, number, words="HELP"):
    text.count = getattr(text, "count", 0) + 1
    form = {"id": "in-%d" % text.count, "from": number, "text": words}
    assert Client(service.address).post("/hook/guarded", form)[0] == 200


def number(n):
    return "+120255501%02d" % n


def states(service):
    return service.query("SELECT DISTINCT state, attempts FROM outbox")


def test_one_token_for_all_that_wait(service, guarded):
    one, many = service(), 40
    for n in range(many):
        text(one, number(n))
    assert guarded.wait_for(lambda: len(guarded.messages) == many) and sent_out(one)
    assert [b for b, _ in guarded.messages] == ["token-1"] * many
    (headers, form), = guarded.tokens
    # RFC 6749, section 2.3.1
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"ngo:hush-hush%2F42").decode()
    assert form == {"grant_type": "client_credentials", "scope": "sms.send sms.report"}
    assert states(one) == [(SENT, 1)]


def test_a_token_that_is_refused_is_replaced_once_and_costs_no_attempt(service, guarded):
    one, many = service(), 20
    text(one, number(99))
    assert guarded.wait_for(lambda: len(guarded.messages) == 1)
    guarded.check = lambda bearer: bearer == "token-2"  # the first was revoked
    for n in range(many):
        text(one, number(n))
    assert guarded.wait_for(lambda: len(guarded.messages) == 1 + many) and sent_out(one)
    assert len(guarded.tokens) == 2
    assert guarded.refused and set(guarded.refused) == {"token-1"}
    assert states(one) == [(SENT, 1)]


def test_while_every_token_is_refused_messages_wait(service, guarded):
    guarded.check = lambda bearer: False
    one = service(breaker=3)
    for n in range(10):
        text(one, number(n))
    breaker = r'waymark_breaker\{channel="guarded"\}'
    assert until(lambda: metric(one, breaker) > 0)
    assert one.query("SELECT count(*) FROM outbox WHERE state = ?", FAILED) == [(0,)], "that is not the messages' fault"
    guarded.check = lambda bearer: bearer == "token-%d" % len(guarded.tokens)
    assert guarded.wait_for(lambda: len(guarded.messages) == 10) and sent_out(one)


def test_while_no_token_comes_turns_are_answered_and_messages_wait(service, guarded):
    go = threading.Event()

    def hang(n):
        go.wait(30)
        return guarded.good(n)

    guarded.token = hang
    one = service()
    text(one, number(1))
    assert guarded.wait_for(lambda: guarded.tokens)
    for n in range(20):
        phone = Phone(one, number(50 + n))
        assert phone.dial().startswith("CON ")
        text(one, number(n))
    assert states(one) == [(QUEUED, 0)]
    go.set()
    assert sent_out(one)
    assert states(one) == [(SENT, 1)] and len(guarded.tokens) == 1


@pytest.mark.parametrize("answer", [
    lambda g: (307, {"Location": "http://127.0.0.1:%d/elsewhere" % g.port}, ""),
    lambda g: (200, {}, '{"access_token":"%s"}' % ("x" * 100000)),
    lambda g: (200, {}, '{"access_token":"a\\r\\nX-Evil: 1"}'),
    lambda g: (401, {}, '{"error":"invalid_client"}'),
    lambda g: (200, {}, "<html>token</html>"),
], ids=["redirect", "huge", "header", "refused", "html"])
def test_what_is_no_token_is_not_taken_for_one_and_messages_wait(service, guarded, answer):
    guarded.token = lambda n: answer(guarded) if n == 1 else guarded.good(n)
    one = service()
    text(one, number(1))
    assert guarded.wait_for(lambda: len(guarded.tokens) == 2), "asked again, later"
    assert guarded.wait_for(lambda: guarded.messages) and sent_out(one)
    assert [b for b, _ in guarded.messages] == ["token-2"]
    assert guarded.others == [] and guarded.refused == [] and states(one) == [(SENT, 1)]


def test_what_expires_is_asked_for_again(service, guarded):
    guarded.token = lambda n: guarded.good(n, life=1)
    guarded.check = lambda bearer: int(bearer[len("token-"):]) >= len(guarded.tokens) - 1  # the old one serves meanwhile
    one = service()
    end = time.monotonic() + PATIENCE_S
    while len(guarded.tokens) < 3 and time.monotonic() < end:
        text(one, number(1))
        assert sent_out(one)
    assert len(guarded.tokens) >= 3 and guarded.refused == []


def test_neither_token_nor_secret_is_logged_or_stored(service, guarded):
    guarded.check = lambda bearer: bearer == "token-2"
    one = service()
    text(one, number(1))
    assert guarded.wait_for(lambda: guarded.messages) and sent_out(one)
    guarded.check = lambda bearer: False
    text(one, number(1))
    assert guarded.wait_for(lambda: len(guarded.refused) > 2)
    assert any("token refused" in line for line in one.log)
    one.kill9()
    stored = b"".join(f.read_bytes() for f in one.data.iterdir() if f.is_file())
    for word in ("token-1", "token-2", "hush", base64.b64encode(b"ngo:hush").decode()[:8]):
        assert not any(word in line for line in one.log), word
        assert word.encode() not in stored


def test_a_token_of_our_own_is_signed(service, guarded, folder):
    """RS256 as Vonage's Messages API takes it; OpenSSL's own command verifies."""
    key = RsaKey(folder)
    guarded.check = lambda bearer: True
    one = service("jwt-rs256 $private-key claim application_id $application",
                  {"private-key": str(key.private), "application": "aaaa-bbbb"})
    for n in range(3):
        text(one, number(n))
    assert guarded.wait_for(lambda: len(guarded.messages) == 3)
    seen = set()
    for bearer, _ in guarded.messages:
        said = key.claims(bearer)
        assert said["application_id"] == "aaaa-bbbb" and said["exp"] - said["iat"] == 900
        assert abs(said["iat"] - time.time()) < 60 and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", said["jti"])
        seen.add(said["jti"])
    assert len(seen) == 3, "a token is used once"
    assert guarded.tokens == []
