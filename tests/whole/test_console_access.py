# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every page of the console for everybody: axe-core as each role and at phone width, without scripts, from right to left, and
by keyboard alone.

Pages are found as people find them, by following links from the start; a route of src/console/site.c that shows a page and
that nobody finds fails the test, so that a new page is looked at by being there."""
import collections
import contextlib
import re

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

import browser
import desk
import harness
import people
import staffroom
import test_console_calls

ROLES = ["caseworker", "safeguarding", "supervisor", "operator", "data-protection", "administrator"]
DEEP = 12       # links in a row that are followed
STOPS = 80      # places that the Tab key comes by and are looked at
# Pages that no link leads to: they come after a form, or only before the first look at anything.
BEHIND_FORMS = {"/welcome"}

pytestmark = pytest.mark.skipif(not browser.AXE.exists(), reason="axe-core is not installed: npm ci in tests/npm")


@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators, quiet="never", zone="Etc/UTC") as made:
        references = [people.asks(made, n)[1] for n in range(3)]
        people.asks(made, 3, age="2")
        people.complains(made, 4)
        people.asks(made, 5)[0].text("STOP")
        assert "The call is booked" in test_console_calls.book(staffroom.demo(made), references[0]).main
        yield made


@pytest.fixture(scope="module")
def visitors(service):
    made = {role: staffroom.member(service, "a-" + role, role) for role in ROLES}
    made["everybody"] = staffroom.demo(service)
    made["nobody"] = desk.Visitor(service)
    made["nobody"].get("/sign-in")
    return made


def routes():
    """(path, pattern) of the rows that show a page: GET, with a title."""
    table = (harness.TOP / "src/console/site.c").read_text()
    rows = re.findall(r'\{"GET",\s*"([^"]+)",\s*[^{}]*?,\s*\w+,\s*("[^"]*"|NULL),\s*(?:true|false)\}', table)
    return [(path, re.compile(re.escape(path).replace(r"\*", "[^/]+") + "$")) for path, title in rows if title != "NULL"]


def route_of(url):
    path = url.split("?")[0].split("#")[0]
    exact = [route for route, _ in routes() if route == path]
    return (exact + [route for route, pattern in routes() if pattern.match(path)] + [None])[0]


def found(visitor):
    """One address for each route that this visitor comes to by links; two where cases and calls differ."""
    pages, queue, seen = collections.defaultdict(list), collections.deque([("/", 0)]), set()
    while queue:
        url, depth = queue.popleft()
        page = visitor.get(url)
        route = route_of(page.url)
        if page.status != 200 or route is None or len(pages[route]) >= (2 if "*" in route else 1) or page.url in pages[route]:
            continue
        pages[route].append(page.url)
        for link in page.links():
            if link.startswith("/") and link not in seen and depth < DEEP and "/asset/" not in link:
                seen.add(link)
                queue.append((link, depth + 1))
    return {route: urls for route, urls in pages.items() if urls}


@pytest.fixture(scope="module")
def everything(visitors):
    return {name: found(visitor) for name, visitor in visitors.items()}


@contextlib.contextmanager
def looking(service, visitor, **options):
    with browser.Browser(**options) as b:
        b.base = "http://%s:%d" % service.console
        for name, value in visitor.cookies.items():
            b.cookie(b.base, name, value)
        b.driver.set_script_timeout(60)
        yield b


def overflows(b):
    """Whether the page itself scrolls sideways: only what says so (.scroll) may."""
    return b.driver.execute_script("const e = document.documentElement; return e.scrollWidth > e.clientWidth + 1")


def addresses(everything, name):
    return [(route, url) for route, urls in sorted(everything[name].items()) for url in urls]


def test_every_page_is_found(everything):
    pages = {route for route, _ in routes()}
    come_by = {route for of in everything.values() for route in of}
    assert pages - come_by - {"/"} == BEHIND_FORMS
    assert len(pages) > 15


@pytest.mark.parametrize("name", ROLES + ["nobody"])
def test_axe_finds_nothing_as_each_role(service, visitors, everything, name):
    wrong = []
    with looking(service, visitors[name]) as b:
        for route, url in addresses(everything, name):
            b.open(b.base + url)
            assert route == "/" or route_of(b.driver.current_url.replace(b.base, "")) == route, (url, b.driver.current_url)
            wrong += ["%s: %s" % (url, line) for line in b.violations()]
        wrong += b.complaints()
    assert wrong == []


def test_axe_finds_nothing_at_phone_width_and_nothing_runs_over(service, visitors, everything):
    wrong = []
    with looking(service, visitors["everybody"], width=360, height=740) as b:
        for _, url in addresses(everything, "everybody"):
            b.open(b.base + url)
            wrong += ["%s: %s" % (url, line) for line in b.violations()]
            wrong += ["%s: runs over" % url] if overflows(b) else []
    assert wrong == []


@pytest.mark.parametrize("width", [1280, 360])
def test_from_right_to_left_nothing_is_cut_off(service, visitors, everything, width):
    """The whole page in a language that is written from right to left: it mirrors, and nothing lies outside."""
    wrong = []
    with looking(service, visitors["everybody"], width=width) as b:
        for _, url in addresses(everything, "everybody"):
            b.open(b.base + url)
            b.driver.execute_script("document.documentElement.dir = 'rtl'; document.documentElement.lang = 'ar'")
            wrong += ["%s: %s" % (url, line) for line in b.violations()] if width > 1000 else []
            wrong += ["%s: runs over" % url] if overflows(b) else []
            left = b.driver.execute_script("const h = document.querySelector('h1'); const r = document.createRange(); if (!h) return null;"
                                           "r.selectNodeContents(h); const a = r.getBoundingClientRect(), m = h.getBoundingClientRect();"
                                           "return m.right - a.right")
            wrong += ["%s: the title does not stand at the right" % url] if left is not None and left > 2 else []
    assert wrong == []


def test_without_scripts_every_page_is_whole(service, visitors, everything):
    wrong = []
    with looking(service, visitors["everybody"], scripts=False) as b:
        for route, url in addresses(everything, "everybody"):
            b.open(b.base + url)
            wrong += ["%s: no title" % url] if len(b.all("h1")) != 1 and route != "/" else []
            wrong += ["%s: a button outside a form" % url for button in b.all("button") if not button.get_attribute("form")
                      and not button.find_elements("xpath", "ancestor::form") and button.is_displayed()]
    assert wrong == []


EDGES = """const ground = getComputedStyle(document.documentElement).backgroundColor;
return [...document.querySelectorAll(arguments[0])].filter((a) => getComputedStyle(a).borderBlockEndColor !== ground)
  .map((a) => a.hasAttribute('aria-current'));"""


def test_in_colours_of_the_readers_own_where_one_is_can_be_seen(service, visitors, everything):
    """A contrast theme draws every edge, also one that was clear: only the present page of a list may have it."""
    wrong = []
    with looking(service, visitors["everybody"]) as b:
        b.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "forced-colors", "value": "active"}]})
        for _, url in addresses(everything, "everybody"):
            b.open(b.base + url)
            for links in (".menu a", ".tabs a"):
                current = b.driver.execute_script("return document.querySelectorAll(arguments[0] + '[aria-current]').length", links)
                if b.driver.execute_script(EDGES, links) != [True] * current:
                    wrong.append("%s: %s" % (url, links))
    assert wrong == []


FOCUS = """const e = document.activeElement; if (!e || e === document.body) return null;
const s = getComputedStyle(e), r = e.getBoundingClientRect();
return [e.outerHTML.slice(0, 90), s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2, r.width > 0 && r.height > 0];"""
REACHABLE = """return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter((e) => !e.disabled && e.checkVisibility() && !(e.type === 'radio' && e.name)).length;"""


def test_by_keyboard_every_control_is_reached_and_seen(service, visitors, everything):
    wrong = []
    with looking(service, visitors["everybody"]) as b:
        for _, url in addresses(everything, "everybody"):
            b.open(b.base + url)
            b.driver.execute_script("document.activeElement.blur(); window.scrollTo(0, 0)")
            wanted, stops, ends = b.driver.execute_script(REACHABLE), [], 0
            while len(stops) < min(wanted, STOPS) and ends < 2:  # where a field has the focus at first, the page begins anew once
                ActionChains(b.driver, duration=0).send_keys(Keys.TAB).perform()
                at = b.driver.execute_script(FOCUS)
                ends += at is None
                stops += [at] if at else []
            wrong += ["%s: only %d of %d" % (url, len(stops), wanted)] if len(stops) < min(wanted, STOPS) else []
            wrong += ["%s: cannot be seen: %s" % (url, s[0]) for s in stops if not s[1] or not s[2]]
            wrong += ["%s: the first stop skips to the content, not %s" % (url, stops[0][0])] if stops and "skip" not in stops[0][0] and not b.all("[autofocus]") else []
    assert wrong == []


def test_what_is_told_after_a_mistake_is_accessible_too(service, visitors):
    """Forms sent empty or wrong: a summary that links to each field, which says it beside it."""
    mistakes = [("nobody", "/sign-in", "/sign-in", {"name": "nobody-here", "passphrase": "wrong but long"}),
                ("administrator", "/staff", "/staff", {}),
                ("everybody", "/teams", "/teams/reprint", {"present": "wrong but long enough"}),
                ("everybody", "/account", "/account/passphrase", {"present": "wrong but long enough", "new": "x", "again": "y"})]
    wrong = []
    for name, url, action, fields in mistakes:
        with looking(service, visitors[name]) as b:
            b.open(b.base + url)
            b.driver.execute_script("document.querySelectorAll('details').forEach((e) => e.open = true);"
                                    "const f = document.querySelector('main form[action=\"' + arguments[0] + '\"]');"
                                    "for (const [k, v] of Object.entries(arguments[1])) f.elements[k].value = v; f.submit();", action, fields)
            b.wait(lambda: b.all("#summary"))
            wrong += ["%s: %s" % (action, line) for line in b.violations()]
            wrong += ["%s: leads nowhere: %s" % (action, a.get_attribute("href")) for a in b.all("#summary a")
                      if not b.driver.execute_script("return !!document.getElementById(arguments[0])", a.get_attribute("href").split("#")[1])]
            assert b.driver.title.startswith("Error: ")
    assert wrong == []
