"""The log's store, as publishing sees it: what can be published, and what is kept of it.

Rule of this file: nothing here runs in the event loop but waiting. One thread of its own, one connection to write and
one to look up, apart from those of the log: whatever an endpoint does, no call waits for it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from gateway.audit.errors import LogUnavailable
from gateway.audit.published import Extension, Published
from gateway.storage.contract import Cosignature, Stamp, Store, StoreUnavailable
from signing.cosignatures import WitnessKey, open_cosignature
from signing.errors import SigningError
from signing.notes import NoteKey, parse_checkpoint

_T = TypeVar("_T")
_RECENT = 64
"""Rows looked through for the newest one of an endpoint: a few for each of them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest thing the store holds of an endpoint: the entries it covers, and the time it states."""

    size: int
    at_us: int


class Ledger:
    """One process's way to the store. `key`: the log's own. Every method raises LogUnavailable, and LogBroken.

    `store` is its own, not the log's; `close` closes it.
    """

    def __init__(self, store: Store, key: NoteKey) -> None:
        self._store, self._reader = store, store.reader()
        self._published = Published(self._reader, key)
        self._settled: int | None = None
        self._thread = ThreadPoolExecutor(1, "publish")

    async def newest(self) -> int | None:
        """The size of the newest checkpoint that no crash can take back any more; None for an empty log."""
        return await self._in(self._newest)

    async def extension(self, old_size: int, size: int) -> Extension | None:
        """See `Published.extension`."""
        return await self._in(lambda: self._published.extension(old_size, size))

    async def cosigned(self, key: WitnessKey) -> Kept | None:
        """The newest cosignature by a witness that verifies, whichever process asked for it."""
        return await self._in(lambda: self._cosigned(key))

    async def stamped(self, authority: str) -> Kept | None:
        """The newest time-stamp of an authority, whichever process asked for it."""
        return await self._in(lambda: self._stamped(authority))

    async def cosign(self, size: int, witness: str, *, at_us: int, line: str) -> None:
        """Keep a cosignature: see `gateway.storage.contract.Cosignature`."""

        def write() -> None:
            with self._store.write() as transaction:
                transaction.cosign([Cosignature(size, witness, at_us, line)])

        await self._in(write)

    async def stamp(self, size: int, authority: str, *, at_us: int, der: bytes) -> None:
        """Keep a time-stamp: see `gateway.storage.contract.Stamp`."""

        def write() -> None:
            with self._store.write() as transaction:
                transaction.stamp([Stamp(size, authority, at_us, der)])

        await self._in(write)

    async def close(self) -> None:
        """Let go of the store, once what is under way has ended."""
        await self._in(self._published.close)
        await self._in(self._store.close)
        self._thread.shutdown()

    def _newest(self) -> int | None:
        note = self._reader.newest_note()
        if note is None:
            return None
        if note.size != self._settled:
            # A reader may see a commit before it is on the disk (PostgreSQL, early lock release). A witness must not
            # learn of one that a crash can still take back: a transaction's end waits for all that came before it.
            with self._store.write() as transaction:
                settled = transaction.newest_note()
            self._settled = None if settled is None else settled.size
        return self._settled

    def _cosigned(self, key: WitnessKey) -> Kept | None:
        for row in self._reader.cosignatures(size=None, limit=_RECENT):
            note = self._reader.note(row.size) if row.witness == key.name else None
            if note is None:
                continue
            try:
                checkpoint = parse_checkpoint(note.text.partition("\n\n")[0] + "\n")
                open_cosignature(row.line, checkpoint.body(), key)
            except SigningError:
                continue  # of an earlier key, or not a witness's at all
            return Kept(row.size, row.at_us)
        return None

    def _stamped(self, authority: str) -> Kept | None:
        rows = self._reader.stamps(size=None, limit=_RECENT)
        return next((Kept(row.size, row.at_us) for row in rows if row.authority == authority), None)

    async def _in(self, act: Callable[[], _T]) -> _T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, act)
        except StoreUnavailable as error:
            raise LogUnavailable("store") from error
