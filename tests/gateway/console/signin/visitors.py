"""A console with the door and a few pages behind it, and people with browsers. Passwords are cheap to check here."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pyotp
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.console.accounts.desk import Wanted
from gateway.console.accounts.occurrences import Happening, Occurrence
from gateway.console.accounts.passwords import Hasher
from gateway.console.facts import Facts
from gateway.console.model import DoorClosed, Right, Role
from gateway.console.signin import administration, flow, single_sign_on
from gateway.console.signin.access import require, viewer
from gateway.console.signin.guard import Guard, answers
from gateway.console.signin.provider import OidcSettings
from gateway.console.signin.reception import Place, Reception, open_reception
from gateway.console.web.pages import Pages

BASE = "https://console.example"
PASSWORD = "một câu thật dài và dễ nhớ"
FACTS = Facts("log.example/lienthong", "", portals={}, procedures={}, fields={}, roles={}, sources=())


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = datetime(2026, 11, 24, 2, 0, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """So many seconds, minutes or hours on."""
        self.at += timedelta(**by)


@dataclass
class Log:
    """Where occurrences go. `closed`: it cannot be written."""

    told: list[Occurrence] = field(default_factory=list)
    closed: bool = False

    async def __call__(self, occurrence: Occurrence) -> None:
        if self.closed:
            raise DoorClosed("unreachable")
        self.told.append(occurrence)

    def words(self) -> list[str]:
        """What happened, in order."""
        return [one.action.value for one in self.told]

    def count(self, action: Happening) -> int:
        """How often something happened."""
        return self.words().count(action.value)


class CountingHasher(Hasher):
    """Real argon2id with the smallest parameters, which counts."""

    def __init__(self, *, waiting: int = 32) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), waiting=waiting)
        self.checked = 0

    async def verify(self, kept: str | None, password: str) -> bool:
        """Count, and check."""
        self.checked += 1
        return await super().verify(kept, password)


@dataclass
class Console:
    """The application, what is behind it, and its clock and log."""

    app: ASGIApp
    reception: Reception
    clock: Clock
    log: Log
    hasher: CountingHasher
    base: str
    folder: Path

    async def account(self, username: str, role: Role = Role.NATIONAL_AUDITOR, **given: Any) -> str:
        """A new account's initial password."""
        wanted = Wanted(given.pop("name", "Trần Văn Thử"), role, **given)
        password = await self.reception.desk.add(username, wanted, actor="test", now=self.clock())
        assert password is not None
        return password

    async def enrolled(self, username: str, role: Role = Role.NATIONAL_AUDITOR, **given: Any) -> "Browser":
        """A new account after its first sign-in, its browser signed in."""
        initial = await self.account(username, role, **given)
        browser = self.browser(username)
        await browser.first_time(initial)
        return browser

    def browser(self, username: str = "", client: str = "192.0.2.1") -> "Browser":
        """A browser with no cookies."""
        transport = httpx.ASGITransport(self.app, client=(client, 50000))
        return Browser(self, httpx.AsyncClient(transport=transport, base_url=self.base), username)


class Browser:
    """What one person does in a browser: it sends what browsers send."""

    def __init__(self, console: Console, client: httpx.AsyncClient, username: str) -> None:
        self.console, self.client, self.username = console, client, username
        self.secret = ""

    async def get(self, path: str, **given: Any) -> httpx.Response:
        """Open a page; redirects are not followed."""
        return await self.client.get(path, **given)

    async def post(self, path: str, fields: dict[str, str], *, seen: httpx.Response) -> httpx.Response:
        """Send a form of the page that was seen."""
        return await self.client.post(
            path,
            data={**fields, "csrf": token_in(seen)},
            headers={"origin": self.console.base, "sec-fetch-site": "same-origin"},
        )

    async def first_time(self, initial: str, password: str = PASSWORD) -> httpx.Response:
        """The whole first sign-in."""
        assert (await self.password(initial)).headers["location"] == "/sign-in/new-password"
        page = await self.get("/sign-in/new-password")
        answer = await self.post("/sign-in/new-password", {"password": password, "again": password}, seen=page)
        assert answer.headers["location"] == "/sign-in/second-factor", answer.text
        page = await self.get("/sign-in/second-factor")
        self.secret = secret_in(page)
        answer = await self.post("/sign-in/second-factor", {"code": self.code()}, seen=page)
        assert answer.headers["location"] == "/", answer.text
        return answer

    async def password(self, password: str = PASSWORD, username: str | None = None) -> httpx.Response:
        """The first page of the sign-in, in a browser without a session."""
        self.client.cookies.clear()
        page = await self.get("/sign-in")
        name = self.username if username is None else username
        return await self.post("/sign-in", {"username": name, "password": password}, seen=page)

    async def sign_in(self, password: str = PASSWORD, code: str | None = None) -> httpx.Response:
        """Both pages; the answer to the second, or the first if it leads nowhere."""
        answer = await self.password(password)
        if answer.status_code != 303:
            return answer
        page = await self.get(answer.headers["location"])
        return await self.post("/sign-in/code", {"code": self.code() if code is None else code}, seen=page)

    def code(self, ahead: int = 0) -> str:
        """What the phone shows now, or some steps later."""
        secret = self.secret or pyotp.random_base32()
        return pyotp.TOTP(secret).at(self.console.clock(), counter_offset=ahead)

    def wrong_code(self) -> str:
        """Six digits that are no code now, a step earlier or a step later."""
        right = {self.code(ahead) for ahead in (-1, 0, 1)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)

    def cookie(self) -> str:
        """The session's id."""
        return next(value for name, value in self.client.cookies.items() if name.endswith("lt_session"))


def token_in(page: httpx.Response) -> str:
    """The token of the first form of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def secret_in(page: httpx.Response) -> str:
    """The secret of the second factor that a page shows, or the initial password."""
    found = re.search(r'class="secret">([^<]+)<', page.text)
    assert found, page.text
    return found[1].replace(" ", "")


@asynccontextmanager
async def console(
    folder: Path, *, base: str = BASE, oidc: OidcSettings | None = None, clock: Clock | None = None
) -> AsyncIterator[Console]:
    """A console over a folder, as an ASGI application."""
    now, log, hasher = clock or Clock(), Log(), CountingHasher()
    reception = open_reception(
        Place(folder / "console", base, oidc),
        record=log,
        render=Pages(FACTS).render,
        now=now,
        urandom=os.urandom,
        hasher=hasher,
    )

    async def home(request: Request) -> Response:
        known = viewer(request)
        return PlainTextResponse(known.account.username if known else "nobody")

    @require(Right.SEE_ENTRIES)
    async def entries(_: Request) -> Response:
        return PlainTextResponse("entries")

    async def search(request: Request) -> Response:
        return PlainTextResponse((await request.body()).decode())

    app = Starlette(
        routes=[
            *flow.routes(reception),
            *administration.routes(reception),
            *single_sign_on.routes(reception),
            Route("/", home),
            Route("/entries", entries),
            Route("/search", search, methods=["POST"]),
        ],
        exception_handlers=dict(answers(reception)),
    )
    try:
        yield Console(Guard(app, reception), reception, now, log, hasher, base, folder / "console")
    finally:
        await reception.close()
