"""From a certificate to a configured authority (RFC 5280), by pyhanko-certvalidator, with the evidence at hand alone.

Rule of this file: nothing is fetched, and only certificates that a configured authority stands behind are offered to
the search for a path, so that a paper full of certificates that issue each other costs no more than reading them.
`cryptography.x509.verification` was not taken: it is written for TLS and names no purpose for time-stamping.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from pyhanko_certvalidator import ValidationContext, find_valid_path
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    ValidationError,
)
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

from signing.documents import trust as trust_of
from signing.documents.report import FlawError, Reason, Revocation, Signer
from signing.documents.revocation import Evidence, of_path
from signing.documents.trust import TrustAnchors

# they print subjects, which may name persons
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).setLevel(logging.CRITICAL + 1)

MAX_CERTIFICATES = 32
_SIGNING = {"digital_signature", "content_commitment"}


@dataclass(frozen=True, slots=True)
class Chain:
    """Who signed, and what else the paper carries to judge it by."""

    leaf: Certificate = field(repr=False)
    others: tuple[Certificate, ...] = field(default=(), repr=False)
    evidence: Evidence = field(default_factory=Evidence, repr=False)


def context(chain: Chain, trust: TrustAnchors, *, moment: datetime) -> ValidationContext:
    """What pyHanko validates with: anchors, the authorities below them found in the paper, one moment, no network."""
    return ValidationContext(
        trust_manager=SimpleTrustManager.build(trust_roots=[_asn1(each) for each in trust.certificates]),
        other_certs=[_asn1(each) for each in _authorities(chain.others, trust)],
        moment=moment,
        allow_fetching=False,
        revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
    )


def judge(chain: Chain, trust: TrustAnchors, *, at: datetime, proven: datetime | None) -> tuple[Reason, Revocation]:
    """Whether the signer counts. `proven`: when a trusted time-stamp saw the signature; without, `at` counts."""
    moment = proven or at
    evidence = chain.evidence.also(trust.revocation_lists)
    if weak(chain.leaf):
        return Reason.WEAK_ALGORITHM, Revocation.UNKNOWN
    reason = Reason.VERIFIED
    try:
        path = _path(chain, trust, moment=moment)
    except FlawError as flaw:
        if flaw.reason is not Reason.CERTIFICATE_EXPIRED:
            return flaw.reason, Revocation.UNKNOWN
        reason = flaw.reason
        try:  # that it was withdrawn says more than that it has run out
            path = _path(chain, trust, moment=min(moment, chain.leaf.not_valid_after_utc))
        except FlawError:
            return reason, Revocation.UNKNOWN
    if not _for_signing(chain.leaf):
        return Reason.CERTIFICATE_MISUSED, Revocation.UNKNOWN
    revocation = of_path(path, evidence, moment=moment, proven=proven is not None)
    if revocation is Revocation.REVOKED:
        return Reason.CERTIFICATE_REVOKED, revocation
    return reason, revocation


def _path(chain: Chain, trust: TrustAnchors, *, moment: datetime) -> list[Certificate]:
    try:
        return asyncio.run(_found(chain, trust, moment=moment))
    except ExpiredError:
        raise FlawError(Reason.CERTIFICATE_EXPIRED) from None
    except NotYetValidError:
        raise FlawError(Reason.NOT_YET_VALID) from None
    except DisallowedAlgorithmError:
        raise FlawError(Reason.WEAK_ALGORITHM) from None
    except (PathBuildingError, InvalidCertificateError):
        raise FlawError(Reason.UNKNOWN_AUTHORITY) from None
    except (ValidationError, InvalidSignature, UnsupportedAlgorithm, ValueError, KeyError, TypeError):
        raise FlawError(Reason.CHAIN_REFUSED) from None


async def _found(chain: Chain, trust: TrustAnchors, *, moment: datetime) -> list[Certificate]:
    leaf, used = _asn1(chain.leaf), context(chain, trust, moment=moment)
    path = await find_valid_path(leaf, used.path_builder.async_build_paths_lazy(leaf), validation_context=used)
    return from_path(path)


def from_path(path: object) -> list[Certificate]:
    """A `ValidationPath` as certificates, signer first, anchor last."""
    certificates = [x509.load_der_x509_certificate(each.dump()) for each in path.iter_certs(include_root=True)]  # type: ignore[attr-defined]
    return certificates[::-1]


def _authorities(others: Sequence[Certificate], trust: TrustAnchors) -> list[Certificate]:
    known = list(trust.certificates)
    waiting = [each for each in others[:MAX_CERTIFICATES] if is_authority(each) and each not in known]
    while found := [each for each in waiting if any(_issued(each, by=issuer) for issuer in known)]:
        known += found
        waiting = [each for each in waiting if each not in found]
    return known[len(trust.certificates) :]


def _issued(certificate: Certificate, *, by: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _for_signing(certificate: Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        return any(getattr(usage, purpose) for purpose in _SIGNING) and not is_authority(certificate)
    except (x509.ExtensionNotFound, ValueError):
        return False


def weak(certificate: Certificate) -> bool:
    """Whether its key is too short, or of a kind nobody should sign papers with."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return True
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size < 2048
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.key_size < 256
    return not isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)


def is_authority(certificate: Certificate) -> bool:
    """Whether it may issue certificates; one that cannot be read may not."""
    try:
        return trust_of.is_authority(certificate)
    except ValueError:
        return False


def load(der: bytes) -> Certificate:
    """A certificate that was read to its end. Raises `FlawError(malformed)`."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = (certificate.subject, certificate.issuer, certificate.extensions, certificate.not_valid_after_utc)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise FlawError(Reason.MALFORMED) from None
    return certificate


def loaded(ders: Sequence[bytes]) -> tuple[Certificate, ...]:
    """Those of the first 32 that can be read."""
    found = []
    for der in ders[:MAX_CERTIFICATES]:
        try:
            found.append(load(der))
        except FlawError:
            continue
    return tuple(found)


def signer(certificate: Certificate) -> Signer:
    """What is shown of a certificate."""
    issuer = certificate.issuer
    return Signer(
        organisation=_text(certificate.subject, x509.oid.NameOID.ORGANIZATION_NAME),
        unit=_text(certificate.subject, x509.oid.NameOID.ORGANIZATIONAL_UNIT_NAME),
        serial=f"{certificate.serial_number:x}",
        issuer=_text(issuer, x509.oid.NameOID.COMMON_NAME) or _text(issuer, x509.oid.NameOID.ORGANIZATION_NAME) or "",
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        common_name=_text(certificate.subject, x509.oid.NameOID.COMMON_NAME),
    )


def _text(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    values = name.get_attributes_for_oid(oid)
    if not values:
        return None
    value = values[0].value
    text = value if isinstance(value, str) else value.decode("utf-8", "replace")
    return "".join(letter for letter in text if letter.isprintable())[:200]


def _asn1(certificate: Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
