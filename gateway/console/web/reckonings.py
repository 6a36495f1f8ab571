"""Reuse figures in the making: read from the log itself in the background, and kept for a while.

The same figures as of `gateway report reuse`, by the same code. The index only says where in the log a time lies; each
entry of it is opened, which takes long for a long time. So a page waits for a moment, and then comes back.

    due       nobody asked yet, or what is there is older than KEPT
    working   one at a time, on a thread that leaves time to the pages; others wait their turn
    done      Result, in memory only

Rule of this file: figures are kept for one scope and one time, and handed out for exactly these.
"""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from gateway.audit.extract.walk import of_kinds
from gateway.audit.reading import Opened
from gateway.audit.ring import KeyRing
from gateway.console.exports.pace import Paced
from gateway.console.model import Index, Scope
from gateway.reuse.counting import ENDS
from gateway.reuse.periods import Period
from gateway.reuse.reckoning import Grouping, Report, reckon
from gateway.reuse.spool import SECRET_BYTES
from gateway.storage.contract import Reader

GROUPINGS: tuple[Grouping, ...] = (("portal",), ("procedure",), ("month",), ("portal", "procedure"), ("province",))
KEPT = timedelta(minutes=10)
"""How long figures are shown again without being made anew."""

MOST = 16
"""Figures that are kept, and so many at most wait."""

PATIENCE = 2.0
"""Seconds a page waits for figures that are being made."""

Name = tuple[frozenset[str] | None, datetime | None, datetime | None]


class ReckoningsFull(Exception):  # noqa: N818 - it says what happened
    """Too many are being made: another time."""


class _Stopped(Exception):  # noqa: N818 - it says what happened
    """The console ends."""


@dataclass(frozen=True, slots=True)
class Result:
    """`at`: when it was made; `entries`: how many the log had then."""

    report: Report
    at: datetime
    entries: int


@dataclass(slots=True)
class Working:
    """How far one is. `of`: entries to look at, 0 while that is not known."""

    done: int = 0
    of: int = 0
    task: "asyncio.Task[Result] | None" = field(default=None, repr=False)

    @property
    def percent(self) -> int:
        """0 to 100."""
        return min(100, 100 * self.done // self.of) if self.of else 0


class Reckonings:
    """Belongs to one event loop; close it. `folder`: the console's own, for a temporary file; `reader`, `index`: make
    one for the thread that calls."""

    def __init__(
        self,
        folder: Path,
        *,
        reader: Callable[[], Reader],
        index: Callable[[], Index],
        ring: KeyRing,
        now: Callable[[], datetime],
        urandom: Callable[[int], bytes],
        patience: float = PATIENCE,
    ) -> None:
        self._folder, self._reader, self._index, self._ring = folder, reader, index, ring
        self._now, self._urandom, self.patience = now, urandom, patience
        self._known: OrderedDict[Name, Working] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, "console-reuse")
        self._stop = threading.Event()

    async def look(self, scope: Scope, period: Period) -> Result | Working:
        """The figures, or how far they are.

        Raises ReckoningsFull; and what went wrong while they were made: StoreUnavailable, LogBroken, KeyFileRefused,
        sqlite3.Error, OSError. Then nothing is kept, and the next look begins anew.
        """
        name = (scope.portals, period.since, period.until)
        work = self._known.get(name)
        if work is None or self._old(work):
            work = self._begin(name, period)
        task = work.task
        assert task is not None  # noqa: S101  # begun with it
        await asyncio.wait({task}, timeout=self.patience)
        if not task.done():
            return work
        if task.cancelled() or task.exception() is not None:
            self._known.pop(name, None)
        return task.result()

    def forget(self, scope: Scope, period: Period) -> None:
        """The next look makes the figures anew; those under way go on."""
        name = (scope.portals, period.since, period.until)
        work = self._known.get(name)
        if work is not None and work.task is not None and work.task.done():
            del self._known[name]

    async def close(self) -> None:
        """Stop what is under way."""
        self._stop.set()
        under_way = [work.task for work in self._known.values() if work.task is not None]
        await asyncio.to_thread(self._thread.shutdown)
        await asyncio.gather(*under_way, return_exceptions=True)

    def _old(self, work: Working) -> bool:
        task = work.task
        return task is not None and task.done() and task.exception() is None and self._now() >= task.result().at + KEPT

    def _begin(self, name: Name, period: Period) -> Working:
        self._known.pop(name, None)
        for old in [one for one, work in self._known.items() if work.task is not None and work.task.done()]:
            if len(self._known) < MOST:
                break
            del self._known[old]
        if len(self._known) >= MOST:
            raise ReckoningsFull
        work = self._known[name] = Working()
        work.task = asyncio.create_task(self._made(name[0], period, work))
        # whoever looks next is told; when nobody does, nobody misses it
        work.task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return work

    async def _made(self, portals: frozenset[str] | None, period: Period, work: Working) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._make, portals, period, work)

    def _make(self, portals: frozenset[str] | None, period: Period, work: Working) -> Result:
        at = self._now()
        with closing(self._reader()) as reader:
            note = reader.newest_note()
            size = note.size if note else 0
            ranges = [(first, min(end, size)) for first, end in self._ranges(period) if first < size]
            work.of = sum(end - first for first, end in ranges)
            report = reckon(
                self._entries(Paced(reader, self._check), ranges, period, work),
                GROUPINGS,
                folder=self._folder,
                secret=self._urandom(SECRET_BYTES),
                portals=portals,
            )
        return Result(report, at, size)

    def _ranges(self, period: Period) -> list[tuple[int, int]]:
        index = self._index()
        try:
            return list(index.ranges(since=period.since, until=period.until))
        finally:
            close = getattr(index, "close", None)
            if close is not None:
                close()

    def _entries(
        self, reader: Reader, ranges: list[tuple[int, int]], period: Period, work: Working
    ) -> Iterator[Opened]:
        before = 0
        for first, end in ranges:
            for entry in of_kinds(reader, self._ring, ENDS, first, end, since=period.since, until=period.until):
                work.done = before + entry.index - first
                yield entry
            before += end - first
        work.done = before

    def _check(self) -> None:
        if self._stop.is_set():
            raise _Stopped
