"""The plan asks exactly the granted fields, once each."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Operation
from gateway.model import Call, Decision, Kind
from gateway.steps.plan import plan
from tests.helpers.builders import FIRM_FIELDS, PAYER_FIELDS, PERSON_FIELDS, ask, caller, decision, fields, subject

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
