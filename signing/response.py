"""Response tokens: the gateway's signature over one answer (public contract, section 3).

It binds together the answer (status and body), the question (hash of the request token) and the log entry that
recorded them, so that body and header can be kept as proof.

The checks of `verify_response`, in order. Each failure has its own reason, and the first one ends it.

     1  a compact JWS, strict JSON, header exactly alg, kid, typ    token_malformed
     2  `typ` is gateway-response+jwt                               token_type_wrong
     3  `kid` is one of the gateway's keys                          key_unknown
     4  `alg` is that key's                                         algorithm_not_allowed
     5  the signature                                               signature_invalid
     6  the claims are there and well-formed                        claim_missing, claim_invalid
     7  `iss` is the gateway asked                                  issuer_wrong
     8  `aud` is the caller                                         audience_wrong
     9  `req` is the question sent                                  request_mismatch
    10  `status` is the status received                             status_mismatch
    11  `digest` and Content-Digest are those of the body received  digest_missing, digest_mismatch
    12  a log entry where the contract demands one                  entry_missing
    13  `line` is the line of the stream, absent outside of one     line_mismatch
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from signing import algorithms, jws
from signing.digest import content_digest as digest_of
from signing.digest import matches
from signing.encoding import base64url, from_base64_standard, json_bytes
from signing.errors import AnswerRefused, ClaimUnfit, EncodingMalformed, SigningError
from signing.jwk import KeySet
from signing.keys import Signer

TYPE = "gateway-response+jwt"
"""The header parameter `typ`."""

HEADER = "Gateway-Signature"
"""The HTTP header that carries the token."""

CHECKS: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (1, "token form", ("token_malformed",)),
    (2, "typ", ("token_type_wrong",)),
    (3, "kid", ("key_unknown",)),
    (4, "alg is the key's", ("algorithm_not_allowed",)),
    (5, "signature", ("signature_invalid",)),
    (6, "claims", ("claim_missing", "claim_invalid")),
    (7, "iss", ("issuer_wrong",)),
    (8, "aud", ("audience_wrong",)),
    (9, "req", ("request_mismatch",)),
    (10, "status", ("status_mismatch",)),
    (11, "digest", ("digest_missing", "digest_mismatch")),
    (12, "entry", ("entry_missing",)),
    (13, "line", ("line_mismatch",)),
)
"""The list above as a value: number, name, reasons."""

_FIRST_ERROR = 400


def response_token(
    signer: Signer,
    *,
    iss: str,
    aud: str | None,
    req: str | None,
    status: int,
    body: bytes,
    entry: Mapping[str, Any] | None,
    at: datetime,
    jti: str,
    salt: bytes | None = None,
    line: int | None = None,
) -> str:
    """The token for one answer. `aud` None: the caller is unknown; `req` None: there was no request token.

    `entry` is `{"log", "index", "leaf", "checkpoint"}`, None when nothing was recorded; `salt` opens the commitments of
    that entry (`signing.commitments`), None where it holds none. `line`: which part of a
    stream `body` is, None for a whole answer. Raises `ClaimUnfit` for a time without a zone,
    `TokenMalformed` when the result would be too long to read.
    """
    if at.tzinfo is None:
        raise ClaimUnfit("the time of a token carries its zone")
    claims = {
        "iss": iss,
        **({"aud": aud} if aud is not None else {}),
        "iat": int(at.timestamp()),
        "jti": jti,
        "req": req,
        "status": status,
        "digest": digest_of(body),
        **({"entry": dict(entry)} if entry is not None else {}),
        **({"salt": base64url(salt)} if salt is not None else {}),
        **({"line": line} if line is not None else {}),
    }
    return jws.encode({"typ": TYPE}, json_bytes(claims), signer)


def verify_response(
    token: str,
    *,
    keys: KeySet,
    iss: str,
    aud: str | None,
    req: str | None,
    status: int,
    body: bytes,
    content_digest: str | None,
    line: int | None = None,
) -> Mapping[str, Any]:
    """The claims of an answer that is proved to be the gateway's answer to this very call.

    `keys` and `iss` are the gateway's; `aud` is the caller's agency code in canonical form; `req` the hash of the token
    sent; `status`, `body` and `content_digest` as received; `line` which part of a stream `body` is, None for a whole
    answer. An error may lack `aud` and `entry`: a gateway that could not tell who called says so. Does not verify the
    checkpoint in `entry` (`signing.notes` does).

    Raises `AnswerRefused`, its `reason` as in the list above.
    """
    claims = signed_claims(token, keys)
    failed = status >= _FIRST_ERROR
    # (7) the issuer
    if claims["iss"] != iss:
        raise AnswerRefused("issuer_wrong", "another gateway signed the answer")
    # (8) the audience
    if claims.get("aud") != aud and not (failed and "aud" not in claims):
        raise AnswerRefused("audience_wrong", "the answer is meant for another caller")
    # (9) the request
    if claims["req"] != req:
        raise AnswerRefused("request_mismatch", "the answer belongs to another question")
    # (10) the status
    if claims["status"] != status:
        raise AnswerRefused("status_mismatch", "the HTTP status is not the signed one")
    # (11) the digest
    if content_digest is None:
        raise AnswerRefused("digest_missing", "the answer has no Content-Digest")
    if content_digest != claims["digest"] or not matches(content_digest, body):
        raise AnswerRefused("digest_mismatch", "the body is not the signed one")
    # (12) the log entry
    if aud is not None and not failed and "entry" not in claims:
        raise AnswerRefused("entry_missing", "the answer names no log entry")
    # (13) the line
    if claims.get("line") != line:
        raise AnswerRefused("line_mismatch", "the answer is another part of a stream, or a part and not a whole")
    return claims


def signed_claims(token: str, keys: KeySet) -> Mapping[str, Any]:
    """Checks 1 to 6: the claims a gateway signed, not yet held against any answer. Raises `AnswerRefused`."""
    # (1) the form
    try:
        parsed = jws.parse(token)
        claims = parsed.claims()
    except SigningError:
        raise AnswerRefused("token_malformed", "the signature header is not a compact JWS") from None
    if parsed.header.keys() != {"alg", "kid", "typ"} or not all(isinstance(v, str) for v in parsed.header.values()):
        raise AnswerRefused("token_malformed", "the signature's header is not exactly alg, kid and typ")
    # (2) the type
    if parsed.header["typ"] != TYPE:
        raise AnswerRefused("token_type_wrong", "the signature is not one over an answer")
    # (3) the key
    found = keys.get(parsed.header["kid"])
    if found is None:
        raise AnswerRefused("key_unknown", "the signing key is none of the gateway's")
    # (4) the algorithm
    alg, key = found
    if not algorithms.same(parsed.header["alg"], alg):
        raise AnswerRefused("algorithm_not_allowed", "the signing key is pinned to another algorithm")
    # (5) the signature
    try:
        jws.verify(parsed, key, alg)
    except SigningError:
        raise AnswerRefused("signature_invalid", "the signature is wrong") from None
    # (6) the claims
    for name, fits in _RULES.items():
        if name not in claims:
            if name not in _OPTIONAL:
                raise AnswerRefused("claim_missing", f"the claim {name} is missing")
        elif not fits(claims[name]):
            raise AnswerRefused("claim_invalid", f"the claim {name} is malformed")
    return claims


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _entry(value: Any) -> bool:
    if not isinstance(value, Mapping) or value.keys() != {"log", "index", "leaf", "checkpoint"}:
        return False
    return _text(value["log"]) and _number(value["index"]) and _leaf(value["leaf"]) and _text(value["checkpoint"])


def _leaf(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(from_base64_standard(value)) == 32
    except EncodingMalformed:
        return False


_OPTIONAL = frozenset({"aud", "entry", "salt", "line"})
_RULES: Mapping[str, Callable[[Any], bool]] = {
    "iss": _text,
    "aud": _text,
    "iat": _number,
    "jti": _text,
    "req": lambda value: value is None or _text(value),
    "status": _number,
    "digest": _text,
    "entry": _entry,
    "salt": _text,
    "line": _number,
}
