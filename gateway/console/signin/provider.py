"""An OpenID provider: its metadata (OpenID Connect Discovery 1.0), its keys, and a code exchanged for an ID token.

Rule of this file: everything the provider says is bounded in size and time, and every failure is ProviderFailed with
one word. A provider that is down stops single sign-on and nothing else.
"""

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx

from gateway.console.model import Role
from signing.encoding import base64url

SECONDS = 8.0
_LONGEST = 256 * 1024
_KEPT = timedelta(hours=1)
_PAUSE = timedelta(seconds=30)
"""Between two looks for a key that is not there: a forged `kid` must not make us ask for every token."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class ProviderFailed(Exception):  # noqa: N818 - the name says what happened
    """`reason`: unreachable, metadata, keys, code or token."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the identity provider could not be used: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """How to use a provider.

    `base_url`: the console's own address, to which `/sso/callback` is added; `client_secret` "": a public client;
    `role_claim`, `portals_claim`: names of claims, a dot leading into an object (`realm_access.roles`); `roles`: claim
    value -> role, the first that fits counts; `acr`: one of them must be in the token, none: any will do; `amr`: all of
    them must be (RFC 8176); `name`: what people call the provider, for the button.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    base_url: str
    role_claim: str = "roles"
    roles: Mapping[str, Role] = field(default_factory=dict)
    portals_claim: str = "portals"
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("openid", "profile")
    name: str = ""

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends the browser back to. Has to be registered there exactly like this."""
        return self.base_url.rstrip("/") + "/sso/callback"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What of a provider's metadata is used."""

    authorization: str
    token: str
    jwks: str
    end_session: str
    token_auth: str
    names_itself: bool


class Provider:
    """One provider. `now` is the clock; `seconds`: how long one request to it may take in all."""

    def __init__(
        self,
        settings: OidcSettings,
        *,
        now: Callable[[], datetime],
        seconds: float = SECONDS,
    ) -> None:
        self.settings = settings
        self._now, self._seconds = now, seconds
        self._client = httpx.AsyncClient(follow_redirects=False, timeout=seconds, trust_env=False)
        self._metadata: tuple[datetime, Metadata] | None = None
        self._keys: tuple[datetime, tuple[Mapping[str, Any], ...]] | None = None

    @property
    def issuer(self) -> str:
        """The provider's issuer identifier."""
        return self.settings.issuer

    async def metadata(self) -> Metadata:
        """The provider's metadata, at most an hour old. Raises ProviderFailed."""
        if self._metadata is None or self._now() - self._metadata[0] >= _KEPT:
            _endpoint({"issuer": self.issuer}, "issuer")
            document = await self._fetched(self.issuer.rstrip("/") + "/.well-known/openid-configuration", "metadata")
            self._metadata = (self._now(), _metadata(document, self.settings))
        return self._metadata[1]

    async def keys(self, *, unknown: bool = False) -> tuple[Mapping[str, Any], ...]:
        """The provider's keys as JWKs, at most an hour old; `unknown`: a key was missing in what we have.

        Raises ProviderFailed.
        """
        kept = _PAUSE if unknown else _KEPT
        if self._keys is None or self._now() - self._keys[0] >= kept:
            document = await self._fetched((await self.metadata()).jwks, "keys")
            listed = document.get("keys")
            if not isinstance(listed, list) or not all(isinstance(key, dict) for key in listed):
                raise ProviderFailed("keys")
            self._keys = (self._now(), tuple(listed))
        return self._keys[1]

    async def start_address(self, *, state: str, nonce: str, challenge: str) -> str:
        """Where to send the browser (OpenID Connect Core, section 3.1.2.1; RFC 7636). Raises ProviderFailed."""
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect_uri,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if self.settings.acr:
            asked["acr_values"] = " ".join(self.settings.acr)
        return _with_query((await self.metadata()).authorization, asked)

    async def sign_out_address(self, back: str) -> str:
        """Where the provider ends its own session (RP-Initiated Logout 1.0), or "" when it offers that nowhere.

        The client's name stands for the ID token, whose claims have no place in an address.
        """
        try:
            address = (await self.metadata()).end_session
        except ProviderFailed:
            return ""
        asked = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back}
        return _with_query(address, asked) if address else ""

    async def exchanged(self, code: str, *, verifier: str) -> str:
        """The ID token for a code, not verified yet. Raises ProviderFailed."""
        metadata = await self.metadata()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"accept": "application/json"}
        if not self.settings.client_secret:
            asked["client_id"] = self.settings.client_id
        elif metadata.token_auth == "client_secret_post":  # noqa: S105 - the name of a method
            asked |= {"client_id": self.settings.client_id, "client_secret": self.settings.client_secret}
        else:
            headers["authorization"] = _basic(self.settings.client_id, self.settings.client_secret)
        request = self._client.build_request("POST", metadata.token, data=asked, headers=headers)
        token = (await self._sent(request, "code")).get("id_token")
        if not isinstance(token, str):
            raise ProviderFailed("token")
        return token

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def _fetched(self, url: str, what: str) -> Mapping[str, Any]:
        return await self._sent(self._client.build_request("GET", url), what)

    async def _sent(self, request: httpx.Request, what: str) -> Mapping[str, Any]:
        body = b""
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._client.send(request, stream=True)
                try:
                    async for chunk in answer.aiter_bytes():
                        body += chunk
                        if len(body) > _LONGEST:
                            raise ProviderFailed(what)
                finally:
                    await answer.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            raise ProviderFailed("unreachable") from None
        if answer.status_code >= 500:
            raise ProviderFailed("unreachable")
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            raise ProviderFailed(what) from None
        if answer.status_code != 200 or not isinstance(document, dict):
            raise ProviderFailed(what)
        return document


def _metadata(document: Mapping[str, Any], settings: OidcSettings) -> Metadata:
    # Discovery 1.0, section 4.3: a document of another issuer is not this provider's
    if document.get("issuer") != settings.issuer:
        raise ProviderFailed("metadata")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    posts = isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
    return Metadata(
        authorization=_endpoint(document, "authorization_endpoint"),
        token=_endpoint(document, "token_endpoint"),
        jwks=_endpoint(document, "jwks_uri"),
        end_session=_endpoint(document, "end_session_endpoint") if "end_session_endpoint" in document else "",
        token_auth="client_secret_post" if posts else "client_secret_basic",
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(document: Mapping[str, Any], name: str) -> str:
    address = document.get(name)
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
        host = parts.hostname if parts else None
    except ValueError:
        raise ProviderFailed("metadata") from None
    if parts is None or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        raise ProviderFailed("metadata")
    return str(address)


def _with_query(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749, section 2.3.1: both are form-encoded before they are put together."""
    both = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(both.encode()).decode()}"


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a code verifier (RFC 7636, section 4.2)."""
    return base64url(sha256(verifier.encode("ascii")).digest())
