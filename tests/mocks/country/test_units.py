"""Administrative units: two schemes, and the way from one to the other."""

import pytest

from mocks.country import units
from mocks.country.draw import one


def test_there_are_34_provinces_now_and_63_before() -> None:
    """Both tables are complete, and every old province went into one of today."""
    assert (len(units.PROVINCES), len(units.OLD_PROVINCES)) == (34, 63)
    assert {units.successor(old) for old in units.OLD_PROVINCES} == set(units.PROVINCES)


@pytest.mark.parametrize(("old", "new"), [("82", "82"), ("87", "82"), ("45", "44"), ("04", "04"), ("74", "79")])
def test_codes_change_as_decided(old: str, new: str) -> None:
    """Decision 19/2025/QĐ-TTg, by example."""
    assert units.successor(old) == new


def test_an_unknown_code_has_no_successor() -> None:
    """A code that never was is an error."""
    with pytest.raises(KeyError):
        units.successor("03")


@pytest.mark.parametrize("province", units.PROVINCES)
def test_a_current_address_has_no_district(province: str) -> None:
    """Addresses of today: 2-digit province, 5-digit commune, no district."""
    address = units.current_address(province, "test")
    assert (address.province_code, address.district_code, address.scheme) == (province, None, "2025-07-01")
    assert len(address.commune_code) == 5
    assert address.text.endswith(units.province_name(province))


@pytest.mark.parametrize("province", units.OLD_PROVINCES)
def test_an_old_address_has_a_district(province: str) -> None:
    """Addresses of before: a 3-digit district in every one, named in the text."""
    address = units.legacy_address(province, "test")
    assert address.district_code is not None
    assert address.district_name is not None
    assert (len(address.district_code), address.scheme) == (3, "2004-07-08")
    assert address.district_name in address.text


def test_tax_prefixes_reach_every_old_province() -> None:
    """Prefixes 01 to 64 reach all 63 provinces, Hà Nội twice: 05 was Hà Tây, which it took in in 2008."""
    assert list(units.TAX_PREFIXES) == [f"{number:02}" for number in range(1, 65)]
    assert sorted(units.TAX_PREFIXES.values()) == sorted([*units.OLD_PROVINCES, "01"])


def test_draws_reach_every_choice() -> None:
    """A drawn choice is not stuck: many keys reach all of five values."""
    assert {one("abcde", key) for key in range(200)} == set("abcde")
