"""`console.toml`: the rules of the auditors' console for unusual patterns, and when officers are at work.

Rule of this file: limits have bounds, and a rule has no switch: one that says too much gets a higher limit, in writing.
"""

import re
from datetime import date, datetime

from config.console_rules import (
    LONGEST_WINDOW,
    ConsoleRules,
    DossierGone,
    ManyProvinces,
    ManySubjects,
    OfficerVolume,
    OutsideHours,
    RepeatedRefusals,
    SameSurname,
    WorkingHours,
)
from config.table import Table

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST = 1_000_000
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_USUAL = ConsoleRules()


def read(table: Table) -> ConsoleRules:
    """The rules; what the file leaves out has its default. Mistakes are recorded in the table's findings."""
    rules = ConsoleRules(
        working_hours=_hours(table.table("working_hours", required=False)),
        officer_volume=_officer_volume(table.table("officer_volume", required=False)),
        outside_hours=OutsideHours(*_wholes(table, "outside_hours", minimum=(1, _MOST))),
        many_subjects=ManySubjects(*_wholes(table, "many_subjects", limit=(1, _MOST))),
        many_provinces=ManyProvinces(*_wholes(table, "many_provinces", portals=(2, 63), days=(1, LONGEST_WINDOW))),
        same_surname=_same_surname(table.table("same_surname", required=False)),
        repeated_refusals=RepeatedRefusals(*_wholes(table, "repeated_refusals", minimum=(2, _MOST))),
        dossier_gone=DossierGone(*_wholes(table, "dossier_gone", minimum=(1, _MOST), days=(1, 366))),
    )
    table.done()
    return rules


def _wholes(table: Table, rule: str, **limits: tuple[int, int]) -> list[int]:
    """The limits of a rule whose limits are all whole numbers, in the order given."""
    block, usual = table.table(rule, required=False), getattr(_USUAL, rule)
    found = [block.whole(key, *bounds, default=getattr(usual, key)) for key, bounds in limits.items()]
    block.done()
    return found


def _officer_volume(block: Table) -> OfficerVolume:
    usual = _USUAL.officer_volume
    found = OfficerVolume(
        minimum=block.whole("minimum", 1, _MOST, default=usual.minimum),
        factor=block.number("factor", 1, 1000, default=usual.factor),
        deviations=block.number("deviations", 0, 1000, default=usual.deviations),
        peers=block.whole("peers", 2, 10_000, default=usual.peers),
    )
    block.done()
    return found


def _same_surname(block: Table) -> SameSurname:
    usual = _USUAL.same_surname
    found = SameSurname(
        minimum=block.whole("minimum", 2, _MOST, default=usual.minimum),
        share=block.number("share", 0, 1, default=usual.share),
        deviations=block.number("deviations", 1, 1000, default=usual.deviations),
    )
    block.done()
    return found


def _hours(block: Table) -> WorkingHours:
    usual = _USUAL.working_hours
    found = WorkingHours(
        start=_minutes(block, "start", usual.start),
        end=_minutes(block, "end", usual.end),
        days=_weekdays(block, usual.days),
        holidays=_dates(block, "holidays"),
        worked=_dates(block, "worked"),
    )
    if found.start >= found.end:
        block.problem("end", "end must be later than start.")
    for day in sorted({*found.holidays} & {*found.worked}):
        block.problem("worked", f"{day} stands in holidays too.")
    block.done()
    return found


def _minutes(block: Table, key: str, usual: int) -> int:
    if not block.has(key):
        return usual
    text = block.text(key)
    if text and not _CLOCK.fullmatch(text):
        block.problem(key, f'{key} must be a time such as "07:30".')
        return usual
    hours, _, minutes = (text or "00:00").partition(":")
    return 60 * int(hours) + int(minutes)


def _weekdays(block: Table, usual: tuple[int, ...]) -> tuple[int, ...]:
    names = block.texts("days", default=tuple(DAYS[day] for day in usual))
    for position, name in enumerate(names):
        if name not in DAYS:
            block.findings.problem(block.place("days", position), f'days: "{name}" is none of: {", ".join(DAYS)}.')
    return tuple(sorted({DAYS.index(name) for name in names if name in DAYS}))


def _dates(block: Table, key: str) -> tuple[date, ...]:
    if not block.has(key):
        return ()
    value = block.raw(key)
    if not isinstance(value, list):
        block.problem(key, f"{key} must be a list of dates such as 2026-09-02, unquoted.")
        return ()
    found: list[date] = []
    for position, day in enumerate(value):
        # a date and time is a date for Python
        if not isinstance(day, date) or isinstance(day, datetime):
            block.findings.problem(block.place(key, position), f"{key} holds dates such as 2026-09-02, unquoted.")
        elif day in found:
            block.findings.problem(block.place(key, position), f"{key} names {day} twice.")
        else:
            found.append(day)
    return tuple(sorted(found))
