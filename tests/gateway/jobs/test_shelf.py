"""Jobs as processes share them: bounds, leases, results, expiry."""

import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.audit.errors import LogUnavailable
from gateway.errors import Code, Refused
from gateway.jobs.sealing import JobUnreadable, Sealer
from gateway.jobs.shelf import Bounds, Shelf, question
from gateway.storage.jobs import Due
from tests.gateway.jobs.builders import BOUNDS, FINDING, KEEP, LEASE, QUESTION, Clock, job, sealer, shelf


@pytest.fixture
def clock() -> Clock:
    """The clock of both processes."""
    return Clock()


@pytest_asyncio.fixture
async def pair(tmp_path: Path, clock: Clock) -> AsyncIterator[tuple[Shelf, Shelf]]:
    """Two processes' shelves over one store and one key."""
    one, two = (shelf(tmp_path, owner, clock, sealer()) for owner in ("one", "two"))
    yield one, two
    await one.close()
    await two.close()


async def test_a_job_kept_by_one_is_found_by_the_other(pair: tuple[Shelf, Shelf]) -> None:
    """Whatever process is asked knows every job."""
    one, two = pair
    await one.put(job(), lease=LEASE, keep=KEEP, bounds=BOUNDS)
    assert await two.find(job().id) == job()
    assert await two.find(job(1).id) is None
    assert await two.held() == 1


async def test_a_leased_job_is_left_alone_until_its_lease_is_over(pair: tuple[Shelf, Shelf], clock: Clock) -> None:
    """Nobody takes what somebody works on; once the lease is over the next one counts one attempt more."""
    one, two = pair
    await one.put(job(), lease=LEASE, keep=KEEP, bounds=BOUNDS)
    assert await two.due() == Due(work=False, expired=False)
    assert list(await two.take(9, LEASE)) == []
    clock.advance(9)
    await one.renew([job().id], LEASE)
    clock.advance(9)
    assert list(await two.take(9, LEASE)) == []
    clock.advance(2)
    assert await two.due() == Due(work=True, expired=False)
    (row,) = await two.take(9, LEASE)
    assert two.opened(row) == job(attempts=2)
    assert not await one.end(job(), FINDING, KEEP)
    assert await two.end(job(attempts=2), FINDING, KEEP)
    found = await one.find(job().id)
    assert found is not None
    assert found.content == FINDING
    with pytest.raises(TypeError):
        question(found)


async def test_a_job_without_a_lease_is_anybodys(pair: tuple[Shelf, Shelf]) -> None:
    """A process without a free place keeps the job for whoever has one."""
    one, two = pair
    await one.put(job(attempts=0), lease=timedelta(), keep=KEEP, bounds=BOUNDS)
    (row,) = await two.take(9, LEASE)
    assert two.opened(row).attempts == 1
    assert question(two.opened(row)) == QUESTION


async def test_a_lease_given_up_is_free_at_once(pair: tuple[Shelf, Shelf]) -> None:
    """A process that stops in order lets others go on without waiting for its leases."""
    one, two = pair
    await one.put(job(), lease=LEASE, keep=KEEP, bounds=BOUNDS)
    await one.renew([job().id], timedelta())
    assert len(await two.take(9, LEASE)) == 1


async def test_bounds_hold_over_all_processes(pair: tuple[Shelf, Shelf]) -> None:
    """A full table is `overloaded`, a portal's own bound `rate_limited`; neither keeps anything."""
    one, two = pair
    await one.put(job(0), lease=LEASE, keep=KEEP, bounds=Bounds(3, 2))
    await two.put(job(1), lease=LEASE, keep=KEEP, bounds=Bounds(3, 2))
    with pytest.raises(Refused) as own:
        await one.put(job(2), lease=LEASE, keep=KEEP, bounds=Bounds(3, 2))
    await two.put(job(3, agency="H41"), lease=LEASE, keep=KEEP, bounds=Bounds(3, 2))
    with pytest.raises(Refused) as all_portals:
        await one.put(job(4, agency="H99"), lease=LEASE, keep=KEEP, bounds=Bounds(3, 2))
    assert (own.value.refusal.code, own.value.refusal.retry_after) == (Code.RATE_LIMITED, 1)
    assert all_portals.value.refusal.code is Code.OVERLOADED
    assert await one.held() == 3


async def test_a_finished_job_does_not_count_against_its_portal(pair: tuple[Shelf, Shelf]) -> None:
    """Only what is pending is the portal's load; what waits to be fetched takes a place of the table."""
    one, _ = pair
    await one.put(job(0), lease=LEASE, keep=KEEP, bounds=Bounds(9, 1))
    await one.end(job(0), FINDING, KEEP)
    await one.put(job(1), lease=LEASE, keep=KEEP, bounds=Bounds(9, 1))
    assert await one.held() == 2


async def test_what_expired_is_gone_and_makes_room(pair: tuple[Shelf, Shelf], clock: Clock) -> None:
    """A result is kept from when it was found; afterwards it is not found, not taken, and takes no place."""
    one, two = pair
    await one.put(job(0), lease=LEASE, keep=KEEP, bounds=BOUNDS)
    await one.put(job(1), lease=LEASE, keep=KEEP, bounds=BOUNDS)
    clock.advance(KEEP.total_seconds() - 1)
    await one.end(job(0), FINDING, KEEP)
    clock.advance(2)
    assert await two.find(job(0).id) is not None
    assert await two.find(job(1).id) is None
    assert await two.due() == Due(work=False, expired=True)
    await two.put(job(2), lease=LEASE, keep=KEEP, bounds=Bounds(2, 9))
    clock.advance(KEEP.total_seconds())
    await two.sweep()
    assert await two.held() == 0


async def test_a_job_of_another_key_cannot_be_read(pair: tuple[Shelf, Shelf], tmp_path: Path, clock: Clock) -> None:
    """It is there and stays closed."""
    one, _ = pair
    await one.put(job(), lease=LEASE, keep=KEEP, bounds=BOUNDS)
    stranger = shelf(tmp_path, "three", clock, Sealer(bytes(32), bytes))
    with pytest.raises(JobUnreadable):
        await stranger.find(job().id)
    await stranger.close()


async def test_a_store_that_fails_is_the_log_that_fails(tmp_path: Path, clock: Clock) -> None:
    """Nothing of the engine comes out, whatever was wanted."""
    broken = shelf(tmp_path / "nowhere", "one", clock)
    with pytest.raises(LogUnavailable):
        await broken.held()
    with pytest.raises(LogUnavailable):
        await broken.put(job(), lease=LEASE, keep=KEEP, bounds=BOUNDS)
    with pytest.raises(LogUnavailable):
        await broken.find(job().id)
    await broken.close()


async def test_the_event_loop_never_touches_the_store(pair: tuple[Shelf, Shelf]) -> None:
    """Each of the two threads does its own kind of work, the loop's thread none."""
    one, _ = pair
    seen: set[tuple[str, bool]] = set()
    store: Any = one._store
    reader: Any = one._reader
    write, due = store.write, reader.jobs_due
    loop = threading.get_ident()

    def writing() -> Any:
        seen.add((threading.current_thread().name.partition("_")[0], threading.get_ident() == loop))
        return write()

    def reading(at_us: int) -> Any:
        seen.add((threading.current_thread().name.partition("_")[0], threading.get_ident() == loop))
        return due(at_us)

    store.write, reader.jobs_due = writing, reading
    await one.put(job(), lease=LEASE, keep=KEEP, bounds=BOUNDS)
    await one.renew([job().id], LEASE)
    await one.end(job(), FINDING, KEEP)
    await one.sweep()
    await one.due()
    assert seen == {("jobs-write", False), ("jobs-read", False)}
