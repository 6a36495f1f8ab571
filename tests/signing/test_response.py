"""Tests of response tokens: what they bind together, and every way they can fail to."""

from datetime import UTC, datetime
from typing import Any

import pytest

from signing import jws, response
from signing.algorithms import generate
from signing.digest import content_digest
from signing.encoding import base64_standard, json_bytes
from signing.errors import AnswerRefused, ClaimUnfit
from signing.jwk import KeySet
from signing.keys import KeySigner
from tests.helpers.tamper import tampered

AT = datetime(2026, 11, 22, 2, 0, 0, 250_000, tzinfo=UTC)
GATEWAY = "https://gw.example.org"
BODY = b'{"match":true}'
ENTRY = {"log": "audit.example.org/log1", "index": 7, "leaf": base64_standard(bytes(32)), "checkpoint": "note"}


def _token(signer: KeySigner, **changes: Any) -> str:
    values = {
        "iss": GATEWAY,
        "aud": "H14",
        "req": "q",
        "status": 200,
        "body": BODY,
        "entry": ENTRY,
        "at": AT,
        "jti": "0123456789abcdef",
    }
    return response.response_token(signer, **{**values, **changes})


def _keys(*signers: KeySigner) -> KeySet:
    return {signer.kid: (signer.alg, signer.public_key) for signer in signers}


def _verify(token: str, keys: KeySet, **changes: Any) -> Any:
    values = {
        "iss": GATEWAY,
        "aud": "H14",
        "req": "q",
        "status": 200,
        "body": BODY,
        "content_digest": content_digest(BODY),
    }
    return response.verify_response(token, keys=keys, **{**values, **changes})


def _reason(token: str, keys: KeySet, **changes: Any) -> str:
    with pytest.raises(AnswerRefused) as caught:
        _verify(token, keys, **changes)
    return caught.value.reason


def test_a_good_answer_is_proved(signer: KeySigner) -> None:
    """The claims come back, exactly those of the contract."""
    assert _verify(_token(signer), _keys(signer)) == {
        "iss": GATEWAY,
        "aud": "H14",
        "iat": int(AT.timestamp()),
        "jti": "0123456789abcdef",
        "req": "q",
        "status": 200,
        "digest": content_digest(BODY),
        "entry": ENTRY,
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://another.example.org"}, "issuer_wrong"),
        ({"aud": "H15"}, "audience_wrong"),
        ({"aud": None}, "audience_wrong"),
        ({"req": "another"}, "request_mismatch"),
        ({"req": None}, "request_mismatch"),
        ({"status": 201}, "status_mismatch"),
        ({"status": 403}, "status_mismatch"),
        ({"content_digest": None}, "digest_missing"),
        ({"content_digest": content_digest(b"x")}, "digest_mismatch"),
        ({"body": b'{"match":false}'}, "digest_mismatch"),
        ({"body": b"x", "content_digest": content_digest(b"x")}, "digest_mismatch"),
        ({"body": b""}, "digest_mismatch"),
    ],
)
def test_another_answer_is_not(changes: dict[str, Any], reason: str, signers: dict[str, KeySigner]) -> None:
    """Whatever was signed for another gateway, caller, question, status or body is refused with its reason."""
    signer = signers["EdDSA"]
    assert _reason(_token(signer), _keys(signer), **changes) == reason


def test_every_tampered_token_is_refused(signer: KeySigner) -> None:
    """No altered form of a good token proves the answer."""
    good = _token(signer)
    for name, altered in tampered(good):
        with pytest.raises(AnswerRefused):
            pytest.fail(f"{name}: {_verify(altered, _keys(signer))}")


def test_keys_are_the_gateways(signers: dict[str, KeySigner]) -> None:
    """An unknown key, a namesake of another algorithm and a namesake of the same one are told apart."""
    signer = signers["ES256"]
    token = _token(signer)
    assert _reason(token, {}) == "key_unknown"
    assert _reason(token, {signer.kid: ("EdDSA", signers["EdDSA"].public_key)}) == "algorithm_not_allowed"
    namesake = KeySigner(signer.kid, "ES256", generate("ES256"))
    assert _reason(token, _keys(namesake)) == "signature_invalid"


def test_a_request_token_is_no_answer(signers: dict[str, KeySigner]) -> None:
    """A token of another type is refused under a good signature, so neither passes for the other."""
    signer = signers["EdDSA"]
    token = jws.encode({"typ": "gateway-request+jwt"}, json_bytes({"iss": GATEWAY}), signer)
    assert _reason(token, _keys(signer)) == "token_type_wrong"


@pytest.mark.parametrize("extra", [{"jku": "https://example.org"}, {"crit": ["x"]}, {"cty": "x"}, {"typ": 7}])
def test_other_headers_are_refused(extra: dict[str, Any], signers: dict[str, KeySigner]) -> None:
    """A header with anything beside alg, kid and typ is refused under a good signature."""
    signer = signers["EdDSA"]
    token = jws.encode({"typ": response.TYPE, **extra}, b"{}", signer)
    assert _reason(token, _keys(signer)) == "token_malformed"


@pytest.mark.parametrize("name", ["iss", "iat", "jti", "req", "status", "digest"])
def test_missing_claims(name: str, signers: dict[str, KeySigner]) -> None:
    """Every claim of the contract is demanded."""
    signer = signers["EdDSA"]
    claims = {k: v for k, v in jws.parse(_token(signer)).claims().items() if k != name}
    token = jws.encode({"typ": response.TYPE}, json_bytes(claims), signer)
    assert _reason(token, _keys(signer)) == "claim_missing"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": 7},
        {"iss": ""},
        {"aud": ["H14"]},
        {"iat": 1.5},
        {"iat": True},
        {"iat": -1},
        {"req": 7},
        {"status": "200"},
        {"digest": None},
        {"entry": None},
        {"entry": {}},
        {"entry": {**ENTRY, "index": -1}},
        {"entry": {**ENTRY, "index": True}},
        {"entry": {**ENTRY, "leaf": "AAAA"}},
        {"entry": {**ENTRY, "leaf": "!"}},
        {"entry": {**ENTRY, "checkpoint": ""}},
        {"entry": {**ENTRY, "more": 1}},
    ],
)
def test_malformed_claims(change: dict[str, Any], signers: dict[str, KeySigner]) -> None:
    """A claim of another type or out of range is refused under a good signature."""
    signer = signers["EdDSA"]
    claims = {**jws.parse(_token(signer)).claims(), **change}
    token = jws.encode({"typ": response.TYPE}, json_bytes(claims), signer)
    assert _reason(token, _keys(signer)) == "claim_invalid"


def test_an_error_may_leave_the_caller_open(signers: dict[str, KeySigner]) -> None:
    """An error without audience and entry is accepted; a success without them is not."""
    signer = signers["EdDSA"]
    refused = _token(signer, status=401, aud=None, entry=None)
    assert "aud" not in _verify(refused, _keys(signer), status=401)
    assert _reason(_token(signer, aud=None), _keys(signer)) == "audience_wrong"
    assert _reason(_token(signer, entry=None), _keys(signer)) == "entry_missing"
    assert _reason(_token(signer, status=401, aud="H15"), _keys(signer), status=401) == "audience_wrong"


def test_an_open_answer_needs_no_caller(signers: dict[str, KeySigner]) -> None:
    """Without a caller on either side, no audience, question or entry is demanded."""
    signer = signers["EdDSA"]
    token = _token(signer, aud=None, req=None, entry=None)
    assert _verify(token, _keys(signer), aud=None, req=None)["req"] is None


def test_a_part_of_a_stream_is_believed_in_its_own_place_only(signers: dict[str, KeySigner]) -> None:
    """The signed number of a line is the one expected; neither is a line a whole answer nor the other way round."""
    signer = signers["EdDSA"]
    whole, third = _token(signer), _token(signer, line=3)
    assert _verify(third, _keys(signer), line=3)["line"] == 3
    assert _reason(third, _keys(signer), line=4) == "line_mismatch"
    assert _reason(third, _keys(signer)) == "line_mismatch"
    assert _reason(whole, _keys(signer), line=0) == "line_mismatch"


def test_every_reason_is_in_the_list() -> None:
    """The module's list and the table of checks name the same reasons, in order."""
    listed = [reason for _, _, reasons in response.CHECKS for reason in reasons]
    text = response.__doc__ or ""
    positions = [text.index(reason) for reason in listed]
    assert positions == sorted(positions)
    assert [number for number, _, _ in response.CHECKS] == list(range(1, 14))


def test_a_time_carries_its_zone(signers: dict[str, KeySigner]) -> None:
    """A naive time is not signed."""
    with pytest.raises(ClaimUnfit):
        _token(signers["EdDSA"], at=datetime(2026, 11, 22))  # noqa: DTZ001  # the point of the case
