"""Which entries somebody may see, and reading them.

    decided, disclosed, refused    the scope holds the portal
    inspected                      everything of those who may see no more than oneself
    changed                        those who may see everything
    key-epoch, redaction, heartbeat    everybody: they say nothing about anyone

An envelope that is none any more is an entry of the kind `damaged`: it can be shown, and nothing in it can be read.

Rule of this file: an entry that cannot be read is seen only by those who may see everything: nobody knows whose it is.
What the index says is never believed: every entry is judged by what itself says.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from gateway.audit.events import CLEAR
from gateway.audit.reading import Opened, opened
from gateway.audit.ring import KeyRing
from gateway.console.model import Scope
from gateway.console.sentences import CALLS
from gateway.storage.contract import Reader, Row

DAMAGED = "damaged"
_CLEAR = frozenset(kind.label for kind in CLEAR)
_YEAR_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


def may_see(entry: Opened, scope: Scope) -> bool:
    """Whether an entry is within a scope."""
    if entry.kind in _CLEAR or scope.portals is None:
        return True
    payload = entry.payload or {}
    if entry.kind in CALLS:
        portal = payload.get("portal")
        return isinstance(portal, str) and scope.holds(portal)
    if entry.kind == "inspected":
        theirs = payload.get("scope") or ()
        return bool(theirs) and all(scope.holds(str(portal)) for portal in theirs)
    return False


def entry_at(reader: Reader, ring: KeyRing, index: int, scope: Scope) -> tuple[Row, Opened] | None:
    """The entry of an index, as stored and opened; None when there is none or it is not within the scope."""
    if not 0 <= index < 1 << 62:
        return None
    rows = reader.rows(index, index + 1)
    if not rows:
        return None
    entry = judged(rows[0], ring, scope)
    return None if entry is None else (rows[0], entry)


def judged(row: Row, ring: KeyRing, scope: Scope) -> Opened | None:
    """The entry of a stored row, None when it is not within the scope."""
    entry = _opened(row, ring)
    return entry if may_see(entry, scope) else None


def entries_at(reader: Reader, ring: KeyRing, indices: Iterable[int], scope: Scope) -> Sequence[Opened]:
    """The entries of these indices that are within the scope, in this order."""
    found = (entry_at(reader, ring, index, scope) for index in indices)
    return [both[1] for both in found if both is not None]


def _opened(row: Row, ring: KeyRing) -> Opened:
    try:
        return opened(row, ring)
    except (ValueError, OverflowError):
        # whoever alters the store may write anything there: one bad entry must not hide the others
        return Opened(row.index, moment(row.at_us), DAMAGED, "", row.leaf, None)


def moment(at_us: int) -> datetime:
    """The time of microseconds since 1970; 1970 for what is no time."""
    try:
        return _YEAR_ZERO + timedelta(microseconds=at_us)
    except OverflowError:
        return _YEAR_ZERO
