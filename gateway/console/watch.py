"""What is wrong with log, keys or index, as one word: looked up every few seconds, away from the event loop.

Two know of it: the follower, what stands in its way now; the index, what it met and keeps until somebody has looked.

Rule of this file: the gravest word is the answer. What cannot be looked up yet is no trouble; the pages say that then.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from gateway.console.index.search import LogIndex

SECONDS: Final = 2.0
"""Between two looks."""

_LASTING: Final = frozenset({"rewritten", "altered"})
"""Words that a passing one does not cover: the log is not what it was."""


class Watch:
    """Belongs to one event loop. `index`: makes one for the thread that calls it; `passing`: what stands in the
    follower's way now; `every`: seconds between two looks."""

    def __init__(
        self, index: Callable[[], LogIndex], passing: Callable[[], str | None], *, every: float = SECONDS
    ) -> None:
        self._make, self._passing, self._every = index, passing, every
        self._thread = ThreadPoolExecutor(1, "console-watch")
        self._index: LogIndex | None = None
        self._kept: str | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str | None:
        """What is wrong; None: nothing."""
        return self._kept if self._kept in _LASTING else self._passing() or self._kept

    def start(self) -> None:
        """Look again and again, until it is closed."""
        self._task = asyncio.create_task(self._look())

    async def close(self) -> None:
        """Stop, and let go of the index."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await asyncio.get_running_loop().run_in_executor(self._thread, self._let_go)
        self._thread.shutdown()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._kept = await loop.run_in_executor(self._thread, self._asked)
            await asyncio.sleep(self._every)

    def _asked(self) -> str | None:
        if self._index is None:
            self._index = self._make()
        try:
            return self._index.trouble()
        except sqlite3.Error:
            # there is none yet, or it is being made anew: another connection is needed then
            self._let_go()
            return None

    def _let_go(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
