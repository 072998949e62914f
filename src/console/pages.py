#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Compiles the console's pages into a C table: what a template says is known, and proved safe, when the program is built.

usage: pages.py FOLDER OUTPUT.c

A template is HTML with

    {{name}}                  a value, escaped for where it stands
    {{#rows}} ... {{/rows}}   once for each row of a list; names are looked for in the row first, then outside it
    {{?name}} ... {{/name}}   only where the value is there and not empty
    {{^name}} ... {{/name}}   only where it is not
    {{>part}}                 the template part.html, in this place
    {{<shell}}                first line: this page stands where the shell says {{>page}}

Where a value stands decides how it is escaped; nothing a template can say turns that off. The reader below follows the
HTML as a browser would (WHATWG HTML, section 13.2.5), and refuses what cannot be made safe: a value outside a quoted
attribute, within <script>, <style> or a comment, in an on... or style attribute, and a section that begins in one state
and ends in another. In href, src and action a value that begins the address may only be a path of ours.
Other files of the folder (.css, .js, .svg) become assets, as they are.
"""
import pathlib
import re
import sys

TOKEN = re.compile(r"\{\{\s*([#?^/>]?)\s*([a-z0-9_]+)\s*\}\}")
ADDRESS = {"href", "src", "action", "formaction"}


class Broken(Exception):
    pass


class Reader:
    """The state of an HTML tokenizer, as far as it matters for escaping."""

    def __init__(self):
        self.state, self.tag, self.attribute, self.begun = "text", "", "", False

    def mark(self):
        return self.state, self.tag if self.state != "text" else "", self.attribute if self.state == "value" else ""

    def feed(self, html):
        for c in html:
            getattr(self, self.state)(c)

    def text(self, c):
        if c == "<":
            self.state, self.tag = "open", ""

    def open(self, c):
        if re.match(r"[A-Za-z0-9/!-]", c):
            self.tag += c.lower()
            if self.tag == "!--":
                self.state = "comment"
        elif c == ">":
            self.close()
        elif c.isspace():
            self.state, self.attribute = "inside", ""
        else:
            raise Broken("a < that begins no tag")

    def inside(self, c):
        if c == ">":
            self.close()
        elif c == "=":
            self.state = "equals"
        elif c.isspace():
            self.attribute = ""
        elif c != "/":
            self.attribute += c.lower()

    def equals(self, c):
        if c != '"':
            raise Broken("attributes are quoted with \"")
        if self.attribute.startswith("on") or self.attribute == "style":
            raise Broken("no %s attribute: the page's policy forbids it" % self.attribute)
        self.state, self.begun = "value", False

    def value(self, c):
        if c == '"':
            self.state, self.attribute = "inside", ""
        else:
            self.begun = True

    def comment(self, c):
        self.tag = (self.tag + c)[-3:]
        if self.tag == "-->":
            self.state = "text"

    def close(self):
        if self.tag in ("style",):
            raise Broken("no <style>: the page's policy forbids it")
        self.state = "text"

    def context(self):
        """How a value that stands here is escaped."""
        if self.state == "text":
            return "ESCAPE_TEXT"
        if self.state != "value":
            raise Broken("a value may stand in text or in a quoted attribute, not here")
        if self.attribute in ADDRESS:
            begun, self.begun = self.begun, True
            return "ESCAPE_PART" if begun else "ESCAPE_ADDRESS"
        return "ESCAPE_TEXT"


class Page:
    def __init__(self, folder, name):
        self.folder, self.name, self.ops, self.open, self.reader = folder, name, [], [], Reader()

    def literal(self, text):
        if not text:
            return
        self.reader.feed(text)
        if self.ops and self.ops[-1][0] == "OP_LITERAL":
            self.ops[-1][1] += text
        else:
            self.ops.append(["OP_LITERAL", text, 0])

    def begin(self, op, name):
        self.open.append((name, len(self.ops), self.reader.mark()))
        self.ops.append([op, name, 0])

    def end(self, name):
        if not self.open or self.open[-1][0] != name:
            raise Broken("{{/%s}} ends nothing" % name)
        _, at, mark = self.open.pop()
        if self.reader.mark() != mark:
            raise Broken("%s begins and ends at different places of the HTML" % name)
        self.ops.append(["OP_END", name, at])
        self.ops[at][2] = len(self.ops)

    def token(self, kind, name):
        if kind == "":
            self.ops.append([self.reader.context(), name, 0])
        elif kind == "/":
            self.end(name)
        elif kind == ">":
            self.read(name)
        else:
            self.begin({"#": "OP_EACH", "?": "OP_IF", "^": "OP_UNLESS"}[kind], name)

    def source(self, name):
        """The file's text; a page that names a shell comes within it."""
        text = re.sub(r"\n\s*", "\n", (self.folder / (name + ".html")).read_text())  # layout of the source is not sent
        shell = re.match(r"\{\{<([a-z_]+)\}\}\n", text)
        return self.source(shell[1]).replace("{{>page}}", text[shell.end():]) if shell else text

    def read(self, name):
        text, at = self.source(name), 0
        try:
            for found in TOKEN.finditer(text):
                self.literal(text[at:found.start()])
                at = found.end()
                self.token(found[1], found[2])
            self.literal(text[at:])
        except Broken as why:
            raise Broken("%s.html: near %r: %s" % (name, text[at:at + 60], why)) from None

    def compile(self):
        self.read(self.name)
        if self.open or self.reader.mark() != Reader().mark():
            raise Broken("%s.html: something is not closed" % self.name)
        return self.ops


def quoted(text):
    """C string literals, in lines of moderate length."""
    plain = set(b" !#$%&'()*+,-./:;<=>@[]^_`{|}~") | set(range(48, 58)) | set(range(65, 91)) | set(range(97, 123))
    pieces = [chr(byte) if byte in plain else "\\%03o" % byte for byte in text.encode()]
    return "\n".join('"%s"' % "".join(pieces[i:i + 200]) for i in range(0, len(pieces), 200)) or '""'


def row(op):
    kind, text, to = op
    if kind.startswith("ESCAPE"):
        return "{.op = OP_VALUE, .escape = %s, .text = {%s, %d}}" % (kind, quoted(text), len(text.encode()))
    return "{.op = %s, .text = {%s, %d}, .to = %d}" % (kind, quoted(text), len(text.encode()), to)


def generate(folder):
    yield "// Made by src/console/pages.py from the files in src/console/pages."
    yield '#include "console/html.h"'
    names = sorted(p.stem for p in folder.glob("*.html") if p.stem != "shell" and not p.stem.startswith("part_"))
    for name in names:
        yield "static const struct html_op ops_%s[] = {" % name
        for op in Page(folder, name).compile():
            yield row(op) + ","
        yield "};"
    yield "const struct html_page html_pages[] = {"
    for name in names:
        yield '{"%s", ops_%s, sizeof ops_%s / sizeof *ops_%s},' % (name, name, name, name)
    yield "{0}};"
    types = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
    yield "const struct html_asset html_assets[] = {"
    for path in sorted(p for p in folder.iterdir() if p.suffix in types):
        text = path.read_text()
        yield '{"%s", "%s", {%s, %d}},' % (path.name, types[path.suffix], quoted(text), len(text.encode()))
    yield "{0}};"


def main():
    folder, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    try:
        text = "\n".join(generate(folder)) + "\n"
    except Broken as why:
        sys.exit("src/console/pages/%s" % why)
    output.write_text(text)


if __name__ == "__main__":
    main()
