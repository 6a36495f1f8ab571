"""Public keys as JSON Web Keys (RFC 7517): written for `/.well-known/jwks.json`, read by clients.

Rule of this file: what a JWK says it is for counts. A key for encryption, or one whose `key_ops` are anything but
verifying, verifies nothing; a private key has no business here.
"""

from collections.abc import Mapping
from typing import Any

from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from signing import algorithms
from signing.algorithms import PublicKey
from signing.encoding import from_base64url
from signing.errors import AlgorithmRefused, EncodingMalformed, KeyRefused
from signing.keys import Signer, check_kid
from signing.thumbprint import MEMBERS, members, thumbprint

KeySet = Mapping[str, tuple[str, PublicKey]]
"""kid -> (algorithm, public key)."""

_MAX_KEYS = 100
_ENGINES: Mapping[str, Any] = {"OKP": OKPAlgorithm, "EC": ECAlgorithm, "RSA": RSAAlgorithm}
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")


def to_jwk(key: PublicKey, *, kid: str, alg: str) -> dict[str, Any]:
    """The public key as a JWK for signatures. Raises `KeyRefused` when key and algorithm do not fit."""
    check_kid(kid)
    algorithms.check_fit(key, alg)
    return {**members(key), "kid": kid, "alg": algorithms.canonical(alg), "use": "sig"}


def from_jwk(jwk: Mapping[str, Any]) -> tuple[str, str, PublicKey]:
    """kid (the thumbprint where the JWK has none), canonical algorithm and key.

    Raises `KeyRefused` for a private or symmetric key; an unknown kind, curve or size; base64url out of form; `use`
    other than `sig`; `key_ops` other than `verify`; an `alg` that does not fit. RFC 9864 names are accepted.
    """
    kty = jwk.get("kty")
    if not isinstance(kty, str) or kty not in _ENGINES:
        raise KeyRefused("a JWK must be of kind OKP, EC or RSA")
    if any(name in jwk for name in _PRIVATE):
        raise KeyRefused("a JWK with private members")
    _check_purpose(jwk)
    names = MEMBERS[kty]
    try:
        for name in set(names) - {"crv", "kty"}:
            from_base64url(str(jwk.get(name, "=")))
        key = _ENGINES[kty].from_jwk({name: jwk[name] for name in names})
    except (InvalidKeyError, EncodingMalformed, ValueError, KeyError):
        raise KeyRefused("a JWK whose members make no key") from None
    alg = algorithms.of(key)
    _check_algorithm(jwk, alg)
    assert isinstance(key, PublicKey)  # noqa: S101  # private members were refused above
    kid = jwk.get("kid", thumbprint(key))
    if not isinstance(kid, str):
        raise KeyRefused("the kid of a JWK is text")
    check_kid(kid)
    return kid, alg, key


def to_jwks(signers: list[Signer]) -> dict[str, Any]:
    """The key set document (RFC 7517, section 5) with the public halves of the signers."""
    return {"keys": [to_jwk(signer.public_key, kid=signer.kid, alg=signer.alg) for signer in signers]}


def from_jwks(document: Mapping[str, Any]) -> KeySet:
    """The usable keys of a key set document. Keys that `from_jwk` refuses are left out (RFC 7517, section 5).

    Raises `KeyRefused` when it is no key set, holds too many keys, or names two keys alike.
    """
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > _MAX_KEYS or not all(isinstance(k, dict) for k in listed):
        raise KeyRefused("not a JWK set")
    found: dict[str, tuple[str, PublicKey]] = {}
    for jwk in listed:
        try:
            kid, alg, key = from_jwk(jwk)
        except KeyRefused:
            continue
        if kid in found:
            raise KeyRefused("a JWK set with one kid twice")
        found[kid] = (alg, key)
    return found


def _check_purpose(jwk: Mapping[str, Any]) -> None:
    if "use" in jwk and jwk["use"] != "sig":
        raise KeyRefused("the `use` of a JWK is not sig")
    if "key_ops" in jwk and jwk["key_ops"] != ["verify"]:
        raise KeyRefused("the `key_ops` of a JWK are not verify alone")


def _check_algorithm(jwk: Mapping[str, Any], alg: str) -> None:
    if "alg" not in jwk:
        return
    try:
        named = algorithms.canonical(jwk["alg"]) if isinstance(jwk["alg"], str) else ""
    except AlgorithmRefused:
        named = ""
    if named != alg:
        raise KeyRefused("the `alg` of a JWK does not fit its key")
