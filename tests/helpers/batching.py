"""Batches as a portal sends them, over the sockets of a stack."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from gateway.client import GatewayClient
from signing import jws
from tests.helpers.stack import PERSON, RESIDENCE, Stack

PREFILL = "/v1/dossiers/prefill"
PATIENCE_SECONDS = 60.0
TIMES = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


def asked(dossier: str, subject: dict[str, str] = PERSON, **more: Any) -> dict[str, Any]:
    """One line."""
    return {"dossier": dossier, "subjects": {"applicant": subject}, **more}


def written(lines: Sequence[Any]) -> bytes:
    """A body; what is bytes already stands in it as it is."""
    return b"".join((x if isinstance(x, bytes) else json.dumps(x, ensure_ascii=False).encode()) + b"\n" for x in lines)


def headers(up: Stack, body: bytes, **changes: Any) -> dict[str, str]:
    """What a rightly signed batch is sent with."""
    token, digest = up.token(PREFILL, body, **changes)
    return {
        "authorization": f"Bearer {token}",
        "content-digest": digest or "",
        "content-type": "application/x-ndjson",
    }


async def send(up: Stack, lines: Sequence[Any], **changes: Any) -> httpx.Response:
    """A batch, and its whole answer."""
    body = written(lines)
    return await up.http.post(up.base_url + PREFILL, content=body, headers=headers(up, body, **changes))


@asynccontextmanager
async def under_way(up: Stack, lines: Sequence[Any], **changes: Any) -> AsyncIterator[httpx.Response]:
    """A batch whose answer is read as it comes."""
    body = written(lines)
    head = headers(up, body, **changes)
    async with up.http.stream("POST", up.base_url + PREFILL, content=body, headers=head) as answered:
        yield answered


async def begun(up: Stack, lines: int, *, agency: str = "H14", batches: int = 1) -> None:
    """Wait until so many batches of a portal are open and so many of their lines under way. Nothing else runs between
    the moment that is so and the caller's next step."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        share = up.gateway.state.world.shares._shares.get(agency)
        if share is not None and (share.open, share.under_way) == (batches, lines):
            return
        assert time.monotonic() < ends, "the lines were not begun"
        await asyncio.sleep(0.01)


def lines_of(answered: httpx.Response) -> dict[int, dict[str, Any]]:
    """The lines of an answer by their number."""
    found = [json.loads(line) for line in answered.text.splitlines()]
    return {line["line"]: line for line in found}


def entry_of(line: dict[str, Any]) -> int:
    """The index of the log entry a line's signature names."""
    index: int = jws.parse(line["signature"]).claims()["entry"]["index"]
    return index


def timeless(document: Any) -> Any:
    """The document with every instant made equal."""
    return json.loads(TIMES.sub("T", json.dumps(document)))


def client(up: Stack, **changes: Any) -> GatewayClient:
    """A portal's client."""
    given: dict[str, Any] = {
        "iss": "H14",
        "signer": up.portals["H14"].signer,
        "purpose": {"procedure": RESIDENCE, "dossier": "BATCH-1", "officer": "officer-07", "basis": "law"},
    }
    return GatewayClient(up.base_url, **{**given, **changes})
