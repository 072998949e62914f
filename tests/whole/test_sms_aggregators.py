# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every SMS aggregator's shipped channel file against that aggregator as its documents describe it (sms_aggregators.py), through the
real program: a message comes in, the answer leaves by libcurl, a report comes back, and the database says so. And what
comes twice, broken, unsigned, late or in another alphabet."""
import http.client
import itertools
import json
import re
import shutil
import time

import pytest

import harness
from callers import CONSENT, START, STOP, settings
from sms_aggregators import BY_NAME, SHEETS, FakeAggregators, vonage_message
from signing import BASE, JSON, RsaKey, raw

QUEUED, CLAIMED, SENT, DELIVERED, FAILED = range(5)
CHANNELS = harness.TOP / "config/channels"
SAID = 'Où? % & <b> "да" 😀'
MENU = """start main
trigger main
  words en HELP
trigger odd
  words en ПОМОЩЬ, ÉTÉ
trigger long
  words en ПОДРОБНО И ДОЛГО
screen main
  say Main page.
  option 1 A call -> agree
  option 2 Finish -> bye
screen bye
  say Goodbye.
  -> end
screen odd
  say %s
  -> end
screen long
  say Put together.
  option 1 Main page -> main
""" % SAID + STOP + START + CONSENT

SENDING = [s for s in SHEETS if s.sent]
REPORTING = [s for s in SENDING if s.report]


def each(sheets):
    return pytest.mark.parametrize("sheet", sheets, ids=[s.name for s in sheets])


def write_channel(service, sheet, port):
    """The shipped file; only the host that it sends to is another."""
    text = (CHANNELS / (sheet.name + ".channel")).read_text()
    text, n = re.subn(r"(?m)^send(?:-auth)? (GET|POST|oauth2) https?://[^/\s]+",
                      lambda m: "%s http://127.0.0.1:%d/%s" % (m[0].rpartition(" ")[0], port, sheet.name), text)
    assert n == bool(sheet.sent) + bool(sheet.token), "the send line of %s has changed" % sheet.name
    if n and "\nallow private\n" not in text:
        text = text.replace("\nsend ", "\nallow private\nsend ", 1)
    (service.conf.parent / "channels" / (sheet.name + ".channel")).write_text(text)


def serve_all(folder, fake):
    made = harness.Service(folder / "aggregators")
    menu = folder / "aggregators/config/aggregators.menu"
    menu.write_text(MENU)
    secrets = {}
    for sheet in SHEETS:
        write_channel(made, sheet, fake.port)
        secrets.update(sheet.secrets)
    settings(made, menus=menu, public_url=BASE, trusted_proxy="127.0.0.0/8",
             **{"secret-file vonage-private-key": fake.key.private},
             **{"secret " + name: value for name, value in secrets.items()})
    return made.start()


@pytest.fixture(scope="module")
def world():
    folder = harness.fast_folder()
    with FakeAggregators(RsaKey(folder)) as fake:
        service = serve_all(folder, fake)
        yield service, fake
        service.stop()
        assert not service.crashes(), service.crashes()
        assert not fake.faults, fake.faults
    shutil.rmtree(folder, ignore_errors=True)


numbers = ("1%d55501%02d" % (area, n) for area in range(202, 999) for n in range(100))
ids = ("id-%d" % n for n in itertools.count(1))


def ask(service, request, doubled=None):
    """The request as (status, body); a header that `doubled` names goes twice."""
    connection = http.client.HTTPConnection(*service.address, timeout=harness.PATIENCE_S)
    connection.putrequest(request.method, request.path + ("?" + request.query if request.query else ""))
    body = raw(request.body)
    headers = {**request.headers, **({"Content-Type": request.type} if request.type else {}), "Content-Length": str(len(body))}
    for name, value in headers.items():
        for _ in range(1 + (name == doubled)):
            connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    said = answer.status, answer.read().decode()
    connection.close()
    return said


def tell(service, sheet, request, now=None):
    """Signed as the aggregator does."""
    return ask(service, sheet.sign(request, int(now or time.time())))


def rows(service, above=0):
    return service.query("SELECT id, state, channel FROM outbox WHERE id > ? ORDER BY id", above)


def last_row(service):
    return service.query("SELECT coalesce(max(id), 0) FROM outbox")[0][0]


def known(service):
    """What a refused request must leave as it was."""
    return service.query("SELECT (SELECT count(*) FROM turn), (SELECT count(*) FROM outbox), (SELECT count(*) FROM number),"
                         " (SELECT count(*) FROM seen)")


def stopped(service):
    return service.query("SELECT count(*) FROM number WHERE stopped IS NOT NULL")[0][0]


def state_is(service, row, state):
    return harness.until(lambda: service.query("SELECT state FROM outbox WHERE id = ?", row) == [(state,)])


def exchange(world, sheet, text="HELP"):
    """Somebody writes; (the row, what the aggregator took, its id)."""
    service, fake = world
    who, before = next(numbers), last_row(service)
    assert tell(service, sheet, sheet.message(next(ids), who, text)) == (200, sheet.ack)
    sent, id = fake.wait_for(who)
    assert sent, "nothing was sent to the aggregator"
    (row, _, channel), = rows(service, before)
    assert channel == sent.channel
    assert state_is(service, row, SENT)
    return row, sent, id


def test_every_channel_file_of_sms_has_its_sheet():
    files = {path.stem for path in CHANNELS.glob("*.channel") if re.search(r"(?m)^medium sms$", path.read_text())}
    assert files == set(BY_NAME)


@each(REPORTING)
def test_a_message_is_answered_sent_and_reported(world, sheet):
    service, _ = world
    row, sent, id = exchange(world, sheet)
    assert sent.text.startswith("Main page.") and sent.channel == sheet.name
    for word, state in ((sheet.delivered, DELIVERED), (sheet.failed, FAILED)):
        if word is None:
            continue
        row, sent, id = exchange(world, sheet)
        report = sheet.report(sent, id, word)
        assert tell(service, sheet, report)[0] == 200
        assert state_is(service, row, state)
        assert tell(service, sheet, report)[0] == 200, "twice"
        assert state_is(service, row, state)
    other = sent._replace(key="f" * 32, callback=sent.callback.replace(sent.key or "\0", "f" * 32))
    report = sheet.report(other, "of-nobody", sheet.delivered or sheet.failed)
    assert tell(service, sheet, report)[0] == 200, "unknown: acknowledged, or it would come again"


@each([s for s in SHEETS if not s.report and not s.inline])
def test_a_message_is_answered_where_nothing_is_reported(world, sheet):
    _, sent, _ = exchange(world, sheet)
    assert sent.text.startswith("Main page.")
    assert sent.channel == (sheet.name if sheet.sent else "africastalking-sms"), "what cannot send answers by the sms-channel"


@each([s for s in SHEETS if s.inline])
def test_a_message_is_answered_in_the_reply(world, sheet):
    service, fake = world
    who, before, request = next(numbers), last_row(service), None
    for text, said in (("HELP", "Main page."), ("ПОМОЩЬ", SAID)):
        request = sheet.message(next(ids), who, text)
        status, body = tell(service, sheet, request)
        answer = sheet.inline(body)
        assert status == 200 and answer["to"] == "+" + who and answer["message"].startswith(said)
        assert tell(service, sheet, request) == (status, body), "a repeat gets the same answer"
    assert rows(service, before) == []


@each([s for s in SHEETS if s.repeats and not s.inline])
def test_a_repeat_is_answered_once(world, sheet):
    service, fake = world
    who, before = next(numbers), last_row(service)
    request = sheet.message(next(ids), who, "HELP")
    answers = {tell(service, sheet, request) for _ in range(3)}
    assert answers == {(200, sheet.ack)}
    assert fake.wait_for(who)[0] and harness.sent_out(service)
    assert len(rows(service, before)) == 1


@each(SENDING)
@pytest.mark.parametrize("word", ["ПОМОЩЬ", "été"])
def test_letters_come_and_go_as_they_are(world, sheet, word):
    _, sent, _ = exchange(world, sheet, word)
    assert sent.text.startswith(SAID)


@each(SHEETS)
def test_what_is_broken_is_refused_and_leaves_nothing(world, sheet):
    service, _ = world
    good = sheet.message("broken", next(numbers), "HELP")
    before = known(service)
    nobody = sheet.message("broken", "", "HELP")
    if good.type == JSON:
        bodies = [good.body[:-1], good.body + "}", "", "null", "[" * 10000 + "]" * 10000, good.body.replace('"HELP"', '{"a":[1]}'),
                  good.body.replace('HELP', '\\ud800'), good.body.replace('HELP', '\udcff')]
        broken = [good._replace(body=body) for body in bodies] + [nobody]
    else:
        where = "body" if good.method == "POST" else "query"
        text = getattr(good, where)
        name = re.search(r"(\w+)=(?:HELP|48454c50)", text)[1]
        twice, bad = text + "&%s=HELP" % name, re.sub("=(HELP|48454c50)", "=%FF%FE", text)
        broken = [good._replace(**{where: value}) for value in (twice, bad)] + [nobody, nobody._replace(**{where: ""})]
    for request in broken:
        status = ask(service, sheet.sign(request, int(time.time())))[0]
        # What is no kind of request that the file names is acknowledged, so that it does not come again for days.
        nothing = request.type == JSON and request.body in ("null",) or request.body.startswith("[[")
        assert status in ((200, 400) if nothing else (400, 403)), (status, request)
    assert known(service) == before


@each(SHEETS)
def test_what_is_forged_or_late_is_refused_and_leaves_nothing(world, sheet):
    service, _ = world
    now = int(time.time())
    good = sheet.message("forged", next(numbers), "HELP")
    signed = sheet.sign(good, now)
    before = known(service)
    forged = []
    if sheet.sign(good, now, "another") != good:
        forged += [good, sheet.sign(good, now, "another")]
    if re.search("/p(/|$)", good.path):
        forged += [sheet.sign(good._replace(path=re.sub("/p(?=/|$)", path, good.path)), now) for path in ("/q", "", "/")]
    if sheet.covers and len(forged) and signed != good:
        at = (signed.body or signed.query).index("HELP")
        forged.append(signed._replace(**{"body" if signed.body else "query":
                                         (signed.body or signed.query)[:at] + "IELP" + (signed.body or signed.query)[at + 4:]}))
    if sheet.window:
        forged += [sheet.sign(good, now - 3600), sheet.sign(good, now + 3600)]
    if sheet.name == "smssync":
        forged = [good._replace(body=good.body.replace("smssync-key", key)) for key in ("smssync-kez", "")]
    assert forged
    assert [ask(service, request)[0] for request in forged] == [403] * len(forged)
    for name in signed.headers:
        if name != "X-Forwarded-For":
            assert ask(service, signed, doubled=name)[0] in (400, 403), "%s twice" % name
    assert known(service) == before
    assert not any("12025550" in line for line in service.log), "no number in the log"


@each([s for s in SHEETS if s.refusals])
@pytest.mark.parametrize("outcome", ["permanent", "opted-out"])
def test_a_refusal_is_final_and_an_opt_out_stops_contact(world, sheet, outcome):
    service, fake = world
    if outcome not in sheet.refusals:
        return
    before, stops = last_row(service), stopped(service)
    fake.refuse[sheet.name] = sheet.refusals[outcome]
    assert tell(service, sheet, sheet.message(next(ids), next(numbers), "HELP"))[0] == 200
    (row, _, _), = rows(service, before)
    assert state_is(service, row, FAILED)
    del fake.refuse[sheet.name]
    assert harness.until(lambda: stopped(service) == stops + (outcome == "opted-out"))


ODD_ANSWERS = {
    "arrays, deep": "[" * 10000 + "]" * 10000,
    "objects, deep": '{"a":' * 3000 + "1" + "}" * 3000,
    "entities": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><r>&b;</r>',
    "no UTF-8": '{"id":"\udcff\udcfe"}',
    "other types": '{"id":{"a":[1]},"messages":{"0":1},"message_uuid":[],"data":"x","SMSMessageData":null,"status":{}}',
    "a huge id": json.dumps({name: "x" * 50000 for name in ("id", "sid", "message_uuid", "messageId", "batch_id")}),
}


@each(SENDING)
def test_an_answer_that_is_none_is_no_harm(world, sheet):
    """What the aggregator says to our message: whatever it is, the message is settled, and the next one leaves."""
    service, fake = world
    for what, said in ODD_ANSWERS.items():
        before, asked = last_row(service), len(fake.refused)
        fake.refuse[sheet.name] = (200, said)
        assert tell(service, sheet, sheet.message(next(ids), next(numbers), "HELP"))[0] == 200
        assert harness.until(lambda: len(fake.refused) > asked), what
        del fake.refuse[sheet.name]
        (row, _, _), = rows(service, before)
        assert harness.until(lambda: service.query("SELECT state FROM outbox WHERE id = ?", row) != [(CLAIMED,)]), what
        exchange(world, sheet)


@each([s for s in SHEETS if s.opt_outs])
def test_an_opt_out_that_the_aggregator_tells_stops_contact(world, sheet):
    service, fake = world
    for tells in sheet.opt_outs:
        row, sent, id = exchange(world, sheet)
        stops, before = stopped(service), last_row(service)
        assert tell(service, sheet, tells(sent, id)) == (200, sheet.ack)
        assert stopped(service) == stops + 1
        assert rows(service, before) == [], "it has told the person itself"


@each(SENDING)
def test_stop_stops_and_is_confirmed_by_the_same_way(world, sheet):
    service, fake = world
    stops = stopped(service)
    _, sent, _ = exchange(world, sheet, "Stop")
    assert sent.text.startswith("Stopped.") and stopped(service) == stops + 1


def test_parts_of_vonage_are_one_message(world):
    service, fake = world
    sheet, who = BY_NAME["vonage-sms"], next(numbers)
    parts = [(2, " И "), (1, "ПОДРОБНО"), (3, "ДОЛГО"), (1, "ПОДРОБНО")]
    for n, text in parts:
        request = vonage_message("part-%d" % n, who, text, concat="true", concat__ref="9", concat__total="3", concat__part=str(n))
        assert tell(service, sheet, request) == (200, "")
    assert fake.wait_for(who)[0].text.startswith("Put together.")


def test_one_part_that_failed_is_a_message_that_failed(world):
    service, _ = world
    sheet = BY_NAME["vonage-sms"]
    row, sent, id = exchange(world, sheet)
    for n, word in enumerate(("delivered", "failed", "delivered")):
        assert tell(service, sheet, sheet.report(sent, "%s-%d" % (id, n), word))[0] == 200
    assert state_is(service, row, FAILED)


def test_what_is_not_for_now_waits(folder):
    """Throttled, or a fault on their side: the message is kept and tried again. A channel each, and all at once."""
    for outcome in ("retry", "throttled"):
        with FakeAggregators(RsaKey(folder)) as fake:
            service = serve_all(folder / outcome, fake)
            try:
                told = [s for s in SENDING if outcome in s.refusals]
                for sheet in told:
                    fake.refuse[sheet.name] = sheet.refusals[outcome]
                    assert tell(service, sheet, sheet.message(next(ids), next(numbers), "HELP"))[0] == 200
                names = {s.name for s in told}
                assert harness.until(lambda: set(fake.refused) == names and {row[1] for row in rows(service)} == {QUEUED})
                assert [channel for _, _, channel in rows(service)] == [s.name for s in told]
                fake.refuse.clear()
                assert harness.sent_out(service) and not fake.faults
                assert len(fake.sent) == len(told)
            finally:
                service.stop()
