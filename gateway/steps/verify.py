"""Step 1: is this call signed by a portal we know, for this very request, now?

The checks, in the order in which they are made. Each failure has its own code, and the first failure ends the call.
The numbers tag the functions below.

     1  an Authorization header with one Bearer token        authorization_missing
     2  a compact JWS, strict JSON, no crit/jwk/jku/x5u/x5c/b64   token_malformed
     3  `typ` is gateway-request+jwt                         token_type_wrong
     4  `alg` is EdDSA (Ed25519), ES256 or PS256             algorithm_not_allowed
     5  `kid` is registered                                  key_unknown
     6  `alg` is the one the key is pinned to                algorithm_not_allowed
     7  the key is valid now                                 key_not_yet_valid, key_revoked, key_expired
     8  the signature                                        signature_invalid
     9  `iss` owns the key, and is not suspended             key_not_yours, portal_suspended
    10  every claim is there                                 claim_missing
    11  every claim is well-formed                           claim_invalid
    12  `aud` is this gateway                                audience_wrong
    13  the times                                            token_lifetime_too_long, token_not_yet_valid, token_expired
    14  `htm` is the method used                             method_mismatch
    15  `htu` is the URI addressed                           target_mismatch
    16  the body is the one that was signed                  digest_missing, digest_mismatch

Replay (17, request_replayed) needs the store and is decided where the call's first log entry is written, in one
transaction with it. The request's shape was checked before (`gateway.api.calls`), what the portal may do comes after
(`gateway.steps.authorise`).

Sources: contract section 2; RFC 7515, 7519, 9449 (htm, htu, jti), 9530 (Content-Digest), 9864 (algorithm names).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from config import agency
from gateway.errors import Code, Refused, refused
from gateway.model import Caller
from gateway.wire import claims
from signing import algorithms, digest, jws, request
from signing.errors import SigningError

REQUEST_TYPE = request.TYPE
FORBIDDEN_HEADERS = ("crit", "jwk", "jku", "x5u", "x5c", "b64")
MAX_LIFETIME = request.MAX_LIFETIME
TOLERANCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A portal's public key and what is known of it."""

    agency: str
    alg: str
    public_key: algorithms.PublicKey
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None
    suspended: bool
    sandbox: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request as received, and what it is held against. `url` is the public base URL plus the path."""

    authorization: tuple[str, ...]
    content_digest: tuple[str, ...]
    method: str
    url: str
    body: bytes
    audience: str
    keys: Mapping[str, RegisteredKey]
    at: datetime


@dataclass(frozen=True, slots=True)
class Denied:
    """The first check that failed, and who called as far as a call can be attributed.

    `caller` is None when the signature did not identify a registered key (checks 1 to 8). Purpose claims that are
    missing or malformed are empty in it.
    """

    failure: Refused
    caller: Caller | None


@dataclass(frozen=True, slots=True)
class _Found:
    """What the checks so far have established."""

    token: str = ""
    parsed: jws.Parsed | None = None
    claims: Mapping[str, Any] | None = None
    kid: str = ""
    key: RegisteredKey | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one check. `passed` is None where an earlier failure left nothing to check."""

    number: int
    name: str
    passed: bool | None
    code: str | None
    detail: str


def token_of(authorization: tuple[str, ...]) -> str | None:
    """The Bearer token of a request, or None when there is not exactly one."""
    if len(authorization) != 1:
        return None
    scheme, _, token = authorization[0].partition(" ")
    # spaces only: RFC 6750 knows no other white space between the two
    return token.strip(" ") or None if scheme.lower() == "bearer" else None


def verify(attempt: Attempt) -> Caller | Denied:
    """The proven caller, or the first check that fails."""
    found = _Found()
    for number, _, check in _CHECKS:
        try:
            found = check(attempt, found)
        except Refused as failure:
            return Denied(failure, _caller(found) if number > _SIGNATURE else None)
    return _caller(found)


def sandbox_key(attempt: Attempt) -> bool:
    """Whether the token names a registered key of a sandbox portal. Proves nothing about who sent it."""
    try:
        return bool(_key(attempt, _form(attempt, _present(attempt, _Found()))).key.sandbox)  # type: ignore[union-attr]
    except Refused:
        return False


def examine(attempt: Attempt) -> list[Check]:
    """Every check, the ones behind a failure too where they can still be made.

    For `debug/verify` and `gateway explain`.
    """
    found = _Found()
    outcomes: list[Check] = []
    blocked = False
    for number, name, check in _CHECKS:
        if blocked:
            outcomes.append(
                Check(number, name, None, None, "Not reached: it needs what an earlier check did not find.")
            )
            continue
        try:
            found = check(attempt, found)
        except Refused as failure:
            refusal = failure.refusal
            outcomes.append(Check(number, name, False, refusal.code.value, refusal.detail or ""))
            blocked = number in _PRECONDITIONS
        else:
            outcomes.append(Check(number, name, True, None, ""))
    return outcomes


def expected(attempt: Attempt) -> dict[str, str | None]:
    """What a right token for this request says, for a developer to hold theirs against."""
    return {
        "htm": attempt.method,
        "htu": attempt.url,
        "aud": attempt.audience,
        "digest": digest.content_digest(attempt.body) if attempt.body else None,
        "clock": _clock(attempt.at),
    }


# -- (1) and (2): the token's form ------------------------------------------------------------------------------


def _present(a: Attempt, f: _Found) -> _Found:
    token = token_of(a.authorization)
    if token is None:
        raise refused(Code.AUTHORIZATION_MISSING, "Send exactly one header `Authorization: Bearer <signed token>`.")
    return replace(f, token=token)


def _form(_: Attempt, f: _Found) -> _Found:
    try:
        parsed = jws.parse(f.token)
        said = parsed.claims()
    except SigningError as error:
        raise refused(Code.TOKEN_MALFORMED, f"Not a compact JWS with strict JSON: {error.code}.") from None
    for name in FORBIDDEN_HEADERS:
        if name in parsed.header:
            raise refused(Code.TOKEN_MALFORMED, f"The header parameter `{name}` is not allowed.")
    return replace(f, parsed=parsed, claims=said)


# -- (3) to (8): header, key, signature -------------------------------------------------------------------------


def _header(f: _Found) -> Mapping[str, Any]:
    return f.parsed.header if f.parsed else {}


def _type(_: Attempt, f: _Found) -> _Found:
    if _header(f).get("typ") != REQUEST_TYPE:
        raise refused(Code.TOKEN_TYPE_WRONG, f"The header parameter `typ` must be `{REQUEST_TYPE}`.")
    return f


def _algorithm(_: Attempt, f: _Found) -> _Found:
    alg = _header(f).get("alg")
    if not isinstance(alg, str) or alg not in algorithms.ACCEPTED:
        raise refused(Code.ALGORITHM_NOT_ALLOWED, "`alg` must be EdDSA (or Ed25519), ES256 or PS256.")
    return f


def _key(a: Attempt, f: _Found) -> _Found:
    kid = _header(f).get("kid")
    key = a.keys.get(kid) if isinstance(kid, str) else None
    if key is None or not isinstance(kid, str):
        raise refused(Code.KEY_UNKNOWN, "No key is registered under this `kid`.")
    return replace(f, kid=kid, key=key)


def _pinned(_: Attempt, f: _Found) -> _Found:
    alg = _header(f).get("alg")
    if f.key and (alg not in algorithms.ACCEPTED or not algorithms.same(str(alg), f.key.alg)):
        raise refused(Code.ALGORITHM_NOT_ALLOWED, f"This key is registered for {f.key.alg} only.")
    return f


def _key_valid(a: Attempt, f: _Found) -> _Found:
    key = f.key
    if key is None:
        return f
    if key.revoked_at is not None and key.revoked_at <= a.at:
        raise refused(Code.KEY_REVOKED, "This key was revoked. Sign with another one.")
    if a.at < key.not_before:
        raise refused(Code.KEY_NOT_YET_VALID, f"This key is valid from {key.not_before.isoformat()}.")
    if a.at >= key.not_after:
        raise refused(Code.KEY_EXPIRED, f"This key was valid until {key.not_after.isoformat()}.")
    return f


def _signature(_: Attempt, f: _Found) -> _Found:
    if f.parsed is None or f.key is None:
        return f
    try:
        jws.verify(f.parsed, f.key.public_key, f.key.alg)
    except SigningError:
        raise refused(Code.SIGNATURE_INVALID, "The signature does not fit the token and the registered key.") from None
    return f


# -- (9) to (11): claims ----------------------------------------------------------------------------------------


def _claims(f: _Found) -> Mapping[str, Any]:
    return f.claims or {}


def _owner(_: Attempt, f: _Found) -> _Found:
    if f.key is None or "iss" not in _claims(f):
        return f  # check 10 names what is missing
    if not _owns(_claims(f)["iss"], f.key):
        raise refused(Code.KEY_NOT_YOURS, "The key is registered to another agency than `iss` names.")
    if f.key.suspended:
        raise refused(Code.PORTAL_SUSPENDED, "This portal is suspended. Ask the gateway's operator.")
    return f


def _owns(issuer: Any, key: RegisteredKey) -> bool:
    try:
        return isinstance(issuer, str) and agency.canonical(issuer) == key.agency
    except ValueError:
        return False


def _complete(_: Attempt, f: _Found) -> _Found:
    missing = claims.missing(_claims(f))
    if missing:
        raise refused(Code.CLAIM_MISSING, f"Missing: {', '.join(missing)}.")
    return f


def _well_formed(_: Attempt, f: _Found) -> _Found:
    wrong = claims.malformed(_claims(f))
    if wrong:
        raise refused(Code.CLAIM_INVALID, f"{'; '.join(wrong)}.")
    return f


# -- (12) to (16): this gateway, now, this request ---------------------------------------------------------------


def _audience(a: Attempt, f: _Found) -> _Found:
    if _claims(f)["aud"] != a.audience:
        raise refused(Code.AUDIENCE_WRONG, f"`aud` must be {a.audience}.")
    return f


def _times(a: Attempt, f: _Found) -> _Found:
    said = _claims(f)
    now = a.at.timestamp()
    if said["exp"] - said["iat"] > MAX_LIFETIME.total_seconds():
        raise refused(Code.TOKEN_LIFETIME_TOO_LONG, "A token lives 120 seconds at most: `exp` - `iat` is more.")
    if max(said["iat"], said.get("nbf", 0)) > now + TOLERANCE.total_seconds():
        raise refused(Code.TOKEN_NOT_YET_VALID, f"Not valid yet. The gateway's clock says {_clock(a.at)}.")
    if said["exp"] <= now - TOLERANCE.total_seconds():
        raise refused(Code.TOKEN_EXPIRED, f"Expired. The gateway's clock says {_clock(a.at)}. Sign each call anew.")
    return f


def _clock(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _method(a: Attempt, f: _Found) -> _Found:
    if _claims(f)["htm"] != a.method:
        raise refused(Code.METHOD_MISMATCH, f"`htm` must be {a.method}, the method of this request.")
    return f


def _target(a: Attempt, f: _Found) -> _Found:
    if _claims(f)["htu"] != a.url:
        raise refused(Code.TARGET_MISMATCH, f"`htu` must be {a.url}")
    return f


def _body(a: Attempt, f: _Found) -> _Found:
    claimed = _claims(f).get("digest")
    if not a.body:
        if a.content_digest or claimed is not None:
            raise refused(Code.DIGEST_MISMATCH, "There is no body: send neither a Content-Digest nor a `digest` claim.")
        return f
    if not a.content_digest or claimed is None:
        absent = "the claim `digest`" if a.content_digest else "the header Content-Digest"
        raise refused(Code.DIGEST_MISSING, f"A body needs both; {absent} is missing.")
    expected = digest.content_digest(a.body)
    if len(a.content_digest) != 1 or not digest.matches(a.content_digest[0], a.body):
        raise refused(Code.DIGEST_MISMATCH, f"The Content-Digest of the body received is {expected}")
    if claimed != a.content_digest[0]:
        raise refused(Code.DIGEST_MISMATCH, "The claim `digest` must repeat the Content-Digest header exactly.")
    return f


_Step = Callable[[Attempt, _Found], _Found]
_SIGNATURE = 8
# Without these there is nothing to hold the later checks against.
_PRECONDITIONS = frozenset({1, 2, 5, 10, 11})
_CHECKS: tuple[tuple[int, str, _Step], ...] = (
    (1, "authorization header", _present),
    (2, "token form", _form),
    (3, "typ", _type),
    (4, "alg", _algorithm),
    (5, "kid", _key),
    (6, "alg is the key's", _pinned),
    (7, "key validity", _key_valid),
    (_SIGNATURE, "signature", _signature),
    (9, "iss owns the key", _owner),
    (10, "claims present", _complete),
    (11, "claims well-formed", _well_formed),
    (12, "aud", _audience),
    (13, "times", _times),
    (14, "htm", _method),
    (15, "htu", _target),
    (16, "digest", _body),
)


def _caller(f: _Found) -> Caller:
    said, key = _claims(f), f.key
    return Caller(
        agency=key.agency if key else "",
        # an answer is addressed to what was proved, in the words of the caller only where they say the same
        issuer=str(said["iss"]) if key and _owns(said.get("iss"), key) else (key.agency if key else ""),
        kid=f.kid,
        alg=key.alg if key else "",
        purpose=claims.purpose(said),
        jti=claims.text(said, "jti"),
        issued_at=claims.time(said, "iat"),
        expires_at=claims.time(said, "exp"),
        token_hash=request.token_hash(f.token),
        sandbox=bool(key and key.sandbox),
    )
