"""What one entry of the log says about its dossier.

    counted   the end of a call about somebody (`disclosed`, `refused`), and an answered reading of a deferred answer
    reused    the answer gave at least one value from a registry, or a digitised paper
    population    the population database answered for everyone it was asked about, now or, where what it said was kept,
                  before
    form      of a pre-filled dossier: fields of the form, and those filled from registries
    offered   of a pre-filled dossier: digitised papers it was offered
    handed    digitised papers that were handed out, of a `documents.fetch` to the dossier its purpose names

`decided` entries are not counted: each is followed by its end, half a second or a month boundary later.

Rule of this file: one entry in, one value or nothing out.
"""

from dataclasses import dataclass, field
from typing import Any

from gateway.audit.events import EntryKind
from gateway.audit.reading import Opened
from gateway.model import Call
from gateway.reuse.periods import month_of

DISCLOSED, REFUSED = EntryKind.DISCLOSED.label, EntryKind.REFUSED.label
ENDS = frozenset({DISCLOSED, REFUSED})
"""Kinds of entries the figures are made of."""

POPULATION = "population"
_ANSWERS = ("answered", "kept")
FETCH = Call.DOCUMENTS_FETCH.value
_ASKING = frozenset(
    {
        Call.PERSONS_VERIFY.value,
        Call.PERSONS_LOOKUP.value,
        Call.ENTERPRISES_LOOKUP.value,
        Call.TAXPAYERS_LOOKUP.value,
        Call.DOSSIERS_PREFILL.value,
        FETCH,
    }
)
_FIRST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says. `month`: in Vietnam; `answered`: whether the call was; `form`: fields in all and filled, None
    where there was no form; `offered` and `handed`: papers."""

    portal: str
    procedure: str
    dossier: str = field(repr=False)
    month: int
    answered: bool
    reused: bool
    population: bool
    form: tuple[int, int] | None
    offered: int = 0
    handed: int = 0


def said(entry: Opened) -> Said | None:
    """What an entry says; None when it is not counted, or cannot be read (`entry.payload` tells)."""
    payload = entry.payload
    if payload is None or entry.kind not in ENDS or not _counted(entry.kind, payload):
        return None
    portal, dossier = payload.get("portal"), payload.get("dossier")
    if not portal or not dossier:
        return None
    answered = entry.kind == DISCLOSED and payload.get("status", _FIRST_ERROR) < _FIRST_ERROR
    form = _form(payload) if answered else None
    offered, handed = _papers(payload) if answered else (0, 0)
    given = _given(payload, form) or handed > 0
    return Said(
        portal=str(portal),
        procedure=str(payload.get("procedure", "")),
        dossier=str(dossier),
        month=month_of(entry.at),
        answered=answered,
        reused=answered and given,
        population=answered and payload.get("outcomes", {}).get(POPULATION) in _ANSWERS,
        form=form,
        offered=offered,
        handed=handed,
    )


def _counted(kind: str, payload: dict[str, Any]) -> bool:
    # an event about several people is several entries that say the same about the dossier
    if payload.get("subject", {}).get("n", 1) != 1:
        return False
    operation = payload.get("operation")
    return operation in _ASKING or (kind == DISCLOSED and operation == Call.JOBS_READ.value)


def _given(payload: dict[str, Any], form: tuple[int, int] | None) -> bool:
    # what a fetch names as fields describes the paper: without the paper nothing was reused
    if payload.get("operation") == FETCH:
        return False
    return bool(payload.get("fields")) if form is None else form[1] > 0


def _papers(payload: dict[str, Any]) -> tuple[int, int]:
    offered, handed = payload.get("documents") or (0, 0)
    return int(offered), int(handed)


def _form(payload: dict[str, Any]) -> tuple[int, int] | None:
    reuse = payload.get("reuse")
    if not reuse:
        return None
    total, filled = reuse
    return int(total), int(filled)
