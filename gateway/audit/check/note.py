"""Reading signed notes: C2SP signed-note v1, tlog-checkpoint v1 and tlog-cosignature v1, as a verifier.

    — <key name> base64(key id[4] || signature)

Lines by unknown keys are ignored; a wrong signature by the known key spoils the note.
Rule of this file: ValueError says what is wrong with a text; the caller knows what that means.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG = 1
WITNESS = 4
"""Signature types: an Ed25519 signature, an Ed25519 cosignature with its time."""

_DASH = "\u2014 "
_TIME_BYTES = 8
_MOST_LINES = 100


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


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint with its note.

    `body`: what was signed; `own`: the note with the log's own signature alone, as the log stores it; `others`: the
    signature lines of others, not verified.
    """

    checkpoint: Checkpoint
    body: str
    own: str
    others: tuple[str, ...]


def parse_key(vkey: str) -> Key:
    """The log's key in a vkey text. ValueError when it is none, or its id does not follow from its name and bytes."""
    return _parse(vkey, LOG, "the public key")


def parse_witness(vkey: str) -> Key:
    """A witness's key in a vkey text. ValueError as for the log's."""
    return _parse(vkey, WITNESS, "the witness's public key")


def open_checkpoint(text: str, key: Key) -> Checkpoint:
    """The checkpoint in a note signed by `key` for the origin of that name. ValueError otherwise."""
    return open_note(text, key).checkpoint


def open_note(text: str, key: Key) -> Note:
    """The same with the note it stands in."""
    body, gap, signatures = text.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise ValueError("not a signed note")
    body += "\n"
    lines = signatures[:-1].split("\n")
    if len(lines) > _MOST_LINES:
        raise ValueError("not a signed note")
    own, others = list[str](), list[str]()
    for line in lines:
        name, identity, signature = split_line(line)
        ours = (name, identity) == (key.name, key.identity)
        if ours and not _good(key, signature, body):
            raise ValueError("the signature is wrong")
        (own if ours else others).append(line)
    if not own:
        raise ValueError("not signed by the given key")
    return Note(_checkpoint(body, key.name), body, "\n".join([body, *own]) + "\n", tuple(others))


def split_line(line: str) -> tuple[str, bytes, bytes]:
    """The key name, key id and signature of a signature line without its line feed. ValueError when it is none."""
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not name or not encoded:
        raise ValueError("not a signature line")
    raw = _decode(encoded)
    return name, raw[:4], raw[4:]


def cosigned(signature: bytes, body: str, witness: Key) -> int:
    """The time, seconds since 1970, a witness's cosignature over `body` states. ValueError when it is wrong."""
    time = int.from_bytes(signature[:_TIME_BYTES], "big")
    if not _good(witness, signature[_TIME_BYTES:], f"cosignature/v1\ntime {time}\n{body}"):
        raise ValueError("the cosignature is wrong")
    return time


def _good(key: Key, signature: bytes, text: str) -> bool:
    try:
        key.public.verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _parse(vkey: str, kind: int, called: str) -> Key:
    pieces = vkey.strip().split("+", 2)  # base64 may hold a plus sign of its own
    if len(pieces) != 3 or not pieces[0]:
        raise ValueError("a public key has the form name+id+base64")
    name, identity, encoded = pieces
    raw = _decode(encoded)
    if len(raw) != 33 or raw[0] != kind:
        raise ValueError(f"{called} is not an Ed25519 {'note key' if kind == LOG else 'cosignature key'}")
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if identity != expected.hex():
        raise ValueError(f"the id inside {called} does not fit: probably a copying mistake")
    return Key(name, expected, Ed25519PublicKey.from_public_bytes(raw[1:]))


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
