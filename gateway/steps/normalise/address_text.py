"""The units at the end of an address that is only text: `Tổ 5, P. Sông Bằng, TP Cao Bằng, Cao Bằng`.

Read from the right: a province; before it a district and a commune of it as they were until 2025-06-30, or a commune as
it has been since. What stands before the units is the detail.

Rule of this file: a part is a unit only where a table knows it inside the unit to its right; otherwise it stays text.
"""

import re
from dataclasses import dataclass

from gateway.steps.normalise.gazetteer import Gazetteer, Places
from gateway.steps.normalise.unit_names import kind
from gateway.text import tidy

_COMMAS, _DASHES = re.compile(r"\s*[,;]\s*"), re.compile(r"\s+[-–]\s+")
_COUNTRY = frozenset({"việt nam", "viet nam", "vietnam", "vn"})


@dataclass(frozen=True, slots=True)
class Reading:
    """The units an address names, by code in their scheme. `scheme` None: only a province that both have.

    `communes`: the one, or several that are written alike; `detail`: what stands before.
    """

    scheme: Gazetteer | None
    province: str | None = None
    district: str | None = None
    communes: tuple[str, ...] = ()
    detail: str = ""


def read(written: str, places: Places) -> Reading | None:
    """The units in a text; None when it does not end with a province."""
    parts = _parts(tidy(written), places)
    while parts and parts[-1].strip(" .").casefold() in _COUNTRY:
        parts.pop()
    if not parts:
        return None
    former, current = _former(parts, places.former), _current(parts, places.current)
    if former and (former.district or not current or kind(parts[-2] if len(parts) > 1 else "", "district")):
        # a district the tables do not know was there before the last changes of the former scheme
        return former
    if current and (current.communes or not former):
        return current
    if current is None or former is None:
        return None
    # a province of both schemes and nothing more
    return Reading(None, current.province if current.province == former.province else None, detail=current.detail)


def _parts(written: str, places: Places) -> list[str]:
    """Parts between commas, and between dashes at the end of the last: `Bà Rịa - Vũng Tàu` is one part all the same."""
    *parts, last = _COMMAS.split(written)
    dashed = _DASHES.split(last)
    joined = " ".join(dashed[-2:])
    if len(dashed) > 1 and places.former.province(joined):
        dashed[-2:] = [joined]
    return [part for part in (*parts, *dashed) if part.strip(" .")]


def _former(parts: list[str], former: Gazetteer) -> Reading | None:
    province = former.province(parts[-1])
    if province is None:
        return None
    if len(parts) == 1:
        return Reading(former, province)
    district = former.districts(parts[-2], province).code
    if district is None:
        return Reading(former, province, detail=", ".join(parts[:-1]))
    communes = former.communes(parts[-3], province, district).codes if len(parts) > 2 else ()
    return Reading(former, province, district, communes, ", ".join(parts[: -3 if communes else -2]))


def _current(parts: list[str], current: Gazetteer) -> Reading | None:
    province = current.province(parts[-1])
    if province is None:
        return None
    communes = current.communes(parts[-2], province).codes if len(parts) > 1 else ()
    return Reading(current, province, None, communes, ", ".join(parts[: -2 if communes else -1]))
