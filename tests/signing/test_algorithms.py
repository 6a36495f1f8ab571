"""Tests of the closed list of algorithms."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa

from signing import algorithms
from signing.errors import AlgorithmRefused, KeyRefused, SignatureInvalid
from signing.keys import KeySigner


def test_the_list_is_closed() -> None:
    """Four names are accepted, and two of them are one algorithm."""
    assert {"EdDSA", "Ed25519", "ES256", "PS256"} == algorithms.ACCEPTED
    assert algorithms.same("EdDSA", "Ed25519")
    assert algorithms.canonical("Ed25519") == "EdDSA"


@pytest.mark.parametrize("name", ["none", "HS256", "RS256", "ES384", "Ed448", "eddsa", "", "ESP256"])
def test_other_names_are_refused(name: str) -> None:
    """A name outside the list is refused and is the same as nothing, itself included."""
    with pytest.raises(AlgorithmRefused):
        algorithms.canonical(name)
    assert not algorithms.same(name, name)


def test_different_algorithms_are_not_the_same() -> None:
    """No two of the three are mistaken for each other."""
    assert not algorithms.same("ES256", "PS256")
    assert not algorithms.same("Ed25519", "ES256")


def test_a_signature_verifies_and_changes_do_not(signer: KeySigner) -> None:
    """Signing and verifying fit together; another message, another signature or another length do not."""
    signature = signer.sign(b"message")
    algorithms.verify(b"message", signature, key=signer.public_key, alg=signer.alg)
    altered = bytes([signature[0] ^ 1]) + signature[1:]
    for message, made in (
        (b"messagf", signature),
        (b"message", altered),
        (b"message", signature[:-1]),
        (b"message", signature + b"\0"),
        (b"message", b""),
    ):
        with pytest.raises(SignatureInvalid):
            algorithms.verify(message, made, key=signer.public_key, alg=signer.alg)


def test_es256_signatures_are_not_der(signers: dict[str, KeySigner]) -> None:
    """An ES256 signature is R and S, 32 bytes each."""
    assert len(signers["ES256"].sign(b"x")) == 64


def test_a_key_is_used_with_its_algorithm_only(signers: dict[str, KeySigner]) -> None:
    """Every pairing of a key with another algorithm is refused."""
    for alg, signer in signers.items():
        for other in set(algorithms.NAMES) - {alg}:
            with pytest.raises(KeyRefused):
                algorithms.verify(b"x", b"y", key=signer.public_key, alg=other)
            with pytest.raises(KeyRefused):
                algorithms.sign(b"x", signer.private_key, other)


def test_keys_outside_the_families_are_refused(short_rsa: rsa.RSAPrivateKey) -> None:
    """Other curves, Ed448, short RSA keys and things that are no keys are refused."""
    for key in (ec.generate_private_key(ec.SECP384R1()), ed448.Ed448PrivateKey.generate(), short_rsa, "key", None):
        with pytest.raises(KeyRefused):
            algorithms.of(key)
    with pytest.raises(KeyRefused):
        algorithms.sign(b"x", short_rsa, "PS256")


@pytest.mark.parametrize("alg", algorithms.NAMES)
def test_new_keys_fit(alg: str) -> None:
    """A generated key fits the algorithm it was made for."""
    assert algorithms.of(algorithms.generate(alg)) == alg
