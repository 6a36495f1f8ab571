"""What a connection may send and how long it may take."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gateway.edge.limits import Held, Limits
from gateway.edge.protocol import bound
from tests.gateway.edge.wire import calling, chunked, codes, echo, get, listening, post, until

USUAL = Limits()
# Whoever drips bytes goes on for longer than the limits, but not for longer than the gateway reads over them.
QUICK = replace(USUAL, head_seconds=0.3, body_seconds=0.3, linger_seconds=10.0, answer_seconds=0.3)


def test_memory_is_taken_up_to_the_limit_and_given_back() -> None:
    """What does not fit is not counted; what was released can be taken again."""
    held = Held(10)
    assert held.take(7)
    assert not held.take(4)
    assert held.total == 7
    held.release(7)
    assert held.take(10)


@pytest.mark.parametrize("size", [1, 1000, 31_000])
async def test_a_head_below_the_limit_passes(size: int) -> None:
    """A long header line is served as long as the head stays within 32 KiB."""
    async with echo(USUAL) as (port, _, _), calling(port) as caller:
        await caller.send(get("/", "X-A: " + "a" * size))
        assert (await caller.answer()).status == 200


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["X-A: " + "a" * 33_000], id="one-long-line"),
        pytest.param(["X-A: " + "a" * 1_000_000], id="one-very-long-line"),
        pytest.param([f"X-{n}: b" for n in range(100)], id="many-lines"),
        pytest.param([f"X-{n}: b" for n in range(100_000)], id="very-many-lines"),
        pytest.param([f"X-{n}: " + "a" * 1000 for n in range(40)], id="much-together"),
    ],
)
async def test_a_head_above_a_limit_is_refused_and_the_connection_ends(lines: list[str]) -> None:
    """One long line, many lines or many bytes together end in one refusal; the application sees nothing."""
    async with echo(USUAL) as (port, seen, _), calling(port) as caller:
        await caller.send(get("/", *lines))
        answer = await caller.answer()
        assert (answer.status, answer.headers["x-refused"]) == (413, "edge")
        assert answer.headers["connection"] == "close"
        assert await caller.ended()
        assert seen.requests == []


async def test_a_long_target_is_refused() -> None:
    """The target counts as part of the head."""
    async with echo(USUAL) as (port, seen, _), calling(port) as caller:
        await caller.send(get("/" + "a" * 40_000))
        assert (await caller.answer()).status == 413
        assert seen.requests == []


async def test_a_header_that_never_ends_is_refused_before_it_is_complete() -> None:
    """The line is given up after its limit, however long the caller goes on."""
    async with echo(USUAL) as (port, _, _), calling(port) as caller:
        await caller.send(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ")
        for _ in range(8):
            await caller.send(b"a" * 10_000)
            await asyncio.sleep(0)
        assert (await caller.answer()).status == 413


async def test_empty_lines_without_end_are_refused() -> None:
    """The empty lines allowed before a request are allowed in number, too."""
    async with echo(USUAL) as (port, _, _), calling(port) as caller:
        await caller.send(b"\r\n" * 100_000)
        assert (await caller.answer()).status == 413


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(chunked(b"abc", "".join(f"T-{n}: v\r\n" for n in range(200))), id="many-trailers"),
        pytest.param(chunked(b"abc", "T: " + "v" * 40_000 + "\r\n"), id="long-trailer"),
        pytest.param(chunked(b"abc", extension=";e=" + "v" * 500_000), id="long-extension"),
    ],
)
async def test_framing_above_a_limit_is_refused(sent: bytes) -> None:
    """Trailers and chunk extensions are bounded as headers are; the application gets the refusal."""
    async with echo(USUAL) as (port, seen, _), calling(port) as caller:
        await caller.send(sent)
        answer = await caller.answer()
        assert (answer.document, answer.headers["connection"]) == ({"code": "body_too_large"}, "close")
        assert await caller.ended()
        assert codes(seen) == ["body_too_large"]


async def test_a_large_body_in_small_chunks_passes() -> None:
    """A body sent in chunks of some bytes is not mistaken for framing without end."""
    body = b"10\r\n0123456789abcdef\r\n" * 10_000
    async with echo(USUAL) as (port, _, _), calling(port) as caller:
        await caller.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n")
        assert (await caller.answer()).document["length"] == 160_000


async def test_a_connection_that_says_nothing_is_ended() -> None:
    """Without a first byte the connection is closed without a word."""
    async with echo(QUICK) as (port, seen, _), calling(port) as caller:
        assert await caller.ended()
        assert seen.refused == []


@pytest.mark.parametrize("before", [b"", get("/"), b"\r\n"], ids=["first", "second", "after-an-empty-line"])
async def test_a_head_that_comes_too_slowly_is_refused(before: bytes) -> None:
    """A byte now and then does not keep the head's clock from running out, at the first request or a later one."""
    async with echo(QUICK) as (port, seen, _), calling(port) as caller:
        await caller.send(before)
        if before.strip():
            assert (await caller.answer()).status == 200
        for byte in b"GET / HTTP/1.1\r\nX-Slow: " + b"a" * 40:
            await caller.send(bytes([byte]))
            await asyncio.sleep(0.02)
        answer = await caller.answer()
        assert (answer.status, answer.document["code"]) == (400, "body_malformed")
        assert await caller.ended()
        assert len(seen.requests) == (1 if before.strip() else 0)


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
async def test_a_body_that_comes_too_slowly_is_refused(framing: str) -> None:
    """The application that waits for the rest of the body gets the refusal and answers it; the connection ends."""
    async with echo(QUICK) as (port, seen, _), calling(port) as caller:
        await caller.send(f"POST / HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n".encode())
        for _ in range(30):
            await caller.send(b"1\r\na\r\n" if "chunked" in framing else b"a")
            await asyncio.sleep(0.02)
        answer = await caller.answer()
        assert (answer.status, answer.headers["connection"]) == (400, "close")
        assert await caller.ended()
        assert codes(seen) == ["body_malformed"]


async def test_an_answered_request_whose_body_never_ends_is_cut() -> None:
    """Who has its answer and still owes the body is told nothing more."""
    async with echo(QUICK) as (port, seen, _), calling(port) as caller:
        await caller.send(b"POST /deaf HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc")
        assert (await caller.answer()).status == 200
        assert await caller.ended()
        assert seen.refused == []


async def test_the_clock_stands_while_a_request_waits_for_an_earlier_one() -> None:
    """A second request whose body the gateway is not reading yet is not blamed for that."""
    async with echo(QUICK) as (port, seen, _), calling(port) as caller:
        await caller.send(get("/held") + b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
        await asyncio.sleep(1)
        seen.gate.set()
        assert (await caller.answer()).document["path"] == "/held"
        await caller.send(b"def")
        assert (await caller.answer()).document == {"path": "/", "length": 6}


async def test_a_time_without_a_request_ends_the_connection_later_than_a_slow_head() -> None:
    """Between requests the keep-alive time counts, not the head's."""
    async with echo(QUICK) as (port, _, _), calling(port) as caller:
        for _ in range(2):
            await caller.send(get("/"))
            assert (await caller.answer()).status == 200
            await asyncio.sleep(0.6)


async def test_connections_over_the_limit_are_told_and_ended() -> None:
    """The open ones keep working, the next one is told `overloaded`, and a place that gets free is taken again."""
    async with echo(replace(QUICK, head_seconds=20, connections=2, told=1)) as (port, seen, running):
        async with calling(port) as one, calling(port) as two:
            await one.send(get("/"))
            await two.send(get("/"))
            assert [(await caller.answer()).status for caller in (one, two)] == [200, 200]
            async with calling(port) as three:
                assert (await three.answer()).document == {"code": "overloaded"}
                async with calling(port) as four:
                    assert await four.ended()
                assert await three.ended()
            await one.send(get("/"))
            assert (await one.answer()).status == 200
        await until(lambda: not running.server_state.connections)
        async with calling(port) as five:
            await five.send(get("/"))
            assert (await five.answer()).status == 200
        assert codes(seen) == ["overloaded"]


async def test_bodies_over_the_memory_limit_are_refused_and_small_ones_are_not() -> None:
    """Large bodies stop where memory ends; an ordinary body is still taken, and the memory comes back."""
    tight = replace(USUAL, held_bytes=100_000, free_bytes=1_000, linger_seconds=0.2)
    half = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n" + b"a" * 80_000
    async with echo(tight) as (port, seen, running):
        async with calling(port) as one:
            await one.send(half)
            await until(lambda: [one.held.total for one in running.server_state.connections] == [79_000])
            async with calling(port) as two, calling(port) as small:
                await two.send(half)
                assert (await two.answer()).document == {"code": "overloaded"}
                await small.send(post(b"a" * 900))
                assert (await small.answer()).document["length"] == 900
            await one.send(b"a" * 10_000)
            assert (await one.answer()).document["length"] == 90_000
        async with calling(port) as three:
            await three.send(half + b"a" * 10_000)
            assert (await three.answer()).document["length"] == 90_000
        assert codes(seen) == ["overloaded"]


async def test_the_memory_of_a_caller_that_leaves_comes_back() -> None:
    """A body cut off by its caller is not counted for ever, be it read, waiting or behind another request."""
    tight = replace(USUAL, held_bytes=100_000, free_bytes=0)
    half = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n" + b"a" * 80_000
    async with echo(tight) as (port, seen, running):
        for before in (b"", get("/held")):
            for _ in range(3):
                async with calling(port) as leaver:
                    await leaver.send(before + half)
                    await asyncio.sleep(0.05)
            seen.gate.set()
            await until(lambda: not running.server_state.connections and not running.server_state.tasks)
        async with calling(port) as other:
            await other.send(half + b"a" * 10_000)
            assert (await other.answer()).document["length"] == 90_000
        assert codes(seen) == []


async def test_an_answer_nobody_fetches_is_dropped() -> None:
    """A caller that asks to close and reads nothing does not keep its connection for ever."""
    large, begun = b"x" * 20_000_000, list[float]()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        begun.append(asyncio.get_running_loop().time())
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"20000000")]})
        await send({"type": "http.response.body", "body": large})

    edge = bound(QUICK, lambda _: (500, b"", {}))
    async with listening(application, edge) as (port, running), calling(port) as caller:
        await caller.send(get("/", "Connection: close"))
        await until(lambda: bool(begun))
        await until(lambda: not running.server_state.connections)
        assert asyncio.get_running_loop().time() - begun[0] >= QUICK.answer_seconds


async def test_a_refused_caller_is_read_over_for_a_while_and_then_cut() -> None:
    """What is still under way when a refusal leaves does not reset the connection; but nobody may stay for that."""
    async with echo(replace(USUAL, linger_seconds=0.4)) as (port, _, running), calling(port) as caller:
        began = asyncio.get_running_loop().time()
        await caller.send(b"nonsense\r\n\r\n")
        await caller.send(b"x" * 500_000)
        assert (await caller.answer()).status == 400
        await until(lambda: not running.server_state.connections)
        assert asyncio.get_running_loop().time() - began >= 0.4
