"""The closed list of signature algorithms, and which keys each may use.

    EdDSA    Ed25519 (RFC 8037); RFC 9864 calls the same algorithm `Ed25519`
    ES256    ECDSA on P-256 with SHA-256 (RFC 7518, section 3.4)
    PS256    RSASSA-PSS with SHA-256 (RFC 7518, section 3.5), 2048 to 8192 bits

Rule of this file: the algorithm is decided by what a key was registered for, never by what a token says of itself.
The arithmetic is PyJWT's and `cryptography`'s.
"""

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from jwt.algorithms import Algorithm, ECAlgorithm, OKPAlgorithm, RSAPSSAlgorithm

from signing.errors import AlgorithmRefused, KeyRefused, SignatureInvalid

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey
"""A public key of one of the three families."""

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
"""A private key of one of the three families."""

NAMES = ("EdDSA", "ES256", "PS256")
"""The canonical names, as keys are registered under them."""

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 8192  # larger keys only serve to keep a verifier busy
NEW_RSA_BITS = 3072

_ALIASES = {"Ed25519": "EdDSA"}
ACCEPTED = frozenset({*NAMES, *_ALIASES})
"""Every name a token's `alg` may carry."""

_ENGINES: dict[str, Algorithm] = {
    "EdDSA": OKPAlgorithm(),
    "ES256": ECAlgorithm(ECAlgorithm.SHA256, ec.SECP256R1),
    "PS256": RSAPSSAlgorithm(RSAPSSAlgorithm.SHA256),
}


def canonical(name: str) -> str:
    """The canonical name of an algorithm. Raises `AlgorithmRefused` for a name outside `ACCEPTED`."""
    if name not in ACCEPTED:
        raise AlgorithmRefused("the algorithm must be EdDSA (or Ed25519), ES256 or PS256")
    return _ALIASES.get(name, name)


def same(one: str, other: str) -> bool:
    """True when both names are accepted and mean one algorithm (RFC 9864: `Ed25519` is `EdDSA` with that curve)."""
    return one in ACCEPTED and other in ACCEPTED and canonical(one) == canonical(other)


def of(key: object) -> str:
    """The one algorithm a key can be used with. Raises `KeyRefused` when its kind, curve or size fits none."""
    if isinstance(key, Ed25519PublicKey | Ed25519PrivateKey):
        return "EdDSA"
    if isinstance(key, EllipticCurvePublicKey | EllipticCurvePrivateKey):
        if not isinstance(key.curve, ec.SECP256R1):
            raise KeyRefused("an elliptic-curve key must be on P-256")
        return "ES256"
    if isinstance(key, RSAPublicKey | RSAPrivateKey):
        if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            raise KeyRefused(f"an RSA key must have {MIN_RSA_BITS} to {MAX_RSA_BITS} bits")
        return "PS256"
    raise KeyRefused("the key must be Ed25519, P-256 or RSA")


def check_fit(key: object, alg: str) -> None:
    """Does the key fit the algorithm? Raises `KeyRefused`, or `AlgorithmRefused` for an unknown algorithm."""
    if canonical(alg) != of(key):
        raise KeyRefused(f"the key does not fit {canonical(alg)}")


def sign(message: bytes, key: PrivateKey, alg: str) -> bytes:
    """The signature in JOSE form (ES256: R and S, 64 bytes). Raises `KeyRefused`, `AlgorithmRefused`."""
    check_fit(key, alg)
    return _ENGINES[canonical(alg)].sign(message, key)


def verify(message: bytes, signature: bytes, *, key: PublicKey, alg: str) -> None:
    """Is the signature the key's over this message? Raises `SignatureInvalid`, `KeyRefused`, `AlgorithmRefused`."""
    check_fit(key, alg)
    if not _ENGINES[canonical(alg)].verify(message, key, signature):
        raise SignatureInvalid("the signature does not fit the message and the key")


def generate(alg: str) -> PrivateKey:
    """A new private key for an algorithm, from the system's randomness. Raises `AlgorithmRefused`."""
    name = canonical(alg)
    if name == "EdDSA":
        return Ed25519PrivateKey.generate()
    if name == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=NEW_RSA_BITS)
