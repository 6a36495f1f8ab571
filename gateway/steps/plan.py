"""Step 3: which questions answer the decision, each asked once.

One question per source and subject. Two roles that name the same subject share a question. What is not granted is in
no question; a source none of whose fields is granted is not asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.contract import Operation, Purpose, Question
from config.model import FieldSpec
from gateway.model import Call, Decision


@dataclass(frozen=True, slots=True)
class Planned:
    """A question and the roles whose subject it is about."""

    question: Question
    roles: tuple[str, ...]


def plan(decision: Decision, *, fields: Mapping[str, FieldSpec], new_id: Callable[[], str]) -> tuple[Planned, ...]:
    """The questions. `new_id` makes one request id per question, from randomness alone."""
    if decision.ask.call is Call.PERSONS_VERIFY:
        subject = decision.ask.subjects[0]
        # the source that holds the number can say whether a name and a birth date belong to it
        source = fields["person.personal_id"].source
        question = _question(decision, source, Operation.VERIFY, subject.identifiers, frozenset(), new_id)
        return (Planned(question, (subject.role,)),)
    wanted: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[list[str], set[str]]] = {}
    for subject in decision.ask.subjects:
        for name in decision.wanted.get(subject.role, ()):
            key = (fields[name].source, tuple(sorted(subject.identifiers.items())))
            roles, names = wanted.setdefault(key, ([], set()))
            if subject.role not in roles:
                roles.append(subject.role)
            names.add(name)
    return tuple(
        Planned(
            _question(decision, source, Operation.LOOKUP, dict(identifiers), frozenset(names), new_id), tuple(roles)
        )
        for (source, identifiers), (roles, names) in wanted.items()
    )


def _question(
    decision: Decision,
    source: str,
    operation: Operation,
    identifiers: Mapping[str, str],
    names: frozenset[str],
    new_id: Callable[[], str],
) -> Question:
    purpose = decision.caller.purpose
    return Question(
        source=source,
        operation=operation,
        identifiers=identifiers,
        fields=names,
        purpose=Purpose(
            agency=decision.caller.agency,
            officer=purpose.officer,
            procedure=purpose.procedure,
            dossier=purpose.dossier,
            request_id=new_id(),
        ),
    )
