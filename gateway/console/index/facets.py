"""Which facets a viewer may see and asked for.

Rule of this file: the scope is applied here, for every method of the index; a facet that is not in the answer does not
exist for the viewer. What names no portal is for those who see all, but for inspections, which are seen by whoever sees
all their account could.
"""

import json
import sqlite3
from typing import Any, Final

from gateway.audit.events import EntryKind
from gateway.console.index.facts import EVERYWHERE
from gateway.console.model import Scope, Wanted

_PLAIN: Final = ("kind", "portal", "procedure", "operation", "outcome")


def matching(connection: sqlite3.Connection, wanted: Wanted, scope: Scope) -> tuple[dict[int, int], bool]:
    """Facet -> its entries, and whether these are all facets there are."""
    conditions, values = scoped(connection, scope)
    for name in _PLAIN:
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(f"{name} = ?")
            values.append(value)
    if wanted.source is not None:
        conditions.append("(instr(sources, ?) OR instr(sources, ?))")
        values += [f" {wanted.source} ", f" {wanted.source}="]
    if wanted.auditor is not None:
        conditions.append("kind = ?")
        values.append(EntryKind.INSPECTED.label)
    if wanted.officer is not None:
        conditions.append("kind <> ?")
        values.append(EntryKind.INSPECTED.label)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    found = connection.execute(f"SELECT id, entries FROM facet{where}", values)  # noqa: S608 - names from above
    return {facet: entries for facet, entries in found if entries}, not conditions


def scoped(connection: sqlite3.Connection, scope: Scope) -> tuple[list[str], list[Any]]:
    """Conditions on the table `facet` that leave what the scope holds."""
    if scope.portals is None:
        return [], []
    portals = [p for (p,) in connection.execute("SELECT DISTINCT portal FROM facet") if scope.holds(p)]
    theirs = connection.execute("SELECT DISTINCT scope FROM facet WHERE kind = ?", (EntryKind.INSPECTED.label,))
    scopes = [s for (s,) in theirs if inside(s, scope)]
    condition = (
        "(portal IN (SELECT value FROM json_each(?)) OR (kind = ? AND scope IN (SELECT value FROM json_each(?))))"
    )
    return [condition], [json.dumps(portals), EntryKind.INSPECTED.label, json.dumps(scopes)]


def inside(theirs: str, scope: Scope) -> bool:
    """Whether all that an account with the scope `theirs` (Facet.scope) sees is in `scope`."""
    if theirs in ("", EVERYWHERE):
        return False
    return all(scope.holds(portal) for portal in theirs.split(","))
