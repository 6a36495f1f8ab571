"""Units by name: built once from a territory, so that no call folds thousands of names.

How names are compared stands in `unit_names`. Two units that are written alike are no match: nothing is guessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from config.model import Territory, Units
from gateway.steps.normalise.unit_names import Match, Names, names


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The units of one scheme, by code and by name."""

    units: Units
    provinces: Names
    inside: Mapping[tuple[str, str], Sequence[tuple[str, str]]] = field(repr=False)  # (level, within) -> (name, code)
    _within: dict[tuple[str, str], Names] = field(default_factory=dict, repr=False, compare=False)

    def province(self, name: str) -> str | None:
        """The code of the province of this name."""
        return self.provinces.find(name, other_kinds=True).code

    def districts(self, name: str, province: str) -> Match:
        """The districts of this name in a province."""
        return self._names("district", province).find(name, other_kinds=True)

    def communes(self, name: str, province: str, district: str | None = None) -> Match:
        """The communes of this name in a province, or in one of its districts."""
        return self._names("commune", district or province).find(name, other_kinds=district is not None)

    def province_of(self, commune: str) -> str | None:
        """The province a commune code belongs to in this scheme."""
        held = self.units.communes.get(commune)
        return held[1] if held else None

    def _names(self, level: str, within: str) -> Names:
        """The names of the units in a province or district: folded when first asked for, there are thousands."""
        found = self._within.get((level, within))
        if found is None:
            found = self._within[level, within] = names(level, self.inside.get((level, within), ()))
        return found


@dataclass(frozen=True, slots=True)
class Places:
    """The current units, the former ones, and where they went (`config.model.Territory`)."""

    current: Gazetteer
    former: Gazetteer
    moved: Mapping[str, str]
    communes_moved: Mapping[str, tuple[str, ...]]
    districts_moved: Mapping[str, str]


def places(territory: Territory) -> Places:
    """Both schemes, indexed."""
    return Places(
        gazetteer(territory.current),
        gazetteer(territory.former),
        territory.moved,
        territory.communes_moved,
        territory.districts_moved,
    )


def gazetteer(units: Units) -> Gazetteer:
    """One scheme, indexed by name."""
    inside: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for code, (name, province) in units.districts.items():
        inside.setdefault(("district", province), []).append((name, code))
    for code, (name, province) in units.communes.items():
        inside.setdefault(("commune", province), []).append((name, code))
        if code in units.district_of:
            inside.setdefault(("commune", units.district_of[code]), []).append((name, code))
    named = [(name.vi, code) for code, name in units.provinces.items()]
    return Gazetteer(units, names("province", [*named, *units.spellings]), inside)
