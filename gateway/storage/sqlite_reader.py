"""Look-ups in a SQLite log through a read-only connection.

Rule of this file: nothing here can write, and no transaction stays open between two look-ups, so a reader
never keeps the WAL from being copied back for long.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gateway.storage import schema, sqlite_jobs
from gateway.storage.contract import Note, Row, StoreUnavailable
from gateway.storage.jobs import Due, JobRow

_REASONS: Final = {
    "SQLITE_FULL": "disk_full",
    "SQLITE_READONLY": "read_only",
    "SQLITE_BUSY": "locked",
    "SQLITE_LOCKED": "locked",
    "SQLITE_IOERR": "io",
    "SQLITE_CANTOPEN": "cannot_open",
    "SQLITE_CORRUPT": "corrupt",
    "SQLITE_NOTADB": "corrupt",
    "SQLITE_CONSTRAINT": "constraint",
}


def reason(error: DBAPIError | OSError) -> str:
    """A short word for what the engine said. Never its text, which may quote a value."""
    name = getattr(error.orig, "sqlite_errorname", "") if isinstance(error, DBAPIError) else "SQLITE_IOERR"
    primary = "_".join(name.split("_")[:2])  # SQLITE_IOERR_FSYNC is an SQLITE_IOERR
    return _REASONS.get(primary, "failed")


class SqliteReader:
    """The reader contract over one file. Belongs to the one thread that uses it; connects when first used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = create_engine("sqlite+pysqlite://", creator=self._connect, poolclass=NullPool)
        self._connection: Connection | None = None

    def claimed(self, issuer: str, jti: str) -> bool:
        """See the contract."""
        table = schema.claim.c
        return bool(self._read(select(table.until).where(table.jti == jti, table.iss == issuer)))

    def newest_note(self) -> Note | None:
        """See the contract."""
        table = schema.checkpoint.c
        found = self._read(select(table.size, table.ts, table.note).order_by(table.size.desc()).limit(1))
        return Note(*found[0]) if found else None

    def note(self, size: int) -> Note | None:
        """See the contract."""
        table = schema.checkpoint.c
        found = self._read(select(table.size, table.ts, table.note).where(table.size == size))
        return Note(*found[0]) if found else None

    def leaves(self, start: int, end: int) -> list[bytes]:
        """See the contract."""
        table = schema.entry.c
        wanted = select(table.leaf).where(table.idx >= start, table.idx < end).order_by(table.idx)
        return [leaf for (leaf,) in self._read(wanted)]

    def tile(self, level: int, n: int) -> bytes | None:
        """See the contract."""
        table = schema.tile.c
        found = self._read(select(table.data).where(table.level == level, table.n == n))
        return found[0][0] if found else None

    def rows(self, start: int, end: int) -> list[Row]:
        """See the contract."""
        table = schema.entry.c
        wanted = select(table.idx, table.ts, table.subj_tag, table.actor_tag, table.env, table.leaf)
        return [
            Row(*found) for found in self._read(wanted.where(table.idx >= start, table.idx < end).order_by(table.idx))
        ]

    def newest(self, *, below: int | None, subject_tag: bytes | None, limit: int) -> Sequence[Row]:
        """See the contract."""
        table = schema.entry.c
        wanted = select(table.idx, table.ts, table.subj_tag, table.actor_tag, table.env, table.leaf)
        if below is not None:
            wanted = wanted.where(table.idx < below)
        if subject_tag is not None:
            wanted = wanted.where(table.subj_tag == subject_tag)
        return [Row(*found) for found in self._read(wanted.order_by(table.idx.desc()).limit(limit))]

    def job(self, job: str) -> JobRow | None:
        """See `gateway.storage.jobs`."""
        found = self._read(sqlite_jobs.one(job))
        return sqlite_jobs.row(found[0]) if found else None

    def jobs_held(self) -> int:
        """See `gateway.storage.jobs`."""
        return int(self._read(sqlite_jobs.counted())[0][0])

    def jobs_due(self, now_us: int) -> Due:
        """See `gateway.storage.jobs`."""
        return sqlite_jobs.as_due(self._read(sqlite_jobs.due(now_us))[0])

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro", uri=True, isolation_level=None)

    def _read(self, statement: Any) -> list[Any]:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():
                return [tuple(row) for row in self._connection.execute(statement)]
        except DBAPIError as error:
            self.close()
            raise StoreUnavailable(reason(error)) from error
