"""Whose question is under way, so that a call that would ask the same may wait and find its answer kept.

A call waits for calls that began before it and for no other, so no two wait for each other. It waits once: what it
does not find kept then, it asks itself, within its own deadline. So it never shares another call's fate.

Rule of this file: within one process. Two processes over one store both ask when their calls come at the same moment.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager


class Turns:
    """The names of the questions that are under way."""

    def __init__(self) -> None:
        self._asking: dict[bytes, asyncio.Event] = {}

    @contextmanager
    def taken(self, names: Collection[bytes]) -> Iterator[Mapping[bytes, asyncio.Event]]:
        """Be the one who asks, for each of `names` that nobody asks now, until the block ends.

        Gives those that are another's already; each event is set when that other is done, however it ended.
        """
        others = {name: self._asking[name] for name in names if name in self._asking}
        done = asyncio.Event()
        mine = set(names) - others.keys()
        self._asking.update(dict.fromkeys(mine, done))
        try:
            yield others
        finally:
            for name in mine:
                del self._asking[name]
            done.set()


async def ended(others: Collection[asyncio.Event], seconds: float) -> None:
    """Wait until all of them are done, at most `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            for other in others:
                await other.wait()
    except TimeoutError:
        pass  # whoever waited asks now
