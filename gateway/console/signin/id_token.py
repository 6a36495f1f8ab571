"""An ID token: whether it is genuine (OpenID Connect Core 1.0, section 3.1.3.7), and what its claims are mapped to.

Rule of this file: the specification's list, in its order, and nothing of a token is believed before its signature.
Neither claims nor the token are in an exception.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import jwt
from jwt.exceptions import PyJWTError

from gateway.console.accounts.desk import Subject
from gateway.console.accounts.federation import Identity
from gateway.console.signin.provider import OidcSettings

ALGORITHMS: Final[Mapping[str, str]] = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
"""Algorithm -> kind of key. Never `none`, never one with a shared secret."""

TOLERANCE = 30
OLDEST = 10 * 60
_LONGEST = 32 * 1024
_LATEST = 1 << 40
"""Seconds since 1970. JSON as Python reads it also knows numbers that are none, and never compare as later."""

_OPTIONS: Final = {
    "verify_aud": False,
    "verify_iss": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_sub": False,
    "verify_jti": False,
    "enforce_minimum_key_length": True,
}
"""PyJWT reads a clock of its own; times and names are checked below, by ours."""


class TokenRefused(Exception):  # noqa: N818 - the name says what happened
    """The ID token is not believed. `reason`: the claim or step it failed at."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the ID token is not accepted: {reason}")
        self.reason = reason


class KeyMissing(TokenRefused):
    """No key of the provider fits the token: its keys may have been changed since they were fetched."""

    def __init__(self) -> None:
        super().__init__("key")


def verified(
    token: str, *, keys: Iterable[Mapping[str, Any]], settings: OidcSettings, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """The claims of a genuine token. Raises KeyMissing, TokenRefused."""
    claims = _signed(token, keys)
    at = int(now.timestamp())
    # 2: the issuer, exactly
    if claims.get("iss") != settings.issuer:
        raise TokenRefused("iss")
    # 3 to 5: made for us, and to us
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if settings.client_id not in audiences:
        raise TokenRefused("aud")
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != settings.client_id:
        raise TokenRefused("azp")
    # 9 and 10: times
    if at >= _seconds(claims, "exp") + TOLERANCE:
        raise TokenRefused("exp")
    if "nbf" in claims and at + TOLERANCE < _seconds(claims, "nbf"):
        raise TokenRefused("nbf")
    if not at - OLDEST <= _seconds(claims, "iat") <= at + TOLERANCE:
        raise TokenRefused("iat")
    # 11: for the sign-in that this browser began
    if claims.get("nonce") != nonce:
        raise TokenRefused("nonce")
    # 12: how it was proven
    if settings.acr and claims.get("acr") not in settings.acr:
        raise TokenRefused("acr")
    methods = claims.get("amr", [])
    if settings.amr and not (isinstance(methods, list) and set(settings.amr) <= {str(m) for m in methods}):
        raise TokenRefused("amr")
    sub = claims.get("sub")
    if not isinstance(sub, str) or not 0 < len(sub) <= 255 or not sub.isprintable():
        raise TokenRefused("sub")
    return claims


def identity(claims: Mapping[str, Any], settings: OidcSettings) -> Identity:
    """Whom verified claims name, and the role and portals they are mapped to."""
    values = _texts(_claim(claims, settings.role_claim))  # whole: "former auditors" is not "auditors"
    role = next((role for value, role in settings.roles.items() if value in values), None)
    portals = tuple(sorted({code for text in _texts(_claim(claims, settings.portals_claim)) for code in text.split()}))
    name = claims.get("name")
    shown = " ".join(name.split())[:120] if isinstance(name, str) else ""
    return Identity(Subject(settings.issuer, str(claims["sub"])), shown if shown.isprintable() else "", role, portals)


def _signed(token: str, keys: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    if len(token) > _LONGEST:
        raise TokenRefused("form")
    try:
        header = jwt.get_unverified_header(token)
    except PyJWTError:
        raise TokenRefused("form") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise TokenRefused("alg")
    fitting = [key for key in keys if _fits(key, algorithm, kid)]
    if len(fitting) != 1:
        raise KeyMissing
    try:
        key = jwt.PyJWK(dict(fitting[0]), algorithm=algorithm)
        claims: Mapping[str, Any] = jwt.decode(token, key, algorithms=[algorithm], options=_OPTIONS)  # type: ignore[arg-type]
    except (PyJWTError, ValueError, TypeError):
        raise TokenRefused("signature") from None
    return claims


def _fits(key: Mapping[str, Any], algorithm: str, kid: object) -> bool:
    if key.get("kty") != ALGORITHMS[algorithm] or key.get("use", "sig") != "sig":
        return False
    return key.get("alg", algorithm) == algorithm and (kid is None or key.get("kid") == kid)


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LATEST:
        raise TokenRefused(name)
    return value


def _claim(claims: Mapping[str, Any], path: str) -> object:
    """A claim by its name; where there is none of that whole name, a dot leads into an object."""
    if path in claims:
        return claims[path]
    found: object = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
