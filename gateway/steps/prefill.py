"""Step 7: what the sources said, put into the form of the procedure.

For each form field the first origin that has a value fills it. The other origins and what the citizen declared are
compared with it: differences in accents, case and spacing are not conflicts, a less precise date that agrees is not
one either. A fallback is looked at only where nothing before it has a value. Nothing is dropped silently: every field
without a value is in `missing` with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from config.model import FormField, Origin, Procedure
from gateway.agreement import agree
from gateway.model import (
    HAS_VALUE,
    Conflict,
    Decision,
    Dossier,
    Filled,
    Missing,
    Notice,
    Reading,
    SourceOutcome,
    Status,
    Value,
)
from gateway.reasons import doubts, preference

DECLARED = "declared"
# A form field that no registry holds: only the citizen can say it.
NOT_HELD = "not_held"
ROLE_ABSENT = "role_absent"
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
) -> Dossier:
    """The dossier. `field_sources`: field name -> the source that holds it."""
    by_role = {reading.role: reading for reading in readings}
    form: dict[str, Filled] = {}
    missing: list[Missing] = []
    conflicts: list[Conflict] = []
    for wanted in procedure.form:
        said = _statements(wanted, by_role, decision, field_sources)
        declared = _declared(wanted, decision, at)
        held = [s for s in said if s.value.status in HAS_VALUE]
        if held:
            found = _conflicts(wanted.name, held, declared)
            conflicts.extend(preference.explained(one, wanted) for one in found)
            form[wanted.name] = _marked(held[0]) if found else held[0]
        elif declared is not None:
            form[wanted.name] = declared
        else:
            missing.append(_missing(wanted, said, decision))
            if said:
                form[wanted.name] = _first_reason(said)
    doubted = _doubts(readings, form, conflicts, decision)
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
        notices=tuple(n for role, codes in doubted.items() for n in _notices(role, codes, by_role)),
        reached=decision.relations.reached,
    )


def _doubts(
    readings: Sequence[Reading], form: Mapping[str, Filled], conflicts: Sequence[Conflict], decision: Decision
) -> Mapping[str, tuple[str, ...]]:
    said = [*form.values(), *(s for conflict in conflicts for s in conflict.statements)]
    shown = {(s.role, s.value.name) for s in said if s.value.status in HAS_VALUE}
    codes = {r.role: doubts.doubts(r, {name for role, name in shown if role == r.role}) for r in readings}
    related = decision.relations.doubts
    # a role whose relation led nowhere has doubts and no record
    return {
        r: tuple(dict.fromkeys((*codes.get(r, ()), *related.get(r, ())))) for r in dict.fromkeys((*codes, *related))
    }


def _notices(role: str, codes: Sequence[str], by_role: Mapping[str, Reading]) -> tuple[Notice, ...]:
    return doubts.notices(by_role.get(role, Reading(role, False, {})), codes)


def _statements(
    wanted: FormField, by_role: Mapping[str, Reading], decision: Decision, sources: Mapping[str, str]
) -> list[Filled]:
    said: list[Filled] = []
    for origin in wanted.origins:
        if origin.fallback and any(s.value.status in HAS_VALUE for s in said):
            continue
        if (origin.role, origin.field) in decision.withheld:
            said.append(Filled(Value(origin.field, Status.WITHHELD, sources[origin.field]), origin.role, origin.part))
        elif origin.role in by_role:
            said.append(_taken(by_role[origin.role].values[origin.field], origin))
    return said


def _taken(value: Value, origin: Origin) -> Filled:
    """The value, or the part of it the form asks for; a part the registry does not have was not found."""
    if origin.part is not None and value.status in HAS_VALUE:
        part = value.value.get(origin.part)
        value = replace(value, value=part, status=Status.NOT_FOUND if part is None else value.status)
    return Filled(value, origin.role, origin.part)


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


def _missing(wanted: FormField, said: Sequence[Filled], decision: Decision) -> Missing:
    if not wanted.origins:
        return Missing(wanted.name, NOT_HELD, None)
    if not said:
        tried = (decision.relations.unreached.get(origin.role) for origin in wanted.origins)
        return Missing(wanted.name, *next((why for why in tried if why is not None), (ROLE_ABSENT, None)))
    reason = _first_reason(said)
    return Missing(wanted.name, reason.value.status.value, reason.value.source)


def _first_reason(said: Sequence[Filled]) -> Filled:
    return min(said, key=lambda s: _REASONS.index(s.value.status))
