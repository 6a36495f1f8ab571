"""The search: a form, and its results page by page, the newest first.

    GET  /search            the form
    POST /search            what was typed becomes a search under a random id; recorded, then 303 to it
    GET  /search/{id}       a page of its results, `?page=n`

The number of a person is in the body of the POST alone. It is turned into keyed tags there, handed to the door so that
this search is found by the same number, and let go of.

Rule of this file: the index proposes, the log disposes: every hit is opened and judged before anyone sees it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.audit.reading import Opened
from gateway.audit.ring import KeyRing, period_of
from gateway.console import numbers
from gateway.console.model import Action, Right, Scope, Wanted
from gateway.console.signin.access import Forbidden, require
from gateway.console.signin.forms import fields
from gateway.console.web import asked, filters, reach, rows
from gateway.console.web.bench import Tools
from gateway.console.web.hall import Hall
from gateway.console.web.searches import Search

PAGE = 50
"""Entries on a page."""

_LAST_PERIOD = "9999-12"


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the results. `border`: where the next page begins, None when this is the last.

    `behind`: entries the index has not read yet.
    """

    entries: Sequence[Opened]
    total: int
    more: bool
    border: int | None
    behind: int

    @property
    def indices(self) -> tuple[int, ...]:
        """The entries that are shown."""
        return tuple(entry.index for entry in self.entries)


def page_of(tools: Tools, ring: KeyRing, wanted: Wanted, scope: Scope, *, below: int | None) -> Page:
    """A page of the results of a search. Belongs on the bench."""
    found = tools.index.search(wanted, scope, below=below, limit=PAGE + 1)
    hits = found.hits[:PAGE]
    border = hits[-1].index if len(found.hits) > PAGE else None
    entries = reach.entries_at(tools.reader, ring, (hit.index for hit in hits), scope)
    return Page(entries, found.total, found.more, border, tools.index.behind())


def tagged(ring: KeyRing, wanted: Wanted, number: str) -> tuple[bytes, ...]:
    """The tags of a person or organisation in the months a search is about. Belongs on the bench: it reads keys."""
    first = period_of(wanted.since) if wanted.since else ""
    last = period_of(wanted.until) if wanted.until else _LAST_PERIOD
    return ring.subject_tags(number, first=first, last=last)


def routes(hall: Hall) -> list[Route]:
    """The routes of the search."""

    @require(Right.SEE_ENTRIES)
    async def form(request: Request) -> Response:
        return await _form(hall, request, {})

    @require(Right.SEE_ENTRIES)
    async def begin(request: Request) -> Response:
        account, typed = hall.account(request), await fields(request)
        if typed.get("subject") and not account.may(Right.SEARCH_PERSON):
            raise Forbidden
        try:
            read = filters.read(typed)
        except filters.FilterRefused as refused:
            return await _form(hall, request, typed, refused=refused)
        wanted, ring = read.wanted, hall.parts.ring
        if read.number is not None:
            number = read.number
            tags = await hall.bench.run(lambda _: tagged(ring, wanted, number))
            wanted = replace(wanted, tags=tags)
        page = await hall.bench.run(lambda tools: page_of(tools, ring, wanted, account.scope, below=None))
        recorded = await hall.inspected(
            request,
            Action.SEARCHED,
            about=read.about,
            entries=page.indices,
            found=page.total,
            subject=read.number,
        )
        masked = numbers.masked(read.number) if read.number else ""
        search = hall.searches.add(account.username, wanted, read.typed, masked)
        search.recorded, search.unseen = recorded.index, (page.indices, page.total, page.more)
        if page.border is not None:
            search.below.append(page.border)
        return RedirectResponse(f"/search/{search.key}", 303)

    @require(Right.SEE_ENTRIES)
    async def results(request: Request) -> Response:
        account = hall.account(request)
        search = hall.searches.find(str(request.path_params["key"]), account.username)
        if search is None:
            return await _form(hall, request, {}, status=404, ended=True)
        number = _page_number(request, search)
        unseen, search.unseen = (search.unseen, None) if number == 1 else (None, search.unseen)
        if unseen is not None:
            page = await hall.bench.run(lambda tools: _recorded(tools, hall.parts.ring, unseen, account.scope, search))
        else:
            below = search.below[number - 1]
            page = await hall.bench.run(
                lambda tools: page_of(tools, hall.parts.ring, search.wanted, account.scope, below=below)
            )
            await hall.inspected(
                request,
                Action.SEARCHED,
                about={**filters.about(search.wanted), "search": str(search.recorded), "page": str(number)},
                entries=page.indices,
                found=page.total,
            )
            if page.border is not None and len(search.below) == number:
                search.below.append(page.border)
        return await _results(hall, request, search, page, number)

    return [
        Route("/search", form, methods=["GET"]),
        Route("/search", begin, methods=["POST"]),
        Route("/search/{key}", results, methods=["GET"]),
    ]


def _recorded(
    tools: Tools, ring: KeyRing, unseen: tuple[tuple[int, ...], int, bool], scope: Scope, search: Search
) -> Page:
    """The first page as it was recorded, whatever has been written since."""
    indices, total, more = unseen
    border = search.below[1] if len(search.below) > 1 else None
    return Page(reach.entries_at(tools.reader, ring, indices, scope), total, more, border, tools.index.behind())


def _page_number(request: Request, search: Search) -> int:
    """Which page is wanted: one whose beginning is known."""
    text = request.query_params.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= len(search.below)):
        raise HTTPException(404)
    return int(text)


async def _form(
    hall: Hall,
    request: Request,
    typed: Mapping[str, str],
    *,
    refused: filters.FilterRefused | None = None,
    status: int = 200,
    ended: bool = False,
) -> Response:
    words, account = hall.words(request), hall.account(request)
    return hall.page(
        request,
        "search/form.html",
        422 if refused else status,
        choices=asked.choices(words, account.scope),
        typed=filters.kept(typed),
        errors={refused.name: refused.key} if refused else {},
        person=account.may(Right.SEARCH_PERSON),
        ended=ended,
        trouble=await hall.bench.run(lambda _: hall.parts.trouble()),
    )


async def _results(hall: Hall, request: Request, search: Search, page: Page, number: int) -> Response:
    words, account = hall.words(request), hall.account(request)
    address = f"/search/{search.key}?page="
    return hall.page(
        request,
        "search/results.html",
        search=search,
        asked=asked.told(search.wanted, search.masked, words),
        rows=rows.rows(page.entries, words),
        page=page,
        number=number,
        newer=f"{address}{number - 1}" if number > 1 else "",
        older=f"{address}{number + 1}" if page.border is not None else "",
        choices=asked.choices(words, account.scope),
        typed=search.typed,
        errors={},
        person=account.may(Right.SEARCH_PERSON),
        may_export=account.may(Right.EXPORT),
        trouble=await hall.bench.run(lambda _: hall.parts.trouble()),
        portals=sorted(account.scope.portals) if account.scope.portals is not None else None,
    )
