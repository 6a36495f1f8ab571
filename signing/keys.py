"""Keys: who signs, and with what. PEM in, PEM out.

Rule of this file: a private key never shows in `repr`, in an exception or in a file others can read, and every key is
checked against its algorithm when it is loaded, once, not when it is used.
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from signing import algorithms
from signing.algorithms import PrivateKey, PublicKey
from signing.errors import KeyRefused
from signing.thumbprint import thumbprint

_KID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_PUBLIC_PEM = re.compile(rb"\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*")
_OTHERS_MAY = 0o077


class Signer(Protocol):
    """Something that signs: a key in memory here, a hardware module elsewhere."""

    @property
    def kid(self) -> str:
        """The name verifiers know the key by."""
        ...

    @property
    def alg(self) -> str:
        """EdDSA, ES256 or PS256."""
        ...

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`, in JOSE form."""
        ...


@dataclass(frozen=True, slots=True)
class KeySigner:
    """A private key held in memory. Raises `KeyRefused` when kid, algorithm and key do not fit each other."""

    kid: str
    alg: str
    private_key: PrivateKey

    def __post_init__(self) -> None:
        check_kid(self.kid)
        algorithms.check_fit(self.private_key, self.alg)

    def __repr__(self) -> str:
        return f"KeySigner(kid={self.kid!r}, alg={self.alg!r})"

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        return self.private_key.public_key()

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`, in JOSE form."""
        return algorithms.sign(message, self.private_key, self.alg)


def load_signer(path: Path, *, kid: str | None = None, alg: str | None = None) -> KeySigner:
    """The signer whose private key is in a PEM file (PKCS #8, not encrypted).

    `kid` defaults to the key's RFC 7638 thumbprint, `alg` to the only one the key fits. Loading an RSA key takes
    tens of milliseconds: do it once. Raises `KeyRefused` when group or others may touch the file, or when it holds no
    usable key; `OSError` when it cannot be read.
    """
    key = parse_private(read_private_file(path))
    return KeySigner(kid or thumbprint(key.public_key()), alg or algorithms.of(key), key)


def read_private_file(path: Path) -> bytes:
    """The content of a file only its owner may touch. Raises `KeyRefused` when others may too, `OSError`."""
    with path.open("rb") as file:
        # of the open file, not of the path: what is checked is what is read
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise KeyRefused(f"{path.name} is not a file")
        if mode & _OTHERS_MAY:
            raise KeyRefused(f"{path.name} is open to group or others: run chmod 600 on it")
        return file.read()


def write_private_file(path: Path, content: bytes) -> None:
    """A new file only its owner may touch. Raises `FileExistsError` rather than overwrite a key."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def parse_private(pem: bytes) -> PrivateKey:
    """The private key in PEM text without a password. Raises `KeyRefused`."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # TypeError is what `cryptography` raises for an encrypted key
        raise KeyRefused("not a private key in PEM (PKCS #8) without a password") from None
    algorithms.of(key)
    assert isinstance(key, PrivateKey)  # noqa: S101  # `of` has just refused everything else
    return key


def parse_public(pem: bytes, alg: str) -> PublicKey:
    """The public key in one PEM block (SubjectPublicKeyInfo) that is to be used with `alg`.

    Raises `KeyRefused` when it is not one, when it is a private key, or when kind, curve or size do not fit;
    `AlgorithmRefused` when `alg` is none of ours.
    """
    key = _public(pem)
    algorithms.check_fit(key, alg)
    assert isinstance(key, PublicKey)  # noqa: S101  # `check_fit` has just refused everything else
    return key


def parse_any_public(pem: bytes) -> tuple[str, PublicKey]:
    """The public key in one PEM block and the one algorithm it fits. Raises `KeyRefused`."""
    key = _public(pem)
    alg = algorithms.of(key)
    return alg, parse_public(pem, alg)


def private_pem(key: PrivateKey) -> bytes:
    """The private key as PEM, PKCS #8, without a password."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: PublicKey) -> bytes:
    """The public key as PEM, SubjectPublicKeyInfo."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def check_kid(kid: str) -> None:
    """Raises `KeyRefused` unless the key id is 1 to 128 characters of `A-Z a-z 0-9 . _ -`.

    Key ids become file names and log fields.
    """
    if _KID.fullmatch(kid) is None or kid.startswith("."):
        raise KeyRefused("a kid is 1 to 128 characters of A-Z a-z 0-9 . _ -, not beginning with a dot")


def _public(pem: bytes) -> object:
    if _PUBLIC_PEM.fullmatch(pem) is None:
        raise KeyRefused("not one public key in PEM (SubjectPublicKeyInfo)")
    try:
        return load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyRefused("not a public key in PEM (SubjectPublicKeyInfo)") from None
