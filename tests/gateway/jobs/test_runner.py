"""Work in the background: places, leases, taking over, failing, stopping."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.admission import Admission
from gateway.audit.entry import microseconds
from gateway.audit.errors import LogUnavailable
from gateway.errors import Code
from gateway.jobs.content import Failure, Result
from gateway.jobs.runner import Pace, Runner
from gateway.jobs.sealing import Sealer
from gateway.jobs.shelf import Job, Shelf
from gateway.model import Call
from gateway.storage.sqlite import SqliteStore
from tests.gateway.jobs.builders import BOUNDS, FINDING, KEEP, KEY, Clock, job, sealer

PACE = Pace(places=2, lease=timedelta(minutes=1), pause=0.05, tries=3)
"""A lease ends where a test moves the clock: on a busy machine one that is short ends by itself."""

PATIENCE = 60.0
"""Seconds a test waits for what must come."""


@dataclass
class Seen:
    """An observer that remembers."""

    most: int = 0
    ended: list[tuple[Call, str, str]] = field(default_factory=list)
    failures: int = 0
    defects: list[BaseException] = field(default_factory=list)

    def running(self, jobs: int, /) -> None:
        """See the contract."""
        self.most = max(self.most, jobs)

    def job_ended(self, call: Call, agency: str, code: str, seconds: float, /) -> None:  # noqa: ARG002
        """See the contract."""
        self.ended.append((call, agency, code))

    def jobs_unavailable(self) -> None:
        """See the contract."""
        self.failures += 1

    def defect(self, error: BaseException, instance: str) -> None:  # noqa: ARG002
        """See the contract."""
        self.defects.append(error)


@dataclass
class Process:
    """One process: its shelf, its runner, and what it saw."""

    shelf: Shelf
    runner: Runner
    admission: Admission
    seen: Seen


@asynccontextmanager
async def process(
    folder: Path,
    owner: str,
    work: Callable[[Job], Any],
    *,
    pace: Pace = PACE,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[Process]:
    """A process that works on jobs until the context is left."""
    shelf = Shelf(SqliteStore(folder / "log.sqlite"), sealer(), owner=owner, now=now)
    admission, seen = Admission(1), Seen()
    runner = Runner(shelf, admission=admission, observe=seen, clock=lambda: now().timestamp(), pace=pace)
    await shelf.sweep()  # the first to write makes the tables: to look before that is a failure
    runner.start(work, lambda: KEEP)
    try:
        yield Process(shelf, runner, admission, seen)
    finally:
        await runner.close()
        await shelf.close()


async def begun(one: Process, new: Job) -> None:
    """A job kept and begun as a call does it."""
    lease = one.runner.lease
    await one.shelf.put(new, lease=lease, keep=KEEP, bounds=BOUNDS)
    if lease:
        one.runner.begin(new)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something to hold."""
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends
        await asyncio.sleep(0.01)


async def content(shelf: Shelf, new: Job) -> Any:
    """What is kept of a job now."""
    found = await shelf.find(new.id)
    return found.content if found else None


def looking_on(one: Process) -> list[None]:
    """Grows whenever a process begins to look what there is to do."""
    shelf: Any = one.shelf
    looks, due = list[None](), shelf.due

    async def looking() -> Any:
        looks.append(None)
        return await due()

    shelf.due = looking
    return looks


async def looked(looks: list[None]) -> None:
    """Wait until a look that began after this call is over: another has begun."""
    before = len(looks)
    await until(lambda: len(looks) > before + 1)


async def renewed(shelf: Shelf, new: Job, until_us: int) -> None:
    """Wait until a job is leased to this moment."""
    reader: Any = shelf._reader
    ends = time.monotonic() + PATIENCE
    while (await shelf._in(shelf._read_thread, lambda: reader.job(new.id))).lease_us != until_us:
        assert time.monotonic() < ends
        await asyncio.sleep(0.01)


async def answering(_: Job) -> Result:
    """Finds the answer at once."""
    return FINDING


async def never(_: Job) -> Result:
    """Finds nothing, ever."""
    await asyncio.Event().wait()
    return FINDING


async def test_a_job_gets_its_result_and_is_counted(tmp_path: Path) -> None:
    """The result is kept, the outcome told by operation and portal."""
    async with process(tmp_path, "one", answering) as one:
        await begun(one, job())
        await until(lambda: bool(one.seen.ended))
        assert await content(one.shelf, job()) == FINDING
        assert one.seen.ended == [(Call.PERSONS_LOOKUP, "H14", "ok")]
        assert one.admission.under_way == 0


async def test_only_so_many_are_worked_on_and_the_rest_wait_in_the_store(tmp_path: Path) -> None:
    """With two places five jobs are all done, never more than two at once."""
    told = asyncio.Event()

    async def when_told(_: Job) -> Result:
        await told.wait()
        return FINDING

    async with process(tmp_path, "one", when_told) as one:
        for number in range(5):
            await begun(one, job(number, attempts=1 if one.runner.lease else 0))
        told.set()
        await until(lambda: len(one.seen.ended) == 5)
    assert one.seen.most == 2


async def test_work_in_the_background_keeps_a_stopping_gateway_waiting(tmp_path: Path) -> None:
    """It counts as under way and takes no call's place."""
    async with process(tmp_path, "one", never) as one:
        await begun(one, job())
        await until(lambda: one.admission.under_way == 1)
        with one.admission.place():
            assert one.admission.under_way == 2


async def test_a_lease_is_renewed_as_long_as_the_work_lasts(tmp_path: Path) -> None:
    """Work of several leases' length is not taken over by a process that looks on."""
    clock, told = Clock(), asyncio.Event()

    async def when_told(_: Job) -> Result:
        await told.wait()
        return FINDING

    async with (
        process(tmp_path, "one", when_told, now=clock) as one,
        process(tmp_path, "two", answering, now=clock) as two,
    ):
        looks = looking_on(two)
        await begun(one, job())
        for _ in range(6):  # three leases long
            clock.advance(PACE.lease.total_seconds() / 2)
            await looked(looks)
            await renewed(one.shelf, job(), microseconds(clock() + PACE.lease))
        told.set()
        await until(lambda: bool(one.seen.ended))
        assert one.seen.ended[0][2] == "ok"
        assert two.seen.ended == []


async def test_the_job_of_a_process_that_died_is_finished_by_another(tmp_path: Path) -> None:
    """Once nobody renews the lease, the next process takes the job, tells that it is the second attempt, ends it."""
    attempts: list[int] = []

    async def noting(taken: Job) -> Result:
        attempts.append(taken.attempts)
        return FINDING

    clock = Clock()
    dead = Shelf(SqliteStore(tmp_path / "log.sqlite"), sealer(), owner="dead", now=clock)
    await dead.put(job(), lease=PACE.lease, keep=KEEP, bounds=BOUNDS)
    async with process(tmp_path, "two", noting, now=clock) as two:
        await looked(looking_on(two))
        assert attempts == []
        clock.advance(PACE.lease.total_seconds())
        await until(lambda: bool(two.seen.ended))
        assert attempts == [2]
        assert await content(dead, job()) == FINDING
    await dead.close()


async def test_a_result_that_comes_after_a_takeover_is_dropped(tmp_path: Path) -> None:
    """The process that took the job over has the last word; the other one's outcome is `lost`."""
    async with process(tmp_path, "one", answering) as one:
        one.runner.halt()  # so that it does not take the job itself
        await one.shelf.put(job(), lease=timedelta(seconds=0), keep=KEEP, bounds=BOUNDS)
        other = Shelf(SqliteStore(tmp_path / "log.sqlite"), sealer(), owner="two", now=lambda: datetime.now(UTC))
        await other.take(9, timedelta(seconds=60))
        one.runner.begin(job())
        await until(lambda: bool(one.seen.ended))
        assert one.seen.ended[0][2] == "lost"
        assert await content(other, job()) == job().content
        await other.close()


async def test_a_defect_is_the_jobs_result_and_is_reported(tmp_path: Path) -> None:
    """What breaks in the work is `internal`, as it is for a call; the process goes on."""

    async def broken(_: Job) -> Result:
        raise ZeroDivisionError

    async with process(tmp_path, "one", broken) as one:
        await begun(one, job())
        await until(lambda: bool(one.seen.ended))
        failure = await content(one.shelf, job())
    assert isinstance(failure, Failure)
    assert failure.refusal.code is Code.INTERNAL
    assert [type(defect) for defect in one.seen.defects] == [ZeroDivisionError]


async def test_a_job_that_could_not_be_recorded_stays_pending_and_is_tried_again(tmp_path: Path) -> None:
    """No log, no fetch: when the work meets a log that is down, somebody tries again after the lease."""
    tries: list[int] = []

    async def unlogged(taken: Job) -> Result:
        tries.append(taken.attempts)
        if len(tries) == 1:
            raise LogUnavailable("store")
        return FINDING

    clock = Clock()
    async with process(tmp_path, "one", unlogged, now=clock) as one:
        await begun(one, job())
        await until(lambda: bool(tries) and one.admission.under_way == 0)
        clock.advance(PACE.lease.total_seconds())
        await until(lambda: bool(one.seen.ended))
        assert await content(one.shelf, job()) == FINDING
    assert tries == [1, 2]
    assert one.seen.failures == 1


async def test_a_row_that_cannot_be_opened_is_reported_and_harms_nothing(tmp_path: Path) -> None:
    """A job sealed under another key is a defect; the others go on."""
    stranger = Shelf(
        SqliteStore(tmp_path / "log.sqlite"),
        Sealer(KEY[::-1], bytes),
        owner="x",
        now=lambda: datetime.now(UTC),
    )
    await stranger.put(job(1), lease=timedelta(), keep=KEEP, bounds=BOUNDS)
    async with process(tmp_path, "one", answering) as one:
        await begun(one, job(2))
        await until(lambda: bool(one.seen.ended and one.seen.defects))
        assert await content(one.shelf, job(2)) == FINDING
    await stranger.close()


async def test_a_halted_process_begins_nothing_more(tmp_path: Path) -> None:
    """Its new jobs are kept without a lease, and it takes none."""
    async with process(tmp_path, "one", answering) as one:
        one.runner.halt()
        assert one.runner.lease == timedelta()
        await begun(one, job(attempts=0))
        await asyncio.sleep(0.3)
        assert one.seen.ended == []
        assert (await one.shelf.due()).work


async def test_what_a_closing_process_had_begun_is_free_at_once(tmp_path: Path) -> None:
    """Another process need not wait for the lease."""
    patient = Pace(places=2, lease=timedelta(minutes=5), pause=0.05)
    async with process(tmp_path, "two", answering) as two:
        async with process(tmp_path, "one", never, pace=patient) as one:
            await begun(one, job())
            await until(lambda: one.admission.under_way == 1)
        await until(lambda: bool(two.seen.ended))
        assert await content(two.shelf, job()) == FINDING


async def test_expired_jobs_are_swept_without_anybody_asking(tmp_path: Path) -> None:
    """The rounds remove what is over."""
    async with process(tmp_path, "one", answering) as one:
        await one.shelf.put(job(), lease=timedelta(minutes=1), keep=timedelta(seconds=0.1), bounds=BOUNDS)
        ends = time.monotonic() + PATIENCE
        while await one.shelf.held():
            assert time.monotonic() < ends
            await asyncio.sleep(0.02)


async def test_a_store_that_fails_for_a_while_does_not_end_the_rounds(tmp_path: Path) -> None:
    """Failures are counted, and jobs go on once the store is back."""
    async with process(tmp_path, "one", answering) as one:
        reader: Any = one.shelf._reader
        path, reader._path = reader._path, tmp_path / "nowhere.sqlite"
        reader.close()
        await until(lambda: one.seen.failures >= 2)
        reader._path = path
        await one.shelf.put(job(attempts=0), lease=timedelta(), keep=KEEP, bounds=BOUNDS)
        await until(lambda: bool(one.seen.ended))
        assert await content(one.shelf, job()) == FINDING
