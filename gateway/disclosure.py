"""Step 7: the document of an answer, by call, and which fields it discloses with a value.

A look-up whose every source is silent ends as a problem; what any source said is kept, in a dossier too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.contract import Answer, Silence
from config import documents
from gateway.errors import Refused
from gateway.inquiry import Gathered
from gateway.model import HAS_VALUE, Call, Decision, Dossier, Offered, Reading
from gateway.steps import heard, prefill
from gateway.wire import answers, dossiers, identifiers, profiles
from gateway.world import Policy


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What leaves. `fields`: names of those with a value; `reuse`: form fields in all and filled, for dossiers;
    `documents`: papers offered and handed out, None where there are none to speak of."""

    document: Mapping[str, Any] = field(repr=False)
    fields: tuple[str, ...] = ()
    found: bool | None = None
    reuse: tuple[int, int] | None = None
    documents: tuple[int, int] | None = None


def disclose(gathered: Gathered, *, policy: Policy, at: datetime) -> Disclosure:
    """The answer to an authorised call. Raises `Refused(source_*)` when a look-up's source gave no answer."""
    decision, outcomes, readings = gathered.decision, gathered.learned.outcomes, gathered.learned.readings
    call = decision.ask.call
    if call is Call.PROCEDURES_LIST:
        portal = policy.portals[decision.caller.agency]
        usable = [p for code, p in sorted(policy.procedures.items()) if code in portal.procedures]
        return Disclosure({"procedures": [answers.procedure_line(p) for p in usable]})
    if call is Call.PROCEDURES_READ:
        described = policy.procedures[decision.ask.procedure or ""]
        return Disclosure(answers.procedure(described, policy.field_sources))
    if call is Call.DOSSIERS_PREFILL:
        return _dossier(gathered, policy, at)
    silences = [outcome for outcome in outcomes if isinstance(outcome, Silence)]
    if silences and len(silences) == len(outcomes):
        raise Refused(heard.refusal(silences[0]))
    if call is Call.PERSONS_VERIFY:
        found = any(isinstance(o, Answer) and o.found for o in outcomes)
        return Disclosure(answers.match(found=found), found=found)
    return _lookup(decision, readings[0])


def _lookup(decision: Decision, reading: Reading) -> Disclosure:
    named = decision.ask.subjects[0].identifiers
    asked = identifiers.contradictions(named["personal_id"], named["birth_date"]) if "personal_id" in named else ()
    return Disclosure(answers.reading(reading, asked), _named([reading]), reading.found)


def _dossier(gathered: Gathered, policy: Policy, at: datetime) -> Disclosure:
    decision, offered = gathered.decision, gathered.offered
    filled = prefill.prefill(
        decision,
        gathered.learned.readings,
        procedure=policy.procedures[decision.caller.purpose.procedure],
        sources=gathered.learned.sources,
        field_sources=policy.field_sources,
        at=at,
        offered=offered,
    )
    shown = [*filled.form.values(), *(s for conflict in filled.conflicts for s in conflict.statements)]
    held = [s for s in shown if s.role and s.value.status in HAS_VALUE]
    names = dict.fromkeys(name for s in held for name in (s.value.name, *(name for _, name in s.also)))
    kinds = (*(offer.kind for offer in offered.offers), *(paper.kind for paper in offered.lapsed))
    names |= dict.fromkeys(documents.field_name(kind) for kind in kinds)
    document = {**dossiers.dossier(filled, offered), **_beside(decision, filled, policy, offered)}
    counted = (len(offered.offers), 0) if offered.sources else None
    return Disclosure(document, tuple(names), None, (filled.total, filled.filled), counted)


def _beside(decision: Decision, filled: Dossier, policy: Policy, offered: Offered) -> Mapping[str, Any]:
    """The other shape that was asked for, as a member of its name."""
    profile = policy.profiles.get(decision.ask.profile or "")
    if profile is None:
        return {}
    shaped = profiles.national_portal(
        filled,
        procedure=policy.procedures[decision.caller.purpose.procedure],
        profile=profile,
        roles=[subject.role for subject in decision.ask.subjects],
        vneid_account=decision.ask.vneid_account,
        documents=[offer.kind for offer in offered.offers],
    )
    return {profile.name: shaped}


def _named(readings: Sequence[Reading]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            name for reading in readings for name, value in reading.values.items() if value.status in HAS_VALUE
        )
    )
