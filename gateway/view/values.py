"""A value of the contract as people write it: dates 22/11/1992, amounts 1.000.000 đồng, an address and where it is now.

Rule of this file: nothing is left out. A shape that is not known is printed member by member.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from config.model import Named
from gateway.text import fold
from gateway.view.words import CONVERSIONS, MEMBERS
from gateway.zone import VIETNAM

_DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
_UNITS = ("commune", "district", "province")


@dataclass(frozen=True, slots=True)
class Printed:
    """One line of a value. `also`: the same in English, or a remark in both languages; "" for nothing."""

    text: str
    also: str = ""


def printed(value: Any) -> tuple[Printed, ...]:
    """The lines of a value; several only for a list and for an address that moved. None for nothing at all."""
    if value is None or value in ("", []):
        return ()
    if isinstance(value, list):
        return tuple(Printed(_line(item), _english(item)) for item in value)
    if isinstance(value, Mapping) and ("text" in value or "province" in value):
        return _address(value)
    return (Printed(_line(value), _english(value)),)


def date(text: str) -> str:
    """`22/11/1992` or `11/1992` of an ISO 8601 date; any other text as it is."""
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    year, month, day = found.groups()
    return f"{day}/{month}/{year}" if day else f"{month}/{year}"


def moment(text: Any) -> str:
    """`22/11/2026 09:00` in Vietnamese time of an RFC 3339 instant; what is none, as it is."""
    if not isinstance(text, str):
        return ""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return text
    return read.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M") if read.tzinfo else text


def number(value: Any) -> str:
    """`1.234.567,5`: points between thousands, a comma before decimals; what is no number, as it is."""
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not read.is_finite():
        return str(value)
    return f"{read:,f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def _line(value: Any) -> str:
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        return date(value)
    if isinstance(value, list):
        return "; ".join(_line(item) for item in value)
    if isinstance(value, Mapping):
        return _mapping(value)
    return "" if value is None else str(value)


def _mapping(value: Mapping[str, Any]) -> str:
    if set(value) <= {"amount", "currency"} and "amount" in value:
        unit = {"VND": "đồng", None: ""}.get(value.get("currency"), str(value.get("currency")))
        return f"{number(value['amount'])} {unit}".strip()
    if isinstance(value.get("full"), str):
        return str(value["full"])
    if "text" in value or "province" in value:
        return " · ".join(line.text for line in _address(value))
    if isinstance(value.get("name"), str) and set(value) <= {"code", "name", "name_en"}:
        return f"{value['name']} ({value['code']})" if value.get("code") else str(value["name"])
    return "; ".join(_member(name, part) for name, part in value.items() if part not in (None, "", False))


def _member(name: str, part: Any) -> str:
    if name in ("name", "text"):
        return _line(part)
    known = MEMBERS.get(name, Named(name, name)).vi
    return known if part is True else f"{known}: {_line(part)}"


def _english(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    said = value.get("name_en") if isinstance(value, Mapping) else None
    return said if isinstance(said, str) else ""


def _address(value: Mapping[str, Any]) -> tuple[Printed, ...]:
    """The address as recorded; beneath it where that is now, where it moved, and how sure that is."""
    written = value.get("text")
    recorded = Printed(written, _not_in(written, value)) if isinstance(written, str) else Printed(_units(value))
    now = value.get("current")
    if not isinstance(now, Mapping):
        return (recorded,)
    sure = CONVERSIONS.get(str(now.get("conversion")))
    said = ", ".join(part for part in (_candidates(now), _units(now)) if part)
    remark = f"{sure.vi} / {sure.en}" if sure else ""
    return (recorded, Printed(f"Hiện nay / Now: {said}" if said else "Hiện nay / Now: ?", remark))


def _not_in(written: str, value: Mapping[str, Any]) -> str:
    """The units that the recorded text does not name: the registry knows them by code alone."""
    known = fold(written)
    units = (_named(value.get(unit)) for unit in _UNITS)
    return ", ".join(unit for unit in units if unit and fold(unit) not in known)


def _units(value: Mapping[str, Any]) -> str:
    parts = [value.get("detail"), *(_named(value.get(unit)) for unit in _UNITS)]
    country = value.get("country")
    return ", ".join(str(part) for part in (*parts, country if country not in (None, "VN") else None) if part)


def _candidates(now: Mapping[str, Any]) -> str:
    several = now.get("candidates")
    return " | ".join(_named(one) or "" for one in several) if isinstance(several, list) else ""


def _named(unit: Any) -> str | None:
    if isinstance(unit, Mapping):
        said = unit.get("name") or unit.get("code")
        return str(said) if said else None
    return unit if isinstance(unit, str) else None
