# SPDX-License-Identifier: AGPL-3.0-or-later
"""Menus and health: what the check found, facts that are due, languages, channels; reload and going back; the map."""
import re
import shutil
import urllib.parse
import xml.etree.ElementTree

import pytest

import browser
import callers
import desk
import harness
import staffroom
from test_backup import offline_key

HOURS = r"checked \d\d:\d\d"
SMALL = """start main
trigger main
  words en HELP
screen main
  say {greeting}
  option 1 More -> more
  option 2 End -> bye
screen more
  say More to read. {news}
  option 1 Main page -> main
screen bye
  say Goodbye.
  -> end
fact greeting
  text %s
  source A letter
  owner Ana
  reviewed 2020-01-01
  review-by 2999-01-01
  expired We are checking this.
fact news
  text The office moved.
  source A letter
  owner Ana
  reviewed 2020-01-01
  review-by %s
  expired We are checking the address.
"""


def small(service, greeting="Good day.", review_by="2999-01-01", more=""):
    """The service's own menus, in a file that tests may spoil."""
    (service.folder / "small.menu").write_text(SMALL % (greeting, review_by) + more)


@pytest.fixture
def service(folder, aggregator):
    made = harness.Service(folder / "service", aggregator)
    small(made)
    callers.settings(made, made.folder / "small.menu", **staffroom.FAST)
    made.log = []
    yield made.start()
    made.stop()
    assert not made.crashes(), made.crashes()


@pytest.fixture
def olga(service):
    return staffroom.member(service, "olga", "operator")


def dial(service, number="+12025550170"):
    return harness.Phone(service, number).dial()


def test_all_checks_pass_and_when(service, olga):
    page = olga.get("/menus")
    assert page.status == 200 and re.search("All checks pass, " + HOURS, page.main), page.main
    assert "Nothing: no error and no warning" in page.main and "3 screens" in page.main
    assert "no transcripts" not in page.main and "Not run since" in page.main
    assert re.search(r"africastalking-sms SMS, Africa's Talking SMS Sends 0 0 0", page.main)
    assert "Experimental" not in page.main
    assert "read and checked" in olga.submit("/menus/check").text


def test_a_channel_that_nobody_has_proved_is_named(service, olga):
    service.stop()
    shutil.copy(harness.TOP / "config/channels/nalo.channel", service.conf.parent / "channels")
    service.start()
    visitor = desk.Visitor(service)
    staffroom.sign_in(visitor, "olga", staffroom.own("olga"))
    page = visitor.get("/menus")
    assert "nalo Experimental USSD, Nalo USSD" in page.main and "phone USSD, Browser phone" in page.main
    assert "1 warning" in page.main and 'the channel "nalo" is in use and not proved' in page.main



def test_transcripts_are_run_and_what_they_come_by_is_counted(service, olga):
    talks = service.folder / "tests"
    talks.mkdir()
    (talks / "one.talk").write_text("talk Goodbye\nphone +12025550101 ussd\nat 2026-04-14 10:00\n> *123#\n< ...\n> 2\n< Goodbye.\n")
    olga.get("/menus")
    page = olga.submit("/menus/check")
    assert "All 1 hold" in page.main and "come by 2 of 3 screens and take 1 of 3 options" in page.main, page.main
    (talks / "one.talk").write_text("talk Goodbye\nphone +12025550101 ussd\nat 2026-04-14 10:00\n> *123#\n< ...\n> 2\n< Farewell.\n")
    page = olga.submit("/menus/check")
    assert "1 of 1 fail" in page.main and "Error T01" in page.main and "All checks pass" not in page.main


def test_what_is_wrong_is_told_with_its_line_and_the_last_good_menus_stay(service, olga):
    small(service, "Good evening.", more="screen lost\n  say Lost.\n  -> nowhere-at-all\n")
    olga.get("/menus")
    page = olga.submit("/menus/reload")
    line = (service.folder / "small.menu").read_text().splitlines().index("  -> nowhere-at-all") + 1
    assert "the last good menus stay in force" in page.main
    assert "Error E02" in page.main and "small.menu:%d" % line in page.main.replace(" :", ":"), page.main
    assert "-> nowhere-at-all" in page.main and "Good day" in dial(service)
    assert re.search("1 error and 0 warnings, " + HOURS, page.main)
    small(service, "Good evening.")
    page = olga.submit("/menus/reload")
    assert "were reloaded" in page.text and "All checks pass" in page.main
    assert "Good evening" in dial(service)
    assert [row[1] for row in service.query("SELECT action, object FROM audit WHERE actor = 'olga' AND action = 'reload menus' ORDER BY id")] == ["refused", "done"]


def test_a_fact_past_its_date_is_withheld_and_the_page_says_so(service, olga):
    service.stop()
    small(service, review_by="2020-01-02")
    service.start()
    olga = desk.Visitor(service)
    staffroom.sign_in(olga, "olga", staffroom.own("olga"))
    page = olga.get("/menus")
    assert 'role="alert"' in page.body and "1 fact is past the date for review" in page.main
    page = olga.get("/menus/facts")
    assert re.search(r"news small.menu:\d+ Past its date: withheld Thu 2 Jan 2020, Ana Thu 2 Jan 2020 Ana A letter", page.main), page.main
    assert "greeting" not in page.main
    phone = harness.Phone(service, "+12025550171")
    phone.dial()
    assert "We are checking the address" in phone.type("1")


def test_a_service_that_starts_with_expired_facts_says_how_many(service):
    assert not any("withheld" in line for line in service.log)
    service.terminate()
    small(service, review_by="2020-02-01")
    service.log = []
    service.start()
    told = [line for line in service.log if "withheld" in line]
    assert told == ['waymark: 1 fact or place is past review and withheld from callers; "waymark check" names it']


def test_going_back_to_an_earlier_version_and_forward_again(service, olga):
    first = dial(service)
    small(service, "Good evening.")
    olga.get("/menus")
    olga.submit("/menus/reload")
    assert "Good evening" in dial(service, "+12025550172")
    page = olga.get("/menus/versions")
    assert page.main.count("Go back to version") == 1 and "small.menu" in page.main
    assert "The earlier version is in force" in olga.submit("/menus/versions").text
    assert dial(service, "+12025550173") == first and "Good day" in first
    assert "An earlier version is in force" in olga.get("/menus").main
    olga.submit("/menus/reload")
    assert "Good evening" in dial(service, "+12025550174") and "An earlier version" not in olga.get("/menus").main
    assert service.query("SELECT count(*) FROM audit WHERE actor = 'olga' AND action = 'go back to menus'")[0][0] == 1


@pytest.mark.parametrize("name", ["", "0" * 16, "../bundles", "%2e%2e%2f", "f" * 4000, "<script>alert(1)</script>"])
def test_a_version_that_is_not_kept_is_told(service, olga, name):
    token = olga.get("/account").form("/account/passphrase")["fields"]["csrf"]
    page = olga.post("/menus/versions", csrf=token, version=name)
    assert page.status == 422 and "not kept any more" in page.text and "<script>alert" not in page.body


def test_an_earlier_version_whose_facts_expired_is_put_in_force_and_withholds_them(service, olga):
    service.stop()
    small(service, "Old words.", review_by="2020-01-02")
    service.start()
    small(service, "New words.")
    olga = desk.Visitor(service)
    staffroom.sign_in(olga, "olga", staffroom.own("olga"))
    olga.get("/menus")
    assert "were reloaded" in olga.submit("/menus/reload").text
    olga.get("/menus/versions")
    versions = re.findall(r'name="version" value="([0-9a-f]{16})"', olga.page.body)
    assert len(versions) == 2
    for name in versions:
        olga.get("/menus/versions")
        olga.submit("/menus/versions", version=name)
        if "Old words" in dial(service, "+12025550175"):
            break
    assert "Old words" in dial(service, "+12025550176") and "1 fact is past the date" in olga.get("/menus").main


def test_the_map_has_every_screen_and_hides_small_counts(service, olga):
    for n in range(7):
        phone = harness.Phone(service, callers.number(n))
        phone.dial()
        if n < 3:
            phone.type("1")
    picture = olga.ask("GET", "/menus/map.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    texts = [t.text for t in xml.etree.ElementTree.fromstring(picture.body).iter("{http://www.w3.org/2000/svg}text")]
    assert {"main", "more", "bye"} <= set(texts) and any(t.startswith("seen 7") for t in texts), texts
    assert not any(t.startswith("seen 3") for t in texts), "fewer than five are not told"
    table = olga.get("/menus/map").main
    assert re.search(r"main small.menu:\d+ Screen 7 \S.* more bye", table), table
    assert re.search(r"more small.menu:\d+ Screen fewer than 5", table), table


def test_the_shipped_menus_are_drawn_whole(folder, aggregator):
    with staffroom.office(folder, aggregator) as service:
        olga = staffroom.member(service, "olga", "operator")
        page = olga.get("/menus/map")
        names = re.findall(r'<tr id="screen-([^"]+)"', page.body)
        drawn = xml.etree.ElementTree.fromstring(olga.ask("GET", "/menus/map.svg").body)
        places = [(r.get("x"), r.get("y")) for r in drawn.iter("{http://www.w3.org/2000/svg}rect") if r.get("rx")]
        assert len(names) > 100 and len(places) == len(names) and len(set(places)) == len(places), "no box lies on another"
        assert set(map(urllib.parse.unquote, re.findall(r'href="#screen-([^"]+)"', page.body))) <= set(names)
        text = olga.get("/menus").main
        for language in ("English Written in it", "Spanish Offered Nobody yet", "Arabic Draft Nobody yet"):
            assert re.search(language.replace(" ", r" (\w\w )?", 1), text), language


def test_what_was_done_last_is_told(service, olga, folder):
    today = r"\w+ \d+ \w+ \d{4}, \d\d:\d\d"
    said = ("Last deletion of what was over", "Last backup", "Last change of a key")
    page = olga.get("/menus").main
    assert all(re.search(line + " none yet", page, re.I) for line in said), page
    assert "Messages that wait to leave 0" in page and "wait for their parts 0" in page
    assert callers.command(service, "backup", folder / "copy", "--to", offline_key(service, folder))[0] == 0
    page = olga.get("/menus").main
    assert re.search("Last backup " + today, page), page
    assert re.search("Last change of a key none yet", page, re.I)
    assert callers.command(service, "purge")[0] == 0
    assert "Last deletion of what was over" in olga.get("/menus").main
    service.stop()
    assert callers.command(service, "key", "rotate")[0] == 0
    service.start()
    olga = desk.Visitor(service)
    staffroom.sign_in(olga, "olga", staffroom.own("olga"))
    assert re.search("Last change of a key " + today, olga.get("/menus").main)


def test_the_pages_work_in_a_browser(service, olga, tmp_path):
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "olga", staffroom.own("olga"))
        b.wait(lambda: b.all(".verdict"))
        assert "All checks pass" in b.text(".verdict")
        b.button("Check now").click()
        b.wait(lambda: b.all(".notice"))
        b.open(base + "/menus/map")
        assert b.driver.execute_script("return document.querySelector('.map img').naturalWidth") > 400
        assert b.complaints() == []
