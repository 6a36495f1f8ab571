"""The file with the reviews, `<data dir>/console/reviews.sqlite`, mode 0600.

    sample   who drew what, when, from which time and how; the seed repeats the draw
    item     an entry of a sample, at its place
    mark     what a reviewer said about an item: fine, question, breach, with a note

Rule of this file: rows are added, never changed or removed, and the file itself refuses it. A note stays here; the log
gets its digest.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from gateway.console.model import Scope
from gateway.console.reviews.values import Draw, Item, Mark, Marked, ReviewsUnavailable, Sample

VERSION: Final = 1
_TABLES: Final = """\
CREATE TABLE sample (
  id INTEGER PRIMARY KEY,
  drawn_by TEXT NOT NULL,
  drawn_at TEXT NOT NULL,
  since TEXT NOT NULL,
  until TEXT NOT NULL,
  how TEXT NOT NULL CHECK (how IN ('uniform', 'risk')),
  asked INTEGER NOT NULL CHECK (asked BETWEEN 1 AND 200),
  seed INTEGER NOT NULL CHECK (seed >= 0),
  portals TEXT,
  recorded INTEGER NOT NULL
) STRICT;
CREATE TABLE item (
  sample INTEGER NOT NULL REFERENCES sample (id),
  place INTEGER NOT NULL CHECK (place >= 1),
  idx INTEGER NOT NULL CHECK (idx >= 0),
  PRIMARY KEY (sample, place),
  UNIQUE (sample, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE mark (
  id INTEGER PRIMARY KEY,
  sample INTEGER NOT NULL,
  place INTEGER NOT NULL,
  reviewer TEXT NOT NULL,
  at TEXT NOT NULL,
  mark TEXT NOT NULL CHECK (mark IN ('fine', 'question', 'breach')),
  note TEXT NOT NULL,
  recorded INTEGER NOT NULL,
  FOREIGN KEY (sample, place) REFERENCES item (sample, place)
) STRICT;
CREATE INDEX mark_item ON mark (sample, place);
"""
_KEPT: Final = "CREATE TRIGGER {table}_{what} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'kept for ever'); END"


class Reviews:
    """The samples and marks in one file. May be used from several threads, one at a time does something.

    Every method raises ReviewsUnavailable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def add(self, draw: Draw) -> int:
        """Keep a sample; its number."""
        portals = None if draw.portals is None else json.dumps(sorted(draw.portals))
        with self._writing() as connection:
            cursor = connection.execute(
                "INSERT INTO sample (drawn_by, drawn_at, since, until, how, asked, seed, portals, recorded)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(draw.by, draw.at.isoformat(), draw.since.isoformat(), draw.until.isoformat()),
                    *(draw.how, draw.asked, draw.seed, portals, draw.recorded),
                ),
            )
            number = int(cursor.lastrowid or 0)
            connection.executemany(
                "INSERT INTO item (sample, place, idx) VALUES (?, ?, ?)",
                [(number, place, index) for place, index in enumerate(draw.indices, 1)],
            )
        return number

    def mark(self, number: int, place: int, given: Marked) -> None:
        """Add a mark to an item that is there."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO mark (sample, place, reviewer, at, mark, note, recorded) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(number, place, given.reviewer, given.at.isoformat()),
                    *(given.mark.value, given.note, given.recorded),
                ),
            )

    def samples(self, scope: Scope, *, below: int | None = None, limit: int = 50) -> tuple[Sample, ...]:
        """Samples within a scope with a number less than `below`, the newest first."""
        found: list[Sample] = []
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM sample WHERE id < ? ORDER BY id DESC", (1 << 62 if below is None else below,)
            )
            for row in rows:
                sample = _sample(connection, row)
                if sample.within(scope):
                    found.append(sample)
                    if len(found) == limit:
                        break
        return tuple(found)

    def sample(self, number: int, scope: Scope) -> Sample | None:
        """A sample; None when there is none or it is not within the scope."""
        with self._reading() as connection:
            row = connection.execute("SELECT * FROM sample WHERE id = ?", (number,)).fetchone()
            found = None if row is None else _sample(connection, row)
        return found if found is not None and found.within(scope) else None

    def items(self, number: int) -> tuple[Item, ...]:
        """Every item of a sample, in its order."""
        with self._reading() as connection:
            marks: dict[int, list[Marked]] = {}
            for row in connection.execute("SELECT * FROM mark WHERE sample = ? ORDER BY id", (number,)):
                marks.setdefault(row["place"], []).append(_marked(row))
            rows = connection.execute("SELECT place, idx FROM item WHERE sample = ? ORDER BY place", (number,))
            return tuple(Item(row["place"], row["idx"], tuple(marks.get(row["place"], ()))) for row in rows)

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._turn, _unavailable():
            if self._connection is None:
                self._connection = _connect(self._path)
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")


def _sample(connection: sqlite3.Connection, row: sqlite3.Row) -> Sample:
    number = row["id"]
    (size,) = connection.execute("SELECT count(*) FROM item WHERE sample = ?", (number,)).fetchone()
    newest = connection.execute(
        "SELECT mark, count(*) FROM mark WHERE id IN (SELECT max(id) FROM mark WHERE sample = ? GROUP BY place)"
        " GROUP BY mark",
        (number,),
    )
    marks: dict[str, int] = dict(newest.fetchall())
    reviewers = connection.execute(
        "SELECT reviewer FROM mark WHERE sample = ? GROUP BY reviewer ORDER BY min(id)", (number,)
    )
    return Sample(
        number=number,
        by=row["drawn_by"],
        at=datetime.fromisoformat(row["drawn_at"]),
        since=datetime.fromisoformat(row["since"]),
        until=datetime.fromisoformat(row["until"]),
        how=row["how"],
        asked=row["asked"],
        seed=row["seed"],
        portals=None if row["portals"] is None else frozenset(json.loads(row["portals"])),
        recorded=row["recorded"],
        size=size,
        marked=sum(marks.values()),
        marks=marks,
        reviewers=tuple(name for (name,) in reviewers),
    )


def _marked(row: sqlite3.Row) -> Marked:
    at = datetime.fromisoformat(row["at"])
    return Marked(row["reviewer"], at, Mark(row["mark"]), row["note"], row["recorded"])


def _connect(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):  # the journal takes the mode of the file
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError:
        raise ReviewsUnavailable("failed") from None
    # threads take turns: `_turn`
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    try:
        for pragma in (
            *("busy_timeout = 5000", "journal_mode = DELETE", "synchronous = FULL", "foreign_keys = ON"),
            "trusted_schema = OFF",
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version not in {0, VERSION}:
            raise ReviewsUnavailable("schema")
        if version == 0:
            for statement in _TABLES.split(";\n"):
                connection.execute(statement)
            for table in ("sample", "item", "mark"):
                for what in ("UPDATE", "DELETE"):
                    connection.execute(_KEPT.format(table=table, what=what))
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
        raise ReviewsUnavailable("locked" if busy else "failed") from None
