"""Tests of asking an OpenID provider, on a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.console.signin.provider import OidcSettings, Provider, ProviderFailed, challenge_of
from tests.gateway.console.signin.identity_provider import CLIENT, SECRET, OpenIdProvider, openid_provider
from tests.gateway.console.signin.visitors import BASE, Clock


@asynccontextmanager
async def _both(**changed: Any) -> AsyncIterator[tuple[OpenIdProvider, Provider, Clock]]:
    clock = Clock()
    async with openid_provider(clock, f"{BASE}/sso/callback") as there:
        settings = OidcSettings(
            **{"issuer": there.url, "client_id": CLIENT, "client_secret": SECRET, "base_url": BASE} | changed
        )
        here = Provider(settings, now=clock, seconds=20)
        try:
            yield there, here, clock
        finally:
            await here.close()


def test_the_challenge() -> None:
    """RFC 7636, appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_what_is_asked_for() -> None:
    """The code flow with state, nonce and an S256 challenge; the address to come back to is ours alone."""
    async with _both() as (there, here, _):
        address = await here.start_address(state="s", nonce="n", challenge="c")
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{there.url}/authorize"
    assert parse_qs(parts.query) == {
        "response_type": ["code"],
        "client_id": [CLIENT],
        "redirect_uri": [f"{BASE}/sso/callback"],
        "scope": ["openid profile"],
        "state": ["s"],
        "nonce": ["n"],
        "code_challenge": ["c"],
        "code_challenge_method": ["S256"],
    }
    assert SECRET not in address


async def test_an_address_with_a_query_of_its_own() -> None:
    """What the provider has there stays."""
    async with _both() as (there, here, _):
        there.metadata["authorization_endpoint"] = f"{there.url}/authorize?realm=vn"
        address = await here.start_address(state="s", nonce="n", challenge="c")
    assert parse_qs(urlsplit(address).query)["realm"] == ["vn"]


async def test_what_it_says_is_kept_for_an_hour() -> None:
    """Metadata and keys are asked for once an hour, keys that are missing once in half a minute."""
    async with _both() as (there, here, clock):
        for _ in range(3):
            await here.keys()
        assert there.asked == ["/.well-known/openid-configuration", "/jwks"]
        await here.keys(unknown=True)
        assert there.asked.count("/jwks") == 1
        clock.move(seconds=30)
        await here.keys(unknown=True)
        assert there.asked.count("/jwks") == 2
        clock.at += timedelta(hours=1)
        await here.keys()
        assert there.asked.count("/jwks") == 3
        assert there.asked.count("/.well-known/openid-configuration") == 2


@pytest.mark.parametrize("issuer", ["http://id.example", "ftp://id.example", "id.example", "http://[broken", ""])
async def test_an_issuer_that_is_not_asked(issuer: str) -> None:
    """Neither https nor on this machine: somebody on the way could be the provider."""
    async with _both(issuer=issuer) as (there, here, _):
        with pytest.raises(ProviderFailed) as failed:
            await here.start_address(state="s", nonce="n", challenge="c")
    assert failed.value.reason == "metadata"
    assert there.asked == []


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/.well-known/openid-configuration", 503, "unreachable"),
        ("/.well-known/openid-configuration", 404, "metadata"),
        ("/jwks", 302, "keys"),
        ("/jwks", 1, "keys"),
    ],
)
async def test_what_failed(path: str, status: int, reason: str) -> None:
    """One word, no redirect followed, no endless answer read; and the next time it is asked again."""
    async with _both() as (there, here, _):
        there.broken = {path: status}
        with pytest.raises(ProviderFailed) as failed:
            await here.keys()
        assert failed.value.reason == reason
        there.broken = {}
        assert len(await here.keys()) == 1


async def test_a_provider_that_does_not_answer() -> None:
    """It is waited for, and not longer than said."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()
        await writer.wait_closed()
        done.release()

    done = asyncio.Semaphore(0)
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    provider = Provider(OidcSettings(url, CLIENT, SECRET, BASE), now=Clock(), seconds=0.2)
    async with asyncio.timeout(10):
        with pytest.raises(ProviderFailed) as failed:
            await provider.metadata()
        assert await provider.sign_out_address(BASE) == ""
        await provider.close()
        await done.acquire()
        await done.acquire()
    assert failed.value.reason == "unreachable"
    server.close()
    await server.wait_closed()


async def test_a_code_that_is_not_known() -> None:
    """Refused by the provider: `code`, and nothing of it is in the exception."""
    async with _both() as (_, here, _):
        with pytest.raises(ProviderFailed) as failed:
            await here.exchanged("stolen-code", verifier="v" * 43)
    assert (failed.value.reason, "stolen" in str(failed.value)) == ("code", False)
