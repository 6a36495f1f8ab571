"""What an operator can get wrong, and how it is named."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from adapters.observe import NullObserver
from adapters.settings import ProfileError
from adapters.tax import build
from adapters.tax.profiles import profile
from mocks.tax import KeyKind
from mocks.tax.credentials import self_signed
from tests.adapters.tax.live import AT, credentials, settings


def refused(**changes: Any) -> ProfileError:
    """The error an operator sees for settings with these changes."""
    made = settings("http://127.0.0.1/", credentials())
    changed = {
        key: {**getattr(made, key), **value} if isinstance(value, dict) else value for key, value in changes.items()
    }
    with pytest.raises(ProfileError) as caught:
        build(replace(made, **changed), now=lambda: AT, observe=NullObserver())
    return caught.value


def pem(key: Any, encryption: Any = None) -> str:
    """A private key as PEM text."""
    made: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return made.decode()


def test_an_unknown_profile_has_no_key() -> None:
    """The profile's own name is at fault."""
    assert refused(profile="plain").key is None


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("verify", False),
        ("clock_tolerance_seconds", "30"),
        ("clock_tolerance_seconds", -1),
        ("clock_tolerance_seconds", 121),
        ("clock_tolerance_seconds", True),
        ("ca_file", ""),
        ("ca_file", "no/such/file.pem"),
    ],
)
def test_a_wrong_option_is_named(option: str, value: object) -> None:
    """Unknown, of another type, or out of bounds; there is no option that switches verification off."""
    assert refused(options={option: value}).key == option


@pytest.mark.parametrize("name", ["client_key", "client_certificate", "server_certificate"])
@pytest.mark.parametrize("text", ["", "no PEM at all", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_a_credential_that_cannot_be_read_is_named(name: str, text: str) -> None:
    """Missing, or not PEM of the right kind; the sentence does not quote it."""
    error = refused(credentials={name: text})
    assert error.key == name
    assert "AAAA" not in str(error)


def test_a_credential_nobody_uses_is_named() -> None:
    """A spelling mistake does not pass in silence."""
    assert refused(credentials={"client_cert": "x"}).key == "client_cert"


def test_two_certificates_are_one_too_many() -> None:
    """The pinned certificate is one, not a chain."""
    held = credentials()
    both = f"{held.server_certificate}\n{held.client_certificate}"
    assert refused(credentials={"server_certificate": both}).key == "server_certificate"


def test_key_and_certificate_belong_together() -> None:
    """A key that is not the certificate's would sign what nobody can verify."""
    other = credentials(number=1)
    assert refused(credentials={"client_key": other.client_key}).key == "client_key"


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(public_exponent=65_537, key_size=1024),  # noqa: S505  # weak on purpose
        ec.generate_private_key(ec.SECP384R1()),
    ],
    ids=["rsa-1024", "p-384"],
)
def test_a_weak_or_strange_key_is_refused(key: Any) -> None:
    """RSA below 2048 bits and other curves are not in the profile."""
    text = pem(key)
    certificate = self_signed(text, "weak.example", at=AT)
    assert refused(credentials={"server_certificate": certificate}).key == "server_certificate"
    changed = {"client_key": text, "client_certificate": certificate}
    assert refused(credentials=changed).key == "client_certificate"


def test_an_encrypted_or_foreign_private_key_is_refused() -> None:
    """A password cannot be asked for, and Ed25519 is not in the profile."""
    locked = pem(ec.generate_private_key(ec.SECP256R1()), BestAvailableEncryption(b"x"))
    assert refused(credentials={"client_key": locked}).key == "client_key"
    assert refused(credentials={"client_key": pem(ed25519.Ed25519PrivateKey.generate())}).key == "client_key"


@pytest.mark.parametrize("kind", list(KeyKind))
def test_nothing_secret_is_printed(kind: KeyKind) -> None:
    """The profile's repr shows neither keys nor certificates."""
    held = credentials(kind)
    text = repr(profile(settings("http://127.0.0.1/", held)))
    assert "PRIVATE" not in text
    assert "Certificate" not in text
