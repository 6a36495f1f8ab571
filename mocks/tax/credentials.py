"""The two key pairs of the mock tax service, made once and kept in files.

Rule of this file: both certificates are self-signed, because each side pins the other's. The client's private key is
kept here only so that whoever starts the mock can hand it to the gateway.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from mocks.kept import value

_VALIDITY = timedelta(days=3650)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class KeyKind(StrEnum):
    """Which keys are made: both sides' are of one kind."""

    RSA = "rsa"  # 2048 bits
    P256 = "p256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Both key pairs as PEM text, the private keys in PKCS #8."""

    client_key: str = field(repr=False)
    client_certificate: str = field(repr=False)
    server_key: str = field(repr=False)
    server_certificate: str = field(repr=False)


def make_credentials(
    directory: Path,
    *,
    kind: KeyKind = KeyKind.RSA,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Credentials:
    """The credentials kept in `directory`; what is missing is made and written.

    Files: `client.key.pem`, `client.cert.pem`, `server.key.pem`, `server.cert.pem`. Raises `OSError` when one cannot
    be made or read.
    """
    client = value(directory, "client.key.pem", lambda: new_key(kind))
    server = value(directory, "server.key.pem", lambda: new_key(kind))
    return Credentials(
        client_key=client,
        client_certificate=value(
            directory, "client.cert.pem", lambda: self_signed(client, "gateway.example", at=now())
        ),
        server_key=server,
        server_certificate=value(directory, "server.cert.pem", lambda: self_signed(server, "tax.example", at=now())),
    )


def new_key(kind: KeyKind) -> str:
    """A fresh private key as PEM text."""
    made: PrivateKey = (
        rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        if kind is KeyKind.RSA
        else ec.generate_private_key(ec.SECP256R1())
    )
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().rstrip("\n")


def self_signed(key_pem: str, name: str, *, at: datetime, lasting: timedelta = _VALIDITY) -> str:
    """A certificate for that key, signed by itself, valid from a day before `at` for `lasting`."""
    key = load_key(key_pem)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = at.astimezone(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + lasting)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode().rstrip("\n")


def load_key(pem: str) -> PrivateKey:
    """The private key in `pem`. Raises `ValueError` unless it is RSA or elliptic."""
    key = load_pem_private_key(pem.encode(), password=None)
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return key
    raise ValueError("the mock signs with RSA or P-256")
