# SPDX-License-Identifier: AGPL-3.0-or-later
"""Summer time begins, and ends, between the day on which a reply and a call are set and the day on which they are due."""
import datetime
import time
import zoneinfo

import pytest

import callers
import harness
import people
import staffroom

UTC, HERE = datetime.timezone.utc, zoneinfo.ZoneInfo("America/New_York")
EVERY_DAY = {"day%d" % n: "yes" for n in range(7)}
DAY = datetime.timedelta(days=1)


def next_change(begins):
    """The next Sunday on which summer time begins, or ends, and not before tomorrow."""
    day = datetime.datetime.now(HERE).replace(hour=12, minute=0, second=0, microsecond=0) + 2 * DAY
    change = datetime.timedelta(hours=1 if begins else -1)
    while day.utcoffset() - (day - DAY).utcoffset() != change:
        day += DAY
    return day.date()


class Scene:
    """A service in New York, and a caseworker, on a day that the test says."""

    def __init__(self, folder, service, aggregator):
        self.file, self.service, self.aggregator = folder / "clock", service, aggregator

    def it_is(self, day, hour, minute=0):
        when = datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=HERE)
        self.file.write_text("%d" % (when.timestamp() - time.time() + 1))
        self.ana = None

    def visitor(self):
        """In since the clock was set: a session does not outlive a night."""
        if not self.ana:
            self.ana = staffroom.demo(self.service)
        return self.ana

    def person(self, n, **hours):
        """Somebody who is safe from six to eight in the evening by this clock, and the reply that waits for it."""
        _, reference = people.asks(self.service, n, call=("2", "After six"))
        ana = self.visitor()
        ana.get("/case/%s/hours" % reference)
        ana.submit("/case/%s/hours" % reference, **{"from": "18:00", "to": "20:00", **EVERY_DAY, **hours})
        ana.get("/case/%s/reply" % reference)
        ana.submit("/case/%s/reply" % reference, words="Call us, %d" % n)
        assert "waits until it is safe" in ana.submit("/reply/send").main
        return reference

    def books(self, reference, day):
        """Calls on this day at seven, in whatever hour that is there."""
        ana = self.visitor()
        ana.get("/case/%s/callback" % reference)
        ana.submit("/callback", date=day.isoformat(), time="19:00", meant="yes")
        return int(ana.page.body.split("/callback/")[1].split('"')[0])

    def waits(self, reference):
        """Whether the reply is still to leave, once the outbox has looked at what is due."""
        sent = len(self.aggregator.accepted)
        harness.Phone(self.service, callers.number(90)).text("MENU")  # its answer is due later than any reply
        harness.until(lambda: len(self.aggregator.accepted) > sent)
        return self.service.query("SELECT o.state FROM outbox o JOIN case_note n ON n.message = o.id"
                                  " JOIN casefile c ON c.id = n.casefile WHERE c.reference = ?", reference)[0][0] == 0

    def arrives(self, n):
        harness.until(lambda: [s for s in self.aggregator.accepted if s.number == callers.number(n)])


@pytest.fixture
def scene(folder, aggregator):
    options, _ = callers.moved_clock(folder)
    if not options:
        pytest.skip("the clock that can be set was not built")
    conf = {**staffroom.FAST, "quiet": "never", "zone": "America/New_York"}
    with callers.running(folder, aggregator, menus=None, conf=conf, **options) as service:
        yield Scene(folder, service, aggregator)


@pytest.mark.parametrize("begins", [True, False], ids=["begins", "ends"])
def test_what_was_set_before_the_change_leaves_and_is_due_at_the_right_hour_after_it(scene, begins):
    sunday = next_change(begins)
    winter, summer = "-300", "-240"
    scene.it_is(sunday - DAY, 21)
    same = scene.person(0)
    fixed = scene.person(1, zone=winter if begins else summer)  # the clock shows the same today
    page = scene.visitor().get("/case/" + same)
    assert "Safe: 18:00 to 20:00 , by their clock and ours" in page.main and "Safe again" in page.main
    assert "18:00 to 20:00, by our clock" in page.main and "there" not in page.main.split("Safe again")[1].split(".")[0]
    page = scene.visitor().get("/case/" + fixed)
    assert "18:00 to 20:00 by their clock (UTC-0%d:00)" % (5 if begins else 4) in page.main
    assert ("Sun 18:00 there" in page.main) and ("19:00 here" if begins else "17:00 here") in page.main
    page = scene.visitor().get("/case/%s/hours" % fixed)
    assert "it will not follow our summer time" in page.main and "do not follow summer time" in page.main
    call = scene.books(same, sunday)
    late = scene.books(fixed, sunday)

    scene.it_is(sunday, 16, 50)  # no hour of anybody's yet
    assert scene.waits(same) and scene.waits(fixed)
    scene.it_is(sunday, 17, 50)
    assert scene.waits(same), "an hour too early by the old clock"
    assert scene.waits(fixed) == begins, "who keeps to the old clock has six o'clock an hour before"
    assert "Not at this hour" in scene.visitor().get("/callback/%d" % call).main
    scene.it_is(sunday, 18, 10)
    assert not scene.waits(same)
    scene.arrives(0)
    assert scene.waits(fixed) == begins
    assert "Yes, it is one of their safe hours" in scene.visitor().get("/callback/%d" % call).main
    scene.it_is(sunday, 19, 10)
    page = scene.visitor().get("/callbacks")
    row = page.body.split("/callback/%d\"" % call)[0].rsplit("<tr>", 1)[-1]
    assert "19:00" in row and "as ours" in row and "Late" in row and "Outside" not in row
    other = page.body.split("/callback/%d\"" % late)[0].rsplit("<tr>", 1)[-1]
    assert "Sun 18:00" in other if begins else "Sun 20:00" in other
    assert ("Outside" in other) != begins, "seven here is eight there, when theirs are over"
    assert not scene.waits(fixed)
    scene.arrives(1)


def test_the_first_choice_is_the_same_clock_as_ours(scene):
    scene.it_is(next_change(True) - 3 * DAY, 12)
    ana = scene.visitor()
    _, reference = people.asks(scene.service, 2, call=("2", "Evenings"))
    page = ana.get("/case/%s/hours" % reference)
    assert page.form("/hours")["fields"]["zone"] == "ours"
    first, second = page.body.split("<option")[1:3]
    assert 'value="ours" selected' in first and "The same as ours: 12:" in first and "selected" not in second
    ana.submit("/hours", **{"from": "18:00", "to": "20:00", "zone": "-300", **EVERY_DAY})
    page = ana.get("/case/%s/hours" % reference)
    assert page.form("/hours")["fields"]["zone"] == "-300", "what was written down as an offset stays one"
    assert "will not follow our summer time" in page.main
    assert "our clock" not in ana.get("/case/" + reference).main


def test_a_time_that_no_clock_shows_cannot_be_booked(scene):
    sunday = next_change(True)
    scene.it_is(sunday - 3 * DAY, 12)
    ana = scene.visitor()
    _, reference = people.asks(scene.service, 3, call=("1",))
    ana.get("/case/%s/callback" % reference)
    page = ana.submit("/callback", date=sunday.isoformat(), time="02:30")
    assert page.status == 422 and "no clock shows this time" in page.main
    page = ana.submit("/callback", date=sunday.isoformat(), time="03:30")
    assert "The call is booked" in page.main
    due = scene.service.query("SELECT due FROM callback")[-1][0]
    assert datetime.datetime.fromtimestamp(due, HERE).strftime("%Y-%m-%d %H:%M") == sunday.isoformat() + " 03:30"


@pytest.mark.parametrize("begins", [True, False], ids=["begins", "ends"])
def test_a_day_of_23_or_25_hours_ends_at_midnight(scene, begins):
    sunday = next_change(begins)
    scene.it_is(sunday, 0, 30)
    ana = scene.visitor()
    for n, (day, hour) in enumerate([(sunday, "23:30"), (sunday + DAY, "00:30")]):
        _, reference = people.asks(scene.service, 4 + n, call=("1",))
        ana.get("/case/%s/callback" % reference)
        assert "The call is booked" in ana.submit("/callback", date=day.isoformat(), time=hour).main
    today, week = ana.get("/callbacks").main.split("The next seven days")
    assert "Today" in today and "23:30" in today and "00:30" not in today
    assert "00:30" in week and "23:30" not in week
