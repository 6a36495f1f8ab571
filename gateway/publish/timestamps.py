"""Time-stamps over checkpoints (RFC 3161): the request, and the verification of what comes back.

What is stamped is the SHA-256 of the whole signed note of a checkpoint, as it is stored.

Rule of this file: pure but for the nonce, which rfc3161-client draws itself. A response is kept as it was received and
only after it was verified, so that `openssl ts -verify` and the note are enough to verify it again.
"""

from datetime import UTC

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from gateway.audit.entry import microseconds
from gateway.publish.exchange import Reply
from gateway.publish.state import EndpointFailed, Problem

REQUEST_TYPE = "application/timestamp-query"
REPLY_TYPE = "application/timestamp-reply"

_GRANTED = 0
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_UNREADABLE = (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


def request(note: str) -> TimeStampRequest:
    """A request over the SHA-256 of a note, with a nonce, asking for the authority's certificate."""
    return TimestampRequestBuilder().data(note.encode()).hash_algorithm(HashAlgorithm.SHA256).build()


def read(reply: Reply, asked: TimeStampRequest, note: str, roots: tuple[x509.Certificate, ...]) -> int:
    """The time a TimeStampResp states, in microseconds since 1970, once it is shown to be one for `asked` over `note`.

    Raises `EndpointFailed`: refused (an HTTP status or a PKIStatus that grants nothing), malformed, and untrusted for a
    token that was not made by a time-stamping certificate under `roots`, for this nonce and this hash.
    """
    if reply.status != 200:
        raise EndpointFailed(Problem.REFUSED)
    if reply.content_type != REPLY_TYPE:
        raise EndpointFailed(Problem.MALFORMED)
    try:
        response = decode_timestamp_response(reply.body)
    except _UNREADABLE:
        raise EndpointFailed(Problem.MALFORMED) from None
    if response.status != _GRANTED:
        raise EndpointFailed(Problem.REFUSED)
    try:
        return _verified(response, asked, note, roots)
    except (VerificationError, *_UNREADABLE):
        raise EndpointFailed(Problem.UNTRUSTED) from None


def _verified(
    response: TimeStampResponse, asked: TimeStampRequest, note: str, roots: tuple[x509.Certificate, ...]
) -> int:
    verifier = VerifierBuilder.from_request(asked)
    for root in dict.fromkeys(roots):  # the builder refuses one that is there twice
        verifier = verifier.add_root_certificate(root)
    if response.tst_info.message_imprint.hash_algorithm != _SHA256:
        raise VerificationError("another hash than the one that was asked for")
    verifier.build().verify_message(response, note.encode())
    return microseconds(response.tst_info.gen_time.astimezone(UTC))
