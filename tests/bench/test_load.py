"""The load generator: what counts as a call, and what does not."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from tests.bench.calls import Signed
from tests.bench.load import Slice, drive

Answer = Callable[[int, asyncio.StreamWriter], Awaitable[None]]
GOOD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@asynccontextmanager
async def _server(answer: Answer) -> AsyncIterator[int]:
    number = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal number
        try:
            while await reader.readuntil(b"!"):
                number += 1
                await answer(number, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def _drive(answer: Answer, *, requests: int = 5, concurrency: int = 2, silent: bytes = b"nothing") -> Slice:
    sent = [Signed(f"token-{n}", b"!") for n in range(requests)]
    async with _server(answer) as port:
        return await drive("127.0.0.1", port, sent, concurrency=concurrency, seconds=20, silent=silent)


async def test_good_answers_are_counted_and_timed() -> None:
    """Every request that is used up gives one call and one latency; the last exchange is kept."""

    async def answer(_: int, writer: asyncio.StreamWriter) -> None:
        writer.write(GOOD)

    given = await _drive(answer)
    assert (given.calls, len(given.latencies), given.wrong) == (5, 5, Counter())
    assert given.seconds > 0
    assert given.sample is not None
    assert given.sample[2] == b"{}"


async def test_an_answer_in_pieces_is_one_answer() -> None:
    """Head and body may arrive in any number of parts."""

    async def answer(_: int, writer: asyncio.StreamWriter) -> None:
        for part in (GOOD[:20], GOOD[20:-1], GOOD[-1:]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.001)

    assert (await _drive(answer)).calls == 5


async def test_every_other_status_is_an_error() -> None:
    """An answer that is not 200 is counted by its status and code and is no call."""

    async def answer(number: int, writer: asyncio.StreamWriter) -> None:
        refused = (GOOD[:-2] + b'{"code":"overloaded"}').replace(b"200 OK", b"503 No").replace(b": 2", b": 21")
        writer.write([GOOD, refused, GOOD.replace(b"200", b"502")][number % 3])

    given = await _drive(answer, requests=6, concurrency=1)
    assert (given.calls, given.wrong) == (2, Counter({"503 overloaded": 2, "502": 2}))


async def test_an_answer_without_the_registry_s_data_is_an_error() -> None:
    """A source that fell silent does not pass for a quick answer."""

    async def answer(_: int, writer: asyncio.StreamWriter) -> None:
        writer.write(GOOD)

    given = await _drive(answer, requests=3, silent=b"{}")
    assert (given.calls, given.wrong) == (0, Counter({"200 without the registry's data": 3}))


@pytest.mark.parametrize("said", [b"", GOOD[:30]])
async def test_a_connection_that_ends_early_is_an_error(said: bytes) -> None:
    """Whatever was cut off is counted, once for each connection."""

    async def answer(_: int, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()

    given = await _drive(answer, concurrency=2)
    assert (given.calls, given.wrong) == (0, Counter({"connection lost": 2}))


async def test_an_answer_without_a_length_is_an_error() -> None:
    """Its end cannot be known, so it is not a whole answer."""

    async def answer(_: int, writer: asyncio.StreamWriter) -> None:
        writer.write(GOOD.replace(b"Content-Length: 2\r\n", b""))

    given = await _drive(answer, requests=1, concurrency=1)
    assert (given.calls, given.wrong) == (0, Counter({"answer without a length": 1}))
