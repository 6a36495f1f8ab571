"""The rules about what one officer did on a day, over the temporary table `today` that `study` fills.

Rule of this file: an officer is known by portal and tag; who it is says the entry that a pattern names.
"""

import math
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from statistics import median
from typing import Any, Final

from config.console_rules import ConsoleRules, OfficerVolume, RepeatedRefusals, SameSurname
from gateway.audit.events import EntryKind
from gateway.console.index.raised import NAMED, Day, Raised, clock, score

_COMMONEST: Final = 0.4
"""The share of Nguyễn. Until a portal's own calls tell, every name is taken to be as common."""
_DOUBT: Final = 40
"""So many calls of a portal weigh as much as that assumption."""

_FAULT: Final = 500
"""Statuses from here on are failures of sources or gateway, which no officer can help."""

_MINUTE: Final = "((at + 25200000000) / 60000000) % 1440"
"""The local minute of the day."""


def volume(connection: sqlite3.Connection, rule: OfficerVolume) -> Iterator[Raised]:
    """`officer_volume`. The busiest officer of a portal is no colleague of anyone: one alone would hide another."""
    counted = connection.execute(
        "SELECT portal, officer, count(*) AS n FROM today WHERE leads GROUP BY portal, officer ORDER BY portal, n"
    ).fetchall()
    for portal, group in groupby(counted, key=itemgetter(0)):
        officers = [(officer, n) for _, officer, n in group]
        peers = [n for _, n in officers[:-1]]
        if len(peers) < rule.peers:
            continue
        usual = median(peers)
        spread = median(abs(n - usual) for n in peers)
        limit = max(rule.minimum, rule.factor * usual, usual + rule.deviations * spread)
        for officer, n in officers:
            if n >= limit:
                entries = _calls(connection, portal, officer)
                values = {
                    "count": n,
                    "usual": int(usual) if usual == int(usual) else usual,
                    "times": round(n / usual, 1),
                    "officer_entry": entries[-1][0],
                }
                yield _raised("officer_volume", portal, values, entries, score(n, limit))


def outside_hours(connection: sqlite3.Connection, rules: ConsoleRules, day: Day) -> Iterator[Raised]:
    """`outside_hours`."""
    hours, least = rules.working_hours, rules.outside_hours.minimum
    outside, times = "1", tuple[int, ...]()
    if hours.works_on(day.date):
        outside, times = f"({_MINUTE} < ? OR {_MINUTE} >= ?)", (hours.start, hours.end)
    counted = connection.execute(
        f"SELECT portal, officer, count(*), min(at), max(at) FROM today WHERE leads AND {outside}"  # noqa: S608
        " GROUP BY portal, officer HAVING count(*) >= ?",
        (*times, least),
    ).fetchall()
    for portal, officer, n, first, last in counted:
        entries = _calls(connection, portal, officer, outside, times)
        values = {"count": n, "first": clock(first), "last": clock(last), "officer_entry": entries[-1][0]}
        yield _raised("outside_hours", portal, values, entries, score(n, least))


def same_surname(connection: sqlite3.Connection, rule: SameSurname) -> Iterator[Raised]:
    """`same_surname`: different people, against the binomial distribution that the name's share lets expect."""
    counted = connection.execute(
        "SELECT epoch, portal, officer, family, count(DISTINCT subject), count(*) FROM today WHERE family IS NOT NULL"
        " GROUP BY epoch, portal, officer, family ORDER BY epoch, portal, officer"
    )
    found: dict[tuple[str, int], tuple[float, int, int, int, int]] = {}
    for (epoch, portal, officer), group in groupby(counted, key=itemgetter(0, 1, 2)):
        names = {family: (people, n) for *_, family, people, n in group}
        family, (people, own) = max(names.items(), key=itemgetter(1, 0))
        asked = sum(one for one, _ in names.values())
        if people < rule.minimum or people < rule.share * asked:
            continue
        share = _share(connection, epoch, portal, family, own, sum(n for _, n in names.values()))
        excess = (people - asked * share) / math.sqrt(asked * share * (1 - share))
        # at a turn of the month an officer has two epochs on a day; the more striking one is told
        if excess >= max(rule.deviations, found[portal, officer][0] if (portal, officer) in found else 0):
            found[portal, officer] = (excess, epoch, family, people, asked)
    for (portal, officer), (excess, epoch, family, people, asked) in found.items():
        entries = _newest(
            connection, "epoch = ? AND portal = ? AND officer = ? AND family = ?", (epoch, portal, officer, family)
        )
        values = {"count": people, "asked": asked, "officer_entry": entries[-1][0]}
        yield _raised("same_surname", portal, values, entries, score(excess, rule.deviations))


def repeated_refusals(connection: sqlite3.Connection, rule: RepeatedRefusals) -> Iterator[Raised]:
    """`repeated_refusals`: of several codes the commonest."""
    counted = connection.execute(
        "SELECT portal, officer, outcome, count(*) AS n FROM today WHERE leads AND kind = ? AND status < ?"
        " GROUP BY portal, officer, outcome HAVING n >= ? ORDER BY n, outcome",
        (EntryKind.REFUSED.label, _FAULT, rule.minimum),
    ).fetchall()
    most: dict[tuple[str, int], tuple[str, int]] = {}
    for portal, officer, code, n in counted:
        most[portal, officer] = (code, n)
    for (portal, officer), (code, n) in most.items():
        entries = _calls(connection, portal, officer, "kind = ? AND outcome = ?", (EntryKind.REFUSED.label, code))
        values = {"count": n, "code": code, "officer_entry": entries[-1][0]}
        yield _raised("repeated_refusals", portal, values, entries, score(n, rule.minimum))


def _share(connection: sqlite3.Connection, epoch: int, portal: str, family: int, own: int, owns: int) -> float:
    """The share of a name in what the portal's other calls of the month asked for. 0 < share < 1.

    `own`, `owns`: entries of the officer's day, with the name and in all.
    """
    names, every = connection.execute(
        "SELECT coalesce(sum(n) FILTER (WHERE tag = ?), 0), coalesce(sum(n), 0) FROM family"
        " WHERE epoch = ? AND portal = ?",
        (family, epoch, portal),
    ).fetchone()
    return float((names - own + _COMMONEST * _DOUBT) / (every - owns + _DOUBT))


def _calls(
    connection: sqlite3.Connection, portal: str, officer: int, also: str = "1", values: tuple[Any, ...] = ()
) -> list[tuple[int, int]]:
    return _newest(connection, f"leads AND portal = ? AND officer = ? AND {also}", (portal, officer, *values))


def _newest(connection: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> list[tuple[int, int]]:
    """(index, time) of the newest entries of the day, ascending."""
    found = connection.execute(
        f"SELECT idx, at FROM today WHERE {where} ORDER BY idx DESC LIMIT ?",  # noqa: S608 - conditions from above
        (*values, NAMED),
    ).fetchall()
    return found[::-1]


def _raised(rule: str, portal: str, values: dict[str, Any], entries: list[tuple[int, int]], how_far: float) -> Raised:
    return Raised(rule, entries[-1][1], portal, values, tuple(index for index, _ in entries), how_far)
