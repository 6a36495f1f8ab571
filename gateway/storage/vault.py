"""What the vault needs of a store: sealed rows that end, findable by whom they are about, beside the log.

    write()   the same transactions as those of deferred answers, one at a time over all processes
    reader()  look-ups on a connection of their own

Rule of this file: values and Protocols. What a row says stands in `sealed`, encrypted before it comes here; a tag is a
keyed hash. Every other column may be read by whoever can read the file.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class VaultRow:
    """One row as stored. Times are microseconds since 1970 UTC; `id` is unique within its `space`."""

    space: str
    id: bytes
    agency: str
    state: str
    created_us: int
    expires_us: int
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a space: those that end after `now_us`, and are of an agency and in a state where one is named. At
    most `limit`, the newest first; of those with a tag at most `each` of one agency."""

    space: str
    now_us: int
    limit: int
    agency: str | None = None
    state: str | None = None
    each: int | None = None


class VaultTransaction(Protocol):
    """Rows inside `VaultStore.write`. Every method may raise StoreUnavailable."""

    def row(self, space: str, id: bytes) -> VaultRow | None:  # noqa: A002 - the column's name
        """A row, ended or not."""
        ...

    def put(self, row: VaultRow, tags: Collection[bytes]) -> None:
        """Add a row, or put it in the place of the one with its space and id; `tags` replace those it had."""
        ...

    def remove(self, space: str, id: bytes) -> None:  # noqa: A002 - the column's name
        """Remove a row, if it is there."""
        ...

    def about(self, tag: bytes, spaces: Collection[str], limit: int) -> Sequence[VaultRow]:
        """At most `limit` rows with a tag, ended or not."""
        ...

    def sweep(self, now_us: int, limit: int) -> int:
        """Remove at most `limit` rows that have ended; how many it were."""
        ...


class HoldsVault(Protocol):
    """An open transaction that reaches the vault."""

    @property
    def vault(self) -> VaultTransaction:
        """The vault, within this transaction."""
        ...


class VaultReader(Protocol):
    """Look-ups. Belongs to the one thread that uses it. Every method may raise StoreUnavailable."""

    def vault_rows(self, space: str, ids: Collection[bytes]) -> Sequence[VaultRow]:
        """The rows of some ids, in any order, ended or not."""
        ...

    def vault_about(self, tag: bytes, wanted: Wanted) -> Sequence[VaultRow]:
        """The wanted rows with a tag."""
        ...

    def vault_listed(self, wanted: Wanted) -> Sequence[VaultRow]:
        """The wanted rows."""
        ...

    def vault_ending(self, space: str, by_us: int, limit: int) -> Sequence[VaultRow]:
        """At most `limit` rows of a space that end at `by_us` or earlier, ended or not; the earliest first."""
        ...

    def vault_held(self, space: str, agency: str | None, now_us: int) -> int:
        """How many rows of a space, and of an agency where one is named, have not ended."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class VaultStore(Protocol):
    """Where the vault's rows live. `write` and `close` belong to one thread."""

    def write(self) -> AbstractContextManager[HoldsVault]:
        """A transaction: see `gateway.storage.contract`. Raises StoreUnavailable and OutcomeUnknown."""
        ...

    def reader(self) -> VaultReader:
        """A reader of its own; connects when first used."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
