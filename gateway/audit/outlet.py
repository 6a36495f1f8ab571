"""The log's public part for an event loop: `Published` in a thread of its own.

Rule of this file: one thread and one connection, apart from those that write the log and look up one-time ids. However
much is asked of it, it takes its turn with the others and never makes them wait for a query of its own.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gateway.audit.errors import LogUnavailable
from gateway.audit.published import Published
from signing.tiles import Tile

_T = TypeVar("_T")


class Outlet:
    """What anyone may see of a log. Belongs to one event loop. Every method raises LogUnavailable."""

    def __init__(self, published: Published) -> None:
        self._published = published
        self._thread = ThreadPoolExecutor(1, "log-public")
        self._closed = False

    async def checkpoint(self) -> str:
        """The newest signed note."""
        note, _ = await self._run(self._published.newest)
        return note

    async def tile(self, tile: Tile) -> bytes | None:
        """The hashes of a tile; None when the newest tree does not have all of them."""
        return await self._run(self._published.tile, tile)

    async def proof(self, index: int, size: int | None) -> str | None:
        """An inclusion proof as C2SP tlog-proof@v1 text: see `Published.proof`."""
        proof = await self._run(self._published.proof, index, size)
        return None if proof is None else proof.text()

    async def close(self) -> None:
        """Answer what was asked, then let go of the store. Calling it twice is harmless."""
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._published.close)
        self._thread.shutdown()

    async def _run(self, ask: Callable[..., _T], *arguments: object) -> _T:
        if self._closed:
            raise LogUnavailable("closed")
        return await asyncio.get_running_loop().run_in_executor(self._thread, ask, *arguments)
