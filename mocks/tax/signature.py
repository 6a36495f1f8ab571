"""Signatures of the mock: its own, made with lxml and cryptography only.

Rule of this file: the mock is the other end, so it shares no code and no signature library with the gateway. It accepts
one layout, written out in `checked`, and refuses everything else with the code the profile names.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from mocks.tax import xml
from mocks.tax.credentials import PrivateKey, load_key
from mocks.tax.xml import RefusedError, name

LIFETIME = timedelta(minutes=5)
_SKEW = timedelta(seconds=30)
_COORDINATE = 32  # bytes of one number of a P-256 signature
_STAMP = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its certificate."""

    key: PrivateKey = field(repr=False)
    certificate: x509.Certificate

    @property
    def token(self) -> str:
        """The certificate as it goes into a message: base64 of DER."""
        return b64encode(self.certificate.public_bytes(Encoding.DER)).decode()


def signer(key_pem: str, certificate_pem: str) -> Signer:
    """A signer from PEM texts."""
    return Signer(load_key(key_pem), x509.load_pem_x509_certificate(certificate_pem.encode()))


def checked(root: etree._Element, certificate: x509.Certificate, *, at: datetime) -> etree._Element:
    """The one element in the Body of a request that is signed with `certificate`'s key.

    Raises `RefusedError`: `InvalidSecurity` for a layout other than the profile's, `FailedAuthentication` for another
    certificate, `UnsupportedAlgorithm`, `MessageExpired`, `FailedCheck` when digest or signature do not fit.
    """
    header, body = _two(root, "env:Envelope", "env:Header", "env:Body")
    (security,) = _exactly(header, "env:Header", ("sec:Security",))
    token, stamp, signature = _exactly(
        security, "sec:Security", ("sec:BinarySecurityToken", "utl:Timestamp", "sig:Signature")
    )
    ids = [value for node in root.iter(etree.Element) for key, value in node.items() if str(key).lower().endswith("id")]
    if len(ids) != len(set(ids)) or len(body) != 1:
        raise RefusedError("InvalidSecurity")
    der = certificate.public_bytes(Encoding.DER)
    if token.text is None or _decoded(token.text) != der or not _valid(certificate, at):
        raise RefusedError("FailedAuthentication")
    info, value, _ = _exactly(signature, "sig:Signature", ("sig:SignedInfo", "sig:SignatureValue", "sig:KeyInfo"))
    _check_info(info, certificate, {f"#{part.get(name('utl:Id'))}": part for part in (body, stamp)})
    _check_value(certificate, _decoded(value.text or ""), xml.canonical(info))
    _check_stamp(stamp, at)
    return body[0]


def signed(
    root: etree._Element,
    by: Signer,
    *,
    at: datetime,
    prefixes: Sequence[str] = (),
    folded: bool = False,
    lifetime: timedelta = LIFETIME,
) -> etree._Element:
    """The envelope with a Security header over Body and Timestamp; `root` itself is changed and returned.

    `prefixes`: an InclusiveNamespaces list in every transform. `folded`: base64 in lines, Timestamp and references in
    the other order.
    """
    header, body = root
    body.set(name("utl:Id"), "noi-dung")
    security = etree.SubElement(header, name("sec:Security"), nsmap={"sec": xml.WSSE})
    token = etree.Element(
        name("sec:BinarySecurityToken"),
        {name("utl:Id"): "chung-thu", "ValueType": xml.X509_V3, "EncodingType": xml.BASE64_BINARY},
    )
    token.text = _lines(by.token, folded=folded)
    stamp = etree.Element(name("utl:Timestamp"), {name("utl:Id"): "thoi-diem"})
    for tag, moment in (("utl:Created", at), ("utl:Expires", at + lifetime)):
        etree.SubElement(stamp, name(tag)).text = moment.astimezone(UTC).strftime(_STAMP)
    security.extend([stamp, token] if folded else [token, stamp])
    signature = etree.SubElement(security, name("sig:Signature"), nsmap={"sig": xml.DS})
    info = etree.SubElement(signature, name("sig:SignedInfo"))
    etree.SubElement(info, name("sig:CanonicalizationMethod"), Algorithm=xml.EXC_C14N)
    method = xml.RSA_SHA256 if isinstance(by.key, rsa.RSAPrivateKey) else xml.ECDSA_SHA256
    etree.SubElement(info, name("sig:SignatureMethod"), Algorithm=method)
    for part in (stamp, body) if folded else (body, stamp):
        _refer(info, part, prefixes)
    value = etree.SubElement(signature, name("sig:SignatureValue"))
    value.text = _lines(b64encode(_raw_signature(by.key, xml.canonical(info))).decode(), folded=folded)
    reference = etree.SubElement(etree.SubElement(signature, name("sig:KeyInfo")), name("sec:SecurityTokenReference"))
    etree.SubElement(reference, name("sec:Reference"), URI="#chung-thu", ValueType=xml.X509_V3)
    return root


def _refer(info: etree._Element, part: etree._Element, prefixes: Sequence[str]) -> None:
    reference = etree.SubElement(info, name("sig:Reference"), URI=f"#{part.get(name('utl:Id'))}")
    transforms = etree.SubElement(reference, name("sig:Transforms"))
    transform = etree.SubElement(transforms, name("sig:Transform"), Algorithm=xml.EXC_C14N)
    if prefixes:
        listed = etree.SubElement(transform, name("ec:InclusiveNamespaces"), nsmap={"ec": xml.EXC_C14N})
        listed.set("PrefixList", " ".join(prefixes))
    etree.SubElement(reference, name("sig:DigestMethod"), Algorithm=xml.SHA256_URI)
    digest = sha256(xml.canonical(part, prefixes)).digest()
    etree.SubElement(reference, name("sig:DigestValue")).text = b64encode(digest).decode()


def _raw_signature(key: PrivateKey, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), SHA256())
    # XML Signature 1.1 section 6.4.3: the two numbers side by side, not DER
    numbers = utils.decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return b"".join(number.to_bytes(_COORDINATE, "big") for number in numbers)


def _check_info(info: etree._Element, certificate: x509.Certificate, parts: dict[str, etree._Element]) -> None:
    rsa_key = isinstance(certificate.public_key(), rsa.RSAPublicKey)
    wanted = [("CanonicalizationMethod", xml.EXC_C14N)]
    wanted += [("SignatureMethod", xml.RSA_SHA256 if rsa_key else xml.ECDSA_SHA256)]
    said = [(etree.QName(child).localname, child.get("Algorithm")) for child in list(info)[:2]]
    references = list(info)[2:]
    if said != wanted:
        raise RefusedError("UnsupportedAlgorithm")
    if sorted(reference.get("URI", "") for reference in references) != sorted(parts):
        raise RefusedError("InvalidSecurity")
    for reference in references:
        algorithms = [node.get("Algorithm") for node in reference.iter() if node.get("Algorithm") is not None]
        if algorithms != [xml.EXC_C14N, xml.SHA256_URI]:
            raise RefusedError("UnsupportedAlgorithm")
        digest = _decoded(reference.findtext(name("sig:DigestValue"), ""))
        if digest != sha256(xml.canonical(parts[reference.get("URI", "")])).digest():
            raise RefusedError("FailedCheck")


def _check_value(certificate: x509.Certificate, value: bytes, data: bytes) -> None:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, data, padding.PKCS1v15(), SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey) and len(value) == 2 * _COORDINATE:
            r, s = (int.from_bytes(half, "big") for half in (value[:_COORDINATE], value[_COORDINATE:]))
            key.verify(utils.encode_dss_signature(r, s), data, ec.ECDSA(SHA256()))
        else:
            raise RefusedError("FailedCheck")
    except InvalidSignature:
        raise RefusedError("FailedCheck") from None


def _check_stamp(stamp: etree._Element, at: datetime) -> None:
    try:
        created, expires = (
            datetime.fromisoformat(node.text or "")
            for node in _exactly(stamp, "utl:Timestamp", ("utl:Created", "utl:Expires"))
        )
        fresh = created - _SKEW <= at < expires + _SKEW and created < expires <= created + LIFETIME
    except (ValueError, TypeError):
        raise RefusedError("InvalidSecurity") from None
    if not fresh:
        raise RefusedError("MessageExpired")


def _two(node: etree._Element, tag: str, *children: str) -> tuple[etree._Element, etree._Element]:
    first, second = _exactly(node, tag, children)
    return first, second


def _exactly(node: etree._Element, tag: str, children: Sequence[str]) -> list[etree._Element]:
    if node.tag != name(tag) or [child.tag for child in node] != [name(child) for child in children]:
        raise RefusedError("InvalidSecurity")
    return list(node)


def _decoded(text: str) -> bytes:
    try:
        return b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise RefusedError("InvalidSecurity") from None


def _valid(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _lines(text: str, *, folded: bool) -> str:
    return "\n".join(text[start : start + 76] for start in range(0, len(text), 76)) if folded else text
