# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is left in the process's memory: after answering, sending and closing the connections nothing of what people typed
and of their numbers, but in sessions that are still open."""
import json
import os
import pathlib

import pytest

from callers import command, running
from canaries import Canaries, counted, number, word
from fetching import App, fetched_service
from harness import Client, Phone, sanitized, sent_out, sms, until

FAR = " " * 40  # what is freed is overwritten in front by the allocator itself
PEOPLE = 2000 if os.environ.get("WAYMARK_TORTURE") else 60

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root reads the memory of a process that is not dumpable")


def planted(name):
    return pathlib.Path(os.environ.get("WAYMARK_PLANTED") or "build/release/tests") / ("waymark_" + name)


def dial_in_json(service, who, *answers):
    """A call by the channel `phone`, to its end; its last screen."""
    client = Client(service.address)
    for step, text in enumerate(("", *answers)):
        client.send("POST", "/hook/phone", json.dumps({"session": "json" + who[1:], "phone": who, "text": text,
                                                       "sequence": step}).encode(), type="application/json")
        status, body = client.receive()
        assert status == 200, body
    client.close()
    return json.loads(body)


class People:
    """Each talks to the end in several ways, so that none of their sessions is open in the end."""

    def __init__(self, first, count):
        self.numbers = [number(first + n) for n in range(count)]
        self.words = [word(4 * first + n) for n in range(4 * count)]

    def talk(self, service):
        for n, who in enumerate(self.numbers):
            words = self.words[4 * n:4 * n + 4]
            phone = Phone(service, who)
            phone.dial()
            phone.type("1", words[0])
            assert phone.type("2", "6") == "END Goodbye."
            phone.dial()
            assert phone.type("4", "1", words[1]).startswith("END Your number is ")
            phone.dial()
            assert phone.type("3", words[2]).startswith("CON Sent %s." % words[2])
            assert phone.type("2") == "END Goodbye."
            phone.dial()
            phone.type("5", words[3])
            assert phone.type("1", "6") == "END Goodbye."
            phone.client.close()
            assert dial_in_json(service, who, "1", FAR + words[0], "2", "6") == {"text": "Goodbye.", "more": False}
            client = Client(service.address)
            for step, text in enumerate(("WORD", words[0], "2")):
                assert sms(client, who, "ATXmem_%s_%d" % (who, step), text) == (200, "")
            client.close()
        client = Client(service.address)
        client.post("/hook/africastalking", {"phoneNumber": self.numbers[0], "text": self.words[0]})  # refused
        client.post("/hook/nobody", {"phoneNumber": self.numbers[1], "text": self.words[1]})
        client.ask("GET", "/hook/africastalking?text=" + self.words[2])
        client.close()
        assert command(service, "optout", stdin=self.numbers[-1] + "\n")[0] == 0


def quiet(service):
    """Nothing waits and nobody is connected: the threads have gone to sleep."""
    assert sent_out(service)
    assert until(lambda: not list(connections(service)))


def connections(service):
    port = "%04X" % service.address[1]
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        local, _, state = line.split()[1:4]
        if local.endswith(":" + port) and state == "01":
            yield line


def left(service, canaries):
    """What is found, once it does not change any more: a thread may be at work for a moment after the last answer."""
    def none():
        return not canaries.in_memory(service)[0]
    until(none, patience_s=10)
    hits, read = canaries.in_memory(service)
    assert read > 10 << 20, "the memory was not read"
    return hits


def test_memory_holds_nothing_of_what_is_over(folder, aggregator):
    if sanitized():
        pytest.skip("a sanitizer keeps what was freed, on purpose")
    people = People(0, PEOPLE)
    canaries = Canaries(people.numbers, people.words)
    with running(folder, aggregator) as service:
        people.talk(service)
        quiet(service)
        hits = left(service, canaries)
        assert not hits, counted(hits)
        # the search sees what is there: a session that is open
        open_one = Phone(service, number(70000))
        open_one.dial()
        open_one.type("1", word(400000))
        assert Canaries([], [word(400000)]).in_memory(service)[0]


def test_memory_holds_nothing_of_what_was_fetched(folder):
    if sanitized():
        pytest.skip("a sanitizer keeps what was freed, on purpose")
    service = fetched_service(folder, conf={"hourly": "1000"}).start()
    try:
        numbers, words = [number(n) for n in range(40)], [word(n) for n in range(40)]
        for who, said in zip(numbers, words):
            phone = Phone(service, who)
            phone.dial()
            phone.type("1", said, "1")
            assert phone.type("3") == "END Goodbye."
            phone.client.close()
        app = App(service)
        held = app.fetch()
        assert Canaries([], [m.text[len("We heard: "):] for m in held]).in_memory(service)[0] == [], "not even before they are taken"
        app.take(m.uuid for m in held)
        while app.poll():
            pass
        assert len(app.sent) == 30
        app.results([(m.uuid, 0, 0) for m in app.sent])
        app.client.close()
        quiet(service)
        hits = left(service, Canaries(numbers, words))
        assert not hits, counted(hits)
    finally:
        service.stop()


def test_a_call_that_the_network_ends_is_over_too(folder, aggregator):
    """Where calls have no ids nobody can take it up again."""
    if sanitized():
        pytest.skip("a sanitizer keeps what was freed, on purpose")
    who, canary = number(1), word(1)
    with running(folder, aggregator) as service:
        service.terminate()
        channels = service.conf.parent / "channels"
        text = (channels / "africastalking.channel").read_text()
        (channels / "nameless.channel").write_text(text.replace("secret-path at-ussd-path", "").replace("sessionId", "sessionId optional"))
        service.start()
        client = Client(service.address)
        for path in ("", "1", "1*" + canary):
            assert client.post("/hook/nameless", {"phoneNumber": who, "text": path})[0] == 200
        assert Canaries([], [canary]).in_memory(service)[0], "while it goes on"
        assert client.post("/hook/nameless/ended", {"phoneNumber": who}) == (200, "OK")
        client.close()
        quiet(service)
        hits = left(service, Canaries([who], [canary]))
        assert not hits, counted(hits)


def test_without_the_wiping_it_is_found(folder, aggregator):
    if sanitized():
        pytest.skip("a sanitizer keeps what was freed, on purpose")
    people = People(0, 20)
    with running(folder, aggregator, program=planted("kept")) as service:
        people.talk(service)
        quiet(service)
        hits, _ = Canaries(people.numbers, people.words).in_memory(service)
        assert len({h.text for h in hits}) > 20, counted(hits)
