"""Single sign-on against somebody else's OpenID provider, as a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from gateway.console.model import Role
from gateway.console.signin.provider import OidcSettings
from tests.gateway.console.signin import visitors
from tests.gateway.console.signin.visitors import BASE, Clock
from tests.helpers.ports import held_port

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an oidc-provider-mock."""
    with held_port() as port:
        yield from _running(port, tmp_path_factory.mktemp("provider") / "log")


def _running(port: int, output: Path) -> Iterator[str]:
    user = '{"sub": "u-7", "name": "Lê Thị Thử", "roles": ["auditors"]}'
    command = [sys.executable, "-m", "oidc_provider_mock", "-p", str(port), "-n", "true", "--user-claims", user]
    with output.open("wb") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            url, ends = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE_SECONDS
            while not _answers(url):
                assert child.poll() is None
                assert time.monotonic() < ends
                time.sleep(0.05)
            yield url
        finally:
            child.terminate()
            child.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/.well-known/openid-configuration").status_code == 200
    except httpx.TransportError:
        return False


async def test_somebody_elses_provider(provider: str, tmp_path: Path) -> None:
    """Discovery, redirect, code, token and keys as another program has them; a code twice is refused by it."""
    clock = Clock()
    clock.at = datetime.now(UTC)
    settings = OidcSettings(provider, "console", "secret", BASE, roles={"auditors": Role.NATIONAL_AUDITOR})
    async with visitors.console(tmp_path, oidc=settings, clock=clock) as console:
        browser = console.browser()
        start = await browser.get("/sso/start")
        cookie = browser.client.cookies["__Host-lt_sso"]
        async with httpx.AsyncClient() as elsewhere:
            answer = await elsewhere.post(start.headers["location"], data={"sub": "u-7"})
        back = answer.headers["location"]
        assert (await browser.get(back)).status_code == 200
        assert (await browser.get("/entries")).status_code == 200
        browser.client.cookies.set("__Host-lt_sso", cookie, domain="console.example")
        assert (await browser.get(back)).status_code == 401
