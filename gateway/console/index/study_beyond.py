"""The rules that look beyond the day: what a dossier or a subject of the day was part of before, and after.

Rule of this file: whom to look for is settled by the day and by keys of an index alone; rows of other days are read for
the few that are left.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from config.console_rules import DossierGone, ManyProvinces, ManySubjects
from gateway.audit.events import EntryKind
from gateway.console.index.calendar import DAY_US
from gateway.console.index.raised import NAMED, Day, Raised, score

_READ: Final = 20_000
"""Entries of one dossier or subject that are read; a pattern of so many says enough."""

_CALLS: Final = (EntryKind.DISCLOSED.label, EntryKind.REFUSED.label)
_PERSONS: Final = "persons."
_PROVINCE: Final = "H"
"""Agency codes of provinces begin with it; those of ministries with G."""


def many_subjects(connection: sqlite3.Connection, rule: ManySubjects, day: Day) -> Iterator[Raised]:
    """`many_subjects`: dossiers of the day, with all that the month has asked for under them until then.

    Told on days that add a subject.
    """
    large = connection.execute(
        "SELECT dossier FROM"
        " (SELECT DISTINCT dossier FROM today WHERE dossier IS NOT NULL AND subject IS NOT NULL) AS one"
        " WHERE (SELECT count(*) FROM (SELECT 1 FROM entry INDEXED BY entry_dossier"
        " WHERE entry.dossier = one.dossier LIMIT ?)) > ?",
        (rule.limit + 1, rule.limit),
    ).fetchall()
    for (dossier,) in large:
        counted = connection.execute(
            "SELECT portal, count(DISTINCT subject) AS n, count(DISTINCT subject) FILTER (WHERE at < ?) AS before"
            " FROM (SELECT * FROM entry INDEXED BY entry_dossier"
            " WHERE dossier = ? AND at < ? AND epoch IN (SELECT DISTINCT epoch FROM today WHERE dossier = ?)"
            " AND subject IS NOT NULL LIMIT ?) JOIN facet ON facet.id = facet GROUP BY portal, epoch HAVING n > ?"
            " AND n > before ORDER BY n",
            (day.start, dossier, day.end, dossier, _READ, rule.limit),
        ).fetchall()
        for portal, n in {portal: n for portal, n, _ in counted}.items():
            named = connection.execute(
                "SELECT max(idx), at FROM today WHERE dossier = ? AND portal = ? AND subject IS NOT NULL"
                " GROUP BY epoch, subject ORDER BY 1 DESC LIMIT ?",
                (dossier, portal, NAMED),
            ).fetchall()[::-1]
            if named:
                values = {"count": n, "limit": rule.limit, "dossier_entry": named[-1][0]}
                entries = tuple(index for index, _ in named)
                yield Raised("many_subjects", named[-1][1], portal, values, entries, score(n, rule.limit))


def many_provinces(connection: sqlite3.Connection, rule: ManyProvinces, day: Day) -> Iterator[Raised]:
    """`many_provinces`. No portal's own: it says something about all of them. Told on days that add a province."""
    provinces = _provinces(connection)
    met: defaultdict[bytes, set[str]] = defaultdict(set)
    seen = connection.execute(
        "SELECT DISTINCT one.subject, entry.facet FROM"
        " (SELECT DISTINCT subject FROM today WHERE subject IS NOT NULL) AS one"
        " CROSS JOIN entry INDEXED BY entry_subject ON entry.subject = one.subject"
    )
    for subject, facet in seen:
        if facet in provinces:
            met[subject].add(provinces[facet])
    for subject in (subject for subject, names in met.items() if len(names) >= rule.portals):
        rows = connection.execute(
            "SELECT idx, at, facet FROM entry INDEXED BY entry_subject WHERE subject = ? AND at >= ? AND at < ?"
            " ORDER BY idx DESC LIMIT ?",
            (subject, day.end - rule.days * DAY_US, day.end, _READ),
        ).fetchall()
        newest: dict[str, int] = {}
        mine = [(index, at, provinces[facet]) for index, at, facet in rows if facet in provinces]
        for index, _, province in mine:
            newest.setdefault(province, index)
        before = {province for _, at, province in mine if at < day.start}
        if len(newest) >= max(rule.portals, len(before) + 1):
            entries = tuple(sorted(sorted(newest.values(), reverse=True)[:NAMED]))
            at = next(at for _, at, _ in mine if at >= day.start)
            values = {"portals": len(newest), "count": len(mine), "subject_entry": entries[-1]}
            yield Raised("many_provinces", at, "", values, entries, score(len(newest), rule.portals))


def dossier_gone(connection: sqlite3.Connection, rule: DossierGone, day: Day) -> Iterator[Raised]:
    """`dossier_gone`: dossiers that only these look-ups of people of this officer on this day ever named."""
    of_persons = f"leads AND dossier IS NOT NULL AND substr(operation, 1, {len(_PERSONS)}) = '{_PERSONS}'"
    busy = connection.execute(
        f"SELECT portal, officer FROM today WHERE {of_persons}"  # noqa: S608 - constants of this file
        " GROUP BY portal, officer HAVING count(DISTINCT dossier) >= ? ORDER BY portal, officer",
        (rule.minimum,),
    ).fetchall()
    for portal, officer in busy:
        named = connection.execute(
            f"SELECT dossier, max(idx), at FROM today WHERE officer = ? AND portal = ? AND {of_persons}"  # noqa: S608
            " GROUP BY dossier ORDER BY 2",
            (officer, portal),
        ).fetchall()
        until = day.end + rule.days * DAY_US
        gone = [
            (index, at)
            for dossier, index, at in named
            if not _elsewhere(connection, dossier, officer=officer, portal=portal, day=day, until=until)
        ]
        if len(gone) >= rule.minimum:
            values = {"count": len(gone), "days": rule.days, "officer_entry": gone[-1][0]}
            entries = tuple(index for index, _ in gone[-NAMED:])
            yield Raised("dossier_gone", gone[-1][1], portal, values, entries, score(len(gone), rule.minimum))


def _elsewhere(
    connection: sqlite3.Connection, dossier: int, *, officer: int, portal: str, day: Day, until: int
) -> bool:
    """Whether anything else names the dossier: another day, another officer, another operation."""
    found = connection.execute(
        "SELECT 1 FROM entry INDEXED BY entry_dossier JOIN facet ON facet.id = facet WHERE dossier = ? AND at < ?"
        " AND NOT (at >= ? AND at < ? AND officer = ? AND portal = ? AND substr(operation, 1, ?) = ?) LIMIT 1",
        (dossier, until, day.start, day.end, officer, portal, len(_PERSONS), _PERSONS),
    ).fetchone()
    return found is not None


def _provinces(connection: sqlite3.Connection) -> dict[int, str]:
    """Facet of a call -> the province its portal belongs to, such as H14 for H14.5."""
    found = connection.execute(
        "SELECT id, portal FROM facet WHERE kind IN (?, ?) AND substr(portal, 1, 1) = ?", (*_CALLS, _PROVINCE)
    )
    return {facet: portal.partition(".")[0] for facet, portal in found}
