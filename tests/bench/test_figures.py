"""Quantiles, spreads and ratios."""

import math
from dataclasses import replace

import pytest

from tests.bench.figures import Spread, Turn, over, quantile, ratio, spread

TURN = Turn(calls=100, seconds=2.0, p50=0.01, p99=0.1, cpu=0.2, mocks_cpu=0.1, generator_cpu=0.05, stolen=0.0, wrong=0)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 5.0), (0.99, 10.0), (0.0, 1.0), (1.0, 10.0), (0.51, 6.0)])
def test_a_quantile_is_the_nearest_rank(share: float, expected: float) -> None:
    """The value at the rank, rounded up, of ten values."""
    assert quantile([float(n) for n in range(1, 11)], share) == expected


def test_a_quantile_of_nothing_is_no_number() -> None:
    """A turn without an answer has no latency."""
    assert math.isnan(quantile([], 0.5))


def test_a_turn_s_figures() -> None:
    """Rate, CPU per call and the share of a core."""
    assert (TURN.rate, TURN.cpu_us, TURN.mocks_us, TURN.busy) == (50.0, 2000.0, 1000.0, 0.1)


def test_a_turn_without_calls_has_no_cpu_per_call() -> None:
    """Nothing is divided by zero, and nothing looks free."""
    assert math.isnan(replace(TURN, calls=0).cpu_us)


def test_a_spread_is_median_least_and_most() -> None:
    """The middle of an odd number of rounds is one of them."""
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert over([TURN, replace(TURN, calls=300)], lambda turn: turn.rate) == Spread(100.0, 50.0, 150.0)


def test_a_ratio_is_made_round_by_round() -> None:
    """The median of the ratios, not the ratio of the medians."""
    ours = [replace(TURN, calls=calls) for calls in (100, 400, 90)]
    theirs = [replace(TURN, calls=calls) for calls in (100, 100, 30)]
    assert ratio(ours, theirs, lambda turn: turn.rate) == Spread(3.0, 1.0, 4.0)


def test_rounds_that_do_not_match_are_refused() -> None:
    """A ratio needs both sides of every round."""
    with pytest.raises(ValueError, match="zip"):
        ratio([TURN, TURN], [TURN], lambda turn: turn.rate)
