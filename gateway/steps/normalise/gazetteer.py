"""Units by name: built once from a territory, so that no call folds thousands of names.

Names are compared folded (no accents, case, spacing), first as they are, then without the word for the kind of unit
(`Phường`, `Xã`, `Thành phố` ...). Two units that fold alike are no match: nothing is guessed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from config.model import Territory, Units
from gateway import text

_PROVINCE_WORDS = ("thanhpho", "tinh", "tp")
_COMMUNE_WORDS = ("phuong", "thitran", "dackhu", "xa")


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """The units of one scheme, by code and by folded name."""

    units: Units
    provinces: Mapping[str, str]  # folded bare name -> code
    communes: Mapping[tuple[str, str], str]  # (province code, folded name, whole or bare) -> code

    def province(self, name: str) -> str | None:
        """The code of the province of this name."""
        return self.provinces.get(_bare(text.fold(name), _PROVINCE_WORDS))

    def commune(self, name: str, province: str) -> str | None:
        """The code of the one commune of this name in a province; None when there is none, or more than one."""
        folded = text.fold(name)
        exact = self.communes.get((province, folded))
        return exact or self.communes.get((province, _bare(folded, _COMMUNE_WORDS)))

    def province_of(self, commune: str) -> str | None:
        """The province a commune code belongs to in this scheme."""
        held = self.units.communes.get(commune)
        return held[1] if held else None


@dataclass(frozen=True, slots=True)
class Places:
    """The current units, the former ones, and how provinces moved."""

    current: Gazetteer
    former: Gazetteer
    moved: Mapping[str, str]


def places(territory: Territory) -> Places:
    """Both schemes, indexed."""
    return Places(gazetteer(territory.current), gazetteer(territory.former), territory.moved)


def gazetteer(units: Units) -> Gazetteer:
    """One scheme, indexed by name."""
    provinces = {_bare(text.fold(named.vi), _PROVINCE_WORDS): code for code, named in units.provinces.items()}
    folded = [(province, text.fold(name), code) for code, (name, province) in units.communes.items()]
    bare = ((province, _bare(name, _COMMUNE_WORDS), code) for province, name, code in folded)
    return Gazetteer(units, provinces, {**_single(bare), **_single(folded)})


def _single(named: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], set[str]] = {}
    for province, name, code in named:
        found.setdefault((province, name), set()).add(code)
    return {key: next(iter(codes)) for key, codes in found.items() if len(codes) == 1}


def _bare(folded: str, words: tuple[str, ...]) -> str:
    return next((folded.removeprefix(word) for word in words if folded.startswith(word)), folded)
