# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages that an app fetches leave as promised: once, in order, never after a stop, and what is told of them counts."""
import json
import random
import re
import resource
import signal
import subprocess
import threading
import time

import pytest

import people
import staffroom
from callers import command, metric, moved_clock, number, settings
from fetching import CHANNEL, PATH, SECRET, App, fetched_service, queued
from harness import Client, Phone, until
from test_locked import WORDS, lock, start_locked

QUEUED, CLAIMED, SENT, DELIVERED, FAILED, UNKNOWN, CANCELLED = range(7)
NUMBER, OTHER = "+12025550101", "+12025550102"


@pytest.fixture
def fetched(folder):
    """fetched(...) starts a service; all are ended with the test."""
    made = []

    def make(**options):
        made.append(fetched_service(folder, **options))
        return made[-1].start()

    yield make
    for service in made:
        service.stop()
        assert not service.crashes(), service.crashes()


def say(service, *texts, number=NUMBER):
    """By USSD, so that the answer is a message of its own; each is stored when its screen is here."""
    phone = Phone(service, number)
    phone.dial()
    for text in texts:
        phone.type("1", text, "1")


def states(service):
    return [state for state, in service.query("SELECT state FROM outbox WHERE channel = 'smssync' ORDER BY id")]


def boxes(service):
    return [size for size, in service.query("SELECT length(box) FROM outbox WHERE channel = 'smssync' ORDER BY id")]


def test_what_is_due_is_fetched_confirmed_and_reported(fetched):
    service = fetched()
    app = App(service)
    assert app.poll() == [] and app.awaited() == []
    say(service, "one", "two")
    assert states(service) == [QUEUED] * 2 and all(boxes(service))
    due = app.fetch()
    assert [(m.to, m.text) for m in due] == [(NUMBER, "We heard: one"), (NUMBER, "We heard: two")]
    assert all(re.fullmatch("[0-9a-f]{32}", m.uuid) for m in due) and due[0].uuid != due[1].uuid
    assert states(service) == [CLAIMED] * 2 and all(boxes(service)), "kept until somebody says that it has them"
    assert app.fetch() == [], "handed out once"
    assert app.take(m.uuid for m in due) == [m.uuid for m in due]
    assert states(service) == [SENT] * 2 and boxes(service) == [0, 0], "number and text are gone"
    assert set(app.awaited()) == {m.uuid for m in due}
    assert app.results([(due[0].uuid, 0, 0), (due[1].uuid, 4, -1)])[0] == 200
    assert states(service) == [DELIVERED, FAILED] and app.awaited() == []


def test_an_answer_to_a_text_goes_back_at_once_and_nothing_of_it_waits(fetched):
    service = fetched()
    app = App(service)
    assert app.hand_in(NUMBER, "HELP")[0].startswith("Main page.")
    assert app.poll() == [] and states(service) == []


@pytest.mark.parametrize("text", ["a \"quote\" \\ and </script><b>&amp;", "Où? ندعم 你 😀", "tab\there", "{text} {key} $start {items}",
                                  "a\u2028b\u0001c"])
def test_texts_arrive_as_they_were_typed(fetched, text):
    service = fetched()
    say(service, text)
    sent, = App(service).poll()
    assert sent.text == "We heard: " + re.sub("[\x00-\x1f]", " ", text)


def test_nothing_is_handed_out_without_the_secrets(fetched):
    service = fetched()
    say(service, "one")
    for secret, path in (("s&3", PATH), ("", PATH), (SECRET + "x", PATH), (SECRET, ""), (SECRET, "way-out"), (SECRET, PATH + "x")):
        for method, task in (("GET", "send"), ("GET", "result"), ("POST", "result")):
            status, body = App(service, secret, path).ask(method, task, secret=True, body=b"{}" if method == "POST" else b"")
            assert status == 403 and "heard" not in body, (secret, path, task, body)
    app = App(service)
    assert app.ask("GET", "send")[0] == 403 and app.ask("GET", "result")[0] == 403, "no secret at all"
    assert App(service, path="").ask("POST", "sent", body=b'{"queued_messages":[]}')[0] == 403
    assert app.ask("GET", "other", secret=True)[0] == 200 and app.ask("GET", "other")[0] == 403
    assert states(service) == [QUEUED], "nothing was claimed"
    assert app.client.ask("GET", "/hook/smssync/%s?task=send&task=send&secret=x" % PATH)[0] == 400
    assert [m.text for m in app.poll()] == ["We heard: one"]


def test_a_stop_between_the_fetch_and_the_word_that_it_was_taken_holds_the_message_back(fetched):
    service = fetched()
    app = App(service)
    say(service, "one")
    say(service, "two", number=OTHER)
    due = app.fetch()
    assert app.hand_in(NUMBER, "STOP") == ["Stopped."], "the one confirmation"
    assert app.take(m.uuid for m in due) == [m.uuid for m in due if m.to == OTHER]
    assert states(service) == [CANCELLED, SENT] and boxes(service) == [0, 0]
    assert app.take([due[0].uuid]) == [], "asked again, the answer is the same"


def test_a_stop_before_the_fetch_cancels_and_after_it_only_answers_are_handed_out(fetched):
    service = fetched()
    app = App(service)
    say(service, "one")
    app.hand_in(NUMBER, "STOP")
    assert app.poll() == [] and states(service) == [CANCELLED]
    say(service, "three")  # they wrote again: a direct answer, which no stop forbids
    assert [m.text for m in app.poll()] == ["We heard: three"]


def test_stops_and_fetches_at_the_same_time(fetched):
    """People write, stop and start while two phones fetch. What was said before a stop does not go after its answer: not
    by a word of a phone that was asked for after that."""
    service = fetched(conf={"alike": "1000", "hourly": "1000"})
    rng, over, gone, stops, lock = random.Random(7), threading.Event(), [], {}, threading.Lock()
    failures = []

    def phone():
        app = App(service)
        while not over.is_set():
            for m in app.fetch():
                begun = time.monotonic()
                if app.take([m.uuid]):
                    with lock:
                        gone.append((m.text, begun))

    def person(n, draws):
        app = App(service)
        for i, stop in enumerate(draws):
            say(service, "%d before %d" % (n, i), number=number(n))
            if stop:
                app.hand_in(number(n), "STOP")
                with lock:
                    stops["We heard: %d before %d" % (n, i)] = time.monotonic()
                app.hand_in(number(n), "START")

    def noting(work, *words):
        try:
            work(*words)
        except Exception as failure:
            failures.append(failure)

    phones = [threading.Thread(target=noting, args=(phone,)) for _ in range(2)]
    people_ = [threading.Thread(target=noting, args=(person, n, [rng.random() < .5 for _ in range(20)])) for n in range(4)]
    for thread in phones + people_:
        thread.start()
    for thread in people_:
        thread.join()
    assert until(lambda: not [s for s in states(service) if s in (QUEUED, CLAIMED)])
    over.set()
    for thread in phones:
        thread.join()
    assert not failures
    assert len({text for text, _ in gone}) == len(gone), "nothing went twice"
    late = [(text, begun) for text, begun in gone if begun > stops.get(text, begun)]
    assert not late and len(stops) > 20 and len(gone) > 20
    assert states(service).count(SENT) == len(gone) and set(states(service)) <= {SENT, CANCELLED}


def test_a_doubled_word_changes_nothing(fetched):
    service = fetched()
    app = App(service)
    say(service, "one")
    due, = app.fetch()
    for _ in range(3):
        assert app.take([due.uuid, due.uuid]) == [due.uuid, due.uuid]
    for as_text in (True, False):
        assert app.results([(due.uuid, 0, -1), (due.uuid, 0, 0), (due.uuid, 0, -1)], as_text)[0] == 200
        assert states(service) == [DELIVERED]
    assert app.take([due.uuid]) == [], "what was delivered is not sent again"
    assert until(lambda: "channel smssync: 0 waiting, 0 under way, 1 sent, 0 failed" in command(service, "status")[1])


def test_nonsense_is_told_nothing_and_changes_nothing(fetched):
    service = fetched()
    app = App(service)
    say(service, "one")
    due, = app.fetch()
    assert app.take(["0" * 32, "", "x" * 32, "' OR 1", due.uuid[:31], due.uuid + "0"]) == []
    assert app.take([]) == []
    for body in (b"", b"{", b'{"queued_messages":', b"[]", b'{"queued_messages":{}}', b'{"queued_messages":[[]]}', b"\xff",
                 b'{"queued_messages":"[[]]"}', b'{"queued_messages":"[" }', b"[" * 10000):
        status, answer = app.ask("POST", "sent", body=body)
        assert status in (200, 400) and due.uuid not in answer, (body, status, answer)
    assert app.results([("0" * 32, 0, 0), ("", 0, 0)])[0] in (200, 400)
    assert states(service) == [CLAIMED]
    many = json.dumps({"queued_messages": [due.uuid] * 129}).encode()
    assert app.ask("POST", "sent", body=many)[0] == 400 and states(service) == [CLAIMED], "more than one request may bring"
    assert app.take([due.uuid.upper()]) == [due.uuid.upper()] and states(service) == [SENT], "hexadecimal is hexadecimal"


def test_a_fetch_is_bounded_and_the_rest_is_there_for_the_next(fetched):
    service = fetched(conf={"alike": "1000"})
    app = App(service)
    said = ["message %d" % i for i in range(23)]
    say(service, *said)
    rounds = [app.poll() for _ in range(4)]
    assert [len(r) for r in rounds] == [10, 10, 3, 0]
    assert [m.text for m in app.sent] == ["We heard: " + text for text in said], "in order"


def test_the_hourly_limit_holds(fetched):
    service = fetched(conf={"hourly": "3"})
    app = App(service)
    say(service, *("message %d" % i for i in range(12)))
    say(service, "theirs", number=OTHER)
    assert [m.to for m in app.poll()].count(NUMBER) == 3 and app.sent[-1].to == OTHER, "whoever waits behind is not held up"
    assert app.poll() == []


def test_a_rate_bounds_what_is_handed_out_at_once(fetched):
    service = fetched(channel=CHANNEL.read_text().replace("inline\n", "inline\nrate 2\n", 1))
    app = App(service)
    say(service, "one", "two", "three")
    assert len(app.fetch()) == 2


def test_killed_between_the_claim_and_the_answer_an_answer_is_handed_out_again(fetched):
    service = fetched()
    say(service, "one", "two")
    app = App(service)
    due = app.fetch()
    app.take([due[0].uuid])
    service.kill9()
    service.start()
    app = App(service)
    assert states(service) == [SENT, QUEUED], "what it has said it has stays, an answer may be sent twice rather than never"
    again, = app.fetch()
    assert again == due[1], "the same message, by the same key"
    assert app.take([again.uuid]) == [again.uuid] and states(service) == [SENT] * 2


def test_kill9_at_any_moment_loses_no_answer_and_stores_each_word(fetched):
    """The service dies again and again just after a request of the app, which may see its answer or not. No answer leaves
    before what it says is on the disk, and in the end every message was taken."""
    service = fetched(conf={"alike": "1000", "hourly": "1000"})
    said = ["message %d" % i for i in range(40)]
    say(service, *said)
    told = set()
    for life in range(60):
        app = App(service)
        if life % 3 == 0:
            app.begin("GET", "send", secret=True)
        else:
            due = app.fetch()
            if life % 3 == 1:
                app.begin("POST", "sent", body=queued(m.uuid for m in due))
            else:
                told |= set(app.take(m.uuid for m in due[:4]))
        for _ in range(200 * (life % 11)):  # now the service has got further, and now not
            pass
        service.kill9()
        try:
            status, body = app.client.receive()
            told |= set(json.loads(body).get("message_uuids", ())) if status == 200 else set()
        except (OSError, ConnectionError):
            pass
        service.start()
        keys = {key for key, in service.query("SELECT lower(hex(key)) FROM outbox WHERE state = ?", SENT)}
        assert told <= keys, "an answer left before it was on the disk"
        if len(keys) == len(said):
            break
    assert life > 3 and states(service) == [SENT] * len(said), "nothing is lost"


def test_two_phones_never_get_the_same_message(fetched):
    service = fetched(conf={"alike": "1000", "hourly": "1000"})
    say(service, *("message %d" % i for i in range(80)))
    phones, got = [App(service) for _ in range(4)], []
    threads = [threading.Thread(target=lambda app=app: got.extend(app.fetch() + app.fetch())) for app in phones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len({m.uuid for m in got}) == 80


def test_what_was_fetched_and_not_confirmed_is_unknown_after_a_time_and_answers_are_handed_out_again(fetched, folder):
    options, clock = moved_clock(folder)
    if not options:
        pytest.skip("without the shim that moves the clock")
    service = fetched(**options)
    app = App(service)
    say(service, "one")
    for n in range(1, 5):
        due, = app.fetch()
        clock.write_text(str(n * 601 - 10))
        assert app.fetch() == [], "not yet"
        clock.write_text(str(n * 601))
    again, = app.fetch()
    assert again == due
    clock.write_text(str(5 * 601))
    assert app.fetch() == [] and until(lambda: states(service) == [UNKNOWN]), "five times are enough"
    assert boxes(service) == [0]
    assert any("fetched and not confirmed" in line and "channel=smssync" in line for line in list(service.log)), list(service.log)[-5:]
    assert app.take([due.uuid]) == [due.uuid] and states(service) == [SENT], "late, but now we know"


def test_nobody_fetches_and_the_queue_is_told_truly(fetched):
    service = fetched()
    app = App(service)
    say(service, "one", "two")
    status = lambda: command(service, "status")[1]
    assert until(lambda: "channel smssync: 2 waiting, 0 under way, 0 sent, 0 failed, not fetched since the start" in status()), status()
    due = app.fetch()
    assert until(lambda: re.search(r"channel smssync: 0 waiting, 2 under way, 0 sent, 0 failed, last fetched \d+ s ago", status())), status()
    app.take(m.uuid for m in due)
    assert until(lambda: re.search(r"channel smssync: 0 waiting, 0 under way, 2 sent, 0 failed, last fetched", status())), status()
    assert metric(service, 'waymark_messages_total{channel="smssync",event="accepted"}') == 2
    assert metric(service, 'waymark_fetched_time_seconds{channel="smssync"}') > 1e9


def test_another_app_is_described_in_a_text_file(fetched):
    """A modem's script: plain lines, one message a line; it tells what it has sent, after it has sent it."""
    service = fetched(channel="""title A modem
medium sms
receive POST form
secret-header X-Key $smssync-secret
field from from form from
field text from form text
reply text/plain
reply-header X-Ours yes
event due
  kind fetch
  receive GET query
  serve-most 2
  serve-wait 1 minute
  serve-each {key} {to} {text:form}
  serve {items}
  reply-none nothing
event done
  kind delivery
  receive POST form
  field key from form key
  field state from form state
  state ok = sent
  state others = failed
""", conf={"secret smssync-secret": "plain"})
    client = Client(service.address)

    def ask(method, path, body=b"", key="plain"):
        client.connect()
        client.socket.sendall(("%s /hook/smssync/%s HTTP/1.1\r\nHost: t\r\nX-Key: %s\r\nContent-Type: application/x-www-form-urlencoded"
                               "\r\nContent-Length: %d\r\n\r\n" % (method, path, key, len(body))).encode() + body)
        return client.receive()

    assert ask("GET", "due") == (200, "nothing") and ask("GET", "due", key="pla1n")[0] == 403
    say(service, "one & two", "three", "four")
    status, body = ask("GET", "due")
    lines = [line.split(" ") for line in body.split("\n")]
    assert status == 200 and [(to, text) for _, to, text in lines] == [(NUMBER[1:], "We%20heard%3A%20one%20%26%20two"),
                                                                      (NUMBER[1:], "We%20heard%3A%20three")], body
    assert ask("POST", "done", b"key=%s&state=ok" % lines[0][0].encode())[0] == 200
    assert ask("POST", "done", b"key=%s&state=no" % lines[1][0].encode())[0] == 200
    assert states(service) == [SENT, FAILED, QUEUED] and boxes(service)[:2] == [0, 0]


def test_the_example_of_the_document_works(fetched):
    document = (CHANNEL.parent / "README.md").read_text().partition("## Messages that are fetched")[2]
    example = document.split("```\n")[1]
    service = fetched(channel="title T\nmedium sms\nreceive POST form\nsecret-form key $modem-key\nfield from from form from\n"
                              "field text from form text\nreply application/json\n" + example, conf={"secret modem-key": "k"})
    say(service, "one", "two")
    client = Client(service.address)
    status, body = client.ask("GET", "/hook/smssync/due?key=k")
    first, second = json.loads(body)["messages"]
    assert status == 200 and first == {"to": NUMBER, "text": "We heard: one", "id": first["id"]}
    for message, state in ((first, "ok"), (second, "no")):
        told = json.dumps({"id": message["id"], "state": state}).encode()
        head = "POST /hook/smssync/done HTTP/1.1\r\nHost: t\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        for key, wanted in (("", 403), ("X-Key: j\r\n", 403), ("X-Key: k\r\n", 200)):
            client.connect()
            client.socket.sendall((head % (key, len(told))).encode() + told)
            assert client.receive()[0] == wanted
    assert states(service) == [SENT, FAILED]


def test_a_restart_in_order_loses_nothing(fetched):
    service = fetched()
    say(service, "one")
    assert service.terminate() == 0
    service.start()
    assert [m.text for m in App(service).poll()] == ["We heard: one"]


def test_while_nothing_can_be_stored_nothing_is_handed_out(fetched):
    service = fetched(before=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
    say(service, "one", "two")
    app = App(service)
    due = app.fetch()[0]
    no_room, room = (1, resource.RLIM_INFINITY), (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    say(service, "three")
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, no_room)
    assert app.ask("GET", "send", secret=True)[0] == 503
    assert app.ask("POST", "sent", body=queued([due.uuid]))[0] == 503, "so the app does not send it"
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, room)
    assert states(service) == [CLAIMED, CLAIMED, QUEUED]
    assert app.take([due.uuid]) == [due.uuid] and [m.text for m in app.fetch()] == ["We heard: three"]


def test_while_the_key_is_not_there_nothing_is_handed_out_and_a_stop_is_taken(fetched):
    service = fetched()
    say(service, "one", "two")
    app = App(service)
    first = app.fetch()[0]
    lock(service)
    start_locked(service)
    app = App(service)
    assert app.ask("GET", "send", secret=True)[0] == 503 and app.ask("GET", "result", secret=True)[0] == 503
    assert app.ask("POST", "sent", body=queued([first.uuid]))[0] == 503, "so the app does not send it"
    assert app.ask("GET", "send")[0] == 403
    app.hand_in(NUMBER, "STOP")
    assert command(service, "unlock", stdin=WORDS + "\n")[0] == 0
    assert until(lambda: "waymark: ready" in list(service.log)[-3:])
    assert not any(m.text.startswith("We heard") for m in App(service).poll())
    assert CANCELLED in states(service) and SENT not in states(service)[:2]


def test_an_answer_is_not_kept_on_its_way(fetched):
    app = App(fetched())
    app.begin("GET", "send", secret=True)
    while b"}" not in app.client.buffer:
        app.client.more()
    assert b"\r\ncache-control: no-store\r\n" in app.client.buffer.lower()


def test_check_says_what_is_missing_for_an_sms_channel(fetched):
    service = fetched()
    service.terminate()
    service.conf.write_text(re.sub(r"(?m)^secret smssync-path .*\n", "", service.conf.read_text()))
    check = lambda: subprocess.run([service.program, "check", "--config", service.conf], capture_output=True, text=True)
    done = check()
    assert done.returncode == 1 and re.search(r"smssync\.channel:\d+:7: error E02: messages leave by this channel, and only "
                                              r"the secret \"smssync-path\" proves this event", done.stderr), done.stderr
    settings(service, sms_channel="africastalking-sms")
    assert check().returncode == 0, "texts come in and are answered without it"


def test_a_caseworkers_reply_is_fetched_once_and_the_health_page_tells_of_it(fetched, folder):
    options, clock = moved_clock(folder)
    if not options:
        pytest.skip("without the shim that moves the clock")
    service = fetched(demonstrates=True, conf={**staffroom.FAST, "quiet": "never"}, **options)
    app = App(service)
    ana = staffroom.member(service, "ana", "caseworker")
    _, reference = people.asks(service, 0, call=("1",))

    def write(text):
        ana.get("/case/%s/reply" % reference)
        ana.submit("/case/%s/reply" % reference, words=text)
        ana.submit("/case/%s/reply/send" % reference)

    write("Call us when you can")
    write("Or write to us")
    assert app.fetch() == [], "they can still be taken back"
    clock.write_text("11")
    first, second = app.fetch()
    assert "Call us when you can" in first.text and first.to == number(0)
    assert app.take([first.uuid]) == [first.uuid]
    clock.write_text("700")
    assert app.fetch() == [] and states(service) == [SENT, UNKNOWN], "a caseworker's words are never handed out twice"
    page = staffroom.demo_page(service, "/menus").main
    assert re.search(r"smssync.*Fetched.*last ", page, re.S), page
    clock.write_text("720")
    write("And this")
    clock.write_text("740")
    third, = app.fetch()
    service.kill9()
    service.start()
    app = App(service)
    assert app.fetch() == [] and states(service) == [SENT, UNKNOWN, UNKNOWN], "nor after a crash"
    assert app.take([third.uuid]) == [third.uuid], "but the app had got it, and asks: it leaves once"
    app.hand_in(number(0), "STOP")
    assert app.take([second.uuid, third.uuid]) == [] and app.poll() == []
