"""How far what the state already holds was used: the reuse indicators of a time.

    GET  /reuse          `period`: a month 2026-11, a quarter 2026-Q4, a year 2026, or `custom` with `from` and `to`
    GET  /reuse/table    the same, and `by`: one table as CSV
    POST /reuse          the same: make the figures anew

Rule of this file: figures only. No officer and no dossier is named; the figures are made by gateway.reuse, and nothing
is added to them here. What could not be read is said on top.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.console.model import Action, Right
from gateway.console.signin import forms
from gateway.console.signin.access import require
from gateway.console.web import periods
from gateway.console.web.hall import Hall
from gateway.console.web.reckonings import GROUPINGS, ReckoningsFull, Result, Working
from gateway.console.words import Words
from gateway.reuse.indicators import Indicator, field_rate, hundredths, indicators
from gateway.reuse.periods import Period, month_name, month_of, parse, quarter_name
from gateway.reuse.reckoning import Grouping, Line
from gateway.reuse.sheet import as_csv
from signing.encoding import base64_standard

RELOAD_SECONDS = 2
CUSTOM = periods.CUSTOM
_MONTHS, _QUARTERS, _YEARS = 13, 8, 3
_SHOWN: tuple[Grouping, ...] = (("portal",), ("procedure",), ("month",))
_LONGEST = len("2026-11-24")


@dataclass(frozen=True, slots=True)
class Asked:
    """`name`: as in the address; `first`, `last`: days as typed."""

    name: str
    period: Period
    first: str = ""
    last: str = ""

    @property
    def query(self) -> str:
        """The address of the same figures."""
        days = {"from": self.first, "to": self.last} if self.name == CUSTOM else {}
        return urlencode({"period": self.name, **days})

    def about(self) -> dict[str, str]:
        """For the log."""
        since, until = self.period.since, self.period.until
        times = {"since": since, "until": until}
        said = {name: at.isoformat(timespec="seconds") for name, at in times.items() if at is not None}
        return {"list": "reuse", "period": self.name, **said}


@dataclass(frozen=True, slots=True)
class Shown:
    """A line in words. Texts are a dash where nothing can be said."""

    name: str
    dossiers: str
    reused: str
    reused_rate: str
    population: str
    population_rate: str
    fields: str
    field_rate: str
    unreadable: int
    documents: str = "–"
    offered: str = "–"


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator in words. `points` "" where there is no rule for them."""

    code: str
    unit: str
    part: str
    whole: str
    rate: str
    points: str
    most: int | None


def routes(hall: Hall) -> list[Route]:
    """The routes of this page."""
    page, may = _Page(hall), require(Right.SEE_FIGURES)
    return [
        Route("/reuse", may(page.shown), methods=["GET"]),
        Route("/reuse", may(page.again), methods=["POST"]),
        Route("/reuse/table", may(page.table), methods=["GET"]),
    ]


class _Page:
    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    async def shown(self, request: Request) -> Response:
        hall, now = self._hall, self._hall.parts.now()
        asked, message = asked_of(request.query_params, now)
        if message:
            return self._render(request, asked, 422, message=message)
        try:
            found = await hall.reckonings.look(hall.account(request).scope, asked.period)
        except ReckoningsFull:
            return self._render(request, asked, 503, message="reuse_full")
        if isinstance(found, Working):
            answer = self._render(request, asked, 200, working=found)
            answer.headers["refresh"] = str(RELOAD_SECONDS)
            return answer
        await hall.inspected(request, Action.OVERVIEW, about=asked.about())
        return self._render(request, asked, 200, result=found)

    async def again(self, request: Request) -> Response:
        hall, typed = self._hall, await forms.fields(request)
        asked, message = asked_of(typed, hall.parts.now())
        if not message:
            hall.reckonings.forget(hall.account(request).scope, asked.period)
        return RedirectResponse(f"/reuse?{asked.query}", 303)

    async def table(self, request: Request) -> Response:
        hall = self._hall
        asked, message = asked_of(request.query_params, hall.parts.now())
        by = tuple(request.query_params.get("by", "").split(","))
        if message or by not in GROUPINGS:
            return RedirectResponse(f"/reuse?{asked.query}", 303)
        try:
            found = await hall.reckonings.look(hall.account(request).scope, asked.period)
        except ReckoningsFull:
            return self._render(request, asked, 503, message="reuse_full")
        if isinstance(found, Working):
            return RedirectResponse(f"/reuse?{asked.query}", 303)
        content, name = as_csv(found.report, by), f"reuse-{asked.name}-{'-'.join(by)}.csv"
        digest = f"sha-256=:{base64_standard(sha256(content).digest())}:"
        await hall.inspected(request, Action.DOWNLOADED, about={**asked.about(), "file": name}, digest=digest)
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    def _render(
        self,
        request: Request,
        asked: Asked,
        status: int,
        *,
        message: str = "",
        working: Working | None = None,
        result: Result | None = None,
    ) -> Response:
        hall, words = self._hall, self._hall.words(request)
        report = None if result is None else result.report
        portals = hall.account(request).scope.portals
        return hall.page(
            request,
            "reuse.html",
            status,
            message=message,
            asked=asked,
            choices=choices(hall.parts.now(), asked, words),
            named=named(asked.name, words),
            portals=None if portals is None else sorted(portals),
            working=working,
            result=result,
            total=None if report is None else line_of(report.total, "", words),
            sum=None if report is None else report.total,
            measured=() if report is None else tuple(measured(one, words) for one in indicators(report.total)),
            tables=()
            if report is None
            else tuple((by[0], [_line(by, one, words) for one in report.tables[by]]) for by in _SHOWN),
            downloads=tuple((",".join(by), "_".join(by)) for by in GROUPINGS),
            unreadable=()
            if report is None
            else tuple((named(month, words), words.count("entry", n)) for month, n in report.unreadable.items()),
        )


def asked_of(form: Mapping[str, str], now: datetime) -> tuple[Asked, str]:
    """The time asked for and "", or the current month with the key of a text that says what cannot be read."""
    name = form.get("period", "") or month_name(month_of(now))
    first, last = (form.get(day, "")[:_LONGEST] for day in ("from", "to"))
    try:
        if name != CUSTOM:
            return Asked(name, parse(name)), ""
        read = periods.read({"period": CUSTOM, "from": first, "to": last}, now)
        return Asked(CUSTOM, Period("", read.since, read.until), first, last), ""
    except ValueError:
        month = month_name(month_of(now))
        return Asked(month, parse(month), first, last), "bad_period"


def choices(now: datetime, asked: Asked, words: Words) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """(what, (name, in words) ...) of the months, quarters and years to choose from, the newest first."""
    month = month_of(now)
    months = [month_name(month - n) for n in range(_MONTHS)]
    quarters = [quarter_name(month // 3 - n) for n in range(_QUARTERS)]
    years = [str(month // 12 - n) for n in range(_YEARS)]
    if asked.name != CUSTOM:
        mine = years if "-" not in asked.name else quarters if "Q" in asked.name else months
        mine += [] if asked.name in mine else [asked.name]
    return tuple(
        (what, tuple((name, named(name, words)) for name in names))
        for what, names in (("month", months), ("quarter", quarters), ("year", years))
    )


def named(name: str, words: Words) -> str:
    """`Tháng 11/2026`, `Quý 4/2026`, `Năm 2026`; "" for free times."""
    year, _, part = name.partition("-")
    if name == CUSTOM:
        return ""
    if not part:
        return words.t("reuse_named_year").format(year=year)
    if part.startswith("Q"):
        return words.t("reuse_named_quarter").format(quarter=part[1:], year=year)
    return words.t("reuse_named_month").format(month=part, year=year)


def line_of(line: Line, name: str, words: Words) -> Shown:
    """A line in words."""
    reused, population, _ = indicators(line)
    dash = "–"
    return Shown(
        name=name,
        dossiers=dash if line.dark else words.number(line.dossiers),
        reused=dash if line.dark else words.number(line.reused),
        reused_rate=percent(reused.rate, words),
        population=dash if line.dark else words.number(line.population),
        population_rate=percent(population.rate, words),
        fields=f"{words.number(line.fields_filled)}/{words.number(line.fields_total)}" if line.forms else dash,
        field_rate=percent(field_rate(line), words),
        unreadable=line.unreadable,
        documents=dash if line.dark else words.number(line.documents_reused),
        offered=dash if line.dark else words.number(line.documents_offered),
    )


def measured(one: Indicator, words: Words) -> Measured:
    """An indicator in words."""
    return Measured(
        one.code,
        one.unit,
        words.number(one.part),
        words.number(one.whole),
        percent(one.rate, words),
        "" if one.most is None else "–" if one.points is None else _comma(hundredths(one.points), words),
        one.most,
    )


def percent(rate: Fraction | None, words: Words) -> str:
    """`83,76%` in Vietnamese, `83.76%` in English; a dash of nothing."""
    return "–" if rate is None else f"{_comma(hundredths(rate, times=100), words)}%"


def _comma(text: str, words: Words) -> str:
    return text.replace(".", ",") if words.language == "vi" else text


def _line(by: Grouping, line: Line, words: Words) -> Shown:
    name = line.key[0]
    match by[0]:
        case "portal":
            return line_of(line, words.portal(name), words)
        case "procedure":
            return line_of(line, words.procedure(name), words)
    return line_of(line, named(name, words), words)
