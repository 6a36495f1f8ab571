"""Whether two statements of one fact agree.

Accents, case, spacing and punctuation are not differences; which digits stand together is one (12/3 is not 1/23). A
value in the contract's shape may be compared with what a citizen typed: a text, a code, or the same shape. Two
statements of which nothing is left after folding agree only when they are the same text.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway import text

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_LOCAL_DATE = re.compile(r"(?:(\d{1,2})/)?(\d{1,2})/(\d{4})", re.ASCII)
# one number written in groups: 0900 000 000, 0100109106-001
_GROUPED = re.compile(r"\d+(?: \d+)+|\d{10}-\d{3}", re.ASCII)
_THOUSANDS = re.compile(r"-?\d{1,3}(?:([., ])\d{3})(?:\1\d{3})*", re.ASCII)
_RUNS = re.compile(r"\d+|[^\W\d_]+")
SPELLING, DATE, VALUE = "spelling", "date", "value"
# Letters from which on one wrong letter is more likely a slip of the pen than another name, and on two.
_ONE_SLIP, _TWO_SLIPS = 6, 16


def agree(one: Any, other: Any) -> bool:
    """True when the two do not contradict each other."""
    if isinstance(one, list) or isinstance(other, list):
        return _lists(one, other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _mappings(one, other)
    if isinstance(one, Mapping):
        return _mapping_and_plain(one, other)
    if isinstance(other, Mapping):
        return _mapping_and_plain(other, one)
    return _plain(one, other)


def _lists(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(agree(a, b) for a, b in zip(one, other, strict=True))
    # a citizen types one of several: one representative, one line of business
    several, single = (one, other) if isinstance(one, list) else (other, one)
    return any(agree(item, single) for item in several)


def _mappings(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    # the member that names the thing decides; without one in common, every common member does
    for key in ("code", "full", "personal_id", "amount", "text"):
        if one.get(key) and other.get(key):
            if key == "amount":
                return _amounts(one[key], other[key]) and one.get("currency") == other.get("currency")
            return agree(one[key], other[key])
    common = one.keys() & other.keys()
    return bool(common) and all(agree(one[key], other[key]) for key in common)


def _mapping_and_plain(shaped: Mapping[str, Any], plain: Any) -> bool:
    if "amount" in shaped:
        return _amounts(shaped["amount"], plain)
    named = shaped.get("name")
    candidates = [shaped.get(key) for key in ("full", "text", "code", "name_en", "personal_id")]
    candidates += [named.get("full") if isinstance(named, Mapping) else named, _address(shaped)]
    return any(_plain(candidate, plain) for candidate in candidates if candidate is not None)


def _address(shaped: Mapping[str, Any]) -> str | None:
    """An address that came in parts, as one line."""
    if "province" not in shaped or "text" in shaped:
        return None
    units = [shaped.get(unit, {}).get("name") for unit in ("commune", "district", "province")]
    return ", ".join(part for part in (shaped.get("detail"), *units) if part)


def _plain(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    first, second = _written(one), _written(other)
    if _DATE.fullmatch(first) and _DATE.fullmatch(second):
        return first.startswith(second) or second.startswith(first)
    runs, others = _runs(first), _runs(second)
    return runs == others if runs or others else first == second


def _written(value: Any) -> str:
    """A date in ISO 8601, a number without its grouping, anything else as it stands."""
    written = str(value).strip()
    local = _LOCAL_DATE.fullmatch(written)
    if local is not None:
        day, month, year = local.groups()
        known = f"{year}-{int(month):02d}"
        return f"{known}-{int(day):02d}" if day else known
    return re.sub(r"[ -]", "", written) if _GROUPED.fullmatch(written) else written


def _runs(written: str) -> list[str]:
    """Runs of digits and of letters, the letters folded and joined over spaces and punctuation; a leading minus."""
    runs: list[str] = ["-"] if re.match(r"-\d", written) else []
    for found in _RUNS.findall(text.unaccented(written)):
        if runs and not found[0].isdigit() and runs[-1].isalpha():
            runs[-1] += found
        else:
            runs.append(found)
    return runs


def _amounts(one: Any, other: Any) -> bool:
    try:
        return _number(one) == _number(other)
    except InvalidOperation:
        return False


def _number(value: Any) -> Decimal:
    written = str(value).strip()
    grouped = _THOUSANDS.fullmatch(written)
    return Decimal(written.replace(grouped.group(1), "") if grouped else written)


def difference(one: Any, other: Any) -> str:
    """How two statements that do not agree differ: `spelling` (texts or names a letter or two apart), `date`, `value`.

    A hint for people, no judgement: one letter can be another name. Texts with different digits are never spelling.
    """
    first, second = _line(one), _line(other)
    if first is None or second is None:
        return VALUE
    first, second = _written(first), _written(second)
    if _DATE.fullmatch(first) and _DATE.fullmatch(second):
        return DATE
    runs, others = _runs(first), _runs(second)
    if [r for r in runs if not r.isalpha()] != [r for r in others if not r.isalpha()]:
        return VALUE
    letters, more = ("".join(r for r in said if r.isalpha()) for said in (runs, others))
    shorter = min(len(letters), len(more))
    slips = 2 if shorter >= _TWO_SLIPS else 1 if shorter >= _ONE_SLIP else 0
    return SPELLING if _near(letters, more, slips) else VALUE


def _line(value: Any) -> str | None:
    """A name or an address as one text; None for what has no spelling, such as a code or an amount."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or "code" in value or "amount" in value:
        return None
    said = value.get("full") or value.get("text") or _address(value)
    return said if isinstance(said, str) else None


def _near(one: str, other: str, most: int) -> bool:
    """Whether at most so many letters were changed, added, left out or exchanged with their neighbour."""
    if abs(len(one) - len(other)) > most:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        current = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(row[j] + 1, current[j - 1] + 1, row[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        before, row = row, current
    return row[-1] <= most
