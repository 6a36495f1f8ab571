"""From the record to values."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.business.document import parse
from adapters.business.mapping import DOUBT_EXPIRED, DOUBT_SERIAL, FIELDS, doubts, expired, values
from adapters.business.wire import Record, record
from adapters.contract import AdapterError, Fault
from adapters.values import (
    RawAddress,
    RawCode,
    RawDate,
    RawMember,
    RawMoney,
    RawName,
    RawPerson,
    RawText,
)
from tests.adapters.business.golden import BODY, VALUES


def a_record(**blocks: Any) -> Record:
    """The documented example with some blocks replaced; members of `main` are merged into its own."""
    found = record(parse(BODY))
    assert found is not None
    return Record(
        main={**found.main, **blocks.get("main", {})},
        office=blocks.get("office", found.office),
        representatives=blocks.get("representatives", found.representatives),
        activities=blocks.get("activities", found.activities),
        members=blocks.get("members", found.members),
    )


def test_documented_example() -> None:
    """The guide's example means exactly these values."""
    assert values(a_record(), FIELDS) == VALUES


@given(st.sets(st.sampled_from(sorted(FIELDS))))
def test_only_what_was_asked(fields: set[str]) -> None:
    """A value is given when it was asked for and the registry filled it, and reading twice changes nothing."""
    first = values(a_record(), frozenset(fields))
    assert first == {name: value for name, value in VALUES.items() if name in fields}
    assert values(a_record(), frozenset(fields)) == first


def test_what_is_not_wanted_is_not_read() -> None:
    """A malformed member spoils only the field that needs it."""
    broken = a_record(main={"FOUNDING_DATE": "soon"})
    assert "enterprise.name" in values(broken, frozenset({"enterprise.name"}))
    with pytest.raises(AdapterError, match="founding_date_malformed"):
        values(broken, FIELDS)


def test_fields_are_the_vocabulary() -> None:
    """The mapping knows every enterprise field of the public contract and no other."""
    names = (
        "code name name_foreign short_name type status founded_on last_amended_on charter_capital head_office "
        "representatives activities members"
    )
    assert {f"enterprise.{name}" for name in names.split()} == FIELDS


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ("30/06/2024", (DOUBT_EXPIRED,)),
        ("21/11/2026", (DOUBT_EXPIRED,)),
        ("22/11/2026", ()),
        ("2024", ()),
        ("31/02/2024", ()),
        ("soon", ()),
        (None, ()),
    ],
)
def test_an_expired_document_of_a_representative_is_doubted(ends: Any, said: tuple[str, ...]) -> None:
    """From the day after its last one; a day that is not whole or no day says nothing, nor what was not asked for."""
    people = ({"FULL_NAME": "Nguyễn Thị Mẫu", "PERS_DOC_EXPIRE_DATE": ends},)
    found, today = a_record(representatives=people), date(2026, 11, 22)
    assert expired(found, frozenset({"enterprise.representatives"}), today) == said
    assert expired(found, frozenset({"enterprise.name"}), today) == ()


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        ("0100109106", "0100109106"),
        (" 0100109106 ", "0100109106"),
        (100109106, "0100109106"),
        (100109106001, "0100109106-001"),
        ("0100109106-001", "0100109106-001"),
        ("0100109106001", "0100109106-001"),
    ],
)
def test_same_subject(sent: Any, asked: str) -> None:
    """The code may come with or without hyphen, or as a number without its first zero."""
    found = a_record(main={"ENTERPRISE_GDT_CODE": sent})
    assert doubts(found, asked) == ()
    assert values(found, frozenset({"enterprise.code"})) == {"enterprise.code": RawText(asked)}


@pytest.mark.parametrize(
    ("sent", "asked", "reason"),
    [
        ("0101243150", "0100109106", "wrong_subject"),
        ("0100109106-001", "0100109106", "wrong_subject"),
        ("0100109106", "0100109106-001", "wrong_subject"),
        ("0100109106-002", "0100109106-001", "wrong_subject"),
        (None, "0100109106", "subject_missing"),
        ("", "0100109106", "subject_missing"),
        ("010010910", "0100109106", "enterprise_gdt_code_malformed"),
        ("MST 0100109106", "0100109106", "enterprise_gdt_code_malformed"),
        ("٠١٠٠١٠٩١٠٦", "0100109106", "enterprise_gdt_code_malformed"),
        (["0100109106"], "0100109106", "enterprise_gdt_code_malformed"),
    ],
)
def test_another_subject(sent: Any, asked: str, reason: str) -> None:
    """An answer about another enterprise, or about nobody in particular, is garbled."""
    with pytest.raises(AdapterError) as caught:
        doubts(a_record(main={"ENTERPRISE_GDT_CODE": sent}), asked)
    assert (caught.value.fault, caught.value.reason) == (Fault.GARBLED, reason)


def test_no_main_block() -> None:
    """A record without its main block is about nobody in particular."""
    found = record({"Status": "1", "Data": {"MainInformation": [], "HOAdress": {"CityName": "Hà Nội"}}})
    assert found is not None
    with pytest.raises(AdapterError, match="subject_missing"):
        doubts(found, "0100109106")


@pytest.mark.parametrize("sent", ["00036", 36])
def test_a_serial(sent: Any) -> None:
    """A business location's serial cannot be compared with a code: it is doubted, not refused."""
    assert doubts(a_record(main={"ENTERPRISE_GDT_CODE": sent}), "0100109106") == (DOUBT_SERIAL,)


def test_status_by_name_only() -> None:
    """A status number without a published meaning is not passed on; words in the older member are."""
    field = frozenset({"enterprise.status"})
    assert values(a_record(main={"ENTERPRISE_STATUS_NAME": None, "ENTERPRISE_STATUS": "3"}), field) == {}
    found = values(a_record(main={"ENTERPRISE_STATUS_NAME": "", "ENTERPRISE_STATUS": "Đang hoạt động"}), field)
    assert found == {"enterprise.status": RawCode(None, "Đang hoạt động")}


def test_representatives() -> None:
    """A representative keeps what identifies and names; a passport number and the registry's sex number stay out."""
    rows = (
        {
            "FULL_NAME": "Nguyễn Văn A",
            "GENDER_ID": 1,
            "PERS_DOC_NO": "001080000001",
            "PERS_DOC_ISSUE_DATE": "not read",
            "DATE_OF_BIRTH": "1980",
            "NATIONALITY_NAME": "Việt Nam",
        },
        {"FULL_NAME": "Trần Thị B", "PERS_DOC_NO": 12345678},
        {"FULL_NAME": "Lê C", "PERS_DOC_NO": 1080000001},
        {"FULL_NAME": "Kim D", "PERS_DOC_NO": "M12345678", "NATIONALITY_NAME": "kr"},
    )
    found = values(a_record(representatives=rows), frozenset({"enterprise.representatives"}))
    assert found["enterprise.representatives"] == (
        RawPerson(
            name=RawName(full="Nguyễn Văn A"),
            personal_id="001080000001",
            nationality=RawCode(None, "Việt Nam"),
            birth_date=RawDate(1980),
        ),
        RawPerson(name=RawName(full="Trần Thị B"), old_id="012345678"),
        RawPerson(name=RawName(full="Lê C"), personal_id="001080000001"),
        RawPerson(name=RawName(full="Kim D"), nationality=RawCode("KR")),
    )


def test_representatives_by_name() -> None:
    """Without a block of representatives their joined names are read."""
    found = values(a_record(representatives=()), frozenset({"enterprise.representatives"}))
    assert found["enterprise.representatives"] == (
        RawPerson(name=RawName(full="NGUYỄN VĂN A")),
        RawPerson(name=RawName(full="TRẦN THỊ B")),
    )


def test_members() -> None:
    """A member has a name; amount, share and country when given."""
    rows = (
        {"MEMBER_NAME": "A", "AMOUNT": "600.000", "RATIO_PERCENT": Decimal("60.00"), "COUNTRY": "Việt Nam"},
        {"MEMBER_NAME": "B"},
    )
    assert values(a_record(members=rows), frozenset({"enterprise.members"})) == {
        "enterprise.members": (
            RawMember("A", RawMoney(Decimal(600), "VND"), Decimal(60), RawCode(None, "Việt Nam")),
            RawMember("B"),
        )
    }
    with pytest.raises(AdapterError, match="member_name_malformed"):
        values(a_record(members=({"AMOUNT": 1},)), frozenset({"enterprise.members"}))


def test_office_in_parts_and_flat() -> None:
    """A district is kept where it stands; a flat answer has the address on one line only; nothing gives nothing."""
    field = frozenset({"enterprise.head_office"})
    parts = {"CityID": 81, "CityName": "Hà Nội", "DistrictID": 5, "DistrictName": "Quận Ba Đình", "WardName": "P"}
    assert values(a_record(office=parts), field) == {
        "enterprise.head_office": RawAddress(province_name="Hà Nội", district_name="Quận Ba Đình", commune_name="P")
    }
    assert values(a_record(office={"HO_ADDRESS_FULLTEXT": "Số 1"}), field) == {
        "enterprise.head_office": RawAddress(text="Số 1")
    }
    assert values(a_record(office={"CityID": 81}), field) == {}
