"""Addresses of before July 2025 and the current unit beside them, over the whole of the shipped tables."""

from typing import Any

import pytest

from adapters.values import RawAddress
from gateway.steps.normalise import survey
from gateway.steps.normalise.addresses import address
from gateway.steps.normalise.gazetteer import Places
from gateway.text import unaccented


def read(places: Places, **said: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A raw address, normalised."""
    value, doubts = address(RawAddress(**said), places)
    return dict(value or {}), doubts


def test_every_former_commune_converts_and_none_into_a_foreign_province(shipped_places: Places) -> None:
    """By its codes every one of 10,035 is exact or split; by name without accents no answer is a wrong one."""
    coded, named = survey.by_code(shipped_places), survey.by_name(shipped_places)
    assert (coded.total, coded.foreign, coded.outcomes["unknown"]) == (10_035, 0, 0)
    assert coded.outcomes["split"] == sum(len(parts) > 1 for parts in shipped_places.communes_moved.values())
    assert (named.total, named.foreign) == (10_035, 0)
    assert named.outcomes["unknown"] < 0.02 * named.total


def test_a_name_without_accents_never_means_another_commune(shipped_places: Places) -> None:
    """What is found by name is where the codes lead, or it is said that several are meant."""
    units, places = shipped_places.former.units, shipped_places
    for code, (name, province) in units.communes.items():
        district = units.districts[units.district_of[code]][0]
        typed = unaccented(f"{name}, {district}, {units.provinces[province].vi}")
        value, _ = read(places, text=typed)
        if value["current"]["conversion"] == "exact":
            assert (value["current"]["commune"]["code"],) == places.communes_moved[code]
        elif value["current"]["conversion"] == "split":
            assert tuple(c["code"] for c in value["current"]["candidates"]) == places.communes_moved[code]


def test_a_divided_commune_names_the_candidates_and_chooses_none(shipped_places: Places) -> None:
    """The address keeps what was recorded, and the doubt says what an officer has to ask."""
    value, doubts = read(shipped_places, province="01", district="001", commune="00019")
    assert value["scheme"] == "2004-07-08"
    assert value["current"]["conversion"] == "split"
    assert "commune" not in value["current"]
    assert [c["code"] for c in value["current"]["candidates"]] == ["00004", "00070", "00190", "00226"]
    assert doubts == ("address_unit_split",)


def test_an_island_district_without_communes_went_as_a_whole(shipped_places: Places) -> None:
    """Côn Đảo is a special zone of Ho Chi Minh City now."""
    value, doubts = read(shipped_places, province="77", district="755")
    assert value["current"]["commune"] == {"code": "26732", "name": "Đặc khu Côn Đảo"}
    assert value["current"]["province"]["code"] == "79"
    assert doubts == ()


@pytest.mark.parametrize(
    ("said", "scheme", "commune"),
    [
        ({"commune": "00004", "text": "P. Trúc Bạch, Q. Ba Đình, Hà Nội"}, "2004-07-08", "Phường Trúc Bạch"),
        ({"commune": "00004", "text": "Phường Ba Đình, Hà Nội"}, "2025-07-01", "Phường Ba Đình"),
        ({"commune": "00004", "commune_name": "PHUONG TRUC BACH"}, "2004-07-08", "Phường Trúc Bạch"),
        ({"commune": "00004", "province": "01"}, "2025-07-01", "Phường Ba Đình"),
        ({"commune": "00001"}, "2004-07-08", "Phường Phúc Xá"),
    ],
)
def test_a_code_both_schemes_have_is_told_apart_by_the_words_beside_it(
    shipped_places: Places, said: dict[str, str], scheme: str, commune: str
) -> None:
    """00004 was one ward and is another."""
    value, _ = read(shipped_places, **said)
    assert (value["scheme"], value["commune"]["name"]) == (scheme, commune)


def test_a_code_both_schemes_have_and_nothing_else_is_a_doubt(shipped_places: Places) -> None:
    """Without words or a province nobody can tell which ward 00004 is."""
    value, doubts = read(shipped_places, commune="00004")
    assert "scheme" not in value
    assert doubts == ("address_scheme_unknown",)


def test_names_alone_in_capitals_without_accents_convert(shipped_places: Places) -> None:
    """The business register writes names, not codes."""
    value, doubts = read(
        shipped_places, province_name="TINH TIEN GIANG", district_name="TP. MY THO", commune_name="PHUONG 1"
    )
    assert value["commune"]["code"] == "28261"
    assert value["current"]["commune"]["name"] == "Phường Mỹ Tho"
    assert doubts == ()


def test_a_commune_the_tables_do_not_know_keeps_what_was_recorded(shipped_places: Places) -> None:
    """The province is still certain; the commune is said to be unknown."""
    value, doubts = read(
        shipped_places, province_name="Tỉnh Tiền Giang", district_name="Thành phố Mỹ Tho", commune_name="Xã Đã Bỏ"
    )
    assert value["commune"] == {"name": "Xã Đã Bỏ"}
    assert value["current"]["province"]["name"] == "Đồng Tháp"
    assert value["current"]["conversion"] == "unknown"
    assert doubts == ("address_unit_unknown",)
