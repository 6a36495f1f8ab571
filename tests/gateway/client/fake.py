"""A gateway of a few lines behind httpx's MockTransport: verifies what it is sent, signs what it answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.client import GatewayClient
from gateway.client.auth import token_sent
from signing import algorithms, jwk, jws
from signing.digest import content_digest, matches
from signing.encoding import base64_standard, json_bytes
from signing.keys import KeySigner
from signing.merkle import leaf_hash, root
from signing.notes import Checkpoint, NoteSigner
from signing.request import token_hash
from signing.response import HEADER, response_token

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
BASE = "https://gw.example.org"
ISSUER = "https://gw.example.org"
ORIGIN = "audit.example.org/log1"
PORTAL = KeySigner("h14-1", "ES256", algorithms.generate("ES256"))
PURPOSE = {"procedure": "1.004222", "dossier": "H14-1", "officer": "o-7", "basis": "law"}
PERSON: Mapping[str, Any] = {"personal_id": "004192000123", "full_name": "Nguyễn Thị Mẫu", "birth_date": "1992-11-22"}
Spoil = Callable[[httpx.Response], httpx.Response]


def log_signer(seed: int = 1, name: str = ORIGIN) -> NoteSigner:
    """The key of the fake's log."""
    return NoteSigner(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


@dataclass
class Fake:
    """A handler for MockTransport. What it answers, and what is wrong with it, are fields to set."""

    status: int = 200
    document: Any = field(default_factory=lambda: {"match": True})
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    signer: KeySigner = field(default_factory=lambda: KeySigner("gw-1", "EdDSA", algorithms.generate("EdDSA")))
    log: NoteSigner = field(default_factory=log_signer)
    entry: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    known: bool = True
    metadata: Mapping[str, Any] = field(default_factory=dict)
    spoil: Spoil = lambda answer: answer
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request."""
        self.requests.append(request)
        if request.url.path == "/.well-known/jwks.json":
            return self._signed(request, 200, jwk.to_jwks([self.signer]), recorded=False)
        if request.url.path == "/.well-known/gateway":
            log = {"origin": ORIGIN, "public_key": self.log.vkey}
            described = {"issuer": ISSUER, "log": log, **self.metadata}
            return self._signed(request, 200, described, recorded=False)
        self._check(request)
        return self.spoil(self._signed(request, self.status, self.document, recorded=self.known, raw=self.raw))

    def _check(self, request: httpx.Request) -> None:
        parsed = jws.parse(token_sent(request) or "")
        jws.verify(parsed, PORTAL.public_key, PORTAL.alg)
        claims = parsed.claims()
        assert (claims["htm"], claims["htu"]) == (request.method, str(request.url))
        assert claims.get("digest") == request.headers.get("Content-Digest")
        assert not request.content or matches(request.headers["Content-Digest"], request.content)

    def _signed(
        self, request: httpx.Request, status: int, document: Any, *, recorded: bool, raw: bytes | None = None
    ) -> httpx.Response:
        body = json.dumps(document).encode() if raw is None else raw
        token = token_sent(request)
        leaves = [leaf_hash(bytes([n])) for n in range(8)]
        note = self.log.sign(Checkpoint(ORIGIN, 8, root(leaves)).body())
        entry = {"log": ORIGIN, "index": 7, "leaf": base64_standard(leaves[7]), "checkpoint": note, **self.entry}
        values: dict[str, Any] = {
            "iss": ISSUER,
            "aud": jws.parse(token).claims()["iss"] if token and recorded else None,
            "req": token_hash(token) if token else None,
            "status": status,
            "body": body,
            "entry": entry if recorded else None,
        }
        made = response_token(self.signer, at=AT, jti="0123456789abcdef", **{**values, **self.claims})
        headers = {HEADER: made, "Content-Digest": content_digest(body), **self.headers}
        return httpx.Response(status, content=body, headers=headers)


def client(fake: Callable[[httpx.Request], httpx.Response], **changes: Any) -> GatewayClient:
    """A portal's client for a fake gateway. Each call gets a nonce of its own."""
    counter = iter(range(1000))
    values: dict[str, Any] = {
        "iss": "H14",
        "signer": PORTAL,
        "purpose": PURPOSE,
        "transport": httpx.MockTransport(fake),
        "now": lambda: AT,
        "random": lambda size: next(counter).to_bytes(size),
    }
    return GatewayClient(BASE, **{**values, **changes})


def resigned(answer: httpx.Response, signer: KeySigner, change: Mapping[str, Any]) -> httpx.Response:
    """The answer under a new, good signature over changed claims."""
    parsed = jws.parse(answer.headers[HEADER])
    claims = {**parsed.claims(), **change}
    answer.headers[HEADER] = jws.encode({"typ": parsed.header["typ"]}, json_bytes(claims), signer)
    return answer
