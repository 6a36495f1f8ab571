"""The pages of signing in and out.

    GET, POST /sign-in                  name and password
    GET, POST /sign-in/code             the code of the second factor, asked whether they were right or not
    GET, POST /sign-in/new-password     the first time: a password of one's own
    GET, POST /sign-in/second-factor    the first time: the second factor
    POST      /sign-out
    GET       /sessions, POST /sessions/end     one's own sessions; all but this one

Rule of this file: every step that is taken gives the browser a new session id, and a step that is not due leads back
to the first page.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.console.accounts import second_factor
from gateway.console.accounts.errors import AccountRefused, MustWait, SignInRefused
from gateway.console.accounts.rows import Session, Stage
from gateway.console.accounts.sessions import Step
from gateway.console.model import DoorClosed
from gateway.console.signin import forms
from gateway.console.signin.access import SIGN_IN, Endpoint, Visit, note, viewer, visit_of
from gateway.console.signin.reception import Reception

_PATHS = {
    Stage.CODE: "/sign-in/code",
    Stage.NEW_PASSWORD: "/sign-in/new-password",
    Stage.SECOND_FACTOR: "/sign-in/second-factor",
    Stage.OPEN: "/",
}
At = Callable[[Request, Session], Awaitable[Response]]


def routes(reception: Reception) -> list[Route]:
    """The routes of this page's list."""
    pages = _Pages(reception)
    return [
        Route("/sign-in", pages.first, methods=["GET"]),
        Route("/sign-in", pages.password, methods=["POST"]),
        Route("/sign-in/code", _at(Stage.CODE, pages.ask_code), methods=["GET"]),
        Route("/sign-in/code", _at(Stage.CODE, pages.code), methods=["POST"]),
        Route("/sign-in/new-password", _at(Stage.NEW_PASSWORD, pages.ask_password), methods=["GET"]),
        Route("/sign-in/new-password", _at(Stage.NEW_PASSWORD, pages.new_password), methods=["POST"]),
        Route("/sign-in/second-factor", _at(Stage.SECOND_FACTOR, pages.show_secret), methods=["GET"]),
        Route("/sign-in/second-factor", _at(Stage.SECOND_FACTOR, pages.enrol), methods=["POST"]),
        Route("/sign-out", pages.sign_out, methods=["POST"]),
        Route("/sessions", _at(Stage.OPEN, pages.own_sessions), methods=["GET"]),
        Route("/sessions/end", _at(Stage.OPEN, pages.end_others), methods=["POST"]),
    ]


def _at(stage: Stage, endpoint: At) -> Endpoint:
    async def checked(request: Request) -> Response:
        visit = visit_of(request)
        if visit is None or visit.session is None or visit.session.stage is not stage:
            return RedirectResponse(SIGN_IN, 303)
        return await endpoint(request, visit.session)

    return checked


class _Pages:
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def first(self, request: Request) -> Response:
        if viewer(request) is not None:
            return RedirectResponse("/", 303)
        return self._first(request)

    async def password(self, request: Request) -> Response:
        form, desk = await forms.fields(request), self._reception
        username, password = form.get("username", ""), form.get("password", "")
        try:
            step = await desk.entrance.password(
                username, password, client=desk.client(request), now=desk.now(), proof=desk.cookies.proof(request)
            )
        except MustWait as error:
            page = self._first(request, 429, message="signin_wait", minutes=error.minutes)
            page.headers["retry-after"] = str(error.minutes * 60)
            return page
        await self._leave(request)
        return self._next(request, step)

    async def ask_code(self, request: Request, _: Session) -> Response:
        return self._reception.page(request, "signin/code.html")

    async def code(self, request: Request, session: Session) -> Response:
        form, desk = await forms.fields(request), self._reception
        try:
            step = await desk.entrance.code(
                session,
                form.get("code", ""),
                client=desk.client(request),
                now=desk.now(),
                proof=desk.cookies.proof(request),
            )
        except SignInRefused:
            return self._first(request, 401, message="signin_failed")
        return self._next(request, step)

    async def ask_password(self, request: Request, _: Session) -> Response:
        return self._reception.page(request, "signin/new_password.html", message="")

    async def new_password(self, request: Request, session: Session) -> Response:
        form, desk = await forms.fields(request), self._reception
        password = form.get("password", "")
        if password != form.get("again", ""):
            return desk.page(request, "signin/new_password.html", 422, message="refused_password_differs")
        try:
            step = await desk.entrance.new_password(session, password, now=desk.now())
        except AccountRefused as error:
            return desk.page(request, "signin/new_password.html", 422, message=f"refused_{error.code}")
        except SignInRefused:
            return self._first(request, 401, message="signin_failed")
        return self._next(request, step)

    async def show_secret(self, request: Request, session: Session) -> Response:
        return self._secret(request, session)

    async def enrol(self, request: Request, session: Session) -> Response:
        form, desk = await forms.fields(request), self._reception
        try:
            step = await desk.entrance.enrol(session, form.get("code", ""), now=desk.now())
        except SignInRefused:
            return self._first(request, 401, message="signin_failed")
        if step is None:
            return self._secret(request, session, 422, message="refused_code")
        return self._next(request, step)

    async def sign_out(self, request: Request) -> Response:
        visit, desk = visit_of(request), self._reception
        session = visit.session if visit else None
        elsewhere, unrecorded = "", False
        # the page is already that of somebody who is not signed in
        note(request.scope.setdefault("state", {}), Visit(visit.session_id if visit else "", False, ""))
        if session is not None:
            try:
                await desk.entrance.sign_out(session)
            except DoorClosed:
                unrecorded = True
            if session.single_sign_on and desk.provider is not None:
                elsewhere = await desk.provider.sign_out_address(desk.origin + SIGN_IN)
        status = 503 if unrecorded else 200
        page = desk.page(request, "signin/signed_out.html", status, elsewhere=elsewhere, unrecorded=unrecorded)
        desk.cookies.drop_session(page)
        if elsewhere:
            # a header and no redirect: a policy of form-action 'self' holds for where a form is redirected to
            page.headers["refresh"] = f"0; url={elsewhere}"
        return page

    async def own_sessions(self, request: Request, session: Session) -> Response:
        desk = self._reception
        mine = desk.sessions.of(session.account or "", now=desk.now())
        shown = [{"since": _time(s.created), "seen": _time(s.seen), "this": s.key == session.key} for s in mine]
        return desk.page(request, "signin/sessions.html", sessions=shown)

    async def end_others(self, _: Request, session: Session) -> Response:
        await self._reception.sessions.end_others(session)
        return RedirectResponse("/sessions", 303)

    async def _leave(self, request: Request) -> None:
        # whoever signs in anew in the same browser leaves what was open there
        visit = visit_of(request)
        if visit is not None and visit.session is not None:
            await self._reception.entrance.sign_out(visit.session)

    def _first(self, request: Request, status: int = 200, *, message: str = "", minutes: int = 0) -> Response:
        page = self._reception.page(request, "signin/sign_in.html", status, message=message, minutes=minutes)
        visit = visit_of(request)
        if visit is not None and visit.fresh:
            self._reception.cookies.set_session(page, visit.session_id)
        return page

    def _secret(self, request: Request, session: Session, status: int = 200, *, message: str = "") -> Response:
        desk = self._reception
        try:
            secret = desk.entrance.secret(session)
        except SignInRefused:
            return self._first(request, 401, message="signin_failed")
        username = session.account or ""
        drawn = second_factor.qr_code(secret, username=username, title="QR")
        return desk.page(
            request,
            "signin/second_factor.html",
            status,
            message=message,
            qr=Markup(drawn),  # noqa: S704 - drawn here, from letters and digits
            secret=second_factor.spelled(secret),
        )

    def _next(self, request: Request, step: Step) -> Response:
        desk = self._reception
        answer = RedirectResponse(_PATHS[step.session.stage], 303, {"cache-control": "no-store"})
        desk.cookies.set_session(answer, step.session_id)
        if step.session.stage is Stage.OPEN:
            desk.cookies.set_proof(answer, desk.entrance.proof(step.session, desk.cookies.proof(request)))
        return answer


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
