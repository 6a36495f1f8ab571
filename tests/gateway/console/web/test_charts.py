"""Tests of the geometry of bar charts."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.console import texts
from gateway.console.model import Bucket
from gateway.console.web import charts
from gateway.console.words import Words
from tests.gateway.console.naming import FACTS

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
VI, EN = (Words(texts.load(), language, FACTS) for language in ("vi", "en"))


def _series(*calls: tuple[int, int]) -> list[Bucket]:
    return [Bucket(AT + timedelta(days=n), *counted) for n, counted in enumerate(calls)]


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (7, 8), (9, 10), (11, 20), (61, 80), (100, 100), (1_000_001, 2_000_000)],
)
def test_the_scale_ends_at_a_round_even_number(most: int, top: int) -> None:
    """It holds the highest bar, and its half is whole."""
    assert charts.ceiling(most) == top


def test_refusals_stand_on_the_answered_calls() -> None:
    """Heights follow the scale, one bar ends where the other begins, and nothing leaves the picture."""
    chart = charts.chart(_series((5, 5), (0, 0), (0, 1)), timedelta(days=1), EN)
    first, empty, last = chart.bars
    assert chart.scale == (10, 5, 0)
    assert chart.lines == (0, 100, 200)
    assert (first.answered, first.refused) == ((100, 100), (0, 100))
    assert (empty.answered[1], empty.refused[1]) == (0, 0)
    assert last.refused == (180, 20)
    assert (chart.calls, first.calls, first.refusals) == (11, 10, 5)
    assert last.x + last.width <= charts.WIDTH
    assert all(bar.left <= bar.x < bar.x + bar.width <= bar.left + bar.step for bar in chart.bars)


def test_one_call_among_thousands_is_visible() -> None:
    """A step with calls is never drawn as nothing."""
    assert charts.chart(_series((100_000, 0), (1, 0)), timedelta(days=1), EN).bars[1].answered[1] >= 1


def test_steps_are_named_in_hanoi_time() -> None:
    """17:00 UTC is the next day in Hanoi; an hour, a day and a month each have their name."""
    assert charts.label(AT, timedelta(hours=1), EN) == "2026-11-24 00:00"
    assert charts.label(AT, timedelta(days=1), VI) == "24/11/2026"
    assert charts.label(AT, timedelta(days=30), VI) == "11/2026"
    assert charts.label(AT, timedelta(days=30), EN) == "2026-11"


def test_nothing_at_all() -> None:
    """No step, no bar, and no division by nothing."""
    chart = charts.chart([], timedelta(days=1), EN)
    assert (chart.bars, chart.calls, chart.times) == ((), 0, ())
