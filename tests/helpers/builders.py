"""Values with defaults, for tests of single steps."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from config.model import (
    CodeList,
    FieldSpec,
    FormField,
    Grant,
    Limits,
    Named,
    Origin,
    Portal,
    Procedure,
    Role,
    Territory,
    Units,
)
from gateway.model import Ask, Call, Caller, Decision, Kind, Purpose, Subject
from gateway.steps.normalise.gazetteer import places
from gateway.steps.normalise.values import Vocabulary

AT = datetime(2026, 11, 22, 2, 0, 1, tzinfo=UTC)
PROCEDURE = "1.004222"
PERSON_FIELDS = ("person.full_name", "person.birth_date", "person.permanent_address", "person.sex")
FIRM_FIELDS = ("enterprise.code", "enterprise.name", "enterprise.head_office")
PAYER_FIELDS = ("taxpayer.name", "taxpayer.status")
SENSITIVE = "person.religion"
_SOURCES = {"person": "population", "enterprise": "business", "taxpayer": "tax"}
IDENTIFIERS: Mapping[Kind, Mapping[str, str]] = {
    Kind.PERSON: {"personal_id": "004192000123", "full_name": "Nguyễn Thị Mẫu", "birth_date": "1992-11-22"},
    Kind.ENTERPRISE: {"enterprise_code": "0100109106"},
    Kind.TAXPAYER: {"tax_code": "0100109106"},
}


def named(text: str) -> Named:
    """The same word in both languages."""
    return Named(text, text)


def fields() -> dict[str, FieldSpec]:
    """A small vocabulary over three sources."""
    kinds = {"person.sex": ("code", "sex"), SENSITIVE: ("code", "sex"), "taxpayer.status": ("code", "sex")}
    return {
        name: FieldSpec(
            name,
            _SOURCES[name.partition(".")[0]],
            kinds.get(name, ("text", None))[0],
            named(name),
            kinds.get(name, ("text", None))[1],
            name == SENSITIVE,
        )
        for name in ("person.personal_id", *PERSON_FIELDS, SENSITIVE, *FIRM_FIELDS, *PAYER_FIELDS)
    }


def vocabulary() -> Vocabulary:
    """One code list and a handful of units: 82 was Tiền Giang and is Đồng Tháp."""
    sex = CodeList("sex", {"1": named("Nam"), "2": named("Nữ")}, frozenset({"0"}), {"nam": "1", "nu": "2"})
    current = Units(
        "2025-07-01",
        {"04": named("Cao Bằng"), "82": named("Đồng Tháp"), "79": named("Thành phố Hồ Chí Minh")},
        {
            "01648": ("Xã Phục Hòa", "04"),
            "28249": ("Phường Mỹ Tho", "82"),
            "28303": ("Phường Thanh Hòa", "82"),
            "29869": ("Phường Cao Lãnh", "82"),
            "90001": ("Xã Tân Phú", "79"),
            "90002": ("Phường Tân Phú", "79"),
        },
    )
    former = Units(
        "2004-07-08",
        {"04": named("Cao Bằng"), "82": named("Tiền Giang"), "87": named("Đồng Tháp")},
        {
            "28249": ("Phường 1", "82"),
            "28252": ("Phường 5", "82"),
            "28300": ("Xã Tân Phú", "82"),
            "29869": ("Phường 11", "87"),
        },
        {"815": ("Thành phố Mỹ Tho", "82"), "817": ("Thị xã Cai Lậy", "82"), "866": ("Thành phố Cao Lãnh", "87")},
        {"28249": "815", "28252": "815", "28300": "817", "29869": "866"},
    )
    moved = {"04": "04", "82": "82", "87": "82"}
    parts = {"28249": ("28249",), "28252": ("28249",), "28300": ("28249", "28303"), "29869": ("29869",)}
    empty = CodeList("open", {}, frozenset(), {})
    lists = {"sex": sex, "country": empty, "relation": empty}
    return Vocabulary(lists, places(Territory(current, former, moved, parts)))


def procedure(
    *, granted: tuple[str, ...] = (*PERSON_FIELDS, *FIRM_FIELDS, *PAYER_FIELDS), form: tuple[FormField, ...] = ()
) -> Procedure:
    """A procedure with three roles, of which the applicant is required."""
    roles = {
        "applicant": Role("applicant", "person", named("Applicant"), required=True),
        "enterprise": Role("enterprise", "enterprise", named("Enterprise"), required=False),
        "taxpayer": Role("taxpayer", "taxpayer", named("Taxpayer"), required=False),
    }
    grant = Grant(PROCEDURE, dict.fromkeys(granted, "a law"), {})
    return Procedure(PROCEDURE, named("Residence"), roles, form or default_form(), grant, None)


def default_form() -> tuple[FormField, ...]:
    """One field of each kind of origin, and one that only the citizen can say."""
    return (
        form_field("full_name", ("applicant", "person.full_name")),
        form_field("address", ("applicant", "person.permanent_address")),
        form_field("religion", ("applicant", SENSITIVE)),
        form_field("firm_name", ("enterprise", "enterprise.name"), ("taxpayer", "taxpayer.name")),
        form_field("phone"),
    )


def form_field(name: str, *origins: tuple[str, str], schema: Mapping[str, Any] | None = None) -> FormField:
    """A form field with its origins, the preferred one first."""
    return FormField(name, named(name), tuple(Origin(*o) for o in origins), False, schema or {"type": "string"})


def portal(**changes: Any) -> Portal:
    """A portal that may do everything with the one procedure."""
    given: dict[str, Any] = {
        "agency": "H14",
        "name": named("Cao Bằng"),
        "suspended": False,
        "sandbox": True,
        "keys": (),
        "procedures": frozenset({PROCEDURE}),
        "operations": frozenset(call.value for call in Call),
        "bases": frozenset({"law", "consent"}),
        "limits": Limits(10, 20, 8, 262144, None),
    }
    return Portal(**(given | changes))


def caller(**changes: Any) -> Caller:
    """A proven caller."""
    given: dict[str, Any] = {
        "agency": "H14",
        "issuer": "H14",
        "kid": "k",
        "alg": "ES256",
        "purpose": Purpose(PROCEDURE, "H14-20261122-0000001", "officer-07", "law", None),
        "jti": "0123456789abcdef",
        "issued_at": AT,
        "expires_at": AT,
        "token_hash": "hash",
        "sandbox": True,
    }
    return Caller(**(given | changes))


def subject(role: str, kind: Kind) -> Subject:
    """A subject with well-formed identifiers."""
    return Subject(role, kind, IDENTIFIERS[kind])


def ask(call: Call = Call.DOSSIERS_PREFILL, *subjects: Subject, **changes: Any) -> Ask:
    """A parsed question; by default a dossier about one applicant."""
    return Ask(call, subjects or (subject("applicant", Kind.PERSON),), **changes)


def decision(wanted: Mapping[str, tuple[str, ...]], *subjects: Subject, **changes: Any) -> Decision:
    """A decision over some subjects."""
    return Decision(caller(), ask(Call.DOSSIERS_PREFILL, *subjects), wanted, **changes)
