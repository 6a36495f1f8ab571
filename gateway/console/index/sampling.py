"""Entries drawn for a review: uniform, or those that patterns point at more often.

Drawn by trying numbers, not by ordering everything by chance. Where too few numbers fit (a small portal in a large
log), the few that do are listed and drawn from.

Rule of this file: the same seed, time and index give the same draw.
"""

import random
import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway.console.index.lists import Lists, Query
from gateway.console.index.segments import Segment
from gateway.console.model import Pattern

PATTERNS: Final = 1000
"""The gravest patterns a draw looks at."""

_TRIES: Final = 100
_OTHERS: Final = 4
_UNSUSPECTED: Final = 0.05
"""The weight of an entry no pattern points at: it may always be drawn."""


class Pool:
    """The entries that may be drawn."""

    def __init__(self, connection: sqlite3.Connection, query: Query, lists: Lists, parts: Sequence[Segment]) -> None:
        self._connection, self._query, self._lists, self._parts = connection, query, lists, parts

    def bounds(self) -> tuple[int, int] | None:
        """The first entry and one behind the last that fit; None when none does.

        Fitting ones rather than borders of segments: they do not move when the log grows.
        """
        newest = next(self._lists.newest(self._parts), None)
        if newest is None:
            return None
        for part in reversed(self._parts):
            oldest = next(iter(self._lists.oldest(part.start, part.end)), None) if part.whole else self._first_in(part)
            if oldest is not None:
                return oldest, newest + 1
        return None

    def holds(self, index: int) -> bool:
        """Whether an entry may be drawn."""
        found = self._connection.execute("SELECT at, facet FROM entry WHERE idx = ?", (index,)).fetchone()
        return found is not None and found[1] in self._query.facets and self._query.time.holds(found[0])

    def all(self) -> list[int]:
        """Every entry that may be drawn."""
        return list(self._lists.newest(self._parts))

    def _first_in(self, part: Segment) -> int | None:
        return min(self._lists.newest([part]), default=None)


def uniform(pool: Pool, count: int, seed: int) -> list[int]:
    """`count` entries, fewer when there are no more, ascending."""
    return sorted(_drawn(pool, count, random.Random(seed)))


def by_risk(pool: Pool, patterns: Sequence[Pattern], count: int, seed: int) -> list[int]:
    """`count` entries, ascending: without repetition, with weights, after Efraimidis and Spirakis (2006)."""
    chance = random.Random(seed)
    weights = dict.fromkeys(_drawn(pool, count * _OTHERS, chance), _UNSUSPECTED)
    for pattern in patterns:
        for index in pattern.entries:
            if pool.holds(index):
                weights[index] = max(weights.get(index, _UNSUSPECTED), pattern.score)
    keys = {index: chance.random() ** (1 / weights[index]) for index in sorted(weights)}
    return sorted(sorted(keys, key=lambda index: keys[index], reverse=True)[:count])


def _drawn(pool: Pool, count: int, chance: random.Random) -> list[int]:
    bounds = pool.bounds()
    if bounds is None or count < 1:
        return []
    first, end = bounds
    drawn: dict[int, None] = {}
    for _ in range(_TRIES * count if end - first > count else 0):
        index = chance.randrange(first, end)
        if index not in drawn and pool.holds(index):
            drawn[index] = None
            if len(drawn) == count:
                return list(drawn)
    every = sorted(pool.all())
    return chance.sample(every, min(count, len(every)))
