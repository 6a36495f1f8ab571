"""Deferred calls as a portal makes them, over the sockets of a stack."""

import asyncio
import json
import time
from typing import Any

import httpx

from gateway.audit.keys import Places
from gateway.audit.reading import newest
from gateway.audit.ring import KeyRing
from gateway.storage.sqlite_reader import SqliteReader
from signing import jws
from tests.helpers.stack import RESIDENCE, Stack

PATIENCE_SECONDS = 60.0


async def defer(
    up: Stack, path: str, document: Any, *, prefer: str = "respond-async", **changes: Any
) -> httpx.Response:
    """A rightly signed POST with a Prefer header."""
    body = json.dumps(document, ensure_ascii=False).encode()
    token, digest = up.token(path, body, **changes)
    headers = {
        "authorization": f"Bearer {token}",
        "content-digest": digest or "",
        "content-type": "application/json",
        "prefer": prefer,
    }
    return await up.http.post(up.base_url + path, content=body, headers=headers)


async def read(up: Stack, job: str, **changes: Any) -> httpx.Response:
    """One reading of a job."""
    return await up.call(f"/v1/jobs/{job}", method="GET", **changes)


async def settled(up: Stack, job: str, *, procedure: str = RESIDENCE) -> httpx.Response:
    """The first reading of a job that is not 202."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while True:
        answered = await read(up, job, procedure=procedure)
        if answered.status_code != 202:
            return answered
        assert time.monotonic() < ends, "still pending"
        await asyncio.sleep(0.05)


def entry(answered: httpx.Response) -> int:
    """The index of the log entry an answer's signature names."""
    index: int = jws.parse(answered.headers["gateway-signature"]).claims()["entry"]["index"]
    return index


def payloads(up: Stack) -> dict[int, dict[str, Any]]:
    """Every entry of the log by its index."""
    places = Places.under(up.data_dir)
    reader = SqliteReader(places.store)
    try:
        return {one.index: one.payload or {} for one in newest(reader, KeyRing(places.ring), subject=None)}
    finally:
        reader.close()
