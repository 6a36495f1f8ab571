"""The jobs of all processes on one store, as the rest of the gateway sees them.

Rule of this file: nothing here runs in the event loop but waiting. One thread writes, under the store's lock like the
log's own writer; another looks up. What the store cannot do now is `LogUnavailable`: it is the store of the log.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from gateway.audit.entry import microseconds
from gateway.audit.errors import LogUnavailable
from gateway.errors import Code, refused
from gateway.jobs.content import Content, Question, Result
from gateway.jobs.sealing import Sealer
from gateway.storage.contract import StoreUnavailable
from gateway.storage.jobs import Due, JobRow, JobStore

_T = TypeVar("_T")
SWEEP = 256
"""Expired rows removed in one transaction."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as kept. `decided`: index of the log entry that allowed it; `attempts`: this one included."""

    id: str
    agency: str
    decided: int
    attempts: int
    content: Content


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many jobs there may be: over all portals in any state, and pending of one portal."""

    most: int
    pending: int


class Shelf:
    """One process's way to the jobs. `owner` names the process; `now` is its clock."""

    def __init__(self, store: JobStore, sealer: Sealer, *, owner: str, now: Callable[[], datetime]) -> None:
        self._store, self._reader, self._sealer = store, store.reader(), sealer
        self._owner, self._now = owner, now
        self._write_thread = ThreadPoolExecutor(1, "jobs-write")
        self._read_thread = ThreadPoolExecutor(1, "jobs-read")

    async def held(self) -> int:
        """How many jobs there are, in any state. Raises LogUnavailable."""
        return await self._in(self._read_thread, self._reader.jobs_held)

    async def due(self) -> Due:
        """Whether there is anything to take or to sweep. Raises LogUnavailable."""
        at_us = microseconds(self._now())
        return await self._in(self._read_thread, lambda: self._reader.jobs_due(at_us))

    async def find(self, job: str) -> Job | None:
        """A job that has not expired. Raises LogUnavailable and JobUnreadable."""
        row = await self._in(self._read_thread, lambda: self._reader.job(job))
        if row is None or row.expires_us <= microseconds(self._now()):
            return None
        return self.opened(row)

    async def put(self, job: Job, *, lease: timedelta, keep: timedelta, bounds: Bounds) -> None:
        """Keep a new, pending job, leased to this process for `lease`; zero leaves it to whoever is free.

        Raises `Refused` (overloaded, rate_limited) when a bound is reached, and LogUnavailable.
        """
        at = self._now()
        state, sealed = self._sealer.seal(job.content, job=job.id, agency=job.agency, decided=job.decided)
        row = JobRow(
            id=job.id,
            agency=job.agency,
            state=state,
            owner=self._owner if lease else "",
            lease_us=microseconds(at + lease) if lease else 0,
            created_us=microseconds(at),
            expires_us=microseconds(at + keep),
            decided=job.decided,
            attempts=job.attempts,
            sealed=sealed,
        )
        await self._in(self._write_thread, lambda: self._put(row, bounds))

    async def take(self, limit: int, lease: timedelta) -> Sequence[JobRow]:
        """Lease at most `limit` pending jobs that nobody works on. `opened` tells their content.

        Raises LogUnavailable.
        """
        at = self._now()

        def write() -> Sequence[JobRow]:
            with self._store.write() as transaction:
                return transaction.jobs.take(
                    self._owner, now_us=microseconds(at), until_us=microseconds(at + lease), limit=limit
                )

        return await self._in(self._write_thread, write)

    def opened(self, row: JobRow) -> Job:
        """The job in a row. Raises JobUnreadable."""
        return Job(row.id, row.agency, row.decided, row.attempts, self._sealer.open(row))

    async def renew(self, jobs: Collection[str], lease: timedelta) -> None:
        """Extend this process's leases of some jobs from now on; zero gives them up. Raises LogUnavailable."""
        until_us = microseconds(self._now() + lease) if lease else 0

        def write() -> None:
            with self._store.write() as transaction:
                transaction.jobs.renew(self._owner, jobs, until_us=until_us)

        await self._in(self._write_thread, write)

    async def end(self, job: Job, result: Result, keep: timedelta) -> bool:
        """Keep the result of a job for `keep`. False when another process has taken it over. Raises LogUnavailable."""
        state, sealed = self._sealer.seal(result, job=job.id, agency=job.agency, decided=job.decided)
        expires_us = microseconds(self._now() + keep)

        def write() -> bool:
            with self._store.write() as transaction:
                return transaction.jobs.end(job.id, self._owner, state=state, sealed=sealed, expires_us=expires_us)

        return await self._in(self._write_thread, write)

    async def sweep(self) -> None:
        """Remove expired jobs, a bounded number at a time. Raises LogUnavailable."""
        at_us = microseconds(self._now())

        def write() -> None:
            with self._store.write() as transaction:
                transaction.jobs.sweep(at_us, SWEEP)

        await self._in(self._write_thread, write)

    async def close(self) -> None:
        """Let go of the store. Nothing may be under way."""
        await self._in(self._read_thread, self._reader.close)
        await self._in(self._write_thread, self._store.close)
        self._read_thread.shutdown()
        self._write_thread.shutdown()

    def _put(self, row: JobRow, bounds: Bounds) -> None:
        with self._store.write() as transaction:
            jobs = transaction.jobs
            jobs.sweep(row.created_us, SWEEP)  # what is over must not take the place of what comes
            if jobs.held() >= bounds.most:
                raise refused(Code.OVERLOADED, FULL)
            if jobs.pending_of(row.agency) >= bounds.pending:
                raise refused(Code.RATE_LIMITED, f"At most {bounds.pending} jobs pending at once.", retry_after=1)
            jobs.put(row)

    @staticmethod
    async def _in(thread: ThreadPoolExecutor, act: Callable[[], _T]) -> _T:
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, act)
        except StoreUnavailable as error:
            raise LogUnavailable("store") from error


FULL = "No place for another deferred answer now. Fetch those that are ready, or call without `Prefer`."


def question(job: Job) -> Question:
    """The question of a pending job. Raises TypeError for a job in another state."""
    if not isinstance(job.content, Question):
        raise TypeError("the job is no longer pending")
    return job.content
