"""The bodies of the calls, as both ends write them. The OpenAPI description is generated from these models.

Rule of this file: shapes only. What a caller may ask is decided in `gateway.steps.authorise`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)

from gateway.errors import Code, Flaw, Refusal, Refused, refused
from gateway.model import Ask, Call, Kind, Subject
from gateway.wire import claims, identifiers, strict

PersonalId = Annotated[
    str,
    AfterValidator(identifiers.personal_id),
    Field(description="12 digits, or the 9 digits of the older card", examples=["004192000123"]),
]
FullName = Annotated[
    str,
    AfterValidator(identifiers.full_name),
    Field(
        description="As on the identity document; accents and capitals as you have them", examples=["Nguyễn Thị Mẫu"]
    ),
]
BirthDate = Annotated[
    str,
    AfterValidator(identifiers.birth_date),
    Field(description="YYYY-MM-DD, or YYYY-MM or YYYY where the document says no more", examples=["1992-11-22"]),
]
EnterpriseCode = Annotated[
    str,
    AfterValidator(identifiers.enterprise_code),
    Field(description="10 digits with a check digit, or 10-3 for a dependent unit", examples=["0100109106"]),
]
TaxCode = Annotated[
    str,
    AfterValidator(identifiers.tax_code),
    Field(description="10 digits, 10-3, or a 12-digit personal number", examples=["0100109106"]),
]


def _no_repeats(names: list[str]) -> list[str]:
    if len(set(names)) != len(names):
        raise ValueError("A field is named twice.")
    return names


FieldNames = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z_]+$", max_length=64)]],
    Field(min_length=1, max_length=100, description="Without it: everything the procedure's grant allows"),
    AfterValidator(_no_repeats),
]


class Shape(BaseModel):
    """A body, or a part of one: no member more, nothing converted, nothing shown in errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class PersonIdentifiers(Shape):
    """The three things that are matched together; a person is never looked up by number alone."""

    personal_id: PersonalId
    full_name: FullName
    birth_date: BirthDate


class EnterpriseIdentifiers(Shape):
    """What names an enterprise."""

    enterprise_code: EnterpriseCode


class TaxpayerIdentifiers(Shape):
    """What names a taxpayer."""

    tax_code: TaxCode


class PersonVerify(PersonIdentifiers):
    """Body of `POST /v1/persons/verify`."""


class PersonLookup(PersonIdentifiers):
    """Body of `POST /v1/persons/lookup`."""

    fields: FieldNames | None = None


class EnterpriseLookup(EnterpriseIdentifiers):
    """Body of `POST /v1/enterprises/lookup`."""

    fields: FieldNames | None = None


class TaxpayerLookup(TaxpayerIdentifiers):
    """Body of `POST /v1/taxpayers/lookup`."""

    fields: FieldNames | None = None


def _kind_of(value: Any) -> str:
    members = value if isinstance(value, Mapping) else vars(value) if isinstance(value, BaseModel) else {}
    if "enterprise_code" in members:
        return Kind.ENTERPRISE.value
    return Kind.TAXPAYER.value if "tax_code" in members else Kind.PERSON.value


AnyIdentifiers = Annotated[
    Annotated[PersonIdentifiers, Tag("person")]
    | Annotated[EnterpriseIdentifiers, Tag("enterprise")]
    | Annotated[TaxpayerIdentifiers, Tag("taxpayer")],
    Discriminator(_kind_of),
]
RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


def _dossier(code: str) -> str:
    if not claims.is_dossier(code):
        raise ValueError("Must be 1 to 64 characters of A-Z a-z 0-9 . _ / - (never a personal number).")
    return code


def _reference(text: str) -> str:
    if not claims.is_word(text):
        raise ValueError("Must be a reference of 1 to 128 characters.")
    return text


class DossierPrefill(Shape):
    """Body of `POST /v1/dossiers/prefill`. The procedure is the one in the token's purpose."""

    subjects: Annotated[
        dict[RoleName, AnyIdentifiers],
        Field(
            min_length=1, max_length=16, description="role -> identifiers; the roles stand in GET /v1/procedures/{code}"
        ),
    ]
    declared: Annotated[
        dict[Annotated[str, StringConstraints(max_length=64)], Any] | None,
        Field(description="form field -> value the citizen typed; compared with what the registries say"),
    ] = None
    profile: Annotated[
        Literal["national_portal"] | None,
        Field(description="another shape of the answer, given beside this one in a member of its name"),
    ] = None
    vneid_account: Annotated[
        bool | None,
        Field(description="with a profile: whether the citizen's account was verified with VNeID; the portal knows"),
    ] = None

    @model_validator(mode="after")
    def _goes_with_a_profile(self) -> Self:
        if self.vneid_account is not None and self.profile is None:
            raise ValueError("vneid_account goes with a profile.")
        return self


class DossierLine(DossierPrefill):
    """One line of `POST /v1/dossiers/prefill` as NDJSON: the body of one pre-fill, and its dossier."""

    dossier: Annotated[
        str,
        AfterValidator(_dossier),
        Field(description="the dossier's code, in the place of the one in the token", examples=["D-2026-0001"]),
    ]
    consent: Annotated[
        Annotated[str, AfterValidator(_reference)] | None,
        Field(description="reference of the citizen's consent, required with basis consent and only then"),
    ] = None


MODELS: Mapping[Call, type[Shape]] = {
    Call.PERSONS_VERIFY: PersonVerify,
    Call.PERSONS_LOOKUP: PersonLookup,
    Call.ENTERPRISES_LOOKUP: EnterpriseLookup,
    Call.TAXPAYERS_LOOKUP: TaxpayerLookup,
    Call.DOSSIERS_PREFILL: DossierPrefill,
}
BODIES: tuple[type[Shape], ...] = (*MODELS.values(), DossierLine)
"""Every shape a caller sends."""

# The subject of a look-up has no role of its own in the body; the log and the answer call it this.
LOOKUP_ROLE = "subject"
_TAGS = frozenset(kind.value for kind in Kind)


def parse(call: Call, body: bytes) -> Ask:
    """The question in a body. Raises `Refused`: body_malformed, field_unknown or value_invalid, flaws with pointers."""
    document = strict.parse(body)
    try:
        model = MODELS[call].model_validate(document)
    except ValidationError as error:
        raise refusal(error) from None
    return _ask(call, model)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a batch. `dossier` is None where it cannot be read; it may be there although `asked` is a refusal."""

    dossier: str | None
    consent: str | None
    asked: Ask | Refusal


def parse_line(body: bytes, *, basis: str) -> Line:
    """The question in one line of a batch, or what is wrong with it. `basis`: of the token's purpose.

    With basis consent each line names its own: a citizen's agreement is to his own dossier.
    """
    dossier: str | None = None
    try:
        document = strict.parse(body)
        named = document.get("dossier")
        dossier = named if claims.is_dossier(named) else None
        model = DossierLine.model_validate(document)
    except ValidationError as error:
        return Line(dossier, None, refusal(error).refusal)
    except Refused as ended:
        return Line(dossier, None, ended.refusal)
    if (model.consent is not None) != (basis == "consent"):
        detail = "Is required with basis consent." if model.consent is None else "Is there only with basis consent."
        return Line(dossier, None, Refusal(Code.VALUE_INVALID, flaws=(Flaw("/consent", Code.VALUE_INVALID, detail),)))
    return Line(dossier, model.consent, _ask(Call.DOSSIERS_PREFILL, model))


def _ask(call: Call, model: Shape) -> Ask:
    if isinstance(model, DossierPrefill):
        subjects = tuple(subject(role, identifiers) for role, identifiers in model.subjects.items())
        return Ask(
            call,
            subjects,
            None,
            dict(model.declared or {}),
            profile=model.profile,
            vneid_account=model.vneid_account,
        )
    fields: list[str] | None = getattr(model, "fields", None)
    return Ask(call, (subject(LOOKUP_ROLE, model),), tuple(fields) if fields else None)


def subject(role: str, model: BaseModel) -> Subject:
    """The subject that identifiers name, in a role."""
    named = {k: v for k, v in model.model_dump(exclude_none=True).items() if k != "fields"}
    return Subject(role, Kind(_kind_of(named)), named)


def refusal(error: ValidationError) -> Refused:
    """What is wrong with a body, each flaw with a pointer; nothing of what was sent is repeated."""
    flaws = tuple(_flaw(e) for e in error.errors(include_url=False, include_input=False))
    unknown = all(f.code is Code.FIELD_UNKNOWN for f in flaws)
    return refused(Code.FIELD_UNKNOWN if unknown else Code.VALUE_INVALID, flaws=flaws)


def _flaw(error: Mapping[str, Any]) -> Flaw:
    pointer = ""
    for position, part in enumerate(error["loc"]):
        if not _ours(error["loc"], position):
            pointer = strict.step(pointer, part)
    kind = error["type"]
    if kind == "extra_forbidden":
        return Flaw(pointer, Code.FIELD_UNKNOWN, "There is no such member here.")
    return Flaw(pointer, Code.VALUE_INVALID, _sentence(kind, error.get("ctx", {})))


def _ours(path: tuple[str | int, ...], position: int) -> bool:
    """Whether a part of pydantic's path is a word of pydantic's, not a member the caller wrote."""
    if path[position] == "[key]":
        return position == len(path) - 1
    # the name of the variant chosen for a subject
    return (position, path[0]) in ((2, "subjects"), (1, "subject"), (1, "holder")) and path[position] in _TAGS


_QUOTE = "'"
_SENTENCES: Mapping[str, str] = {
    "missing": "Is required.",
    "string_type": "Must be a string.",
    "bool_type": "Must be true or false.",
    "list_type": "Must be an array.",
    "dict_type": "Must be an object.",
    "model_type": "Must be an object.",
    "too_short": "Must not be empty.",
    "too_long": "Has too many members.",
    "string_too_long": "Is too long.",
    "string_pattern_mismatch": "Has characters that are not allowed here.",
}


def _sentence(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "literal_error":
        # our own words, as pydantic lists them: 'a', 'b' or 'c'
        return f"Must be {str(context['expected']).replace(_QUOTE, '')}."
    # the sentence of our own validators; pydantic's own messages could repeat what was sent
    return str(context["error"]) if kind == "value_error" else _SENTENCES.get(kind, "Has the wrong form.")
