"""Keyed tags for the names the index must find but not hold: officers, auditors, dossiers.

    tag = HMAC-SHA256(index key, what || 0x00 || name), the first 8 bytes as a signed whole number

Eight bytes keep a row of the index small: with ten million names the chance that any two share a tag is 1 in 300,000.
Unlike the log's own tags these stay the same over all months, so that one look finds an officer of last year.

Rule of this file: the key never shows in `repr` and a file open to other users is refused.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.audit.errors import KeyFileRefused
from gateway.audit.keyfiles import create_once, read_private

KEY_BYTES = 32
_TAG_BYTES = 8


@dataclass(frozen=True, slots=True)
class IndexKey:
    """The key of one index."""

    secret: bytes = field(repr=False)

    def officer(self, name: str) -> int:
        """The tag of an official's id, whatever the portal."""
        return self._tag(b"officer\x00", name)

    def auditor(self, name: str) -> int:
        """The tag of an account of the console."""
        return self._tag(b"auditor\x00", name)

    def dossier(self, code: str) -> int:
        """The tag of a dossier's code, whatever the portal."""
        return self._tag(b"dossier\x00", code)

    @property
    def check(self) -> bytes:
        """Tells whether an index was built with this key: HMAC-SHA256(key, "check")."""
        return hmac.digest(self.secret, b"check", "sha256")

    def _tag(self, what: bytes, name: str) -> int:
        tag = hmac.digest(self.secret, what + name.encode(errors="surrogatepass"), "sha256")
        return int.from_bytes(tag[:_TAG_BYTES], "big", signed=True)


def open_key(path: Path, urandom: Callable[[int], bytes]) -> IndexKey:
    """The key in the file at `path`, drawn and written (mode 0600) when there is none yet. Raises KeyFileRefused."""
    if not path.exists():
        create_once(path, urandom(KEY_BYTES), private=True)
    secret = read_private(path)
    if len(secret) != KEY_BYTES:
        raise KeyFileRefused(f"{path}: not a key of the index")
    return IndexKey(secret)
