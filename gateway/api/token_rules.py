"""How a call and its answer are signed, as values the reference is printed from.

Rule of this file: it describes and decides nothing. What is checked stands in `gateway.steps.verify` and
`gateway.wire.claims`; tests hold the two against each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.errors import Code
from gateway.steps.verify import FORBIDDEN_HEADERS, MAX_LIFETIME, REQUEST_TYPE, TOLERANCE
from signing import response

MAX_SECONDS = int(MAX_LIFETIME.total_seconds())
TOLERANCE_SECONDS = int(TOLERANCE.total_seconds())


@dataclass(frozen=True, slots=True)
class Part:
    """One member of a token: `rule` says in a sentence part what it must be or what it tells."""

    name: str
    rule: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a request token. `number` and `name` as in answers of debug/verify; `codes` in the order met."""

    number: int
    name: str
    what: str
    codes: tuple[Code, ...]


HEADER: tuple[Part, ...] = (
    Part("alg", "EdDSA (Ed25519), ES256 or PS256: the one algorithm the key is registered for"),
    Part("kid", "the id your key is registered under"),
    Part("typ", REQUEST_TYPE),
)
FORBIDDEN: tuple[str, ...] = FORBIDDEN_HEADERS

CLAIMS: tuple[Part, ...] = (
    Part("iss", "your agency code, such as H14, H14.5 or 000.00.12.H14; the key must be registered to it"),
    Part("aud", "the identifier of this gateway, a single string"),
    Part("iat", "now, in seconds since 1970"),
    Part("exp", f"later than iat, by {MAX_SECONDS} seconds at most"),
    Part("jti", "16 to 64 characters of A-Z a-z 0-9 . _ -, new for every call"),
    Part("htm", "the method: POST or GET"),
    Part("htu", "the absolute address called: base URL and path, no query"),
    Part("digest", "exactly the value of the Content-Digest header; absent when there is no body"),
    Part("purpose", "an object, its members below"),
    Part("purpose.procedure", "the procedure the call is made for, such as 1.004222"),
    Part(
        "purpose.dossier", "the code of the dossier, 1 to 64 characters of A-Z a-z 0-9 . _ / -; never a personal number"
    ),
    Part("purpose.officer", "the id of the official in your portal, 1 to 128 characters"),
    Part("purpose.basis", "law or consent"),
    Part("purpose.consent", "reference of the consent; required when the basis is consent"),
)

CHECKS: tuple[Check, ...] = (
    Check(
        1,
        "authorization header",
        "There is one Authorization header with one Bearer token.",
        (Code.AUTHORIZATION_MISSING,),
    ),
    Check(
        2,
        "token form",
        "The token is a compact JWS of strict JSON, without the header parameters that are not allowed.",
        (Code.TOKEN_MALFORMED,),
    ),
    Check(3, "typ", f"typ is {REQUEST_TYPE}.", (Code.TOKEN_TYPE_WRONG,)),
    Check(4, "alg", "alg is an algorithm of the list.", (Code.ALGORITHM_NOT_ALLOWED,)),
    Check(5, "kid", "kid is registered.", (Code.KEY_UNKNOWN,)),
    Check(6, "alg is the key's", "alg is the one the key is registered for.", (Code.ALGORITHM_NOT_ALLOWED,)),
    Check(7, "key validity", "The key is valid now.", (Code.KEY_NOT_YET_VALID, Code.KEY_REVOKED, Code.KEY_EXPIRED)),
    Check(8, "signature", "The signature verifies.", (Code.SIGNATURE_INVALID,)),
    Check(9, "iss owns the key", "iss owns the key and is not suspended.", (Code.KEY_NOT_YOURS, Code.PORTAL_SUSPENDED)),
    Check(10, "claims present", "Every claim is there.", (Code.CLAIM_MISSING,)),
    Check(11, "claims well-formed", "Every claim is well-formed.", (Code.CLAIM_INVALID,)),
    Check(12, "aud", "aud is this gateway.", (Code.AUDIENCE_WRONG,)),
    Check(
        13,
        "times",
        f"The times fit the gateway's clock, within {TOLERANCE_SECONDS} seconds.",
        (Code.TOKEN_LIFETIME_TOO_LONG, Code.TOKEN_NOT_YET_VALID, Code.TOKEN_EXPIRED),
    ),
    Check(14, "htm", "htm is the method used.", (Code.METHOD_MISMATCH,)),
    Check(15, "htu", "htu is the address used.", (Code.TARGET_MISMATCH,)),
    Check(16, "digest", "The body is the one that was signed.", (Code.DIGEST_MISSING, Code.DIGEST_MISMATCH)),
    Check(17, "used once", "The token was not used before.", (Code.REQUEST_REPLAYED,)),
)

ANSWER_HEADER: tuple[Part, ...] = (
    Part("alg", "the algorithm of the gateway's key"),
    Part("kid", "the key's id in /.well-known/jwks.json"),
    Part("typ", response.TYPE),
)
ANSWER_CLAIMS: tuple[Part, ...] = (
    Part("iss", "the gateway: what you write into aud"),
    Part("aud", "your agency code as you wrote it in iss; absent where the caller is not known"),
    Part("iat", "when the answer was signed, in seconds since 1970"),
    Part("jti", "identifier of the answer"),
    Part("req", "base64url(SHA-256(your token)), or null when you sent none"),
    Part("status", "the HTTP status"),
    Part("digest", "the Content-Digest of the answer"),
    Part(
        "entry",
        "the entry of the access log that recorded the answer: log, index, leaf hash and signed checkpoint; absent "
        "where nothing could be attributed to a registered key",
    ),
    Part("line", "in the answer to a batch: which line of it this is, 0 the one that opens it; else absent"),
)


def markdown(parts: Iterable[Part], heading: str) -> str:
    """The parts as a CommonMark table, for descriptions in the OpenAPI document."""
    rows = "".join(f"| `{part.name}` | {part.rule} |\n" for part in parts)
    return f"| {heading} | rule |\n|---|---|\n{rows}"


def security_text(audience: str) -> str:
    """The security scheme in words (CommonMark)."""
    return (
        "A compact JWS (RFC 7515) made for this one call and signed with the portal's private key.\n\n"
        f"{markdown(HEADER, 'header')}\n"
        f"Not allowed in the header: {', '.join(FORBIDDEN)}.\n\n"
        f"{markdown(CLAIMS, 'claim')}\n"
        f"`aud` here: `{audience}`. Clock tolerance: {TOLERANCE_SECONDS} seconds. "
        "A signed call has no query string: personal numbers never reach an access log."
    )
