"""A reader of the log for work that takes long: it leaves time to others, and ends when it is told.

An export computes in the interpreter that serves the pages. After each page of rows it rests as long as the work since
the last rest took, so that whoever waits for a page of the console never waits for more than one page of rows.

Rule of this file: nothing is changed of what the reader says.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from gateway.storage.contract import Reader, Row

_LONGEST = 0.2
"""Seconds of one rest."""


class Paced:
    """`check`: called before each page; what it raises ends the work. All else is as in the contract of a reader."""

    def __init__(
        self,
        reader: Reader,
        check: Callable[[], None],
        *,
        rest: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reader, self._check, self._rest, self._clock = reader, check, rest, clock
        self._since = clock()

    def rows(self, start: int, end: int) -> Sequence[Row]:
        """As a reader, after a rest."""
        self._pause()
        return self._reader.rows(start, end)

    def newest(self, *, below: int | None, subject_tags: Sequence[bytes] | None, limit: int) -> Sequence[Row]:
        """As a reader, after a rest."""
        self._pause()
        return self._reader.newest(below=below, subject_tags=subject_tags, limit=limit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def _pause(self) -> None:
        self._check()
        self._rest(min(self._clock() - self._since, _LONGEST))
        self._since = self._clock()
