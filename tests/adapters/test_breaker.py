"""The breaker's transition table, line by line and under random use."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from adapters.breaker import Breaker, State
from adapters.contract import AdapterError, Fault
from tests.adapters.builders import UNHURRIED, Clock


def a_breaker(clock: Clock, seen: list[State], failures: int = 3) -> Breaker:
    return Breaker(failures, timedelta(seconds=10), clock=clock, changed=seen.append)


def refused(breaker: Breaker) -> AdapterError:
    with pytest.raises(AdapterError) as raised:
        breaker.admit()
    return raised.value


def opened(clock: Clock, seen: list[State]) -> Breaker:
    breaker = a_breaker(clock, seen)
    for _ in range(3):
        breaker.failed(breaker.admit())
    return breaker


def test_opens_at_the_limit() -> None:
    """The third failure in a row opens the breaker and the next call is refused at once."""
    seen: list[State] = []
    breaker = opened(Clock(), seen)
    error = refused(breaker)
    assert (error.fault, error.reason, error.retryable) == (Fault.UNAVAILABLE, "breaker_open", False)
    assert seen == [State.OPEN]


def test_success_ends_the_row() -> None:
    """Failures that are not in a row do not open the breaker."""
    seen: list[State] = []
    breaker = a_breaker(Clock(), seen)
    for _ in range(5):
        breaker.failed(breaker.admit())
        breaker.failed(breaker.admit())
        breaker.succeeded(breaker.admit())
    assert (breaker.state, seen) == (State.CLOSED, [])


@pytest.mark.parametrize(("good", "state"), [(True, State.CLOSED), (False, State.OPEN)])
def test_the_probe_decides(good: bool, state: State) -> None:
    """After the pause one call is let through and its result closes or opens the breaker."""
    clock = Clock()
    seen: list[State] = []
    breaker = opened(clock, seen)
    clock.seconds = 10
    probe = breaker.admit()
    assert refused(breaker).reason == "breaker_open"
    (breaker.succeeded if good else breaker.failed)(probe)
    assert (breaker.state, seen) == (state, [State.OPEN, State.HALF_OPEN, state])


def test_a_failed_probe_starts_the_pause_anew() -> None:
    """The second pause counts from the failed probe."""
    clock = Clock()
    breaker = opened(clock, [])
    clock.seconds = 10
    breaker.failed(breaker.admit())
    clock.seconds = 19.9
    refused(breaker)
    clock.seconds = 20
    breaker.admit()


def test_an_abandoned_probe_frees_the_place() -> None:
    """A probe whose caller went away neither closes nor opens, and the next call is the probe."""
    clock = Clock()
    breaker = opened(clock, [])
    clock.seconds = 10
    breaker.abandoned(breaker.admit())
    assert breaker.state == "half_open"
    breaker.succeeded(breaker.admit())
    assert breaker.state == "closed"


def test_late_results_are_ignored() -> None:
    """Calls admitted before the breaker opened change nothing when they end."""
    clock = Clock()
    seen: list[State] = []
    breaker = a_breaker(clock, seen)
    late = [breaker.admit() for _ in range(5)]
    for permit in late[:3]:
        breaker.failed(permit)
    breaker.succeeded(late[3])
    assert breaker.state is State.OPEN
    clock.seconds = 10
    breaker.admit()
    breaker.abandoned(late[4])
    assert refused(breaker).reason == "breaker_open"


class Machine(RuleBasedStateMachine):
    """Random calls against the promises a user of the breaker relies on."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.changes: list[State] = []
        self.breaker = a_breaker(self.clock, self.changes)
        self.out: list[tuple[int, State]] = []
        self.opened_at = 0.0

    @rule()
    def admit(self) -> None:
        before = self.breaker.state
        try:
            permit = self.breaker.admit()
        except AdapterError:
            assert before is not State.CLOSED
            waiting = before is State.OPEN and self.clock.seconds < self.opened_at + 10
            probing = any(state is State.HALF_OPEN for _, state in self.current())
            assert waiting or probing
        else:
            assert before is State.CLOSED or not self.current()
            self.out.append((permit, self.breaker.state))

    @precondition(lambda self: self.out)
    @rule(index=st.integers(0, 50), how=st.sampled_from(["succeeded", "failed", "abandoned"]))
    def end(self, index: int, how: str) -> None:
        permit, _ = self.out.pop(index % len(self.out))
        before = self.breaker.state
        getattr(self.breaker, how)(permit)
        if before is not State.OPEN and self.breaker.state is State.OPEN:
            self.opened_at = self.clock.seconds
            assert how == "failed"
        if before is not State.CLOSED and self.breaker.state is State.CLOSED:
            assert how == "succeeded"

    @rule(seconds=st.integers(1, 12))
    def wait(self, seconds: int) -> None:
        self.clock.seconds += seconds

    def current(self) -> list[tuple[int, State]]:
        """Permits whose result still counts."""
        return [(permit, state) for permit, state in self.out if permit == len(self.changes)]

    @invariant()
    def at_most_one_probe(self) -> None:
        assert sum(state is State.HALF_OPEN for _, state in self.current()) <= 1

    @invariant()
    def only_the_tables_changes(self) -> None:
        allowed = {
            (State.CLOSED, State.OPEN),
            (State.OPEN, State.HALF_OPEN),
            (State.HALF_OPEN, State.OPEN),
            (State.HALF_OPEN, State.CLOSED),
        }
        path = [State.CLOSED, *self.changes]
        assert set(pairwise(path)) <= allowed


TestMachine = Machine.TestCase
TestMachine.settings = UNHURRIED
