"""Figures over a time, from the rollups: the work follows the length of the time, not the number of entries.

Rule of this file: a call counts once, in the hour of its first `disclosed` or `refused` entry.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Final

from gateway.console.index.calendar import DAY, HOUR, HOUR_US, MONTH, microseconds, moment, next_start, pieces, start_of
from gateway.console.index.facts import CALLS, FILLED, OK, SOURCE, TOTAL, Series
from gateway.console.model import Bucket, Overview, Scope

_HOURS_LONG: Final = 3 * 24
_DAYS_LONG: Final = 120 * 24
# summed up by the engine: a year over all portals is tens of thousands of rows
_BY_SERIES: Final = "SELECT series, sum(n) FROM figure WHERE level = ? AND start >= ? AND start < ? GROUP BY series"
_BY_START: Final = (
    "SELECT start, sum(CASE WHEN word = ? THEN n ELSE 0 END), sum(CASE WHEN word = ? THEN 0 ELSE n END)"
    " FROM figure JOIN series ON series.id = series"
    " WHERE what = ? AND portal IN (SELECT value FROM json_each(?)) AND level = ? AND start >= ? AND start < ?"
    " GROUP BY start"
)
_STEPS: Final = {HOUR: timedelta(hours=1), DAY: timedelta(days=1), MONTH: timedelta(days=30)}


def overview(
    connection: sqlite3.Connection, scope: Scope, *, since: datetime, until: datetime, behind: int
) -> Overview:
    """Whole hours: `since` goes down and `until` up to one. Steps are hours up to 3 days, days up to 120, then months.

    Days and months are Vietnam's. Of a step that is cut by `since` only what is in the time counts.
    """
    first, last = microseconds(since) // HOUR_US, -(-microseconds(until) // HOUR_US)
    level = HOUR if last - first <= _HOURS_LONG else DAY if last - first <= _DAYS_LONG else MONTH
    rows = connection.execute("SELECT id, what, portal, name, word FROM series").fetchall()
    series = {row[0]: Series(*row[1:]) for row in rows if scope.holds(row[2])}
    parts, seen = pieces(first, last, level), json.dumps(sorted({one.portal for one in series.values()}))
    buckets: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    portals: Counter[str] = Counter()
    operations: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    sources: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for at, answered, refused in _counted(connection, _BY_START, parts, (OK, OK, CALLS, seen)):
        bucket = buckets[start_of(level, at)]
        bucket[0] += answered
        bucket[1] += refused
    for number, n in _counted(connection, _BY_SERIES, parts, ()):
        one = series.get(number)
        if one is None:
            continue
        if one.what == CALLS:
            portals[one.portal] += n
            operations[one.name] += n
            if one.word != OK:
                codes[one.word] += n
        elif one.what == SOURCE:
            sources[one.name][one.word] += n
        else:
            fields[one.name] += n
    return Overview(
        since=_at(first),
        until=_at(last),
        step=_STEPS[level],
        series=tuple(Bucket(_at(max(at, first)), *buckets.get(at, (0, 0))) for at in _starts(level, first, last)),
        portals=dict(portals.most_common()),
        operations=dict(operations.most_common()),
        codes=dict(codes.most_common()),
        sources={name: dict(words.most_common()) for name, words in sorted(sources.items())},
        fields_total=fields[TOTAL],
        fields_filled=fields[FILLED],
        behind=behind,
    )


def _counted(
    connection: sqlite3.Connection, statement: str, parts: list[tuple[int, int, int]], values: tuple[str, ...]
) -> list[tuple[int, ...]]:
    """What the statement sums up, for every part."""
    found: list[tuple[int, ...]] = []
    for level, start, end in parts:
        found += connection.execute(statement, (*values, level, start, end))
    return found


def _starts(level: int, first: int, last: int) -> list[int]:
    starts = []
    at = start_of(level, first)
    while at < last:
        starts.append(at)
        at = next_start(level, at)
    return starts


def _at(hour: int) -> datetime:
    return moment(hour * HOUR_US)
