"""Cosignatures of witnesses, in the format of C2SP tlog-cosignature v1 over Ed25519.

    — <witness name> base64(key id[4] || time, 8 bytes big-endian || Ed25519 signature)

    signed  "cosignature/v1\\n" "time <time>\\n" <note body of the checkpoint>     time: whole seconds since 1970, UTC
    key id  SHA-256(name || 0x0A || 0x04 || public key)[:4]
    vkey    <name>+<key id, hex>+base64(0x04 || public key)

What a witness says with it: of all trees of this log that it has ever seen, each the beginning of the next, this one is
the largest at this time.

Rule of this file: as for notes, a cosignature is trusted only through a key the caller already holds.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from signing.errors import NoteMalformed, NoteUntrusted
from signing.notes import MAX_SIGNATURES, check_name, key_id, split_signature, split_vkey, vkey_text

_COSIGNATURE = b"\x04"
_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
MAX_TIME = (1 << 63) - 1
"""The largest time a cosignature may state."""


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A witness's public key with the name it signs under. Raises `KeyRefused` for a name that cannot be one."""

    name: str
    public_key: Ed25519PublicKey

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def key_id(self) -> bytes:
        """Four bytes: see `signing.notes.key_id`."""
        return key_id(self.name, self.public_key, _COSIGNATURE)

    @property
    def vkey(self) -> str:
        """The key as text, as its operator publishes it."""
        return vkey_text(self.name, self.public_key, _COSIGNATURE)


def parse_witness_vkey(text: str) -> WitnessKey:
    """The key in vkey text. Raises `KeyRefused` when it is no Ed25519 cosignature key or its key id does not fit."""
    return WitnessKey(*split_vkey(text, _COSIGNATURE))


def open_cosignature(line: str, body: str, key: WitnessKey) -> int:
    """The time a cosignature states, in whole seconds since 1970, once it is shown to be one by `key` over `body`.

    `line`: without its newline. Raises `NoteMalformed` when it is no cosignature, `NoteUntrusted` when another key made
    it or it is wrong. Whether the time is plausible is the caller's to judge.
    """
    name, identity, data = split_signature(line)
    if (name, identity) != (key.name, key.key_id):
        raise NoteUntrusted("the cosignature is by another key")
    if len(data) != _TIME_BYTES + _SIGNATURE_BYTES:
        raise NoteMalformed("a cosignature holds a time and an Ed25519 signature")
    time = int.from_bytes(data[:_TIME_BYTES], "big")
    if time > MAX_TIME:
        raise NoteMalformed("a cosignature cannot state this time")
    try:
        key.public_key.verify(data[_TIME_BYTES:], _message(body, time))
    except InvalidSignature:
        raise NoteUntrusted("the witness's signature is wrong") from None
    return time


def find_cosignature(text: str, body: str, key: WitnessKey) -> tuple[str, int]:
    """The line by `key` among signature lines, without its newline, and the time it states.

    `text`: lines as a witness answers them, each ended by a newline; those by other keys are ignored. Raises
    `NoteMalformed` when the text is anything else, `NoteUntrusted` when none is by `key` or the first that is does not
    hold.
    """
    *lines, end = text.split("\n")
    if end or not lines or len(lines) > MAX_SIGNATURES:
        raise NoteMalformed("one or more signature lines expected")
    made_by = [split_signature(line)[:2] for line in lines]
    if (key.name, key.key_id) not in made_by:
        raise NoteUntrusted("no cosignature by this key")
    line = lines[made_by.index((key.name, key.key_id))]
    return line, open_cosignature(line, body, key)


def _message(body: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{body}".encode()
