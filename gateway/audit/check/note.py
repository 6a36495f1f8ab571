"""Reading signed notes: C2SP signed-note v1 and tlog-checkpoint v1, as a verifier.

Lines by unknown keys are ignored; a wrong signature by the known key spoils the note.
Rule of this file: ValueError says what is wrong with a text; the caller knows what that means.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ED25519_TYPE = 1
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class Key:
    """A verifier's key: `<name>+<key id>+<base64>`."""

    name: str
    identity: bytes
    public: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a signed checkpoint states."""

    origin: str
    size: int
    root: bytes


def parse_key(vkey: str) -> Key:
    """The key in a vkey text. ValueError when it is none, or its id does not follow from its name and bytes."""
    pieces = vkey.strip().split("+", 2)  # base64 may hold a plus sign of its own
    if len(pieces) != 3 or not pieces[0]:
        raise ValueError("a public key has the form name+id+base64")
    name, identity, encoded = pieces
    raw = _decode(encoded)
    if len(raw) != 33 or raw[0] != _ED25519_TYPE:
        raise ValueError("the public key is not an Ed25519 note key")
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if identity != expected.hex():
        raise ValueError("the id inside the public key does not fit: probably a copying mistake")
    return Key(name, expected, Ed25519PublicKey.from_public_bytes(raw[1:]))


def open_checkpoint(text: str, key: Key) -> Checkpoint:
    """The checkpoint in a note signed by `key` for the origin of that name. ValueError otherwise."""
    body, gap, signatures = text.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise ValueError("not a signed note")
    body += "\n"
    good = 0
    for line in signatures[:-1].split("\n"):
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not encoded:
            raise ValueError("not a signed note")
        raw = _decode(encoded)
        if name == key.name and raw[:4] == key.identity:
            try:
                key.public.verify(raw[4:], body.encode())
            except InvalidSignature:
                raise ValueError("the signature is wrong") from None
            good += 1
    if not good:
        raise ValueError("not signed by the given key")
    return _checkpoint(body, key.name)


def _checkpoint(body: str, origin: str) -> Checkpoint:
    lines = body.split("\n")[:-1]
    if len(lines) < 3 or not all(lines):
        raise ValueError("not a checkpoint")
    if lines[0] != origin:
        raise ValueError("a checkpoint of another log")
    size = lines[1]
    if not (size.isascii() and size.isdigit()) or (size[0] == "0" and size != "0") or len(size) > 19:
        raise ValueError("a checkpoint without a size")
    root = _decode(lines[2])
    if len(root) != 32:
        raise ValueError("a checkpoint without a root")
    return Checkpoint(lines[0], int(size), root)


def _decode(encoded: str) -> bytes:
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    if base64.b64encode(raw).decode() != encoded:
        raise ValueError("not base64 in its one form")
    return raw
