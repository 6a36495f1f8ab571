"""A store that fails where a test says, around a real one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gateway.storage.contract import (
    Batch,
    Cosignature,
    Note,
    OutcomeUnknown,
    Reader,
    Stamp,
    Store,
    StoreUnavailable,
    Transaction,
)

BEFORE_COMMIT = ("open", "newest_note", "tail", "claimed", "add", "forget")
LOST, KEPT = "commit, not kept", "commit, but kept"


class _LostError(Exception):
    """Makes the real transaction roll back."""


class FaultyStore:
    """Each write takes the next of `faults`; None lets it pass. `then`: what others do right after a lost commit."""

    def __init__(self, inner: Store, *, then: Callable[[], object] = lambda: None) -> None:
        self.inner, self.then = inner, then
        self.faults: list[str | None] = []

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction of the real store, with the next fault in it."""
        fault = self.faults.pop(0) if self.faults else None
        if fault == "open":
            raise StoreUnavailable("injected")
        try:
            with self.inner.write() as transaction:
                yield FaultyTransaction(transaction, fault)
                _lose(fault)
        except _LostError:
            self.then()
            raise OutcomeUnknown("injected") from None
        if fault == KEPT:
            raise OutcomeUnknown("injected")

    def reader(self) -> Reader:
        """A real reader."""
        return self.inner.reader()

    def close(self) -> None:
        """Close the real store."""
        self.inner.close()


class FaultyTransaction:
    """Does what it is asked, then fails at the named step: the worst moment, with the work half done."""

    def __init__(self, inner: Transaction, fault: str | None) -> None:
        self._inner, self._fault = inner, fault

    def newest_note(self) -> Note | None:
        """As the contract says."""
        return self._after("newest_note", self._inner.newest_note())

    def tail(self, start: int) -> Sequence[tuple[int, bytes]]:
        """As the contract says."""
        return self._after("tail", self._inner.tail(start))

    def tile(self, level: int, n: int) -> bytes | None:
        """As the contract says."""
        return self._after("tile", self._inner.tile(level, n))

    def announced(self, kids: Sequence[bytes]) -> frozenset[bytes]:
        """As the contract says."""
        return self._after("announced", self._inner.announced(kids))

    def claimed(self, pairs: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """As the contract says."""
        return self._after("claimed", self._inner.claimed(pairs))

    def add(self, batch: Batch) -> None:
        """As the contract says."""
        self._after("add", self._inner.add(batch))

    def forget(self, before_us: int, limit: int) -> None:
        """As the contract says."""
        self._after("forget", self._inner.forget(before_us, limit))

    def cosign(self, cosignatures: Sequence[Cosignature]) -> None:
        """As the contract says."""
        self._after("cosign", self._inner.cosign(cosignatures))

    def stamp(self, stamps: Sequence[Stamp]) -> None:
        """As the contract says."""
        self._after("stamp", self._inner.stamp(stamps))

    def _after(self, step: str, result: Any) -> Any:
        if self._fault == step:
            raise StoreUnavailable("injected")
        return result


def _lose(fault: str | None) -> None:
    if fault == LOST:
        raise _LostError
