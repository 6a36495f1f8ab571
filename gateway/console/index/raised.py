"""A pattern as a rule raises it, and the day it is raised on.

Rule of this file: a score says how far beyond the limit something is, never how bad it is: that is for an auditor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from gateway.console.index.calendar import DAY_US, HOUR_US, day_start

NAMED: Final = 20
"""Entries that a pattern names at most, the newest of them."""

_1970: Final = date(1970, 1, 1)
_MINUTE_US: Final = 60_000_000
_OFFSET_US: Final = 7 * HOUR_US


@dataclass(frozen=True, slots=True)
class Day:
    """A local day, as days since 1970-01-01 in Vietnam."""

    number: int

    @property
    def start(self) -> int:
        """Where it begins, in microseconds since 1970 UTC."""
        return day_start(self.number)

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + DAY_US

    @property
    def date(self) -> date:
        """The calendar's name of it."""
        return _1970 + timedelta(days=self.number)


@dataclass(frozen=True, slots=True)
class Raised:
    """What a rule saw: see `gateway.console.model.Pattern`. `at`: microseconds; `entries`: ascending."""

    rule: str
    at: int
    portal: str
    values: Mapping[str, str | int | float]
    entries: tuple[int, ...]
    score: float


def score(seen: float, limit: float) -> float:
    """From a half at the limit towards one, the higher the further above it. `seen` >= `limit` > 0."""
    return round(1 - limit / (2 * seen), 6)


def clock(at_us: int) -> str:
    """The local time of day: `17:30`."""
    minutes = (at_us + _OFFSET_US) % DAY_US // _MINUTE_US
    return f"{minutes // 60:02}:{minutes % 60:02}"
