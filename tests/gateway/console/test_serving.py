"""Tests of the console's port: what is refused before there is a request, and in the middle of one."""

from typing import Any

from gateway.console.serving import edge, unbroken
from gateway.edge.limits import Limits
from tests.gateway.edge.wire import calling, get, listening, post

SMALL = Limits(head_bytes=1024, connections=1)


async def _reading(scope: Any, receive: Any, send: Any) -> None:
    """An application that answers with what it was given: the last message's type."""
    message = await receive()
    while message["type"] == "http.request" and message["more_body"]:
        message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": message["type"].removeprefix("http.")[:4].encode()})


async def test_what_is_refused_at_the_edge_is_told_in_a_line() -> None:
    """A head without end and a connection too many: plain text that no cache keeps, and the connection ends."""
    async with listening(unbroken(_reading), edge(SMALL)) as (port, _), calling(port) as first:
        await first.send(get("/"))
        assert (await first.answer()).status == 200
        async with calling(port) as second:
            await second.send(get("/"))
            answer = await second.answer()
        assert (answer.status, answer.body) == (503, b"overloaded\n")
        await first.send(get("/", f"X-Long: {'x' * 2000}"))
        answer = await first.answer()
        assert (answer.status, answer.body) == (413, b"body_too_large\n")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert await first.ended()


async def test_a_body_that_breaks_off_is_a_browser_that_has_gone() -> None:
    """The application is told so instead of being broken itself; a whole body goes through as it is."""
    async with listening(unbroken(_reading), edge(Limits())) as (port, _):
        async with calling(port) as caller:
            await caller.send(post(b"csrf=x"))
            assert (await caller.answer()).body == b"requ"
        async with calling(port) as caller:
            head = "POST / HTTP/1.1\r\nHost: console.example\r\nTransfer-Encoding: chunked\r\n\r\n"
            await caller.send(head.encode() + b"5\r\nabcde\r\nno length\r\n")
            assert (await caller.answer()).body == b"disc"
