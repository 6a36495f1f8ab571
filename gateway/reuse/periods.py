"""Times of Vietnam: a month `2026-11`, a quarter `2026-Q4`, a year `2026`, and the month an entry belongs to.

Rule of this file: text in, aware UTC out. A month is one whole number, year * 12 + month - 1, so that quarters and
years are had from it without a calendar.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.zone import VIETNAM

"""Asia/Ho_Chi_Minh: no summer time since 1975."""

_PERIOD = re.compile(r"(?P<year>2[01]\d\d)(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])))?")


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to before `until`, aware UTC; None: no limit. `name`: as it was asked for, "" for free times."""

    name: str
    since: datetime | None
    until: datetime | None


ALWAYS = Period("", None, None)


def parse(text: str) -> Period:
    """The period of a name. Raises ValueError."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise ValueError("a month 2026-11, a quarter 2026-Q4 or a year 2026")
    first, length = int(found["year"]) * 12, 12
    if found["month"]:
        first, length = first + int(found["month"]) - 1, 1
    elif found["quarter"]:
        first, length = first + 3 * (int(found["quarter"]) - 1), 3
    return Period(text, _start(first), _start(first + length))


def month_of(at: datetime) -> int:
    """The month of a time, as a number."""
    local = at.astimezone(VIETNAM)
    return local.year * 12 + local.month - 1


def month_name(month: int) -> str:
    """`2026-11`."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


def quarter_name(quarter: int) -> str:
    """`2026-Q4`. `quarter`: a month's number divided by 3."""
    return f"{quarter // 4:04}-Q{quarter % 4 + 1}"


def _start(month: int) -> datetime:
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=VIETNAM).astimezone(UTC)
