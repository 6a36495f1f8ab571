"""What can go wrong with a registry, switched on for the next calls and played on the real connection.

Rule of this file: a fault changes an answer that was already made; it never invents one. `FaultPlan` says
which call is hit, `faulty` turns the good response into the broken one. The generic faults work for every
source; the others are only named here and played by the source that has them.
"""

import asyncio
import gzip
from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

TRANSPORT = "mocks.transport"
SLOW_SECONDS = 1.0
_CHUNK = b" " * 65_536
_OVERSIZED_CHUNKS = 1_024  # 64 MiB, far over any limit a client may have
_BOMB_BYTES = 256 * 1_024 * 1_024
_BOMB_PIECE = 1_024 * 1_024
_HTML = b"<!DOCTYPE html><html><head><title>Login</title></head><body><p>Please sign in.</p></body></html>"


class Fault(StrEnum):
    """Everything a mock registry can do wrong."""

    SLOW = "slow"  # answers, but `seconds` late
    HANG = "hang"  # keeps the connection and says nothing, for `seconds` or until the caller leaves
    REFUSE = "refuse"  # aborts the connection before one byte is sent
    RESET_MID_BODY = "reset_mid_body"
    TRUNCATED_CONTENT_LENGTH = "truncated_content_length"  # closes before the announced length is reached
    HTTP_500 = "http_500"
    HTTP_503 = "http_503"
    HTTP_404 = "http_404"
    REDIRECT = "redirect"
    MALFORMED = "malformed"  # the first half of the body, then rubbish
    WRONG_CONTENT_TYPE = "wrong_content_type"  # an HTML page with status 200
    OVERSIZED = "oversized"  # the good body, then 64 MiB of spaces
    GZIP_BOMB = "gzip_bomb"  # 256 MiB in a small gzip body
    EMPTY_BODY = "empty_body"
    DTD = "dtd"  # the good XML behind a document type declaration
    ENTITY_BOMB = "entity_bomb"  # nested entities that would grow to gigabytes
    WRONG_SUBJECT = "wrong_subject"
    SOAP_FAULT = "soap_fault"
    AUTH_REFUSED = "auth_refused"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105  # the name of a fault
    DUPLICATE_KEYS = "duplicate_keys"
    UNSIGNED = "unsigned"
    WRAPPED = "wrapped"
    WRONG_KEY = "wrong_key"
    STALE_TIMESTAMP = "stale_timestamp"
    WRONG_REQUEST = "wrong_request"  # answers another request's id


XML_ONLY = frozenset({Fault.DTD, Fault.ENTITY_BOMB})
GENERIC = frozenset(
    {
        Fault.SLOW,
        Fault.HANG,
        Fault.REFUSE,
        Fault.RESET_MID_BODY,
        Fault.TRUNCATED_CONTENT_LENGTH,
        Fault.HTTP_500,
        Fault.HTTP_503,
        Fault.HTTP_404,
        Fault.REDIRECT,
        Fault.MALFORMED,
        Fault.WRONG_CONTENT_TYPE,
        Fault.OVERSIZED,
        Fault.GZIP_BOMB,
        Fault.EMPTY_BODY,
    }
)


@dataclass(frozen=True, slots=True)
class Active:
    """A fault that hits this call. `seconds` matters to `slow` and `hang` only; None is their default."""

    fault: Fault
    seconds: float | None = None


class FaultPlan:
    """Which of the coming calls go wrong, and how many calls there were.

    One fault at a time. Not thread-safe: everything runs in the server's one loop.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.refused = 0
        self.fault: Fault | None = None
        self.left: int | None = None
        self._subject: str | None = None
        self._seconds: float | None = None

    def set(
        self,
        fault: Fault,
        count: int | None = None,
        *,
        subject: str | None = None,
        seconds: float | None = None,
    ) -> None:
        """Let `fault` hit the next `count` calls (None: all of them), only those about `subject` when one
        is given.
        """
        self.fault, self.left, self._subject, self._seconds = fault, count, subject, seconds

    def clear(self) -> None:
        """Let the coming calls succeed. The counters stay."""
        self.fault, self.left, self._subject, self._seconds = None, None, None, None

    def reset(self) -> None:
        """Clear the fault and both counters."""
        self.clear()
        self.calls = self.refused = 0

    def take(self, subject: str | None = None) -> Active | None:
        """Count one authenticated call about `subject` and return the fault that hits it, if any."""
        self.calls += 1
        if self.fault is None or (self._subject is not None and self._subject != subject):
            return None
        active = Active(self.fault, self._seconds)
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                self.clear()
        return active

    def refuse(self) -> None:
        """Count one call whose credentials were not accepted."""
        self.refused += 1


class _Transport(Protocol):
    def abort(self) -> None: ...
    def close(self) -> None: ...
    def is_closing(self) -> bool: ...


def remember_transport(scope: MutableMapping[str, Any], send: Send) -> None:
    """Put the connection into the scope, for the faults that cut it.

    uvicorn hands each request a bound method of its protocol object, which owns the transport. Under
    another server there is none, and a fault that needs it raises `RuntimeError`.
    """
    scope[TRANSPORT] = getattr(getattr(send, "__self__", None), "transport", None)


def faulty(active: Active | None, good: Response) -> Response:
    """The response to give instead of `good` when `active` hits the call; `good` itself when nothing
    generic does.

    DTD and ENTITY_BOMB are played on any body, but make sense for XML only.
    """
    if active is None or active.fault not in GENERIC | XML_ONLY:
        return good
    return _Faulty(active, good)


class _Faulty(Response):
    """A good response that goes out broken."""

    def __init__(self, active: Active, good: Response) -> None:
        super().__init__(bytes(good.body), good.status_code, media_type=good.media_type)
        self._active = active
        self._good = good

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._active.fault
        body = bytes(self._good.body)
        kind = self._good.headers.get("content-type", "application/octet-stream")
        if fault is Fault.SLOW:
            seconds = SLOW_SECONDS if self._active.seconds is None else self._active.seconds
            await asyncio.sleep(seconds)
            await self._good(scope, receive, send)
        elif fault is Fault.HANG:
            await _hang(receive, self._active.seconds)
            _connection(scope).abort()
            await _gone(receive)
        elif fault is Fault.REFUSE:
            _connection(scope).abort()
            await _gone(receive)
        elif fault in {Fault.RESET_MID_BODY, Fault.TRUNCATED_CONTENT_LENGTH}:
            await _cut(fault, body, kind, scope, receive, send)
        elif fault is Fault.OVERSIZED:
            await _oversized(body, kind, scope, send)
        else:
            await _altered(fault, body, kind)(scope, receive, send)


def _altered(fault: Fault, body: bytes, kind: str) -> Response:
    if fault is Fault.HTTP_500:
        return Response("internal server error", 500, media_type="text/plain")
    if fault is Fault.HTTP_503:
        return Response("service unavailable", 503, media_type="text/plain")
    if fault is Fault.HTTP_404:
        return Response("not found", 404, media_type="text/plain")
    if fault is Fault.REDIRECT:
        return Response(status_code=302, headers={"location": "/elsewhere"})
    if fault is Fault.WRONG_CONTENT_TYPE:
        return Response(_HTML, media_type="text/html")
    if fault is Fault.GZIP_BOMB:
        return Response(_bomb(), headers={"content-type": kind, "content-encoding": "gzip"})
    bodies = {
        Fault.MALFORMED: body[: len(body) // 2] + b"\x00\xff<<<{{{",
        Fault.EMPTY_BODY: b"",
        Fault.DTD: _behind(body, b'<!DOCTYPE any SYSTEM "http://127.0.0.1:1/any.dtd">'),
        Fault.ENTITY_BOMB: _entities(body),
    }
    return Response(bodies[fault], headers={"content-type": kind})


def _behind(body: bytes, declaration: bytes) -> bytes:
    prolog, found, rest = body.partition(b"?>")
    return prolog + found + declaration + rest if found else declaration + body


def _entities(body: bytes) -> bytes:
    lines = [b'<!ENTITY e0 "lienthong">']
    lines += [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">'.encode() for n in range(1, 10)]
    armed = _behind(body, b"<!DOCTYPE any [" + b"".join(lines) + b"]>")
    head, found, tail = armed.rpartition(b"</")
    return head + b"&e9;" + found + tail


def _bomb() -> bytes:
    return gzip.compress(b" " * _BOMB_PIECE) * (_BOMB_BYTES // _BOMB_PIECE)


def _connection(scope: Scope) -> _Transport:
    transport: _Transport | None = scope.get(TRANSPORT)
    if transport is None:
        raise RuntimeError("this fault needs the mock to run under uvicorn")
    return transport


async def _gone(receive: Receive) -> None:
    # uvicorn answers 500 for an application that returns while the connection still counts as open.
    while (await receive())["type"] != "http.disconnect":
        pass


async def _hang(receive: Receive, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await _gone(receive)
    except TimeoutError:
        return


async def _cut(fault: Fault, body: bytes, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
    reset = fault is Fault.RESET_MID_BODY
    announced = len(body) if reset else len(body) + 100
    headers = [(b"content-type", kind.encode()), (b"content-length", str(announced).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body[: len(body) // 2] if reset else body, "more_body": True})
    connection = _connection(scope)
    if reset:
        await asyncio.sleep(0.02)  # lets the half body leave before the reset overtakes it
        connection.abort()
    else:
        connection.close()
    await _gone(receive)


async def _oversized(body: bytes, kind: str, scope: Scope, send: Send) -> None:
    headers = [(b"content-type", kind.encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    for _ in range(_OVERSIZED_CHUNKS):
        if _connection(scope).is_closing():
            return  # the caller has had enough
        await send({"type": "http.response.body", "body": _CHUNK, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
