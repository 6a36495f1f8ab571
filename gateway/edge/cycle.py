"""One request on its way through the application, as uvicorn runs it, with two additions.

A refusal found while the body arrives is raised where the application reads the body, so that it is answered like
every other refusal. And the memory of the body is given back when the application is done with it.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn._types import ASGI3Application, ASGIReceiveEvent
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from gateway.edge.limits import Held
from gateway.errors import Refusal, Refused


class Cycle(RequestResponseCycle):
    """A request and its response. `refuse` may come at any time before the body is complete."""

    def __init__(self, held: Held, **given: Any) -> None:
        super().__init__(**given)
        self._held = held
        self._size = 0
        self._taken = 0
        self._refusal: Refusal | None = None

    def hold(self, size: int, *, free: int) -> bool:
        """Count `size` bytes more of body, but not its first `free` bytes. False when no memory for bodies is left."""
        self._size += size
        more = max(0, self._size - free - self._taken)
        if not self._held.take(more):
            return False
        self._taken += more
        return True

    def let_go(self) -> None:
        """Give back the memory of the body."""
        self._held.release(self._taken)
        self._taken = 0

    def refuse(self, refusal: Refusal) -> None:
        """Take no more of the body: whoever reads it gets the refusal. The connection ends after the answer."""
        self._refusal = refusal
        self.keep_alive = False
        self.message_event.set()

    async def run_asgi(self, app: ASGI3Application) -> None:
        """Run the application. Raises nothing but cancellation."""
        try:
            await super().run_asgi(app)
        finally:
            self.let_go()

    async def receive(self) -> ASGIReceiveEvent:
        """The next part of the body. Raises `Refused` when the rest is refused."""
        message = await super().receive()
        if self._refusal is not None and message["type"] == "http.request":
            raise Refused(self._refusal)
        return message


class Exit(asyncio.Transport):
    """What a cycle writes to. Closing is left to the connection, which knows whether the caller is still sending."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        super().__init__()
        self._transport = transport
        self._close = close

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes. The answer to a caller that has gone is dropped."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def is_closing(self) -> bool:
        """Whether the connection is ending."""
        return self._transport.is_closing()

    def close(self) -> None:
        """The response was the last one."""
        self._close()
