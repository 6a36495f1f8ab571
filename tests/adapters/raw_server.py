"""A server that speaks bytes, so that every way an HTTP answer can go wrong can be produced exactly."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Script = Callable[["Turn"], Awaitable[None]]


@dataclass(slots=True)
class Turn:
    """One request as it arrived and the connection it arrived on."""

    number: int  # 1 for the first request this server saw
    head: str
    body: bytes
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End the connection with a TCP reset instead of an orderly close."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass(slots=True)
class RawServer:
    """Where it listens and what it saw."""

    url: str = ""
    turns: list[Turn] = field(default_factory=list)
    open_connections: int = 0
    connections: int = 0


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[RawServer]:
    """A server whose every request is handled by `script`; connections stay open unless the script ends them."""
    seen = RawServer()
    running: set[asyncio.Task[None]] = set()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        seen.open_connections += 1
        seen.connections += 1
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = int(header(head, "content-length") or 0)
                turn = Turn(len(seen.turns) + 1, head, await reader.readexactly(length), writer)
                seen.turns.append(turn)
                await script(turn)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client went away, or the test is over
        finally:
            running.discard(task)
            seen.open_connections -= 1
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    seen.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/dan-cu"
    try:
        yield seen
    finally:
        server.close()
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await server.wait_closed()


def header(head: str, name: str) -> str | None:
    """The value of a header in a request head, or None."""
    lines = (line.partition(":") for line in head.splitlines()[1:])
    return next((value.strip() for key, _, value in lines if key.lower() == name), None)


def answer(body: bytes = b"<a/>", *, status: str = "200 OK", content_type: str = "text/xml", extra: str = "") -> bytes:
    """A well-formed HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body
