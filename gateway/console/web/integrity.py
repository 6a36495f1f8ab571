"""Is the log whole? Checkpoints, who vouches for them, which contents can still be read, and the check of all of it.

    GET /integrity                  the standing of the log, the last verifications, how to check it without us
    GET /integrity/checkpoints      `below`: a page of checkpoints
    POST /integrity/verify          begin a verification
    GET /integrity/run              how far it is; reloads itself by a header until it ended
    GET /integrity/checkpoint.txt   `size`: a signed note; the newest without
    GET /integrity/log.vkey         the log's public key
    GET /integrity/verify-log.pyz   the checker as a single file

Rule of this file: it shows hashes, numbers and names of keys: no entry is opened but those that say what was destroyed.
"""

import sqlite3
from collections.abc import Callable
from hashlib import sha256

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.audit.errors import LogBroken
from gateway.console.model import Action, Index, Right
from gateway.console.signin.access import Endpoint, require
from gateway.console.web import standing
from gateway.console.web.bench import Tools
from gateway.console.web.erasures import erased_epochs
from gateway.console.web.hall import Hall
from gateway.console.web.standing import Standing
from signing.encoding import base64_standard

SHOWN = 10
"""Checkpoints on the first page."""
PAGE = 100
RELOAD_SECONDS = 2

_LARGEST = 1 << 62


def routes(hall: Hall) -> list[Route]:
    """The routes of this page."""
    pages, may = _Pages(hall), require(Right.SEE_INTEGRITY)
    found: list[tuple[str, Endpoint, str]] = [
        ("", pages.shown, "GET"),
        ("/checkpoints", pages.checkpoints, "GET"),
        ("/verify", pages.verify, "POST"),
        ("/run", pages.progress, "GET"),
        ("/checkpoint.txt", pages.checkpoint, "GET"),
        ("/log.vkey", pages.vkey, "GET"),
        ("/verify-log.pyz", pages.checker, "GET"),
    ]
    return [Route(f"/integrity{path}", may(endpoint), methods=[method]) for path, endpoint, method in found]


class _Pages:
    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    async def shown(self, request: Request) -> Response:
        hall, parts = self._hall, self._hall.parts
        await hall.run.settle()
        endpoints = await parts.endpoints() if parts.endpoints is not None else None
        kept = parts.retention

        def look(tools: Tools) -> tuple[Standing | None, int, str | None]:
            behind, trouble = _index(tools.index, parts.trouble)
            try:
                seen = standing.standing(
                    *(tools.reader, parts.ring, parts.key),
                    endpoints=endpoints,
                    destroyed=erased_epochs(tools, parts.ring),
                    held=kept.hold if kept is not None else (),
                    limit=SHOWN,
                )
            except LogBroken:  # said on the page, which also offers the check that finds where
                return None, behind, trouble
            return seen, behind, trouble

        seen, behind, trouble = await hall.bench.run(look)
        make = parts.checker
        tool = await hall.bench.run(lambda _: make()) if make is not None else None
        await hall.inspected(request, Action.INTEGRITY, about={"size": str(seen.newest.size)} if seen else None)
        periods = [month.period for month in seen.months] if seen else []
        return hall.page(
            request,
            "integrity/shown.html",
            seen=seen,
            kinds=standing.KINDS,
            asked=endpoints is not None,
            due=standing.retained(periods, kept.months) if kept is not None else {},
            kept=kept.months if kept is not None else {},
            behind=behind,
            trouble=trouble or "",
            results=hall.run.results,
            running=hall.run.running,
            unkept=hall.run.unkept,
            may_open=hall.account(request).may(Right.SEE_ENTRIES),
            checker=sha256(tool).hexdigest() if tool is not None else "",
            vkey=parts.key.vkey,
            now=parts.now(),
        )

    async def checkpoints(self, request: Request) -> Response:
        hall, below = self._hall, _number(request, "below")
        found = await hall.bench.run(
            lambda tools: standing.page(tools.reader, hall.parts.key, below=below, limit=PAGE + 1)
        )
        shown = found[:PAGE]
        await hall.inspected(request, Action.INTEGRITY, about={"place": f"checkpoints {below or ''}".strip()})
        older = f"/integrity/checkpoints?below={shown[-1].size}" if len(found) > PAGE else ""
        newer = "/integrity/checkpoints" if below is not None else ""
        return hall.page(request, "integrity/checkpoints.html", points=shown, older=older, newer=newer)

    async def verify(self, request: Request) -> Response:
        await self._hall.run.start(self._hall.account(request))
        return RedirectResponse("/integrity/run", 303)

    async def progress(self, request: Request) -> Response:
        """Not recorded each time: it says nothing but how far a run is whose beginning is in the log."""
        hall = self._hall
        if hall.run.running is None:
            return RedirectResponse("/integrity", 303)
        answer = hall.page(request, "integrity/run.html", running=hall.run.running)
        answer.headers["refresh"] = str(RELOAD_SECONDS)
        return answer

    async def checkpoint(self, request: Request) -> Response:
        hall, size = self._hall, _number(request, "size")

        def note(tools: Tools) -> str | None:
            found = tools.reader.newest_note() if size is None else tools.reader.note(size)
            return None if found is None else found.text

        text = await hall.bench.run(note)
        if text is None:
            raise HTTPException(404)
        return await self._download(request, "checkpoint.txt", text.encode(), "text/plain; charset=utf-8")

    async def vkey(self, request: Request) -> Response:
        content = f"{self._hall.parts.key.vkey}\n".encode()
        return await self._download(request, "log.vkey", content, "text/plain; charset=utf-8")

    async def checker(self, request: Request) -> Response:
        make = self._hall.parts.checker
        if make is None:
            raise HTTPException(404)
        content = await self._hall.bench.run(lambda _: make())
        return await self._download(request, "verify-log.pyz", content, "application/zip")

    async def _download(self, request: Request, name: str, content: bytes, content_type: str) -> Response:
        digest = f"sha-256=:{base64_standard(sha256(content).digest())}:"
        await self._hall.inspected(request, Action.DOWNLOADED, about={"file": name}, digest=digest)
        headers = {"content-disposition": f'attachment; filename="{name}"', "content-type": content_type}
        return Response(content, headers=headers)


def _index(index: Index, trouble: Callable[[], str | None]) -> tuple[int, str | None]:
    """How far the index is behind, and what is wrong with it."""
    try:
        return index.behind(), trouble()
    except sqlite3.OperationalError:  # the builder has not made the file yet
        return 0, "building"


def _number(request: Request, name: str) -> int | None:
    """A whole number of the address; None where there is none. Raises HTTPException(400)."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19 and int(text) < _LARGEST):
        raise HTTPException(400)
    return int(text)
