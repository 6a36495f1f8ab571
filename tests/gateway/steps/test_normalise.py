"""Normalisation: one vocabulary, nothing guessed."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Answer, Fault, Silence
from adapters.values import (
    RawActivity,
    RawAddress,
    RawCode,
    RawDate,
    RawMember,
    RawMoney,
    RawName,
    RawObligation,
    RawPerson,
    RawText,
)
from gateway.model import Status
from gateway.steps.normalise import normalise
from gateway.steps.normalise.values import decimal, value
from tests.helpers.builders import AT, fields, vocabulary

SPEC = replace(fields()["person.full_name"], kind="any")
SEX = fields()["person.sex"]


def _read(raw: Any, spec: Any = SPEC) -> Any:
    return value(raw, spec, vocabulary())


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (RawDate(1992, 11, 22), ("1992-11-22", ())),
        (RawDate(1992, 11), ("1992-11", ())),
        (RawDate(1992), ("1992", ())),
        (RawDate(1992, 2, 30), ("1992-02", ("date_impossible",))),
        (RawDate(1992, 13, 1), ("1992", ("date_impossible",))),
        (RawDate(0), (None, ("date_impossible",))),
        (RawName(full="NGUYỄN  THỊ MẪU"), ({"full": "Nguyễn Thị Mẫu"}, ())),
        (
            RawName(family="NGUYỄN", middle="THỊ", given="MẪU"),
            ({"full": "Nguyễn Thị Mẫu", "family": "Nguyễn", "middle": "Thị", "given": "Mẫu"}, ()),
        ),
        (RawName(full=" "), (None, ())),
        (RawText("  a  b "), ("a b", ())),
        (RawMoney(Decimal("1000000000.000"), "VND"), ({"amount": "1000000000", "currency": "VND"}, ())),
        (RawPerson(relation=RawCode("CH01")), (None, ())),
        (
            RawPerson(name=RawName(full="TRẦN VĂN B"), personal_id="001090000002", birth_date=RawDate(1990)),
            ({"name": {"full": "Trần Văn B"}, "personal_id": "001090000002", "birth_date": "1990"}, ()),
        ),
        ((), ([], ())),
        ((RawPerson(),), (None, ())),
        ((RawActivity("6201", "Lập trình", main=True),), ([{"code": "6201", "name": "Lập trình", "main": True}], ())),
        ((RawMember("Ông A", ratio=Decimal("33.30")),), ([{"name": "Ông A", "ratio": "33.3"}], ())),
        (
            (
                RawObligation(
                    RawCode("1701", "Thuế GTGT"), "2026-Q3", RawMoney(Decimal(5), "VND"), RawDate(2026, 10, 30)
                ),
            ),
            (
                [
                    {
                        "tax": {"code": "1701", "name": "Thuế GTGT"},
                        "period": "2026-Q3",
                        "due": {"amount": "5", "currency": "VND"},
                        "due_on": "2026-10-30",
                    }
                ],
                (),
            ),
        ),
    ],
)
def test_raw_values_become_the_contract_s(raw: Any, expected: Any) -> None:
    """Each kind of raw value has one JSON form; what cannot be read exactly is reduced and doubted."""
    assert _read(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (RawCode("2"), ({"code": "2", "name": "Nữ", "name_en": "Nữ"}, ())),
        (RawCode(None, "NỮ"), ({"code": "2", "name": "Nữ", "name_en": "Nữ"}, ())),
        (RawCode("0"), (None, ())),
        (RawCode("7"), ({"code": "7"}, ("code_unknown",))),
        (RawCode(None, "Khác"), ({"name": "Khác"}, ("code_unknown",))),
        (RawCode(None, None), (None, ())),
    ],
)
def test_codes_get_their_names_and_unknown_ones_a_doubt(raw: RawCode, expected: Any) -> None:
    """A code of the list is named, an empty code is no value, an unknown one is kept with a doubt."""
    assert _read(raw, SEX) == expected


@pytest.mark.parametrize(
    ("raw", "scheme", "province", "current"),
    [
        (RawAddress(province="04", commune="01648"), "2025-07-01", "Cao Bằng", None),
        (RawAddress(commune="01648"), "2025-07-01", "Cao Bằng", None),
        (RawAddress(province="82", district="815", commune="28249"), "2004-07-08", "Tiền Giang", "Đồng Tháp"),
        (RawAddress(province="82", commune="28249"), "2025-07-01", "Đồng Tháp", None),
        (RawAddress(province="87", commune="29869"), "2004-07-08", "Đồng Tháp", "Đồng Tháp"),
        (RawAddress(province_name="Tỉnh Tiền Giang", commune_name="Phường 1"), "2004-07-08", "Tiền Giang", "Đồng Tháp"),
        (RawAddress(text="12 Lê Lợi, P.1, TP Mỹ Tho, Tien Giang"), "2004-07-08", "Tiền Giang", "Đồng Tháp"),
        (RawAddress(commune="28249", text="P. 1, TP Mỹ Tho, Tiền Giang"), "2004-07-08", "Tiền Giang", "Đồng Tháp"),
        (RawAddress(commune="28249", text="Phường Mỹ Tho, Đồng Tháp"), "2025-07-01", "Đồng Tháp", None),
        (RawAddress(province_name="CAO BANG", commune_name="Xa Phuc Hoa"), "2025-07-01", "Cao Bằng", None),
        (RawAddress(province="82"), None, "Đồng Tháp", None),
    ],
)
def test_an_address_says_in_which_scheme_it_is_written(
    raw: RawAddress, scheme: str | None, province: str, current: str | None
) -> None:
    """The scheme comes from the record; an old address has the current province beside it; a doubt where unclear."""
    found, doubts = _read(raw)
    assert found.get("scheme") == scheme
    assert found["province"]["name"] == province
    assert found.get("current", {}).get("province", {}).get("name") == current
    assert doubts == (() if scheme else ("address_scheme_unknown",))


def test_two_communes_of_one_bare_name_are_not_guessed() -> None:
    """`Tân Phú` alone could be either; with its word it is one."""
    both, _ = _read(RawAddress(province_name="Thành phố Hồ Chí Minh", commune_name="Tân Phú"))
    one, _ = _read(RawAddress(province_name="TP Hồ Chí Minh", commune_name="PHƯỜNG TÂN PHÚ"))
    assert "code" not in both["commune"]
    assert one["commune"] == {"code": "90002", "name": "Phường Tân Phú"}


def test_an_address_abroad_has_no_scheme() -> None:
    """A foreign address keeps its text and country."""
    assert _read(RawAddress(text="1 Main Street", country="US")) == ({"text": "1 Main Street", "country": "US"}, ())


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**21), max_value=10**21, places=3))
def test_amounts_are_printed_exactly_and_stably(number: Decimal) -> None:
    """Printing loses nothing, never uses an exponent, and printing what was printed changes nothing."""
    printed = decimal(number)
    assert Decimal(printed) == number
    assert "E" not in printed.upper()
    assert decimal(Decimal(printed)) == printed


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_normalising_a_normalised_name_changes_nothing(family: str, middle: str, given_name: str) -> None:
    """Names are stable under a second pass."""
    first, _ = _read(RawName(family=family, middle=middle, given=given_name))
    if first is not None:
        parts = {key: first.get(key) for key in ("family", "middle", "given")}
        assert _read(RawName(full=first["full"], **parts))[0] == first


@given(
    st.builds(
        RawAddress,
        text=st.none() | st.text(max_size=20),
        detail=st.none() | st.text(max_size=10),
        province=st.none() | st.sampled_from(["04", "82", "87", "99"]),
        district=st.none() | st.just("815"),
        commune=st.none() | st.sampled_from(["01648", "28249", "00000"]),
        country=st.none() | st.sampled_from(["VN", "US"]),
    )
)
def test_a_normalised_address_read_again_says_the_same(raw: RawAddress) -> None:
    """Codes, scheme and text survive a second pass."""
    first, _ = _read(raw)
    if first is None:
        return
    again, _ = _read(
        RawAddress(
            text=first.get("text"),
            detail=first.get("detail"),
            province=first.get("province", {}).get("code"),
            district=first.get("district", {}).get("code"),
            commune=first.get("commune", {}).get("code"),
            country=first["country"],
        )
    )
    if again is not None:
        assert again == first


def _normalise(outcome: Answer | Silence) -> Any:
    (reading,) = normalise(
        {"applicant": ("person.full_name", "person.sex")},
        [(("applicant",), outcome)],
        fields=fields(),
        vocabulary=vocabulary(),
    )
    return reading


def test_what_was_not_wanted_is_dropped_and_what_is_empty_is_not_found() -> None:
    """A registry that sends more than asked changes nothing; an empty field says so."""
    answer = Answer(
        "population",
        True,
        AT,
        {"person.full_name": RawName(full="A"), "person.birth_date": RawDate(1990)},
        as_of=datetime(2026, 11, 1, tzinfo=UTC),
        doubts=("sex_contradicts_id",),
    )
    reading = _normalise(answer)
    assert set(reading.values) == {"person.full_name", "person.sex"}
    assert reading.values["person.full_name"].as_of == datetime(2026, 11, 1, tzinfo=UTC)
    assert reading.values["person.sex"].status is Status.NOT_FOUND
    assert reading.doubts == ("sex_contradicts_id",)


def test_a_silent_source_makes_its_fields_unavailable() -> None:
    """No answer is no value, with the time at which it did not come."""
    reading = _normalise(Silence("population", Fault.TIMED_OUT, "deadline", AT))
    assert {v.status for v in reading.values.values()} == {Status.UNAVAILABLE}
    assert not reading.found
