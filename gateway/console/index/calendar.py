"""Hours, days and months of the rollups. Days and months are Vietnam's: UTC+7, without summer time.

    level 0 hours, 1 days, 2 months; `start` is always in whole hours since 1970 UTC, where the hour, day, month begins

Rule of this file: whole numbers in, whole numbers out; no clock is read.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

HOUR, DAY, MONTH = 0, 1, 2
HOUR_US: Final = 3_600_000_000
DAY_US: Final = 24 * HOUR_US

_OFFSET: Final = 7
_1970: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970 UTC of an aware time."""
    return (at - _1970) // _MICROSECOND


def moment(at_us: int) -> datetime:
    """The time of microseconds since 1970 UTC."""
    return _1970 + timedelta(microseconds=at_us)


def day_of(at_us: int) -> int:
    """The local day: days since 1970-01-01 in Vietnam."""
    return (at_us + _OFFSET * HOUR_US) // DAY_US


def day_start(day: int) -> int:
    """Where a local day begins, in microseconds."""
    return day * DAY_US - _OFFSET * HOUR_US


def start_of(level: int, hour: int) -> int:
    """Where the hour, day or month begins that holds `hour`."""
    if level == HOUR:
        return hour
    local = hour + _OFFSET
    if level == DAY:
        return local - local % 24 - _OFFSET
    return _month(date.fromordinal(_EPOCH_DAY + local // 24).replace(day=1))


def next_start(level: int, start: int) -> int:
    """Where the next hour, day or month begins."""
    if level == HOUR:
        return start + 1
    if level == DAY:
        return start + 24
    first = date.fromordinal(_EPOCH_DAY + (start + _OFFSET) // 24)
    return _month((first.replace(day=28) + timedelta(days=4)).replace(day=1))


def pieces(since: int, until: int, level: int) -> list[tuple[int, int, int]]:
    """The hours `since` to `until - 1` as (level, start, end) with whole months and days where they fit, none twice."""
    if since >= until:
        return []
    if level == HOUR:
        return [(HOUR, since, until)]
    first = start_of(level, since)
    first = first if first == since else next_start(level, first)
    last = start_of(level, until)
    if first >= last:
        return pieces(since, until, level - 1)
    return [*pieces(since, first, level - 1), (level, first, last), *pieces(last, until, level - 1)]


_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def _month(first: date) -> int:
    return (first.toordinal() - _EPOCH_DAY) * 24 - _OFFSET
