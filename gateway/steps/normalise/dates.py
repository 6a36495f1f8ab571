"""Dates with the precision the registry has: `1992`, `1992-11`, `1992-11-22`."""

import calendar

from adapters.values import RawDate

IMPOSSIBLE = "date_impossible"


def date(raw: RawDate) -> tuple[str | None, tuple[str, ...]]:
    """The ISO 8601 text and doubts. A day or month that does not exist is dropped, with the doubt `date_impossible`."""
    if not 1000 <= raw.year <= 9999:
        return None, (IMPOSSIBLE,)
    year = f"{raw.year:04d}"
    if raw.month is None:
        return year, ()
    if not 1 <= raw.month <= 12:
        return year, (IMPOSSIBLE,)
    month = f"{year}-{raw.month:02d}"
    if raw.day is None:
        return month, ()
    if not 1 <= raw.day <= calendar.monthrange(raw.year, raw.month)[1]:
        return month, (IMPOSSIBLE,)
    return f"{month}-{raw.day:02d}", ()
