"""A strict OpenID provider on a real socket, written from OpenID Connect Core 1.0 and RFC 7636, which can lie.

It checks what a certified provider checks: the client and its secret, the redirect address to the letter, the code
once, the code verifier. `lies` replaces what it says; `Broken` is how it fails.
"""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from mocks.server import serving
from tests.gateway.console.signin.visitors import Clock

CLIENT, SECRET = "console", "geheim+/=:&"
KEYS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}
KEYS["PS256"] = KEYS["RS256"]
_ENGINES: dict[str, Any] = {"RS256": RSAAlgorithm, "PS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


@dataclass
class OpenIdProvider:
    """Its state: who is signed in there, what it lies about, and what it was asked."""

    clock: Clock
    redirect_uri: str
    url: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "name": "Lê Thị Thử"})
    lies: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    public: bool = False
    broken: dict[str, int] = field(default_factory=dict)
    token: str | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def jwk(self) -> dict[str, Any]:
        """The public key of the algorithm in use."""
        key = _ENGINES[self.algorithm].to_jwk(KEYS[self.algorithm].public_key(), as_dict=True)
        return {**key, "kid": f"key-{self.algorithm}", "use": "sig", "alg": self.algorithm}

    def id_token(self, nonce: str) -> str:
        """The ID token, with its lies."""
        at = int(self.clock().timestamp())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 300,
            "nonce": nonce,
            **self.claims,
            **self.lies,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(
            claims, KEYS[self.algorithm], self.algorithm, headers={"kid": f"key-{self.algorithm}", **self.header}
        )


@asynccontextmanager
async def openid_provider(clock: Clock, redirect_uri: str) -> AsyncIterator[OpenIdProvider]:
    """The provider, answering."""
    provider = OpenIdProvider(clock, redirect_uri)
    async with serving({"provider": _app(provider)}) as urls:
        provider.url = urls["provider"]
        yield provider


def _app(provider: OpenIdProvider) -> Starlette:
    async def discovery(_: Request) -> Response:
        document = {
            "issuer": provider.url,
            "authorization_endpoint": f"{provider.url}/authorize",
            "token_endpoint": f"{provider.url}/token",
            "jwks_uri": f"{provider.url}/jwks",
            "end_session_endpoint": f"{provider.url}/logout",
            **provider.metadata,
        }
        return JSONResponse({name: value for name, value in document.items() if value is not None})

    async def jwks(_: Request) -> Response:
        return JSONResponse({"keys": [provider.jwk()]})

    async def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == provider.redirect_uri
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert "openid" in asked["scope"].split()
        assert len(asked["state"]) >= 32
        code = f"code-{len(provider.codes)}"
        provider.codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(request: Request) -> Response:
        fields = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if not provider.public and not _client_known(request, fields, provider):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = provider.codes.pop(fields.get("code", ""), None)
        if asked is None or fields.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        proof = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if provider.public and fields.get("client_id") != CLIENT:
            return JSONResponse({"error": "invalid_client"}, 401)
        issued = provider.token or provider.id_token(asked["nonce"])
        return JSONResponse({"access_token": "unused", "token_type": "Bearer", "id_token": issued})

    async def everything(request: Request) -> Response:
        path = request.url.path
        provider.asked.append(path)
        if path in provider.broken:
            status = provider.broken[path]
            return Response(b"[" * 300_000 if status == 1 else json.dumps({"error": "x"}), max(status, 200))
        routes = {
            "/.well-known/openid-configuration": discovery,
            "/jwks": jwks,
            "/authorize": authorize,
            "/token": token,
        }
        return await routes[path](request)

    return Starlette(routes=[Route("/{path:path}", everything, methods=["GET", "POST"])])


def _client_known(request: Request, fields: dict[str, str], provider: OpenIdProvider) -> bool:
    if "token_endpoint_auth_methods_supported" in provider.metadata:
        return (fields.get("client_id"), fields.get("client_secret")) == (CLIENT, SECRET)
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    given = base64.b64decode(value).decode().split(":") if kind == "Basic" else []
    return [unquote_plus(one) for one in given] == [CLIENT, SECRET]
