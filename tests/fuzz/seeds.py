#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes what fuzz_channel starts from into a folder: each request of tests/channels that is in order, and each channel file."""
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "whole"))
import sheets

TYPES = {"form": 0, "json": 1, "xml": 2, "multipart": 3}


def seed(index, name, request):
    method, target, _, body = request.parts()
    path, _, query = target.partition("?")
    tail = path[len("/hook/" + name) + 1:]
    if query and method != "GET":
        tail += "?" + query
    head = "%d %d %d %s\n" % (index, method == "GET", TYPES.get(request.kind, 4), tail)
    return head.encode() + (query.encode() if method == "GET" else body)


def main(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    names = sorted(path.name for path in sheets.CHANNELS.glob("*.channel"))
    for index, file in enumerate(names):
        sheet = sheets.Sheet(file.removesuffix(".channel"))
        (folder / file).write_text(sheet.text)
        for number, row in enumerate(row for row in sheet.all_rows() if row.expects("status") == "200"):
            (folder / ("%s-%d" % (sheet.name, number))).write_bytes(seed(index, sheet.name, row.request))


main(pathlib.Path(sys.argv[1]))
