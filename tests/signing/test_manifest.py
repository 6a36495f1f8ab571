"""Tokens over manifests: made, verified, and refused for each thing that can be wrong."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from signing import algorithms, jwk, jws
from signing.digest import content_digest
from signing.errors import AlgorithmRefused, ClaimUnfit, KeyRefused, SignatureInvalid, SigningError, TokenMalformed
from signing.keys import KeySigner
from signing.manifest import TYPE, manifest_token, verify_manifest
from signing.response import signed_claims
from tests.helpers.tamper import flip

MANIFEST = b'{"v": 1}\n'
AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SIGNERS = [KeySigner(f"k-{alg}", alg, algorithms.generate(alg)) for alg in algorithms.NAMES]
KEYS = jwk.from_jwks(jwk.to_jwks([*SIGNERS]))
CLAIMS = {"iss": "https://gateway.example", "iat": int(AT.timestamp()), "jti": "1", "digest": content_digest(MANIFEST)}


def token(claims: dict[str, Any] = CLAIMS, header: dict[str, Any] | None = None) -> str:
    """A token with these claims, signed by a known key."""
    return jws.encode({"typ": TYPE} if header is None else header, json.dumps(claims).encode(), SIGNERS[0])


@pytest.mark.parametrize("signer", SIGNERS, ids=algorithms.NAMES)
def test_what_is_made_is_verified(signer: KeySigner) -> None:
    """Each algorithm; the claims are exactly four."""
    made = manifest_token(signer, iss=CLAIMS["iss"], manifest=MANIFEST, at=AT, jti="1")  # type: ignore[arg-type]
    assert verify_manifest(made, keys=KEYS, manifest=MANIFEST) == CLAIMS


def test_a_time_carries_its_zone() -> None:
    """A naive time is refused."""
    with pytest.raises(ClaimUnfit):
        manifest_token(SIGNERS[0], iss="i", manifest=MANIFEST, at=AT.replace(tzinfo=None), jti="1")


@pytest.mark.parametrize(
    ("made", "error"),
    [
        ("", TokenMalformed),
        ("a.b", TokenMalformed),
        ("é.b.c", TokenMalformed),
        (token(header={"typ": "gateway-response+jwt"}), TokenMalformed),
        (token(header={}), TokenMalformed),
        (token(header={"typ": TYPE, "crit": "x"}), TokenMalformed),
        (token({**CLAIMS, "more": "x"}), TokenMalformed),
        (token({name: value for name, value in CLAIMS.items() if name != "jti"}), TokenMalformed),
        (token({**CLAIMS, "iss": 1}), TokenMalformed),
        (token({**CLAIMS, "iat": True}), TokenMalformed),
        (token({**CLAIMS, "iat": "1"}), TokenMalformed),
        (token({**CLAIMS, "digest": content_digest(b"other")}), SignatureInvalid),
        (token({**CLAIMS, "digest": "sha-256=:AAAA:"}), SignatureInvalid),
        (flip(token(), len(token()) - 10, 0), SignatureInvalid),
    ],
)
def test_what_is_refused(made: str, error: type[SigningError]) -> None:
    """Each thing that can be wrong has its error."""
    with pytest.raises(error):
        verify_manifest(made, keys=KEYS, manifest=MANIFEST)


def test_keys_of_others_are_refused() -> None:
    """An unknown key, and a known name with another algorithm."""
    with pytest.raises(KeyRefused):
        verify_manifest(token(), keys={}, manifest=MANIFEST)
    other = {SIGNERS[0].kid: (SIGNERS[1].alg, SIGNERS[1].public_key)}
    with pytest.raises(AlgorithmRefused):
        verify_manifest(token(), keys=other, manifest=MANIFEST)


def test_a_manifest_s_token_is_no_answer_s() -> None:
    """The type in the header keeps them apart the other way round too."""
    with pytest.raises(SigningError, match="not one over an answer"):
        signed_claims(token(), KEYS)
