"""WS-Security 1.1 with X.509 certificates: sign a request, verify an answer.

Rule of this file: what `verify` returns was rebuilt from the very bytes the signature covers; nothing else of a
message is ever read as data. signxml finds a signed element by its id wherever it stands, so a valid signature proves
nothing about position: the checks numbered in `verify` do, before the cryptography and after it.
"""

import logging
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from adapters.contract import AdapterError, Fault
from adapters.tax import layout, names
from adapters.tax.keys import Certified, Identity

# signxml prints every canonical form, thus the whole body, at DEBUG
logging.getLogger("signxml").setLevel(logging.INFO)

LIFETIME = timedelta(minutes=5)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)


class Flaw(StrEnum):
    """What is wrong with the signature of an answer: reasons of `AdapterError(GARBLED)`."""

    MISSING = "signature_missing"  # no Security header or no signature at all
    WRAPPED = "signature_wrapped"  # not exactly the layout of the profile: something is doubled, moved or uncovered
    ALGORITHM = "signature_algorithm"  # another algorithm or transform than the pinned ones
    INVALID = "signature_invalid"  # a digest or the signature value does not fit
    CERTIFICATE_WRONG = "certificate_wrong"  # not the pinned certificate
    CERTIFICATE_EXPIRED = "certificate_expired"  # the pinned certificate is not valid now
    TIMESTAMP_MISSING = "timestamp_missing"
    TIMESTAMP_MALFORMED = "timestamp_malformed"  # not UTC instants, out of order, or longer than five minutes
    TIMESTAMP_STALE = "timestamp_stale"  # expired, or made more than five minutes ago
    TIMESTAMP_EARLY = "timestamp_early"  # made in the future


@dataclass(frozen=True, slots=True)
class VerifiedBody:
    """The single element inside the Body, parsed from the signed bytes, and when the answer was signed."""

    payload: etree._Element = field(repr=False)
    created: datetime


def sign(envelope: etree._Element, identity: Identity, *, at: datetime) -> bytes:
    """The message with a Security header over its Body and a Timestamp of five minutes from `at` (aware).

    `envelope` is left as it was. Raises `AdapterError(REFUSED, own_certificate_expired)` when the gateway's
    certificate is not valid at `at`. Source: WS-Security 1.1 section 8, X.509 token profile 1.1 section 3.
    """
    if not identity.certified.covers(at):
        raise AdapterError(Fault.REFUSED, "own_certificate_expired")
    message, security = layout.prepared(envelope, identity.certified.token, created=at, expires=at + LIFETIME)
    signer = XMLSigner(
        method=SignatureConstructionMethod.detached,
        signature_algorithm=identity.certified.method,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signature = signer.sign(
        message,
        key=identity.key,
        key_info=layout.key_info(),
        reference_uri=[f"#{layout.BODY_ID}", f"#{layout.TIMESTAMP_ID}"],
        id_attribute="Id",
    )
    security.append(signature)
    return etree.tostring(message, encoding="UTF-8", xml_declaration=True)


def verify(envelope: etree._Element, pinned: Certified, *, at: datetime, tolerance: timedelta) -> VerifiedBody:
    """The verified content of an answer. `envelope` comes from the hardened parser; `tolerance`: between the clocks.

    1. one Envelope with one Header and one Body, one Security header with one token, one Timestamp, one Signature
    2. no id twice, whatever its namespace
    3. the token is the pinned certificate, valid at `at`
    4. the signature names the pinned algorithms and exactly the Body and the Timestamp, with no other transform
    5. digests and signature value fit, computed with the pinned key
    6. the elements the verifier rebuilt are the Body and the Timestamp
    7. the Timestamp is well-formed, fresh and at most five minutes long

    Does not check that the answer belongs to the request: the caller compares the request id inside the payload.
    Raises `AdapterError(GARBLED, <Flaw>)`.
    """
    parts = _parts(envelope)  # 1
    if layout.doubled_ids(envelope):  # 2
        raise _flaw(Flaw.WRAPPED)
    if not layout.is_token(parts.token, pinned.token):  # 3
        raise _flaw(Flaw.CERTIFICATE_WRONG)
    if not pinned.covers(at):
        raise _flaw(Flaw.CERTIFICATE_EXPIRED)
    if not layout.algorithms_pinned(parts.signature, pinned.method.value):  # 4
        raise _flaw(Flaw.ALGORITHM)
    uris = [f"#{parts.body.get(names.ID)}", f"#{parts.timestamp.get(names.ID)}"]
    order = layout.reference_uris(parts.signature)
    unnamed = None in (parts.body.get(names.ID), parts.timestamp.get(names.ID), parts.token.get(names.ID))
    if unnamed or sorted(order) != sorted(uris) or not layout.names_token(parts.signature, parts.token):
        raise _flaw(Flaw.WRAPPED)
    if not layout.is_canonical_base64(parts.signature):
        raise _flaw(Flaw.INVALID)
    signed = dict(zip(order, _signed(envelope, pinned, at=at), strict=True))  # 5
    body, timestamp = signed[uris[0]], signed[uris[1]]
    if body.tag != names.BODY or timestamp.tag != names.TIMESTAMP or len(body) != 1:  # 6
        raise _flaw(Flaw.WRAPPED)
    return VerifiedBody(body[0], _fresh(timestamp, at=at, tolerance=tolerance))  # 7


@dataclass(frozen=True, slots=True)
class _Parts:
    body: etree._Element
    token: etree._Element
    timestamp: etree._Element
    signature: etree._Element


def _parts(envelope: etree._Element) -> _Parts:
    if not (layout.anywhere(envelope, names.SECURITY) and layout.anywhere(envelope, names.SIGNATURE)):
        raise _flaw(Flaw.MISSING)
    if not layout.anywhere(envelope, names.TIMESTAMP):
        raise _flaw(Flaw.TIMESTAMP_MISSING)
    alone = (names.HEADER, names.BODY, names.SECURITY, names.TOKEN, names.TIMESTAMP, names.SIGNATURE)
    top = [child.tag for child in envelope]
    if (
        envelope.tag != names.ENVELOPE
        or top != [names.HEADER, names.BODY]
        or any(len(layout.anywhere(envelope, tag)) != 1 for tag in alone)
    ):
        raise _flaw(Flaw.WRAPPED)
    header, body = envelope
    if [child.tag for child in header] != [names.SECURITY]:
        raise _flaw(Flaw.WRAPPED)
    children = {child.tag: child for child in header[0]}
    if children.keys() != {names.TOKEN, names.TIMESTAMP, names.SIGNATURE}:
        raise _flaw(Flaw.WRAPPED)
    return _Parts(body, children[names.TOKEN], children[names.TIMESTAMP], children[names.SIGNATURE])


def _signed(envelope: etree._Element, pinned: Certified, *, at: datetime) -> list[etree._Element]:
    expected = SignatureConfiguration(
        location=".//",
        expect_references=2,
        signature_methods=frozenset({pinned.method}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        verification_time=at,
    )
    try:
        results = XMLVerifier().verify(
            envelope, x509_cert=pinned.certificate, expect_config=expected, id_attribute="Id"
        )
    except (SignXMLException, ValueError, etree.LxmlError):
        # `from None`: the library quotes digests and pieces of the document
        raise _flaw(Flaw.INVALID) from None
    if not isinstance(results, list):
        raise _flaw(Flaw.INVALID)
    rebuilt = [result.signed_xml for result in results if result.signed_xml is not None]
    if len(rebuilt) != len(results):
        raise _flaw(Flaw.INVALID)
    return rebuilt


def _fresh(timestamp: etree._Element, *, at: datetime, tolerance: timedelta) -> datetime:
    texts = [child.text or "" for child in timestamp]
    if [child.tag for child in timestamp] != [names.CREATED, names.EXPIRES]:
        raise _flaw(Flaw.TIMESTAMP_MALFORMED)
    if not all(_INSTANT.fullmatch(text) for text in texts):
        raise _flaw(Flaw.TIMESTAMP_MALFORMED)
    try:
        created, expires = (datetime.fromisoformat(text) for text in texts)
    except ValueError:
        raise _flaw(Flaw.TIMESTAMP_MALFORMED) from None
    if not created < expires <= created + LIFETIME:
        raise _flaw(Flaw.TIMESTAMP_MALFORMED)
    if created > at + tolerance:
        raise _flaw(Flaw.TIMESTAMP_EARLY)
    if expires + tolerance <= at:
        raise _flaw(Flaw.TIMESTAMP_STALE)
    return created


def _flaw(flaw: Flaw) -> AdapterError:
    return AdapterError(Fault.GARBLED, flaw.value)
