# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line beside a service, and what a service keeps over its own end."""
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from callers import CALLERS, Crowd, Raw, command, dial, metric, running, settings, slow_disk, turns
from harness import PATIENCE_S, Client, Lost, Phone, binary, sent_out, sms, until, ussd, whole

NUMBER = "+12025550101"
BUSY = b"END We are busy. Please dial again."
STOPPED = "SELECT stopped IS NOT NULL FROM number"


@pytest.fixture
def service(folder, aggregator):
    with running(folder, aggregator) as made:
        yield made


# ---- optout ----

@pytest.mark.parametrize("spelling", ["+12025550101", "12025550101\n", "  +1 202 555 0101 \n", "+1-202-555-0101\r\n"])
def test_optout_beside_a_service_stops_contact(service, spelling):
    status, said, _ = command(service, "optout", stdin=spelling)
    assert (status, said) == (0, "Contact with this number has stopped.\n")
    assert service.query(STOPPED) == [(1,)]
    sms(Client(service.address), NUMBER, "later", "START")
    assert service.query(STOPPED) == [(0,)], "the same number, and START undoes it"


def test_optout_without_a_service_stops_contact(service):
    service.terminate()
    assert command(service, "optout", stdin=NUMBER)[:2] == (0, "Contact with this number has stopped.\n")
    service.start()
    assert service.query(STOPPED) == [(1,)]


def test_optout_after_a_service_died(service):
    service.kill9()
    assert (service.data / "control.sock").exists()
    assert command(service, "optout", stdin=NUMBER)[0] == 0
    service.start()
    assert service.query(STOPPED) == [(1,)]


def test_optout_withdraws_what_was_agreed(service, aggregator):
    phone = Phone(service, NUMBER)
    phone.dial()
    phone.type("4", "1", "a call")
    assert command(service, "optout", stdin=NUMBER)[0] == 0
    assert service.query("SELECT action, channel FROM consent ORDER BY id") == [("agree", "africastalking"), ("withdraw", "voice")]
    assert service.query("SELECT holder FROM person_seal") == []


@pytest.mark.parametrize("running_", [True, False], ids=["beside a service", "without one"])
def test_erase_by_voice_is_what_erase_by_phone_is(service, running_):
    phone, other = Phone(service, NUMBER), Phone(service, "+12025550133")
    for who in (phone, other):
        who.dial()
        who.type("4", "1", "a call")
    Phone(service, NUMBER).dial()
    sms(Client(service.address), NUMBER, "before", "HELP")
    assert sent_out(service)
    if not running_:
        service.terminate()
    status, said, why = command(service, "optout", "--erase", stdin=NUMBER)
    assert status == 0 and said.startswith("What this number told is erased, and contact with it has stopped."), why
    for elsewhere in ("phone itself", "phone companies", "partners"):
        assert elsewhere in said
    assert service.query("SELECT holder FROM person_seal WHERE person = 1") == []
    assert service.query("SELECT status, length(answers) FROM casefile ORDER BY id")[0] == ("erased", 0)
    assert service.query("SELECT person, action, channel FROM consent WHERE action = 'erase'") == [(1, "erase", "voice")]
    assert service.query("SELECT count(*) FROM session") == [(1,)], "the other's only"
    assert service.query("SELECT count(*) FROM outbox WHERE number = 1 AND box <> x''") == [(0,)]
    assert service.query(STOPPED) == [(1,), (0,)] and service.query("SELECT person FROM person_seal") == [(2,)]
    assert service.query("SELECT actor, object FROM audit WHERE action = 'erase-by-voice'") == [("command", "number 1")]
    if not running_:
        service.start()
        phone, other = Phone(service, NUMBER), Phone(service, "+12025550133")
    assert until(lambda: service.query("SELECT erased FROM person WHERE id = 1") == [(2,)]), "and its log is cut"
    assert phone.dial().startswith("CON ") and other.dial().startswith("CON "), "information stays open"
    assert command(service, "consent", "verify")[0] == 0
    assert command(service, "optout", "--erase", stdin="nonsense")[0] == 1


def test_erase_by_voice_ends_the_sessions_of_who_only_read(service):
    Phone(service, NUMBER).dial()
    Phone(service, "+12025550133").dial()
    assert service.query("SELECT id FROM session") == [(1,), (2,)]
    assert command(service, "optout", "--erase", stdin=NUMBER)[0] == 0
    assert service.query("SELECT id FROM session") == [(2,)]


def test_optout_says_what_is_wrong(service):
    for text in ("hello", "+1", "123", "+12025550101 and more", "\n"):
        status, said, why = command(service, "optout", stdin=text)
        assert (status, said) == (1, ""), text
        assert "not a phone number" in why and "555" not in why, why
    assert command(service, "optout", stdin="")[0] == 2
    assert command(service, "optout", NUMBER)[0] == 2, "not on the command line, where everybody sees it"
    assert service.query("SELECT count(*) FROM number") == [(0,)]


def test_optouts_at_the_same_time_as_turns(service):
    done = threading.Event()

    def call():
        phone = Phone(service, "+12025550133")
        while not done.is_set():
            phone.dial()

    caller = threading.Thread(target=call)
    caller.start()
    made = [subprocess.Popen([service.program, "optout", "--config", service.conf, "--data", service.data], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(12)]
    results = [process.communicate(b"+120255501%02d\n" % n) for n, process in enumerate(made)]
    done.set()
    caller.join()
    assert [process.returncode for process in made] == [0] * 12, results
    assert service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL") == [(12,)]


# ---- status, and the socket itself ----

def test_status(service):
    Phone(service, NUMBER).dial()
    status, said, _ = command(service, "status")
    assert status == 0 and said.startswith("ready\n")
    figures = dict(re.findall(r"(?m)^(\w+) (\d+)$", said))
    assert figures["turns"] == "1" and figures["failed"] == "0" and figures["waiting"] == "0"
    service.terminate()
    status, said, why = command(service, "status")
    assert (status, said) == (1, "") and "no service is running" in why


def graph(service):
    status, said, why = command(service, "graph", "--traffic")
    assert status == 0, why
    return dict(re.findall(r'(?m)^  "(\w+)" \[label="(?:part |consent )?\1\\n(seen by[^"\\]*)"', said))


def test_the_graph_tells_where_people_left(service):
    for n in range(12):
        phone = Phone(service, "+1202555%04d" % (100 + n))
        phone.dial()
        if n < 8:
            phone.type("2")  # how old are you?
        if n < 6:
            phone.type("old")  # a wrong answer does not end it
        if n < 2:
            phone.type("33", "2")  # to the end
    expected = {"main": "seen by 12", "age": "seen by 8, left here by 6 (75 %)", "aged": "seen by fewer than 5",
                "bye": "seen by fewer than 5"}
    told = graph(service)
    assert {name: told[name] for name in expected} == expected
    assert service.query("SELECT count(DISTINCT menus), min(length(menus)), max(length(menus)) FROM counter") == [(1, 16, 16)]
    service.terminate()
    assert graph(service) == told, "the same from the file"


def test_a_graph_without_any_traffic_says_so(service):
    service.terminate()
    (service.data / "waymark.db").unlink()
    status, said, why = command(service, "graph", "--traffic")
    assert (status, said) == (1, "") and "no traffic yet" in why
    assert not (service.data / "waymark.db").exists(), "a drawing makes nothing"


def talk(service, request):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(5)
        s.connect(str(service.data / "control.sock"))
        s.sendall(request)
        s.shutdown(socket.SHUT_WR)
        answer = b""
        while True:
            part = s.recv(65536)
            if not part:
                return answer
            answer += part


def test_the_control_socket_takes_any_bytes(service):
    for request in (b"", b"\n", b"nonsense\n", b"status", b"stat\n", b"\0\0\0\n", b"optout\n", b"optout\n\xff\xfe\n", b"status\n" * 100):
        assert talk(service, request).startswith((b"ok ", b"error ")), request
    try:
        assert talk(service, b"x" * 100000).startswith(b"error ")
    except (ConnectionResetError, BrokenPipeError):
        pass
    assert talk(service, b"status\n").startswith(b"ok ready\n")


def test_the_control_socket_is_its_owners_alone(service):
    assert (service.data / "control.sock").stat().st_mode & 0o777 == 0o600


def test_want_of_descriptors_does_not_end_the_control_socket(service):
    soft, hard = resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (3, hard))
    waiting = [socket.socket(socket.AF_UNIX) for _ in range(2)]  # two: the system had one descriptor ready for whoever comes next
    for waits in waiting:
        waits.settimeout(PATIENCE_S)
        waits.connect(str(service.data / "control.sock"))
        waits.sendall(b"status\n")
        waits.shutdown(socket.SHUT_WR)
    time.sleep(0.5)
    resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (soft, hard))
    for waits in waiting:
        assert waits.recv(3) == b"ok "
        waits.close()
    assert talk(service, b"status\n").startswith(b"ok ready\n")


# ---- one writer ----

def test_a_second_service_on_the_same_data_is_refused(service):
    status, _, why = command(service, "serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0")
    assert status == 1
    assert "another waymark is using %s" % service.data in why
    assert Phone(service, NUMBER).dial().startswith("CON ")
    assert command(service, "status")[0] == 0, "and the socket of the first is still there"


def test_an_address_in_use_is_told(service, folder):
    done = subprocess.run([service.program, "serve", "--config", service.conf, "--data", folder / "other", "--console", "127.0.0.1:0",
                           "--listen", "127.0.0.1:%d" % service.address[1]], capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 1 and "cannot listen on" in done.stderr and "in use" in done.stderr


# ---- usage ----

@pytest.mark.parametrize("words", [[], ["server"], ["serve", "--listn", "x"], ["serve", "--listen"], ["serve", "more"], ["status", "more"],
                                   ["optout", "--number"], ["check", "--nothing"], ["--nothing"], ["phone", "--ussd"]])
def test_a_usage_error_gives_2_and_a_hint(words, tmp_path):
    done = subprocess.run([binary(), *words], capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL, cwd=tmp_path)
    assert done.returncode == 2, (words, done)
    assert done.stderr and not done.stdout


def test_help_gives_0(tmp_path):
    for words in (["--help"], ["serve", "--help"], ["optout", "-h"], ["--version"]):
        done = subprocess.run([binary(), *words], capture_output=True, text=True, timeout=PATIENCE_S, cwd=tmp_path)
        assert done.returncode == 0 and done.stdout and not done.stderr, words


def test_a_configuration_that_is_not_there_gives_1(tmp_path):
    for words in (["serve"], ["check"], ["status"], ["serve", "--config", "nowhere.conf"]):
        done = subprocess.run([binary(), *words], capture_output=True, text=True, timeout=PATIENCE_S, cwd=tmp_path)
        assert done.returncode == 1 and "cannot read" in done.stderr, (words, done)


def test_menus_with_a_mistake_are_not_served(folder, service):
    service.terminate()
    menus = folder / "broken.menu"
    menus.write_text(CALLERS.read_text().replace("-> note", "-> nowhere", 1))
    settings(service, menus)
    with pytest.raises(AssertionError, match=r"broken.menu:\d+:\d+: error E02: no such screen \"nowhere\""):
        service.start()


# ---- the end ----

@pytest.mark.skipif(not slow_disk(0), reason="WAYMARK_SLOW does not name the slow disk")
def test_every_request_under_way_is_answered_before_the_end(folder):
    with running(folder, conf={"batch": "16"}, **slow_disk(40)) as service:
        idle = Raw(service.address)
        idle.send(dial(900, "idle")).answer()
        crowd, answers = Crowd(service.address, 300), {}
        crowd.ask([b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n"] * 300)  # so that all of them were accepted
        before = turns(service)
        asking = threading.Thread(target=lambda: answers.update(crowd.ask([dial(n, "end") for n in range(300)])))
        asking.start()
        assert until(lambda: metric(service, "waymark_queue_waiting") > 150, every_s=0.005)
        service.signal(signal.SIGTERM)
        time.sleep(0.05)
        late = idle.send(dial(901, "late")).answer()  # on a connection that was there before
        assert service.wait() == 0
        asking.join()
        crowd.close()
        assert len(answers) == 300
        wrong = [a for a, _ in answers.values() if not (a and a.status == 200 and a.body.startswith((b"CON Main page.", BUSY)))]
        assert not wrong, (len(wrong), wrong[0])
        done = sum(a.body.startswith(b"CON ") for a, _ in answers.values())
        assert done > 150, "what waited when the signal came is done; what was read later is told to dial again"
        assert late and late.status == 200 and late.body.startswith((b"CON ", b"END ")), late
        assert late.headers["connection"] == "close"
        stored = late.body.startswith(b"CON ")
        db = service.copy()
        assert db.execute("SELECT count(*) FROM turn").fetchone()[0] == before + done + stored
        whole(db)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_service_that_ends_under_load_stores_what_it_answered_and_answers_what_it_stored(service, end):
    book, lock, over = [0, 0, 0], threading.Lock(), threading.Event()

    def call(n):
        client = Client(service.address)
        try:
            for turn in range(100000):
                status, body = ussd(client, "+1%d5550100" % (202 + n), "ATUid_load%d_%d" % (n, turn), "")
                with lock:
                    book[0 if body.startswith("CON Main page.") else 1] += 1
                assert status == 200, (status, body)
        except Lost:
            with lock:
                book[2] += 1
        except AssertionError as failure:
            over.set()
            raise failure

    threads = [threading.Thread(target=call, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    assert until(lambda: book[0] > 500)
    service.signal(end)
    assert service.wait() == 0
    for thread in threads:
        thread.join()
    assert not over.is_set(), "an answer that is none of a caller's"
    assert book[2] == 24, "all connections end"
    db = service.copy()
    assert db.execute("SELECT count(*) FROM turn").fetchone()[0] == book[0]
    whole(db)


def test_idle_connections_and_a_silent_control_client_do_not_hold_the_end_up(service):
    idle = [Raw(service.address) for _ in range(50)]
    half = Raw(service.address).send(b"POST /hook/africastalking HTTP/1.1\r\nHost: te")
    silent = socket.socket(socket.AF_UNIX)
    silent.connect(str(service.data / "control.sock"))
    time.sleep(0.1)
    began = time.monotonic()
    assert service.terminate() == 0
    seconds = time.monotonic() - began
    for raw in idle + [half]:
        raw.close()
    silent.close()
    print("%.1f s" % seconds)
    assert seconds < 8


def test_sighup_ends_nothing(service):
    service.signal(signal.SIGHUP)
    assert until(lambda: any("menus reloaded" in line for line in service.log))
    assert Phone(service, NUMBER).dial().startswith("CON ")


# ---- and again ----

@pytest.mark.parametrize("end", ["terminate", "kill9"])
def test_a_caller_goes_on_where_they_were(service, aggregator, end):
    phone = Phone(service, NUMBER)
    phone.dial()
    phone.type("1", "milk", "2", "2")
    phone.type("old")
    phone.text("WORD")
    assert sent_out(service)
    getattr(service, end)()
    assert not (service.data / "control.sock").exists() or end == "kill9"
    service.start()
    phone.client = Client(service.address)
    assert phone.request(phone.path).startswith("CON Age in numbers please."), "the last screen is still known"
    assert phone.type("older").startswith("CON Age in numbers please."), "and so are the tries"
    assert phone.type("oldest").startswith("END Enough tries.")
    phone.text("bread")
    assert sent_out(service)
    assert [m.text.split("\n")[0] for m in aggregator.accepted if m.text.startswith(("Sent", "Your"))].count("Sent bread.") == 1


def changed(folder, service, **words):
    """The callers' menus of this service with other words, in a folder with an included file."""
    menus = folder / "menus"
    menus.mkdir(exist_ok=True)
    text = CALLERS.read_text()
    for old, new in words.items():
        assert old in text
        text = text.replace(old, new)
    at = text.index("screen complain")
    (menus / "more.menu").write_text(text[at:text.index("screen stopped")])
    (menus / "main.menu").write_text(text[:at].replace("start main", "start main\ninclude more.menu") + text[text.index("screen stopped"):])
    settings(service, menus / "main.menu")


def test_a_session_under_way_finishes_on_the_menus_it_began_with(folder, service):
    service.terminate()
    changed(folder, service)
    service.start()
    old = Phone(service, NUMBER)
    old.dial()
    old.type("1", "milk")
    service.terminate()
    changed(folder, service, Main="Front", Noted="Written", note="memo", option="option")
    service.start()
    old.client = Client(service.address)
    assert old.type("1").startswith("CON Which note?")
    new = Phone(service, "+12025550102")
    assert new.dial().startswith("CON Front page.")
    assert new.type("1", "tea").startswith("CON Written tea.")
    assert old.type("bread").startswith("CON Noted bread.")
    assert old.type("2").startswith("CON Main page.")
    assert old.type("5", "The driver").startswith("CON Thank you."), "its included files too"
    assert old.dial().startswith("CON Front page.")


def bundles(service):
    return {p.name for p in (service.data / "bundles").iterdir()}


def test_menus_that_served_long_are_kept_for_the_sessions_of_their_last_day(folder, service):
    """What counts is when menus were last the newest, not when they first were."""
    first = bundles(service)
    assert len(first) == 1
    for folder_of_menus in (service.data / "bundles").iterdir():
        os.utime(folder_of_menus, (0, 0))  # written long ago
    service.terminate()
    service.start()
    phone = Phone(service, NUMBER)
    phone.dial()
    phone.type("1")
    service.terminate()
    changed(folder, service, Main="Front", Noted="Written")
    service.start()
    assert until(lambda: len(bundles(service)) == 2)
    time.sleep(1)  # an idle loop deletes what is over
    phone.client = Client(service.address)
    assert phone.type("milk").startswith("CON Noted milk.")


def test_menus_that_no_session_can_need_are_deleted_but_the_last_ten(folder, service):
    """Ten are kept so that an operator can go back."""
    at = service.data / "bundles"
    first, = bundles(service)
    service.terminate()
    for n in range(1, 11):
        shutil.copytree(at / first, at / ("%016x" % n))
        os.utime(at / ("%016x" % n), (n, n))
    os.utime(at / first, (0, 0))
    changed(folder, service, Main="Front")
    service.start()
    assert until(lambda: len(bundles(service)) == 10)
    left = bundles(service)
    assert first not in left and "%016x" % 1 not in left and {"%016x" % n for n in range(2, 11)} < left


def test_bundles_are_not_written_twice(service):
    first = {p: p.stat().st_ino for p in (service.data / "bundles").rglob("*")}
    service.terminate()
    service.start()
    assert {p: p.stat().st_ino for p in (service.data / "bundles").rglob("*")} == first
