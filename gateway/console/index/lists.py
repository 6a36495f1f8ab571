"""Entries of any combination of filters, the newest first, out of sorted lists.

A list is (facet), or (a keyed tag, facet): its entries lie in one place of one index of the file, in their order. What
is asked for becomes a set of facets and at most one tag that leads; the lists are merged like the decks of a card game,
and only as far as someone reads. So the work follows what is shown, not how many entries there are.

Rule of this file: it knows columns and numbers; what they mean and who may see them was decided before.
"""

import heapq
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.console.index.segments import ALWAYS, Segment, Time

CAP: Final = 10_000
"""Entries are counted up to here where counting means looking."""

_WALK: Final = 2048
_BROAD: Final = 16
_CHUNKS: Final = (1, 8, 64, 512)
_COLUMNS: Final = ("officer", "dossier", "subject")


@dataclass(frozen=True, slots=True)
class Query:
    """`facets`: those allowed and asked for, with the number of their entries; `every`: that is all there are.

    `leading`: the column whose tags lead, None when none was asked for; `also`: other columns and their tag.
    """

    facets: dict[int, int]
    every: bool
    time: Time = ALWAYS
    leading: str | None = None
    tags: Sequence[int | bytes] = field(default=(), repr=False)
    also: tuple[tuple[str, Any], ...] = field(default=(), repr=False)


class Lists:
    """The lists of one query. Belongs to the read transaction it was made in."""

    def __init__(self, connection: sqlite3.Connection, query: Query, size: int) -> None:
        self._connection, self._query, self._size = connection, query, size
        self._index = f"entry_{query.leading or 'facet'}"
        self._keys: list[tuple[Any, ...]] | None = None
        self._tags = frozenset(query.tags)

    def newest(self, parts: Iterator[Segment] | Sequence[Segment]) -> Iterator[int]:
        """The entries in these segments, which are disjoint and the newest first."""
        for part in parts:
            yield from self._whole(part) if part.whole else self._edge(part)

    def oldest(self, start: int, end: int) -> Iterator[int]:
        """The entries of an open time from `start` to `end - 1`, the oldest first."""
        yield from heapq.merge(*(self._walk(key, start, end, up=True) for key in self._all_keys()))

    def count(self, parts: Sequence[Segment]) -> tuple[int, bool]:
        """How many there are, and whether there are more than that: counted to CAP where no figure tells."""
        query = self._query
        if query.leading is None and query.time.open:
            return sum(query.facets.values()), False
        total = 0
        for part in parts:
            if part.whole and not query.also:
                total += self._counted(part, CAP + 1 - total)
            else:
                total += sum(1 for _ in zip(range(CAP + 1 - total), self.newest([part]), strict=False))
            if total > CAP:
                return CAP, True
        return total, False

    # -- whole segments

    def _whole(self, part: Segment) -> Iterator[int]:
        query = self._query
        if query.leading is None and query.every:
            yield from self._numbers(part.start, part.end)
            return
        end = part.end
        if query.leading is None and sum(query.facets.values()) * _BROAD > self._size:
            floor = max(part.start, end - _WALK)
            yield from self._filtered(floor, end)
            end = floor
        if end > part.start:
            decks = (self._walk(key, part.start, end) for key in self._all_keys())
            yield from self._besides(heapq.merge(*decks, reverse=True))

    def _walk(self, key: tuple[Any, ...], start: int, end: int, *, up: bool = False) -> Iterator[int]:
        """One list, read in growing pieces: most lists of a merge are never read beyond their first entry."""
        order = "" if up else " DESC"
        statement = (
            f"SELECT idx FROM entry INDEXED BY {self._index} WHERE {self._where}"  # noqa: S608
            f" AND idx >= ? AND idx < ? ORDER BY idx{order} LIMIT ?"
        )
        turn = 0
        while start < end:
            limit = _CHUNKS[min(turn, len(_CHUNKS) - 1)]
            found = self._connection.execute(statement, (*key, start, end, limit)).fetchall()
            yield from (idx for (idx,) in found)
            if len(found) < limit:
                return
            start, end = (found[-1][0] + 1, end) if up else (start, found[-1][0])
            turn += 1

    def _counted(self, part: Segment, most: int) -> int:
        query = self._query
        if query.leading is None and query.every:
            return min(part.end - part.start, most)
        statement = (
            f"SELECT count(*) FROM (SELECT 1 FROM entry INDEXED BY {self._index} WHERE {self._where}"  # noqa: S608
            " AND idx >= ? AND idx < ? LIMIT ?)"
        )
        total = 0
        for key in self._all_keys():
            if total >= most:
                break
            total += self._connection.execute(statement, (*key, part.start, part.end, most - total)).fetchone()[0]
        return total

    def _numbers(self, start: int, end: int) -> Iterator[int]:
        yield from range(end - 1, start - 1, -1)  # the log has no gaps, and neither has the index

    @property
    def _where(self) -> str:
        return "facet = ?" if self._query.leading is None else f"{self._query.leading} = ? AND facet = ?"

    def _all_keys(self) -> list[tuple[Any, ...]]:
        if self._keys is None:
            query = self._query
            if query.leading is None:
                self._keys = [(facet,) for facet in query.facets]
            else:
                self._keys = [
                    (tag, facet) for tag in self._tags for facet in self._facets_of(tag) if facet in query.facets
                ]
        return self._keys

    def _facets_of(self, tag: int | bytes) -> Iterator[int]:
        """The facets of a tag's entries: one look-up each, however many entries there are."""
        statement = (
            f"SELECT min(facet) FROM entry INDEXED BY {self._index}"  # noqa: S608
            f" WHERE {self._query.leading} = ? AND facet > ?"
        )
        facet = -1
        while (facet := self._connection.execute(statement, (tag, facet)).fetchone()[0]) is not None:
            yield facet

    def _besides(self, found: Iterator[int]) -> Iterator[int]:
        if not self._query.also:
            yield from found
            return
        names = ", ".join(name for name, _ in self._query.also)
        wanted = tuple(value for _, value in self._query.also)
        statement = f"SELECT {names} FROM entry WHERE idx = ?"  # noqa: S608
        for idx in found:
            if self._connection.execute(statement, (idx,)).fetchone() == wanted:
                yield idx

    # -- edges, and walks over everything

    def _edge(self, part: Segment) -> Iterator[int]:
        yield from self._filtered(part.start, part.end)

    def _filtered(self, start: int, end: int) -> Iterator[int]:
        """Every row of a range looked at."""
        query = self._query
        found = self._connection.execute(
            "SELECT idx, at, facet, officer, dossier, subject FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx DESC",
            (start, end),
        )
        place = {name: number for number, name in enumerate(_COLUMNS, 3)}
        for row in found.fetchall():
            if row[2] not in query.facets or not query.time.holds(row[1]):
                continue
            if query.leading is not None and row[place[query.leading]] not in self._tags:
                continue
            if all(row[place[name]] == value for name, value in query.also):
                yield row[0]
