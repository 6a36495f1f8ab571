"""Who asks about whom, when: skewed as in life, and the same for the same number.

Rule of this file: pure functions of numbers. Invented codes and identifiers only.
"""

from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Final

PORTALS: Final = (
    *(f"H{number:02d}" for number in range(1, 35)),
    *(f"H{number:02d}.{unit}" for number in (14, 29, 58) for unit in (1, 2)),
)
PROCEDURES: Final = tuple(f"1.00{number}" for number in (1193, 1612, 2192, 2307, 2621, 4222, 4227, 4873))
SURNAMES: Final = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Phan",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
)
AUDITORS: Final = ("kiem-tra-01", "kiem-tra-02", "thanh-tra-14", "thanh-tra-29")

END: Final = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
"""Midnight in Vietnam: the end of the log."""

_DAYS: Final = 730
_SPREAD: Final = 2.5
_NIGHT, _EVENING, _OFFICE, _WEEKEND = 0.004, 0.04, 1.0, 0.06
_1970: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR_US: Final = 3_600_000_000
_GOLDEN: Final = 0.6180339887498949
_ENTRIES_A_CALL: Final = 2.22


@dataclass(frozen=True)
class Country:
    """A country that leaves about `entries` entries in 24 months."""

    entries: int

    @property
    def calls(self) -> int:
        """How many calls that is."""
        return max(1, round(self.entries / _ENTRIES_A_CALL))

    @property
    def people(self) -> int:
        """How many people are asked about."""
        return max(50, self.entries // 6)

    @property
    def officers(self) -> int:
        """How many officials of a portal ask: the larger a log, the more."""
        return max(3, self.entries // 500 // len(PORTALS))

    @property
    def start(self) -> datetime:
        """The first hour."""
        return END - timedelta(days=_DAYS)

    @cached_property
    def start_us(self) -> int:
        """The same in microseconds since 1970."""
        return (self.start - _1970) // timedelta(microseconds=1)

    @cached_property
    def _hours(self) -> list[float]:
        weights = (_weight(self.start + timedelta(hours=hour)) for hour in range(24 * _DAYS))
        sums = list(accumulate(weights))
        return [one / sums[-1] for one in sums]

    def at_us(self, part: float) -> int:
        """When this part (0 to 1) of all calls was made: office hours are busy, nights and weekends are not."""
        hours = self._hours
        hour = min(bisect(hours, part), len(hours) - 1)
        before = hours[hour - 1] if hour else 0.0
        return self.start_us + hour * _HOUR_US + int((part - before) / (hours[hour] - before) * (_HOUR_US - 1))

    def dossier(self, number: int) -> tuple[str, str, str]:
        """Portal, procedure and code of a dossier."""
        portal = PORTALS[skewed(_mixed(number), len(PORTALS))]
        procedure = PROCEDURES[skewed(_mixed(number + 1_000_003), len(PROCEDURES))]
        return portal, procedure, f"{portal}-{number // 10_000:06d}-{number % 10_000:04d}"


def officer(portal: str, number: int) -> str:
    """The id of a portal's official."""
    return f"{portal.lower()}-{number:05d}"


def skewed(chance: float, many: int) -> int:
    """A number below `many` from a chance (0 to 1): small ones far more often."""
    return int(many * chance**_SPREAD)


def personal_id(number: int) -> str:
    """The personal number of a person: twelve digits of nobody."""
    return f"{number % 63 + 1:03d}1{number % 89 + 10:02d}{number % 1_000_000:06d}"


def surname(number: int) -> str:
    """The family name of a person: half of the country shares three."""
    return SURNAMES[int(len(SURNAMES) * _mixed(number) ** 2)]


def _mixed(number: int) -> float:
    return number * _GOLDEN % 1.0


def _weight(hour: datetime) -> float:
    local = hour + timedelta(hours=7)
    busy = _OFFICE if 8 <= local.hour < 17 else _EVENING if 6 <= local.hour < 22 else _NIGHT
    return busy * (_WEEKEND if local.weekday() >= 5 else 1.0)
