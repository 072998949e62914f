# SPDX-License-Identifier: AGPL-3.0-or-later
"""Numbers and words that nobody may find: not in any file of the data folder, not in the log, not in a metric, and
nothing of the process in a core file (design, sections 1.7 and 5)."""
import base64
import os
import pathlib
import re
import shutil
import signal
import stat
import tempfile

import pytest

from callers import CALLERS, command, running
from harness import Client, Phone, sent_out, sms

NUMBERS = ["+1%d55501%02d" % (area, n) for area in (717, 838, 959) for n in (37, 73)]
WORDS = ["Quxblorptz", "Zanzibartleby", "Flumoxwig", "Wexelblat"]
SESSION = "ATUid_canaryKwyjibo"
MESSAGE = "ATXin_canaryMxyzptlk"


def forms(word):
    """The spellings under which a word may lie in a file."""
    spellings = {word, word.lower(), word.upper(), word.lstrip("+"), word.lstrip("+").lower()}
    found = set()
    for text in spellings:
        plain = text.encode()
        found |= {plain, text.encode("utf-16-le"), text.encode("utf-16-be"), plain.hex().encode(), plain.hex().upper().encode(),
                  plain[::-1]}
        for shift in range(3):  # base64 of a text that holds it, at each of the three alignments
            coded = base64.b64encode(b"\0" * shift + plain)
            first, last = (shift * 8 + 5) // 6, len(plain) + shift
            found.add(coded[first:last * 8 // 6])
            found.add(base64.urlsafe_b64encode(b"\0" * shift + plain)[first:last * 8 // 6])
    digits = word.lstrip("+")
    if digits.isdigit():
        swapped = "".join(b + a for a, b in zip(digits[::2], (digits + "f")[1::2]))  # TS 23.040 semi-octets
        found |= {bytes.fromhex(swapped + "f" * (len(swapped) % 2)), int(digits).to_bytes(8, "little")[:5],
                  int(digits).to_bytes(5, "big"), digits[1:].encode()}
    return {f for f in found if len(f) >= 5}


NEEDLES = {f: word for word in NUMBERS + WORDS + [SESSION, MESSAGE] for f in forms(word)}
PATTERN = re.compile(b"|".join(sorted((re.escape(f) for f in NEEDLES), key=len, reverse=True)))


def test_the_needles_are_found_where_they_are():
    word = WORDS[0]
    for text in (word, "x" + word, "xy" + word + "z"):
        coded = base64.b64encode(text.encode())
        assert PATTERN.search(coded), text
    for text in (word.encode("utf-16-le"), word.encode().hex().encode(), NUMBERS[0][1:].encode()):
        assert PATTERN.search(b"abc" + text + b"def"), text


def search(data, where):
    found = PATTERN.search(data)
    assert not found, "%s holds %r, which is of %r" % (where, found[0], NEEDLES[found[0]])


def search_folder(folder):
    files = [p for p in pathlib.Path(folder).rglob("*") if p.is_file()]
    for path in files:
        search(path.read_bytes(), path.relative_to(folder))
        search(str(path.name).encode(), "the name of a file")
    return {p.name for p in files}


def flows(service):
    """Readers, registrations, complaints, withdrawals, erasures, wrong words, bad requests, events, messages."""
    phones = [Phone(service, number) for number in NUMBERS]
    for n, phone in enumerate(phones):
        phone.dial()
        phone.session = SESSION + str(n)
        phone.path = ""
        phone.request("")
        phone.type("1", WORDS[0] + str(n))
        phone.type("1", "!" + WORDS[1] * 9)  # too long
        phone.type(WORDS[2])
    for n, phone in enumerate(phones[:4]):
        phone.dial()
        assert phone.type("4", "1", WORDS[3] + str(n)).startswith("END Your number is ")
        phone.dial()
        assert phone.type("5", WORDS[1]).startswith("CON Thank you.")
        phone.dial()
        phone.type("3", WORDS[2] + str(n))
    client = Client(service.address)
    for n, number in enumerate(NUMBERS):
        for step, text in enumerate(("HELP", "1", WORDS[n % 4], WORDS[0] + " please")):
            assert sms(client, number, "%s%d-%d" % (MESSAGE, n, step), text) == (200, "")
    assert sms(client, NUMBERS[0], MESSAGE + "stop", "STOP " + WORDS[0])[0] == 200
    assert sms(client, NUMBERS[1], MESSAGE + "erase", "ERASE")[0] == 200
    assert sms(client, WORDS[2], MESSAGE + "name", WORDS[0])[0] == 200
    for path in ("/hook/" + WORDS[0], "/hook/africastalking/" + WORDS[1], "/hook/africastalking?" + NUMBERS[2]):
        client.post(path, {"sessionId": SESSION, "phoneNumber": NUMBERS[0] + "x", "text": WORDS[0]})
    client.post("/hook/africastalking/ended", {"sessionId": SESSION + "0", "phoneNumber": NUMBERS[0], "input": WORDS[0],
                                                "status": "Failed", "errorMessage": WORDS[1]})
    client.post("/hook/africastalking-sms/optout", {"senderId": "21512", "phoneNumber": NUMBERS[2]})
    assert command(service, "optout", stdin=NUMBERS[3] + "\n")[0] == 0
    assert command(service, "optout", stdin=WORDS[0] + "\n")[0] == 1


def test_nothing_of_a_caller_is_found_in_any_file_or_line(folder, aggregator):
    with running(folder, aggregator) as service:
        # some messages fail and are refused, so that every path of the outbox has something to say
        aggregator.answer = lambda form, seen=[]: seen.append(1) or (
            (401, WORDS[0] + form["to"]) if len(seen) % 5 == 0 else aggregator.recipient(form, 403, "InvalidPhoneNumber", form["to"])
            if len(seen) % 7 == 0 else aggregator.success(form))
        flows(service)
        for message in aggregator.accepted[:9]:
            Client(service.address).post("/hook/africastalking-sms/delivery", {
                "id": "ATXid_" + message.key, "status": "Failed", "phoneNumber": message.number, "failureReason": WORDS[0]})
        names = search_folder(service.data)
        assert {"waymark.db", "waymark.db-wal", "waymark.db-shm", "master.key"} <= names, names
        assert service.query("SELECT count(*) FROM casefile")[0][0] == 8
        for page in ("/metrics", "/healthz"):
            search(Client(service.console).ask("GET", page)[1].encode(), page)
        search(command(service, "status")[1].encode(), "status")
        search(pathlib.Path("/proc/%d/cmdline" % service.process.pid).read_bytes(), "the command line")
        assert service.terminate() == 0
        search_folder(service.data)
        search("\n".join(service.log).encode(), "the log")
        service.start()
        Phone(service, NUMBERS[0]).dial()
        service.kill9()
        search_folder(service.data)
        search("\n".join(service.log).encode(), "the log")


def test_what_is_not_encrypted_is_only_what_the_design_lists(folder, aggregator):
    """No column but those of the design holds anything that a canary could be in: every text column is known words."""
    with running(folder, aggregator) as service:
        flows(service)
        assert sent_out(service)
        tables = [t for t, in service.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        texts = {}
        for table in tables:
            for _, column, kind, *_ in service.query("SELECT * FROM pragma_table_info(?)", table):
                if kind == "TEXT":
                    rows = service.query("SELECT DISTINCT %s FROM %s" % (column, table))
                    texts["%s.%s" % (table, column)] = {v for v, in rows}
        assert texts["casefile.status"] <= {"new", "erased", "withdrawn"}
        assert texts["consent.name"] == {"agree"} and texts["consent.channel"] <= {"africastalking", "africastalking-sms", "voice"}
        assert texts["person_seal.holder"] <= {"day", "casework", "safeguarding"}
        assert texts["outbox.channel"] == {"africastalking-sms"}
        assert all(re.fullmatch(r"[A-Z0-9]{6}", v) for v in texts["casefile.reference"])
        assert texts["counter.screen"] <= {""} | set(re.findall(r"(?m)^(?:screen|consent) (\S+)", CALLERS.read_text()))


# ---- who may look ----

def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def test_files_are_the_services_own(folder):
    before = os.umask(0)  # the worst that may be inherited
    try:
        with running(folder) as service:
            Phone(service, NUMBERS[0]).dial()
            assert mode(service.data) == 0o700
            assert mode(service.data / "master.key") == 0o600
            assert mode(service.data / "control.sock") == 0o600
            for path in service.data.rglob("*"):
                assert mode(path) & 0o077 == 0, (path, oct(mode(path)))
    finally:
        os.umask(before)


def test_no_core_file_is_written(folder):
    with running(folder) as service:
        limits = pathlib.Path("/proc/%d/limits" % service.process.pid).read_text()
        assert re.search(r"(?m)^Max core file size +0 +0 ", limits), limits


def test_the_process_cannot_be_looked_into():
    """PR_SET_DUMPABLE 0 gives /proc/PID to root; so it must be seen on a process that is not root's."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="waymark-nobody-"))
    nobody = 65534 if os.geteuid() == 0 else os.geteuid()
    program = pathlib.Path(shutil.copy(os.environ.get("WAYMARK_BIN", "build/release/waymark"), folder / "waymark"))
    os.chmod(folder, 0o777)

    def drop():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(nobody)
            os.setuid(nobody)

    try:
        menus = pathlib.Path(shutil.copy(CALLERS, folder / "main.menu"))
        with running(folder, menus=menus, program=program, before=drop, data=folder / "data") as service:
            status = pathlib.Path("/proc/%d/status" % service.process.pid).read_text()
            assert re.search(r"(?m)^Uid:\s+%d\s" % nobody, status)
            assert os.stat("/proc/%d/mem" % service.process.pid).st_uid == 0
            service.signal(signal.SIGABRT)
            assert service.wait() == -signal.SIGABRT
        assert not [p for p in folder.rglob("core*") if p.is_file()]
    finally:
        shutil.rmtree(folder)


def test_a_master_key_that_others_may_read_is_refused(folder):
    with running(folder) as service:
        service.terminate()
        os.chmod(service.data / "master.key", 0o644)
        with pytest.raises(AssertionError, match="not ready: exit 1"):
            service.start()
        assert any("master key" in line for line in service.log)
        os.chmod(service.data / "master.key", 0o600)
        service.start()
