# SPDX-License-Identifier: AGPL-3.0-or-later
"""Requests signed by the aggregators' own packages (tests/npm/sign.mjs) against the real program: it takes them, and
nothing that differs in a byte."""
import base64
import collections
import http.client
import itertools
import json
import re
import shutil
import subprocess
import time
import urllib.parse

import harness
import pytest

from callers import command, running, settings, turns
from signing import BASE, JSON
from sms_aggregators import BY_NAME

NPM = harness.TOP / "tests/npm"
SEED = bytes(range(32))  # of the Ed25519 pair in the fact sheets
TELNYX_PUBLIC = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="

# What the shipped files do not ask for: bodies of Twilio that are JSON, and MessageBird by GET, in its new way and its old one.
HEAD = "title Signed\nmedium sms\nreceive POST %s\nreceive GET query\n"
FIELDS = "field id from %s id or query id optional\nfield from from %s from or query from\n" \
         "field text from %s text or query text optional\n"
OWN = {
    "twilio-json": ("json", "verify url-params-hmac key $twilio-token\n"),
    "messagebird-get": ("form", "verify jwt-hs256 key $messagebird-signing-key header MessageBird-Signature-JWT issuer MessageBird\n"
                                "| window 5 seconds url-hash url_hash body-hash payload_hash require jti\n"),
    "messagebird-old": ("form", "verify hmac key $messagebird-signing-key header MessageBird-Signature as base64\n"
                                "| window 100 seconds timestamp MessageBird-Request-Timestamp\n"
                                "| over timestamp lf query-sorted lf body-sha256\n"),
}
VONAGE = ["md5", "hmac-md5", "hmac-sha1", "hmac-sha256", "hmac-sha512"]  # what an account may be set to
SHIPPED = ["twilio", "vonage-messages", "telnyx", "plivo", "messagebird", "sinch", "httpsms"]
SECRETS = {"twilio-token": "12345", "vonage-signature": "s3cr3t-signature-key-of-32-bytes", "plivo-token": "plivo-auth-token",
           "sinch-secret": "foo_secret1234", "messagebird-signing-key": "mb-signing-key", "telnyx-public-key": TELNYX_PUBLIC,
           "httpsms-signing-key": "httpsms-signing-key", "vonage-path": "p", "messagebird-path": "p"}
KEYS = {"twilio": "twilio-token", "vonage": "vonage-signature", "plivo": "plivo-token", "sinch": "sinch-secret",
        "messagebird": "messagebird-signing-key", "httpsms": "httpsms-signing-key"}

TEXT = {"id": "m1", "from": "+12025550123", "text": "Fever & cough = yes? 1*2 é"}
QUERY = urllib.parse.urlencode(TEXT)

Case = collections.namedtuple("Case", "channel vendor method path query body type key how covers")


numbers = itertools.count(1)


def own(channel, vendor, method="POST", query="", body="", type=None, covers="url query body"):
    key = SECRETS[KEYS[re.sub("-.*", "", channel)]]
    return Case(channel, vendor, method, "/hook/" + channel, query, body, type, key, None, tuple(covers.split()))


def case(channel, vendor, method="POST", query="", key=None, how=None, covers="url query body"):
    """What that aggregator sends when somebody writes, to its shipped file."""
    sheet = BY_NAME["vonage-sms" if how else channel]
    request = sheet.message("m-%d" % next(numbers), "12025550123", TEXT["text"])
    path, key = request.path.replace(sheet.name, channel), key or SECRETS[KEYS[re.sub("-.*", "", channel)]]
    if method == "GET":
        return Case(channel, vendor, method, path, request.body, "", None, key, how, tuple(covers.split()))
    return Case(channel, vendor, method, path, query, request.body, request.type, key, how, tuple(covers.split()))


CASES = [
    case("twilio", "twilio", query="ch=7&x=a%20b"),
    case("twilio", "twilio-port"),
    case("twilio", "twilio", "GET", covers="url query"),
    own("twilio-json", "twilio-json", body=json.dumps(TEXT), type=JSON),
    *(case("vonage-" + how, "vonage-sig", how=how, covers="body") for how in VONAGE),
    case("vonage-messages", "vonage-jwt", covers="body"),
    case("telnyx", "telnyx", key=SEED.hex(), covers="body"),
    case("plivo", "plivo-v3", query="b=2&a=1"),
    case("plivo", "plivo-v3", covers="url body"),
    case("plivo", "plivo-v3", "GET", covers="url query"),
    case("plivo", "plivo-v2", covers="url"),
    case("messagebird", "messagebird", query="ch=7"),
    own("messagebird-get", "messagebird", "GET", query=QUERY, covers="url query"),
    own("messagebird-old", "messagebird-old", "GET", query=QUERY + "&statusDatetime=2026-01-02T03:04:05+00:00", covers="query"),
    case("sinch", "sinch", covers="body"),
    case("httpsms", "httpsms", covers="url"),
]


def name_of(one):
    return "-".join(filter(None, [one.vendor, one.how, one.method, "query" if one.query else ""]))


@pytest.fixture(scope="module")
def signed():
    """Every case, signed in one run of Node.js."""
    if not (NPM / "node_modules").is_dir():
        raise pytest.UsageError("no packages in tests/npm: run `npm ci` there, or ./run tests")
    now = int(time.time())
    asked = [{"vendor": c.vendor, "key": c.key, "method": c.method, "how": c.how, "body": c.body, "now": now,
              "url": BASE + c.path + ("?" + c.query if c.query else "")} for c in CASES]
    done = subprocess.run([shutil.which("node"), NPM / "sign.mjs"], input=json.dumps(asked), capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(zip(CASES, json.loads(done.stdout)))


def write_channels(service, *names):
    """The shipped files as they are, those of the test, and Vonage's for each kind of account."""
    folder, ours = service.conf.parent / "channels", harness.TOP / "config/channels"
    files = {name: (ours / (name + ".channel")).read_text() for name in SHIPPED}
    files.update((name, HEAD % kind + FIELDS % (kind, kind, kind) + verify) for name, (kind, verify) in OWN.items())
    text = (ours / "vonage-sms.channel").read_text()
    assert text.count(" with hmac-sha256 ") == 1
    files.update(("vonage-" + how, text.replace(" with hmac-sha256 ", " with %s " % how)) for how in VONAGE)
    for name in names or files:
        (folder / (name + ".channel")).write_text(files[name])


@pytest.fixture(scope="module")
def service():
    folder = harness.fast_folder()
    with running(folder) as made:
        made.terminate()
        write_channels(made)
        settings(made, public_url=BASE, **{"secret " + name: key for name, key in SECRETS.items()})
        made.start()
        yield made
    shutil.rmtree(folder, ignore_errors=True)


def send(service, request, **changes):
    """The signed request, with changes, as (status, body); the target is what stands behind the host."""
    request = {**request, **changes}
    connection = http.client.HTTPConnection(*service.address, timeout=harness.PATIENCE_S)
    headers = {**({"Content-Type": request["type"]} if request["type"] else {}), **request["headers"]}
    connection.request(request["method"], request["url"].replace(BASE, ""), request["body"].encode(), headers)
    answer = connection.getresponse()
    got = answer.status, answer.read().decode()
    connection.close()
    return got


def flipped(text, at):
    """Another letter at this place, that means another thing wherever it stands."""
    return text[:at] + ("8" if text[at] != "8" else "9") + text[at + 1:]


def request_of(one, signed):
    return {**signed[one], "type": one.type}


@pytest.mark.parametrize("one", CASES, ids=name_of)
def test_what_the_aggregators_package_signs_is_taken(service, signed, one):
    before = turns(service)
    assert send(service, request_of(one, signed))[0] == 200
    assert turns(service) == before + 1


@pytest.mark.parametrize("one", CASES, ids=name_of)
def test_a_changed_byte_is_refused(service, signed, one):
    request = request_of(one, signed)
    refused = (403, "authenticity not proved\n")
    for name, value in request["headers"].items():
        for at in (len(value) // 3, len(value) - 2):
            assert send(service, request, headers={**request["headers"], name: flipped(value, at)}) == refused, name
        rest = {k: v for k, v in request["headers"].items() if k != name}
        assert send(service, request, headers=rest) == refused, "without " + name
    if "body" in one.covers:
        at = request["body"].index("2025550123")
        assert send(service, request, body=flipped(request["body"], at)) == refused
        assert send(service, request, body=request["body"] + " ") == refused
    url, query = request["url"].partition("?")[::2]
    if "query" in one.covers and query:
        assert send(service, request, url=url + "?" + flipped(query, len(query) - 1)) == refused
        assert send(service, request, url=url + "?" + query + "&more=1") == refused
    if "url" in one.covers:
        assert send(service, request, url=request["url"].replace(one.path, one.path + "/", 1)) == refused


@pytest.mark.parametrize("one", CASES, ids=name_of)
def test_a_signature_of_another_length_is_refused(service, signed, one):
    """Compared in whole: neither its beginning nor more than it is enough."""
    request = request_of(one, signed)
    for name, value in request["headers"].items():
        several = "," in value  # Plivo sends one for each token of the account: one of them is enough
        for other in (value[:-1], value[:-4], value[:len(value) // 2], value[:1], "", value + value[-1], value + "=",
                      value + "A" * 1000, *([] if several else [value + value])):
            answer = send(service, request, headers={**request["headers"], name: other})
            assert answer[0] == 403, (name, other, answer)


def test_what_was_refused_left_nothing_behind(service, signed):
    request = request_of(CASES[0], signed)
    before = service.query("SELECT count(*) FROM turn")[0][0]
    forged = request["body"].replace("2025550123", "2025550177")
    assert send(service, request, body=forged)[0] == 403
    assert service.query("SELECT count(*) FROM turn")[0][0] == before
    assert not any("2025550177" in line for line in service.log)


def test_a_token_without_an_algorithm_is_refused(service, signed):
    request = request_of(next(c for c in CASES if c.vendor == "vonage-jwt"), signed)
    _, claims, signature = request["headers"]["Authorization"].split()[1].split(".")
    for algorithm in ("none", "RS256", "HS512", "HS256"):
        header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).decode().rstrip("=")
        for end in ("", signature):
            token = "Bearer %s.%s.%s" % (header, claims, end)
            assert send(service, request, headers={"Authorization": token})[0] == 403, (algorithm, end)


def test_a_channel_in_use_without_its_public_address_does_not_start(folder, aggregator):
    with running(folder, aggregator) as service:
        service.terminate()
        write_channels(service, "twilio")
        service.write_uses()
        status, _, told = command(service, "serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0")
        assert status == 1
        assert re.search(r"twilio\.channel:\d+:1: error E02: the channel is in use, but its secret \"twilio-token\"", told), told
        settings(service, **{"secret twilio-token": "12345"})
        status, _, told = command(service, "serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0")
        assert status == 1
        assert re.search(r"twilio\.channel:\d+:1: error E02: the channel is in use, but the address that it signs", told), told
        assert "public-url https://HOST" in told
        settings(service, public_url=BASE)
        service.start()


def test_a_channel_takes_calls_of_its_addresses_alone(folder, aggregator):
    with running(folder, aggregator) as service:
        service.terminate()
        (service.conf.parent / "channels/near.channel").write_text(
            HEAD % "form" + FIELDS % (("form",) * 3) + "verify address from 45.233.20.0/24\n")
        service.start()
        request = {"method": "GET", "url": "/hook/near?" + QUERY, "type": None, "headers": {}, "body": ""}
        forwarded = {"X-Forwarded-For": "45.233.20.7"}
        assert send(service, request)[0] == 403
        assert send(service, request, headers=forwarded)[0] == 403, "nobody said that this is a proxy"
        service.terminate()
        settings(service, trusted_proxy="127.0.0.0/8")
        service.start()
        assert send(service, request, headers=forwarded)[0] == 200
        assert send(service, request, headers={"X-Forwarded-For": "45.233.20.7, 198.51.100.3"})[0] == 403
        assert send(service, request)[0] == 403


def test_the_packages_are_pinned_and_name_no_host():
    wanted = json.loads((NPM / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values()), wanted
    lock = (NPM / "package-lock.json").read_text()
    assert '"resolved"' not in lock and "://" not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in entry for path, entry in packages.items() if path)
