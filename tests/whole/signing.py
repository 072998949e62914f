# SPDX-License-Identifier: AGPL-3.0-or-later
"""Requests of SMS aggregators, and how each of them signs: scheme(request, now, key) is the request as it leaves there. Written
from their documents; what their own packages sign is in test_signatures.py."""
import base64
import collections
import ctypes
import ctypes.util
import hashlib
import hmac
import json
import subprocess
import urllib.parse

BASE = "https://sms.example.org"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"

Request = collections.namedtuple("Request", "method path query type headers body")


# ---- what it sends ----

def posted(path, **fields):
    """A form; "from_" is the field from, "err__code" is err-code."""
    named = {k.rstrip("_").replace("__", "-"): v for k, v in fields.items() if v is not None}
    return Request("POST", path, "", FORM, {}, urllib.parse.urlencode(named))


def got(path, **fields):
    return Request("GET", path, posted(path, **fields).body, None, {}, "")


def told(path, document, **headers):
    return Request("POST", path, "", JSON, {k.replace("_", "-"): v for k, v in headers.items()},
                   json.dumps(document, ensure_ascii=False, separators=(",", ":")))


# ---- how we prove ourselves ----

def openssl(*words):
    return subprocess.run(["openssl", *words], capture_output=True)


class RsaKey:
    """A private key in PEM form, made anew, and what its public half says to tokens (RFC 7519, RS256)."""

    def __init__(self, folder):
        self.folder, self.private, self.public = folder, folder / "private.pem", folder / "public.pem"
        assert openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.private).returncode == 0
        assert openssl("pkey", "-in", self.private, "-pubout", "-out", self.public).returncode == 0
        self.private.chmod(0o600)

    def claims(self, token):
        """What a token says; a wrong one fails."""
        covered, _, signature = token.rpartition(".")
        header, said, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
                                   for part in (*covered.split("."), signature))
        (self.folder / "covered").write_text(covered)
        (self.folder / "signature").write_bytes(signature)
        done = openssl("dgst", "-sha256", "-verify", self.public, "-signature", self.folder / "signature", self.folder / "covered")
        assert done.returncode == 0 and json.loads(header) == {"alg": "RS256", "typ": "JWT"}, (done, header)
        return json.loads(said)


# ---- how it signs ----

def raw(text):
    """The bytes of a request, also where they are no text."""
    return text.encode(errors="surrogateescape")


def mac(key, data, how="sha256"):
    return hmac.new(key.encode(), raw(data) if isinstance(data, str) else data, how).digest()


def b64(data):
    return base64.b64encode(data).decode()


def sha256(text):
    return hashlib.sha256(raw(text)).hexdigest()


def token(key, claims):
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in
                  ({"alg": "HS256", "typ": "JWT"}, claims))
    return "%s.%s.%s" % (head, body, base64.urlsafe_b64encode(mac(key, head + "." + body)).decode().rstrip("="))


def url_of(request):
    return BASE + request.path + ("?" + request.query if request.query else "")


def fields_of(request):
    return urllib.parse.parse_qsl(request.body or request.query, True, errors="surrogateescape")


def with_headers(request, **headers):
    return request._replace(headers={**request.headers, **{k.replace("_", "-"): v for k, v in headers.items()}})


def unsigned(request, now, key=None):
    return request


def twilio(request, now, key="12345"):
    text = url_of(request) + "".join(k + v for k, v in sorted(fields_of(request))) * (request.method == "POST")
    return with_headers(request, X_Twilio_Signature=b64(mac(key, text, "sha1")))


def vonage(request, now, key="vonage-key"):
    fields = fields_of(request) + [("timestamp", str(now))]
    text = "".join("&%s=%s" % (k, v.replace("&", "_").replace("=", "_")) for k, v in sorted(fields))
    signed = urllib.parse.urlencode(fields + [("sig", mac(key, text).hex())], errors="surrogateescape")
    return request._replace(**{"body" if request.method == "POST" else "query": signed})


def vonage_token(request, now, key="vonage-key"):
    claims = {"iat": now, "jti": "j", "iss": "Vonage", "payload_hash": sha256(request.body), "api_key": "abcd1234"}
    return with_headers(request, Authorization="Bearer " + token(key, claims))


def messagebird(request, now, key="mb-key"):
    if request.method == "GET":
        return request  # reports are not signed
    claims = {"iss": "MessageBird", "nbf": now - 1, "exp": now + 60, "jti": "j", "url_hash": sha256(url_of(request)),
              "payload_hash": sha256(request.body)}
    return with_headers(request, MessageBird_Signature_JWT=token(key, claims))


def bird(request, now, key="bird-key"):
    text = ("%d\n%s\n" % (now, url_of(request))).encode() + hashlib.sha256(raw(request.body)).digest()
    return with_headers(request, MessageBird_Request_Timestamp=str(now), MessageBird_Signature=b64(mac(key, text)))


def sinch(request, now, key="sinch-key"):
    signature = b64(mac(key, "%s.%s.%d" % (request.body, "n1", now)))
    return with_headers(request, x_sinch_webhook_signature=signature, x_sinch_webhook_signature_nonce="n1",
                        x_sinch_webhook_signature_timestamp=str(now))


def android(request, now, key="phone-key"):
    return with_headers(request, X_Timestamp=str(now), X_Signature=mac(key, request.body + str(now)).hex())


def httpsms(request, now, key="httpsms-key"):
    claims = {"iss": "api.httpsms.com", "sub": "u", "aud": [url_of(request)], "nbf": now - 600, "iat": now, "exp": now + 600}
    return with_headers(request, Authorization="Bearer " + token(key, claims))


def plivo(request, now, key="plivo-key"):
    text = BASE + request.path + "?" + "".join(k + v for k, v in sorted(fields_of(request))) + ".n1"
    return with_headers(request, X_Plivo_Signature_V3=b64(mac(key, text)), X_Plivo_Signature_V3_Nonce="n1")


class Ed25519:
    """libsodium's own, which the program itself is linked with."""

    def __init__(self, seed):
        self.sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
        self.public, self.secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        assert self.sodium.crypto_sign_ed25519_seed_keypair(self.public, self.secret, seed) == 0

    def sign(self, text):
        signature = ctypes.create_string_buffer(64)
        self.sodium.crypto_sign_ed25519_detached(signature, None, text, ctypes.c_ulonglong(len(text)), self.secret)
        return signature.raw


TELNYX = Ed25519(bytes(range(32)))


def telnyx(request, now, key=TELNYX):
    key = key if isinstance(key, Ed25519) else Ed25519(bytes(32))
    return with_headers(request, telnyx_timestamp=str(now),
                        telnyx_signature_ed25519=b64(key.sign(raw("%d|%s" % (now, request.body)))))


def zenvia(request, now, key="zenvia-key"):
    return with_headers(request, X_Waymark_Secret=key, X_Forwarded_For="45.233.20.7")
