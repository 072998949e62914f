# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changed menus while the service runs: swapped in whole, or not at all."""
import re
import shutil
import signal
import threading

import pytest

import harness
from callers import command, number, running, settings
from harness import Client, Phone, sanitized, until, ussd

MENU = """# Menus of the reload tests.
start main

trigger stopped
  words en STOP

screen main
  say %(word)s page. Call {hotline}.
  option 1 Read -> read
  option 2 Ask -> ask
  option 3 Finish -> end

screen read
  say {news}
  option 1 Main page -> main

fact news
  text %(news)s
  source The test
  owner The test
  reviewed 2020-01-01
  review-by 2999-01-01
  expired Nothing is known.

screen ask
  ask %(word)s question?
  into answer
  kind text 1..20
  error Please write a word.
  tries 3 -> main
  -> read

screen stopped
  withdraw agree
  say Stopped.
  -> end

consent agree
  version 1
  say May we call?
  agree 1 Yes -> main
  refuse 2 No -> main

trigger agree
  words en CALL
"""


def write(service, word="First", news="Old news.", extra=""):
    (service.folder / "menus").mkdir(exist_ok=True)
    (service.folder / "menus/main.menu").write_text(MENU % {"word": word, "news": news} + extra)


@pytest.fixture
def service(folder, aggregator):
    menus = folder / "service/menus"
    menus.mkdir(parents=True)
    (menus / "main.menu").write_text(MENU % {"word": "First", "news": "Old news."})
    with running(folder, aggregator, menus=menus / "main.menu", conf={"value": "hotline 1"}) as made:
        yield made


def reload(service):
    return command(service, "reload")


def test_new_calls_get_the_new_menus_and_old_ones_finish_on_theirs(service):
    old = Phone(service, number(0))
    assert old.dial().startswith("CON First page.")
    old.type("2")
    write(service, "Second", "New news.")
    settings(service, service.folder / "menus/main.menu", value="hotline 2")
    status, said, _ = reload(service)
    assert (status, said.startswith("Reloaded: 5 screens, 1 facts")) == (0, True), said
    assert Phone(service, number(1)).dial().startswith("CON Second page. Call 2.")
    assert "First question?" in old.type(""), "the same menus as before"
    assert old.type("word").startswith("CON New news."), "but facts are always the newest"
    assert old.type("1").startswith("CON First page. Call 2."), "and so are values"


def test_a_call_goes_on_over_several_reloads_and_a_restart(service):
    phone = Phone(service, number(0))
    phone.dial(), phone.type("2")
    for turn in range(12):  # more than are kept in memory
        write(service, "Edition%d" % turn)
        assert reload(service)[0] == 0
    service.terminate()
    service.start()
    phone.client = Client(service.address)
    assert "First question?" in phone.type("")


@pytest.mark.parametrize("extra, code, hint", [
    ("\nscreen lost\n  -> nowhere\n", "E02", "no such screen"),
    ("\nscreen lost\n  say Nobody comes here.\n  -> end\n", "E10", "lost"),
    ("\nfact old\n  text Old.\n  source s\n  owner o\n  reviewed 2020-01-01\n  review-by 2020-02-01\n  expired Gone.\n", "E51", "old"),
    ("\nscreen main\n  say Twice.\n", "E03", "main"),
])
def test_a_refused_change_changes_nothing_and_says_why(service, extra, code, hint):
    write(service, "Second", "New news.", extra)
    status, _, why = reload(service)
    assert status == 1
    assert code in why and hint in why and "the last good menus stay in force" in why
    assert Phone(service, number(1)).dial().startswith("CON First page.")
    write(service, "Third")
    assert reload(service)[0] == 0, "what was put right is taken"
    assert Phone(service, number(2)).dial().startswith("CON Third page.")


def test_sighup_reloads_too(service):
    write(service, "Second")
    service.signal(signal.SIGHUP)
    assert until(lambda: Phone(service, number(1)).dial().startswith("CON Second page."))


def test_without_a_service_there_is_nothing_to_reload(service):
    service.terminate()
    status, _, why = reload(service)
    assert status == 1 and "no service is running" in why
    service.start()


def test_reloading_under_load_disturbs_nobody(service):
    """Callers read on while the menus change fifty times: every answer is a whole page of one edition."""
    stop, wrong, answers = threading.Event(), [], [0]

    def call(n):
        client = Client(service.address)
        session = 0
        while not stop.is_set():
            session += 1
            seen = set()
            for text in ("", "1", "1*1", "1*1*2"):
                status, said = ussd(client, number(n), "r%d.%d" % (n, session), text)
                assert status == 200
                found = re.match(r"CON (\w+) (page|question)", said)
                if found:
                    seen.add(found[1])
                elif not re.match(r"CON News \d+\.", said):
                    wrong.append(said)
                answers[0] += 1
            if len(seen) != 1:
                wrong.append(seen)
        client.close()

    callers = [threading.Thread(target=call, args=(n,)) for n in range(8)]
    write(service, "Edition", "News 0.")
    assert reload(service)[0] == 0
    for caller in callers:
        caller.start()
    for turn in range(50):
        write(service, "Edition%d" % turn, "News %d." % turn)
        assert reload(service)[0] == 0
    stop.set()
    for caller in callers:
        caller.join()
    assert not wrong, wrong[:3]
    assert answers[0] > 500


def resident_kib(service):
    status = open("/proc/%d/status" % service.process.pid).read()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def test_reloading_keeps_no_memory(service):
    for turn in range(40):
        write(service, "Edition%d" % turn)
        assert reload(service)[0] == 0
    before = resident_kib(service)
    for turn in range(200):
        write(service, "Edition%d" % (turn % 7))
        assert reload(service)[0] == 0
    assert sanitized() or resident_kib(service) - before < 4096


def test_the_bundles_of_replaced_menus_are_on_the_disk(service):
    first = {p.name for p in (service.data / "bundles").iterdir()}
    write(service, "Second")
    assert reload(service)[0] == 0
    assert len({p.name for p in (service.data / "bundles").iterdir()} - first) == 1
    shutil.rmtree(service.folder / "menus")
    assert reload(service)[0] == 1
    assert Phone(service, number(1)).dial().startswith("CON Second page.")


def test_menus_that_do_not_fit_a_page_are_not_started(folder, aggregator):
    with running(folder, aggregator) as service:
        service.terminate()
        text = (harness.HERE / "menus/main.menu").read_text()
        (folder / "long.menu").write_text(text.replace("option 1 Read ->", "option 1 %s->" % ("Read " * 50)))
        settings(service, menus=folder / "long.menu")
        status, _, told = command(service, "serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0")
        assert status == 1 and "long.menu:" in told and "error E32:" in told and "W32" not in told
        settings(service, menus=harness.HERE / "menus/main.menu")
        service.start()
