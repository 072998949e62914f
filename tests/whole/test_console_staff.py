# SPDX-License-Identifier: AGPL-3.0-or-later
"""Staff, teams and audit: adding and shutting out, letting in, replacing a key, recovery keys, and who did what."""
import calendar
import datetime
import html
import re
import shutil
import sqlite3

import pytest

import desk
import people
import staffroom

PAPER = r"(?:[0-9A-Z]{4}-){7}[0-9A-Z]{4}"


@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators) as made:
        yield made


@pytest.fixture(scope="module")
def ada(service):
    return staffroom.member(service, "ada", "administrator")


@pytest.fixture(scope="module")
def dora(service):
    return staffroom.member(service, "dora", "data-protection")


def add(ada, name, *roles):
    """Adds a member over the console; the page that shows their passphrase once."""
    ada.get("/staff")
    token = ada.page.form("/staff")["fields"]["csrf"]
    body = "csrf=%s&name=%s%s" % (token, name, "".join("&role=" + r for r in roles))
    return ada.ask("POST", "/staff", body)


def passphrase(page):
    return re.search(r'class="secret big"><bdi>([^<]+)<', page.body)[1]


def enter(service, name, given, own):
    visitor = desk.Visitor(service)
    page = staffroom.sign_in(visitor, name, given)
    assert page.url == "/welcome", page.text
    visitor.submit("/welcome/passphrase", new=own, again=own)
    return visitor


def test_a_member_is_added_waits_and_is_let_in_by_who_holds_the_key(service, ada):
    reference = people.asks(service, 40)[1]
    page = add(ada, "carla", "caseworker")
    assert page.status == 200 and "It is not shown again" in page.text and "under Teams" in page.text
    carla = enter(service, "carla", passphrase(page), "a phrase of my own making")
    assert "cannot be opened" in carla.get("/case/" + reference).text
    assert "Waits to be let in: Casework" in ada.get("/staff").main
    demo = staffroom.demo(service)
    assert "Let carla in" in demo.get("/teams").main
    assert "They are in" in demo.submit("/teams/admit", name="carla").text
    assert carla.get("/inbox").url == "/sign-in", "her visit ended: it had no key"
    staffroom.sign_in(carla, "carla", "a phrase of my own making")
    assert "cannot be opened" not in carla.get("/case/" + reference).text
    assert "Waits to be let in" not in ada.get("/staff").main.split("Add a member")[0]


def test_a_passphrase_is_shown_once_and_nowhere_kept(service, ada):
    page = add(ada, "once", "operator")
    given = passphrase(page)
    assert given not in ada.get("/staff").body + ada.get("/staff/once").body
    assert not any(given in line for line in service.log)


@pytest.mark.parametrize("name, roles, why", [("", ["operator"], "Write the name"), ("", [], "Write the name"), ("", [], "Choose one role"), ("a b", ["operator"], "letters, digits"),
                                              ("<script>alert(1)</script>", ["operator"], "letters, digits"),
                                              ("ada", ["operator"], "Choose another name"), ("norole", [], "Choose one role"),
                                              ("norole", ["emperor"], "Choose one role")])
def test_what_cannot_be_added_is_told(ada, name, roles, why):
    page = add(ada, name, *roles)
    assert page.status == 422 and why in page.text and "<script>alert" not in page.body
    assert "norole" not in ada.get("/staff").main


def test_who_is_shut_out_is_out_at_once_and_holds_no_key(service, ada):
    staffroom.add(service, "lena", "caseworker")
    lena = enter(service, "lena", staffroom.given("lena"), staffroom.own("lena"))
    assert lena.get("/inbox").url == "/inbox"
    ada.get("/staff/lena")
    page = ada.submit("/staff/lena/disable")
    assert "they are out" in page.text.lower() and "Replace the keys" in page.main and "No team" in page.main
    assert lena.get("/inbox").url == "/sign-in"
    assert staffroom.sign_in(lena, "lena", staffroom.own("lena")).status == 422
    ada.get("/staff/lena")
    ada.submit("/staff/lena/enable")
    assert staffroom.sign_in(lena, "lena", staffroom.own("lena")).status == 200
    assert "Waits to be let in" in ada.get("/staff/lena").main


def test_roles_change_at_once(service, ada):
    otto = staffroom.member(service, "otto", "operator")
    ada.get("/staff/otto")
    token = ada.page.form("/staff/otto/roles")["fields"]["csrf"]
    assert ada.post("/staff/otto/roles", csrf=token).status == 422
    assert ada.ask("POST", "/staff/otto/roles", "csrf=%s&role=administrator" % token).status == 303
    assert otto.get("/menus").url == "/sign-in", "the visit with the old role is over"
    staffroom.sign_in(otto, "otto", staffroom.own("otto"))
    assert otto.ask("GET", "/menus").status == 404 and otto.ask("GET", "/staff").status == 200


@pytest.mark.parametrize("what", ["roles", "disable", "enable", "passphrase", "factor"])
def test_nobody_changes_themselves(service, ada, what):
    token = ada.get("/staff").form("/staff")["fields"]["csrf"]
    page = ada.ask("POST", "/staff/ada/" + what, "csrf=%s&role=caseworker" % token)
    assert page.status == 422 and "Ask another administrator" in page.text
    assert ada.get("/staff").status == 200


def test_a_lost_passphrase_and_a_lost_phone(service, ada):
    pia = staffroom.member(service, "pia", "operator")
    pia.get("/account")
    page = pia.submit("/account/factor", app_present=staffroom.own("pia"))
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.body)[1]
    pia.submit("/account/factor/confirm", code=staffroom.code(secret))
    assert staffroom.sign_in(desk.Visitor(service), "pia", staffroom.own("pia")).status == 422
    page = ada.get("/staff/pia")
    assert "<title>Member pia - " in page.body
    for asked, button in (("They forgot their passphrase", "Give a new passphrase"), ("They lost their phone", "Take the second factor away"), ("They left", "Shut out")):
        assert re.search("<details><summary>%s</summary><form [^<]*<input[^<]*<p>[^<]*</p><button [^<]*>%s<" % (asked, button), page.body), "not with one press"
    ada.submit("/staff/pia/factor")
    assert pia.get("/account").url == "/sign-in"
    assert staffroom.sign_in(desk.Visitor(service), "pia", staffroom.own("pia")).status == 200
    ada.get("/staff/pia")
    page = ada.submit("/staff/pia/passphrase")
    assert "has a new passphrase" in page.text
    assert staffroom.sign_in(desk.Visitor(service), "pia", staffroom.own("pia")).status == 422
    enter(service, "pia", passphrase(page), "yet another long phrase")


def test_a_key_is_replaced_and_its_paper_shown_once(service):
    reference = people.asks(service, 41)[1]
    susi = staffroom.member(service, "susi", "supervisor")
    susi.get("/teams")
    page = susi.submit("/teams/rotate", present="not my passphrase at all")
    assert page.status == 422 and "Nothing was changed" in page.text
    page = susi.submit("/teams/rotate", present=staffroom.own("susi"))
    assert "the key was replaced" in page.text and re.search(r"[1-9]\d* secrets", page.main), page.main
    assert len(re.findall(PAPER, page.text)) == 1
    assert susi.get("/teams").url == "/sign-in", "whoever holds it signs in again"
    staffroom.sign_in(susi, "susi", staffroom.own("susi"))
    assert "cannot be opened" not in susi.get("/case/" + reference).text
    paper = re.search(PAPER, page.text)[0]
    susi.get("/teams")
    page = susi.submit("/teams/reprint", present=staffroom.own("susi"))
    assert re.search(PAPER, page.text)[0] != paper
    assert re.search(PAPER, susi.get("/teams").text) is None


def test_a_replacement_that_was_interrupted_tells_how_far_it_came(folder, aggregator):
    with staffroom.office(folder, aggregator) as service:
        references = [people.asks(service, n)[1] for n in range(3)]
        demo = staffroom.demo(service)
        demo.get("/teams")
        assert "is being replaced" not in demo.page.main
        assert service.terminate() == 0
        shutil.copy(service.data / "waymark.db", folder / "before.db")
        service.start()
        demo = desk.Visitor(service)
        staffroom.sign_in(demo, "demo", staffroom.demo_passphrase(service))
        demo.get("/teams")
        demo.submit("/teams/rotate", team="casework", present=staffroom.demo_passphrase(service))
        assert service.terminate() == 0
        db = sqlite3.connect(service.data / "waymark.db")  # as it stands where one record is still to be done
        db.execute("ATTACH ? AS before", (str(folder / "before.db"),))
        for table in ("team_key", "team_seal"):
            db.execute("INSERT OR IGNORE INTO %s SELECT * FROM before.%s WHERE team = 'casework'" % (table, table))
        db.execute("REPLACE INTO person_seal SELECT * FROM before.person_seal ORDER BY person LIMIT 1")
        db.commit()
        db.close()
        service.start()
        demo = desk.Visitor(service)
        staffroom.sign_in(demo, "demo", staffroom.demo_passphrase(service))
        page = demo.get("/teams")
        assert "The key is being replaced: 2 of 3 records lie under the new one" in page.main
        assert '<progress max="3" value="2"' in page.body
        page = demo.submit("/teams/rotate", team="casework", present=staffroom.demo_passphrase(service))
        assert "the key was replaced" in page.text
        staffroom.sign_in(demo, "demo", staffroom.demo_passphrase(service))
        assert "is being replaced" not in demo.get("/teams").main
        assert all("Monday evening" in demo.get("/case/" + reference).main for reference in references)


def test_a_team_whose_key_one_does_not_hold_stays_shut(service):
    susi = staffroom.member(service, "susanne", "supervisor")
    susi.get("/teams")
    for path in ("/teams/rotate", "/teams/reprint"):
        for team in ("safeguarding", "", "nobody", "casework' --"):
            susi.get("/teams")
            page = susi.submit(path, team=team, present=staffroom.own("susanne"))
            assert page.status == 422 and "whose key you hold" in page.text and not re.search(PAPER, page.text)
    token = susi.get("/teams").form("/teams/rotate")["fields"]["csrf"]
    assert susi.post("/teams/admit", csrf=token, name="nobody-at-all").status == 422


def test_alerts_of_late_stand_above_the_log(folder, aggregator):
    with staffroom.office(folder, aggregator, alert="searches 2\nalert numbers 1") as service:
        reference = people.asks(service, 1)[1]
        demo = staffroom.demo(service)
        assert "Alerts in the last" not in demo.get("/audit").main
        for n in range(3):
            demo.get("/search")
            page = demo.submit("/search", words=reference)
            assert ("searched more than 2 times" in page.main) == (n == 2), n
        for n in range(2):
            demo.get("/case/" + reference)
            page = demo.submit("/case/%s/number" % reference, why="call")
            assert ("more than 1 numbers" in page.main) == (n == 1), n
        demo.get("/consents")
        demo.submit("/consents", words=reference)
        page = demo.get("/audit")
        assert "Alerts in the last 7 days: 3." in page.main
        page = demo.get("/audit?what=alert")
        assert page.main.count("demo alert") == 3 and "3 searches in a day" in page.main and "4 searches in a day" in page.main
        assert "2 numbers in a day" in page.main


def test_the_log_says_who_did_what_and_is_searched(service, ada, dora):
    add(ada, "logged", "operator")
    page = dora.get("/audit?who=ada&what=add")
    assert re.search(r"\d\d:\d\d ada add member logged \d+", page.main), page.main
    assert "No entries in this range" in dora.get("/audit?from=2001-01-01&to=2001-01-02").main
    assert "No entries in this range" in dora.get("/audit?who=nobody-at-all").main
    page = dora.get("/audit?from=2001-02-31")
    assert page.status == 422 and "year-month-day" in page.text
    assert dora.get("/audit?from=2026-01-02&to=2026-01-01").status == 422
    script = dora.get("/audit?who=%3Cscript%3Ealert(1)%3C/script%3E&what=%22%3E&on=%25'%3B--")
    assert script.status == 200 and "<script>alert" not in script.body


def test_the_log_is_paged_without_losing_or_repeating_a_row(service, ada, dora):
    for n in range(60):
        ada.get("/staff/pager%d" % n)
        staffroom.sign_in(desk.Visitor(service), "demo", staffroom.demo_passphrase(service)) if n == 0 else None
        add(ada, "pager%d" % n, "operator")
    seen, path = [], "/audit"
    while path:
        page = dora.get(path)
        seen += [int(n) for n in re.findall(r'<td class="n">(\d+)</td></tr>', page.body)]
        older = [u for u in page.links() if "before=" in u]
        path = older[0] if older else None
    assert seen == sorted((row[0] for row in service.query("SELECT id FROM audit")), reverse=True)


def test_the_chain_is_verified_and_a_forged_row_is_told(service, ada, dora):
    page = dora.get("/audit")
    page = dora.submit("/audit/verify")
    assert "All of it is as it was written" in page.main
    end = re.search(r"<code>([0-9a-f]{64})</code>", page.body)[1]
    add(ada, "chained", "operator")
    dora.get("/audit")
    assert end not in dora.submit("/audit/verify").body


def test_a_forged_row_is_told(folder, aggregator):
    with staffroom.office(folder, aggregator) as service:
        staffroom.add(service, "dora", "data-protection")
        service.stop()
        with sqlite3.connect(service.data / "waymark.db") as db:
            assert db.execute("UPDATE audit SET actor = 'else' WHERE action = 'add member' AND object = 'dora'").rowcount == 1
        db.close()
        service.start()
        dora = enter(service, "dora", staffroom.given("dora"), staffroom.own("dora"))
        dora.get("/audit")
        page = dora.submit("/audit/verify")
        assert "not as it was written" in page.main and "is not what was written" in page.main


def test_nothing_in_the_log_can_be_changed(dora):
    page = dora.get("/audit")
    forms = [f["action"] for f in desk.Form(page.body.split("<main")[1]).forms]
    assert sorted(set(forms)) == ["/audit", "/audit/verify"]
    for method in ("PUT", "DELETE", "PATCH"):
        assert dora.ask(method, "/audit").status in (404, 405, 501)


def test_a_long_log_is_looked_through_a_stretch_at_a_time(folder, aggregator):
    """A page reads a hundred thousand rows at most, and goes on from there; with days it begins where they lie."""
    with staffroom.office(folder, aggregator) as service:
        service.terminate()
        early = datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=400)
        many = early + datetime.timedelta(days=100)

        def noon(day):
            return calendar.timegm(day.timetuple()) + 43200
        db = sqlite3.connect(service.data / "waymark.db")
        rows = "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < %d - 1) "
        link = "INSERT INTO audit (at, actor, action, object, link) SELECT %s, %s, 'seek', 'case ' || n, zeroblob(32) FROM n"
        db.execute("DELETE FROM audit")
        db.execute(rows % 10 + link % ("%d + n" % noon(early), "'early'"))
        db.execute(rows % 250000 + link % ("%d + n * 60" % noon(many), "'many'"))
        db.commit()
        db.close()
        service.start()
        demo = staffroom.demo(service)
        page, looks = demo.get("/audit?who=early"), 1
        while "early seek" not in page.main:
            assert "No entries in this range" in page.main and "there are older ones" in page.main
            page, looks = demo.get(html.unescape(re.search(r'href="(/audit[^"]+before=\d+)">Older', page.body)[1])), looks + 1
        assert looks == 3 and page.main.count("early seek") == 10 and "there are older ones" not in page.main and ">Older<" not in page.body
        page = demo.get("/audit?who=early&from=%s&to=%s" % (early, early))
        assert page.main.count("early seek") == 10 and "there are older ones" not in page.main, "found at once by their day"
        day = many + datetime.timedelta(days=30)
        page = demo.get("/audit?from=%s&to=%s" % (day, day))
        assert page.main.count("many seek") == 50 and ">Older<" in page.body
        assert [m for m in re.findall(r"case (\d+)", page.main)][0] == str(30 * 1440 + 719), "the last minute of that day first"
        between = early + datetime.timedelta(days=20)
        page = demo.get("/audit?from=%s&to=%s" % (between, between))
        assert "No entries in this range" in page.main and ">Older<" not in page.body
