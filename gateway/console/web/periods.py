"""The times a page is about: the last day, week, month, year, or from one day to another, in Hanoi's days.

Rule of this file: text in, aware UTC out; what cannot be read is ValueError with the key of a text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from gateway.zone import VIETNAM

LENGTHS: Mapping[str, timedelta] = MappingProxyType(
    {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30), "12m": timedelta(days=365)}
)
CUSTOM = "custom"
_LONGEST = timedelta(days=20 * 366)
_DAY_LONG = len("2026-11-24")


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to before `until`. `name`: of LENGTHS or `custom`; `first`, `last`: days as typed, "" for none."""

    name: str
    since: datetime
    until: datetime
    first: str = ""
    last: str = ""

    def about(self) -> dict[str, str]:
        """For an `inspected` entry."""
        return {"since": self.since.isoformat(timespec="seconds"), "until": self.until.isoformat(timespec="seconds")}


def read(form: Mapping[str, str], now: datetime, *, default: str = "7d") -> Period:
    """The period asked for by `period`, `from` and `to`. Raises ValueError("bad_period")."""
    name = form.get("period", default)
    if name in LENGTHS:
        return Period(name, now - LENGTHS[name], now)
    first, last = form.get("from", ""), form.get("to", "")
    since, until = day(first), day(last)
    if name != CUSTOM or since is None or until is None:
        raise ValueError("bad_period")
    until += timedelta(days=1)
    if not timedelta() < until - since <= _LONGEST:
        raise ValueError("bad_period")
    return Period(CUSTOM, since, until, first, last)


def asked(form: Mapping[str, str], now: datetime, *, default: str = "7d") -> tuple[Period, str]:
    """The period asked for and "", or of one that cannot be read the default with what was typed and a text's key."""
    try:
        return read(form, now, default=default), ""
    except ValueError as error:
        typed = {name: form.get(name, "")[:_DAY_LONG] for name in ("from", "to")}
        length = LENGTHS[default]
        return Period(default, now - length, now, typed["from"], typed["to"]), str(error)


def day(text: str) -> datetime | None:
    """The beginning of a day `2026-11-24` in Hanoi; None for no text. Raises ValueError("bad_period")."""
    if not text:
        return None
    try:
        at = date.fromisoformat(text)
    except ValueError:
        raise ValueError("bad_period") from None
    if not 2000 <= at.year <= 2199:
        raise ValueError("bad_period")
    return datetime.combine(at, time(), VIETNAM).astimezone(UTC)
