"""What the mock accepts and refuses, seen from a client that is not the gateway."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from lxml import etree

from mocks.tax import KeyKind, xml
from mocks.tax.signature import Signer, checked, signed, signer
from mocks.tax.xml import RefusedError, built, envelope, name, parsed
from tests.adapters.tax.live import AT, credentials


def client(kind: KeyKind = KeyKind.P256, *, number: int = 0) -> Signer:
    """The signer of a client."""
    held = credentials(kind, number=number)
    return signer(held.client_key, held.client_certificate)


def request(by: Signer | None = None, *, made: timedelta = timedelta(0), lasting: int = 300) -> etree._Element:
    """A signed connection check."""
    root = envelope(built(("KiemTraKetNoi", [("maYeuCau", "q-1")])))
    return signed(root, by or client(), at=AT + made, lifetime=timedelta(seconds=lasting))


def code_of(root: etree._Element) -> str:
    """Why the mock refuses a request."""
    with pytest.raises(RefusedError) as caught:
        checked(parsed(etree.tostring(root)), client().certificate, at=AT)
    return caught.value.code


@pytest.mark.parametrize("kind", list(KeyKind))
def test_what_it_signs_it_accepts(kind: KeyKind) -> None:
    """Both kinds of key."""
    root = parsed(etree.tostring(request(client(kind))))
    assert checked(root, client(kind).certificate, at=AT).tag == name("t:KiemTraKetNoi")


def _drop(short: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        found = next(root.iter(name(short)))
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)

    return change


def _set(short: str, text: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        next(root.iter(name(short))).text = text

    return change


def _algorithm(short: str, uri: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        next(root.iter(name(short))).set("Algorithm", uri)

    return change


def _id_twice(root: etree._Element) -> None:
    root[1][0].set("ID", root[1].get(name("utl:Id")) or "")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_drop("sec:Security"), "InvalidSecurity"),
        (_drop("sig:Signature"), "InvalidSecurity"),
        (_drop("utl:Timestamp"), "InvalidSecurity"),
        (_drop("sig:Reference"), "InvalidSecurity"),
        (_drop("t:KiemTraKetNoi"), "InvalidSecurity"),
        (_id_twice, "InvalidSecurity"),
        (_set("t:maYeuCau", "q-2"), "FailedCheck"),
        (_set("utl:Created", "2026-11-22T01:59:59Z"), "FailedCheck"),
        (_set("sig:SignatureValue", "AAAA"), "FailedCheck"),
        (_set("sec:BinarySecurityToken", "AAAA"), "FailedAuthentication"),
        (_set("sec:BinarySecurityToken", "!"), "InvalidSecurity"),
        (_algorithm("sig:SignatureMethod", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"), "UnsupportedAlgorithm"),
        (_algorithm("sig:DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"), "UnsupportedAlgorithm"),
        (_algorithm("sig:Transform", f"{xml.DS}enveloped-signature"), "UnsupportedAlgorithm"),
    ],
)
def test_a_changed_request_is_refused(change: Callable[[etree._Element], None], code: str) -> None:
    """Each change has the code the profile names for it."""
    root = request()
    change(root)
    assert code_of(root) == code


def test_another_clients_request_is_refused() -> None:
    """Only the registered certificate counts."""
    assert code_of(request(client(number=1))) == "FailedAuthentication"


@pytest.mark.parametrize(
    ("made", "lasting"), [(-timedelta(minutes=6), 300), (timedelta(minutes=1), 300), (timedelta(0), 301)]
)
def test_an_old_early_or_long_request_is_refused(made: timedelta, lasting: int) -> None:
    """A request is good for five minutes at most, and not before it was made."""
    assert code_of(request(made=made, lasting=lasting)) == "MessageExpired"


@pytest.mark.parametrize("body", [b"", b"<a", b"<!DOCTYPE a><a/>", b"<a><?b?></a>", b"\xff\xfe"])
def test_what_is_not_plain_xml_is_refused(body: bytes) -> None:
    """No document type, no processing instruction, nothing cut short."""
    with pytest.raises(RefusedError) as caught:
        parsed(body)
    assert caught.value.code == "YeuCauSaiMau"
