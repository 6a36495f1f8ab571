"""The console's own key, and what is made with it: sealed secrets, keyed hashes, tokens of forms.

    sealed = nonce 12 || AES-256-GCM(key, nonce, content, purpose \\0 owner)

Rule of this file: every use of the key names its purpose, so that what was made for one is worth nothing for another.
"""

import hmac
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.audit.errors import KeyFileRefused
from gateway.audit.keyfiles import create_once, read_private
from signing.encoding import base64url

KEY_BYTES = 32
NONCE_BYTES = 12


class Unsealable(Exception):  # noqa: N818 - the name says what happened
    """Sealed bytes that were altered, belong to another owner, or were sealed under another key."""

    def __init__(self) -> None:
        super().__init__("a sealed value cannot be opened")


class ConsoleKey:
    """What can be done with the 32 bytes of the key. `urandom` returns as many random bytes as asked for."""

    __slots__ = ("_key", "_seal", "urandom")

    def __init__(self, key: bytes, urandom: Callable[[int], bytes]) -> None:
        # one key per algorithm: AES-GCM and HMAC never share bytes (NIST SP 800-57, section 5.2)
        self._key = hmac.digest(key, b"lienthong console: hash", "sha256")
        self._seal = AESGCM(hmac.digest(key, b"lienthong console: seal", "sha256"))
        self.urandom = urandom

    def seal(self, content: bytes, *, purpose: str, owner: str) -> bytes:
        """The content, readable with this key, this purpose and this owner only."""
        nonce = self.urandom(NONCE_BYTES)
        return nonce + self._seal.encrypt(nonce, content, f"{purpose}\x00{owner}".encode())

    def open(self, sealed: bytes, *, purpose: str, owner: str) -> bytes:
        """The content. Raises Unsealable."""
        try:
            return self._seal.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], f"{purpose}\x00{owner}".encode())
        except (InvalidTag, ValueError):
            raise Unsealable from None

    def hashed(self, text: str, *, purpose: str) -> bytes:
        """HMAC-SHA-256: finds a value again without keeping it."""
        return hmac.digest(self._key, f"{purpose}\x00{text}".encode(), "sha256")

    def form_token(self, session_id: str) -> str:
        """The token every form of a session carries, bound to the session's id (HMAC based token pattern, OWASP)."""
        return base64url(self.hashed(session_id, purpose="form"))


def open_key(path: Path, urandom: Callable[[int], bytes]) -> ConsoleKey:
    """The key in the file at `path`, drawn and written (mode 0600) when there is none yet.

    Raises KeyFileRefused. Losing the file ends all second factors: every account has to enrol again.
    """
    if not path.exists():
        create_once(path, urandom(KEY_BYTES), private=True)
    key = read_private(path)
    if len(key) != KEY_BYTES:
        raise KeyFileRefused(f"{path}: not a key of {KEY_BYTES} bytes")
    return ConsoleKey(key, urandom)


def new_session_id(urandom: Callable[[int], bytes]) -> str:
    """256 random bits, 43 characters of base64url."""
    return base64url(urandom(32))


def session_key(session_id: str) -> bytes:
    """Under what a session is kept: SHA-256 of its id. The id is random, so no salt is needed."""
    return sha256(session_id.encode()).digest()
