"""Hardened parsing, envelopes, faults and messages built from shipped contract files."""

import hashlib
import logging
from contextlib import suppress
from pathlib import Path

import pytest
import zeep.exceptions
from hypothesis import given
from hypothesis import strategies as st

from adapters import soap
from adapters.contract import AdapterError, Fault
from adapters.population import CONTRACT
from adapters.settings import ProfileError
from tests.adapters.builders import UNHURRIED

LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY e0 "ha">'
    + b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))
    + b"]><a>&e11;</a>"
)


def refused(body: bytes) -> tuple[Fault, str]:
    with pytest.raises(AdapterError) as raised:
        soap.parse(body)
    assert raised.value.__cause__ is None
    return raised.value.fault, raised.value.reason


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"plain text",
        b"<a>",
        b"<a/><b/>",
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
        LAUGHS,
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;]><a/>',
        b"<a>&unknown;</a>",
        b"<?xml-stylesheet href='a'?><a/>",
        b"<a><?php x?></a>",
        b"<a/><?end x?>",
        b"<a>" * 5000 + b"</a>" * 5000,
        b"<a>" + b"x" * 11_000_000 + b"</a>",
        b"<?xml version='1.0' encoding='no-such'?><a/>",
        b"<a>\x00</a>",
        b"<a>\xff</a>",
    ],
    ids=range(18),
)
def test_hostile_xml_is_refused(body: bytes) -> None:
    """Document types, entities, instructions, depth, size and anything malformed are GARBLED malformed_xml."""
    assert refused(body) == (Fault.GARBLED, "malformed_xml")


def test_utf16_document_type_is_refused() -> None:
    """A document type in another encoding does not slip through."""
    assert refused('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"))


def test_comments_do_not_split_text() -> None:
    """A comment inside a text leaves one text."""
    assert soap.parse(b"<!-- a --><a>00419<!-- 9 -->2000123</a>").text == "004192000123"


@UNHURRIED
@given(st.binary(max_size=400))
def test_parse_raises_nothing_else(body: bytes) -> None:
    """Any bytes are parsed or refused with an AdapterError."""
    with suppress(AdapterError):
        assert soap.parse(body).tag


@pytest.mark.parametrize("namespace", [soap.SOAP_11, soap.SOAP_12])
def test_envelope(namespace: str) -> None:
    """The Body of both SOAP versions is found."""
    root = soap.parse(f'<e:Envelope xmlns:e="{namespace}"><e:Body><x/></e:Body></e:Envelope>'.encode())
    found, body = soap.envelope(root)
    assert (found, [child.tag for child in body]) == (namespace, ["x"])
    assert soap.fault(body) is None


@pytest.mark.parametrize(
    "inner",
    ["", "<e:Body/><e:Body/>", "<e:Header><e:Body/></e:Header>", "<Body/>"],
)
def test_not_soap(inner: str) -> None:
    """None, two, misplaced or foreign bodies are refused."""
    root = soap.parse(f'<e:Envelope xmlns:e="{soap.SOAP_11}">{inner}</e:Envelope>'.encode())
    with pytest.raises(AdapterError, match="not_soap"):
        soap.body(root)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (f'<Fault xmlns="{soap.SOAP_11}"><faultcode xmlns="">s:Server</faultcode></Fault>', ("Server", None)),
        (
            f'<Fault xmlns="{soap.SOAP_11}"><faultcode xmlns="">Client.Authentication</faultcode></Fault>',
            ("Client", "Authentication"),
        ),
        (f'<Fault xmlns="{soap.SOAP_11}"/>', ("", None)),
        (f'<Fault xmlns="{soap.SOAP_11}"><faultcode xmlns="">Lỗi 004192000123</faultcode></Fault>', ("", None)),
        (
            (
                f'<Fault xmlns="{soap.SOAP_12}"><Code><Value>e:Sender</Value>'
                "<Subcode><Value>w:FailedAuthentication</Value></Subcode></Code></Fault>"
            ),
            ("Sender", "FailedAuthentication"),
        ),
        (f'<Fault xmlns="{soap.SOAP_12}"><Code><Value>e:Receiver</Value></Code></Fault>', ("Receiver", None)),
    ],
)
def test_fault(fault: str, expected: tuple[str, str | None]) -> None:
    """Both versions' faults are read as local names, and what is no plain name is left out."""
    found = soap.fault(soap.parse(f"<Body>{fault}</Body>".encode()))
    assert found is not None
    assert (found.code, found.subcode) == expected


def test_contract_files_are_checked() -> None:
    """A contract file with another digest, or none, stops the adapter."""
    assert set(soap.vendored("adapters.population", CONTRACT)) == set(CONTRACT)
    with pytest.raises(ProfileError, match="has been changed"):
        soap.vendored("adapters.population", {"population.wsdl": hashlib.sha256(b"").hexdigest()})
    with pytest.raises(ProfileError, match="is missing"):
        soap.vendored("adapters.population", {"absent.xsd": ""})


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:1/population.xsd", "file:///etc/hostname", "file:///population.xsd", "other.xsd"]
)
def test_nothing_else_is_loaded(location: str) -> None:
    """A contract file that points outside the shipped ones cannot be used."""
    documents = soap.vendored("adapters.population", CONTRACT)
    documents["population.wsdl"] = documents["population.wsdl"].replace(b"population.xsd", location.encode())
    with pytest.raises((ProfileError, ValueError, zeep.exceptions.Error)):
        soap.Wsdl(documents, "population.wsdl")


def test_a_name_alone_is_not_enough() -> None:
    """A shipped file's name behind another address is not that file."""
    shipped = soap._Vendored({"population.xsd": b"<a/>"})
    assert shipped.load("/anywhere/population.xsd") == b"<a/>"
    with pytest.raises(ProfileError):
        shipped.load("http://127.0.0.1:1/population.xsd")


def test_zeep_is_quiet() -> None:
    """zeep's loggers never write messages, even when everything logs at DEBUG."""
    assert not logging.getLogger("zeep.transports").isEnabledFor(logging.DEBUG)


def test_every_contract_file_is_pinned() -> None:
    """The contract lists every WSDL and XSD of the package."""
    folder = Path(soap.__file__).parent / "population"
    assert {path.name for path in folder.iterdir() if path.suffix in {".wsdl", ".xsd"}} == set(CONTRACT)


@pytest.mark.parametrize(
    "name", ["NGUYEN THI MAU", "a & b < c > d ' \"", "  spaced  ", "NGUYỄN", "]]>", "\u2045lienthong\u2046000"]
)
def test_a_message_of_a_known_shape_is_the_one_zeep_builds(name: str) -> None:
    """A second message, filled into the form of the first, is byte for byte what zeep builds from the values."""
    wsdl = soap.Wsdl(soap.vendored("adapters.population", CONTRACT), "population.wsdl")

    def values(number: int, born: dict[str, str]) -> dict[str, object]:
        return {
            "MaYeuCau": f"id-{number}",
            "MaDVC": "H14",
            "MaTichHop": "037",
            "MaCanBo": "officer",
            "SoDinhDanh": "004192000123",
            "HoVaTen": name,
            "NgayThangNamSinh": born,
        }

    for number, born in enumerate([{"NgayThangNam": "19921122"}, {"Nam": "1992"}, {"NgayThangNam": "199211"}] * 2):
        given = values(number, born)
        made = soap.to_bytes(wsdl.message("TraCuuThongTinCongDan", **given))
        assert made == soap.to_bytes(wsdl._create("TraCuuThongTinCongDan", given))
    assert len(wsdl._forms) == 2
    assert all(form is not None for form in wsdl._forms.values())


def test_a_form_does_not_remember_anybody() -> None:
    """What one message says is in no later one, and the kept form holds no value of any."""
    wsdl = soap.Wsdl(soap.vendored("adapters.population", CONTRACT), "population.wsdl")
    given = {
        "MaYeuCau": "id",
        "MaDVC": "H14",
        "MaTichHop": "003",
        "MaCanBo": "officer",
        "SoDinhDanh": "004192000123",
        "HoVaTen": "SOMEBODY",
        "NgayThangNamSinh": {"Nam": "1992"},
    }
    first = wsdl.message("XacThucThongTinCongDan", **given)
    second = wsdl.message("XacThucThongTinCongDan", **{**given, "HoVaTen": "ELSE", "SoDinhDanh": "004192000124"})
    assert b"SOMEBODY" in soap.to_bytes(first)
    assert b"SOMEBODY" not in soap.to_bytes(second)
    (form,) = wsdl._forms.values()
    assert form is not None
    assert not any(text in soap.to_bytes(form.envelope) for text in (b"SOMEBODY", b"ELSE", b"0041920001", b"officer"))


@pytest.mark.parametrize("wrong", ["\x00", "a\x0bb", "\ud800"])
def test_characters_xml_does_not_have_are_refused_in_a_known_shape_too(wrong: str) -> None:
    """The first message of a shape and the later ones refuse the same texts."""
    wsdl = soap.Wsdl(soap.vendored("adapters.population", CONTRACT), "population.wsdl")
    given = dict.fromkeys(("MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", "SoDinhDanh", "HoVaTen"), "x")
    for name in ("x", wrong, "x", wrong):
        message = {**given, "HoVaTen": name, "NgayThangNamSinh": {"Nam": "1992"}}
        if name == "x":
            wsdl.message("XacThucThongTinCongDan", **message)
        else:
            with pytest.raises(AdapterError) as caught:
                wsdl.message("XacThucThongTinCongDan", **message)
            assert (caught.value.fault, caught.value.reason) == (Fault.GARBLED, "request_invalid")
