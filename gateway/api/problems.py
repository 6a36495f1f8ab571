"""THE table from error codes to HTTP: status, title, whose fault, what to do. The catalogue page prints it.

Rule of this file: text for the outside world comes from here or from a refusal's own detail, never from an exception.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.errors import Code, Refusal
from gateway.wire import answers


@dataclass(frozen=True, slots=True)
class Spec:
    """How one code looks on the wire.

    `fault`: caller, source or gateway. `retry_after`: seconds, where trying again helps.
    """

    status: int
    title: str
    fault: str
    advice: str
    retry_after: int | None = None


def _caller(status: int, title: str, advice: str) -> Spec:
    return Spec(status, title, "caller", advice)


TABLE: Mapping[Code, Spec] = {
    Code.AUTHORIZATION_MISSING: _caller(
        401, "No signed token", "Send `Authorization: Bearer <JWS>` with a token made for this one call."
    ),
    Code.TOKEN_MALFORMED: _caller(
        401,
        "The token is not a compact JWS",
        "Three base64url parts, strict JSON, none of crit, jwk, jku, x5u, x5c, b64.",
    ),
    Code.TOKEN_TYPE_WRONG: _caller(401, "Wrong token type", "Set the header parameter `typ` to gateway-request+jwt."),
    Code.ALGORITHM_NOT_ALLOWED: _caller(
        401, "Algorithm not allowed", "Use the algorithm your key is registered for: EdDSA, ES256 or PS256."
    ),
    Code.KEY_UNKNOWN: _caller(401, "Unknown key", "Set `kid` to a key id registered with this gateway."),
    Code.KEY_NOT_YOURS: _caller(
        401, "The key belongs to another agency", "Set `iss` to the agency the key is registered to."
    ),
    Code.KEY_NOT_YET_VALID: _caller(401, "The key is not valid yet", "Sign with a key that is valid now."),
    Code.KEY_EXPIRED: _caller(401, "The key has expired", "Register a new key and sign with it."),
    Code.KEY_REVOKED: _caller(401, "The key was revoked", "Sign with another registered key."),
    Code.SIGNATURE_INVALID: _caller(
        401,
        "The signature does not verify",
        "Sign the ASCII bytes of `header.payload` with the private key of this `kid`. "
        "ES256 signatures are 64 raw bytes, not DER.",
    ),
    Code.CLAIM_MISSING: _caller(401, "A claim is missing", "Add the claims named in the detail."),
    Code.CLAIM_INVALID: _caller(401, "A claim is malformed", "Mend the claims named in the detail."),
    Code.AUDIENCE_WRONG: _caller(401, "The token is for someone else", "Set `aud` to this gateway's identifier."),
    Code.TOKEN_EXPIRED: _caller(401, "The token has expired", "Sign every call anew and keep your clock right (NTP)."),
    Code.TOKEN_NOT_YET_VALID: _caller(401, "The token is from the future", "Keep your clock right (NTP)."),
    Code.TOKEN_LIFETIME_TOO_LONG: _caller(401, "The token lives too long", "`exp` - `iat` is 120 seconds at most."),
    Code.METHOD_MISMATCH: _caller(401, "Signed for another method", "Set `htm` to the method you send."),
    Code.TARGET_MISMATCH: _caller(
        401, "Signed for another address", "Set `htu` to the public URL you call, without query."
    ),
    Code.DIGEST_MISSING: _caller(
        401, "The body is not covered", "Send Content-Digest (RFC 9530, sha-256) and repeat it in the claim `digest`."
    ),
    Code.DIGEST_MISMATCH: _caller(
        401,
        "Another body was signed",
        "Compute the digest over exactly the bytes you send; header and claim are equal.",
    ),
    Code.REQUEST_REPLAYED: _caller(
        401, "This token was used before", "Make a new token with a new `jti` for each call."
    ),
    Code.PORTAL_SUSPENDED: _caller(401, "The portal is suspended", "Ask the gateway's operator."),
    Code.BODY_MALFORMED: _caller(400, "The body is not the JSON expected", "Mend what `errors` points at."),
    Code.FIELD_UNKNOWN: _caller(400, "Unknown member", "Remove or rename what `errors` points at."),
    Code.VALUE_INVALID: _caller(400, "A value is not valid", "Mend what `errors` points at."),
    Code.QUERY_NOT_ALLOWED: _caller(
        400, "No query string", "Send parameters in the body: addresses are written to access logs."
    ),
    Code.PROCEDURE_UNKNOWN: _caller(403, "Unknown procedure", "GET /v1/procedures lists the ones you may use."),
    Code.PROCEDURE_NOT_GRANTED: _caller(
        403, "The portal may not use this procedure", "GET /v1/procedures lists the ones you may use."
    ),
    Code.FIELD_NOT_GRANTED: _caller(403, "A field is not granted", "Ask only for fields the procedure's grant names."),
    Code.BASIS_NOT_ACCEPTED: _caller(
        403, "The legal basis is not accepted", "Use a basis the portal is registered for."
    ),
    Code.OPERATION_NOT_GRANTED: _caller(403, "The portal may not make this call", "Ask the gateway's operator."),
    Code.NOT_FOUND: _caller(404, "No such address", "The calls are listed at /docs."),
    Code.METHOD_NOT_ALLOWED: _caller(405, "Wrong method", "The calls are listed at /docs."),
    Code.BODY_TOO_LARGE: _caller(413, "The body is too large", "Send less in one call."),
    Code.CONTENT_TYPE_WRONG: _caller(415, "Wrong content type", "Send `Content-Type: application/json`, uncompressed."),
    Code.RATE_LIMITED: Spec(429, "Too many calls", "caller", "Wait as Retry-After says, then go on more slowly.", 1),
    Code.QUOTA_EXHAUSTED: Spec(429, "The day's quota is used up", "caller", "It is renewed at midnight UTC.", 3600),
    Code.SOURCE_REFUSED: Spec(
        502,
        "A registry refused the gateway",
        "source",
        "The operator must mend the gateway's access. It is not your call.",
        300,
    ),
    Code.SOURCE_GARBLED: Spec(
        502, "A registry answered nonsense", "source", "Nothing of the answer could be trusted. Try again later.", 30
    ),
    Code.SOURCE_UNAVAILABLE: Spec(503, "A registry does not answer", "source", "Try again as Retry-After says.", 30),
    Code.SOURCE_TIMED_OUT: Spec(504, "A registry took too long", "source", "Try again as Retry-After says.", 10),
    Code.OVERLOADED: Spec(503, "The gateway is busy", "gateway", "Try again as Retry-After says.", 1),
    Code.LOG_UNAVAILABLE: Spec(
        503, "The access log cannot be written", "gateway", "Without the log no data leaves. Try again later.", 5
    ),
    Code.DRAINING: Spec(503, "This gateway is stopping", "gateway", "Try again: another one answers.", 1),
    Code.INTERNAL: Spec(500, "A defect of the gateway", "gateway", "Tell the operator the `instance` of this answer."),
}


def spec(code: Code) -> Spec:
    """The row of a code."""
    return TABLE[code]


def body(refusal: Refusal, *, base_url: str, instance: str) -> bytes:
    """The problem+json of a refusal. `type` resolves to the catalogue entry at `/problems/<code>`."""
    row = TABLE[refusal.code]
    return answers.dump(
        answers.problem(
            refusal,
            type_uri=f"{base_url}/problems/{refusal.code.value}",
            title=row.title,
            status=row.status,
            fault=row.fault,
            detail=refusal.detail or row.advice,
            instance=instance,
        )
    )


def printed(refusal: Refusal, base_url: str, instance: str) -> tuple[int, bytes, Mapping[str, str]]:
    """Status, body and headers of a refusal."""
    return spec(refusal.code).status, body(refusal, base_url=base_url, instance=instance), headers(refusal)


def headers(refusal: Refusal) -> Mapping[str, str]:
    """Retry-After where trying again helps, WWW-Authenticate with 401 (RFC 9110 section 11.6.1)."""
    row = TABLE[refusal.code]
    wait = refusal.retry_after or row.retry_after
    said = {"retry-after": str(wait)} if wait else {}
    return {**said, "www-authenticate": "Bearer"} if row.status == 401 else said
