"""The bound on the open endpoint: bursts, refill, places, and that a refusal takes nothing."""

from contextlib import ExitStack

import pytest

from gateway.api.gate import Gate
from gateway.errors import Code, Refused


def passes(gate: Gate, cost: float, at: float) -> bool:
    """Whether one request gets in, and leaves again."""
    try:
        with gate.passing(cost, at):
            return True
    except Refused as ended:
        if ended.refusal.code is not Code.OVERLOADED:
            raise
        return False


def test_a_burst_and_then_the_sustained_rate() -> None:
    """A full bucket serves its burst at once, then as much as is refilled."""
    gate = Gate(per_second=10, burst=5, at_once=100)
    assert [passes(gate, 1, 1000.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert [passes(gate, 1, 1000.1) for _ in range(2)] == [True, False]
    assert [passes(gate, 1, 1000.35) for _ in range(4)] == [True, True, False, False]
    assert [passes(gate, 1, 2000.0) for _ in range(7)] == [True] * 5 + [False] * 2


def test_what_costs_more_takes_more() -> None:
    """A request that costs four takes the place of four; refused, it leaves the bucket as it was."""
    gate = Gate(per_second=1, burst=10, at_once=100)
    assert [passes(gate, 4, 5.0) for _ in range(3)] == [True, True, False]
    assert [passes(gate, 1, 5.0) for _ in range(3)] == [True, True, False]


def test_so_many_at_once() -> None:
    """Places are given back when a request leaves, also when it fails."""
    gate = Gate(per_second=1000, burst=1000, at_once=2)
    with ExitStack() as inside:
        inside.enter_context(gate.passing(1, 0.0))
        inside.enter_context(gate.passing(1, 0.0))
        assert not passes(gate, 1, 0.0)
    with pytest.raises(ValueError, match="broken"), gate.passing(1, 0.0):
        raise ValueError("broken")
    with ExitStack() as inside:
        inside.enter_context(gate.passing(1, 0.0))
        assert passes(gate, 1, 0.0)


def test_a_clock_that_stands_still_or_goes_back_gives_nothing() -> None:
    """Only time that passes refills the bucket."""
    gate = Gate(per_second=100, burst=1, at_once=9)
    assert [passes(gate, 1, at) for at in (50.0, 50.0, 40.0, 50.005, 50.02)] == [True, False, False, False, True]
