"""Reading a verified payload: what the schema and the reader refuse."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters import soap
from adapters.contract import AdapterError, Fault
from adapters.tax import CONTRACT, wire
from mocks.country.model import Obligation
from mocks.tax import Variant, messages, xml
from mocks.tax.xml import name
from tests.adapters.tax.live import AT, FIRM
from tests.adapters.tax.test_exchange import record

SCHEMA = etree.XMLSchema(soap.parse(soap.vendored("adapters.tax", CONTRACT)["tax.xsd"]))


def payload() -> etree._Element:
    """A good answer about a firm."""
    return messages.found("q-1", FIRM, record(FIRM), Variant(), at=AT)


def flaw(said: etree._Element) -> str:
    """Why a payload is refused."""
    with pytest.raises(AdapterError) as caught:
        wire.read_found(said, SCHEMA)
    assert caught.value.fault is Fault.GARBLED
    return caught.value.reason


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("thoiDiemDuLieu", "2026-11-22T02:00:00"),
        ("thoiDiemDuLieu", "2026-11-22"),
        ("thoiDiemDuLieu", "2026-11-22T24:00:00Z"),
        ("thoiDiemDuLieu", "0001-01-01T00:00:00+14:00"),
        ("timThay", "có"),
        ("mst", "010010910"),
        ("mst", "0100109106-1"),
        ("tenNNT", ""),
        ("tenNNT", "   "),
        ("tenNNT", "x" * 1001),
        ("loaiNNT", "CONG_TY"),
        ("maTrangThai", "0"),
        ("maLyDo", "abc"),
        ("maTinhThanh", "1"),
        ("maPhuongXa", "1234"),
        ("maYeuCau", ""),
    ],
)
def test_a_value_outside_the_schema_is_refused(tag: str, text: str) -> None:
    """Each part has its form; one wrong part refuses the whole answer."""
    said = payload()
    next(said.iter(name(f"t:{tag}"))).text = text
    assert flaw(said) == "schema_violation"


@pytest.mark.parametrize("tag", ["maYeuCau", "mst", "thoiDiemDuLieu", "timThay"])
def test_a_missing_or_doubled_part_is_refused(tag: str) -> None:
    """The parts of an answer stand once each, in their order."""
    for change in (
        lambda part: part.getparent().remove(part),
        lambda part: part.addnext(etree.fromstring(etree.tostring(part))),
    ):
        said = payload()
        change(next(said.iter(name(f"t:{tag}"))))
        assert flaw(said) == "schema_violation"


def test_an_unknown_part_is_refused() -> None:
    """What the profile does not have is not ignored."""
    said = payload()
    etree.SubElement(said, name("t:ghiChu")).text = "x"
    assert flaw(said) == "schema_violation"


def test_found_and_record_must_agree() -> None:
    """Found without a taxpayer, and a taxpayer without found, contradict themselves."""
    without = payload()
    without.remove(without[-1])
    assert flaw(without) == "contradictory_answer"
    denied = payload()
    next(denied.iter(name("t:timThay"))).text = "false"
    assert flaw(denied) == "contradictory_answer"


def test_the_other_operations_answer_is_refused() -> None:
    """A connection check does not answer a look-up, nor the other way round."""
    assert flaw(messages.alive("q-1", at=AT)) == "wrong_operation"
    with pytest.raises(AdapterError) as caught:
        wire.read_alive(payload(), SCHEMA)
    assert caught.value.reason == "wrong_operation"


@pytest.mark.parametrize("written", ["2026-11-22T09:00:00+07:00", "2026-11-22T02:00:00Z", "2026-11-22T02:00:00.000Z"])
def test_an_instant_becomes_utc(written: str) -> None:
    """Whatever its zone, the instant is the same."""
    said = payload()
    next(said.iter(name("t:thoiDiemDuLieu"))).text = written
    assert wire.read_found(said, SCHEMA).as_of == datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=50
)


@settings(deadline=None)
@given(
    words=_TEXT,
    amount=st.decimals(0, 10**15, places=2),
    day=st.dates(),
    period=_TEXT,
)
def test_what_is_printed_is_what_is_read(words: str, amount: Decimal, day: object, period: str) -> None:
    """Any obligation the mock can print is read back exactly."""
    said = payload()
    listed = next(said.iter(name("t:dsNghiaVu")))
    listed.clear()
    one = Obligation(("1701", words), period, amount, day)  # type: ignore[arg-type]
    listed.append(xml.built(("nghiaVu", messages._obligation(one))))
    read = wire.read_found(said, SCHEMA).record
    assert read is not None
    assert read.debts == (wire.Debt("1701", words, period, amount, "VND", one.due_on),)


def test_no_repr_shows_the_taxpayer() -> None:
    """What is read can be printed without showing whom it is about."""
    text = repr(wire.read_found(payload(), SCHEMA))
    assert FIRM not in text
    assert record(FIRM).name not in text
