"""Tests of months, quarters and years of Vietnam."""

from datetime import UTC, datetime

import pytest

from gateway.reuse.periods import month_name, month_of, parse, quarter_name


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [
        ("2026-11", datetime(2026, 10, 31, 17, tzinfo=UTC), datetime(2026, 11, 30, 17, tzinfo=UTC)),
        ("2026-12", datetime(2026, 11, 30, 17, tzinfo=UTC), datetime(2026, 12, 31, 17, tzinfo=UTC)),
        ("2026-Q4", datetime(2026, 9, 30, 17, tzinfo=UTC), datetime(2026, 12, 31, 17, tzinfo=UTC)),
        ("2026", datetime(2025, 12, 31, 17, tzinfo=UTC), datetime(2026, 12, 31, 17, tzinfo=UTC)),
    ],
)
def test_a_period_begins_at_midnight_in_hanoi(name: str, since: datetime, until: datetime) -> None:
    """Seven hours before UTC's month, and ends where the next begins."""
    assert (parse(name).since, parse(name).until) == (since, until)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2026-Q5", "2026-1", "26-11", "2026-11-01", " 2026", "1999"]
)
def test_what_is_no_period(text: str) -> None:
    """Is refused, with what would be one."""
    with pytest.raises(ValueError, match="2026-Q4"):
        parse(text)


def test_the_month_of_a_time() -> None:
    """The last second of a month in Hanoi is the 17th hour of a day in UTC; names are those that can be asked for."""
    last, first = datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC), datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert [month_name(month_of(at)) for at in (last, first)] == ["2026-10", "2026-11"]
    for month in (month_of(last), month_of(first), month_of(datetime(2026, 1, 1, tzinfo=UTC))):
        assert month_of(parse(month_name(month)).since or last) == month
        assert month_of(parse(quarter_name(month // 3)).since or last) // 3 == month // 3
