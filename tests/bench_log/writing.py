"""A log of a size, written by the log's own writer: real envelopes, key epochs, tiles, tree and signed checkpoints.

What is not as in life, for speed: entries are sealed by several processes and committed thousands at a time, one-time
ids are left out, and the store's two indexes of tags are made once at the end. The file has the schema of any other.

Rule of this file: what an entry says is decided by `gateway.audit.entry`, what is written by `gateway.audit.writer`.
"""

import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from gateway.audit.entry import Sealed
from gateway.audit.epoch import Epoch
from gateway.audit.events import SEALED
from gateway.audit.keys import Places, open_signer
from gateway.audit.ring import KeyRing
from gateway.audit.writer import Item, Writer
from gateway.console.index.calendar import moment
from gateway.storage.sqlite import SqliteStore
from signing.notes import NoteSigner
from tests.bench_log.calls import Desk
from tests.bench_log.country import END, Country
from tests.bench_log.shapes import Flat

ORIGIN = "log.bench.example/access"
SEED = 20261122

_CALLS = 4000
"""Calls of one piece: what a process seals at a time, and one commit holds."""


@dataclass(frozen=True, slots=True)
class BigLog:
    """A log that was written. `size`: its entries."""

    places: Places
    signer: NoteSigner
    country: Country
    size: int

    @property
    def ring(self) -> KeyRing:
        """Its keys."""
        return KeyRing(self.places.ring)


def write(folder: Path, entries: int, *, workers: int, told: Callable[[int], None]) -> BigLog:
    """A log of about `entries` entries under `folder`, which must be empty. `told`: how many there are so far."""
    country = Country(entries)
    places = Places.under(folder)
    places.store.parent.mkdir(parents=True)
    signer, ring = open_signer(places, ORIGIN), KeyRing(places.ring)
    _draw_keys(ring, country)
    clock = [country.start]
    writer = Writer(SqliteStore(places.store), signer, now=lambda: clock[0], urandom=os.urandom)
    epochs = {epoch.kid: epoch for epoch in ring.all()}
    written = 0
    with without_indexes(places.store, writer):
        for piece in _sealed(country, places.ring, workers):
            clock[0] = moment(piece[0].at_us)
            writer.commit([Item((_as_sealed(one, epochs[one.kid]),), None) for one in piece])
            written += len(piece)
            told(written)
    size = writer.note.splitlines()[1]
    return BigLog(places, signer, country, int(size))


@contextmanager
def without_indexes(store: Path, writer: Writer) -> Iterator[None]:
    """The store without its indexes of tags for the block; then they are made in one go, as they were."""
    writer.commit([])  # makes the file
    names = "('entry_subject', 'entry_actor')"
    with _connected(store) as connection:
        found = connection.execute(f"SELECT name, sql FROM sqlite_schema WHERE name IN {names}").fetchall()  # noqa: S608
        for name, _ in found:
            connection.execute(f"DROP INDEX {name}")
    try:
        yield
    finally:
        writer.close()
    with _connected(store) as connection:
        for _, statement in found:
            connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _connected(store: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(store, isolation_level=None)
    try:
        connection.execute("PRAGMA cache_size = -262144")
        yield connection
    finally:
        connection.close()


def _as_sealed(flat: Flat, epoch: Epoch) -> Sealed:
    return Sealed(flat.at_us, flat.subject_tag, flat.actor_tag, flat.envelope, flat.leaf, epoch)


def _draw_keys(ring: KeyRing, country: Country) -> None:
    """The keys of every month and kind, so that all processes find the same."""
    at = country.start
    while at <= END:
        for kind in SEALED:
            ring.current(kind, at, os.urandom)
        at = at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1, day=1)


def _sealed(country: Country, keys: Path, workers: int) -> Iterator[list[Flat]]:
    """The sealed entries of the log in their order, piece by piece."""
    pieces = iter([(first, min(_CALLS, country.calls - first)) for first in range(0, country.calls, _CALLS)])
    with get_context("spawn").Pool(workers, _begin, (country, keys)) as pool:
        under_way = deque(pool.apply_async(_piece, one) for one in islice(pieces, workers + 2))
        while under_way:
            yield [Flat(*one) for one in under_way.popleft().get()]
            under_way += (pool.apply_async(_piece, one) for one in islice(pieces, 1))


# -- in the processes that seal

_MINE: dict[str, Desk] = {}


def _begin(country: Country, keys: Path) -> None:
    _MINE["desk"] = Desk(country, KeyRing(keys))


def _piece(first: int, count: int) -> list[tuple[int, bytes, bytes, bytes, bytes, bytes]]:
    return [
        (one.at_us, one.subject_tag, one.actor_tag, one.envelope, one.leaf, one.kid)
        for one in _MINE["desk"].entries(first, count, seed=SEED)
    ]
