# SPDX-License-Identifier: AGPL-3.0-or-later
"""All that is stored about one person, for that person: made by a key holder, read where the offline key is."""
import re
import sqlite3
import subprocess

from callers import command, running
from harness import Client, Phone, flipped, sent_out, sms
from test_backup import offline_key

ANNA, BEN = "+12025550101", "+12025550102"
PHRASE = "a good long phrase\n"


def view(service, file, key):
    done = subprocess.run([service.program, "view", file, "--key", key], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def register(service, number, wish):
    phone = Phone(service, number)
    phone.dial()
    return re.fullmatch(r"END Your number is (\w+)\.", phone.type("4", "1", wish))[1]


def test_export_and_view(folder, aggregator):
    with running(folder, aggregator) as service:
        demo = next(m[1] for line in service.log if (m := re.search(r"name demo, passphrase (\S+)", line)))
        public, key = offline_key(service, folder), folder / "offline.key"
        reference = register(service, ANNA, "help with papers")
        other = register(service, BEN, "somebody else")
        assert command(service, "user", "add", "casey", "--role", "caseworker", stdin=PHRASE)[0] == 0
        assert command(service, "user", "add", "dana", "--role", "data-protection", stdin=PHRASE)[0] == 0

        def export(name, by="demo", phrase=demo + "\n", case=reference, to=public):
            return command(service, "export", case, folder / name, "--by", by, "--to", to, stdin=phrase + "\n")

        status, said, told = export("anna.wm")
        assert status == 0, told
        file = (folder / "anna.wm").read_bytes()
        assert b"papers" not in file and ANNA[1:].encode() not in file
        status, text, told = view(service, folder / "anna.wm", key)
        assert status == 0, told
        for words in ("number: " + ANNA, "Case " + reference, "wish: help with papers", "kind: request", "typed: 4",
                      "shown: May we call you?", 'agree "agree" version 1, on africastalking', "words: May we call you?"):
            assert words in text, (words, text)
        assert "somebody else" not in text and BEN not in text and other not in text
        assert service.query("SELECT actor, object FROM audit WHERE action = 'export'") == [("demo", reference)]
        # nothing is written over, and who may not does not
        assert export("anna.wm")[0] == 1 and (folder / "anna.wm").read_bytes() == file
        for words, options in (("data-protection", {"by": "casey", "phrase": PHRASE}),
                               ("None of the member's teams", {"by": "dana", "phrase": PHRASE}),
                               ("not right", {"phrase": "a wrong passphrase\n"}), ("no such case", {"case": "ZZZZZZ"}),
                               ("for whom", {"to": "wmpublic1-00"})):
            status, _, told = export("x.wm", **options)
            assert status == 1 and words in told, (words, told)
            assert not (folder / "x.wm").exists()
        assert command(service, "team", "admit", "dana", "--by", "demo", stdin=demo + "\n\n")[0] == 0
        assert export("dana.wm", by="dana", phrase=PHRASE)[0] == 0
        # who erased is not exported
        assert sms(Client(service.address), BEN, "ATXexp_1", "ERASE")[0] == 200
        assert sent_out(service)
        status, _, told = export("ben.wm", case=other)
        assert status == 1 and "nobody's" in told
        # damaged, truncated, foreign, of another kind
        offline_key(service, folder, "other.key")
        for words, data, by in (("damaged", flipped(file, 300), key), ("cut off", file[:-1], key),
                                ("no export", b"text", key), ("another key", file, folder / "other.key"),
                                ("newer", file[:9] + b"\7" + file[10:], key)):
            (folder / "bad.wm").write_bytes(data)
            status, shown, told = view(service, folder / "bad.wm", by)
            assert status == 1 and not shown and words in told, (words, told)
        assert command(service, "backup", folder / "b.wm", "--to", public)[0] == 0
        assert "no export" in view(service, folder / "b.wm", key)[2]


def test_a_row_moved_to_another_person_is_refused(folder, aggregator):
    """Whoever can write to the disk cannot put one person's seals under another's name: they do not open there."""
    with running(folder, aggregator) as service:
        demo = next(m[1] for line in service.log if (m := re.search(r"name demo, passphrase (\S+)", line)))
        public, key = offline_key(service, folder), folder / "offline.key"
        anna, ben = register(service, ANNA, "help with papers"), register(service, BEN, "a lawyer")
        service.terminate()
        good = (service.data / "waymark.db").read_bytes()
        moves = {
            "number": "UPDATE person SET number_seal = (SELECT number_seal FROM person WHERE id = 2) WHERE id = 1",
            "secret": "UPDATE person_seal SET seal = (SELECT seal FROM person_seal WHERE person = 2) WHERE person = 1",
            "key": "UPDATE person SET public_key = (SELECT public_key FROM person WHERE id = 2) WHERE id = 1",
            "answers": "UPDATE casefile SET answers = (SELECT answers FROM casefile WHERE id = 2) WHERE id = 1",
            "case": "UPDATE casefile SET person = 1 WHERE id = 2",
            "summary": "UPDATE casefile SET summary = (SELECT summary FROM casefile WHERE id = 2) WHERE id = 1",
            "turns": "UPDATE turn SET person = 1 WHERE person = 2",
            "words": "UPDATE consent SET detail = (SELECT detail FROM consent WHERE person = 2) WHERE person = 1"}
        told = {}
        for name, sql in {"nothing": None, **moves}.items():
            (service.data / "waymark.db").write_bytes(good)
            if sql:
                db = sqlite3.connect(service.data / "waymark.db")
                db.execute(sql)
                db.commit()
                db.close()
            status, _, why = command(service, "export", anna, folder / (name + ".wm"), "--by", "demo", "--to", public,
                                     stdin=demo + "\n\n")
            told[name] = view(service, folder / (name + ".wm"), key)[1] if status == 0 else why
        assert "number: " + ANNA in told["nothing"] and "help with papers" in told["nothing"]
        for name in moves:
            assert BEN not in told[name] and "a lawyer" not in told[name], (name, told[name])
        for name in ("secret", "key"):
            assert "number:" not in told[name] and "seal" in told[name] or "None of the member's teams" in told[name]
        assert "number:" not in told["number"] and "the answers do not open" in told["answers"]
        assert "do not open" in told["case"] and ben in told["case"]
        assert "kind" not in told["summary"] and "answered" not in told["words"]
