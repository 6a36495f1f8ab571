"""What the access log needs of a store, and what a store promises. SQLite and PostgreSQL keep it.

    write()   one transaction at a time over all processes; it sees everything committed before it.
              Leaving the block without an exception commits; the commit is on the disk before `write` returns.
    reader()  look-ups on a connection of their own, never waiting for a writer.

Rule of this file: values and Protocols, nothing of one engine. Only two errors come out: StoreUnavailable
when nothing was kept, OutcomeUnknown when the commit itself failed and may or may not have been kept.
"""

# ruff: noqa: N818  # the names say what happened; "Error" after each would say it twice

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


class StoreUnavailable(Exception):
    """The store cannot be read or written now; nothing of the transaction was kept.

    `reason` is a short word.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the store is unavailable: {reason}")
        self.reason = reason


class OutcomeUnknown(StoreUnavailable):
    """The commit failed: only a look at the tail tells whether the transaction was kept."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as stored. `at_us` and the tags are copies of the envelope's header, for searching.

    `envelope` is None only in a row read back after a redaction.
    """

    index: int
    at_us: int
    subject_tag: bytes
    actor_tag: bytes
    envelope: bytes | None
    leaf: bytes


@dataclass(frozen=True, slots=True)
class TileRow:
    """A full tile, 8,192 bytes."""

    level: int
    n: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A signed checkpoint over the first `size` entries."""

    size: int
    at_us: int
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A one-time id that was used. `until_us`: it may be forgotten from then on."""

    issuer: str
    jti: str
    until_us: int


@dataclass(frozen=True, slots=True)
class EpochRow:
    """A key epoch that was announced: its id and the index of its key-epoch entry.

    `kind`: the number of the entry kind it seals, 0 for all; `period`: the UTC month it is for, `2026-11`, "" for any.
    """

    kid: bytes
    first_index: int
    at_us: int
    kind: int
    period: str


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's signature line under the checkpoint of `size` (C2SP tlog-cosignature), without its line feed.

    `witness`: the name of the witness's key; `at_us`: the time the witness states.
    """

    size: int
    witness: str
    at_us: int
    line: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time-stamp (RFC 3161) over the SHA-256 of the checkpoint note of `size`.

    `authority`: the name it is configured under; `at_us`: the time it states; `der`: the TimeStampResp as received.
    """

    size: int
    authority: str
    at_us: int
    der: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything one transaction adds. `rows` is never empty; its first index is stored beside the checkpoint, unique,
    so that no two batches can ever extend the same tree."""

    rows: Sequence[Row]
    tiles: Sequence[TileRow]
    note: Note
    claims: Sequence[Claim]
    epochs: Sequence[EpochRow]


class Transaction(Protocol):
    """Inside `Store.write`. Every method may raise StoreUnavailable."""

    def newest_note(self) -> Note | None:
        """The checkpoint of the largest size."""
        ...

    def tail(self, start: int) -> Sequence[tuple[int, bytes]]:
        """(index, leaf) of every entry from index `start` on, in order."""
        ...

    def tile(self, level: int, n: int) -> bytes | None:
        """The data of a full tile."""
        ...

    def announced(self, kids: Sequence[bytes]) -> frozenset[bytes]:
        """Which of the key epochs have their row."""
        ...

    def claimed(self, pairs: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Which of the (issuer, jti) pairs are claimed."""
        ...

    def add(self, batch: Batch) -> None:
        """Add everything of a batch."""
        ...

    def forget(self, before_us: int, limit: int) -> None:
        """Remove at most `limit` claims whose `until_us` is earlier."""
        ...

    def cosign(self, cosignatures: Sequence[Cosignature]) -> None:
        """Add what witnesses signed; one that is there already (size and witness) stays as it is."""
        ...

    def stamp(self, stamps: Sequence[Stamp]) -> None:
        """Add time-stamps; one that is there already (size and authority) stays as it is."""
        ...


class Reader(Protocol):
    """Look-ups. Belongs to the one thread that uses it. Every method may raise StoreUnavailable."""

    def claimed(self, issuer: str, jti: str) -> bool:
        """Whether the pair is claimed."""
        ...

    def newest_note(self) -> Note | None:
        """The checkpoint of the largest size."""
        ...

    def note(self, size: int) -> Note | None:
        """The checkpoint of exactly this size; None when no batch ended there."""
        ...

    def leaves(self, start: int, end: int) -> Sequence[bytes]:
        """The leaf hashes of the entries `start` to `end - 1`, in order; fewer when the log is shorter."""
        ...

    def tile(self, level: int, n: int) -> bytes | None:
        """The data of a full tile."""
        ...

    def rows(self, start: int, end: int) -> Sequence[Row]:
        """The entries `start` to `end - 1`, in order; fewer when the log is shorter."""
        ...

    def newest(self, *, below: int | None, subject_tags: Sequence[bytes] | None, limit: int) -> Sequence[Row]:
        """At most `limit` entries with an index less than `below` and one of these tags, the newest first.

        None: no restriction. There may be thousands of tags: one per key epoch of the time searched.
        """
        ...

    def notes(self, *, below: int | None, limit: int) -> Sequence[Note]:
        """At most `limit` checkpoints of a size less than `below` (None: no restriction), the newest first."""
        ...

    def epochs(self) -> Sequence[EpochRow]:
        """Every key epoch that was announced, in the order of `first_index`."""
        ...

    def cosignatures(self, *, size: int | None, limit: int) -> Sequence[Cosignature]:
        """At most `limit` cosignatures, of the checkpoint of `size` or (None) of any, the largest size first."""
        ...

    def stamps(self, *, size: int | None, limit: int) -> Sequence[Stamp]:
        """At most `limit` time-stamps, of the checkpoint of `size` or (None) of any, the largest size first."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Store(Protocol):
    """Where a log lives. `write` and `close` belong to one thread."""

    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction: see the top of this file. Raises StoreUnavailable and OutcomeUnknown."""
        ...

    def reader(self) -> Reader:
        """A reader of its own; connects when first used."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
