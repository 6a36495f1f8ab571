"""A time becomes ranges of `idx`. Entries are nearly in the order of their times, never promised to be.

    whole segment   every entry in it is of the time that is asked for
    edge segment    some are: each is looked at

Rule of this file: exact, whatever clocks did. A wrong clock makes more edges, never a wrong answer.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.console.index.calendar import microseconds
from gateway.console.index.schema import BLOCK


@dataclass(frozen=True, slots=True)
class Segment:
    """The entries `start` to `end - 1`."""

    start: int
    end: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Time:
    """Microseconds since 1970, `until` exclusive; None: no limit."""

    since: int | None = None
    until: int | None = None

    @classmethod
    def of(cls, since: datetime | None, until: datetime | None) -> "Time":
        """Of aware times."""
        return cls(*(None if at is None else microseconds(at) for at in (since, until)))

    @property
    def open(self) -> bool:
        """Whether every time is in it."""
        return self.since is None and self.until is None

    def holds(self, at_us: int) -> bool:
        """Whether a time is in it."""
        return (self.since is None or at_us >= self.since) and (self.until is None or at_us < self.until)


ALWAYS: Final = Time()


def segments(connection: sqlite3.Connection, time: Time, size: int) -> list[Segment]:
    """The newest first, disjoint. `size`: how many entries are indexed. Costs a 1,024th of a row per entry."""
    if time.open:
        return [Segment(0, size, True)] if size else []
    wanted, values = ["1"], []
    if time.since is not None:
        wanted.append("most >= ?")
        values.append(time.since)
    if time.until is not None:
        wanted.append("least < ?")
        values.append(time.until)
    found = connection.execute(
        f"SELECT block, least, most FROM span WHERE {' AND '.join(wanted)} ORDER BY block DESC",  # noqa: S608
        values,
    )
    joined: list[Segment] = []
    for block, least, most in found:
        start, whole = block * BLOCK, time.holds(least) and time.holds(most)
        if whole and joined and joined[-1].whole and joined[-1].start == start + BLOCK:
            joined[-1] = Segment(start, joined[-1].end, True)
        else:
            joined.append(Segment(start, min(start + BLOCK, size), whole))
    return joined


def upto(parts: list[Segment], limit: int | None) -> Iterator[Segment]:
    """The parts of the segments with an index less than `limit`."""
    for part in parts:
        if limit is None or part.end <= limit:
            yield part
        elif part.start < limit:
            yield Segment(part.start, limit, part.whole)
