# SPDX-License-Identifier: AGPL-3.0-or-later
"""An app like SMSSync on a phone: it hands in what was texted to it, fetches what is due, and tells what became of it."""
import collections
import json
import urllib.parse

from callers import HEARD, demonstration, settings
from harness import TOP, Client, Service

SECRET, PATH = "s&3 é", "way-in"
CHANNEL = TOP / "config/channels/smssync.channel"


def fetched_service(folder, channel=None, demonstrates=False, conf=None, **options):
    """A service whose SMS are fetched (not started), by smssync or a channel file of the test's own text; over the menus
    in which anything may be said, or the demonstration's."""
    service = Service(folder / "fetched", **options)
    channels = folder / "fetched/config/channels"
    (channels / "smssync.channel").write_text(channel or CHANNEL.read_text())
    menu = folder / "fetched/config/heard.menu"
    menu.write_text(HEARD)
    if demonstrates:
        demonstration(service)
    settings(service, menus=None if demonstrates else menu, sms_channel="smssync",
             **{"secret smssync-secret": SECRET, "secret smssync-path": PATH, "parts": "send 10", **(conf or {})})
    return service


def queued(uuids):
    return json.dumps({"queued_messages": list(uuids)}).encode()


Outgoing = collections.namedtuple("Outgoing", "to text uuid")


class App:
    """`sent`: what has left the phone, in order."""

    def __init__(self, service, secret=SECRET, path=PATH):
        self.client, self.secret, self.path = Client(service.address), secret, path
        self.sent, self.count = [], 0

    def ask(self, *words, **more):
        self.begin(*words, **more)
        return self.client.receive()

    def begin(self, method, task=None, secret=False, body=b"", type="application/json; charset=utf-8"):
        """Asks, and does not wait for the answer."""
        query = dict({"task": task} if task else {}, **({"secret": self.secret} if secret else {}))
        address = "/hook/smssync" + ("/" + self.path if self.path else "")
        if query:
            address += "?" + urllib.parse.urlencode(query)
        self.client.send(method, address, body, type)

    def json(self, *words, **more):
        status, body = self.ask(*words, **more)
        assert status == 200, (status, body)
        return json.loads(body)

    def hand_in(self, number, text):
        """An SMS that came to the phone; what the reply says is sent at once."""
        self.count += 1
        form = {"from": number, "message": text, "message_id": "in-%s-%d" % (number, self.count), "secret": self.secret}
        reply = self.json("POST", body=urllib.parse.urlencode(form).encode(), type="application/x-www-form-urlencoded")
        return [m["message"] for m in reply["payload"].get("messages", ())]

    def fetch(self):
        payload = self.json("GET", "send", secret=True)["payload"]
        assert payload["task"] == "send" and payload["secret"] == self.secret, payload
        return [Outgoing(m["to"], m["message"], m["uuid"]) for m in payload["messages"]]

    def take(self, uuids):
        """Tells which messages it has: those that it may send."""
        return self.json("POST", "sent", body=queued(uuids))["message_uuids"]

    def poll(self):
        """A whole round, as the app does it; what it has sent in it."""
        due = self.fetch()
        may = self.take(m.uuid for m in due) if due else []
        now = [m for m in due if m.uuid in may]
        self.sent += now
        return now

    def awaited(self):
        return self.json("GET", "result", secret=True)["message_uuids"]

    def results(self, rows, as_text=True):
        """(uuid, sent, delivered)...; the app writes the array as a text."""
        rows = [{"uuid": uuid, "sent_result_code": sent, "sent_result_message": "", "delivered_result_code": delivered,
                 "delivered_result_message": ""} for uuid, sent, delivered in rows]
        body = json.dumps({"message_result": json.dumps(rows) if as_text else rows})
        return self.ask("POST", "result", secret=True, body=body.encode())
