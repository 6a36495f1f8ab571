"""The store in one SQLite file, shared by the processes of one machine: the log and, beside it, deferred answers.

WAL, synchronous=FULL: a commit is on the disk when it returns. Every write transaction, every copying of the
WAL back into the file and every closing of a writing connection happens under an exclusive lock on
`<store>.lock`. SQLite 3.7.0 to 3.51.2 can corrupt a database when two connections write and copy back at the
same moment; under the lock no two ever do. Readers open the file read-only, and SQLite never copies back on
behalf of a read-only connection.

Rule of this file: no SQL of the log's meaning, only of its rows. A connection that failed is dropped, never
reused.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast
from urllib.parse import quote

from sqlalchemy import Connection, bindparam, create_engine, delete, event, insert, select, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gateway.storage import schema
from gateway.storage.contract import Batch, Note, OutcomeUnknown, StoreUnavailable
from gateway.storage.lock import locked
from gateway.storage.sqlite_jobs import SqliteJobs
from gateway.storage.sqlite_reader import SqliteReader, reason

LOCK_WAIT: Final = 5.0
"""Seconds a writer waits for another process."""

WAL_PAGES: Final = 2000
"""Pages of 8,192 bytes the WAL may hold before it is copied back: 16 MB."""

_PAGE: Final = 8192
_BUSY_MS: Final = 2000
_IN_CLAUSE: Final = 500
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

# asked in every transaction: built once
_TAIL: Final = (
    select(schema.entry.c.idx, schema.entry.c.leaf)
    .where(schema.entry.c.idx >= bindparam("start"))
    .order_by(schema.entry.c.idx)
)
_INSERTS: Final = {table: insert(table) for table in schema.metadata.tables.values()}
_CLAIMED: Final = select(schema.claim.c.iss, schema.claim.c.jti).where(
    schema.claim.c.jti.in_(bindparam("ids", expanding=True))
)


class SqliteStore:
    """The store contract over one file.

    `path`'s folder must exist. `write` and `close` belong to one thread.
    """

    def __init__(self, path: Path, *, lock_wait: float = LOCK_WAIT, wal_pages: int = WAL_PAGES) -> None:
        self._path = path
        self._lock = path.with_name(path.name + ".lock")
        self._wal = path.with_name(path.name + "-wal")
        self._lock_wait, self._wal_pages = lock_wait, wal_pages
        self._copy_back_at = wal_pages * _PAGE
        self._engine = create_engine("sqlite+pysqlite://", creator=self._connect, poolclass=NullPool)
        event.listen(self._engine, "begin", _begin)
        self._connection: Connection | None = None

    @contextmanager
    def write(self) -> Iterator["SqliteTransaction"]:
        """One transaction: see `gateway.storage.contract`."""
        with locked(self._lock, wait=self._lock_wait):
            try:
                connection = self._open()
                transaction = connection.begin()
            except (DBAPIError, OSError) as error:
                self._drop()
                raise StoreUnavailable(reason(error)) from error
            except StoreUnavailable:
                self._drop()  # a connection that was refused must not pass as a good one next time
                raise
            try:
                yield SqliteTransaction(connection)
            except BaseException:
                # the connection may be the very thing that failed: a new one starts from what the disk holds
                self._drop()
                raise
            try:
                transaction.commit()
            except DBAPIError as error:
                self._drop()
                raise OutcomeUnknown(reason(error)) from error
            self._copy_back(connection)

    def reader(self) -> SqliteReader:
        """A reader with a read-only connection of its own."""
        return SqliteReader(self._path)

    def close(self) -> None:
        """Copy the WAL back and let go.

        Harmless when the lock cannot be had: the WAL then stays for the next start.
        """
        if self._connection is None:
            return
        with suppress(StoreUnavailable), locked(self._lock, wait=self._lock_wait):
            self._copy_back_at = 0
            self._copy_back(self._connection)
            self._drop()

    def _open(self) -> Connection:
        if self._connection is None:
            with suppress(FileExistsError):  # the WAL and its index take the mode of the file
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            self._connection = self._engine.connect()
            self._prepare(self._connection)
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{quote(str(self._path))}?mode=rw", uri=True, isolation_level=None)
        for pragma in (
            f"page_size = {_PAGE}",
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "fullfsync = ON",  # macOS only; ignored elsewhere
            "wal_autocheckpoint = 0",
            "trusted_schema = OFF",
            "secure_delete = ON",  # an answer whose time is over leaves no trace in the file, sealed as it was
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        return connection

    def _prepare(self, connection: Connection) -> None:
        with connection.begin():
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version == 0:
                schema.metadata.create_all(connection, checkfirst=False)
                connection.exec_driver_sql(f"PRAGMA user_version = {schema.VERSION}")
            elif version != schema.VERSION:
                raise StoreUnavailable("schema")

    def _copy_back(self, connection: Connection) -> None:
        """Copy the WAL into the file when it has grown.

        Failing is harmless: what is committed is in the WAL.
        """
        try:
            if self._wal.stat().st_size < self._copy_back_at:
                return
            # past SQLAlchemy, which would begin a transaction: inside one nothing is copied back
            driver = cast("sqlite3.Connection", connection.connection.driver_connection)
            driver.execute("PRAGMA busy_timeout = 0").close()  # a long reader must not hold up the log
            busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            driver.execute(f"PRAGMA busy_timeout = {_BUSY_MS}").close()
            size = self._wal.stat().st_size if busy else 0
            self._copy_back_at = size + self._wal_pages * _PAGE
        except (DBAPIError, sqlite3.Error, OSError):
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError, sqlite3.Error):
                connection.invalidate()
            connection.close()


class SqliteTransaction:
    """Inside `SqliteStore.write`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def jobs(self) -> SqliteJobs:
        """See `gateway.storage.jobs`."""
        return SqliteJobs(self._read, self._run)

    def newest_note(self) -> Note | None:
        """See the contract."""
        table = schema.checkpoint.c
        found = self._read(select(table.size, table.ts, table.note).order_by(table.size.desc()).limit(1))
        return Note(*found[0]) if found else None

    def tail(self, start: int) -> list[tuple[int, bytes]]:
        """See the contract."""
        return self._read(_TAIL, {"start": start})

    def tile(self, level: int, n: int) -> bytes | None:
        """See the contract."""
        table = schema.tile.c
        found = self._read(select(table.data).where(table.level == level, table.n == n))
        return found[0][0] if found else None

    def announced(self, kid: bytes) -> bool:
        """See the contract."""
        return bool(self._read(select(schema.key_epoch.c.ts).where(schema.key_epoch.c.kid == kid)))

    def claimed(self, pairs: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """See the contract."""
        wanted = set(pairs)
        found: set[tuple[str, str]] = set()
        for at in range(0, len(pairs), _IN_CLAUSE):
            ids = [jti for _, jti in pairs[at : at + _IN_CLAUSE]]
            found |= {(iss, jti) for iss, jti in self._read(_CLAIMED, {"ids": ids})}
        return frozenset(found & wanted)

    def add(self, batch: Batch) -> None:
        """See the contract."""
        self._insert(
            schema.entry,
            [
                {
                    "idx": row.index,
                    "ts": row.at_us,
                    "subj_tag": row.subject_tag,
                    "actor_tag": row.actor_tag,
                    "env": row.envelope,
                    "leaf": row.leaf,
                }
                for row in batch.rows
            ],
        )
        self._insert(schema.tile, [{"level": t.level, "n": t.n, "data": t.data} for t in batch.tiles])
        note = batch.note
        self._insert(schema.checkpoint, [{"size": note.size, "ts": note.at_us, "note": note.text}])
        if batch.epoch is not None:
            epoch = batch.epoch
            row = {"kid": epoch.kid, "first_idx": epoch.first_index, "ts": epoch.at_us}
            self._insert(schema.key_epoch, [row])
        claims = [{"iss": c.issuer, "jti": c.jti, "until": c.until_us} for c in batch.claims]
        self._insert(schema.claim, claims)

    def forget(self, before_us: int, limit: int) -> None:
        """See the contract."""
        table = schema.claim.c
        old = select(table.jti, table.iss).where(table.until < before_us).order_by(table.until).limit(limit)
        with _translated():
            self._connection.execute(delete(schema.claim).where(tuple_(table.jti, table.iss).in_(old)))

    def _read(self, statement: Any, values: Mapping[str, Any] = _NOTHING) -> list[Any]:
        with _translated():
            return [tuple(row) for row in self._connection.execute(statement, values)]

    def _run(self, statement: Any) -> int:
        with _translated():
            return int(self._connection.execute(statement).rowcount)

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            with _translated():
                self._connection.execute(_INSERTS[table], rows)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreUnavailable(reason(error)) from error


def _begin(connection: Connection) -> None:
    # IMMEDIATE: the write lock is taken before the tail is read, so what is read is what is extended
    connection.exec_driver_sql("BEGIN IMMEDIATE")
