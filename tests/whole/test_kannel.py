# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real Kannel both ways, with delivery reports: what a phone sends comes to us through the operator's centre, bearerbox
and smsbox, and what we say goes back the same way."""
import shutil
import socket
import threading

import pytest

from callers import HEARD, settings
from harness import TOP, Client, Service, sent_out, until
from kannel import Kannel
from test_sending import CONFIRM, DELIVERED

NUMBER, OTHER, CODE = "+12025550101", "+12025550102", "21512"
SECRET = "s3cret-part"
CLAIMED = 1


class Forwarder:
    """Our public address: a port that is known before the service has one, and the same after it started again."""

    def __init__(self):
        self.service = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.service.address)
            except OSError:
                client.close()
                continue
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(a, b), daemon=True).start()

    @staticmethod
    def pump(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()


@pytest.fixture
def world(folder):
    """A service and a Kannel that know each other."""
    forwarder = Forwarder()
    service = Service(folder / "service")
    forwarder.service = service
    channels = folder / "service/config/channels"
    shutil.copy(TOP / "config/channels/kannel.channel", channels)
    menu = folder / "service/config/heard.menu"
    menu.write_text(HEARD)
    with Kannel(folder, "%s/hook/kannel/%s" % (forwarder.url, SECRET)) as kannel:
        settings(service, menus=menu, sms_channel="kannel", public_url=forwarder.url)
        with service.conf.open("a") as conf:
            conf.write("parts send 10\n")  # whatever alphabet they write in
            for name, value in (("path", SECRET), ("host", "127.0.0.1:%d" % kannel.sendsms), ("user", "ngo"),
                                ("password", "hush"), ("from", CODE)):
                conf.write("secret kannel-%s %s\n" % (name, value))
        service.use("kannel")
        service.start()
        yield service, kannel
    service.stop()
    forwarder.close()
    assert not service.crashes(), service.crashes()


def says(text, kind="text", number=NUMBER):
    """One message in fakesmsc's own words."""
    if kind == "ucs2":
        text = "".join("%%%02x" % b for b in text.encode("utf-16-be"))
    return "%s %s %s %s" % (number, CODE, kind, text)


def all_delivered(service, count):
    return until(lambda: service.query("SELECT state, count(*) FROM outbox GROUP BY state") == [(DELIVERED, count)])


def test_a_message_is_answered_and_its_delivery_reported(world):
    service, kannel = world
    with kannel.phone(says("HELP")) as phone:
        assert phone.wait_for(lambda: phone.texts)
        assert all_delivered(service, 1)
        (sender, receiver, kind, _), = phone.received
        assert (sender, receiver, kind) == (CODE, NUMBER, "text")
        assert phone.texts[0].startswith("Main page.")


@pytest.mark.parametrize("words, kind, back", [
    ("plain words, 7 bits @ £ é", "text", "text"),
    ("Мне нужна помощь", "ucs2", "ucs-2"),
    ("أحتاج إلى مساعدة", "ucs2", "ucs-2"),
], ids=["gsm", "cyrillic", "arabic"])
def test_every_alphabet_goes_there_and_back(world, words, kind, back):
    service, kannel = world
    with kannel.phone(says("TALK")) as phone:
        assert phone.wait_for(lambda: phone.texts == ["What is it?"])
    with kannel.phone(says(words, kind)) as phone:
        assert phone.wait_for(lambda: len(phone.texts) == 2)
        heard, = (text for text in phone.texts if text.startswith("We heard: "))
        assert heard == "We heard: " + words
        assert back in {received[2] for received in phone.received}
        assert all_delivered(service, 3)


def test_a_long_answer_comes_in_parts_that_make_the_whole(world):
    service, kannel = world
    story = "".join("sentence %d of a long story, " % n for n in range(7))
    with kannel.phone(says("TALK")) as phone:
        assert phone.wait_for(lambda: phone.texts)
    with kannel.phone(says(story)) as phone:
        assert phone.wait_for(lambda: "We heard: " + story in "".join(phone.texts))
        assert any(received[2] == "udh" for received in phone.received), "joined by a header, not cut into several"
        assert all_delivered(service, 3)


def test_data_is_no_message(world):
    service, kannel = world
    with kannel.phone(says("%00%01%02", "data")):
        kannel.smsbox.says(r"Status line: <HTTP/1.1 200 OK>")
    with kannel.phone(says("HELP")) as phone:
        assert phone.wait_for(lambda: phone.texts) and all_delivered(service, 1)
        assert [text.split("\n")[0] for text in phone.texts] == ["Main page."]


def test_stop_is_confirmed_once_and_nothing_follows(world):
    service, kannel = world
    with kannel.phone(says("STOP")) as phone:
        assert phone.wait_for(lambda: phone.texts == ["Stopped."])
        assert all_delivered(service, 1)
    assert service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL") == [(1,)]
    assert service.query("SELECT class FROM outbox") == [(CONFIRM,)]
    with kannel.phone(says("START")) as phone:
        assert phone.wait_for(lambda: any(text.startswith("Started.") for text in phone.texts))
    assert service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL") == [(0,)]


def test_while_smsbox_is_down_answers_wait_and_leave_once(world):
    service, kannel = world
    kannel.smsbox.end()
    client = Client(service.address)
    for n in range(5):  # what smsbox had fetched from us before it died
        path = "/hook/kannel/%s?id=in-%d&from=%%2B1202555010%d&to=%s&text=HELP&charset=UTF-8" % (SECRET, n, n, CODE)
        assert client.ask("GET", path)[0] == 200
    assert until(lambda: any("message not sent" in line for line in service.log))
    assert service.query("SELECT count(*) FROM outbox WHERE state > ?", CLAIMED) == [(0,)]
    with kannel.phone(says("HELP", number=OTHER)) as phone:  # bearerbox keeps it until there is a smsbox
        kannel.start_smsbox()
        assert phone.wait_for(lambda: len(phone.texts) == 6)
        assert sorted(to for _, to, _, _ in phone.received) == sorted(
            ["+1202555010%d" % n for n in range(5)] + [OTHER])
        assert all_delivered(service, 6)


def test_while_we_are_down_what_people_send_waits_in_kannel(world):
    service, kannel = world
    service.kill9()
    with kannel.phone(says("HELP")) as phone:
        kannel.smsbox.says(r"HTTP: Retrying request")
        service.start()
        assert phone.wait_for(lambda: phone.texts)
        assert all_delivered(service, 1)


def test_a_wrong_password_costs_no_message(world):
    service, kannel = world
    service.terminate()
    right = service.conf.read_text()
    service.conf.write_text(right.replace("secret kannel-password hush", "secret kannel-password other"))
    service.start()
    with kannel.phone(says("HELP")) as phone:
        assert until(lambda: any("message not sent" in line and "status=403" in line for line in service.log))
        service.terminate()
        service.conf.write_text(right)
        service.start()
        assert phone.wait_for(lambda: phone.texts) and sent_out(service)
        assert all_delivered(service, 1)
