"""Content-Digest (RFC 9530): one sha-256 of the body's bytes.

Rule of this file: exactly one member, `sha-256=:<base64>:`. A second member would leave open which of them was signed.
"""

import hmac
import re
from hashlib import sha256

from signing.encoding import base64_standard, from_base64_standard
from signing.errors import DigestMalformed, EncodingMalformed

_ONE_MEMBER = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


def content_digest(body: bytes) -> str:
    """The header value for a body: `sha-256=:...:`."""
    return f"sha-256=:{base64_standard(sha256(body).digest())}:"


def parse(value: str) -> bytes:
    """The 32 bytes in a header value. Raises `DigestMalformed` when it is anything but one sha-256 member."""
    member = _ONE_MEMBER.fullmatch(value)
    if member is None:
        raise DigestMalformed("a Content-Digest has exactly one member, sha-256")
    try:
        return from_base64_standard(member[1])
    except EncodingMalformed:
        raise DigestMalformed("the sha-256 of a Content-Digest is not base64") from None


def matches(value: str, body: bytes) -> bool:
    """True when the header value is well-formed and the digest of this body."""
    try:
        return hmac.compare_digest(parse(value), sha256(body).digest())
    except DigestMalformed:
        return False
