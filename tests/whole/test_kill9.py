# SPDX-License-Identifier: AGPL-3.0-or-later
"""kill -9 at any moment: an answered turn is never lost and never done twice.

A life is one data folder. In every cycle of it some walkers keep the service busy; after at least 50 answered turns it
is killed while requests are under way, and what it left is examined before it starts again. Then every walker asks for
its last answer once more, and asks again for what was not answered, or dials anew.
"""
import os
import signal

import pytest

from lives import Life

LIVES, CYCLES = (100 if os.environ.get("WAYMARK_TORTURE") else 10), 30


@pytest.mark.parametrize("seed", range(LIVES))
def test_an_answered_turn_outlives_kill9(seed, serve, aggregator):
    service = serve()
    life = Life(service, seed, end=lambda s: s.signal(signal.SIGKILL), erases=seed % 2 == 1)
    for _ in range(CYCLES):
        life.cycle()
        life.check()
        service.start()
    life.finish(aggregator.accepted)
