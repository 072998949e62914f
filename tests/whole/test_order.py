# SPDX-License-Identifier: AGPL-3.0-or-later
"""One person, one order: what arrives at the same time is done one after another, and a repeat is done once."""
import threading

import pytest

from callers import metric
from harness import Client, Phone, binary, sent_out, sms, until, ussd

REPETITIONS = 150
QUEUED, SENT, CANCELLED, ANSWER = 0, 2, 6, 0


def number(n):
    return "+1%d55501%02d" % (202 + n // 100, n % 100)


def together(*requests):
    """Sends all from connections that are already open, as close together as can be; their answers in order."""
    for client, *_ in requests:
        client.connect()
    barrier, answers = threading.Barrier(len(requests)), [None] * len(requests)

    def one(i, client, ask, *arguments):
        barrier.wait()
        answers[i] = ask(client, *arguments)

    threads = [threading.Thread(target=one, args=(i, *r)) for i, r in enumerate(requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client, *_ in requests:
        client.close()
    return answers


@pytest.fixture
def service(serve):
    return serve()


@pytest.fixture
def held(aggregator):
    """An aggregator that accepts nothing, so that what is queued stays queued; calling it lets everything through."""
    open_ = threading.Event()
    aggregator.answer = lambda form: aggregator.success(form) if open_.is_set() else aggregator.failure(form)
    return open_.set


def test_stop_and_agreeing_at_once_are_one_after_the_other(service):
    """Agreeing lifts a stop and a stop withdraws an agreement, so the end tells which came last; nothing in between."""
    for n in range(REPETITIONS):
        phone = Phone(service, number(n))
        phone.dial(), phone.type("2")
        seen = service.query("SELECT coalesce(max(id), 0) FROM consent")[0][0]
        stop, agreed = together((Client(service.address), sms, phone.number, "stop%d" % n, "STOP"),
                                (phone.client, ussd, phone.number, phone.session, "2*1"))
        assert stop == (200, "")
        assert agreed[1].startswith("CON How old"), agreed
        actions = [a for a, in service.query("SELECT action FROM consent WHERE id > ? ORDER BY id", seen)]
        stopped, = [s for s, in service.query("SELECT stopped IS NOT NULL FROM number ORDER BY id DESC LIMIT 1")]
        seals = [h for h, in service.query("SELECT holder FROM person_seal WHERE person ="
                                           " (SELECT person FROM number ORDER BY id DESC LIMIT 1)")]
        assert (actions, stopped, seals) in ((["agree", "withdraw"], 1, []), (["agree"], 0, ["day"])), "not serial"


def test_stop_and_registering_at_once_are_one_after_the_other(service):
    """Registering after a stop is refused for want of consent; a stop after registering destroys casework's seal."""
    for n in range(REPETITIONS):
        phone = Phone(service, number(n))
        phone.dial(), phone.type("2", "1")
        cases = service.query("SELECT count(*) FROM casefile")[0][0]
        stop, registered = together((Client(service.address), sms, phone.number, "stop%d" % n, "STOP"),
                                    (phone.client, ussd, phone.number, phone.session, "2*1*33"))
        assert stop == (200, "") and registered[0] == 200
        more = service.query("SELECT count(*) FROM casefile")[0][0] - cases
        told = registered[1].startswith("END Your number is ")
        assert more == told, "a case and no word of it, or the other way round: %s" % registered[1]
        assert service.query("SELECT holder FROM person_seal WHERE person = (SELECT max(id) FROM person)") == []
        stopped = service.query("SELECT stopped IS NOT NULL FROM number WHERE person = (SELECT max(id) FROM person)")
        assert stopped == [(1,)]


def test_a_stop_and_an_answer_in_one_group_are_one_after_the_other(serve):
    """Both wait while a slow disk holds the group before them, and are stored by one commit."""
    slow = binary("WAYMARK_SLOW", "build/release/tests/libfault_slow.so")
    service = serve(preload=slow, environment={"SLOW_FSYNC_MS": "60"})
    first, stop = Client(service.address), Client(service.address)
    grouped = 0
    for n in range(20):
        phone = Phone(service, number(n))
        phone.dial(), phone.type("2")
        before = metric(service, "waymark_commits_total")
        first.send("POST", "/hook/africastalking", ("sessionId=ATUid_first%d&phoneNumber=%%2B12025550199&text=" % n).encode())
        answer = (phone.client, "/hook/africastalking", "sessionId=%s&phoneNumber=%%2B%s&text=2*1" % (phone.session, phone.number[1:]))
        word = (stop, "/hook/africastalking-sms", "id=group%d&from=%%2B%s&to=21512&text=STOP" % (n, phone.number[1:]))
        both = (answer, word) if n % 2 else (word, answer)
        for client, path, form in both:
            client.send("POST", path, form.encode())
        assert [client.receive()[0] for client, _, _ in both] == [200, 200] and first.receive()[0] == 200
        grouped += metric(service, "waymark_commits_total") - before <= 2
        stopped, = service.query("SELECT stopped IS NOT NULL FROM number ORDER BY id DESC LIMIT 1")
        actions = [a for a, in service.query("SELECT action FROM consent WHERE person = (SELECT max(id) FROM person) ORDER BY id")]
        assert (stopped, actions) in (((1,), ["agree", "withdraw"]), ((0,), ["agree"])), "not one after the other"
    assert grouped >= 10, "the two were hardly ever in one group: nothing was tried"


def test_whoever_agrees_again_after_a_stop_can_be_read_again(service):
    phone = Phone(service, number(0))
    phone.dial(), phone.type("2", "1", "33")
    assert service.query("SELECT holder FROM person_seal") == [("casework",)]
    phone.text("STOP")
    phone.dial()
    assert phone.type("2", "1", "34").startswith("END Your number is ")
    seals = service.query("SELECT holder FROM person_seal WHERE person = (SELECT person FROM number)")
    assert seals == [("casework",)], "a case that nobody can read"


def test_nothing_that_waits_leaves_after_a_stop(service, aggregator, held):
    """What was asked for before the STOP and is still waiting is never sent; only its confirmation is."""
    clients = [Client(service.address) for _ in range(2)]
    for n in range(REPETITIONS):
        phone = Phone(service, number(n))
        phone.dial(), phone.type("3")
        together((clients[0], sms, phone.number, "stop%d" % n, "STOP"),
                 (clients[1], ussd, phone.number, phone.session, "3*w%d" % n))
    held()
    assert sent_out(service)
    overtaken = {key for key, in service.query("SELECT lower(hex(o.key)) FROM outbox o JOIN number n ON n.id = o.number"
                                               " WHERE o.epoch < n.epoch")}
    assert overtaken, "no word was ever before its stop: nothing was tried"
    assert not overtaken & {m.key for m in aggregator.accepted}
    assert {s for s, in service.query("SELECT DISTINCT o.state FROM outbox o JOIN number n ON n.id = o.number"
                                      " WHERE o.epoch < n.epoch")} == {CANCELLED}
    late = service.query("SELECT count(*) FROM outbox o JOIN number n ON n.id = o.number"
                          " WHERE o.epoch = n.epoch AND o.state <> ?", SENT)
    assert late == [(0,)], "an answer to what came after the stop was not sent"


def test_a_retry_that_waits_is_cancelled_by_a_stop(service, aggregator, held):
    phone = Phone(service, number(0))
    phone.dial(), phone.type("3", "early")
    assert aggregator.wait_for(lambda: aggregator.refused)
    assert until(lambda: service.query("SELECT 1 FROM outbox WHERE state = ? AND attempts > 0", QUEUED))
    phone.text("STOP")
    assert service.query("SELECT state, length(box) FROM outbox WHERE class = ?", ANSWER) == [(CANCELLED, 0)]
    held()
    assert sent_out(service)
    assert [m.text for m in aggregator.accepted] == ["Stopped."]


def test_start_does_not_cancel_what_was_asked_for(service, aggregator, held):
    phone = Phone(service, number(0))
    phone.text("STOP")
    phone.dial(), phone.type("3", "leaflet")
    phone.text("START")
    held()
    assert sent_out(service)
    assert "Your word is leaflet." in [m.text for m in aggregator.accepted]


def test_the_same_path_in_flight_twice_is_one_turn(service):
    clients = [Client(service.address) for _ in range(3)]
    for n in range(REPETITIONS):
        phone = Phone(service, number(n))
        phone.dial()
        answers = together(*[(c, ussd, phone.number, phone.session, "2") for c in clients])
        assert {a for a in answers} == {(200, answers[0][1])} and "May we call you?" in answers[0][1]
        phone.path = "2"
        phone.type("1")
        answers = together(*[(c, ussd, phone.number, phone.session, "2*1*44") for c in clients])
        assert len(set(answers)) == 1 and answers[0][1].startswith("END Your number is "), answers
    assert service.query("SELECT count(*) FROM turn") == [(4 * REPETITIONS,)]
    assert service.query("SELECT count(*) FROM casefile") == [(REPETITIONS,)]
    assert service.query("SELECT count(*) FROM consent") == [(REPETITIONS,)]


def test_the_same_dial_in_flight_twice_is_one_session(service):
    clients = [Client(service.address) for _ in range(3)]
    for n in range(REPETITIONS):
        answers = together(*[(c, ussd, number(n), "twice%d" % n, "") for c in clients])
        assert len(set(answers)) == 1 and answers[0][1].startswith("CON Main page."), answers
    assert service.query("SELECT count(*), count(DISTINCT session) FROM turn") == [(REPETITIONS, REPETITIONS)]


def test_the_same_message_in_flight_twenty_times_has_one_effect(service, aggregator):
    clients = [Client(service.address) for _ in range(20)]
    for n in range(20):
        assert Phone(service, number(n)).text("WORD", "word%d" % n)[0] == 200
        answers = together(*[(c, sms, number(n), "many%d" % n, "w%d" % n) for c in clients])
        assert set(answers) == {(200, "")}
    assert sent_out(service)
    texts = sorted(m.text for m in aggregator.accepted if m.text.startswith("Your word"))
    assert texts == sorted("Your word is w%d." % n for n in range(20))
    assert service.query("SELECT count(*) FROM seen") == [(40,)]
    assert service.query("SELECT count(*) FROM turn") == [(40,)]


def test_answers_of_one_person_arrive_in_order_though_many_wait(service):
    """Somebody types ahead: four requests on one connection, none of which waits for an answer."""
    for n in range(20):
        phone = Phone(service, number(n))
        phone.dial()
        client = Client(service.address)
        client.connect()
        paths = ["1", "1*1", "1*1*1", "1*1*1*1"]
        for path in paths:
            form = "sessionId=%s&phoneNumber=%%2B%s&text=%s" % (phone.session, phone.number[1:], path)
            client.send("POST", "/hook/africastalking", form.encode())
        shown = [client.receive()[1].split("\n")[0] for _ in paths]
        assert shown == ["CON First page.", "CON Second page.", "CON First page.", "CON Second page."]


def test_stop_is_taken_while_the_disk_is_slow(serve):
    """Every fsync takes 200 ms: many turns share one, and the order stays."""
    slow = binary("WAYMARK_SLOW", "build/release/tests/libfault_slow.so")
    service = serve(preload=slow, environment={"SLOW_FSYNC_MS": "200"})
    crowd, before = 60, metric(service, "waymark_commits_total")
    answers = together(*[(Client(service.address), ussd, number(n), "slow%d" % n, "") for n in range(crowd)],
                       (Client(service.address), sms, number(0), "stop", "STOP"))
    assert all(status == 200 for status, _ in answers)
    assert metric(service, "waymark_commits_total") - before < crowd / 2, "many turns share one"
    assert service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL") == [(1,)]
