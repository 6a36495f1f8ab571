"""The public ASGI application: signed calls, the log, open documents, and a signed problem for everything else."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api import calls, documents, log, sealing
from gateway.api.routes import ROUTES
from gateway.api.state import State
from gateway.errors import Code, Refusal, Refused

_CODES = {404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED, 413: Code.BODY_TOO_LARGE}


def build(state: State) -> ASGIApp:
    """The application. `state` is shared with the composition root, which swaps its policy at a reload."""

    async def ended(request: Request, error: Exception) -> Response:
        refusal = error.refusal if isinstance(error, Refused) else Refusal(Code.INTERNAL)
        return _problem(request, state, refusal)

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        answered = _problem(request, state, Refusal(_CODES.get(status, Code.INTERNAL)))
        allowed = (error.headers or {}).get("Allow") if isinstance(error, HTTPException) else None
        if allowed:
            answered.headers["allow"] = allowed
        return answered

    async def defect(request: Request, _: Exception) -> Response:
        return _problem(request, state, Refusal(Code.INTERNAL))

    app = Starlette(
        routes=[
            *(_signed_call(state, r.path, r.method, n) for n, r in enumerate(ROUTES)),
            *log.routes(state),
            *documents.routes(state),
        ],
        exception_handlers={Refused: ended, HTTPException: http, Exception: defect},
    )
    app.router.redirect_slashes = False
    return _Edge(app, state)


def _signed_call(state: State, path: str, method: str, number: int) -> Route:
    # a dossier's code may hold a slash, written as one or as %2F
    route = Route(
        path.replace("{dossier}", "{dossier:path}"), calls.endpoint(ROUTES[number].call, state), methods=[method]
    )
    # Starlette adds HEAD to every GET; a signed call answers the one method it was signed for.
    route.methods = {method}
    return route


def _problem(request: Request, state: State, refusal: Refusal) -> Response:
    state.world.observe.rejected(refusal.code.value)
    return sealing.problem(request, state, refusal)


class _Edge:
    """Catches defects before the server does: its log would print the exception's text, which may hold anything.

    The signed problem has been sent by then (the handler for `Exception`); here the defect is only noted.
    """

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the edge of the process
            self._state.world.observe.defect(error, "")
