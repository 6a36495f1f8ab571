"""Keys of every algorithm, made once for all tests of `signing`."""

from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from signing import algorithms
from signing.keys import KeySigner


@pytest.fixture(scope="session")
def signers() -> Mapping[str, KeySigner]:
    """A signer per algorithm."""
    small_rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    keys = {"EdDSA": algorithms.generate("EdDSA"), "ES256": algorithms.generate("ES256"), "PS256": small_rsa}
    return {alg: KeySigner(f"key-{alg}", alg, key) for alg, key in keys.items()}


@pytest.fixture(params=["EdDSA", "ES256", "PS256"])
def signer(request: pytest.FixtureRequest, signers: Mapping[str, KeySigner]) -> KeySigner:
    """Each algorithm's signer in turn."""
    return signers[request.param]


@pytest.fixture(scope="session")
def short_rsa() -> rsa.RSAPrivateKey:
    """An RSA key nobody should use."""
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  # refused everywhere
