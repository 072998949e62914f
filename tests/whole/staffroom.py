# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members of staff for the console's tests: added by the command line, signed in over HTTP.

    ana = staffroom.member(service, "ana", "caseworker")      # a desk.Visitor who is in
    demo = staffroom.demo(service)                            # the demonstration's one member, who holds both teams' keys

A member whose roles need a team's key is let in by demo. ana and ben (caseworkers), sam (safeguarding) and eva (supervisor)
are fixtures of conftest.py: they work where the `service` of a file is office(...), and are added when a test asks for them.
"""
import base64
import hashlib
import hmac
import re
import struct
import time

import callers
import desk

FAST = {"passphrase_memory": "1"}  # settings of a demonstration whose passphrases cost nothing


def office(folder, aggregator, **conf):
    """A service over the demonstration's menus, for `with`."""
    return callers.running(folder, aggregator, menus=None, conf={**FAST, **conf})


def given(name):
    """The passphrase that somebody else made for them; it may not hold the name."""
    return "correct horse battery " + hashlib.sha256(name.encode()).hexdigest()[:8]


def own(name):
    return "of their own choosing " + hashlib.sha256(name.encode()).hexdigest()[:8]


def demo_passphrase(service):
    line = next(l for l in service.log if "name demo, passphrase" in l)
    return re.search(r"passphrase (\S+)", line)[1]


def sign_in(visitor, name, passphrase, code=""):
    visitor.get("/sign-in")
    return visitor.submit("/sign-in", name=name, passphrase=passphrase, code=code)


def demo(service):
    visitor = desk.Visitor(service)
    page = sign_in(visitor, "demo", demo_passphrase(service))
    assert "Sign out" in page.text, page.text
    return visitor


def demo_page(service, path):
    """A page for demo, whose passphrase only the first start says."""
    visitor = desk.Visitor(service)
    sign_in(visitor, "demo", demo_passphrase(service))
    return visitor.get(path)


def add(service, name, roles):
    """A member with a passphrase that somebody gave them, let into their teams."""
    code, out, error = callers.command(service, "user", "add", name, "--role", roles, stdin=given(name) + "\n")
    assert code == 0, error
    if "team admit" in out:
        code, out, error = callers.command(service, "team", "admit", name, "--by", "demo",
                                           stdin=demo_passphrase(service) + "\n\n")
        assert code == 0, error


def member(service, name, roles):
    """The same, signed in with a passphrase of their own."""
    add(service, name, roles)
    visitor = desk.Visitor(service)
    page = sign_in(visitor, name, given(name))
    assert "Choose a passphrase" in page.text, page.text
    page = visitor.submit("/welcome/passphrase", new=own(name), again=own(name))
    assert "Sign out" in page.text and "Choose a passphrase" not in page.text, page.text
    return visitor


def code(secret, at=None):
    """What an authenticator app shows (RFC 6238)."""
    key = base64.b32decode(secret.replace(" ", "") + "=" * (-len(secret.replace(" ", "")) % 8))
    mac = hmac.new(key, struct.pack(">Q", int((at or time.time()) // 30)), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000)
