#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Measures the program and prints the table that stands in the README.

usage: bench.py [--seconds S] [--rounds N] [--quick]

Machines are noisy, so every figure that matters is a ratio between two programs measured in turn in the same round: the gateway
against a bare libmicrohttpd program that only reads the same form and answers a constant. The server runs on core 0 and the load
on core 1. What is printed is the median over the rounds. It judges nothing: the targets stand beside the figures.
"""
import argparse
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
PROGRAM, LOAD, BARE = BUILD / "waymark", BUILD / "tests" / "bench_load", BUILD / "tests" / "bench_bare"
SLOW_VFS = BUILD / "tests" / "libfault_slow.so"
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


def waymark(data, env=None):
    command = [PROGRAM, "serve", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--data", data]
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


def fresh():
    return tempfile.mkdtemp(prefix="waymark-bench-", dir=os.environ.get("BENCH_TMP"))


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


def measure_turns(connections, seconds, env=None, rate=0):
    data = fresh()
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


def rounds_of(count, seconds):
    """One row a round: bare and gateway at 64 connections, gateway at 512, gateway with a slow disk."""
    rows = []
    for number in range(count):
        base = measure_bare(64, seconds)
        at64, p99 = measure_turns(64, seconds)
        at512, p512 = measure_turns(512, seconds)
        slow, pslow = measure_turns(512, seconds, {"LD_PRELOAD": str(SLOW_VFS), "SLOW_FSYNC_MS": "4"}, 20_000)
        rows.append((base, at64, p99, at512, p512, slow, pslow))
        print(f"round {number + 1}: bare {base:,.0f}/s, turns {at64:,.0f}/s (ratio {at64 / base:.2f}, p99 {p99} ms), "
              f"512 connections {at512:,.0f}/s (p99 {p512} ms), fsync 4 ms {slow:,.0f}/s (p99 {pslow} ms)", file=sys.stderr)
    return rows


def measure_start(turns):
    """Milliseconds from starting the process to the first answer with `turns` stored turns, and memory a live session."""
    data = fresh()
    try:
        with waymark(data) as server:
            empty = server.memory_kib()
            while stored(data) < turns:
                load("ussd", server.port, 64, 5, PATHS)
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one short round, no long start")
    options = parser.parse_args()
    rows = rounds_of(1 if options.quick else options.rounds, 1 if options.quick else options.seconds)
    median = [statistics.median(column) for column in zip(*rows)]
    ratio = statistics.median(r[1] / r[0] for r in rows)
    wide = statistics.median(r[3] / r[1] for r in rows)
    base, at64, p99, at512, p512, slow, pslow = median
    print("| what | measured | target |\n|---|---|---|")
    print(f"| fdatasync of this disk | {fsync_us():,.0f} us | |")
    print(f"| bare libmicrohttpd program, 64 connections | {base:,.0f} requests/s | |")
    print(f"| durable turns, 64 connections | {at64:,.0f} turns/s, p99 {p99:.1f} ms | p99 below 10 ms |")
    print(f"| ratio to the bare program | {ratio:.2f} | 0.40 |")
    print(f"| durable turns, 512 connections | {at512:,.0f} turns/s, p99 {p512:.1f} ms | |")
    print(f"| ratio to 64 connections | {wide:.2f} | 0.75 |")
    print(f"| fsync slowed to 4 ms, 20,000 turns/s offered over 512 connections | {slow:,.0f} turns/s, p99 {pslow:.1f} ms |"
          " 20,000 turns/s, p99 below 20 ms |")
    if options.quick:
        return
    start, empty, full, sessions, turns = measure_start(1_000_000)
    print(f"| start to first answer with {turns:,} stored turns | {start:.0f} ms | 100 ms |")
    print(f"| memory at start | {empty / 1024:.1f} MiB | 32 MiB |")
    print(f"| memory after them, {sessions:,} live sessions, page cache of 64 MiB included | {full / 1024:.1f} MiB | |")


if __name__ == "__main__":
    main()
