# SPDX-License-Identifier: AGPL-3.0-or-later
"""The console's door: signing in and out, the first sign-in, what the cookie and the answers are like, and hiding the screen."""
import re
import time

import pytest

import browser
import callers
import desk
import harness
import staffroom


@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators, neutral_site="https://weather.example") as made:
        yield made


def test_signing_in_and_out(service):
    visitor = desk.Visitor(service)
    page = staffroom.sign_in(visitor, "demo", staffroom.demo_passphrase(service))
    assert page.status == 200 and "Sign out" in page.text
    page = visitor.submit("/sign-out")
    assert page.url == "/sign-in" and "Sign out" not in page.text
    assert visitor.get("/account").url == "/sign-in"


def test_the_visits_token_is_new_after_signing_in_and_after_signing_out(service):
    visitor = desk.Visitor(service)
    visitor.get("/sign-in")
    before = dict(visitor.cookies)
    staffroom.sign_in(visitor, "demo", staffroom.demo_passphrase(service))
    inside = dict(visitor.cookies)
    assert inside["waymark"] != before["waymark"]
    assert desk.Visitor(service, before).get("/account").url == "/sign-in", "a token from before is of no use"
    visitor.submit("/sign-out")
    assert visitor.cookies["waymark"] != inside["waymark"]
    assert desk.Visitor(service, inside).get("/account").url == "/sign-in", "a token from then is over"


def test_a_token_that_somebody_else_chose_is_not_taken_over(service):
    planted = {"waymark": "a" * 64}
    visitor = desk.Visitor(service, planted)
    staffroom.sign_in(visitor, "demo", staffroom.demo_passphrase(service))
    assert visitor.get("/account").url == "/account"
    assert desk.Visitor(service, planted).get("/account").url == "/sign-in"


def test_the_cookie_is_for_this_site_and_no_script(service):
    page = desk.Visitor(service).ask("GET", "/sign-in")
    cookie = page.headers["Set-Cookie"]
    assert re.fullmatch(r"waymark=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict", cookie)


@pytest.mark.parametrize("name, passphrase", [("demo", "wrong but long enough"), ("nobody", "wrong but long enough"), ("", ""),
                                              ("x" * 300, "y" * 3000), ("<script>alert(1)</script>", "<script>")])
def test_what_is_wrong_is_not_told_apart(service, name, passphrase):
    visitor = desk.Visitor(service)
    page = staffroom.sign_in(visitor, name, passphrase)
    assert page.status == 422 and page.body.count("not right") == 2  # in the summary, and beside the field
    assert "<script>alert" not in page.body and passphrase not in page.body.replace(name, "") or not passphrase
    assert 'href="#name"' in page.body and visitor.get("/account").url == "/sign-in"


def test_a_name_is_locked_and_nobody_sees_that_it_is_there(service):
    staffroom.add(service, "lock", "operator")
    known, unknown = desk.Visitor(service), desk.Visitor(service)
    for _ in range(6):
        known_page = staffroom.sign_in(known, "lock", "not the passphrase")
        unknown_page = staffroom.sign_in(unknown, "kcol", "not the passphrase")
    normal = lambda page: re.sub(r'value="[0-9a-f]{64}"', "", page.body).replace("kcol", "lock")
    assert normal(known_page) == normal(unknown_page)
    assert staffroom.sign_in(known, "lock", staffroom.given("lock")).status == 422, "it is locked"


def test_the_control_socket_tells_no_more(service):
    """The commands of members ask for a passphrase too: wrong, locked and nobody sound the same."""
    staffroom.add(service, "sock", "operator")
    said = set()
    for words in ["guess number %d" % n for n in range(7)] + [staffroom.given("sock")]:
        for name in ("sock", "kcos"):
            done = callers.command(service, "team", "admit", "demo", "--by", name, stdin=words + "\n\n")
            said.add((done[0], done[1].replace("kcos", "sock"), done[2].replace("kcos", "sock")))
    assert len(said) == 1 and "is not right" in said.pop()[2]


def test_a_thousand_wrong_passphrases_leave_the_right_one_of_others_working(service):
    visitor = desk.Visitor(service)
    visitor.get("/sign-in")
    form = visitor.page.form("/sign-in")["fields"]
    for n in range(1000):
        page = visitor.post("/sign-in", **dict(form, name="nobody%d" % (n % 50), passphrase="guess number %d" % n))
        assert page.status == 422
    assert staffroom.demo(service)


def test_who_was_given_a_passphrase_chooses_another_before_anything_else(service):
    staffroom.add(service, "newly", "operator")
    visitor = desk.Visitor(service)
    page = staffroom.sign_in(visitor, "newly", staffroom.given("newly"))
    assert page.url == "/welcome" and visitor.get("/phone").url == "/welcome"
    form = visitor.get("/welcome").form("/welcome/passphrase")["fields"]
    assert visitor.post("/phone", **dict(form, do="send")).status == 404
    for new, again, why in [("short", "short", "12 characters"), ("newly newly newly", "newly newly newly", "hold your name"),
                            ("Q1w2e3r4t5y6", "Q1w2e3r4t5y6", "few others would choose"),
                            ("a good long phrase", "another long phrase", "not the same")]:
        page = visitor.submit("/welcome/passphrase", new=new, again=again)
        assert page.status == 422 and why in page.text
    page = visitor.submit("/welcome/passphrase", new="a good long phrase", again="a good long phrase")
    assert "Choose a passphrase" not in page.text
    assert visitor.get("/phone").url == "/phone"
    assert staffroom.sign_in(desk.Visitor(service), "newly", staffroom.given("newly")).status == 422
    assert staffroom.sign_in(desk.Visitor(service), "newly", "a good long phrase").status == 200


def test_ones_own_passphrase_is_changed_by_who_knows_the_present_one(service):
    visitor = staffroom.member(service, "changer", "operator")
    visitor.get("/account")
    page = visitor.submit("/account/passphrase", present="not the present one", new="another long phrase", again="another long phrase")
    assert page.status == 422 and "not right" in page.text
    page = visitor.submit("/account/passphrase", present=staffroom.own("changer"), new="another long phrase", again="another long phrase")
    assert "was changed" in page.text
    assert staffroom.sign_in(desk.Visitor(service), "changer", "another long phrase").status == 200


def test_a_second_factor_is_in_force_once_a_code_was_typed(service):
    visitor = staffroom.member(service, "factor", "operator")
    own = staffroom.own("factor")
    visitor.get("/account")
    assert visitor.ask("GET", "/account/factor.svg").status == 404
    page = visitor.submit("/account/factor", app_present=own)
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.body)[1]
    picture = visitor.ask("GET", "/account/factor.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml" and "<path" in picture.body
    assert desk.Visitor(service).ask("GET", "/account/factor.svg").status == 303
    page = visitor.submit("/account/factor/confirm", code="000000" if staffroom.code(secret) != "000000" else "000001")
    assert page.status == 422
    assert staffroom.sign_in(desk.Visitor(service), "factor", own).status == 200, "not in force yet"
    assert "is in force" in visitor.submit("/account/factor/confirm", code=staffroom.code(secret)).text
    assert staffroom.sign_in(desk.Visitor(service), "factor", own).status == 422
    now = time.time()
    fresh = staffroom.code(secret, now + 30)
    assert staffroom.sign_in(desk.Visitor(service), "factor", own, fresh).status == 200
    assert staffroom.sign_in(desk.Visitor(service), "factor", own, fresh).status == 422, "a code counts once"


def test_with_a_second_factor_required_the_first_sign_in_sets_it_up(folder, aggregator):
    service = harness.Service(folder / "strict", aggregator)
    callers.demonstration(service)
    text = service.conf.read_text().replace("demonstration yes\n", "secret at-ussd-path a\nsecret at-sms-path b\nsecret phone-path c\n").replace("passphrase-memory 1\n", "")
    service.conf.write_text(text + "console-url https://console.example\n")
    for name, role in [("ana", "caseworker"), ("sam", "safeguarding")]:
        code, out, error = callers.command(service, "user", "add", name, "--role", role, stdin="given at the beginning\n")
        assert code == 0 and "set up a second factor" in out, error
    try:
        service.start()
        visitor = desk.Visitor(service)
        page = staffroom.sign_in(visitor, "ana", "given at the beginning")
        page = visitor.submit("/welcome/passphrase", new="words of my own", again="words of my own")
        assert "Set up the second factor" in page.text and visitor.get("/account").url == "/welcome"
        secret = re.search(r'class="secret">([A-Z2-7 ]+)<', visitor.page.body)[1]
        page = visitor.submit("/welcome/factor", code=staffroom.code(secret))
        assert visitor.get("/account").url == "/account"
        assert staffroom.sign_in(desk.Visitor(service), "ana", "words of my own").status == 422
        secure = desk.Visitor(service).ask("GET", "/sign-in", headers={"Host": "console.example"})
        assert re.fullmatch(r"__Host-waymark=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict; Secure", secure.headers["Set-Cookie"])
        assert "max-age" in secure.headers["Strict-Transport-Security"]
    finally:
        service.stop()


def test_hiding_the_screen_signs_out_and_shows_nothing_of_us(service):
    visitor = staffroom.demo(service)
    page = visitor.submit("/hide")
    assert page.url == "/hidden" and "Waymark" not in page.body and visitor.get("/account").url == "/sign-in"
    assert page.headers["Refresh"] == "0; url=https://weather.example"


def test_going_back_after_signing_out_shows_nothing(service):
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "demo", staffroom.demo_passphrase(service))
        b.open(base + "/account")
        assert "Your account" in b.text()
        b.button("Sign out", within=".who").click()
        b.wait(lambda: "Sign in" in b.text("h1"))
        b.driver.back()
        b.wait(lambda: "Sign in" in b.text("h1"))
        assert b.complaints() == []


def test_shift_three_times_hides_the_screen(service):
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "demo", staffroom.demo_passphrase(service))
        for _ in range(3):
            b.driver.execute_script("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Shift', bubbles: true}))")
        b.wait(lambda: not b.driver.current_url.startswith(base) or b.driver.current_url == base + "/hidden")
        assert "aymark" not in b.driver.title
        b.open(base + "/account")
        assert "Sign in" in b.text("h1")


def test_hiding_the_screen_hides_every_window_and_asks_nothing(service):
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "demo", staffroom.demo_passphrase(service))
        gone = lambda: not b.driver.current_url.startswith(base) or b.driver.current_url == base + "/hidden"
        first = b.driver.current_window_handle
        b.driver.switch_to.new_window("tab")
        second = b.open(base + "/account").driver.current_window_handle
        b.driver.switch_to.window(first)
        b.driver.execute_script("document.querySelector('main').append(document.createElement('textarea')); document.querySelector('main textarea').value = 'half a note'")
        b.button("Hide screen", "header").click()
        b.wait(gone)
        b.driver.switch_to.window(second)
        b.wait(gone)
        assert "aymark" not in b.driver.title and not b.all("main")


# Minutes of a page pass in milliseconds; what the service says is left is what the test says (__left) until somebody stays.
QUICK = """const timeout = setTimeout; window.setTimeout = (f, ms, ...a) => timeout(f, ms > 1000 ? ms / 1000 : ms, ...a);
const ask = fetch; window.asked = []; window.fetch = async (path, how) => {
  window.asked.push(path);
  if (path === "/stay") window.__left = undefined;
  const answer = await ask(path, how);
  return window.__left !== undefined && answer.ok && path === "/idle" ? { ok: true, text: async () => window.__left } : answer;
};"""


def quick(b, service, left=None):
    base = "http://%s:%d" % service.console
    b.sign_in(base, "demo", staffroom.demo_passphrase(service))
    assert not b.one("#idle").is_displayed()
    b.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument",
                             {"source": QUICK + ("window.__left = '%d';" % left if left else "")})
    return base


def test_who_does_nothing_is_asked_before_they_are_signed_out(service):
    with browser.Browser() as b:
        b.open(quick(b, service, 119) + "/account")
        b.wait(lambda: b.one("#idle").is_displayed())
        assert b.driver.switch_to.active_element.text == "Stay signed in"
        b.driver.switch_to.active_element.click()
        b.wait(lambda: not b.one("#idle").is_displayed())
        assert "/stay" in b.driver.execute_script("return window.asked")
        assert b.complaints() == []


def test_who_is_at_work_in_another_window_is_not_asked(service):
    with browser.Browser() as b:
        b.open(quick(b, service) + "/account")
        b.wait(lambda: b.driver.execute_script("return window.asked.filter((path) => path === '/idle').length") > 2)
        assert not b.one("#idle").is_displayed(), "the service says that much is left"


def test_typing_keeps_the_visit(service):
    with browser.Browser() as b:
        b.open(quick(b, service) + "/account")
        b.type("new", "a long text, typed slowly")
        b.wait(lambda: "/stay" in b.driver.execute_script("return window.asked"))
        assert b.driver.execute_script("return window.asked.filter((path) => path === '/stay').length") == 1, "not of each key"


def test_a_page_goes_when_its_visit_is_over(service):
    with browser.Browser() as b:
        b.open(quick(b, service) + "/account")
        b.driver.execute_script("const form = new URLSearchParams({csrf: document.querySelector('[name=csrf]').value});"
                                "fetch('/sign-out', {method: 'POST', body: form})")
        b.wait(lambda: "You were signed out" in b.text("main"))
        assert "/sign-in" in b.driver.current_url


def test_how_long_is_left_is_told_to_whoever_is_in(service):
    demo = staffroom.demo(service)
    for path in ("/idle", "/stay"):
        page = demo.ask("GET", path)
        assert page.status == 200 and 890 <= int(page.body) <= 900
        assert desk.Visitor(service).ask("GET", path).headers["Location"] == "/sign-in"


def signed_in(service, name):
    visitor = desk.Visitor(service)
    assert "Sign out" in staffroom.sign_in(visitor, name, staffroom.own(name)).text
    return visitor


def test_a_member_sees_their_visits_and_ends_them(service):
    here, other = staffroom.member(service, "visits", "operator"), staffroom.member(service, "stranger", "operator")
    assert "Nowhere else" in here.get("/account").main
    second, third = signed_in(service, "visits"), signed_in(service, "visits")
    page = here.get("/account")
    serials = re.findall(r'name="visit" value="(\d+)"', page.body)
    assert len(serials) == 3 and serials[-1] == "0" and serials[0] > serials[1], "the newest first"
    assert re.search(r"Elsewhere, since \S.*?, \d\d:\d\d; used 0 minutes ago", page.main), page.main
    for visit, passphrase, why in [(None, staffroom.own("visits"), "Choose which visit"), ("0", "not mine at all", "passphrase or the code"),
                                   ("x", staffroom.own("visits"), "Choose which visit"), ("0", "", "passphrase or the code")]:
        page = here.submit("/account/visits", visit=visit, visits_present=passphrase)
        assert page.status == 422 and why in page.main
        here.get("/account")
    assert second.get("/account").url == "/account" and third.get("/account").url == "/account"
    theirs = str(int(serials[1]) - 1)  # of the other member, who came before
    here.submit("/account/visits", visit=theirs, visits_present=staffroom.own("visits"))
    assert other.get("/account").url == "/account", "nobody else's"
    here.get("/account")
    page = here.submit("/account/visits", visit=serials[0], visits_present=staffroom.own("visits"))
    assert "That visit has ended" in page.main and third.get("/account").url == "/sign-in" and second.get("/account").url == "/account"
    here.submit("/account/visits", visit="0", visits_present=staffroom.own("visits"))
    assert second.get("/account").url == "/sign-in" and here.get("/account").url == "/account" and other.get("/account").url == "/account"


def test_another_passphrase_and_another_factor_end_the_other_visits(service):
    here = staffroom.member(service, "ends", "operator")
    elsewhere = signed_in(service, "ends")
    here.get("/account")
    page = here.submit("/account/passphrase", present=staffroom.own("ends"), new="some other long phrase", again="some other long phrase")
    assert "your other visits have ended" in page.main and elsewhere.get("/account").url == "/sign-in"
    elsewhere = desk.Visitor(service)
    staffroom.sign_in(elsewhere, "ends", "some other long phrase")
    page = here.submit("/account/factor", app_present="some other long phrase")
    assert elsewhere.get("/account").url == "/account", "nothing changed yet"
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', here.get("/account").body)[1]
    page = here.submit("/account/factor/confirm", code=staffroom.code(secret))
    assert "new authenticator app is in force" in page.main and elsewhere.get("/account").url == "/sign-in"
    assert here.get("/account").url == "/account"


def test_every_try_to_come_in_is_written_down(service):
    member = staffroom.member(service, "noted", "operator")
    rows = lambda: service.query("SELECT action, object FROM audit WHERE actor = 'noted' AND action LIKE 'sign in%' ORDER BY id")
    assert rows() == [("sign in", "console: passphrase")]
    member.get("/account")
    member.submit("/account/factor", app_present="not the present one")
    member.get("/account")
    member.submit("/account/factor", app_present=staffroom.own("noted"))
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', member.get("/account").body)[1]
    member.submit("/account/factor/confirm", code=staffroom.code(secret))
    assert rows()[1:] == [("sign in refused", "console, again: wrong"), ("sign in", "console, again: passphrase")]
    staffroom.sign_in(desk.Visitor(service), "noted", staffroom.own("noted"), "")
    staffroom.sign_in(desk.Visitor(service), "noted", staffroom.own("noted"), staffroom.code(secret, time.time() + 30))
    assert rows()[3:] == [("sign in refused", "console: wrong"), ("sign in", "console: passphrase and code")]
    for _ in range(6):
        staffroom.sign_in(desk.Visitor(service), "noted", "a wrong one again")
    assert rows()[5:] == [("sign in refused", "console: wrong")] * 5 + [("sign in refused", "console: locked")]
    before = service.query("SELECT count(*) FROM audit WHERE actor = 'no member'")[0][0]
    staffroom.sign_in(desk.Visitor(service), "my whole passphrase by mistake", "x")
    assert service.query("SELECT count(*) FROM audit WHERE actor = 'no member'")[0][0] == before + 1
    assert not service.query("SELECT 1 FROM audit WHERE actor || action || object LIKE '%by mistake%'")
    callers.command(service, "team", "admit", "demo", "--by", "demo", stdin="wrong of course\n\n")
    assert service.query("SELECT actor, object FROM audit WHERE action = 'sign in refused' ORDER BY id DESC LIMIT 1") == [("demo", "command: wrong")]


def test_every_end_of_a_visit_that_somebody_made_is_written_down(service):
    here = staffroom.member(service, "leaver", "operator")
    rows = lambda: service.query("SELECT action, object FROM audit WHERE actor = 'leaver' AND action IN ('sign out', 'end visit') ORDER BY id")
    for ends, row in [("/sign-out", ("sign out", "console")), ("/hide", ("sign out", "console: screen hidden"))]:
        visitor, before = signed_in(service, "leaver"), rows()
        visitor.get("/account")
        visitor.submit(ends)
        assert rows() == before + [row], "once, and by nobody else"
        visitor.post(ends, **desk.Visitor(service).get("/sign-in").form("/sign-in")["fields"])
        assert rows() == before + [row], "nobody was in"
    before = rows()
    signed_in(service, "leaver"), signed_in(service, "leaver")
    here.get("/account")
    here.submit("/account/visits", visit="0", visits_present="not mine at all")
    assert rows() == before, "nothing ended"
    here.get("/account")
    here.submit("/account/visits", visit="0", visits_present=staffroom.own("leaver"))
    assert rows() == before + [("end visit", "console: 2 elsewhere")]
    signed_in(service, "leaver")
    here.get("/account")
    here.submit("/account/passphrase", present=staffroom.own("leaver"), new="some other long phrase", again="some other long phrase")
    assert rows()[len(before) + 1:] == [("end visit", "console: 1 elsewhere")]
