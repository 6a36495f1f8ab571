"""The dossier: filled, missing, in conflict."""

from dataclasses import replace
from typing import Any

from config.model import FormField, Origin
from config.transformations import Change, Condition
from gateway.cli.demo import show
from gateway.model import Call, Decision, Dossier, Kind, Reading, SourceOutcome, Status, Value
from gateway.steps.prefill import prefill
from tests.helpers.builders import AT, SENSITIVE, ask, caller, fields, form_field, procedure, subject


def _value(name: str, value: Any = None, status: Status = Status.OK) -> Value:
    return Value(name, status, fields()[name].source, value if status is Status.OK else None, AT, AT)


def _dossier(
    readings: list[Reading], declared: dict[str, Any] | None = None, form: tuple[FormField, ...] = ()
) -> Dossier:
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
        procedure=procedure(form=form),
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


_HEAD = "person.full_name"  # stands for a field whose value has members


def _of_the_head(part: str) -> tuple[FormField, ...]:
    return (replace(form_field("head"), origins=(Origin("applicant", _HEAD, part=part),)),)


def test_a_part_of_a_value_is_taken_alone() -> None:
    """A form that asks for one member gets that member and says which; the rest does not leave."""
    head = _value(_HEAD, {"name": {"full": "Nguyễn Thị Mẫu"}, "personal_id": "004192000123"})
    dossier = _dossier([_applicant(person__full_name=head)], form=_of_the_head("personal_id"))
    assert (dossier.form["head"].value.value, dossier.form["head"].part) == ("004192000123", "personal_id")
    assert (dossier.filled, dossier.missing) == (1, ())


def test_a_part_the_registry_does_not_have_was_not_found() -> None:
    """The member is missing though the field has a value; what the citizen says instead is taken."""
    head = _applicant(person__full_name=_value(_HEAD, {"name": {"full": "Nguyễn Thị Mẫu"}}))
    dossier = _dossier([head], form=_of_the_head("personal_id"))
    assert [(m.field, m.reason) for m in dossier.missing] == [("head", "not_found")]
    assert dossier.form["head"].value.value is None
    assert _dossier([head], {"head": "004192000123"}, _of_the_head("personal_id")).missing == ()


def test_a_part_of_a_silent_source_is_unavailable() -> None:
    """There is nothing to take a part of."""
    down = _value(_HEAD, status=Status.UNAVAILABLE)
    dossier = _dossier([_applicant(person__full_name=down)], form=_of_the_head("name"))
    assert [(m.field, m.reason) for m in dossier.missing] == [("head", "unavailable")]


def _home_or_stay() -> tuple[FormField, ...]:
    home, stay = Origin("applicant", "person.permanent_address"), Origin("applicant", "person.sex", fallback=True)
    return (replace(form_field("residence"), origins=(home, stay)),)


def test_a_fallback_is_not_compared() -> None:
    """Where somebody stays may differ from the registered home without being a conflict."""
    both = _applicant(person__sex=_value("person.sex", {"text": "Thôn 9"}))
    dossier = _dossier([both], form=_home_or_stay())
    assert dossier.conflicts == ()
    assert (dossier.form["residence"].value.value, dossier.form["residence"].value.status) == (
        {"text": "Thôn 7"},
        Status.OK,
    )


def test_a_fallback_stands_in() -> None:
    """Without a registered home the form gets the other address, and says that it is the other."""
    nowhere = _value("person.permanent_address", status=Status.NOT_FOUND)
    stay = _value("person.sex", {"text": "Thôn 9"})
    dossier = _dossier([_applicant(person__permanent_address=nowhere, person__sex=stay)], form=_home_or_stay())
    assert dossier.form["residence"].value.name == "person.sex"
    assert dossier.missing == ()


def test_a_field_whose_condition_does_not_hold_is_not_applicable() -> None:
    """It is missing with a reason of its own, for which the demo has words."""
    change = Change(when=Condition("enterprise", absent=False))
    form = (replace(form_field("name"), origins=(Origin("applicant", _HEAD, change=change),)),)
    dossier = _dossier([_applicant()], form=form)
    assert [(m.field, m.reason) for m in dossier.missing] == [("name", "not_applicable")]
    assert {"not_applicable", "role_absent", "not_held"} <= show._REASONS.keys()
