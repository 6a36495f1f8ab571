"""From answers and silences to one reading per role."""

from collections.abc import Iterable, Mapping, Sequence

from adapters.contract import Answer, Silence
from config.model import FieldSpec
from gateway.model import Reading, Status, Value
from gateway.steps.normalise.values import Vocabulary, value


def normalise(
    wanted: Mapping[str, tuple[str, ...]],
    heard: Sequence[tuple[tuple[str, ...], Answer | Silence]],
    *,
    fields: Mapping[str, FieldSpec],
    vocabulary: Vocabulary,
) -> tuple[Reading, ...]:
    """One reading per role of `wanted`, with exactly its fields.

    `heard`: for each question, the roles it served and what came back. What a source sent beyond `wanted` is dropped.
    """
    return tuple(_reading(role, names, heard, fields, vocabulary) for role, names in wanted.items())


def _reading(
    role: str,
    names: tuple[str, ...],
    heard: Sequence[tuple[tuple[str, ...], Answer | Silence]],
    fields: Mapping[str, FieldSpec],
    vocabulary: Vocabulary,
) -> Reading:
    by_source = {outcome.source: outcome for roles, outcome in heard if role in roles}
    values = {name: _value(fields[name], by_source[fields[name].source], vocabulary) for name in names}
    answers = [outcome for outcome in by_source.values() if isinstance(outcome, Answer)]
    return Reading(
        role=role,
        found=any(answer.found for answer in answers),
        values=values,
        doubts=_unique([*(d for a in answers for d in a.doubts), *(d for v in values.values() for d in v.doubts)]),
    )


def _value(spec: FieldSpec, outcome: Answer | Silence, vocabulary: Vocabulary) -> Value:
    if isinstance(outcome, Silence):
        return Value(spec.name, Status.UNAVAILABLE, spec.source, retrieved_at=outcome.at)
    # A registry that does not say how fresh its record is vouches for it at the moment it answers.
    as_of = outcome.as_of or outcome.retrieved_at
    raw = outcome.values.get(spec.name)
    found, doubts = value(raw, spec, vocabulary) if raw is not None else (None, ())
    if found is None:
        return Value(spec.name, Status.NOT_FOUND, spec.source, None, as_of, outcome.retrieved_at, doubts)
    return Value(spec.name, Status.OK, spec.source, found, as_of, outcome.retrieved_at, doubts)


def _unique(doubts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(doubts))
