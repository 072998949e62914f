# SPDX-License-Identifier: AGPL-3.0-or-later
"""An aggregator of USSD that speaks as any of the channel files says: a caller's dial, answers and hanging up as its requests,
and its reading of our replies. What it sends are the requests of tests/channels with other values in them."""
import itertools
import json
import re
import xml.etree.ElementTree

import sheets

MARK = "\ue000TEXT"  # where a screen stands in a reply


def secrets_of(sheet):
    """What waymark.conf says for the secrets that a file names."""
    names = [rest for word, rest in sheet.statements if word == "secret-path"]
    names += [name for word, rest in sheet.statements if sheets.GUARDS.match(word) for name in re.findall(r"\$([\w-]+)", rest)]
    return {name: "s3cret-" + name for name in names}


class Shape:
    """What a template gives: its leaves, as the aggregator's parser finds them."""

    def __init__(self, sheet, way):
        self.kind = "json" if "json" in sheet.said("reply") else "xml" if "xml" in sheet.said("reply") else "text"
        template = sheet.said("reply-" + way)
        self.headers = dict(rest.split(" ", 1) for word, rest in sheet.statements
                            if word in ("reply-header", "reply-%s-header" % way))
        known = re.sub(r"\{text(:\w+)?\}", lambda found: '"%s"' % MARK if found[1] == ":json" else MARK, template)
        known = re.sub(r"\{[a-z]+:json\}", '"?"', known)
        self.leaves = leaves(self.kind, re.sub(r"\{[a-z]+(:\w+)?\}", '"?"' if self.kind == "json" else "?", known))

    def screen(self, headers, body):
        """The screen in this reply; None where the reply is of another shape."""
        if not body:
            return None  # a bare acknowledgement
        found = leaves(self.kind, body)
        if any(headers[name] != value for name, value in self.headers.items()):
            return None
        screen = None
        for way, value in self.leaves.items():
            if isinstance(value, str) and MARK in value:
                before, after = value.split(MARK)
                given = found.get(way) or ""
                screen = given[len(before):len(given) - len(after)] if given.startswith(before) and given.endswith(after) else None
            elif value != "?" and found.get(way, MARK) != value:
                return None
        return screen


def leaves(kind, written):
    if kind == "text":
        return {"": written}
    return dict(flat("", json.loads(written))) if kind == "json" else dict(elements("", xml.etree.ElementTree.fromstring(written)))


def flat(way, node):
    if isinstance(node, (dict, list)):
        for key, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from flat("%s/%s" % (way, key), inner)
    else:
        yield way, node


def elements(way, node):
    yield way, node.text
    for inner in node:
        yield from elements(way + "/" + inner.tag, inner)


class Caller:
    """Somebody on the line of one aggregator."""

    sessions = itertools.count(1)

    def __init__(self, sheet, address, number, secrets=None):
        self.sheet, self.address, self.number = sheet, address, number
        self.secrets = secrets_of(sheet) if secrets is None else secrets
        rows = {row.label: row.request for row in sheet.rows("turn")}
        self.first = next(rows[label] for label in rows if re.search("^a dial|starts$", label))
        self.next = next(rows[label] for label in rows if re.search("^an answer|^the text is", label))
        self.shapes = {True: Shape(sheet, "more"), False: Shape(sheet, "end")}
        self.accumulates = sheet.said("path")

    def ask(self, request):
        """The request with its session, number and secrets: (status, headers, body)."""
        event = self.sheet.turn
        for field, value in (("session", self.session), ("from", self.number)):
            if event.place(field):
                request = request.put(event.place(field), value.encode())
        self.last = self.proved(request)
        return self.last.ask(self.address)

    def proved(self, request):
        made = request.copy()
        for word, rest in self.sheet.statements:
            if word == "secret-path":
                parts = made.path.split("/")
                made.path = "/".join(parts[:3] + [self.secrets.get(rest, "")] + parts[3:])
            elif word == "secret-query":
                name, secret = rest.split(" ")
                made.put_field("query", name, self.secrets.get(secret[1:], "").encode(), False, False)
        return made

    def shown(self, answer):
        """What the phone shows: (text, whether an answer is waited for)."""
        status, headers, body = answer
        assert status == 200, answer
        assert headers["Content-Type"] == self.sheet.said("reply"), headers["Content-Type"]
        screens = {more: shape.screen(headers, body.decode()) for more, shape in self.shapes.items()}
        found = [(screen, more) for more, screen in screens.items() if screen is not None]
        assert len(found) == 1, "neither one more screen nor the last: %r" % body
        return found[0]

    def dial(self):
        self.session, self.count, self.path = "s-%d" % next(self.sessions), 1, None
        place = self.sheet.turn.place("text")
        if self.accumulates:  # what the first text holds is the code, or nothing
            self.path = dict(self.first.query + self.first.form).get(place.key, b"").decode().rstrip("#")
        return self.shown(self.ask(self.numbered(self.first)))

    def numbered(self, request):
        place = self.sheet.turn.place("sequence")
        return request.put(place, b"%d" % self.count) if place else request

    def type(self, text):
        self.count += 1
        said = text
        if self.accumulates:
            self.path = said = self.path + "*" + text if self.path else text
            said += "#" if said.startswith("*") else ""
        return self.shown(self.ask(self.numbered(self.next.put(self.sheet.turn.place("text"), said.encode()))))

    def again(self):
        return self.shown(self.last.ask(self.address))

    def hang_up(self):
        """Tells that the session is over, where this aggregator can: its answer, or None."""
        rows = self.sheet.rows("ended")
        if not rows:
            return None
        return self.ask(self.numbered(rows[0].request))
