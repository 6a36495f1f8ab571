"""Step 7: what the sources said, put into the form of the procedure.

For each form field the first origin that has a value fills it. The other origins and what the citizen declared are
compared with it: differences in accents, case and spacing are not conflicts, a less precise date that agrees is not
one either. A fallback is looked at only where nothing before it has a value. Nothing is dropped silently: every field
without a value is in `missing` with the reason.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from config.model import FormField, Procedure
from gateway import mapping
from gateway.agreement import agree
from gateway.model import (
    DECLARED,
    HAS_VALUE,
    Conflict,
    Decision,
    Dossier,
    Filled,
    Missing,
    Notice,
    Offered,
    Reading,
    SourceOutcome,
    Status,
    Value,
)
from gateway.reasons import doubts, papers, preference

_NO_PAPERS = Offered()
# A form field that no registry holds: only the citizen can say it.
NOT_HELD = "not_held"
ROLE_ABSENT = "role_absent"
NOT_APPLICABLE = "not_applicable"
# Why a field is empty, the reason a person can act on first: an outage passes, a withheld field never comes.
_REASONS = (Status.UNAVAILABLE, Status.NOT_FOUND, Status.WITHHELD)


def prefill(
    decision: Decision,
    readings: Sequence[Reading],
    *,
    procedure: Procedure,
    sources: tuple[SourceOutcome, ...],
    field_sources: Mapping[str, str],
    at: datetime,
    offered: Offered = _NO_PAPERS,
) -> Dossier:
    """The dossier. `field_sources`: field name -> the source that holds it; `offered`: papers of the same subjects."""
    by_role = {reading.role: reading for reading in readings}
    form: dict[str, Filled] = {}
    missing: list[Missing] = []
    conflicts: list[Conflict] = []
    unmade: dict[str, tuple[str, ...]] = {}
    for wanted in procedure.form:
        said = _statements(wanted, by_role, decision, field_sources)
        for role, ours in mapping.doubts(said).items():
            unmade[role] = (*unmade.get(role, ()), *ours)
        declared = _declared(wanted, decision, at)
        held = [s for s in said if s.value.status in HAS_VALUE]
        if held:
            found = _conflicts(wanted.name, held, declared)
            conflicts.extend(preference.explained(one, wanted) for one in found)
            form[wanted.name] = _marked(held[0]) if found else held[0]
        elif declared is not None:
            form[wanted.name] = declared
        else:
            missing.append(_missing(wanted, said, decision, by_role))
            if said:
                form[wanted.name] = _first_reason(said)
    told = papers.notices(offered)
    by_papers = {n.role: tuple(dict.fromkeys(m.code for m in told if m.role == n.role)) for n in told}
    by_records = _doubts(readings, form, conflicts, (decision.relations.doubts, unmade))
    doubted = {r: (*by_records.get(r, ()), *by_papers.get(r, ())) for r in (*by_records, *by_papers)}
    used = [filled.value for filled in form.values() if filled.value.status in HAS_VALUE]
    registries = [value.source for value in used if value.source != DECLARED]
    return Dossier(
        procedure=procedure.code,
        dossier=decision.caller.purpose.dossier,
        form=form,
        missing=tuple(missing),
        conflicts=tuple(conflicts),
        total=len(procedure.form),
        filled=len(registries),
        by_source={source: registries.count(source) for source in sorted(set(registries))},
        sources=sources,
        doubts={role: codes for role, codes in doubted.items() if codes},
        notices=(*(n for role, codes in by_records.items() for n in _notices(role, codes, by_role)), *told),
        reached=decision.relations.reached,
    )


def _doubts(
    readings: Sequence[Reading],
    form: Mapping[str, Filled],
    conflicts: Sequence[Conflict],
    further: Sequence[Mapping[str, tuple[str, ...]]],
) -> Mapping[str, tuple[str, ...]]:
    said = [*form.values(), *(s for conflict in conflicts for s in conflict.statements)]
    shown = {(s.role, s.value.name) for s in said if s.value.status in HAS_VALUE}
    of_records = {r.role: doubts.doubts(r, {name for role, name in shown if role == r.role}) for r in readings}
    told = (of_records, *further)
    # a role whose relation led nowhere has doubts and no record
    roles = dict.fromkeys(role for codes in told for role in codes)
    return {role: tuple(dict.fromkeys(code for codes in told for code in codes.get(role, ()))) for role in roles}


def _notices(role: str, codes: Sequence[str], by_role: Mapping[str, Reading]) -> tuple[Notice, ...]:
    return doubts.notices(by_role.get(role, Reading(role, False, {})), codes)


def _statements(
    wanted: FormField, by_role: Mapping[str, Reading], decision: Decision, sources: Mapping[str, str]
) -> list[Filled]:
    said: list[Filled] = []
    values = {(role, name): value for role, reading in by_role.items() for name, value in reading.values.items()}
    for origin in wanted.origins:
        if origin.fallback and any(s.value.status in HAS_VALUE for s in said):
            continue
        withheld = [name for role, name in origin.reads if (role, name) in decision.withheld]
        if withheld:
            said.append(Filled(Value(withheld[0], Status.WITHHELD, sources[withheld[0]]), origin.role, origin.part))
        elif (taken := mapping.made(origin, values, frozenset(by_role))) is not None:
            said.append(taken)
    return said


def _declared(wanted: FormField, decision: Decision, at: datetime) -> Filled | None:
    if wanted.name not in decision.ask.declared:
        return None
    typed = decision.ask.declared[wanted.name]
    return Filled(Value(wanted.name, Status.OK, DECLARED, typed, retrieved_at=at), None)


def _conflicts(name: str, held: Sequence[Filled], declared: Filled | None) -> list[Conflict]:
    first = held[0]
    found = []
    others = [s for s in held[1:] if not agree(first.value.value, s.value.value)]
    if others:
        found.append(Conflict(name, "sources", (first, *others)))
    if declared is not None and not agree(first.value.value, declared.value.value):
        found.append(Conflict(name, DECLARED, (first, declared)))
    return found


def _marked(filled: Filled) -> Filled:
    return replace(filled, value=replace(filled.value, status=Status.CONFLICT))


def _missing(wanted: FormField, said: Sequence[Filled], decision: Decision, roles: Collection[str]) -> Missing:
    if not wanted.origins:
        return Missing(wanted.name, NOT_HELD, None)
    if not said:
        pieces = [piece.role for origin in wanted.origins for piece in origin.pieces]
        tried = (decision.relations.unreached.get(role) for role in pieces)
        absent = (NOT_APPLICABLE if any(role in roles for role in pieces) else ROLE_ABSENT, None)
        return Missing(wanted.name, *next((why for why in tried if why is not None), absent))
    reason = _first_reason(said)
    return Missing(wanted.name, reason.value.status.value, reason.value.source)


def _first_reason(said: Sequence[Filled]) -> Filled:
    return min(said, key=lambda s: _REASONS.index(s.value.status))
