"""The circuit breaker of one source: stop asking a source that does not answer, and try again with one call.

    state      event            next       condition
    closed     failure          open       the `failures`-th in a row
    closed     success          closed     the row of failures starts anew
    open       admission        half_open  `pause` is over: this call is the probe; else refused
    half_open  admission        -          refused while the probe is under way
    half_open  success          closed
    half_open  failure          open
    half_open  abandoned        half_open  the next call is the probe: nothing was learned

Rule of this file: no await, no task, no clock of its own. A result that arrives after the state has changed
is about the past and is ignored.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from adapters.contract import AdapterError, Fault


class State(StrEnum):
    """Whether calls are let through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """The state of one source. `clock` counts seconds, never backwards; `changed` is told each new state."""

    def __init__(
        self,
        failures: int,
        pause: timedelta,
        *,
        clock: Callable[[], float],
        changed: Callable[[State], None],
    ) -> None:
        self._limit = failures
        self._pause = pause.total_seconds()
        self._clock = clock
        self._changed = changed
        self._state = State.CLOSED
        self._era = 0  # grows with each change of state; a permit remembers the one it was given in
        self._row = 0
        self._opened_at = 0.0
        self._probing = False

    @property
    def state(self) -> State:
        """The state now; an open breaker whose pause is over stays `open` until somebody asks."""
        return self._state

    def refuse_if_open(self) -> None:
        """Raise `AdapterError(UNAVAILABLE, breaker_open)` when `admit` would; change nothing."""
        paused = self._state is State.OPEN and self._clock() - self._opened_at < self._pause
        if paused or (self._state is State.HALF_OPEN and self._probing):
            raise AdapterError(Fault.UNAVAILABLE, "breaker_open")

    def admit(self) -> int:
        """Let one call through and return its permit, or raise `AdapterError(UNAVAILABLE, breaker_open)`.

        Each permit is handed back exactly once, to `succeeded`, `failed` or `abandoned`.
        """
        self.refuse_if_open()
        if self._state is State.OPEN:
            self._enter(State.HALF_OPEN)
        self._probing = self._state is State.HALF_OPEN
        return self._era

    def succeeded(self, permit: int) -> None:
        """The source answered, whatever it said."""
        if permit != self._era:
            return
        self._row = 0
        if self._state is State.HALF_OPEN:
            self._enter(State.CLOSED)

    def failed(self, permit: int) -> None:
        """The source was unavailable or too late."""
        if permit != self._era:
            return
        self._row += 1
        if self._state is State.HALF_OPEN or self._row >= self._limit:
            self._opened_at = self._clock()
            self._enter(State.OPEN)

    def abandoned(self, permit: int) -> None:
        """The caller went away before the source answered."""
        if permit == self._era:
            self._probing = False

    def _enter(self, state: State) -> None:
        self._state = state
        self._era += 1
        self._row = 0
        self._probing = False
        self._changed(state)
