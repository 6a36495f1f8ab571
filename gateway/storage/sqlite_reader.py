"""Look-ups in a SQLite log through a read-only connection.

Rule of this file: nothing here can write, and no transaction stays open between two look-ups, so a reader
never keeps the WAL from being copied back for long.
"""

import heapq
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gateway.storage import schema, sqlite_jobs, sqlite_vault
from gateway.storage.contract import Cosignature, EpochRow, Note, Row, Stamp, StoreUnavailable
from gateway.storage.jobs import Due, JobRow
from gateway.storage.vault import VaultRow, Wanted

IN_CLAUSE: Final = 500
"""Values in one list of a statement."""

_REASONS: Final = {
    "SQLITE_ERROR": "schema",  # the statements never change: a table or column of theirs is not there
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
_ROWS: Final = select(
    schema.entry.c.idx,
    schema.entry.c.ts,
    schema.entry.c.subj_tag,
    schema.entry.c.actor_tag,
    schema.entry.c.env,
    schema.entry.c.leaf,
)
_TAGGED: Final = select(schema.entry.c.idx).with_hint(
    schema.entry,
    "INDEXED BY entry_subject",
    "sqlite",  # otherwise a rare tag may cost a walk over the whole log
)


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
        wanted = _ROWS.where(table.idx >= start, table.idx < end).order_by(table.idx)
        return [Row(*found) for found in self._read(wanted)]

    def newest(self, *, below: int | None, subject_tags: Sequence[bytes] | None, limit: int) -> Sequence[Row]:
        """See the contract."""
        table = schema.entry.c
        if subject_tags is None:
            wanted = _ROWS if below is None else _ROWS.where(table.idx < below)
            return [Row(*found) for found in self._read(wanted.order_by(table.idx.desc()).limit(limit))]
        found = heapq.nlargest(limit, self._tagged(sorted(set(subject_tags)), below, limit))
        rows: list[Row] = []
        for at in range(0, len(found), IN_CLAUSE):
            chosen = _ROWS.where(table.idx.in_(found[at : at + IN_CLAUSE])).order_by(table.idx.desc())
            rows += [Row(*row) for row in self._read(chosen)]
        return rows

    def notes(self, *, below: int | None, limit: int) -> list[Note]:
        """See the contract."""
        table = schema.checkpoint.c
        wanted = select(table.size, table.ts, table.note).order_by(table.size.desc()).limit(limit)
        return [Note(*found) for found in self._read(wanted if below is None else wanted.where(table.size < below))]

    def epochs(self) -> list[EpochRow]:
        """See the contract."""
        table = schema.key_epoch.c
        wanted = select(table.kid, table.first_idx, table.ts, table.kind, table.period)
        return [EpochRow(*found) for found in self._read(wanted.order_by(table.first_idx))]

    def cosignatures(self, *, size: int | None, limit: int) -> list[Cosignature]:
        """See the contract."""
        table = schema.cosignature.c
        wanted = select(table.size, table.witness, table.ts, table.line)
        wanted = wanted if size is None else wanted.where(table.size == size)
        ordered = wanted.order_by(table.size.desc(), table.witness).limit(limit)
        return [Cosignature(*found) for found in self._read(ordered)]

    def stamps(self, *, size: int | None, limit: int) -> list[Stamp]:
        """See the contract."""
        table = schema.timestamp_token.c
        wanted = select(table.size, table.authority, table.ts, table.der)
        wanted = wanted if size is None else wanted.where(table.size == size)
        ordered = wanted.order_by(table.size.desc(), table.authority).limit(limit)
        return [Stamp(*found) for found in self._read(ordered)]

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

    def vault_rows(self, space: str, ids: Collection[bytes]) -> list[VaultRow]:
        """See `gateway.storage.vault`."""
        return [VaultRow(*found) for found in self._read(sqlite_vault.some(space, ids))]

    def vault_about(self, tag: bytes, wanted: Wanted) -> list[VaultRow]:
        """See `gateway.storage.vault`."""
        return [VaultRow(*found) for found in self._read(sqlite_vault.about(tag, wanted))]

    def vault_listed(self, wanted: Wanted) -> list[VaultRow]:
        """See `gateway.storage.vault`."""
        return [VaultRow(*found) for found in self._read(sqlite_vault.listed(wanted))]

    def vault_ending(self, space: str, by_us: int, limit: int) -> list[VaultRow]:
        """See `gateway.storage.vault`."""
        return [VaultRow(*found) for found in self._read(sqlite_vault.ending(space, by_us, limit))]

    def vault_held(self, space: str, agency: str | None, now_us: int) -> int:
        """See `gateway.storage.vault`."""
        return int(self._read(sqlite_vault.held(space, agency, now_us))[0][0])

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _tagged(self, tags: Sequence[bytes], below: int | None, limit: int) -> Iterator[int]:
        """The newest indices of each part of the tags, read from the index of tags alone."""
        table = schema.entry.c
        for at in range(0, len(tags), IN_CLAUSE):
            wanted = _TAGGED.where(table.subj_tag.in_(tags[at : at + IN_CLAUSE]))
            wanted = wanted if below is None else wanted.where(table.idx < below)
            yield from (idx for (idx,) in self._read(wanted.order_by(table.idx.desc()).limit(limit)))

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
