"""A whole gateway with the three mock registries on loopback sockets, in this process.

What a test asks goes over real sockets: portal -> gateway -> mocks. Nothing is patched.
"""

import asyncio
import json
import shutil
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from config.gateway import Overrides
from config.loader import load
from config.model import Settings
from gateway.api import app as api
from gateway.app import Gateway, compose
from gateway.cli.demo.scenery import environment
from gateway.ops import app as ops
from mocks.registry import REGISTRIES
from mocks.server import serving
from signing import algorithms, request
from signing import keys as signing_keys

ROOT = Path(__file__).resolve().parents[2]
PERSON = {"personal_id": "004192000123", "full_name": "Nguyễn Thị Mẫu", "birth_date": "1992-11-22"}
ENTERPRISE = {"enterprise_code": "0100109106"}
TAXPAYER = {"tax_code": "0100109106"}
RESIDENCE, THREE = "1.004222", "1.005169"


def now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


async def away_from_midnight(seconds: float = 20.0) -> None:
    """Wait until the day (UTC) has so many seconds left: before what counts by days and ends within them."""
    at = now()
    left = 86400 - (at - at.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    if left < seconds:
        await asyncio.sleep(left + 0.1)


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal with its private key."""

    agency: str
    signer: signing_keys.KeySigner


@dataclass(slots=True)
class Stack:
    """A running gateway, its mocks, and portals that may call it."""

    gateway: Gateway
    base_url: str
    ops_url: str
    mocks: Mapping[str, str]
    http: httpx.AsyncClient
    portals: dict[str, Portal]
    config: Path
    data_dir: Path
    environ: Mapping[str, str]
    counter: list[int] = field(default_factory=lambda: [0])

    def load(self) -> Settings:
        """The configuration as it stands in the files now."""
        overrides = Overrides(data_dir=self.data_dir, listen="127.0.0.1:0", ops="127.0.0.1:0")
        return load(self.config, environ=self.environ, overrides=overrides)

    def jti(self) -> str:
        """A token id that was not used before."""
        self.counter[0] += 1
        return f"test-{id(self):x}-{self.counter[0]:08d}"

    def token(
        self,
        path: str,
        body: bytes | None,
        *,
        method: str = "POST",
        agency: str = "H14",
        procedure: str = RESIDENCE,
        **changes: Any,
    ) -> tuple[str, str | None]:
        """A right token for a call, and the Content-Digest. `changes` go to `request_token`."""
        portal = self.portals[agency]
        given: dict[str, Any] = {
            "iss": portal.agency,
            "aud": self.gateway.state.policy.audience,
            "method": method,
            "url": self.base_url + path,
            "body": body,
            "purpose": {
                "procedure": procedure,
                "dossier": "H14-20261122-0000001",
                "officer": "officer-07",
                "basis": "law",
            },
            "at": now(),
            "jti": self.jti(),
        } | changes
        return request.request_token(portal.signer, **given)

    async def send(
        self, path: str, body: bytes | None, token: str | None, digest: str | None, *, method: str = "POST"
    ) -> httpx.Response:
        """One HTTP request as it stands."""
        headers = {}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        if digest is not None:
            headers["content-digest"] = digest
        if body is not None:
            headers["content-type"] = "application/json"
        return await self.http.request(method, self.base_url + path, content=body, headers=headers)

    async def call(self, path: str, document: Any = None, *, method: str = "POST", **changes: Any) -> httpx.Response:
        """A rightly signed call."""
        body = None if document is None else json.dumps(document, ensure_ascii=False).encode()
        token, digest = self.token(path, body, method=method, **changes)
        return await self.send(path, body, token, digest, method=method)

    async def mock(self, source: str, path: str, document: Any = None) -> Any:
        """Tell a mock registry something: `fault`, `variant`, `reset`; or ask it `state`."""
        method = "GET" if path == "state" else "POST"
        answered = await self.http.request(method, f"{self.mocks[source]}/_mock/{path}", json=document)
        answered.raise_for_status()
        return answered.json() if answered.content else None


def document_kinds(config: Path) -> list[str]:
    """Every kind of document that a configuration knows."""
    return list(tomllib.loads((config / "codes" / "document_kind.toml").read_text(encoding="utf-8"))["codes"])


def portal_file(
    config: Path,
    agency: str,
    *,
    kid: str,
    alg: str = "ES256",
    extra: str = "",
    key_extra: str = "",
    procedures: Sequence[str] = (RESIDENCE, THREE),
) -> Portal:
    """Register a portal with one key in a copy of the configuration."""
    key = algorithms.generate(alg)
    folder = config / "portals"
    (folder / agency).mkdir(parents=True, exist_ok=True)
    (folder / agency / f"{kid}.pem").write_bytes(signing_keys.public_pem(key.public_key()))
    begins, ends = now() - timedelta(days=1), now() + timedelta(days=90)
    path = folder / f"{agency}.toml"
    if not path.exists():
        path.write_text(
            f'agency = "{agency}"\nname_vi = "Cổng thử {agency}"\nname_en = "Test portal {agency}"\nsandbox = true\n'
            f"procedures = {json.dumps(list(procedures))}\n"
            'operations = ["persons.verify", "persons.lookup", "enterprises.lookup", "taxpayers.lookup", '
            '"dossiers.prefill", "dossiers.preview", "corrections.report", "corrections.read", '
            '"documents.register", "documents.fetch", "documents.revoke"]\n'
            f"registers = {json.dumps(document_kinds(config))}\n"
            'bases = ["law", "consent"]\n'
            f"{extra}\n[limits]\nper_second = 1000\nburst = 1000\nin_flight = 512\nbody_kib = 256\n",
            encoding="utf-8",
        )
    with path.open("a", encoding="utf-8") as file:
        file.write(
            f'\n[[keys]]\nkid = "{kid}"\nalg = "{alg}"\npublic_key = "{agency}/{kid}.pem"\n'
            f"not_before = {begins:%Y-%m-%dT%H:%M:%SZ}\nnot_after = {ends:%Y-%m-%dT%H:%M:%SZ}\n{key_extra}\n"
        )
    return Portal(agency, signing_keys.KeySigner(kid, alg, key))


def copy_config(target: Path) -> Path:
    """A copy of the shipped configuration that a test may change."""
    shutil.copytree(ROOT / "config", target, ignore=shutil.ignore_patterns("*.py", "__pycache__", "*.pyc"))
    (target / "portals" / "H14.toml").unlink()
    return target


@asynccontextmanager
async def stack(
    folder: Path, procedures: Sequence[str] = (RESIDENCE, THREE), *, amend: Callable[[Path], None] | None = None
) -> AsyncIterator[Stack]:
    """Mocks and gateway, running until the context is left. `folder` is empty and takes everything written.

    `procedures`: codes that its two portals may use; `amend` changes the copy of the configuration first.
    """
    config, data_dir = copy_config(folder / "config"), folder / "data"
    if amend is not None:
        amend(config)
    portals = {
        agency: portal_file(config, agency, kid=f"{agency.lower()}-test", procedures=procedures)
        for agency in ("H14", "H41")
    }
    apps: dict[str, ASGIApp] = {}
    credentials: dict[str, dict[str, str]] = {}
    for name, module in REGISTRIES.items():
        place = folder / "mocks" / name
        apps[name] = module.build(module.make_credentials(place), now=now, variant=None)
        credentials[name] = {path.name: str(path) for path in place.iterdir()}
    async with serving(apps) as urls:
        environ = environment({**urls, "credentials": credentials}, {})
        overrides = Overrides(data_dir=data_dir, listen="127.0.0.1:0", ops="127.0.0.1:0")
        settings = load(config, environ=environ, overrides=overrides)
        async with gateway(settings) as (composed, base_url, ops_url), httpx.AsyncClient(timeout=30) as http:
            yield Stack(composed, base_url, ops_url, urls, http, portals, config, data_dir, environ)


@asynccontextmanager
async def gateway(settings: Settings) -> AsyncIterator[tuple[Gateway, str, str]]:
    """A gateway from settings, with its public and its operations address."""
    front: dict[str, ASGIApp] = {}

    def door(name: str) -> ASGIApp:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await front[name](scope, receive, send)

        return app

    async with serving({"api": door("api"), "ops": door("ops")}) as urls:
        composed = await compose(settings, urls["api"])
        front["api"] = api.build(composed.state)
        front["ops"] = ops.build(composed.registry, composed.health, composed.door)
        try:
            yield composed, urls["api"], urls["ops"]
        finally:
            await composed.close()
