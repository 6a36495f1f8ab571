"""Whether two statements of one fact agree.

Accents, case, spacing and punctuation are not differences. A value in the contract's shape may be compared with what a
citizen typed: a text, a code, or the same shape.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway import text

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_LOCAL_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def agree(one: Any, other: Any) -> bool:
    """True when the two do not contradict each other."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _mappings(one, other)
    if isinstance(one, Mapping):
        return _mapping_and_plain(one, other)
    if isinstance(other, Mapping):
        return _mapping_and_plain(other, one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(agree(a, b) for a, b in zip(one, other, strict=True))
    return _plain(one, other)


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
    named = shaped.get("name")
    if "amount" in shaped:
        return _amounts(shaped["amount"], plain)
    candidates = [shaped.get(key) for key in ("full", "text", "code", "name_en", "personal_id")]
    candidates += [named.get("full") if isinstance(named, Mapping) else named]
    return any(_plain(candidate, plain) for candidate in candidates if candidate is not None)


def _plain(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    first, second = _iso(str(one)), _iso(str(other))
    if _DATE.fullmatch(first) and _DATE.fullmatch(second):
        return first.startswith(second) or second.startswith(first)
    return text.fold(first) == text.fold(second)


def _amounts(one: Any, other: Any) -> bool:
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except InvalidOperation:
        return False


def _iso(written: str) -> str:
    local = _LOCAL_DATE.fullmatch(written.strip())
    if local is None:
        return written.strip()
    day, month, year = local.groups()
    return f"{year}-{int(month):02d}-{int(day):02d}"
