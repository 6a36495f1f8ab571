"""Compact JWS (RFC 7515): one signer, three parts, strict form.

Rule of this file: form and signature only. What a header or a claim has to say is decided elsewhere; nothing here takes
a key or an algorithm from the token.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from signing import algorithms
from signing.algorithms import PublicKey
from signing.encoding import base64url, from_base64url, json_bytes, json_object
from signing.errors import AlgorithmRefused, TokenMalformed
from signing.keys import Signer

MAX_TOKEN_BYTES = 16 * 1024
"""Longest token looked at, in characters (all of them ASCII)."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A token taken apart. Nothing in it is proved until `verify` has passed."""

    header: Mapping[str, Any]
    payload: bytes
    signing_input: bytes
    signature: bytes

    def claims(self) -> dict[str, Any]:
        """The payload as a strict JSON object. Raises `EncodingMalformed`."""
        return json_object(self.payload, max_bytes=MAX_TOKEN_BYTES)


def encode(header: Mapping[str, Any], payload: bytes, signer: Signer) -> str:
    """The signed token. `alg` and `kid` are the signer's; a header that names others is overruled.

    Raises `TokenMalformed` when the result is longer than anyone would read.
    """
    whole = {**header, "alg": signer.alg, "kid": signer.kid}
    signing_input = f"{base64url(json_bytes(whole))}.{base64url(payload)}"
    token = f"{signing_input}.{base64url(signer.sign(signing_input.encode('ascii')))}"
    if len(token) > MAX_TOKEN_BYTES:
        raise TokenMalformed("the token is too long")
    return token


def parse(token: str) -> Parsed:
    """The parts of a compact JWS. Raises `TokenMalformed` or `EncodingMalformed`; verifies nothing."""
    if len(token) > MAX_TOKEN_BYTES:
        raise TokenMalformed("the token is too long")
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        raise TokenMalformed("a compact JWS has three parts, none empty")
    header, payload, signature = (from_base64url(part) for part in parts)
    return Parsed(
        header=json_object(header, max_bytes=MAX_TOKEN_BYTES),
        payload=payload,
        signing_input=f"{parts[0]}.{parts[1]}".encode("ascii"),
        signature=signature,
    )


def verify(parsed: Parsed, public_key: PublicKey, alg: str) -> None:
    """Is this token signed with the key, by the algorithm the key is pinned to?

    Raises `AlgorithmRefused` when the header names another algorithm, `TokenMalformed` for header parameters that
    change how the signature is made (`crit`, `b64`; RFC 7797), `KeyRefused`, and `SignatureInvalid`.
    """
    named = parsed.header.get("alg")
    if not isinstance(named, str) or not algorithms.same(named, alg):
        raise AlgorithmRefused("the token's algorithm is not the key's")
    if "crit" in parsed.header or "b64" in parsed.header:
        raise TokenMalformed("the header parameters crit and b64 are not allowed")
    algorithms.verify(parsed.signing_input, parsed.signature, key=public_key, alg=alg)
