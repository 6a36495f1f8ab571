"""Request tokens: one signed statement for one call (public contract, section 2).

Rule of this file: a token says all that the call is: who, to whom, when, which method and address, which body, why.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from signing import jws
from signing.digest import content_digest
from signing.encoding import base64url, json_bytes
from signing.errors import ClaimUnfit
from signing.keys import Signer

TYPE = "gateway-request+jwt"
"""The header parameter `typ`."""

MAX_LIFETIME = timedelta(seconds=120)
LIFETIME = timedelta(seconds=60)
NONCE_BYTES = 16

JTI = re.compile(r"[A-Za-z0-9._-]{16,64}")


def request_token(
    signer: Signer,
    *,
    iss: str,
    aud: str,
    method: str,
    url: str,
    body: bytes | None,
    purpose: Mapping[str, str],
    at: datetime,
    jti: str,
    lifetime: timedelta = LIFETIME,
) -> tuple[str, str | None]:
    """The token for one call, and the value of its Content-Digest header (None without a body).

    `url` is the absolute URI without query; `at` is aware; `jti` is new for every call. An empty body is no body. The
    values in `purpose` are the gateway's to judge. Raises `ClaimUnfit` for what can never be accepted: a query or
    fragment in the address, a lifetime above 120 s, a `jti` out of form, a time without a zone.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or "?" in url or "#" in url:
        raise ClaimUnfit("a signed call goes to an absolute address without query and fragment")
    if not timedelta(seconds=1) <= lifetime <= MAX_LIFETIME:
        raise ClaimUnfit("a token lives 1 to 120 seconds")
    if JTI.fullmatch(jti) is None:
        raise ClaimUnfit("a jti is 16 to 64 characters of A-Z a-z 0-9 . _ -")
    if at.tzinfo is None:
        raise ClaimUnfit("the time of a token carries its zone")
    issued = int(at.timestamp())
    digest = content_digest(body) if body else None
    claims = {
        "iss": iss,
        "aud": aud,
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "jti": jti,
        "htm": method,
        "htu": url,
        **({"digest": digest} if digest else {}),
        "purpose": dict(purpose),
    }
    return jws.encode({"typ": TYPE}, json_bytes(claims), signer), digest


def nonce(random: bytes) -> str:
    """A `jti` out of random bytes. Raises `ClaimUnfit` for fewer than 16."""
    if len(random) < NONCE_BYTES:
        raise ClaimUnfit("a nonce needs 16 random bytes")
    return base64url(random)


def token_hash(token: str) -> str:
    """base64url(SHA-256) of a token as it was sent: `req` of the answer, and the log's name for the call."""
    return base64url(sha256(token.encode("utf-8", "surrogateescape")).digest())
