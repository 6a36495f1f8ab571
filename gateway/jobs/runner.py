"""Jobs worked on in the background: a bounded number at once, each under a lease that others respect.

    begin     a job this process has just kept        under the lease it was kept with
    each round (once a second, and whenever a place becomes free)
      renew   the leases of jobs under way            a process that dies stops renewing; its jobs are free again
      take    pending jobs nobody works on            of a process that died, or that found no place at first
      sweep   what has expired

The path of a job that was taken over is the path of every job. A registry may be asked twice when a process dies
between asking and keeping the answer; the work is told by `attempts`, and records it.

Rule of this file: it knows no registry and no policy. It never raises into the event loop: what fails is counted, and
tried again or recorded in the job.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

from gateway.admission import Admission
from gateway.audit.errors import LogUnavailable
from gateway.errors import Code, Refusal
from gateway.jobs.content import Failure, Result, about
from gateway.jobs.shelf import Job, Shelf
from gateway.model import Call


@dataclass(frozen=True, slots=True)
class Pace:
    """How many jobs at once, for how long a lease counts, seconds between rounds, and tries to keep a result."""

    places: int = 32
    lease: timedelta = timedelta(seconds=10)
    pause: float = 1.0
    tries: int = 5


class Observer(Protocol):
    """Where jobs are watched. Must not raise."""

    def running(self, jobs: int, /) -> None:
        """So many jobs are worked on now."""
        ...

    def job_ended(self, call: Call, agency: str, code: str, seconds: float, /) -> None:
        """A job has its result; `code` is `ok`, an error code, or `lost` when another process had taken it over."""
        ...

    def jobs_unavailable(self) -> None:
        """The store could not be read or written; the round is tried again."""
        ...

    def defect(self, error: BaseException, instance: str) -> None:
        """Something of ours broke."""
        ...


Work = Callable[[Job], Awaitable[Result]]


async def _no_work(_: Job) -> Result:
    raise LogUnavailable("closed")


class Runner:
    """One process's work on jobs. Belongs to one event loop."""

    def __init__(
        self,
        shelf: Shelf,
        *,
        admission: Admission,
        observe: Observer,
        clock: Callable[[], float],
        pace: Pace | None = None,
    ) -> None:
        self._shelf, self._admission, self._observe, self._clock = shelf, admission, observe, clock
        self._pace = pace or Pace()
        self._jobs: dict[asyncio.Task[None], str] = {}
        self._wake = asyncio.Event()
        self._halted = True
        self._renewed = 0.0
        self._loop: asyncio.Task[None] | None = None
        self._work: Work = _no_work
        self._keep: Callable[[], timedelta] = timedelta

    def start(self, work: Work, keep: Callable[[], timedelta]) -> None:
        """Begin. `work` turns a pending job into its result; it may raise LogUnavailable: the job stays pending.

        `keep`: for how long a result is kept from now on.
        """
        self._work, self._keep = work, keep
        self._halted = False
        self._loop = asyncio.create_task(self._rounds(), name="jobs")

    @property
    def lease(self) -> timedelta:
        """The lease to keep a new job with: zero when this process has no place for it."""
        return timedelta() if self._halted or self._free() <= 0 else self._pace.lease

    def begin(self, job: Job) -> None:
        """Work on a job whose lease this process holds."""
        self._spawn(job.id, lambda: job)

    def halt(self) -> None:
        """Take no more jobs; those under way go on. Others take over what is pending."""
        self._halted = True

    async def close(self) -> None:
        """Stop, and give back what is not finished so that another process can take it at once."""
        self._halted = True
        unfinished = list(self._jobs.values())
        tasks = [*self._jobs, *([self._loop] if self._loop else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if unfinished:
            with contextlib.suppress(LogUnavailable):  # the leases run out by themselves
                await self._shelf.renew(unfinished, timedelta())

    def _free(self) -> int:
        return self._pace.places - len(self._jobs)

    def _spawn(self, job: str, opened: Callable[[], Job]) -> None:
        task = asyncio.create_task(self._carry(job, opened), name="job")
        self._jobs[task] = job
        self._observe.running(len(self._jobs))
        task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._jobs.pop(task, None)
        self._observe.running(len(self._jobs))
        self._wake.set()

    async def _rounds(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pace.pause):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._round()
            except LogUnavailable:
                self._observe.jobs_unavailable()
                await asyncio.sleep(self._pace.pause)
            except Exception as defect:  # noqa: BLE001 - the edge of a task: without it the work would stop unseen
                self._observe.defect(defect, "")
                await asyncio.sleep(self._pace.pause)

    async def _round(self) -> None:
        at = self._clock()
        if self._jobs and at - self._renewed >= self._pace.lease.total_seconds() / 3:
            await self._shelf.renew(list(self._jobs.values()), self._pace.lease)
            self._renewed = at
        due = await self._shelf.due()
        if due.work and not self._halted and self._free() > 0:
            for row in await self._shelf.take(self._free(), self._pace.lease):
                self._spawn(row.id, partial(self._shelf.opened, row))
        if due.expired:
            await self._shelf.sweep()

    async def _carry(self, name: str, opened: Callable[[], Job]) -> None:
        instance = f"urn:uuid:{name}"
        try:
            with self._admission.background():
                await self._carried(opened(), instance)
        except LogUnavailable:
            self._observe.jobs_unavailable()  # the lease runs out, and whoever takes the job tries again
        except Exception as defect:  # noqa: BLE001 - the edge of a task: nobody else would hear of it
            self._observe.defect(defect, instance)

    async def _carried(self, job: Job, instance: str) -> None:
        began = self._clock()
        try:
            result = await self._work(job)
        except LogUnavailable:
            raise
        except Exception as defect:  # noqa: BLE001 - a defect of ours is the job's result, as it is a call's answer
            self._observe.defect(defect, instance)
            result = Failure(about(job.content), Refusal(Code.INTERNAL), (), ())
        kept = await self._kept(job, result)
        code = result.refusal.code.value if isinstance(result, Failure) else "ok"
        self._observe.job_ended(about(result).call, job.agency, code if kept else "lost", self._clock() - began)

    async def _kept(self, job: Job, result: Result) -> bool:
        """Keep a result, trying again while the store fails: it was fetched once and should not be fetched twice."""
        for _ in range(self._pace.tries - 1):
            try:
                return await self._shelf.end(job, result, self._keep())
            except LogUnavailable:
                self._observe.jobs_unavailable()
                await asyncio.sleep(self._pace.pause)
        return await self._shelf.end(job, result, self._keep())
