"""What the checks find about a token that lies on the table, away from the call it was made for.

Rule of this file: pure. The checks are those of the gateway (`gateway.steps.verify`) and of the SDK
(`signing.response`); a check whose other side was not given is not made, and says what to give.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from gateway.steps import verify
from signing import jws, response
from signing.digest import content_digest
from signing.errors import AnswerRefused, SigningError
from signing.jwk import KeySet
from signing.request import token_hash

_NEEDS = {"aud": "--audience", "htm": "--method", "htu": "--url", "digest": "--body"}


@dataclass(frozen=True, slots=True)
class Line:
    """One check. `passed` is None where it was not made; `detail` says why, or what failed."""

    number: int
    name: str
    passed: bool | None
    code: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of the call a request token was sent with; None where nothing is."""

    method: str | None
    url: str | None
    body: bytes | None
    audience: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What is known of the answer a response token came with; None where nothing is."""

    body: bytes | None
    status: int | None
    request: str | None


def opened(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Header and claims as they stand, nothing verified; None when the text is no token."""
    try:
        parsed = jws.parse(token)
        return parsed.header, parsed.claims()
    except SigningError:
        return None


def is_response(token: str) -> bool:
    """True when the token says of itself that it is the gateway's."""
    found = opened(token)
    return found is not None and found[0].get("typ") == response.TYPE


def issued_at(token: str) -> datetime | None:
    """The time the token says it was made at, or None."""
    found = opened(token)
    claimed = found[1].get("iat") if found else None
    if isinstance(claimed, bool) or not isinstance(claimed, int | float):
        return None
    try:
        return datetime.fromtimestamp(claimed, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def request_checks(token: str, known: Call, *, keys: Mapping[str, verify.RegisteredKey], at: datetime) -> list[Line]:
    """The checks of contract section 2, in the gateway's order."""
    found = opened(token)
    claims = found[1] if found else {}
    body = known.body or b""
    outcomes = verify.examine(
        verify.Attempt(
            authorization=(f"Bearer {token}",),
            content_digest=(content_digest(body),) if body else (),
            # where the other side is not known, the claim is held against itself, and the outcome is replaced below
            method=known.method if known.method is not None else str(claims.get("htm")),
            url=known.url if known.url is not None else str(claims.get("htu")),
            body=body,
            audience=known.audience if known.audience is not None else str(claims.get("aud")),
            keys=keys,
            at=at,
        )
    )
    given = {"aud": known.audience, "htm": known.method, "htu": known.url, "digest": known.body}
    if "digest" not in claims:
        given["digest"] = ""  # a token for a call without a body: there is nothing to give
    unknown = {name for name, value in given.items() if value is None}
    lines = [Line(c.number, c.name, c.passed, c.code, c.detail) for c in outcomes]
    return [
        _not_made(line, _NEEDS[line.name]) if line.name in unknown and line.passed is not None else line
        for line in lines
    ]


def response_checks(token: str, known: Reply, *, keys: KeySet | None) -> list[Line]:
    """The checks of contract section 3, in the SDK's order."""
    try:
        claims = response.signed_claims(token, keys or {})
    except AnswerRefused as refused:
        lines = _until(refused)
        return [_not_made(n, "--jwks or --url") if keys is None and n.number >= 3 else n for n in lines]
    if known.body is None:
        return [_not_made(line, "--body") if line.number > 6 else line for line in _passed()]
    asked = opened(known.request) if known.request else None
    question = asked[1] if asked else {}
    try:
        response.verify_response(
            token,
            keys=keys or {},
            iss=question.get("aud", claims["iss"]),
            aud=question.get("iss", claims.get("aud")),
            req=token_hash(known.request) if known.request else claims["req"],
            status=known.status if known.status is not None else claims["status"],
            body=known.body,
            content_digest=content_digest(known.body),
            line=claims.get("line"),  # of which line the body is, only the token says
        )
        lines = _passed()
    except AnswerRefused as refused:
        lines = _until(refused)
    unknown = {"iss": question, "aud": question, "req": known.request, "status": known.status}
    needs = {name: "--status" if name == "status" else "--request" for name, value in unknown.items() if not value}
    return [_not_made(n, needs[n.name]) if n.name in needs and n.passed else n for n in lines]


def _passed() -> list[Line]:
    return [Line(number, name, True, None, "") for number, name, _ in response.CHECKS]


def _until(refused: AnswerRefused) -> list[Line]:
    failed = next(number for number, _, reasons in response.CHECKS if refused.reason in reasons)
    lines = []
    for line in _passed():
        if line.number == failed:
            lines.append(replace(line, passed=False, code=refused.reason, detail=refused.detail))
        elif line.number > failed:
            lines.append(replace(line, passed=None, detail="Not reached: an earlier check failed."))
        else:
            lines.append(line)
    return lines


def _not_made(line: Line, option: str) -> Line:
    return replace(line, passed=None, code=None, detail=f"Not made: give {option}.")
