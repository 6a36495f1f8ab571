"""The RFC 7638 thumbprint of a public key: its name where nobody gave it one.

Rule of this file: only the members that make up the key count, in lexicographic order, without white space.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from signing import algorithms
from signing.algorithms import PublicKey
from signing.encoding import base64url

MEMBERS: Mapping[str, tuple[str, ...]] = {
    "OKP": ("crv", "kty", "x"),
    "EC": ("crv", "kty", "x", "y"),
    "RSA": ("e", "kty", "n"),
}
"""kty -> the members that make up the key (RFC 7638, section 3.2; RFC 8037, section 2). crv and kty are names, the
others base64url."""

_FAMILIES: Mapping[str, tuple[str, Any]] = {
    "EdDSA": ("OKP", OKPAlgorithm),
    "ES256": ("EC", ECAlgorithm),
    "PS256": ("RSA", RSAAlgorithm),
}


def members(key: PublicKey) -> dict[str, str]:
    """The members of the key's JWK that make up the key. Raises `KeyRefused` for a key of no known family."""
    kty, engine = _FAMILIES[algorithms.of(key)]
    written = engine.to_jwk(key, as_dict=True)
    return {name: written[name] for name in MEMBERS[kty]}


def thumbprint(key: PublicKey) -> str:
    """base64url(SHA-256) of the key's members, 43 characters."""
    text = json.dumps(members(key), sort_keys=True, separators=(",", ":"))
    return base64url(sha256(text.encode("ascii")).digest())
