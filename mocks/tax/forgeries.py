"""Answers an attacker or a broken service would give: the signature is missing, stale, another's, or elsewhere.

Rule of this file: each forgery starts from a true answer and differs from it in one way.
"""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Protocol

from lxml import etree

from mocks.faults import Fault
from mocks.tax.credentials import KeyKind, new_key, self_signed
from mocks.tax.signature import Signer, signed, signer
from mocks.tax.xml import name

STALE = timedelta(minutes=20)
_FOREIGN = "urn:example:bo-sung"
_LONG_AGO = "2001-01-01T00:00:00Z"


class Forgery(Protocol):
    """Turns a true envelope that is not signed yet, with the service's signer, into the envelope to send."""

    def __call__(self, root: etree._Element, by: Signer, at: datetime, /) -> etree._Element:
        """`root` may be changed."""
        ...


def altered(payload: etree._Element) -> None:
    """Change what an answer says: the taxpayer's name, or where there is none the instant of the data."""
    for tag, words in (("tenNNT", "CÔNG TY KHÁC"), ("thoiDiemDuLieu", _LONG_AGO), ("thoiDiem", _LONG_AGO)):
        found = payload.find(f".//{name(f't:{tag}')}")
        if found is not None:
            found.text = words
            return


def _unsigned(root: etree._Element, _by: Signer, _at: datetime) -> etree._Element:
    return root


def _stale(root: etree._Element, by: Signer, at: datetime) -> etree._Element:
    return signed(root, by, at=at - STALE)


def _wrong_key(root: etree._Element, _by: Signer, at: datetime) -> etree._Element:
    key = new_key(KeyKind.P256)
    return signed(root, signer(key, self_signed(key, "tax.example", at=at)), at=at)


def _wrapped(root: etree._Element, by: Signer, at: datetime) -> etree._Element:
    """The signed Body goes under a header of its own, another Body takes its place: its id still resolves."""
    true = signed(root, by, at=at)
    body = true[1]
    false = deepcopy(body)
    del false.attrib[name("utl:Id")]
    altered(false[0])
    # a namespace of its own: lxml would give the moved Body the wrapper's prefixes and so break its digest
    etree.SubElement(true[0], f"{{{_FOREIGN}}}boSung", nsmap={"x": _FOREIGN}).append(body)
    true.append(false)
    return true


FORGERIES: Mapping[Fault, Forgery] = {
    Fault.UNSIGNED: _unsigned,
    Fault.STALE_TIMESTAMP: _stale,
    Fault.WRONG_KEY: _wrong_key,
    Fault.WRAPPED: _wrapped,
}
