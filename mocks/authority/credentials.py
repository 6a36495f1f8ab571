"""The authority's certificates, made once and kept in files: a root, and under it the certificate that stamps.

Rule of this file: the second pair, `other-*`, is an authority's nobody trusts; it stamps when a fault asks for it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mocks.kept import value

_VALIDITY = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where the files are. `ca`: the root to be trusted."""

    directory: Path
    ca: Path
    key: Path
    certificate: Path
    other_key: Path
    other_certificate: Path


def make_credentials(directory: Path) -> Credentials:
    """The certificates kept in `directory`; what is missing is made. Raises `OSError` when a file cannot be had."""
    _pair(directory, "", "Synthetic Authority")
    _pair(directory, "other-", "Another Authority")
    return Credentials(
        directory,
        ca=directory / "ca.pem",
        key=directory / "tsa.key.pem",
        certificate=directory / "tsa.pem",
        other_key=directory / "other-tsa.key.pem",
        other_certificate=directory / "other-tsa.pem",
    )


def _pair(directory: Path, prefix: str, name: str) -> None:
    root = value(directory, f"{prefix}ca.key.pem", _new_key)
    value(directory, f"{prefix}ca.pem", lambda: _root(root, f"{name} Root"))
    own = value(directory, f"{prefix}tsa.key.pem", _new_key)
    value(directory, f"{prefix}tsa.pem", lambda: _stamping(own, root, name))


def _new_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _root(key_pem: str, name: str) -> str:
    key = _load(key_pem)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = _begun(key, name, name)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return _signed(builder.add_extension(usage, critical=True), key, key)


def _stamping(key_pem: str, root_pem: str, name: str) -> str:
    key, root = _load(key_pem), _load(root_pem)
    builder = _begun(key, name, f"{name} Root")
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    # RFC 3161, section 2.3: this one purpose, and critical
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return _signed(builder.add_extension(purpose, critical=True), key, root)


def _begun(key: ec.EllipticCurvePrivateKey, name: str, issuer: str) -> x509.CertificateBuilder:
    begin = datetime.now(UTC) - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + _VALIDITY)
    )


def _signed(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey) -> str:
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    builder = builder.add_extension(own, critical=False).add_extension(issuer, critical=False)
    return builder.sign(by, SHA256()).public_bytes(Encoding.PEM).decode()


def _load(pem: str) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the mock stamps with P-256")  # noqa: TRY004  # a file with a wrong value
    return key
