"""Who is behind a request, and what he may: for every page of the console.

Rule of this file: it knows what the guard found and nothing else. A request that did not go through the guard has no
viewer and no token.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import cast

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.console.accounts.rows import Session, Stage
from gateway.console.model import Account, Right, Viewer

Endpoint = Callable[[Request], Awaitable[Response]]
SIGN_IN = "/sign-in"
_KEY = "visit"


@dataclass(frozen=True, slots=True)
class Visit:
    """What the guard found out about a request.

    `session_id`: the id in the browser's cookie, or a new one for a first visit (`fresh`), under which nothing is kept;
    `csrf`: the token every form of this page carries; `session`: None when nobody has begun to sign in.
    """

    session_id: str = field(repr=False)
    fresh: bool
    csrf: str = field(repr=False)
    session: Session | None = None
    account: Account | None = None

    @property
    def viewer(self) -> Viewer | None:
        """The account whose session is open."""
        if self.session is None or self.account is None or self.session.stage is not Stage.OPEN:
            return None
        return Viewer(self.account, self.csrf)


def note(state: dict[str, object], visit: Visit) -> None:
    """The guard's note in the state of an ASGI scope."""
    state[_KEY] = visit


def visit_of(request: Request) -> Visit | None:
    """What the guard found out; None when the request did not pass it."""
    return cast("Visit | None", request.scope.get("state", {}).get(_KEY))


def viewer(request: Request) -> Viewer | None:
    """Who is signed in."""
    visit = visit_of(request)
    return visit.viewer if visit else None


def csrf_of(request: Request) -> str:
    """The token of the forms on this page."""
    visit = visit_of(request)
    return visit.csrf if visit else ""


def require(right: Right) -> Callable[[Endpoint], Endpoint]:
    """An endpoint for those with a right. Nobody signed in: to the sign-in; without the right: `Forbidden`."""

    def wrapped(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def checked(request: Request) -> Response:
            known = viewer(request)
            if known is None:
                return RedirectResponse(SIGN_IN, 303)
            if not known.account.may(right):
                raise Forbidden
            return await endpoint(request)

        return checked

    return wrapped


class Forbidden(Exception):  # noqa: N818 - it says what happened
    """The viewer's role does not have the right. `gateway.console.signin.guard.answers` has its page, status 403."""

    def __init__(self) -> None:
        super().__init__("the role does not have this right")
