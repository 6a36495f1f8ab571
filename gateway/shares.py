"""Turns for the lines of batches: few at once, and the portal with the fewest of them under way is next.

A batch never takes the place of a call that somebody waits for: its lines have places of their own, and go at a pace
that leaves half of the portal's burst to its other calls (`gateway.admission`). State lives in this process.

Rule of this file: only order and number. What a line does with its turn is not known here.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from config.running import BatchSettings
from gateway.errors import Code, refused


@dataclass(slots=True)
class _Share:
    open: int = 0  # batches
    under_way: int = 0  # lines
    served: int = 0  # number of the last turn given
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Shares:
    """Places of batches and turns of their lines. One per process; used from one event loop."""

    def __init__(self, settings: BatchSettings) -> None:
        self._settings = settings
        self._shares: dict[str, _Share] = {}
        self._turns = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def resize(self, settings: BatchSettings) -> None:
        """Take other numbers; what is under way goes on."""
        self._settings = settings
        self._give()

    @contextmanager
    def batch(self, agency: str) -> Iterator[None]:
        """A place for one batch of a portal. Raises `Refused`: rate_limited for its own limit, overloaded for all's."""
        share = self._shares.setdefault(agency, _Share())
        if share.open >= self._settings.most_each:
            most = self._settings.most_each
            raise refused(Code.RATE_LIMITED, f"At most {most} batches of a portal at once.", retry_after=10)
        if sum(one.open for one in self._shares.values()) >= self._settings.most:
            raise refused(Code.OVERLOADED, "Too many batches are under way.", retry_after=10)
        share.open += 1
        try:
            yield
        finally:
            share.open -= 1
            if not share.open:
                del self._shares[agency]

    async def turn(self, agency: str) -> None:
        """Wait for the turn of one line; to be given back with `done`. Only while a place of `batch` is held."""
        share = self._shares[agency]
        mine = asyncio.get_running_loop().create_future()
        share.waiting.append(mine)
        self._give()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self.done(agency)  # it was given in the same moment
            else:
                with suppress(ValueError):
                    share.waiting.remove(mine)
            raise

    def done(self, agency: str) -> None:
        """The line has ended: somebody else's turn."""
        self._shares[agency].under_way -= 1
        self._give()

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what has to end even if nobody waits for it any more."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _give(self) -> None:
        while sum(share.under_way for share in self._shares.values()) < self._settings.at_once:
            ready = [s for s in self._shares.values() if s.waiting and s.under_way < self._settings.at_once_each]
            if not ready:
                return
            share = min(ready, key=lambda one: (one.under_way, one.served))
            next_one = share.waiting.popleft()
            if next_one.done():
                continue  # cancelled while it waited
            self._turns += 1
            share.under_way, share.served = share.under_way + 1, self._turns
            next_one.set_result(None)
