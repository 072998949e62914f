# SPDX-License-Identifier: AGPL-3.0-or-later
"""Canaries: numbers and words that a test lets people type, and the search for them in whatever an adversary gets.

Seven encodings of each are looked for: as it is (numbers with and without the country's 1), UTF-16 little-endian and
big-endian, packed septets (GSM 03.38, at each of the eight offsets), hexadecimal, base64 (at each of the three
alignments, both alphabets), and, of a number, semi-octets as SMS carries them (TS 23.040), plain and swapped.
"""
import base64
import collections
import itertools
import os
import pathlib
import subprocess
import tempfile

import harness

Hit = collections.namedtuple("Hit", "text encoding where place around")
ANCHOR = "kqz"


def word(n):
    """A word that no text has: letters only, of the default alphabet, never twice."""
    letters = []
    for _ in range(7):
        n, digit = divmod(n, 20)
        letters.append("bcdfghjklmnpqrstvwxz"[digit])
    return ANCHOR + "".join(letters)


def number(n):
    """One of the numbers that are kept for fiction: 555-0100 to 555-0199 of 800 areas. 80,000 of them."""
    return "+1%d55501%02d" % (200 + n // 100, n % 100)


def septets(text, offset):
    """Packed as in an SMS that has `offset` septets before; the bytes that are wholly the text's."""
    bits = "".join(format(ord(c), "07b")[::-1] for c in text)
    lead = (8 - offset * 7 % 8) % 8
    body = bits[lead:]
    return bytes(int(body[i:i + 8][::-1], 2) for i in range(0, len(body) // 8 * 8, 8))


def based(plain):
    found = set()
    for shift in range(3):
        for coder in (base64.b64encode, base64.urlsafe_b64encode):
            coded = coder(b"\0" * shift + plain)
            found.add(coded[(shift * 8 + 5) // 6:(len(plain) + shift) * 8 // 6])
    return found


def forms(text):
    """{encoding: byte strings}"""
    plain = text.encode()
    found = {"plain": {plain}, "UTF-16LE": {text.encode("utf-16-le")}, "UTF-16BE": {text.encode("utf-16-be")},
             "septets": {septets(text, n) for n in range(8)}, "base64": based(plain),
             "hexadecimal": {plain.hex().encode(), plain.hex().upper().encode()}, "semi-octets": set()}
    if text.isdigit():
        even = text + "f" * (len(text) % 2)
        found["semi-octets"] = {bytes.fromhex(even), bytes.fromhex("".join(b + a for a, b in zip(even[::2], even[1::2])))}
    return found


class Canaries:
    """Looked for by a program of their own (tests/fault/hunt.c), for there are many and memory is large."""

    def __init__(self, numbers, words):
        self.needles = {}
        for text in itertools.chain((n.lstrip("+") for n in numbers), (n.lstrip("+")[1:] for n in numbers), words):
            for encoding, strings in forms(text).items():
                # In fewer than six bytes chance finds what is not there: ciphertext is random.
                self.needles.update({s: (text, encoding) for s in strings if len(s) >= 6})
        self.order = list(self.needles)
        self.file = tempfile.NamedTemporaryFile("w", prefix="waymark-needles-")
        self.file.writelines(needle.hex() + "\n" for needle in self.order)
        self.file.flush()

    def hunt(self, *where):
        """[Hit]; how many bytes were read."""
        done = subprocess.run([os.environ.get("WAYMARK_HUNT") or harness.TOP / "build/release/tests/fault_hunt", self.file.name,
                               *map(str, where)], capture_output=True, text=True, check=True)
        *lines, last = done.stdout.splitlines()
        hits = []
        for line in lines:
            which, place, name, around = line.split(" ")
            text, encoding = self.needles[self.order[int(which)]]
            hits.append(Hit(text, encoding, pathlib.PurePath(name).name, int(place, 16), bytes.fromhex(around)))
        return hits, int(last.split()[1])

    def in_files(self, *folders):
        paths = [p for folder in folders for p in sorted(pathlib.Path(folder).rglob("*")) if p.is_file()]
        with tempfile.NamedTemporaryFile("w", prefix="waymark-names-") as names:
            names.write("\n".join(map(str, paths)))
            names.flush()
            return self.hunt(*paths, names.name)

    def in_memory(self, service):
        """Of the process's writable memory, read as root reads it."""
        return self.hunt("--pid", service.process.pid)


def counted(hits):
    """For a message: how many of each encoding, and the first few."""
    return collections.Counter(h.encoding for h in hits), [(h.text, h.where, h.around) for h in hits[:5]]
