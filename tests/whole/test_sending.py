# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages leave as promised: opt-outs that aggregators tell, machines, long messages in parts, a dead aggregator."""
import random
import re
import socket
import sqlite3
import threading
import time

import pytest

from callers import HEARD, command, metric, settings
from harness import Client, FakeAggregator, Phone, Service, sent_out, until

ANSWER, CONFIRM = 0, 1
QUEUED, SENT, DELIVERED, FAILED, UNKNOWN, CANCELLED = 0, 2, 3, 4, 5, 6
NUMBER = "+12025550101"

# An aggregator that tells parts, what it took as a STOP, and our own id back.
TELLER = """title Teller
medium sms
receive POST form
field id from form id
field from from form from
field text from form text optional
field signal from form OptOutType optional
signal STOP = opts-out
field part-ref from form ref optional
field part-total from form total optional
field part from form part optional
repeat id
allow private
send POST http://127.0.0.1:%d/send
send-form to +{to}
send-form message {text}
send-form key {key}
send-form start $start
send-ok json SMSMessageData.Recipients[0].status = Success
send-error others = permanent
event delivery
  kind delivery
  field key from form key
  field state from form state
  state 1 = delivered
  state 2 = failed
  state 9 = opted-out
"""


@pytest.fixture
def teller(folder, aggregator):
    """A service that also has the channel above; teller(words of waymark.conf) starts it."""
    made = []

    def make(**changes):
        service = Service(folder / "teller", aggregator)
        (folder / "teller/config/channels/teller.channel").write_text(TELLER % aggregator.port)
        menu = folder / "teller/config/heard.menu"
        menu.write_text(HEARD)
        settings(service, menus=menu, **changes)
        with service.conf.open("a") as conf:
            conf.write("parts send 10\n")  # whatever alphabet they write in
        made.append(service)
        return service.start()

    yield make
    for service in made:
        service.stop()
        assert not service.crashes(), service.crashes()


class Sender:
    """Somebody behind that aggregator."""

    def __init__(self, service, number=NUMBER):
        self.client, self.number, self.count = Client(service.address), number, 0

    def text(self, text, **more):
        self.count += 1
        form = {"id": more.pop("id", "%s-%d" % (self.number, self.count)), "from": self.number, "text": text}
        status, body = self.client.post("/hook/teller", dict(form, **more))
        assert status == 200, (status, body)

    def part(self, number, total, text, ref="7", **more):
        self.text(text, ref=ref, total=total, part=number, **more)


def heard(aggregator):
    return [m.text[len("We heard: "):] for m in aggregator.accepted if m.text.startswith("We heard: ")]


def stopped(service):
    return service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL")[0][0] == 1


# ---- opt-outs ----

def test_a_refusal_for_an_opt_out_stops_contact_and_says_why(serve, aggregator):
    service = serve()
    aggregator.answer = lambda form: aggregator.recipient(form, 406, "UserInBlacklist", "None")
    phone = Phone(service, NUMBER)
    phone.text("HELP")
    assert until(lambda: stopped(service))
    audit, = service.query("SELECT actor, action, object FROM audit WHERE action = 'opted-out'")
    assert audit[:2] == ("africastalking-sms", "opted-out") and re.fullmatch(r"number \d+", audit[2])
    assert service.query("SELECT state, length(box) FROM outbox") == [(FAILED, 0)]
    aggregator.answer = None
    phone.text("HELP")  # an ordinary message lifts nothing, and is answered
    assert sent_out(service) and stopped(service)
    phone.text("START")
    assert not stopped(service)


def test_a_report_of_an_opt_out_cancels_what_waits(serve, aggregator):
    service = serve()
    phone = Phone(service, NUMBER)
    phone.text("HELP")
    assert sent_out(service)
    aggregator.answer = aggregator.failure
    phone.dial()
    phone.type("3", "bread")
    report = {"id": "ATXid_" + aggregator.accepted[0].key, "status": "Failed", "failureReason": "UserInBlackList"}
    assert phone.client.post("/hook/africastalking-sms/delivery", report) == (200, "")
    assert stopped(service)
    # What is just being tried is cancelled at its end.
    assert until(lambda: service.query("SELECT state FROM outbox ORDER BY id") == [(FAILED,), (CANCELLED,)])
    assert service.query("SELECT count(*) FROM audit WHERE action = 'opted-out'") == [(1,)]
    phone.client.post("/hook/africastalking-sms/delivery", report)
    assert service.query("SELECT count(*) FROM audit WHERE action = 'opted-out'") == [(1,)], "told twice, done once"


def test_a_stop_that_the_aggregator_took_is_not_confirmed_again(teller, aggregator):
    service = teller()
    sender = Sender(service)
    sender.text("whatever word they chose", OptOutType="STOP")
    assert stopped(service)
    assert service.query("SELECT count(*) FROM outbox") == [(0,)]
    assert metric(service, "waymark_opt_outs_total") == 1
    sender.text("START")
    assert not stopped(service)


def test_stop_after_stop_is_confirmed_once(serve, aggregator):
    service = serve()
    phone = Phone(service, NUMBER)
    for _ in range(3):
        phone.text("STOP")
    assert sent_out(service)
    assert [m.text for m in aggregator.accepted] == ["Stopped."]
    phone.text("START"), phone.text("STOP")
    assert sent_out(service)
    assert [m.text for m in aggregator.accepted].count("Stopped.") == 2


# ---- delivery reports ----

def test_what_was_unknown_after_a_crash_is_settled_by_its_report(teller, aggregator):
    service = teller()
    reached, cut = threading.Event(), threading.Event()

    def answer(form):
        reached.set()
        cut.wait(20)  # the service is killed while it waits for this answer
        return aggregator.success(form)

    aggregator.answer = answer
    Sender(service).text("STOP")
    assert reached.wait(20)
    service.kill9()
    cut.set()
    aggregator.answer = None
    service.start()
    assert until(lambda: service.query("SELECT class, state FROM outbox") == [(CONFIRM, UNKNOWN)])
    key, = [m.key for m in aggregator.accepted]
    assert Client(service.address).post("/hook/teller/delivery", {"key": key, "state": "1"})[0] == 200
    assert service.query("SELECT state FROM outbox") == [(DELIVERED,)]


def test_a_report_may_overtake_the_answer(teller, aggregator):
    service = teller()
    client = Client(service.address)

    def answer(form):
        assert client.post("/hook/teller/delivery", {"key": form["key"], "state": "1"})[0] == 200
        return aggregator.success(form)

    aggregator.answer = answer
    Sender(service).text("HELP")
    assert sent_out(service)
    assert service.query("SELECT state FROM outbox") == [(DELIVERED,)]


# ---- machines ----

def test_two_machines_do_not_talk_for_ever(teller, aggregator):
    service = teller(alike=3)
    sender, other = Sender(service), Sender(service, "+12025550102")
    for _ in range(8):
        sender.text("Thank you for your message.")
    other.text("Thank you for your message.")
    assert sent_out(service)
    # The first is answered with the start, the others with the same word that this is no answer.
    assert [m.number for m in aggregator.accepted].count(NUMBER) == 1 + 3
    assert [m.number for m in aggregator.accepted].count(other.number) == 1, "somebody else is answered"
    assert metric(service, "waymark_looped_total") == 4
    sender.text("STOP")
    assert sent_out(service) and aggregator.accepted[-1].text == "Stopped."


@pytest.mark.parametrize("text", ["AUTO-REPLY: I am at work", "Out of office until Monday.", "I'm driving right now",
                                  "Automatic reply. Gracias", "Respuesta automática: vuelvo pronto"])
def test_automatic_texts_are_not_answered(teller, aggregator, text):
    service = teller()
    Sender(service).text(text)
    assert metric(service, "waymark_automatic_total") == 1
    assert service.query("SELECT count(*) FROM outbox") == [(0,)]


def test_our_own_words_coming_back_are_not_answered(teller, aggregator):
    service = teller()
    sender = Sender(service)
    sender.text("TALK"), sender.text("a long enough story")
    assert sent_out(service)
    ours = [m.text for m in aggregator.accepted if m.text.startswith("We heard")][0]
    before = len(aggregator.accepted)
    sender.text(ours)
    assert sent_out(service) and len(aggregator.accepted) == before
    assert metric(service, "waymark_echoes_total") == 1


def test_names_and_short_codes_are_counted_and_never_answered(serve, aggregator):
    service = serve()
    for sender in ("21512", "AFRICASTKNG"):
        Phone(service, sender).text("Your balance is 3")
    assert metric(service, "waymark_unanswerable_total") == 2
    assert service.query("SELECT count(*) FROM outbox") == [(0,)]


def test_so_many_an_hour_and_no_more(teller, aggregator):
    service = teller(hourly=4)
    sender = Sender(service)
    for _ in range(6):
        sender.text("HELP")
    assert aggregator.wait_for(lambda: len(aggregator.accepted) == 4)
    assert until(lambda: service.query("SELECT count(*) FROM outbox WHERE state = ? AND attempts = 0", QUEUED) == [(2,)])
    sender.text("STOP")
    assert aggregator.wait_for(lambda: len(aggregator.accepted) == 5)
    assert aggregator.accepted[-1].text == "Stopped."


# ---- long messages ----

@pytest.mark.parametrize("seed", range(4))
def test_parts_in_any_order_and_twice_are_one_message(teller, aggregator, seed):
    service = teller(parts="wait 600 seconds")
    sender, rng = Sender(service), random.Random(seed)
    sender.text("TALK")
    parts = [(n, "part %d of it. " % n) for n in range(1, 6)] * 2
    rng.shuffle(parts)
    for n, text in parts:
        sender.part(n, 5, text, id="part-%d-%d" % (n, rng.random() < 0.5))
    assert sent_out(service)
    assert heard(aggregator) == ["part 1 of it. part 2 of it. part 3 of it. part 4 of it. part 5 of it. "]
    assert service.query("SELECT count(*) FROM part WHERE number > 0") == [(0,)]


def test_parts_outlive_kill9_and_lie_sealed(teller, aggregator):
    service = teller(parts="wait 600 seconds")
    sender = Sender(service)
    sender.text("TALK"), sender.part(2, 3, "SECOND ")
    service.kill9()
    assert b"SECOND" not in b"".join(f.read_bytes() for f in service.data.iterdir() if f.is_file())
    service.start()
    sender = Sender(service)
    sender.part(1, 3, "first ", id="a")
    service.kill9()
    service.start()
    sender = Sender(service)
    sender.part(3, 3, "third", id="b"), sender.part(3, 3, "third", id="b")
    assert sent_out(service)
    assert heard(aggregator) == ["first SECOND third"]


def test_what_is_there_is_handled_when_the_wait_is_over(teller, aggregator):
    service = teller(parts="wait 1 seconds")
    sender = Sender(service)
    sender.text("TALK"), sender.part(1, 4, "help me"), sender.part(3, 4, "at noon")
    assert aggregator.wait_for(lambda: heard(aggregator))
    assert heard(aggregator) == ["help me [...] at noon [...]"]
    assert metric(service, "waymark_incomplete_total") == 1
    sender.part(2, 4, "come")  # too late
    sender.text("HELP")
    assert sent_out(service)
    assert len(heard(aggregator)) == 1
    assert service.query("SELECT number FROM part") == [(0,)]


def test_stop_in_any_part_acts_at_once(teller, aggregator):
    service = teller(parts="wait 1 seconds")
    sender = Sender(service)
    sender.part(2, 3, "Arrêt")
    assert stopped(service), "before the other parts"
    sender.part(1, 3, "please"), sender.part(3, 3, "now")
    assert sent_out(service)
    assert [m.text for m in aggregator.accepted] == ["Stopped."]


# ---- an aggregator that is down ----

def test_messages_wait_for_an_aggregator_that_is_down(folder, serve):
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))  # nobody listens there

    class Nobody:
        port = silent.getsockname()[1]

    service = serve(aggregator=Nobody)
    phones = [Phone(service, "+120255501%02d" % n) for n in range(30)]
    for phone in phones:
        phone.text("HELP")
    breaker = r'waymark_breaker\{channel="africastalking-sms"\}'
    assert until(lambda: metric(service, breaker) > 0)
    for phone in phones:
        assert phone.dial().startswith("CON "), "a dead aggregator slows no turns"
    status, said, _ = command(service, "status")
    assert status == 0 and re.search(r"(?m)^channel africastalking-sms: \d+ waiting, .* failed, (not sending|trying)", said)
    silent.close()
    with FakeAggregator(Nobody.port) as aggregator:
        assert aggregator.wait_for(lambda: len(aggregator.accepted) == len(phones))
        assert sent_out(service)
        assert sorted(m.number for m in aggregator.accepted) == sorted(p.number for p in phones)
        assert service.query("SELECT DISTINCT state FROM outbox") == [(SENT,)]
        assert until(lambda: metric(service, breaker) == 0)


def test_turns_are_answered_while_the_aggregator_hangs_and_its_breaker_opens(serve, aggregator):
    """Nothing is timed: while not one request is let go, everybody else goes on."""
    let_go, hung = threading.Event(), []

    def hang(form):
        hung.append(form["key"])
        let_go.wait(60)  # then the connection is cut without an answer

    aggregator.answer = hang
    service = serve()
    for n in range(40):
        Phone(service, "+120255501%02d" % n).text("HELP")
    assert until(lambda: len(hung) == 16), "as many as one lane may have under way"
    walker = Phone(service, "+12025550199")
    for _ in range(50):
        assert walker.dial().startswith("CON Main page.")
        assert walker.type("1").startswith("CON First page.")
        walker.text("HELP")
    assert len(hung) == 16 and not let_go.is_set() and aggregator.accepted == []
    assert service.query("SELECT state, count(*) FROM outbox GROUP BY state") == [(QUEUED, 24 + 50), (1, 16)]
    let_go.set()
    breaker = r'waymark_breaker\{channel="africastalking-sms"\}'
    assert until(lambda: metric(service, breaker) > 0)
    assert walker.dial().startswith("CON Main page.")
    aggregator.answer = None
    assert aggregator.wait_for(lambda: len({m.key for m in aggregator.accepted}) == 40 + 50)
    assert sent_out(service)
    assert service.query("SELECT DISTINCT state FROM outbox") == [(SENT,)]


# ---- quiet hours ----

def test_in_quiet_hours_notices_wait_and_answers_do_not(serve, aggregator):
    now = time.gmtime()
    quiet = "%02d:%02d-%02d:%02d" % ((now.tm_hour - 1) % 24, now.tm_min, (now.tm_hour + 2) % 24, now.tm_min)
    aggregator.answer = aggregator.failure
    service = serve()
    Phone(service, NUMBER).text("HELP")
    assert aggregator.wait_for(lambda: aggregator.refused)
    service.terminate()
    db = sqlite3.connect(service.data / "waymark.db")
    db.execute("UPDATE outbox SET class = 2, next_ms = 0")  # as a caseworker's reply is
    db.commit(), db.close()
    aggregator.answer = None
    settings(service, quiet=quiet)
    service.start()
    assert until(lambda: service.query("SELECT next_ms > 0 FROM outbox") == [(1,)])
    left, = service.query("SELECT next_ms / 1000 FROM outbox")[0]
    assert 3600 < left - time.time() <= 7200 + 60, "until they are over"
    Phone(service, "+12025550102").text("HELP")
    assert aggregator.wait_for(lambda: aggregator.accepted)
    assert [m.number for m in aggregator.accepted] == ["+12025550102"]
    assert service.query("SELECT state FROM outbox ORDER BY id") in ([(QUEUED,), (SENT,)], [(QUEUED,), (1,)])
