"""Encryption in front of any store, so that whoever holds the folder or the bucket holds nothing.

    object = version 1 || salt 32 || AES-256-GCM(key, nonce, content, version || name)
    key 32 || nonce 12 = HKDF-SHA256(documents key, salt, "lienthong documents" || version || name)

Each object has a key of its own (RFC 5869), so the bound on how much one GCM key may encrypt (NIST SP 800-38D, section
8.3) is never near. The name is bound in: an object under another name does not open.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.audit import keyfiles
from gateway.objects.contract import MOST_BYTES, ObjectExists, ObjectStore, ObjectTooLarge, ObjectUnreadable, place

KEY_BYTES = 32
SALT_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"
MARK = "0" * 32  # the object that tells whether a store was filled under this key; no random key is ever this
_MARKED = b"lienthong documents"
_INFO = b"lienthong documents\x00"
_SMALLEST = len(VERSION) + SALT_BYTES + 16


class Seal:
    """Seals and opens. `urandom` returns as many random bytes as asked for."""

    __slots__ = ("_key", "_urandom")

    def __init__(self, key: bytes, urandom: Callable[[int], bytes]) -> None:
        self._key = key
        self._urandom = urandom

    def seal(self, name: str, content: bytes) -> bytes:
        """The bytes to store under a name."""
        salt = self._urandom(SALT_BYTES)
        key, nonce = self._derived(name, salt)
        return VERSION + salt + AESGCM(key).encrypt(nonce, content, VERSION + name.encode())

    def open(self, name: str, stored: bytes) -> bytes:
        """The content of what is stored under a name. Raises ObjectUnreadable."""
        if len(stored) < _SMALLEST or not stored.startswith(VERSION):
            raise ObjectUnreadable
        salt, encrypted = stored[1 : 1 + SALT_BYTES], stored[1 + SALT_BYTES :]
        key, nonce = self._derived(name, salt)
        try:
            return AESGCM(key).decrypt(nonce, encrypted, VERSION + name.encode())
        except InvalidTag:
            raise ObjectUnreadable from None

    def _derived(self, name: str, salt: bytes) -> tuple[bytes, bytes]:
        info = _INFO + VERSION + name.encode()
        drawn = HKDF(SHA256(), KEY_BYTES + NONCE_BYTES, salt, info).derive(self._key)
        return drawn[:KEY_BYTES], drawn[KEY_BYTES:]


class SealedStore:
    """An `ObjectStore` that hands another one nothing but sealed bytes. Encryption runs on a worker thread."""

    __slots__ = ("_inner", "_seal")

    def __init__(self, inner: ObjectStore, seal: Seal) -> None:
        self._inner = inner
        self._seal = seal

    async def put(self, key: str, content: bytes) -> None:
        """See `ObjectStore.put`."""
        place(key)
        if len(content) > MOST_BYTES:
            raise ObjectTooLarge
        sealed = await asyncio.to_thread(self._seal.seal, key, content)
        try:
            await self._inner.put(key, sealed)
        except ObjectExists:
            # sealed twice, a content looks different each time: only its owner can tell
            if await self.get(key) != content:
                raise

    async def get(self, key: str) -> bytes | None:
        """See `ObjectStore.get`."""
        stored = await self._inner.get(key)
        return None if stored is None else await asyncio.to_thread(self._seal.open, key, stored)

    async def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        await self._inner.delete(key)

    async def check(self) -> None:
        """Also whether the store was filled under this key: ObjectUnreadable when it was another."""
        await self._inner.check()
        if await self.get(MARK) is None:
            await self.put(MARK, _MARKED)

    async def close(self) -> None:
        """See `ObjectStore.close`."""
        await self._inner.close()


def open_key(path: Path, urandom: Callable[[int], bytes]) -> bytes:
    """The 32-byte key in the file at `path`, drawn and written (mode 0600) when there is none yet.

    Raises KeyFileRefused. Losing the file loses every content that was kept; `SealedStore.check` tells.
    """
    return keyfiles.open_key(path, KEY_BYTES, urandom)
