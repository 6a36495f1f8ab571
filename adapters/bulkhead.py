"""How many calls of one source run at once, and how many may wait: a slow source cannot fill the gateway.

Rule of this file: first come, first served; whoever finds the queue full is told at once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.contract import AdapterError, Fault


class Bulkhead:
    """`concurrency` places and `queue` seats beside them. `waiting` is told how many seats are taken."""

    def __init__(self, concurrency: int, queue: int, *, waiting: Callable[[int], None]) -> None:
        self._places = asyncio.Semaphore(concurrency)
        self._seats = queue
        self._seated = 0
        self._waiting = waiting

    @asynccontextmanager
    async def place(self, until: float) -> AsyncIterator[None]:
        """Hold a place for the body of the `with`. `until`: event-loop time at which waiting ends.

        Raises `AdapterError(UNAVAILABLE, bulkhead_full)` without waiting, or
        `AdapterError(TIMED_OUT, queued_too_long)` at `until`.
        """
        await self._take(until)
        try:
            yield
        finally:
            self._places.release()

    async def _take(self, until: float) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        if self._seated >= self._seats:
            raise AdapterError(Fault.UNAVAILABLE, "bulkhead_full")
        self._seat(+1)
        try:
            async with asyncio.timeout_at(until):
                await self._places.acquire()
        except TimeoutError:
            raise AdapterError(Fault.TIMED_OUT, "queued_too_long") from None
        finally:
            self._seat(-1)

    def _seat(self, change: int) -> None:
        self._seated += change
        self._waiting(self._seated)
