"""What stands around the pages.

    Headers     on every answer
    Edge        a defect of ours becomes a page, and a line without its text
    Guard       who is signed in; forms that are ours
    Starlette   the routes

Rule of this file: no page is decided here. An error page says what to do, never what the exception said.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from gateway import logs
from gateway.audit.errors import KeyFileRefused, LogBroken, LogUnavailable
from gateway.console.reviews.values import ReviewsUnavailable
from gateway.console.web.hall import Hall
from gateway.console.web.headers import Headers
from gateway.storage.contract import StoreUnavailable

_SAID: Mapping[int, str] = MappingProxyType({404: "not_found", 405: "method"})


def around(hall: Hall, pages: Sequence[BaseRoute]) -> ASGIApp:
    """The application of these routes, with the sign-in, the static files and all that stands around them."""
    routes = [
        Route("/health/live", _live, methods=["GET"]),
        *hall.parts.pages.files.routes(),
        *hall.parts.routes,
        *pages,
    ]
    app = Starlette(routes=routes, exception_handlers={**_troubles(hall), **hall.parts.handlers})
    return Headers(Edge(hall.parts.guard(app), hall))


class Edge:
    """ASGI middleware: whatever nobody expected ends here."""

    def __init__(self, app: ASGIApp, hall: Hall) -> None:
        self._app, self._hall = app, hall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; a defect is status 500 if nothing was answered yet."""
        begun = False

        async def told(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, told)
        except Exception as defect:  # noqa: BLE001 - the edge of the process: its text may hold what was typed
            logs.line("console_defect", **logs.defect_of(defect))
            if scope["type"] == "http" and not begun:
                answer = _problem(self._hall, Request(scope, receive), 500, "internal")
                await answer(scope, receive, send)


def _troubles(hall: Hall) -> dict[type[Exception] | int, ExceptionHandler]:
    """Exception -> the page that says so."""

    def page(status: int, name: str) -> ExceptionHandler:
        async def handler(request: Request, _: Exception) -> Response:
            return _problem(hall, request, status, name)

        return handler

    async def by_status(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  # registered for nothing else
        name = _SAID.get(error.status_code, "bad_request" if error.status_code < 500 else "internal")
        answer = _problem(hall, request, error.status_code, name)
        answer.headers.update(error.headers or {})
        return answer

    async def unavailable(request: Request, error: Exception) -> Response:
        empty = isinstance(error, LogUnavailable) and error.reason == "empty"
        return _problem(hall, request, 503, "empty" if empty else "store")

    return {
        HTTPException: by_status,
        LogUnavailable: unavailable,
        StoreUnavailable: unavailable,
        LogBroken: page(503, "broken"),
        KeyFileRefused: page(503, "keys"),
        ReviewsUnavailable: page(503, "reviews"),
        sqlite3.OperationalError: page(503, "index"),
        Exception: page(500, "internal"),
    }


def _problem(hall: Hall, request: Request, status: int, name: str) -> Response:
    return hall.page(request, "problem.html", status, problem=name)


async def _live(_: Request) -> Response:
    return PlainTextResponse("ok\n")
