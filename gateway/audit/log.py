"""The access log as the pipeline sees it: append an event, get a receipt once it is durable.

Rule of this file: order and back-pressure only. While one commit is in flight the next batch collects (group
commit, no linger); one thread writes, another answers look-ups. What a batch does to the tree and the store
stands in `writer`.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from gateway.audit import entry
from gateway.audit.epoch import Epoch
from gateway.audit.errors import KeyFileRefused, LogBroken, LogUnavailable, Replayed
from gateway.audit.events import CLEAR, KINDS, EntryKind, Event
from gateway.audit.receipt import Once, Receipt
from gateway.audit.ring import KeyRing
from gateway.audit.writer import Item, Writer
from gateway.storage.contract import Reader, Store, StoreUnavailable
from signing.notes import NoteSigner

__all__ = ["AccessLog", "LogBroken", "LogUnavailable", "Observer", "Once", "Receipt", "Replayed"]


class Observer(Protocol):
    """Where the log reports how it fares. Must not raise."""

    def committed(self, seconds: float, batch_size: int, /) -> None:
        """One batch of `batch_size` entries became durable in `seconds`."""
        ...

    def failed(self) -> None:
        """One batch could not be made durable."""
        ...

    def queue(self, waiting: int, /) -> None:
        """How many events are waiting or being written now."""
        ...


@dataclass(slots=True)
class _Waiting:
    item: Item
    receipt: asyncio.Future[Receipt]


class AccessLog:
    """One process's way into the log. Belongs to the event loop it was opened in."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        threads: tuple[ThreadPoolExecutor, ThreadPoolExecutor],
        *,
        ring: KeyRing,
        urandom: Callable[[int], bytes],
        observe: Observer,
        queue: int,
        batch: int,
    ) -> None:
        """Use `open`."""
        self._writer, self._reader = writer, reader
        self._write_thread, self._read_thread = threads
        self._ring, self._urandom, self._observe = ring, urandom, observe
        self._limit, self._batch = queue, batch
        self._waiting: deque[_Waiting] = deque()
        self._outstanding = 0
        self._wake = asyncio.Event()
        self._closed = False
        self._broken: str | None = None
        self._task = asyncio.create_task(self._run(), name="access-log-writer")

    @classmethod
    async def open(
        cls,
        store: Store,
        signer: NoteSigner,
        ring: KeyRing,
        *,
        origin: str,
        now: Callable[[], datetime],
        urandom: Callable[[int], bytes],
        observe: Observer,
        queue: int = 4096,
        batch: int = 1024,
    ) -> Self:
        """Catch up with the store, announce this month's key epoch if it is new, be ready to append.

        `origin` must be the name of the signer's key. `queue`: events waiting or in flight, more are refused;
        `batch`: entries in one transaction (the last event may go over it).
        Raises LogBroken (the store contradicts its own newest checkpoint), LogUnavailable and KeyFileRefused.
        """
        if signer.name != origin:
            raise ValueError("the log key is for another origin")
        loop = asyncio.get_running_loop()
        epoch = ring.current(EntryKind.DECIDED, now(), urandom)
        threads = (ThreadPoolExecutor(1, "log-write"), ThreadPoolExecutor(1, "log-read"))
        writer = Writer(store, signer, now=now, urandom=urandom)
        reader = store.reader()
        try:
            await loop.run_in_executor(threads[0], writer.start, epoch)
        except BaseException:
            await loop.run_in_executor(threads[0], store.close)
            for thread in threads:
                thread.shutdown(wait=False)
            raise
        return cls(writer, reader, threads, ring=ring, urandom=urandom, observe=observe, queue=queue, batch=batch)

    @property
    def healthy(self) -> bool:
        """False once the log is closed or broken. A store that is down for a while leaves it True."""
        return not self._closed and self._broken is None

    def checkpoint(self) -> str:
        """The newest signed note this process knows."""
        return self._writer.note

    async def append(self, event: Event, *, once: Once | None = None) -> Receipt:
        """Make `event` durable, one entry per subject, and claim `once` with it: both or neither.

        Cancelling the wait does not take the entry back. Raises Replayed (`once` was claimed before, nothing
        was written) and LogUnavailable (not known to be durable; the entry may exist all the same).
        """
        self._refuse_when_down()
        if self._outstanding >= self._limit:
            raise LogUnavailable("full")
        sealed = entry.seal(event, self._epoch_for(event), self._urandom)
        waiting = _Waiting(Item(sealed, once), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._count(1)
        self._wake.set()
        return await waiting.receipt

    async def seen(self, iss: str, jti: str) -> bool:
        """Whether the pair was claimed.

        Only `append` decides: this is for refusing early. Raises LogUnavailable.
        """
        self._refuse_when_down()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._read_thread, self._reader.claimed, iss, jti)
        except StoreUnavailable as error:
            raise LogUnavailable("store") from error

    async def close(self) -> None:
        """Take no more events, write those waiting, let go of the store. Calling it twice is harmless."""
        if self._closed:
            return
        self._closed = True
        self._wake.set()
        loop = asyncio.get_running_loop()
        try:
            await self._task
        finally:
            await loop.run_in_executor(self._read_thread, self._reader.close)
            await loop.run_in_executor(self._write_thread, self._writer.close)
            self._read_thread.shutdown()
            self._write_thread.shutdown()

    def _epoch_for(self, event: Event) -> Epoch | None:
        """The epoch an event is sealed under. Files are read and made once per month and kind."""
        kind = KINDS[type(event)]
        if kind in CLEAR:
            return None
        try:
            return self._ring.current(kind, event.at, self._urandom)
        except KeyFileRefused as error:
            raise LogUnavailable("keys") from error

    def _refuse_when_down(self) -> None:
        if self._broken is not None:
            raise LogBroken(self._broken)
        if self._closed:
            raise LogUnavailable("closed")

    def _count(self, change: int) -> None:
        self._outstanding += change
        self._observe.queue(self._outstanding)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._flush(self._next_batch())
            if self._closed:
                return

    def _next_batch(self) -> list[_Waiting]:
        taken: list[_Waiting] = []
        entries = 0
        while self._waiting and entries < self._batch:
            taken.append(self._waiting.popleft())
            entries += len(taken[-1].item.sealed)
        return taken

    async def _flush(self, taken: list[_Waiting]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        results: list[Receipt | Replayed | LogUnavailable]
        try:
            self._refuse_when_broken()
            results = [*await loop.run_in_executor(self._write_thread, self._writer.commit, [w.item for w in taken])]
        except LogUnavailable as error:
            if isinstance(error, LogBroken):
                self._broken = error.detail
            self._observe.failed()
            results = [error] * len(taken)
        except BaseException:
            # a fault of this program: nobody may wait for ever, and nothing may be accepted on top of it
            self._broken = "the writer stopped unexpectedly"
            for waiting in (*taken, *self._waiting):
                _settle(waiting.receipt, LogBroken(self._broken))
            raise
        else:
            written = sum(r.count for r in results if isinstance(r, Receipt))
            if written:
                self._observe.committed(loop.time() - began, written)
        for waiting, result in zip(taken, results, strict=True):
            _settle(waiting.receipt, result)
        self._count(-len(taken))

    def _refuse_when_broken(self) -> None:
        if self._broken is not None:
            raise LogBroken(self._broken)


def _settle(receipt: asyncio.Future[Receipt], result: Receipt | Replayed | LogUnavailable) -> None:
    if receipt.done():  # the caller went away; the entry stays
        return
    if isinstance(result, Receipt):
        receipt.set_result(result)
    elif isinstance(result, LogBroken):
        receipt.set_exception(LogBroken(result.detail))
    elif isinstance(result, LogUnavailable):
        receipt.set_exception(LogUnavailable(result.reason))  # one exception object per waiter
    else:
        receipt.set_exception(result)
