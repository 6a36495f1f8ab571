"""The two ends of the tax connection for tests: keys, a served mock, an adapter, a question."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from starlette.applications import Starlette

from adapters.contract import Adapter, Operation, Purpose, Question
from adapters.observe import NullObserver
from adapters.settings import AdapterSettings
from adapters.tax import build
from mocks import tax
from mocks.server import serving
from mocks.tax.credentials import new_key, self_signed

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FIRM = "0100109106"

FIELDS = frozenset(
    f"taxpayer.{name}"
    for name in ("tax_code", "name", "kind", "status", "status_reason", "tax_office", "address", "obligations")
)


def credentials(kind: tax.KeyKind = tax.KeyKind.P256, *, number: int = 0) -> tax.Credentials:
    """Two key pairs of one kind, the same at every call; another `number` gives others."""
    return _credentials(kind, number)


@cache
def _credentials(kind: tax.KeyKind, number: int) -> tax.Credentials:
    client, server = new_key(kind), new_key(kind)
    return tax.Credentials(
        client_key=client,
        client_certificate=self_signed(client, f"client-{number}.example", at=AT),
        server_key=server,
        server_certificate=self_signed(server, f"server-{number}.example", at=AT),
    )


def settings(url: str, held: tax.Credentials, **changes: Any) -> AdapterSettings:
    """Settings of the tax source, with one try per call unless changed."""
    made = AdapterSettings(
        source="tax",
        profile="wsse",
        url=url,
        attempts=1,
        concurrency=4,
        queue=16,
        breaker_failures=50,
        breaker_pause=timedelta(seconds=5),
        max_bytes=1_048_576,
        options={},
        credentials={
            "client_key": held.client_key,
            "client_certificate": held.client_certificate,
            "server_certificate": held.server_certificate,
        },
    )
    return replace(made, **changes)


def question(tax_code: str = FIRM, *, request_id: str = "q-1", fields: frozenset[str] = FIELDS) -> Question:
    """A look-up of one taxpayer."""
    purpose = Purpose("H14", "officer-7", "1.004222", "000.00.12.H14-250701-0001", request_id)
    return Question("tax", Operation.LOOKUP, {"tax_code": tax_code}, fields, purpose)


@asynccontextmanager
async def connected(
    *,
    held: tax.Credentials | None = None,
    client: tax.Credentials | None = None,
    variant: tax.Variant | None = None,
    now: Callable[[], datetime] = lambda: AT,
    server_now: Callable[[], datetime] = lambda: AT,
    **changes: Any,
) -> AsyncIterator[tuple[Adapter, Starlette]]:
    """An adapter talking to a mock. `client`: what the adapter holds when it differs from what the mock expects."""
    held = held or credentials()
    app = tax.build(held, now=server_now, variant=variant)
    async with serving({"tax": app}) as urls:
        adapter = build(settings(urls["tax"], client or held, **changes), now=now, observe=NullObserver())
        try:
            yield adapter, app
        finally:
            await adapter.close()
