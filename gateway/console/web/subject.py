"""The report on one person or organisation: everything that was asked about them in a time, to be printed.

    GET  /subjects          the form
    POST /subjects          gathered, recorded with whom it is about, then 303 to a random id
    GET  /subjects/{id}     the report; the id may also be that of a search for a person

Rule of this file: the number is in the body of the POST alone. What is left out of the report is said in it: what
the scope hides, what no key opens, what was cut off.
"""

from collections.abc import Mapping
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.audit.reading import Opened
from gateway.console import numbers, sentences
from gateway.console.model import Action, Right, Wanted
from gateway.console.signin.access import require
from gateway.console.signin.forms import fields
from gateway.console.web import periods, report, rows
from gateway.console.web.hall import Hall
from gateway.console.web.periods import Period
from gateway.console.web.report import Gathered
from gateway.console.web.search import tagged
from gateway.console.web.searches import Search
from gateway.console.words import Words

DEFAULT = "12m"
MARK = "report"
"""Member of `Search.typed` of what was begun here."""


def routes(hall: Hall) -> list[Route]:
    """The routes of the report."""

    @require(Right.SEARCH_PERSON)
    async def form(request: Request) -> Response:
        return _form(hall, request, periods.read({}, hall.parts.now(), default=DEFAULT))

    @require(Right.SEARCH_PERSON)
    async def begin(request: Request) -> Response:
        account, typed, now = hall.account(request), await fields(request), hall.parts.now()
        number = numbers.read(typed.get("subject", ""))
        if typed.get("from") or typed.get("to"):
            # whoever types days means them, whatever the list beside them says
            typed = {**typed, "period": periods.CUSTOM}
        try:
            period = periods.read(typed, now, default=DEFAULT)
        except ValueError:
            return _form(hall, request, _as_typed(typed, now), errors={"from": "bad_period"})
        if number is None:
            return _form(hall, request, period, errors={"subject": "bad_number"})
        wanted = Wanted(since=period.since, until=period.until)
        tags = await hall.bench.run(lambda _: tagged(hall.parts.ring, wanted, number))
        wanted = Wanted(since=period.since, until=period.until, tags=tags)
        found = await hall.bench.run(lambda tools: report.gather(tools, hall.parts.ring, wanted, account.scope))
        recorded = await hall.inspected(
            request,
            Action.SUBJECT_REPORT,
            about=period.about(),
            entries=found.indices,
            found=len(found.entries),
            subject=number,
        )
        search = hall.searches.add(account.username, wanted, {MARK: "1"}, numbers.masked(number))
        search.recorded, search.unseen = recorded.index, (found.indices, len(found.entries), found.cut is not None)
        return RedirectResponse(f"/subjects/{search.key}", 303)

    @require(Right.SEARCH_PERSON)
    async def page(request: Request) -> Response:
        account, ring = hall.account(request), hall.parts.ring
        search = hall.searches.find(str(request.path_params["key"]), account.username)
        if search is None:
            return _form(hall, request, periods.read({}, hall.parts.now(), default=DEFAULT), status=404, ended=True)
        if search.wanted.tags is None:
            raise HTTPException(404)
        # tags and a time: a report leaves no call out because of the other filters of a search
        wanted = Wanted(since=search.wanted.since, until=search.wanted.until, tags=search.wanted.tags)
        unseen, index = None, search.recorded
        if MARK in search.typed:
            unseen, search.unseen = search.unseen, None
        if unseen is not None:
            indices, _, cut = unseen
            found = await hall.bench.run(
                lambda tools: report.again(tools, ring, wanted, account.scope, indices, cut=cut)
            )
        else:
            found = await hall.bench.run(lambda tools: report.gather(tools, ring, wanted, account.scope))
            times = {name: at.isoformat(timespec="seconds") for name, at in _times(wanted) if at is not None}
            recorded = await hall.inspected(
                request,
                Action.SUBJECT_REPORT,
                about={**times, "search": str(search.recorded)},
                entries=found.indices,
                found=len(found.entries),
            )
            index = recorded.index
        return _page(hall, request, search, found, index)

    return [
        Route("/subjects", form, methods=["GET"]),
        Route("/subjects", begin, methods=["POST"]),
        Route("/subjects/{key}", page, methods=["GET"]),
    ]


def _times(wanted: Wanted) -> tuple[tuple[str, datetime | None], ...]:
    return ("since", wanted.since), ("until", wanted.until)


def _as_typed(form: Mapping[str, str], now: datetime) -> Period:
    """A period that cannot be read, to fill the form again: days as they were typed, unless they look like a person."""
    first, last = ("" if numbers.is_like_one(form.get(name, "")) else form.get(name, "") for name in ("from", "to"))
    return Period(periods.CUSTOM, now, now, first, last)


def _form(
    hall: Hall,
    request: Request,
    period: Period,
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    ended: bool = False,
) -> Response:
    scope = hall.account(request).scope
    return hall.page(
        request,
        "subjects/form.html",
        422 if errors else status,
        period=period,
        errors=errors or {},
        ended=ended,
        portals=sorted(scope.portals) if scope.portals is not None else None,
    )


def _page(hall: Hall, request: Request, search: Search, found: Gathered, index: int) -> Response:
    words, account = hall.words(request), hall.account(request)
    every = report.calls(found.entries)
    return hall.page(
        request,
        "subjects/report.html",
        masked=search.masked,
        wanted=search.wanted,
        found=found,
        calls=[_told(call, words) for call in every],
        summary=report.summary(every),
        looks=rows.rows(report.inspections(found.entries), words),
        unreadable=[entry for entry in found.entries if entry.payload is None],
        portals=sorted(account.scope.portals) if account.scope.portals is not None else None,
        made=hall.parts.now(),
        by=account,
        index=index,
        vkey=hall.parts.key.vkey,
    )


def _told(call: report.Call, words: Words) -> dict[str, object]:
    """A call for the template: its sentence, and the row of the entry that says most."""
    entry: Opened = call.entry
    return {
        "sentence": sentences.sentence(entry, words, asked=call.asked),
        "row": rows.row(entry, words),
        "entries": call.entries,
    }
