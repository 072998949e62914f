# SPDX-License-Identifier: AGPL-3.0-or-later
"""The console's frame and its phone: what every answer carries, who is let in from where, and the phone over the real engine."""
import re
import subprocess

import pytest

import browser
import callers
import desk


@pytest.fixture
def service(folder, aggregator):
    with callers.running(folder, aggregator, menus=None) as made:
        yield made


def test_every_answer_forbids_foreign_code_and_being_kept(service):
    visitor = desk.Visitor(service)
    for path in ("/", "/phone", "/nothing", "/asset/console.css", "/sign-in"):
        page = visitor.ask("GET", path)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "object-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "HttpOnly" in visitor.ask("GET", "/phone", headers={"Cookie": ""}).headers["Set-Cookie"]


def test_a_name_that_somebody_else_points_at_us_is_refused(service):
    page = desk.Visitor(service).ask("GET", "/phone", headers={"Host": "evil.example"})
    assert page.status == 421 and "csrf" not in page.body


@pytest.mark.parametrize("headers, fields", [
    ({}, {"csrf": ""}),
    ({}, {"csrf": "0" * 64}),
    ({"Sec-Fetch-Site": "cross-site"}, {}),
    ({"Sec-Fetch-Site": "same-site"}, {}),
    ({"Sec-Fetch-Site": None, "Origin": "http://evil.example"}, {}),
    ({"Sec-Fetch-Site": None, "Origin": "null"}, {}),
    ({"Content-Type": "text/plain"}, {}),
])
def test_a_form_without_the_token_or_from_another_site_does_nothing(service, headers, fields):
    visitor = desk.Visitor(service)
    visitor.get("/phone")
    form = visitor.page.form("/phone")["fields"]
    answer = visitor.post("/phone", headers, **{**form, "do": "send", **fields})
    assert answer.status == 403
    assert "Nothing is shown yet" in visitor.get("/phone").body
    assert visitor.post("/phone", **{**form, "do": "send"}).status == 303
    assert "Nothing is shown yet" not in visitor.get("/phone").body


def test_a_call_reaches_the_engine_and_is_stored(service):
    visitor = desk.Visitor(service)
    visitor.get("/phone")
    page = visitor.submit("/phone", do="send")
    assert "1 English" in page.body
    page = visitor.submit("/phone", do="send", typed="1")
    assert "1 My options" in page.body
    assert re.search(r"/main\.menu:\d+", page.body) and "of 182 septets" in page.text
    assert service.query("SELECT count(*) FROM turn")[0][0] == 2


def test_the_language_is_chosen_for_the_call(service):
    visitor = desk.Visitor(service)
    visitor.get("/phone")
    assert "1 Mis opciones" in visitor.submit("/phone", do="send", language="es").body


def test_a_form_that_is_sent_twice_acts_once(service):
    visitor = desk.Visitor(service)
    visitor.get("/phone")
    visitor.submit("/phone", do="send")
    form = dict(visitor.page.form("/phone")["fields"], do="send", typed="1")
    assert visitor.post("/phone", **form).status == visitor.post("/phone", **form).status == 303
    assert service.query("SELECT count(*) FROM turn")[0][0] == 2


def test_words_by_sms_are_answered_and_two_visits_have_two_phones(service):
    first, second = desk.Visitor(service), desk.Visitor(service)
    first.get("/phone")
    first.submit("/phone", do="sms")
    assert "Send STOP to end texts" in first.submit("/phone", do="send", typed="HELP").body
    assert "HELP" not in second.get("/phone").main


@pytest.mark.parametrize("nasty", ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{csrf}}", "'; --", "\u202eevil"])
def test_what_is_typed_is_shown_as_text(service, nasty):
    visitor = desk.Visitor(service)
    visitor.get("/phone")
    visitor.submit("/phone", do="sms")
    page = visitor.submit("/phone", do="send", typed=nasty)
    assert nasty.strip("\u202e") in page.text
    assert "<script>alert" not in page.body and "<img src=x" not in page.body


def test_the_transcript_is_one_that_the_checker_runs(service, folder):
    visitor = desk.Visitor(service)
    visitor.get("/phone")
    visitor.submit("/phone", do="send")
    visitor.submit("/phone", do="send", typed="1")
    visitor.submit("/phone", do="send", typed="5")
    form = visitor.page.form("/phone/transcript")["fields"]
    saved = visitor.post("/phone/transcript", **dict(form, name="Help\nphone +1"))
    assert saved.headers["Content-Disposition"].startswith("attachment")
    talk = folder / "saved.talk"
    talk.write_text(saved.body)
    assert saved.body.startswith("talk Help\nphone +12025550101 ussd\n")
    done = subprocess.run([service.program, "test", "--config", service.conf, talk], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("scripts", [True, False])
def test_the_phone_in_a_browser(service, scripts):
    with browser.Browser(scripts=scripts) as b:
        b.open("http://%s:%d/phone" % service.console)
        b.button("Call").click()
        b.wait(lambda: "1 English" in b.text(".lcd-text"))
        b.button("1").click()
        b.wait(lambda: b.one("[name=typed]").get_attribute("value") == "1")
        b.button("Send").click()
        b.wait(lambda: "1 My options" in b.text(".lcd-text"))
        assert "main.menu:" in b.text("#meter")
        assert b.complaints() == []
