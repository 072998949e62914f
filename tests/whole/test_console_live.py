# SPDX-License-Identifier: AGPL-3.0-or-later
"""News for an open list: server-sent events, resumed by their id, and what a browser makes of them."""
import re
import threading
import time

import pytest

import browser
import callers
import desk
import harness
import people
import staffroom


@pytest.fixture(scope="module")
def service(module_folder):
    with harness.FakeAggregator() as aggregator, callers.running(module_folder, aggregator, menus=None, conf=staffroom.FAST) as made:
        yield made


@pytest.fixture(scope="module")
def ana(service):
    return staffroom.member(service, "ana", "caseworker")


def drawn(visitor):
    return int(re.search(r'data-change="(\d+)"', visitor.get("/inbox").body)[1])


def test_news_come_while_somebody_waits_and_an_id_resumes(service, ana):
    people.asks(service, 0)
    since, got = drawn(ana), []
    waits = threading.Thread(target=lambda: got.append(ana.ask("GET", "/events?since=%d" % since)))
    waits.start()
    _, reference = people.asks(service, 1)
    waits.join(20)
    assert got[0].headers["Content-Type"].startswith("text/event-stream")
    news = re.fullmatch(r"retry: \d+\nid: (\d+)\nevent: news\ndata: 1\n\n", got[0].body)
    assert news and reference not in got[0].body
    people.asks(service, 2)
    again = ana.ask("GET", "/events?since=%d" % since, headers={"Last-Event-ID": news[1]})
    assert "data: 2" in again.body, "since the list was drawn"


def test_nothing_new_is_a_comment(service, ana):
    began = time.monotonic()
    page = ana.ask("GET", "/events?since=%d" % drawn(ana))
    assert page.body.startswith(":") and "data:" not in page.body and time.monotonic() - began > 5


def test_what_is_not_ones_own_is_no_news(service, ana):
    since = drawn(ana)
    people.asks(service, 3, age="2")  # safeguarding's
    assert "data:" not in ana.ask("GET", "/events?since=%d" % since).body


def test_a_stopping_service_does_not_wait_for_who_waits(folder, aggregator):
    with callers.running(folder, aggregator, menus=None, conf=staffroom.FAST) as service:
        visitor = staffroom.demo(service)
        since = drawn(visitor)
        waits = threading.Thread(target=lambda: visitor.ask("GET", "/events?since=%d" % since))
        waits.start()
        began = time.monotonic()
        assert service.terminate() == 0
        assert time.monotonic() - began < 12
        waits.join(20)


def test_a_list_in_a_browser_tells_what_is_new_and_does_not_move(service):
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "demo", staffroom.demo_passphrase(service))
        b.wait(lambda: b.all("#cases"))
        before = [row.text for row in b.all("#cases tbody th")]
        people.asks(service, 4)
        b.wait(lambda: b.one("#news").is_displayed() and b.text("#news") == "1 new - show", 60)
        assert [row.text for row in b.all("#cases tbody th")] == before
        b.one("#news a").click()
        b.wait(lambda: len(b.all("#cases tbody th")) == len(before) + 1)
        # single letters act where the list has the focus, and nowhere else
        b.one("#cases tbody th a").send_keys("j")
        b.wait(lambda: b.driver.switch_to.active_element == b.all("#cases tbody th a")[1])
        b.driver.switch_to.active_element.send_keys("k")
        b.wait(lambda: b.driver.switch_to.active_element == b.all("#cases tbody th a")[0])
        b.one("body").send_keys("c")
        assert b.driver.current_url.endswith("/inbox") or "/inbox?" in b.driver.current_url
        # signed out elsewhere: the page goes
        b.driver.execute_script("fetch('/sign-out', {method: 'POST', body: new URLSearchParams({csrf: document.querySelector('[name=csrf]').value})})")
        b.wait(lambda: "Sign in" in b.text("h1"), 60)
