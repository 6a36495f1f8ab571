"""Who is let in to the population service."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mocks.population.access import admitted
from mocks.population.variants import PRESETS
from tests.mocks.population.caller import ACCOUNT, AT, headers

_LIVE = PRESETS["live"]


def _stamp(offset: timedelta, unit: int = 1000) -> str:
    return str(int((AT + offset).timestamp() * unit))


def test_right_credentials_are_admitted() -> None:
    """The hash over URL, user name, timestamp and secret opens the door."""
    assert admitted(headers(), ACCOUNT, variant=_LIVE, at=AT)


@pytest.mark.parametrize("part", ["username", "secret", "auth_url"])
def test_each_part_of_the_hash_counts(part: str) -> None:
    """A call made with another value of any part is turned away."""
    other = replace(ACCOUNT, **{part: "other"})
    assert not admitted(headers(other), ACCOUNT, variant=_LIVE, at=AT)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (timedelta(minutes=5), True),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=5, seconds=1), False),
        (timedelta(minutes=-5, seconds=-1), False),
    ],
)
def test_a_timestamp_counts_for_five_minutes(offset: timedelta, expected: bool) -> None:
    """Five minutes either way are accepted, one second more is not."""
    assert admitted(headers(stamp=_stamp(offset)), ACCOUNT, variant=_LIVE, at=AT) is expected


def test_seconds_are_a_variant() -> None:
    """A timestamp in the other unit is ages away."""
    seconds, milliseconds = headers(stamp=_stamp(timedelta(), 1)), headers()
    upper = PRESETS["upper"]
    assert admitted(seconds, ACCOUNT, variant=upper, at=AT)
    assert not admitted(milliseconds, ACCOUNT, variant=upper, at=AT)
    assert not admitted(seconds, ACCOUNT, variant=_LIVE, at=AT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("authorization", None),
        ("authorization", "Bearer abc"),
        ("authorization", "Basic !!!"),
        ("timestamp", None),
        ("timestamp", "soon"),
        ("timestamp", "9" * 16),
        ("timestamp", "9" * 40),
        ("timestamp", "١٢٣"),
        ("apikey", "other"),
        ("x-road-client", "other"),
    ],
)
def test_anything_else_is_turned_away(name: str, value: str | None) -> None:
    """A missing or malformed header, or a wrong client header even where none is demanded, is refused."""
    assert not admitted(headers(changed={name: value}), ACCOUNT, variant=_LIVE, at=AT)


def test_client_headers_are_demanded_where_configured() -> None:
    """With X-Road both client headers are needed and must be right."""
    xroad = PRESETS["ndxp-xroad"]
    both = {"x-road-client": ACCOUNT.xroad_client, "apikey": ACCOUNT.api_key}
    assert admitted(headers(changed=both), ACCOUNT, variant=xroad, at=AT)
    for name in both:
        assert not admitted(headers(changed={**both, name: None}), ACCOUNT, variant=xroad, at=AT)
