# SPDX-License-Identifier: AGPL-3.0-or-later
"""Search: by reference, by a number in full, by flag and by days; who finds what, and that each search is written down."""
import datetime
import re

import pytest

import people
import staffroom


@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators) as made:
        yield made


def look(visitor, **fields):
    visitor.get("/search")
    return visitor.submit("/search", **fields)


def found(page):
    return re.findall(r'href="/case/(\w{6})"', page.body)


def searches(service, who):
    return [row[0] for row in service.query("SELECT object FROM audit WHERE actor = ? AND action = 'search' ORDER BY id", who)]


def test_a_reference_and_a_number_in_full_find_and_parts_do_not(service, ana):
    _, reference = people.asks(service, 0)
    _, other = people.asks(service, 1)
    assert found(look(ana, words=reference)) == [reference]
    assert found(look(ana, words=" " + reference.lower() + " ")) == [reference]
    assert found(look(ana, words="+1 (202) 555-0100")) == [reference]
    assert ana.page.form("/search")["fields"]["words"] == "" and "Found by the number that you typed: 1" in ana.page.main, "not beside its case"
    assert look(ana, words="+12025550199").form("/search")["fields"]["words"] == "+12025550199", "what found nothing is there to be put right"
    for words in ("+1202555010", "2025550199", "+12025550199", reference[:5], "555 0100", "ZZZZZZ", "234567"):
        page = look(ana, words=words)
        assert page.status == 200 and found(page) == [] and "No match. Numbers match only in full." in page.main, words


def test_each_search_is_written_down_and_no_number_is(service, ana):
    before = len(searches(service, "ana"))
    look(ana, words="+1 202 555 0100")
    look(ana, words="ABC234", flag="minor", **{"from": "2026-01-02"})
    assert searches(service, "ana")[before:] == ["a number", "reference ABC234 flag minor from Fri 2 Jan 2026"]
    assert not [row for row in service.query("SELECT object FROM audit") if "0100" in row[0]]
    assert ana.ask("GET", "/search?words=%2B12025550100").body.count("2025550100") == 0, "nothing is taken from the address"


def test_by_flag_and_by_days(service, ana, sam):
    _, child = people.asks(service, 2, age="2")
    _, plain = people.asks(service, 3)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    assert child in found(look(sam, flag="minor")) and plain not in found(sam.page)
    assert found(look(ana, flag="minor")) == [] and child not in ana.page.body, "a flag tells nothing of what one may not open"
    day = datetime.timedelta(days=1)
    assert plain in found(look(ana, **{"from": str(today - day), "to": str(today + day)}))
    assert "No match" in look(ana, **{"from": str(today + 2 * day)}).main
    assert "No match" in look(ana, to=str(today - 2 * day)).main


def test_who_may_not_open_a_case_learns_that_safeguarding_has_it_and_no_more(service, ana, sam):
    _, child = people.asks(service, 4, age="2")
    page = look(ana, words=child)
    assert "Safeguarding is handling this" in page.main and found(page) == [] and "Minor" not in page.body.split("<tbody>")[1]
    _, plain = people.asks(service, 5)
    assert "No match" in look(sam, words=plain).main
    ana.get("/case/" + plain)
    ana.submit("/case/%s/claim" % plain)
    ben = staffroom.member(service, "ben", "caseworker")
    assert "No match" in look(ben, words=plain).main and "No match" in look(ben, words="+12025550105").main
    eva = staffroom.member(service, "eva", "supervisor")
    assert found(look(eva, words="+12025550105")) == [plain]


def test_a_case_that_was_withdrawn_is_not_found_by_its_number_for_others(service, ana):
    phone, reference = people.asks(service, 6)
    phone.text("STOP")
    assert reference in look(ana, words=reference).main or "No match" in ana.page.main
    assert "2025550106" not in ana.page.body


@pytest.mark.parametrize("fields, why", [
    ({}, "Say what to look for"), ({"words": "<script>alert(1)</script>"}, "Type a reference"),
    ({"from": "31.12.2026"}, "Choose a day"), ({"from": "2026-11-02", "to": "2026-11-01"}, "The last day comes before the first"), ({"words": "x" * 40}, "Type a reference"), ({"words": "%"}, "Type a reference")])
def test_what_cannot_be_looked_for_is_told(service, ana, fields, why):
    page = look(ana, **fields)
    assert page.status == 422 and why in page.main and "<script>alert" not in page.body
