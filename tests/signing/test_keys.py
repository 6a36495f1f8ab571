"""Tests of keys in PEM and of the files they lie in."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from signing import keys
from signing.algorithms import verify
from signing.errors import AlgorithmRefused, KeyRefused
from signing.thumbprint import thumbprint


def _stored(folder: Path, signer: keys.KeySigner) -> Path:
    path = folder / "key.pem"
    keys.write_private_file(path, keys.private_pem(signer.private_key))
    return path


def test_a_stored_key_signs(tmp_path: Path, signer: keys.KeySigner) -> None:
    """A key written to a file is loaded with the thumbprint as kid, its only algorithm, and signs."""
    loaded = keys.load_signer(_stored(tmp_path, signer))
    assert (loaded.kid, loaded.alg) == (thumbprint(signer.public_key), signer.alg)
    verify(b"x", loaded.sign(b"x"), key=signer.public_key, alg=signer.alg)


def test_a_given_name_and_algorithm_are_kept(tmp_path: Path, signers: dict[str, keys.KeySigner]) -> None:
    """kid is the caller's to choose, the algorithm only as far as the key allows."""
    path = _stored(tmp_path, signers["ES256"])
    assert keys.load_signer(path, kid="mine", alg="ES256").kid == "mine"
    with pytest.raises(KeyRefused):
        keys.load_signer(path, alg="PS256")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o601])
def test_a_file_open_to_others_is_refused(tmp_path: Path, signers: dict[str, keys.KeySigner], mode: int) -> None:
    """Any right of group or others on a private key file is refused, with what to do about it."""
    path = _stored(tmp_path, signers["EdDSA"])
    path.chmod(mode)
    with pytest.raises(KeyRefused, match="chmod 600"):
        keys.load_signer(path)


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    """Only a file is read."""
    with pytest.raises(OSError, match="directory"):
        keys.read_private_file(tmp_path)


def test_a_key_file_is_closed_and_never_overwritten(tmp_path: Path) -> None:
    """A new private file is for its owner only, and a second one of the name is refused."""
    path = tmp_path / "k.pem"
    keys.write_private_file(path, b"one")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        keys.write_private_file(path, b"two")
    assert path.read_bytes() == b"one"


def test_other_private_keys_are_refused(short_rsa: rsa.RSAPrivateKey) -> None:
    """Passwords, other curves, short RSA keys, public keys and rubbish are refused."""
    good = ec.generate_private_key(ec.SECP256R1())
    locked = good.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"password"))
    wrong_curve = ec.generate_private_key(ec.SECP384R1())
    for pem in (
        locked,
        wrong_curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        short_rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        keys.public_pem(good.public_key()),
        b"",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ):
        with pytest.raises(KeyRefused):
            keys.parse_private(pem)


def test_a_public_key_comes_back(signer: keys.KeySigner) -> None:
    """A public key written as PEM is read back for its algorithm."""
    pem = keys.public_pem(signer.public_key)
    key = keys.parse_public(pem, signer.alg)
    assert thumbprint(key) == thumbprint(signer.public_key)
    assert keys.parse_any_public(pem)[0] == signer.alg


def test_a_public_key_must_fit_its_algorithm(signers: dict[str, keys.KeySigner]) -> None:
    """A key registered for another algorithm is refused, and so is an unknown algorithm."""
    pem = keys.public_pem(signers["ES256"].public_key)
    for alg in ("EdDSA", "PS256"):
        with pytest.raises(KeyRefused):
            keys.parse_public(pem, alg)
    with pytest.raises(AlgorithmRefused):
        keys.parse_public(pem, "RS256")


def test_ps256_with_a_1024_bit_key_is_refused(short_rsa: rsa.RSAPrivateKey) -> None:
    """An RSA public key below 2048 bits is refused however it arrives."""
    with pytest.raises(KeyRefused, match="2048"):
        keys.parse_public(keys.public_pem(short_rsa.public_key()), "PS256")


def test_other_public_pem_is_refused(signers: dict[str, keys.KeySigner]) -> None:
    """A private key, two keys, another form, rubbish inside and nothing at all are refused."""
    signer = signers["PS256"]
    pem = keys.public_pem(signer.public_key)
    rubbish = b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
    pkcs1 = signer.public_key.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
    for other in (keys.private_pem(signer.private_key), pem + pem, pkcs1, rubbish, b""):
        with pytest.raises(KeyRefused):
            keys.parse_public(other, "PS256")


@pytest.mark.parametrize("kid", ["", "a/b", "..", ".x", "a b", "é", "x" * 129, "a\n"])
def test_other_names_are_refused(kid: str, signers: dict[str, keys.KeySigner]) -> None:
    """A kid that could not be a file name or a log field is refused."""
    with pytest.raises(KeyRefused):
        keys.KeySigner(kid, "EdDSA", signers["EdDSA"].private_key)


def test_repr_hides_the_key(signer: keys.KeySigner) -> None:
    """repr names the key and its algorithm, nothing else."""
    assert repr(signer) == f"KeySigner(kid='{signer.kid}', alg='{signer.alg}')"
