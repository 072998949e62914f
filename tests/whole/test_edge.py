# SPDX-License-Identifier: AGPL-3.0-or-later
"""The edge, byte by byte: what libmicrohttpd lets through and we refuse, limits, pipelines, crowds, and clients that go
away (design, section 6)."""
import re
import socket
import statistics
import struct
import time

import pytest

from callers import Crowd, Raw, descriptors, dial, form, running, slow_disk, turns
from harness import Client, until

FORM = b"sessionId=ATUid_e&phoneNumber=%2B12025550101&serviceCode=*384%23&text="
TYPE = b"Content-Type: application/x-www-form-urlencoded\r\n"
CANARY = b"XYZZYcanary"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with running(tmp_path_factory.mktemp("edge")) as made:
        yield made


@pytest.fixture(autouse=True)
def healthy(service):
    """Whatever a test did, the service answers, and nothing of what it refused was stored."""
    yield
    client = Client(service.address)
    assert client.ask("GET", "/healthz") == (200, "ok\n")
    assert client.ask("GET", "/readyz") == (200, "ready\n")
    client.close()


def post(headers, body=FORM, path=b"/hook/africastalking", version=b"1.1"):
    return b"POST %s HTTP/%s\r\nHost: test\r\n%s\r\n%s" % (path, version, headers, body)


def length(body):
    return b"Content-Length: %d\r\n" % len(body)


def refused(service, request, status):
    """One request and what comes of it: the status, a line that repeats nothing, no turn."""
    before = turns(service)
    with Raw(service.address) as raw:
        answer = raw.send(request).answer()
        assert answer and answer.status == status, answer
        assert re.fullmatch(rb"[a-z][^\n]{3,80}\n", answer.body), answer.body
        assert CANARY not in answer.body
        assert answer.headers["content-type"].startswith("text/plain")
        closed = answer.headers.get("connection") == "close"
        assert not closed or raw.closed()
    assert turns(service) == before
    return answer, closed


# ---- request smuggling ----

SMUGGLED = {
    "chunked": TYPE + b"Transfer-Encoding: chunked\r\n",
    "chunked and a length": TYPE + b"Transfer-Encoding: chunked\r\n" + length(FORM),
    "a length and chunked": TYPE + length(FORM) + b"Transfer-Encoding: chunked\r\n",
    "identity": TYPE + length(FORM) + b"Transfer-Encoding: identity\r\n",
    "in other letters": TYPE + length(FORM) + b"tRANSFER-eNCODING: xchunked\r\n",
    "an empty transfer encoding": TYPE + length(FORM) + b"Transfer-Encoding:\r\n",
    "two equal lengths": TYPE + length(FORM) + length(FORM),
    "two lengths": TYPE + length(FORM) + b"Content-Length: 5\r\n",
    "two lengths in other letters": TYPE + length(FORM) + b"content-length: 5\r\n",
    "a list of lengths": TYPE + b"Content-Length: %d, %d\r\n" % (len(FORM), len(FORM)),
    "a negative length": TYPE + b"Content-Length: -5\r\n",
    "a signed length": TYPE + b"Content-Length: +%d\r\n" % len(FORM),
    "a hexadecimal length": TYPE + b"Content-Length: 0x20\r\n",
    "an empty length": TYPE + b"Content-Length:\r\n",
    "a length beyond 64 bits": TYPE + b"Content-Length: 99999999999999999999999\r\n",
    "a space before the colon": TYPE + b"Content-Length : %d\r\n" % len(FORM),
    "a tab before the colon": TYPE + b"Transfer-Encoding\t: chunked\r\n" + length(FORM),
    "a space inside a name": TYPE + length(FORM) + b"X y: z\r\n",
    "a name of other signs": TYPE + length(FORM) + b"X(y): z\r\n",
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_what_two_readers_may_read_differently_is_refused(service, name):
    before = turns(service)
    second = b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n"
    with Raw(service.address) as raw:
        answer = raw.send(post(SMUGGLED[name]) + second).answer()
        assert answer and answer.status in (400, 413), answer
        assert raw.answer() is None, "nothing is read behind it"
    assert turns(service) == before


@pytest.mark.parametrize("name, status", [("chunked", 400), ("two equal lengths", 400), ("a space before the colon", 400),
                                          ("a name of other signs", 400)])
def test_the_refusal_is_one_line(service, name, status):
    _, closed = refused(service, post(SMUGGLED[name]), status)
    assert closed


# ---- size ----

def test_a_body_of_64_kib_is_read_and_one_byte_more_is_not(service):
    for size in (65536, 65537):
        body = (FORM + b"1" * 65537)[:size]
        with Raw(service.address) as raw:
            answer = raw.send(post(TYPE + length(body), body)).answer()
            assert answer.status == (413 if size > 65536 else 200), (size, answer)


def test_a_length_that_lies_is_refused_before_the_body_comes(service):
    refused(service, post(TYPE + b"Content-Length: 999999999\r\n", b""), 413)


def test_bytes_behind_a_short_length_are_a_request_of_their_own(service):
    body = b"sessionId=ATUid_s1&phoneNumber=%2B12025550101&text="
    with Raw(service.address) as raw:
        raw.send(post(TYPE + length(body), body + b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n"))
        assert raw.answer().body.startswith(b"CON ")
        assert raw.answer().body == b"ok\n"


def test_a_body_that_never_ends_is_cut_off_by_counting(service):
    """Without any length a POST has no body; what follows is no request."""
    with Raw(service.address) as raw:
        try:
            raw.send(post(TYPE, b""))
            for _ in range(64):
                raw.send(b"x" * 65536)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = raw.answer()
        assert answer is None or answer.status >= 400, answer


def test_too_many_headers_or_too_long_ones_are_refused(service):
    many = b"".join(b"X-%d: y\r\n" % i for i in range(80))
    with Raw(service.address) as raw:
        answer = raw.send(post(TYPE + many + length(FORM))).answer()
        assert answer.status in (413, 431), answer
    for big in (b"X: " + b"y" * 20000 + b"\r\n", b"X" * 20000 + b": y\r\n"):
        with Raw(service.address) as raw:
            answer = raw.send(post(TYPE + big + length(FORM))).answer()
            assert answer is None or answer.status in (413, 431), answer
    with Raw(service.address) as raw:
        answer = raw.send(b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: test\r\n\r\n").answer()
        assert answer is None or answer.status in (413, 414, 431), answer


# ---- slow senders ----

def slow(service, first, drip):
    """Seconds until a connection that sends one byte of `drip` each half second is cut."""
    with Raw(service.address) as raw:
        raw.send(first)
        raw.socket.settimeout(0.5)
        began = time.monotonic()
        for byte in drip:
            try:
                raw.send(bytes([byte]))
                if raw.socket.recv(4096) == b"":
                    break
            except socket.timeout:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        return time.monotonic() - began


@pytest.mark.parametrize("first, drip", [(b"", post(TYPE + length(FORM))), (b"POST /hook/africastalking HTTP/1.1\r\n", b"X: " + b"y" * 999),
                                         (post(TYPE + length(FORM), b""), FORM + b"1" * 100)],
                         ids=["from the first byte", "in the headers", "in the body"])
def test_a_slow_drip_is_cut_after_ten_seconds(service, first, drip):
    seconds = slow(service, first, drip)
    assert 8 < seconds < len(drip) * 0.5, "it was sent to its end"


# ---- where and how ----

def test_paths_that_are_not_there(service):
    for path in (b"/", b"/hook", b"/hook/", b"/hook/nobody", b"/hook/" + CANARY, b"/hook/..%2f..%2fetc", b"/metrics",
                 b"/hook/africastalking/" + CANARY, b"/healthz/", b"/HEALTHZ", b"/hook/%00", b"/hook/africastalking/%zz"):
        with Raw(service.address) as raw:
            answer = raw.send(post(TYPE + length(FORM), path=path)).answer()
            assert answer.status == (400 if b"%zz" in path else 404), (path, answer)
            assert CANARY not in answer.body


def test_a_wrong_method_is_told_the_right_one(service):
    for method, path, allow in ((b"GET", b"/hook/africastalking", "POST"), (b"PUT", b"/hook/africastalking", "POST"),
                                (b"HEAD", b"/hook/africastalking", "POST"), (b"OPTIONS", b"/hook/phone", "POST"),
                                (b"DELETE", b"/healthz", "GET, HEAD"), (b"POST", b"/healthz", "GET, HEAD"),
                                (b"TRACE", b"/readyz", "GET, HEAD"), (CANARY, b"/healthz", "GET, HEAD")):
        with Raw(service.address) as raw:
            raw.send(b"%s %s HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n" % (method, path))
            if method == b"HEAD":
                head = raw.socket.recv(65536)
                assert head.startswith(b"HTTP/1.1 405 ") and b"\r\nAllow: POST\r\n" in head
                assert head.endswith(b"\r\n\r\n"), "HEAD has no body"
                continue
            answer = raw.answer()
            assert answer.status == 405 and answer.headers["allow"] == allow, (method, answer)
            assert CANARY not in answer.body


def test_head_of_healthz_has_headers_alone(service):
    with Raw(service.address) as raw:
        head = raw.send(b"HEAD /healthz HTTP/1.1\r\nHost: test\r\n\r\n").socket.recv(65536)
        assert head.startswith(b"HTTP/1.1 200 ") and head.endswith(b"\r\n\r\n")
        assert b"Content-Length: 3\r\n" in head
        assert raw.send(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n").answer().body == b"ok\n"


MALFORMED = {
    "no session": b"phoneNumber=%2B12025550101&text=" + CANARY,
    "an empty session": b"sessionId=&phoneNumber=%2B12025550101&text=" + CANARY,
    "no number": b"sessionId=" + CANARY + b"&text=",
    "no phone number": b"sessionId=x&phoneNumber=" + CANARY + b"&text=",
    "letters in the number": b"sessionId=x&phoneNumber=%2B12025550101x&text=" + CANARY,
    "a number too long": b"sessionId=x&phoneNumber=%2B1202555010112345678&text=" + CANARY,
    "a field given twice": b"sessionId=x&phoneNumber=%2B12025550101&text=" + CANARY + b"&text=1",
    "the number given twice": b"sessionId=" + CANARY + b"&phoneNumber=%2B12025550101&phoneNumber=%2B12025550102&text=",
    "an escaped NUL": b"sessionId=x&phoneNumber=%2B12025550101&text=" + CANARY + b"%00",
    "a bare NUL": b"sessionId=x&phoneNumber=%2B12025550101&text=" + CANARY + b"\0",
    "Latin-1": b"sessionId=x&phoneNumber=%2B12025550101&text=" + CANARY + b"%E9",
    "bare Latin-1": b"sessionId=x&phoneNumber=%2B12025550101&text=" + CANARY + b"\xe9",
    "a surrogate": b"sessionId=x&phoneNumber=%2B12025550101&text=" + CANARY + b"%ED%A0%80",
    "an overlong form": b"sessionId=x&phoneNumber=%2B12025550101&text=" + CANARY + b"%C0%AF",
    "a session of 10 KB": b"sessionId=" + CANARY * 1000 + b"&phoneNumber=%2B12025550101&text=",
    "ten thousand fields": FORM + b"&a=" * 10000 + CANARY,
    "nothing": b"",
    "JSON": b'{"sessionId":"' + CANARY + b'"}',
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_form_is_refused_in_one_line(service, name):
    body = MALFORMED[name]
    refused(service, post(TYPE + length(body), body), 400)


def test_a_field_that_is_not_read_may_hold_any_bytes(service):
    """What the aggregator adds, and in which charset, is its own matter."""
    body = b"sessionId=ATUid_other&phoneNumber=%2B12025550101&other=%E9%00\xe9&text="
    with Raw(service.address) as raw:
        answer = raw.send(form(body)).answer()
    assert answer.status == 200 and answer.body.startswith(b"CON Main page."), answer


@pytest.mark.parametrize("end", [b"%", b"%2", b"%GG", b"100%25"])
def test_a_percent_sign_that_escapes_nothing_stands_for_itself(service, end):
    """WHATWG URL, section 5.1: a form is never malformed because of one."""
    plain = end.replace(b"%25", b"%")
    with Raw(service.address) as raw:
        for n, text in enumerate((b"", b"1", b"1*milk " + end)):
            body = b"sessionId=ATUid_p%d&phoneNumber=%%2B12025550101&text=" % len(end) + text
            answer = raw.send(form(body)).answer()
        assert answer.body.startswith(b"CON Noted milk %s." % plain), answer


@pytest.mark.parametrize("kind", [b"", b"Content-Type: text/plain\r\n", b"Content-Type: application/json\r\n",
                                  b"Content-Type: multipart/form-data; boundary=x\r\n",
                                  b"Content-Type: application/x-www-form-urlencodedx\r\n"])
def test_a_wrong_content_type_is_refused(service, kind):
    refused(service, post(kind + length(FORM)), 400)


def test_the_content_type_may_have_parameters_and_capitals(service):
    for kind in (b"application/x-www-form-urlencoded; charset=UTF-8", b"Application/X-WWW-Form-Urlencoded"):
        with Raw(service.address) as raw:
            assert raw.send(post(b"Content-Type: %s\r\n" % kind + length(FORM))).answer().body.startswith(b"CON ")


@pytest.mark.parametrize("body", [b"", b"{", b'{"session":1}', b"[]", b"null",
                                  b'{"session":"x","phone":"+12025550101","text":"\xe9"}',
                                  b'{"session":"x","phone":"+12025550101","text":"' + b"\\u0000" + b'"}',
                                  b'{"session":"x","phone":"+12025550101","text":{"a":1}}', b"[" * 60000,
                                  b'{"session":"x","session":"y","phone":"+12025550101","text":""}'])
def test_malformed_json_is_refused(service, body):
    refused(service, b"POST /hook/phone HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n%s\r\n%s" % (
        length(body), body), 400)


def test_a_first_line_that_is_none_is_refused_or_cut(service):
    for line in (b"GET\r\n\r\n", b"\r\n\r\n\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\0\0\0\0\r\n\r\n",
                 b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
                 b"GET /healthz\r\n\r\n", b" GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"):
        with Raw(service.address, 0.5) as raw:
            try:
                answer = raw.send(line).answer()
                assert answer is None or answer.status >= 400, (line, answer)
            except socket.timeout:
                pass  # waits for more: the reaper's matter


# ---- keep-alive, pipelines, versions ----

def test_pipelined_requests_are_answered_in_order(service):
    requests = b"".join(dial(n, "pipe") if n % 3 else b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n" for n in range(60))
    with Raw(service.address) as raw:
        raw.send(requests)
        for n in range(60):
            answer = raw.answer()
            assert answer and answer.body.startswith(b"CON Main page." if n % 3 else b"ok"), (n, answer)


def test_a_pipelined_session_goes_on_step_by_step(service):
    steps = [("", b"Main page."), ("1", b"Which note?"), ("1*milk", b"Noted milk."), ("1*milk*1", b"Which note?"),
             ("1*milk*1*tea", b"Noted tea.")]
    with Raw(service.address) as raw:
        raw.send(b"".join(dial(900, "order", text) for text, _ in steps))
        for text, shown in steps:
            assert raw.answer().body.startswith(b"CON " + shown), text


def test_requests_in_pieces_are_put_together(service):
    whole = dial(901, "piece")
    with Raw(service.address) as raw:
        for i in range(0, len(whole), 7):
            raw.send(whole[i:i + 7])
            time.sleep(0.005)
        assert raw.answer().body.startswith(b"CON Main page.")


def test_http_1_0_closes_and_keeps_alive_where_asked(service):
    body = length(FORM)
    with Raw(service.address) as raw:
        assert raw.send(post(TYPE + body, version=b"1.0")).answer().body.startswith(b"CON ")
        assert raw.closed()
    with Raw(service.address) as raw:
        for _ in range(2):
            answer = raw.send(post(b"Connection: Keep-Alive\r\n" + TYPE + body, version=b"1.0")).answer()
            assert answer and answer.body.startswith(b"CON ")
            if answer.headers.get("connection", "").lower() != "keep-alive":
                break


def test_connection_close_is_honoured(service):
    with Raw(service.address) as raw:
        answer = raw.send(post(b"Connection: close\r\n" + TYPE + length(FORM))).answer()
        assert answer.body.startswith(b"CON ") and answer.headers["connection"] == "close"
        assert raw.closed()


def test_expect_100_continue_is_answered(service):
    with Raw(service.address) as raw:
        raw.send(post(b"Expect: 100-continue\r\n" + TYPE + length(FORM), b""))
        assert raw.socket.recv(64).startswith(b"HTTP/1.1 100 ")
        assert raw.send(FORM).answer().body.startswith(b"CON ")


@pytest.mark.parametrize("count", [128, 256, 512])
def test_a_crowd_is_answered_at_once_in_every_round(service, count):
    """libmicrohttpd's own loop stalls for its whole timeout, which would be our second between two looks, when a multiple
    of 128 connections is ready. One slow round may be the machine's; half of them are not."""
    crowd, slowest = Crowd(service.address, count), {0: [], 1: []}
    try:
        for turn in range(20):
            if turn % 2:
                requests = [b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n"] * count
            else:
                requests = [dial(n, "crowd%d-%d-" % (count, turn)) for n in range(count)]
            answers = crowd.ask(requests)
            assert len(answers) == count and all(a and a.status == 200 for a, _ in answers.values())
            slowest[turn % 2].append(max(seconds for _, seconds in answers.values()))
    finally:
        crowd.close()
    for what, rounds in zip(("dials", "checks of health"), slowest.values()):
        print("%d %s: half of the rounds within %.0f ms" % (count, what, statistics.median(rounds) * 1000))
        assert statistics.median(rounds) < 0.8, rounds


# ---- the pages for machines ----

def test_metrics_are_on_the_consoles_address_alone(service):
    client = Client(service.console)
    before = turns(service)
    status, page = client.ask("GET", "/metrics")
    assert status == 200
    names = set(re.findall(r"(?m)^(waymark_\w+)(?:\{[^}]*\})? [0-9.]+$", page))
    assert {"waymark_turns_total", "waymark_shed_total", "waymark_late_total", "waymark_failed_total",
            "waymark_repeats_total", "waymark_commits_total", "waymark_queue_waiting", "waymark_build_info"} <= names
    for line in page.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) waymark_\w+ .+|waymark_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [0-9.]+', line), line
    assert "555" not in re.sub(r"\b\d{1,5}\b", "", page)
    counted = int(re.search(r"(?m)^waymark_turns_total (\d+)$", page)[1])
    assert counted >= before
    assert client.ask("POST", "/metrics")[0] == 405
    assert client.ask("GET", "/healthz") == (200, "ok\n")
    assert client.ask("POST", "/hook/africastalking", FORM)[0] in (404, 421)  # the console knows no hooks, nor this name of it
    assert Client(service.address).ask("GET", "/metrics")[0] == 404


def test_the_turns_are_counted(service):
    client = Client(service.console)

    def counted():
        return int(re.search(r"(?m)^waymark_turns_total (\d+)$", client.ask("GET", "/metrics")[1])[1])

    before = counted()
    with Raw(service.address) as raw:
        for n in range(7):
            assert raw.send(dial(n, "count")).answer().status == 200
    assert counted() == before + 7


# ---- clients that go away ----

def test_a_half_closed_client_gets_its_answer(service):
    for request, shown in ((dial(902, "half"), b"CON Main page."), (b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n", b"ok")):
        with Raw(service.address) as raw:
            raw.send(request)
            raw.socket.shutdown(socket.SHUT_WR)
            answer = raw.answer()
            assert answer and answer.body.startswith(shown)


def vanish(service, request, reset):
    s = socket.create_connection(service.address)
    s.sendall(request)
    if reset:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def test_a_thousand_clients_that_vanish_leak_nothing(service):
    time.sleep(0.1)
    Client(service.address).ask("GET", "/healthz")
    settled = until(lambda: descriptors(service) < 60)
    assert settled, descriptors(service)
    before, turns_before = descriptors(service), turns(service)
    for n in range(1000):
        request = dial(n, "gone") if n % 5 else dial(n, "gone")[:-10 - n % 100]
        vanish(service, request, n % 2)
    assert until(lambda: descriptors(service) <= before + 2), (before, descriptors(service))
    assert turns(service) > turns_before
    with Raw(service.address) as raw:
        assert raw.send(dial(1, "after")).answer().body.startswith(b"CON Main page.")


@pytest.mark.skipif(not slow_disk(0), reason="WAYMARK_SLOW does not name the slow disk")
def test_clients_that_vanish_while_a_slow_disk_holds_their_turns(folder):
    """Then their connections are suspended when they go."""
    with running(folder, **slow_disk(60)) as service:
        raw = Raw(service.address)
        assert raw.send(dial(0, "warm")).answer().status == 200
        before = descriptors(service)
        for n in range(1000):
            vanish(service, dial(n, "slow"), n % 2)
        assert until(lambda: descriptors(service) <= before), (before, descriptors(service))
        assert raw.send(dial(1, "slowafter")).answer().body.startswith(b"CON Main page.")
        assert turns(service) > 2
        raw.close()
        assert service.terminate() == 0
