"""The months of a PostgreSQL log: one partition of `entry` for each UTC month, made ahead of time.

A month without a partition of its own is kept in `entry_default` and loses nothing but that it cannot be given away as
a whole.

Rule of this file: partitions are only made. No row is ever moved.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import asyncpg

from gateway.storage.contract import StoreUnavailable
from gateway.storage.opening import Location
from gateway.storage.postgres_session import FAILURES, MAINTENANCE, MIGRATING, Session, reason

_PRESENT: Final = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'entry'::regclass"
_SECONDS: Final = 120.0  # the rows of `entry_default` are looked through
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Partitions:
    """Names of partitions, by what `create_partitions` found: new, there already, and not possible any more because
    entries of that month are in `entry_default`, where they stay."""

    made: tuple[str, ...]
    present: tuple[str, ...]
    in_default: tuple[str, ...]


def create_partitions(location: Location, *, months_ahead: int, now: datetime) -> Partitions:
    """Make the partitions of the month of `now` and of `months_ahead` more, each whole or not at all. Safe to repeat.

    Log in as the owner of the tables. Gateways may be running: they wait for a moment. A SQLite store has none. Raises
    StoreUnavailable: "locked" when somebody reads the log for longer than 5 seconds, "forbidden" for another role.
    """
    made: list[str] = []
    present: list[str] = []
    in_default: list[str] = []
    if location.url is None:
        return Partitions((), (), ())
    session = Session.open(location.url, MIGRATING, answer_seconds=_SECONDS)
    try:
        session.fetch("SELECT pg_advisory_lock($1)", MAINTENANCE)
        there = {name for (name,) in session.fetch(_PRESENT)}
        for first, after in months(now, months_ahead + 1):
            name = f"entry_{first:%Y_%m}"
            if name in there:
                present.append(name)
                continue
            try:
                session.run(_statement(name, first, after))
            except asyncpg.CheckViolationError:
                in_default.append(name)
            else:
                made.append(name)
    except FAILURES as error:
        raise StoreUnavailable(reason(error)) from error
    finally:
        session.close(politely=True)
    return Partitions(tuple(made), tuple(present), tuple(in_default))


def months(now: datetime, count: int) -> list[tuple[datetime, datetime]]:
    """The UTC month of `now` and those after it, each with the begin of the next."""
    starts = [now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)]
    for _ in range(count):
        last = starts[-1]
        starts.append((last + timedelta(days=31)).replace(day=1))
    return list(pairwise(starts))


def _statement(name: str, first: datetime, after: datetime) -> str:
    begin, end = ((at - _EPOCH) // timedelta(microseconds=1) for at in (first, after))
    return f"CREATE TABLE {name} PARTITION OF entry FOR VALUES FROM ({begin}) TO ({end})"
