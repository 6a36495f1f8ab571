"""Everything a sign-in needs, put together once.

Rule of this file: values and wiring only; nothing is asked of a request here but the address it came from.
"""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from gateway.console.accounts.desk import Desk
from gateway.console.accounts.entrance import Entrance
from gateway.console.accounts.federation import Federation
from gateway.console.accounts.occurrences import Record
from gateway.console.accounts.passwords import Hasher
from gateway.console.accounts.sealing import ConsoleKey, open_key
from gateway.console.accounts.sessions import Sessions
from gateway.console.accounts.store import AccountStore
from gateway.console.signin.cookies import Cookies, origin_of
from gateway.console.signin.provider import OidcSettings, Provider

Clock = Callable[[], datetime]
ClientAddress = Callable[[Request], str]
Render = Callable[[Request, str, int, Mapping[str, object]], Response]
"""A page: the request, the template's name, the HTTP status, and what the template gets."""


def peer(request: Request) -> str:
    """The address the connection came from; behind a proxy the server has to take it from the proxy's header."""
    return request.client.host if request.client else ""


@dataclass(frozen=True, slots=True)
class Reception:
    """What the routes and the guard share. `provider` None: there is no single sign-on."""

    origin: str
    cookies: Cookies
    key: ConsoleKey
    store: AccountStore
    hasher: Hasher
    sessions: Sessions
    entrance: Entrance
    desk: Desk
    federation: Federation
    provider: Provider | None
    now: Clock
    client: ClientAddress
    render: Render

    def page(self, request: Request, name: str, status: int = 200, **content: object) -> Response:
        """A page that no cache keeps."""
        content.setdefault("single_sign_on", self.provider is not None)
        content.setdefault("provider_name", self.provider.settings.name if self.provider else "")
        response = self.render(request, name, status, content)
        response.headers["cache-control"] = "no-store"
        return response

    async def close(self) -> None:
        """Let go of files, threads and connections."""
        async with AsyncExitStack() as stack:
            stack.callback(self.store.close)
            stack.callback(self.hasher.close)
            if self.provider is not None:
                stack.push_async_callback(self.provider.close)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the console is. `folder`: its own, `<data dir>/console`; `base_url`: what people type into the browser."""

    folder: Path
    base_url: str
    single_sign_on: OidcSettings | None = None


def open_reception(
    place: Place,
    *,
    record: Record,
    render: Render,
    now: Clock,
    urandom: Callable[[int], bytes],
    client: ClientAddress = peer,
    hasher: Hasher | None = None,
) -> Reception:
    """Open the accounts and the key in the folder, making both when they are not there.

    Raises KeyFileRefused, AccountsUnavailable, and ValueError for an address that is neither https nor loopback.
    """
    cookies = Cookies(place.base_url)
    key = open_key(place.folder / "console-key", urandom)
    store = AccountStore(place.folder / "console.sqlite")
    store.read(lambda rows: rows.accounts())
    checking = hasher or Hasher()
    return Reception(
        origin=origin_of(place.base_url),
        cookies=cookies,
        key=key,
        store=store,
        hasher=checking,
        sessions=Sessions(store),
        entrance=Entrance(store, key=key, hasher=checking, record=record),
        desk=Desk(store, hasher=checking, record=record, urandom=urandom),
        federation=Federation(store, key=key, record=record),
        provider=Provider(place.single_sign_on, now=now) if place.single_sign_on else None,
        now=now,
        client=client,
        render=render,
    )
