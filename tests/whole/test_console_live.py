# SPDX-License-Identifier: AGPL-3.0-or-later
"""News for an open list: a stream of server-sent events that is held open, resumed by its id, and what a browser makes of it."""
import re
import socket
import threading

import pytest

import browser
import callers
import harness
import people
import staffroom

@pytest.fixture(scope="module")
def service(module_folder, aggregators):
    with staffroom.office(module_folder, aggregators, stream_comment="1 second") as made:
        yield made


def drawn(visitor):
    return int(re.search(r'data-change="(\d+)"', visitor.get("/inbox").body)[1])


class Stream:
    """One request for /events; what comes is read block by block (an event or a comment each), as it comes."""

    def __init__(self, visitor, query, last=None, method="GET"):
        self.socket = socket.create_connection(visitor.address, harness.PATIENCE_S)
        lines = ["%s /events?%s HTTP/1.1" % (method, query), "Host: " + visitor.host,
                 "Cookie: " + "; ".join("%s=%s" % kv for kv in visitor.cookies.items())]
        lines += ["Last-Event-ID: %d" % last] if last else []
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.raw, self.text, self.ended = b"", "", False
        while b"\r\n\r\n" not in self.raw:
            self.more()
        head, self.raw = self.raw.split(b"\r\n\r\n", 1)
        self.status, self.head = int(head.split()[1]), head.decode().lower()
        self.chunks()

    def more(self):
        part = self.socket.recv(65536)
        self.ended = self.ended or not part
        self.raw += part

    def chunks(self):
        """Takes whole chunks out of what came (RFC 9112, section 7.1); an answer with a length is no stream."""
        length = re.search(r"content-length: (\d+)", self.head)
        if length:
            self.text, self.ended = self.raw.decode(), self.ended or len(self.raw) >= int(length[1])
        while not length:
            size, mark, rest = self.raw.partition(b"\r\n")
            if not mark or len(rest) < int(size, 16) + 2:
                return
            self.text += rest[:int(size, 16)].decode()
            self.raw = rest[int(size, 16) + 2:]
            self.ended = self.ended or int(size, 16) == 0

    def block(self):
        """The next event or comment; None: the stream is over."""
        while "\n\n" not in self.text and not self.ended:
            self.more()
            self.chunks()
        if "\n\n" not in self.text:
            return None
        block, self.text = self.text.split("\n\n", 1)
        return block

    def event(self):
        """The next event, as (id, data); None: the stream is over."""
        for _ in range(harness.PATIENCE_S):
            block = self.block()
            found = block is not None and re.fullmatch(r"id: (\d+)\nevent: news\ndata: (\d+)", block)
            if block is None or found:
                return found and (int(found[1]), int(found[2]))
            assert block.startswith((":", "retry:")), block
        raise AssertionError("no news among many comments")

    def over(self):
        """Whether it ends before many a comment has come."""
        return any(self.block() is None for _ in range(harness.PATIENCE_S))

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def test_a_stream_is_held_and_tells_of_one_thing_after_the_other(service, ana):
    people.asks(service, 0)
    since = drawn(ana)
    with Stream(ana, "since=%d" % since) as stream:
        assert stream.status == 200 and "content-type: text/event-stream" in stream.head
        assert stream.block().startswith("retry: 1000"), "what is there comes at once"
        _, reference = people.asks(service, 1)
        first, count = stream.event()
        assert count == 1 and first > since and reference not in stream.text
        people.asks(service, 2)
        second, count = stream.event()
        assert count == 2 and second > first, "on the same stream, since the list was drawn"
    with Stream(ana, "since=%d" % since, last=second) as again:
        people.asks(service, 3)
        third, count = again.event()
        assert count == 3 and third > second, "resumed after the last: nothing is told twice"
    with Stream(ana, "since=%d" % since, last=first) as again:
        assert again.event() == (third, 3), "what came meanwhile is told at once"


def test_while_nothing_happens_comments_say_that_it_is_still_there(ana):
    with Stream(ana, "since=%d" % drawn(ana)) as stream:
        assert stream.block().startswith("retry:")
        assert [stream.block(), stream.block()] == [": still here"] * 2


def test_what_is_not_ones_own_is_no_news(service, ana):
    since = drawn(ana)
    with Stream(ana, "since=%d" % since) as stream:
        people.asks(service, 4, age="2")  # safeguarding's
        people.asks(service, 5)
        assert stream.event()[1] == 1
    with Stream(ana, "since=%d&language=es" % since) as stream:
        people.asks(service, 6, language="2")
        assert stream.event()[1] == 1, "as the list is filtered"


@pytest.mark.parametrize("way", ["sign-out", "hide", "disable", "roles"])
def test_a_stream_ends_with_its_session(service, way):
    name = "bo" + way.replace("-", "")
    visitor = staffroom.member(service, name, "caseworker")
    other = staffroom.demo(service)
    with Stream(visitor, "since=0") as stream, Stream(other, "since=0") as stays:
        if way in ("sign-out", "hide"):
            visitor.get("/account")
            visitor.submit("/" + way)
        else:
            words = ("disable", name) if way == "disable" else ("role", name, "--role", "supervisor")
            code, _, error = callers.command(service, "user", *words)
            assert code == 0, error
        assert stream.over()
        assert any(stays.block() == ": still here" for _ in range(harness.PATIENCE_S)), "the other goes on"
    assert visitor.ask("GET", "/events?since=0").status == 303


def test_a_member_has_four_streams_and_pages_go_on(service, ana):
    since = drawn(ana)
    streams = [Stream(ana, "since=%d" % since) for _ in range(4)]
    fifth = ana.ask("GET", "/events?since=%d" % since)
    assert fifth.status == 200 and fifth.body.startswith("retry: 60000\n"), "one look, and again in a minute"
    with Stream(staffroom.demo(service), "since=%d" % since) as other:
        assert other.block().startswith("retry: 1000"), "somebody else has their own"
    assert ana.get("/inbox").status == 200
    people.asks(service, 7)
    assert all(stream.event()[1] == 1 for stream in streams), "one change wakes all"
    for stream in streams:
        stream.close()

    def again():
        with Stream(ana, "since=%d" % since) as stream:
            return "retry: 1000" in stream.block()
    assert harness.until(again), "who left is noticed, and makes room"
    with Stream(ana, "since=0", method="HEAD") as head:
        assert head.status == 200


def test_streams_take_no_threads_and_no_files_of_their_own(service, ana):
    def threads():
        return int(re.search(r"Threads:\s+(\d+)", open("/proc/%d/status" % service.process.pid).read())[1])
    staff = [staffroom.member(service, "crew%d" % n, "caseworker") for n in range(5)]
    before, files = threads(), callers.descriptors(service)
    streams = [Stream(visitor, "since=0") for visitor in staff for _ in range(4)]
    assert all(stream.block() for stream in streams)
    assert threads() == before and callers.descriptors(service) <= files + len(streams) + 1
    for stream in streams:
        stream.close()


def test_news_come_also_while_the_clock_is_set_back(folder, aggregator):
    options, clock = callers.moved_clock(folder)
    if not options:
        pytest.skip("the clock that can be set was not built")
    clock.write_text("7200")
    with callers.running(folder, aggregator, menus=None, conf=staffroom.FAST, **options) as service:
        visitor = staffroom.demo(service)
        with Stream(visitor, "since=%d" % drawn(visitor)) as stream:
            assert stream.block().startswith("retry:")
            clock.write_text("0")
            people.asks(service, 0)
            assert stream.event()[1] == 1


def test_what_is_opened_is_written_down_also_once_the_clock_is_set_back(folder, aggregator):
    options, clock = callers.moved_clock(folder)
    if not options:
        pytest.skip("the clock that can be set was not built")
    clock.write_text("7200")
    with callers.running(folder, aggregator, menus=None, conf=staffroom.FAST, **options) as service:
        _, reference = people.asks(service, 0)
        visitor = staffroom.demo(service)
        opened = lambda: service.query("SELECT count(*) FROM audit WHERE action = 'opened' AND object = ?", "case " + reference)[0][0]
        for expected, time in ((1, "7200"), (1, "7260"), (2, "0"), (2, "60")):
            clock.write_text(time)
            assert visitor.get("/case/" + reference).status == 200 and opened() == expected, time


def test_a_stopping_service_ends_streams_and_does_not_wait(folder, aggregator):
    with staffroom.office(folder, aggregator) as service:
        visitor = staffroom.demo(service)
        with Stream(visitor, "since=%d" % drawn(visitor)) as stream:
            ended = []
            waits = threading.Thread(target=lambda: ended.append(stream.over()))
            waits.start()
            assert service.terminate() == 0
            waits.join(harness.PATIENCE_S)
            assert ended == [True]


def test_a_list_in_a_browser_tells_what_is_new_and_does_not_move(service):
    with browser.Browser() as b:
        base = "http://%s:%d" % service.console
        b.sign_in(base, "demo", staffroom.demo_passphrase(service))
        b.wait(lambda: b.all("#cases"))
        before = [row.text for row in b.all("#cases tbody th")]
        people.asks(service, 8)
        b.wait(lambda: b.one("#news").is_displayed() and b.text("#news") == "1 new - show")
        people.asks(service, 9)
        b.wait(lambda: b.text("#news") == "2 new - show")
        assert [row.text for row in b.all("#cases tbody th")] == before
        b.one("#news a").click()
        b.wait(lambda: len(b.all("#cases tbody th")) == len(before) + 2)
        # single letters act where the list has the focus, and nowhere else
        b.one("#cases tbody th a").send_keys("j")
        b.wait(lambda: b.driver.switch_to.active_element == b.all("#cases tbody th a")[1])
        b.driver.switch_to.active_element.send_keys("k")
        b.wait(lambda: b.driver.switch_to.active_element == b.all("#cases tbody th a")[0])
        b.one("body").send_keys("c")
        assert b.driver.current_url.endswith("/inbox") or "/inbox?" in b.driver.current_url
        # signed out elsewhere: the page goes
        b.driver.execute_script("fetch('/sign-out', {method: 'POST', body: new URLSearchParams({csrf: document.querySelector('[name=csrf]').value})})")
        b.wait(lambda: "Sign in" in b.text("h1"))
