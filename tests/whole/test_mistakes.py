# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an operator does by mistake at a start: a line that says what is wrong, a hint what to do, an exit status that is
not 0, and nothing made or changed."""
import os
import re
import shutil
import socket
import sqlite3
import subprocess

import pytest

from harness import HERE, PATIENCE_S, TOP, binary, facts_as_of, fast_folder, write_config
from workplace import Workplace

ANYWHERE = ("--listen", "127.0.0.1:0", "--console", "127.0.0.1:0")
NOBODY = 65534


@pytest.fixture
def place():
    """A configuration, menus and a program that anybody may read."""
    folder = fast_folder()
    folder.chmod(0o755)
    conf = write_config(folder / "config")
    shutil.copy(HERE / "menus/main.menu", folder / "main.menu")
    shutil.copy(binary(), folder / "waymark")
    conf.write_text(conf.read_text().replace(str(HERE / "menus/main.menu"), str(folder / "main.menu")))
    yield folder
    subprocess.run(["chmod", "-R", "u+rwX", folder])
    shutil.rmtree(folder)


def waymark(place, *words, nobody=False, cwd=None):
    """(exit status, what it said). As nobody: without the rights that root has over any file."""
    return run([place / "waymark", *words], cwd or place, nobody)


def run(words, cwd, nobody=False):
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if nobody and os.geteuid() == 0 else {}
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL, **as_nobody)
    return done.returncode, done.stderr


def serve(place, data="data", addresses=ANYWHERE, **options):
    return waymark(place, "serve", "--config", "config/waymark.conf", "--data", data, *addresses, **options)


def refused(answer, what, hint):
    status, said = answer
    assert status == 1, answer
    assert re.search(r"(?m)^waymark: .*%s.*\n  hint: .*%s" % (what, hint), said), said


def settle(place):
    """A data folder as a first start leaves it."""
    process = subprocess.Popen([place / "waymark", "serve", "--config", "config/waymark.conf", "--data", "data", *ANYWHERE], cwd=place,
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert any(line == "waymark: ready\n" for line in process.stderr)
    process.terminate()
    process.stderr.close()
    assert process.wait(PATIENCE_S) == 0
    return place / "data"


# ---- what is typed ----

def test_a_verb_that_there_is_not():
    status, said = run([TOP / "run", "foo"], TOP)
    assert status == 2
    done = subprocess.run([TOP / "run", "foo"], capture_output=True, text=True)
    assert done.returncode == 2 and 'no "foo"' in done.stdout and "./run build" in done.stdout


@pytest.mark.parametrize("words, said", [
    (["serv"], 'no command "serv"; did you mean "serve"'),
    (["serve", "--confg", "x"], "no option --confg; did you mean --config"),
    (["serve", "--config"], "--config needs a FILE"),
    (["check", "--at", "tomorow"], "YYYY-MM-DD"),
])
def test_a_command_or_an_option_that_there_is_not(place, words, said):
    status, told = waymark(place, *words)
    assert status == 2 and said in told, told


def test_the_wrong_folder(place):
    refused(waymark(place, "serve", cwd="/"), "cannot read config/waymark.conf: no such file", "--config FILE")
    refused(waymark(place, "serve", "--config", "nowhere.conf"), "cannot read nowhere.conf: no such file", "its name")


@pytest.mark.parametrize("line, told, hint", [
    ("service", "something is missing here", "write: service TEXT"),
    ("zone Mars/Base", "no time zone", "Africa/Tunis"),
    ("frobnicate yes", "no such setting", "waymark settings"),
    ("resume", "is missing", "write: resume"),
])
def test_a_setting_that_is_wrong(place, line, told, hint):
    conf = place / "config/waymark.conf"
    conf.write_text(line + "\n" + re.sub(r"(?m)^%s .*\n" % line.split()[0], "", conf.read_text()))
    status, said = serve(place)
    assert status == 1 and re.search(r"config/waymark.conf:1:\d+: error \w+: .*%s" % told, said), said
    assert re.search(r"(?m)^  hint: .*%s" % hint, said), said
    assert not (place / "data").exists()


def test_a_configuration_that_cannot_be_read(place):
    conf = place / "config/waymark.conf"
    conf.chmod(0)
    refused(serve(place, nobody=True), "cannot read config/waymark.conf: Permission denied", "user who runs waymark")
    conf.chmod(0o644)
    conf.rename(place / "config/waymark.conf.txt")
    refused(serve(place), "cannot read config/waymark.conf: no such file", r'called config/waymark.conf.txt: take ".txt" off')
    conf.mkdir()
    refused(serve(place), "cannot read config/waymark.conf: Is a directory", "it must be a file")


def test_menus_and_channels_that_cannot_be_read(place):
    conf, menu = place / "config/waymark.conf", place / "main.menu"
    for change, what, hint in (
            (lambda: menu.rename(place / "main.menu.txt"), "no such file", r'called "\S+/main.menu.txt": take ".txt" off'),
            (menu.mkdir, "cannot read file .*: Is a directory", "it must be a file of menus"),
            (menu.rmdir, "no such file", "take"),
            ((place / "main.menu.txt").unlink, "no such file", '"menus" in the configuration says where')):
        change()
        status, said = serve(place)
        assert status == 1 and re.fullmatch(r"\S+/main.menu: error E02: .*%s.*\n  hint: .*%s.*\n" % (what, hint), said), said
    conf.write_text(re.sub(r"(?m)^channels .*\n", "", conf.read_text()) + "channels nowhere\n")
    refused(serve(place), "cannot read the channels in config/nowhere: No such file", '"channels" in the configuration says')


# ---- where it listens ----

@pytest.mark.parametrize("flag", ["--listen", "--console"])
@pytest.mark.parametrize("address", ["127.0.0.1:99999", "127.0.0.1", "127.0.0.1:", "127.0.0.256:80", "127.0.0.1:http"])
def test_an_address_that_is_none(place, flag, address):
    other = "--console" if flag == "--listen" else "--listen"
    refused(serve(place, addresses=(flag, address, other, "127.0.0.1:0")), "cannot listen on %s: that is no address" % address,
            "127.0.0.1:8080")
    assert not (place / "data").exists(), "no passphrase is made and shown in vain"


@pytest.mark.parametrize("flag", ["--listen", "--console"])
def test_a_port_in_use(place, flag):
    other = "--console" if flag == "--listen" else "--listen"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        refused(serve(place, addresses=(flag, address, other, "127.0.0.1:0")),
                "cannot listen on %s: Address already in use" % address, "another port")
    assert not (place / "data").exists()


def test_an_address_of_another_machine(place):
    refused(serve(place, addresses=("--listen", "192.0.2.1:0", "--console", "127.0.0.1:0")), "cannot listen on 192.0.2.1:0",
            "no such address")


# ---- the data ----

def test_a_data_folder_that_cannot_be_made_or_written(place):
    refused(serve(place, "missing/data"), "data folder missing/data: No such file", "above it")
    (place / "file").write_text("")
    refused(serve(place, "file"), "data folder file: Not a directory", "--data")
    (place / "closed").mkdir(0o555)
    refused(serve(place, "closed", nobody=True), "data folder closed: Permission denied", "user that runs waymark")
    assert not list((place / "closed").iterdir())


def test_a_data_folder_that_others_may_write_to(place):
    """They could put a key of their own in the place of the master key."""
    data = settle(place)
    for mode in (0o770, 0o707, 0o777):
        data.chmod(mode)
        refused(serve(place), "data folder data: others may write to it", "chmod 700")
    data.chmod(0o755)
    (data / "master.key").unlink()
    refused(serve(place), "the master key in data/master.key: it is not there", "put it back")


def test_no_master_key_and_a_wrong_one(place):
    data = settle(place)
    key = (data / "master.key").read_text()
    (data / "master.key").unlink()
    refused(serve(place), "the master key in data/master.key: it is not there", "key-file PATH")
    (data / "master.key").write_text(key[:40])
    (data / "master.key").chmod(0o600)
    refused(serve(place), "it is no key", "put back")
    (data / "master.key").write_text("0" * 64)
    refused(serve(place), "another master key", "put back|have to be|key rotate|belongs to this data")
    (data / "master.key").write_text(key)
    (data / "master.key").chmod(0o640)
    refused(serve(place), "others may read it", "chmod 600")
    (data / "master.key").chmod(0o600)
    settle(place)


def test_a_database_of_a_newer_waymark(place):
    """It does not start, and says so by its exit status too: what watches over it would think that it ended well."""
    data = settle(place)
    with sqlite3.connect(data / "waymark.db") as db:
        db.execute("PRAGMA user_version = 99999")
    db.close()
    before = (data / "waymark.db").read_bytes()
    status, said = serve(place)
    refused((status, said), "data/waymark.db: a newer waymark wrote it", "install that one")
    assert said.endswith("\nwaymark: not started\n")
    assert (data / "waymark.db").read_bytes() == before


def test_two_services_on_one_folder_and_none(place):
    process = subprocess.Popen([place / "waymark", "serve", "--config", "config/waymark.conf", "--data", "data", *ANYWHERE], cwd=place,
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert any(line == "waymark: ready\n" for line in process.stderr)
    refused(serve(place), "another waymark is using data", "name another folder")
    assert waymark(place, "reload", "--config", "config/waymark.conf", "--data", "data")[0] == 0
    conf = place / "config/waymark.conf"
    good = conf.read_text()
    conf.write_text(good + "frobnicate\n")
    status, said = waymark(place, "reload", "--config", "config/waymark.conf", "--data", "data")
    assert status == 1 and said.endswith("Not reloaded: the last good menus stay in force.\n"), said
    conf.write_text(good)
    process.terminate()
    process.stderr.close()
    assert process.wait(PATIENCE_S) == 0
    for command in "reload", "status":
        refused(waymark(place, command, "--config", "config/waymark.conf", "--data", "data"), "no service is running on data", "--data DIR")


def test_a_database_that_is_damaged_or_cannot_be_written(place):
    data = settle(place)
    good = (data / "waymark.db").read_bytes()
    (data / "waymark.db").write_bytes(b"something else" * 999)
    refused(serve(place), "data/waymark.db: it is damaged", "waymark restore")
    (data / "waymark.db").write_bytes(good)
    for path in (data, *data.rglob("*")):
        os.geteuid() or os.chown(path, NOBODY, NOBODY)
    (data / "waymark.db").chmod(0o400)
    refused(serve(place, nobody=True), "data/waymark.db: Permission denied", "disk that can be written")
    (data / "waymark.db").chmod(0o600)
    (data / "master.key").chmod(0o000)
    refused(serve(place, nobody=True), "the master key in data/master.key: Permission denied", "user that runs waymark")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files in somebody else's folder")
def test_what_root_has_in_a_folder_that_is_no_data_folder_stays_roots(place):
    other = place / "home"
    other.mkdir()
    (other / "mine").write_text("")
    os.chown(other, NOBODY, NOBODY)
    refused(waymark(place, "status", "--config", "config/waymark.conf", "--data", "home"), "no service is running on home", "--data DIR")
    assert (other / "mine").stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files in somebody else's folder")
def test_what_root_does_in_the_services_folder_leaves_it_to_the_service(place):
    """Root alone reads the master key where systemd hands it to the service, and rotates it while no service runs."""
    data = settle(place)
    for path in (place, data, *data.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    (data / "master.key").rename(place / "master.key")
    os.chown(place / "master.key", 0, 0)
    (place / "somewhere").write_text("")
    os.link(place / "somewhere", data / "of another name")  # which may be any file of root's
    conf = place / "config/waymark.conf"
    conf.write_text(conf.read_text() + "key-file %s\n" % (place / "master.key"))
    rotated = waymark(place, "key", "rotate", "--config", "config/waymark.conf", "--data", "data", "--to", str(place / "new.key"))
    assert rotated == (0, ""), rotated
    assert {path.name for path in data.rglob("*") if path.stat().st_uid == 0} == {"of another name"}
    (place / "new.key").rename(place / "master.key")
    os.chown(place / "master.key", NOBODY, NOBODY)
    process = subprocess.Popen([place / "waymark", "serve", "--config", conf, "--data", data, *ANYWHERE], cwd=place,
                               stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, user=NOBODY, group=NOBODY,
                               extra_groups=[])
    said = []
    assert any(said.append(line) or line == "waymark: ready\n" for line in process.stderr), said
    process.terminate()
    process.stderr.close()
    assert process.wait(PATIENCE_S) == 0


def test_a_credential_that_cannot_be_read_is_named(place):
    data = settle(place)
    (place / "credentials").mkdir()
    (place / "credentials/waymark-master").write_text("0" * 63)
    done = subprocess.run([place / "waymark", "serve", "--config", "config/waymark.conf", "--data", data, *ANYWHERE], cwd=place,
                          capture_output=True, text=True, timeout=PATIENCE_S, env={"CREDENTIALS_DIRECTORY": str(place / "credentials")})
    refused((done.returncode, done.stderr), "the master key in %s/credentials/waymark-master: " % place, "")


def test_whoever_shuts_the_last_holder_of_a_key_out_is_told(place):
    words = ("--config", "config/waymark.conf", "--data", "data")
    for name in "ana", "ben":
        done = subprocess.run([place / "waymark", "user", "add", name, "--role", "caseworker", *words], cwd=place, text=True,
                              input="correct horse battery staple\n", capture_output=True, timeout=PATIENCE_S)
        assert done.returncode == 0, done.stderr

    def disabled(name):
        done = subprocess.run([place / "waymark", "user", "disable", name, *words], cwd=place, capture_output=True, text=True,
                              timeout=PATIENCE_S)
        assert done.returncode == 0 and "is out" in done.stdout, done.stderr
        return done.stdout
    assert "Nobody holds" not in disabled("ben")  # who was never let in
    assert "Nobody holds the key of casework now" in disabled("ana")


# ---- how it is saved ----

SAVED = {
    "UTF-16,": lambda text: text.encode("utf-16"),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "office program": lambda text: b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256)) * 9,
    "RTF": lambda text: b"{\\rtf1\\ansi\n" + text.encode() + b"}",
    "conflict": lambda text: ("<<<<<<< HEAD\n%s=======\n%s>>>>>>> theirs\n" % (text, text)).encode(),
}


@pytest.mark.parametrize("how", SAVED)
@pytest.mark.parametrize("path", ["menus/main.menu", "menus/stop.menu", "menus/places/help-lines.csv", "config/waymark.conf",
                                  "config/channels/phone.channel", "menus/tests/stop.talk", "locales/es.po", "locales/fr.po"])
def test_a_file_that_is_no_text_is_told_once(folder, path, how):
    """However many lines it has; and a warning where a draft's translation is all that it is."""
    place = Workplace(folder)
    if how == "conflict" and path.endswith(".csv"):
        pytest.skip("to a spreadsheet such a line is a cell like any other")
    (folder / path).write_bytes(SAVED[how]((folder / path).read_text(encoding="utf-8")))
    talk, draft = path.endswith(".talk"), path.endswith("fr.po")
    said = place.waymark(*(["test"] if talk else ["check", "--at", facts_as_of()]), status=0 if draft else 1)
    said = place.error if not talk else said + place.error
    told = re.findall(r"(?m)^%s:1:1: (?:error|warning) \w+: (.*)\n(?: .*\n)*?  hint: (.+)$" % re.escape(path), said)
    assert len(told) == 1 and len(re.findall(r"(?m)^\S.*: (?:error|warning) ", said)) == 1, said
    assert how in told[0][0], said
