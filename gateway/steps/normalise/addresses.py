"""Addresses: as recorded, with the administrative scheme they are written in, and the current unit beside an old one.

A unit code means nothing without its scheme: 82 was Tiền Giang and is Đồng Tháp. The scheme is read from the record
itself, never from today's date:

  - a district, or a province code or name that no longer exists: written before 2025-07-01, in the former scheme
  - otherwise a commune of the current table, in the recorded province: written since
  - an address abroad: no `scheme`
  - otherwise, with nothing that tells them apart: no `scheme`, and the doubt `address_scheme_unknown`

Sources: Decision 19/2025/QĐ-TTg (34 provinces, in force 2025-07-01); Decision 124/2004/QĐ-TTg (the codes before).
"""

from collections.abc import Mapping
from typing import Any

from adapters.values import RawAddress
from gateway import text
from gateway.steps.normalise.gazetteer import Gazetteer, Places

SCHEME_UNKNOWN = "address_scheme_unknown"
HOME = "VN"


def address(raw: RawAddress, places: Places) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
    """The address in the contract's shape, and doubts. None when the registry gave nothing but a country."""
    if not any((raw.text, raw.detail, raw.province, raw.commune, raw.province_name, raw.commune_name)):
        return None, ()
    scheme = _scheme(raw, places)
    known = scheme or places.current
    province = _province(raw, known)
    commune = _commune(raw, known, province.get("code") if province else None)
    if province is None and scheme is places.current and commune and "code" in commune:
        province = _named(known.province_of(commune["code"]), known)
    parts = {
        "text": text.tidy(raw.text) if raw.text else None,
        "province": province,
        "district": _plain(raw.district, raw.district_name),
        "commune": commune,
        "detail": text.tidy(raw.detail) if raw.detail else None,
        "country": raw.country or HOME,
        "scheme": scheme.units.scheme if scheme else None,
        "current": _current(province, places) if scheme is places.former else None,
    }
    value = {key: part for key, part in parts.items() if part}
    at_home = raw.country in (None, "", HOME)
    return value, () if scheme or not at_home else (SCHEME_UNKNOWN,)


def _scheme(raw: RawAddress, places: Places) -> Gazetteer | None:
    current, former = places.current, places.former
    if raw.country not in (None, "", HOME):
        return None  # no Vietnamese unit, so no scheme of ours
    if raw.district or raw.district_name:
        return former
    if raw.province and raw.province not in current.units.provinces:
        return former if raw.province in former.units.provinces else None
    if raw.province_name and current.province(raw.province_name) is None:
        return former if former.province(raw.province_name) else None
    if raw.commune:
        held = current.province_of(raw.commune)
        return current if held and raw.province in (None, held) else None
    if raw.commune_name:
        province = raw.province or current.province(raw.province_name or "")
        return current if province and current.commune(raw.commune_name, province) else None
    return None


def _province(raw: RawAddress, known: Gazetteer) -> Mapping[str, str] | None:
    code = raw.province or (known.province(raw.province_name) if raw.province_name else None)
    return _named(code, known) or _plain(raw.province, raw.province_name)


def _named(code: str | None, known: Gazetteer) -> Mapping[str, str] | None:
    named = known.units.provinces.get(code) if code else None
    return {"code": str(code), "name": named.vi} if named else None


def _commune(raw: RawAddress, known: Gazetteer, province: str | None) -> Mapping[str, str] | None:
    code = raw.commune
    if not code and raw.commune_name and province:
        code = known.commune(raw.commune_name, province)
    if code and code in known.units.communes:
        return {"code": code, "name": known.units.communes[code][0]}
    return _plain(code, raw.commune_name)


def _plain(code: str | None, name: str | None) -> Mapping[str, str] | None:
    parts = {"code": code, "name": text.tidy(name) if name else None}
    return {key: part for key, part in parts.items() if part} or None


def _current(province: Mapping[str, str] | None, places: Places) -> Mapping[str, Any] | None:
    moved = places.moved.get(province.get("code", "")) if province else None
    named = _named(moved, places.current)
    return {"province": named, "scheme": places.current.units.scheme} if named else None
