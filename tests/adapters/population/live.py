"""The mock population service on a real socket, and an adapter that asks it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import uvicorn
from starlette.applications import Starlette

from adapters.contract import Adapter, Operation, Question
from adapters.population import build
from adapters.population.mapping import FIELDS
from mocks.country.model import Person
from mocks.population import Credentials, Variant
from mocks.population import build as build_mock
from tests.adapters.builders import AT, Recorder, question, settings

CREDENTIALS = Credentials(
    username="lienthong",
    secret="bi-mat",
    api_key="khoa",
    xroad_client="VN/GOV/000.00.00.H14/lienthong",
    auth_url="http://dancuquocgia.bca/xacthuc",
)
EVERYTHING = frozenset(FIELDS)
_NUMBERS = count(1)


@dataclass(slots=True)
class Live:
    """The mock's application and address."""

    app: Starlette
    url: str
    stack: AsyncExitStack

    def adapter(
        self,
        profile: str = "c06",
        *,
        credentials: Mapping[str, str] | None = None,
        options: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> Adapter:
        """An adapter of this mock; closed with it."""
        account = {"username": CREDENTIALS.username, "secret": CREDENTIALS.secret}
        if profile == "ndxp-xroad":
            account |= {"api_key": CREDENTIALS.api_key, "xroad_client": CREDENTIALS.xroad_client}
        chosen = {"service_code": "VPCP", "auth_url": CREDENTIALS.auth_url} | dict(options or {})
        made = build(
            settings(
                url=self.url,
                profile=profile,
                credentials={**account, **(credentials or {})},
                options={name: value for name, value in chosen.items() if value is not None},
                **changes,
            ),
            now=lambda: AT,
            observe=Recorder(),
        )
        self.stack.push_async_callback(made.close)
        return made


@asynccontextmanager
async def live(variant: Variant | None = None) -> AsyncIterator[Live]:
    """The mock under uvicorn, in this loop, on a free port of the loopback address."""
    app = build_mock(CREDENTIALS, now=lambda: AT, variant=variant)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", http="httptools", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    # with the protocol named, asyncio switches Nagle's algorithm off; without it each answer takes 40 ms
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:  # noqa: ASYNC110  # uvicorn has a flag here, no event
                await asyncio.sleep(0.005)
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/dancu"
            async with AsyncExitStack() as stack:
                yield Live(app, url, stack)
        finally:
            server.should_exit = True
            server.force_exit = True
            await task


def about(
    person: Person,
    operation: Operation = Operation.LOOKUP,
    *,
    fields: frozenset[str] = EVERYTHING,
    **identifiers: str,
) -> Question:
    """A question about a person, as a portal that knows all three would ask it. Each has its own request id."""
    parts = (
        f"{person.birth.year:04}",
        *(f"{part:02}" for part in (person.birth.month, person.birth.day) if part is not None),
    )
    known = {
        "personal_id": person.personal_id,
        "full_name": person.full_name,
        "birth_date": "-".join(parts),
    }
    asked = question(operation, fields=fields, **(known | identifiers))
    return replace(asked, purpose=replace(asked.purpose, request_id=f"req-{next(_NUMBERS)}"))
