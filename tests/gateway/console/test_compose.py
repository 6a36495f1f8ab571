"""Tests of the console's composition root: over a real gateway, and without what it needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.gateway import Overrides
from config.loader import load
from config.model import Settings
from config.running import Endpoint, OidcProvider
from gateway.audit.keyfiles import create_once
from gateway.audit.keys import Places, open_signer
from gateway.console.compose import Console, ConsoleRefused, compose, gateway_url
from gateway.console.model import DoorClosed, Role
from gateway.wire.notices import ChangedNotice
from tests.config.folder import copy
from tests.helpers.stack import Stack, stack

BASE = "http://127.0.0.1:8081"
OIDC = OidcProvider(
    name="Sở Nội vụ",
    issuer="https://id.example",
    client_id="console",
    client_secret="synthetic",
    role_claim="roles",
    portals_claim="portals",
    roles={"thanh-tra": "provincial_auditor"},
    acr=("high",),
    amr=("otp",),
)


def _settings(running: Stack, **changes: Any) -> Settings:
    overrides = Overrides(
        data_dir=running.data_dir,
        listen="127.0.0.1:0",
        ops="127.0.0.1:0",
        console="127.0.0.1:0",
        console_gateway=running.ops_url,
    )
    return _changed(load(running.config, environ=running.environ, overrides=overrides), **changes)


def _changed(settings: Settings, **changes: Any) -> Settings:
    return replace(settings, gateway=replace(settings.gateway, console=replace(settings.gateway.console, **changes)))


@asynccontextmanager
async def _console(settings: Settings, base_url: str = BASE) -> AsyncIterator[Console]:
    console = await compose(settings, base_url, patience=0)
    console.start()
    try:
        yield console
    finally:
        await console.close()


async def test_a_console_beside_a_gateway(tmp_path: Path) -> None:
    """It answers, has what the gateway records for it in its log, and reads that there."""
    async with stack(tmp_path) as running, _console(_settings(running)) as console:
        transport = httpx.ASGITransport(console.app)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as browser:
            assert (await browser.get("/health/live")).status_code == 200
            assert (await browser.get("/")).headers["location"] == "/sign-in"
            assert (await browser.get("/sign-in")).status_code == 200
        recorded = await console.door.tell(
            ChangedNotice(by="somebody", what="auditor", name="an", change="added", detail="")
        )
        reader = console.hall.parts.reader()
        try:
            (row,) = reader.rows(recorded.index, recorded.index + 1)
        finally:
            reader.close()
        assert row.index == recorded.index
        assert console.hall.parts.checker is not None
        assert console.hall.parts.checker().startswith(b"#!")
        assert console.hall.parts.trouble() is None


async def test_names_and_rules_are_taken_anew_and_the_rest_is_not(tmp_path: Path) -> None:
    """A portal's new name and another limit apply at once; another address needs a restart and changes nothing."""
    async with stack(tmp_path) as running:
        settings = _settings(running)
        async with _console(settings) as console:
            portal = running.config / "portals" / "H41.toml"
            text = portal.read_text(encoding="utf-8")
            portal.write_text(text.replace("Cổng thử H41", "Cổng mới"), encoding="utf-8")
            rules = running.config / "console.toml"
            assert "limit = 10" in rules.read_text(encoding="utf-8")
            rules.write_text(rules.read_text(encoding="utf-8").replace("limit = 10", "limit = 11"), encoding="utf-8")
            console.reload(_settings(running))
            assert console.pages.facts.portals["H41"].vi == "Cổng mới"
            assert console.rules.now.many_subjects.limit == 11
            with pytest.raises(ConsoleRefused, match="restart the console to change: console"):
                console.reload(_changed(settings, proxies=("10.0.0.0/8",)))
            assert console.pages.facts.portals["H41"].vi == "Cổng mới"


async def test_an_organisation_s_sign_in(tmp_path: Path) -> None:
    """What the configuration says of the provider reaches the sign-in, and its routes are there."""
    base = "https://console.example"
    async with stack(tmp_path) as running, _console(_settings(running, oidc=OIDC), base) as console:
        provider = console.reception.provider
        assert provider is not None
        said = provider.settings
        assert (said.redirect_uri, said.acr, said.amr) == (f"{base}/sso/callback", ("high",), ("otp",))
        assert said.roles == {"thanh-tra": Role.PROVINCIAL_AUDITOR}
        assert "synthetic" not in repr(said)
        assert {"/sso/start", "/sso/callback"} <= {getattr(one, "path", "") for one in console.hall.parts.routes}


async def test_another_secret_opens_no_door(tmp_path: Path) -> None:
    """A console whose secret is not the gateway's is told so, and nothing is recorded."""
    async with stack(tmp_path) as running:
        secret = running.data_dir / "keys" / "console-secret"
        secret.write_bytes(b"A" * 44)
        async with _console(_settings(running)) as console:
            with pytest.raises(DoorClosed) as closed:
                await console.door.tell(ChangedNotice(by="x", what="auditor", name="an", change="added", detail=""))
        assert closed.value.reason == "unauthorized"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A right configuration over an empty data folder, with a gateway's port that nobody has to ask."""
    loaded = copy(tmp_path).load()
    gateway = replace(loaded.gateway, data_dir=tmp_path / "data")
    return _changed(replace(loaded, gateway=gateway), gateway_url="http://127.0.0.1:9")


async def test_without_a_gateway_s_files_it_says_what_to_do(settings: Settings) -> None:
    """The first missing file is named, and that the gateway makes it."""
    with pytest.raises(ConsoleRefused, match=r"log\.vkey is not there: .* start the gateway first"):
        await compose(settings, BASE, patience=0)
    _ = open_signer(Places.under(settings.gateway.data_dir), settings.gateway.log_origin)
    with pytest.raises(ConsoleRefused, match="console-secret is not there"):
        await compose(settings, BASE, patience=0)


@pytest.fixture
def prepared(settings: Settings) -> Settings:
    """The same with the files a gateway makes."""
    data_dir = settings.gateway.data_dir
    _ = open_signer(Places.under(data_dir), settings.gateway.log_origin)
    create_once(data_dir / "keys" / "console-secret", b"A" * 44, private=True)
    return settings


async def test_files_that_cannot_be_used_are_named(prepared: Settings) -> None:
    """A secret that others may read, and a public key that is none or of another log."""
    data_dir = prepared.gateway.data_dir
    secret, vkey = data_dir / "keys" / "console-secret", Places.under(data_dir).vkey
    secret.chmod(0o644)
    with pytest.raises(ConsoleRefused, match="chmod 600"):
        await compose(prepared, BASE, patience=0)
    secret.chmod(0o600)
    text = vkey.read_text(encoding="utf-8")
    other = replace(prepared, gateway=replace(prepared.gateway, log_origin="elsewhere.example/log"))
    with pytest.raises(ConsoleRefused, match=r"log_origin of gateway\.toml is elsewhere"):
        await compose(other, BASE, patience=0)
    vkey.write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(ConsoleRefused, match="not the public key of a log"):
        await compose(prepared, BASE, patience=0)
    vkey.write_text(text, encoding="utf-8")


async def test_an_address_without_tls_is_refused(prepared: Settings) -> None:
    """Passwords are typed there: https, or this machine alone."""
    with pytest.raises(ConsoleRefused, match="must be https"):
        await compose(prepared, "http://console.example", patience=0)


@pytest.mark.parametrize(
    ("written", "ops", "url"),
    [
        ("https://ops.example", Endpoint("127.0.0.1", 9090), "https://ops.example"),
        ("", Endpoint("127.0.0.1", 9090), "http://127.0.0.1:9090"),
        ("", Endpoint("0.0.0.0", 9090), "http://127.0.0.1:9090"),
        ("", Endpoint("::1", 9090), "http://[::1]:9090"),
        ("", Endpoint("::", 9090), "http://[::1]:9090"),
    ],
)
def test_where_the_gateway_is(settings: Settings, written: str, ops: Endpoint, url: str) -> None:
    """What is written, else the operations port of the same configuration, asked on this machine."""
    changed = _changed(settings, gateway_url=written)
    assert gateway_url(replace(changed, gateway=replace(changed.gateway, ops=ops))) == url


def test_a_free_port_cannot_be_guessed(settings: Settings) -> None:
    """With port 0 somebody has to say which one it became."""
    changed = _changed(settings, gateway_url="")
    with pytest.raises(ConsoleRefused, match="--gateway-url"):
        gateway_url(replace(changed, gateway=replace(changed.gateway, ops=Endpoint("127.0.0.1", 0))))
