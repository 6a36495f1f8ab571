"""How answers leave: callers that do not fetch them, and callers that asked for no body."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from gateway.edge.limits import Limits
from gateway.edge.protocol import bound
from tests.gateway.edge.wire import PATIENCE, Answer, Caller, calling, echo, get, listening, until

USUAL = Limits()
PATIENT = replace(USUAL, answer_seconds=2 * PATIENCE)
PART = b"x" * 1_000_000
PARTS = 40  # together more than the kernel keeps for both ends of a connection


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Grows whenever an answer begins to wait for its caller: a connection that waits may be gone at the next look."""
    waits, pause = list[None](), FlowControl.pause_writing

    def pausing(flow: FlowControl) -> None:
        waits.append(None)
        pause(flow)

    monkeypatch.setattr(FlowControl, "pause_writing", pausing)
    return waits


@asynccontextmanager
async def large(limits: Limits) -> AsyncIterator[tuple[int, Any]]:
    """An application whose every answer is larger than all buffers on its way."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        length = [(b"content-length", str(len(PART) * PARTS).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        for number in range(PARTS):
            await send({"type": "http.response.body", "body": PART, "more_body": number < PARTS - 1})

    async with listening(application, bound(limits, lambda _: (500, b"", {}))) as (port, running):
        yield port, running


@pytest.mark.parametrize("ahead", [1, 8, 40], ids=["one", "several", "too-many"])
async def test_a_caller_that_reads_nothing_is_cut_while_its_answer_waits(ahead: int, waited: list[None]) -> None:
    """Neither the connection nor the application's task outlasts the time for an answer, with requests ahead or not."""
    async with large(replace(USUAL, answer_seconds=0.3)) as (port, running), calling(port) as caller:
        state = running.server_state
        await caller.send(get() * ahead)
        await until(lambda: bool(waited))
        await until(lambda: not state.connections and not state.tasks)


async def test_a_caller_that_reads_a_little_at_a_time_is_cut_too(waited: list[None]) -> None:
    """Bytes fetched now and then do not stop the clock: the connection ends long before the answer does."""
    async with large(replace(USUAL, answer_seconds=0.3)) as (port, running), calling(port) as caller:
        await caller.send(get())
        await until(lambda: bool(waited))
        async with asyncio.timeout(PATIENCE):
            while running.server_state.connections:
                assert await caller.reader.read(100)
                await asyncio.sleep(0.01)


async def test_a_caller_that_keeps_reading_may_take_longer_than_the_limit() -> None:
    """The clock begins anew whenever what waited was fetched, so that a long answer arrives complete."""
    async with large(replace(USUAL, answer_seconds=1.5)) as (port, _), calling(port) as caller:
        await caller.send(get() + get())
        for _ in range(2):
            head = await caller.reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            for _ in range(PARTS):
                assert await caller.reader.readexactly(len(PART)) == PART
                await asyncio.sleep(0.03)


async def test_the_clock_stands_while_nothing_waits() -> None:
    """Between answers and while the application works, the time for fetching does not run."""
    async with echo(replace(USUAL, answer_seconds=0.1)) as (port, seen, _), calling(port) as caller:
        await caller.send(get("/held"))
        await asyncio.sleep(0.4)
        seen.gate.set()
        assert (await caller.answer()).status == 200
        await asyncio.sleep(0.4)
        await caller.send(get())
        assert (await caller.answer()).status == 200


async def test_an_empty_line_does_not_keep_an_unfetched_answer() -> None:
    """A caller that goes on with an empty line instead of a request is cut although its answer never left."""
    limits = replace(PATIENT, head_seconds=1.0)  # enough to connect, to look at the connection and to ask
    async with large(limits) as (port, running), calling(port) as caller:
        state = running.server_state
        await until(lambda: bool(state.connections))
        (connection,) = state.connections
        connection.transport.set_write_buffer_limits(high=10 * PARTS * len(PART))  # the transport takes everything
        await caller.send(get())
        await until(lambda: connection.cycle is not None and connection.cycle.response_complete)
        await caller.send(b"\r\n")
        await until(lambda: not state.connections)


async def refusal(caller: Caller, *, to_head: bool) -> Answer:
    """A refusal of the edge, after which the connection ends with nothing more said."""
    answer = await caller.answer(bodyless=to_head)
    assert (answer.headers["x-refused"], answer.headers["connection"]) == ("edge", "close")
    assert await caller.ended()
    return answer


LINE = b" / HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(LINE + b"X-A: b\r\n c\r\n\r\n", id="folded-line"),
        pytest.param(LINE + b"X-A: " + b"a" * 40_000 + b"\r\n\r\n", id="too-large"),
        pytest.param(b" /" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n", id="long-target"),
        pytest.param(LINE + b"X-A: b", id="too-slow"),
        pytest.param(b" /\xff HTTP/1.1\r\n\r\n", id="byte-beyond-ascii"),
        pytest.param(b" nonsense\r\n\r\n", id="no-target"),
        pytest.param(b" / HTTP/2.0\r\n\r\n", id="another-version"),
    ],
)
async def test_a_refused_head_is_answered_without_a_body(rest: bytes) -> None:
    """HEAD gets the header lines a GET gets, the length among them, and no byte after them (RFC 9110 9.3.2)."""
    async with echo(replace(USUAL, head_seconds=0.3)) as (port, _, _):
        async with calling(port) as one, calling(port) as two:
            await one.send(b"GET" + rest)
            await two.send(b"HEAD" + rest)
            full, bare = await refusal(one, to_head=False), await refusal(two, to_head=True)
        assert (bare.status, bare.body) == (full.status, b"")
        assert int(bare.headers["content-length"]) == len(full.body) > 0


async def test_a_refused_head_behind_another_request_is_answered_without_a_body() -> None:
    """The refusal that waits for an earlier answer goes by the method of its own request."""
    async with echo(USUAL) as (port, seen, _), calling(port) as caller:
        await caller.send(get("/held") + b"HEAD" + LINE + b"X-A: b\r\n c\r\n\r\n")
        await asyncio.sleep(0.1)
        seen.gate.set()
        assert (await caller.answer()).status == 200
        assert (await refusal(caller, to_head=True)).status == 400


@pytest.mark.parametrize("after", [b"nonsense\r\n\r\n", b"HEADS / HTTP/1.1\r\n\r\n", b"GE"])
@pytest.mark.parametrize("together", [True, False], ids=["in-one-packet", "split"])
async def test_the_head_before_does_not_take_the_body_from_a_later_refusal(after: bytes, together: bool) -> None:
    """As long as a request has not told its method, it is refused with a body."""
    async with echo(replace(USUAL, head_seconds=0.3)) as (port, _, _), calling(port) as caller:
        first = b"HEAD" + LINE + b"\r\n"
        await caller.send(first + after if together else first)
        assert (await caller.answer(bodyless=True)).status == 200
        if not together:
            await caller.send(after)
        assert (await refusal(caller, to_head=False)).document == {"code": "body_malformed"}


async def test_empty_lines_after_a_head_are_refused_with_a_body() -> None:
    """Empty lines without end belong to no request, so no method takes the body from their refusal."""
    async with echo(USUAL) as (port, _, _), calling(port) as caller:
        await caller.send(b"HEAD" + LINE + b"\r\n")
        assert (await caller.answer(bodyless=True)).status == 200
        await caller.send(b"\r\n" * 40_000)
        assert (await refusal(caller, to_head=False)).document == {"code": "body_too_large"}
