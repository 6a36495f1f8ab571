"""The properties XAdES (ETSI EN 319 132) adds to an XML signature: claims that are signed, evidence that is not."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from signing.documents import chain, stamps
from signing.documents.report import FlawError, Reason
from signing.documents.revocation import Evidence
from signing.documents.trust import TrustAnchors

DS = "{http://www.w3.org/2000/09/xmldsig#}"
_X = "{http://uri.etsi.org/01903/v1.3.2#}"
_SIGNED = f"{DS}Object/{_X}QualifyingProperties/{_X}SignedProperties"
_UNSIGNED = f"{DS}Object/{_X}QualifyingProperties/{_X}UnsignedProperties/{_X}UnsignedSignatureProperties"
_OWN = f"{_X}SignedSignatureProperties"
_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_WEAK = {"http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#md5"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
# canonical form -> exclusive?
_CANONICAL = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/2001/10/xml-exc-c14n#": True,
}


@dataclass(frozen=True, slots=True)
class Claims:
    """What the signer says, under the signature."""

    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A time-stamp and the canonical bytes it has to be about."""

    der: bytes
    about: bytes


def claims(signature: etree._Element, covered: Sequence[etree._Element], certificate: x509.Certificate) -> Claims:
    """Those of properties that are `covered` by a reference; others are not the signer's.

    Raises `FlawError`: certificate_mismatch when the properties name another certificate, weak_algorithm when they name
    it by a weak digest.
    """
    properties = signature.find(_SIGNED)
    if properties is None or properties not in covered:
        return Claims()
    digests = _certificate_digests(properties)
    if digests:
        method, value = digests[0]
        if method in _WEAK:
            raise FlawError(Reason.WEAK_ALGORITHM)
        if not _fits(method, value, certificate):
            raise FlawError(Reason.CERTIFICATE_MISMATCH)
    time = properties.findtext(f"{_OWN}/{_X}SigningTime", "").strip()
    if not _INSTANT.fullmatch(time):
        return Claims()
    try:
        return Claims(datetime.fromisoformat(time))
    except ValueError:
        return Claims()


def names(signature: etree._Element, certificate: x509.Certificate) -> bool:
    """Whether the properties, covered or not, name this certificate as the signer's."""
    properties = signature.find(_SIGNED)
    if properties is None:
        return False
    return any(_fits(method, value, certificate) for method, value in _certificate_digests(properties)[:1])


def is_properties(element: etree._Element) -> bool:
    """Whether an Object holds XAdES properties and nothing else."""
    return [child.tag for child in element] == [f"{_X}QualifyingProperties"] and not (element.text or "").strip()


def evidence(signature: etree._Element) -> tuple[tuple[x509.Certificate, ...], Evidence, list[Token]]:
    """Certificates, revocation lists and answers, and time-stamps of the signature, from its unsigned properties."""
    unsigned = signature.find(_UNSIGNED)
    lists = _all(signature, f"{DS}KeyInfo/{DS}X509Data/{DS}X509CRL")
    if unsigned is None:
        return (), Evidence.read(lists, []), []
    certificates = chain.loaded(_all(unsigned, f"{_X}CertificateValues/{_X}EncapsulatedX509Certificate"))
    values = f"{_X}RevocationValues"
    lists += _all(unsigned, f"{values}/{_X}CRLValues/{_X}EncapsulatedCRLValue")
    answers = _all(unsigned, f"{values}/{_X}OCSPValues/{_X}EncapsulatedOCSPValue")
    return certificates, Evidence.read(lists, answers), _tokens(signature, unsigned)


def stamped(tokens: Sequence[Token], trust: TrustAnchors, *, at: datetime, evidence: Evidence) -> datetime | None:
    """The earliest time a trusted time-stamp saw the signature's value."""
    times = [stamps.vouched(token.der, _imprint(token.about), trust, at=at, evidence=evidence) for token in tokens]
    return min((time for time in times if time is not None), default=None)


def _imprint(about: bytes) -> stamps.Imprint:
    return lambda name: stamps.digest(name, about)


def _tokens(signature: etree._Element, unsigned: etree._Element) -> list[Token]:
    value = signature.find(f"{DS}SignatureValue")
    if value is None:
        return []
    found = []
    for stamp in unsigned.findall(f"{_X}SignatureTimeStamp")[:4]:
        method = stamp.find(f"{DS}CanonicalizationMethod")
        algorithm = next(iter(_CANONICAL)) if method is None else method.get("Algorithm", "")
        if algorithm not in _CANONICAL:
            continue
        # a copy by its text keeps the namespaces it inherits, which a canonical form may include
        alone = etree.fromstring(etree.tostring(value, with_tail=False))
        about = etree.tostring(alone, method="c14n", exclusive=_CANONICAL[algorithm], with_comments=False)
        found += [Token(der, about) for der in _all(stamp, f"{_X}EncapsulatedTimeStamp")[:1]]
    return found


def _certificate_digests(properties: etree._Element) -> list[tuple[str, str]]:
    found = []
    for kind in ("SigningCertificateV2", "SigningCertificate"):
        for digest in properties.iterfind(f"{_OWN}/{_X}{kind}/{_X}Cert/{_X}CertDigest"):
            method = digest.find(f"{DS}DigestMethod")
            algorithm = "" if method is None else method.get("Algorithm", "")
            found.append((algorithm, digest.findtext(f"{DS}DigestValue", "")))
    return found


def _fits(method: str, value: str, certificate: x509.Certificate) -> bool:
    if method not in _DIGESTS:
        return False
    expected = hashlib.new(_DIGESTS[method], certificate.public_bytes(Encoding.DER)).digest()
    return decoded(value) == expected


def _all(element: etree._Element, path: str) -> list[bytes]:
    return [decoded(each.text or "") for each in element.findall(path)[:64]]


def decoded(text: str) -> bytes:
    """The bytes of Base64 with any white space, none if it is not Base64."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
