"""Answers to trees: whatever is printed in a documented shape is read back, anything else is refused."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.contract import AdapterError, Fault
from adapters.population import wire
from adapters.population.wire import Node
from adapters.soap import SOAP_11, SOAP_12
from adapters.transport import Reply
from tests.adapters.builders import UNHURRIED

DC = "http://www.mic.gov.vn/dancu/1.0"
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12)
NAMES = st.sampled_from(["SoDinhDanh", "HoVaTen", "Ho", "ChuDem", "Ten", "ThuongTru", "ChiTiet", "GioiTinh"])
NODES: st.SearchStrategy[Any] = st.recursive(
    TEXTS, lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=4), max_leaves=8
)


def envelope(inner: str | bytes, namespace: str = SOAP_11) -> bytes:
    content = inner if isinstance(inner, str) else inner.decode()
    return f'<s:Envelope xmlns:s="{namespace}"><s:Header/><s:Body>{content}</s:Body></s:Envelope>'.encode()


def reply(body: bytes, *, status: int = 200, content_type: str = "text/xml") -> Reply:
    return Reply(status, content_type, None, body)


def printed(parent: etree._Element, node: Node, namespace: str) -> None:
    if isinstance(node, str):
        parent.text = node
        return
    for name, child in node.items():
        printed(etree.SubElement(parent, f"{{{namespace}}}{name}" if namespace else name), child, namespace)


def lookup_error(inner: str, **changes: Any) -> tuple[Fault, str, bool]:
    with pytest.raises(AdapterError) as raised:
        wire.read_lookup(reply(envelope(inner), **changes))
    return raised.value.fault, raised.value.reason, raised.value.retryable


@UNHURRIED
@given(
    people=st.lists(st.dictionaries(NAMES, NODES, min_size=1, max_size=5), max_size=2),
    namespace=st.sampled_from([DC, "http://dancuquocgia.bca", ""]),
    version=st.sampled_from([SOAP_11, SOAP_12]),
    wrapped=st.booleans(),
)
def test_print_and_read(people: list[Mapping[str, Node]], namespace: str, version: str, wrapped: bool) -> None:
    """Records printed under any namespace, SOAP version and wrapper are read back; empty ones are nobody."""
    collection = etree.Element(f"{{{namespace}}}CongdanCollection" if namespace else "CongdanCollection")
    for person in people:
        element = etree.SubElement(collection, f"{{{namespace}}}CongDan" if namespace else "CongDan")
        printed(element, dict(person), namespace)
    inner = etree.tostring(collection, encoding="unicode")
    if wrapped:
        inner = f"<TraCuuThongTinCongDanResponse>{inner}</TraCuuThongTinCongDanResponse>"
    read = wire.read_lookup(reply(envelope(inner, version)))
    assert list(read.people) == [person for person in people if filled(dict(person))]


def filled(node: Node) -> bool:
    return any(filled(child) for child in node.values()) if isinstance(node, dict) else bool(node)


@UNHURRIED
@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    """Any body is read or refused with an AdapterError, for both services and both media types."""
    for read in (wire.read_lookup, wire.read_verify):
        for content_type in ("text/xml", "application/json"):
            try:
                read(reply(body, content_type=content_type))
            except AdapterError as error:
                refusal = error
                assert (refusal.fault, refusal.__cause__) == (Fault.GARBLED, None)


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "  \n ",
        "<CongdanCollection/>",
        "<CongdanCollection><CongDan/></CongdanCollection>",
        "<CongdanCollection><CongDan><HoVaTen><Ho/><Ten> </Ten></HoVaTen></CongDan></CongdanCollection>",
        "<TraCuuThongTinCongDanResponse/>",
        "<TraCuuThongTinCongDanResponse><CongdanCollection/></TraCuuThongTinCongDanResponse>",
    ],
)
def test_nobody(inner: str) -> None:
    """Each documented shape of absence is nobody."""
    assert wire.read_lookup(reply(envelope(inner))) == wire.Collection()


def test_attributes_and_hidden_people() -> None:
    """The time of the data is kept as written, and a collection does not show people when printed."""
    inner = (
        f'<c:CongdanCollection xmlns:c="{DC}" ThoiDiemDuLieu="2017-01-01T00:00:00" SoCongDan="1">'
        "<c:CongDan><c:SoDinhDanh>004192000123</c:SoDinhDanh></c:CongDan></c:CongdanCollection>"
    )
    read = wire.read_lookup(reply(envelope(inner)))
    assert read.data_as_of == "2017-01-01T00:00:00"
    assert "004192000123" not in repr(read)


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("<html/>", "unexpected_body"),
        ("no such person", "unexpected_body"),
        ("<CongdanCollection/><CongdanCollection/>", "unexpected_body"),
        ("<CongdanCollection><Loi/></CongdanCollection>", "unexpected_body"),
        ("<CongdanCollection><CongDan><A>1</A><A>2</A></CongDan></CongdanCollection>", "element_repeated"),
    ],
)
def test_unexpected(inner: str, reason: str) -> None:
    """What is no documented shape is refused, not read as nobody."""
    assert lookup_error(inner) == (Fault.GARBLED, reason, False)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("s:Server", (Fault.UNAVAILABLE, "soap_fault_server", True)),
        ("s:Client", (Fault.REFUSED, "soap_fault_client", False)),
        ("s:Client.Authentication", (Fault.REFUSED, "authentication_refused", False)),
        ("wsse:InvalidSecurityToken", (Fault.REFUSED, "authentication_refused", False)),
        ("s:MustUnderstand", (Fault.REFUSED, "soap_fault_contract", False)),
        ("s:VersionMismatch", (Fault.REFUSED, "soap_fault_contract", False)),
        ("ERR-004192000123 x", (Fault.UNAVAILABLE, "soap_fault_other", False)),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_soap_faults(code: str, expected: tuple[Fault, str, bool], status: int) -> None:
    """Each fault code has its meaning, whatever the HTTP status, and its text goes nowhere."""
    inner = f"<s:Fault><faultcode>{code}</faultcode><faultstring>004192000123</faultstring></s:Fault>"
    assert lookup_error(inner, status=status) == expected


@pytest.mark.parametrize("body", [b"oops", b"<html/>", envelope("<CongdanCollection/>")])
def test_a_500_without_fault(body: bytes) -> None:
    """Status 500 without a SOAP fault is an unavailable service, even with an envelope in it."""
    for read in (wire.read_lookup, wire.read_verify):
        with pytest.raises(AdapterError) as raised:
            read(reply(body, status=500))
        assert (raised.value.fault, raised.value.reason) == (Fault.UNAVAILABLE, "http_500")


@pytest.mark.parametrize(
    ("inner", "match"),
    [
        ("<XacThucThongTinCongDanResponse><SoLuongCongDan>1</SoLuongCongDan></XacThucThongTinCongDanResponse>", True),
        ("<a:SoLuongCongDan xmlns:a='urn:x'>0</a:SoLuongCongDan>", False),
        ("<KetQuaXacThuc><TonTai>true</TonTai></KetQuaXacThuc>", True),
        ("<KetQuaXacThuc><TonTai> FALSE </TonTai></KetQuaXacThuc>", False),
        ("<KetQuaXacThuc><TonTai>1</TonTai></KetQuaXacThuc>", True),
        ("<KetQuaXacThuc><TonTai>0</TonTai></KetQuaXacThuc>", False),
    ],
)  # fmt: skip
def test_verify(inner: str, match: bool) -> None:
    """Both XML styles of yes and no are read."""
    assert wire.read_verify(reply(envelope(inner))) is match


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("", "unexpected_body"),
        ("<KetQuaXacThuc/>", "unexpected_body"),
        ("<R><TonTai>yes</TonTai></R>", "unexpected_body"),
        ("<R><TonTai/></R>", "unexpected_body"),
        ("<R><TonTai>true</TonTai><TonTai>false</TonTai></R>", "unexpected_body"),
        ("<R><TonTai>true</TonTai><SoLuongCongDan>1</SoLuongCongDan></R>", "unexpected_body"),
        ("<R><TonTai><X/></TonTai></R>", "unexpected_body"),
        ("<R><SoLuongCongDan>-1</SoLuongCongDan></R>", "unexpected_body"),
        ("<R><SoLuongCongDan>1.0</SoLuongCongDan></R>", "unexpected_body"),
        ("<R><SoLuongCongDan>٣</SoLuongCongDan></R>", "unexpected_body"),
        ("<R><SoLuongCongDan>2</SoLuongCongDan></R>", "many_subjects"),
    ],
)
def test_verify_unreadable(inner: str, reason: str) -> None:
    """Anything that is not clearly yes or no is refused."""
    with pytest.raises(AdapterError) as raised:
        wire.read_verify(reply(envelope(inner)))
    assert (raised.value.fault, raised.value.reason) == (Fault.GARBLED, reason)


@pytest.mark.parametrize("value", [True, False])
def test_verify_json(value: bool) -> None:
    """The JSON style of yes and no is read."""
    body = json.dumps({"data": value, "message": "ok"}).encode()
    assert wire.read_verify(reply(body, content_type="application/json")) is value


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "malformed_json"),
        (b"true", "unexpected_body"),
        (b"{}", "unexpected_body"),
        (b'{"data": "true"}', "unexpected_body"),
        (b'{"data": 1}', "unexpected_body"),
        (b'{"data": true, "data": false}', "malformed_json"),
        (b'{"data": true, "x": NaN}', "malformed_json"),
        (b'{"data": true} x', "malformed_json"),
        (b'{"data": "\xff"}', "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
    ],
)
def test_verify_json_unreadable(body: bytes, reason: str) -> None:
    """JSON that two readers could understand differently, or that says no yes or no, is refused."""
    with pytest.raises(AdapterError) as raised:
        wire.read_verify(reply(body, content_type="application/json"))
    assert (raised.value.fault, raised.value.reason) == (Fault.GARBLED, reason)
