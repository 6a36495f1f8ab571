"""Unusual patterns, each explained by the rule that raised it.

    GET /patterns       `period`, or `from` and `to`

Rule of this file: an officer or dossier is named by an entry opened for it, which is recorded before it is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.audit.reading import Opened
from gateway.console.model import Action, Pattern, Right, Scope
from gateway.console.signin.access import require
from gateway.console.web import periods, reach, unusual
from gateway.console.web.bench import Tools
from gateway.console.web.hall import Hall

SHOWN = 100
"""Patterns of a page: each may open an entry."""


def routes(hall: Hall) -> list[Route]:
    """The routes of this page's list."""
    page = _Page(hall)
    return [Route("/patterns", require(Right.SEE_ENTRIES)(page.shown), methods=["GET"])]


@dataclass(frozen=True, slots=True)
class _Seen:
    patterns: tuple[Pattern, ...]
    more: bool
    opened: Mapping[int, Opened]
    behind: int


class _Page:
    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    async def shown(self, request: Request) -> Response:
        hall = self._hall
        period, message = periods.asked(request.query_params, hall.parts.now(), default="30d")
        scope = hall.account(request).scope
        seen = await hall.bench.run(lambda tools: self._look(tools, period, scope))
        await hall.inspected(
            request,
            Action.SEARCHED,
            about={"period": period.name, **period.about(), "list": "patterns"},
            entries=tuple(seen.opened),
            found=len(seen.patterns),
        )
        words = hall.words(request)
        return hall.page(
            request,
            "patterns.html",
            422 if message else 200,
            message=message,
            period=period,
            found=[unusual.unusual(one, words, seen.opened) for one in seen.patterns],
            more=seen.more,
            most=SHOWN,
            rules=unusual.RULES,
            limits=unusual.limits(hall.parts.rules(), words) if hall.parts.rules is not None else {},
            behind=seen.behind,
        )

    def _look(self, tools: Tools, period: periods.Period, scope: Scope) -> _Seen:
        found = tools.index.patterns(scope, since=period.since, until=period.until, limit=SHOWN + 1)
        patterns = tuple(found[:SHOWN])
        opened = reach.entries_at(tools.reader, self._hall.parts.ring, unusual.naming(patterns), scope)
        return _Seen(patterns, len(found) > SHOWN, {entry.index: entry for entry in opened}, tools.index.behind())
