# SPDX-License-Identifier: AGPL-3.0-or-later
"""How each SMS aggregator speaks, written from its own documents and not from our channel files: what it sends us, how it
signs (signing.py), what it wants to be sent and what it says to that. `FakeAggregators` is all of them on one port.

A sheet is a row: add a channel file, add a row. Numbers are digits without "+" throughout.
"""
import collections
import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import harness
from signing import (BASE, JSON, TELNYX, Request, android, b64, bird, got, httpsms, messagebird, plivo, posted, sinch, telnyx, told,
                     twilio, unsigned, vonage, vonage_token, zenvia)

OURS = "12025550199"

Sent = collections.namedtuple("Sent", "channel to text key callback")


# ---- what it is sent ----

class Post:
    """A request of ours, while a sheet reads it. What a sheet does not know fails the test."""

    def __init__(self, method, path, query, headers, body, key):
        self.method, self.path, self.query, self.headers, self.body, self.key = method, path, query, headers, body, key

    def form(self, *wanted):
        fields = urllib.parse.parse_qsl(self.query if self.method == "GET" else self.body, True, True, errors="strict")
        assert sorted(k for k, _ in fields) == sorted(wanted), fields
        return dict(fields)

    def json(self):
        assert self.headers["Content-Type"] == JSON
        return json.loads(self.body)

    def basic(self, user, password):
        assert self.headers["Authorization"] == "Basic " + b64(("%s:%s" % (user, password)).encode())

    def is_at(self, method, path):
        assert (self.method, self.path) == (method, path), (self.method, self.path)


def plus(number):
    assert number[:1] == "+"
    return number[1:]


def behind_base(url):
    assert url.startswith(BASE), url
    return url[len(BASE):]


def sent_africastalking(p):
    p.is_at("POST", "/version1/messaging")
    assert p.headers["apikey"] == "at-key"
    f = p.form("username", "to", "message", "from", "bulkSMSMode")
    return plus(f["to"]), f["message"], None, "/hook/africastalking-sms/p/delivery"


def sent_twilio(p):
    p.is_at("POST", "/2010-04-01/Accounts/AC1/Messages.json")
    p.basic("AC1", "12345")
    f = p.form("To", "From", "Body", "StatusCallback")
    return plus(f["To"]), f["Body"], None, behind_base(f["StatusCallback"])


def sent_vonage(p):
    p.is_at("POST", "/sms/json")
    f = dict(urllib.parse.parse_qsl(p.body, True, True))
    unicode = any(ord(c) > 0x3FF for c in f["text"])
    f = p.form("api_key", "api_secret", "from", "to", "text", "client-ref", "status-report-req", "callback",
               *(["type"] if unicode else []))
    assert f.get("type") == ("unicode" if unicode else None)
    return f["to"], f["text"], f["client-ref"], behind_base(f["callback"])


def sent_vonage_messages(p):
    p.is_at("POST", "/v1/messages")
    scheme, _, token = p.headers["Authorization"].partition(" ")
    assert scheme == "Bearer" and p.key.claims(token)["application_id"] == "aaaa-bbbb"
    d = p.json()
    assert d == {**d, "message_type": "text", "channel": "sms", "from": OURS}
    return d["to"], d["text"], d["client_ref"], "/hook/vonage-messages/delivery"


def sent_infobip(p):
    p.is_at("POST", "/sms/3/messages")
    assert p.headers["Authorization"] == "App infobip-key"
    m, = p.json()["messages"]
    to, = m["destinations"]
    return to["to"], m["content"]["text"], to["messageId"], behind_base(m["webhooks"]["delivery"]["url"])


def sent_telnyx(p):
    p.is_at("POST", "/v2/messages")
    assert p.headers["Authorization"] == "Bearer telnyx-key"
    d = p.json()
    assert set(d) == {"from", "to", "text"}
    return plus(d["to"]), d["text"], None, "/hook/telnyx"


def sent_plivo(p):
    p.is_at("POST", "/v1/Account/MA1/Message/")
    p.basic("MA1", "plivo-key")
    d = p.json()
    return d["dst"], d["text"], None, behind_base(d["url"])


def sent_messagebird(p):
    p.is_at("POST", "/messages")
    assert p.headers["Authorization"] == "AccessKey mb-access"
    d = p.json()
    to, = d["recipients"]
    return to, d["body"], d["reference"], behind_base(d["reportUrl"])


def sent_sinch(p):
    p.is_at("POST", "/xms/v1/plan1/batches")
    assert p.headers["Authorization"] == "Bearer sinch-token"
    d = p.json()
    to, = d["to"]
    return to, d["body"], d["client_reference"], behind_base(d["callback_url"])


def sent_clickatell(p):
    p.is_at("GET", "/messages/http/send")
    f = p.form("apiKey", "to", "from", "content")
    assert f["apiKey"] == "clickatell-key"
    return f["to"], f["content"], None, "/hook/clickatell/p/delivery"


def sent_zenvia(p):
    p.is_at("POST", "/v2/channels/sms/messages")
    assert p.headers["X-API-TOKEN"] == "zenvia-token"
    d = p.json()
    content, = d["contents"]
    assert content["type"] == "text"
    return d["to"], content["text"], None, "/hook/zenvia"


def sent_bandwidth(p):
    p.is_at("POST", "/api/v2/users/55/messages")
    p.basic("bw-user", "bw-pass")
    d = p.json()
    to, = d["to"]
    assert d["applicationId"] == "app-1"
    return plus(to), d["text"], None, "/hook/bandwidth/p"


def sent_kannel(p):
    p.is_at("GET", "/cgi-bin/sendsms")
    f = p.form("username", "password", "from", "to", "coding", "charset", "text", "dlr-mask", "dlr-url")
    assert (f["username"], f["password"], f["charset"]) == ("kannel-user", "kannel-pass", "UTF-8")
    assert f["coding"] == ("2" if any(ord(c) > 0x3FF for c in f["text"]) else "0")
    return plus(f["to"]), f["text"], None, behind_base(f["dlr-url"])


def sent_jasmin(p):
    p.is_at("POST", "/send")
    f = p.form("username", "password", "from", "to", "coding", "hex-content", "dlr", "dlr-level", "dlr-method", "dlr-url")
    raw = bytes.fromhex(f["hex-content"])
    return f["to"], raw.decode("utf-16-be" if f["coding"] == "8" else "ascii"), None, behind_base(f["dlr-url"])


def sent_android(p):
    p.is_at("POST", "/message")
    p.basic("phone-user", "phone-pass")
    d = p.json()
    to, = d["phoneNumbers"]
    assert d["withDeliveryReport"] is True
    return plus(to), d["textMessage"]["text"], d["id"], "/hook/android-sms-gateway"


def sent_httpsms(p):
    p.is_at("POST", "/v1/messages/send")
    assert p.headers["x-api-key"] == "httpsms-access"
    d = p.json()
    return plus(d["to"]), d["content"], d["request_id"], "/hook/httpsms"


def sent_rapidpro(p):
    p.is_at("POST", "/send")
    f = p.form("id", "to", "from", "text")
    return plus(f["to"]), f["text"], f["id"], "/hook/rapidpro/p"


def sent_beem(p):
    p.is_at("POST", "/v1/send")
    p.basic("beem-key", "beem-pass")
    d = p.json()
    to, = d["recipients"]
    assert (d["schedule_time"], d["encoding"], to["recipient_id"]) == ("", 0, 1)
    return to["dest_addr"], d["message"], None, None


def sent_wavy(p):
    p.is_at("POST", "/v1/send-sms")
    assert (p.headers["username"], p.headers["authenticationtoken"]) == ("wavy-user", "wavy-token")
    d = p.json()
    assert set(d) == {"destination", "messageText"}
    return d["destination"], d["messageText"], None, "/hook/wavy/p"


def sent_mtn(p):
    p.is_at("POST", "/v2/messages/sms/outbound")
    assert p.headers["Authorization"] == "Bearer mtn-token"
    d = p.json()
    to, = d["receiverAddress"]
    return to, d["message"], d["clientCorrelator"], "/hook/mtn-sms/p"


def mtn_token(p):
    """RFC 6749, section 4.4, with the credentials in the form."""
    p.is_at("POST", "/v1/oauth/access_token")
    f = p.form("grant_type", "client_id", "client_secret")
    assert f == {"grant_type": "client_credentials", "client_id": "mtn-id", "client_secret": "mtn-pass"}
    return 200, {"access_token": "mtn-token", "expires_in": "3600", "token_type": "Bearer"}


# ---- the sheets ----

def at_recipient(code, status, id="None"):
    return 201, {"SMSMessageData": {"Recipients": [{"statusCode": code, "status": status, "messageId": id}]}}


def vonage_answer(*states, id=None):
    return 200, {"message-count": str(len(states)), "messages": [
        {"status": s, "message-id": "%s-%d" % (id, n) if n else id} for n, s in enumerate(states)]}


class Sheet:
    """message(id, who, text) and report(sent, id, word) are requests; `taken` and `refusals` answers to ours."""

    def __init__(self, name, message, secrets, ack="", sign=unsigned, window=0, covers=True, sent=None, taken=None, report=None,
                 delivered=None, failed=None, refusals=None, opt_outs=(), repeats=True, inline=None, token=None):
        self.__dict__.update((k, v) for k, v in locals().items() if k != "self")
        self.refusals = refusals or {}
        self.secrets = {k.replace("_", "-"): v for k, v in secrets.items()}


def at_message(id, who, text):
    return posted("/hook/africastalking-sms/p", id=id, from_="+" + who, to="21512", text=text)


def twilio_message(id, who, text, **more):
    return posted("/hook/twilio", MessageSid=id, From="+" + who if who else "", To="+" + OURS, Body=text, AccountSid="AC1", **more)


def vonage_message(id, who, text, **more):
    return posted("/hook/vonage-sms/p", messageId=id, msisdn=who, to=OURS, text=text, type="text", **more)


def telnyx_event(kind, payload):
    return told("/hook/telnyx", {"data": {"event_type": kind, "id": "e", "record_type": "event", "payload": payload}})


def telnyx_message(id, who, text, **more):
    return telnyx_event("message.received", dict({"id": id, "from": {"phone_number": "+" + who if who else ""}, "text": text,
                                                  "to": [{"phone_number": "+" + OURS}]}, **more))


def telnyx_report(sent, id, word, errors=()):
    kind = "message.sent" if word == "sent" else "message.finalized"
    return telnyx_event(kind, {"id": id, "to": [{"phone_number": "+" + sent.to, "status": word}], "errors": list(errors)})


def infobip_report(sent, id, word):
    return told(sent.callback, {"results": [{"messageId": sent.key, "to": sent.to, "status": {"groupId": 0, "groupName": word}}]})


def messagebird_report(sent, id, word, **more):
    return got(sent.callback, id=id, reference=sent.key, recipient=sent.to, status=word, **more)


def android_event(kind, id, **payload):
    return told("/hook/android-sms-gateway", {"id": id, "webhookId": "w", "event": kind, "deviceId": "d", "payload": payload})


def httpsms_event(kind, **data):
    return told("/hook/httpsms", {"specversion": "1.0", "id": "e", "source": "/", "type": kind, "data": data})


def kannel_message(id, who, text):
    """Kannel says UCS-2 where a letter needs it."""
    wide = any(ord(c) > 0xFF for c in text)
    raw = urllib.parse.quote_from_bytes(text.encode("utf-16-be" if wide else "utf-8"))
    start = got("/hook/kannel/p", id=id, from_="+" + who if who else "", to=OURS, charset="UTF-16BE" if wide else "GSM")
    return start._replace(query=start.query + "&text=" + raw)


def jasmin_message(id, who, text):
    wide = any(ord(c) > 0x7F for c in text)
    raw = text.encode("utf-16-be" if wide else "ascii")
    return posted("/hook/jasmin/p", id=id, from_=who, to=OURS, coding="8" if wide else "0", content="?", binary=raw.hex())


def clickatell_message(id, who, text):
    wide = any(ord(c) > 0x7F for c in text)
    said = "".join("%%%02X" % b for b in text.encode("utf-16-be")) if wide else text
    return told("/hook/clickatell/p", {"messageId": id, "fromNumber": who, "toNumber": OURS, "text": said,
                                       "charset": "UTF-16BE" if wide else "UTF-8"})


SHEETS = [
    Sheet("africastalking-sms", at_message, dict(at_key="at-key", at_username="u", at_from="2020", at_sms_path="p"),
          sent=sent_africastalking, taken=lambda id: at_recipient(101, "Success", id),
          report=lambda s, id, word: posted(s.callback, id=id, status=word, phoneNumber="+" + s.to),
          delivered="Success", failed="AbsentSubscriber",
          refusals={"opted-out": at_recipient(406, "UserInBlacklist"), "permanent": at_recipient(403, "InvalidPhoneNumber"),
                    "retry": at_recipient(500, "InternalServerError")},
          opt_outs=[lambda s, id: posted(s.callback, id=id, status="Rejected", failureReason="UserInBlackList"),
                    lambda s, id: posted("/hook/africastalking-sms/p/optout", senderId="2020", phoneNumber="+" + s.to)]),
    Sheet("twilio", twilio_message, dict(twilio_account="AC1", twilio_token="12345", twilio_from="+" + OURS),
          ack='<?xml version="1.0" encoding="UTF-8"?><Response/>', sign=twilio, sent=sent_twilio, taken=lambda id: (201, {"sid": id}),
          report=lambda s, id, word: posted(s.callback, MessageSid=id, MessageStatus=word, To="+" + s.to), delivered="delivered",
          failed="undelivered", refusals={"opted-out": (400, {"code": 21610}), "permanent": (400, {"code": 21211}),
                                          "throttled": (429, {"code": 20429}), "retry": (503, {})},
          opt_outs=[lambda s, id: posted(s.callback, MessageSid=id, MessageStatus="failed", ErrorCode="21610"),
                    lambda s, id: twilio_message(id + "s", s.to, "whatever", OptOutType="STOP")]),
    Sheet("vonage-sms", vonage_message, dict(vonage_path="p", vonage_signature="vonage-key", vonage_key="abcd1234",
                                             vonage_secret="vonage-pass", vonage_from=OURS),
          sign=vonage, window=300, sent=sent_vonage, taken=lambda id: vonage_answer("0", "0", id=id),
          report=lambda s, id, word: posted(s.callback, messageId=id, client__ref=s.key, msisdn=s.to, status=word, err__code="0"),
          delivered="delivered", failed="failed",
          refusals={"permanent": vonage_answer("0", "6"), "throttled": vonage_answer("0", "1"), "retry": vonage_answer("5")},
          opt_outs=[lambda s, id: posted(s.callback, messageId=id, client__ref=s.key, status="rejected", err__code="9")]),
    Sheet("vonage-messages", lambda id, who, text: told("/hook/vonage-messages", {
        "message_uuid": id, "from": who, "to": OURS, "channel": "sms", "text": text}),
          dict(vonage_signature="vonage-key", vonage_application="aaaa-bbbb", vonage_from=OURS),
          sign=vonage_token, window=300, sent=sent_vonage_messages, taken=lambda id: (202, {"message_uuid": id}),
          report=lambda s, id, word: told(s.callback, {"message_uuid": id, "to": s.to, "status": word, "client_ref": s.key}),
          delivered="delivered", failed="undeliverable", refusals={"permanent": (422, {}), "throttled": (429, {}), "retry": (401, {})}),
    Sheet("infobip-sms", lambda id, who, text: told("/hook/infobip-sms/p", {
        "results": [{"messageId": id, "from": who, "to": OURS, "text": text}], "messageCount": 1, "pendingMessageCount": 0}),
          dict(infobip_path="p", infobip_host="x.example", infobip_key="infobip-key", infobip_from=OURS), sent=sent_infobip,
          taken=lambda id: (200, {"messages": [{"messageId": id, "status": {"groupId": 1, "groupName": "PENDING"}}]}),
          report=infobip_report, delivered="DELIVERED", failed="UNDELIVERABLE",
          refusals={"permanent": (200, {"messages": [{"status": {"groupId": 5, "groupName": "REJECTED"}}]}), "retry": (401, {}),
                    "throttled": (429, {})}),
    Sheet("telnyx", telnyx_message, dict(telnyx_public_key=b64(TELNYX.public.raw), telnyx_key="telnyx-key", telnyx_from="+" + OURS),
          sign=telnyx, window=300, sent=sent_telnyx, taken=lambda id: (200, {"data": {"id": id, "to": [{"status": "queued"}]}}),
          report=telnyx_report, delivered="delivered", failed="delivery_failed",
          refusals={"opted-out": (400, {"errors": [{"code": "40300"}]}), "permanent": (400, {"errors": [{"code": "40310"}]}),
                    "throttled": (429, {"errors": []})},
          opt_outs=[lambda s, id: telnyx_report(s, id, "sending_failed", [{"code": "40300"}]),
                    lambda s, id: telnyx_message(id + "s", s.to, "whatever", autoresponse_type="STOP")]),
    Sheet("plivo", lambda id, who, text: posted("/hook/plivo", MessageUUID=id, From=who, To=OURS, Text=text, Type="sms"),
          dict(plivo_id="MA1", plivo_token="plivo-key", plivo_from=OURS), sign=plivo, sent=sent_plivo,
          taken=lambda id: (202, {"message_uuid": [id], "api_id": "a"}),
          report=lambda s, id, word: posted(s.callback, MessageUUID=id, Status=word, To=s.to, From=OURS), delivered="delivered",
          failed="undelivered", refusals={"permanent": (400, {}), "throttled": (429, {}), "retry": (401, {})}),
    Sheet("messagebird", lambda id, who, text: posted("/hook/messagebird/p", id=id, originator=who, recipient=OURS, body=text),
          dict(messagebird_path="p", messagebird_signing_key="mb-key", messagebird_key="mb-access", messagebird_from=OURS),
          ack="OK", sign=messagebird, window=60, sent=sent_messagebird, taken=lambda id: (201, {"id": id}), report=messagebird_report,
          delivered="delivered", failed="delivery_failed",
          refusals={"permanent": (422, {"errors": [{"code": 9}]}), "retry": (401, {"errors": [{"code": 2}]})},
          opt_outs=[lambda s, id: messagebird_report(s, id, "delivery_failed", statusErrorCode="103")]),
    Sheet("bird", lambda id, who, text: told("/hook/bird", {"service": "channels", "event": "sms.inbound", "payload": {
        "id": id, "sender": {"contact": {"identifierValue": "+" + who if who else ""}}, "body": {"text": {"text": text}}}}),
          dict(bird_signing_key="bird-key"), sign=bird, window=100),
    Sheet("sinch", lambda id, who, text: told("/hook/sinch", {"type": "mo_text", "id": id, "from": who, "to": OURS, "body": text}),
          dict(sinch_secret="sinch-key", sinch_region="eu", sinch_plan="plan1", sinch_token="sinch-token", sinch_from=OURS),
          sign=sinch, window=300, sent=sent_sinch, taken=lambda id: (201, {"id": id}),
          report=lambda s, id, word: told(s.callback, {"type": "recipient_delivery_report_sms", "batch_id": id, "recipient": s.to,
                                                       "status": word, "code": 0}),
          delivered="Delivered", failed="Aborted", refusals={"permanent": (400, {}), "throttled": (429, {}), "retry": (401, {})}),
    Sheet("clickatell", clickatell_message, dict(clickatell_path="p", clickatell_key="clickatell-key", clickatell_from=OURS),
          sent=sent_clickatell, taken=lambda id: (202, {"messages": [{"apiMessageId": id, "accepted": True}]}),
          report=lambda s, id, word: told(s.callback, {"messageId": id, "statusCode": word}), delivered=None, failed=7,
          refusals={"permanent": (200, {"messages": [{"apiMessageId": None}]}), "retry": (401, {})}),
    Sheet("zenvia", lambda id, who, text: told("/hook/zenvia", {
        "id": id, "type": "MESSAGE", "message": {"id": "m", "from": who, "to": OURS, "direction": "IN",
                                                 "contents": [{"type": "text", "text": text}]}}),
          dict(zenvia_secret="zenvia-key", zenvia_token="zenvia-token", zenvia_from=OURS), sign=zenvia, covers=False,
          sent=sent_zenvia, taken=lambda id: (200, {"id": id}),
          report=lambda s, id, word: told(s.callback, {"type": "MESSAGE_STATUS", "id": "e", "messageId": id,
                                                       "messageStatus": {"code": word}}),
          delivered="DELIVERED", failed="NOT_DELIVERED", refusals={"permanent": (400, {}), "retry": (401, {}), "throttled": (429, {})}),
    Sheet("bandwidth", lambda id, who, text: told("/hook/bandwidth/p", [
        {"type": "message-received", "message": {"id": id, "from": "+" + who if who else "", "text": text}}]),
          dict(bandwidth_path="p", bandwidth_account="55", bandwidth_user="bw-user", bandwidth_password="bw-pass",
               bandwidth_application="app-1", bandwidth_from="+" + OURS),
          sent=sent_bandwidth, taken=lambda id: (202, {"id": id}),
          report=lambda s, id, word: told(s.callback, [{"type": word, "message": {"id": id}}]), delivered="message-delivered",
          failed="message-failed", refusals={"permanent": (400, {}), "retry": (401, {}), "throttled": (429, {})}),
    Sheet("kannel", kannel_message, dict(kannel_path="p", kannel_host="x.example", kannel_user="kannel-user",
                                         kannel_password="kannel-pass", kannel_from=OURS),
          sent=sent_kannel, taken=lambda id: (202, "0: Accepted for delivery"),
          report=lambda s, id, word: Request("GET", *s.callback.replace("%d", word).split("?"), None, {}, ""), delivered="1",
          failed="2", refusals={"permanent": (400, "no"), "retry": (503, "Temporal failure, try again later.")}),
    Sheet("jasmin", jasmin_message, dict(jasmin_path="p", jasmin_host="x.example", jasmin_user="u", jasmin_password="w", jasmin_from=OURS),
          ack="ACK/Jasmin", sent=sent_jasmin, taken=lambda id: (200, 'Success "%s"' % id),
          report=lambda s, id, word: posted(s.callback, id=id, message_status=word, level="2"), delivered="DELIVRD", failed="UNDELIV",
          refusals={"permanent": (400, 'Error "no"'), "retry": (412, 'Error "No route found"')}),
    Sheet("android-sms-gateway", lambda id, who, text: android_event("sms:received", id, messageId="m", message=text,
                                                                     sender="+" + who if who else ""),
          dict(phone_signature="phone-key", phone_host="x.example", phone_user="phone-user", phone_password="phone-pass"),
          sign=android, window=300, sent=sent_android, taken=lambda id: (202, {"state": "Pending"}),
          report=lambda s, id, word: android_event(word, id, messageId=s.key), delivered="sms:delivered", failed="sms:failed",
          refusals={"permanent": (400, {}), "retry": (401, {})}),
    Sheet("httpsms", lambda id, who, text: httpsms_event("message.phone.received", message_id=id, contact="+" + who if who else "",
                                                         owner="+" + OURS, content=text, encrypted=False),
          dict(httpsms_signing_key="httpsms-key", httpsms_key="httpsms-access", httpsms_from="+" + OURS), sign=httpsms, window=600,
          covers=False, sent=sent_httpsms, taken=lambda id: (200, {"data": {"id": id}}),
          report=lambda s, id, word: httpsms_event(word, id=id), delivered="message.phone.delivered", failed="message.send.failed",
          refusals={"permanent": (422, {}), "retry": (401, {})}),
    Sheet("rapidpro", lambda id, who, text: posted("/hook/rapidpro/p/receive", sender=who, text=text),
          dict(rapidpro_path="p", rapidpro_host="x.example", rapidpro_from=OURS), sent=sent_rapidpro, taken=lambda id: (200, "OK"),
          report=lambda s, id, word: got(s.callback + word, id=s.key), delivered="/delivered", failed="/failed", repeats=False,
          refusals={"permanent": (400, "no"), "retry": (401, "no"), "throttled": (429, "no")},
          opt_outs=[lambda s, id: posted(s.callback + "/stopped", from_="+" + s.to)]),
    Sheet("wavy", lambda id, who, text: told("/hook/wavy/p", {"id": id, "source": who, "shortCode": OURS, "messageText": text}),
          dict(wavy_path="p", wavy_user="wavy-user", wavy_token="wavy-token"), sent=sent_wavy, taken=lambda id: (200, {"id": id}),
          report=lambda s, id, word: told(s.callback + "/delivered", {"correlationId": id, "deliveredStatusCode": word}), delivered=4,
          failed=201, refusals={"permanent": (400, {}), "retry": (401, {}), "throttled": (429, {})}),
    Sheet("mtn-sms", lambda id, who, text: told("/hook/mtn-sms/p", {"senderAddress": who, "receiverAddress": OURS, "message": text}),
          dict(mtn_sms_path="p", mtn_id="mtn-id", mtn_secret="mtn-pass", mtn_from=OURS), sent=sent_mtn, repeats=False,
          taken=lambda id: (201, {"transactionId": id}), token=mtn_token,
          report=lambda s, id, word: told(s.callback, {"transactionId": id, "deliveryStatus": word}), delivered="DELIVRD",
          failed="DeliveryImpossible", refusals={"permanent": (400, {}), "throttled": (429, {})}),
    Sheet("smssync", lambda id, who, text: posted("/hook/smssync", message_id=id, from_="+" + who if who else "", message=text,
                                                  secret="smssync-key", sent_to="+" + OURS),
          dict(smssync_secret="smssync-key"), ack='{"payload":{"success":true,"error":null}}', covers=False,
          inline=lambda body: json.loads(body)["payload"]["messages"][0]),
    Sheet("beem-sms", lambda id, who, text: told("/hook/beem-sms/p", {"from": who, "to": OURS, "message": text}),
          dict(beem_path="p", beem_key="beem-key", beem_secret="beem-pass", beem_from=OURS), sent=sent_beem,
          taken=lambda id: (200, {"successful": True, "request_id": 7, "code": 100}), repeats=False,
          refusals={"permanent": (400, {"code": 101}), "retry": (400, {"code": 102})}),
]
BY_NAME = {sheet.name: sheet for sheet in SHEETS}


class FakeAggregators:
    """Every aggregator's sending side: http://127.0.0.1:PORT/CHANNEL and then the path that it has itself. It notes what it
    takes before it answers; `refuse[channel]` is an answer in place of taking."""

    def __init__(self, key):
        """key: the one whose private half the service signs with (RsaKey)."""
        self.key = key
        self.sent, self.ids, self.refuse, self.refused, self.faults = [], [], {}, [], []
        self.lock = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                outer.take(self)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"] or 0)).decode()
        target, _, query = handler.path.partition("?")
        _, name, rest = target.split("/", 2)
        try:
            post, sheet = Post(handler.command, "/" + rest, query, handler.headers, body, self.key), BY_NAME[name]
            if sheet.token and "/oauth/" in post.path:
                return self.answer(handler, *sheet.token(post))
            sent = Sent(name, *sheet.sent(post))
        except Exception as fault:  # of the request: told to the test, and refused
            with self.lock:
                self.faults.append("%s: %r: %s %s %s" % (name, fault, handler.command, handler.path, body))
                self.lock.notify_all()
            return self.answer(handler, 400, "")
        with self.lock:
            refusal = self.refuse.get(name)
            id = "%s-%d" % (name, len(self.sent) + 1)
            if refusal:
                self.refused.append(name)
            else:
                self.sent.append(sent)
                self.ids.append(id)
            self.lock.notify_all()
        self.answer(handler, *(refusal or sheet.taken(id)))

    @staticmethod
    def answer(handler, status, body):
        text = (body if isinstance(body, str) else json.dumps(body)).encode(errors="surrogateescape")
        handler.send_response(status)
        handler.send_header("Content-Type", "text/plain" if isinstance(body, str) else JSON)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def wait_for(self, who, patience_s=harness.PATIENCE_S):
        """The first message to that number, and its id; a request that no sheet knows fails the test."""
        def found():
            return self.faults or any(s.to == who for s in self.sent)
        with self.lock:
            self.lock.wait_for(found, patience_s)
            assert not self.faults, self.faults
            return next((pair for pair in zip(self.sent, self.ids) if pair[0].to == who), (None, None))

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
