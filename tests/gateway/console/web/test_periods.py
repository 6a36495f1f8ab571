"""Tests of the times a page is about."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.console.web import periods

NOW = datetime(2026, 11, 24, 2, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(("name", "days"), [("24h", 1), ("7d", 7), ("30d", 30), ("12m", 365)])
def test_a_usual_length_ends_now(name: str, days: int) -> None:
    """Each length ends now, whatever days were typed beside it."""
    period = periods.read({"period": name, "from": "2020-01-01"}, NOW)
    assert (period.since, period.until) == (NOW - timedelta(days=days), NOW)


def test_days_are_those_of_hanoi_and_the_last_is_included() -> None:
    """From the first midnight in Hanoi to the one after the last day."""
    period = periods.read({"period": "custom", "from": "2026-11-22", "to": "2026-11-23"}, NOW)
    assert period.since == datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert period.until == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert (period.first, period.last) == ("2026-11-22", "2026-11-23")


@pytest.mark.parametrize(
    "form",
    [
        {"period": "custom"},
        {"period": "custom", "from": "2026-11-22"},
        {"period": "custom", "from": "2026-11-23", "to": "2026-11-22"},
        {"period": "custom", "from": "22/11/2026", "to": "23/11/2026"},
        {"period": "custom", "from": "1826-11-22", "to": "2026-11-23"},
        {"period": "custom", "from": "2001-01-01", "to": "2026-11-23"},
        {"period": "week", "from": "2026-11-22", "to": "2026-11-23"},
        {"period": "custom", "from": "004192000123", "to": "004192000123"},
    ],
)
def test_what_cannot_be_read_is_said_and_the_default_is_shown(form: dict[str, str]) -> None:
    """Unreadable, reversed, endless or unknown: refused with a key; `asked` keeps what was typed, cut short."""
    with pytest.raises(ValueError, match="bad_period"):
        periods.read(form, NOW)
    period, message = periods.asked(form, NOW)
    assert (period.name, message) == ("7d", "bad_period")
    assert period.until == NOW
    assert period.first == form.get("from", "")[:10]


def test_a_good_one_has_no_message() -> None:
    """The period, and no key."""
    assert periods.asked({"period": "24h"}, NOW) == (periods.read({"period": "24h"}, NOW), "")
