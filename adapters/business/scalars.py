"""One member of the wire to one plain value: texts, dates, amounts, yes and no.

Rule of this file: pure functions. Empty is None. A form that has two readings is refused, not guessed: the
reason is `<member>_malformed`, with the member's name in lower case and never its content.
"""

import re
from decimal import Decimal

from adapters.business.document import Json, Object, garbled
from adapters.contract import AdapterError
from adapters.values import RawDate, RawMoney

_SPACES = re.compile(r"\s+")
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_DATES = (
    re.compile(r"(?a)(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})" + _TIME),  # the guide: dd/MM/yyyy
    re.compile(r"(?a)(?P<d>\d{2})(?P<m>\d{2})(?P<y>\d{4})"),  # seen: ddMMyyyy, never yyyyMMdd
    re.compile(r"(?a)(?P<d>\d{1,2})-(?P<m>\d{1,2})-(?P<y>\d{4})" + _TIME),
    re.compile(r"(?a)(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})" + _TIME),
    re.compile(r"(?a)(?P<m>\d{1,2})/(?P<y>\d{4})"),
    re.compile(r"(?a)(?P<y>\d{4})"),
)
_NO_DATE = frozenset({"00000000", "00/00/0000", "0000", "0"})
_FIRST_YEAR, _LAST_YEAR = 1800, 2199  # outside: the digits were in another order
_PLAIN = re.compile(r"(?a)\d{1,21}(?:\.\d{1,3}0*)?")
_GROUPED = re.compile(r"(?a)\d{1,3}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,}(?:\.\d{1,3})?)")
_RATIO = re.compile(r"(?a)(\d{1,3})(?:[.,](\d{1,15}))?\s?%?")
_YES_NO: dict[Json, bool] = {"Y": True, "N": False, "1": True, "0": False, "TRUE": True, "FALSE": False}


def text(block: Object, *names: str) -> str | None:
    """The first filled member of `names` as one line of text, a number as its digits.

    Raises:
        AdapterError: GARBLED `<member>_malformed` when a member is a list, an object or a truth value.
    """
    for name in names:
        value = block.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise malformed(name)
        line = _SPACES.sub(" ", format(value, "f") if isinstance(value, Decimal) else str(value)).strip()
        if line:
            return line
    return None


def date(block: Object, name: str) -> RawDate | None:
    """A date as `dd/MM/yyyy`, `ddMMyyyy`, ISO 8601, or month and year or year alone.

    `ddMMyyyy` may also be a number that lost its leading zero. A time of day behind it is dropped. All zeros
    and 01/01/0001, which .NET prints for "no date", are None. Does not check the calendar.

    Raises:
        AdapterError: GARBLED `<member>_malformed` for any other form, or a year outside 1800 to 2199.
    """
    written = text(block, name)
    if written is None or written in _NO_DATE:
        return None
    if isinstance(block.get(name), int) and len(written) == 7:
        written = "0" + written
    for form in _DATES:
        if match := form.fullmatch(written):
            parts = {key: int(digits) for key, digits in match.groupdict().items()}
            if parts == {"d": 1, "m": 1, "y": 1}:
                return None
            if not _FIRST_YEAR <= parts["y"] <= _LAST_YEAR:
                break
            return RawDate(parts["y"], parts.get("m"), parts.get("d"))
    raise malformed(name)


def money(block: Object, name: str) -> RawMoney | None:
    """An amount of Vietnamese dong, NUMBER(21,3): a JSON number, or its digits in a string.

    `1.000.000.000` and `1,000,000,000` are read as grouped, since two separators cannot be a fraction. A
    single comma is refused: it may be either. Trailing zeros of the fraction are dropped.

    Raises:
        AdapterError: GARBLED `<member>_malformed` for another form, a negative amount or one of more than 21
        digits.
    """
    written = text(block, name)
    if written is None:
        return None
    value = block.get(name)
    if isinstance(value, Decimal):
        amount = value
    elif _PLAIN.fullmatch(written):
        amount = Decimal(written)
    elif _GROUPED.fullmatch(written):
        amount = Decimal(written.replace(",", "") if "," in written else written.replace(".", ""))
    else:
        raise malformed(name)
    if amount < 0 or amount.adjusted() > 20:
        raise malformed(name)
    if amount != round(amount, 3):
        raise malformed(name)
    return RawMoney(trimmed(amount), "VND")


def ratio(block: Object, name: str) -> Decimal | None:
    """A share in percent, 0 to 100: a number, or a string with a dot or a comma and perhaps a percent sign.

    Raises:
        AdapterError: GARBLED `<member>_malformed` for another form or a share above 100.
    """
    written = text(block, name)
    if written is None:
        return None
    match = _RATIO.fullmatch(written)
    if match is None:
        raise malformed(name)
    share = Decimal(f"{match[1]}.{match[2] or 0}")
    if share > 100:
        raise malformed(name)
    return trimmed(share)


def yes(block: Object, name: str) -> bool:
    """Y, 1 or true; nothing at all means no.

    Raises:
        AdapterError: GARBLED `<member>_malformed` for any other word.
    """
    value = block.get(name)
    if isinstance(value, bool):
        return value
    written = text(block, name)
    if written is None:
        return False
    try:
        return _YES_NO[written.upper()]
    except KeyError:
        raise malformed(name) from None


def trimmed(amount: Decimal) -> Decimal:
    """The same number without an exponent and without zeros at the end of its fraction."""
    written = format(amount, "f")
    return Decimal(written.rstrip("0").rstrip(".") if "." in written else written)


def malformed(name: str) -> AdapterError:
    """GARBLED because of one member of ours to read. `name` is one of this package's constants."""
    return garbled(f"{name.lower()}_malformed")
