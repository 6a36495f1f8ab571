"""Where a store is, and opening it: a SQLite file or a PostgreSQL database, by what the location says.

Rule of this file: the only place that knows every engine. A password in a location never shows in a text made of it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gateway.storage.contract import Reader, Store
from gateway.storage.jobs import JobReader, JobStore
from gateway.storage.postgres import PostgresJobStore, PostgresStore
from gateway.storage.postgres_reader import PostgresReader
from gateway.storage.sqlite import SqliteStore
from gateway.storage.sqlite_reader import SqliteReader
from gateway.storage.vault import VaultReader, VaultStore

SCHEMES = ("postgresql", "postgres")
_SHOWN = frozenset({"host", "port", "dbname", "database", "user", "sslmode", "target_session_attrs"})


@dataclass(frozen=True, slots=True)
class Location:
    """A SQLite file (`path`) or a PostgreSQL database (`url`, as libpq writes it). Use `parse_location`.

    `str` and `repr` leave out the password and every parameter that may be one.
    """

    path: Path | None = None
    url: str | None = field(default=None, repr=False)
    shown: str = field(init=False)

    def __post_init__(self) -> None:
        """Raises ValueError unless exactly one is given."""
        if (self.path is None) == (self.url is None):
            raise ValueError("a location is either a file or a database")
        object.__setattr__(self, "shown", str(self.path) if self.url is None else _without_secrets(self.url))

    def __str__(self) -> str:
        """For people."""
        return self.shown


class AnyReader(Reader, JobReader, VaultReader, Protocol):
    """Look-ups in all: the log, the deferred answers and the vault."""


def parse_location(text: str, default: Path) -> Location:
    """What a configuration says about the store: "" for the file `default`, or `postgresql://user@host:port/database?...`.

    Parameters are libpq's (`sslmode`, `sslrootcert`, `passfile`, `target_session_attrs` and so on). Raises ValueError
    with a sentence that does not repeat the text, which may hold a password.
    """
    if not text:
        return Location(path=default)
    if not text.startswith(tuple(f"{scheme}://" for scheme in SCHEMES)):
        raise ValueError('a store is "" for the file in the data folder, or postgresql://user@host:port/database')
    try:
        parts = urlsplit(text)
        named = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        _ = parts.port
    except ValueError:
        raise ValueError("the address of the PostgreSQL store cannot be read") from None
    if parts.fragment:
        raise ValueError("the address of the PostgreSQL store has a '#': write %23 for one in a password")
    if not (parts.path.strip("/") or named.get("dbname") or named.get("database")):
        raise ValueError("the address of the PostgreSQL store names no database")
    return Location(url=text)


def open_store(location: Location) -> Store:
    """The log's store. Connects when first written to."""
    return PostgresStore(location.url) if location.url is not None else SqliteStore(_file(location))


def open_job_store(location: Location) -> JobStore:
    """The store of deferred answers, beside the log. Connects when first written to."""
    return PostgresJobStore(location.url) if location.url is not None else SqliteStore(_file(location))


def open_vault_store(location: Location) -> VaultStore:
    """The vault's store, beside the log. Connects when first written to."""
    return PostgresJobStore(location.url) if location.url is not None else SqliteStore(_file(location))


def open_reader(location: Location) -> AnyReader:
    """Look-ups in log, deferred answers and vault. Connects when first used."""
    return PostgresReader(location.url) if location.url is not None else SqliteReader(_file(location))


def _file(location: Location) -> Path:
    if location.path is None:
        raise TypeError("not a file")
    return location.path


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    shown = [(name, value) for name, value in parse_qsl(parts.query) if name in _SHOWN]
    return urlunsplit((parts.scheme, user.partition(":")[0] + at + hosts, parts.path, urlencode(shown, safe="/,"), ""))
