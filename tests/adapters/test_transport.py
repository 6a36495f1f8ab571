"""The transport over real sockets, against a server that can break an answer in every way."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from adapters.contract import AdapterError, Fault
from adapters.transport import Call, Reply, Transport, jitter, media_type
from tests.adapters.builders import Clock, Recorder, settings
from tests.adapters.raw_server import RawServer, Script, Turn, answer, header, serving
from tests.helpers.ports import held_port

XML = frozenset({"text/xml"})
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
PATIENT = 30.0  # seconds: a deadline that is not to pass, however busy the machine is
GUARD = 60.0  # seconds: only a transport that ignores its deadline gets here


@asynccontextmanager
async def reached(script: Script, **changes: Any) -> AsyncIterator[tuple[Transport, RawServer, Recorder]]:
    """A transport without pauses and the server it reaches."""
    seen = Recorder()
    options = {name: changes.pop(name) for name in ("clock", "pause", "sleep") if name in changes}
    options.setdefault("pause", lambda _: 0.0)
    async with serving(script) as server:
        transport = Transport(settings(**changes), observe=seen, **options)
        try:
            yield transport, server, seen
        finally:
            await transport.close()


async def post(transport: Transport, url: str, *, deadline: float = PATIENT, **changes: Any) -> Reply:
    arguments: dict[str, Any] = {
        "headers": {"Content-Type": "application/xml"},
        "content": b"<q/>",
        "idempotent": True,
        "accept": XML,
        "operation": "lookup",
    }
    async with asyncio.timeout(GUARD):
        return await transport.request("POST", url, deadline=deadline, **(arguments | changes))


async def failure(transport: Transport, url: str, **changes: Any) -> AdapterError:
    with pytest.raises(AdapterError) as raised:
        await post(transport, url, **changes)
    return raised.value


async def asked(server: RawServer, times: int = 1) -> None:
    async with asyncio.timeout(GUARD):
        while len(server.turns) < times:  # noqa: ASYNC110  # the server is not told who waits for it
            await asyncio.sleep(0.01)


def sends(data: bytes, *, close: bool = False) -> Script:
    async def script(turn: Turn) -> None:
        await turn.send(data)
        if close:
            turn.writer.close()

    return script


async def hang(turn: Turn) -> None:
    await asyncio.sleep(GUARD)


def busy_after(release: asyncio.Event) -> Script:
    """Hangs until it is released, and says then that it is busy."""

    async def script(turn: Turn) -> None:
        await release.wait()
        await turn.send(answer(status="503 Busy"))

    return script


async def hang_mid_body(turn: Turn) -> None:
    await turn.send(answer(b"x" * 5000)[:2000])
    await asyncio.sleep(GUARD)


async def drip(turn: Turn) -> None:
    for byte in answer(b"x" * 5000):
        await turn.send(bytes([byte]))
        await asyncio.sleep(0.01)


async def reset(turn: Turn) -> None:
    turn.reset()


async def reset_mid_body(turn: Turn) -> None:
    await turn.send(answer(b"x" * 5000)[:2000])
    await asyncio.sleep(0.02)
    turn.reset()


async def endless(turn: Turn) -> None:
    await turn.send(CHUNKED)
    while True:
        await turn.send(b"1000\r\n" + b"x" * 4096 + b"\r\n")


async def continues(turn: Turn) -> None:
    while True:
        await turn.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0.001)


LOST = (Fault.UNAVAILABLE, "connection_lost", True)
BROKEN = (Fault.GARBLED, "malformed_http", False)
LATE = (Fault.TIMED_OUT, "deadline_passed", False)
OVERSIZED = (Fault.GARBLED, "body_oversized", False)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (reset, LOST),
        (sends(b"", close=True), LOST),
        (reset_mid_body, LOST),
        (sends(answer(b"x" * 500)[:300], close=True), LOST),
        (sends(CHUNKED + b"10\r\nabc", close=True), LOST),
        (hang, LATE),
        (hang_mid_body, LATE),
        (drip, LATE),
        (continues, LATE),
        (sends(answer(b"x" * 100_001)), OVERSIZED),
        (endless, OVERSIZED),
        (sends(CHUNKED + b"ZZZ\r\nabc\r\n0\r\n\r\n"), BROKEN),
        (sends(b"HELLO\r\n\r\n", close=True), BROKEN),
        (sends(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n"), BROKEN),
        (sends(b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 50_000 + b"\r\n"), BROKEN),
        (sends(answer(extra="Content-Length: 9\r\n")), BROKEN),
        (sends(answer(extra="Transfer-Encoding: chunked\r\n")), BROKEN),
        (sends(answer(extra="Content-Encoding: gzip\r\n")), (Fault.GARBLED, "body_encoded", False)),
        (sends(answer(content_type="text/html")), (Fault.GARBLED, "wrong_content_type", False)),
        (
            sends(answer(status="302 Found", extra="Location: /x\r\n")),
            (Fault.GARBLED, "unexpected_redirect", False),
        ),
        (sends(answer(status="401 Unauthorized")), (Fault.REFUSED, "http_401", False)),
        (sends(answer(status="503 Busy")), (Fault.UNAVAILABLE, "http_503", True)),
    ],
    ids=range(22),
)
async def test_faults(script: Script, expected: tuple[Fault, str, bool]) -> None:
    """Each way an answer can go wrong has its fault and reason, inside the deadline."""
    async with reached(script) as (transport, server, seen):
        error = await failure(transport, server.url, deadline=0.5 if expected is LATE else PATIENT)
        assert (error.fault, error.reason, error.retryable) == expected
        assert error.__cause__ is None
        assert seen.calls == [("population", "lookup", expected[0].value)]


async def test_an_answer() -> None:
    """A good answer arrives with status, media type, charset and body."""
    async with reached(sends(answer(content_type='Text/XML; charset="UTF-8"'))) as (transport, server, seen):
        assert await post(transport, server.url) == Reply(200, "text/xml", "utf-8", b"<a/>")
        assert seen.calls == [("population", "lookup", "ok")]


async def test_a_body_of_exactly_the_limit() -> None:
    """The size limit itself is allowed."""
    async with reached(sends(answer(b"x" * 100_000))) as (transport, server, _):
        assert len((await post(transport, server.url)).body) == 100_000


async def test_what_is_sent() -> None:
    """Compression is never asked for, the address with its query and the body arrive unchanged."""
    async with reached(sends(answer())) as (transport, server, _):
        await post(transport, server.url, headers={"Accept-Encoding": "gzip", "X-A": "b"})
        await transport.request(
            "GET",
            f"{server.url}?msdn=0100109106",
            headers={},
            deadline=PATIENT,
            idempotent=True,
            accept=XML,
            operation="lookup",
        )
    first, second = server.turns
    assert (first.body, header(first.head, "accept-encoding"), header(first.head, "x-a")) == (
        b"<q/>",
        "identity",
        "b",
    )
    assert second.head.startswith("GET /dan-cu?msdn=0100109106 HTTP/1.1\r\n")


async def test_connections_are_reused_and_cookies_are_not_kept() -> None:
    """Two calls share a connection, and what a cookie said is forgotten."""
    async with reached(sends(answer(extra="Set-Cookie: a=b; Path=/\r\n"))) as (transport, server, _):
        # by name: a cookie of a bare address would not be kept anyway
        for _ in range(2):
            await post(transport, server.url.replace("127.0.0.1", "localhost"))
    assert server.connections == 1
    assert [header(turn.head, "cookie") for turn in server.turns] == [None, None]


async def test_an_answer_nobody_asked_for_is_not_delivered() -> None:
    """A second answer smuggled behind the first is never taken for the answer to the next question."""
    smuggled = answer() + answer(b"<other-person/>")
    async with reached(sends(smuggled)) as (transport, server, _):
        assert [(await post(transport, server.url)).body for _ in range(3)] == [b"<a/>"] * 3
        assert server.connections == 3


@pytest.mark.parametrize(
    ("script", "deadline"), [(sends(answer(b"x" * 100_001)), PATIENT), (endless, PATIENT), (hang_mid_body, 2.0)]
)
async def test_a_refused_body_closes_its_connection(script: Script, deadline: float) -> None:
    """What is left of an answer that was given up is not read: the server's next write meets a closed connection."""
    async with reached(script) as (transport, server, _):
        await failure(transport, server.url, deadline=deadline)
        peer = server.turns[0].writer
        async with asyncio.timeout(GUARD):
            while not peer.is_closing():
                peer.write(b"x")
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:{port}/", (Fault.UNAVAILABLE, "connect_failed")),
        ("http://population.invalid/", (Fault.UNAVAILABLE, "name_unresolved")),
        ("ftp://127.0.0.1/", (Fault.REFUSED, "url_invalid")),
        ("http://", (Fault.REFUSED, "url_invalid")),
        ("http://127.0.0.1:99999/", (Fault.REFUSED, "url_invalid")),
        ("http://[::1/", (Fault.REFUSED, "url_invalid")),
    ],
)
async def test_addresses(url: str, expected: tuple[Fault, str]) -> None:
    """An address nobody listens on, that has no host or is no address has its own reason."""
    transport = Transport(settings(), observe=Recorder())
    with held_port() as port:
        error = await failure(transport, url.format(port=port))
    await transport.close()
    assert (error.fault, error.reason) == expected


def failing_until(good: int, status: str = "503 Busy") -> Script:
    async def script(turn: Turn) -> None:
        await turn.send(answer() if turn.number >= good else answer(status=status))

    return script


async def test_retries_until_it_works() -> None:
    """A retryable fault leads to another try, made anew, and one answer."""
    async with reached(failing_until(3), attempts=3) as (transport, server, seen):
        result = await transport.exchange(
            lambda attempt: Call("POST", server.url, {"x-try": str(attempt)}, b"<q/>"),
            lambda reply: reply.body,
            deadline=PATIENT,
            idempotent=True,
            accept=XML,
            operation="lookup",
        )
        assert (result, seen.retries, seen.calls) == (b"<a/>", 2, [("population", "lookup", "ok")])
        assert [header(turn.head, "x-try") for turn in server.turns] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("script", "changes", "tries"),
    [
        (failing_until(9), {}, 3),
        (failing_until(9), {"idempotent": False}, 1),
        (failing_until(9, "401 No"), {}, 1),
        (failing_until(9, "302 Found"), {}, 1),
        (failing_until(9, "429 Slow down"), {}, 1),
        (sends(answer(content_type="text/html")), {}, 1),
        (reset, {}, 3),
    ],
)
async def test_how_often(script: Script, changes: dict[str, Any], tries: int) -> None:
    """Refused and garbled answers are final; an unavailable source is tried again if the call may be repeated."""
    async with reached(script, attempts=3) as (transport, server, _):
        await failure(transport, server.url, **changes)
        assert len(server.turns) == tries


async def test_what_read_raises_counts() -> None:
    """A fault found in the body is tried again when it says so, and counts for the breaker."""

    def read(reply: Reply) -> None:
        raise AdapterError(Fault.UNAVAILABLE, "soap_fault_server", retryable=True)

    async with reached(sends(answer()), attempts=2, breaker_failures=2) as (transport, server, seen):
        with pytest.raises(AdapterError, match="soap_fault_server"):
            await transport.exchange(
                lambda _: Call("POST", server.url, {}),
                read,
                deadline=PATIENT,
                idempotent=True,
                accept=XML,
                operation="lookup",
            )
        assert (len(server.turns), seen.states) == (2, ["open"])


async def test_statuses_for_the_adapter() -> None:
    """A status the adapter asks for comes back, unless its content is none the adapter reads."""
    async with reached(failing_until(9, "500 Error")) as (transport, server, _):
        assert (await post(transport, server.url, statuses={200, 500})).status == 500
        error = await failure(transport, server.url, statuses={200, 500}, accept={"application/json"})
        assert (error.fault, error.reason) == (Fault.UNAVAILABLE, "http_500")


async def test_the_deadline_covers_all_tries() -> None:
    """Tries and pauses together end at the deadline; the last real fault is told when no time is left to try."""
    async with reached(failing_until(999), attempts=1000, pause=lambda _: 3.0) as (transport, server, _):
        error = await failure(transport, server.url, deadline=5)
        assert (error.fault, error.reason) == (Fault.UNAVAILABLE, "http_503")
        assert len(server.turns) == 2


async def test_no_time_no_call() -> None:
    """A deadline that has passed is told without a call."""
    async with reached(sends(answer())) as (transport, server, _):
        error = await failure(transport, server.url, deadline=0)
        assert (error.fault, error.reason, server.turns) == (Fault.TIMED_OUT, "deadline_passed", [])


async def test_waiting_counts_towards_the_deadline() -> None:
    """A call stuck behind a hanging one ends with its own deadline, and does not blame the source."""
    release = asyncio.Event()
    async with reached(busy_after(release), concurrency=1, breaker_failures=2) as (transport, server, seen):
        first = asyncio.create_task(failure(transport, server.url))
        await asked(server)
        second = await failure(transport, server.url, deadline=0.1)
        assert (second.fault, second.reason) == (Fault.TIMED_OUT, "queued_too_long")
        release.set()
        assert (await first).reason == "http_503"
        assert (seen.states, seen.seats) == ([], [1, 0])


async def test_breaker_opens_and_recovers() -> None:
    """After failures in a row the source is left alone, then asked once, then trusted again."""
    clock = Clock()
    changes = {"breaker_failures": 2, "breaker_pause": timedelta(seconds=30), "clock": clock}
    async with reached(failing_until(3), **changes) as (transport, server, seen):
        for reason in ("http_503", "http_503", "breaker_open", "breaker_open"):
            assert (await failure(transport, server.url)).reason == reason
        assert len(server.turns) == 2
        clock.seconds = 30
        assert (await post(transport, server.url)).body == b"<a/>"
        assert seen.states == ["open", "half_open", "closed"]


async def test_refusals_do_not_open_the_breaker() -> None:
    """A source that answers, however badly, is there."""
    async with reached(failing_until(99, "401 No"), breaker_failures=1) as (transport, server, seen):
        for _ in range(3):
            await failure(transport, server.url)
        assert (seen.states, len(server.turns)) == ([], 3)


async def test_cancellation_is_not_a_fault() -> None:
    """A caller that goes away gets its CancelledError, frees its place, and leaves the breaker alone."""
    async with reached(hang, concurrency=1, queue=0, breaker_failures=1) as (transport, server, seen):
        task = asyncio.create_task(post(transport, server.url))
        await asked(server)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (seen.states, seen.calls) == ([], [("population", "lookup", "cancelled")])
        assert (await failure(transport, server.url, deadline=0.05)).reason == "deadline_passed"


async def test_cancelled_probe_frees_the_breaker() -> None:
    """The probe of a half-open breaker can be cancelled without locking the source out."""
    clock = Clock()

    async def script(turn: Turn) -> None:
        if turn.number == 2:
            await asyncio.sleep(GUARD)
        await turn.send(answer() if turn.number == 3 else answer(status="503 Busy"))

    async with reached(script, breaker_failures=1, clock=clock) as (transport, server, seen):
        await failure(transport, server.url)
        clock.seconds = 30
        task = asyncio.create_task(post(transport, server.url))
        await asked(server, 2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await post(transport, server.url)).status == 200
        assert seen.states == ["open", "half_open", "closed"]


async def test_a_call_that_never_left_says_nothing_about_the_source() -> None:
    """A question that cannot be put does not close the breaker of a source that is still down."""
    clock = Clock()

    def unaskable(_: int) -> Call:
        raise AdapterError(Fault.REFUSED, "officer_unmapped")

    async with reached(failing_until(99, "503 Busy"), breaker_failures=1, clock=clock) as (transport, server, seen):
        await failure(transport, server.url)
        clock.seconds = 30
        with pytest.raises(AdapterError, match="officer_unmapped"):
            await transport.exchange(
                unaskable, lambda reply: reply, deadline=GUARD, idempotent=True, accept={"text/xml"}, operation="lookup"
            )
        assert "closed" not in seen.states
        assert len(server.turns) == 1


async def test_full_bulkhead() -> None:
    """With every place and seat taken a call is told so, and nothing reaches the source."""
    release = asyncio.Event()
    async with reached(busy_after(release), concurrency=1, queue=0) as (transport, server, _):
        first = asyncio.create_task(failure(transport, server.url))
        await asked(server)
        error = await failure(transport, server.url)
        assert (error.fault, error.reason, error.retryable) == (Fault.UNAVAILABLE, "bulkhead_full", False)
        release.set()
        assert (await first).reason == "http_503"
        assert len(server.turns) == 1


async def test_closed() -> None:
    """After close a call is UNAVAILABLE closed."""
    async with reached(sends(answer())) as (transport, server, _):
        await post(transport, server.url)
        await transport.close()
        error = await failure(transport, server.url)
        assert (error.fault, error.reason) == (Fault.UNAVAILABLE, "closed")


async def test_many_calls_at_once() -> None:
    """Two hundred calls through eight places all get their own answer."""

    async def echo(turn: Turn) -> None:
        await turn.send(answer(turn.body))

    async with reached(echo, queue=200) as (transport, server, _):
        bodies = [f"<n>{n}</n>".encode() for n in range(200)]
        replies = await asyncio.gather(*(post(transport, server.url, content=body) for body in bodies))
        assert [reply.body for reply in replies] == bodies
        assert server.connections <= 8


async def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither address nor body is logged, even when everything logs at DEBUG."""
    caplog.set_level(logging.DEBUG)
    async with reached(failing_until(2), attempts=2) as (transport, server, _):
        await post(transport, f"{server.url}?msdn=0100109106", content=b"<q>004192000123</q>")
    assert not [record for record in caplog.records if record.name.partition(".")[0] != "asyncio"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("text/xml", ("text/xml", None)),
        ("Application/SOAP+XML ; action=x; Charset=UTF-8", ("application/soap+xml", "utf-8")),
        ("", ("", None)),
        ("text/xml;charset=", ("text/xml", None)),
    ],
)
def test_media_type(written: str, expected: tuple[str, str | None]) -> None:
    """Media type and charset are read whatever their case and quotes."""
    assert media_type(written) == expected


def test_jitter_is_bounded() -> None:
    """A pause is never negative and never longer than a second."""
    pauses: list[float] = [jitter(attempt) for attempt in range(1, 60)]
    assert 0 <= min(pauses) <= max(pauses) <= 1
