"""The file with the accounts, `<data dir>/console/console.sqlite`, mode 0600, shared by the console and its commands.

A rollback journal instead of a WAL: SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two processes write and
copy back at the same moment, and here the console and a command do write at once. What was deleted is overwritten.

Rule of this file: one task of the process writes at a time, and a change is committed after its `async with` block
ended without an error. Everything but the commit takes microseconds, so it runs where the request runs.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

from gateway.console.accounts.errors import AccountsUnavailable
from gateway.console.accounts.rows import Rows

T = TypeVar("T")

VERSION: Final = 1
LOCK_WAIT: Final = 10.0
"""Seconds a change waits for another process, which may be waiting for the access log."""

_BUSY_MS: Final = 2000
_PAUSE: Final = 0.01
_TABLES: Final = """\
CREATE TABLE account (
  username TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('national_auditor', 'provincial_auditor', 'operator', 'administrator')),
  portals TEXT CHECK ((portals IS NOT NULL) = (role = 'provincial_auditor')),
  language TEXT NOT NULL CHECK (language IN ('vi', 'en')),
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  origin TEXT NOT NULL CHECK (origin IN ('local', 'bound', 'claims')),
  password TEXT CHECK ((password IS NOT NULL) = (origin = 'local')),
  must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
  secret BLOB,
  enrolled INTEGER NOT NULL CHECK (enrolled IN (0, 1) AND (enrolled = 0 OR secret IS NOT NULL)),
  last_step INTEGER NOT NULL,
  issuer TEXT CHECK ((issuer IS NOT NULL) = (origin <> 'local')),
  subject TEXT CHECK ((subject IS NOT NULL) = (origin <> 'local')),
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  UNIQUE (issuer, subject)
) STRICT;
CREATE TABLE session (
  key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
  account TEXT REFERENCES account (username),
  stage TEXT NOT NULL CHECK (stage IN ('code', 'new_password', 'second_factor', 'open')),
  proven INTEGER NOT NULL CHECK (proven IN (0, 1) AND (stage = 'code' OR proven = 1)),
  single_sign_on INTEGER NOT NULL CHECK (single_sign_on IN (0, 1)),
  created INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  CHECK (account IS NOT NULL OR proven = 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_account ON session (account);
CREATE INDEX session_ends ON session (ends);
CREATE TABLE strike (
  key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
  failures TEXT NOT NULL,
  waits INTEGER NOT NULL,
  until INTEGER NOT NULL,
  told INTEGER NOT NULL CHECK (told IN (0, 1)),
  seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX strike_seen ON strike (seen);
"""


class AccountStore:
    """The accounts, sessions and strikes in one file. Belongs to one event loop.

    Raises AccountsUnavailable from everything: "locked" when another process holds it too long, "schema" when it was
    made by another version of this program, "failed" for everything else.
    """

    def __init__(self, path: Path, *, lock_wait: float = LOCK_WAIT) -> None:
        self._path = path
        self._lock_wait = lock_wait
        self._turn = asyncio.Lock()
        self._reading: sqlite3.Connection | None = None
        self._writing: sqlite3.Connection | None = None

    def read(self, ask: Callable[[Rows], T]) -> T:
        """What `ask` answers over what is committed."""
        with _unavailable():
            if self._reading is None:
                self._reading = self._connect()
            return ask(Rows(self._reading))

    @asynccontextmanager
    async def change(self) -> AsyncIterator[Rows]:
        """One change: committed when the block ends, undone when it raises.

        The block may wait for the access log; meanwhile others read what was before, and further changes wait.
        """
        async with self._turn:
            with _unavailable():
                if self._writing is None:
                    self._writing = self._connect()
                connection = self._writing
            await self._begin(connection)
            try:
                with _unavailable():
                    yield Rows(connection)
                    connection.execute("COMMIT")
            finally:
                with suppress(sqlite3.Error):
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")

    @property
    def busy(self) -> bool:
        """Whether a change of this process is under way."""
        return self._turn.locked()

    def close(self) -> None:
        """Let go of the file."""
        for connection in (self._reading, self._writing):
            if connection is not None:
                connection.close()
        self._reading = self._writing = None

    async def _begin(self, connection: sqlite3.Connection) -> None:
        ends = asyncio.get_running_loop().time() + self._lock_wait
        while True:
            try:
                connection.execute("PRAGMA busy_timeout = 0")
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            except sqlite3.OperationalError as error:
                if not _locked(error):
                    raise AccountsUnavailable("failed") from None
                if asyncio.get_running_loop().time() >= ends:
                    raise AccountsUnavailable("locked") from None
            else:
                return
            await asyncio.sleep(_PAUSE)

    def _connect(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):  # the journal takes the mode of the file
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except OSError:
            raise AccountsUnavailable("failed") from None
        # one thread at a time uses it: that of the event loop, which a test or server may start anywhere
        connection = sqlite3.connect(
            f"file:{quote(str(self._path))}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = DELETE",
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            "secure_delete = ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if _version(connection) == VERSION:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = _version(connection)  # another process may have been quicker
            if version not in {0, VERSION}:
                raise AccountsUnavailable("schema")
            if version == 0:
                for statement in _TABLES.split(";\n"):
                    connection.execute(statement)
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
        raise AccountsUnavailable("locked" if _locked(error) else "failed") from None


def _locked(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
