"""Authorisation: deny by default, in order."""

from typing import Any

import pytest

from gateway.errors import Code, Refused
from gateway.model import Call, Kind, Purpose
from gateway.steps.authorise import authorise, still
from tests.helpers.builders import (
    PERSON_FIELDS,
    PROCEDURE,
    SENSITIVE,
    ask,
    caller,
    fields,
    portal,
    procedure,
    subject,
)

PERSON = subject("subject", Kind.PERSON)


def _decide(asked: Any, *, by: Any = None, at: Any = None, known: Any = None) -> Any:
    return authorise(
        by or caller(), asked, portal=at or portal(), procedures=known or {PROCEDURE: procedure()}, fields=fields()
    )


def _code(**given: Any) -> Code:
    with pytest.raises(Refused) as ended:
        _decide(given.pop("asked", ask(Call.PERSONS_LOOKUP, PERSON)), **given)
    return ended.value.refusal.code


def test_without_fields_everything_granted_is_wanted() -> None:
    """A look-up without `fields` wants what the grant allows for that kind of subject, in the grant's order."""
    assert _decide(ask(Call.PERSONS_LOOKUP, PERSON)).wanted == {"subject": PERSON_FIELDS}


def test_verification_wants_no_field() -> None:
    """Verification wants no field of the person."""
    assert _decide(ask(Call.PERSONS_VERIFY, PERSON)).wanted == {"subject": ()}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"known": {"1.000000": procedure()}}, Code.PROCEDURE_UNKNOWN),
        ({"at": portal(procedures=frozenset())}, Code.PROCEDURE_NOT_GRANTED),
        ({"at": portal(bases=frozenset({"consent"}))}, Code.BASIS_NOT_ACCEPTED),
        ({"at": portal(operations=frozenset({"persons.verify"}))}, Code.OPERATION_NOT_GRANTED),
        ({"asked": ask(Call.PERSONS_LOOKUP, PERSON, fields=("person.shoe_size",))}, Code.FIELD_UNKNOWN),
        ({"asked": ask(Call.PERSONS_LOOKUP, PERSON, fields=("enterprise.name",))}, Code.FIELD_UNKNOWN),
        ({"asked": ask(Call.PERSONS_LOOKUP, PERSON, fields=(SENSITIVE,))}, Code.FIELD_NOT_GRANTED),
        ({"known": {PROCEDURE: procedure(granted=("taxpayer.name",))}}, Code.FIELD_NOT_GRANTED),
        ({"asked": ask(Call.PROCEDURES_READ, procedure="1.000000")}, Code.PROCEDURE_UNKNOWN),
        (
            {"asked": ask(Call.PROCEDURES_READ, procedure=PROCEDURE), "at": portal(procedures=frozenset())},
            Code.PROCEDURE_NOT_GRANTED,
        ),
        ({"asked": ask(Call.DEBUG_VERIFY)}, Code.OPERATION_NOT_GRANTED),
    ],
)
def test_what_is_not_allowed_is_refused(given: dict[str, Any], code: Code) -> None:
    """Each missing permission has its own code."""
    assert _code(**given) is code


def test_the_basis_is_the_caller_s() -> None:
    """A portal registered for law only may not ask on consent."""
    by = caller(purpose=Purpose(PROCEDURE, "d", "o", "consent", "C-1"))
    assert _code(by=by, at=portal(bases=frozenset({"law"}))) is Code.BASIS_NOT_ACCEPTED


def test_a_dossier_wants_each_granted_origin_once_and_withholds_the_rest() -> None:
    """Fields of absent roles are not wanted; a form field that is not granted is withheld, not refused."""
    decided = _decide(ask(Call.DOSSIERS_PREFILL, subject("applicant", Kind.PERSON), subject("taxpayer", Kind.TAXPAYER)))
    assert decided.wanted == {
        "applicant": ("person.full_name", "person.permanent_address"),
        "taxpayer": ("taxpayer.name",),
    }
    assert decided.withheld == {("applicant", SENSITIVE)}


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        (ask(Call.DOSSIERS_PREFILL, subject("witness", Kind.PERSON)), "/subjects/witness"),
        (ask(Call.DOSSIERS_PREFILL, subject("applicant", Kind.ENTERPRISE)), "/subjects/applicant"),
        (ask(Call.DOSSIERS_PREFILL, subject("taxpayer", Kind.TAXPAYER)), "/subjects"),
        (ask(declared={"a~/b": "x"}), "/declared/a~0~1b"),
        (ask(declared={"phone": 5}), "/declared/phone"),
    ],
)
def test_roles_and_declared_fields_are_the_procedure_s(asked: Any, pointer: str) -> None:
    """An unknown role, a wrong kind, a missing role, an unknown or ill-typed declared field are pointed at."""
    with pytest.raises(Refused) as ended:
        _decide(asked)
    assert pointer in [flaw.pointer for flaw in ended.value.refusal.flaws]


def _still(names: tuple[str, ...], **given: Any) -> Code | None:
    known = given.pop("known", {PROCEDURE: procedure()})
    try:
        still(caller(), Call.PERSONS_LOOKUP, names, portal=given.pop("at", portal()), procedures=known)
    except Refused as ended:
        return ended.refusal.code
    return None


def test_an_answer_found_earlier_is_handed_out_only_as_far_as_it_is_granted_now() -> None:
    """Every reason to refuse the call itself is one to refuse its answer later."""
    assert _still(PERSON_FIELDS) is None
    assert _still(()) is None
    assert _still((*PERSON_FIELDS, SENSITIVE)) is Code.FIELD_NOT_GRANTED
    assert _still((), known={"1.005169": procedure()}) is Code.PROCEDURE_UNKNOWN
    assert _still((), at=portal(procedures=frozenset())) is Code.PROCEDURE_NOT_GRANTED
    assert _still((), at=portal(bases=frozenset({"consent"}))) is Code.BASIS_NOT_ACCEPTED
    assert _still((), at=portal(operations=frozenset({"persons.verify"}))) is Code.OPERATION_NOT_GRANTED
