# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is over goes by itself, kind by kind, and leaves a proof (facts on retention; design, section 5). Rows are made
older in the database while the service is down."""
import sqlite3

import pytest

from callers import command, moved_clock, running
from harness import Client, Phone, sent_out, sms, until

ANNA, BEN, CARA, DAN = ("+1202555010%d" % n for n in range(1, 5))
PROOF = "SELECT actor, object FROM audit WHERE action = 'deleted' ORDER BY id"


def older(service, *statements):
    assert service.terminate() == 0
    db = sqlite3.connect(service.data / "waymark.db")
    for sql in statements:
        db.execute(sql)
    db.commit()
    db.close()


def register(service, number, wish="a call"):
    phone = Phone(service, number)
    phone.dial()
    assert phone.type("4", "1", wish).startswith("END Your number is ")


def complain(service, number):
    phone = Phone(service, number)
    phone.dial()
    assert phone.type("5", "rude words").startswith("CON Thank you.")


def write(service, number, text):
    write.count = getattr(write, "count", 0) + 1
    assert sms(Client(service.address), number, "ATXid_keep%d" % write.count, text)[0] == 200


def test_rows_of_people_who_never_agreed_are_gone_within_a_day(folder, aggregator):
    with running(folder, aggregator) as service:
        write(service, ANNA, "HELP")
        write(service, BEN, "STOP")
        register(service, CARA)
        assert sent_out(service)
        assert service.query("SELECT count(*) FROM number") == [(3,)]
        older(service, "UPDATE number SET day = day - 1", "UPDATE outbox SET claimed_ms = claimed_ms - 7200000")
        service.start()
        assert until(lambda: service.query("SELECT count(*) FROM number") == [(2,)]), "and nobody asked for it"
        left = service.query("SELECT stopped IS NOT NULL, person IS NOT NULL FROM number ORDER BY id")
        assert left == [(1, 0), (0, 1)], "who stopped and who agreed stay"
        assert service.query("SELECT count(*) FROM outbox WHERE number NOT IN (SELECT id FROM number)") == [(0,)]
        proof = service.query(PROOF)
        assert len(proof) == 1 and proof[0][0] == "service" and "numbers without consent 1" in proof[0][1], proof
        assert ANNA[2:] not in proof[0][1]


def test_what_is_over_goes_also_after_the_clock_was_set_back(folder, aggregator):
    options, clock = moved_clock(folder)
    if not options:
        pytest.skip("the clock that can be set was not built")
    clock.write_text(str(10 * 86400))
    with running(folder, aggregator, **options) as service:
        assert until(lambda: service.query("SELECT count(*) FROM day_key") == [(1,)]), "it runs ten days ahead"
        Phone(service, ANNA).dial()
        clock.write_text("0")
        Phone(service, BEN).dial()
        today = service.query("SELECT min(day) FROM day_key")[0][0]
        assert service.query("SELECT count(*) FROM day_key WHERE day - ? IN (0, 10)", today) == [(2,)]
        clock.write_text(str(9 * 86400))
        assert until(lambda: not service.query("SELECT day FROM day_key WHERE day = ?", today)), "before the tenth day"


def test_a_number_that_was_written_to_a_moment_ago_waits(folder, aggregator):
    with running(folder, aggregator) as service:
        write(service, ANNA, "HELP")
        assert sent_out(service)
        older(service, "UPDATE number SET day = day - 1")
        status, said, _ = command(service, "purge")
        assert status == 0 and "numbers without" not in said
        assert service.query("SELECT count(*) FROM number") == [(1,)], "the guard against loops still counts"


def test_reading_is_gone_when_its_day_is_over(folder, aggregator):
    with running(folder, aggregator) as service:
        Phone(service, ANNA).dial()
        write(service, BEN, "HELP")
        write(service, BEN, "6")
        older(service, "UPDATE turn SET day = day - 2", "UPDATE seen SET day = day - 2",
              "UPDATE session SET expires = expires - 3 * 86400 WHERE id = 1",
              "UPDATE turn SET expires = expires - 3 * 86400 WHERE session = 1",
              "UPDATE day_key SET day = day - 2")
        before = service.query("SELECT number FROM turn WHERE session = 2")
        assert before == [(1,), (2,)]
        status, said, _ = command(service, "purge")
        assert status == 0 and "sessions 1, turns of readers 2, stored answers 2" in said and "day keys 1" in said, said
        assert service.query("SELECT count(*) FROM session") == [(1,)]
        assert service.query("SELECT number FROM turn") == [(2,)], "of a conversation that goes on only what it is now"
        assert service.query("SELECT count(*) FROM seen WHERE answer <> x''") == [(0,)]
        assert service.query("SELECT count(*) FROM seen") == [(2,)], "repeats are known for a week"
        assert service.query("SELECT count(*) FROM day_key") == [(0,)]
        service.start()
        assert Phone(service, ANNA).dial().startswith("CON ")


@pytest.mark.parametrize("conf, age, closed, gone", [
    ({}, 91, False, True), ({}, 89, False, False),
    ({}, 31, True, True), ({}, 29, True, False),
    ({"keep": "cases 10 days"}, 11, False, True),
    ({"keep": "closed 200 days"}, 91, True, False),
])
def test_cases_and_people_go_when_their_time_is_over(folder, aggregator, conf, age, closed, gone):
    with running(folder, aggregator, conf=conf) as service:
        register(service, ANNA)
        register(service, BEN)
        assert sent_out(service)
        older(service, "UPDATE casefile SET changed = changed - %d, closed = %s WHERE id = 1" % (age, "changed" if closed else "NULL"))
        seal = service.query("SELECT seal FROM person_seal WHERE person = 1")
        status, said, _ = command(service, "purge")
        assert status == 0
        assert (service.query("SELECT status, length(answers) FROM casefile WHERE id = 1") == [("erased", 0)]) == gone
        assert (service.query("SELECT count(*) FROM person_seal WHERE person = 1") == [(0,)]) == gone
        assert service.query("SELECT count(*) FROM person_seal WHERE person = 2") == [(1,)], "nobody else is touched"
        assert ("cases 1, people 1" in said) == gone or ("cases 1" in said and "people 1" in said) == gone, said
        if gone:
            service.start()
            assert until(lambda: service.query("SELECT erased FROM person WHERE id = 1") == [(2,)])
            disk = b"".join(p.read_bytes() for p in service.data.glob("waymark.db*"))
            assert seal and seal[0][0][:24] not in disk
            assert service.query("SELECT length(detail) > 0 FROM consent WHERE person = 1") == [(1,)], "the proof is kept"


@pytest.mark.parametrize("conf, age, gone", [
    ({}, 31, True),
    ({"assisted": "other helped", "keep": "assisted 300 days"}, 299, False),
    ({"assisted": "other helped", "keep": "assisted 300 days"}, 301, True),
    ({"assisted": "helped-home unhelped", "keep": "assisted 300 days"}, 31, True),
])
def test_a_case_that_ended_with_help_has_a_time_of_its_own(folder, aggregator, conf, age, gone):
    with running(folder, aggregator, conf=conf) as service:
        register(service, ANNA)
        register(service, BEN)
        older(service, "UPDATE casefile SET status = CASE id WHEN 1 THEN 'helped' ELSE 'closed' END,"
              " changed = changed - %d, closed = changed" % age)
        assert command(service, "purge")[0] == 0
        kept = service.query("SELECT id, length(answers) > 0 FROM casefile WHERE id = 1 OR status = 'erased'")
        assert kept == [(1, int(not gone)), (2, 0)], "whose status is no such word goes as any closed case"


def test_an_anonymous_case_and_the_row_of_an_erased_one_go_too(folder, aggregator):
    with running(folder, aggregator) as service:
        complain(service, ANNA)
        register(service, BEN)
        write(service, BEN, "ERASE")
        older(service, "UPDATE casefile SET changed = changed - 366 WHERE id = 1",
              "UPDATE casefile SET changed = changed - 31 WHERE id = 2")
        status, said, _ = command(service, "purge")
        assert status == 0 and "rows of erased cases 1" in said, said
        assert service.query("SELECT id, status, length(answers) FROM casefile") == [(1, "erased", 0)]
        assert command(service, "purge")[0] == 0
        assert service.query("SELECT count(*) FROM casefile") == [(0,)]


def test_old_consents_and_audit_rows_go_off_the_old_end_and_the_rest_still_proves(folder, aggregator):
    with running(folder, aggregator) as service:
        for number in (ANNA, BEN, CARA):
            register(service, number)
        assert sent_out(service)
        older(service, "UPDATE consent SET at = at - 731 * 86400 WHERE id <= 2",
              "UPDATE audit SET at = at - 1096 * 86400 WHERE id = 1")
        status, said, _ = command(service, "purge")
        assert status == 0 and "consents 2" in said and "audit rows 1" in said, said
        assert service.query("SELECT id FROM consent") == [(3,)]
        status, said, wrong = command(service, "consent", "verify")
        assert status == 0 and "consents: 1 rows looked at" in said, said + wrong
        service.start()
        register(service, DAN)
        older(service, "UPDATE consent SET at = at - 731 * 86400")
        assert "consents 2" in command(service, "purge")[1], "all of them, and the chain goes on from what was last"
        service.start()
        register(service, ANNA)
        assert service.query("SELECT id FROM consent") == [(5,)]
        assert command(service, "consent", "verify")[0] == 0
        service.terminate()
        db = sqlite3.connect(service.data / "waymark.db")
        db.execute("DELETE FROM consent")
        db.commit()
        db.close()
        assert "consent 5 is missing" in command(service, "consent", "verify")[2]


def test_a_dry_run_says_what_a_purge_then_does_and_changes_nothing(folder, aggregator):
    with running(folder, aggregator) as service:
        register(service, ANNA)
        write(service, BEN, "HELP")
        complain(service, CARA)
        assert sent_out(service)
        older(service, "UPDATE casefile SET changed = changed - 366", "UPDATE number SET day = day - 1",
              "UPDATE outbox SET claimed_ms = claimed_ms - 7200000")
        before = dump(service)
        status, dry, _ = command(service, "purge", "--dry-run")
        assert status == 0 and dry.startswith("Would be deleted: ") and "cases 2, people 1" in dry, dry
        assert dump(service) == before
        status, done, _ = command(service, "purge")
        assert status == 0 and done == dry.replace("Would be deleted", "Deleted")
        proof = service.query(PROOF)
        assert proof == [("command", done.split(": ", 1)[1].rstrip(".\n"))]


def test_the_running_service_is_asked_where_there_is_one(folder, aggregator):
    with running(folder, aggregator) as service:
        complain(service, CARA)
        older(service, "UPDATE casefile SET changed = changed - 366")
        service.start()
        assert until(lambda: service.query(PROOF) == [("service", "cases 1")]), "by itself, at the first quiet moment"
        status, dry, _ = command(service, "purge", "--dry-run")
        assert (status, dry) == (0, "Would be deleted: rows of erased cases 1.\n")
        assert service.query("SELECT count(*) FROM casefile") == [(1,)]
        status, done, _ = command(service, "purge")
        assert (status, done) == (0, "Deleted: rows of erased cases 1.\n")
        assert service.query("SELECT count(*) FROM casefile") == [(0,)]
        assert service.query(PROOF)[1] == ("command", "rows of erased cases 1")
        assert command(service, "purge")[1] == "Deleted: nothing.\n"
        assert command(service, "consent", "verify")[0] == 0


def dump(service):
    db = sqlite3.connect(service.data / "waymark.db")
    rows = [line for line in db.iterdump() if "stops" not in line]
    db.close()
    return rows
