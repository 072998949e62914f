# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an attacker would try at every form and every address of the console, over the routes of src/console/site.c, so that new
ones are tried by being there; and the table in tests/console-asvs.md, which names a test for each requirement."""
import re
import urllib.parse

import pytest

import callers
import desk
import harness
import people
import staffroom

NASTY = "\"'><script>alert(1)</script>{{csrf}}"


@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators) as made:
        made.reference = people.asks(made, 0)[1]
        yield made


@pytest.fixture(scope="module")
def demo(service):
    return staffroom.demo(service)


def routes(method):
    table = (harness.TOP / "src/console/site.c").read_text()
    return re.findall(r'\{"%s",\s*"([^"]+)"' % method, table)


def state(service):
    """All that a form could have changed; tries at passphrases aside."""
    return [service.query("SELECT count(*), max(id) FROM " + table)[0] for table in ("audit", "consent", "casefile", "outbox", "staff")]


def token(visitor):
    return re.search(r'name="csrf" value="(\w+)"', visitor.get("/account").body)[1]


@pytest.mark.parametrize("path", sorted(routes("POST")))
def test_no_form_acts_without_its_token_or_for_another_site(service, demo, path):
    mine, path = token(demo), path.replace("/staff/*", "/staff/demo").replace("*", service.reference)
    other = desk.Visitor(service)
    other.get("/sign-in")
    theirs = other.page.form("/sign-in")["fields"]["csrf"]
    before = state(service)
    tries = [({}, {}), ({}, {"csrf": theirs}), ({}, {"csrf": mine[::-1]}), ({"Sec-Fetch-Site": "cross-site"}, {"csrf": mine}),
             ({"Sec-Fetch-Site": None, "Origin": "https://evil.example"}, {"csrf": mine}), ({"Content-Type": "text/plain"}, {"csrf": mine})]
    for headers, fields in tries:
        page = demo.post(path, headers, **fields)
        assert page.status == 403, (headers, list(fields), page.status)
    assert state(service) == before and demo.get("/account").url == "/account", "nothing was done, and nobody was signed out"


@pytest.mark.parametrize("path", sorted(routes("POST")))
def test_no_link_does_what_a_form_does(service, demo, path):
    mine, path = token(demo), path.replace("/staff/*", "/staff/demo").replace("*", service.reference)
    before = state(service)
    page = demo.ask("GET", path + "?csrf=" + mine)
    assert page.status in (200, 303, 404, 405)
    assert state(service)[1:] == before[1:] and demo.get("/account").url == "/account"


@pytest.mark.parametrize("path", sorted(p for p in routes("GET") + routes("POST") if "*" in p))
@pytest.mark.parametrize("guess", ["AAAAAA", "0", "1", "-1", "99999999999999999999", "1%20OR%201=1", "..%2f..%2fetc%2fpasswd", "%00", "%ff", "x" * 500])
def test_what_is_guessed_is_not_there(service, demo, path, guess):
    if path == "/consents/*" or path.startswith("/consents/person") or path.startswith("/callback/"):
        guess = guess.replace("1", "987654") if guess in ("1", "-1") else guess  # there is a row 1
    page = demo.ask("GET" if path in routes("GET") else "POST", path.replace("*", guess),
                    None if path in routes("GET") else "csrf=" + token(demo))
    assert page.status == 404, page.status


@pytest.mark.parametrize("where", ["https://evil.example", "//evil.example", "/\\evil.example", "/%2f%2fevil.example", "javascript:alert(1)", "\r\nLocation: https://evil.example"])
def test_nobody_is_sent_elsewhere(service, where):
    quoted = urllib.parse.quote(where)
    visitor = desk.Visitor(service)
    for name in ("next", "url", "return", "redirect", "to"):
        page = visitor.ask("GET", "/sign-in?%s=%s" % (name, quoted))
        assert page.headers.get("Location") is None and "evil.example" not in page.body.replace(service.console[0], "")
    visitor.get("/sign-in")
    form = visitor.page.form("/sign-in")["fields"]
    page = visitor.post("/sign-in", **dict(form, name="demo", passphrase=staffroom.demo_passphrase(service), next=where, url=where))
    assert page.status == 303 and page.headers["Location"] == "/"
    for path in ("/" + quoted, "//evil.example/", "/%5cevil.example"):
        page = visitor.ask("GET", path)
        assert page.status in (404, 303) and (page.headers.get("Location") or "/").startswith("/") and not (page.headers.get("Location") or "/").startswith("//")


def test_a_role_that_is_claimed_is_not_had(service):
    ona = staffroom.member(service, "ona", "operator")
    ona.cookies.update({"role": "administrator", "roles": "63", "member": "demo", "admin": "1"})
    for path in ("/staff?role=administrator", "/audit?roles=63", "/inbox?as=demo", "/case/" + service.reference):
        assert ona.ask("GET", path, headers={"X-Role": "administrator", "X-Forwarded-User": "demo", "X-Original-URL": "/menus"}).status == 404
    assert ona.post("/staff", csrf=token(ona), name="eve", role="administrator").status == 404
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert ona.ask(method, "/staff").status in (404, 405, 501)
    assert ona.post("/account/passphrase", csrf=token(ona), present=staffroom.own("ona"), new="another long phrase", again="another long phrase",
                    roles="63", role="administrator").status == 303
    assert re.search(r"(?m)^ona  operator  ", callers.command(service, "user", "list")[1])


def fields_of(form):
    return [name for name in form["fields"] if name not in ("csrf", "version", "last", "step", "entry", "typed") or name == "typed"]


def test_script_in_every_field_is_shown_as_text(service, demo):
    """Each form of each page that the demonstration's member comes to, every field filled with the same nasty words."""
    import test_console_access
    tried = 0
    for urls in test_console_access.found(demo).values():
        for url in urls:
            page = demo.get(url)
            for form in desk.Form(page.body.split("<main", 1)[1]).forms:
                values = {**form["fields"], **{name: NASTY for name in fields_of(form)}}
                body, action = urllib.parse.urlencode(values), form["action"].split("#")[0]
                answer = demo.ask("POST", action, body) if form["method"] == "post" else demo.ask("GET", action + "?" + body)
                assert "<script>alert(1)" not in answer.body, (url, action)
                assert answer.status in (200, 303, 403, 404, 409, 422), (url, action, answer.status)
                tried += len(fields_of(form))
            assert "<script>alert(1)" not in demo.get(url).body, url
    assert tried > 30
    for url in ("/inbox", "/case/" + service.reference, "/staff", "/audit", "/menus", "/phone"):
        assert "<script>alert(1)" not in demo.get(url).body, url


def test_what_a_member_tries_beyond_their_role_is_logged(folder, aggregator):
    with staffroom.office(folder, aggregator) as service:
        visitor = staffroom.member(service, "odd", "operator")
        logged = lambda words: [line for line in list(service.log) if words in line]
        visitor.get("/menus")
        assert not logged("refused")
        assert visitor.ask("GET", "/staff").status == 404
        assert harness.until(lambda: logged("page of another role refused")), list(service.log)
        member = service.query("SELECT id FROM staff WHERE name = 'odd'")[0][0]
        assert "member=%d" % member in logged("page of another role")[0] and "/staff" in logged("page of another role")[0]
        assert visitor.post("/menus/reload", csrf="0" * 64).status == 403
        assert harness.until(lambda: logged("form refused")) and "/menus/reload" in logged("form refused")[0]
        assert "0" * 64 not in "".join(service.log), "no token in the log"
        count = len(logged("refused"))
        desk.Visitor(service).ask("GET", "/staff")
        visitor.get("/menus")
        assert len(logged("refused")) == count, "strangers do not fill it"


def asvs_rows():
    table = (harness.TOP / "tests/console-asvs.md").read_text()
    return re.findall(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \|$", table, re.M)


def test_each_test_that_the_table_names_is_there():
    rows = asvs_rows()
    assert len(rows) > 40 and len({row[0] for row in rows}) == len(rows)
    for number, _, tests in rows:
        named = re.findall(r"`(test_\w+)\.py::(test_\w+)`", tests)
        assert named, number
        for module, test in named:
            path = next((p for p in (harness.HERE / (module + ".py"),) if p.exists()), None)
            assert path and re.search(r"^def %s\(" % test, path.read_text(), re.M), (number, module, test)
