# SPDX-License-Identifier: AGPL-3.0-or-later
"""Statistics: what is counted, that it is told in fives and nobody can be computed from it, charts with their tables, and files
with HXL tags."""
import csv
import datetime
import io
import itertools
import random
import re
import sqlite3

import pytest

import browser
import harness
import people
import staffroom

EPOCH = datetime.date(1970, 1, 1)
MONDAY = datetime.date(2026, 3, 2)
DAY = datetime.timedelta(days=1)
RANGE = "from=2026-03-02&to=2026-03-20"  # three weeks
MENUS = "00ab" * 16


def put(service, rows):
    """Counters as the gateway writes them: (day, channel, language, screen, event, number); then the days are taken in."""
    service.stop()
    db = sqlite3.connect(service.data / "waymark.db")
    for day, *rest in rows:
        db.execute("INSERT INTO counter (day, menus, channel, language, screen, event, number) VALUES (?, ?, ?, ?, ?, ?, ?)"
                   " ON CONFLICT DO UPDATE SET number = number + excluded.number",
                   ((day - EPOCH).days, MENUS if rest[2] else "", *rest))
    db.commit()
    db.close()
    service.start()
    taken_in(service)


def taken_in(service):
    """Waits until every day that is over is in the statistics."""
    yesterday = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)).date() - EPOCH
    assert harness.until(lambda: service.query("SELECT value FROM meta WHERE name = 'tallied'") == [(yesterday.days - 1,)])


@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators) as made:
        put(made, [
            (MONDAY, "africastalking", "en", "", "case-request", 9), (MONDAY + 6 * DAY, "africastalking", "en", "", "case-request", 11),
            (MONDAY + 8 * DAY, "africastalking", "es", "", "case-request", 8), (MONDAY + 15 * DAY, "africastalking", "es", "", "case-request", 2),
            (MONDAY + 15 * DAY, "africastalking", "fr", "", "case-request", 3), (MONDAY + 15 * DAY, "=cmd|'/C calc'!A0", "en", "", "case-survey", 44),
            (MONDAY + 21 * DAY, "africastalking", "en", "", "case-request", 500),
            (MONDAY, "africastalking", "en", "", "status-closed", 15), (MONDAY + 9 * DAY, "africastalking", "es", "", "status-new", 5),
            (MONDAY, "africastalking", "en", "risks", "seen", 101), (MONDAY, "africastalking", "en", "risks", "shown", 130),
            (MONDAY, "africastalking", "en", "risks", "answered", 90), (MONDAY, "africastalking", "en", "risks", "ended", 15),
            (MONDAY, "africastalking", "es", "risks", "seen", 53), (MONDAY, "africastalking", "es", "risks", "shown", 50),
            (MONDAY, "africastalking", "es", "risks", "answered", 47), (MONDAY, "africastalking", "es", "bars", "seen", 4),
            (MONDAY, "africastalking", "en", "", "reply-4h", 12), (MONDAY, "africastalking-sms", "en", "", "reply-1h", 7),
            (MONDAY, "africastalking", "es", "", "reply-1h", 4), (MONDAY, "africastalking-sms", "", "", "message-3", 26),
            (MONDAY, "africastalking", "en", "", "consent-refuse", 6), (MONDAY, "africastalking", "en", "", "consent-agree", 25)])
        yield made


def table(page, name):
    body = page.body.split('id="%s-title"' % name)[1].split("</section>")[0]
    cells = re.findall(r'<th scope="row">(.*?)</th><td class="n">(.*?)</td>', body)
    return {re.sub("<.*?>", "", a): re.sub("<.*?>", "", b) for a, b in cells}


def file(visitor, name, query=RANGE):
    page = visitor.ask("GET", "/statistics/file/%s?%s" % (name, query))
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/csv")
    assert page.headers["Content-Disposition"] == 'attachment; filename="waymark-%s.csv"' % name
    return list(csv.reader(io.StringIO(page.body)))


def test_weeks_are_told_in_fives_and_what_is_over_waits(service, eva):
    page = eva.get("/statistics?" + RANGE)
    assert "2 Mar 2026 to 22 Mar 2026" in page.main, "the range is made whole"
    assert table(page, "weeks") == {"2 Mar 2026": "20", "9 Mar 2026": "5", "16 Mar 2026": "45", "All": "70"}, \
        "8 in Spanish are told as 5; with 2 more in the next week 5 more are; 3 in French wait"
    assert table(page, "languages") == {"English": "60", "Spanish": "10", "All": "70"}
    assert table(page, "kinds") == {"Survey": "40", "Request": "30", "All": "70"}
    assert table(page, "statuses") == {"Closed": "15", "Opened again": "5"}
    assert table(page, "replies") == {"within an hour": "10", "within 4 hours": "10", "All": "20"}, "in this order"
    assert table(page, "delivery") == {"Delivered": "25"} and table(page, "consents") == {"Agreed": "25", "Refused": "5"}
    assert "17 %" in page.main and "100 %" in page.main, "refused; answered within a day"
    assert "Too few to show" in eva.get("/statistics?from=2020-01-01&to=2020-02-01").main


def test_before_a_week_is_over_there_is_nothing_to_ask_or_to_draw(folder, aggregator):
    with staffroom.office(folder, aggregator) as service:
        page = staffroom.demo(service).get("/statistics")
        assert "No week is over yet" in page.main and "How we count" in page.main
        assert "Too few to show" not in page.main and "<form" not in page.body.split("<main")[1].split("</main>")[0]


def test_a_file_has_hxl_tags_and_no_formulas(service, eva):
    assert file(eva, "requests") == [
        ["Week from", "Channel", "Language", "Kind", "Status", "Requests"],
        ["#date+week", "#channel", "#language+code", "#activity+kind", "#status", "#affected+requests"],
        ["2026-03-02", "USSD, africastalking", "en", "request", "asked", "20"],
        ["2026-03-09", "USSD, africastalking", "es", "request", "asked", "5"],
        ["2026-03-16", "'=cmd|'/C calc'!A0", "en", "survey", "asked", "40"],
        ["2026-03-16", "USSD, africastalking", "es", "request", "asked", "5"],
        ["2026-03-02", "USSD, africastalking", "en", "", "closed", "15"],
        ["2026-03-09", "USSD, africastalking", "es", "", "reopened", "5"]]
    assert file(eva, "replies")[1:] == [["#date+week", "#indicator+wait", "#affected+requests"],
                                        ["2026-03-02", "within an hour", "10"], ["2026-03-02", "within 4 hours", "10"]]
    assert file(eva, "messages")[1:] == [["#date+week", "#channel", "#status+delivery", "#output+messages"],
                                         ["2026-03-02", "SMS, africastalking-sms", "Delivered", "25"]]
    assert file(eva, "consents")[2:] == [["2026-03-02", "Agreed", "25"], ["2026-03-02", "Refused", "5"]]
    assert eva.ask("GET", "/statistics/file/nothing").status == 404
    for link in set(re.findall(r'href="(/statistics/file/[^"]+)"', eva.get("/statistics?" + RANGE).body)):
        assert eva.ask("GET", link.replace("&amp;", "&")).status == 200


def test_where_conversations_end(service, eva):
    data = file(eva, "screens")
    assert data[:2] == [["Menus", "Language", "Screen", "Saw it", "Ended on it", "Percent"],
                        ["#meta+version", "#language+code", "#meta+screen", "#reached+sessions", "#reached+sessions+ended", "#indicator+dropoff+pct"]]
    assert data[2:] == [[MENUS, "en", "risks", "100", "40", "40"], [MENUS, "es", "risks", "50", "", ""]], \
        "15 came to its end there and 25 left; of three and four nothing is told"
    said = eva.get("/statistics?" + RANGE).main
    assert "40 %" in said and "00ab00ab" in said and "bars" not in said
    spanish = eva.get("/statistics?%s&language=es&menus=%s" % (RANGE, MENUS))
    rows = spanish.body.split('id="screens-caption"')[1].split("</table>")[0]
    assert rows.count("<bdi>risks</bdi>") == 1 and "Spanish" in rows and "English" not in rows
    assert 'value="es" selected' in spanish.body and spanish.status == 200
    assert eva.get("/statistics?%s&language=%%3Cb%%3E" % RANGE).status == 200


def told(eva, first, last):
    """All numbers that leave the house for a range of weeks, by their names: cells, tables, totals."""
    query = "from=%s&to=%s" % (first, last)
    numbers = {}
    page = eva.get("/statistics?" + query)
    for name in ("weeks", "kinds", "channels", "languages", "statuses", "replies", "delivery", "consents"):
        for label, number in table(page, name).items():
            numbers[name, label] = int(number) if number.isdigit() else 0
    for name in ("requests", "replies", "messages", "consents"):
        for row in file(eva, name, query)[2:]:
            numbers[(name, *row[:-1])] = int(row[-1])
    for row in file(eva, "screens", query)[2:]:
        numbers[("saw", *row[:3])], numbers[("ended", *row[:3])] = int(row[3]), int(row[4] or 0)
    return numbers


def test_no_range_and_no_difference_of_two_tells_of_fewer_than_five(folder, aggregator):
    """Somebody subtracts each range from each other, in every table and file."""
    chance = random.Random(20260302)
    weeks = [MONDAY + 7 * n * DAY for n in range(7)]
    rows = [(week + chance.randrange(7) * DAY, channel, language, "", "%s-%s" % (topic, what), chance.choice((0, 1, 1, 2, 3, 4, 5, 6, 8)))
            for week in weeks for channel in ("africastalking", "phone") for language in ("en", "fr")
            for topic, what in (("case", "request"), ("case", "survey"), ("status", "closed"), ("reply", "1h"), ("message", "3"), ("consent", "agree"))]
    rows += [(week + chance.randrange(7) * DAY, "phone", "en", screen, event, chance.randrange(9))
             for week in weeks for screen in ("risks", "bars") for event in ("seen", "shown", "answered")]
    # of these two pairs nobody can tell which had 2 and 3, and which 4 and 1
    rows += [(weeks[2], "one", "ht", "", "case-help", 2), (weeks[3], "one", "ht", "", "case-help", 3),
             (weeks[2], "two", "ht", "", "case-help", 4), (weeks[3], "two", "ht", "", "case-help", 1)]
    with staffroom.office(folder, aggregator) as service:
        put(service, rows)
        eva = staffroom.member(service, "eva", "supervisor")
        ranges = {pair: told(eva, *pair) for pair in itertools.combinations_with_replacement(weeks, 2)}
        total = 0
        for one, other in itertools.combinations(ranges.values(), 2):
            for name in set(one) | set(other):
                difference = abs(one.get(name, 0) - other.get(name, 0))
                assert difference % 5 == 0, (name, difference)
                total += difference > 0
        assert total > 1000, "there was something to subtract"
        for numbers in ranges.values():  # nor does a total tell of a part that is not shown
            assert numbers.get(("weeks", "All"), 0) == numbers.get(("languages", "All"), 0) == sum(n for name, n in numbers.items() if name[0] == "requests" and name[5] == "asked")
        whole = ranges[weeks[0], weeks[-1]]
        true = sum(row[5] for row in rows if row[4].startswith("case-"))
        assert true - 4 * 10 <= whole["weeks", "All"] <= true, "at most four of a cell are behind"
        cells = {(name[2], name[1]): n for name, n in whole.items() if name[0] == "requests" and name[4] == "help"}
        assert cells == {(c, str(weeks[3])): 5 for c in ("one", "two")}, cells


def test_a_week_is_told_when_it_is_over_and_never_again(folder, aggregator):
    with staffroom.office(folder, aggregator) as service:
        today = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)).date()  # a day is taken in an hour after its end
        monday = today - today.weekday() * DAY
        put(service, [(monday - 1 * DAY, "phone", "en", "", "case-request", 5)])
        eva = staffroom.member(service, "eva", "supervisor")
        assert table(eva.get("/statistics"), "weeks")["All"] == "5"
        for n in range(6):
            people.asks(service, n)
        assert table(eva.get("/statistics?to=%s" % (today + 30 * DAY)), "weeks")["All"] == "5", "this week is not over"
        service.stop()
        service.start()
        taken_in(service)
        assert table(staffroom.demo_page(service, "/statistics"), "weeks")["All"] == "5"


def test_what_people_do_is_in_it_when_its_week_is_over(folder, aggregator):
    """Real callers, whose week is made to lie back."""
    with staffroom.office(folder, aggregator) as service:
        ana = staffroom.member(service, "ana", "caseworker")
        asked = [people.asks(service, n) for n in range(6)]
        for phone, reference in asked[:5]:
            phone.type("2", "1")  # corrects the request, which is no request of its own
            ana.get("/case/%s" % reference)
            ana.submit("/case/%s/close" % reference, reason="helped")
        for phone, _ in asked:
            phone.text("STOP")
        assert aggregator.wait_for(lambda: len(aggregator.accepted) >= 6) and harness.sent_out(service)
        service.terminate()
        db = sqlite3.connect(service.data / "waymark.db")
        db.execute("UPDATE counter SET day = day - 14")
        db.commit()
        db.close()
        service.start()
        taken_in(service)
        page = staffroom.demo_page(service, "/statistics")
        assert table(page, "kinds") == {"Request": "5", "All": "5"} and table(page, "channels") == {"USSD, africastalking": "5", "All": "5"}
        assert table(page, "statuses") == {"Closed": "5"}, "one was withdrawn, which is too few"
        assert table(page, "consents") == {"Agreed": "5", "Withdrew": "5"}
        assert table(page, "delivery") == {"Taken by the network": "5"}


@pytest.mark.parametrize("query", ["from=x&to=y", "from=2026-03-02&to=2020-01-01", "from=0001-01-01&to=9999-12-31", "from=%3Cb%3E", ""])
def test_strange_ranges_show_a_page(service, eva, query):
    page = eva.get("/statistics?" + query)
    assert page.status == 200 and "<b>&" not in page.body


def test_counters_to_the_digit_go_when_they_are_told(service):
    oldest = service.query("SELECT min(day) FROM counter")[0][0]
    assert oldest is None or oldest > (datetime.date.today() - EPOCH).days - 100


def busy_weeks():
    """A service in its third month, for people to look at."""
    chance = random.Random(7)
    rows = []
    for n in range(13):
        week, more = MONDAY + 7 * n * DAY, 1 + n / 10
        for channel, share in (("africastalking", 1), ("africastalking-sms", .5), ("phone", .1)):
            for language, part in (("es", 1), ("en", .55), ("ht", .35), ("pt", .2), ("fr", .12)):
                def many(most):
                    return int(most * share * part * more * chance.uniform(.7, 1.2))
                for event, most in (("case-request", 60), ("case-child-help", 9), ("case-survey", 22), ("status-called", 44), ("status-tried", 19), ("status-closed", 38),
                                    ("status-withdrawn", 5), ("reply-1h", 14), ("reply-4h", 22), ("reply-1d", 16), ("reply-3d", 6), ("reply-7d", 2), ("message-3", 130),
                                    ("message-2", 22), ("message-4", 9), ("consent-agree", 80), ("consent-refuse", 21), ("consent-withdraw", 6), ("consent-erase", 2)):
                    rows.append((week + 2 * DAY, channel, language, "", event, many(most)))
                for screen, seen, left in (("main", 400, .08), ("my-options", 310, .12), ("risks", 260, .1), ("bars", 190, .16), ("what-we-keep", 150, .05),
                                           ("agree", 130, .21), ("legal-help", 120, .55), ("adult", 100, .03), ("may-call", 90, .04), ("done", 70, .97)):
                    saw = many(seen)
                    rows += [(week, channel, language, screen, "seen", saw), (week, channel, language, screen, "shown", saw),
                             (week, channel, language, screen, "answered", int(saw * (1 - left)))]
    return rows


def test_the_page_in_a_browser(folder, aggregator):
    with staffroom.office(folder, aggregator) as service, browser.Browser() as b:
        put(service, busy_weeks())
        staffroom.member(service, "eva", "supervisor")
        base = "http://%s:%d" % service.console
        b.sign_in(base, "eva", staffroom.own("eva"))
        b.open(base + "/statistics?from=2026-03-02&to=2026-05-25")
        charts = b.all("svg.chart")
        assert len(charts) == 8 and all(c.get_attribute("aria-label") and c.size["height"] > 30 for c in charts)
        assert len(b.all("svg.chart .bar")) >= 13 + 7 * 3
        browser.shoot(b, "statistics")
        assert b.complaints() == [] and b.violations() == []
        b.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 320, "height": 700, "deviceScaleFactor": 1, "mobile": False})
        b.open(base + "/statistics?from=2026-03-02&to=2026-05-25")
        assert b.driver.execute_script("return document.documentElement.scrollWidth") <= 320
        assert not any(c.is_displayed() for c in b.all("svg.chart")) and len(b.all("table")) == 9, "where a chart is too small the tables stand alone"
        assert b.violations() == []
        browser.shoot(b, "statistics-narrow")
