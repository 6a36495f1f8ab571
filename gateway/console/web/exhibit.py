"""An entry with all that belongs to it: its call, the chain of its dossier, and what proves it.

Rule of this file: everything is read on the bench in one go, and every entry beside the first is opened and judged like
the first. A log that contradicts itself is shown to, not hidden behind an error.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.audit.errors import LogBroken
from gateway.audit.reading import Opened
from gateway.audit.ring import KeyRing
from gateway.console.model import Scope
from gateway.console.sentences import CALLS
from gateway.console.web import erasures, reach
from gateway.console.web.bench import Tools
from gateway.storage.contract import Row
from signing.proofs import InclusionProof

_MOST_SUBJECTS = 200
_DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """`call`: the other entries of its call; `chain`: of its dossier, oldest first, itself among them.

    `indexed`: False when there is no index to find the chain with; `proof` None: the log contradicts itself; `erased`:
    whether the keys of an entry that cannot be read were destroyed by rule; `asked`: facts the call asked for.
    """

    row: Row
    entry: Opened
    call: tuple[Opened, ...]
    chain: tuple[Opened, ...]
    indexed: bool
    proof: InclusionProof | None
    size: int
    erased: bool
    asked: int | None

    @property
    def shown(self) -> tuple[int, ...]:
        """Every entry of which something is shown, itself first."""
        beside = {one.index for one in (*self.call, *self.chain)} - {self.entry.index}
        return (self.entry.index, *sorted(beside))


def exhibit(tools: Tools, ring: KeyRing, index: int, scope: Scope) -> Exhibit | None:
    """The entry of an index; None when there is none or it is not within the scope. Belongs on the bench."""
    found = reach.entry_at(tools.reader, ring, index, scope)
    if found is None:
        return None
    row, entry = found
    indexed, chain = _chain(tools, ring, entry, scope)
    near = reach.entries_at(tools.reader, ring, _near(entry), scope)
    call = _call(entry, (*chain, *near))
    proof, size = _proof(tools, index)
    return Exhibit(
        row=row,
        entry=entry,
        call=call,
        chain=chain if entry.kind in CALLS else (),
        indexed=indexed,
        proof=proof,
        size=size,
        erased=entry.payload is None and entry.epoch in erasures.erased_epochs(tools, ring),
        asked=_asked(entry, call),
    )


def _chain(tools: Tools, ring: KeyRing, entry: Opened, scope: Scope) -> tuple[bool, tuple[Opened, ...]]:
    if entry.kind not in CALLS:
        return True, ()
    try:
        hits = tools.index.chain(entry.index, scope)
    except sqlite3.OperationalError:
        return False, (entry,)
    chain = tuple(reach.entries_at(tools.reader, ring, (hit.index for hit in hits), scope))
    # the index may not have come as far as this entry
    return any(one.index == entry.index for one in chain), chain or (entry,)


def _near(entry: Opened) -> Iterable[int]:
    """Where entries of the same call are without any index: beside it, and where it says it was decided."""
    payload = entry.payload or {}
    said = payload.get("subject")
    if isinstance(said, dict) and 1 <= int(said.get("n", 1)) <= int(said.get("of", 1)) <= _MOST_SUBJECTS:
        first = entry.index - int(said.get("n", 1)) + 1
        yield from range(max(first, 0), first + int(said.get("of", 1)))
    decided = payload.get(_DECIDED)
    if isinstance(decided, int):
        yield decided


def _call(entry: Opened, others: Iterable[Opened]) -> tuple[Opened, ...]:
    found = {one.index: one for one in others if one.index != entry.index and _same_call(entry, one)}
    return tuple(found[index] for index in sorted(found))


def _same_call(one: Opened, other: Opened) -> bool:
    a, b = one.payload or {}, other.payload or {}
    if one.kind not in CALLS or other.kind not in CALLS or a.get("portal") != b.get("portal"):
        return False
    if a.get("req") is not None and a.get("req") == b.get("req"):
        return True
    # a deferred answer is read by a call of its own, which names where the first one was allowed
    began = {said.get(_DECIDED) for said in (a, b)} - {None}
    return bool(began & {one.index, other.index}) or (len(began) == 1 and _DECIDED in a and _DECIDED in b)


def _asked(entry: Opened, call: Iterable[Opened]) -> int | None:
    for one in (entry, *call):
        fields = (one.payload or {}).get("fields")
        if one.kind == _DECIDED and fields:
            return len(fields)
    return None


def _proof(tools: Tools, index: int) -> tuple[InclusionProof | None, int]:
    try:
        _, checkpoint = tools.published.newest()
        return tools.published.proof(index, checkpoint.size), checkpoint.size
    except LogBroken:
        return None, 0
