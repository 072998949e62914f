# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every route of the console with every role, against a matrix that was written by hand from what the roles are for.

A route that is not in the matrix fails the test, and so does one that is in the matrix alone. What one may not open is 404
for members, and the way to the door for strangers who only look."""
import re
import urllib.parse

import pytest

import desk
import harness
import people
import staffroom

ROLES = ["caseworker", "safeguarding", "supervisor", "operator", "data-protection", "administrator"]
#            caseworker  safeguarding  supervisor  operator  data-protection  administrator   guest (nobody, on a demonstration)
MATRIX = {
    "GET /":                        "y y y y y y y",
    "GET /sign-in":                 "y y y y y y y",
    "POST /sign-in":                "y y y y y y y",
    "POST /sign-out":               "y y y y y y y",
    "POST /hide":                   "y y y y y y y",
    "GET /hidden":                  "y y y y y y y",
    "GET /idle":                    "y y y y y y -",
    "GET /stay":                    "y y y y y y -",
    "GET /asset/*":                 "y y y y y y y",
    "GET /welcome":                 "- - - - - - -",
    "POST /welcome/passphrase":     "- - - - - - -",
    "POST /welcome/factor":         "- - - - - - -",
    "GET /account":                 "y y y y y y -",
    "POST /account/passphrase":     "y y y y y y -",
    "POST /account/factor":         "y y y y y y -",
    "POST /account/factor/confirm": "y y y y y y -",
    "POST /account/visits":         "y y y y y y -",
    "GET /account/factor.svg":      "y y y y y y -",
    "GET /inbox":                   "y y y - - - -",
    "GET /events":                  "y y y - - - -",
    "GET /case/*":                  "y y y - - - -",
    "GET /case/*/print":            "y y y - - - -",
    "POST /case/*/print":           "y y y - - - -",
    "POST /case/*/claim":           "y y y - - - -",
    "POST /case/*/release":         "y y y - - - -",
    "POST /case/*/assign":          "- - y - - - -",
    "POST /case/*/note":            "y y y - - - -",
    "POST /case/*/read":            "y y y - - - -",
    "POST /case/*/status":          "y y y - - - -",
    "POST /case/*/close":           "y y y - - - -",
    "POST /case/*/reopen":          "y y y - - - -",
    "GET /case/*/reply":            "y y y - - - -",
    "POST /case/*/reply":           "y y y - - - -",
    "POST /case/*/reply/send":      "y y y - - - -",
    "POST /case/*/undo":            "y y y - - - -",
    "GET /case/*/hours":            "y y y - - - -",
    "POST /case/*/hours":           "y y y - - - -",
    "GET /case/*/hand-over":        "y y y - - - -",
    "POST /case/*/hand-over":       "y y y - - - -",
    "POST /case/*/override":        "- y - - - - -",
    "POST /case/*/override/grant":  "- y - - - - -",
    "POST /case/*/number":          "y y y - - - -",
    "GET /case/*/callback":         "y y y - - - -",
    "POST /case/*/callback":        "y y y - - - -",
    "GET /callbacks":               "y y y - - - -",
    "GET /callbacks/sheet":         "y y y - - - -",
    "GET /callback/*":              "y y y - - - -",
    "POST /callback/*/start":       "y y y - - - -",
    "POST /callback/*/outcome":     "y y y - - - -",
    "POST /callback/*/move":        "y y y - - - -",
    "GET /search":                  "y y y - - - -",
    "POST /search":                 "y y y - - - -",
    "POST /case/*/withdraw":        "y y y - - - -",
    "GET /consents":                "- - - - y - -",
    "POST /consents":               "- - - - y - -",
    "POST /consents/verify":        "- - - - y - -",
    "GET /consents/*":              "- - - - y - -",
    "GET /consents/person/*":       "- - - - y - -",
    "POST /consents/person/*/file": "- - - - y - -",
    "POST /consents/person/*/withdraw": "- - - - y - -",
    "POST /consents/person/*/erase":    "- - - - y - -",
    "GET /statistics":              "- - y - - - -",
    "GET /statistics/file/*":       "- - y - - - -",
    "GET /phone":                   "- - - y - - y",
    "POST /phone":                  "- - - y - - y",
    "POST /phone/transcript":       "- - - y - - y",
    "GET /menus":                   "- - - y - - -",
    "POST /menus/check":            "- - - y - - -",
    "POST /menus/reload":           "- - - y - - -",
    "GET /menus/facts":             "- - - y - - -",
    "GET /menus/map":               "- - - y - - -",
    "GET /menus/map.svg":           "- - - y - - -",
    "GET /menus/versions":          "- - - y - - -",
    "POST /menus/versions":         "- - - y - - -",
    "GET /staff":                   "- - - - - y -",
    "POST /staff":                  "- - - - - y -",
    "GET /staff/*":                 "- - - - - y -",
    "POST /staff/*/roles":          "- - - - - y -",
    "POST /staff/*/disable":        "- - - - - y -",
    "POST /staff/*/enable":         "- - - - - y -",
    "POST /staff/*/passphrase":     "- - - - - y -",
    "POST /staff/*/factor":         "- - - - - y -",
    "GET /teams":                   "y y y - y - -",
    "POST /teams/admit":            "y y y - y - -",
    "POST /teams/rotate":           "- y y - y - -",
    "POST /teams/reprint":          "- y y - y - -",
    "GET /audit":                   "- - - - y - -",
    "POST /audit/verify":           "- - - - y - -",
}
# What is there for these roles, but answers 404 all the same while there is nothing of the kind.
ABSENT = {"GET /account/factor.svg", "POST /case/*/reopen", "POST /case/*/release",
          "GET /staff/*", "POST /staff/*/roles", "POST /staff/*/disable", "POST /staff/*/enable", "POST /staff/*/passphrase", "POST /staff/*/factor",
          "POST /case/*/undo", "POST /case/*/override", "POST /case/*/override/grant",
          "GET /consents/*", "GET /callback/*", "POST /callback/*/start", "POST /callback/*/outcome", "POST /callback/*/move"}



@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators) as made:
        yield made


def routes():
    table = (harness.TOP / "src/console/site.c").read_text()
    return ["%s %s" % row for row in re.findall(r'^    \{"(GET|POST)", "([^"]+)"', table, re.M)]


def test_the_matrix_has_every_route():
    assert sorted(routes()) == sorted(MATRIX)


@pytest.mark.parametrize("column, role", list(enumerate(ROLES + ["guest"])))
def test_what_a_role_may_open(service, column, role):
    _, plain = people.asks(service, 2 * column)
    _, child = people.asks(service, 2 * column + 1, age="2")
    visitor = desk.Visitor(service) if role == "guest" else staffroom.member(service, "m-" + role, role)
    token = re.search(r'name="csrf" value="(\w+)"', visitor.get("/sign-in" if role == "guest" else "/account").body)[1]
    wrong = []
    for route, row in sorted(MATRIX.items(), key=lambda r: "/sign" in r[0] or "/hide" in r[0]):  # those that sign out: last
        method, path = route.split(" ")
        path = path.replace("/asset/*", "/asset/console.css").replace("/file/*", "/file/requests").replace("*", child if role == "safeguarding" else plain)
        if method == "GET":
            page = visitor.ask("GET", path)
        else:
            page = visitor.ask("POST", path, urllib.parse.urlencode({"csrf": token}))
        if "/sign" in path or "/hide" in path:
            visitor = visitor if role == "guest" else staffroom_again(service, role)
            token = re.search(r'name="csrf" value="(\w+)"', visitor.get("/sign-in" if role == "guest" else "/account").body)[1]
        door = page.status == 303 and page.headers["Location"] == "/sign-in" and path not in ("/", "/sign-out")
        opened = page.status in (200, 303, 409, 422) and not door
        may = row.split()[column] == "y"
        if opened != may and not (may and route in ABSENT and page.status == 404):
            wrong.append((route, page.status, page.headers.get("Location")))
        if not may and role != "guest" and page.status != 404:
            wrong.append((route, "not 404", page.status))
    assert not wrong


def staffroom_again(service, role):
    visitor = desk.Visitor(service)
    staffroom.sign_in(visitor, "m-" + role, staffroom.own("m-" + role))
    return visitor
