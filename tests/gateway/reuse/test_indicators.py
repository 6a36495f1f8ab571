"""Tests of the formulas of Decision 766's set."""

from fractions import Fraction

import pytest

from gateway.reuse.indicators import (
    CONNECTED_DOSSIER,
    CONNECTED_FORMALITY,
    REUSED,
    Indicator,
    field_rate,
    hundredths,
    indicators,
    tenths,
)
from gateway.reuse.reckoning import Line

LINE = Line(("H14",), 25, 10, 5, 8, 96, 72, procedures=4, connected=3)


def test_the_three_indicators() -> None:
    """Each is a part of its whole; points only where the rule is known."""
    assert [(one.code, one.part, one.whole, one.rate, one.points) for one in indicators(LINE)] == [
        (REUSED, 10, 25, Fraction(2, 5), Fraction(1)),
        (CONNECTED_DOSSIER, 5, 25, Fraction(1, 5), None),
        (CONNECTED_FORMALITY, 3, 4, Fraction(3, 4), None),
    ]
    assert field_rate(LINE) == Fraction(3, 4)


@pytest.mark.parametrize(
    ("part", "points"), [(0, 0), (1, Fraction(1, 40)), (40, 1), (79, Fraction(79, 40)), (80, 2), (81, 2), (100, 2)]
)
def test_the_rule_of_80_percent(part: int, points: Fraction) -> None:
    """All points from 80 % on, below it in proportion."""
    assert Indicator(REUSED, "dossier", part, 100, 2).points == points


def test_nothing_of_nothing_is_no_rate() -> None:
    """Neither a rate nor points: a portal without dossiers did not fail."""
    assert [(one.rate, one.points) for one in indicators(Line(()))] == [(None, None)] * 3
    assert field_rate(Line(())) is None


@pytest.mark.parametrize(("part", "text"), [(1, "33.33"), (2, "66.67"), (3, "100.00"), (0, "0.00")])
def test_two_places(part: int, text: str) -> None:
    """Rounded, halves up."""
    assert hundredths(Fraction(part, 3), times=100) == text
    assert hundredths(Fraction(1, 200)) == "0.01"
    assert [tenths(Fraction(n, 3)) for n in range(4)] == ["0.0", "33.3", "66.7", "100.0"]
