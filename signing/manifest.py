"""Manifest tokens: the gateway's signature over the manifest of a file that left.

A manifest says what a file is: which log, which entries, how many bytes, which SHA-256. The token says that the gateway
stands behind exactly these bytes. It is a compact JWS with the claims `iss`, `iat`, `jti` and `digest`, the
Content-Digest (RFC 9530) of the manifest.

Rule of this file: the type in the header keeps a token over a manifest from passing for one over an answer, and the
other way round.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from signing import algorithms, jws
from signing.digest import content_digest, matches
from signing.encoding import json_bytes
from signing.errors import AlgorithmRefused, ClaimUnfit, EncodingMalformed, KeyRefused, SignatureInvalid, TokenMalformed
from signing.jwk import KeySet
from signing.keys import Signer

TYPE = "gateway-manifest+jwt"
"""The header parameter `typ`."""

_CLAIMS = {"iss", "iat", "jti", "digest"}


def manifest_token(signer: Signer, *, iss: str, manifest: bytes, at: datetime, jti: str) -> str:
    """The token over a manifest's bytes. `iss`: the gateway; `jti`: a new identifier.

    Raises `ClaimUnfit` for a time without a zone.
    """
    if at.tzinfo is None:
        raise ClaimUnfit("the time of a token carries its zone")
    claims = {"iss": iss, "iat": int(at.timestamp()), "jti": jti, "digest": content_digest(manifest)}
    return jws.encode({"typ": TYPE}, json_bytes(claims), signer)


def verify_manifest(token: str, *, keys: KeySet, manifest: bytes) -> Mapping[str, Any]:
    """The claims of a token that one of the gateway's keys signed over exactly these bytes.

    Raises `TokenMalformed` (not a compact JWS, header not exactly alg, kid and typ, another type, claims that are not
    those above), `KeyRefused` (the key is none of `keys`), `AlgorithmRefused`, and `SignatureInvalid` (the signature or
    the digest, is that of something else).
    """
    try:
        parsed = jws.parse(token)
        claims = parsed.claims()
    except EncodingMalformed as error:
        raise TokenMalformed("not a compact JWS") from error
    header = parsed.header
    if header.keys() != {"alg", "kid", "typ"} or not all(isinstance(value, str) for value in header.values()):
        raise TokenMalformed("the token's header is not exactly alg, kid and typ")
    if header["typ"] != TYPE:
        raise TokenMalformed("the token is not one over a manifest")
    found = keys.get(header["kid"])
    if found is None:
        raise KeyRefused("the signing key is none of the gateway's")
    alg, key = found
    if not algorithms.same(header["alg"], alg):
        raise AlgorithmRefused("the signing key is pinned to another algorithm")
    jws.verify(parsed, key, alg)
    if claims.keys() != _CLAIMS or not all(isinstance(claims[name], str) for name in _CLAIMS - {"iat"}):
        raise TokenMalformed("the token's claims are not exactly iss, iat, jti and digest")
    if not isinstance(claims["iat"], int) or isinstance(claims["iat"], bool):
        raise TokenMalformed("the token's time is no whole number")
    if not matches(claims["digest"], manifest):
        raise SignatureInvalid("the token is over another manifest")
    return claims
