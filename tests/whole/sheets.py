# SPDX-License-Identifier: AGPL-3.0-or-later
"""Channel files and their rows, as the tests read them: what an aggregator sends, and any value of it set to another.

    sheet = Sheet("hubtel")                      the file config/channels/hubtel.channel
    dial = sheet.rows("turn")[0].request         what it sends, from tests/channels/hubtel*.rows
    call = dial.put(sheet.turn.place("text"), text("1"))
    status, headers, body = call.ask(address)

A request is put together from its parts again, so that a value can also be missing, there twice, or be no text at all."""
import copy
import http.client
import json
import pathlib
import re
import urllib.parse

import harness

CHANNELS, ROWS = harness.TOP / "config/channels", harness.TOP / "tests/channels"
GUARDS = re.compile(r"secret-|verify\b|or-verify\b|basic\b|unsigned\b")
SENDING = re.compile(r"send\b|send-|rate\b|allow\b")
PAGE = re.compile(r"page\b")


def statements(text):
    """(first word, the rest) of each statement; "|" goes on with the one before."""
    found = []
    for line in text.split("\n"):
        line = line.strip(" ")
        if line.startswith("|"):
            found[-1][1] += "\n" + re.sub(r"^\| ?", "", line)
        elif line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            found.append([word, rest.strip(" ")])
    return [tuple(one) for one in found]


def bare(text, without):
    """A channel file without these statements."""
    kept, dropped = [], False
    for line in text.split("\n"):
        dropped = dropped if line.lstrip().startswith("|") else bool(without.match(line.lstrip()))
        kept += [] if dropped else [line]
    return "\n".join(kept)


# ---- values ----

class Raw(str):
    """JSON, as it stands."""


class Object(list):
    """A JSON object: [key, value] pairs, so that a key can be there twice."""


def text(value):
    """A text that can stand in any place."""
    return value.encode() if isinstance(value, str) else value


def json_text(node):
    if isinstance(node, Object):
        return "{%s}" % ",".join("%s:%s" % (json.dumps(k), json_text(v)) for k, v in node)
    if isinstance(node, list):
        return "[%s]" % ",".join(map(json_text, node))
    return node if isinstance(node, Raw) else json.dumps(node, ensure_ascii=False)


def json_of(value):
    """Bytes as a JSON value. What is no UTF-8 stays as it is, in quotes."""
    return value if isinstance(value, Raw) else json.dumps(value.decode("utf-8", "surrogateescape"), ensure_ascii=False)


def xml_of(value):
    return value.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


# ---- requests ----

class Request:
    def __init__(self, method, target, headers, body):
        self.method, (self.path, mark, query) = method, target.partition("?")
        self.query = pairs(query) if mark else []
        self.headers, self.body = headers, body
        self.kind = kind_of(headers, body)
        self.form = pairs(body.decode()) if self.kind == "form" else []
        self.json = json.loads(body, object_pairs_hook=lambda found: Object(map(list, found))) if self.kind == "json" else None

    def copy(self):
        return copy.deepcopy(self)

    def put(self, place, value, twice=False):
        """The same request with another value there; None: without it. `twice`: with both."""
        changed = self.copy()
        where, key = changed.where(place)
        {"query": changed.put_field, "form": changed.put_field, "header": changed.put_header, "path": changed.put_path,
         "json": changed.put_json, "xml": changed.put_xml}[where](where, key, value, twice, place.any_case)
        return changed

    def where(self, place):
        if place.where == "any":
            return {"form": "form", "json": "json", "xml": "xml"}.get(self.kind, "query"), place.key
        if place.where == "item":
            return "json", (place.each + "." if place.each != "." else "") + "[0]." + place.key
        return place.where, place.key

    def put_field(self, where, key, value, twice, any_case):
        fields = getattr(self, where)
        same = [f for f in fields if f[0] == key or any_case and f[0].lower() == key.lower()]
        if not twice:
            fields[:] = [f for f in fields if f not in same]
        if value is not None:
            fields.append([same[0][0] if same else key, value])

    def put_header(self, where, key, value, twice, any_case):
        if not twice:
            self.headers = [h for h in self.headers if h[0].lower() != key.lower()]
        if value is not None:
            self.headers.append((key, value.decode("latin-1")))

    def put_path(self, where, key, value, twice, any_case):
        parts = self.path.split("/")
        parts[2 + int(key)] = urllib.parse.quote_from_bytes(value or b"", safe="")
        self.path = "/".join(parts)

    def put_json(self, where, key, value, twice, any_case):
        self.json = set_json(self.json, [step for step in re.split(r"\.|(?=\[)", key) if step], value, twice, any_case)

    def put_xml(self, where, key, value, twice, any_case):
        name = key.split("/")[-1].encode()
        whole = re.compile(rb"<%s>.*?</%s>" % (name, name), re.S)
        assert whole.search(self.body) or value is None, (key, self.body)
        made = b"" if value is None else b"<%s>%s</%s>" % (name, xml_of(value), name)
        self.body = whole.sub(lambda found: (found[0] if twice else b"") + made, self.body, count=1)

    def parts(self):
        """Method, target, headers and body."""
        body = self.body
        if self.kind == "form":
            body = joined(self.form)
        elif self.kind == "json":
            body = json_text(self.json).encode("utf-8", "surrogateescape")
        target = self.path + ("?" + joined(self.query).decode() if self.query else "")
        return self.method, target, self.headers, body

    def ask(self, address):
        return send(address, *self.parts())


def kind_of(headers, body):
    types = {"application/x-www-form-urlencoded": "form", "multipart/form-data": "multipart", "text/xml": "xml",
             "application/xml": "xml"}
    said = next((v for k, v in headers if k.lower() == "content-type"), "").split(";")[0].strip().lower()
    guess = "xml" if body[:1] == b"<" else "json" if body[:1] in b"{[" and body else ""
    return "json" if said.endswith("json") else types.get(said, guess)


def pairs(query):
    return [[urllib.parse.unquote_plus(name), urllib.parse.unquote_to_bytes(value.replace("+", " "))]
            for name, _, value in (part.partition("=") for part in query.split("&") if part)]


def joined(fields):
    return "&".join(urllib.parse.quote_plus(name) + "=" + urllib.parse.quote_plus(value) for name, value in fields).encode()


def set_json(node, steps, value, twice, any_case):
    if not steps:
        return Raw(json_of(value))
    step, rest = steps[0], steps[1:]
    if step.startswith("["):
        index = int(step[1:-1])
        if isinstance(node, list) and index < len(node):
            node[index] = set_json(node[index], rest, value, twice, any_case)
        return node
    if not isinstance(node, Object):
        return node
    for pair in list(node):
        if pair[0] == step or any_case and pair[0].lower() == step.lower():
            if rest:
                pair[1] = set_json(pair[1], rest, value, twice, any_case)
                return node
            if not twice:
                node.remove(pair)
            step = pair[0]
            break
    if value is not None:
        for inner in reversed(rest):
            value = Raw("{%s:%s}" % (json.dumps(inner), json_of(value)))
        node.append([step, Raw(json_of(value))])
    return node


def send(address, method, target, headers, body):
    """One request on a connection of its own: (status, headers, body)."""
    connection = http.client.HTTPConnection(*address, timeout=harness.PATIENCE_S)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if body or method == "POST":
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        try:
            connection.sock.sendall(body)
        except OSError:  # refused before all of it was sent
            pass
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


# ---- files ----

class Place:
    def __init__(self, where, key, event):
        self.where, self.key, self.event = where, key, event

    @property
    def each(self):
        return self.event.each

    @property
    def any_case(self):
        return self.event.any_case

    def __repr__(self):
        return self.where + " " + self.key


class Event:
    """A kind of request: the turn, or an `event`."""

    def __init__(self, name, any_case):
        self.name, self.any_case, self.kind, self.each = name, any_case, "turn", None
        self.fields = []  # (our name, whether it may be missing, whether it has one place and is read as it is, the place)
        self.whens = []  # (place, key) that tell it from others

    def take(self, word, rest):
        if word == "kind":
            self.kind = rest
        elif word == "each":
            self.each = rest.split()[1]
        elif word in ("field", "keep"):
            name, _, origins = rest.partition(" from ")
            optional = origins.endswith(" optional") or word == "keep"
            places = re.findall(r"(?:^| or | with )(\w+) (\S+)", re.sub(r" optional$", "", origins))
            plain = len(places) == 1 and " as " not in origins
            self.fields += [(name if word == "field" else None, optional, plain, Place(*place, self))
                            for place in places if place[0] != "constant"]
        elif word == "when":
            self.whens.append(tuple(rest.split()[:2]))

    def place(self, field):
        """Where a field of ours is, in the first of its places."""
        return next((place for name, _, _, place in self.fields if name == field), None)


class Row:
    def __init__(self, label, secrets, source):
        self.label, self.secrets, self.source = label, secrets, source
        self.method = self.target = None
        self.headers, self.body, self.expected = [], b"", []

    def take(self, word, rest):
        if word == "request":
            self.method, self.target = rest.split(" ")
        elif word == "header":
            name, _, value = rest.partition(":")
            self.headers.append((name, value.strip()))
        elif word == "body":
            self.body = rest.encode()
        elif word == "crlf-body":
            self.body = "".join(line + "\r\n" for line in rest.split("\n")).encode()
        elif word == "expect":
            self.expected.append(tuple(rest.partition(" ")[::2]))

    def expects(self, what):
        return next((value for word, value in self.expected if word == what), None)

    @property
    def request(self):
        """The request without the secret in its path, for a channel without GUARDS."""
        path, mark, query = self.target.partition("?")
        parts = path.split("/")
        if len(parts) > 3 and parts[3] in self.secrets.values():
            del parts[3]
        return Request(self.method, "/".join(parts) + mark + query, self.headers, self.body)


class Sheet:
    def __init__(self, name):
        self.name, self.text = name, (CHANNELS / (name + ".channel")).read_text()
        self.statements = statements(self.text)
        self.any_case = "any-case" in self.words()
        self.events = [Event("", self.any_case)]
        for word, rest in self.statements:
            if word == "event":
                self.events.append(Event(rest, self.any_case))
            else:
                self.events[-1].take(word, rest)
        self.turn = self.events[0]

    def words(self):
        return [word for word, _ in self.statements]

    def said(self, word):
        return next((rest for this, rest in self.statements if this == word), None)

    @property
    def medium(self):
        return self.said("medium")

    @property
    def fetches(self):
        return ("kind", "fetch") in self.statements

    def without(self, *statements):
        """The file without statements of these kinds; the tests' menus want a page of the usual size. Where messages are
        fetched the events that do it go with the proof: there are none without it (test_fetching.py has them)."""
        text = self.text.partition("\nevent ")[0] + "\n" if self.fetches and GUARDS in statements else self.text
        for kind in statements:
            text = bare(text, kind)
        return re.sub(r"(?m)^(medium .*)", r"\1\npage 182 80", bare(text, PAGE), count=1)

    def all_rows(self):
        """All rows that are about this file."""
        found = []
        for path in sorted(ROWS.glob("*.rows")):
            rows = statements(path.read_text())
            if ("channel", "config/channels/%s.channel" % self.name) not in rows:
                continue
            secrets = dict(rest.split(" ", 1) for word, rest in rows if word == "secret")
            for word, rest in rows:
                if word == "row":
                    found.append(Row(rest, secrets, path))
                elif found and found[-1].source == path:
                    found[-1].take(word, rest)
        assert found, "no rows for " + self.name
        return [row for row in found if row.target]

    def rows(self, kind):
        """Rows whose request is in order and of this kind; a row that does not say its kind is a turn."""
        return [row for row in self.all_rows()
                if row.expects("status") == "200" and (row.expects("kind") or "turn") == kind]


def sheets():
    return [Sheet(path.stem) for path in sorted(CHANNELS.glob("*.channel"))]
