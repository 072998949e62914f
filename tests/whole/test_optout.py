# SPDX-License-Identifier: AGPL-3.0-or-later
"""STOP is stronger than anything: every word of every language, in the middle of anything, never shadowed; START by the
person alone; one confirmation at most, and none for who asked for no texts."""
import re
import shutil
import unicodedata

import pytest

from callers import ERASE, START, STOP, command, number, running, settings
from harness import TOP, Client, Phone, Service, sent_out, sms, until

STOPPED = "SELECT count(*) FROM number WHERE stopped IS NOT NULL"
CONFIRM = 1
LANGUAGES = ("en", "es", "ht", "pt", "fr", "ar")


def words(trigger):
    """All words of a trigger of the demonstration, by language."""
    text = (TOP / "menus/stop.menu").read_text()
    body = re.search(r"(?m)^trigger %s\n((?:  (?:words|alone) .*\n)+)" % trigger, text)[1]
    found = {}
    for language, rest in re.findall(r"(?m)^  (?:words|alone) (\w+) (.*)$", body):
        found.setdefault(language, []).extend(word.strip() for word in rest.split(","))
    return found


def plain(word):
    """Without accents, as many phones write."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def spellings(word):
    return {word, word.lower(), plain(word).title(), "  %s. " % word, "¡%s!" % word.lower()}


def text(service, who, words):
    text.count = getattr(text, "count", 0) + 1
    assert sms(Client(service.address), who, "optout-%d" % text.count, words) == (200, "")


def stopped(service, who_count):
    assert service.query(STOPPED) == [(who_count,)]


@pytest.fixture
def demonstration(folder, aggregator):
    with running(folder, aggregator, menus=None, conf={"hourly": 1000, "alike": 1000}) as service:
        yield service


# ---- every word ----

def test_every_word_of_every_language_stops_however_it_is_spelt(demonstration):
    said = words("stopped")
    assert set(said) == set(LANGUAGES)
    count = 0
    for language, list_ in said.items():
        for word in list_:
            for spelling in spellings(word):
                text(demonstration, number(count), spelling)
                count += 1
                assert demonstration.query(STOPPED) == [(count,)], "%s: %r did not stop" % (language, spelling)
    assert count > 600


def test_every_word_stops_in_the_middle_of_a_question(folder, aggregator):
    """Where any text is an answer, a word of STOP still is none."""
    said = ["STOP", "stop", "Stop.", " STOP\n", "\"stop\""]
    with running(folder, aggregator) as service:
        for n, word in enumerate(said):
            phone = Phone(service, number(n))
            phone.text("WORD")
            assert sent_out(service)  # a question that is still queued would not be asked any more
            phone.text(word)
            stopped(service, n + 1)
        assert sent_out(service)
        told = [[m.text for m in aggregator.accepted if m.number == number(n)] for n in range(len(said))]
        assert told == [["Which word?", "Stopped."]] * len(said)


@pytest.mark.parametrize("path", [[], ["1"], ["2"], ["4"], ["4", "1"], ["3"]], ids="-".join)
def test_a_word_of_stop_typed_in_a_session_stops(folder, aggregator, path):
    """On USSD too, on every screen: a menu, a note, a consent, a question."""
    with running(folder, aggregator) as service:
        phone = Phone(service, number(1))
        phone.dial()
        for answer in path:
            phone.type(answer)
        shown = phone.type("STOP")
        assert service.query(STOPPED) == [(1,)], shown
        assert service.query("SELECT count(*) FROM outbox") == [(0,)], "it is confirmed on the screen"


def test_words_that_only_look_like_it_do_not_stop(demonstration):
    for n, other in enumerate(["STOPS", "do not stop", "bus stop", "STOP-OVER", "weekend", "S T O P", "STOPPED", "pst",
                               "end of the week", "fin de semana", "Baja California", "sair do trabalho", "end my life"]):
        text(demonstration, number(n), other)
    stopped(demonstration, 0)


HIDING = """start main
trigger bus
  words en %s
trigger stopped
  words en STOP
screen main
  say Main page.
  option 1 Consent -> agree
  option 2 Finish -> bye
screen bye
  say Goodbye.
  -> end
screen bus
  say Bus stops.
  option 1 Main page -> main
screen stopped
  withdraw agree
  say Stopped.
  -> end
consent agree
  version 1
  say May we?
  agree 1 Yes -> main
  refuse 2 No -> main
"""


@pytest.mark.parametrize("taken", ["STOP", "stop", "STOP {word}"])
def test_a_menu_that_would_hide_stop_is_not_started_or_yields(folder, aggregator, taken):
    service = Service(folder / "hiding", aggregator)
    path = folder / "hiding/config/hiding.menu"
    path.write_text(HIDING % taken)
    settings(service, menus=path)
    try:
        service.start()
    except AssertionError:
        assert any("error E33: this word already leads to" in line for line in service.log), "\n".join(service.log)
    else:
        text(service, number(1), "STOP")
        stopped(service, 1)
    service.stop()


# ---- START ----

def test_only_a_start_of_theirs_lifts_it(demonstration, aggregator):
    service = demonstration
    for n, word in enumerate(word for list_ in words("started").values() for word in list_):
        who = number(n)
        text(service, who, "STOP")
        for other in ("HELP", "1", "yes", "restart please", "2"):
            text(service, who, other)
        phone = Phone(service, who)
        phone.dial(), phone.type("1")
        assert service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL") == [(1,)], (word, "was not awaited")
        text(service, number(99), word)  # somebody else's
        stopped(service, 1)
        text(service, who, word)
        assert service.query(STOPPED) == [(0,)], "%r does not start" % word


# ---- one confirmation ----

def test_one_neutral_confirmation_whatever_comes_after(demonstration, aggregator):
    service, who = demonstration, number(1)
    for word in ("STOP", "stop", "ALTO", "ARRET", "STOP"):
        text(service, who, word)
    assert sent_out(service)
    assert service.query("SELECT class, count(*) FROM outbox") == [(CONFIRM, 1)]
    sent, = aggregator.accepted
    for word in ("return", "migra", "avr", "case", "waymark"):
        assert word not in sent.text.lower(), "a confirmation tells nobody what this was about"


QUIET = """start main
trigger main
  words en HELP
screen main
  say Main page.
  option 1 Register -> agree
consent agree
  version 1
  say May we call you?
  agree 1 Yes -> texts
  refuse 2 No -> main
screen texts
  ask May we text you?
  into texts
  option 1 Yes = yes
  option 2 No, others read my phone = no
  -> done
screen done
  register request
  hide back
  say Your number is {ref}.
  -> end
case request
  needs agree
  fields texts
  reference ref
  when texts = no: flag do-not-text
  status new We have it.
""" + STOP + ERASE + START


@pytest.fixture
def quiet(folder, aggregator):
    menu = folder / "quiet.menu"
    menu.write_text(QUIET)
    with running(folder, aggregator, menus=menu, conf={"flags": "do-not-text"}) as service:
        yield service


def register(service, who, answer):
    phone = Phone(service, who)
    phone.dial()
    assert phone.type("1", "1", answer).startswith("END Your number is ")


@pytest.mark.parametrize("word", ["STOP", "ERASE"])
def test_who_asked_for_no_texts_gets_none_not_even_that(quiet, aggregator, word):
    for n, answer in enumerate("12"):
        register(quiet, number(n), answer)
        text(quiet, number(n), word)
    stopped(quiet, 2)
    assert sent_out(quiet)
    assert [m.number for m in aggregator.accepted] == [number(0)], "who said yes is told, who said no is not"
    assert quiet.query("SELECT count(*) FROM outbox") == [(1,)]


def test_who_asked_for_no_texts_gets_none_however_often_they_erase(quiet, aggregator):
    """Their case is gone with the first; that they asked stays with the mark that keeps us away, until their START."""
    register(quiet, number(1), "2")
    for word in ("ERASE", "ERASE", "stop", "ERASE"):
        text(quiet, number(1), word)
    assert sent_out(quiet) and not aggregator.accepted
    for word in ("START", "ERASE"):
        text(quiet, number(1), word)
        assert sent_out(quiet)
    assert [m.text.split("\n")[0] for m in aggregator.accepted] == ["Started.", "Erased."]


@pytest.mark.parametrize("how", ["a crash", "voice", "the aggregator"])
def test_who_asked_for_no_texts_gets_none_whoever_stopped_them_first(quiet, aggregator, folder, how):
    """An erasure that the journal has and the database has not: the aggregator, which got no answer, sends it again."""
    register(quiet, number(1), "2")
    if how == "voice":
        assert command(quiet, "optout", "--erase", stdin=number(1))[0] == 0
    elif how == "the aggregator":
        assert Client(quiet.address).post("/hook/africastalking-sms/optout", {"senderId": "1", "phoneNumber": number(1)})[0] == 200
    else:
        quiet.terminate()
        shutil.copy(quiet.data / "waymark.db", folder / "before.db")
        quiet.start()
        text(quiet, number(1), "ERASE")
        quiet.kill9()
        for end in ("-wal", "-shm"):
            (quiet.data / ("waymark.db" + end)).unlink(missing_ok=True)
        shutil.copy(folder / "before.db", quiet.data / "waymark.db")
        quiet.start()
        assert quiet.query("SELECT erased > 0 FROM person") == [(1,)], "out of the journal"
        text.count -= 1  # the same message
    text(quiet, number(1), "ERASE")
    assert sent_out(quiet) and not aggregator.accepted


def test_what_they_ask_for_themselves_is_answered_all_the_same(quiet, aggregator):
    register(quiet, number(1), "2")
    text(quiet, number(1), "HELP")
    assert aggregator.wait_for(lambda: aggregator.accepted)
    text(quiet, number(1), "STOP")
    text(quiet, number(1), "START")
    stopped(quiet, 0)
    assert aggregator.wait_for(lambda: len(aggregator.accepted) == 2)
    assert [m.text.split("\n")[0] for m in aggregator.accepted] == ["Main page.", "Started."]


def test_a_case_that_cannot_be_read_keeps_no_stop_from_being_done(quiet, aggregator):
    import sqlite3
    register(quiet, number(1), "1")
    quiet.terminate()
    db = sqlite3.connect(quiet.data / "waymark.db")
    db.execute("UPDATE casefile SET summary = x'00'")
    db.commit(), db.close()
    quiet.start()
    text(quiet, number(1), "STOP")
    stopped(quiet, 1)
    assert sent_out(quiet) and not aggregator.accepted
