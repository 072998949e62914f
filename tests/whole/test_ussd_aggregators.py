# SPDX-License-Identifier: AGPL-3.0-or-later
"""A call through every USSD aggregator that a file is shipped for, over HTTP and to the end: dialled, answered, repeated,
late, hung up, with a wrong secret; and what is typed comes back on the screen, whatever stands in it."""
import itertools
import shutil

import pytest

import aggregators
import harness
import sheets
from callers import running, settings, turns

SHEETS = {sheet.name: sheet for sheet in sheets.sheets() if sheet.medium == "ussd"}
TYPED = ('say "yes" & <no>', "back\\slash {text} $at", "]]> &amp; \u00e9\u00e7", "50% + 1; a=b&c")
numbers = itertools.count(0)


@pytest.fixture(scope="module")
def service():
    folder = harness.fast_folder()
    with running(folder) as made:
        made.terminate()
        secrets = {}
        for name, sheet in SHEETS.items():
            (made.conf.parent / "channels" / (name + ".channel")).write_text(sheet.without())
            secrets.update(aggregators.secrets_of(sheet))
        settings(made, **{"secret " + name: value for name, value in secrets.items()})
        made.start()
        yield made
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=SHEETS)
def caller(service, request):
    return aggregators.Caller(SHEETS[request.param], service.address, "+120255501%02d" % (next(numbers) % 100))


def begins(text, start):
    return text.replace("\r\n", "\n").startswith(start)


def test_a_call_goes_its_way_to_the_end(caller):
    text, more = caller.dial()
    assert begins(text, "Main page.\n1 Note\n2 Age") and more
    text, more = caller.type("1")
    assert begins(text, "Which note?") and more
    for typed in TYPED:
        text, more = caller.type(typed)
        assert begins(text, "Noted %s." % typed) and more
        text, more = caller.type("1")
        assert begins(text, "Which note?") and more
    text, more = caller.type("stars*and#")
    assert begins(text, "Noted stars*and#.") and more
    assert caller.type("2")[0].startswith("Main page.")
    assert caller.type("6") == ("Goodbye.", False)


def test_the_same_request_again_is_answered_again_and_does_nothing(caller, service):
    if caller.sheet.said("repeat") is None:
        pytest.skip("this aggregator gives nothing that a repeat is known by")
    caller.dial()
    caller.type("1")
    noted = caller.type("twice")
    before = turns(service)
    assert begins(noted[0], "Noted twice.") and caller.again() == noted == caller.again()
    assert turns(service) == before
    assert caller.type("2")[0].startswith("Main page."), "the call goes on where it was"


def test_a_request_that_comes_late_does_nothing(caller, service):
    if caller.sheet.said("repeat") is None:
        pytest.skip("this aggregator gives nothing that a late request is known by")
    caller.dial()
    caller.type("1")
    late = caller.last
    noted = caller.type("in time")
    before = turns(service)
    assert caller.shown(late.ask(service.address)) == noted
    assert turns(service) == before


def test_hanging_up_is_acknowledged_and_the_next_dial_begins_anew(caller, service):
    caller.dial()
    assert begins(caller.type("1")[0], "Which note?")
    answer = caller.hang_up()
    if answer is None:
        pytest.skip("this aggregator tells nobody")
    assert answer[0] == 200
    with pytest.raises(AssertionError, match="neither"):
        caller.shown(answer)  # an acknowledgement is no screen
    assert begins(caller.dial()[0], "Main page.")


def test_a_dial_after_the_last_screen_begins_anew(caller):
    for _ in range(2):
        assert begins(caller.dial()[0], "Main page.")
        assert caller.type("6") == ("Goodbye.", False)


def test_a_dial_in_the_middle_begins_anew(caller):
    if not caller.sheet.turn.place("session"):
        pytest.skip("a session is one number's here: it goes on until it is over")
    caller.dial()
    caller.type("1")
    assert begins(caller.dial()[0], "Main page.")


def test_two_callers_do_not_meet(caller, service):
    other = aggregators.Caller(caller.sheet, service.address, "+120255501%02d" % (next(numbers) % 100))
    caller.dial()
    other.dial()
    assert begins(caller.type("1")[0], "Which note?") and begins(other.type("2")[0], "How old are you?")
    assert begins(caller.type("mine")[0], "Noted mine.") and begins(other.type("40")[0], "You are 40.")


@pytest.mark.parametrize("change", [lambda s: s + "x", lambda s: s[:-1], lambda s: s.swapcase(), lambda s: ""],
                         ids=["longer", "shorter", "case", "none"])
def test_without_the_secrets_nobody_comes_in(service, change):
    for sheet in SHEETS.values():
        right = aggregators.secrets_of(sheet)
        for name in right:
            caller = aggregators.Caller(sheet, service.address, "+12025550199", dict(right, **{name: change(right[name])}))
            caller.session, caller.count = "s-forbidden", 1
            status, _, body = caller.ask(caller.first)
            assert status == 403 and b"secret" not in body.lower(), (sheet.name, name, status, body)


# ---- the rows, over HTTP ----

@pytest.mark.parametrize("name", [name for name, sheet in SHEETS.items() if "secret-path" in sheet.words()])
def test_every_row_meets_over_http_what_it_expects(service, name):
    sheet = SHEETS[name]
    rows = [row for row in sheet.all_rows() if row.secrets and row.expects("status")]
    assert len(rows) >= 3
    for row in rows:
        target = row.target
        for secret, value in row.secrets.items():  # the service's own secrets in place of the rows'
            target = target.replace("/" + value, "/s3cret-" + secret, 1) if secret.endswith("-path") else target
            target = target.replace("=" + sheets.urllib.parse.quote(value, safe=""), "=s3cret-" + secret)
        status = sheets.send(service.address, row.method, target, row.headers, row.body)[0]
        wanted = int(row.expects("status"))
        assert status == wanted or wanted in (400, 404) and status == 405, (name, row.label, status, wanted)
