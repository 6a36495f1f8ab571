"""Whether a certificate was withdrawn, by lists (CRL) and answers (OCSP) at hand. Nothing is fetched.

Rule of this file: evidence counts when its issuer's key signed it. That a certificate is listed as withdrawn counts
however old the list is; that it is not listed counts only for the time the list speaks of. Lists for a part of an
authority's certificates, or signed by somebody else for it, are not understood and say nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.x509 import Certificate, CertificateRevocationList, ocsp

from signing.documents.report import Revocation

_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature)
# a withdrawal for these reasons says that older signatures are in doubt too
_RETROACTIVE = {x509.ReasonFlags.key_compromise, x509.ReasonFlags.ca_compromise, x509.ReasonFlags.aa_compromise}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Revocation lists and OCSP answers, as found; who signed them is checked when they are used."""

    lists: tuple[CertificateRevocationList, ...] = field(default=(), repr=False)
    answers: tuple[ocsp.OCSPResponse, ...] = field(default=(), repr=False)

    @classmethod
    def read(cls, lists: Sequence[bytes], answers: Sequence[bytes], *, limit: int = 64) -> "Evidence":
        """From DER; what cannot be read, and what is beyond `limit` of each, is left out: it says nothing."""
        read_lists = [found for raw in lists[:limit] if (found := _list(raw)) is not None]
        read_answers = [answer for raw in answers[:limit] if (answer := _answer(raw)) is not None]
        return cls(tuple(read_lists), tuple(read_answers))

    def also(self, lists: Sequence[CertificateRevocationList]) -> "Evidence":
        """With these lists too."""
        return Evidence((*lists, *self.lists), self.answers)


def of_path(path: Sequence[Certificate], evidence: Evidence, *, moment: datetime, proven: bool) -> Revocation:
    """Of a chain, signer first, anchor last. `moment`: when the signature is known to exist if `proven`, else now.

    A withdrawal after a proven moment does not touch the signature, unless a key was compromised: then the date since
    when it was (invalidityDate) counts; without one, no moment is early enough.
    """
    of_each = [_of(path[i], path[i + 1], evidence, moment=moment, proven=proven) for i in range(len(path) - 1)]
    if Revocation.REVOKED in of_each:
        return Revocation.REVOKED
    return of_each[0] if of_each else Revocation.UNKNOWN


def _of(cert: Certificate, issuer: Certificate, evidence: Evidence, *, moment: datetime, proven: bool) -> Revocation:
    found = Revocation.UNKNOWN
    for listed in evidence.lists:
        if listed.issuer != issuer.subject or not _signed(listed, issuer) or _partial(listed):
            continue
        entry = listed.get_revoked_certificate_by_serial_number(cert.serial_number)
        if entry is not None:
            if not proven or _touches(entry, moment):
                return Revocation.REVOKED
        elif listed.last_update_utc <= moment and (listed.next_update_utc or moment) >= moment:
            found = Revocation.GOOD
    for single in _singles(cert, issuer, evidence.answers):
        if single.certificate_status is ocsp.OCSPCertStatus.REVOKED:
            since = single.revocation_time_utc
            compromised = single.revocation_reason in _RETROACTIVE
            if not proven or since is None or compromised or since <= moment:
                return Revocation.REVOKED
        elif (
            single.certificate_status is ocsp.OCSPCertStatus.GOOD
            and single.this_update_utc <= moment
            and (single.next_update_utc or moment) >= moment
        ):
            found = Revocation.GOOD
    return found


def _touches(entry: x509.RevokedCertificate, moment: datetime) -> bool:
    try:
        details = [extension.value for extension in entry.extensions]
    except ValueError:
        return True
    for detail in details:
        if isinstance(detail, x509.InvalidityDate):
            return detail.invalidity_date_utc <= moment
    compromised = any(isinstance(detail, x509.CRLReason) and detail.reason in _RETROACTIVE for detail in details)
    return compromised or entry.revocation_date_utc <= moment


def _partial(listed: CertificateRevocationList) -> bool:
    unknown = (x509.IssuingDistributionPoint, x509.DeltaCRLIndicator)
    return any(isinstance(extension.value, unknown) for extension in listed.extensions)


def _signed(listed: CertificateRevocationList, issuer: Certificate) -> bool:
    try:
        # the kinds of key an issuer can have; any other raises TypeError, which says nothing
        return listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except _UNREADABLE:
        return False


def _list(raw: bytes) -> CertificateRevocationList | None:
    try:
        listed = x509.load_der_x509_crl(raw)
        _ = (listed.issuer, listed.extensions)
    except _UNREADABLE:
        return None
    return listed


def _answer(raw: bytes) -> ocsp.OCSPResponse | None:
    try:
        answer = ocsp.load_der_ocsp_response(raw)
    except _UNREADABLE:
        return None
    return answer if answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL else None


def _singles(
    cert: Certificate, issuer: Certificate, answers: Sequence[ocsp.OCSPResponse]
) -> Iterator[ocsp.OCSPSingleResponse]:
    for answer in answers:
        try:
            if not _answered_for(answer, issuer):
                continue
            for single in answer.responses:
                request = ocsp.OCSPRequestBuilder().add_certificate(cert, issuer, single.hash_algorithm).build()
                if (
                    single.serial_number == cert.serial_number
                    and single.issuer_key_hash == request.issuer_key_hash
                    and single.issuer_name_hash == request.issuer_name_hash
                ):
                    yield single
        except _UNREADABLE:
            continue


def _answered_for(answer: ocsp.OCSPResponse, issuer: Certificate) -> bool:
    """Signed by the authority itself, or under a certificate it issued for exactly this, while that one was valid
    (RFC 6960 section 4.2.2.2)."""
    if _verifies(answer, issuer):
        return True
    for delegate in answer.certificates[:4]:
        try:
            delegate.verify_directly_issued_by(issuer)
            usage = delegate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (*_UNREADABLE, x509.ExtensionNotFound):
            continue
        in_time = delegate.not_valid_before_utc <= answer.produced_at_utc <= delegate.not_valid_after_utc
        if in_time and x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING in usage and _verifies(answer, delegate):
            return True
    return False


def _verifies(answer: ocsp.OCSPResponse, by: Certificate) -> bool:
    key, algorithm = by.public_key(), answer.signature_hash_algorithm
    if algorithm is not None and algorithm.name in {"md5", "sha1"}:
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(algorithm))
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes)
        else:
            return False
    except InvalidSignature:
        return False
    return True
