# SPDX-License-Identifier: AGPL-3.0-or-later
"""Africa's Talking as the fact sheets describe it (aggregators 2.1 with its seven pitfalls, and 3.1), over HTTP."""
import sqlite3
import time

import pytest

from callers import metric, running, settings, turns
from harness import AGGREGATOR_S, Client, Phone, sent_out, sms, until, ussd

QUEUED, SENT, DELIVERED, FAILED, CANCELLED = 0, 2, 3, 4, 6
NUMBER = "+12025550101"
MAIN, NOTE = "CON Main page.", "CON Which note?"


@pytest.fixture
def service(folder, aggregator):
    with running(folder, aggregator) as made:
        yield made


@pytest.fixture
def phone(service):
    return Phone(service, NUMBER)


def at(phone, path):
    """One request with exactly this path, in the phone's session."""
    return phone.request(path)


def cases(service):
    return service.query("SELECT count(*) FROM casefile")[0][0]


# ---- pitfall 1: input that holds the separator ----

def test_what_was_stored_before_is_taken_away_from_the_path(phone):
    assert phone.dial().startswith(MAIN)
    assert at(phone, "1").startswith(NOTE)
    assert at(phone, "1*milk").startswith("CON Noted milk.")
    assert at(phone, "1*milk*1").startswith(NOTE)
    assert at(phone, "1*milk*1*bread").startswith("CON Noted bread.")


@pytest.mark.parametrize("answer", ["2*3", "*", "**", "*1", "1*", "#31#", "a*b*c*1*2", "1 * 2"])
def test_an_answer_with_stars_comes_through_whole(phone, answer):
    phone.dial()
    shown = phone.type("1", answer)
    if answer.strip("*"):
        assert shown.startswith("CON Noted %s.\n" % answer), shown
        assert phone.type("1").startswith(NOTE)
    else:
        assert shown.startswith("CON A note has"), "signs alone say nothing"
    assert phone.type("after").startswith("CON Noted after.")


def test_a_path_is_never_walked_again_from_the_root(phone, service, aggregator):
    """Back leaves its zero in the path, a wrong answer leaves its letters (pitfall 3)."""
    phone.dial()
    phone.type("3", "one")
    assert phone.type("0").startswith("CON Which word?")
    assert phone.type("not a word").startswith("CON One word please.")
    assert phone.type("two").startswith("CON Sent two.")
    assert phone.type("1").startswith(MAIN)
    assert sent_out(service)
    assert sorted(m.text for m in aggregator.accepted) == ["Your word is one.", "Your word is two."]


# ---- pitfall 2: dial-through ----

def test_what_was_dialled_behind_the_code_is_answers(phone):
    phone.session = "ATUid_through"
    assert at(phone, "1*milk").startswith("CON Noted milk.")
    assert at(phone, "1*milk*2").startswith(MAIN)


def test_a_dial_through_stops_before_anything_that_has_an_effect(service, phone, aggregator):
    phone.session = "ATUid_through2"
    shown = at(phone, "4*1*help*x")
    assert shown.startswith("CON May we call you?"), shown
    assert service.query("SELECT count(*) FROM consent")[0][0] == 0
    assert at(phone, "4*1*help*x*1").startswith("CON What do you need?")
    assert service.query("SELECT count(*) FROM consent")[0][0] == 1


def test_a_dial_through_with_a_wrong_answer_ends_on_the_screen_it_belongs_to(phone):
    phone.session = "ATUid_through3"
    assert at(phone, "2*old").startswith("CON Age in numbers please.")
    assert at(phone, "2*old*30").startswith("CON You are 30.")


def test_a_path_of_a_thousand_answers_is_answered_politely(phone):
    phone.session = "ATUid_through4"
    assert at(phone, "*".join(["1"] * 1000)).startswith(("CON ", "END "))
    assert at(phone, "*" * 5000).startswith(("CON ", "END "))


def test_the_channel_file_may_say_that_the_first_text_is_part_of_the_code(folder, aggregator):
    with running(folder, aggregator) as service:
        service.terminate()
        change(service, "first answers", "first suffix")
        service.start()
        phone = Phone(service, NUMBER)
        phone.session = "ATUid_suffix"
        assert at(phone, "77").startswith(MAIN)
        assert at(phone, "77*1").startswith(NOTE)


def change(service, old, new):
    """Another channel file, for a service that does not run."""
    path = service.conf.parent / "channels/africastalking.channel"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


# ---- pitfall 4: empty answers ----

def test_an_unchanged_path_shows_the_screen_again_and_makes_no_turn(phone, service):
    phone.dial()
    first = phone.type("1")
    before = turns(service)
    for _ in range(3):
        assert at(phone, "1") == first
    assert turns(service) == before
    assert metric(service, "waymark_repeats_total") == 3


def test_a_path_that_ends_with_a_star_is_an_empty_answer(phone, service):
    phone.dial()
    phone.type("1")
    before = turns(service)
    assert at(phone, "1*").startswith("CON A note has 1 to 30 letters.")
    assert turns(service) == before + 1
    assert at(phone, "1**milk").startswith("CON Noted milk.")


# ---- pitfall 5: lost state ----

def forget(service):
    """What a restore of an older file or another node would be: the sessions are not there."""
    assert service.terminate() == 0
    db = sqlite3.connect(service.data / "waymark.db")
    db.execute("DELETE FROM turn")
    db.execute("DELETE FROM session")
    db.commit()
    db.close()


def test_a_path_without_its_session_is_walked_as_if_dialled_through(phone, service):
    phone.dial()
    phone.type("1", "milk")
    forget(service)
    service.start()
    other = Phone(service, NUMBER)
    other.session = phone.session
    # nobody can tell it from a dial-through (`first answers`), so it is walked, up to whatever has an effect
    assert at(other, "1*milk*1").startswith(NOTE)
    assert at(other, "1*milk*1*bread").startswith("CON Noted bread.")
    assert other.dial().startswith(MAIN)


def test_a_lost_session_of_a_channel_without_dial_through_begins_again(phone, service):
    phone.dial()
    phone.type("1", "milk")
    forget(service)
    change(service, "first answers", "first suffix")
    service.start()
    other = Phone(service, NUMBER)
    other.session = phone.session
    assert at(other, "1*milk*1").startswith(MAIN)


def test_a_path_that_does_not_continue_what_is_known_is_lost_and_harms_nothing(phone, service):
    phone.dial()
    phone.type("1")
    before = turns(service)
    assert at(phone, "2*7") == "END Please dial again."
    assert turns(service) == before
    assert at(phone, "1*milk").startswith("CON Noted milk.")


def test_lost_replay_walks_the_path_and_does_nothing_twice(phone, service, aggregator):
    service.terminate()
    change(service, "lost end", "lost replay")
    service.start()
    phone = Phone(service, NUMBER)
    phone.dial()
    phone.type("3", "bread")
    assert sent_out(service)
    shown = at(phone, "3*milk*1")  # not what is known
    assert shown.startswith("CON Which word?"), shown
    assert sent_out(service)
    assert [m.text for m in aggregator.accepted] == ["Your word is bread."]


def test_an_expired_session_is_not_taken_up(folder, aggregator):
    began = int(time.time())
    with running(folder, aggregator) as service:
        phone = Phone(service, NUMBER)
        phone.dial()
        phone.type("1")
        service.terminate()
        db = sqlite3.connect(service.data / "waymark.db")
        (expires,), = db.execute("SELECT max(expires) FROM turn")
        assert 600 <= expires - began <= 600 + (time.time() - began) + 1, "ten minutes after the last answer (pitfall 6)"
        db.execute("UPDATE session SET expires = 1000")
        db.execute("UPDATE turn SET expires = 1000")
        db.commit()
        db.close()
        service.start()
        other = Phone(service, NUMBER)
        other.session = phone.session
        assert at(other, "2").startswith("CON How old"), "a first text, not an answer to the note"
        assert at(other, "").startswith(MAIN)


# ---- pitfall 6: the session id comes again ----

def test_a_session_id_that_is_used_again_begins_anew(phone, service):
    phone.dial()
    phone.type("1", "milk")
    assert at(phone, "").startswith(MAIN)
    assert at(phone, "1").startswith(NOTE)


def test_one_session_id_of_two_people_is_two_sessions(phone, service):
    phone.dial()
    phone.type("1")
    other = Phone(service, "+12025550102")
    other.session, other.path = phone.session, ""
    assert at(other, "").startswith(MAIN)
    assert phone.type("milk").startswith("CON Noted milk.")
    assert at(other, "2").startswith("CON How old")


# ---- repeated requests ----

def test_a_repeated_registration_is_done_once(phone, service, aggregator):
    phone.dial()
    shown = phone.type("4", "1", "a call")
    assert shown.startswith("END Your number is ")
    for _ in range(5):
        assert at(phone, phone.path) == shown
    assert cases(service) == 1
    assert sent_out(service)
    assert len(aggregator.accepted) == 1


def test_repeats_in_flight_at_the_same_time_are_done_once(service, aggregator):
    clients = [Client(service.address) for _ in range(16)]
    one = Phone(service, NUMBER)
    one.dial()
    one.type("3")
    for client in clients:
        client.send("POST", "/hook/africastalking", (
            "sessionId=%s&phoneNumber=%%2B12025550101&serviceCode=*384%%23&text=3*bread" % one.session).encode())
    answers = {client.receive() for client in clients}
    assert len(answers) == 1 and answers.pop()[1].startswith("CON Sent bread.")
    assert sent_out(service)
    assert len(aggregator.accepted) == 1


def test_an_older_request_that_comes_again_is_not_done_again(phone, service, aggregator):
    phone.dial()
    phone.type("3")
    phone.type("bread")
    phone.type("1")
    before = turns(service)
    for late in ("3", "3*bread"):
        assert at(phone, late).startswith(("CON ", "END ")), late
    assert turns(service) == before
    assert phone.type("1", "milk").startswith("CON Noted milk."), "the session goes on where it was"
    assert sent_out(service)
    assert len(aggregator.accepted) == 1


# ---- pitfall 7, and other shapes ----

def test_a_missing_text_is_an_empty_one(service):
    client = Client(service.address)
    status, body = client.post("/hook/africastalking", {"sessionId": "ATUid_7", "phoneNumber": NUMBER})
    assert status == 200 and body.startswith(MAIN)


def test_the_answer_is_plain_text_of_the_documented_form(service):
    client = Client(service.address)
    client.send("POST", "/hook/africastalking", b"sessionId=ATUid_8&phoneNumber=%2B12025550101&text=")
    while b"\r\n\r\n" not in client.buffer:
        client.more()
    assert b"\r\nContent-Type: text/plain" in client.buffer
    assert client.receive()[1].startswith("CON Main page.\n1 Note\n")


def test_a_finished_session_ends_and_says_no_more(phone, service):
    phone.dial()
    assert phone.type("6") == "END Goodbye."
    assert phone.type("1") == "END Please dial again."


def test_the_end_of_session_event_is_acknowledged_and_changes_nothing(phone, service):
    phone.dial()
    phone.type("1")
    before = turns(service)
    event = {"date": "2026-01-02 03:04:05", "sessionId": phone.session, "serviceCode": "*384#", "networkCode": "99999",
             "phoneNumber": NUMBER, "status": "Incomplete", "cost": "KES 0.10", "durationInMillis": "1500",
             "hopsCount": "2", "input": "1", "lastAppResponse": "CON Which note?"}
    for _ in range(2):
        assert phone.client.post("/hook/africastalking/ended", event) == (200, "OK")
    assert turns(service) == before
    assert service.query("SELECT sum(number) FROM counter WHERE event = 'dropped'") == [(2,)]
    assert phone.client.post("/hook/africastalking/ended", {"sessionId": "ATUid_nobody"}) == (200, "OK")
    assert phone.client.post("/hook/africastalking/finished", event)[0] == 404


# ---- SMS ----

def test_an_sms_is_acknowledged_and_answered_by_the_aggregator(phone, service, aggregator):
    assert phone.text("HELP") == (200, "")
    assert aggregator.wait_for(lambda: len(aggregator.accepted) == 1)
    message = aggregator.accepted[0]
    assert message.number == NUMBER and message.text.startswith("Main page.\n1 Note")
    assert phone.text("1") == (200, "")
    assert aggregator.wait_for(lambda: len(aggregator.accepted) == 2)
    assert aggregator.accepted[1].text.startswith("Which note?")


def test_both_date_layouts_and_fields_that_we_do_not_know_are_taken(service, aggregator):
    client = Client(service.address)
    for i, date in enumerate(("2026-01-02T03:04:05Z", "2026-01-02 03:04:05")):
        assert client.post("/hook/africastalking-sms", {"linkId": "SampleLink1", "text": "HELP", "to": "21512",
                                                         "id": "date-%d" % i, "date": date, "from": NUMBER,
                                                         "cost": "KES 1", "networkCode": "63902"}) == (200, "")
    assert aggregator.wait_for(lambda: len(aggregator.accepted) == 2)


def test_an_sms_that_comes_three_times_has_one_effect(service, aggregator):
    client = Client(service.address)
    sms(client, NUMBER, "first", "WORD")
    answers = {sms(client, NUMBER, "same-id", "bread") for _ in range(3)}
    assert answers == {(200, "")}
    sms(client, NUMBER, "same-id", "another text with the same id")
    assert sent_out(service)
    texts = sorted(m.text.split("\n")[0] for m in aggregator.accepted)
    assert texts == ["Sent bread.", "Which word?", "Your word is bread."]
    assert turns(service) == 2


def test_a_stop_that_comes_again_after_a_start_is_not_done_again(service, aggregator):
    client = Client(service.address)
    stopped = "SELECT stopped IS NOT NULL FROM number"
    sms(client, NUMBER, "stop-1", "STOP")
    assert service.query(stopped) == [(1,)]
    sms(client, NUMBER, "start-1", "START")
    assert service.query(stopped) == [(0,)]
    sms(client, NUMBER, "stop-1", "STOP")
    assert service.query(stopped) == [(0,)]


def test_a_delivery_report_moves_the_message_on(phone, service, aggregator):
    phone.text("HELP")
    assert sent_out(service)
    state = "SELECT state FROM outbox"
    assert service.query(state) == [(SENT,)]
    report = {"id": "ATXid_" + aggregator.accepted[0].key, "phoneNumber": NUMBER, "networkCode": "63902"}

    def tell(status, **more):
        return phone.client.post("/hook/africastalking-sms/delivery", dict(report, status=status, **more))

    assert tell("Buffered") == (200, "")
    assert service.query(state) == [(SENT,)]
    assert tell("Success") == (200, "")
    assert service.query(state) == [(DELIVERED,)]
    assert tell("Sent") == (200, "")
    assert service.query(state) == [(DELIVERED,)], "a report that comes late takes nothing back"
    assert tell("Failed", failureReason="DeliveryFailure") == (200, "")
    assert service.query(state) == [(FAILED,)], "a part of it that failed makes the message failed"
    assert tell("Success") == (200, "")
    assert service.query(state) == [(FAILED,)]
    assert phone.client.post("/hook/africastalking-sms/delivery", {"id": "ATXid_nobody", "status": "Success"})[0] == 200
    assert tell("SomethingNew") == (200, "")


@pytest.mark.parametrize("status", ["Failed", "Rejected", "Expired", "AbsentSubscriber"])
def test_a_failed_delivery_is_kept_as_failed(phone, service, aggregator, status):
    phone.text("HELP")
    assert sent_out(service)
    phone.client.post("/hook/africastalking-sms/delivery", {"id": "ATXid_" + aggregator.accepted[0].key,
                                                             "status": status})
    assert service.query("SELECT state FROM outbox") == [(FAILED,)]


def test_an_opt_out_at_the_aggregator_stops_contact(phone, service, aggregator):
    aggregator.answer = aggregator.failure  # so that a message waits for its next try
    phone.dial()
    phone.type("3", "bread")
    assert aggregator.wait_for(lambda: aggregator.refused)
    assert phone.client.post("/hook/africastalking-sms/optout", {"senderId": "21512", "phoneNumber": NUMBER})[0] == 200
    assert service.query("SELECT stopped IS NOT NULL FROM number") == [(1,)]
    assert until(lambda: service.query("SELECT state FROM outbox") == [(CANCELLED,)]), service.query("SELECT * FROM outbox")
    aggregator.answer = None
    phone.text("HELP")  # the answer to what they send themselves still leaves
    assert sent_out(service)
    assert [m.text.split("\n")[0] for m in aggregator.accepted] == ["Main page."]


@pytest.mark.parametrize("sender", ["21512", "WAYMARK", "Airtel-Info", "123"])
def test_short_codes_and_names_are_acknowledged_and_never_answered(service, aggregator, sender):
    client = Client(service.address)
    assert sms(client, sender, "x1", "HELP") == (200, "")
    assert sms(client, sender, "x2", "STOP") == (200, "")
    sms(client, NUMBER, "x3", "HELP")
    assert sent_out(service)
    assert [m.number for m in aggregator.accepted] == [NUMBER]
    assert turns(service) == 1
    assert service.query("SELECT count(*) FROM number") == [(1,)]


def test_an_sms_without_a_text_is_answered_with_the_start(service, aggregator):
    client = Client(service.address)
    assert client.post("/hook/africastalking-sms", {"id": "e1", "from": NUMBER, "to": "21512"}) == (200, "")
    assert aggregator.wait_for(lambda: aggregator.accepted)
    assert aggregator.accepted[0].text.startswith("Main page.")


# ---- the secret in the path ----

def test_a_configured_secret_is_asked_for(folder, aggregator):
    with running(folder, aggregator) as service:
        service.terminate()
        settings(service, **{"secret at-ussd-path": "7f3c9a"})
        service.start()
        client = Client(service.address)
        fields = {"sessionId": "ATUid_s", "phoneNumber": NUMBER, "text": ""}
        for path in ("", "/", "/7f3c9", "/7f3c9a1", "/wrong", "/wrong/ended", "//7f3c9a"):
            assert client.post("/hook/africastalking" + path, fields)[0] in (403, 404), path
        assert turns(service) == 0
        assert client.post("/hook/africastalking/7f3c9a", fields)[1].startswith(MAIN)
        assert client.post("/hook/africastalking/7f3c9a/ended", fields) == (200, "OK")


def test_sixty_turns_are_answered_while_the_aggregator_waits_for_one(phone):
    began = time.monotonic()
    phone.dial()
    for _ in range(20):
        phone.type("1", "milk", "2")
    assert time.monotonic() - began < AGGREGATOR_S
    assert ussd(phone.client, NUMBER, phone.session, phone.path)[0] == 200
