"""The log's key files."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.audit import check
from gateway.audit.errors import KeyFileRefused
from gateway.audit.keys import Places, open_signer
from tests.gateway.audit.builders import ORIGIN


def test_key_is_made_once(tmp_path: Path) -> None:
    """The second start signs with the key of the first; the private half is the owner's alone."""
    places = Places.under(tmp_path)
    first = open_signer(places, ORIGIN)

    assert open_signer(places, ORIGIN).vkey == first.vkey == places.vkey.read_text().strip()
    assert stat.S_IMODE(places.key.stat().st_mode) == 0o600
    assert check.parse_key(first.vkey).name == ORIGIN


def test_key_of_another_origin_is_refused(tmp_path: Path) -> None:
    """A log that was renamed keeps its published key, so the start fails instead of confusing verifiers."""
    places = Places.under(tmp_path)
    open_signer(places, ORIGIN)

    with pytest.raises(KeyFileRefused, match="another key or origin"):
        open_signer(places, "other.example/log")


def test_exchanged_key_is_refused(tmp_path: Path) -> None:
    """A new private key under an old vkey file is refused."""
    places = Places.under(tmp_path)
    open_signer(places, ORIGIN)
    places.key.unlink()

    with pytest.raises(KeyFileRefused, match="another key or origin"):
        open_signer(places, ORIGIN)


def test_unfit_keys_are_refused(tmp_path: Path) -> None:
    """Rubbish, a key of another kind and a key open to others are refused with a sentence each."""
    places = Places.under(tmp_path)
    places.key.parent.mkdir()
    places.key.write_text("no key")
    places.key.chmod(0o600)
    with pytest.raises(KeyFileRefused, match="not an unencrypted private key"):
        open_signer(places, ORIGIN)

    other = generate_private_key(SECP256R1())
    places.key.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(KeyFileRefused, match="not an Ed25519 key"):
        open_signer(places, ORIGIN)

    places.key.chmod(0o644)
    with pytest.raises(KeyFileRefused, match="chmod 600"):
        open_signer(places, ORIGIN)
