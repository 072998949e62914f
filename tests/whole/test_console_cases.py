# SPDX-License-Identifier: AGPL-3.0-or-later
"""Inbox and cases: who sees what, what a case tells, what is done to it, and what happens where two do it at once."""
import html
import re
import resource
import signal

import pytest

import browser
import callers
import desk
import people
import staffroom


@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators, assisted="helped tried") as made:
        yield made


def rows(page):
    return re.findall(r'href="/case/(\w{6})"', page.body)


def test_a_case_tells_whether_it_is_safe_what_was_agreed_answered_and_read(service, ana):
    phone, reference = people.asks(service, 0)
    page = ana.get("/case/" + reference)
    said = page.main
    assert "Yes, at a safe time" in said and "Monday evening" in said and "Are you 18 or older? Yes" in said
    assert "May Waymark Info call you?" in said and "version 2026-11.4" in said and "Shown to the end before: risks" in said
    assert "We call you within 2 working days" in said, "what they had read; no fact, for those end"
    assert "+1 ... ... ..00" in said and "2025550100" not in page.body


def test_what_people_write_is_shown_as_text_and_not_in_the_inbox(service, ana):
    phone, reference = people.asks(service, 1)
    phone.text("please <script>alert(1)</script> {{csrf}} \u202e call")
    page = ana.get("/case/" + reference)
    assert "They wrote" in page.main and "please <script>alert(1)</script> {{csrf}}" in page.main
    assert "<script>alert" not in page.body
    inbox = ana.get("/inbox?waiting=yes")
    assert reference in rows(inbox) and "Answered" in inbox.main and "please" not in inbox.main
    assert "Marked as read" in ana_reads(ana, reference).main
    assert reference not in rows(ana.get("/inbox?waiting=yes"))


def ana_reads(visitor, reference):
    visitor.get("/case/" + reference)
    return visitor.submit("/case/%s/read" % reference)


def test_flagged_cases_are_safeguardings_and_others_learn_no_more(service, ana, sam, eva):
    people.asks(service, 14, pressed="1")
    _, child = people.asks(service, 2, age="2")
    _, plain = people.asks(service, 3)
    assert child in rows(sam.get("/inbox")) and plain not in rows(sam.page)
    assert "Minor" in sam.get("/case/" + child).main
    for visitor in (ana, eva):
        assert child not in rows(visitor.get("/inbox")) and plain in rows(visitor.page)
        listed = visitor.get("/inbox?view=safeguarding")
        assert child in listed.main and "Safeguarding is handling this" in listed.main and "Minor" not in listed.body.split("<tbody>")[1]
        page = visitor.get("/case/" + child)
        assert "Safeguarding is handling this" in page.main and "18 or older" not in page.body
        for action in ("claim", "note", "close"):
            form = visitor.get("/case/" + plain).form("/case/%s/note" % plain)["fields"]
            answer = visitor.post("/case/%s/%s" % (child, action), **dict(form, text="x", reason="x"))
            assert "Safeguarding is handling this" in answer.text
    assert sam.ask("GET", "/case/" + plain).status == 404
    assert not service.query("SELECT count(*) FROM case_note n JOIN casefile c ON c.id = n.casefile WHERE reference = ?", child)[0][0]


def test_no_filter_and_no_order_tells_why_safeguarding_has_a_case(service, ana):
    for query in ("", "&flag=minor", "&flag=trafficking", "&priority=low", "&language=ht", "&waiting=yes"):
        listed = ana.get("/inbox?view=safeguarding" + query).body.split("<tbody>")[1].split("</tbody>")[0]
        assert query == "" or listed == before
        before = listed
    opened = [row[0] for row in service.query(
        "SELECT reference FROM casefile c JOIN person_seal s ON s.person = c.person WHERE holder = 'safeguarding' ORDER BY c.id")]
    shown = re.findall(r"<bdi>(\w{6})</bdi>", listed)
    assert [r for r in shown if r in opened] == opened, "in the order in which they came"


def test_a_complaint_has_no_person(service, sam):
    people.complains(service, 4, "The driver asked me for money")
    page = sam.get("/inbox?flag=complaint")
    page = sam.get("/case/" + rows(page)[0])
    assert "No number was kept" in page.main and "The driver asked me for money" in page.main and "Reply by SMS" not in page.main


def test_a_case_that_is_somebody_elses_is_not_there(service, ana, ben, eva):
    _, reference = people.asks(service, 5)
    ana.get("/case/" + reference)
    assert "yours now" in ana.submit("/case/%s/claim" % reference).main
    assert ben.ask("GET", "/case/" + reference).status == 404 and reference not in rows(ben.get("/inbox"))
    assert ben.ask("GET", "/case/QQQQQQ").body.replace("QQQQQQ", reference) != "", "as one that never was"
    assert reference in rows(eva.get("/inbox?view=all"))
    eva.get("/case/" + reference)
    ids = dict(re.findall(r'<option value="(\d+)">(\w+)', eva.page.body))
    page = eva.submit("/case/%s/assign" % reference, member=next(i for i, name in ids.items() if name == "ben"))
    assert "Given to ben" in page.main
    assert reference in rows(ben.get("/inbox?view=mine")) and ana.ask("GET", "/case/" + reference).status == 404


def test_two_at_one_case_see_both_edits(service, ana, ben):
    _, reference = people.asks(service, 6)
    ana.get("/case/" + reference)
    ben.get("/case/" + reference)
    ben.submit("/case/%s/note" % reference, text="I called, nobody answered")
    page = ana.submit("/case/%s/status" % reference, status="called")
    assert page.status == 409 and "I called, nobody answered" in page.main and "change the status" in page.main
    assert service.query("SELECT status FROM casefile WHERE reference = ?", reference) == [("new",)]
    page = ana.submit("/case/%s/status" % reference)
    assert "Status: called" in page.main
    assert service.query("SELECT status FROM casefile WHERE reference = ?", reference) == [("called",)]


def test_a_stale_form_does_nothing_and_a_note_is_never_lost(service, ana):
    _, reference = people.asks(service, 7)
    ana.get("/case/" + reference)
    old = ana.page.form("/case/%s/close" % reference)["fields"]
    assert "note was added" in ana.submit("/case/%s/note" % reference, text="first").main
    assert ana.post("/case/%s/close" % reference, **dict(old, reason="done")).status == 409
    assert ana.post("/case/%s/note" % reference, **dict(old, text="second")).status == 303
    assert "second" in ana.get("/case/" + reference).main and "first" in ana.page.main


def test_closing_needs_a_reason_and_can_be_taken_back(service, ana):
    _, reference = people.asks(service, 8)
    ana.get("/case/" + reference)
    page = ana.submit("/case/%s/close" % reference, reason=" ")
    assert page.status == 422 and "Say why the case is closed" in page.main
    page = ana.submit("/case/%s/close" % reference, reason="They found help elsewhere")
    assert "Closed: They found help elsewhere" in page.main and "Add note" not in page.main
    assert reference not in rows(ana.get("/inbox")) and reference in rows(ana.get("/inbox?view=closed"))
    ana.get("/case/" + reference)
    assert "open again" in ana.submit("/case/%s/reopen" % reference, reason="They called").main


def test_what_is_written_is_sealed_and_audited(service, ana):
    _, reference = people.asks(service, 9)
    ana.get("/case/" + reference)
    ana.submit("/case/%s/note" % reference, text="a very private remark")
    database = (service.data / "waymark.db").read_bytes() + (service.data / "waymark.db-wal").read_bytes()
    assert b"private remark" not in database
    assert service.query("SELECT actor, action FROM audit WHERE object = ?", "case " + reference) == [
        ("ana", "opened"), ("ana", "note")], "opening it is written down, and a second look is not"


def test_a_withdrawal_closes_the_case_and_what_it_held(service, ana):
    phone, reference = people.asks(service, 10)
    ana.get("/case/" + reference)
    ana.submit("/case/%s/claim" % reference)
    phone.text("STOP")
    page = ana.get("/case/" + reference)
    assert "Do not contact this person" in page.main and "cannot be opened" in page.main
    assert "Monday evening" not in page.body and "Add note" not in page.main and "Reply by SMS" not in page.main


@pytest.mark.parametrize("query", ["view=nonsense", "page=999999999999999999999", "page=-1", "priority=%C3%A9", "flag=x&language=y",
                                   "view=all", "page=7"])
def test_strange_addresses_show_a_list(service, ana, query):
    assert ana.get("/inbox?" + query).status == 200


def test_a_case_is_drawn_a_page_at_a_time_however_much_somebody_writes(service, ana):
    phone, reference = people.asks(service, 11)
    for n in range(205):
        phone.text("message number %d of many" % n)
    page = ana.get("/case/" + reference)
    assert "message number 204 of" in page.main and "message number 5 of" in page.main and "message number 4 of" not in page.main
    assert re.search(r"They wrote · (Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w+ 20\d\d, \d\d:\d\d", page.main), "with day and time"
    page = ana.get(next(link for link in page.links() if "before=" in link))
    assert "message number 4 of" in page.main and "message number 5 of" not in page.main


@pytest.mark.parametrize("scripts", [True, False])
def test_a_case_from_new_to_closed_in_a_browser_with_the_keyboard_alone(service, ana, scripts):
    from selenium.webdriver.common.keys import Keys
    _, reference = people.asks(service, 12 + scripts)

    def enter(b, css):
        b.one(css).send_keys(Keys.ENTER)

    with browser.Browser(scripts=scripts) as b:
        b.open("http://%s:%d/sign-in" % service.console)
        b.type("name", "ana")
        b.type("passphrase", staffroom.own("ana")).send_keys(Keys.ENTER)
        b.wait(lambda: b.all("#cases"))
        enter(b, "a[href='/case/%s']" % reference)
        b.wait(lambda: b.all("form[action$=claim]"))
        enter(b, "form[action$=claim] button")
        b.wait(lambda: "yours now" in b.text())
        b.type("text", "by keyboard")
        enter(b, "form[action$=note] button")
        b.wait(lambda: "by keyboard" in b.text(".timeline"))
        enter(b, "details.card:has(form[action$=close]) > summary")
        b.type("reason", "done")
        enter(b, "form[action$=close] button")
        b.wait(lambda: "The case was closed" in b.text())
        assert b.complaints() == []


def test_single_letters_act_where_the_case_has_the_focus_and_can_be_switched_off(service, ana):
    """WCAG 2.2, 2.1.4. What a key would do is done at once, so a key that comes after it proves that nothing was."""
    from selenium.webdriver.common.action_chains import ActionChains
    _, reference = people.asks(service, 16, call=("1",))
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "ana", staffroom.own("ana"))
        b.open(base + "/case/" + reference)

        def note_focused():
            return b.driver.switch_to.active_element.get_attribute("id") == "text"

        def keys(where, letters):
            b.driver.execute_script("document.activeElement.blur(); document.querySelector('#case-keys').open = false;"
                                    "document.querySelector(arguments[0]).focus()", where)
            ActionChains(b.driver, duration=0).send_keys(letters).perform()

        for where in ("body", "#hide button", ".menu a", ".skip"):
            keys(where, "n")
            assert not note_focused(), where
        keys("main", "?")
        assert b.one("#case-keys").get_attribute("open") and "book a call" in b.text("#case-keys")
        keys("#note-title ~ form button", "n")
        assert note_focused()
        b.one("#text").send_keys("rnb?")
        assert b.one("#text").get_attribute("value") == "rnb?" and b.driver.current_url.endswith(reference), "what is typed is typed"
        b.open(base + "/account")
        b.wait(lambda: b.one("#letters").is_displayed())
        assert b.one("#letters").is_selected() and "where a case has it" in b.text("#keys")
        b.one("#letters").click()
        b.open(base + "/case/" + reference)
        for letters in ("n", "?", "b", "r"):
            keys("main", letters)
            assert not note_focused() and not b.one("#case-keys").get_attribute("open") and b.driver.current_url.endswith(reference)
        b.open(base + "/inbox")
        b.one("#cases tbody th a").send_keys("j")
        assert b.driver.switch_to.active_element == b.all("#cases tbody th a")[0]
        b.open(base + "/account")
        b.one("#letters").click()
        b.open(base + "/case/" + reference)
        b.one("main").send_keys("r")
        b.wait(lambda: b.driver.current_url.endswith("/reply"))
        assert b.complaints() == []


def test_what_was_written_is_given_back_after_the_visit_was_over(service, ana):
    _, reference = people.asks(service, 60)
    words = "Long <b>notes</b> & مكتوبة"
    form = ana.get("/case/" + reference).form("/note")["fields"]
    late = desk.Visitor(service, ana.cookies)
    ana.submit("/sign-out")
    staffroom.sign_in(ana, "ana", staffroom.own("ana"))
    page = late.post("/case/%s/note" % reference, **{**form, "text": words})
    assert page.status == 403 and "You are signed out" in page.main and "Nothing was changed" in page.main
    assert words in html.unescape(page.body) and "<b>notes" not in page.body and "/sign-in" in page.links()
    page = ana.post("/case/%s/note" % reference, **{**form, "text": words})
    assert page.status == 403 and "This form is too old" in page.main and words in html.unescape(page.body)
    assert "/case/" + reference in page.links(), "the way back"
    foreign = ana.post("/case/%s/note" % reference, headers={"Sec-Fetch-Site": "cross-site"}, **{**form, "text": "words of another site"})
    assert foreign.status == 403 and "words of another site" not in foreign.body
    other = ana.post("/search", **{**form, "words": "+12025550160"})
    assert other.status == 403 and "2025550160" not in other.body, "a number is not shown again"
    assert words not in ana.get("/case/" + reference).main


def test_two_presses_of_a_button_send_a_form_once(service, ana):
    _, reference = people.asks(service, 61)
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "ana", staffroom.own("ana"))
        b.open(base + "/case/" + reference)
        b.type("text", "pressed twice")
        b.driver.execute_script("const b = [...document.querySelectorAll('button')].find((b) => b.textContent === 'Add note'); b.click(); b.click()")
        b.wait(lambda: "Your note was added" in b.text())
    assert ana.get("/case/" + reference).main.count("pressed twice") == 1


def test_a_note_that_is_sent_twice_is_kept_once(service, ana):
    _, reference = people.asks(service, 62)
    form = ana.get("/case/" + reference).form("/note")["fields"]
    for text, notes in (("the very same", 1), ("the very same", 1), ("another", 2)):
        answer = ana.post("/case/%s/note" % reference, **{**form, "text": text})
        assert answer.status == 303 and answer.headers["Location"].endswith("done=note")
        assert ana.get("/case/" + reference).body.count("<b>Note</b>") == notes
    ana.submit("/case/%s/note" % reference, text="the very same")
    assert ana.get("/case/" + reference).main.count("the very same") == 2, "written anew from a fresh page, it is meant"


def test_letters_are_counted_not_bytes_and_lines_stay_as_they_were_typed(service, ana):
    _, reference = people.asks(service, 63)
    ana.get("/case/" + reference)
    page = ana.submit("/case/%s/note" % reference, text="ع" * 1998 + "\r\n" + "ب" * 2001)
    assert "Your note was added" in page.main, "4,000 letters, as the field takes them"
    assert ana.submit("/case/%s/note" % reference, text="ع" * 4001).status == 422
    ana.get("/case/" + reference)
    page = ana.submit("/case/%s/note" % reference, text="one\r\n\r\ntwo \u202ethree")
    assert "one\n\ntwo three" in html.unescape(page.body)
    ana.get("/case/%s/hand-over" % reference)
    page = ana.submit("/hand-over", reason="ع" * 500 + " \u202e", flag="")
    assert "/inbox" in page.url, page.main


def test_what_was_written_for_a_case_that_changed_hands_is_given_back(service, ana, ben, eva):
    _, reference = people.asks(service, 64)
    form = ana.get("/case/" + reference).form("/note")["fields"]
    eva.get("/case/" + reference)
    eva.submit("/case/%s/close" % reference, reason="twice the same person")
    page = ana.post("/case/%s/note" % reference, **{**form, "text": "he called at noon"})
    assert page.status == 404 and "The case was closed, or it is not yours any more" in page.main and "he called at noon" in page.main
    _, reference = people.asks(service, 65)
    forms = [v.get("/inbox").form("/case/%s/claim" % reference)["fields"] for v in (ana, ben)]
    assert [v.post("/case/%s/claim" % reference, **f).status for v, f in zip((ana, ben), forms)] == [303, 404]
    late = ben.post("/case/%s/claim" % reference, **forms[1])
    assert "somebody took it on" in late.main and "Page not found" not in late.main
    assert late.main.replace(reference, "") == ben.post("/case/ZZZZZZ/claim", **forms[1]).main.replace("ZZZZZZ", ""), "as of a case that is not there"
    form = ana.get("/case/" + reference).form("/note")["fields"]
    ana.get("/case/%s/hand-over" % reference)
    ana.submit("/hand-over", reason="a child", flag="minor")
    page = ana.post("/case/%s/note" % reference, **{**form, "text": "she is fifteen"})
    assert "Safeguarding is handling this. Nothing of yours was stored." in page.main and "she is fifteen" in page.main


def test_closing_is_no_status_that_a_form_gives(service, ana):
    """The person would hear that it is closed and that they may ask again, and asking again would be refused."""
    _, reference = people.asks(service, 67)
    form = ana.get("/case/" + reference).form("/status")["fields"]
    given = re.findall(r'<option value="(\w*)"', ana.page.body.split('<select id="status"')[1].split("</select>")[0])
    assert "called" in given and "closed" not in given
    page = ana.post("/case/%s/status" % reference, **{**form, "status": "closed"})
    assert page.status == 422 and "Choose a status" in page.main
    assert service.query("SELECT status, closed FROM casefile WHERE reference = ?", reference) == [("new", None)]


def test_a_case_that_ended_with_help_keeps_its_status_when_it_is_closed(service, ana):
    _, reference = people.asks(service, 71)
    counted = lambda event: service.query("SELECT coalesce(sum(number), 0) FROM counter WHERE event = ?", event)[0][0]
    ana.get("/case/" + reference)
    ana.submit("/case/%s/status" % reference, status="tried")
    tried, closed = counted("status-tried"), counted("status-closed")
    assert "The case was closed" in ana.submit("/case/%s/close" % reference, reason="They are home").main
    assert service.query("SELECT status, closed IS NULL FROM casefile WHERE reference = ?", reference) == [("tried", 0)]
    assert (counted("status-tried"), counted("status-closed")) == (tried, closed + 1)
    assert reference in rows(ana.get("/inbox?view=closed"))
    ana.get("/case/" + reference)
    ana.submit("/case/%s/reopen" % reference, reason="They called")
    assert service.query("SELECT status, closed FROM casefile WHERE reference = ?", reference) == [("new", None)]


def test_only_what_was_closed_counts_as_opened_again(service, ana):
    _, reference = people.asks(service, 70)
    counted = lambda: service.query("SELECT coalesce(sum(number), 0) FROM counter WHERE event = 'status-new'")[0][0]
    before = counted()
    ana.get("/case/" + reference)
    for status in ("called", "new"):
        ana.submit("/case/%s/status" % reference, status=status)
    assert service.query("SELECT status FROM casefile WHERE reference = ?", reference) == [("new",)] and counted() == before
    ana.submit("/case/%s/close" % reference, reason="They are home")
    ana.get("/case/" + reference)
    ana.submit("/case/%s/reopen" % reference, reason="They called")
    assert counted() == before + 1


def test_a_note_of_the_same_words_is_added_also_from_a_page_of_older_ones(service, ana):
    _, reference = people.asks(service, 68)
    notes = lambda: service.query("SELECT n.id FROM case_note n JOIN casefile c ON c.id = n.casefile WHERE reference = ? AND what = 'note'", reference)
    ana.get("/case/" + reference)
    for words in ("first", "nobody answered"):
        ana.submit("/case/%s/note" % reference, text=words)
    ana.get("/case/%s?before=%d" % (reference, notes()[0][0]))
    ana.submit("/case/%s/note" % reference, text="nobody answered")
    assert len(notes()) == 3


def test_what_was_sent_twice_is_told_from_what_a_colleague_did(service, ana, eva):
    _, reference = people.asks(service, 66)
    form = ana.get("/case/" + reference).form("/status")["fields"]
    twice = [ana.post("/case/%s/status" % reference, **{**form, "status": "tried"}) for _ in range(2)]
    assert [page.status for page in twice] == [303, 409]
    assert "<title>Changed meanwhile: %s - " % reference in twice[1].body
    assert "You changed this case yourself" in twice[1].main and "Somebody changed" not in twice[1].main
    assert "Status: Tried" in twice[1].main and "status:" not in twice[1].main
    form = ana.get("/case/" + reference).form("/status")["fields"]
    eva.get("/case/" + reference)
    eva.submit("/case/%s/note" % reference, text="from Eva")
    page = ana.post("/case/%s/status" % reference, **{**form, "status": "called"})
    assert "Somebody changed this case while you were at it" in page.main and "from Eva" in page.main


def test_what_cannot_be_stored_is_given_back(folder, aggregator):
    """A ceiling on the size of files stands for a full disk; its signal is ignored, as a service manager does."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    ignore = lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with callers.running(folder, aggregator, menus=None, conf=staffroom.FAST, before=ignore) as service:
        _, reference = people.asks(service, 0)
        demo = staffroom.demo(service)
        form = demo.get("/case/" + reference).form("/note")["fields"]
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        page = demo.post("/case/%s/note" % reference, **{**form, "text": "an hour of work"})
        assert page.status == 503 and "Nothing was changed" in page.main and "an hour of work" in page.main
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, unlimited)
        assert demo.post("/case/%s/note" % reference, **{**form, "text": "an hour of work"}).status == 303


# Whether the browser asks before the page goes by this form, or by a link. Nothing goes: an event that a script makes sends none.
ASKS = """document.querySelector(arguments[0])?.dispatchEvent(new SubmitEvent('submit', {bubbles: true, cancelable: true}));
const leave = new Event('beforeunload', {cancelable: true}); dispatchEvent(leave); return leave.defaultPrevented;"""


def test_a_note_that_was_typed_is_not_lost_to_another_button(service, ana):
    _, reference = people.asks(service, 69)
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "ana", staffroom.own("ana"))
        b.open(base + "/case/" + reference)
        asks = lambda form="none": b.driver.execute_script(ASKS, form)
        assert not asks(), "nothing was typed"
        b.type("text", "half a note")
        assert asks() and asks("form[action$='/status']"), "a link, another form"
        assert not asks("form[action$='/note']"), "its own form"
        b.type("text", "")
        assert not asks()
