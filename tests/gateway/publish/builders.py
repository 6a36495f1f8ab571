"""A log, witnesses and authorities on real sockets, and an observer to wait on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from gateway.audit.keys import Places, open_signer
from gateway.publish.ledger import Ledger
from gateway.publish.publisher import Publisher
from gateway.publish.settings import Authority, PublishSettings, Witness, read_roots
from gateway.publish.state import EndpointState
from gateway.storage.contract import Cosignature, Note, Stamp
from gateway.storage.sqlite import SqliteStore
from mocks import authority, witness
from mocks.faults import FaultPlan
from mocks.server import serving
from signing.cosignatures import parse_witness_vkey
from tests.gateway.audit.builders import ORIGIN, a_log, a_refusal

PATIENCE = 60.0
"""Seconds a test waits for what must come. Never waited for when it comes."""


class WallClock:
    """The wall clock, which a test may move forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        """The time."""
        return datetime.now(UTC) + self.ahead


@dataclass(slots=True)
class Watching:
    """An observer whose news can be waited for."""

    states: dict[str, EndpointState] = field(default_factory=dict)
    seen: list[EndpointState] = field(default_factory=list)
    backward: list[tuple[str, int]] = field(default_factory=list)
    defects: list[BaseException] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def endpoint(self, state: EndpointState, /) -> None:
        """A state changed."""
        self.states[state.name] = state
        self.seen.append(state)
        self.news.set()

    def went_back(self, name: str, size: int, /) -> None:
        """A witness lost its memory."""
        self.backward.append((name, size))

    def defect(self, error: BaseException, _: str) -> None:
        """A fault of ours."""
        self.defects.append(error)

    async def until(self, fits: Callable[[EndpointState], bool], name: str = "w1") -> EndpointState:
        """The state of an endpoint, once it is as wanted."""
        async with asyncio.timeout(PATIENCE):
            while name not in self.states or not fits(self.states[name]):
                self.news.clear()
                await self.news.wait()
        return self.states[name]

    async def covered(self, size: int, name: str = "w1") -> EndpointState:
        """The state of an endpoint, once it covers `size` entries and nothing is in the way."""
        return await self.until(lambda state: state.size == size and state.problem is None, name)


def log_vkey(folder: Path) -> str:
    """The public key of the log under `folder`."""
    return open_signer(Places.under(folder), ORIGIN).vkey


def witness_app(folder: Path, logs: Iterable[str], *, name: str = "w1") -> Starlette:
    """A witness whose key and memory lie under `folder`."""
    home = folder / f"witness-{name}"
    credentials = witness.make_credentials(home, name=f"witness.example/{name}")
    return witness.build(credentials, logs=logs, memory=home / "seen.json", now=lambda: datetime.now(UTC))


def a_witness(folder: Path, url: str, *, name: str = "w1") -> Witness:
    """How a gateway knows it."""
    vkey = (folder / f"witness-{name}" / "vkey").read_text("utf-8")
    return Witness(name, url, parse_witness_vkey(vkey))


def authority_app(folder: Path) -> Starlette:
    """A time-stamping authority whose certificates lie under `folder`."""
    return authority.build(authority.make_credentials(folder / "authority"))


def an_authority(folder: Path, url: str, **changes: Any) -> Authority:
    """How a gateway knows it."""
    roots = read_roots((folder / "authority" / "ca.pem").read_bytes())
    return Authority(**{"name": "tsa", "url": f"{url}/tsa", "roots": roots, **changes})


def faults(app: Starlette) -> FaultPlan:
    """What a mock does wrong, and how often it was asked."""
    plan: FaultPlan = app.state.faults
    return plan


@asynccontextmanager
async def publishing(
    folder: Path, *endpoints: Witness | Authority, now: Callable[[], datetime] | None = None, **times: Any
) -> AsyncIterator[tuple[Publisher, Watching]]:
    """A publisher of the log under `folder`, at a quick pace."""
    watching = Watching()
    pace: dict[str, Any] = {"interval": 0.01, "longest": 0.05, "deadline": 10.0, **times}
    settings = PublishSettings(
        witnesses=tuple(one for one in endpoints if isinstance(one, Witness)),
        authorities=tuple(one for one in endpoints if isinstance(one, Authority)),
        **pace,
    )
    places = Places.under(folder)
    ledger = Ledger(SqliteStore(places.store), open_signer(places, ORIGIN).key)
    publisher = Publisher(ledger, settings, observe=watching, now=now or WallClock(), spread=lambda: 0.5)
    publisher.start()
    try:
        yield publisher, watching
    finally:
        await publisher.close()


@asynccontextmanager
async def served(app: Starlette, port: int = 0) -> AsyncIterator[str]:
    """The address of one application."""
    async with serving({"app": app}, ports={"app": port}) as urls:
        yield urls["app"]


async def grow(folder: Path, entries: int) -> int:
    """Open the log under `folder`, append, close. The number of entries it has then."""
    async with a_log(folder) as log:
        for _ in range(entries):
            receipt = await log.append(a_refusal())
        return receipt.index + 1


def kept(folder: Path) -> tuple[list[Cosignature], list[Stamp]]:
    """Everything that was published of the log under `folder`."""
    reader = SqliteStore(Places.under(folder).store).reader()
    try:
        return list(reader.cosignatures(size=None, limit=1000)), list(reader.stamps(size=None, limit=1000))
    finally:
        reader.close()


def note(folder: Path, size: int) -> Note:
    """The checkpoint of a size."""
    reader = SqliteStore(Places.under(folder).store).reader()
    try:
        found = reader.note(size)
    finally:
        reader.close()
    assert found is not None
    return found
