"""What auditors ask of log and index, each with other names every time it is asked.

Rule of this file: the way a page asks: a scope, a page of 50, counted to the end. Nothing is prepared but the question.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypedDict

from gateway.audit.published import Published
from gateway.audit.reading import opened
from gateway.audit.ring import KeyRing
from gateway.console.index.search import LogIndex
from gateway.console.model import EVERYTHING, Scope, Wanted
from gateway.storage.contract import Reader
from tests.bench_log.country import END, PORTALS, Country, officer, personal_id

PAGE: Final = 50
_MONTH: Final = timedelta(days=30)
_QUARTER: Final = timedelta(days=90)
_YEAR: Final = timedelta(days=365)
_PROVINCE: Final = Scope(frozenset({"H14"}))
_SMALL: Final = Scope(frozenset({PORTALS[-1]}))


@dataclass(frozen=True, slots=True)
class Desk:
    """What is asked. `size`: entries of the log."""

    index: LogIndex
    reader: Reader
    published: Published
    ring: KeyRing
    country: Country
    size: int


Question = tuple[str, Callable[[int], object]]


def questions(desk: Desk) -> Iterator[Question]:
    """Name and question; what it answers is not looked at here, the tests of the index do."""
    yield from _figures(desk)
    yield from _searches(desk)
    yield from _entries(desk)


def _figures(desk: Desk) -> Iterator[Question]:
    def overview(time: timedelta, scope: Scope) -> Callable[[int], object]:
        # another end each time, in the middle of days and months
        return lambda n: desk.index.overview(scope, **_until(n, time))

    yield "overview, 7 days", overview(timedelta(days=7), EVERYTHING)
    yield "overview, 3 months", overview(_QUARTER, EVERYTHING)
    yield "overview, 12 months", overview(_YEAR, EVERYTHING)
    yield "overview, 12 months, one province", overview(_YEAR, _PROVINCE)


def _searches(desk: Desk) -> Iterator[Question]:
    def search(wanted: Wanted, scope: Scope = EVERYTHING, below: int | None = None) -> object:
        return desk.index.search(wanted, scope, below=below, limit=PAGE)

    def one_of(n: int) -> str:
        return PORTALS[n % len(PORTALS)]

    def dossier(n: int) -> tuple[str, str]:
        portal, _, code = desk.country.dossier(random.Random(n).randrange(desk.country.calls // 2))
        return portal, code

    def person(n: int) -> Wanted:
        number = random.Random(n).randrange(desk.country.people)
        return Wanted(tags=desk.ring.subject_tags(personal_id(number)))

    yield "newest entries", lambda _: search(Wanted())
    yield "newest entries, one province", lambda _: search(Wanted(), _PROVINCE)
    yield "newest entries, a small portal", lambda _: search(Wanted(), _SMALL)
    yield (
        "portal and month",
        lambda n: search(Wanted(portal=one_of(n), **_until(n, _MONTH))),
    )
    yield "portal and 12 months", lambda n: search(Wanted(portal=one_of(n), **_until(n, _YEAR)))
    yield (
        "refusals with a code, 12 months",
        lambda n: search(Wanted(kind="refused", outcome="subject_not_found", **_until(n, _YEAR))),
    )
    yield (
        "a source, 3 months, one province",
        lambda n: search(Wanted(source="tax", **_until(n, _QUARTER)), _PROVINCE),
    )
    yield "busiest officers", lambda n: search(Wanted(officer=officer(one_of(n), 0)))
    yield (
        "officer and 12 months",
        lambda n: search(Wanted(officer=officer(one_of(n), n % desk.country.officers), **_until(n, _YEAR))),
    )
    yield "dossier", lambda n: search(Wanted(dossier=dossier(n)[1]))
    yield "person, every month", lambda n: search(person(n))
    yield "person most asked for", lambda n: search(Wanted(tags=desk.ring.subject_tags(personal_id(n % 10))))
    yield "last page of everything", lambda _: search(Wanted(), below=PAGE)
    yield "last page of a portal", lambda n: search(Wanted(portal=one_of(n)), below=desk.size // 50)


def _entries(desk: Desk) -> Iterator[Question]:
    def chance(n: int) -> int:
        return random.Random(n).randrange(desk.size)

    def entry(n: int) -> None:
        (row,) = desk.reader.rows(chance(n), chance(n) + 1)
        opened(row, desk.ring)
        desk.published.proof(row.index)

    def sample(scope: Scope, *, risk: bool) -> Callable[[int], object]:
        return lambda n: desk.index.sample(scope, **_until(n, _QUARTER), count=PAGE, seed=n, risk=risk)

    yield "entry with its proof", entry
    yield "dossier of an entry", lambda n: desk.index.chain(chance(n), EVERYTHING)
    yield "sample, 3 months", sample(EVERYTHING, risk=False)
    yield "sample by risk, one province", sample(_PROVINCE, risk=True)
    yield "sample of a small portal", sample(_SMALL, risk=False)
    yield (
        "patterns, 12 months",
        lambda n: desk.index.patterns(EVERYTHING, **_until(n, _YEAR), limit=PAGE),
    )


class _Time(TypedDict):
    since: datetime
    until: datetime


def _until(n: int, long: timedelta) -> _Time:
    until = END - timedelta(days=n % 7, hours=n % 5)
    return _Time(since=until - long, until=until)
