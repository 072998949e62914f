#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Measures the program and prints the table that stands in the README.

usage: bench.py [--seconds S] [--rounds N] [--quick] [--first]

Machines are noisy, so every figure that matters is a ratio between two programs measured in turn in the same round: the gateway
against a bare libmicrohttpd program that only reads the same form and answers a constant, against itself without encryption, and
against itself while the aggregator that it sends to hangs. The server runs on core 0 and the load on core 1. What is printed is the
median over the rounds. It judges nothing: the aims stand beside the figures. The data lie in BENCH_TMP, or where temporary files
do; 64 callers who wait for their answers wait for that disk's sync, so where it takes long the same is measured with data in
memory too. --first gives both a real-time priority (SCHED_RR), so
that whatever else the machine does comes after them; it needs root, and the kernel still takes 50 ms of each second away.
"""
import argparse
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
PROGRAM, LOAD, BARE = BUILD / "waymark", BUILD / "tests" / "bench_load", BUILD / "tests" / "bench_bare"
SLOW_DISK = {"LD_PRELOAD": str(BUILD / "tests" / "libfault_slow.so"), "SLOW_FSYNC_MS": "4"}
UNSEALED = {"LD_PRELOAD": str(BUILD / "tests" / "libbench_unsealed.so")}
MEMORY = pathlib.Path("/dev/shm")
QUICK_SYNC_US = 100  # a disk that is as good as memory for 64 callers
PAGE_CACHE_MIB = 16  # of SQLite's; store.c
MESSAGES_DUE = 200
FORM = "sessionId=ATUid_0123456789abcdef&serviceCode=%2A384%2A123%23&phoneNumber=%2B12025550123&networkCode=99999&text=1%2A2"
# What a caller types: a language, then reading on. Each text is the whole path so far.
PATHS = ["", "1", "1*1", "1*1*0", "1*1*0*2", "1*1*0*2*0"]


def pinned(core, command):
    return ["taskset", "-c", str(core), *map(str, command)] if os.cpu_count() > 1 else list(map(str, command))


class Server:
    """A program under measurement, started on core 0; stopped when the block ends."""

    def __init__(self, command, ready, env=None):
        self.process = subprocess.Popen(pinned(0, command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        cwd=ROOT, env={**os.environ, **(env or {})})
        self.lines, self.port = [], None
        for line in self.process.stdout:
            self.lines.append(line)
            port = re.search(r"(?:127\.0\.0\.1:|port )(\d+)", line)
            self.port = self.port or (port and int(port[1]))
            if ready in line:
                return
        raise SystemExit("did not start:\n" + "".join(self.lines))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.read()
        self.process.wait(30)

    def memory_kib(self, field="VmRSS"):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(field + r":\s+(\d+)", status)[1])


def waymark(data, env=None, config=ROOT / "config/waymark.conf"):
    command = [PROGRAM, "serve", "--config", config, "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--data", data]
    return Server(command, "waymark: ready", env)


def bare():
    return Server([BARE, "0"], "port")


def load(mode, port, connections, seconds, words, rate=0):
    path = "/hook/africastalking"
    command = [LOAD, mode, "127.0.0.1", port, path, connections, seconds, *words]
    out = subprocess.run(pinned(1, command), capture_output=True, text=True, env={**os.environ, "BENCH_RATE": str(rate)})
    figures = re.match(r"(\d+) requests/s .* p99 ([\d.]+) ", out.stdout)
    if out.returncode or not figures:
        raise SystemExit(f"load failed: {out.stdout}{out.stderr}")
    return float(figures[1]), float(figures[2])


def fresh(folder=None):
    return tempfile.mkdtemp(prefix="waymark-bench-", dir=folder or os.environ.get("BENCH_TMP"))


def fsync_us():
    """What the disk itself takes for one synced write: with 64 callers in a closed loop it bounds the rate."""
    folder = pathlib.Path(fresh())
    with open(folder / "probe", "wb", buffering=0) as file:
        took = []
        for _ in range(200):
            file.write(b"x" * 4096)
            before = time.monotonic()
            os.fdatasync(file.fileno())
            took.append((time.monotonic() - before) * 1e6)
    shutil.rmtree(folder)
    return statistics.median(took)


def measure_turns(connections, seconds, env=None, rate=0, folder=None):
    data = fresh(folder)
    try:
        with waymark(data, env) as server:
            load("ussd", server.port, connections, 0.5, PATHS)
            return load("ussd", server.port, connections, seconds, PATHS, rate)
    finally:
        shutil.rmtree(data)


def measure_bare(connections, seconds):
    with bare() as server:
        load("constant", server.port, connections, 0.5, [FORM])
        return load("constant", server.port, connections, seconds, [FORM])[0]


def config_sending_to(folder, port):
    """The shipped configuration, but SMS go to this port."""
    shutil.copytree(ROOT / "config", folder, dirs_exist_ok=True)
    channel, conf = folder / "channels/africastalking-sms.channel", folder / "waymark.conf"
    channel.write_text(re.sub(r"send POST https://\S+", f"allow private\nsend POST http://127.0.0.1:{port}/send",
                              channel.read_text()))
    conf.write_text(conf.read_text() + f"\nmenus {ROOT}/menus/main.menu\nlocales {ROOT}/locales\n"
                    "secret at-key k\nsecret at-username u\n")
    return conf


def ask_by_sms(port, count):
    """Each is answered by a message that is then due."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for i in range(count):
        form = {"id": f"m{i}", "from": f"+1{200 + i // 100}55501{i % 100:02}", "to": "12345", "text": "HELP"}
        connection.request("POST", "/hook/africastalking-sms", urllib.parse.urlencode(form),
                           {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"an SMS was answered with {answer.status}")
    connection.close()


def measure_hanging(seconds):
    """p99 of turns at 10,000 a second, first with nothing to send, then with messages due to somebody who never answers."""
    data = pathlib.Path(fresh())
    try:
        with socket.create_server(("127.0.0.1", 0)) as hanging:  # the kernel takes the connections, nobody answers
            conf = config_sending_to(data / "config", hanging.getsockname()[1])
            with waymark(data / "data", config=conf) as server:
                load("ussd", server.port, 64, 1, PATHS, 10_000)
                without = load("ussd", server.port, 64, seconds, PATHS, 10_000)[1]
                ask_by_sms(server.port, MESSAGES_DUE)
                during = load("ussd", server.port, 64, seconds, PATHS, 10_000)[1]
                hanging.setblocking(False)
                hanging.accept()  # one came at least, or this raises
            if waiting(data / "data") < MESSAGES_DUE:
                raise SystemExit("the messages were not due all the time")
            return without, during
    finally:
        shutil.rmtree(data)


def waiting(data):
    with sqlite3.connect(f"file:{data}/waymark.db?mode=ro", uri=True) as db:
        return db.execute("SELECT count(*) FROM outbox WHERE state IN (0, 1, 5)").fetchone()[0]


def round_of(seconds, memory):
    """All that is compared with something else of the same round; `memory`: with data in memory as well."""
    base = measure_bare(64, seconds)
    at64, p99 = measure_turns(64, seconds)
    unsealed = measure_turns(64, seconds, UNSEALED)[0]
    at512, p512 = measure_turns(512, seconds)
    slow, pslow = measure_turns(512, seconds, SLOW_DISK, 20_000)
    without, during = measure_hanging(seconds)
    figures = {"base": base, "at64": at64, "p99": p99, "ratio": at64 / base, "unsealed": unsealed, "sealing": at64 / unsealed,
               "at512": at512, "p512": p512, "wide": at512 / at64, "slow": slow, "pslow": pslow, "without": without,
               "during": during, "hanging": during / without}
    if memory:
        quick, pquick = measure_turns(64, seconds, folder=MEMORY)
        figures |= {"quick": quick, "pquick": pquick, "quickratio": quick / base}
    return figures


def rounds_of(count, seconds, memory):
    """The medians of each figure."""
    rows = []
    for number in range(count):
        rows.append(round_of(seconds, memory))
        print(f"round {number + 1}: " + ", ".join(f"{name} {value:,.2f}" for name, value in rows[-1].items()), file=sys.stderr)
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def measure_start(turns):
    """Milliseconds from starting the process to the first answer with `turns` stored turns, and memory a live session."""
    data = fresh()
    try:
        with waymark(data) as server:
            empty = server.memory_kib()
            while stored(data) < turns:
                load("ussd", server.port, 64, 1, PATHS)
            full, sessions = server.memory_kib(), count(data, "session")
        took = []
        for _ in range(5):
            before = time.monotonic()
            with waymark(data) as server:
                load("ussd", server.port, 1, 0.001, [""])
                took.append((time.monotonic() - before) * 1000)
        return statistics.median(took), empty, full, sessions, stored(data)
    finally:
        shutil.rmtree(data)


def count(data, table):
    with sqlite3.connect(f"file:{data}/waymark.db?mode=ro", uri=True) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def stored(data):
    with sqlite3.connect(f"file:{data}/waymark.db?mode=ro", uri=True) as db:
        return db.execute("SELECT coalesce(max(id), 0) FROM turn").fetchone()[0]


def print_rounds(m, sync_us):
    print(f"""| what | measured | aim |
|---|---|---|
| fdatasync of this disk | {sync_us:,.0f} us | |
| bare libmicrohttpd program, 64 connections | {m['base']:,.0f} requests/s | |
| durable turns, 64 connections | {m['at64']:,.0f} turns/s, p99 {m['p99']:.1f} ms | p99 below 10 ms |
| ratio to the bare program | {m['ratio']:.2f} | 0.40 |""")
    if "quick" in m:
        print(f"""| the same, data in memory | {m['quick']:,.0f} turns/s, p99 {m['pquick']:.1f} ms | p99 below 10 ms |
| ratio to the bare program | {m['quickratio']:.2f} | 0.40 |""")
    print(f"""\
| durable turns, 512 connections | {m['at512']:,.0f} turns/s, p99 {m['p512']:.1f} ms | |
| ratio to 64 connections | {m['wide']:.2f} | 0.75 |
| every sync slowed to 4 ms, 20,000 turns/s offered over 512 connections | {m['slow']:,.0f} turns/s, p99 {m['pslow']:.1f} ms | \
p99 below 20 ms |
| the same program without encryption, 64 connections | {m['unsealed']:,.0f} turns/s | |
| ratio of the real one to it | {m['sealing']:.2f} | 0.90 |
| 10,000 turns/s offered, nothing to send | p99 {m['without']:.2f} ms | |
| the same while {MESSAGES_DUE} messages are due and the aggregator hangs | p99 {m['during']:.2f} ms, ratio {m['hanging']:.2f} | 1.10 |""")


def print_start():
    start, empty, full, sessions, turns = measure_start(1_000_000)
    most = 32 + sessions * 256 / 2**20
    print(f"| start to first answer with {turns:,} stored turns | {start:.0f} ms | 100 ms |")
    print(f"| memory at start | {empty / 1024:.1f} MiB | 32 MiB |")
    print(f"| memory with {sessions:,} live sessions, {PAGE_CACHE_MIB} MiB of page cache apart | "
          f"{full / 1024 - PAGE_CACHE_MIB:.1f} MiB | 32 MiB and 256 bytes a session: {most:.1f} MiB |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one short round, no long start")
    parser.add_argument("--first", action="store_true", help="before all else that the machine does")
    options = parser.parse_args()
    if options.first:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))  # what we start inherits it
    sync_us = fsync_us()
    memory = sync_us > QUICK_SYNC_US and MEMORY.is_dir()
    rounds, seconds = (1, 1) if options.quick else (options.rounds, options.seconds)
    print_rounds(rounds_of(rounds, seconds, memory), sync_us)
    if not options.quick:
        print_start()


if __name__ == "__main__":
    main()
