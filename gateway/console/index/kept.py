"""Small look-ups in the index: its size, its troubles, the patterns that were found.

Rule of this file: reads only.
"""

import json
import sqlite3
from typing import Final

from gateway.console.index.calendar import moment
from gateway.console.index.segments import Time
from gateway.console.model import Pattern, Scope

_GRAVEST_FIRST: Final = ("rewritten", "altered")


def size(connection: sqlite3.Connection) -> int:
    """How many entries are indexed."""
    found = connection.execute("SELECT value FROM state WHERE name = 'next'").fetchone()
    return int(found[0]) if found else 0


def trouble(connection: sqlite3.Connection) -> str | None:
    """See `LogIndex.trouble`."""
    lasting = {name for (name,) in connection.execute("SELECT name FROM state WHERE name LIKE 'trouble:%'")}
    for word in _GRAVEST_FIRST:
        if f"trouble:{word}" in lasting:
            return word
    passing = connection.execute("SELECT value FROM state WHERE name = 'passing'").fetchone()
    if passing is not None:
        return str(passing[0])
    sealed = connection.execute("SELECT 1 FROM epoch WHERE state = 'sealed' LIMIT 1").fetchone()
    return "sealed" if sealed else None


def patterns(connection: sqlite3.Connection, scope: Scope, time: Time, limit: int) -> list[Pattern]:
    """Those of the time that the scope holds, the gravest first, of equal ones the newest."""
    since, until = time.since or 0, time.until if time.until is not None else 2**62
    portals = [
        portal
        for (portal,) in connection.execute(
            "SELECT DISTINCT portal FROM pattern WHERE at >= ? AND at < ?", (since, until)
        )
        if scope.holds(portal)
    ]
    found = connection.execute(
        "SELECT rule, at, portal, said, entries, score FROM pattern WHERE at >= ? AND at < ?"
        " AND portal IN (SELECT value FROM json_each(?)) ORDER BY score DESC, at DESC, id LIMIT ?",
        (since, until, json.dumps(portals), limit),
    )
    return [
        Pattern(rule, moment(at), portal, json.loads(said), tuple(json.loads(entries)), score)
        for rule, at, portal, said, entries, score in found
    ]
