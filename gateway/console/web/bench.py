"""The threads on which everything that blocks is done: reading the log, the index, files.

Rule of this file: a bench has a few lanes, each one thread with a reader and an index of its own, because neither may
be used by two threads. The event loop never waits for a disk.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from gateway.audit.published import Published
from gateway.console.model import Index
from gateway.storage.contract import Reader
from signing.notes import NoteKey

LANES = 4
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Tools:
    """What one thread works with."""

    reader: Reader
    published: Published
    index: Index


class _Lane:
    def __init__(self, number: int, make: Callable[[], Tools]) -> None:
        self.thread = ThreadPoolExecutor(1, f"console-{number}")
        self._make = make
        self._tools: Tools | None = None

    def work(self, job: Callable[[Tools], Result]) -> Result:
        if self._tools is None:
            self._tools = self._make()
        return job(self._tools)

    def close(self) -> None:
        if self._tools is not None:
            self._tools.reader.close()
            close = getattr(self._tools.index, "close", None)
            if close is not None:
                close()
            self._tools = None


class Bench:
    """Belongs to one event loop. `reader` and `index` make a new one for the thread that calls them."""

    def __init__(
        self, *, reader: Callable[[], Reader], index: Callable[[], Index], key: NoteKey, lanes: int = LANES
    ) -> None:
        def make() -> Tools:
            own = reader()
            return Tools(own, Published(own, key), index())

        self._lanes = [_Lane(number, make) for number in range(lanes)]
        self._free: asyncio.LifoQueue[_Lane] = asyncio.LifoQueue()
        for lane in self._lanes:
            self._free.put_nowait(lane)

    async def run(self, job: Callable[[Tools], Result]) -> Result:
        """Do a job on a thread; what it raises is raised here."""
        lane = await self._free.get()
        try:
            return await asyncio.get_running_loop().run_in_executor(lane.thread, lane.work, job)
        finally:
            # a job whose caller has gone still runs: the lane's one thread takes the next one after it
            self._free.put_nowait(lane)

    async def close(self) -> None:
        """Let go of readers and threads, after what is under way."""
        loop = asyncio.get_running_loop()
        for lane in self._lanes:
            await loop.run_in_executor(lane.thread, lane.close)
            lane.thread.shutdown()
