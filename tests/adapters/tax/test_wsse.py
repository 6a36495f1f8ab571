"""Signing a request and verifying an answer, each against the mock's independent implementation."""

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from hashlib import sha256

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters import soap
from adapters.contract import AdapterError, Fault
from adapters.tax.keys import Certified, load_certified, load_identity
from adapters.tax.wsse import Flaw, VerifiedBody, sign, verify
from mocks.tax import KeyKind, xml
from mocks.tax.credentials import self_signed
from mocks.tax.signature import checked, signed, signer
from mocks.tax.xml import RefusedError, name
from tests.adapters.tax.answers import as_sent, ends, part, plain, resigned, true_answer
from tests.adapters.tax.live import AT, credentials

TOLERANCE = timedelta(seconds=30)


def read(root: etree._Element, kind: KeyKind = KeyKind.P256, *, later: timedelta = timedelta()) -> VerifiedBody:
    """What the adapter makes of a message, from its bytes."""
    return verify(soap.parse(as_sent(root)), _pinned(kind), at=AT + later, tolerance=TOLERANCE)


def flaw_of(root: etree._Element, *, later: timedelta = timedelta()) -> str:
    """Why a message is refused."""
    with pytest.raises(AdapterError) as caught:
        read(root, later=later)
    assert caught.value.fault is Fault.GARBLED
    return caught.value.reason


def request(kind: KeyKind) -> tuple[etree._Element, x509.Certificate]:
    """A request signed by the adapter, and the certificate the service knows."""
    held = credentials(kind)
    identity = load_identity(
        held.client_key, held.client_certificate, key_name="client_key", certificate_name="client_certificate"
    )
    payload = etree.fromstring(f'<t:KiemTraKetNoi xmlns:t="{xml.NNT}"><t:maYeuCau>q</t:maYeuCau></t:KiemTraKetNoi>')
    message = sign(xml.envelope(payload), identity, at=AT)
    return etree.fromstring(message), x509.load_pem_x509_certificate(held.client_certificate.encode())


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_request_satisfies_an_independent_verifier(kind: KeyKind) -> None:
    """The mock, which shares no code, accepts what the adapter signs."""
    root, certificate = request(kind)
    assert checked(root, certificate, at=AT).findtext(name("t:maYeuCau")) == "q"


@pytest.mark.parametrize("kind", list(KeyKind))
@pytest.mark.parametrize("spot", ["t:maYeuCau", "utl:Created", "utl:Expires"])
def test_a_changed_request_is_refused_by_it(kind: KeyKind, spot: str) -> None:
    """Body and Timestamp of a request are covered by its signature."""
    root, certificate = request(kind)
    changed = part(root, spot)
    changed.text = (changed.text or "").replace("2026", "2027").replace("q", "r")
    with pytest.raises(RefusedError) as caught:
        checked(root, certificate, at=AT)
    assert caught.value.code == "FailedCheck"


def test_signing_leaves_the_message_alone() -> None:
    """The envelope given to `sign` is not changed."""
    held = credentials()
    identity = load_identity(held.client_key, held.client_certificate, key_name="k", certificate_name="c")
    envelope = plain()
    before = as_sent(envelope)
    sign(envelope, identity, at=AT)
    assert as_sent(envelope) == before


@pytest.mark.parametrize("kind", list(KeyKind))
@pytest.mark.parametrize(("prefixes", "folded"), [((), False), (("env", "t"), False), ((), True), (("t",), True)])
def test_every_allowed_layout_is_accepted(kind: KeyKind, prefixes: tuple[str, ...], folded: bool) -> None:
    """Prefix lists, folded base64 and the order of the references do not matter; the payload is the signed one."""
    root = plain()
    said = xml.canonical(root[1][0])
    found = read(signed(root, ends(kind).by, at=AT, prefixes=prefixes, folded=folded), kind)
    assert xml.canonical(found.payload) == said
    assert found.created == AT


def test_a_comment_cannot_cut_a_value() -> None:
    """A comment inside a signed text changes neither the signature nor the text that is read."""
    root = true_answer()
    words = part(root, "t:tenNNT")
    whole = words.text or ""
    words.text = whole[:7]
    comment = etree.Comment("x")
    comment.tail = whole[7:]
    words.append(comment)
    assert read(root).payload.findtext(f".//{name('t:tenNNT')}") == whole


@pytest.mark.parametrize(
    ("made", "lifetime", "flaw"),
    [
        (-timedelta(minutes=5, seconds=30), 300, Flaw.TIMESTAMP_STALE),
        (-timedelta(days=1), 300, Flaw.TIMESTAMP_STALE),
        (-timedelta(seconds=91), 60, Flaw.TIMESTAMP_STALE),
        (timedelta(seconds=31), 300, Flaw.TIMESTAMP_EARLY),
        (timedelta(0), 301, Flaw.TIMESTAMP_MALFORMED),
        (timedelta(0), 0, Flaw.TIMESTAMP_MALFORMED),
        (timedelta(0), -1, Flaw.TIMESTAMP_MALFORMED),
    ],
)
def test_a_timestamp_must_be_fresh_and_in_order(made: timedelta, lifetime: int, flaw: Flaw) -> None:
    """Signed well, but too old, too early, too long or backwards."""
    root = signed(plain(), ends().by, at=AT + made, lifetime=timedelta(seconds=lifetime))
    assert flaw_of(root) == flaw


@pytest.mark.parametrize("seconds", [-329, -300, 0, 30])
def test_a_timestamp_within_lifetime_and_tolerance_is_fresh(seconds: int) -> None:
    """Up to five minutes old, plus the tolerance between the clocks."""
    assert read(signed(plain(), ends().by, at=AT + timedelta(seconds=seconds))).created == AT + timedelta(
        seconds=seconds
    )


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22T02:00:00",
        "2026-11-22T02:00:00+00:00",
        "2026-11-22",
        "",
        "2026-13-22T02:00:00Z",
        "２026-11-22T02:00:00Z",
    ],
)
def test_a_timestamp_is_written_in_utc(written: str) -> None:
    """Any other spelling of an instant is refused, even under a good signature."""
    root = true_answer()
    part(root, "utl:Created").text = written
    _digest_anew(root, "utl:Timestamp")
    assert flaw_of(resigned(root, ends().by)) == Flaw.TIMESTAMP_MALFORMED


def test_an_expired_certificate_is_refused() -> None:
    """The pinned certificate must be valid when the answer is read."""
    held = credentials()
    short = self_signed(held.server_key, "server.example", at=AT, lasting=timedelta(days=1, minutes=1))
    root = signed(plain(), signer(held.server_key, short), at=AT + timedelta(minutes=2))
    pinned = load_certified(short, name="server_certificate")
    with pytest.raises(AdapterError) as caught:
        verify(soap.parse(as_sent(root)), pinned, at=AT + timedelta(minutes=2), tolerance=TOLERANCE)
    assert caught.value.reason == Flaw.CERTIFICATE_EXPIRED


def test_a_renewed_certificate_of_the_same_key_is_not_the_pinned_one() -> None:
    """The certificate is pinned, not the key or its issuer."""
    held = credentials()
    renewed = self_signed(held.server_key, "server-0.example", at=AT)
    assert signer(held.server_key, renewed).certificate.public_key() == ends().by.certificate.public_key()
    assert flaw_of(signed(plain(), signer(held.server_key, renewed), at=AT)) == Flaw.CERTIFICATE_WRONG


def _digest_anew(root: etree._Element, short: str) -> None:
    covered = part(root, short)
    uri = f"#{covered.get(name('utl:Id'))}"
    (reference,) = [one for one in root.iter(name("sig:Reference")) if one.get("URI") == uri]
    value = part(reference, "sig:DigestValue")
    value.text = b64encode(sha256(xml.canonical(covered)).digest()).decode()


def _algorithm(short: str, uri: str, number: int = 0) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        list(root.iter(name(short)))[number].set("Algorithm", uri)

    return change


def _more_transform(root: etree._Element) -> None:
    transforms = next(root.iter(name("sig:Transforms")))
    etree.SubElement(transforms, name("sig:Transform"), Algorithm=f"{xml.DS}enveloped-signature")


def _no_transform(root: etree._Element) -> None:
    transforms = next(root.iter(name("sig:Transforms")))
    transforms.clear()


def _object(root: etree._Element) -> None:
    etree.SubElement(part(root, "sig:Signature"), name("sig:Object"))


def _output_length(root: etree._Element) -> None:
    etree.SubElement(part(root, "sig:SignatureMethod"), name("sig:HMACOutputLength")).text = "8"


def _foreign_part(root: etree._Element) -> None:
    etree.SubElement(part(root, "sig:Signature"), name("t:boSung"))


@pytest.mark.parametrize(
    "change",
    [
        _algorithm("sig:SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"),
        _algorithm("sig:SignatureMethod", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
        _algorithm("sig:SignatureMethod", xml.RSA_SHA256),
        _algorithm("sig:CanonicalizationMethod", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        _algorithm("sig:CanonicalizationMethod", f"{xml.EXC_C14N}WithComments"),
        _algorithm("sig:DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"),
        _algorithm("sig:DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha512", 1),
        _algorithm("sig:Transform", f"{xml.DS}base64"),
        _algorithm("sig:Transform", "http://www.w3.org/TR/1999/REC-xslt-19991116", 1),
        _more_transform,
        _no_transform,
        _object,
        _output_length,
        _foreign_part,
    ],
)
def test_only_the_pinned_algorithms_are_taken(change: Callable[[etree._Element], None]) -> None:
    """Another algorithm, transform or part of a signature is refused though the right key signed it."""
    root = true_answer()
    change(root)
    assert flaw_of(resigned(root, ends().by)) == Flaw.ALGORITHM


@cache
def _good(kind: KeyKind) -> bytes:
    return as_sent(true_answer(kind))


@cache
def _pinned(kind: KeyKind) -> Certified:
    return load_certified(ends(kind).pinned, name="server_certificate")


@pytest.mark.parametrize("kind", list(KeyKind))
@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_one_changed_bit_is_refused(kind: KeyKind, data: st.DataObject) -> None:
    """Whatever bit of a signed answer flips, inside or outside of what is signed, nothing is read."""
    good = _good(kind)
    position = data.draw(st.integers(0, len(good) * 8 - 1))
    bad = bytearray(good)
    bad[position // 8] ^= 1 << position % 8
    with pytest.raises(AdapterError) as caught:
        verify(soap.parse(bytes(bad)), _pinned(kind), at=AT, tolerance=TOLERANCE)
    assert caught.value.fault is Fault.GARBLED
