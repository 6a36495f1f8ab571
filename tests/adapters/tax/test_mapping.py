"""From records to raw values."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from adapters.contract import AdapterError
from adapters.tax import mapping
from adapters.tax.wire import Debt, Found, Place, Record
from adapters.values import RawAddress, RawCode, RawDate, RawMoney, RawObligation
from tests.adapters.tax.live import AT, FIELDS, FIRM, question

NOWHERE = Place(None, None, None, None, None, None, None, None, None)


def a_record(**changes: object) -> Record:
    """A firm with little known about it."""
    made = Record(FIRM, "CÔNG TY MẪU", "TO_CHUC", "03", None, None, None, None)
    return replace(made, **changes)  # type: ignore[arg-type]


def values(record: Record) -> dict[str, object]:
    """The values of all fields."""
    found = Found("q-1", FIRM, AT, record)
    return dict(mapping.answer(found, question(), retrieved_at=AT).values)


def test_what_is_not_given_is_absent() -> None:
    """No reason, office, address or list: no such fields."""
    assert values(a_record()).keys() == {f"taxpayer.{name}" for name in ("tax_code", "name", "kind", "status")}


def test_an_address_without_parts_is_absent() -> None:
    """An empty address element says nothing."""
    assert "taxpayer.address" not in values(a_record(place=NOWHERE))
    assert values(a_record(place=replace(NOWHERE, text="Hà Nội")))["taxpayer.address"] == RawAddress(text="Hà Nội")


def test_a_reason_is_written_under_its_status() -> None:
    """The same reason number means something else under another status."""
    assert values(a_record(reason="07"))["taxpayer.status_reason"] == RawCode("03.07")


@pytest.mark.parametrize(("wire_code", "code"), mapping.KINDS.items())
def test_each_kind_has_its_code(wire_code: str, code: str) -> None:
    """The five kinds of taxpayer."""
    assert values(a_record(kind=wire_code))["taxpayer.kind"] == RawCode(code)


def test_an_obligation_keeps_what_is_known() -> None:
    """Code, period and due date may be missing; amounts stay decimal."""
    full = Debt("1701", "Thuế giá trị gia tăng", "2026-Q1", Decimal("1.50"), "VND", date(2026, 4, 30))
    bare = Debt(None, "Lệ phí", None, Decimal(0), "USD", None)
    assert values(a_record(debts=(full, bare)))["taxpayer.obligations"] == (
        RawObligation(
            RawCode("1701", "Thuế giá trị gia tăng"), "2026-Q1", RawMoney(Decimal("1.50"), "VND"), RawDate(2026, 4, 30)
        ),
        RawObligation(RawCode(None, "Lệ phí"), None, RawMoney(Decimal(0), "USD"), None),
    )


@pytest.mark.parametrize(
    "found",
    [
        Found("q-1", "0101243150", AT, None),
        Found("q-1", FIRM, AT, a_record(tax_code="0101243150")),
        Found("q-1", "0101243150", AT, a_record()),
    ],
)
def test_another_subject_is_refused(found: Found) -> None:
    """Both the answer and the record in it must be about the tax code asked for."""
    with pytest.raises(AdapterError) as caught:
        mapping.answer(found, question(), retrieved_at=AT)
    assert caught.value.reason == "wrong_subject"


def test_every_field_of_the_source_is_mapped() -> None:
    """The mapping knows the fields of the vocabulary, no more and no less."""
    assert mapping.FIELDS.keys() == FIELDS
