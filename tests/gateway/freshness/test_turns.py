"""Turns: who asks, who waits, and that nobody waits for ever."""

import asyncio

from gateway.freshness.turns import Turns, ended


async def test_the_first_asks_and_the_next_are_told_when_it_is_done() -> None:
    """Names that nobody asks are one's own; those of another come with the end of that other."""
    turns = Turns()
    with turns.taken([b"a", b"b"]) as first:
        assert first == {}
        with turns.taken([b"b", b"c"]) as second, turns.taken([b"b", b"c"]) as third:
            assert set(second) == {b"b"}
            assert set(third) == {b"b", b"c"}
            assert not any(one.is_set() for one in third.values())
        assert third[b"c"].is_set()
        assert not third[b"b"].is_set()
    assert third[b"b"].is_set()
    with turns.taken([b"a", b"b", b"c"]) as after:
        assert after == {}


async def test_a_call_that_is_cancelled_holds_up_nobody() -> None:
    """Its names are free and its waiters told, whatever ended it."""
    turns, never = Turns(), asyncio.Event()

    async def asking() -> None:
        with turns.taken([b"a"]):
            await never.wait()

    call = asyncio.create_task(asking())
    await asyncio.sleep(0)
    with turns.taken([b"a"]) as waiting:
        call.cancel()
        await asyncio.gather(ended(waiting.values(), 60), call, return_exceptions=True)
        assert waiting[b"a"].is_set()
    with turns.taken([b"a"]) as after:
        assert after == {}


async def test_waiting_ends_when_the_patience_does() -> None:
    """A call that never ends is not waited for longer than was said."""
    turns = Turns()
    with turns.taken([b"a"]), turns.taken([b"a"]) as waiting:
        await ended(waiting.values(), 0.01)
        assert not waiting[b"a"].is_set()
