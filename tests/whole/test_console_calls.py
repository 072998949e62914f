# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calls that were promised: booked, listed by two clocks, made, and what came of them."""
import base64
import datetime
import re
import time

import pytest

import browser
import callers
import desk
import people
import staffroom

UTC = datetime.timezone.utc
NUMBER = re.compile(r"20255501\d\d|202 555 01")  # no reference and no token looks like it


@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators, quiet="never", zone="Etc/UTC") as made:
        yield made


ANY = {"zone": "0", "from": "10:00", "to": "10:00", **{"day%d" % n: "yes" for n in range(7)}}  # at any hour


def at(minutes):
    """Fields of a time so many minutes from now."""
    when = datetime.datetime.fromtimestamp(time.time() + 60 * minutes, UTC)
    return {"date": when.strftime("%Y-%m-%d"), "time": when.strftime("%H:%M")}


def clock(hours):
    """"17:30": what a clock shows so many hours from now, in UTC."""
    return datetime.datetime.fromtimestamp(time.time() + 3600 * hours, UTC).strftime("%H:%M")


def book(visitor, reference, minutes=120, **fields):
    visitor.get("/case/%s/callback" % reference)
    return visitor.submit("/case/%s/callback" % reference, **{**at(minutes), **ANY, **fields})


def call_of(service, reference):
    return service.query("SELECT b.id FROM callback b JOIN casefile c ON c.id = b.casefile WHERE reference = ? AND outcome = ''", reference)[0][0]


def stored(service, reference, column):
    rows = service.query("SELECT %s FROM callback b JOIN casefile c ON c.id = b.casefile WHERE reference = ?" % column, reference)
    return rows[-1][0]


def begun(visitor, service, reference, **fields):
    call = call_of(service, reference)
    visitor.get("/callback/%d" % call)
    page = visitor.submit("/callback/%d/start" % call, **fields)
    return call, page


def test_a_call_is_booked_and_listed_by_both_clocks(service, ana):
    _, reference = people.asks(service, 0)
    assert "Monday evening" in ana.get("/case/%s/callback" % reference).main, "what they said stands beside the form"
    safe, safe_here = [clock(20), clock(24)], [clock(25), clock(29)]  # around the call, by their clock and ours
    page = book(ana, reference, 26 * 60, zone="-300", **dict(zip(("from", "to"), safe)))
    assert "The call is booked" in page.main and "Call booked:" in page.main
    assert page.links().count("/callback/%d" % call_of(service, reference)) == 2 and "Book a call" not in page.main, "among what can be done, too"
    row = next(r for r in ana.get("/inbox").body.split("<tr>") if reference in r)
    assert re.search(r"<td[^>]*>(today|\w{3} \d+ \w+ 20\d\d,) \d\d:\d\d</td>", row), "and the inbox says when"
    due = stored(service, reference, "due")
    theirs = datetime.datetime.fromtimestamp(due - 5 * 3600, UTC)
    page = ana.get("/callbacks")
    row = page.body.split("/case/%s" % reference)[0].rsplit("<tr>", 1)[-1]
    assert datetime.datetime.fromtimestamp(due, UTC).strftime("%H:%M") in row and theirs.strftime("%a %H:%M") in row
    assert "%s to %s" % tuple(safe) in row and "%s to %s here" % tuple(safe_here) in row, "the window by both clocks"
    assert "1 of 3" in page.main and "+1 ... ... ..00" in page.main and "2025550100" not in page.body
    assert "The next seven days" in page.main


def test_the_first_call_of_ones_own_stands_above_every_list(service):
    cal = staffroom.member(service, "cal", "caseworker")
    assert "Your next call" not in cal.get("/inbox").main
    later, sooner = people.asks(service, 30, call=("1",))[1], people.asks(service, 31, call=("1",))[1]
    for reference, minutes in ((later, 300), (sooner, 180)):
        book(cal, reference, minutes)
    due = datetime.datetime.fromtimestamp(stored(service, sooner, "due"), UTC)
    for view in ("open", "mine"):
        assert re.search(r"Your next call: (today|\w{3} \d+ \w+ \d{4},) " + due.strftime("%H:%M"), cal.get("/inbox?view=" + view).main), view
    assert "Times are those of Etc/UTC, where it is" in cal.page.text


def test_a_call_that_is_weeks_away_is_listed_too(service):
    fay = staffroom.member(service, "fay", "caseworker")
    far = people.asks(service, 34, call=("1",))[1]
    book(fay, far, 20 * 24 * 60)
    page = fay.get("/callbacks")
    after = page.body.split("After that")[1]
    assert far in after and "No calls due" not in page.main
    assert far not in page.body.split("After that")[0]
    assert far not in fay.get("/callbacks/sheet").body, "the sheet is today's"


def test_what_is_known_need_not_be_typed(service):
    dee = staffroom.member(service, "dee", "caseworker")
    _, anytime = people.asks(service, 32, call=("1",))
    form = dee.get("/case/%s/callback" % anytime).form("/callback")["fields"]
    assert (form["from"], form["to"]) == ("00:00", "00:00") and all(form["day%d" % n] == "yes" for n in range(7))
    _, reference = people.asks(service, 33, call=("2", "Mornings"))
    form = dee.get("/case/%s/callback" % reference).form("/callback")["fields"]
    assert form["from"] == "" and form["date"] == "", "nobody wrote it down yet"
    begins, ends = clock(3), clock(5)
    dee.get("/case/%s/hours" % reference)
    dee.submit("/case/%s/hours" % reference, **{**ANY, "from": begins, "to": ends})
    form = dee.get("/case/%s/callback" % reference).form("/callback")["fields"]
    assert (form["from"], form["to"], form["time"]) == (begins, ends, begins), "the next time that is safe"
    assert "The call is booked" in dee.submit("/case/%s/callback" % reference).main


def test_where_it_is_safe_lies_sealed(service, ana):
    _, reference = people.asks(service, 1)
    book(ana, reference, zone="-300", **{"from": "00:01", "to": "23:58"})
    seal = stored(service, reference, "seal")
    assert len(seal) > 48 and b"-300" not in seal
    assert ("ana", "callback") in service.query("SELECT actor, action FROM audit WHERE object = ?", "case " + reference)


def test_what_is_missing_is_told(service, ana):
    _, reference = people.asks(service, 2)
    for fields, why in [
            ({"date": ""}, "Choose the day"), ({"time": "25:00"}, "Choose the time"), ({"date": "2020-01-01"}, "still to come"),
            ({"from": ""}, "from what time"), ({"to": "x"}, "until what time"), ({"zone": "9999"}, "what their clock shows"),
            ({"date": "<b>&"}, "Choose the day")]:
        page = book(ana, reference, **fields)
        assert page.status == 422 and why in page.main and "<b>&" not in page.body
    assert not service.query("SELECT 1 FROM callback b JOIN casefile c ON c.id = b.casefile WHERE reference = ?", reference)


def test_a_time_outside_the_safe_hours_is_warned_of_and_needs_a_word(service, ana):
    _, reference = people.asks(service, 3)
    outside = {"from": clock(5), "to": clock(6)}
    page = book(ana, reference, 120, **outside)
    assert page.status == 422 and "outside the hours that are safe" in page.main
    assert "The call is booked" in ana.submit("/case/%s/callback" % reference, meant="yes").main
    call, page = begun(ana, service, reference)
    assert page.status == 422 and "not an hour that is safe" in page.main and "Not at this hour" in page.main
    page = ana.submit("/callback/%d/start" % call, outside="yes")
    assert "You are calling" in page.main


def test_a_call_is_made_and_a_number_shown_for_it(service, ana):
    _, reference = people.asks(service, 4)
    book(ana, reference)
    page = ana.get("/callback/%d" % call_of(service, reference))
    assert "Are you 18 or older? Yes" in page.main and "Does anyone force or push you? No" in page.main, "what the call is about"
    assert "hang up" in page.main and "I spoke with them" not in page.main, "nothing came of what was not begun"
    call, page = begun(ana, service, reference)
    page = ana.submit("/case/%s/number" % reference)
    assert "+1 202 555 0104" in page.main and page.headers["Refresh"] == "60; url=/callback/%d" % call
    assert "/callback/%d" % call in page.links(), "back to what they are at"
    ana.get("/callback/%d" % call)
    page = ana.submit("/callback/%d/outcome" % call, outcome="spoke", words="Needs a lawyer <i>first</i>")
    assert page.url.startswith("/callbacks") and reference not in page.body
    page = ana.get("/case/" + reference)
    assert "Call: I spoke with them. Needs a lawyer <i>first</i>" in page.main and "<i>first" not in page.body
    assert service.query("SELECT sum(number) FROM counter WHERE event = 'reply-1h'") == [(1,)], "speaking is the first word"
    assert stored(service, reference, "outcome") == "spoke" and stored(service, reference, "seal") == b""


def test_three_attempts_and_no_more(service, ana):
    _, reference = people.asks(service, 5)
    book(ana, reference)
    for n in range(3):
        call, page = begun(ana, service, reference)
        if n == 1:
            page = ana.submit("/callback/%d/outcome" % call, outcome="no-answer", date="")
            assert page.status == 422 and "Choose the day" in page.main
        if n < 2:
            assert "third attempt" not in page.main
            page = ana.submit("/callback/%d/outcome" % call, outcome=["no-answer", "wrong-person"][n], **at(180 + n))
            assert "next attempt is booked" in page.main and "%d of 3" % (n + 2) in page.main
        else:
            assert "third attempt" in page.main
            page = ana.submit("/callback/%d/outcome" % call, outcome="no-answer")
    assert "Three attempts failed" in page.main and reference not in page.body
    assert stored(service, reference, "attempts") == 3
    assert "Three attempts to reach this person failed" in ana.get("/case/%s/callback" % reference).main


def test_who_asks_us_to_stop_on_the_phone_has_withdrawn(service, ana):
    _, reference = people.asks(service, 6)
    book(ana, reference)
    call, _ = begun(ana, service, reference)
    page = ana.submit("/callback/%d/outcome" % call, outcome="stop")
    assert "stop is recorded" in page.main and reference not in page.body
    page = ana.get("/case/" + reference)
    assert "Do not contact this person" in page.main and "Book a call" not in page.main
    assert service.query("SELECT o.action, o.channel FROM consent o JOIN casefile c ON c.person = o.person WHERE reference = ? ORDER BY o.id DESC", reference)[0] == ("withdraw", "voice")
    assert stored(service, reference, "outcome") == "stop"
    assert ana.ask("GET", "/case/%s/callback" % reference).status == 404


def test_a_stop_by_sms_ends_the_call_that_was_booked(service, ana):
    phone, reference = people.asks(service, 7)
    book(ana, reference)
    call = call_of(service, reference)
    phone.text("STOP")
    assert stored(service, reference, "outcome") == "closed" and stored(service, reference, "seal") == b""
    assert reference not in ana.get("/callbacks").body
    assert ana.ask("GET", "/callback/%d" % call).headers["Location"] == "/case/" + reference


def test_who_must_not_be_called_is_not(service, ana, sam):
    _, reference = people.asks(service, 8, call=("3",))
    visitor = ana if reference in ana.get("/inbox").body else sam
    assert "Book a call" not in visitor.get("/case/" + reference).main
    assert "No call can be booked" in visitor.get("/case/%s/callback" % reference).main
    form = visitor.get("/case/" + reference).form("/note")["fields"]
    answer = visitor.post("/case/%s/callback" % reference, **{**form, **at(120), **ANY})
    assert answer.status == 422 and "No call can be booked" in answer.text
    assert not service.query("SELECT 1 FROM callback b JOIN casefile c ON c.id = b.casefile WHERE reference = ?", reference)


def test_a_reply_does_not_move_a_call_and_a_case_has_one(service, ana):
    _, reference = people.asks(service, 9)
    book(ana, reference, 200)
    due = stored(service, reference, "due")
    ana.get("/case/%s/reply" % reference)
    ana.submit("/case/%s/reply" % reference, words="We call you as we said")
    ana.submit("/case/%s/reply/send" % reference)
    assert stored(service, reference, "due") == due
    page = ana.get("/case/%s/callback" % reference)
    assert "A call is booked already" in page.main
    form = ana.get("/case/" + reference).form("/note")["fields"]
    again = ana.post("/case/%s/callback" % reference, **{**form, **at(300), **ANY})
    assert again.status == 409 and stored(service, reference, "due") == due


def test_a_call_is_moved(service, ana):
    _, reference = people.asks(service, 10)
    book(ana, reference, 200)
    call = call_of(service, reference)
    ana.get("/callback/%d" % call)
    page = ana.submit("/callback/%d/move" % call, **at(500))
    assert "The call was moved" in page.main
    assert abs(stored(service, reference, "due") - time.time() - 500 * 60) < 120
    assert "Call moved to" in ana.get("/case/" + reference).main


def test_two_at_one_call(service, ana, ben):
    eva = staffroom.member(service, "eva", "supervisor")
    _, reference = people.asks(service, 11)
    book(ana, reference)
    call = call_of(service, reference)
    eva.get("/callback/%d" % call)
    form = eva.page.form("/start")["fields"]
    begun(ana, service, reference)
    answer = eva.post("/callback/%d/start" % call, **form)
    assert answer.status == 422 and "Somebody is calling them already" in answer.text
    old = ana.get("/callback/%d" % call).form("/outcome")["fields"]
    assert ana.post("/callback/%d/outcome" % call, **{**old, "outcome": "no-answer", **at(200)}).headers["Location"].endswith("again")
    begun(ana, service, reference)
    again = ana.post("/callback/%d/outcome" % call, **{**old, "outcome": "no-answer", **at(200)})
    assert again.headers["Location"].endswith("done=changed") and stored(service, reference, "attempts") == 1, "sent twice, counted once"
    assert ben.ask("GET", "/callback/%d" % call).status == 404, "somebody else's case"
    assert reference not in ben.get("/callbacks").body and reference in ana.get("/callbacks").body and reference in eva.get("/callbacks").body
    for path in ("/callback/999999", "/callback/x", "/callback/-1", "/callback/99999999999999999999"):
        assert ana.ask("GET", path).status == 404


def test_the_inbox_says_when_the_next_call_is(service, sam):
    assert "Nobody waits" in sam.get("/inbox?view=new").main and "Next callback" not in sam.page.main
    _, reference = people.asks(service, 12, age="2")
    book(sam, reference, 90)
    soon = datetime.datetime.fromtimestamp(stored(service, reference, "due"), UTC)
    page = sam.get("/inbox?view=new")
    assert "Next callback" in page.main and soon.strftime("%H:%M") in page.main


def test_the_sheet_is_masked(service, ana):
    _, reference = people.asks(service, 13)
    book(ana, reference, 0)
    page = ana.get("/callbacks/sheet")
    assert reference in page.main and "+1 ... ... ..13" in page.main and "no voicemail" in page.main
    assert not NUMBER.search(page.body)
    assert "Late" in page.main or "Today" in page.main
    _, outside = people.asks(service, 35, call=("1",))
    book(ana, outside, 0, meant="yes", **{"from": clock(5), "to": clock(6)})
    row = ana.get("/callbacks/sheet").body.split(outside)[0].rsplit("<tr>", 1)[-1]
    assert "This call is outside" in row, "the hours that are safe"


def test_a_case_on_one_page_is_masked_unless_revealed(service, ana):
    _, reference = people.asks(service, 15)
    page = ana.get("/case/%s/print" % reference)
    assert "+1 ... ... ..15" in page.main and not NUMBER.search(page.body) and "Monday evening" in page.main and "Are you 18 or older?" in page.main
    assert ("ana", "opened") in service.query("SELECT actor, action FROM audit WHERE object = ?", "case " + reference)
    assert ana.submit("/case/%s/print" % reference).status == 422 and not NUMBER.search(ana.page.body)
    page = ana.submit("/case/%s/print" % reference, why="call")
    assert "+1 202 555 0115" in page.main and page.headers["Refresh"] == "60; url=/case/%s/print" % reference
    assert ("ana", "shown") in service.query("SELECT actor, action FROM audit WHERE object = ?", "case %s: call, on paper" % reference)
    assert not NUMBER.search(ana.get("/case/%s/print" % reference).body)


def test_a_stop_is_recorded_by_who_can_open_the_number_alone(service, ana):
    """A supervisor whom nobody let into the team yet sees the call, and not whom it is to."""
    _, reference = people.asks(service, 50)
    book(ana, reference)
    call = call_of(service, reference)
    begun(ana, service, reference, outside="yes")
    callers.command(service, "user", "add", "newby", "--role", "supervisor", stdin=staffroom.given("newby") + "\n")
    newby = desk.Visitor(service)
    staffroom.sign_in(newby, "newby", staffroom.given("newby"))
    newby.submit("/welcome/passphrase", new=staffroom.own("newby"), again=staffroom.own("newby"))
    newby.get("/callback/%d" % call)
    page = newby.submit("/callback/%d/outcome" % call, outcome="stop")
    assert page.status == 422 and "do not open this person" in page.main
    assert stored(service, reference, "outcome") == ""
    ana.get("/callback/%d" % call)
    ana.submit("/callback/%d/outcome" % call, outcome="stop")
    assert stored(service, reference, "outcome") == "stop"


def test_whichever_page_of_a_case_is_opened_first_it_is_written_down(service, ana):
    opened = lambda reference: service.query("SELECT actor FROM audit WHERE action = 'opened' AND object = ?", "case " + reference)
    for n, page in enumerate(("", "/reply", "/hours", "/callback", "/hand-over", "/print")):
        _, reference = people.asks(service, 40 + n)
        assert ana.get("/case/%s%s" % (reference, page)).status == 200
        assert opened(reference) == [("ana",)], page
        ana.get("/case/" + reference)
        assert opened(reference) == [("ana",)], "once in ten minutes"
    book(ana, reference)
    eva = staffroom.member(service, "edda", "supervisor")
    assert eva.get("/callback/%d" % call_of(service, reference)).status == 200
    assert opened(reference) == [("ana",), ("edda",)]


def pages_of(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_case_and_sheet_print_as_one_page(service, ana):
    _, reference = people.asks(service, 16)
    book(ana, reference, 0)
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "ana", staffroom.own("ana"))
        for path in ("/case/%s/print" % reference, "/callbacks/sheet"):
            b.open(base + path)
            pdf = base64.b64decode(b.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})["data"])
            assert pages_of(pdf) == 1, path
            b.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
            b.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 718, "height": 1047, "deviceScaleFactor": 1, "mobile": False})
            assert b.driver.execute_script("return document.documentElement.scrollWidth") <= 718, "as wide as the paper within its margins"
            browser.shoot(b, "print" + path.replace("/", "_").replace(reference, ""))


def test_the_pages_in_a_browser_with_the_key_and_as_narrow_as_a_phone(service, ana):
    _, reference = people.asks(service, 14, language="2")
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "ana", staffroom.own("ana"))
        b.open(base + "/case/" + reference)
        b.one("main").send_keys("b")
        b.wait(lambda: b.text("h2") == "Book a call")
        browser.shoot(b, "call_book")
        for name, value in {"from": clock(-1), "to": clock(4)}.items():
            b.driver.execute_script("document.getElementsByName(arguments[0])[0].value = arguments[1]", name, value)
        for name, value in at(2).items():
            b.driver.execute_script("document.getElementsByName(arguments[0])[0].value = arguments[1]", name, value)
        b.button("Book the call").click()
        b.wait(lambda: "The call is booked" in b.text())
        b.open(base + "/callbacks")
        assert reference in b.text() and "Spanish" in b.text()
        browser.shoot(b, "callbacks")
        b.open(base + "/callback/%d" % call_of(service, reference))
        b.button("Start the call").click()
        b.wait(lambda: "You are calling" in b.text())
        browser.shoot(b, "call")
        assert b.complaints() == []
        b.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 320, "height": 700, "deviceScaleFactor": 1, "mobile": False})
        for path in ("/callbacks", "/callbacks/sheet", "/callback/%d" % call_of(service, reference), "/case/%s/callback" % reference):
            b.open(base + path)
            assert b.driver.execute_script("return document.documentElement.scrollWidth") <= 320, path
