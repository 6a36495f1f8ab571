"""Ways to spoil a signed token. A test of a verification passes each of them in and expects a refusal."""

import json
from collections.abc import Iterator

from signing.encoding import base64url, from_base64url

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PARTS = ("header", "payload", "signature")


def flip(token: str, position: int, bit: int) -> str:
    """The token with one bit of one character's base64url value changed, or a dot replaced."""
    character = token[position]
    if character == ".":
        return f"{token[:position]}{_ALPHABET[bit]}{token[position + 1 :]}"
    altered = _ALPHABET[_ALPHABET.index(character) ^ (1 << bit)]
    return f"{token[:position]}{altered}{token[position + 1 :]}"


def tampered(token: str) -> Iterator[tuple[str, str]]:
    """(what was done, altered token) for a good compact token. No altered token equals the good one."""
    yield from _regions(token)
    yield from _shapes(token)
    yield from _headers(token)


def _regions(token: str) -> Iterator[tuple[str, str]]:
    start = 0
    for name, part in zip(_PARTS, token.split("."), strict=True):
        for where, offset in (("start", 0), ("middle", len(part) // 2), ("end", len(part) - 1)):
            yield f"{name}: bit changed at the {where}", flip(token, start + offset, 0)
            yield f"{name}: high bit changed at the {where}", flip(token, start + offset, 5)
        start += len(part) + 1


def _shapes(token: str) -> Iterator[tuple[str, str]]:
    header, payload, signature = token.split(".")
    for index, name in enumerate(_PARTS):
        parts = [header, payload, signature]
        yield f"{name} removed", ".".join(parts[:index] + parts[index + 1 :])
        yield f"{name} emptied", ".".join([*parts[:index], "", *parts[index + 1 :]])
        yield f"{name} doubled", ".".join([*parts[:index], parts[index], *parts[index:]])
        yield f"{name} repeated in itself", ".".join([*parts[:index], parts[index] * 2, *parts[index + 1 :]])
        yield f"{name} cut by one character", ".".join([*parts[:index], parts[index][:-1], *parts[index + 1 :]])
        yield f"{name} padded", ".".join([*parts[:index], parts[index] + "=", *parts[index + 1 :]])
        yield f"{name} with a newline", ".".join([*parts[:index], parts[index] + "\n", *parts[index + 1 :]])
    yield "payload and signature exchanged", f"{header}.{signature}.{payload}"
    yield "leading space", f" {token}"
    yield "nothing", ""
    yield "signature of zeros", f"{header}.{payload}.{base64url(bytes(len(from_base64url(signature))))}"


def _headers(token: str) -> Iterator[tuple[str, str]]:
    header, rest = token.split(".", 1)
    said = json.loads(from_base64url(header))
    others = {"EdDSA", "Ed25519", "ES256", "PS256", "RS256", "HS256", "ES384", "none", "None", ""} - {said["alg"]}
    changes: list[dict[str, object]] = [{"alg": alg} for alg in sorted(others)]
    changes += [{"kid": "another"}, {"typ": "JWT"}, {"crit": ["b64"], "b64": False}, {"x5u": "https://example.org/"}]
    for change in changes:
        yield f"header with {change}", f"{_part({**said, **change})}.{rest}"
    yield "header spaced out", f"{base64url(json.dumps(said, indent=1).encode())}.{rest}"
    for name in said:
        yield f"header without {name}", f"{_part({k: v for k, v in said.items() if k != name})}.{rest}"
    twice = json.dumps(said)[:-1] + f', "alg": "{said["alg"]}"}}'
    yield "header with alg twice", f"{base64url(twice.encode())}.{rest}"


def _part(value: object) -> str:
    return base64url(json.dumps(value, separators=(",", ":")).encode())
