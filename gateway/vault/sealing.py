"""An item as bytes that only the gateways of one data folder can read.

    sealed  = version 1 || salt 24 || AES-256-GCM(row key, nonce 0, content, readable columns)
    row key = HMAC-SHA256(sealing key, salt)

A key of its own for every row: a national vault writes more rows in a month than one key may seal with random nonces
(NIST SP 800-38D, section 8.3). The readable columns are bound in, so a row cannot be given to another portal, moved to
another name, nor outlive its time; whom it is about stands in the sealed part as well.

The three keys come from the 32 bytes of `keys/vault-key` by HKDF-SHA256 (RFC 5869), one for each use.
"""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from gateway.storage.vault import VaultRow
from gateway.vault.errors import VaultUnreadable
from gateway.vault.item import TAG_BYTES, Item, Space

KEY_BYTES = 32
SALT_BYTES = 24
_VERSION = b"\x01"
_NONCE = bytes(12)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Sealer:
    """Seals, opens and names. `urandom` returns as many random bytes as asked for."""

    def __init__(self, key: bytes, urandom: Callable[[int], bytes]) -> None:
        self._sealing, self._tagging, self._naming = (_derived(key, use) for use in ("seal", "tag", "name"))
        self._urandom = urandom

    def tag(self, kind: str, identifier: str) -> bytes:
        """16 bytes that stand for a subject. `kind`: person, enterprise or taxpayer."""
        return _hash(self._tagging, kind, identifier)[:TAG_BYTES]

    def name(self, space: Space, *parts: str) -> bytes:
        """32 bytes that stand for some parts, in their order."""
        return _hash(self._naming, space.value, *parts)

    def seal(self, item: Item) -> VaultRow:
        """The row of an item. Raises ValueError for times without a zone and for one that ends before it began."""
        if item.expires <= item.created:
            raise ValueError("an item ends after it was made")
        created, expires = microseconds(item.created), microseconds(item.expires)
        salt = self._urandom(SALT_BYTES)
        plain = len(item.subjects).to_bytes(2) + b"".join(item.subjects) + item.content
        bound = _bound(item.space.value, item.id, item.agency, item.state, created, expires)
        sealed = _VERSION + salt + self._cipher(salt).encrypt(_NONCE, plain, bound)
        return VaultRow(item.space.value, item.id, item.agency, item.state, created, expires, sealed)

    def open(self, row: VaultRow) -> Item:
        """The item of a row. Raises VaultUnreadable."""
        version, salt, encrypted = row.sealed[:1], row.sealed[1 : 1 + SALT_BYTES], row.sealed[1 + SALT_BYTES :]
        if version != _VERSION or len(salt) != SALT_BYTES:
            raise VaultUnreadable
        bound = _bound(row.space, row.id, row.agency, row.state, row.created_us, row.expires_us)
        try:
            plain = self._cipher(salt).decrypt(_NONCE, encrypted, bound)
        except InvalidTag:
            raise VaultUnreadable from None
        end = 2 + int.from_bytes(plain[:2]) * TAG_BYTES
        subjects = tuple(plain[at : at + TAG_BYTES] for at in range(2, end, TAG_BYTES))
        return Item(
            space=Space(row.space),
            id=row.id,
            agency=row.agency,
            state=row.state,
            created=_EPOCH + row.created_us * _MICROSECOND,
            expires=_EPOCH + row.expires_us * _MICROSECOND,
            content=plain[end:],
            subjects=subjects,
        )

    def _cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(hmac.digest(self._sealing, salt, sha256))


def microseconds(at: datetime) -> int:
    """Since 1970 UTC. Raises ValueError without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time has a zone")
    return (at - _EPOCH) // _MICROSECOND


def _derived(key: bytes, use: str) -> bytes:
    return HKDFExpand(SHA256(), KEY_BYTES, f"lienthong vault {use}".encode()).derive(key)


def _hash(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, b"".join(_framed(part.encode()) for part in parts), sha256)


def _bound(space: str, identity: bytes, agency: str, state: str, created: int, expires: int) -> bytes:
    texts = (space.encode(), identity, agency.encode(), state.encode(), str(created).encode(), str(expires).encode())
    return b"".join(_framed(text) for text in texts)


def _framed(part: bytes) -> bytes:
    return len(part).to_bytes(4) + part
