"""The dossier: filled, missing, in conflict."""

from typing import Any

from gateway.model import Call, Decision, Dossier, Kind, Reading, SourceOutcome, Status, Value
from gateway.steps.prefill import prefill
from tests.helpers.builders import AT, SENSITIVE, ask, caller, fields, procedure, subject


def _value(name: str, value: Any = None, status: Status = Status.OK) -> Value:
    return Value(name, status, fields()[name].source, value if status is Status.OK else None, AT, AT)


def _dossier(readings: list[Reading], declared: dict[str, Any] | None = None) -> Dossier:
    asked = ask(
        Call.DOSSIERS_PREFILL,
        subject("applicant", Kind.PERSON),
        subject("enterprise", Kind.ENTERPRISE),
        declared=declared or {},
    )
    decided = Decision(caller(), asked, {}, frozenset({("applicant", SENSITIVE)}))
    return prefill(
        decided,
        readings,
        procedure=procedure(),
        sources=(SourceOutcome("population", "answered", AT),),
        field_sources={name: spec.source for name, spec in fields().items()},
        at=AT,
    )


def _applicant(**values: Value) -> Reading:
    given = {
        "person.full_name": _value("person.full_name", {"full": "Nguyễn Thị Mẫu"}),
        "person.permanent_address": _value("person.permanent_address", {"text": "Thôn 7"}),
    }
    return Reading("applicant", True, {**given, **{k.replace("__", "."): v for k, v in values.items()}})


def _firm(role: str, name: str, text: str) -> Reading:
    return Reading(role, True, {name: _value(name, text)})


def test_each_field_is_filled_missing_with_a_reason_or_declared() -> None:
    """Every form field ends in the form or in `missing`; the reuse rate counts registry values only."""
    dossier = _dossier([_applicant(), _firm("enterprise", "enterprise.name", "Công ty A")], {"phone": "0900"})
    assert set(dossier.form) == {"full_name", "address", "religion", "firm_name", "phone"}
    assert [(m.field, m.reason) for m in dossier.missing] == [("religion", "withheld")]
    assert (dossier.total, dossier.filled) == (5, 3)
    assert dossier.by_source == {"business": 1, "population": 2}
    assert dossier.form["phone"].value.source == "declared"


def test_a_field_nobody_declared_and_no_registry_holds_is_the_citizen_s() -> None:
    """Such a field is missing with the reason not_held."""
    dossier = _dossier([_applicant()])
    assert {(m.field, m.reason) for m in dossier.missing} == {
        ("religion", "withheld"),
        ("firm_name", "role_absent"),
        ("phone", "not_held"),
    }


def test_an_outage_is_named_as_the_reason() -> None:
    """A field of a silent source is unavailable, in the form and in `missing`."""
    down = _value("person.permanent_address", status=Status.UNAVAILABLE)
    dossier = _dossier([_applicant(person__permanent_address=down)])
    assert dossier.form["address"].value.status is Status.UNAVAILABLE
    assert ("address", "unavailable") in [(m.field, m.reason) for m in dossier.missing]


def test_the_second_origin_fills_in_when_the_first_has_nothing() -> None:
    """The preferred origin is skipped when it is empty."""
    empty = Reading("enterprise", False, {"enterprise.name": _value("enterprise.name", status=Status.NOT_FOUND)})
    dossier = _dossier([_applicant(), empty, _firm("taxpayer", "taxpayer.name", "CÔNG TY A")])
    assert (dossier.form["firm_name"].value.value, dossier.form["firm_name"].role) == ("CÔNG TY A", "taxpayer")


def test_sources_that_disagree_are_a_conflict_and_spelling_is_not() -> None:
    """Accents and case do not make a conflict; another name does, and both statements are kept."""
    same = _dossier(
        [
            _applicant(),
            _firm("enterprise", "enterprise.name", "Công ty Á"),
            _firm("taxpayer", "taxpayer.name", "CONG TY A"),
        ]
    )
    other = _dossier(
        [
            _applicant(),
            _firm("enterprise", "enterprise.name", "Công ty A"),
            _firm("taxpayer", "taxpayer.name", "Công ty B"),
        ]
    )
    assert same.conflicts == ()
    (conflict,) = other.conflicts
    assert (conflict.field, conflict.between) == ("firm_name", "sources")
    assert [s.value.value for s in conflict.statements] == ["Công ty A", "Công ty B"]
    assert other.form["firm_name"].value.status is Status.CONFLICT
    assert other.form["firm_name"].value.value == "Công ty A"


def test_a_declaration_that_differs_is_a_conflict() -> None:
    """The registry's value stays in the form; the citizen's is listed beside it."""
    dossier = _dossier([_applicant()], {"address": "Thôn 8"})
    (conflict,) = dossier.conflicts
    assert conflict.between == "declared"
    assert [s.value.value for s in conflict.statements] == [{"text": "Thôn 7"}, "Thôn 8"]
