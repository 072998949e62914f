# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fixtures of the whole-program tests; see harness.py."""
import os
import shutil
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
import harness  # noqa: E402
import staffroom  # noqa: E402


def pytest_configure():
    if not harness.binary().exists():
        raise pytest.UsageError("no program at %s: build it, or say WAYMARK_BIN" % harness.binary())


@pytest.fixture
def aggregator():
    with harness.FakeAggregator() as fake:
        yield fake


@pytest.fixture
def folder():
    path = harness.fast_folder()
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def module_folder():
    """For a service that all tests of a file share."""
    path = harness.fast_folder()
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def serve(folder, aggregator):
    """serve(...) makes a Service; all are ended with the test."""
    made = []

    def make(**options):
        options.setdefault("aggregator", aggregator)
        made.append(harness.Service(folder / ("service%d" % len(made)), **options))
        return made[-1].start()

    yield make
    for service in made:
        service.stop()
        assert not service.crashes(), service.crashes()


# ---- the console: a file's tests share its `service`, and who works there ----

@pytest.fixture(scope="module")
def aggregators():
    with harness.FakeAggregator() as fake:
        yield fake


@pytest.fixture(scope="module")
def ana(service):
    return staffroom.member(service, "ana", "caseworker")


@pytest.fixture(scope="module")
def ben(service):
    return staffroom.member(service, "ben", "caseworker")


@pytest.fixture(scope="module")
def sam(service):
    return staffroom.member(service, "sam", "safeguarding")


@pytest.fixture(scope="module")
def eva(service):
    return staffroom.member(service, "eva", "supervisor")
