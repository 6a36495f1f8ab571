"""Addresses: as recorded, with the administrative scheme they are written in, and the current unit beside an old one.

A unit code means nothing without its scheme: 82 was Tiền Giang and is Đồng Tháp, 00004 was Phường Trúc Bạch and is
Phường Ba Đình. The scheme is read from the record itself, never from today's date:

  - a district: written before 2025-07-01, in the former scheme
  - a province or commune, by code or name, that only one scheme has: in that scheme
  - a code of a commune that both have: the scheme whose commune the words beside it name
  - a province and a commune, both of the current scheme, and no district: written since
  - an address abroad: no `scheme`
  - otherwise, with nothing that tells them apart: no `scheme`, and the doubt `address_scheme_unknown`

Where codes and names are missing the units are read from the end of the text. An old address has `current` beside it,
with how certain that is (`conversion`: exact, split, unknown); anything but exact is a doubt too.

Sources: Decision 19/2025/QĐ-TTg (34 provinces, in force 2025-07-01); Decision 124/2004/QĐ-TTg (the codes before).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.values import RawAddress
from gateway import text
from gateway.steps.normalise import address_text
from gateway.steps.normalise.conversion import Conversion, converted
from gateway.steps.normalise.gazetteer import Gazetteer, Places

SCHEME_UNKNOWN = "address_scheme_unknown"
SPLIT, UNIT_UNKNOWN = "address_unit_split", "address_unit_unknown"
HOME = "VN"


@dataclass(frozen=True, slots=True)
class _Units:
    """What a record names in one scheme. `scheme` None: nothing tells the schemes apart."""

    scheme: Gazetteer | None
    province: str | None = None
    district: str | None = None
    communes: tuple[str, ...] = ()

    @property
    def commune(self) -> str | None:
        return self.communes[0] if len(self.communes) == 1 else None


def address(raw: RawAddress, places: Places) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
    """The address in the contract's shape, and doubts. None when the registry gave nothing but a country."""
    if not any((raw.text, raw.detail, raw.province, raw.commune, raw.province_name, raw.commune_name)):
        return None, ()
    at_home = raw.country in (None, "", HOME)
    units = _units(raw, places) if at_home else _Units(None)
    known = units.scheme or places.current
    now = None
    if units.scheme is places.former and units.province:
        now = converted(units.province, units.district, units.communes, places)
    parts = {
        "text": text.tidy(raw.text) if raw.text else None,
        "province": _province(raw, units, known),
        "district": _district(raw, units, known),
        "commune": _commune(raw, units, known),
        "detail": text.tidy(raw.detail) if raw.detail else None,
        "country": raw.country or HOME,
        "scheme": units.scheme.units.scheme if units.scheme else None,
        "current": now.shown(places) if now else None,
    }
    value = {key: part for key, part in parts.items() if part}
    return value, _doubts(units, now) if at_home else ()


def _doubts(units: _Units, now: Conversion | None) -> tuple[str, ...]:
    if units.scheme is None:
        return (SCHEME_UNKNOWN,)
    if now is None or now.outcome == "exact":
        return ()
    return (SPLIT if now.outcome == "split" else UNIT_UNKNOWN,)


def _units(raw: RawAddress, places: Places) -> _Units:
    """The units of an address in Vietnam, from codes, else from names, else from the text."""
    said = address_text.read(raw.text, places) if raw.text else None
    if not any((raw.province, raw.district, raw.commune, raw.province_name, raw.district_name, raw.commune_name)):
        return _Units(said.scheme, said.province, said.district, said.communes) if said else _Units(None)
    scheme = _scheme(raw, places, said)
    known = scheme or places.current
    province = raw.province or (known.province(raw.province_name) if raw.province_name else None)
    if province is None and raw.commune and scheme:
        province = scheme.province_of(raw.commune)
    district = raw.district
    if district is None and province and raw.district_name:
        district = known.districts(raw.district_name, province).code
    communes: tuple[str, ...] = (raw.commune,) if raw.commune else ()
    if not communes and raw.commune_name and province:
        communes = known.communes(raw.commune_name, province, district).codes
    if not communes and said is not None and said.scheme is scheme and said.province == province:
        # codes for province and district alone, and the commune in words
        district, communes = district or said.district, said.communes
    return _Units(scheme, province, district, communes)


def _scheme(raw: RawAddress, places: Places, said: address_text.Reading | None) -> Gazetteer | None:
    current, former = places.current, places.former
    if raw.district or raw.district_name:
        return former
    if raw.province and raw.province not in current.units.provinces:
        return former if raw.province in former.units.provinces else None
    if raw.province_name and current.province(raw.province_name) is None:
        return former if former.province(raw.province_name) else None
    if raw.commune:
        return _scheme_of_code(raw.commune, raw, places, said)
    if raw.commune_name:
        return _scheme_of_name(raw.commune_name, raw, places)
    return said.scheme if said else None


def _scheme_of_code(
    commune: str, raw: RawAddress, places: Places, said: address_text.Reading | None
) -> Gazetteer | None:
    fits = [
        known
        for known in (places.current, places.former)
        if (held := known.province_of(commune)) and raw.province in (None, held)
    ]
    if len(fits) < 2:
        return fits[0] if fits else None
    for known in fits:
        named = raw.commune_name and known.communes(raw.commune_name, known.province_of(commune) or "").codes
        if commune in (named or ()) or (said and said.scheme is known and commune in said.communes):
            return known
    if said and said.scheme is places.former and said.district:
        return places.former
    # a record that names its province has a place for a district too, and left it empty
    return places.current if raw.province else None


def _scheme_of_name(name: str, raw: RawAddress, places: Places) -> Gazetteer | None:
    for known in (places.current, places.former):
        province = raw.province or known.province(raw.province_name or "")
        if province and known.communes(name, province).codes:
            return known
    return None


def _province(raw: RawAddress, units: _Units, known: Gazetteer) -> Mapping[str, str] | None:
    named = known.units.provinces.get(units.province) if units.province else None
    if named:
        return {"code": str(units.province), "name": named.vi}
    return _plain(raw.province, raw.province_name)


def _district(raw: RawAddress, units: _Units, known: Gazetteer) -> Mapping[str, str] | None:
    held = known.units.districts.get(units.district) if units.district else None
    return {"code": str(units.district), "name": held[0]} if held else _plain(raw.district, raw.district_name)


def _commune(raw: RawAddress, units: _Units, known: Gazetteer) -> Mapping[str, str] | None:
    held = known.units.communes.get(units.commune) if units.commune else None
    return {"code": str(units.commune), "name": held[0]} if held else _plain(raw.commune, raw.commune_name)


def _plain(code: str | None, name: str | None) -> Mapping[str, str] | None:
    parts = {"code": code, "name": text.tidy(name) if name else None}
    return {key: part for key, part in parts.items() if part} or None
