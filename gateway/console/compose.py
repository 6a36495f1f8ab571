"""The console's composition root: from settings to every object. Nothing else builds, nothing else reads files of keys.

Start:   settings, the log's public key, the secret of the door, the key ring -> `Console` (application, follower)
Reload:  new settings -> other names and rules; everything else needs a restart
Stop:    follower -> hall -> reception -> door

What it is given can read and nothing else: a reader of the store, the ring's folder, the log's public key. What it
shows is recorded by the gateway, which it reaches with a secret that opens one door.

Rule of this file: wiring only. What is missing is named with what to do about it.
"""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import ASGIApp

import config.running
from config.console_rules import ConsoleRules
from config.model import Settings
from gateway.audit.check.bundle import checker
from gateway.audit.errors import KeyFileRefused
from gateway.audit.keyfiles import read_private
from gateway.audit.keys import Places
from gateway.audit.ring import KeyRing
from gateway.console import recording
from gateway.console.accounts.occurrences import Occurrence, Record
from gateway.console.door import GatewayDoor
from gateway.console.facts import facts_of
from gateway.console.index.follower import Follower
from gateway.console.index.keyed import IndexKey, open_key
from gateway.console.index.search import LogIndex
from gateway.console.index.turns import Turns
from gateway.console.model import Role
from gateway.console.outside import Outside
from gateway.console.signin import address, administration, flow, guard, single_sign_on
from gateway.console.signin.provider import OidcSettings
from gateway.console.signin.reception import Place, Reception, open_reception
from gateway.console.watch import Watch
from gateway.console.web import app
from gateway.console.web.hall import Hall, Parts
from gateway.console.web.pages import Pages
from gateway.console.web.verifying import verifier
from gateway.storage.contract import Reader
from gateway.storage.opening import open_reader, parse_location
from signing.errors import SigningError
from signing.notes import NoteKey, parse_vkey

PATIENCE_SECONDS = 30.0
"""How long the files of a gateway that starts at the same moment are waited for."""


_RESTART = ("console", "data_dir", "log_origin", "store", "publish")


class ConsoleRefused(Exception):  # noqa: N818 - it says what happened
    """The console cannot start. The sentence says what is missing and what to do."""


def now() -> datetime:
    """The clock of the whole console."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Rules:
    """What is unusual, as the follower asks for it before each look."""

    now: ConsoleRules


@dataclass(slots=True)
class Console:
    """A composed console."""

    app: ASGIApp
    hall: Hall
    reception: Reception
    door: GatewayDoor
    pages: Pages
    follower: Follower
    watch: Watch
    rules: Rules
    settings: Settings

    def reload(self, settings: Settings) -> None:
        """Take the names and rules of other settings. Raises ConsoleRefused for what needs a restart."""
        changed = [name for name in _RESTART if getattr(settings.gateway, name) != getattr(self.settings.gateway, name)]
        if changed:
            raise ConsoleRefused(f"restart the console to change: {', '.join(changed)}")
        facts = self.pages.facts
        self.pages.learn(facts_of(settings, origin=facts.origin, vkey=facts.vkey))
        self.rules.now = settings.console_rules
        self.settings = settings

    def start(self) -> None:
        """Follow the log, and go on with exports a restart broke off. Within the event loop."""
        self.hall.begin()
        self.follower.start()
        self.watch.start()

    async def close(self) -> None:
        """Let go of threads, files and connections. No request is under way any more."""
        await self.watch.close()
        await asyncio.to_thread(self.follower.close)
        await self.hall.close()
        await self.reception.close()
        await self.door.close()


async def compose(settings: Settings, base_url: str, *, patience: float = PATIENCE_SECONDS) -> Console:
    """Build everything. `base_url`: what auditors type into their browsers; `patience` in seconds.

    Raises ConsoleRefused and AccountsUnavailable.
    """
    own, data_dir = settings.gateway.console, settings.gateway.data_dir
    places, folder = Places.under(data_dir), data_dir / "console"
    secret_file = data_dir / "keys" / "console-secret"
    await _there((places.vkey, secret_file), patience)
    key = _log_key(places.vkey, settings.gateway.log_origin)
    try:
        secret = read_private(secret_file).decode("ascii")
        index_key = open_key(folder / "index-key", os.urandom)
    except KeyFileRefused as error:
        raise ConsoleRefused(str(error)) from None
    except UnicodeDecodeError:
        raise ConsoleRefused(f"{secret_file}: not a secret the gateway made") from None
    location, ring = parse_location(own.store or settings.gateway.store, places.store), KeyRing(places.ring)

    def reader() -> Reader:
        return open_reader(location)

    facts = facts_of(settings, origin=key.name, vkey=places.vkey.read_text(encoding="utf-8").strip())
    ops, witnesses = gateway_url(settings), settings.gateway.publish.witnesses
    door, pages = GatewayDoor(ops, secret), Pages(facts)
    reception = _reception(folder, base_url, own, record=_recorder(door), pages=pages)
    rules, index = Rules(settings.console_rules), _index(folder / "index.sqlite", index_key, reader)
    follower = Follower(
        Turns(
            open_log=reader,
            ring=ring,
            path=folder / "index.sqlite",
            key=index_key,
            rules=lambda: rules.now,
            now=now,
        )
    )
    watch = Watch(index, lambda: follower.progress.trouble)
    hall = _opened(
        Parts(
            folder=folder,
            index=index,
            reader=reader,
            ring=ring,
            key=key,
            door=door,
            pages=pages,
            verify=verifier(
                vkey=facts.vkey,
                temporary=folder / "checks",
                path=location.path,
                url=location.url,
                keys=places.ring,
                witnesses=[one.key for one in witnesses],
            ),
            now=now,
            urandom=os.urandom,
            guard=lambda inner: guard.Guard(inner, reception),
            routes=[*flow.routes(reception), *single_sign_on.routes(reception), *administration.routes(reception)],
            handlers=guard.answers(reception),
            checker=checker,
            trouble=lambda: watch.trouble,
            endpoints=Outside(ops, {one.name: one.key.partition("+")[0] for one in witnesses}).endpoints,
            retention=settings.gateway.retention,
            rules=lambda: rules.now,
        )
    )
    return Console(app.build(hall), hall, reception, door, pages, follower, watch, rules, settings)


def _opened(parts: Parts) -> Hall:
    try:
        return Hall(parts)
    except (OSError, ValueError) as error:  # what the console kept of verifications or exports cannot be read
        raise ConsoleRefused(str(error)) from None


def gateway_url(settings: Settings) -> str:
    """Where the gateway's operations port is. Raises ConsoleRefused when nothing says so."""
    written, ops = settings.gateway.console.gateway_url, settings.gateway.ops
    if written:
        return written
    if not ops.port:
        raise ConsoleRefused("say where the gateway's operations port is: --gateway-url, or gateway_url of [console]")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(ops.host, ops.host)  # noqa: S104 - all addresses, asked at one
    return f"http://[{host}]:{ops.port}" if ":" in host else f"http://{host}:{ops.port}"


async def _there(files: tuple[Path, ...], patience: float) -> None:
    ends = time.monotonic() + patience
    while missing := [path for path in files if not path.exists()]:
        if time.monotonic() >= ends:
            raise ConsoleRefused(f"{missing[0]} is not there: the gateway makes it, so start the gateway first")
        await asyncio.sleep(0.1)


def _log_key(vkey: Path, origin: str) -> NoteKey:
    try:
        key = parse_vkey(vkey.read_text(encoding="utf-8").strip())
    except (SigningError, ValueError):
        raise ConsoleRefused(f"{vkey}: not the public key of a log") from None
    if key.name != origin:
        raise ConsoleRefused(f"{vkey}: of the log {key.name}, but log_origin of gateway.toml is {origin}")
    return key


def _recorder(door: GatewayDoor) -> Record:
    async def record(occurrence: Occurrence) -> None:
        await door.tell(recording.notice(occurrence))

    return record


def _index(path: Path, key: IndexKey, reader: Callable[[], Reader]) -> Callable[[], LogIndex]:
    return lambda: LogIndex(path, key, reader)


def _reception(
    folder: Path, base_url: str, own: config.running.ConsoleSettings, *, record: Record, pages: Pages
) -> Reception:
    try:
        return open_reception(
            Place(folder, base_url, _single_sign_on(own.oidc, base_url)),
            record=record,
            now=now,
            urandom=os.urandom,
            client=address.behind(own.proxies),
            render=pages.render,
        )
    except KeyFileRefused as error:
        raise ConsoleRefused(str(error)) from None
    except ValueError as error:
        raise ConsoleRefused(f"public_url of [console]: {error}") from None


def _single_sign_on(oidc: config.running.OidcProvider | None, base_url: str) -> OidcSettings | None:
    if oidc is None:
        return None
    return OidcSettings(
        issuer=oidc.issuer,
        client_id=oidc.client_id,
        client_secret=oidc.client_secret,
        base_url=base_url,
        role_claim=oidc.role_claim,
        roles={value: Role(role) for value, role in oidc.roles.items()},
        portals_claim=oidc.portals_claim,
        acr=oidc.acr,
        amr=oidc.amr,
        name=oidc.name,
    )
