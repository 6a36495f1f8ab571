"""The log published in the background: one task for each witness and each authority, each at its own pace.

    looked at        every `interval`; asked when it is due (see `turns`)
    it failed        asked again after a pause that doubles up to `longest`, half of it drawn by chance
    inconsistent     not asked again by this process: the alarm stays until a person has compared
    a fault of ours  reported, and the endpoint stays down

Nothing catches up by replaying: the newest checkpoint covers everything before it.

Rule of this file: endpoints do not wait for each other, and nothing waits for them.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from gateway.audit.entry import microseconds
from gateway.audit.errors import LogBroken, LogUnavailable
from gateway.publish.exchange import Exchange
from gateway.publish.ledger import Kept, Ledger
from gateway.publish.settings import PublishSettings
from gateway.publish.state import EndpointFailed, EndpointState, Kind, Observer, Problem
from gateway.publish.turns import AuthorityTurn, Turn, WitnessTurn

_MOST_DOUBLINGS = 16


class Publisher:
    """One process's publishing. Belongs to one event loop.

    `ledger` is closed with it. `now`: the clock; `spread`: a number from 0 to 1 drawn by chance, so that processes do
    not ask in step; `tls`: whose certificates are trusted, None for the usual ones.
    """

    def __init__(
        self,
        ledger: Ledger,
        settings: PublishSettings,
        *,
        observe: Observer,
        now: Callable[[], datetime],
        spread: Callable[[], float],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._ledger, self._settings, self._observe = ledger, settings, observe
        self._now, self._spread = now, spread
        self._exchange = Exchange(deadline=settings.deadline, tls=tls)
        self._states: dict[tuple[Kind, str], EndpointState] = {}
        self._turns: dict[tuple[Kind, str], Turn] = {}
        for witness in settings.witnesses:
            self._turns[Kind.WITNESS, witness.name] = WitnessTurn(
                witness,
                ledger,
                self._exchange,
                idle=settings.idle,
                now=now,
                went_back=partial(observe.went_back, witness.name),
            )
        for authority in settings.authorities:
            turn = AuthorityTurn(authority, ledger, self._exchange, now=now)
            self._turns[Kind.AUTHORITY, authority.name] = turn
        for kind, name in self._turns:
            self._note(EndpointState(kind, name))
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        for key, turn in self._turns.items():
            task = asyncio.create_task(self._run(key, turn), name=f"publish-{key[1]}")
            task.add_done_callback(partial(self._ended, key))
            self._tasks.append(task)

    def states(self) -> tuple[EndpointState, ...]:
        """How each endpoint fares, in the order of the settings, witnesses first."""
        return tuple(self._states.values())

    async def close(self) -> None:
        """Stop at once and let go of connections and store. What was not published yet, the next start publishes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._exchange.close()
        await self._ledger.close()

    async def _run(self, key: tuple[Kind, str], turn: Turn) -> None:
        failures = 0
        while True:
            try:
                self._went_well(key, await turn.take())
                failures = 0
            except EndpointFailed as failed:
                self._failed(key, failed.problem)
                failures += 1
                if failed.problem is Problem.INCONSISTENT:
                    return
            except LogUnavailable as error:
                self._failed(key, Problem.LOG_BROKEN if isinstance(error, LogBroken) else Problem.STORE)
                failures += 1
            await asyncio.sleep(self._pause(failures))

    def _pause(self, failures: int) -> float:
        settings = self._settings
        if not failures:
            return settings.interval
        pause = min(settings.longest, settings.interval * (1 << min(failures, _MOST_DOUBLINGS)))
        return pause * (1 + self._spread()) / 2

    def _went_well(self, key: tuple[Kind, str], kept: Kept | None) -> None:
        state = self._states[key]
        if kept is not None:
            state = replace(state, last_success_us=kept.at_us, size=kept.size)
        # an endpoint that is not due now needs nothing: whatever was in the way is gone
        state = replace(state, problem=None, since_us=None)
        if state != self._states[key]:
            self._note(state)

    def _failed(self, key: tuple[Kind, str], problem: Problem) -> None:
        state = self._states[key]
        since_us = state.since_us if state.problem is problem else microseconds(self._now())
        self._note(replace(state, problem=problem, since_us=since_us))

    def _note(self, state: EndpointState) -> None:
        self._states[state.kind, state.name] = state
        self._observe.endpoint(state)

    def _ended(self, key: tuple[Kind, str], task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failed(key, Problem.DEFECT)
            self._observe.defect(error, "")
