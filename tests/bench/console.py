# SPDX-License-Identifier: AGPL-3.0-or-later
"""Measures the console over many cases and prints the table that stands in the README: how long each page takes, for each role
that it is for, what memory it costs, and what people at work in it cost the callers.

    ./run bench --console [--first]                            (200,000 cases of 10 turns)
    python3 tests/bench/console.py BUILD [--first] [CASES [TURNS]]

BUILD is a release build with targets waymark, seed and bench_load. Times are of whole requests on a kept-alive connection
over loopback, so they hold the way through the server too. Where CONSOLE_DATA names a folder, what is seeded stays there and
is measured again the next time. --first: as bench.py says it.
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
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "whole"))
BUILD = pathlib.Path(sys.argv[1]).resolve()
os.environ.setdefault("WAYMARK_BIN", str(BUILD / "waymark"))

import callers  # noqa: E402
import desk  # noqa: E402
import harness  # noqa: E402
import staffroom  # noqa: E402

FIRST = "--first" in sys.argv
NUMBERS = [int(word) for word in sys.argv[2:] if word != "--first"]
CASES, TURNS = (NUMBERS + [200000, 10][len(NUMBERS):])[:2]
ROUNDS = 40
CASEWORK, SUPERVISOR, OPERATOR, KEEPER, ADMIN = "caseworker", "supervisor", "operator", "data-protection", "administrator"

# role, what, address; %s: a case, a person, a call. A dict is posted with the form's token.
PAGES = [
    (CASEWORK, "inbox", "/inbox"), (CASEWORK, "inbox, its last page", "/inbox?page={last}"),
    (CASEWORK, "inbox, filtered", "/inbox?priority=urgent&language=es"), (CASEWORK, "inbox, who waits", "/inbox?waiting=yes"),
    (CASEWORK, "inbox, closed", "/inbox?view=closed"),
    (SUPERVISOR, "inbox", "/inbox"), (SUPERVISOR, "inbox, all open", "/inbox?view=all"),
    ("safeguarding", "inbox", "/inbox"),
    (CASEWORK, "case", "/case/{case}"), (CASEWORK, "case to print", "/case/{case}/print"), (CASEWORK, "reply", "/case/{case}/reply"),
    (CASEWORK, "book a call", "/case/{case}/callback"), (CASEWORK, "hand over", "/case/{case}/hand-over"),
    (CASEWORK, "callbacks", "/callbacks"), (CASEWORK, "callbacks, page 100", "/callbacks?page=100"),
    (CASEWORK, "call sheet", "/callbacks/sheet"), (CASEWORK, "a call", "/callback/{call}"),
    (CASEWORK, "search form", "/search"), (CASEWORK, "search by reference", ("/search", {"words": "{case}"})),
    (CASEWORK, "search by number", ("/search", {"words": "+1 202 555 0101"})),
    (CASEWORK, "search by flag", ("/search", {"flag": "special-needs"})),
    (SUPERVISOR, "search by days", ("/search", {"from": "2020-01-01", "to": "2030-01-01"})),
    (SUPERVISOR, "statistics", "/statistics"), (SUPERVISOR, "statistics, all weeks", "/statistics?from=2020-01-06&to=2030-01-07"),
    (SUPERVISOR, "statistics, cases as a file", "/statistics/file/requests?from=2020-01-06"),
    (SUPERVISOR, "statistics, screens as a file", "/statistics/file/screens?from=2020-01-06"),
    (KEEPER, "consents, withdrawn", "/consents"), (KEEPER, "consents, refused", "/consents?view=refused"),
    (KEEPER, "consents, all", "/consents?view=all"), (KEEPER, "consents, older", "/consents?view=agreed&before=1000"),
    (KEEPER, "a consent", "/consents/1000"), (KEEPER, "a person's consents", "/consents/person/{person}"),
    (KEEPER, "audit", "/audit"), (KEEPER, "audit, one member", "/audit?who=ana"), (KEEPER, "audit, one case", "/audit?on={case}"),
    (KEEPER, "audit, old days", "/audit?from={old}&to={old}"), (KEEPER, "audit, who did nothing", "/audit?who=nobody"),
    (OPERATOR, "menus and health", "/menus"), (OPERATOR, "facts", "/menus/facts"), (OPERATOR, "map", "/menus/map"),
    (OPERATOR, "map, the picture", "/menus/map.svg"), (OPERATOR, "versions", "/menus/versions"), (OPERATOR, "phone", "/phone"),
    (ADMIN, "staff", "/staff"), (ADMIN, "a member", "/staff/demo"), (CASEWORK, "teams", "/teams"), (CASEWORK, "account", "/account"),
]


class Desk:
    """Somebody signed in, on one kept-alive connection."""

    def __init__(self, service, visitor):
        self.connection = http.client.HTTPConnection(*service.console)
        self.visitor = visitor
        self.headers = {"Cookie": "; ".join("%s=%s" % kv for kv in visitor.cookies.items())}
        self.csrf = visitor.get("/account").form("/sign-out")["fields"]["csrf"]

    def ask(self, path, form=None):
        body = form and urllib.parse.urlencode({**form, "csrf": self.csrf})
        more = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"} if form else {}
        began = time.perf_counter()
        self.connection.request("POST" if form else "GET", path, body, {**self.headers, **more})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, (path, answer.status)
        return time.perf_counter() - began, text


def fill(what, found, n):
    return what.format(**{name: values[n % len(values)] for name, values in found.items()})


def measure_page(desk_of, found, address):
    path, form = address if isinstance(address, tuple) else (address, None)
    took, size = [], 0
    for n in range(ROUNDS):
        seconds, text = desk_of.ask(fill(path, found, n), form and {k: fill(v, found, n) for k, v in form.items()})
        took.append(1000 * seconds)
        size = max(size, len(text))
    return sorted(took), size


def memory(service, field="VmRSS"):
    status = pathlib.Path("/proc/%d/status" % service.process.pid).read_text()
    return int(re.search(field + r":\s+(\d+)", status)[1]) / 1024


def look_up(service, desks):
    """What stands for {case} and the like."""
    people = "".join(desks[KEEPER].ask("/consents/%d" % n)[1] for n in range(1000, 1100, 5))
    listed = desks[SUPERVISOR].ask("/inbox?view=all")[1]
    calls = re.findall(r'href="/callback/(\d+)"', desks[CASEWORK].ask("/callbacks")[1])
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 80 * 86400))
    last = re.search(r"of (\d+)", desks[CASEWORK].ask("/inbox")[1])
    return {"case": re.findall(r'href="/case/(\w{6})"', listed), "call": calls, "person": re.findall(r'href="/consents/person/([^"]+)"', people), 
            "old": [day], "last": [str((int(last[1]) + 49) // 50)]}


def pages(service, desks):
    found = look_up(service, desks)
    print("| role | page | median | p95 | most | KiB | memory |\n|---|---|---|---|---|---|---|")
    for role, name, address in PAGES:
        before = memory(service, "VmHWM")
        took, size = measure_page(desks[role], found, address)
        print("| %s | %s | %.1f ms | %.1f ms | %.1f ms | %.0f | %+.1f MiB |" % (
            role, name, statistics.median(took), took[int(len(took) * 0.95)], took[-1], size / 1024,
            memory(service, "VmHWM") - before), flush=True)
    return found


def turns(service, seconds=2.5, rate=1000):
    """Offers turns at a rate; their p99 in milliseconds."""
    paths = ["", "1", "1*1", "1*1*0", "1*1*0*2", "1*1*0*2*0"]
    out = subprocess.run([BUILD / "tests/bench_load", "ussd", *map(str, service.address), "/hook/africastalking", "32", str(seconds), *paths],
                         env={**os.environ, "BENCH_RATE": str(rate)}, capture_output=True, text=True)
    return float(re.search(r"p99 ([\d.]+)", out.stdout)[1])


def office(desk_of, found, stop, pause_s=0.1):
    """Ten pages a second: what forty people ask for who each open one every four seconds."""
    n = 0
    while not stop.wait(pause_s):
        desk_of.ask("/inbox" if n % 3 == 0 else "/case/%s" % found["case"][n % len(found["case"])])
        n += 1


def beside(service, desk_of, found, rounds=11):
    """The same turns without and with people at work in the console, in turn, because machines are noisy."""
    ratios, alone, both = [], [], []
    for _ in range(rounds):
        alone.append(turns(service))
        stop = threading.Event()
        worker = threading.Thread(target=office, args=(desk_of, found, stop))
        worker.start()
        both.append(turns(service))
        stop.set()
        worker.join()
        ratios.append(both[-1] / alone[-1])
    print("\np99 of 1,000 turns a second: %.2f ms; with ten pages a second beside them: %.2f ms; ratio %.2f (medians of %d; ratios %s)" % (
        statistics.median(alone), statistics.median(both), statistics.median(ratios), rounds,
        " ".join("%.2f" % r for r in sorted(ratios))), flush=True)


def seeded(folder, aggregator):
    """A service that does not run, over the cases."""
    again = (folder / "passphrase").exists()
    if again:
        shutil.rmtree(folder / "service/config")
    service = harness.Service(folder / "service", aggregator)
    callers.demonstration(service)
    callers.settings(service, harness.TOP / "menus/main.menu", **staffroom.FAST)
    if again:
        return service
    service.start()
    (folder / "passphrase").write_text(staffroom.demo_passphrase(service))
    for name, roles in people():
        staffroom.add(service, name, roles)
    service.terminate()
    began = time.monotonic()
    subprocess.run([BUILD / "tests/seed", service.data, str(CASES), str(TURNS)], check=True, stderr=subprocess.DEVNULL)
    print("seeded %d cases, %d turns in %d s; the file has %d MiB" % (
        CASES, CASES * TURNS, time.monotonic() - began, (service.data / "waymark.db").stat().st_size >> 20), file=sys.stderr)
    return service


def people():
    return [("ana", CASEWORK), ("eva", SUPERVISOR), ("omar", "safeguarding"), ("olga", OPERATOR), ("dora", KEEPER), ("adam", ADMIN)]


def sign_in(service, name):
    """The first sign-in asks for a passphrase of one's own; a later one takes that."""
    visitor = desk.Visitor(service)
    page = staffroom.sign_in(visitor, name, staffroom.given(name))
    if "Choose a passphrase" in page.text:
        visitor.submit("/welcome/passphrase", new=staffroom.own(name), again=staffroom.own(name))
    else:
        staffroom.sign_in(visitor, name, staffroom.own(name))
    return Desk(service, visitor)


def statistics_done(service):
    """Whether all days that are over are in the statistics, which the first start after the seeding has to do."""
    return service.query("SELECT value FROM meta WHERE name = 'tallied'") == [(int((time.time() - 3600) // 86400) - 1,)]


def measure(folder):
    with harness.FakeAggregator() as aggregator:
        service = seeded(folder, aggregator)
        try:
            began = time.monotonic()
            service.start()
            print("ready after %.2f s" % (time.monotonic() - began), file=sys.stderr)
            start = memory(service)
            desks = {role: sign_in(service, name) for name, role in people()}
            print("the first inbox after the start (with what is left of reading all cases): %.2f s" % desks[CASEWORK].ask("/inbox")[0],
                  file=sys.stderr)
            harness.until(lambda: statistics_done(service), 60)
            full = memory(service)
            print("memory with the list of cases: %.0f MiB" % full, file=sys.stderr)
            found = pages(service, desks)
            print("\nmemory: %.0f MiB at the start, %.0f MiB now, %.0f MiB at most" % (start, memory(service), memory(service, "VmHWM")), flush=True)
            beside(service, desks[CASEWORK], found)
        finally:
            service.stop()


def main():
    if FIRST:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))  # what we start inherits it
    keep = os.environ.get("CONSOLE_DATA")
    folder = pathlib.Path(keep) if keep else harness.fast_folder()
    folder.mkdir(exist_ok=True)
    try:
        measure(folder)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
