"""`[[keys]]` of a portal: a public key, its algorithm and its life.

Rule of this file: only public keys stand in the configuration; a private key found here is a mistake that is named.
"""

import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from config.files import Files
from config.model import PortalKey
from config.table import Table

ALGORITHMS = ("EdDSA", "ES256", "PS256")
KID = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}"
RSA_BITS = 2048  # the least PS256 may have
RSA_MOST = 8192  # larger ones only keep a verifier busy
_ONE_KEY = re.compile(rb"\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*")
_FITS = {"EdDSA": "an Ed25519 key", "ES256": "a P-256 key", "PS256": f"an RSA key of {RSA_BITS} bits or more"}


def read(table: Table, files: Files) -> PortalKey | None:
    """One key; None, with problems recorded, when it is not a usable one."""
    before = len(table.findings.found)
    key = PortalKey(
        kid=table.text("kid", form=KID, say="1 to 128 letters, digits, and . _ -, not beginning with a dot"),
        alg=table.text("alg", form="|".join(ALGORITHMS), say=f"one of: {', '.join(ALGORITHMS)}"),
        pem=_pem(table, files),
        not_before=table.moment("not_before"),
        not_after=table.moment("not_after"),
        revoked_at=table.moment("revoked_at") if table.has("revoked_at") else None,
    )
    table.done()
    if len(table.findings.found) > before:
        return None
    if key.not_after <= key.not_before:
        table.problem("not_after", "not_after must be later than not_before.")
    if not fits(key.pem, key.alg):
        table.problem(
            "public_key",
            f"The file must hold {_FITS[key.alg]}, as {key.alg} needs, in PEM (SubjectPublicKeyInfo).",
        )
    return key if len(table.findings.found) == before else None


def _pem(table: Table, files: Files) -> bytes:
    name = table.text("public_key")
    if not name:
        return b""
    if name.startswith(("/", "\\")) or ".." in name.split("/"):
        table.problem("public_key", "public_key must be a path inside the portals folder.")
        return b""
    content = files.content(f"portals/{name}", table.place("public_key")) or b""
    if b"PRIVATE KEY" in content:
        table.problem("public_key", "The file holds a private key. It belongs to the portal alone: replace the pair.")
    return content


def identity(pem: bytes) -> bytes:
    """The same bytes for the same key, however its PEM text is broken into lines. `pem` must fit an algorithm."""
    return load_pem_public_key(pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def fits(pem: bytes, alg: str) -> bool:
    """Whether a PEM text holds one public key of the type and size an algorithm needs."""
    if _ONE_KEY.fullmatch(pem) is None:
        return False
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return False
    if alg == "EdDSA":
        return isinstance(key, ed25519.Ed25519PublicKey)
    if alg == "ES256":
        return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return alg == "PS256" and isinstance(key, rsa.RSAPublicKey) and RSA_BITS <= key.key_size <= RSA_MOST
