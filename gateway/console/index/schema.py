"""The tables of the index, `<data dir>/console/index.sqlite`, mode 0600, and how its file is opened.

    entry    one row per entry of the log. `facet`: what it says in words; `officer`, `dossier`: keyed tags; `subject`:
             the log's tag of whom it is about; `family`: that of the family name; `leads`: 1 for the first entry of an
             event
    facet    each combination of words once, with the number of its entries
    span     of 1,024 entries each the earliest and latest time, so that a time becomes a range of `idx`
    series, figure   the rollups: what is counted, and the count of an hour, a day, a month
    family   how often a family name was asked for by a portal, within a key epoch
    epoch    key epochs met. `state`: open, sealed (no keys here), condemned (to be erased), erased
    day, pattern     what the rules of console.toml saw, day by day
    state    position, the key's check, words about trouble

Why facets: the words of an entry repeat. With (facet), (officer, facet), (dossier, facet) and (subject, facet), each
followed by the row's own number, any combination of filters is a merge of sorted lists, and no list is read in vain.

Rule of this file: one writer, in one process; everybody else reads. A file of another version is thrown away.
"""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

VERSION: Final = 1
BLOCK: Final = 1024
"""Entries in a span."""

_CACHE_KIB: Final = 64 * 1024
_BUSY_MS: Final = 5000
_TABLES: Final = """\
CREATE TABLE state (name TEXT NOT NULL PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE epoch (
  id INTEGER PRIMARY KEY, kid BLOB NOT NULL UNIQUE, first INTEGER, last INTEGER,
  state TEXT NOT NULL CHECK (state IN ('open', 'sealed', 'condemned', 'erased'))
);
CREATE TABLE facet (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, portal TEXT NOT NULL, procedure TEXT NOT NULL, operation TEXT NOT NULL,
  outcome TEXT NOT NULL, status INTEGER NOT NULL, sources TEXT NOT NULL, scope TEXT NOT NULL,
  entries INTEGER NOT NULL DEFAULT 0,
  UNIQUE (kind, portal, procedure, operation, outcome, status, sources, scope)
);
CREATE TABLE entry (
  idx INTEGER PRIMARY KEY, at INTEGER NOT NULL, epoch INTEGER, facet INTEGER NOT NULL, leads INTEGER NOT NULL,
  officer INTEGER, dossier INTEGER, subject BLOB, family INTEGER
);
CREATE INDEX entry_facet ON entry (facet);
CREATE INDEX entry_officer ON entry (officer, facet) WHERE officer IS NOT NULL;
CREATE INDEX entry_dossier ON entry (dossier, facet) WHERE dossier IS NOT NULL;
CREATE INDEX entry_subject ON entry (subject, facet) WHERE subject IS NOT NULL;
CREATE TABLE span (block INTEGER PRIMARY KEY, least INTEGER NOT NULL, most INTEGER NOT NULL);
CREATE TABLE series (
  id INTEGER PRIMARY KEY, what TEXT NOT NULL, portal TEXT NOT NULL, name TEXT NOT NULL, word TEXT NOT NULL,
  UNIQUE (what, portal, name, word)
);
CREATE TABLE figure (
  level INTEGER NOT NULL, start INTEGER NOT NULL, series INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (level, start, series)
) WITHOUT ROWID;
CREATE TABLE family (
  epoch INTEGER NOT NULL, portal TEXT NOT NULL, tag INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (epoch, portal, tag)
) WITHOUT ROWID;
CREATE TABLE day (
  day INTEGER PRIMARY KEY, entries INTEGER NOT NULL, studied INTEGER NOT NULL DEFAULT 0,
  studied_at INTEGER NOT NULL DEFAULT 0, followed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE pattern (
  id INTEGER PRIMARY KEY, day INTEGER NOT NULL, rule TEXT NOT NULL, at INTEGER NOT NULL, portal TEXT NOT NULL,
  said TEXT NOT NULL, entries TEXT NOT NULL, score REAL NOT NULL
);
CREATE INDEX pattern_at ON pattern (at);
CREATE INDEX pattern_day ON pattern (day);
"""


class IndexTaken(Exception):  # noqa: N818 - it says what happened
    """Another process builds this index."""


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises sqlite3.OperationalError while there is no file yet."""
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    return connection


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The one connection that writes; the file is made (0600), or made anew when it is of another version or spoilt."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return _opened(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        remove(path)
        return _opened(path)


def remove(path: Path) -> None:
    """Throw an index away: nothing is lost, it is built again."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def take(path: Path) -> int:
    """The lock of the one process that builds the index at `path`; let go of by closing the handle.

    Raises IndexTaken.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise IndexTaken from None
    return handle


def _opened(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise sqlite3.DatabaseError("another version")  # noqa: TRY301 - the handle is closed below
        # a cache needs no commit that survives a power cut: it only may never lie, and a WAL does not
        for pragma in (
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "secure_delete = ON",
            "temp_store = MEMORY",
            f"cache_size = -{_CACHE_KIB}",
            f"busy_timeout = {_BUSY_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        if version == 0:
            connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
    except BaseException:
        connection.close()
        raise
    return connection
