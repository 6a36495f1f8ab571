"""The log's signing key: an Ed25519 key in `log-key.pem`, its public half as text in `log.vkey`.

Rule of this file: the key is made once per deployment and shared by its processes. A vkey file that does not
fit the key is an error, never overwritten: someone verifies with the old one.
"""

from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.audit.errors import KeyFileRefused
from gateway.audit.keyfiles import create_once, read_private
from signing.notes import NoteSigner


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a log lie. `Places.under(data_dir)` is the layout of `--data-dir`."""

    store: Path
    ring: Path
    key: Path
    vkey: Path

    @classmethod
    def under(cls, data_dir: Path) -> "Places":
        """`<data dir>/log/` with log.sqlite, keys/ (the key ring), log-key.pem and log.vkey."""
        folder = data_dir / "log"
        return cls(folder / "log.sqlite", folder / "keys", folder / "log-key.pem", folder / "log.vkey")


def open_signer(places: Places, origin: str) -> NoteSigner:
    """The note signer of the log `origin`; its key and vkey files are made when there are none yet.

    Raises KeyFileRefused: the key file is open to others, is not an unencrypted Ed25519 PKCS #8 PEM, or the
    vkey file belongs to another key or origin.
    """
    if not places.key.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        create_once(places.key, pem, private=True)
    signer = NoteSigner(origin, _parse(places.key, read_private(places.key)))
    if not places.vkey.exists():
        create_once(places.vkey, f"{signer.vkey}\n".encode(), private=False)
    if places.vkey.read_text(encoding="utf-8").strip() != signer.vkey:
        raise KeyFileRefused(f"{places.vkey}: belongs to another key or origin than {places.key} and {origin}")
    return signer


def _parse(path: Path, pem: bytes) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyFileRefused(f"{path}: not an unencrypted private key in PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileRefused(f"{path}: not an Ed25519 key")
    return key
