"""RFC 3161 time-stamps: when a signature is known to have existed, by an authority the operator trusts."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from asn1crypto import cms, core
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data

from signing.documents import chain
from signing.documents.report import FlawError, Revocation
from signing.documents.revocation import Evidence, of_path
from signing.documents.trust import TrustAnchors

Imprint = Callable[[str], bytes]  # the digest of what is stamped, by the name of its algorithm
_DIGESTS = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
# what pyHanko and asn1crypto raise for bytes that are not what they claim to be (checked by mutating signed papers)
MALFORMED = (
    ValueError,  # with UnicodeError, binascii.Error and pyHanko's SignatureValidationError
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
    InvalidSignature,
    UnsupportedAlgorithm,
)


def vouched(
    token: bytes | cms.SignedData,
    imprint: Imprint,
    trust: TrustAnchors,
    *,
    at: datetime,
    evidence: Evidence,
) -> datetime | None:
    """When the token was made, if it is intact, fits `imprint`, and is trusted at `at`.

    None otherwise: a time-stamp that does not count is as good as none.
    """
    try:
        signed = _signed_data(token) if isinstance(token, bytes) else token
        found = extract_certificate_info(signed)
        others = chain.loaded([each.dump() for each in found.other_certs])
        bearer = chain.Chain(chain.load(found.signer_cert.dump()), others)
        status = asyncio.run(validate_tst_signed_data(signed, chain.context(bearer, trust, moment=at), imprint))
        stamped: datetime = status["timestamp"]
        path = status["validation_path"]
        counts = status["intact"] and status["valid"] and status["trust_problem_indic"] is None and path is not None
        if not counts or stamped > at or chain.weak(bearer.leaf):
            return None
        withdrawn = of_path(chain.from_path(path), evidence.also(trust.revocation_lists), moment=stamped, proven=False)
    except (*MALFORMED, FlawError):
        return None
    return None if withdrawn is Revocation.REVOKED else stamped


def strong(name: str) -> str:
    """The name of a digest algorithm that may stand in a time-stamp. Raises KeyError for any other."""
    return _DIGESTS[name].name


def digest(name: str, value: bytes) -> bytes:
    """Of `value`. Raises KeyError for an algorithm that may not stand in a time-stamp."""
    hasher = hashes.Hash(_DIGESTS[name])
    hasher.update(value)
    return hasher.finalize()


def _signed_data(token: bytes) -> cms.SignedData:
    message = cms.ContentInfo.load(token)
    if message["content_type"].native != "signed_data" or isinstance(message["content"], core.Void):
        raise ValueError("not signed data")
    return message["content"]
