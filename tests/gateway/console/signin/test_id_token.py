"""Tests of an ID token by itself: its signature, its claims, and what they are mapped to."""

import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from gateway.console.model import Role
from gateway.console.signin import id_token
from gateway.console.signin.id_token import KeyMissing, TokenRefused
from gateway.console.signin.provider import OidcSettings

NOW = datetime(2026, 11, 24, 2, 0, 5, tzinfo=UTC)
AT = int(NOW.timestamp())
ISSUER, CLIENT, NONCE = "https://id.example", "console", "n" * 43
SETTINGS = OidcSettings(ISSUER, CLIENT, "", "https://console.example", roles={"auditors": Role.NATIONAL_AUDITOR})
EC, RSA, ED = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey
EDKEY = ED.generate()
EC_JWK: dict[str, Any] = {**ECAlgorithm.to_jwk(EC.public_key(), as_dict=True), "kid": "e"}
RSA_JWK: dict[str, Any] = {**RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True), "kid": "r"}
ED_JWK: dict[str, Any] = {**OKPAlgorithm.to_jwk(EDKEY.public_key(), as_dict=True), "kid": "d"}
KEYS = [EC_JWK, RSA_JWK, ED_JWK]


def _claims(**changed: Any) -> dict[str, Any]:
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "u-1", "nonce": NONCE, "iat": AT, "exp": AT + 300, **changed}
    return {name: value for name, value in claims.items() if value is not None}


def _token(*, key: Any = EC, algorithm: str = "ES256", kid: str | None = "e", **changed: Any) -> str:
    return jwt.encode(_claims(**changed), key, algorithm, headers={"kid": kid} if kid else {})


def _verified(token: str, keys: Any = KEYS, settings: OidcSettings = SETTINGS) -> Any:
    return id_token.verified(token, keys=keys, settings=settings, nonce=NONCE, now=NOW)


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"),
    [(EC, "ES256", "e"), (RSA, "RS256", "r"), (RSA, "PS256", "r"), (EDKEY, "EdDSA", "d"), (EDKEY, "EdDSA", None)],
)
def test_genuine(key: Any, algorithm: str, kid: str | None) -> None:
    """Every algorithm, and a token without `kid` when one key alone fits."""
    assert _verified(_token(key=key, algorithm=algorithm, kid=kid))["sub"] == "u-1"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": AT - 30}, "exp"),
        ({"exp": AT - 29}, ""),
        ({"exp": float("nan")}, "exp"),
        ({"exp": float("inf")}, "exp"),
        ({"exp": 10**400}, "exp"),
        ({"iat": AT - 601}, "iat"),
        ({"iat": AT - 600}, ""),
        ({"iat": AT + 31}, "iat"),
        ({"iat": AT + 30}, ""),
        ({"iat": float("nan")}, "iat"),
        ({"nbf": AT + 31}, "nbf"),
        ({"nbf": AT + 30}, ""),
        ({"nbf": "soon"}, "nbf"),
        ({"aud": [CLIENT]}, ""),
        ({"aud": [[CLIENT]]}, "aud"),
        ({"aud": {CLIENT: 1}}, "aud"),
        ({"aud": "console.evil"}, "aud"),
        ({"azp": CLIENT}, ""),
        ({"azp": [CLIENT]}, "azp"),
        ({"iss": f"{ISSUER}/"}, "iss"),
        ({"iss": [ISSUER]}, "iss"),
        ({"nonce": [NONCE]}, "nonce"),
        ({"nonce": "\ud800"}, "nonce"),
        ({"sub": "\ud800"}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "a\nb"}, "sub"),
    ],
)
def test_claims(changed: dict[str, Any], reason: str) -> None:
    """Each at its edge, and of a kind nobody expects: refused for its name, or good."""
    # PyJWT would not write some of these
    engine = ECAlgorithm(ECAlgorithm.SHA256)
    parts = [json.dumps(part).encode() for part in ({"alg": "ES256", "kid": "e"}, _claims(**changed))]
    signed = b".".join(jwt.utils.base64url_encode(part) for part in parts)
    token = f"{signed.decode()}.{jwt.utils.base64url_encode(engine.sign(signed, EC)).decode()}"
    if not reason:
        assert _verified(token)["iss"] == ISSUER
        return
    with pytest.raises(TokenRefused) as refused:
        _verified(token)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [{**EC_JWK, "use": "enc"}],
        [{**EC_JWK, "alg": "ES384"}],
        [{**EC_JWK, "kid": "other"}],
        [EC_JWK, EC_JWK],
        [RSA_JWK],
        [{**RSA_JWK, "kid": "e"}],
    ],
)
def test_no_key_fits(keys: list[dict[str, Any]]) -> None:
    """For encryption, for another algorithm, of another name or kind, or two of one name: no key is tried."""
    with pytest.raises(KeyMissing):
        _verified(_token(), keys)


def test_without_a_kid_no_guess_is_made() -> None:
    """Two keys that would fit a token that names none: neither is tried."""
    other = {**ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True), "kid": "f"}
    with pytest.raises(KeyMissing):
        _verified(_token(kid=None), [EC_JWK, other])


@pytest.mark.parametrize("jwk", [{**EC_JWK, "x": "AA"}, {**EC_JWK, "crv": "P-999"}, {"kty": "EC", "kid": "e"}])
def test_a_broken_key(jwk: dict[str, Any]) -> None:
    """A key that is none believes nothing."""
    with pytest.raises(TokenRefused) as refused:
        _verified(_token(), [jwk])
    assert refused.value.reason == "signature"


def test_a_weak_key() -> None:
    """RSA of 1024 bits is no proof."""
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is the point
    jwk = {**RSAAlgorithm.to_jwk(weak.public_key(), as_dict=True), "kid": "r"}
    signed = f"{_token(key=RSA, algorithm='RS256', kid='r').rsplit('.', 1)[0]}"
    signature = jwt.utils.base64url_encode(RSAAlgorithm(RSAAlgorithm.SHA256).sign(signed.encode(), weak)).decode()
    with pytest.raises(TokenRefused) as refused:
        _verified(f"{signed}.{signature}", [jwk])
    assert refused.value.reason == "signature"


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "x" * 40_000, "é.é.é"])
def test_what_is_no_token(token: str) -> None:
    """Refused before anything is looked at."""
    with pytest.raises(TokenRefused) as refused:
        _verified(token)
    assert refused.value.reason == "form"


def test_a_header_that_wants_something() -> None:
    """`crit` names what one has to understand (RFC 7515, section 4.1.11), and we do not."""
    token = jwt.encode(_claims(), EC, "ES256", headers={"kid": "e", "crit": ["http://example"], "http://example": 1})
    with pytest.raises(TokenRefused):
        _verified(token)


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"roles": "auditors"}, Role.NATIONAL_AUDITOR),
        ({"roles": ["staff", "auditors"]}, Role.NATIONAL_AUDITOR),
        ({"roles": "former auditors"}, None),
        ({"roles": ["Auditors"]}, None),
        ({"roles": [["auditors"]]}, None),
        ({"roles": {"auditors": True}}, None),
        ({"roles": 1}, None),
        ({"realm": {"roles": "auditors"}}, None),
        ({}, None),
    ],
)
def test_roles(claims: dict[str, Any], role: Role | None) -> None:
    """A value is the whole of a text: no part of one, no other case, nothing from elsewhere."""
    assert id_token.identity({"sub": "u-1", **claims}, SETTINGS).role is role


def test_the_first_role_that_fits() -> None:
    """The order of the configuration decides, not that of the token."""
    settings = OidcSettings(
        ISSUER, CLIENT, "", "https://c.example", roles={"a": Role.OPERATOR, "b": Role.ADMINISTRATOR}
    )
    assert id_token.identity({"sub": "u", "roles": ["b", "a"]}, settings).role is Role.OPERATOR


@pytest.mark.parametrize(
    ("claims", "portals"),
    [
        ({"portals": "H14 H15"}, ("H14", "H15")),
        ({"portals": ["H15", "H14", "H14"]}, ("H14", "H15")),
        ({"portals": [14]}, ()),
        ({}, ()),
    ],
)
def test_portals(claims: dict[str, Any], portals: tuple[str, ...]) -> None:
    """A list or a text with blanks."""
    assert id_token.identity({"sub": "u-1", **claims}, SETTINGS).portals == portals


@pytest.mark.parametrize("name", ["Lê Thị\u202eThử", "\ud800", "a\x00b", 7, None])
def test_names_that_cannot_be_shown(name: object) -> None:
    """Are left out."""
    assert id_token.identity({"sub": "u-1", "name": name}, SETTINGS).name == ""


def test_nothing_of_a_token_is_told() -> None:
    """Neither the refusal nor the identity prints a claim."""
    with pytest.raises(TokenRefused) as refused:
        _verified(_token(iss="https://secret.example"))
    assert "secret" not in str(refused.value)
    assert "u-1" not in repr(id_token.identity(_claims(name="Lê Thị Thử"), SETTINGS))
