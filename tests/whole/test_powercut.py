# SPDX-License-Identifier: AGPL-3.0-or-later
"""Power cuts: what was not synced is gone, and all that was answered is still there.

tests/fault/powercut_vfs.c keeps unsynced writes in the process's memory. The same test over the program that does not
sync (waymark_unsynced) must see answered turns disappear; else it would prove nothing."""
import os
import signal
import sqlite3

import pytest

from harness import binary
from lives import Life

CUTS = 250 if os.environ.get("WAYMARK_TORTURE") else 25


def cut_clean(service):
    service.signal(signal.SIGKILL)


def cut_torn(service):
    """A random part of what was not synced reaches the disk all the same."""
    service.signal(signal.SIGUSR1)


def powered(serve, **options):
    shim = binary("WAYMARK_POWERCUT", "build/release/tests/libfault_powercut.so")
    assert shim.exists(), "build fault_powercut, or say WAYMARK_POWERCUT"
    return serve(preload=shim, environment={"POWERCUT_TORN": "1"}, **options)


@pytest.mark.parametrize("cut", (cut_clean, cut_torn))
def test_an_answered_turn_outlives_a_power_cut(cut, serve, aggregator):
    service = powered(serve)
    life = Life(service, 7, end=cut)
    for n in range(CUTS):
        life.cycle()
        life.check()
        service.environment["POWERCUT_TORN"] = str(n + 2)
        service.start()
    life.finish(aggregator.accepted)


def test_without_syncing_answered_turns_are_lost(serve):
    service = powered(serve, program=binary("WAYMARK_UNSYNCED", "build/release/tests/waymark_unsynced"))
    life = Life(service, 8, end=cut_clean)
    life.cycle()
    with pytest.raises((AssertionError, sqlite3.OperationalError)):
        life.check()
    db = service.copy()
    tables = [name for name, in db.execute("SELECT name FROM sqlite_master WHERE name = 'turn'")]
    stored = db.execute("SELECT count(*) FROM turn").fetchone()[0] if tables else 0
    assert stored < life.book.turns[0]
