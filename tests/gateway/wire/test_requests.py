"""Bodies: what was printed is parsed back, and every flaw has its pointer."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Code, Refused
from gateway.model import Call, Kind
from gateway.wire import requests
from gateway.wire.identifiers import check_digit_fits

DIGITS = st.text("0123456789", min_size=12, max_size=12)
NAMES = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyÁẦỆĐ ", min_size=1, max_size=30).filter(str.strip)
DATES = st.dates().filter(lambda d: 1850 <= d.year <= 2199).map(str)
CODES = (
    st.text("0123456789", min_size=9, max_size=9)
    .flatmap(
        lambda prefix: st.sampled_from([f"{prefix}{n}" for n in range(10) if check_digit_fits(f"{prefix}{n}")] or [""])
    )
    .filter(bool)
)
PERSONS = st.fixed_dictionaries({"personal_id": DIGITS, "full_name": NAMES, "birth_date": DATES})
SUBJECTS = st.one_of(
    PERSONS.map(lambda p: (Kind.PERSON, p)),
    CODES.map(lambda c: (Kind.ENTERPRISE, {"enterprise_code": c})),
    st.one_of(CODES, DIGITS).map(lambda c: (Kind.TAXPAYER, {"tax_code": c})),
)


def _parse(call: Call, document: Any) -> Any:
    return requests.parse(call, json.dumps(document, ensure_ascii=False).encode())


@given(
    st.dictionaries(
        st.text("abcxyz_", min_size=1, max_size=8).filter(lambda t: t[0] != "_"), SUBJECTS, min_size=1, max_size=5
    )
)
def test_a_dossier_is_parsed_back_from_what_was_printed(given_subjects: dict[str, tuple[Kind, dict[str, str]]]) -> None:
    """Roles, kinds and identifiers survive; only the spaces of a name are tidied."""
    asked = _parse(Call.DOSSIERS_PREFILL, {"subjects": {role: said for role, (_, said) in given_subjects.items()}})
    parsed = {subject.role: (subject.kind, dict(subject.identifiers)) for subject in asked.subjects}
    for kind, said in given_subjects.values():
        if kind is Kind.PERSON:
            said["full_name"] = " ".join(said["full_name"].split())
    assert parsed == given_subjects


PERSON = {"personal_id": "004192000123", "full_name": "Nguyễn Thị Mẫu", "birth_date": "1992-11-22"}


@pytest.mark.parametrize(
    ("call", "document", "code", "pointer"),
    [
        (Call.PERSONS_LOOKUP, {**PERSON, "extra": 1}, Code.FIELD_UNKNOWN, "/extra"),
        (Call.PERSONS_LOOKUP, {**PERSON, "extra": 1, "birth_date": "x"}, Code.VALUE_INVALID, "/birth_date"),
        (Call.PERSONS_LOOKUP, {"personal_id": "1"}, Code.VALUE_INVALID, "/full_name"),
        (Call.PERSONS_LOOKUP, {**PERSON, "personal_id": 4192000123}, Code.VALUE_INVALID, "/personal_id"),
        (Call.PERSONS_LOOKUP, {**PERSON, "fields": []}, Code.VALUE_INVALID, "/fields"),
        (Call.PERSONS_LOOKUP, {**PERSON, "fields": ["person.sex"] * 2}, Code.VALUE_INVALID, "/fields"),
        (Call.PERSONS_LOOKUP, {**PERSON, "fields": ["../etc"]}, Code.VALUE_INVALID, "/fields/0"),
        (Call.PERSONS_VERIFY, {**PERSON, "fields": ["person.sex"]}, Code.FIELD_UNKNOWN, "/fields"),
        (Call.ENTERPRISES_LOOKUP, {"enterprise_code": "0100109100"}, Code.VALUE_INVALID, "/enterprise_code"),
        (Call.TAXPAYERS_LOOKUP, {"tax_code": "0100109106-1"}, Code.VALUE_INVALID, "/tax_code"),
        (Call.DOSSIERS_PREFILL, {"subjects": {}}, Code.VALUE_INVALID, "/subjects"),
        (Call.DOSSIERS_PREFILL, {"subjects": {"a": {"tax_code": "1"}}}, Code.VALUE_INVALID, "/subjects/a/tax_code"),
        (
            Call.DOSSIERS_PREFILL,
            {"subjects": {"person": {**PERSON, "x": 1}}},
            Code.FIELD_UNKNOWN,
            "/subjects/person/x",
        ),
    ],
)
def test_each_flaw_is_pointed_at(call: Call, document: Any, code: Code, pointer: str) -> None:
    """The code of the whole and the pointer of the flaw; no sentence repeats what was sent."""
    with pytest.raises(Refused) as ended:
        _parse(call, document)
    refusal = ended.value.refusal
    assert refusal.code is code
    assert pointer in [flaw.pointer for flaw in refusal.flaws]
    for flaw in refusal.flaws:
        assert "Mẫu" not in flaw.detail
        assert "419200012" not in flaw.detail


@pytest.mark.parametrize("code", ["0100109106", "0100109106-001"])
def test_a_dependent_unit_is_an_enterprise_too(code: str) -> None:
    """Both forms of an enterprise code are taken as they are."""
    assert _parse(Call.ENTERPRISES_LOOKUP, {"enterprise_code": code}).subjects[0].identifiers == {
        "enterprise_code": code
    }


def test_parsed_values_do_not_show_in_a_repr() -> None:
    """What a question holds about a person does not reach a log by way of its repr."""
    asked = _parse(Call.DOSSIERS_PREFILL, {"subjects": {"applicant": PERSON}, "declared": {"phone": "0900111222"}})
    for secret in (*PERSON.values(), "0900111222"):
        assert secret not in repr(asked)
