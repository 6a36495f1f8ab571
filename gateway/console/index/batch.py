"""What one step adds to the index, gathered in memory and written in one transaction.

Rule of this file: rows go in with few statements of many values; ids of words are drawn here and nowhere else.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from gateway.console.index.calendar import DAY, HOUR, HOUR_US, MONTH, day_of, start_of
from gateway.console.index.facts import Facet, Facts, Series
from gateway.console.index.schema import BLOCK


@dataclass(slots=True)
class Words:
    """The ids of facets, series and key epochs that the file holds. Loaded anew after a step that failed."""

    facets: dict[Facet, int] = field(default_factory=dict)
    series: dict[Series, int] = field(default_factory=dict)
    epochs: dict[bytes, tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, connection: sqlite3.Connection) -> "Words":
        """All of them."""
        facets = connection.execute(
            "SELECT kind, portal, procedure, operation, outcome, status, sources, scope, id FROM facet"
        )
        series = connection.execute("SELECT what, portal, name, word, id FROM series")
        epochs = connection.execute("SELECT kid, id, state FROM epoch")
        return cls(
            {Facet(*row[:-1]): row[-1] for row in facets},
            {Series(*row[:-1]): row[-1] for row in series},
            {kid: (number, state) for kid, number, state in epochs},
        )

    def facet(self, connection: sqlite3.Connection, facet: Facet) -> int:
        """The id of a facet, drawn when it is new."""
        found = self.facets.get(facet)
        if found is None:
            found = self.facets[facet] = len(self.facets) + 1
            connection.execute("INSERT INTO facet VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", (found, *facet))
        return found

    def _series(self, connection: sqlite3.Connection, series: Series) -> int:
        found = self.series.get(series)
        if found is None:
            found = self.series[series] = len(self.series) + 1
            connection.execute("INSERT INTO series VALUES (?, ?, ?, ?, ?)", (found, *series))
        return found

    def epoch(self, connection: sqlite3.Connection, kid: bytes, state: str) -> int:
        """The id of a key epoch, noted with this state when it is new."""
        known = self.epochs.get(kid)
        if known is None:
            known = self.epochs[kid] = (len(self.epochs) + 1, state)
            connection.execute("INSERT INTO epoch VALUES (?, ?, NULL, NULL, ?)", (known[0], kid, state))
        return known[0]

    def figures(self, connection: sqlite3.Connection, counted: Mapping[tuple[int, Series], int]) -> None:
        """Add counts of (hour, series) to the rollups of all three levels."""
        sums: Counter[tuple[int, int, int]] = Counter()
        for (hour, series), n in counted.items():
            number = self._series(connection, series)
            for level, start in _starts(hour):
                sums[level, start, number] += n
        connection.executemany(
            "INSERT INTO figure VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            [(*key, n) for key, n in sorted(sums.items())],
        )


@dataclass(slots=True)
class Batch:
    """The entries of a step."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    facets: Counter[int] = field(default_factory=Counter)
    counted: Counter[tuple[int, Series]] = field(default_factory=Counter)
    families: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    epochs: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(
        self, index: int, at_us: int, facts: Facts, *, facet: int, epoch: int | None, subject: bytes | None
    ) -> None:
        """One entry. `subject` None: nobody, or not to be found any more."""
        self.rows.append((index, at_us, epoch, facet, facts.leads, facts.officer, facts.dossier, subject, facts.family))
        self.facets[facet] += 1
        hour = at_us // HOUR_US
        for series, n in facts.adds:
            self.counted[hour, series] += n
        if facts.family is not None and epoch is not None:
            self.families[epoch, facts.facet.portal, facts.family] += 1
        if facts.facet.outcome:  # the end of a call: what the rules of console.toml look at
            self.days[day_of(at_us)] += 1
        least, most = self.spans.get(index // BLOCK, (at_us, at_us))
        self.spans[index // BLOCK] = (min(least, at_us), max(most, at_us))
        if epoch is not None:
            first, _ = self.epochs.get(epoch, (index, index))
            self.epochs[epoch] = (first, index)

    def write(self, connection: sqlite3.Connection, words: Words) -> None:
        """Into the tables; the caller holds the transaction."""
        connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self.rows)
        connection.executemany(
            "UPDATE facet SET entries = entries + ? WHERE id = ?", [(n, facet) for facet, n in self.facets.items()]
        )
        words.figures(connection, self.counted)
        connection.executemany(
            "INSERT INTO family VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            [(*key, n) for key, n in sorted(self.families.items())],
        )
        connection.executemany(
            "INSERT INTO day (day, entries) VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET entries = entries + excluded.entries",
            list(self.days.items()),
        )
        connection.executemany(
            "INSERT INTO span VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET"
            " least = min(least, excluded.least), most = max(most, excluded.most)",
            [(block, *span) for block, span in self.spans.items()],
        )
        connection.executemany(
            "UPDATE epoch SET first = coalesce(first, ?), last = ? WHERE id = ?",
            [(first, last, epoch) for epoch, (first, last) in self.epochs.items()],
        )


@lru_cache(maxsize=4096)
def _starts(hour: int) -> tuple[tuple[int, int], ...]:
    return tuple((level, start_of(level, hour)) for level in (HOUR, DAY, MONTH))
