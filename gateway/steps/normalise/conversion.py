"""A unit as it was until 2025-06-30 becomes the current one, by tables, or it is said that it does not.

    exact     all of the former unit went into this commune
    split     it was divided: `candidates` are the communes that hold a part of it, and none is chosen
    unknown   the record does not name a commune the tables know; the province is still certain

Rule of this file: nothing is guessed, not even the largest part. Source: the data set named in config/territory/*.csv,
after the resolutions of the National Assembly's Standing Committee of June 2025.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gateway.steps.normalise.gazetteer import Places

Outcome = Literal["exact", "split", "unknown"]
MOST_CANDIDATES = 12
"""More alternatives are no help to anyone."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """Where a former unit is now: codes of the current scheme."""

    outcome: Outcome
    province: str
    commune: str | None = None
    candidates: tuple[str, ...] = ()

    def shown(self, places: Places) -> Mapping[str, Any]:
        """The `current` member of an address."""
        units = places.current.units
        named = [{"code": code, "name": units.communes[code][0]} for code in self.candidates]
        parts: dict[str, Any] = {
            "province": {"code": self.province, "name": units.provinces[self.province].vi},
            "commune": {"code": self.commune, "name": units.communes[self.commune][0]} if self.commune else None,
            "scheme": units.scheme,
            "conversion": self.outcome,
            "candidates": named or None,
        }
        return {key: part for key, part in parts.items() if part is not None}


def converted(province: str, district: str | None, communes: tuple[str, ...], places: Places) -> Conversion | None:
    """Where a former address is now. `communes`: the one, or several that are written alike; None: no such province."""
    into = places.moved.get(province)
    if into is None:
        return None
    if len(communes) == 1:
        return _targets(into, places.communes_moved.get(communes[0], ()), divided=True)
    if communes:
        parts = {part for commune in communes for part in places.communes_moved.get(commune, ())}
        return _targets(into, tuple(sorted(parts)), divided=False)
    if district is not None:
        whole = places.districts_moved.get(district)
        if whole is not None:
            return Conversion("exact", into, whole)
    return Conversion("unknown", into)


def _targets(province: str, targets: tuple[str, ...], *, divided: bool) -> Conversion:
    if len(targets) == 1:
        return Conversion("exact", province, targets[0])
    shown = targets if len(targets) <= MOST_CANDIDATES else ()
    return Conversion("split" if divided and targets else "unknown", province, candidates=shown)
