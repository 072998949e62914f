# SPDX-License-Identifier: AGPL-3.0-or-later
"""When a person may be texted: by what they said, and by the hours that a caseworker made of it."""
import datetime
import time

import pytest

import callers
import people
import staffroom

UTC = datetime.timezone.utc
EVERY_DAY = {"day%d" % n: "yes" for n in range(7)}


@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators, quiet="never", zone="Etc/UTC") as made:
        yield made


def ahead(hours):
    return datetime.datetime.fromtimestamp(time.time() + 3600 * hours, UTC)


def clock(hours):
    return ahead(hours).strftime("%H:%M")


def hours(visitor, reference, since, until, **fields):
    """Writes down that it is safe from this time to that one, by a clock that shows UTC."""
    visitor.get("/case/%s/hours" % reference)
    return visitor.submit("/case/%s/hours" % reference, **{"zone": "0", "from": since, "to": until, **EVERY_DAY, **fields})


def look(visitor, reference, words="Call us when you can"):
    visitor.get("/case/%s/reply" % reference)
    return visitor.submit("/case/%s/reply" % reference, words=words)


def queued(service, reference):
    return service.query("SELECT o.next_ms, o.until_ms FROM outbox o JOIN case_note n ON n.message = o.id"
                         " JOIN casefile c ON c.id = n.casefile WHERE c.reference = ? AND o.state = 0", reference)


def test_a_time_of_their_own_is_written_down_before_anything_is_sent(service, ana):
    _, reference = people.asks(service, 0, call=("2", "Monday evening"))
    assert "Nobody has written this down as hours yet" in ana.get("/case/" + reference).main
    page = ana.get("/case/%s/reply" % reference)
    assert "nobody has written it down as hours" in page.main and "Monday evening" in page.main
    assert "/case/%s/hours" % reference in page.links(), "the way on"
    form = ana.get("/case/" + reference).form("/note")["fields"]
    for step in ("reply", "reply/send"):
        answer = ana.post("/case/%s/%s" % (reference, step), **{**form, "words": "Hello", "leaves": "now"})
        assert answer.status == 422 and "nobody has written it down" in answer.text
    assert not queued(service, reference)
    page = hours(ana, reference, clock(-1), clock(3))
    assert "No text leaves outside these hours" in page.main and "Now is a safe time" in page.main
    assert "Send to" in look(ana, reference).main
    assert "leaves in ten seconds" in ana.submit("/reply/send").main
    due, until = queued(service, reference)[0]
    assert due - 1000 * time.time() < 10500 and until - 1000 * time.time() > 2.5 * 3600 * 1000


def test_a_reply_outside_their_hours_waits_for_them(service, aggregators, ana):
    _, reference = people.asks(service, 1, call=("2", "Early"))
    opens, ends = clock(2), clock(3)
    assert "Not now" in hours(ana, reference, opens, ends).main and "Safe again" in ana.page.main
    assert "A reply does not leave now" in ana.get("/case/%s/reply" % reference).main, "told before anything is written"
    page = look(ana, reference)
    assert "It does not leave now" in page.main and "Send to" not in page.main
    assert opens + " here" in page.main
    page = ana.submit("/reply/send")
    assert "waits until it is safe" in page.main and "waits to leave until" in page.main
    due, until = queued(service, reference)[0]
    assert ahead(2).timestamp() - 120 < due / 1000 < ahead(2).timestamp() + 1 and until - due == 3600 * 1000
    assert "did not leave" in ana.submit("/undo").main and not queued(service, reference)
    assert not [sent for sent in aggregators.accepted if sent.number == callers.number(1)]


def test_what_was_checked_is_what_happens(service, ana):
    _, reference = people.asks(service, 2, call=("1",))
    opens, ends = clock(2), clock(3)
    form = look(ana, reference).form("/reply/send")["fields"]
    assert form["leaves"] == "now"
    hours(ana, reference, opens, ends)
    fresh = ana.get("/case/" + reference).form("/note")["fields"]
    answer = ana.post("/case/%s/reply/send" % reference, **{**form, "version": fresh["version"]})
    assert answer.status == 422 and "Nothing was sent yet" in answer.text and "It does not leave now" in answer.text
    assert not queued(service, reference)


def test_days_count_by_their_clock(service, ana):
    _, reference = people.asks(service, 3, call=("2", "One day"))
    there = ahead(14)  # UTC+14: their day may be another than ours
    day = (there.weekday() + 3) % 7
    page = hours(ana, reference, "06:30", "07:30", zone="840", **{"day%d" % n: "yes" if n == day else None for n in range(7)})
    assert there.strftime("%a") not in page.main.split("Safe: ")[1].split("by their clock")[0]
    look(ana, reference)
    ana.submit("/reply/send")
    due = datetime.datetime.fromtimestamp(queued(service, reference)[0][0] / 1000, UTC) + datetime.timedelta(hours=14)
    assert (due.weekday(), due.strftime("%H:%M"), (due.date() - there.date()).days) == (day, "06:30", 3)


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(service, ana):
    _, reference = people.asks(service, 4, call=("2", "Nights"))
    since, until = ("23:00", "22:00") if ahead(0).hour < 22 else ("22:00", "21:00")
    begun = ahead(0) - datetime.timedelta(hours=int(since[:2]))  # the day on which the stretch began that holds now
    only = {"day%d" % n: "yes" if n == begun.weekday() else None for n in range(7)}
    page = hours(ana, reference, since, until, **only)
    assert "Now is a safe time" in page.main
    page = hours(ana, reference, since, until, **{k: None if v else "yes" for k, v in only.items()})
    assert "Not now" in page.main


def test_new_hours_take_back_what_waits_for_the_old_and_move_a_call(service, ana):
    _, reference = people.asks(service, 6, call=("2", "Mornings"))
    opens, ends = clock(2), clock(3)
    later, latest = clock(5), clock(6)
    hours(ana, reference, opens, ends)
    look(ana, reference)
    ana.submit("/reply/send")
    page = ana.get("/case/%s/callback" % reference)
    form = page.form("/callback")["fields"]
    assert (form["from"], form["to"], form["zone"]) == (opens, ends, "0"), "what is known need not be typed"
    ana.submit("/callback", date=ahead(2.5).strftime("%Y-%m-%d"), time=clock(2.5))
    page = hours(ana, reference, later, latest)
    assert not queued(service, reference) and "taken back before it left" in page.main
    row = ana.get("/callbacks").body.split("/case/%s" % reference)[0].rsplit("<tr>", 1)[-1]
    assert "%s to %s" % (later, latest) in row and "Outside" in row


def test_hours_that_a_booking_names_hold_for_texts(service, ana):
    _, reference = people.asks(service, 7, call=("2", "Noon"))
    opens, ends = clock(2), clock(3)
    ana.get("/case/%s/callback" % reference)
    ana.submit("/callback", date=ahead(2.5).strftime("%Y-%m-%d"), time=clock(2.5),
               **{"zone": "0", "from": opens, "to": ends, **EVERY_DAY})
    assert "It does not leave now" in look(ana, reference).main
    assert "Safe to reach them:" in ana.get("/case/" + reference).main


def test_somebody_who_has_just_written_is_answered_at_once(service, ana):
    phone, reference = people.asks(service, 8, call=("2", "Mornings"))
    opens, ends = clock(2), clock(3)
    hours(ana, reference, opens, ends)
    phone.text("Can you call me?")
    page = ana.get("/case/%s/reply" % reference)
    assert "They wrote, " in page.main and "Can you call me?" in page.main and "does not leave now" not in page.main
    assert "/case/" + reference in page.links(), "the way back"
    page = look(ana, reference)
    assert "they wrote less than an hour ago" in page.main and "Send to" in page.main
    assert "leaves in ten seconds" in ana.submit("/reply/send").main


def test_who_asked_not_to_be_called_is_written_to_only_when_they_write(service, ana):
    phone, reference = people.asks(service, 9, call=("3",))
    assert "they will call us" in ana.get("/case/%s/reply" % reference).main
    form = ana.get("/case/" + reference).form("/note")["fields"]
    answer = ana.post("/case/%s/reply/send" % reference, **{**form, "words": "Hello", "leaves": "now"})
    assert answer.status == 422 and "they will call us" in answer.text and not queued(service, reference)
    phone.text("Where is my case?")
    assert "Send to" in look(ana, reference).main


def test_what_is_wrong_with_hours_is_told(service, ana):
    _, reference = people.asks(service, 10)
    for fields, why in [({"from": "x"}, "from what time"), ({"to": "24:00"}, "until what time"), ({"zone": "1.5"}, "what their clock shows"),
                        ({k: None for k in EVERY_DAY}, "Choose the days")]:
        page = hours(ana, reference, **{"since": "10:00", "until": "11:00"}, **fields)
        assert page.status == 422 and why in page.main
    assert not service.query("SELECT 1 FROM case_note n JOIN casefile c ON c.id = n.casefile WHERE what = 'hours' AND reference = ?", reference)


def test_where_it_is_safe_is_sealed(service, ana):
    _, reference = people.asks(service, 11)
    hours(ana, reference, "06:11", "07:13")
    assert "06:11 to 07:13, by their clock, UTC+00:00" in ana.get("/case/" + reference).main
    assert b"06:11" not in b"".join((service.data / name).read_bytes() for name in ("waymark.db", "waymark.db-wal"))


ADULT, CHILD = ("1", "2", "2", "1"), ("2", "1", "1")  # what is answered from the age on; they may be called at any time


def asks_again(visitor, phone, reference, answers, finish=("3",)):
    """The case is closed, and the same person, who agreed before, asks anew."""
    visitor.get("/case/" + reference)
    visitor.submit("/close", reason="We have spoken")
    phone.type(*finish)
    phone.dial()
    again = people.reference(phone.type("1", "4", "98", "9", *answers))
    assert again != reference
    return again


def opened(service, member, reference):
    return service.query("SELECT count(*) FROM audit WHERE actor = ? AND action = 'opened' AND object LIKE ?", member,
                         "case %s: hours, for case %%" % reference)[0][0]


def shows(page, since, until):
    """Whether these hours stand there, in fields or in words; one time alone may, by chance, as what a clock shows now."""
    return 'value="%s"' % since in page.body or "%s to %s" % (since, until) in page.body


def test_hours_of_another_case_of_the_same_person_are_offered_and_hold_once_written_down(service, ana):
    phone, first = people.asks(service, 12, call=("2", "Early"))
    hours(ana, first, "06:20", "07:40", day3=None)
    second = asks_again(ana, phone, first, ADULT)
    page = ana.get("/case/" + second)
    assert "In case %s of the same person it was written down" % first in page.main and not shows(page, "06:20", "07:40")
    assert "In case %s of the same person hours" % first in ana.get("/case/%s/reply" % second).main
    assert opened(service, "ana", first) == 0
    for path in ("hours", "callback"):
        page = ana.get("/case/%s/%s" % (second, path))
        form = page.form("/" + path)["fields"]
        assert "Filled in from case %s of the same person" % first in page.main
        assert (form["from"], form["to"], form["zone"]) == ("06:20", "07:40", "0") and "day3" not in form
    assert opened(service, "ana", first) == 2
    assert "It does not leave now" not in look(ana, second).main, "offered, and no more"
    ana.get("/case/%s/hours" % second)
    page = ana.submit("/case/%s/hours" % second)
    assert "06:20 to 07:40" in page.main and first not in page.main
    assert "Filled in" not in ana.get("/case/%s/hours" % second).main


def test_hours_are_not_offered_across_teams_or_to_who_cannot_open_the_other_case(service, ana):
    ben, sam = staffroom.member(service, "ben", "caseworker"), staffroom.member(service, "sam", "safeguarding")
    both = staffroom.demo(service)
    phone, first = people.asks(service, 13, call=("2", "Early"))
    ana.get("/case/" + first)
    ana.submit("/claim")
    hours(ana, first, "06:20", "07:40")
    second = asks_again(ana, phone, first, ADULT)
    page = ben.get("/case/%s/hours" % second)
    assert page.status == 200 and ben.ask("GET", "/case/" + first).status == 404
    for page in (page, ben.get("/case/" + second), ben.get("/case/%s/callback" % second), ben.get("/case/%s/reply" % second)):
        assert first not in page.body and not shows(page, "06:20", "07:40"), "it is ana's"
    assert first in ana.get("/case/%s/hours" % second).main
    third = asks_again(ana, phone, second, CHILD)
    for visitor in (sam, both):
        page = visitor.get("/case/%s/hours" % third)
        assert page.status == 200 and first not in page.body and not shows(page, "06:20", "07:40"), "safeguarding's is another team's"
    hours(sam, third, "08:10", "09:50")
    fourth = asks_again(sam, phone, third, ADULT, finish=("98", "2"))
    for visitor in (ana, both):
        page = visitor.get("/case/%s/hours" % fourth)
        assert third not in page.body and not shows(page, "08:10", "09:50"), "and does not come back"
        assert (first in page.body) == (visitor in (ana, both)), "casework's own is offered"


def test_safe_hours_within_the_quiet_ones_are_a_dead_end_that_is_told(folder, aggregator):
    with staffroom.office(folder, aggregator, quiet="20:00-08:00", zone="Etc/UTC") as service:
        visitor = staffroom.demo(service)
        _, reference = people.asks(service, 0, call=("2", "Nights"))
        visitor.get("/case/%s/hours" % reference)
        visitor.submit("/case/%s/hours" % reference, **{"zone": "0", "from": "22:00", "to": "23:00", **EVERY_DAY})
        assert "at which this service texts nobody" in visitor.get("/case/%s/reply" % reference).main
        visitor.get("/case/%s/hours" % reference)
        visitor.submit("/case/%s/hours" % reference, **{"zone": "0", "from": "07:00", "to": "09:00", **EVERY_DAY})
        look(visitor, reference)
        visitor.submit("/reply/send", **{})
        for due, until in queued(service, reference):
            assert 8 <= datetime.datetime.fromtimestamp(due / 1000, UTC).hour < 9
            assert datetime.datetime.fromtimestamp(until / 1000, UTC).strftime("%H:%M") == "09:00"
        assert len(queued(service, reference)) == 1
