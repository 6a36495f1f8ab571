"""A log of some thousand entries of every kind over two months, by clocks that sometimes go back, and what it says."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.audit.events import Event, SubjectRef
from gateway.audit.keys import Places
from gateway.audit.reading import Opened, opened
from gateway.audit.ring import KeyRing
from gateway.console.model import Scope, Wanted
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.audit.builders import (
    a_change,
    a_context,
    a_decision,
    a_disclosure,
    a_redaction,
    a_refusal,
    an_inspection,
)
from tests.gateway.console.index.indexed import append, numbers, still_alive

FIRST = datetime(2026, 9, 20, 20, 0, tzinfo=UTC)
EVENTS = 2600
PORTALS = ("H14", "H14", "H14.5", "H141", "G01")
OFFICERS = ("cb-1", "cb-2", "cb-3", "=HYPERLINK(1)", "Nguyễn Thị Ánh")
AUDITORS = ("kiểm.toán", "kt-02")
PEOPLE = (*numbers(40), "0101243150")
DOSSIERS = (*(f"H14.12-{number}" for number in range(60)), "ＨＳ\u202e\x07")
PROCEDURES = ("1.004222", "1.010010")
OPERATIONS = ("persons.lookup", "dossiers.prefill", "taxpayers.lookup")
CODES = ("procedure_not_granted", "source_unavailable")
SOURCES = ("population", "business", "tax")
CALLS = ("decided", "disclosed", "refused")

_PLAIN = ("kind", "portal", "procedure", "operation", "outcome", "officer", "dossier", "auditor")


@dataclass(frozen=True, slots=True)
class Said:
    """One entry, opened, and its words as a search means them."""

    index: int
    at: datetime
    tag: bytes
    entry: Opened
    words: Mapping[str, Any] = field(repr=False)

    @property
    def ended(self) -> bool:
        """Whether a call is counted by it."""
        payload = self.entry.payload or {}
        leads = (payload.get("subject") or {}).get("n", 1) == 1
        return self.entry.kind in ("disclosed", "refused") and bool(payload) and leads


@dataclass(frozen=True, slots=True)
class Crowd:
    """`said`: every entry in its order."""

    folder: Path
    said: Sequence[Said]

    @property
    def ring(self) -> KeyRing:
        """Its key ring."""
        return KeyRing(Places.under(self.folder).ring)

    def wanted(self, wanted: Wanted, scope: Scope) -> list[int]:
        """What a search has to find, by looking at every entry."""
        return [one.index for one in reversed(self.said) if _fits(one, wanted) and seen_by(scope, one.words)]

    def ended(self, since: datetime, until: datetime, scope: Scope) -> list[Said]:
        """The calls that ended in a time."""
        return [one for one in self.said if one.ended and since <= one.at < until and scope.holds(one.words["portal"])]


def make(folder: Path) -> Crowd:
    """The log. The keys of one month's decisions are destroyed, with a redaction entry before."""
    chance = random.Random(20_261_127)
    events, at = [], FIRST
    for number in range(EVENTS):
        at += timedelta(minutes=chance.randint(10, 50))
        back = timedelta(days=5) if number // 100 == 14 else timedelta(hours=chance.choice((0,) * 60 + (1, 30, 70)))
        events.append(_event(chance, at - back))
    append(folder, events)
    ring = KeyRing(Places.under(folder).ring)
    gone = next(epoch for epoch in ring.all() if (epoch.period, epoch.seals) == ("2026-10", "decided"))
    append(folder, [a_redaction(gone, at=at), still_alive(at + timedelta(hours=1))])
    ring.destroy([gone.kid])
    return read(folder)


def read(folder: Path) -> Crowd:
    """What the log under `folder` says."""
    places = Places.under(folder)
    ring, reader = KeyRing(places.ring), SqliteReader(places.store)
    try:
        note = reader.newest_note()
        rows = reader.rows(0, note.size if note else 0)
    finally:
        reader.close()
    entries = [(row, opened(row, ring)) for row in rows]
    return Crowd(folder, [Said(row.index, entry.at, row.subject_tag, entry, _words(entry)) for row, entry in entries])


def seen_by(scope: Scope, words: Mapping[str, Any]) -> bool:
    """Whether an entry may be seen: one of the own portals, or an inspection by somebody who sees no more."""
    if scope.portals is None:
        return True
    if words["scope"]:
        return all(scope.holds(portal) for portal in words["scope"])
    return bool(words["portal"]) and scope.holds(words["portal"])


def _fits(one: Said, wanted: Wanted) -> bool:
    words = one.words
    if any(getattr(wanted, name) not in (None, words[name]) for name in _PLAIN):
        return False
    if (wanted.since and one.at < wanted.since) or (wanted.until and one.at >= wanted.until):
        return False
    if wanted.source is not None:
        name, _, outcome = wanted.source.partition("=")
        if name not in words["sources"] or (outcome and words["sources"][name] != outcome):
            return False
    return wanted.tags is None or (one.entry.payload is not None and one.tag in wanted.tags)


def _words(entry: Opened) -> dict[str, Any]:
    payload = entry.payload or {}
    words: dict[str, Any] = dict.fromkeys(("portal", "procedure", "operation", "outcome"), "")
    words |= {"kind": entry.kind, "officer": None, "auditor": None, "dossier": None, "sources": {}, "scope": None}
    if entry.kind == "inspected" and payload:
        words |= {"auditor": payload["auditor"], "operation": payload["action"], "scope": payload.get("scope") or []}
    if entry.kind in CALLS and payload:
        words |= {name: payload[name] for name in ("portal", "officer", "dossier", "procedure", "operation")}
        words["sources"] = payload.get("outcomes") or dict.fromkeys(payload.get("sources") or (), "")
        words["outcome"] = {"decided": "", "disclosed": "ok"}.get(entry.kind, payload.get("code", ""))
    return words


def _event(chance: random.Random, at: datetime) -> Event:
    context = a_context(
        agency=chance.choice(PORTALS),
        officer=chance.choice(OFFICERS),
        dossier=chance.choice(DOSSIERS),
        operation=chance.choice(OPERATIONS),
        procedure=chance.choice(PROCEDURES),
    )
    subjects = tuple(
        SubjectRef(f"role{number}", "person", one, chance.choice(("", "Nguyễn", "Lê")))
        for number, one in enumerate(chance.sample(PEOPLE, chance.randint(1, 2)))
    )
    source, reuse = chance.choice(SOURCES), (9, chance.randint(0, 9)) if context.operation == OPERATIONS[1] else None
    match chance.randint(0, 9):
        case 0 | 1 | 2:
            return a_decision(at=at, context=context, subjects=subjects, sources=(source,))
        case 3 | 4 | 5 | 6:
            return a_disclosure(
                at=at, context=context, subjects=subjects, sources={source: "answered"}, reuse=reuse, status=200
            )
        case 7:
            sources = {source: chance.choice(("timeout", "refused"))}
            return a_refusal(at=at, context=context, code=chance.choice(CODES), sources=sources)
        case 8:
            return a_change(at=at, by="quản trị")
    asked = subjects[:1] if chance.random() < 0.5 else ()
    scope = chance.choice(((), ("H14",), ("H14.5",), ("H141", "G01")))
    return an_inspection(at=at, auditor=chance.choice(AUDITORS), scope=scope, subjects=asked)
