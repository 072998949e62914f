# SPDX-License-Identifier: AGPL-3.0-or-later
"""Statistics: what is counted, what is hidden, charts with their tables, and files with HXL tags."""
import csv
import datetime
import io
import re
import sqlite3
import xml.etree.ElementTree

import pytest

import browser
import callers
import harness
import people
import staffroom

EPOCH = datetime.date(1970, 1, 1)
MONDAY = datetime.date(2026, 3, 2)
RANGE = "from=2026-03-02&to=2026-03-20"  # three weeks


def put(service, rows):
    """Counters as the gateway writes them: (day, channel, language, screen, event, number)."""
    service.stop()
    db = sqlite3.connect(service.data / "waymark.db")
    for day, *rest in rows:
        db.execute("INSERT INTO counter (day, menus, channel, language, screen, event, number) VALUES (?, ?, ?, ?, ?, ?, ?)",
                   ((day - EPOCH).days, "00ab" * 16 if rest[2] else "", *rest))
    db.commit()
    db.close()
    service.start()


@pytest.fixture(scope="module")
def service():
    folder = harness.fast_folder()
    day = datetime.timedelta(days=1)
    with harness.FakeAggregator() as aggregator, callers.running(folder, aggregator, menus=None, conf=staffroom.FAST) as made:
        put(made, [
            (MONDAY, "africastalking", "en", "", "registered", 9), (MONDAY + 6 * day, "africastalking", "en", "", "registered", 11),
            (MONDAY + 8 * day, "africastalking", "es", "", "registered", 8), (MONDAY + 15 * day, "africastalking", "fr", "", "registered", 3),
            (MONDAY + 15 * day, "=cmd|'/C calc'!A0", "en", "", "registered", 40), (MONDAY + 21 * day, "africastalking", "en", "", "registered", 500),
            (MONDAY, "africastalking", "en", "risks", "seen", 100), (MONDAY, "africastalking", "en", "risks", "shown", 130),
            (MONDAY, "africastalking", "en", "risks", "answered", 90), (MONDAY, "africastalking", "en", "risks", "ended", 15),
            (MONDAY, "africastalking", "es", "risks", "seen", 50), (MONDAY, "africastalking", "es", "risks", "shown", 50),
            (MONDAY, "africastalking", "es", "risks", "answered", 47), (MONDAY, "africastalking", "es", "bars", "seen", 4),
            (MONDAY, "africastalking", "en", "", "first-reply-1h", 7), (MONDAY, "africastalking", "en", "", "first-reply-4h", 12),
            (MONDAY, "africastalking", "en", "", "refused", 6)])
        yield made


@pytest.fixture(scope="module")
def eva(service):
    return staffroom.member(service, "eva", "supervisor")


def rows(page, table):
    body = page.body.split('id="%s-title"' % table)[1].split("</section>")[0]
    cells = re.findall(r'<th scope="row">(.*?)</th><td class="n">(.*?)</td>', body)
    return {re.sub("<.*?>", "", a): re.sub("<.*?>", "", b) for a, b in cells}


def file(visitor, name, query=RANGE):
    page = visitor.ask("GET", "/statistics/file/%s?%s" % (name, query))
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/csv")
    assert page.headers["Content-Disposition"] == 'attachment; filename="waymark-%s.csv"' % name
    return list(csv.reader(io.StringIO(page.body)))


def test_requests_by_week_are_summed_in_whole_weeks(service, eva):
    page = eva.get("/statistics?" + RANGE)
    assert "2 Mar 2026 to 22 Mar 2026" in page.main, "the range is made whole"
    assert rows(page, "weeks") == {"2 Mar 2026": "20", "9 Mar 2026": "8", "16 Mar 2026": "43", "All": "71"}
    assert rows(page, "replies") == {"within an hour": "7", "within 4 hours": "12", "All": "19"}


def test_small_numbers_are_hidden_and_cannot_be_computed(service, eva):
    page = eva.get("/statistics?" + RANGE)
    assert rows(page, "languages") == {"English": "60", "Spanish": "too few", "French": "too few", "All": "71"}, \
        "3 is hidden, and 8 with it: 71 - 60 - 8 would tell"
    body = page.body.split('id="languages-title"')[1].split("</section>")[0]
    assert ">3<" not in body and ">8<" not in body
    chart = eva.ask("GET", "/statistics/chart/languages?" + RANGE).body
    assert ">60<" in chart and ">3<" not in chart and ">8<" not in chart and "too few to show" in chart
    data = file(eva, "languages")
    assert data[2:] == [["English", "60"], ["Spanish", ""], ["French", ""]]
    assert "Too few to show" in eva.get("/statistics?from=2020-01-01&to=2020-02-01").main


def test_a_file_has_hxl_tags_and_no_formulas(service, eva):
    weeks = file(eva, "weeks")
    assert weeks[:2] == [["Week from", "Requests"], ["#date+week", "#affected+requests"]]
    assert weeks[2:] == [["2026-03-02", "20"], ["2026-03-09", "8"], ["2026-03-16", "43"]]
    channels = file(eva, "channels")
    assert channels[1] == ["#channel", "#affected+requests"]
    assert channels[2][0] == "'=cmd|'/C calc'!A0" and channels[3][0] == "USSD, africastalking"
    for name in ("languages", "statuses", "replies", "delivery", "consents", "screens"):
        data = file(eva, name)
        assert all(tag.startswith("#") for tag in data[1]) and len({len(row) for row in data}) == 1
        assert not any(cell[:1] in "=+-@" for row in data[2:] for cell in row if cell)
    assert eva.ask("GET", "/statistics/file/nothing").status == 404 and eva.ask("GET", "/statistics/chart/nothing").status == 404


def test_where_conversations_end(service, eva):
    data = file(eva, "screens")
    assert data[0] == ["Menus", "Language", "Screen", "Saw it", "Ended on it", "Percent"]
    assert data[2:] == [["00ab00ab", "en", "risks", "100", "40", "40"], ["00ab00ab", "es", "risks", "50", "", ""]], \
        "15 came to its end there and 25 left; of three and four nothing is told"
    said = eva.get("/statistics?" + RANGE).main
    assert "40 %" in said and "00ab00ab" in said and "bars" not in said


def test_a_chart_is_drawn_here_and_whatever_it_is_called_is_text(service, eva):
    for name in ("weeks", "channels", "languages", "statuses", "replies", "delivery", "consents"):
        page = eva.ask("GET", "/statistics/chart/%s?%s" % (name, RANGE))
        assert page.status == 200 and page.headers["Content-Type"] == "image/svg+xml"
        xml.etree.ElementTree.fromstring(page.body)
    assert '/statistics/chart/weeks?from=2026-03-02&amp;to=2026-03-22"' in eva.get("/statistics?" + RANGE).body


@pytest.mark.parametrize("query", ["from=x&to=y", "from=2026-03-02&to=2020-01-01", "from=0001-01-01&to=9999-12-31", "from=%3Cb%3E", ""])
def test_strange_ranges_show_a_page(service, eva, query):
    page = eva.get("/statistics?" + query)
    assert page.status == 200 and "<b>&" not in page.body


def test_a_correction_is_no_request_of_its_own(service, eva):
    def counted():
        return dict(service.query("SELECT event, sum(number) FROM counter WHERE day > 20600 GROUP BY event"))
    before = counted().get("registered", 0)
    phone, reference = people.asks(service, 0)
    phone.type("2", "1")  # asks for a woman to call
    after = counted()
    assert after["registered"] == before + 1 and after.get("corrected", 0) >= 1


def test_what_happened_in_this_service_is_in_it(service, eva):
    for n in range(1, 7):
        phone, _ = people.asks(service, n)
    page = eva.get("/statistics")
    assert rows(page, "consents")["Agreed"].isdigit() and int(rows(page, "consents")["Agreed"]) >= 6
    assert int(rows(page, "statuses")["New"]) >= 6


def test_the_page_in_a_browser(service, eva):
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "eva", staffroom.own("eva"))
        b.open(base + "/statistics?" + RANGE)
        charts = b.all("img.chart")
        assert charts and all(b.driver.execute_script("return arguments[0].complete && arguments[0].naturalWidth > 0", c) for c in charts)
        browser.shoot(b, "statistics")
        assert b.complaints() == []
        b.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 320, "height": 700, "deviceScaleFactor": 1, "mobile": False})
        b.open(base + "/statistics?" + RANGE)
        assert b.driver.execute_script("return document.documentElement.scrollWidth") <= 320
