"""The guard in front of every page, as ASGI middleware.

In this order: 1 the session behind the cookie; 2 for every method but GET, HEAD and OPTIONS: the request comes from a
page of ours (Sec-Fetch-Site, Origin) and its form carries the session's token; 3 a page that is not open to everyone
needs somebody who is signed in.

Rule of this file: what it does not know it refuses. A form is read here, whole and bounded, and handed on.
"""

import hmac
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.console.accounts.errors import AccountsUnavailable, SignInBusy
from gateway.console.accounts.sealing import new_session_id
from gateway.console.model import DoorClosed
from gateway.console.signin.access import SIGN_IN, Forbidden, Visit, note, viewer
from gateway.console.signin.reception import Reception

LONGEST_FORM = 64 * 1024
FIELD = "csrf"
OPEN_PATHS = ("/sign-in", "/sso", "/static", "/health", "/language")
"""Paths, each with everything below it, for which nobody has to be signed in."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"

_EXPLAINED: Mapping[type[Exception], tuple[int, str]] = {
    Forbidden: (403, "refused_right"),
    DoorClosed: (503, "refused_log"),
    SignInBusy: (503, "refused_busy"),
    AccountsUnavailable: (503, "refused_accounts"),
}


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    key: str
    body: bytes = field(default=b"", repr=False)


class Guard:
    """Wraps the console's application. `open_paths`: where nobody has to be signed in."""

    def __init__(self, app: ASGIApp, reception: Reception, *, open_paths: Collection[str] = OPEN_PATHS) -> None:
        self._app, self._reception = app, reception
        self._open = tuple(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it through."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        request = Request(scope, receive)
        try:
            answer = await self._stopped(request)
        except tuple(_EXPLAINED) as error:
            answer = explained(self._reception, request, error)
        await (answer if isinstance(answer, Response) else self._passing(answer))(scope, receive, send)

    def _passing(self, receive: Receive) -> ASGIApp:
        async def app(scope: Scope, _: Receive, send: Send) -> None:
            await self._app(scope, receive, send)

        return app

    async def _stopped(self, request: Request) -> Response | Receive:
        """An answer, or what the application is to read the request's body from."""
        visit = await self._visit(request)
        note(request.scope.setdefault("state", {}), visit)
        receive = request.receive
        if request.method not in _SAFE:
            checked = await self._checked_form(request, visit)
            if checked.status:
                return self._reception.page(
                    request, "signin/refused.html", checked.status, message=checked.key, onward=SIGN_IN
                )
            receive = _replayed(checked.body, request.receive)
        # the path that is routed, not one put together with the Host header
        if viewer(request) is None and not self._is_open(request.scope["path"]):
            return RedirectResponse(SIGN_IN, 303, {"cache-control": "no-store"})
        return receive

    async def _visit(self, request: Request) -> Visit:
        known = self._reception.cookies.session_id(request)
        session_id = known or new_session_id(self._reception.key.urandom)
        csrf = self._reception.key.form_token(session_id)
        note(request.scope.setdefault("state", {}), Visit(session_id, known is None, csrf))
        found = await self._reception.sessions.find(known, now=self._reception.now()) if known else None
        if found is None:
            return Visit(session_id, known is None, csrf)
        return Visit(session_id, False, csrf, found.session, found.held.account if found.held else None)

    async def _checked_form(self, request: Request, visit: Visit) -> _Refusal:
        if not _from_us(request.headers, self._reception.origin):
            return _Refusal(403, "refused_origin")
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != _FORM:
            return _Refusal(415, "refused_form")
        body = await _body(request)
        if body is None:
            return _Refusal(413, "refused_form")
        token = _token(body)
        if visit.fresh or token is None or not hmac.compare_digest(token.encode(), visit.csrf.encode()):
            return _Refusal(403, "refused_token")
        return _Refusal(0, "", body)

    def _is_open(self, path: str) -> bool:
        return any(path == prefix or path.startswith(f"{prefix}/") for prefix in self._open)


def explained(reception: Reception, request: Request, error: Exception) -> Response:
    """The page for one of the errors in `answers`."""
    status, key = _EXPLAINED[type(error)]
    return reception.page(request, "signin/refused.html", status, message=key, onward="/")


def answers(reception: Reception) -> Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]:
    """Exception handlers for the console's application: what any page may raise, and the page that says so."""

    async def handler(request: Request, error: Exception) -> Response:
        return explained(reception, request, error)

    return dict.fromkeys(_EXPLAINED, handler)


def _from_us(headers: Headers, origin: str) -> bool:
    """Whether a page of ours sent the form. A browser's own headers have to say so; a script cannot forge either.

    `Origin: null` is what a browser sends under a strict Referrer-Policy; then Sec-Fetch-Site alone has to vouch.
    """
    fetched, from_origin = headers.get("sec-fetch-site"), headers.get("origin")
    if fetched is not None and fetched != "same-origin":
        return False
    if from_origin is None or from_origin == "null":
        return fetched is not None
    return from_origin.lower() == origin


def _token(body: bytes) -> str | None:
    try:
        fields = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    tokens = [value for name, value in fields if name == FIELD]
    return tokens[0] if len(tokens) == 1 else None


async def _body(request: Request) -> bytes | None:
    """The whole body, None when it is longer than a form of ours can be."""
    body = b""
    while True:
        message = await request.receive()
        if message["type"] != "http.request":
            return None  # the browser has gone
        body += cast("bytes", message.get("body", b""))
        if len(body) > LONGEST_FORM:
            return None
        if not message.get("more_body"):
            return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
