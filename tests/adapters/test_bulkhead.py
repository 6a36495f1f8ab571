"""Places, seats and the order in which waiting calls are served."""

import asyncio

import pytest

from adapters.bulkhead import Bulkhead
from adapters.contract import AdapterError, Fault


def later(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_first_come_first_served() -> None:
    """Waiting calls get their place in the order in which they came, and seats are counted."""
    seats: list[int] = []
    bulkhead = Bulkhead(1, 10, waiting=seats.append)
    order: list[int] = []

    async def call(number: int) -> None:
        async with bulkhead.place(later(5)):
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(call(number) for number in range(8)))
    assert order == list(range(8))
    assert (max(seats), seats[-1]) == (7, 0)


async def test_never_more_than_the_places() -> None:
    """However many call, no more than `concurrency` are inside at once."""
    bulkhead = Bulkhead(3, 100, waiting=lambda _: None)
    inside, most = 0, 0

    async def call() -> None:
        nonlocal inside, most
        async with bulkhead.place(later(5)):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(call() for _ in range(40)))
    assert (most, inside) == (3, 0)


async def test_full_queue_refuses_at_once() -> None:
    """With every place and seat taken the next call is told so without waiting."""
    bulkhead = Bulkhead(1, 0, waiting=lambda _: None)
    async with bulkhead.place(later(5)):
        with pytest.raises(AdapterError) as raised:
            async with bulkhead.place(later(5)):
                pass
    assert (raised.value.fault, raised.value.reason) == (Fault.UNAVAILABLE, "bulkhead_full")


async def test_waiting_ends_at_the_deadline() -> None:
    """A call that waits too long is timed out, and its seat is free again."""
    seats: list[int] = []
    bulkhead = Bulkhead(1, 1, waiting=seats.append)
    async with bulkhead.place(later(5)):
        for _ in range(2):
            with pytest.raises(AdapterError) as raised:
                async with bulkhead.place(later(0.01)):
                    pass
            assert (raised.value.fault, raised.value.reason) == (Fault.TIMED_OUT, "queued_too_long")
    assert seats == [1, 0, 1, 0]


async def test_cancelled_waiter_loses_no_place() -> None:
    """Cancelling waiters at the moment a place becomes free leaks no place."""
    bulkhead = Bulkhead(1, 10, waiting=lambda _: None)

    async def call() -> None:
        async with bulkhead.place(later(5)):
            await asyncio.sleep(0.001)

    tasks = [asyncio.create_task(call()) for _ in range(6)]
    await asyncio.sleep(0)
    for task in tasks[1::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(result, asyncio.CancelledError) for result in results] == [False, True] * 3
    async with bulkhead.place(later(0.5)):
        pass
