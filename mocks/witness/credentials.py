"""The witness's key, made once and kept in files: `key` (hexadecimal), `name`, `vkey`.

Rule of this file: the vkey is written by its specification, C2SP signed-note and tlog-cosignature, not by the code of
those who will read it.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mocks.kept import value

_TYPE = b"\x04"  # Ed25519 cosignature


@dataclass(frozen=True, slots=True)
class Credentials:
    """The name it signs under, its private key, and the text by which others know it."""

    name: str
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def key_id(self) -> bytes:
        """SHA-256(name, newline, type, public key), four bytes of it."""
        return sha256(self.name.encode() + b"\n" + _TYPE + self._public).digest()[:4]

    @property
    def vkey(self) -> str:
        """To be configured in the log."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(_TYPE + self._public).decode()}"

    @property
    def _public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()


def make_credentials(directory: Path, *, name: str = "witness.example/w1") -> Credentials:
    """The credentials kept in `directory`; what is missing is made and written.

    Raises `OSError` when a file cannot be made or read.
    """
    secret = value(directory, "key", lambda: Ed25519PrivateKey.generate().private_bytes_raw().hex())
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    made = Credentials(value(directory, "name", lambda: name), key)
    value(directory, "vkey", lambda: made.vkey)
    return made
