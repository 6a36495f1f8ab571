"""Who this gateway is to others: the key it signs with, its published key set, the document that says where things are.

Rule of this file: keys are made once, at the first start, and never shown; what is published holds public halves only.
"""

import base64
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from gateway.api import log as public_log
from gateway.audit.keyfiles import create_once, read_private
from gateway.steps import verify
from gateway.world import Policy
from signing import algorithms, jwk, response
from signing import keys as signing_keys
from signing.manifest import manifest_token
from signing.thumbprint import thumbprint


def gateway_signer(data_dir: Path) -> signing_keys.KeySigner:
    """The key the gateway signs answers with: `<data dir>/keys/gateway-key.pem`, made at the first start.

    ES256: verifying and signing it costs the least of the three algorithms. Two processes on one data folder share it.
    """
    path = data_dir / "keys" / "gateway-key.pem"
    if not path.exists():
        create_once(path, signing_keys.private_pem(algorithms.generate("ES256")), private=True)
    return signing_keys.load_signer(path)


def jwks(signer: signing_keys.KeySigner, data_dir: Path) -> Mapping[str, object]:
    """The published key set: the key in use, and retired ones (`<data dir>/keys/retired/*.pem`, public keys).

    A retired key stays published for as long as answers signed with it are to be checked.
    """
    published = jwk.to_jwks([signer])
    for path in sorted((data_dir / "keys" / "retired").glob("*.pem")):
        key = signing_keys.parse_public(path.read_bytes(), "ES256")
        published["keys"].append(jwk.to_jwk(key, kid=thumbprint(key), alg="ES256"))
    return published


def metadata(ready: Policy, origin: str, vkey: str) -> Mapping[str, object]:
    """The document at `/.well-known/gateway`: where things are and how to address this gateway."""
    base = ready.base_url
    return {
        "issuer": ready.audience,
        "base_url": base,
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "openapi": f"{base}/openapi.json",
        "docs": f"{base}/docs",
        "problems": f"{base}/problems",
        "log": {"origin": origin, "public_key": vkey, **public_log.addresses(base)},
        "algorithms": list(algorithms.NAMES),
        "token": {
            "typ": verify.REQUEST_TYPE,
            "max_lifetime": int(verify.MAX_LIFETIME.total_seconds()),
            "clock_tolerance": int(verify.TOLERANCE.total_seconds()),
        },
        "response": {"typ": response.TYPE, "header": response.HEADER},
    }


def console_secret(data_dir: Path) -> str:
    """What the console shows to be let in at the door: `<data dir>/keys/console-secret`, made at the first start."""
    path = data_dir / "keys" / "console-secret"
    if not path.exists():
        create_once(path, base64.urlsafe_b64encode(os.urandom(32)), private=True)
    return read_private(path).decode()


def manifest_signer(
    signer: signing_keys.Signer, issuer: str, *, now: Callable[[], datetime], new_id: Callable[[], str]
) -> Callable[[bytes], str]:
    """The gateway's signature over manifests of exports: bytes in, token out."""
    return lambda text: manifest_token(signer, iss=issuer, manifest=text, at=now(), jti=new_id())
