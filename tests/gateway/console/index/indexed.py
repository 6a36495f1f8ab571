"""Real logs with an index over them, for the tests of the console's index."""

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.console_rules import ConsoleRules
from gateway.audit.events import Disclosed, Event, Heartbeat, Refused
from gateway.audit.keys import Places
from gateway.audit.ring import KeyRing
from gateway.console.index.builder import Builder
from gateway.console.index.keyed import IndexKey
from gateway.console.index.schema import open_for_reading
from gateway.console.index.search import LogIndex
from gateway.console.model import EVERYTHING, Pattern, Scope
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.audit.builders import START, a_context, a_disclosure, a_log, a_refusal, a_subject

KEY = IndexKey(b"k" * 32)
RULES = ConsoleRules()
AGES = (START - timedelta(days=3660), START + timedelta(days=3660))
"""A time that holds every entry of every test."""


def append(folder: Path, events: Sequence[Event]) -> None:
    """Write events into the log under `folder`, in their order."""

    async def fill() -> None:
        async with a_log(folder) as log:
            await asyncio.gather(*(log.append(event) for event in events))

    asyncio.run(fill())


@dataclass(slots=True)
class Indexed:
    """A log, a builder and the index it builds. `folder`: of the log; `path`: of the index."""

    folder: Path
    path: Path
    key: IndexKey
    reader: SqliteReader
    builder: Builder
    index: LogIndex
    read: sqlite3.Connection = field(repr=False)

    @property
    def ring(self) -> KeyRing:
        """The log's key ring."""
        return KeyRing(Places.under(self.folder).ring)

    def follow(self, limit: int = 1000) -> int:
        """Build until nothing is left to do; how many steps it took."""
        steps = 0
        while self.builder.step(limit):
            steps += 1
        return steps

    def study(self, now: datetime, rules: ConsoleRules = RULES) -> int:
        """Look at every day that is due; how many were."""
        days = 0
        while self.builder.study(rules, now):
            days += 1
        return days

    def patterns(self, rule: str | None = None, scope: Scope = EVERYTHING) -> list[Pattern]:
        """The patterns of all times, of one rule."""
        found = self.index.patterns(scope, since=AGES[0], until=AGES[1], limit=1000)
        return [one for one in found if rule in (None, one.rule)]

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the index file."""
        return self.read.execute(statement, values).fetchall()

    def content(self) -> bytes:
        """Every byte of the index: its file and its write-ahead log."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return b"".join(file.read_bytes() for file in files if file.exists())

    def close(self) -> None:
        """Let go of everything."""
        self.read.close()
        self.index.close()
        self.builder.close()
        self.reader.close()


@contextmanager
def indexed(folder: Path, path: Path | None = None, *, key: IndexKey = KEY) -> Iterator[Indexed]:
    """The log under `folder` and an index of it, closed at the end; nothing is followed yet."""
    places = Places.under(folder)
    where = path or folder / "console" / "index.sqlite"
    reader = SqliteReader(places.store)
    builder = Builder(reader, KeyRing(places.ring), where, key)
    index = LogIndex(where, key, lambda: SqliteReader(places.store))
    made = Indexed(folder, where, key, reader, builder, index, open_for_reading(where))
    try:
        yield made
    finally:
        made.close()


def asked(
    at: datetime,
    *,
    officer: str = "cb-0042",
    agency: str = "H14",
    dossier: str = "H14.12-261122-0001",
    person: str = "004192000123",
    family: str = "",
    operation: str = "persons.lookup",
) -> Disclosed:
    """A call about one person that was answered."""
    context = a_context(officer=officer, agency=agency, dossier=dossier, operation=operation)
    return a_disclosure(at=at, context=context, subjects=(a_subject(id=person, family=family),))


def turned_away(at: datetime, *, officer: str = "cb-0042", agency: str = "H14", **changes: Any) -> Refused:
    """A call that was refused."""
    return a_refusal(at=at, context=a_context(officer=officer, agency=agency), **changes)


def still_alive(at: datetime) -> Heartbeat:
    """The log at a later time."""
    return Heartbeat(at)


def numbers(many: int) -> list[str]:
    """Different made-up numbers of people."""
    return [f"0041920{number:05}" for number in range(many)]


def picked(pattern: Pattern, *names: str) -> Mapping[str, Any]:
    """Some of a pattern's values."""
    return {name: pattern.values[name] for name in names}
