"""A mock register on a real socket, and an adapter that asks it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from starlette.applications import Starlette

from adapters.business import BusinessAdapter, build
from adapters.business.mapping import FIELDS
from adapters.contract import Operation, Purpose, Question
from adapters.observe import NullObserver
from adapters.settings import AdapterSettings
from mocks.business import Credentials, Variant
from mocks.business import build as build_mock

CODE = "0100109106"
CREDENTIALS = Credentials(
    consumer_key="the-key",
    consumer_secret="the-secret",
    access_key="the-access-key",
    secret_key="the-secret-key",
    app_name="cổng",
    partner_code="000.00.00.H14",
    partner_code_cus="000.00.00.H14",
)
WSO2 = {"consumer_key": CREDENTIALS.consumer_key, "consumer_secret": CREDENTIALS.consumer_secret}
CARD = {
    "access_key": CREDENTIALS.access_key,
    "secret_key": CREDENTIALS.secret_key,
    "app_name": CREDENTIALS.app_name,
    "partner_code": CREDENTIALS.partner_code,
    "partner_code_cus": CREDENTIALS.partner_code_cus,
}


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


@dataclass
class Live:
    """The mock's application and address, and the one clock of both sides."""

    app: Starlette
    url: str
    clock: Clock
    adapters: list[BusinessAdapter] = field(default_factory=list)

    def adapter(
        self,
        profile: str = "ngsp",
        *,
        credentials: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> BusinessAdapter:
        """An adapter of this mock; closed with it."""
        family = CARD if profile in {"hcm", "lgsp-token"} else WSO2
        made = build(
            some_settings(
                profile=profile,
                url=self.url,
                credentials=family if credentials is None else credentials,
                options=options or {},
                **settings,
            ),
            now=self.clock,
            observe=NullObserver(),
        )
        self.adapters.append(made)
        return made

    @property
    def tokens(self) -> int:
        """How many tokens the mock gave out."""
        issued: int = self.app.state.desk.issued
        return issued

    @property
    def calls(self) -> int:
        """How many authenticated look-ups the mock saw."""
        calls: int = self.app.state.faults.calls
        return calls


def some_settings(**changes: Any) -> AdapterSettings:
    """Settings for a quick test: one try, a breaker that stays shut."""
    start: dict[str, Any] = {
        "source": "business",
        "profile": "ngsp",
        "url": "http://127.0.0.1:9",
        "attempts": 1,
        "concurrency": 64,
        "queue": 64,
        "breaker_failures": 1000,
        "breaker_pause": timedelta(seconds=1),
        "max_bytes": 262_144,
        "options": {},
        "credentials": WSO2,
    }
    return AdapterSettings(**start | changes)


def look_up(code: str = CODE, fields: frozenset[str] = FIELDS) -> Question:
    """A look-up of `code`."""
    return Question(
        source="business",
        operation=Operation.LOOKUP,
        identifiers={"enterprise_code": code},
        fields=fields,
        purpose=Purpose("H14", "officer-1", "1.004222", "H14-20261122-0001", "req-1"),
    )


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """`app` under uvicorn on a free loopback port, in this loop."""
    # With the protocol named asyncio switches Nagle's algorithm off; without, each answer takes 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                http="httptools",
                ws="none",
                lifespan="off",
                log_level="critical",
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110  # uvicorn has a flag here, no event
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def live(variant: Variant | None = None) -> AsyncIterator[Live]:
    """The mock register with `variant`, serving."""
    clock = Clock()
    app = build_mock(CREDENTIALS, now=clock, variant=variant)
    async with serving(app) as url:
        made = Live(app, url, clock)
        try:
            yield made
        finally:
            for adapter in made.adapters:
                await adapter.close()
