"""The first page: figures of a time, what is unusual, and how the log fares.

    GET /       `period`, or `from` and `to`

Rule of this file: figures only. No entry is opened, so nobody is named; an account that may not see figures is led to
the first page it may see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.console.model import Account, Action, Overview, Pattern, Right
from gateway.console.signin.access import Endpoint, require, viewer
from gateway.console.web import charts, periods, unusual
from gateway.console.web.bench import Tools
from gateway.console.web.hall import Hall
from gateway.console.web.health import Health, health
from gateway.console.web.pages import navigation
from gateway.console.words import Words

_PATTERNS = 5
_ANSWERS = frozenset({"ok", "answered", "kept", "not_found"})
"""Outcomes of a source that are an answer; every other word is a failure."""


def routes(hall: Hall) -> list[Route]:
    """The routes of this page's list."""
    return [Route("/", _led(hall, require(Right.SEE_FIGURES)(_Page(hall).shown)), methods=["GET"])]


def _led(hall: Hall, endpoint: Endpoint) -> Endpoint:
    async def first(request: Request) -> Response:
        known = viewer(request)
        if known is not None and not known.account.may(Right.SEE_FIGURES):
            theirs = navigation(known, "/", hall.words(request).t)
            if theirs:
                return RedirectResponse(str(theirs[0]["path"]), 303)
        return await endpoint(request)

    return first


@dataclass(frozen=True, slots=True)
class Share:
    """A line of a table of figures. `percent`: of the largest line, for its bar; `group`: what it belongs to."""

    name: str
    n: int
    percent: float
    group: str = ""
    code: str = ""
    bad: bool = False


class _Page:
    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    async def shown(self, request: Request) -> Response:
        hall, account = self._hall, self._hall.account(request)
        period, message = periods.asked(request.query_params, hall.parts.now())
        parts = hall.parts
        endpoints = await parts.endpoints() if parts.endpoints is not None else None

        def look(tools: Tools) -> tuple[Overview, Sequence[Pattern], Health, str]:
            return *_figures(tools, period, account), health(tools, endpoints), parts.trouble() or ""

        figures, patterns, state, trouble = await hall.bench.run(look)
        await hall.inspected(request, Action.OVERVIEW, about={"period": period.name, **period.about()})
        words, now = hall.words(request), hall.parts.now()
        answered = sum(one.answered for one in figures.series)
        refused = sum(one.refused for one in figures.series)
        return hall.page(
            request,
            "overview.html",
            422 if message else 200,
            message=message,
            period=period,
            figures=figures,
            answered=answered,
            refused=refused,
            chart=charts.chart(figures.series, figures.step, words),
            width=charts.WIDTH,
            height=charts.HEIGHT,
            tables=tables(figures, words),
            sources=sources(figures, words),
            patterns=[unusual.unusual(one, words, {}) for one in patterns],
            auditor=account.may(Right.SEE_ENTRIES),
            health=state,
            age=words.span(now - state.at) if state.at else "",
            trouble=trouble,
        )


def _figures(tools: Tools, period: periods.Period, account: Account) -> tuple[Overview, Sequence[Pattern]]:
    figures = tools.index.overview(account.scope, since=period.since, until=period.until)
    patterns: Sequence[Pattern] = ()
    if account.may(Right.SEE_ENTRIES):
        patterns = tools.index.patterns(account.scope, since=period.since, until=period.until, limit=_PATTERNS)
    return figures, patterns


def tables(figures: Overview, words: Words) -> tuple[tuple[str, tuple[Share, ...]], ...]:
    """(name, lines) of each table with one dimension; the largest line first."""
    return (
        ("portal", _shares({words.portal(code): (n, "") for code, n in figures.portals.items()})),
        ("operation", _shares({words.word("operation", one): (n, "") for one, n in figures.operations.items()})),
        ("code", _shares({words.word("code", code): (n, code) for code, n in figures.codes.items()}, bad=True)),
    )


def sources(figures: Overview, words: Words) -> tuple[Share, ...]:
    """A line for each source and what it said."""
    most = max((n for said in figures.sources.values() for n in said.values()), default=0)
    return tuple(
        Share(
            name=words.word("outcome", outcome),
            n=n,
            percent=_percent(n, most),
            group=words.word("source", source),
            bad=outcome not in _ANSWERS,
        )
        for source, said in figures.sources.items()
        for outcome, n in sorted(said.items(), key=lambda one: -one[1])
    )


def _shares(counted: Mapping[str, tuple[int, str]], *, bad: bool = False) -> tuple[Share, ...]:
    most = max((n for n, _ in counted.values()), default=0)
    lines = (Share(name, n, _percent(n, most), code=code, bad=bad) for name, (n, code) in counted.items())
    return tuple(sorted(lines, key=lambda line: (-line.n, line.name)))


def _percent(n: int, most: int) -> float:
    return round(100 * n / most, 1) if most else 0.0
