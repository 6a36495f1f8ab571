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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, cast
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, event, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gateway.storage import schema
from gateway.storage.contract import OutcomeUnknown, StoreUnavailable
from gateway.storage.lock import locked
from gateway.storage.sqlite_reader import SqliteReader, reason
from gateway.storage.sqlite_transaction import SqliteTransaction

LOCK_WAIT: Final = 5.0
"""Seconds a writer waits for another process."""

WAL_PAGES: Final = 2000
"""Pages of 8,192 bytes the WAL may hold before it is copied back: 16 MB."""

_PAGE: Final = 8192
_BUSY_MS: Final = 2000


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
    def write(self) -> Iterator[SqliteTransaction]:
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
            if version in schema.EARLIER:
                from gateway.storage.migrate import upgrade  # noqa: PLC0415  # a quarter of a second, once in years

                upgrade(connection, held=schema.EARLIER[version])
            elif version == 0:
                schema.metadata.create_all(connection, checkfirst=False)
                connection.execute(insert(schema.revision).values(version_num=schema.REVISION))
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


def _begin(connection: Connection) -> None:
    # IMMEDIATE: the write lock is taken before the tail is read, so what is read is what is extended
    connection.exec_driver_sql("BEGIN IMMEDIATE")
