"""The plan asks exactly the granted fields, once each; with the steps around it, nothing else is asked or answered."""

import json
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Answer, Operation
from adapters.values import RawName, RawPerson, RawText, RawValue
from config.model import FieldSpec, FormField, Grant, Origin, Procedure
from config.review import review
from config.transformations import Change, Condition, Piece
from gateway.model import Call, Caller, Decision, Kind, Offered, Purpose
from gateway.steps.authorise import authorise
from gateway.steps.normalise import normalise
from gateway.steps.plan import Planned, plan
from gateway.steps.prefill import prefill
from gateway.wire import dossiers
from tests.config.folder import SHIPPED
from tests.helpers.builders import (
    AT,
    FIRM_FIELDS,
    PAYER_FIELDS,
    PERSON_FIELDS,
    ask,
    caller,
    decision,
    fields,
    portal,
    subject,
    vocabulary,
)

_OF_KIND = {Kind.PERSON: PERSON_FIELDS, Kind.ENTERPRISE: FIRM_FIELDS, Kind.TAXPAYER: PAYER_FIELDS}


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c", "d"]),
        st.sampled_from(list(Kind)).flatmap(
            lambda kind: st.tuples(st.just(kind), st.lists(st.sampled_from(_OF_KIND[kind]), unique=True))
        ),
    )
)
def test_every_wanted_field_is_in_exactly_one_question(roles: dict[str, tuple[Kind, list[str]]]) -> None:
    """Over all questions: nothing that is not wanted, nothing wanted left out, nothing asked twice of one subject."""
    wanted = {role: tuple(names) for role, (_, names) in roles.items()}
    numbers = count()
    questions = plan(
        decision(wanted, *(subject(role, kind) for role, (kind, _) in roles.items())),
        fields=fields(),
        new_id=lambda: str(next(numbers)),
    )
    asked = [(role, name) for p in questions for role in p.roles for name in p.question.fields]
    assert set(asked) >= {(role, name) for role, names in wanted.items() for name in names}
    for planned in questions:
        union = {name for role in planned.roles for name in wanted[role]}
        assert planned.question.fields == union
    keys = [(p.question.source, tuple(sorted(p.question.identifiers.items()))) for p in questions]
    assert len(keys) == len(set(keys))
    assert len({p.question.purpose.request_id for p in questions}) == len(questions)


def test_two_roles_of_one_person_share_a_question() -> None:
    """An applicant who is also the household head is asked about once."""
    wanted = {"applicant": ("person.full_name",), "head": ("person.sex",)}
    (only,) = plan(
        decision(wanted, subject("applicant", Kind.PERSON), subject("head", Kind.PERSON)),
        fields=fields(),
        new_id=lambda: "id",
    )
    assert only.roles == ("applicant", "head")
    assert only.question.fields == {"person.full_name", "person.sex"}


def test_verification_asks_the_population_database_for_a_yes_or_no() -> None:
    """One question, no field."""
    verify = Decision(caller(), ask(Call.PERSONS_VERIFY, subject("subject", Kind.PERSON)), {"subject": ()})
    (only,) = plan(verify, fields=fields(), new_id=lambda: "id")
    assert (only.question.source, only.question.operation) == ("population", Operation.VERIFY)
    assert only.question.fields == frozenset()


_SHIPPED = review(SHIPPED)
_IN_TURN: dict[Kind, str] = {Kind.PERSON: "personal_id", Kind.ENTERPRISE: "enterprise_code", Kind.TAXPAYER: "tax_code"}


@dataclass(frozen=True)
class Case:
    """A shipped procedure with a part of its grant, and a question about some of its subjects."""

    procedure: Procedure
    decided: Decision
    planned: tuple[Planned, ...]


def _mapped(procedure: Procedure) -> st.SearchStrategy[Origin]:
    """An origin with any mapping, over any field of the vocabulary that is of the kind of a role."""
    pairs = [
        (role.name, name) for role in procedure.roles.values() for name in _SHIPPED.fields if name.startswith(role.kind)
    ]
    pieces = st.lists(st.sampled_from(pairs), min_size=1, max_size=3).map(lambda ps: tuple(Piece(*p) for p in ps))
    condition = st.sampled_from(pairs).map(lambda p: Condition(*p, values=(_mark(p[1]),)))
    role = st.sampled_from(sorted(procedure.roles)).flatmap(
        lambda name: st.booleans().map(lambda absent: Condition(name, absent=absent))
    )

    def origin(said: tuple[tuple[Piece, ...], Condition | None, str | None, str | None]) -> Origin:
        (first, *others), when, form, expression = said
        join = (first, *others) if others else ()
        change = Change(expression=None if join else expression, join=join, format=form, when=when)
        return Origin(first.role, first.field, change=change)

    forms = st.none() | st.sampled_from(["text", "upper"])
    return st.tuples(pieces, st.none() | condition | role, forms, st.none() | st.just("@")).map(origin)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any shipped procedure, its grant whole or cut, with any of the roles that may be left out, one person or many."""
    shipped = draw(st.sampled_from(sorted(_SHIPPED.procedures.values(), key=lambda p: p.code)))
    kept = draw(st.sets(st.sampled_from(sorted(shipped.grant.fields))) | st.just(set(shipped.grant.fields)))
    mapped = draw(st.lists(_mapped(shipped), max_size=3))
    procedure = replace(
        shipped,
        form=(*shipped.form, *(FormField(f"mapped_{n}", shipped.name, (o,), False, {}) for n, o in enumerate(mapped))),
        grant=Grant(shipped.code, {name: b for name, b in shipped.grant.fields.items() if name in kept}, {}),
    )
    same = draw(st.booleans())
    subjects = []
    for number, role in enumerate(procedure.roles.values()):
        if role.required or draw(st.booleans()):
            kind = Kind(role.kind)
            own = {} if same else {_IN_TURN[kind]: f"number {number}"}
            one = subject(role.name, kind)
            subjects.append(replace(one, identifiers={**one.identifiers, **own}))
    decided = authorise(
        _caller(shipped.code),
        ask(Call.DOSSIERS_PREFILL, *subjects),
        portal=portal(procedures=frozenset({shipped.code})),
        procedures={shipped.code: procedure},
        fields=_SHIPPED.fields,
    )
    numbers = count()
    return Case(procedure, decided, plan(decided, fields=_SHIPPED.fields, new_id=lambda: str(next(numbers))))


def _caller(code: str) -> Caller:
    return caller(purpose=Purpose(code, "H14-20261122-0000001", "officer-07", "law", None))


@given(cases())
def test_no_shipped_procedure_plans_beyond_its_grant(case: Case) -> None:
    """Whoever is named, whatever was taken out of the grant: only granted fields are asked for, each of its subject."""
    kinds = {one.role: one.kind.value for one in case.decided.ask.subjects}
    for planned in case.planned:
        assert planned.question.fields <= set(case.procedure.grant.fields)
        assert {name.partition(".")[0] for name in planned.question.fields} == {kinds[role] for role in planned.roles}
        assert {_SHIPPED.fields[name].source for name in planned.question.fields} == {planned.question.source}


def _marked(spec: FieldSpec) -> RawValue:
    """A value that says which field it is of."""
    mark = _mark(spec.name)
    return RawPerson(name=RawName(full=mark), personal_id=mark) if spec.kind == "person" else RawText(mark)


def _mark(name: str) -> str:
    return f"<{name}>"


@given(cases())
def test_no_shipped_procedure_answers_beyond_its_grant(case: Case) -> None:
    """Registries that send every field: no value that is not granted, or not in the form, is in the answer."""
    said = json.dumps(_answer(case), ensure_ascii=False).casefold()
    granted = set(case.procedure.grant.fields)
    reads = [{name for _, name in o.reads} for field in case.procedure.form for o in field.origins]
    # one field that is not granted keeps back all an origin is made of
    allowed = {name for names in reads if names <= granted for name in names}
    assert [name for name in _SHIPPED.fields if _mark(name) in said and name not in allowed] == []
    roles = {one.role for one in case.decided.ask.subjects if one.kind is Kind.PERSON}
    asked = {o.field for field in case.procedure.form for o in field.origins if o.role in roles}
    if "person.full_name" in allowed & asked:
        assert _mark("person.full_name") in said


def _answer(case: Case) -> dict[str, Any]:
    everything = {name: _marked(spec) for name, spec in _SHIPPED.fields.items()}
    heard = [(one.roles, Answer(one.question.source, True, AT, everything)) for one in case.planned]
    filled = prefill(
        case.decided,
        normalise(case.decided.wanted, heard, fields=_SHIPPED.fields, vocabulary=vocabulary()),
        procedure=case.procedure,
        sources=(),
        field_sources={name: spec.source for name, spec in _SHIPPED.fields.items()},
        at=AT,
    )
    return dossiers.dossier(filled, Offered())
