"""A call's questions less what is kept, and its readings with what was kept in them.

    known everything   no question; the source's outcome is `kept`
    known a part       a question for the rest
    the source is down what is not older than the outage limit stands in, marked stale with its age
    the source says there is no such record   nothing that was kept is used: it answers for now

Rule of this file: pure. Only fields of the question are ever used, so nothing outside the call's grant is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.contract import Answer, Fault, Silence
from config.model import AgeLimit, FieldSpec
from gateway.freshness import ages
from gateway.freshness.record import Past, Record
from gateway.model import Kept, Reading, Status, Value
from gateway.steps.heard import KEPT
from gateway.steps.normalise import normalise
from gateway.steps.normalise.values import Vocabulary
from gateway.steps.plan import Planned

DOWN = frozenset({Fault.UNAVAILABLE, Fault.TIMED_OUT})
"""A source that refuses us or talks nonsense is not down: what it said before does not stand in."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """One question and what is kept about it. `rest`: what is still to be asked, None for nothing."""

    planned: Planned
    record: Record
    fresh: Mapping[str, Past] = field(repr=False)
    rest: Planned | None


@dataclass(frozen=True, slots=True)
class Used:
    """What became of one question. `old`: values that stand in; `fresh`: values used without asking; `doubts`: about
    the record these are from."""

    planned: Planned
    outcome: Answer | Silence | Kept
    said: Answer | Silence
    fresh: Mapping[str, Past] = field(repr=False)
    old: Mapping[str, Past] = field(repr=False)
    doubts: tuple[str, ...] = ()


def cut(planned: Planned, record: Record, allowed: Mapping[str, AgeLimit], at: datetime) -> Recalled:
    """A question with what is kept taken out of it."""
    question = planned.question
    fresh = ages.fresh(record, question.fields, allowed, at)
    left = question.fields - fresh.keys()
    if not fresh:
        return Recalled(planned, record, {}, planned)
    rest = replace(planned, question=replace(question, fields=left)) if left else None
    return Recalled(planned, record, fresh, rest)


def joined(recalled: Recalled, heard: Answer | Silence | None, allowed: Mapping[str, AgeLimit], at: datetime) -> Used:
    """What a source said, with what was kept. `heard` None: it was not asked."""
    source, fresh = recalled.planned.question.source, recalled.fresh
    if heard is None:
        newest = max(past.retrieved_at for past in fresh.values())
        said = Answer(source, True, newest)
        return Used(recalled.planned, Kept(source, KEPT, newest), said, fresh, {}, recalled.record.doubts)
    if isinstance(heard, Answer):
        return Used(recalled.planned, heard, heard, fresh if heard.found else {}, {}, recalled.record.doubts)
    old: dict[str, Past] = {}
    if heard.fault in DOWN and recalled.rest is not None:
        old = ages.stale(recalled.record, recalled.rest.question.fields, allowed, at)
    if not fresh and not old:
        return Used(recalled.planned, heard, heard, {}, {})
    outcome = Kept(source, heard.fault.value, heard.at)
    return Used(recalled.planned, outcome, heard, fresh, old, recalled.record.doubts)


def read(
    wanted: Mapping[str, tuple[str, ...]],
    used: Sequence[Used],
    *,
    fields: Mapping[str, FieldSpec],
    vocabulary: Vocabulary,
    at: datetime,
) -> tuple[Reading, ...]:
    """One reading per role, as step 6 makes them, with the kept values in their places."""
    readings = normalise(wanted, [(one.planned.roles, one.said) for one in used], fields=fields, vocabulary=vocabulary)
    return tuple(_with_kept(reading, used, wanted, fields, vocabulary, at) for reading in readings)


def _with_kept(
    reading: Reading,
    used: Sequence[Used],
    wanted: Mapping[str, tuple[str, ...]],
    fields: Mapping[str, FieldSpec],
    vocabulary: Vocabulary,
    at: datetime,
) -> Reading:
    values, doubts = dict(reading.values), list(reading.doubts)
    kept = [one for one in used if reading.role in one.planned.roles and (one.fresh or one.old)]
    for one in kept:
        doubts.extend(one.doubts)
        for name, past in {**one.old, **one.fresh}.items():
            if name not in wanted[reading.role]:
                continue
            value = _value(name, past, fields, vocabulary)
            if name in one.old:
                if value.status is not Status.OK:
                    continue  # nothing to show: it stays unavailable
                value = replace(value, status=Status.STALE, age_seconds=int(ages.age(past, at).total_seconds()))
            values[name] = value
            doubts.extend(value.doubts)
    return Reading(reading.role, reading.found or bool(kept), values, tuple(dict.fromkeys(doubts)))


def _value(name: str, past: Past, fields: Mapping[str, FieldSpec], vocabulary: Vocabulary) -> Value:
    said = {} if past.value is None else {name: past.value}
    answer = Answer(fields[name].source, True, past.retrieved_at, said, past.as_of)
    (reading,) = normalise({"": (name,)}, [(("",), answer)], fields=fields, vocabulary=vocabulary)
    return reading.values[name]
