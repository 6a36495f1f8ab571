"""A pre-filled dossier as the contract's JSON (section 6)."""

from typing import Any

from gateway.model import Dossier, Filled, Offered
from gateway.wire import papers
from gateway.wire.answers import field, instant


def dossier(filled: Dossier, offered: Offered) -> dict[str, Any]:
    """Form, missing, conflicts, documents, reuse rate and the outcome of every source."""
    rate = filled.filled / filled.total if filled.total else 0.0
    body: dict[str, Any] = {
        "procedure": filled.procedure,
        "dossier": filled.dossier,
        "form": {name: _form_field(one) for name, one in filled.form.items()},
        "missing": [
            {"field": m.field, "reason": m.reason, **({"source": m.source} if m.source else {})} for m in filled.missing
        ],
        "conflicts": [
            {"field": c.field, "between": c.between, "values": [_statement(s) for s in c.statements]}
            for c in filled.conflicts
        ],
        "documents": [papers.offer(one) for one in offered.offers],
        "reuse": {
            "fields_total": filled.total,
            "fields_filled": filled.filled,
            "rate": round(rate, 4),
            "by_source": dict(filled.by_source),
        },
        "sources": {o.source: {"outcome": o.outcome, "at": instant(o.at)} for o in (*filled.sources, *offered.sources)},
    }
    if filled.doubts:
        body["doubts"] = {role: list(doubts) for role, doubts in filled.doubts.items()}
    return body


def _form_field(one: Filled) -> dict[str, Any]:
    return {**field(one.value), **(_origin(one) or {"from": None})}


def _statement(one: Filled) -> dict[str, Any]:
    return {"source": one.value.source, **_origin(one), "value": one.value.value}


def _origin(one: Filled) -> dict[str, str]:
    if not one.role:
        return {}
    return {"from": one.value.name, "role": one.role, **({"part": one.part} if one.part else {})}
