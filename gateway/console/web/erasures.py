"""What of the log cannot be read or found any more: key epochs without keys, and whether a rule destroyed them.

Rule of this file: an epoch counts as erased when an entry of the log says so; what is merely not here is said to be
that. Both are the same for everybody: they say nothing about anyone.
"""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from gateway.audit.events import EntryKind
from gateway.audit.ring import KeyRing
from gateway.console.model import EVERYTHING, Wanted
from gateway.console.web import reach
from gateway.console.web.bench import Tools

_PAGE = 500
_REDACTIONS = Wanted(kind=EntryKind.REDACTION.label)


@dataclass(frozen=True, slots=True)
class Gone:
    """A month (UTC, `2026-11`) and kind of entry of which some cannot be read or found. `erased`: by rule."""

    period: str
    kind: str
    erased: bool


def erased_epochs(tools: Tools, ring: KeyRing) -> frozenset[str]:
    """Ids of the key epochs, in hexadecimal, that redactions name; none while there is no index to find them with."""
    named: set[str] = set()
    below: int | None = None
    while True:
        try:
            hits = tools.index.search(_REDACTIONS, EVERYTHING, below=below, limit=_PAGE).hits
        except sqlite3.OperationalError:
            return frozenset(named)
        for hit in hits:
            found = reach.entry_at(tools.reader, ring, hit.index, EVERYTHING)
            epochs = (found[1].payload or {}).get("epochs") if found else None
            # in clear, so anyone with the store could have written it
            named.update(str(one.get("epoch")) for one in _list(epochs) if isinstance(one, dict))
        if len(hits) < _PAGE:
            return frozenset(named)
        below = hits[-1].index


def gone(tools: Tools, ring: KeyRing, *, first: str, last: str, kinds: Collection[EntryKind]) -> tuple[Gone, ...]:
    """What is gone of these kinds in the months `first` to `last`, both included."""
    here = {epoch.kid for epoch in ring.all()}
    away = [
        epoch
        for epoch in tools.reader.epochs()
        if epoch.kid not in here and epoch.kind in kinds and first <= (epoch.period or last) <= last
    ]
    if not away:
        return ()
    erased = erased_epochs(tools, ring)
    return tuple(
        sorted(
            {Gone(epoch.period, EntryKind(epoch.kind).label, epoch.kid.hex() in erased) for epoch in away},
            key=lambda one: (one.period, one.kind),
        )
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
