"""Tests of JSON Web Keys and thumbprints."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from signing import jwk
from signing.encoding import base64url
from signing.errors import KeyRefused
from signing.keys import KeySigner
from signing.thumbprint import thumbprint

# RFC 8037, appendix A.2 and A.3
ED25519 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
ED25519_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
# RFC 7638, section 3.1
RSA = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3o"
    "knjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qM"
    "QvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
    "nqDKgw",
    "e": "AQAB",
}
RSA_THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
# RFC 7515, appendix A.3
P256 = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}


@pytest.mark.parametrize(("key", "expected"), [(ED25519, ED25519_THUMBPRINT), (RSA, RSA_THUMBPRINT)])
def test_thumbprints_of_the_rfcs(key: dict[str, Any], expected: str) -> None:
    """The published thumbprints are computed, and are the kid of a key without one."""
    kid, _, public = jwk.from_jwk(key)
    assert kid == thumbprint(public) == expected


def test_a_key_comes_back(signer: KeySigner) -> None:
    """A key written as a JWK is read back with its name and algorithm, and says what it is for."""
    written = jwk.to_jwk(signer.public_key, kid="k1", alg=signer.alg)
    kid, alg, key = jwk.from_jwk(written)
    assert (kid, alg, thumbprint(key)) == ("k1", signer.alg, thumbprint(signer.public_key))
    assert written["use"] == "sig"
    assert "d" not in written


@pytest.mark.parametrize(
    ("key", "alg", "canonical"),
    [(ED25519, "Ed25519", "EdDSA"), (ED25519, "EdDSA", "EdDSA"), (P256, "ES256", "ES256"), (RSA, "PS256", "PS256")],
)
def test_algorithm_names(key: dict[str, Any], alg: str, canonical: str) -> None:
    """The RFC 9864 name is taken for what it means."""
    assert jwk.from_jwk({**key, "alg": alg})[1] == canonical


@pytest.mark.parametrize("key", [ED25519, P256, RSA])
@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"use": "SIG"},
        {"use": None},
        {"key_ops": ["sign"]},
        {"key_ops": ["verify", "sign"]},
        {"key_ops": ["verify", "verify"]},
        {"key_ops": []},
        {"key_ops": "verify"},
        {"alg": "RS256"},
        {"alg": "none"},
        {"alg": 7},
        {"alg": None},
        {"kty": "oct"},
        {"kty": None},
        {"kty": ["RSA"]},
        {"kid": 7},
        {"kid": "a/b"},
        {"d": "AAAA"},
        {"k": "AAAA"},
    ],
)
def test_keys_for_something_else_are_refused(key: dict[str, Any], change: dict[str, Any]) -> None:
    """`use`, `key_ops`, `alg`, kind, name and private members are all heeded."""
    jwk.from_jwk({**key, "use": "sig", "key_ops": ["verify"]})
    with pytest.raises(KeyRefused):
        jwk.from_jwk({**key, **change})


@pytest.mark.parametrize(
    "key",
    [
        {**ED25519, "x": ED25519["x"] + "="},
        {**ED25519, "x": ED25519["x"][:-1] + "p"},
        {**ED25519, "x": "AAAA"},
        {**ED25519, "crv": "Ed448"},
        {**ED25519, "crv": "X25519"},
        {**P256, "crv": "P-384"},
        {**P256, "y": P256["x"]},
        {**P256, "x": 7},
        {"kty": "EC", "crv": "P-256", "x": P256["x"]},
        {**RSA, "e": "!"},
        {"kty": "RSA", "n": RSA["n"]},
        {**P256, "alg": "PS256"},
        {**RSA, "alg": "ES256"},
    ],
)
def test_members_that_make_no_key_are_refused(key: dict[str, Any]) -> None:
    """Members missing, out of form, off the curve or of another curve are refused."""
    with pytest.raises(KeyRefused):
        jwk.from_jwk(key)


def test_a_short_rsa_jwk_is_refused(short_rsa: rsa.RSAPrivateKey) -> None:
    """A 1024-bit RSA key is refused as a JWK too."""
    written = {k: v for k, v in RSAAlgorithm.to_jwk(short_rsa.public_key(), as_dict=True).items() if k != "key_ops"}
    with pytest.raises(KeyRefused, match="2048"):
        jwk.from_jwk(written)


def test_a_key_set_comes_back(signers: dict[str, KeySigner]) -> None:
    """Every signer's public half is in the set under its kid."""
    found = jwk.from_jwks(jwk.to_jwks(list(signers.values())))
    assert {kid: alg for kid, (alg, _) in found.items()} == {s.kid: s.alg for s in signers.values()}


def test_unusable_keys_of_a_set_are_left_out() -> None:
    """A key for encryption and a key of an unknown kind do not spoil the others."""
    found = jwk.from_jwks({"keys": [{**RSA, "use": "enc"}, {"kty": "AKP"}, {**P256, "kid": "good"}]})
    assert list(found) == ["good"]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"keys": {}},
        {"keys": ["x"]},
        {"keys": [{**P256, "kid": "a"}, {**ED25519, "kid": "a"}]},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": base64url(bytes([n]) * 32)} for n in range(101)]},
    ],
)
def test_other_key_sets_are_refused(document: dict[str, Any]) -> None:
    """Something else than a list of keys, a name given twice and too many keys are refused."""
    with pytest.raises(KeyRefused):
        jwk.from_jwks(document)
