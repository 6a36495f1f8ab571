"""Days of a log for the rules that look for unusual patterns: ordinary ones, and rules that say nothing about them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.console_rules import (
    ConsoleRules,
    DossierGone,
    ManyProvinces,
    ManySubjects,
    OfficerVolume,
    OutsideHours,
    RepeatedRefusals,
    SameSurname,
)
from gateway.audit.events import Event
from gateway.console.model import EVERYTHING, Pattern, Scope
from tests.gateway.console.index.indexed import append, asked, indexed, numbers, turned_away

MORNING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # a Tuesday, ten o'clock in Vietnam
EVENING = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # eight in the evening
SUNDAY = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATER = MORNING + timedelta(days=40)
# limits within reach of a small log; every rule's own test reaches its own
FAR = 1_000_000
QUIET = ConsoleRules(
    officer_volume=OfficerVolume(minimum=FAR),
    outside_hours=OutsideHours(minimum=FAR),
    many_subjects=ManySubjects(limit=FAR),
    many_provinces=ManyProvinces(portals=63),
    same_surname=SameSurname(minimum=FAR),
    repeated_refusals=RepeatedRefusals(minimum=FAR),
    dossier_gone=DossierGone(minimum=FAR),
)
OUTSIDE = replace(QUIET, outside_hours=OutsideHours(minimum=3))
MANY = replace(QUIET, many_subjects=ManySubjects(limit=4))
PROVINCES = replace(QUIET, many_provinces=ManyProvinces(portals=3, days=7))
REFUSALS = replace(QUIET, repeated_refusals=RepeatedRefusals(minimum=4))


def seen(
    folder: Path, events: list[Event], rules: ConsoleRules, *, scope: Scope = EVERYTHING, now: datetime = LATER
) -> list[Pattern]:
    """What the rules say about a log with these events."""
    append(folder, events)
    with indexed(folder) as made:
        made.follow()
        made.study(now, rules)
        return made.patterns(scope=scope)


def minutes(start: datetime = MORNING) -> Iterator[datetime]:
    """Times, 10 seconds apart."""
    at = start
    while True:
        yield at
        at += timedelta(seconds=10)


def calls(officer: str, many: int, start: datetime = MORNING, *, agency: str = "H14") -> list[Event]:
    """Calls of one officer, each for another dossier and person."""
    return [
        asked(at, officer=officer, agency=agency, person=person, dossier=f"{officer}-{person}")
        for at, person in zip(minutes(start), numbers(many), strict=False)
    ]


def one_dossier(people: list[str], start: datetime = MORNING, *, agency: str = "H14") -> list[Event]:
    """A call for each of the people, all under one dossier."""
    return [
        asked(at, person=person, agency=agency, dossier="H14-1")
        for at, person in zip(minutes(start), people, strict=False)
    ]


def across(portals: dict[str, int]) -> list[Event]:
    """Calls for one person by portals, each so many days before the morning."""
    return [
        asked(MORNING - timedelta(days=ago), agency=agency, officer=f"of-{agency}", dossier=f"{agency}-1")
        for agency, ago in sorted(portals.items(), key=lambda item: -item[1])
    ]


def refusals(many: int, code: str = "procedure_not_granted", status: int = 403, officer: str = "cb-1") -> list[Event]:
    """Refused calls of one officer."""
    return [turned_away(MORNING + timedelta(seconds=n), officer=officer, code=code, status=status) for n in range(many)]
