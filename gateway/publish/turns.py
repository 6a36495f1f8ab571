"""One look at whether an endpoint is due, and if so one cosignature or one time-stamp, verified and kept.

    a witness     is due when the log grew, and again after `idle`     the newest checkpoint, proved to extend the last
    an authority  is due `every` so often, when the log grew           the newest checkpoint note

Other processes publish the same log: what they kept counts, and a witness they moved on is not one that disagrees.

Rule of this file: nothing is kept that was not verified. Who asks again, and when, stands in `publisher`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from gateway.audit.entry import microseconds
from gateway.publish import add_checkpoint, timestamps
from gateway.publish.exchange import Exchange
from gateway.publish.ledger import Kept, Ledger
from gateway.publish.settings import Authority, Witness
from gateway.publish.state import EndpointFailed, Problem

_TRIES = 4
"""Requests to a witness in one turn: the second has the right size, the others are for what happens in between."""

_SECOND = 1_000_000


class Turn(Protocol):
    """What an endpoint does when its turn comes."""

    async def take(self) -> Kept | None:
        """What the endpoint covers now and when it was asked, by this process's clock; None when it is not due.

        Raises `EndpointFailed`, `LogUnavailable`, `LogBroken`.
        """
        ...


class WitnessTurn:
    """`idle`: seconds. `went_back` is told the size a witness states that had already cosigned more."""

    def __init__(
        self,
        witness: Witness,
        ledger: Ledger,
        exchange: Exchange,
        *,
        idle: float,
        now: Callable[[], datetime],
        went_back: Callable[[int], None],
    ) -> None:
        self._witness, self._ledger, self._exchange = witness, ledger, exchange
        self._idle_us = int(idle * _SECOND)
        self._now, self._went_back = now, went_back
        self._last: Kept | None = None

    async def take(self) -> Kept | None:
        """See `Turn`."""
        newest = await self._ledger.newest()
        if newest is None or not self._due(newest):
            return None
        first = self._last is None  # a process that has just started asks in any case, to hear what the witness knows
        self._last = _newer(self._last, await self._ledger.cosigned(self._witness.key))
        if not first and not self._due(newest):
            return self._last  # another process has just asked
        size = await self._cosign(0 if self._last is None else self._last.size, newest)
        self._last = Kept(size, microseconds(self._now()))
        return self._last

    def _due(self, newest: int) -> bool:
        last = self._last
        return last is None or newest != last.size or abs(microseconds(self._now()) - last.at_us) >= self._idle_us

    async def _cosign(self, old: int, size: int) -> int:
        known = old
        for _ in range(_TRIES):
            extension = await self._ledger.extension(old, size)
            if extension is None:  # the witness has cosigned more entries than there are
                raise EndpointFailed(Problem.INCONSISTENT)
            reply = await self._exchange.post(
                self._witness.add_checkpoint, add_checkpoint.request(extension), add_checkpoint.REQUEST_TYPE
            )
            answer = add_checkpoint.read(reply, extension, self._witness.key)
            if isinstance(answer, add_checkpoint.Cosigned):
                at_us = answer.time * _SECOND
                await self._ledger.cosign(size, self._witness.key.name, at_us=at_us, line=answer.line)
                return size
            old = answer.size
            if old < known:
                self._went_back(old)
            known = old
            if old > size:
                # another process had it cosign a tree we have not looked at yet; if there is none, the loop ends above
                size = await self._ledger.newest() or 0
        raise EndpointFailed(Problem.CONTENDED)


class AuthorityTurn:
    """See `Turn`."""

    def __init__(
        self, authority: Authority, ledger: Ledger, exchange: Exchange, *, now: Callable[[], datetime]
    ) -> None:
        self._authority, self._ledger, self._exchange, self._now = authority, ledger, exchange, now
        self._every_us = authority.every // timedelta(microseconds=1)
        self._last: Kept | None = None

    async def take(self) -> Kept | None:
        """See `Turn`."""
        newest = await self._ledger.newest()
        if newest is None or not self._due(newest):
            return None
        self._last = _newer(self._last, await self._ledger.stamped(self._authority.name))
        if not self._due(newest):
            return self._last
        extension = await self._ledger.extension(newest, newest)
        if extension is None:  # the log is shorter than a moment ago
            raise EndpointFailed(Problem.LOG_BROKEN)
        asked = timestamps.request(extension.note)
        reply = await self._exchange.post(self._authority.url, asked.as_bytes(), timestamps.REQUEST_TYPE)
        at_us = timestamps.read(reply, asked, extension.note, self._authority.roots)
        await self._ledger.stamp(newest, self._authority.name, at_us=at_us, der=reply.body)
        self._last = Kept(newest, microseconds(self._now()))
        return self._last

    def _due(self, newest: int) -> bool:
        last = self._last
        if last is None:
            return True
        return newest != last.size and abs(microseconds(self._now()) - last.at_us) >= self._every_us


def _newer(mine: Kept | None, stored: Kept | None) -> Kept | None:
    if stored is None or (mine is not None and stored.size <= mine.size):
        return mine
    return stored
