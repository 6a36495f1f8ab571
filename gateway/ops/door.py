"""The door of the console: `POST /log/events` on the operations port. What is about to be shown becomes an entry first.

The console proves itself by a secret that both hold (RFC 6750 bearer token): it never gets the log's key, nor a
connection that could write.

Rule of this file: nothing of a notice is logged or echoed; an entry that is not durable is answered 503.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.audit.errors import LogUnavailable
from gateway.audit.events import Event
from gateway.audit.receipt import Receipt
from gateway.errors import Refused
from gateway.wire import notices


class Log(Protocol):
    """What the door needs of the access log."""

    async def append(self, event: Event) -> Receipt:
        """Durable before it returns. Raises LogUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """`secret`: what the console must show; `sign`: the gateway's signature over a manifest (`signing.manifest`)."""

    log: Log
    secret: str = field(repr=False)
    sign: Callable[[bytes], str] = field(repr=False)
    now: Callable[[], datetime]


def handler(door: Door) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint."""

    async def take(request: Request) -> Response:
        shown = request.headers.getlist(notices.SIGNATURE_HEADER)
        expected = f"Bearer {door.secret}"
        if len(shown) != 1 or not hmac.compare_digest(shown[0].encode(), expected.encode()):
            return _problem(401, "unauthorized")
        if int(request.headers.get("content-length", "0")) > notices.BODY_BYTES:
            return _problem(413, "body_too_large")
        body = await request.body()
        if len(body) > notices.BODY_BYTES:
            return _problem(413, "body_too_large")
        try:
            notice = notices.parse(body)
        except (Refused, ValueError):
            return _problem(400, "body_malformed")
        try:
            receipt = await door.log.append(notice.as_event(door.now()))
        except LogUnavailable:
            return _problem(503, "log_unavailable")
        manifest = notice.manifest if isinstance(notice, notices.InspectedNotice) else None
        signature = None if manifest is None else door.sign(manifest.encode())
        return JSONResponse(notices.Noted(index=receipt.index, signature=signature).model_dump(), 201)

    return take


def _problem(status: int, code: str) -> Response:
    return JSONResponse({"status": status, "code": code}, status)
