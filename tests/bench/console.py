# SPDX-License-Identifier: AGPL-3.0-or-later
"""Measures the console over many cases: how long each page takes, and what somebody who works in it costs the callers.

    python3 tests/bench/console.py BUILD [CASES [TURNS]]       (200,000 cases of 10 turns)

BUILD is a release build with targets waymark, seed and bench_load. Times are of whole requests on a kept-alive connection
over loopback, so they hold the way through the server too. Prints one line a figure.
"""
import http.client
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "whole"))
BUILD = pathlib.Path(sys.argv[1]).resolve()
os.environ.setdefault("WAYMARK_BIN", str(BUILD / "waymark"))

import callers  # noqa: E402
import harness  # noqa: E402
import staffroom  # noqa: E402

CASES = int(sys.argv[2]) if len(sys.argv) > 2 else 200000
TURNS = int(sys.argv[3]) if len(sys.argv) > 3 else 10
ROUNDS = 60


def figure(name, values):
    values = sorted(1000 * v for v in values)
    print("%-44s median %6.1f ms   p95 %6.1f ms   most %6.1f ms" % (
        name, statistics.median(values), values[int(len(values) * 0.95)], values[-1]), flush=True)


class Desk:
    def __init__(self, service, visitor):
        self.connection = http.client.HTTPConnection(*service.console)
        self.headers = {"Cookie": "; ".join("%s=%s" % kv for kv in visitor.cookies.items())}

    def get(self, path):
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read().decode()
        assert answer.status == 200, (path, answer.status)
        return time.perf_counter() - began, body


def pages(service, visitor):
    desk = Desk(service, visitor)
    cases = re.findall(r'href="/case/(\w{6})"', desk.get("/inbox?view=all")[1])
    assert len(cases) == 50 and "Monday evening" in desk.get("/case/" + cases[0])[1]
    rows = [("inbox", "/inbox"), ("inbox, page 1000", "/inbox?view=all&page=1000"), ("inbox, filtered", "/inbox?priority=urgent&language=es"),
            ("inbox, who waits", "/inbox?waiting=yes"), ("a case", "/case/%s"), ("reply", "/case/%s/reply"), ("account", "/account")]
    for name, path in rows:
        figure(name, [desk.get(path % cases[n % len(cases)] if "%s" in path else path)[0] for n in range(ROUNDS)])


def memory(service):
    status = pathlib.Path("/proc/%d/status" % service.process.pid).read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024


def turns(service, seconds=4, rate=500):
    """Offers turns at a rate; their p99 in milliseconds."""
    paths = ["", "1", "1*1", "1*1*0", "1*1*0*2", "1*1*0*2*0"]
    out = subprocess.run([BUILD / "tests/bench_load", "ussd", *map(str, service.address), "/hook/africastalking", "32", str(seconds), *paths],
                         env={**os.environ, "BENCH_RATE": str(rate)}, capture_output=True, text=True)
    return float(re.search(r"p99 ([\d.]+)", out.stdout)[1])


def office(service, visitor, stop, pause_s=0.05):
    """Twenty pages a second: what forty caseworkers ask for who each open one every two seconds."""
    desk = Desk(service, visitor)
    cases = re.findall(r'href="/case/(\w{6})"', desk.get("/inbox?view=all")[1])
    for n in range(1 << 30):
        if stop.wait(pause_s):
            return
        desk.get("/inbox" if n % 3 == 0 else "/case/%s" % cases[n % len(cases)])


def beside(service, visitor, rounds=7):
    """The same turns without and with people at work in the console, in turn, because machines are noisy."""
    alone, with_office = [], []
    for _ in range(rounds):
        alone.append(turns(service))
        stop = threading.Event()
        worker = threading.Thread(target=office, args=(service, visitor, stop))
        worker.start()
        with_office.append(turns(service))
        stop.set()
        worker.join()
    print("p99 of 500 turns a second: %.2f ms; with twenty pages a second beside them: %.2f ms (medians of %d; %s; %s)" % (
        statistics.median(alone), statistics.median(with_office), rounds, alone, with_office), flush=True)


def main():
    folder = harness.fast_folder()
    try:
        measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(folder):
    with harness.FakeAggregator() as aggregator:
        service = harness.Service(folder / "service", aggregator)
        callers.demonstration(service)
        callers.settings(service, harness.TOP / "menus/main.menu", **staffroom.FAST)
        service.start()
        passphrase = staffroom.demo_passphrase(service)
        service.terminate()
        began = time.monotonic()
        subprocess.run([BUILD / "tests/seed", service.data, str(CASES), str(TURNS)], check=True, stderr=subprocess.DEVNULL)
        print("seeded %d cases, %d turns in %d s; the file has %d MiB" % (
            CASES, CASES * TURNS, time.monotonic() - began, (service.data / "waymark.db").stat().st_size >> 20), flush=True)
        began = time.monotonic()
        service.start()
        print("ready after %.2f s" % (time.monotonic() - began))
        import desk
        visitor = desk.Visitor(service)
        staffroom.sign_in(visitor, "demo", passphrase)
        first = Desk(service, visitor).get("/inbox")[0]
        print("the first inbox after the start (with what is left of reading all cases): %.2f s" % first)
        pages(service, visitor)
        print("memory: %d MiB" % memory(service), flush=True)
        beside(service, visitor)
        service.stop()


if __name__ == "__main__":
    main()
