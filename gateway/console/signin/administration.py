"""The accounts, for administrators.

    GET  /accounts                      all of them, and a form for a new one
    POST /accounts                      add; the initial password is in this answer and nowhere else
    GET, POST /accounts/{username}      one; name, role, portals and language of it
    POST /accounts/{username}/disable, /enable, /reset

Rule of this file: the desk decides and records; here is only asked and shown. A password is shown once, on a page that
no cache keeps and no address leads back to.
"""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.console.accounts.desk import Subject
from gateway.console.accounts.errors import AccountRefused
from gateway.console.accounts.rows import Held
from gateway.console.model import Right, Role
from gateway.console.signin import forms
from gateway.console.signin.access import require, viewer
from gateway.console.signin.reception import Reception

_TYPED = ("username", "name", "role", "portals", "language", "subject")
_STATUS = {"account_unknown": 404, "username_taken": 409, "subject_taken": 409, "last_administrator": 409}


def routes(reception: Reception) -> list[Route]:
    """The routes of this page's list. All need the right to manage accounts."""
    pages = _Pages(reception)
    may = require(Right.MANAGE_ACCOUNTS)
    one = "/accounts/{username}"
    return [
        Route("/accounts", may(pages.listed), methods=["GET"]),
        Route("/accounts", may(pages.add), methods=["POST"]),
        Route(one, may(pages.shown), methods=["GET"]),
        Route(one, may(pages.alter), methods=["POST"]),
        Route(f"{one}/disable", may(pages.disable), methods=["POST"]),
        Route(f"{one}/enable", may(pages.enable), methods=["POST"]),
        Route(f"{one}/reset", may(pages.reset), methods=["POST"]),
    ]


class _Pages:
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def listed(self, request: Request) -> Response:
        return self._list(request)

    async def add(self, request: Request) -> Response:
        form, reception = await forms.fields(request), self._reception
        username, sub = form.get("username", ""), form.get("subject", "").strip()
        try:
            subject = self._subject(sub)
            password = await reception.desk.add(
                username, forms.wanted(form), actor=_actor(request), now=reception.now(), subject=subject
            )
        except AccountRefused as error:
            return self._list(request, error, typed=forms.typed(form, *_TYPED))
        if password is None:
            return RedirectResponse("/accounts", 303)
        return self._password(request, username, password)

    async def shown(self, request: Request) -> Response:
        return self._one(request)

    async def alter(self, request: Request) -> Response:
        form, reception = await forms.fields(request), self._reception
        try:
            wanted = forms.wanted(form)
            await reception.desk.alter(_asked(request), wanted, actor=_actor(request), now=reception.now())
        except AccountRefused as error:
            return self._one(request, error)
        return RedirectResponse("/accounts", 303)

    async def disable(self, request: Request) -> Response:
        return await self._do(request, self._reception.desk.disable)

    async def enable(self, request: Request) -> Response:
        return await self._do(request, self._reception.desk.enable)

    async def reset(self, request: Request) -> Response:
        reception, username = self._reception, _asked(request)
        try:
            password = await reception.desk.reset(username, actor=_actor(request), now=reception.now())
        except AccountRefused as error:
            return self._one(request, error)
        return self._password(request, username, password)

    async def _do(self, request: Request, act: Callable[..., Awaitable[None]]) -> Response:
        try:
            await act(_asked(request), actor=_actor(request), now=self._reception.now())
        except AccountRefused as error:
            return self._one(request, error)
        return RedirectResponse("/accounts", 303)

    def _subject(self, sub: str) -> Subject | None:
        if not sub:
            return None
        if self._reception.provider is None:
            raise AccountRefused("subject_invalid")
        return Subject(self._reception.provider.issuer, sub)

    def _list(self, request: Request, error: AccountRefused | None = None, *, typed: object = None) -> Response:
        return self._reception.page(
            request,
            "accounts/list.html",
            _status(error),
            accounts=self._reception.desk.accounts(),
            roles=list(Role),
            message=f"refused_{error.code}" if error else "",
            typed=typed or dict.fromkeys(_TYPED, ""),
        )

    def _one(self, request: Request, error: AccountRefused | None = None) -> Response:
        held: Held | None = self._reception.desk.account(_asked(request))
        if held is None:
            raise HTTPException(404)
        message = f"refused_{error.code}" if error else ""
        return self._reception.page(
            request, "accounts/one.html", _status(error), held=held, roles=list(Role), message=message
        )

    def _password(self, request: Request, username: str, password: str) -> Response:
        return self._reception.page(request, "accounts/password.html", username=username, password=password)


def _asked(request: Request) -> str:
    return str(request.path_params["username"])


def _actor(request: Request) -> str:
    known = viewer(request)
    assert known is not None  # noqa: S101  # `require` let the request through
    return known.account.username


def _status(error: AccountRefused | None) -> int:
    return _STATUS.get(error.code, 422) if error else 200
