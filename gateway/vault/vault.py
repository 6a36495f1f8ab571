"""The vault of all processes on one store, as the rest of the gateway sees it.

Rule of this file: nothing here runs in the event loop but waiting. One thread writes, under the store's lock; another
looks up. What has ended is not found, whether or not it has been swept.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from gateway.audit import keyfiles
from gateway.storage.contract import StoreUnavailable
from gateway.storage.vault import VaultStore, Wanted
from gateway.vault.errors import VaultUnavailable, VaultUnreadable
from gateway.vault.item import Item, Space
from gateway.vault.sealing import KEY_BYTES, Sealer, microseconds

_T = TypeVar("_T")
SWEEP = 256
"""Ended rows removed in one transaction."""


class Vault:
    """One process's way to the vault. `now` is its clock."""

    def __init__(self, store: VaultStore, sealer: Sealer, *, now: Callable[[], datetime]) -> None:
        self._store, self._reader, self._sealer, self._now = store, store.reader(), sealer, now
        self._write_thread = ThreadPoolExecutor(1, "vault-write")
        self._read_thread = ThreadPoolExecutor(1, "vault-read")

    def tag(self, kind: str, identifier: str) -> bytes:
        """16 bytes that stand for a subject, under a key of this vault. `kind`: person, enterprise or taxpayer."""
        return self._sealer.tag(kind, identifier)

    def name(self, space: Space, *parts: str) -> bytes:
        """The id of what is found again by some parts."""
        return self._sealer.name(space, *parts)

    async def put(self, *items: Item) -> None:
        """Keep items, each in the place of the one with its space and id. All of them or none.

        Raises VaultUnavailable.
        """

        def write() -> None:
            rows = [(self._sealer.seal(item), item.subjects) for item in items]
            with self._store.write() as transaction:
                for row, tags in rows:
                    transaction.vault.put(row, tags)

        await self._in(self._write_thread, write)

    async def get(self, space: Space, id: bytes) -> Item | None:  # noqa: A002 - the column's name
        """An item that has not ended. Raises VaultUnavailable and VaultUnreadable."""
        found = await self.some(space, [id])
        return found[0] if found else None

    async def some(self, space: Space, ids: Collection[bytes]) -> Sequence[Item]:
        """Those of some ids that have not ended, in any order. Raises VaultUnavailable and VaultUnreadable."""
        at_us = microseconds(self._now())
        rows = await self._in(self._read_thread, lambda: self._reader.vault_rows(space, ids))
        return [self._sealer.open(row) for row in rows if row.expires_us > at_us]

    async def about(
        self, space: Space, tag: bytes, *, limit: int, state: str | None = None, each: int | None = None
    ) -> Sequence[Item]:
        """Items about a subject, in a state where one is named, the newest first.

        `each`: how many of one agency, so that none crowds out the others'. Raises VaultUnavailable, VaultUnreadable.
        """
        wanted = Wanted(space, microseconds(self._now()), limit, state=state, each=each)
        rows = await self._in(self._read_thread, lambda: self._reader.vault_about(tag, wanted))
        return [self._sealer.open(row) for row in rows]

    async def listed(
        self,
        space: Space,
        *,
        limit: int,
        agency: str | None = None,
        state: str | None = None,
    ) -> Sequence[Item]:
        """Items of a space, of an agency and in a state where one is named; the newest first.

        Raises VaultUnavailable and VaultUnreadable.
        """
        wanted = Wanted(space, microseconds(self._now()), limit, agency, state)
        rows = await self._in(self._read_thread, lambda: self._reader.vault_listed(wanted))
        return [self._sealer.open(row) for row in rows]

    async def ending(self, space: Space, *, by: datetime, limit: int) -> Sequence[Item]:
        """Items of a space that end by a time, ended or not, the earliest first: what is to be seen to before that.

        A row that cannot be opened is left out. Raises VaultUnavailable.
        """
        rows = await self._in(self._read_thread, lambda: self._reader.vault_ending(space, microseconds(by), limit))
        found = []
        for row in rows:
            with suppress(VaultUnreadable):
                found.append(self._sealer.open(row))
        return found

    async def held(self, space: Space, *, agency: str | None = None) -> int:
        """How many items have not ended. Raises VaultUnavailable."""
        at_us = microseconds(self._now())
        return await self._in(self._read_thread, lambda: self._reader.vault_held(space, agency, at_us))

    async def change(
        self,
        space: Space,
        id: bytes,  # noqa: A002 - the column's name
        act: Callable[[Item | None], Item | None],
    ) -> Item | None:
        """Read an item, let `act` say what is to be in its place (None: nothing), and write that, with nobody between.

        `act` gets None where there is no such item; what it returns has the same space and id. It runs on the store's
        thread; what it raises leaves everything as it was. Raises VaultUnavailable and VaultUnreadable.
        """
        at_us = microseconds(self._now())

        def write() -> Item | None:
            with self._store.write() as transaction:
                row = transaction.vault.row(space, id)
                kept = act(self._sealer.open(row) if row is not None and row.expires_us > at_us else None)
                if kept is None:
                    transaction.vault.remove(space, id)
                elif (kept.space, kept.id) != (space, id):
                    raise ValueError("an item keeps its space and id")
                else:
                    transaction.vault.put(self._sealer.seal(kept), kept.subjects)
                return kept

        return await self._in(self._write_thread, write)

    async def erase(self, tags: Collection[bytes], spaces: Collection[Space]) -> int:
        """Remove everything about subjects; how many items it was. Raises VaultUnavailable.

        Broken off, it has removed some: it is to be repeated until it returns.
        """
        erasing = [partial(self._erased, tag, spaces) for tag in sorted(set(tags))]
        return sum([await self._in(self._write_thread, one) for one in erasing])

    async def sweep(self) -> int:
        """Remove what has ended; how many items it was. Raises VaultUnavailable."""
        removed, some = 0, SWEEP
        while some == SWEEP:
            some = await self._in(self._write_thread, partial(self._swept, microseconds(self._now())))
            removed += some
        return removed

    async def close(self) -> None:
        """Let go of the store. Nothing may be under way."""
        await self._in(self._read_thread, self._reader.close)
        await self._in(self._write_thread, self._store.close)
        self._read_thread.shutdown()
        self._write_thread.shutdown()

    def _erased(self, tag: bytes, spaces: Collection[Space]) -> int:
        removed, some = 0, SWEEP
        while some == SWEEP:
            with self._store.write() as transaction:
                rows = transaction.vault.about(tag, spaces, SWEEP)
                for row in rows:
                    transaction.vault.remove(row.space, row.id)
            some = len(rows)
            removed += some
        return removed

    def _swept(self, at_us: int) -> int:
        with self._store.write() as transaction:
            return transaction.vault.sweep(at_us, SWEEP)

    @staticmethod
    async def _in(thread: ThreadPoolExecutor, act: Callable[[], _T]) -> _T:
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, act)
        except StoreUnavailable as error:
            raise VaultUnavailable(error.reason) from error


def open_key(path: Path, urandom: Callable[[int], bytes]) -> bytes:
    """The 32-byte key in the file at `path`, drawn and written (mode 0600) when there is none yet.

    Raises KeyFileRefused. Losing the file loses what the vault holds.
    """
    return keyfiles.open_key(path, KEY_BYTES, urandom)
