"""Tests of request tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signing import digest, jws, request
from signing.errors import ClaimUnfit
from signing.keys import KeySigner

AT = datetime(2026, 11, 22, 2, 0, 0, 750_000, tzinfo=UTC)
PURPOSE = {"procedure": "1.004222", "dossier": "H14-1", "officer": "o-7", "basis": "law"}


def _made(signer: KeySigner, **changes: Any) -> tuple[str, str | None]:
    values = {
        "iss": "H14",
        "aud": "https://gw.example.org",
        "method": "POST",
        "url": "https://gw.example.org/v1/persons/verify",
        "body": b"{}",
        "purpose": PURPOSE,
        "at": AT,
        "jti": "0123456789abcdef",
    }
    return request.request_token(signer, **{**values, **changes})


def test_a_token_says_what_the_call_is(signer: KeySigner) -> None:
    """Header and claims are exactly those of the contract, under a good signature."""
    token, header = _made(signer)
    parsed = jws.parse(token)
    jws.verify(parsed, signer.public_key, signer.alg)
    assert parsed.header == {"alg": signer.alg, "kid": signer.kid, "typ": "gateway-request+jwt"}
    issued = int(AT.timestamp())
    assert parsed.claims() == {
        "iss": "H14",
        "aud": "https://gw.example.org",
        "iat": issued,
        "exp": issued + 60,
        "jti": "0123456789abcdef",
        "htm": "POST",
        "htu": "https://gw.example.org/v1/persons/verify",
        "digest": digest.content_digest(b"{}"),
        "purpose": PURPOSE,
    }
    assert header == digest.content_digest(b"{}")


@pytest.mark.parametrize("body", [None, b""])
def test_no_body_no_digest(body: bytes | None, signers: dict[str, KeySigner]) -> None:
    """Without a body there is neither a header nor a claim."""
    token, header = _made(signers["EdDSA"], body=body)
    assert header is None
    assert "digest" not in jws.parse(token).claims()


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://gw.example.org/v1/x?id=1"},
        {"url": "https://gw.example.org/v1/x?"},
        {"url": "https://gw.example.org/v1/x#f"},
        {"url": "/v1/x"},
        {"url": "ftp://gw.example.org/v1/x"},
        {"lifetime": timedelta(seconds=121)},
        {"lifetime": timedelta(0)},
        {"jti": "short"},
        {"jti": "0123456789abcde!"},
        {"jti": "x" * 65},
        {"at": datetime(2026, 11, 22)},  # noqa: DTZ001  # the point of the case
    ],
)
def test_what_can_never_be_accepted_is_not_signed(changes: dict[str, Any], signers: dict[str, KeySigner]) -> None:
    """Queries, long lifetimes, poor nonces and times without a zone are refused before signing."""
    with pytest.raises(ClaimUnfit):
        _made(signers["EdDSA"], **changes)


def test_nonces() -> None:
    """Sixteen random bytes make a jti of the contract's form; fewer make none."""
    assert request.nonce(bytes(16)) == "A" * 22
    with pytest.raises(ClaimUnfit):
        request.nonce(bytes(15))


def test_the_hash_is_of_the_text_sent() -> None:
    """The token's hash is over its characters, whatever they are."""
    assert request.token_hash("abc") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
    assert len(request.token_hash("\udcff")) == 43
