"""Choosing a language.

    POST /language      `language` and `back`: sets the cookie and goes back

Rule of this file: back leads to a page of this console or to the first one, never to another host.
"""

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.console import texts
from gateway.console.signin import forms
from gateway.console.web.hall import Hall
from gateway.console.web.pages import COOKIE

_SECONDS = 365 * 24 * 3600
_LOCAL = re.compile(r"/(?:[A-Za-z0-9_~.-]+(?:/[A-Za-z0-9_~.-]+)*/?)?")
"""A path of plain segments: no second slash at the beginning, no backslash, no query, nothing encoded."""


def routes(_: Hall) -> list[Route]:
    """The routes of this page's list. They are for whoever is signed in or about to."""
    return [Route("/language", _choose, methods=["POST"])]


async def _choose(request: Request) -> Response:
    form = await forms.fields(request)
    answer = RedirectResponse(back_to(form.get("back", "")), 303)
    language = form.get("language", "")
    if language in texts.LANGUAGES:
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, language, max_age=_SECONDS, secure=secure, httponly=True, samesite="strict")
    return answer


def back_to(path: str) -> str:
    """The path when it is one of ours, else `/`."""
    return path if _LOCAL.fullmatch(path) else "/"
