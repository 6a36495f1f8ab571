"""Tests of the signing of requests."""

from datetime import timedelta

import httpx
import pytest

from gateway.client import GatewayAuth
from gateway.client.auth import token_sent
from signing import jws
from signing.digest import content_digest
from signing.errors import ClaimUnfit
from tests.gateway.client.fake import AT, BASE, ISSUER, PORTAL, PURPOSE


def _signed(request: httpx.Request, auth: GatewayAuth | None = None) -> httpx.Request:
    return next((auth or _auth()).auth_flow(request))


def _auth() -> GatewayAuth:
    moments = iter(AT + timedelta(seconds=n) for n in range(10))
    nonces = iter(bytes([n]) * 16 for n in range(10))
    return GatewayAuth(
        PORTAL,
        iss="H14",
        aud=ISSUER,
        purpose=PURPOSE,
        now=lambda: next(moments),
        random=lambda _: next(nonces),
    )


def test_a_request_is_signed_for_what_it_is() -> None:
    """Method, address and body of the request stand in its token."""
    request = _signed(httpx.Request("POST", f"{BASE}/v1/persons/verify", content=b"{}"))
    claims = jws.parse(token_sent(request) or "").claims()
    assert (claims["htm"], claims["htu"], claims["digest"]) == (
        "POST",
        f"{BASE}/v1/persons/verify",
        content_digest(b"{}"),
    )
    assert request.headers["Content-Digest"] == content_digest(b"{}")
    assert claims["purpose"] == PURPOSE


def test_a_request_without_body_has_no_digest() -> None:
    """A GET carries neither the header nor the claim."""
    request = _signed(httpx.Request("GET", f"{BASE}/v1/procedures"))
    assert "Content-Digest" not in request.headers
    assert "digest" not in jws.parse(token_sent(request) or "").claims()


def test_every_request_has_its_own_token() -> None:
    """The same request signed twice carries two ids and two times."""
    auth = _auth()
    claims = [
        jws.parse(token_sent(_signed(httpx.Request("GET", f"{BASE}/v1/procedures"), auth)) or "").claims()
        for _ in range(2)
    ]
    assert claims[0]["jti"] != claims[1]["jti"]
    assert claims[0]["iat"] != claims[1]["iat"]


def test_a_query_is_not_signed() -> None:
    """An address with a query is refused before anything is sent."""
    with pytest.raises(ClaimUnfit):
        _signed(httpx.Request("GET", f"{BASE}/v1/procedures?x=1"))


def test_a_plain_httpx_client_can_use_it() -> None:
    """The authentication works in a synchronous client of the caller's own."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    with httpx.Client(transport=httpx.MockTransport(handler), auth=_auth()) as http:
        http.post(f"{BASE}/v1/persons/verify", json={"a": 1})
    assert jws.parse(token_sent(seen[0]) or "").claims()["digest"] == content_digest(seen[0].content)


def test_no_token_is_none() -> None:
    """A request without a Bearer token carried none."""
    assert token_sent(httpx.Request("GET", BASE)) is None
    assert token_sent(httpx.Request("GET", BASE, headers={"Authorization": "Basic x"})) is None
