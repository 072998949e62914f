# SPDX-License-Identifier: AGPL-3.0-or-later
"""Replies by SMS and what forbids them, handing a case over, and a number shown in full."""
import datetime
import re
import sqlite3
import time

import pytest

import browser
import callers
import desk
import harness
import people
import staffroom


@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators, quiet="never") as made:
        yield made


def asks(service, n, **how):
    """By default somebody who may be reached at any time (test_console_hours.py has the others)."""
    return people.asks(service, n, **{"call": ("1",), **how})


def waiting(service):
    return service.query("SELECT count(*) FROM outbox WHERE state = 0")[0][0]


def to(aggregator, n):
    return [sent.text for sent in aggregator.accepted if sent.number == callers.number(n)]


def look(visitor, reference, **fields):
    visitor.get("/case/%s/reply" % reference)
    return visitor.submit("/case/%s/reply" % reference, **fields)


def test_a_prepared_answer_leaves_in_the_persons_language_after_ten_seconds(service, aggregators, ana):
    _, reference = asks(service, 0, language="2")
    page = look(ana, reference, canned="call-tomorrow")
    assert "Le llamaremos mañana" in page.main and "Envie ALTO" in page.main, "accents that a phone lacks are off"
    assert "We will call you tomorrow" in page.main and "1 SMS part," in page.main
    page = ana.submit("/case/%s/reply/send" % reference)
    assert service.query("SELECT channel, language, event, number FROM counter WHERE event LIKE 'reply%'") == [
        ("africastalking", "es", "reply-1h", 1)]
    assert "leaves in ten seconds" in page.main and "waits to leave" in page.main and "You" in page.main, "and the case is mine"
    assert to(aggregators, 0) == []
    assert 0 < service.query("SELECT next_ms FROM outbox WHERE state = 0")[0][0] - 1000 * time.time() <= 10000
    assert aggregators.wait_for(lambda: to(aggregators, 0))
    assert harness.until(lambda: "sent" in ana.get("/case/" + reference).main and "Take it back" not in ana.page.main)


def test_what_was_written_is_there_when_it_is_written_again(service, ana):
    _, reference = asks(service, 70, language="2")
    look(ana, reference, words="Llámenos\r\ncuando pueda", checked="yes")
    page = ana.submit("/case/%s/reply" % reference)  # "Write it again"
    form = page.form("/case/%s/reply" % reference)["fields"]
    assert page.status == 200 and "There is a problem" not in page.main
    assert form["words"] == "Llámenos\ncuando pueda" and form["checked"] == "yes", "as it was typed, accents and all"
    assert "Check before it leaves" in ana.submit("/case/%s/reply" % reference, words="Llámenos hoy").main
    look(ana, reference, canned="call-tomorrow")
    assert ana.submit("/case/%s/reply" % reference).form("/reply")["fields"]["canned"] == "call-tomorrow"


def test_who_types_an_answer_of_their_own_means_that_one(service, ana):
    _, reference = asks(service, 90)
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "ana", staffroom.own("ana"))
        b.open(base + "/case/%s/reply" % reference)
        b.one("#canned-call-tomorrow").click()
        b.type("words", "Call us on Monday")
        assert b.one("#canned-none").is_selected()
        b.button("Check it").click()
        b.wait(lambda: "Check before it leaves" in b.text())
        assert "Call us on Monday" in b.text() and "tomorrow" not in b.text()
        b.button("Write it again").click()
        b.wait(lambda: b.all("#words"))
        assert b.one("#words").get_attribute("value") == "Call us on Monday"


def test_a_reply_that_is_refused_gives_the_words_back(service, ana):
    phone, reference = asks(service, 71)
    form = look(ana, reference, words="Words that took a while").form("/reply/send")["fields"]
    eva = staffroom.member(service, "edwin", "supervisor")
    eva.get("/case/" + reference)
    eva.submit("/case/%s/close" % reference, reason="answered")
    page = ana.post("/case/%s/reply/send" % reference, **form)
    assert page.status == 422 and "This case is closed" in page.main and "Words that took a while" in page.main


def test_a_reply_is_taken_back_before_it_leaves(service, aggregators, ana):
    _, reference = asks(service, 1)
    before = waiting(service)
    look(ana, reference, words="Call us when you can")
    ana.submit("/case/%s/reply/send" % reference)
    page = ana.submit("/case/%s/undo" % reference)
    assert "did not leave" in page.main and waiting(service) == before
    entry = service.query("SELECT max(id) FROM case_note WHERE what = 'reply'")[0][0]
    form = ana.get("/case/" + reference).form("/case/%s/note" % reference)["fields"]
    again = ana.post("/case/%s/undo" % reference, csrf=form["csrf"], version=form["version"], entry=entry)
    assert again.headers["Location"].endswith("done=left")


def test_a_state_that_somebody_wrote_into_the_database_is_told_as_unknown(service, ana):
    _, reference = asks(service, 72)
    look(ana, reference, words="Call us when you can")
    ana.submit("/case/%s/reply/send" % reference)
    db = sqlite3.connect(service.data / "waymark.db", timeout=harness.PATIENCE_S)
    db.execute("UPDATE outbox SET state = 1000000 WHERE id = (SELECT max(id) FROM outbox)")
    db.commit()
    db.close()
    assert "it is not known whether it arrived" in ana.get("/case/" + reference).main


@pytest.mark.parametrize("n, box", [(73, "x'00'"), (74, "x''")])
def test_nobody_writes_to_whom_nobody_knows_to_be_marked(service, ana, n, box):
    """The summary says "do not text" or does not; somebody spoiled it."""
    _, reference = asks(service, n)
    form = look(ana, reference, words="Call us when you can").form("/reply/send")["fields"]
    before = waiting(service)
    db = sqlite3.connect(service.data / "waymark.db", timeout=harness.PATIENCE_S)
    db.execute("UPDATE casefile SET summary = %s WHERE reference = ?" % box, (reference,))
    db.commit()
    db.close()
    assert "no number to which a reply could go" in ana.get("/case/%s/reply" % reference).main
    page = ana.post("/case/%s/reply/send" % reference, **form)
    assert page.status == 422 and "no number to which a reply could go" in page.main and waiting(service) == before
    assert "Reply by SMS" not in ana.get("/case/" + reference).main
    assert any("summary does not open" in line for line in service.log)


def test_a_reply_that_is_sent_twice_leaves_once(service, ana):
    _, reference = asks(service, 2)
    page = look(ana, reference, words="Call us when you can")
    form = page.form("/reply/send")["fields"]
    before = waiting(service)
    assert ana.post("/case/%s/reply/send" % reference, **form).status == 303
    assert ana.post("/case/%s/reply/send" % reference, **form).status == 409
    assert waiting(service) == before + 1


def test_words_in_another_language_have_to_be_checked(service, ana):
    _, reference = asks(service, 3, language="2")
    page = look(ana, reference, words="Llámenos")
    assert page.status == 422 and "checked the language" in page.main
    page = look(ana, reference, words="Llámenos", checked="yes")
    assert page.status == 200 and "Llamenos" in page.main


def test_what_cannot_leave_is_told(service, ana):
    _, reference = asks(service, 4)
    for words, why in [("", "Choose an answer"), ("x" * 600, "Shorten the text")]:
        page = look(ana, reference, words=words)
        assert page.status == 422 and why in page.main and 'href="#words"' in page.body


def test_a_word_that_pushes_and_letters_that_cost_are_warned_of(service, ana):
    _, reference = asks(service, 5)
    page = look(ana, reference, words="This is your last chance ☎")
    assert "last chance" in page.main and "which no text of ours" in page.main and "70 letters" in page.main


def test_a_stop_that_came_after_the_page_wins(service, aggregators, ana):
    phone, reference = asks(service, 6)
    page = look(ana, reference, words="Call us when you can")
    form = page.form("/reply/send")["fields"]
    phone.text("STOP")
    answer = ana.post("/case/%s/reply/send" % reference, **form)
    assert answer.status in (404, 422)
    assert harness.sent_out(service)
    assert all("Call us" not in text for text in to(aggregators, 6))


def test_a_queued_reply_is_cancelled_by_a_stop(service, aggregators, ana):
    phone, reference = asks(service, 7)
    look(ana, reference, words="Call us when you can")
    ana.submit("/case/%s/reply/send" % reference)
    phone.text("STOP")
    assert harness.sent_out(service)
    assert all("Call us" not in text for text in to(aggregators, 7))


def test_the_same_words_six_times_are_too_many(service, ana):
    _, reference = asks(service, 8)
    for n in range(6):
        look(ana, reference, words="Same words")
        page = ana.submit("/case/%s/reply/send" % reference)
        assert page.status == (200 if n < 5 else 422)
    assert "five times" in page.main


def test_what_is_written_is_in_the_timeline_sealed(service, ana):
    _, reference = asks(service, 9)
    look(ana, reference, words="Some unusual words <b>here</b>")
    page = ana.submit("/case/%s/reply/send" % reference)
    assert "Some unusual words <b>here</b>" in page.main and "<b>here</b>" not in page.body
    assert b"unusual words" not in (service.data / "waymark.db-wal").read_bytes()


def clock_in(hours):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)


def test_nobody_is_texted_at_night(folder, aggregator):
    begins, ends = (clock_in(hours).strftime("%H:%M") for hours in (-1, 6))
    with staffroom.office(folder, aggregator, quiet="%s-%s" % (begins, ends), zone="Etc/UTC") as service:
        visitor = staffroom.demo(service)
        _, reference = asks(service, 0)
        form = visitor.get("/case/" + reference).form("/note")["fields"]
        sent = {"csrf": form["csrf"], "version": form["version"], "words": "Hello"}
        for leaves in ({}, {"leaves": "now"}, {"leaves": "0"}):
            answer = visitor.post("/case/%s/reply/send" % reference, **sent, **leaves)
            assert answer.status == 422 and "It does not leave now" in answer.text
        assert waiting(service) == 0
        page = look(visitor, reference, words="Hello")
        assert re.search(r"It leaves \w+ \d+ \w+ \d+ ?, %s here" % ends, page.main)
        page = visitor.submit("/case/%s/reply/send" % reference)
        assert "The reply waits until it is safe" in page.main and "Take it back" in page.main
        due = service.query("SELECT next_ms FROM outbox WHERE state = 0")[0][0]
        assert datetime.datetime.fromtimestamp(due / 1000, datetime.timezone.utc).strftime("%H:%M") == ends


def test_a_case_that_is_handed_over_is_safeguardings_alone(service, ana, sam):
    phone, reference = asks(service, 10, call=("2", "Monday evening"))
    ana.get("/case/" + reference)
    ana.submit("/case/%s/note" % reference, text="Something is wrong there")
    page = ana.get("/case/%s/hand-over" % reference)
    assert ana.submit("/case/%s/hand-over" % reference, reason="").status == 422
    assert "was handed over" in ana.submit("/case/%s/hand-over" % reference, reason="She may be held").main
    assert "Safeguarding is handling this" in ana.get("/case/" + reference).main and "She may be" not in ana.page.body
    said = sam.get("/case/" + reference).main
    assert "She may be held" in said and "Something is wrong there" in said and "Monday evening" in said
    holders = service.query("SELECT holder FROM person_seal p JOIN casefile c ON c.person = p.person WHERE reference = ?", reference)
    assert holders == [("safeguarding",)]
    phone.text("are you there?")
    assert "are you there?" in sam.get("/case/" + reference).main


def inbox_row(visitor, reference, view="open"):
    return next(row for row in visitor.get("/inbox?view=" + view).body.split("<tr>") if reference in row).split("</tr>")[0]


def test_a_case_is_handed_over_with_what_it_is_believed_to_be(service, ana, sam):
    phone, reference = asks(service, 16)
    page = ana.get("/case/%s/hand-over" % reference)
    assert "Trafficking" in page.main and "Minor" in page.main and "Special needs" not in page.main, "those that are for safeguarding alone"
    page = ana.submit("/case/%s/hand-over" % reference, flag="special-needs", reason="She sounds very young")
    assert page.status == 422 and "Choose one of these" in page.main
    summary = service.query("SELECT summary FROM casefile WHERE reference = ?", reference)
    ana.submit("/case/%s/hand-over" % reference, flag="minor", urgent="yes", reason="She sounds very young")
    assert "Safeguarding is handling this" in ana.get("/case/" + reference).main
    assert "Minor" not in ana.page.body and "very young" not in ana.page.body
    row = inbox_row(ana, reference, "safeguarding")
    assert "Safeguarding is handling this" in row and "Minor" not in row
    assert service.query("SELECT holder FROM person_seal p JOIN casefile c ON c.person = p.person WHERE reference = ?", reference) == [("safeguarding",)]
    assert summary != service.query("SELECT summary FROM casefile WHERE reference = ?", reference)
    row = inbox_row(sam, reference)
    assert "Minor" in row and "Urgent" in row
    assert "Handed over: Minor. She sounds very young" in sam.get("/case/" + reference).main
    assert not [r for r in service.query("SELECT action, object FROM audit") if "minor" in "".join(r).lower()], "the log tells no such thing"
    phone.type("2", "1")  # the person corrects: asks for a woman to call
    assert "Minor" in inbox_row(sam, reference) and "Urgent" in inbox_row(sam, reference)
    assert "Who should call you? Woman" in sam.get("/case/" + reference).main


def test_a_case_that_is_handed_back_loses_what_only_safeguarding_may_know(service, ana, sam):
    _, reference = asks(service, 17, pressed="1")
    assert "Trafficking" in inbox_row(sam, reference)
    page = sam.get("/case/%s/hand-over" % reference)
    assert "It loses what only safeguarding may know: Trafficking" in page.main and 'name="flag"' not in page.body
    sam.submit("/case/%s/hand-over" % reference, reason="Spoken with, a mistake of the phone")
    assert "a mistake of the phone" in ana.get("/case/" + reference).main
    assert "Trafficking" not in ana.page.main and "Trafficking" not in inbox_row(ana, reference)


def test_a_correction_does_not_bring_a_case_back(service, ana, sam):
    phone, reference = asks(service, 11)
    ana.get("/case/%s/hand-over" % reference)
    ana.submit("/case/%s/hand-over" % reference, reason="She may be held")
    phone.type("2", "1")  # asks for a woman to call
    page = sam.get("/case/" + reference)
    assert "Who should call you? Woman" in page.main and "She may be held" in page.main
    assert "Safeguarding is handling this" in ana.get("/case/" + reference).main and "Woman" not in ana.page.body


def test_a_number_is_shown_for_a_reason_and_written_down(service, ana):
    _, reference = asks(service, 12)
    ana.get("/case/" + reference)
    assert ana.submit("/case/%s/number" % reference).status == 422
    page = ana.submit("/case/%s/number" % reference, why="call")
    assert "+1 202 555 0112" in page.main and page.headers["Refresh"] == "60; url=/case/" + reference
    assert ana.ask("GET", "/case/%s/number" % reference).status == 405
    assert service.query("SELECT actor, action FROM audit WHERE object = ?", "case %s: call" % reference) == [("ana", "shown")]
    assert "Number shown: To call them now" in ana.get("/case/" + reference).main and "555 0112" not in ana.page.body


def test_more_numbers_than_a_days_work_are_noticed(service):
    eva = staffroom.member(service, "eva", "supervisor")
    _, reference = asks(service, 13)
    eva.get("/case/" + reference)
    form = eva.page.form("/number")["fields"]
    for n in range(31):
        page = eva.post("/case/%s/number" % reference, **dict(form, why="call"))
    assert "alert" in page.text
    assert service.query("SELECT count(*) FROM audit WHERE action = 'alert' AND actor = 'eva'") == [(1,)]


def test_who_is_disabled_is_out_at_once(service):
    visitor = staffroom.member(service, "gone", "caseworker")
    assert visitor.get("/inbox").url == "/inbox"
    assert callers.command(service, "user", "disable", "gone")[0] == 0
    assert visitor.get("/inbox").url == "/sign-in"


def test_calling_after_a_stop_needs_a_second_person_and_texting_is_never_possible(service, sam):
    kim = staffroom.member(service, "kim", "safeguarding")
    phone, reference = asks(service, 14, pressed="1")
    phone.text("STOP")
    page = sam.get("/case/" + reference)
    assert "Do not contact this person" in page.main and "Show number" not in page.main
    form = page.form("/case/%s/note" % reference)["fields"]
    assert sam.post("/case/%s/number" % reference, csrf=form["csrf"], why="danger").status == 404
    assert sam.submit("/case/%s/override" % reference, override=" ").status == 422
    page = sam.submit("/case/%s/override" % reference, override="He said that he will be hurt")
    assert "has to agree" in page.main and "I agree to the call" not in page.main
    own = dict(page.form("/case/%s/note" % reference)["fields"])
    assert sam.post("/case/%s/override/grant" % reference, **own).status == 404, "not by the same"
    kim.get("/case/" + reference)
    assert "He said that he will be hurt" in kim.page.main
    assert "They may be called until" in kim.submit("/case/%s/override/grant" % reference).main
    sam.get("/case/" + reference)
    page = sam.submit("/case/%s/number" % reference, why="danger")
    assert "+1 202 555 0114" in page.main and "asked us to stop" in page.main
    assert "asked us to stop" in sam.get("/case/%s/reply" % reference).main
    assert service.query("SELECT actor, action FROM audit WHERE object = ? AND action <> 'opened' ORDER BY id", "case " + reference) == [
        ("sam", "asked"), ("kim", "override")]


def test_a_second_person_is_another_person_whatever_stands_in_the_timeline(folder, aggregator):
    with staffroom.office(folder, aggregator, quiet="never") as service:
        sam, kim = staffroom.member(service, "sam", "safeguarding"), staffroom.member(service, "kim", "safeguarding")
        phone, reference = people.asks(service, 1, pressed="1")
        phone.text("STOP")
        sam.get("/case/" + reference)
        sam.submit("/case/%s/override" % reference, override="He said that he will be hurt")
        for granter, may in (("sam", False), ("kim", True)):
            assert service.terminate() == 0
            db = sqlite3.connect(service.data / "waymark.db")
            db.execute("INSERT INTO case_note (casefile, day, at, author, what, seal) SELECT c.id, ?, ?, s.id, 'override', x'' FROM casefile c, staff s"
                       " WHERE c.reference = ? AND s.name = ?", (int(time.time()) // 86400, int(time.time()), reference, granter))
            db.commit()
            db.close()
            service.start()
            sam = desk.Visitor(service)
            staffroom.sign_in(sam, "sam", staffroom.own("sam"))
            page = sam.get("/case/" + reference)
            assert ("Show number" in page.main) == may and ("They may be called until" in page.main) == may, granter
            form = page.form("/case/%s/note" % reference)["fields"]
            assert sam.post("/case/%s/number" % reference, csrf=form["csrf"], why="danger").status == (200 if may else 404), granter
