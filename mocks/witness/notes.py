"""Requests, notes and cosignatures of a witness: C2SP tlog-witness, signed-note, tlog-cosignature.

Rule of this file: written from the specifications and from nothing else, so that a mistake is not made twice. It
verifies the log's signature and states no opinion on trees.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_MOST_HASHES = 63
_DASH = "\u2014"


class BadRequestError(ValueError):
    """The body is no add-checkpoint request."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a log sends: the size it starts from, the consistency proof, and the parts of the checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    body: str
    signatures: tuple[tuple[str, bytes], ...]
    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class LogKey:
    """A log's public key, from its vkey."""

    name: str
    key_id: bytes
    key: Ed25519PublicKey

    @classmethod
    def parse(cls, vkey: str) -> "LogKey":
        """Raises `ValueError` for anything but an Ed25519 vkey with the right id."""
        name, _, rest = vkey.strip().partition("+")
        identity, _, encoded = rest.partition("+")
        data = b64decode(encoded, validate=True)
        if len(data) != 33 or data[0] != 1 or sha256(name.encode() + b"\n" + data).hexdigest()[:8] != identity:
            raise ValueError("not the vkey of an Ed25519 key")
        return cls(name, bytes.fromhex(identity), Ed25519PublicKey.from_public_bytes(data[1:]))


def parse(data: bytes) -> Request:
    """The request in a body. Raises `BadRequestError`."""
    try:
        head, _, note = data.decode().partition("\n\n")
        first, *proof = head.split("\n")
        text, gap, signatures = note.rpartition("\n\n")
        lines = text.split("\n")
        if not first.startswith("old ") or not gap or len(lines) < 3 or "" in lines or len(proof) > _MOST_HASHES:
            raise BadRequestError("not a request")
        return Request(
            old=_number(first.removeprefix("old ")),
            proof=tuple(_hash(line) for line in proof),
            body=text + "\n",
            signatures=tuple(_signature(line) for line in signatures.removesuffix("\n").split("\n")),
            origin=lines[0],
            size=_number(lines[1]),
            root=_hash(lines[2]),
        )
    except (UnicodeDecodeError, Error):
        raise BadRequestError("not a request") from None


def signed_by(request: Request, log: LogKey) -> bool:
    """Whether the log's key signed the checkpoint. Lines of other keys do not matter."""
    for name, data in request.signatures:
        if name == log.name and data[:4] == log.key_id:
            try:
                log.key.verify(data[4:], request.body.encode())
            except InvalidSignature:
                return False
            return True
    return False


def cosignature(body: str, at: int, *, name: str, key_id: bytes, key: Ed25519PrivateKey) -> str:
    """A signature line over a checkpoint's body; `at`: seconds since 1970."""
    signature = key.sign(f"cosignature/v1\ntime {at}\n{body}".encode())
    return f"{_DASH} {name} {b64encode(key_id + at.to_bytes(8, 'big') + signature).decode()}\n"


def _number(text: str) -> int:
    if _NUMBER.fullmatch(text) is None:
        raise BadRequestError("not a size")
    return int(text)


def _hash(text: str) -> bytes:
    data = b64decode(text, validate=True)
    if len(data) != 32:
        raise BadRequestError("not a hash")
    return data


def _signature(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != _DASH or not parts[1]:
        raise BadRequestError("not a signature line")
    return parts[1], b64decode(parts[2], validate=True)
