"""Signed answers to tamper with, made by the mock's own signer."""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from lxml import etree

from mocks.country import taxpayer
from mocks.tax import KeyKind, Variant, xml
from mocks.tax.messages import found
from mocks.tax.signature import Signer, _raw_signature, signed, signer
from tests.adapters.tax.live import AT, FIRM, credentials


@dataclass(frozen=True, slots=True)
class Ends:
    """The service's signer, and what the gateway pins: PEM text of its certificate."""

    by: Signer
    pinned: str = field(repr=False)


def ends(kind: KeyKind = KeyKind.P256, *, number: int = 0) -> Ends:
    """The service's side of the credentials of that kind."""
    return _ends(kind, number)


@cache
def _ends(kind: KeyKind, number: int) -> Ends:
    held = credentials(kind, number=number)
    return Ends(signer(held.server_key, held.server_certificate), held.server_certificate)


def plain() -> etree._Element:
    """A true answer, not signed."""
    return xml.envelope(found("q-1.1", FIRM, taxpayer(FIRM), Variant(), at=AT))


def true_answer(kind: KeyKind = KeyKind.P256, *, at: datetime = AT) -> etree._Element:
    """A true answer, signed."""
    return signed(plain(), ends(kind).by, at=at)


def as_sent(root: etree._Element) -> bytes:
    """The document as it travels."""
    return etree.tostring(root, encoding="UTF-8")


def resigned(root: etree._Element, by: Signer) -> etree._Element:
    """The same message with a fresh signature value over its SignedInfo: the key's owner said exactly this."""
    info = root.find(f".//{xml.name('sig:SignedInfo')}")
    value = root.find(f".//{xml.name('sig:SignatureValue')}")
    assert info is not None
    assert value is not None
    value.text = b64encode(_raw_signature(by.key, xml.canonical(info))).decode()
    return root


def part(root: etree._Element, short: str) -> etree._Element:
    """The one element of that name."""
    (only,) = root.iter(xml.name(short))
    return only
