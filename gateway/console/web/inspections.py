"""What the auditors themselves looked at, and what was changed: auditors see each other.

    GET /inspections        `kind` (inspected, changed), `auditor`, `below`: a page of entries, the newest first

Rule of this file: this look is an entry as well, written before anything is shown. Changes are for those who see all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.audit.events import EntryKind
from gateway.audit.reading import Opened
from gateway.console import numbers
from gateway.console.model import Action, Right, Scope, Wanted
from gateway.console.signin.access import require
from gateway.console.web import reach
from gateway.console.web.bench import Tools
from gateway.console.web.hall import Hall
from gateway.console.web.rows import rows

PAGE = 50
INSPECTED, CHANGED = EntryKind.INSPECTED.label, EntryKind.CHANGED.label
_LONGEST = 128
_LARGEST = 1 << 62


class _Refused(Exception):  # noqa: N818 - it says what happened
    """The form cannot be read. `args`: the key of a text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`kinds`: to be shown; `auditor`: "" for all; `below`: indices less than it, None for the newest."""

    kinds: tuple[str, ...]
    auditor: str = field(repr=False)
    below: int | None

    def about(self) -> dict[str, str]:
        """For the log."""
        said = {"list": "inspections", "kind": self.kinds[0] if len(self.kinds) == 1 else "", "auditor": self.auditor}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class _Seen:
    entries: Sequence[Opened]
    total: int
    more: bool
    last: int | None
    behind: int


def routes(hall: Hall) -> list[Route]:
    """The routes of this page's list."""
    page = _Page(hall)
    return [Route("/inspections", require(Right.SEE_ENTRIES)(page.shown), methods=["GET"])]


class _Page:
    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    async def shown(self, request: Request) -> Response:
        hall, scope = self._hall, self._hall.account(request).scope
        message = ""
        try:
            asked = read(request.query_params, scope)
        except _Refused as error:
            message, asked = str(error), read({}, scope)
        seen = await hall.bench.run(lambda tools: self._look(tools, asked, scope))
        indices = [entry.index for entry in seen.entries]
        await hall.inspected(request, Action.SEARCHED, about=asked.about(), entries=indices, found=seen.total)
        return hall.page(
            request,
            "inspections.html",
            422 if message else 200,
            message=message,
            rows=rows(seen.entries, hall.words(request)),
            total=seen.total,
            more_than=seen.more,
            behind=seen.behind,
            auditor=asked.auditor,
            kind=asked.kinds[0] if len(asked.kinds) == 1 else "",
            kinds=kinds_of(scope),
            newer=_address(asked, None) if asked.below is not None else "",
            older=_address(asked, seen.last) if seen.last is not None else "",
        )

    def _look(self, tools: Tools, asked: Asked, scope: Scope) -> _Seen:
        found = [
            tools.index.search(
                Wanted(kind=kind, auditor=asked.auditor or None), scope, below=asked.below, limit=PAGE + 1
            )
            for kind in asked.kinds
        ]
        indices = sorted((hit.index for one in found for hit in one.hits), reverse=True)
        shown = indices[:PAGE]
        entries = reach.entries_at(tools.reader, self._hall.parts.ring, shown, scope)
        return _Seen(
            entries=entries,
            total=sum(one.total for one in found),
            more=any(one.more for one in found),
            last=shown[-1] if len(indices) > PAGE else None,
            behind=tools.index.behind(),
        )


def kinds_of(scope: Scope) -> tuple[str, ...]:
    """The kinds somebody may see here."""
    return (INSPECTED, CHANGED) if scope.portals is None else (INSPECTED,)


def read(form: Mapping[str, str], scope: Scope) -> Asked:
    """What is asked for. Raises _Refused."""
    auditor, kind, below = (form.get(name, "").strip() for name in ("auditor", "kind", "below"))
    if numbers.is_like_one(auditor):
        raise _Refused("bad_number_here")
    if len(auditor) > _LONGEST or not auditor.isprintable():
        raise _Refused("bad_value")
    kinds = kinds_of(scope)
    if kind and kind not in kinds:
        raise _Refused("bad_value")
    if below and not (below.isascii() and below.isdigit() and int(below) < _LARGEST):
        raise _Refused("bad_value")
    if auditor and not kind:
        # who changed something is no auditor: the index finds inspections by their auditor alone
        kinds = (INSPECTED,)
    return Asked((kind,) if kind else kinds, auditor, int(below) if below else None)


def _address(asked: Asked, below: int | None) -> str:
    said = {
        "kind": asked.kinds[0] if len(asked.kinds) == 1 else "",
        "auditor": asked.auditor,
        "below": "" if below is None else str(below),
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"/inspections?{query}" if query else "/inspections"
