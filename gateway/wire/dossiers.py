"""A pre-filled dossier as the contract's JSON (section 6)."""

from typing import Any

from gateway.model import Conflict, Dossier, Filled, Notice, Offered
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
        "conflicts": [_conflict(c) for c in filled.conflicts],
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
    if filled.reached:
        body["reached"] = {
            role: {"from": hop.start, "via": hop.field, "depth": hop.depth} for role, hop in filled.reached.items()
        }
    if filled.notices:
        body["notices"] = [_notice(notice) for notice in filled.notices]
    return body


def _form_field(one: Filled) -> dict[str, Any]:
    return {**field(one.value), **(_origin(one) or {"from": None})}


def _conflict(one: Conflict) -> dict[str, Any]:
    body: dict[str, Any] = {
        "field": one.field,
        "between": one.between,
        "kind": one.kind,
        "values": [_statement(s) for s in one.statements],
        "preferred": 0,
    }
    if one.because is not None:
        body["because"] = {"code": one.because.code, "vi": one.because.vi, "en": one.because.en}
    return body


def _statement(one: Filled) -> dict[str, Any]:
    dated = {"as_of": instant(one.value.as_of)} if one.value.as_of else {}
    return {"source": one.value.source, **_origin(one), "value": one.value.value, **dated}


def _notice(one: Notice) -> dict[str, Any]:
    return {
        "role": one.role,
        "code": one.code,
        "vi": one.vi,
        "en": one.en,
        **({"source": one.source} if one.source else {}),
        **({"as_of": instant(one.as_of)} if one.as_of else {}),
    }


def _origin(one: Filled) -> dict[str, Any]:
    if not one.role:
        return {}
    return {
        "from": one.value.name,
        "role": one.role,
        **({"part": one.part} if one.part else {}),
        **({"by": list(one.by)} if one.by else {}),
        **({"also_from": list(dict.fromkeys(name for _, name in one.also))} if one.also else {}),
    }
