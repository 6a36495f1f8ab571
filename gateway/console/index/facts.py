"""What the index keeps of one entry: the words it is found by, keyed tags, and what it adds to the figures.

Rule of this file: payload in, values out. A payload comes from the log's own seal; what is missing in it is "".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from gateway.audit.events import EntryKind
from gateway.console.index.keyed import IndexKey

OK: Final = "ok"
FAILED: Final = "failed"
"""The outcome of an answer with an error status and no code."""

EVERYWHERE: Final = "*"
"""The scope of an account that sees all."""

CALLS, SOURCE, FIELDS = "calls", "source", "fields"
TOTAL, FILLED = "total", "filled"

_CALL: Final = frozenset({EntryKind.DECIDED.label, EntryKind.DISCLOSED.label, EntryKind.REFUSED.label})
_BAD: Final = 400


class Facet(NamedTuple):
    """The words of an entry. `status` -1: none; `sources`: ` business=answered population ` with a space around each;
    `scope`: whose `inspected` entry it is (agency codes with commas, `*` for all); `operation`: also an action."""

    kind: str
    portal: str = ""
    procedure: str = ""
    operation: str = ""
    outcome: str = ""
    status: int = -1
    sources: str = ""
    scope: str = ""


class Series(NamedTuple):
    """What is counted: calls by operation and outcome, answers of a source by outcome word, fields by TOTAL, FILLED."""

    what: str
    portal: str
    name: str
    word: str


@dataclass(frozen=True, slots=True)
class Facts:
    """One entry. `adds`: what it counts for."""

    facet: Facet
    leads: int
    officer: int | None = field(default=None, repr=False)
    dossier: int | None = field(default=None, repr=False)
    family: int | None = field(default=None, repr=False)
    adds: tuple[tuple[Series, int], ...] = ()


def facts(kind: str, payload: Mapping[str, Any], key: IndexKey) -> Facts:
    """The facts of an entry that could be opened."""
    subject = payload.get("subject") or {}
    leads = int(subject.get("n", 1) == 1)
    if kind in _CALL:
        return _call(kind, payload, subject, leads, key)
    if kind == EntryKind.INSPECTED.label:
        scope = ",".join(sorted(payload.get("scope") or ())) or EVERYWHERE
        facet = Facet(kind, operation=str(payload.get("action", "")), scope=scope)
        return Facts(facet, leads, officer=key.auditor(str(payload.get("auditor", ""))))
    return Facts(Facet(kind), leads)


def words_of(sources: str) -> dict[str, str]:
    """Source -> outcome word ("" where it was only to be asked)."""
    return {name: word for name, _, word in (part.partition("=") for part in sources.split())}


def _call(kind: str, payload: Mapping[str, Any], subject: Mapping[str, Any], leads: int, key: IndexKey) -> Facts:
    portal, operation = str(payload.get("portal", "")), str(payload.get("operation", ""))
    outcomes: Mapping[str, str] = payload.get("outcomes") or {}
    asked = [f"{name}={word}" for name, word in outcomes.items()] or list(payload.get("sources") or ())
    status = int(payload.get("status", -1))
    outcome = _outcome(kind, payload, status)
    facet = Facet(
        kind,
        portal,
        str(payload.get("procedure", "")),
        operation,
        outcome,
        status,
        f" {' '.join(sorted(asked))} " if asked else "",
    )
    family = subject.get("family")
    dossier = payload.get("dossier")
    return Facts(
        facet,
        leads,
        officer=key.officer(str(payload.get("officer", ""))),
        dossier=key.dossier(dossier) if dossier else None,
        family=int.from_bytes(bytes.fromhex(family), "big", signed=True) if family else None,
        adds=_adds(facet, outcomes, payload.get("reuse")) if leads and outcome else (),
    )


def _outcome(kind: str, payload: Mapping[str, Any], status: int) -> str:
    if kind == EntryKind.DECIDED.label:
        return ""
    if kind == EntryKind.DISCLOSED.label and status < _BAD:
        return OK
    return str(payload.get("code") or FAILED)


def _adds(facet: Facet, outcomes: Mapping[str, str], reuse: Any) -> tuple[tuple[Series, int], ...]:
    adds = [(Series(CALLS, facet.portal, facet.operation, facet.outcome), 1)]
    adds += [(Series(SOURCE, facet.portal, name, word), 1) for name, word in outcomes.items()]
    if reuse:
        adds += [(Series(FIELDS, facet.portal, name, ""), n) for name, n in zip((TOTAL, FILLED), reuse, strict=True)]
    return tuple(adds)
