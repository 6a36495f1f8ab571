"""Sends ready-made requests over connections that stay open, and measures each answer.

Rule of this file: it does as little as it can, so that the servers are measured and not it; and nothing but a whole
answer with status 200 counts as a call.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from tests.bench.calls import Signed

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CODE = re.compile(rb'"code": ?"([a-z_]+)"')
_END = b"\r\n\r\n"
_LATEST_SECONDS = 30.0


@dataclass(slots=True)
class Slice:
    """What one turn gave. Seconds; `wrong` counts what was not a good answer, by status or by what happened."""

    calls: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    sample: tuple[Signed, bytes, bytes] | None = None
    """The last good exchange: request, head and body of the answer."""


class _Feed:
    """The requests of one turn and what came of them, shared by its connections."""

    def __init__(self, requests: Sequence[Signed], silent: bytes) -> None:
        self.waiting: Iterator[Signed] = iter(requests)
        self.silent = silent
        self.until = 0.0
        self.ended = 0.0
        self.result = Slice()

    def next(self, now: float) -> Signed | None:
        """The next request, or None when the turn is over."""
        return next(self.waiting, None) if now < self.until else None

    def answered(self, request: Signed, head: bytes, content: bytes, taken: float) -> None:
        """Count one answer."""
        self.ended = time.perf_counter()
        status = head[9:12].decode("ascii", "replace")
        if status != "200":
            code = _CODE.search(content)
            self.result.wrong[f"{status} {code[1].decode()}" if code else status] += 1
        elif self.silent in content:
            self.result.wrong["200 without the registry's data"] += 1
        else:
            self.result.calls += 1
            self.result.latencies.append(taken)
            self.result.sample = (request, head, content)


class _Caller(asyncio.Protocol):
    """One connection: the next request leaves when the answer to the one before is whole."""

    def __init__(self, feed: _Feed) -> None:
        self._feed = feed
        self._buffer = b""
        self._asked: Signed | None = None
        self._begun = 0.0
        self._transport: asyncio.Transport | None = None
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in behaviour, not by inheritance
        self._transport = cast("asyncio.Transport", transport)

    def ask(self) -> None:
        """Send the next request, or end."""
        self._begun = time.perf_counter()
        self._asked = self._feed.next(self._begun)
        assert self._transport is not None
        if self._asked is None:
            self._transport.close()
            self._finish()
        else:
            self._transport.write(self._asked.wire)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(_END)
        if not found:
            return
        length = _LENGTH.search(head)
        if length is None:
            self._feed.result.wrong["answer without a length"] += 1
            self._buffer = b""
            self.ask()
        elif len(rest) >= int(length[1]) and self._asked is not None:
            self._feed.answered(self._asked, head, rest, time.perf_counter() - self._begun)
            self._buffer = b""
            self.ask()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if not self.over.done():
            self._feed.result.wrong["connection lost"] += 1
            self._finish()

    def _finish(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


async def drive(
    host: str, port: int, requests: Sequence[Signed], *, concurrency: int, seconds: float, silent: bytes
) -> Slice:
    """One turn: `concurrency` connections for `seconds`, or until the requests are used up."""
    loop = asyncio.get_running_loop()
    feed = _Feed(requests, silent)
    opened = [await loop.create_connection(lambda: _Caller(feed), host, port) for _ in range(concurrency)]
    callers = [caller for _, caller in opened]
    began = feed.ended = time.perf_counter()
    feed.until = began + seconds
    for caller in callers:
        caller.ask()
    _, late = await asyncio.wait([caller.over for caller in callers], timeout=seconds + _LATEST_SECONDS)
    if late:
        feed.result.wrong["no answer in time"] += len(late)
    for transport, _ in opened:
        transport.close()
    feed.result.seconds = feed.ended - began
    return feed.result
