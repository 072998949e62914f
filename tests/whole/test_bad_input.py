# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever an aggregator may send that is out of order, to every shipped channel: a new file is covered by being there.

Each request that the file's rows call in order is sent with every field missing, there twice, of another type, huge, and
in another charset; and with a body that breaks off, is nested 10,000 deep, or brings entities of its own. The answer is a
refusal, or a proper reply; nobody's number stands in it; and the service goes on as before."""
import json
import re
import shutil
import xml.etree.ElementTree

import pytest

import harness
import sheets
from callers import running
from harness import until
from sheets import Raw

DEEP = 10_000
REFUSALS = {400, 404, 405, 413, 414, 415, 431}
FAIR = REFUSALS | {200}
NUMBER = re.compile(rb"(?<!\d)\+?1?20255501\d\d(?!\d)")
ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
    b'<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
)
SHEETS = {sheet.name: sheet for sheet in sheets.sheets()}


@pytest.fixture(scope="module")
def service():
    """All channels in use, each without its guards: what is behind them has to hold by itself. None of them sends."""
    folder = harness.fast_folder()
    with running(folder) as made:
        made.terminate()
        for name, sheet in SHEETS.items():
            if name != "africastalking-sms":
                (made.conf.parent / "channels" / (name + ".channel")).write_text(
                    sheet.without(sheets.GUARDS, sheets.SENDING))
        made.start()
        yield made
        assert not any(NUMBER.search(line.encode()) for line in made.log), "a number in the log"
    shutil.rmtree(folder, ignore_errors=True)


def requests(sheet):
    """One request that is in order for each kind that the rows know: (the events it may be, request)."""
    for kind in ("turn", "ended", "delivery", "optout"):
        rows = sheet.rows(kind) if kind == "turn" or not sheet.fetches else ()
        if rows:
            events = [event for event in sheet.events if event.kind == kind]
            yield events or sheet.events, rows[0].request  # `signal X = ends`: a turn's request ends the session


def check(service, sheet, request, wanted, what):
    status, headers, body = request.ask(service.address)
    assert status in wanted, "%s: %s: %d, not %s: %.300r\n%.500r" % (sheet.name, what, status, sorted(wanted), body, request.parts())
    if status == 200:
        is_proper(sheet, headers, body, what)
    else:
        assert not NUMBER.search(body), (sheet.name, what, body)
        assert b"root:" not in body and b"aaaa" not in body, (sheet.name, what, body)


def is_proper(sheet, headers, body, what):
    """A reply that the aggregator can read."""
    if not body:
        return
    if "json" in headers["Content-Type"]:
        json.loads(body)
    elif "xml" in headers["Content-Type"]:
        xml.etree.ElementTree.fromstring(body)
    elif sheet.medium == "ussd" and "CON" in (sheet.said("reply-more") or ""):
        assert body.decode().startswith(("CON ", "END ")) or body == (sheet.said("reply-none") or "").encode(), (what, body)


# ---- fields ----

def nested(opening, closing, inside="1"):
    return Raw(opening * DEEP + inside + closing * DEEP)


def of_other_types():
    """JSON that is no plain value, or no JSON at all: nothing of it can be a field."""
    yield "an object", Raw('{"a":1}')
    yield "an empty object", Raw("{}")
    yield "an array", Raw('["1"]')
    yield "arrays, deep", nested("[", "]")
    yield "objects, deep", nested('{"a":', "}")
    yield "a number past any", Raw("1e999999")
    yield "forty digits", Raw("1" * 40)
    yield "a word", Raw("nothing")
    yield "half a pair", Raw('"\\ud800"')
    yield "NUL", Raw('"a\\u0000b"')


def odd_bytes():
    yield "no UTF-8", b"\xff\xfe\xfd"
    yield "an overlong NUL", b"a\xc0\x80"
    yield "a surrogate", b"\xed\xa0\x80"
    yield "past the last letter", b"\xf4\x90\x80\x80"
    yield "Latin-1", b"caf\xe9"
    yield "NUL", b"a\x00b"


def field_cases(sheet, events, request):
    """(what, request, statuses that are right)"""
    for event in events:
        for field, optional, plain, place in event.fields:
            where, key = request.where(place)
            told_by = any(p == place.where and k == place.key for p, k in event.whens) or bool(sheet.turn.whens)
            sure = plain and len(events) == 1 and not told_by and where != "path"
            there = request.put(place, None).parts() != request.parts()
            name = "%s (%s %s)" % (field, where, key)
            yield name + " missing", request.put(place, None), {400} if sure and not optional else FAIR
            yield name + " empty", request.put(place, b""), FAIR
            if where != "path":
                yield name + " twice", request.put(place, b"2", twice=True), {400} if sure and there else FAIR
            bounded = sure and field in ("session", "from", "id")
            yield name + " huge", request.put(place, b"7" * 60_000), REFUSALS if bounded else FAIR
            yield name + " larger than a request", request.put(place, b"7" * 70_000), REFUSALS
            charset = sheet.said("coding") and field == "text"
            for what, value in odd_bytes():
                if where != "header":
                    yield "%s: %s" % (name, what), request.put(place, value), {400} if sure and not charset else FAIR
            if where == "json":
                for what, value in of_other_types():
                    yield "%s: %s" % (name, what), request.put(place, value), {400} if sure else FAIR
                for value in ("null", "true", "-1", "0.5", '""'):
                    yield "%s: %s" % (name, value), request.put(place, Raw(value)), FAIR


# ---- whole requests ----

def with_body(request, body, headers=None):
    changed = request.copy()
    changed.kind, changed.body = "raw", body
    if headers is not None:
        changed.headers = headers
    return changed


def body_cases(sheet, events, request):
    method, target, headers, body = request.parts()
    without = [h for h in headers if h[0].lower() != "content-type"]
    read = any(place.where in ("json", "xml", "item", "any") for event in events for _, _, _, place in event.fields)
    broken = {400} if read and request.kind in ("json", "xml") else FAIR
    yield "half of it", with_body(request, body[:len(body) // 2]), broken
    yield "nothing", with_body(request, b""), broken
    yield "bytes", with_body(request, bytes(range(256)) * 2), broken
    yield "twice", with_body(request, body + body), broken
    yield "UTF-16", with_body(request, body.decode().encode("utf-16")), FAIR if request.kind == "xml" else broken
    yield "10,000 fields", with_body(request, b"&".join(b"a%d=1" % i for i in range(6000))), broken | {413}
    yield "a stray percent sign", with_body(request, body + b"&x=%zz&%"), broken
    yield "arrays, deep", with_body(request, b"[" * DEEP + b"]" * DEEP), broken
    yield "objects, deep", with_body(request, b'{"a":' * DEEP + b"1" + b"}" * DEEP), broken
    yield "elements, deep", with_body(request, b"<a>" * DEEP + b"</a>" * DEEP), broken | {413}
    for entities in ENTITIES:
        yield "entities", with_body(request, entities + b"<ussd><msg>&c;</msg></ussd>"), broken
        yield "entities before what is in order", with_body(request, entities + body), broken
    any_type = "any-type" in " ".join(rest for word, rest in sheet.statements if word == "receive")
    other = FAIR if any_type else REFUSALS
    for said in ("text/plain", "application/octet-stream", "multipart/form-data", "multipart/form-data; boundary=" + "x" * 200):
        yield said, with_body(request, body, without + [("Content-Type", said)]), other
    yield "no content type", with_body(request, body, without), other
    yield "two content types", with_body(request, body, headers + [("Content-Type", "text/plain")]), FAIR


def query_cases(request):
    method, target, headers, body = request.parts()
    for what, more in (("a stray percent sign", "&x=%zz&%"), ("6,000 fields", "&a=1" * 6000), ("only marks", "&&&===&=&")):
        changed = with_body(request, body)
        changed.path, changed.query = target + more, []
        yield what, changed, FAIR


def request_cases(sheet, events, request):
    yield from body_cases(sheet, events, request) if request.method == "POST" else query_cases(request)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "GET" if request.method == "POST" else "POST"):
        changed = with_body(request, request.parts()[3])
        changed.method = method
        yield method, changed, FAIR if method in sheet.text else REFUSALS
    for path in ("/x", "/%00", "/..%2f..", "/%ff", "/" + "a" * 3000):
        changed = request.copy()
        changed.path += path
        yield path[:10] + " behind the address", changed, REFUSALS | ({200} if "at" in sheet.words() else set())


@pytest.mark.parametrize("name", SHEETS)
def test_what_is_out_of_order_is_refused_or_answered_properly(service, name):
    sheet, tried = SHEETS[name], 0
    for events, request in requests(sheet):
        check(service, sheet, request, {200}, "in order")
        same = request.parts()
        for what, changed, wanted in [*field_cases(sheet, events, request), *request_cases(sheet, events, request)]:
            if changed.parts() != same:
                check(service, sheet, changed, wanted, what)
                tried += 1
        check(service, sheet, request, {200}, "in order, afterwards")
    assert tried > 40, "no rows of %s say what is in order" % name
    assert harness.Client(service.address).ask("GET", "/readyz")[0] == 200


def test_a_torn_connection_is_nobodys_loss(service):
    for sheet in SHEETS.values():
        for _, request in requests(sheet):
            method, target, headers, body = request.parts()
            raw = harness.socket.create_connection(service.address, harness.PATIENCE_S)
            raw.sendall(("%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (method, target, len(body) + 9)).encode() + body)
            raw.close()
    assert until(lambda: harness.Client(service.address).ask("GET", "/readyz")[0] == 200)
