"""A key epoch: the two secret keys by which entries of one kind and month are sealed and subjects tagged, and its file.

    seal    AES-256-GCM under a 32-byte key; the key alone opens entries
    tag     HMAC-SHA256(search key, type || 0x00 || normalised id)[:16]; the key alone finds a person's entries
    commit  HMAC-SHA256(key, "commit"), published in the log: AES-GCM would let one ciphertext fit two keys

Rule of this file: keys never show in `repr`, are never logged, and a file open to other users is refused.
Nonces are 96 random bits. Two processes share one epoch, so a counter would repeat; with random nonces a key
is good for 2^32 entries (NIST SP 800-38D, section 8.3), hundreds of days at a hundred entries a second.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.audit.errors import KeyFileRefused
from gateway.audit.keyfiles import create_once, read_private

KID_BYTES = 16
KEY_BYTES = 32
TAG_BYTES = 16
NO_TAG = bytes(TAG_BYTES)
_VERSION = 2
_MEMBERS = {"v", "epoch", "created", "seals", "period", "sealing_key", "search_key"}


@dataclass(frozen=True, slots=True)
class Epoch:
    """One key epoch. `kid`: 16 random bytes that name it; `seals`: label of the entry kind it is for; `period`: the UTC
    month it is for, `2026-11`."""

    kid: bytes
    created: str
    seals: str
    period: str
    sealing_key: bytes = field(repr=False)
    search_key: bytes = field(repr=False)
    cipher: AESGCM = field(repr=False, compare=False)

    def tag(self, kind: str, identifier: str) -> bytes:
        """The keyed hash, 16 bytes, of an identifier that is already normalised.

        `kind`: person, organisation, actor, family.
        """
        message = kind.encode() + b"\x00" + identifier.encode(errors="surrogatepass")
        return hmac.digest(self.search_key, message, "sha256")[:TAG_BYTES]

    def subject_tag(self, identifier: str) -> bytes:
        """The tag of a subject, whatever role and source it was asked in.

        12 or 9 digits are a person's number, also where they are used as a tax code; everything else is an
        organisation. Spaces, dots and hyphens do not count.
        """
        plain = "".join(c for c in identifier if c not in " .-\t\r\n").upper()
        person = plain.isascii() and plain.isdigit() and len(plain) in (9, 12)
        return self.tag("person" if person else "organisation", plain)

    def actor_tag(self, agency: str, officer: str) -> bytes:
        """The tag of an official of a portal, or of an account of the console."""
        return self.tag("actor", f"{agency}\x00{officer}")

    @property
    def sealing_commitment(self) -> bytes:
        """HMAC-SHA256(sealing key, "commit")."""
        return hmac.digest(self.sealing_key, b"commit", "sha256")

    @property
    def search_commitment(self) -> bytes:
        """HMAC-SHA256(search key, "commit")."""
        return hmac.digest(self.search_key, b"commit", "sha256")


def draw(urandom: Callable[[int], bytes], at: datetime, *, seals: str, period: str) -> Epoch:
    """A new epoch from `urandom`, which returns as many random bytes as asked for."""
    kid, sealing, search = urandom(KID_BYTES), urandom(KEY_BYTES), urandom(KEY_BYTES)
    return Epoch(kid, at.isoformat(), seals, period, sealing, search, AESGCM(sealing))


def open_epoch(path: Path, *, urandom: Callable[[int], bytes], at: datetime, seals: str, period: str) -> Epoch:
    """The epoch in the file at `path`, drawn and written (mode 0600) when there is none yet.

    Raises KeyFileRefused. Losing the file makes the entries unreadable for good; the tree still verifies.
    """
    if not path.exists():
        create_once(path, _print(draw(urandom, at, seals=seals, period=period)), private=True)
    found = read_epoch(path)
    if (found.seals, found.period) != (seals, period):
        raise KeyFileRefused(f"{path}: holds the keys of {found.seals} entries of {found.period}")
    return found


def read_epoch(path: Path) -> Epoch:
    """The epoch in an existing file. Raises KeyFileRefused."""
    refused = KeyFileRefused(f"{path}: not a key epoch file")
    try:
        written = json.loads(read_private(path))
        if not isinstance(written, dict) or written.keys() != _MEMBERS or written["v"] != _VERSION:
            raise refused
        kid = bytes.fromhex(written["epoch"])
        sealing, search = (base64.b64decode(written[name], validate=True) for name in ("sealing_key", "search_key"))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise refused from None
    if len(kid) != KID_BYTES or len(sealing) != KEY_BYTES or len(search) != KEY_BYTES:
        raise refused
    created, seals, period = (str(written[name]) for name in ("created", "seals", "period"))
    return Epoch(kid, created, seals, period, sealing, search, AESGCM(sealing))


def _print(epoch: Epoch) -> bytes:
    written = {
        "v": _VERSION,
        "epoch": epoch.kid.hex(),
        "created": epoch.created,
        "seals": epoch.seals,
        "period": epoch.period,
        "sealing_key": base64.b64encode(epoch.sealing_key).decode(),
        "search_key": base64.b64encode(epoch.search_key).decode(),
    }
    return (json.dumps(written, indent=2) + "\n").encode()
