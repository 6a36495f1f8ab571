"""What a paper carries to be judged by later: OCSP answers and time-stamps."""

import asyncio
import base64
import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from lxml import etree
from pyhanko.sign import timestamps

from tests.signing.documents.pki import DAY, NOW, SIGNED, Party, asn1, private_key

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_XADES = "{http://uri.etsi.org/01903/v1.3.2#}"


def ocsp_answer(
    about: Party,
    issuer: Party,
    *,
    by: Party | None = None,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    revoked_at: datetime | None = None,
    reason: x509.ReasonFlags | None = None,
    at: datetime = NOW - DAY,
) -> bytes:
    """What the issuer, or `by` in its name, says of a certificate, for the two days from `at`; DER."""
    signer = by or issuer
    builder = ocsp.OCSPResponseBuilder().add_response(
        about.certificate,
        issuer.certificate,
        hashes.SHA256(),
        status,
        at,
        at + 2 * DAY,
        revoked_at,
        reason,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
    if by is not None:
        builder = builder.certificates([by.certificate])
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def with_evidence(
    signed: bytes,
    *,
    answers: tuple[bytes, ...] = (),
    stamped_by: Party | None = None,
    stamped_at: datetime = SIGNED,
    about: bytes | None = None,
) -> bytes:
    """A XAdES paper with unsigned properties: OCSP answers, and a time-stamp over the signature's value, or `about`."""
    root = etree.fromstring(signed)
    qualifying = next(root.iter(f"{_XADES}QualifyingProperties"))
    value = next(root.iter(f"{_DS}SignatureValue"))
    unsigned = etree.SubElement(
        etree.SubElement(qualifying, f"{_XADES}UnsignedProperties"), f"{_XADES}UnsignedSignatureProperties"
    )
    if stamped_by is not None:
        imprint = hashlib.sha256(about or etree.tostring(value, method="c14n", with_tail=False)).digest()
        stamper = timestamps.DummyTimeStamper(
            tsa_cert=asn1(stamped_by), tsa_key=private_key(stamped_by), fixed_dt=stamped_at
        )
        token = asyncio.run(stamper.async_timestamp(imprint, "sha256"))
        stamp = etree.SubElement(unsigned, f"{_XADES}SignatureTimeStamp")
        etree.SubElement(stamp, f"{_XADES}EncapsulatedTimeStamp").text = base64.b64encode(token.dump()).decode()
    values = etree.SubElement(etree.SubElement(unsigned, f"{_XADES}RevocationValues"), f"{_XADES}OCSPValues")
    for each in answers:
        etree.SubElement(values, f"{_XADES}EncapsulatedOCSPValue").text = base64.b64encode(each).decode()
    return etree.tostring(root)
