"""Turns of lines: how many at once, whose is next, and what becomes of a turn nobody waits for any more."""

import asyncio
from contextlib import ExitStack
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.running import BatchSettings
from gateway.errors import Code, Refused
from gateway.shares import Shares


def _settings(at_once: int = 3, each: int = 2, most: int = 4, most_each: int = 2) -> BatchSettings:
    return BatchSettings(10, 1024, timedelta(seconds=9), at_once, each, most, most_each)


async def _ready(tasks: list[asyncio.Task[None]]) -> int:
    for _ in range(5):
        await asyncio.sleep(0)
    return sum(task.done() for task in tasks)


@pytest.mark.asyncio
async def test_a_portal_gets_its_share_and_the_next_the_rest() -> None:
    """Of three places one portal has two at most, though it came first and wants five."""
    shares = Shares(_settings())
    with shares.batch("H14"), shares.batch("H41"):
        first = [asyncio.create_task(shares.turn("H14")) for _ in range(5)]
        assert await _ready(first) == 2
        second = [asyncio.create_task(shares.turn("H41")) for _ in range(2)]
        assert await _ready(second) == 1
        shares.done("H14")
        assert (await _ready(first), await _ready(second)) == (3, 1)  # as many each: the one that was served before
        shares.done("H14")
        assert (await _ready(first), await _ready(second)) == (3, 2)
        for agency in ("H41", "H41", "H14"):
            shares.done(agency)
        assert await _ready(first) == 5


@pytest.mark.asyncio
async def test_a_turn_given_to_one_who_left_is_the_next_ones() -> None:
    """Whoever is cancelled while waiting, or in the moment it is his turn, keeps no place."""
    shares = Shares(_settings(at_once=1, each=1))
    with shares.batch("H14"):
        await shares.turn("H14")
        waiting = [asyncio.create_task(shares.turn("H14")) for _ in range(3)]
        await _ready(waiting)
        waiting[0].cancel()
        await _ready(waiting)
        shares.done("H14")
        waiting[1].cancel()  # it was given the turn, and has not run since
        assert await _ready(waiting) == 3
        assert waiting[2].exception() is None
        shares.done("H14")


def test_batches_are_counted_for_a_portal_and_for_all() -> None:
    """One portal's limit is its own fault, the sum of all is not; a place that was left is free."""
    shares = Shares(_settings(most=3, most_each=2))
    with ExitStack() as held:
        mine = held.enter_context(ExitStack())
        mine.enter_context(shares.batch("H14"))
        held.enter_context(shares.batch("H14"))
        with pytest.raises(Refused) as own:
            held.enter_context(shares.batch("H14"))
        held.enter_context(shares.batch("H41"))
        with pytest.raises(Refused) as others:
            held.enter_context(shares.batch("H15"))
        mine.close()
        held.enter_context(shares.batch("H15"))
    assert (own.value.refusal.code, others.value.refusal.code) == (Code.RATE_LIMITED, Code.OVERLOADED)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=30),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_never_more_than_allowed_and_nobody_is_forgotten(wanted: list[str], at_once: int, each: int) -> None:
    """Whatever the portals want, the limits hold at every moment and every line has its turn."""

    async def run() -> None:
        shares, inside = Shares(_settings(at_once, each)), {"a": 0, "b": 0, "c": 0}

        async def one(agency: str) -> None:
            await shares.turn(agency)
            inside[agency] += 1
            assert inside[agency] <= each
            assert sum(inside.values()) <= at_once
            await asyncio.sleep(0)
            inside[agency] -= 1
            shares.done(agency)

        with shares.batch("a"), shares.batch("b"), shares.batch("c"):
            async with asyncio.timeout(20):
                await asyncio.gather(*(one(agency) for agency in wanted))

    asyncio.run(run())
