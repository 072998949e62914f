#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads every #include under src/ and refuses those that break the order of rooms.

usage: check_rooms.py SOURCE_FOLDER
The rules are data, in rooms.txt beside this file. Prints file:line, the line and what to do; exit 1 when a rule is broken.
It also refuses a file without its SPDX line, an #include of a .c file, and a header without an include guard.
"""
import fnmatch
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SPDX = "// SPDX-License-Identifier: AGPL-3.0-or-later"
LIBRARIES = ["microhttpd.h", "curl/*", "sqlite3.h", "pcre2.h", "sodium.h", "sodium/*", "openssl/*", "gettext-po.h", "jansson.h",
             "qrencode.h"]


def read_rules(path):
    floors, libraries = {}, {}
    for line in path.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        floor, room, *allowed = line.split()
        floors[room] = int(floor)
        libraries[room] = [a for a in allowed if a != "-"]
    return floors, libraries


def is_library(name):
    return any(fnmatch.fnmatch(name, pattern) for pattern in LIBRARIES)


def include_problem(room, quote, name, floors, libraries):
    if name.endswith(".c"):
        return "a .c file is never included"
    if quote == "<":
        if is_library(name) and not any(fnmatch.fnmatch(name, p) for p in libraries[room]):
            return f"library <{name}> does not live in {room}/"
        return None
    other = name.split("/")[0]
    if "/" not in name or other not in floors:
        return f'include rooms as "room/file.h"; no room "{other}"'
    if other != room and floors[other] >= floors[room]:
        return f"{room}/ (floor {floors[room]}) may not know {other}/ (floor {floors[other]})"
    return None


def check_file(path, source, floors, libraries):
    room = path.relative_to(source).parts[0]
    shown = path.relative_to(source.parent)
    lines = path.read_text().splitlines()
    if room not in floors:
        return [f"{shown}:1: room {room}/ is not in tests/house/rooms.txt"]
    problems = []
    if not lines or lines[0] != SPDX:
        problems.append(f"{shown}:1: the first line must be: {SPDX}")
    if path.suffix == ".h" and not any(line.startswith("#ifndef WAYMARK_") for line in lines):
        problems.append(f"{shown}:1: header without its include guard")
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        why = match and include_problem(room, match[1], match[2], floors, libraries)
        if why:
            problems.append(f"{shown}:{number}: {why}\n    {line.strip()}")
    return problems


def main():
    source = pathlib.Path(sys.argv[1]).resolve() / "src"
    floors, libraries = read_rules(pathlib.Path(__file__).with_name("rooms.txt"))
    files = sorted(p for p in source.rglob("*") if p.suffix in (".c", ".h"))
    problems = [p for f in files for p in check_file(f, source, floors, libraries)]
    print("\n".join(problems), file=sys.stderr) if problems else None
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
