"""Signed notes and tree checkpoints, in the formats of C2SP signed-note v1 and tlog-checkpoint v1.

    body, lines each ended by a newline
    (an empty line)
    — <key name> base64(key id[4] || signature)

    key id = SHA-256(name || 0x0A || type || public key)[:4]      type 0x01: Ed25519 over the body
    vkey   = <name>+<key id, hex>+base64(type || public key)

Rule of this file: a note is trusted only through a key the caller already holds. Signatures by other keys are ignored;
a wrong signature by a known key spoils the whole note.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.encoding import base64_standard, from_base64_standard
from signing.errors import EncodingMalformed, KeyRefused, NoteMalformed, NoteUntrusted

MAX_NOTE_BYTES = 256 * 1024
MAX_SIGNATURES = 100
"""C2SP asks verifiers to take at least 16; more than this is an attempt to keep the verifier busy."""

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_PUBLIC_BYTES = 32
_SIGNATURE_START = "— "
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def key_id(name: str, public_key: Ed25519PublicKey, kind: bytes = _ED25519) -> bytes:
    """The four bytes by which a signature line says which key made it. `kind`: the byte of the signature type."""
    return sha256(name.encode() + b"\n" + kind + _raw(public_key)).digest()[:_KEY_ID_BYTES]


def vkey_text(name: str, public_key: Ed25519PublicKey, kind: bytes = _ED25519) -> str:
    """A public key as text, to be published and handed to verifiers."""
    return f"{name}+{key_id(name, public_key, kind).hex()}+{base64_standard(kind + _raw(public_key))}"


def split_vkey(text: str, kind: bytes = _ED25519) -> tuple[str, Ed25519PublicKey]:
    """The name and key in vkey text. Raises `KeyRefused` for a key of another type or an id that does not fit."""
    name, plus, rest = text.partition("+")
    identity, second_plus, encoded = rest.partition("+")
    if not plus or not second_plus:
        raise KeyRefused("not a vkey: name+id+key expected")
    check_name(name)
    try:
        data = from_base64_standard(encoded)
    except EncodingMalformed:
        raise KeyRefused("the key of a vkey is not base64") from None
    if data[:1] != kind or len(data) != 1 + _PUBLIC_BYTES:
        raise KeyRefused(f"the vkey is not an Ed25519 key of type {kind[0]}")
    public_key = Ed25519PublicKey.from_public_bytes(data[1:])
    if identity != key_id(name, public_key, kind).hex():
        raise KeyRefused("the id in the vkey does not fit its name and key")
    return name, public_key


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key with the name it signs under."""

    name: str
    public_key: Ed25519PublicKey

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def key_id(self) -> bytes:
        """Four bytes: see `key_id`."""
        return key_id(self.name, self.public_key)

    @property
    def vkey(self) -> str:
        """The key as text, to be published and handed to verifiers."""
        return vkey_text(self.name, self.public_key)


def parse_vkey(text: str) -> NoteKey:
    """The key in vkey text. Raises `KeyRefused` when it is not an Ed25519 note key or its key id does not fit."""
    return NoteKey(*split_vkey(text))


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A private key with the name it signs under. `private_key` never shows in `repr`."""

    name: str
    private_key: Ed25519PrivateKey

    def __post_init__(self) -> None:
        check_name(self.name)

    def __repr__(self) -> str:
        return f"NoteSigner(name={self.name!r})"

    @property
    def key(self) -> NoteKey:
        """The public half."""
        return NoteKey(self.name, self.private_key.public_key())

    @property
    def vkey(self) -> str:
        """The public half as text."""
        return self.key.vkey

    def sign(self, body: str) -> str:
        """The note with this body and one signature. Raises `NoteMalformed` when the body is no note text."""
        return add_signatures(body, [self.signature_line(body)])

    def signature_line(self, body: str) -> str:
        """One signature line, newline included, over the body."""
        _check_body(body)
        signature = self.private_key.sign(body.encode())
        return f"{_SIGNATURE_START}{self.name} {base64_standard(self.key.key_id + signature)}\n"


def add_signatures(body: str, lines: Iterable[str]) -> str:
    """The note of a body and signature lines, each ended by a newline. The lines are not verified."""
    return body + "\n" + "".join(lines)


@dataclass(frozen=True, slots=True)
class Note:
    """A note whose signatures by `verified` hold. `lines` are all signature lines, those of unknown keys included."""

    body: str
    verified: tuple[NoteKey, ...]
    lines: tuple[str, ...]


def open_note(text: str, keys: Iterable[NoteKey]) -> Note:
    """The note, verified against the keys the caller trusts.

    Raises `NoteMalformed` when the text is no signed note; `NoteUntrusted` when no known key signed it, or when a line
    that names a known key carries a wrong signature. Does not look into the body.
    """
    body, lines = _split(text)
    known = {(key.name, key.key_id): key for key in keys}
    verified: dict[tuple[str, bytes], NoteKey] = {}
    for line in lines:
        name, identity, signature = split_signature(line)
        key = known.get((name, identity))
        if key is None:
            continue
        try:
            key.public_key.verify(signature, body.encode())
        except InvalidSignature:
            raise NoteUntrusted("a known key's signature over the note is wrong") from None
        verified[(name, identity)] = key
    if not verified:
        raise NoteUntrusted("no known key signed the note")
    return Note(body, tuple(verified.values()), tuple(lines))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: its name, the number of its entries, the root over them.

    `extensions` are further lines, which C2SP advises against; kept because they are signed too.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def body(self) -> str:
        """The note body, three or more lines. Raises `NoteMalformed` when a part cannot be written."""
        if not 0 <= self.size < 1 << 63 or len(self.root) != 32:
            raise NoteMalformed("a checkpoint needs a size and a root of 32 bytes")
        lines = (self.origin, str(self.size), base64_standard(self.root), *self.extensions)
        if any(not line or "\n" in line for line in lines):
            raise NoteMalformed("a checkpoint line is empty or holds a newline")
        body = "".join(f"{line}\n" for line in lines)
        _check_body(body)
        return body


def parse_checkpoint(body: str) -> Checkpoint:
    """The checkpoint in a note body. Raises `NoteMalformed`. Says nothing about who signed it."""
    *lines, end = body.split("\n")
    if end or len(lines) < 3 or not all(lines):
        raise NoteMalformed("a checkpoint has three or more lines, none empty")
    origin, size, root, *extensions = lines
    if _DECIMAL.fullmatch(size) is None or int(size) >= 1 << 63:
        raise NoteMalformed("the size of a checkpoint is a plain decimal number")
    try:
        digest = from_base64_standard(root)
    except EncodingMalformed:
        raise NoteMalformed("the root of a checkpoint is base64") from None
    if len(digest) != 32:
        raise NoteMalformed("the root of a checkpoint is 32 bytes")
    return Checkpoint(origin, int(size), digest, tuple(extensions))


def open_checkpoint(text: str, key: NoteKey, *, origin: str) -> Checkpoint:
    """The checkpoint of a signed note, made by the log `origin` with `key`.

    Raises `NoteMalformed`, or `NoteUntrusted` when another key signed it or it speaks of another log.
    """
    checkpoint = parse_checkpoint(open_note(text, [key]).body)
    if checkpoint.origin != origin:
        raise NoteUntrusted("the checkpoint is that of another log")
    return checkpoint


def split_signature(line: str) -> tuple[str, bytes, bytes]:
    """The key name, key id and signature of a signature line without its newline. Raises `NoteMalformed`."""
    name, space, encoded = line.removeprefix(_SIGNATURE_START).partition(" ")
    if not line.startswith(_SIGNATURE_START) or not space or _NAME.fullmatch(name) is None:
        raise NoteMalformed("a signature line is a dash, a name and base64")
    try:
        data = from_base64_standard(encoded)
    except EncodingMalformed:
        raise NoteMalformed("a signature line is a dash, a name and base64") from None
    if len(data) <= _KEY_ID_BYTES:
        raise NoteMalformed("a signature line holds a key id and a signature")
    return name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:]


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def check_name(name: str) -> None:
    """Raises `KeyRefused` for a name no note key may have."""
    if _NAME.fullmatch(name) is None:
        raise KeyRefused("a note key's name has no spaces, no plus sign, and is not empty")


def _check_body(body: str) -> None:
    try:
        size = len(body.encode())
    except UnicodeEncodeError:
        raise NoteMalformed("a note is UTF-8 text") from None
    if not body.endswith("\n") or _CONTROL.search(body) or size > MAX_NOTE_BYTES:
        raise NoteMalformed("a note body ends with a newline and holds no other control characters")


def _split(text: str) -> tuple[str, list[str]]:
    if len(text) > MAX_NOTE_BYTES:
        raise NoteMalformed("the note is too long")
    # the signatures stand behind the last empty line: a body may hold empty lines of its own
    head, gap, tail = text.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise NoteMalformed("a note is a body, an empty line and signature lines")
    body = head + "\n"
    _check_body(body)
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteMalformed("the note has too many signatures")
    return body, lines
