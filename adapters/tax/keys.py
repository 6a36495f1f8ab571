"""The keys of the tax connection: the gateway's own, and the one certificate an answer may be signed with.

Rule of this file: PEM text is read once, when the adapter is built (an RSA key takes some 70 ms to load). A key decides
its algorithm; nothing in a message does. A sentence of an error never quotes what was read.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from signxml.algorithms import SignatureMethod

from adapters.settings import ProfileError

_RSA_BITS = 2048

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate as it travels: base64 of its DER form, its validity (aware UTC) and its key's algorithm."""

    certificate: x509.Certificate = field(repr=False)
    token: str = field(repr=False)
    method: SignatureMethod

    def covers(self, at: datetime) -> bool:
        """Whether the certificate is within its validity at `at` (RFC 5280 section 4.1.2.5, both ends included)."""
        return self.certificate.not_valid_before_utc <= at <= self.certificate.not_valid_after_utc


@dataclass(frozen=True, slots=True)
class Identity:
    """What the gateway signs with: its private key and the certificate registered with the tax authority."""

    key: PrivateKey = field(repr=False)
    certified: Certified


def load_certified(pem: str, *, name: str) -> Certified:
    """The certificate in `pem`, which holds exactly one.

    `name` is the credential it came from. Raises `ProfileError` when it is not one certificate, or when its key is
    neither RSA of at least 2048 bits nor on the curve P-256.
    """
    try:
        (certificate,) = x509.load_pem_x509_certificates(pem.encode())
        public = certificate.public_key()
    except ValueError as error:
        raise ProfileError(f"{name} must be one X.509 certificate in PEM form", key=name) from error
    token = b64encode(certificate.public_bytes(Encoding.DER)).decode()
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= _RSA_BITS:
        return Certified(certificate, token, SignatureMethod.RSA_SHA256)
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        return Certified(certificate, token, SignatureMethod.ECDSA_SHA256)
    raise ProfileError(f"the key of {name} must be RSA of {_RSA_BITS} bits or more, or P-256", key=name)


def load_identity(key_pem: str, certificate_pem: str, *, key_name: str, certificate_name: str) -> Identity:
    """The gateway's own key and certificate.

    The names are the credentials they came from. Raises `ProfileError` when either cannot be read or when the
    certificate was issued for another key.
    """
    certified = load_certified(certificate_pem, name=certificate_name)
    try:
        key = load_pem_private_key(key_pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ProfileError(f"{key_name} must be a private key in PEM form, not encrypted", key=key_name) from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ProfileError(f"{key_name} must be an RSA or P-256 key", key=key_name)
    if key.public_key() != certified.certificate.public_key():
        raise ProfileError(f"{key_name} does not belong to {certificate_name}", key=key_name)
    return Identity(key, certified)
