"""What one entry of the log says about its dossier.

    counted   the end of a call about somebody (`disclosed`, `refused`), and an answered reading of a deferred answer
    reused    the answer gave at least one value from a registry
    population    the population database answered for everyone it was asked about, now or, where what it said was kept,
                  before
    form      of a pre-filled dossier: fields of the form, and those filled from registries

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
_ASKING = frozenset(
    {
        Call.PERSONS_VERIFY.value,
        Call.PERSONS_LOOKUP.value,
        Call.ENTERPRISES_LOOKUP.value,
        Call.TAXPAYERS_LOOKUP.value,
        Call.DOSSIERS_PREFILL.value,
    }
)
_FIRST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says. `month`: in Vietnam; `answered`: whether the call was; `form`: fields in all and filled, None
    where there was no form."""

    portal: str
    procedure: str
    dossier: str = field(repr=False)
    month: int
    answered: bool
    reused: bool
    population: bool
    form: tuple[int, int] | None


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
    given = bool(payload.get("fields")) if form is None else form[1] > 0
    return Said(
        portal=str(portal),
        procedure=str(payload.get("procedure", "")),
        dossier=str(dossier),
        month=month_of(entry.at),
        answered=answered,
        reused=answered and given,
        population=answered and payload.get("outcomes", {}).get(POPULATION) in _ANSWERS,
        form=form,
    )


def _counted(kind: str, payload: dict[str, Any]) -> bool:
    # an event about several people is several entries that say the same about the dossier
    if payload.get("subject", {}).get("n", 1) != 1:
        return False
    operation = payload.get("operation")
    return operation in _ASKING or (kind == DISCLOSED and operation == Call.JOBS_READ.value)


def _form(payload: dict[str, Any]) -> tuple[int, int] | None:
    reuse = payload.get("reuse")
    if not reuse:
        return None
    total, filled = reuse
    return int(total), int(filled)
