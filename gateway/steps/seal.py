"""Step 9: the signature over an answer. It binds status, body, question and log entry together (contract section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signing import digest, response
from signing.keys import Signer


@dataclass(frozen=True, slots=True)
class Sealed:
    """An answer ready to leave: headers include Content-Type, Content-Digest and Gateway-Signature."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def seal(
    *,
    signer: Signer,
    issuer: str,
    audience: str | None,
    req: str | None,
    status: int,
    body: bytes,
    content_type: str,
    entry: Mapping[str, Any] | None,
    at: datetime,
    jti: str,
    headers: Mapping[str, str],
    salt: bytes | None = None,
    line: int | None = None,
) -> Sealed:
    """The sealed answer. `audience` is None when the caller is unknown, `entry` when nothing could be attributed.

    `salt`: of the entry's commitments, None where it has none. `line`: which part of a stream `body` is.
    """
    token = response.response_token(
        signer,
        iss=issuer,
        aud=audience,
        req=req,
        status=status,
        body=body,
        entry=entry,
        at=at,
        jti=jti,
        salt=salt,
        line=line,
    )
    return Sealed(
        status,
        body,
        {
            "content-type": content_type,
            "content-digest": digest.content_digest(body),
            "gateway-signature": token,
            "cache-control": "no-store",
            **headers,
        },
    )
