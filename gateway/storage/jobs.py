"""What deferred answers need of a store: rows with a lease, beside the log and never part of it.

    write()   the same transactions as the log's, one at a time over all processes
    reader()  look-ups on a connection of their own

Rule of this file: values and Protocols. Whoever holds a `JobStore` can add nothing to the log. What a job is about
stands in `sealed`, encrypted before it comes here; every other column may be read by whoever can read the file.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class JobState(StrEnum):
    """How far a job is."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as stored. Times are microseconds since 1970 UTC.

    `owner`: the process that works on it, "" for none; its lease counts until `lease_us`. `decided`: index of the log
    entry that allowed the call. `attempts`: how often a process has begun to work on it.
    """

    id: str
    agency: str
    state: JobState
    owner: str
    lease_us: int
    created_us: int
    expires_us: int
    decided: int
    attempts: int
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Due:
    """What there is to do: a pending job without a valid lease, an expired row."""

    work: bool
    expired: bool


class JobTransaction(Protocol):
    """Jobs inside `JobStore.write`. Every method may raise StoreUnavailable."""

    def held(self) -> int:
        """How many rows there are, in any state."""
        ...

    def pending_of(self, agency: str) -> int:
        """How many jobs of a portal are pending."""
        ...

    def put(self, row: JobRow) -> None:
        """Add a row; its id must be new."""
        ...

    def take(self, owner: str, *, now_us: int, until_us: int, limit: int) -> Sequence[JobRow]:
        """Lease at most `limit` pending, unexpired jobs whose lease is over, the oldest first.

        The rows come back as they are stored now: the new owner and lease, one attempt more.
        """
        ...

    def renew(self, owner: str, jobs: Collection[str], *, until_us: int) -> None:
        """Extend an owner's leases of some pending jobs; 0 gives them up."""
        ...

    def end(self, job: str, owner: str, *, state: JobState, sealed: bytes, expires_us: int) -> bool:
        """Store the outcome of a pending job. False, and nothing changed, when another owner holds it or it is gone."""
        ...

    def sweep(self, now_us: int, limit: int) -> None:
        """Remove at most `limit` rows that have expired."""
        ...


class HoldsJobs(Protocol):
    """An open transaction that reaches the jobs."""

    @property
    def jobs(self) -> JobTransaction:
        """The jobs, within this transaction."""
        ...


class JobReader(Protocol):
    """Look-ups. Belongs to the one thread that uses it. Every method may raise StoreUnavailable."""

    def job(self, job: str) -> JobRow | None:
        """The row of an id."""
        ...

    def jobs_held(self) -> int:
        """How many rows there are, in any state."""
        ...

    def jobs_due(self, now_us: int) -> Due:
        """Whether there is anything to take or to sweep."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class JobStore(Protocol):
    """Where jobs live. `write` and `close` belong to one thread."""

    def write(self) -> AbstractContextManager[HoldsJobs]:
        """A transaction: see `gateway.storage.contract`. Raises StoreUnavailable and OutcomeUnknown."""
        ...

    def reader(self) -> JobReader:
        """A reader of its own; connects when first used."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
