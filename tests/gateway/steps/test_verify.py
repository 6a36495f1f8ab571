"""Verification as a pure function: every member taken away, every check examined, nothing raised but refusals."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Code, Refused
from gateway.model import Caller
from gateway.steps import verify
from signing import algorithms, request
from signing.encoding import base64url, from_base64url
from signing.keys import KeySigner

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
URL = "https://gateway.example/v1/persons/verify"
BODY = b'{"a":1}'
SIGNER = KeySigner("k1", "ES256", algorithms.generate("ES256"))
KEY = verify.RegisteredKey(
    agency="H14",
    alg="ES256",
    public_key=SIGNER.public_key,
    not_before=AT - timedelta(days=1),
    not_after=AT + timedelta(days=1),
    revoked_at=None,
    suspended=False,
    sandbox=True,
)


def _token(**changes: Any) -> tuple[str, str | None]:
    given_claims: dict[str, Any] = {
        "iss": "H14",
        "aud": "https://gateway.example",
        "method": "POST",
        "url": URL,
        "body": BODY,
        "purpose": {"procedure": "1.004222", "dossier": "H14-261122-0001", "officer": "o-7", "basis": "law"},
        "at": AT,
        "jti": "0123456789abcdef",
    }
    return request.request_token(SIGNER, **(given_claims | changes))


def _attempt(token: str, digest: str | None, **changes: Any) -> verify.Attempt:
    tried = verify.Attempt(
        authorization=(f"Bearer {token}",),
        content_digest=(digest,) if digest else (),
        method="POST",
        url=URL,
        body=BODY,
        audience="https://gateway.example",
        keys={"k1": KEY},
        at=AT,
    )
    return replace(tried, **changes)


def _rewritten(token: str, *, header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None) -> str:
    first, second, _ = token.split(".")
    head = header if header is not None else json.loads(from_base64url(first))
    said = claims if claims is not None else json.loads(from_base64url(second))
    signing_input = f"{base64url(json.dumps(head).encode())}.{base64url(json.dumps(said).encode())}"
    return f"{signing_input}.{base64url(SIGNER.sign(signing_input.encode()))}"


def _proved(tried: verify.Attempt) -> Caller:
    outcome = verify.verify(tried)
    if isinstance(outcome, verify.Denied):
        raise outcome.failure
    return outcome


def _attributed(tried: verify.Attempt) -> tuple[Caller, Refused | None] | None:
    outcome = verify.verify(tried)
    if not isinstance(outcome, verify.Denied):
        return outcome, None
    return (outcome.caller, outcome.failure) if outcome.caller else None


def _code(tried: verify.Attempt) -> Code:
    with pytest.raises(Refused) as ended:
        _proved(tried)
    return ended.value.refusal.code


def test_a_right_token_proves_its_caller() -> None:
    """The caller carries what was signed, and nothing of the body."""
    token, digest = _token()
    caller = _proved(_attempt(token, digest))
    assert (caller.agency, caller.issuer, caller.kid, caller.jti) == ("H14", "H14", "k1", "0123456789abcdef")
    assert caller.purpose.officer == "o-7"
    assert caller.token_hash == request.token_hash(token)


@pytest.mark.parametrize("member", ["typ", "alg", "kid"])
def test_every_header_member_is_needed_and_examined_without_a_defect(member: str) -> None:
    """Without it the call is refused, and the examination names the check instead of breaking."""
    token, digest = _token()
    header = json.loads(from_base64url(token.split(".")[0]))
    del header[member]
    tried = _attempt(_rewritten(token, header=header), digest)
    code = _code(tried)
    checks = verify.examine(tried)
    assert code.value in [check.code for check in checks]
    assert [check.number for check in checks] == list(range(1, 17))


@given(st.data())
def test_no_claims_whatever_raise_anything_but_a_refusal(data: st.DataObject) -> None:
    """Claims of any JSON type and shape are refused or accepted, never a defect."""
    token, digest = _token()
    claims = json.loads(from_base64url(token.split(".")[1]))
    odd = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=5)
        | st.lists(st.none())
    )
    for name in data.draw(st.lists(st.sampled_from(sorted(claims)), unique=True, max_size=3)):
        claims[name] = data.draw(odd | st.fixed_dictionaries({"procedure": odd, "officer": odd}))
    for name in (
        data.draw(st.lists(st.sampled_from(sorted(claims["purpose"])), max_size=2))
        if isinstance(claims["purpose"], dict)
        else []
    ):
        claims["purpose"][name] = data.draw(odd)
    tried = _attempt(_rewritten(token, claims=claims), digest)
    try:
        _proved(tried)
    except Refused as ended:
        refusal = ended.refusal
        assert refusal.code in Code
    verify.examine(tried)
    attributed = _attributed(tried)
    assert attributed is not None
    assert attributed[0].agency == "H14"


def test_an_answer_is_addressed_to_the_agency_that_was_proved() -> None:
    """A caller who writes somebody else's name into `iss` is not addressed by it."""
    token, digest = _token(iss="H41")
    attributed = _attributed(_attempt(token, digest))
    assert attributed is not None
    caller, failure = attributed
    assert (caller.agency, caller.issuer) == ("H14", "H14")
    assert failure is not None
    assert failure.refusal.code is Code.KEY_NOT_YOURS


def test_nothing_is_attributed_before_the_signature() -> None:
    """A bad signature, a revoked key and an unknown key name nobody."""
    token, digest = _token()
    spoilt = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    revoked = replace(KEY, revoked_at=AT)
    assert _attributed(_attempt(spoilt, digest)) is None
    assert _attributed(_attempt(token, digest, keys={"k1": revoked})) is None
    assert _attributed(_attempt(token, digest, keys={})) is None


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(-31, Code.TOKEN_NOT_YET_VALID), (-30, None), (0, None), (89, None), (90, Code.TOKEN_EXPIRED)],
)
def test_the_clock_is_tolerated_by_thirty_seconds_each_way(seconds: int, code: Code | None) -> None:
    """A token of 60 seconds is taken from 30 before its `iat` to just before 30 after its `exp`."""
    token, digest = _token()
    tried = _attempt(token, digest, at=AT + timedelta(seconds=seconds))
    if code is None:
        _proved(tried)
    else:
        assert _code(tried) is code


@pytest.mark.parametrize("officer", ["", " o", "o\n", "o\uffff", "o\u202e", "x" * 129])
def test_an_officer_is_a_printable_word(officer: str) -> None:
    """Control, unassigned and direction-changing characters are refused before a registry could see them."""
    purpose = {"procedure": "1.004222", "dossier": "H14-261122-0001", "officer": officer, "basis": "law"}
    token, digest = _token(purpose=purpose)
    assert _code(_attempt(token, digest)) is Code.CLAIM_INVALID


def test_a_doubled_header_is_no_header() -> None:
    """Two Authorization or two Content-Digest headers are refused."""
    token, digest = _token()
    assert _code(_attempt(token, digest, authorization=(f"Bearer {token}",) * 2)) is Code.AUTHORIZATION_MISSING
    assert _code(_attempt(token, digest, content_digest=(digest, digest))) is Code.DIGEST_MISMATCH


def test_a_call_without_a_body_has_no_digest() -> None:
    """With no body neither the header nor the claim may be there."""
    token, digest = _token()
    assert _code(_attempt(token, digest, body=b"")) is Code.DIGEST_MISMATCH
    bare, none = _token(body=None)
    assert none is None
    assert _proved(_attempt(bare, None, body=b"")).agency == "H14"
    assert _code(_attempt(bare, "sha-256=:x:")) is Code.DIGEST_MISSING


def test_every_check_has_its_line_in_the_list_above_the_code() -> None:
    """The numbered list in the module's docstring has exactly the checks that are made."""
    numbers = [int(line.split()[0]) for line in (verify.__doc__ or "").splitlines() if line[:6].strip().isdigit()]
    token, digest = _token()
    assert numbers == [check.number for check in verify.examine(_attempt(token, digest))]
