"""A real server behind the edge, and a caller that writes bytes to it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp

from config.running import Endpoint
from gateway.edge import listening as server
from gateway.edge.limits import Limits
from gateway.edge.protocol import bound
from gateway.errors import Code, Refusal, Refused

PATIENCE = 30.0
"""Seconds a test waits for what must come."""


@dataclass(slots=True)
class Seen:
    """What the application saw, and what may be let through."""

    requests: list[Mapping[str, Any]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answer:
    """One response as read from the socket."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(slots=True)
class Caller:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Write bytes; a peer that has gone shows when reading."""
        with suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def answer(self, *, bodyless: bool = False) -> Answer:
        """The next response."""
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = 0 if bodyless else int(headers.get("content-length", "0"))
        return Answer(int(first.split()[1]), headers, await self.reader.readexactly(length))

    async def ended(self) -> bool:
        """Wait until the gateway ends the connection. Whether nothing more came before that."""
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE) == b""
        except ConnectionError:
            return True


@asynccontextmanager
async def calling(port: int) -> AsyncIterator[Caller]:
    """A connection to a port of this machine."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Caller(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds; far beyond every limit of these tests it raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - the server tells it in no other way
            await asyncio.sleep(0.01)


@asynccontextmanager
async def listening(application: ASGIApp, edge: Any) -> AsyncIterator[tuple[int, Any]]:
    """A port behind which the application runs, and its server."""
    taken = server.listen(Endpoint("127.0.0.1", 0))
    running = server.server(application, edge)
    task = asyncio.create_task(running.serve(sockets=[taken]))
    while not running.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.005)
    try:
        yield int(taken.getsockname()[1]), running
    finally:
        running.should_exit = True
        await task


@asynccontextmanager
async def echo(limits: Limits) -> AsyncIterator[tuple[int, Seen, Any]]:
    """An application that answers what it saw. `/held` waits for the gate first, `/deaf` reads no body."""
    seen = Seen()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        body, more, status = b"", scope["path"] != "/deaf", 200
        if scope["path"] == "/held":
            await seen.gate.wait()
        try:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                body += message["body"]
                more = message["more_body"]
            document: dict[str, Any] = {"path": scope["path"], "length": len(body)}
        except Refused as refused:
            seen.refused.append(refused.refusal)
            status, document = 400, {"code": refused.refusal.code.value}
        seen.requests.append({"scope": scope, "body": body})
        printed = json.dumps(document).encode()
        length = [(b"content-length", str(len(printed)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": length})
        await send({"type": "http.response.body", "body": printed})

    def problem(refusal: Refusal) -> tuple[int, bytes, Mapping[str, str]]:
        seen.refused.append(refusal)
        status = {Code.BODY_TOO_LARGE: 413, Code.OVERLOADED: 503}.get(refusal.code, 400)
        return status, json.dumps({"code": refusal.code.value}).encode(), {"x-refused": "edge"}

    async with listening(application, bound(limits, problem)) as (port, running):
        yield port, seen, running


def get(path: str = "/", *lines: str) -> bytes:
    """A GET with further header lines."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: gateway.example", *lines, "", ""]).encode("latin-1")


def post(body: bytes, path: str = "/", *lines: str) -> bytes:
    """A POST with Content-Length and further header lines."""
    head = [f"POST {path} HTTP/1.1", "Host: gateway.example", f"Content-Length: {len(body)}", *lines, "", ""]
    return "\r\n".join(head).encode("latin-1") + body


def chunked(body: bytes, trailers: str = "", *lines: str, extension: str = "") -> bytes:
    """A POST in one chunk, with trailers ("Name: value" lines, each ended)."""
    head = ["POST / HTTP/1.1", "Host: gateway.example", "Transfer-Encoding: chunked", *lines, "", ""]
    sent = f"{len(body):x}{extension}\r\n".encode() + body + b"\r\n0\r\n" + trailers.encode() + b"\r\n"
    return "\r\n".join(head).encode("latin-1") + sent


def names(request: Mapping[str, Any]) -> list[str]:
    """The header names an application saw."""
    return [name.decode("latin-1") for name, _ in request["scope"]["headers"]]


def codes(seen: Seen) -> list[str]:
    """The codes of everything refused so far."""
    return [refusal.code.value for refusal in seen.refused]


def statuses(received: bytes) -> list[int]:
    """The status of every response in the bytes of a connection."""
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]
