"""Ends of calls as the log opens them, for figures that are computed by hand.

prefill("H14-1", filled=9)      H14 pre-filled a form of 12 fields for this dossier on 24 November 2026
fetch("H14-1")                  H14 was handed a paper for it
sealed(at)                      an end that cannot be read
"""

from datetime import UTC, datetime
from typing import Any

from gateway.audit.reading import Opened

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def end(
    dossier: str,
    *,
    at: datetime = AT,
    kind: str = "disclosed",
    portal: str = "H14",
    procedure: str = "1.1",
    **given: Any,
) -> Opened:
    """The end of a look-up that gave one field; every member can be given, None leaves it out."""
    said: dict[str, Any] = {
        "kind": kind,
        "portal": portal,
        "procedure": procedure,
        "dossier": dossier,
        "operation": "persons.lookup",
        "fields": ["person.full_name"],
        "outcomes": {"population": "answered"},
        "status": 200,
        **given,
    }
    return Opened(0, at, kind, "", b"", {name: value for name, value in said.items() if value is not None})


def prefill(dossier: str, *, filled: int, total: int = 12, **given: Any) -> Opened:
    """The end of a pre-fill."""
    fields = ["person.full_name"] if filled else []
    return end(dossier, **{"operation": "dossiers.prefill", "fields": fields, "reuse": [total, filled], **given})


def fetch(dossier: str, **given: Any) -> Opened:
    """The end of a call that handed out a digitised paper."""
    said = {"operation": "documents.fetch", "fields": [], "outcomes": {"documents": "answered"}, "documents": [0, 1]}
    return end(dossier, **{**said, **given})


def refusal(dossier: str, **given: Any) -> Opened:
    """A call that was denied."""
    return end(dossier, kind="refused", fields=["person.full_name"], outcomes={}, status=403, **given)


def sealed(at: datetime, kind: str = "disclosed") -> Opened:
    """An end whose keys are gone."""
    return Opened(0, at, kind, "", b"", None)
